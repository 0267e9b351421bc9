"""Cores that a process may use, by the quota of its container."""

import pytest

from train.cores import cores


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        ("max 100000", 8),
        ("200000 100000", 2),
        ("150000 100000", 2),
        ("50000 100000", 1),
        ("1600000 100000", 8),
        ("", 8),
        ("many 100000", 8),
        ("100000 0", 8),
    ],
)
def test_a_quota_below_the_cores_counts(quota, expected, tmp_path, monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(8)), raising=False)
    file = tmp_path / "cpu.max"
    file.write_text(f"{quota}\n")
    assert cores(file) == expected


def test_without_a_quota_all_cores_count(tmp_path, monkeypatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 3, 5}, raising=False)
    assert cores(tmp_path / "none") == 3
