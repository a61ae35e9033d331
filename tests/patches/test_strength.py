from __future__ import annotations

import dataclasses

import pytest

from delineate.config import PatchConfig
from delineate.patches.augmentation import AugmentSettings, count_applied, decide_augment
from delineate.patches.strength import STRENGTHS, strength_of


def test_standard_is_what_it_always_was():
    """The figures in benchmarks/ were reached with these shares."""
    assert strength_of(PatchConfig()) == STRENGTHS["standard"]
    told = STRENGTHS["standard"].model_dump()
    assert told == {
        "affine": 0.5, "rotation_degrees": 20.0, "scale": (0.8, 1.25), "elastic": 0.0, "crop_resize": 0.0,
        "intensity": 0.3, "blur": 0.1, "low_resolution": 0.1, "anisotropy": 0.0, "mr_artefacts": 0.0,
        "ct_artefacts": 0.0, "cutout": 0.0,
    }  # fmt: skip


def test_the_plan_s_strength_holds_unless_one_is_named():
    assert strength_of(PatchConfig(), "light") == STRENGTHS["light"]
    assert strength_of(PatchConfig(strength="strong"), "light") == STRENGTHS["strong"]
    own = strength_of(PatchConfig(affine=0.0), "light")
    assert own == STRENGTHS["light"].model_copy(update={"affine": 0.0})


def test_a_knob_wins_over_the_strength():
    own = strength_of(PatchConfig(strength="strong", affine=0.0, scale=(1.0, 1.0)))
    assert own == STRENGTHS["strong"].model_copy(update={"affine": 0.0, "scale": (1.0, 1.0)})


def test_stronger_is_never_less():
    light, standard, strong = (STRENGTHS[name].model_dump() for name in ("light", "standard", "strong"))
    for name in set(light) - {"scale"}:
        assert light[name] <= standard[name] <= strong[name], name


def test_random_streams_of_the_standard_strength():
    """Decisions recorded before artefacts and strengths were added: they must never change."""
    settings = AugmentSettings(dims=3, channels=2, mirror_axes=(0, 2), spacing_mm=(2.0, 1.0, 1.0))
    found = {name: p for i in range(12) for name, p in decide_augment(settings, 5, 0, i).params.items()}
    got = {name: _flat(p) for name, p in found.items()}
    assert set(got) == set(RECORDED)
    for name, values in RECORDED.items():
        assert got[name] == pytest.approx(values), name


@pytest.mark.parametrize(("kind", "artefacts"), [("other", 5), ("ct", 2), ("picture", 0)])
def test_shares_of_strong_artefacts(kind, artefacts):
    knobs = PatchConfig(strength="strong")
    settings = AugmentSettings(knobs=knobs, dims=3, spacing_mm=(1.0, 1.0, 1.0), kinds=(kind,))
    counts = count_applied(decide_augment(settings, 0, 0, i) for i in range(400))
    names = ("bias_field", "motion", "ghosting", "spikes", "kspace_noise", "hu_shift", "metal_streaks")
    assert sum(counts[name] > 0 for name in names) == artefacts
    for name, share in {"cutout": 0.1, "anisotropy": 0.15}.items():
        assert abs(counts[name] / 400 - share) < 0.06


def _flat(p):
    def leaves(value):
        return [x for each in value for x in leaves(each)] if isinstance(value, tuple) else [float(value)]

    return leaves(tuple(v for k, v in dataclasses.asdict(p).items() if k not in ("offset", "swaps")))


RECORDED = {
    "mirror": [0],
    "spatial": [
        1.067789833, -0.087279337, 0.147957803, 0.183809096, 1.076049085, 0.303123448, -0.662088605, -0.264309554,
        1.038634697, 0, 74686752, 0, 1, 2,
    ],
    "contrast": [1.096301686, 1.085940531],
    "noise": [0.212277705, 0.210575374, 1747054983],
    "low_resolution": [0.566594252, 0, 1, 2, 2],
    "brightness": [1.061494391, 0.852795248],
    "blur": [0.530853329, 0, 1, 2, 2],
    "gamma": [0.912165502, 0.968856245, 0],
}  # fmt: skip
