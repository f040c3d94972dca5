"""The changes that an answer asks for, one block each, as they were read and before they are placed."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

BlockKind: TypeAlias = Literal["replace", "whole", "delete", "rename"]
"""replace: lines give way to others. whole: all lines of a file, which may be a new one. delete, rename: the
file."""


class EditBlock(NamedTuple):
    """One change of one file, as an answer has it. All lines are without endings.

    `path` is the file as named in the answer, with `/` between its parts, "" where the answer names none;
    `new_path` the name that a rename gives it. A `replace` puts `new_lines` in place of `old_lines`, which
    must be found in the file once; `within` are the lines, outermost first, that a diff names as the heading
    of the definition it is in. A `whole` has `new_lines` alone; with `is_new` it makes a file, so one with
    text in it must not be there yet.

    `first_line` and `last_line` (0-based, both included) are the block's place in the answer, with its
    fences and the line that names its path. `problem` is "" or a sentence that says why the block cannot be
    used, such as that the answer was cut in it.
    """

    kind: BlockKind
    path: str
    old_lines: tuple[str, ...] = ()
    new_lines: tuple[str, ...] = ()
    new_path: str = ""
    within: tuple[str, ...] = ()
    first_line: int = 0
    last_line: int = 0
    problem: str = ""
    is_new: bool = False
