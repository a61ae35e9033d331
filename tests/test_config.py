from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from delineate.config import Config, knobs, load_config
from delineate.core.errors import ConfigError, UsageError


def test_the_last_word_wins(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('time = "5min"\nseed = 3\n[train]\nsteps = 10\nclip = 2.0\n')
    config = load_config(file, ["train.steps=20", "device=cpu"], seed=4, memory=None, train__clip=3.0)
    assert (config.time, config.seed, config.train.steps, config.train.clip) == ("5min", 4, 20, 3.0)
    assert config.device == "cpu" and config.memory is None
    assert load_config() == Config()


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("plan.patch=[32, 32]", "plan.patch", (32, 32)),
        ("time=20min", "time", "20min"),
        ('memory = "8GiB"', "memory", "8GiB"),
        ("patches.augment=false", "patches.augment", False),
        ("train.learning_rate=1e-3", "train.learning_rate", 1e-3),
        ("time=none", "time", None),
    ],
)
def test_settings_from_texts(text: str, path: str, value: object) -> None:
    config: object = load_config(None, [text])
    for name in path.split("."):
        config = getattr(config, name)
    assert config == value


def test_budgets_in_seconds_and_bytes() -> None:
    config = load_config(time="2h", memory="1GiB")
    assert (config.time_s, config.memory_bytes) == (7200, 1024**3)
    assert Config(time=None).time_s is None and Config().memory_bytes is None


@pytest.mark.parametrize("config", [Config(), Config(time=None), load_config(None, ["plan.dims=2", "fold=[0, 2]"])])
def test_what_is_written_is_read_again(config: Config, tmp_path: Path) -> None:
    config.save(tmp_path / "c.toml")
    assert load_config(tmp_path / "c.toml") == config


@pytest.mark.parametrize(
    ("text", "named", "near"),
    [
        ("train.stepz=5", "train.stepz", "train.steps"),
        ("tiem=5min", "tiem", "time"),
        ("patches.sampeler=x", "patches.sampeler", "patches.sampler"),
    ],
)
def test_an_unknown_knob_is_refused_with_the_nearest(text: str, named: str, near: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(None, [text])
    assert named in caught.value.what and near in caught.value.fix and caught.value.expected


def test_an_unknown_knob_in_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text("[train]\nepochs = 5\n[trian]\nsteps = 1\n")
    with pytest.raises(ConfigError, match=r"train\.epochs|trian"):
        load_config(tmp_path / "c.toml")


@pytest.mark.parametrize(
    "text", ["train.steps=0", "plan.dims=4", "seed=-1", "train=5", "train.steps.x=1", "fold=yes", "time=90"]
)
def test_a_wrong_value_is_refused_by_path(text: str) -> None:
    with pytest.raises(ConfigError, match=text.split("=")[0].split(".x")[0]):
        load_config(None, [text])


@pytest.mark.parametrize("text", ["steps", "=5", " = 3"])
def test_a_text_that_sets_nothing_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="not a setting"):
        load_config(None, [text])


@pytest.mark.parametrize("flags", [{"time": "soon"}, {"memory": "lots"}])
def test_amounts_are_checked_at_once(flags: dict[str, str]) -> None:
    with pytest.raises(UsageError, match=next(iter(flags.values()))):
        load_config(**flags)


@pytest.mark.parametrize("content", [b"seed = ", b"\xff\xfe", b"[train"])
def test_a_file_that_is_not_toml_is_named(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_bytes(content)
    with pytest.raises(ConfigError, match=r"c\.toml is not TOML"):
        load_config(tmp_path / "c.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "none.toml")


def test_every_knob_has_a_path_that_can_be_set() -> None:
    for path, default in knobs().items():
        if isinstance(default, (bool, int, float)):
            assert load_config(None, [f"{path}={str(default).lower()}"]) == Config(), path


def test_configs_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Config().seed = 1  # type: ignore[misc]


def test_core_config_and_formats_load_without_torch() -> None:
    code = "import sys, delineate.config, delineate.formats as f; f.FORMATS.names(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_shares_of_classes_are_a_table_in_the_file_and_hashable_in_memory(tmp_path: Path) -> None:
    config = load_config(sets=["patches.class_shares.tumour=0.4", "patches.class_shares.liver=0.1"])
    assert config.patches.class_shares == (("tumour", 0.4), ("liver", 0.1))
    assert hash(config.patches) == hash(config.patches.model_copy())
    config.save(tmp_path / "config.toml")
    assert "[patches.class_shares]" in (tmp_path / "config.toml").read_text()
    assert load_config(tmp_path / "config.toml") == config
