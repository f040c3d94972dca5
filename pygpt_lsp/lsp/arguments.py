"""The arguments of commands, as editors and people send them.

One JSON object, every field optional; `pygpt.ask` takes a bare string too. URIs may be plain paths, relative
to a workspace folder, and ranges may be lines, 1-based and inclusive, because that is what Helix can fill in.
Unknown fields are ignored; a field of the wrong type is refused with a sentence.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.text import Position, Range
from pygpt_lsp.lsp.convert import path_of_uri, uri_of_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygpt_lsp.core.text import PositionEncoding, TextSnapshot


class BadArgument(PygptError):
    """A command's argument that cannot be used."""


class Span(NamedTuple):
    """A range as it was given: positions in the client's units, or whole lines."""

    start: tuple[int, int]
    end: tuple[int, int]
    whole_lines: bool

    def resolve(self, text: TextSnapshot, encoding: PositionEncoding) -> Range:
        """The range in the text, in code points, clamped; whole lines end before their line ending."""
        if self.whole_lines:
            last = min(self.end[0], text.line_count - 1)
            return Range(
                text.clamp(Position(self.start[0], 0)),
                text.clamp(Position(last, len(text.line_content(last)))),
            )
        start, end = text.from_units(*self.start, encoding), text.from_units(*self.end, encoding)
        return Range(start, end) if start <= end else Range(end, start)


class Arguments(NamedTuple):
    """The fields of every command's object; None where they were not given."""

    question: str | None = None
    instruction: str | None = None
    id: str | None = None
    model: str | None = None
    query: str | None = None
    preset: str | None = None
    uri: str | None = None
    span: Span | None = None
    version: int | None = None


_TEXT_FIELDS = ("question", "instruction", "id", "model", "query", "preset")


def read_arguments(
    arguments: Sequence[object], roots: Sequence[Path], open_files: Sequence[Path], bare: str | None
) -> Arguments:
    """The first argument's fields. `bare` names the field that a bare string fills, where one may.

    `roots` and `open_files` tell what a relative path means. Raises BadArgument.
    """
    given = arguments[0] if arguments else None
    if given is None:
        return Arguments()
    if isinstance(given, str):
        if bare is None:
            raise BadArgument("This command takes one JSON object, for example {}.")
        word = _filled(given)
        return Arguments(
            **cast(
                "dict[str, Any]", {bare: _uri(word, roots, open_files) if bare == "uri" and word else word}
            )
        )
    if not isinstance(given, dict):
        raise BadArgument('A command takes one JSON object, for example {"question": "why?"}.')
    fields = cast("dict[str, object]", given)
    values: dict[str, Any] = {}
    for name in _TEXT_FIELDS:
        value = fields.get(name)
        if value is not None and not isinstance(value, str):
            raise BadArgument(f"The field {name} must be a string.")
        values[name] = _filled(value)
    uri = fields.get("uri")
    if uri is not None and not isinstance(uri, str):
        raise BadArgument("The field uri must be a string: a URI or a path.")
    version = fields.get("version")
    return Arguments(
        **values,
        uri=_uri(uri, roots, open_files) if uri else None,
        span=_span(fields.get("range")),
        version=version if isinstance(version, int) else None,
    )


def _filled(value: str | None) -> str | None:
    return value.strip() or None if value is not None else None


def _uri(value: str, roots: Sequence[Path], open_files: Sequence[Path]) -> str:
    """A plain path becomes the URI of the file in the first workspace folder that has it, open if possible.

    An editor may write it relative to a folder it was started in and does not name: then it is the only open
    file whose path ends so.
    """
    if path_of_uri(value) is not None or "://" in value or value.startswith("untitled:"):
        return value
    path = Path(value)
    with contextlib.suppress(RuntimeError):  # there is no such user
        path = path.expanduser()
    if path.is_absolute():
        return uri_of_path(_straight(path))
    candidates = [_straight(root / path) for root in roots] or [_straight(Path.cwd() / path)]
    found = [candidate for candidate in candidates if candidate in open_files]
    found = found or [file for file in open_files if file.parts[-len(path.parts) :] == path.parts]
    if len(found) != 1:
        found = [candidate for candidate in candidates if _exists(candidate)]
    return uri_of_path(found[0] if found else candidates[0])


def _straight(path: Path) -> Path:
    """The path without `..`, as editors name their documents: links are not followed."""
    return Path(os.path.normpath(path))


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that no file can have
        return False


def _span(value: object) -> Span | None:
    if value is None:
        return None
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        lines = fields.get("start_line"), fields.get("end_line", fields.get("start_line"))
        if isinstance(lines[0], int) and isinstance(lines[1], int):
            first, last = sorted((max(lines[0] - 1, 0), max(lines[1] - 1, 0)))
            return Span((first, 0), (last, 0), whole_lines=True)
        start, end = _position(fields.get("start")), _position(fields.get("end"))
        if start is not None and end is not None:
            return Span(start, end, whole_lines=False)
    raise BadArgument(
        'The field range must be {"start_line": 1, "end_line": 5}, or a range as in LSP, with start and end.'
    )


def _position(value: object) -> tuple[int, int] | None:
    if not isinstance(value, dict):
        return None
    fields = cast("dict[str, object]", value)
    line, character = fields.get("line"), fields.get("character")
    if not isinstance(line, int) or not isinstance(character, int):
        return None
    return max(line, 0), max(character, 0)
