// The server that these modules came from: requests, their errors, and the addresses of its pages.

const PATIENCE = 60_000; // milliseconds without data; a language model may write for long, but begins before that

/** What went wrong with a request; `code` is the server's, or "unreachable" or "slow". */
export class Failure extends Error {
  constructor(code, message = code) {
    super(message);
    this.code = code;
  }
}

/** The message for an error; a bug of ours also goes to the console. */
export function told(error, words) {
  if (!(error instanceof Failure)) console.error(error);
  return words.errors[error.code] ?? (error instanceof Failure ? error.message : words.errors.internal);
}

export class Server {
  /** When a key is needed, `askKey` is awaited and the request repeated; without `askKey` that is a Failure. */
  constructor(key = "", askKey = null) {
    this.base = new URL("../../", import.meta.url); // these modules lie in web/<version>/
    this.key = key;
    this.askKey = askKey;
  }

  /** Fetch; throw a Failure if the server refuses, is unreachable or is too slow. */
  async request(path, options = {}) {
    const headers = { ...options.headers, ...(this.key ? { Authorization: `Bearer ${this.key}` } : {}) };
    const tooLong = new AbortController();
    const timer = setTimeout(() => tooLong.abort(), PATIENCE);
    options.signal?.addEventListener("abort", () => tooLong.abort());
    let response;
    try {
      response = await fetch(new URL(path, this.base), { ...options, headers, signal: tooLong.signal });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new Failure(tooLong.signal.aborted ? "slow" : "unreachable");
    } finally {
      clearTimeout(timer);
    }
    if (response.status === 401 && this.askKey) {
      await this.askKey();
      return this.request(path, options);
    }
    if (!response.ok) {
      const { code, message } = (await response.json().catch(() => null))?.error ?? { code: "internal" };
      throw new Failure(code, message);
    }
    return response;
  }

  /** Fetch JSON. */
  async get(path, parameters = {}, signal = undefined) {
    const query = new URLSearchParams(parameters).toString();
    const response = await this.request(query ? `${path}?${query}` : path, { signal });
    return response.json().catch(() => {
      throw new Failure("internal");
    });
  }

  /** Post JSON and yield the name and data of each server-sent event. */
  async *events(path, body, signal) {
    const headers = { "Content-Type": "application/json" };
    const response = await this.request(path, { method: "POST", headers, body: JSON.stringify(body), signal });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    try {
      for (let part = await next(reader); !part.done; part = await next(reader)) {
        const whole = (rest + part.value).split("\n\n");
        rest = whole.pop();
        yield* whole.map(parsed);
      }
    } finally {
      reader.cancel().catch(() => null); // nobody waits for the rest
    }
  }

  /** The address of the viewer with the cited words marked. A key goes behind "#", which browsers send to nobody. */
  reading({ document_id: id, span }) {
    return new URL(`documents/${id}#${span.join("-")}${this.key ? `&key=${this.key}` : ""}`, this.base).href;
  }

  /** The address of the page of a case. */
  case(id) {
    return new URL(`items/${id}${this.key ? `#key=${this.key}` : ""}`, this.base).href;
  }
}

/** Read on; throw a Failure after PATIENCE without data. */
async function next(reader) {
  let timer = 0;
  const silence = new Promise((_, reject) => (timer = setTimeout(() => reject(new Failure("slow")), PATIENCE)));
  return Promise.race([reader.read(), silence]).finally(() => clearTimeout(timer));
}

/** Return the name and data of one event. */
export function parsed(event) {
  const [, name, data] = event.match(/^event: (.*)\ndata: (.*)$/s);
  return [name, JSON.parse(data)];
}
