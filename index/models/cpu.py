"""What the processor offers: cores that may be used, and instructions for short number formats."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")  # "200000 100000": two cores' time; "max 100000": no limit
_INFO = Path("/proc/cpuinfo")
_INT8 = {"avx512_vnni", "avx_vnni", "amx_int8"}  # sum 8-bit products in 32 bits: exact; older ones saturate at 16
_BF16 = {"avx512_bf16", "amx_bf16"}


def cores() -> int:
    """Return how many cores this process may use: those of its CPU affinity, within the quota of its container."""
    bound = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = _QUOTA.read_text(encoding="ascii").split()
        return max(1, min(bound, round(int(quota) / int(period))))
    except (OSError, ValueError):  # no such file, or no limit
        return bound


def multiplies_int8() -> bool:
    """Tell whether 8-bit products are fast and exact here; false where that cannot be known."""
    return bool(_INT8 & _flags())


def multiplies_bf16() -> bool:
    """Tell whether bfloat16 products are fast here; false where that cannot be known."""
    return bool(_BF16 & _flags())


@cache
def _flags() -> set[str]:
    try:
        lines = _INFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return set()
    return next((set(line.split()) for line in lines if line.startswith("flags")), set())
