"""A large segment of the vector view: clusters, and what they find."""

from __future__ import annotations

import numpy as np
import pytest

from index.views import segment
from index.views.segment import Segment


def test_clusters_find_what_exact_search_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Past a size there are clusters; with filters, deletions and additions they find nearly what exact search finds."""
    monkeypatch.setattr(segment, "EXACT_UP_TO", 5_000)
    monkeypatch.setattr(segment, "FEW", 500)
    chance = np.random.default_rng(5)
    centres = chance.normal(size=(200, 64))
    vectors = (centres[chance.integers(200, size=20_000)] + 0.6 * chance.normal(size=(20_000, 64))).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    numbers = np.arange(20_000) * 3 + 1
    exact = Segment.of((int(n), v.tobytes()) for n, v in zip(numbers, vectors, strict=True))
    clustered = exact.clustered(None)
    assert clustered.clusters is not None
    keep = chance.random(20_000) < 0.5
    keep_few = np.zeros(20_000, bool)
    keep_few[[5, 6, 7]] = True
    for allowed in (None, keep):
        overlap = [
            len(np.intersect1d(exact.search(v, 10, allowed)[0], clustered.search(v, 10, allowed)[0])) for v in vectors[:50]
        ]
        assert np.mean(overlap) > 9.5
        if allowed is not None:
            assert np.isin(clustered.search(vectors[0], 100, allowed)[0], numbers[allowed]).all()
    assert sorted(clustered.search(vectors[9], 10, keep_few)[0]) == [16, 19, 22]
    again = Segment.joined([(clustered, np.arange(2_000, 20_000))]).clustered(clustered.clusters)
    assert (again.clusters.ntotal, again.clusters.nlist) == (18_000, clustered.clusters.nlist)
    assert again.search(vectors[4_000], 1, None)[0] == [12_001]
