"""Every knob: what a person asked for, frozen, written to ``config.toml`` before any work."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import tomli_w
from pydantic import BaseModel, Field, ValidationError, field_serializer, field_validator

from delineate.core.errors import ConfigError
from delineate.core.files import write_text
from delineate.core.geometry import Edge, Wanted_mm
from delineate.core.record import Record
from delineate.core.units import parse_memory, parse_time

_NO_TIME = "none"
DIMS = (2, 2.5, 3)


class PlanConfig(Record):
    """What a person fixes instead of leaving it to the planner; unset knobs are decided.

    ``dims`` 2.5 sees ``slices`` neighbouring slices as channels and answers for the centre one; ``triplanar`` has it
    look along all three axes and averages. ``mirror`` names the axes of a scan that training may mirror: ``x``
    (left-right), ``y`` (front-back), ``z``. ``normaliser`` is one for all channels or one for each; CT windows are
    written ``window:liver``. ``net_options`` are options of the network by name.
    ``size`` is a width by a letter, for the networks that the planner sizes; ``width`` wins.
    """

    dims: int | float | None = None
    slices: int = Field(5, ge=3)
    triplanar: bool = False
    planner: str = "standard"
    net: str = "resenc_unet"
    net_options: dict[str, Any] = {}
    spacing_mm: tuple[Wanted_mm, Wanted_mm, Wanted_mm] | None = None
    patch: tuple[Edge, ...] | None = None
    batch: int | None = Field(None, ge=1)
    width: int | None = Field(None, ge=4)
    size: Literal["S", "M", "L"] | None = None
    deep_supervision: bool = True
    mirror: tuple[Literal["z", "y", "x"], ...] | None = None
    normaliser: str | tuple[str, ...] | None = None

    @field_validator("dims")
    @classmethod
    def _dims(cls, dims: int | float | None) -> int | float | None:
        if dims not in (None, *DIMS):
            raise ValueError("2, 2.5 or 3 dimensions")
        return dims


class PrepareConfig(Record):
    """Preparation: worker processes, None for as many as memory and cores allow; ``crop`` to a box ("none", "nonzero",
    "body", "lung"; "auto" decides between the first two), masks with ``crop_margin_mm`` around them; ``n4`` corrects
    the bias field of MR; ``verify`` reads all that was prepared before and prepares damaged cases again."""

    workers: int | None = Field(None, ge=0)
    verify: bool = False
    crop: str = "auto"
    crop_margin_mm: float = Field(10.0, ge=0)
    n4: bool = False


class PatchConfig(Record):
    """Where patches are drawn and how they are varied. The rest after ``foreground`` is drawn uniformly.

    ``class_shares`` of the sampler "balanced" is a share of the patches by class name; ``weights`` the folder of the
    maps of "weighted"; ``hard`` the share that "hard" draws where the last validation was wrong.

    ``strength`` names how much they are varied, "auto" as the plan says; of the knobs from ``affine`` to ``cutout``,
    those that are set win over it (shares of the patches; see ``patches/strength.py``).
    """

    sampler: str = "foreground"
    foreground: float = Field(0.5, ge=0, le=1)
    class_shares: tuple[tuple[str, float], ...] | None = None
    weights: str | None = None
    hard: float = Field(0.25, ge=0, le=1)
    augment: bool = True
    strength: Literal["auto", "light", "standard", "strong"] = "auto"
    affine: float | None = Field(None, ge=0, le=1)
    rotation_degrees: float | None = Field(None, ge=0, le=180)
    scale: tuple[float, float] | None = None
    elastic: float | None = Field(None, ge=0, le=1)
    crop_resize: float | None = Field(None, ge=0, le=1)
    intensity: float | None = Field(None, ge=0, le=1)
    blur: float | None = Field(None, ge=0, le=1)
    low_resolution: float | None = Field(None, ge=0, le=1)
    anisotropy: float | None = Field(None, ge=0, le=1)
    mr_artefacts: float | None = Field(None, ge=0, le=1)
    ct_artefacts: float | None = Field(None, ge=0, le=1)
    cutout: float | None = Field(None, ge=0, le=1)
    workers: int | None = Field(None, ge=0)

    @field_validator("class_shares", mode="before")
    @classmethod
    def _shares(cls, shares: Any) -> Any:
        return tuple(shares.items()) if isinstance(shares, Mapping) else shares  # pairs, since records are hashed

    @field_serializer("class_shares")
    def _as_table(self, shares: tuple[tuple[str, float], ...] | None) -> dict[str, float] | None:
        return None if shares is None else dict(shares)


class TrainConfig(Record):
    """Optimisation. ``steps`` replaces the time budget; None for values the schedule decides. ``on_collapse`` says
    whether a run that predicts nothing but background, and no longer learns otherwise, is stopped or only told."""

    steps: int | None = Field(None, ge=1)
    loss: str = "dice_ce"
    optimizer: Literal["adamw", "sgd"] = "adamw"
    learning_rate: float | None = Field(None, gt=0)
    weight_decay: float | None = Field(None, ge=0)
    schedule: Literal["cosine", "poly"] = "cosine"
    warmup: float = Field(0.05, ge=0, lt=1)
    clip: float = Field(12.0, gt=0)
    accumulate: int = Field(1, ge=1)
    ema: float = Field(0.99, ge=0, lt=1)
    precision: Literal["auto", "bf16", "fp32"] = "auto"
    epoch_steps: int = Field(100, ge=1)
    checkpoint_every_s: float = Field(60.0, gt=0)
    validate_share: float = Field(0.08, ge=0, le=0.5)
    on_collapse: Literal["stop", "tell"] = "stop"


class PredictConfig(Record):
    """Inference: overlap of neighbouring windows, and averaging over mirrored views."""

    overlap: float = Field(0.5, ge=0, lt=1)
    mirror: bool = False


class Config(Record):
    """Everything a person can ask for. ``memory`` bounds the peak of all processes; ``time`` is the wall-clock time of
    the whole command. ``folds`` is how many parts the cases are divided into (None: five, ten of many patients);
    ``fold`` which of them are validated on, each by a network of its own; None for as many as the plan finds time for,
    one at least. ``holdout`` is the share of the cases to judge by in a single fold instead; ``splits`` a file of
    folds, ours or nnU-Net's. ``near_duplicates`` on both sides of a fold are refused, grouped as one patient, or
    allowed. ``rare`` is whether a class that one case only holds, or a set of one labelled case, is refused or allowed;
    a ``limit_cases`` that leaves cases out allows it."""

    seed: int = Field(0, ge=0)
    memory: str | None = None
    time: str | None = "30min"
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    layout: str | None = None
    folds: int | None = Field(None, ge=2)
    fold: tuple[int, ...] | None = None
    holdout: float | None = Field(None, gt=0, lt=1)
    splits: str | None = None
    near_duplicates: Literal["refuse", "group", "allow"] = "refuse"
    rare: Literal["refuse", "allow"] = "refuse"
    limit_cases: int | None = Field(None, ge=1)
    plan: PlanConfig = PlanConfig()
    prepare: PrepareConfig = PrepareConfig()
    patches: PatchConfig = PatchConfig()
    train: TrainConfig = TrainConfig()
    predict: PredictConfig = PredictConfig()

    @field_validator("memory")
    @classmethod
    def _memory(cls, text: str | None) -> str | None:
        if text is not None:
            parse_memory(text)
        return text

    @field_validator("time")
    @classmethod
    def _time(cls, text: str | None) -> str | None:
        if text is None or text.strip().lower() == _NO_TIME:
            return None
        parse_time(text)
        return text

    @property
    def time_s(self) -> float | None:
        """The time budget in seconds."""
        return None if self.time is None else parse_time(self.time)

    @property
    def memory_bytes(self) -> int | None:
        """The memory budget in bytes."""
        return None if self.memory is None else parse_memory(self.memory)

    def save(self, path: Path) -> None:
        """Write as TOML, atomically; unset knobs are left out."""
        values = self.model_dump(mode="json", exclude_none=True)
        # TOML has no null, and a missing time would be read as the default
        values.setdefault("time", _NO_TIME)
        write_text(path, tomli_w.dumps(values))


def load_config(file: Path | None = None, sets: Sequence[str] = (), **flags: Any) -> Config:
    """The configuration from a TOML file, then ``--set a.b=value`` texts, then flags; later wins.

    Raises:
        ConfigError: a knob that does not exist (with the nearest that does) or a value it cannot take.
    """
    values: dict[str, Any] = {} if file is None else _read_toml(file)
    for text in sets:
        path, value = _parse_set(text)
        _put(values, path, value)
    for name, value in flags.items():
        if value is not None:
            _put(values, name.replace("__", "."), value)
    _refuse_unknown(values, Config, "")
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, e['loc']))} = {e['input']!r}: {e['msg']}" for e in error.errors())
        raise ConfigError(
            f"a knob has a value it cannot take: {told}", "see docs/config", "correct the value"
        ) from error


def knobs(model: type[BaseModel] = Config, prefix: str = "") -> dict[str, Any]:
    """Every knob by its dotted path, with its default."""
    found: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if isinstance(field.default, BaseModel):
            found |= knobs(type(field.default), f"{prefix}{name}.")
        else:
            found[prefix + name] = field.default
    return found


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}", "a TOML file", "check the path") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{file} is not TOML: {error}", 'lines such as `time = "20min"`', "correct that line"
        ) from error


def _parse_set(text: str) -> tuple[str, Any]:
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise ConfigError(f"--set {text!r} is not a setting", "name=value", "write for example --set train.steps=500")
    try:
        return path.strip(), tomllib.loads(f"v = {value}")["v"]
    except tomllib.TOMLDecodeError:
        return path.strip(), value.strip()


def _put(values: dict[str, Any], path: str, value: Any) -> None:
    *rooms, name = path.split(".")
    for room in rooms:
        inner = values.setdefault(room, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"{path} cannot be set: {room} is a value", "a section", "see docs/config")
        values = inner
    values[name] = value


def _refuse_unknown(values: Mapping[str, Any], model: type[BaseModel], prefix: str) -> None:
    for name, value in values.items():
        field = model.model_fields.get(name)
        if field is None:
            near = difflib.get_close_matches(prefix + name, knobs(), n=1, cutoff=0.3)
            raise ConfigError(
                f"no knob is named {prefix + name}",
                f"one of {', '.join(prefix + n for n in model.model_fields)}",
                f"did you mean {near[0]}?" if near else "",
            )
        if isinstance(field.default, BaseModel) and isinstance(value, Mapping):
            _refuse_unknown(value, type(field.default), f"{prefix}{name}.")
