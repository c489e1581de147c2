"""Write the bundled models as ordinary sentence-transformers folders in fp32, which an office can train on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from index.models.bundled import encoder_weights, read_package
from index.models.changes import READER, RELEVANT, ChangedWeights, load_changes
from index.models.weight_file import Array, WeightFile

_SMALL = 1e-3
_LINEAR = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "fi": "intermediate.dense", "fo": "output.dense",
}  # fmt: skip


def write_encoder(folder: Path) -> None:
    """Write the encoder; SentenceTransformer loads it."""
    source = encoder_weights(read_package())
    _write(folder, source, state_dict(source), _encoder_configuration(source))


def write_cross_encoder(folder: Path) -> None:
    """Write the cross-encoder's judgment of relevance; CrossEncoder loads it.

    The head of transformers' BertForSequenceClassification has a tanh between two products. The first makes the score so
    small that tanh leaves it as it is, the second undoes that.
    """
    changes = load_changes(READER)
    source = ChangedWeights(read_package(), changes)
    state = {f"bert.{name}": array for name, array in state_dict(source).items()}
    inner, outer = np.zeros((2, source.hidden, source.hidden), np.float32)
    bias = np.zeros(source.hidden, np.float32)
    inner[0], bias[0], outer[0, 0] = changes["weight"][RELEVANT] * _SMALL, changes["bias"][RELEVANT] * _SMALL, 1 / _SMALL
    state |= {"bert.pooler.dense.weight": inner, "bert.pooler.dense.bias": bias}
    state |= {"classifier.weight": outer[:1], "classifier.bias": np.zeros(1, np.float32)}
    configuration = _configuration(source)["config.json"] | {
        "architectures": ["BertForSequenceClassification"], "id2label": {"0": "relevance"}, "label2id": {"relevance": 0},
        "sentence_transformers": {"activation_fn": "torch.nn.modules.linear.Identity"},
    }  # fmt: skip
    _write(folder, source, state, {"config.json": configuration})


def _write(folder: Path, source: WeightFile, state: dict[str, Array], configuration: dict[str, Any]) -> None:
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    source.tokenizer().save(str(folder / "tokenizer.json"))
    for name, content in (_configuration(source) | configuration).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content, indent=1), encoding="utf-8")
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})


def state_dict(of: WeightFile) -> dict[str, Array]:
    """Return the tensors under the names of transformers' BertModel."""
    types = np.zeros((of.types, of.hidden), np.float32)
    types[0] = of.floats("emb.type", of.hidden)
    state = {
        "embeddings.word_embeddings.weight": of.matrix("emb.word", of.vocabulary, of.hidden),
        "embeddings.position_embeddings.weight": of.floats("emb.pos", of.positions, of.hidden),
        "embeddings.token_type_embeddings.weight": types,
        "embeddings.LayerNorm.weight": of.floats("emb.ln.w", of.hidden),
        "embeddings.LayerNorm.bias": of.floats("emb.ln.b", of.hidden),
    }
    for number in range(of.layers):
        to, at = f"encoder.layer.{number}.", f"l{number}."
        for short, name in _LINEAR.items():
            rows, columns = of.inner if short == "fi" else of.hidden, of.inner if short == "fo" else of.hidden
            state[f"{to}{name}.weight"] = of.matrix(f"{at}{short}.w", rows, columns)
            state[f"{to}{name}.bias"] = of.floats(f"{at}{short}.b", rows)
        for short, name in (("aln", "attention.output.LayerNorm"), ("oln", "output.LayerNorm")):
            state[f"{to}{name}.weight"] = of.floats(f"{at}{short}.w", of.hidden)
            state[f"{to}{name}.bias"] = of.floats(f"{at}{short}.b", of.hidden)
    return {name: np.ascontiguousarray(value) for name, value in state.items()}


def _configuration(of: WeightFile) -> dict[str, Any]:
    """Return the JSON files of BERT and its tokenizer."""
    bos, eos, pad, unk = (of.pieces[n] for n in (of.bos, of.eos, of.pad, of.unk))
    tokens = {"bos_token": bos, "eos_token": eos, "unk_token": unk, "pad_token": pad, "cls_token": bos, "sep_token": eos}
    return {
        "config.json": {
            "architectures": ["BertModel"], "model_type": "bert", "hidden_size": of.hidden, "num_hidden_layers": of.layers,
            "num_attention_heads": of.heads, "intermediate_size": of.inner, "vocab_size": of.vocabulary,
            "max_position_embeddings": of.positions, "type_vocab_size": of.types, "layer_norm_eps": round(of.epsilon, 15),
            "hidden_act": "gelu", "pad_token_id": of.pad, "dtype": "float32",
        },
        "tokenizer_config.json": {
            "tokenizer_class": "PreTrainedTokenizerFast", **tokens, "model_max_length": of.positions,
            "model_input_names": ["input_ids", "attention_mask"],
        },
    }  # fmt: skip


def _encoder_configuration(of: WeightFile) -> dict[str, Any]:
    """Return the JSON files of mean pooling, normalising, and e5's prompts."""
    steps, folders = ["Transformer", "Pooling", "Normalize"], ["", "1_Pooling", "2_Normalize"]
    return {
        "modules.json": [
            {"idx": n, "name": str(n), "path": folders[n], "type": f"sentence_transformers.models.{step}"}
            for n, step in enumerate(steps)
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": of.hidden, "pooling_mode_mean_tokens": True},
        "2_Normalize/config.json": {},
        "sentence_bert_config.json": {"max_seq_length": of.positions, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": {"query": "query: ", "document": "passage: "}, "similarity_fn_name": "cosine",
        },
    }  # fmt: skip
