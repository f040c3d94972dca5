"""The corpus of answers with edits: how its cases are written, and what becomes of one.

A case is a file of sections. Each begins with a line `=== KIND: NAME (FLAGS)` and holds the lines up to the
next; what stands before the first one is a remark. The kinds:

- `file: PATH`: a file as it is before.
- `answer`: the model's answer.
- `expect: PATH`: the file as it is after all its blocks; for a `file` without one, nothing changes.
- `refused: PATH: PART`: the file stays as it is, and one of the reasons has PART in it.
- `deleted: PATH`, `renamed: PATH -> PATH`: what else becomes of a file.

Flags change how the lines below are joined: `crlf`, `cr`, `bom`, `no final newline`, `trailing spaces` (a `~`
at the end of a line stands for two spaces) and `tabs` (`»` stands for a tab).

A block without a path belongs to the only file of the case.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.edits.lines import apply_edits
from pygpt_lsp.core.edits.plan import plan_file
from pygpt_lsp.core.edits.reading import read_edit_blocks
from pygpt_lsp.core.text import TextSnapshot

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pygpt_lsp.core.edits.blocks import EditBlock

_SECTION = re.compile(
    r"=== (?P<kind>file|answer|expect|refused|deleted|renamed)"
    r"(?:: (?P<name>.*?))?(?: \((?P<flags>[a-z, ]*)\))?"
)


class Case(NamedTuple):
    """Texts by path before and after, the answer, and for each refused path a part of the reason."""

    before: dict[str, str]
    answer: str
    after: dict[str, str]
    refused: dict[str, str]
    renamed: dict[str, str]


def load_case(path: Path) -> Case:
    """The case in the file; ValueError where it is not written as above."""
    before: dict[str, str] = {}
    expected: dict[str, str] = {}
    refused: dict[str, str] = {}
    renamed: dict[str, str] = {}
    deleted: set[str] = set()
    answers: list[str] = []
    for kind, name, text in _sections(path.read_text("utf-8")):
        if kind == "file":
            before[name] = text
        elif kind == "answer":
            answers.append(text)
        elif kind == "expect":
            expected[name] = text
        elif kind == "refused":
            refused_path, _, reason = name.partition(": ")
            refused[refused_path] = reason
        elif kind == "deleted":
            deleted.add(name)
        else:
            old, _, new = name.partition(" -> ")
            renamed[old] = new
    (answer,) = answers
    after = {name: text for name, text in {**before, **expected}.items() if name not in deleted}
    return Case(before, answer, after, refused, renamed)


def _sections(text: str) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str, list[str]]] = []
    for line in text.removesuffix("\n").split("\n"):
        if line.startswith("=== "):
            match = _SECTION.fullmatch(line)
            if match is None:
                raise ValueError(line)
            found.append((match["kind"], match["name"] or "", match["flags"] or "", []))
        elif found:
            found[-1][3].append(line)
    return [(kind, name, _joined(lines, flags)) for kind, name, flags, lines in found]


def _joined(lines: list[str], flags: str) -> str:
    eol = "\r\n" if "crlf" in flags else "\r" if "cr" in flags else "\n"
    if "trailing spaces" in flags:
        lines = [re.sub("~$", "  ", line) for line in lines]
    if "tabs" in flags:
        lines = [line.replace("»", "\t") for line in lines]
    text = "".join(line + eol for line in lines)
    text = text.removesuffix(eol) if "no final newline" in flags else text
    return "\ufeff" + text if "bom" in flags else text


class Outcome(NamedTuple):
    """Texts by path after the answer, the reasons by path, and new names by the old one."""

    after: dict[str, str]
    refused: dict[str, str]
    renamed: dict[str, str]


def make_edits(before: dict[str, str], answer: str) -> Outcome:
    """What the answer makes of the files: each of them changed as a whole, or not at all."""
    by_path: dict[str, list[EditBlock]] = {}
    for block in read_edit_blocks(answer):
        path = block.path or (next(iter(before)) if len(before) == 1 else "")
        by_path.setdefault(path, []).append(block)
    outcome = Outcome(dict(before), {}, {})
    for path, blocks in by_path.items():
        _edit(outcome, path, blocks)
    return outcome


def _edit(outcome: Outcome, path: str, blocks: Sequence[EditBlock]) -> None:
    kinds = {block.kind for block in blocks}
    text = outcome.after.get(path)
    if text is None and kinds != {"whole"}:
        outcome.refused[path] = "There is no such file."
        return
    snapshot = TextSnapshot.from_string(text or "")
    plan = plan_file(snapshot, blocks)
    problems = [block.problem for block in blocks if block.problem]
    if plan.refusals or problems:
        outcome.refused[path] = " ".join([*(refusal.reason for refusal in plan.refusals), *problems])
        return
    if "delete" in kinds:
        del outcome.after[path]
        return
    outcome.after[path] = apply_edits(text or "", plan.edits(snapshot))
    for block in blocks:
        if block.kind == "rename":
            outcome.renamed[path] = block.new_path
