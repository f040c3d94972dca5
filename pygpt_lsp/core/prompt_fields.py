"""What prompt and preset files have in common: a front matter, whose values are checked here, and a text.

Strict where a chat's front matter is not: a key with a typing error would ask another model than was meant,
and nobody looks into the file when it is used. Must never show a value, which may be a misplaced secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from pygpt_lsp.core.setting_values import BadValueError, Kind, choice, name, number, text
from pygpt_lsp.core.unicode import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

LONGEST_NAME = 64


class Field(NamedTuple):
    """One key of a front matter with its value as YAML gives it; `line` is its line in the file, from 1."""

    key: str
    value: object
    line: int


class PromptFile(NamedTuple):
    """A file taken apart; `body` begins at line `body_line` of the file, from 1, and lines end with `\\n`."""

    fields: tuple[Field, ...]
    body: str
    body_line: int


class BadPrompt(Exception):
    """A file that cannot be used: `reason` says why, as the end of a sentence; `line` is from 1, 0 for all of
    it."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def checked_fields(file: PromptFile, keys: Sequence[str]) -> dict[str, Field]:
    """The fields by their keys. Raises BadPrompt for one that is not among `keys`."""
    for field in file.fields:
        if field.key not in keys:
            shown = visible(field.key[:40])
            raise BadPrompt(field.line, f"there is no key {shown} here, there are {', '.join(keys)}")
    return {field.key: field for field in file.fields}


def words_of(field: Field | None, longest: int) -> str:
    """A text for people, on one line; "" where there is none."""
    found = _checked(field, text(longest), "")
    return visible(" ".join(found.split()))


def model_of(field: Field | None) -> str | None:
    """The name of a model."""
    return _checked(field, name(200), None)


def choice_of(field: Field | None, names: Sequence[str]) -> str | None:
    """One of these words."""
    return _checked(field, choice(*names), None)


def number_of(field: Field | None, minimum: float, maximum: float) -> float | None:
    """A number in the range, both ends included."""
    return _checked(field, number(minimum, maximum), None)


def name_refusal(file_name: str) -> str | None:
    """Why a file cannot give its name to a prompt or preset; None where it can.

    The name is typed behind `/` or `@`, up to the next space.
    """
    if not file_name or len(file_name) > LONGEST_NAME:
        return f"its name must have 1 to {LONGEST_NAME} characters"
    if not file_name.isprintable() or any(character.isspace() for character in file_name):
        return "its name may hold no spaces and no invisible characters"
    return None


def _checked(field: Field | None, kind: Kind, default: T) -> T:
    if field is None or field.value is None:
        return default
    try:
        return cast("Any", kind.check(field.value))
    except BadValueError as error:
        raise BadPrompt(field.line, f"{field.key} cannot be used, {error}") from error
