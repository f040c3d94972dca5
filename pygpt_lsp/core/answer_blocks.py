"""The code in a model's answer.

The model was asked for the whole replaced region in one fenced code block. What comes back varies: prose
around it, other fences, blocks within the block. One rule decides: take the code if there is one reading,
refuse (`EditRefused`) if there are two or none. Must never guess, since what is taken goes into a file.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pygpt_lsp.core.errors import EditRefused

_ENDING = re.compile(r"\r\n|\n|\r")
_OPENING = re.compile(r"((?:[ \t]*(?:[-*+]|[0-9]{1,3}[.)])[ \t]+)?[ \t]*)(`{3,}|~{3,})(.*)", re.DOTALL)
_INNER = re.compile(r"([ \t]*)(`{3,}|~{3,})(.*)", re.DOTALL)
# Some compatible servers leave the reasoning in the answer.
_REASONING = re.compile(r"\s*<think(?:ing)?>.*?</think(?:ing)?>", re.DOTALL)
_ALIASES = {
    "py": "python",
    "python3": "python",
    "js": "javascript",
    "jsx": "javascriptreact",
    "ts": "typescript",
    "tsx": "typescriptreact",
    "rs": "rust",
    "rb": "ruby",
    "golang": "go",
    "c++": "cpp",
    "cs": "csharp",
    "c#": "csharp",
    "sh": "shellscript",
    "bash": "shellscript",
    "shell": "shellscript",
    "zsh": "shellscript",
    "md": "markdown",
    "yml": "yaml",
}
_DIFFS = {"diff", "patch", "udiff"}


class FencedBlock(NamedTuple):
    """A fenced code block: its language in lower case ("" where none is named), and its lines."""

    language: str
    lines: tuple[str, ...]


def read_region_answer(answer: str, *, language: str = "", finished: bool = True, bare: bool = False) -> str:
    """The code of `answer`, with `\\n` line endings and a final one.

    `language` is the document's LSP language id: among several blocks it picks the one of that language
    if all others name another. `finished` is False if the answer was cut (finish reason "length", a broken
    stream): then nothing is taken, since even a whole block may be an inner one. With `bare` an answer
    without any fence is code as a whole. EditRefused, with the reason, for all that is not clear.
    """
    if not finished:
        raise EditRefused(
            "The answer was cut off before its end, so nothing was changed; ask again about a smaller region."
        )
    reasoning = _REASONING.match(answer)
    text = answer[reasoning.end() :] if reasoning else answer
    blocks, is_open = fenced_blocks(text)
    if is_open:
        raise EditRefused("The answer's code block is never closed, so nothing was changed; ask again.")
    if not blocks:
        if not text.strip():
            raise EditRefused("The answer is empty, so nothing was changed; ask again.")
        if not bare:
            raise EditRefused(
                "The answer holds no code block, so nothing was changed; ask again for the code."
            )
        return _joined(tuple(_ENDING.split(text)))
    block = _the_one(blocks, _language_id(language))
    if block.language in _DIFFS and _language_id(language) not in _DIFFS:
        raise EditRefused(
            "The answer is a diff instead of the code itself, so nothing was changed; ask again for the code."
        )
    return _joined(block.lines)


def fenced_blocks(text: str) -> tuple[list[FencedBlock], bool]:
    """The outermost fenced code blocks of `text`, and whether the last one is left open (and left out).

    Unlike in CommonMark, a fence with a language inside a block opens a block within it if it is at least
    as long: models write Markdown files that way. An indented block loses its indentation.
    """
    blocks: list[FencedBlock] = []
    fences: list[str] = []  # the open fences, outermost first
    indent = deepest = 0
    name = ""
    code: list[str] = []
    for line in _ENDING.split(text):
        match = (_INNER if fences else _OPENING).fullmatch(line)
        prefix, run, info = match.groups() if match else ("", "", "")
        if run.startswith("`") and "`" in info:
            run = ""
        if not fences:
            if run:
                fences, name, code = [run], _language_name(info), []
                indent, deepest = len(prefix), max(_columns(prefix), 3)
            continue
        # Deeper than the block itself it is part of the code, say of a docstring.
        if run[:1] == fences[-1][0] and len(run) >= len(fences[-1]) and _columns(prefix) <= deepest:
            if info.strip():
                fences.append(run)
            else:
                fences.pop()
                if not fences:
                    blocks.append(FencedBlock(name, tuple(code)))
                    continue
        code.append(line[min(indent, len(line) - len(line.lstrip(" \t"))) :])
    return blocks, bool(fences)


def _the_one(blocks: list[FencedBlock], language: str) -> FencedBlock:
    filled = [block for block in blocks if any(line.strip() for line in block.lines)]
    if not filled:
        raise EditRefused("The answer's code block is empty, so nothing was changed; ask again.")
    if len(filled) > 1:
        named = [_language_id(block.language) for block in filled]
        if not language or named.count(language) != 1 or "" in named:
            raise EditRefused(
                f"The answer holds {len(filled)} code blocks and any could be meant, so nothing was changed; "
                "ask again for a single block."
            )
        return filled[named.index(language)]
    return filled[0]


def _columns(indent: str) -> int:
    return len(indent.expandtabs(4))


def _joined(lines: tuple[str, ...]) -> str:
    """The lines without blank ones at the edges."""
    filled = [index for index, line in enumerate(lines) if line.strip()]
    return "\n".join(lines[filled[0] : filled[-1] + 1]) + "\n"


def _language_name(info: str) -> str:
    """The language of an info string: `python`, `python title="x"`, `{.python}`, `python:src/app.py`."""
    words = info.split()
    return words[0].strip("{}").lstrip(".").split(":")[0].lower() if words else ""


def _language_id(name: str) -> str:
    return _ALIASES.get(name.lower(), name.lower())
