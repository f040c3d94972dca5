"""Made-up files with nearly the same lines in several places, and answers that quote one of them.

A `Case` has what a model might give for a change of one region.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

_POOL = (
    (0, "if ready(ö):"),
    (1, "a = load(x, 1)"),
    (1, "for item in a:"),
    (2, "send(item)  # 😀"),
    (1, ""),
    (1, "b = a + 1"),
    (0, "}"),
)


class Entry(NamedTuple):
    """A line of an answer: in the old lines and the new ones ("keep"), in one of them, or left-out lines."""

    kind: str
    line: str


class Case(NamedTuple):
    """A file, the region that the answer is about, and the answer."""

    lines: list[str]
    target: int
    height: int
    entries: list[Entry]
    distortions: tuple[str, ...]

    @property
    def old(self) -> tuple[str, ...]:
        """The lines that the answer quotes."""
        return tuple(entry.line for entry in self.entries if entry.kind != "new")

    @property
    def new(self) -> tuple[str, ...]:
        """The lines that the answer has in their place."""
        return tuple(entry.line for entry in self.entries if entry.kind != "old")


class File(NamedTuple):
    """A file, and where in it regions of `height` lines begin that are the same or nearly so."""

    lines: list[str]
    regions: list[int]
    height: int
    tabs: bool


def make_file(rng: Random) -> File:
    """A file with a region and its twins."""
    tabs = rng.random() < 0.4
    picked = sorted(rng.sample(range(len(_POOL)), rng.randint(2, 5)))
    while not _POOL[picked[0]][1] or not _POOL[picked[-1]][1]:
        picked = sorted(rng.sample(range(len(_POOL)), rng.randint(2, 5)))
    depth = rng.randint(0, 2)
    region = [_indented(level + depth, text, tabs=tabs) for level, text in (_POOL[index] for index in picked)]
    blocks = [region]
    blocks += [rng.choice(_TWINS)(rng, region, tabs) for _ in range(rng.choice((0, 1, 1, 2, 3)))]
    rng.shuffle(blocks)
    lines: list[str] = []
    starts: list[int] = []
    for number, block in enumerate(blocks):
        lines += [f"def filler_{number}():", _indented(1, f"return {number}", tabs=tabs)]
        lines += rng.choice(([], [""], ["\f"], ["", ""], ["}"]))
        starts.append(len(lines))
        lines += block
    lines += ["def last():", _indented(1, "pass", tabs=tabs)]
    return File(lines, starts, len(region), tabs)


def _indented(level: int, text: str, *, tabs: bool) -> str:
    return ("\t" if tabs else "    ") * level + text if text else ""


def _with_other_token(rng: Random, region: list[str], tabs: bool) -> list[str]:
    index = rng.choice([index for index, line in enumerate(region) if line.strip()])
    return [f"{line} + c" if place == index else line for place, line in enumerate(region)]


def _with_inner_space(rng: Random, region: list[str], tabs: bool) -> list[str]:
    return [re.sub(r"(?<=\S) (?=\S)", "  ", line, count=1) for line in region]


def _with_space_behind(rng: Random, region: list[str], tabs: bool) -> list[str]:
    return [line + rng.choice(["", " ", "\t"]) if line else line for line in region]


def _deeper(rng: Random, region: list[str], tabs: bool) -> list[str]:
    more = "\t" if tabs else rng.choice(["    ", "  "])
    return [more + line if line.strip() else line for line in region]


_TWINS: tuple[Callable[[Random, list[str], bool], list[str]], ...] = (
    lambda rng, region, tabs: region,
    _with_other_token,
    _with_other_token,
    _with_inner_space,
    _with_space_behind,
    _deeper,
)


def make_case(rng: Random, file: File, number: int) -> Case:
    """An answer about one of the regions, changed in the ways that models change what they quote."""
    target = rng.choice(file.regions)
    lines = file.lines[target : target + file.height]
    entries: list[Entry] = []
    for line in lines:
        change = rng.random()
        deeper = _indented(rng.choice((0, 0, 1)), f"new_{number}_{len(entries)} = ö", tabs=file.tabs)
        added = Entry("new", _indent(line) + deeper)
        if change < 0.6 or not line:
            entries.append(Entry("keep", line))
        elif change < 0.75:
            entries += [Entry("old", line), added]
        elif change < 0.85:
            entries.append(Entry("old", line))
        else:
            entries += [Entry("keep", line), added]
    if all(entry.kind == "keep" for entry in entries):
        entries.append(Entry("new", f"{_indent(lines[-1])}new_{number} = 1"))
    done: list[str] = []
    for name in rng.sample(sorted(DISTORTIONS), rng.choice((0, 1, 1, 2))):
        changed = DISTORTIONS[name](rng, file, entries)
        if changed != entries:
            entries = changed
            done.append(name)
    return Case(file.lines, target, file.height, entries, tuple(done))


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _each(entries: Sequence[Entry], change: Callable[[str], str]) -> list[Entry]:
    return [entry if entry.kind == "gap" else entry._replace(line=change(entry.line)) for entry in entries]


def _space_behind(rng: Random, file: File, entries: list[Entry]) -> list[Entry]:
    return _each(entries, lambda line: line + rng.choice(["", " ", "  ", "\t"]))


def _carriage_returns(rng: Random, file: File, entries: list[Entry]) -> list[Entry]:
    return _each(entries, lambda line: line + "\r")


def _inner_space(rng: Random, file: File, entries: list[Entry]) -> list[Entry]:
    return _each(entries, lambda line: re.sub(r"(?<=\S) +(?=\S)", "  ", line, count=1))


def _other_style(rng: Random, file: File, entries: list[Entry]) -> list[Entry]:
    if file.tabs:
        width = rng.choice((2, 4))
        return _each(entries, lambda line: " " * width * len(_indent(line)) + line.lstrip("\t"))
    if any(len(_indent(entry.line)) % 4 for entry in entries):
        return entries
    return _each(entries, lambda line: "\t" * (len(_indent(line)) // 4) + line.lstrip(" "))


def _deeper_answer(rng: Random, file: File, entries: list[Entry]) -> list[Entry]:
    indents = "".join(_indent(entry.line) for entry in entries)
    more = "\t" if "\t" in indents or (file.tabs and not indents) else rng.choice(("    ", "  "))
    return _each(entries, lambda line: more + line if line.strip() else line)


def _at_the_margin(rng: Random, file: File, entries: list[Entry]) -> list[Entry]:
    indents = [_indent(entry.line) for entry in entries if entry.line.strip() and entry.kind != "gap"]
    least = min(indents, key=len, default="")
    return _each(entries, lambda line: line.removeprefix(least))


def _blank_edges(rng: Random, file: File, entries: list[Entry]) -> list[Entry]:
    above, below = rng.choice(((1, 0), (0, 1), (2, 1)))
    return [Entry("keep", "")] * above + entries + [Entry("keep", "")] * below


def _left_out(rng: Random, file: File, entries: list[Entry]) -> list[Entry]:
    kept = [index for index in range(1, len(entries) - 1) if entries[index].kind == "keep"]
    if not kept or any(entry.kind == "gap" for entry in entries):
        return entries
    first = rng.choice(kept)
    end = first
    while end in kept and end - first < 2:
        end += 1
    mark = rng.choice(("# ...", "...", "// ... existing code ..."))
    return [*entries[:first], Entry("gap", mark), *entries[end:]]


def _partial(rng: Random, file: File, entries: list[Entry]) -> list[Entry]:
    cut = rng.randint(1, len(entries))
    part = entries[:cut] if rng.random() < 0.5 else entries[-cut:]
    return part if _is_change(part) else entries


def _dropped(rng: Random, file: File, entries: list[Entry]) -> list[Entry]:
    index = rng.randrange(len(entries))
    rest = entries[:index] + entries[index + 1 :]
    return rest if _is_change(rest) else entries


def _other_token(rng: Random, file: File, entries: list[Entry]) -> list[Entry]:
    index = rng.randrange(len(entries))
    if entries[index].kind == "gap" or not entries[index].line.strip():
        return entries
    line = entries[index].line
    token = rng.choice((" + c", ")", " + d"))
    changed = entries[index]._replace(line=line.rstrip() + token + line[len(line.rstrip()) :])
    return [*entries[:index], changed, *entries[index + 1 :]]


def _line_of_twin(rng: Random, file: File, entries: list[Entry]) -> list[Entry]:
    old = [index for index, entry in enumerate(entries) if entry.kind in ("keep", "old")]
    twin = rng.choice(file.regions)
    if len(old) != file.height:
        return entries
    place = rng.randrange(file.height)
    changed = entries[old[place]]._replace(line=file.lines[twin + place])
    return [*entries[: old[place]], changed, *entries[old[place] + 1 :]]


def _reordered(rng: Random, file: File, entries: list[Entry]) -> list[Entry]:
    if len(entries) < 2:
        return entries
    index = rng.randrange(len(entries) - 1)
    return [*entries[:index], entries[index + 1], entries[index], *entries[index + 2 :]]


def _is_change(entries: Sequence[Entry]) -> bool:
    quotes = any(entry.line.strip() for entry in entries if entry.kind in ("keep", "old"))
    return quotes and any(entry.kind in ("old", "new") for entry in entries)


HARMLESS: dict[str, Callable[[Random, File, list[Entry]], list[Entry]]] = {
    "space behind": _space_behind,
    "carriage returns": _carriage_returns,
    "inner space": _inner_space,
    "other style": _other_style,
    "deeper": _deeper_answer,
    "at the margin": _at_the_margin,
    "blank edges": _blank_edges,
    "left out": _left_out,
    "partial": _partial,
}
"""What a model does to all that it quotes: it still tells the region from others, if anything does."""
DISTORTIONS = {
    **HARMLESS,
    "dropped": _dropped,
    "other token": _other_token,
    "line of a twin": _line_of_twin,
    "reordered": _reordered,
}
