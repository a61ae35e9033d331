"""`Record`: the base of everything that travels between rooms or is written to a file as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from delineate.core.errors import RunError
from delineate.core.files import write_text


class Record(BaseModel):
    """Frozen, complete (no unknown keys), equal by value, and the same after a trip through JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    def save(self, path: Path) -> None:
        """Write as readable JSON, atomically."""
        write_text(path, self.model_dump_json(indent=2) + "\n")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote (a person may have edited it).

        Raises:
            RunError: the file is missing or does not hold such a record; every wrong place is named.
        """
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise RunError(f"{path} cannot be read: {error}", f"a {cls.__name__} in JSON") from error
        except ValidationError as error:
            raise RunError(
                f"{path} is not a valid {cls.__name__}: {wrong_places(error)}",
                "the file as delineate wrote it, or edited within its keys",
                "correct the named places or delete the file to have it made anew",
            ) from error


def wrong_places(error: ValidationError) -> str:
    """Every wrong place of a record, with what is wrong there, on one line."""
    return "; ".join(_wrong_place(e) for e in error.errors())


def _wrong_place(error: ErrorDetails) -> str:
    place = ".".join(map(str, error["loc"]))
    if error["type"] == "value_error":  # our own words, which name a place within
        return (f"{place}: " if place else "") + str(error["ctx"]["error"])
    return f"{place or 'file'}: {error['msg']}"
