"""Write the bundled model as an ordinary sentence-transformers folder in fp32: the baseline for the encoder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from index.models.bundled import read_package
from index.models.weight_file import Array, WeightFile

_LINEAR = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "fi": "intermediate.dense", "fo": "output.dense",
}  # fmt: skip


def plain_model(folder: Path) -> str:
    """Write the folder if it is not there; return its path."""
    from safetensors.numpy import save_file

    if not (folder / "model.safetensors").exists():
        folder.mkdir(parents=True, exist_ok=True)
        source = WeightFile(read_package())
        source.tokenizer().save(str(folder / "tokenizer.json"))
        for name, content in _configuration(source).items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(json.dumps(content, indent=1), encoding="utf-8")
        save_file(state_dict(source), folder / "model.safetensors", metadata={"format": "pt"})
    return str(folder)


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
    """Return the JSON files: BERT, mean pooling, normalise, e5's prompts."""
    bos, eos, pad, unk = (of.pieces[n] for n in (of.bos, of.eos, of.pad, of.unk))
    tokens = {"bos_token": bos, "eos_token": eos, "unk_token": unk, "pad_token": pad, "cls_token": bos, "sep_token": eos}
    steps, folders = ["Transformer", "Pooling", "Normalize"], ["", "1_Pooling", "2_Normalize"]
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
