from __future__ import annotations

import pytest

from delineate.plan.intensity import choose_normaliser


def test_ct_takes_the_statistics_of_the_data_set(words):
    channel = words.channel("CT", "ct", percentile_00_5=-900.0, percentile_99_5=1200.0, mean=40.0, std=0.0)
    normaliser, reason = choose_normaliser(channel, cropped=True)
    assert normaliser.name == "ct"
    assert normaliser.numbers == {"low": -900.0, "high": 1200.0, "mean": 40.0, "std": 1e-6}
    assert "CT" in reason.decision


@pytest.mark.parametrize(("maximum", "scale"), [(0.9, 1.0), (200.0, 255.0), (4000.0, 65535.0)])
def test_pictures_are_scaled_by_their_range(words, maximum, scale):
    normaliser, reason = choose_normaliser(words.channel("red", "picture", maximum=maximum), cropped=False)
    assert (normaliser.name, normaliser.numbers) == ("scale", {"maximum": scale})
    assert f"{scale:g}" in reason.why


@pytest.mark.parametrize(
    ("zeros", "cropped", "name"),
    [(0.0, False, "zscore"), (0.2, False, "zscore"), (0.5, False, "zscore_nonzero"), (0.0, True, "zscore_nonzero")],
)
def test_all_else_is_scored_per_scan(words, zeros, cropped, name):
    normaliser, reason = choose_normaliser(words.channel(zero_fraction=zeros), cropped)
    assert normaliser.name == reason.value == name
    assert normaliser.numbers == {}
