"""What was measured, beside a bare pygls server and against its bound, as a table to read and one to keep."""

from __future__ import annotations

from typing import NamedTuple

_HEAD = """\
# Benchmarks

Written by `uv run --all-extras nox -s bench`, which fails when a bound is missed.

Each number but those of edits is measured on real server processes over pipes, in one run. *Bare* is the
smallest pygls server with one code action (`tests/bench/bare_server.py`), started by the same interpreter,
with all bytecode compiled, in turns with ours: the ratio to it says more than the milliseconds, which are
those of one small machine.

The model is a scripted server on loopback, and so is the address of the version check, which is on. Nothing
here measures a real model or a network.
"""
_METHOD = """\
## How

- **Start**: from the creation of the process to the answer to `initialize`; medians of alternating starts.
- **Memory**: resident, some seconds after `initialized`; a median of three processes. After a first answer it
  also holds the SDK.
- **Code actions**: the menu for three selected lines anywhere in the document. The first after the start are
  asked for while the version check and the SDK are loaded in the background; medians of several starts.
- **didChange**: the fastest of several series of one-character changes all over the document, each series
  followed by one request that is refused; the time of that request alone is taken off.
- **First text**: from the first delta's write to the socket to the arrival of the edit that shows it in the
  editor; the bound is the interval in which deltas are gathered and 10 ms.
- **Stop**: from sending `pygpt.stop` to the end of the connection, as the API's side sees it.
- **Edits**: blocks for one file, from the text and the blocks to the edits of its lines, in this process; the
  fastest of several.
- **Completion**: from the `didChange` of a key press to the arrival of the list that is asked for after it.
  The listing of 100,000 files in 8,000 folders begins with the first question.
- **Secrets**: a text of 1 MB is looked through for secrets, in this process; the fastest of several.
- **History**: each step as the server does it, in a database of 100,000 messages whose words are as unevenly
  common as those of a language.
"""


class Measure(NamedTuple):
    """One number. `most` is its bound, `most_ratio` the bound of its ratio to that of bare pygls."""

    what: str
    value: float
    unit: str
    bare: float | None = None
    most: float | None = None
    most_ratio: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours to bare."""
        return None if self.bare is None else self.value / self.bare

    @property
    def held(self) -> bool:
        """Whether the bounds are kept."""
        ratio_held = self.most_ratio is None or (self.ratio is not None and self.ratio <= self.most_ratio)
        return ratio_held and (self.most is None or self.value <= self.most)

    def cells(self) -> tuple[str, ...]:
        """The row: what, ratio, ours, bare, bound, verdict."""
        bound = self.most is not None or self.most_ratio is not None
        return (
            self.what,
            "" if self.ratio is None else f"{self.ratio:.2f}",
            f"{self.value:.{_digits(self.value)}f} {self.unit}",
            "" if self.bare is None else f"{self.bare:.{_digits(self.bare)}f} {self.unit}",
            _bound(self),
            ("held" if self.held else "MISSED") if bound else "",
        )


class Report:
    """The measures of one run, by section, in the order of `SECTIONS`."""

    SECTIONS = ("Start and memory", "Documents", "Answers", "Edits", "Chats", "Secrets", "History")

    def __init__(self) -> None:
        self._measures: dict[str, list[Measure]] = {section: [] for section in self.SECTIONS}

    @property
    def complete(self) -> bool:
        """Whether every section was measured."""
        return all(self._measures.values())

    def add(self, section: str, measure: Measure) -> None:
        """Note a measure."""
        self._measures[section].append(measure)

    def text(self) -> str:
        """The table for a terminal; "" where nothing was measured."""
        if not any(self._measures.values()):
            return ""
        rows = [_TITLES, *(measure.cells() for part in self._measures.values() for measure in part)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(_TITLES))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join(lines)

    def markdown(self, machine: str) -> str:
        """The page; `machine` says in a few words what it ran on."""
        parts = [_HEAD, f"Last run: {machine}.\n"]
        for section, measures in self._measures.items():
            lines = [_line(_TITLES), "|---|--:|--:|--:|---|---|", *(_line(m.cells()) for m in measures)]
            parts.append(f"## {section}\n\n" + "\n".join(lines) + "\n")
        return "\n".join([*parts, _METHOD])


_TITLES = ("", "ratio", "pygpt-lsp", "bare pygls", "bound", "")


def _line(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _digits(value: float) -> int:
    return 0 if value >= 100 else 1 if value >= 10 else 2


def _bound(measure: Measure) -> str:
    if measure.most_ratio is not None:
        return f"≤ {measure.most_ratio:g} × bare"
    return "" if measure.most is None else f"≤ {measure.most:g} {measure.unit}"
