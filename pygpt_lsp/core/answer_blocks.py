"""The code in a model's answer.

The model was asked for the whole replaced region in one fenced code block. What comes back varies: prose
around it, other fences, blocks within the block. One rule decides: take the code if there is one reading,
refuse (`EditRefused`) if there are two or none. Must never guess, since what is taken goes into a file.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pygpt_lsp.core.errors import EditRefused
from pygpt_lsp.core.fences import fence_language, fence_lines, scan_fences

_ENDING = re.compile(r"\r\n|\n|\r")
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

    See `fences.scan_fences` for what is a block.
    """
    lines = _ENDING.split(text)
    outermost = [fence for fence in scan_fences(lines) if not fence.depth]
    closed = [fence for fence in outermost if fence.closed]
    blocks = [FencedBlock(fence_language(fence.info), fence_lines(lines, fence)) for fence in closed]
    return blocks, len(closed) < len(outermost)


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


def _joined(lines: tuple[str, ...]) -> str:
    """The lines without blank ones at the edges."""
    filled = [index for index, line in enumerate(lines) if line.strip()]
    return "\n".join(lines[filled[0] : filled[-1] + 1]) + "\n"


def _language_id(name: str) -> str:
    return _ALIASES.get(name.lower(), name.lower())
