"""Measure the peak speed of this processor: large matrix products in OpenVINO and nothing else."""

from __future__ import annotations

import time

import numpy as np

from index.models.cpu import cores

_ROWS, _WIDTH, _ROUNDS = 2048, 2048, 12


def peak(form: str) -> float:
    """Return billions of operations a second, two for each product, in "int8", "bf16" or "f32"."""
    import openvino  # not at module level: importing index first turns off its telemetry
    from openvino import opset15 as op

    noise = np.random.default_rng(1)
    values = op.parameter([_ROWS, _WIDTH], np.float32, name="values")
    inner = values
    for _ in range(_ROUNDS):
        weights = noise.normal(size=(_WIDTH, _WIDTH)).astype(np.float32) / 45
        if form == "int8":
            least, most = op.constant(np.float32(-4)), op.constant(np.float32(4))
            inner = op.fake_quantize(inner, least, most, least, most, 256)
            matrix = op.multiply(
                op.convert(op.constant(np.rint(weights * 1000).clip(-127, 127).astype(np.int8)), "f32"),
                op.constant(np.full((_WIDTH, 1), 0.001, np.float32)),
            )
        else:
            matrix = op.constant(weights)
        inner = op.matmul(inner, matrix, False, True)
    settings = {
        "INFERENCE_PRECISION_HINT": "f32" if form == "f32" else "bf16",
        "INFERENCE_NUM_THREADS": cores(),
        "NUM_STREAMS": 1,
    }
    request = openvino.Core().compile_model(openvino.Model([inner], [values], "peak"), "CPU", settings).create_infer_request()
    given = noise.normal(size=(_ROWS, _WIDTH)).astype(np.float32)
    best = 0.0
    for _ in range(6):
        began = time.perf_counter()
        request.infer([given])
        best = max(best, 2 * _ROWS * _WIDTH * _WIDTH * _ROUNDS / (time.perf_counter() - began) / 1e9)
    return best
