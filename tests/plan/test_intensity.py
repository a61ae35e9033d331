from __future__ import annotations

import pytest

from delineate.core.errors import PlanError, UnknownNameError, UsageError
from delineate.plan.intensity import asked_normaliser, choose_normaliser, choose_normalisers
from delineate.plan.windows import WINDOWS
from delineate.store.normalise import NORMALISERS, scheme_of


def test_ct_takes_the_statistics_of_the_data_set(words):
    channel = words.channel("CT", "ct", percentile_00_5=-900.0, percentile_99_5=1200.0, mean=40.0, std=0.0)
    normaliser, reason = choose_normaliser(channel, cropped=True)
    assert normaliser.name == "ct"
    assert normaliser.numbers == {"low": -900.0, "high": 1200.0, "mean": 40.0, "std": 1e-6}
    assert "CT" in reason.decision


@pytest.mark.parametrize(("maximum", "scale"), [(0.9, 1.0), (1.0, 1.0), (1.5, 255.0), (255.0, 255.0), (256.0, 65535.0)])
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


CT = {"percentile_00_5": -80.0, "percentile_99_5": 160.0, "mean": 70.0, "std": 40.0}


READING_ROOM = {
    "lung": (-600, 1500),
    "liver": (30, 150),
    "bone": (400, 1800),
    "brain": (40, 80),
    "soft_tissue": (50, 400),
}


@pytest.mark.parametrize("preset", WINDOWS)
def test_a_window_is_a_level_and_a_width(words, preset):
    normaliser, reason = asked_normaliser(words.channel("CT", "ct", **CT), f"window:{preset}")
    level, width = READING_ROOM[preset]
    assert (normaliser.name, normaliser.numbers) == ("window", {"level": level, "width": width})
    assert (reason.value, reason.why) == (f"window:{preset}", "asked for")


def test_a_window_that_shows_nothing_of_what_is_marked_is_refused(words):
    with pytest.raises(UsageError, match="-45 to 105 HU"):
        asked_normaliser(words.channel("CT", "ct", percentile_00_5=300.0, percentile_99_5=900.0), "window:liver")
    with pytest.raises(UsageError, match="between -900 and -45"):
        asked_normaliser(words.channel("CT", "ct", percentile_00_5=-900.0, percentile_99_5=-45.0), "window:liver")
    for low, high in ((-900.0, -44.0), (104.0, 900.0)):
        asked_normaliser(words.channel("CT", "ct", percentile_00_5=low, percentile_99_5=high), "window:liver")
    with pytest.raises(UnknownNameError, match="window:lung, window:liver"):
        asked_normaliser(words.channel("CT", "ct"), "window:kidney")


def test_nyul_takes_the_landmarks_of_the_fingerprint(words):
    learned = tuple(float(n) for n in range(11))
    normaliser, _ = asked_normaliser(words.channel(landmarks=learned), "nyul")
    assert tuple(normaliser.numbers.values()) == learned
    with pytest.raises(PlanError, match=r"no histogram landmarks of MR[\s\S]*fingerprint.json"):
        asked_normaliser(words.channel(), "nyul")


@pytest.mark.parametrize("name", NORMALISERS.names())
def test_every_scheme_can_be_asked_for_and_finds_its_numbers(words, name):
    channel = words.channel("CT", "ct", landmarks=tuple(float(n) for n in range(11)), **CT)
    scheme_of(asked_normaliser(channel, "window:liver" if name == "window" else name)[0])


def test_the_numbers_of_what_is_asked_for(words):
    channel = words.channel("CT", "ct", minimum=-1024.0, maximum=3071.0, **CT)
    statistics = {"low": -80.0, "high": 160.0, "mean": 70.0, "std": 40.0}
    known = {**statistics, "minimum": -1024.0, "maximum": 3071.0}
    for name, numbers in (("ct", statistics), ("scale", {"maximum": 3071.0}), ("zscore", {}), ("plugged_in", known)):
        assert asked_normaliser(channel, name)[0].numbers == numbers, name
    assert asked_normaliser(words.channel(maximum=-5.0), "scale")[0].numbers == {"maximum": 1e-6}


def test_a_quarter_of_zeros_is_not_many(words):
    assert choose_normaliser(words.channel(zero_fraction=0.25), cropped=False)[0].name == "zscore"
    assert choose_normaliser(words.channel(zero_fraction=0.26), cropped=False)[0].name == "zscore_nonzero"


def test_one_for_all_channels_or_one_for_each(words):
    channels = (words.channel("CT", "ct", **CT), words.channel("PET"))
    assert [n.name for n in choose_normalisers(channels, False)[0]] == ["ct", "zscore"]
    assert [n.name for n in choose_normalisers(channels, False, "percentile")[0]] == ["percentile"] * 2
    both = ("window:liver", "zscore")
    assert [n.name for n in choose_normalisers(channels, False, both)[0]] == ["window", "zscore"]
    with pytest.raises(UsageError, match="names 3 normalisers"):
        choose_normalisers(channels, False, (*both, "zscore"))
