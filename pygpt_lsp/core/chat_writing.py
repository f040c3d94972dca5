"""Writing a chat document whole: what `chat.parse_chat` takes apart again into the same parts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from pygpt_lsp.core.chat import ENDING, FRONT_MATTER_END, HEADINGS
from pygpt_lsp.core.chat_escape import escape_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pygpt_lsp.core.chat import ChatEol, ChatRole

# YAML 1.1 forbids these in a document, or folds them as line breaks; JSON does not escape them.
_NOT_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
_EXPONENT_WITHOUT_POINT = re.compile(r"^(-?[0-9]+)(?=e)")


def render_chat(
    front_matter: str | None,
    turns: Iterable[tuple[ChatRole, str]],
    *,
    preamble: str = "",
    eol: ChatEol = "\n",
) -> str:
    """The chat document that `parse_chat` takes apart into these parts, whatever the texts hold.

    `front_matter` is raw YAML; its line endings become those of the document. ValueError if it holds a
    line `---`.
    """
    pieces: list[str] = []
    said = list(turns)
    opening = escape_text(preamble)
    if front_matter is not None:
        raw = ENDING.sub("\n", front_matter)
        if FRONT_MATTER_END.search(f"\n{raw}\n"):
            raise ValueError("front matter cannot hold a line ---")
        pieces += (f"---\n{raw}\n---\n" if raw else "---\n---\n", _wrapped(opening, is_last=not said))
    elif opening:
        # At the very top a blank line comes first only where the text would be read as something else.
        plain = not opening.startswith(("---", "\n")) and "\r" not in opening
        pieces.append(_wrapped(opening, is_last=not said).removeprefix("\n" if plain else ""))
    for index, (role, text) in enumerate(said, 1):
        pieces += (f"{HEADINGS[role]}\n", _wrapped(escape_text(text), is_last=index == len(said)))
    return "".join(pieces).replace("\n", eol)


def new_chat(
    front_matter: Mapping[str, str | float | None],
    question: str = "",
    *,
    context: Sequence[str] = (),
    eol: ChatEol = "\n",
) -> str:
    """A new chat document with one user's turn: the lines of `context`, then `question`.

    Values of `front_matter` which are None are left out; without any there is no front matter. Without a
    question the text ends with the empty line to write it in.
    """
    lines = [f"{name}: {yaml_scalar(value)}" for name, value in front_matter.items() if value is not None]
    references = "".join(f"{line}\n" for line in context)
    text = f"{references}\n{question}" if references and question else references + question
    chat = render_chat("\n".join(lines) if lines else None, [("user", text)], eol=eol)
    return chat if question else chat + eol


def last_line(text: str) -> int:
    """The last line (0-based) of the chat document `text` that every editor has: some show none below its
    final line ending, and refuse to go there."""
    return max(len(ENDING.findall(text)) - text.endswith(("\n", "\r")), 0)


def _wrapped(written: str, *, is_last: bool) -> str:
    """A text as it stands below its heading, with the blank lines of the layout."""
    return f"\n{written}\n" + ("" if is_last else "\n") if written else "\n"


def yaml_scalar(value: str | float) -> str:
    """`value` as a scalar of one line that YAML reads back, in whatever version."""
    written = json.dumps(value, ensure_ascii=False, allow_nan=False)
    if isinstance(value, str):
        return _NOT_YAML.sub(lambda match: f"\\u{ord(match[0]):04x}", written)
    return _EXPONENT_WITHOUT_POINT.sub(r"\1.0", written)
