"""A request to the API as a page: what people want to know of it, its messages, and every byte of it.

The messages and the bytes stand in code blocks, so that nothing in them is rendered and all can be copied.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pygpt_lsp.core.context import fence_for
from pygpt_lsp.core.pages import prose

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pygpt_lsp.core.messages import Message
    from pygpt_lsp.core.wire import WireRequest


def request_page(
    title: str,
    intro: str,
    facts: Iterable[tuple[str, str]],
    messages: Sequence[Message],
    wire: WireRequest,
) -> str:
    """The page. `title`, `intro` and the names of the `facts` are ours, their values anybody's.

    The last two code blocks are the head of the request and its body, byte for byte.
    """
    lines = [f"# {title}", "", intro, ""]
    lines += [f"- {name}: {prose(value)}" for name, value in facts]
    lines += ["", "## What the model is told"]
    for number, message in enumerate(messages, 1):
        lines += ["", f"### {number}. {message.role}", "", _fenced(message.content, "markdown")]
    lines += ["", "## What goes over the wire", "", "The head:", "", _fenced(wire.head, "http"), ""]
    lines += [f"The body, {len(wire.body):,} bytes:", "", _fenced(wire.body.decode(), "json"), ""]
    return "\n".join(lines)


def _fenced(text: str, tag: str) -> str:
    fence = fence_for(text)
    return f"{fence}{tag}\n{text}\n{fence}"
