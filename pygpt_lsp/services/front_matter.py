"""The YAML front matter of a chat document.

Read with the safe loader: a document in a repository may hold anything. Unknown keys are the user's own
business; a value of the wrong kind is refused with a sentence, because a wrong model costs money.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.settings_table import REASONING_EFFORTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LONGEST = 30_000  # characters: reading YAML takes its time
_MOST_KEYS = 10_000  # of one mapping
_DEEPEST = 100  # brackets in each other
_MOST_TOLD = 200  # keys


class FrontMatter(NamedTuple):
    """What a chat says about its requests; None where it says nothing."""

    model: str | None = None
    preset: str | None = None
    temperature: float | None = None
    system: str | None = None
    reasoning_effort: str | None = None


class FrontMatterProblem(NamedTuple):
    """What is wrong with a front matter: `line` is 0-based in it, `sentence` for whoever sees that line.

    Of an "unknown-key" nothing is refused, of the others all requests are.
    """

    line: int
    kind: Literal["front-matter", "unknown-key"]
    sentence: str


def read_front_matter(raw: str | None) -> FrontMatter:
    """The values of the raw YAML. Raises PygptError."""
    if raw is None or not raw.strip():
        return FrontMatter()
    values = _mapping(raw)
    return FrontMatter(**{key: check(key, values.get(key)) for key, check in _FIELDS.items()})


def front_matter_problems(raw: str | None) -> tuple[FrontMatterProblem, ...]:
    """Everything that is wrong with the raw YAML, in its order. Takes some milliseconds at the first time."""
    if raw is None or not raw.strip():
        return ()
    try:
        values = _mapping(raw)
    except _BrokenError as error:
        return (FrontMatterProblem(error.line, "front-matter", error.sentence),)
    return tuple(sorted(_problems(raw, values)))


class _BrokenError(PygptError):
    """A front matter that cannot be read; `line` (0-based) of it is where that shows."""

    def __init__(self, sentence: str, line: int = 0) -> None:
        super().__init__(sentence)
        self.line = line


def _mapping(raw: str) -> dict[object, object]:
    """The YAML as what it has to be. Raises _BrokenError."""
    import yaml

    if len(raw) > _LONGEST:
        raise _BrokenError(f"The chat's front matter is longer than {_LONGEST:,} characters: shorten it.")

    class Bounded(yaml.SafeLoader):
        """With merges of merges a hundred lines can say what fills all memory, and each bracket that is open
        is looked at again with every word."""

        def fetch_flow_collection_start(self, TokenClass: Any) -> None:  # noqa: N803 - the library's name
            if self.flow_level >= _DEEPEST:
                raise yaml.MarkedYAMLError(problem_mark=self.get_mark())
            scanner: Any = super()
            scanner.fetch_flow_collection_start(TokenClass)

        def flatten_mapping(self, node: Any) -> None:
            super().flatten_mapping(node)
            if len(node.value) > _MOST_KEYS:
                raise yaml.MarkedYAMLError(problem_mark=node.start_mark)

    try:
        loaded = yaml.load(raw, Loader=Bounded)  # noqa: S506 - a safe one
    except Exception as error:  # the loader lets errors of many kinds out for a tag on the wrong text
        mark = getattr(error, "problem_mark", None)
        where = f" (line {mark.line + 2})" if mark is not None else ""
        raise _BrokenError(
            f"The chat's front matter is not valid YAML{where}: correct or delete it.",
            mark.line if mark is not None else 0,
        ) from error
    if loaded is None:
        return {}
    if not isinstance(loaded, dict):
        raise _BrokenError("The chat's front matter must be lines like `model: gpt-5.5`.")
    return cast("dict[object, object]", loaded)


def _problems(raw: str, values: dict[object, object]) -> Iterator[FrontMatterProblem]:
    import difflib

    import yaml

    node: Any = yaml.compose(raw, Loader=yaml.SafeLoader)
    nodes: list[tuple[Any, Any]] = node.value if isinstance(node, yaml.MappingNode) else []
    lines = {key.value: value.start_mark.line for key, value in nodes if isinstance(key.value, str)}
    for key, check in _FIELDS.items():
        try:
            check(key, values.get(key))
        except PygptError as error:
            yield FrontMatterProblem(lines.get(key, 0), "front-matter", error.sentence)
    for key, _ in nodes[:_MOST_TOLD]:
        name = str(key.value)
        if name not in _FIELDS:
            near = difflib.get_close_matches(name[:60], _FIELDS, n=1)
            meant = f": did you mean {near[0]}?" if near else "."
            sentence = f"This key means nothing to PyGPT{meant}"
            yield FrontMatterProblem(key.start_mark.line, "unknown-key", sentence)


def _text(key: str, value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise PygptError(f"`{key}` in the chat's front matter must be text: put it in quotes.")
    return value.strip() or None


def _temperature(key: str, value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 2:
        raise PygptError(f"`{key}` in the chat's front matter must be a number from 0 to 2.")
    return float(value)


def _effort(key: str, value: object) -> str | None:
    effort = _text(key, value)
    if effort is not None and effort not in REASONING_EFFORTS:
        known = ", ".join(REASONING_EFFORTS)
        raise PygptError(f"`{key}` in the chat's front matter must be one of {known}.")
    return effort


_FIELDS: dict[str, Callable[[str, object], Any]] = {
    "model": _text,
    "preset": _text,
    "temperature": _temperature,
    "system": _text,
    "reasoning_effort": _effort,
}
