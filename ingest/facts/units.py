"""Units that measure the same: 名 and 人, 亩 and 平方米, 小时 and 分钟."""

from __future__ import annotations

_UNITS = {"名": ("人", 1.0), "％": ("%", 1.0)} | {
    name: (unit, times)
    for unit, names in {
        "平方米": {"亩": 2000 / 3, "公顷": 10_000.0, "平方公里": 1e6, "平方千米": 1e6, "平方": 1.0, "平米": 1.0},
        "分钟": {"秒": 1 / 60, "分": 1.0, "小时": 60.0, "个小时": 60.0, "天": 1440.0},
        "公斤": {"吨": 1000.0, "千克": 1.0, "斤": 0.5, "克": 0.001},
        "公里": {"千米": 1.0, "里": 0.5, "米": 0.001},
    }.items()
    for name, times in names.items()
}


def in_unit(unit: str, value: float) -> tuple[str, float]:
    """Return the unit in which figures of a unit are compared, and a value in that unit: 名 → 人, 亩 → 平方米."""
    common, times = _UNITS.get(unit, (unit, 1.0))
    return common, value * times
