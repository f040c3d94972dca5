"""Secrets put back where an edit is written to code: the one way from a placeholder to its secret.

Which secret a placeholder stands for is known of this process's own requests; in another process it is looked
for where secrets may come from: in the text that is edited, in open documents, in files that the chat names.
What stands for nothing is never written.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from pygpt_lsp.core.errors import EditRefused, PygptError
from pygpt_lsp.core.secrets.masking import names_in
from pygpt_lsp.lsp.sources import SourceFinder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pygpt_lsp.core.chat import ChatDocument
    from pygpt_lsp.core.edits.blocks import EditBlock
    from pygpt_lsp.core.text import TextSnapshot
    from pygpt_lsp.lsp.server import PygptServer


async def look_for_secrets(
    server: PygptServer,
    text: str,
    targets: Iterable[TextSnapshot],
    chat: ChatDocument | None = None,
    root: Path | None = None,
) -> None:
    """Find the secrets of the placeholders in `text` that this process does not know yet.

    `targets` are the texts that are edited, `chat` the one that shows the edits, in the workspace folder
    `root`.
    """
    secrets, workspace = server.session.secrets, server.session.workspace
    roots = (*workspace.roots, None)
    names = names_in(text)

    def found() -> bool:
        return all(secrets.secret(name) is not None for name in names)

    if not found():
        await secrets.learn([str(target) for target in targets], roots)
    if not found():
        await secrets.learn([str(each.snapshot.text) for each in workspace.documents], roots)
    if not found() and chat is not None:
        await secrets.learn(await _named_texts(server, chat, root), roots)


def with_secrets(server: PygptServer, text: str, target: TextSnapshot | None) -> str:
    """The text with the known secrets in place of their placeholders.

    A name that stands in the `target` as it is, in a test or a text about PyGPT say, is no placeholder there.
    """
    return server.session.secrets.restore(text, keep=_literal(text, target))


def refuse_unresolved(server: PygptServer, text: str, target: TextSnapshot | None) -> None:
    """Raise EditRefused where code that is to be written holds a placeholder that stands for nothing."""
    if names := _unknown(server, text, target):
        raise EditRefused(
            f"{names[0][:60]} in the answer stands for no secret that is known here, so nothing was changed: "
            "open the file that the secret is in and try again, or ask again."
        )


def code_with_secrets(server: PygptServer, code: str, target: TextSnapshot | None) -> str:
    """Code as it is to be written. Raises EditRefused as `refuse_unresolved`."""
    refuse_unresolved(server, code, target)
    return with_secrets(server, code, target)


def blocks_with_secrets(
    server: PygptServer, blocks: Iterable[EditBlock], target: TextSnapshot
) -> tuple[EditBlock, ...]:
    """Blocks of an answer as they are to be placed in `target`. Raises EditRefused as `refuse_unresolved`."""

    def lines(some: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(code_with_secrets(server, "\n".join(some), target).split("\n")) if some else some

    return tuple(
        block._replace(old_lines=lines(block.old_lines), new_lines=lines(block.new_lines)) for block in blocks
    )


def text_of_blocks(blocks: Iterable[EditBlock]) -> str:
    """The lines of blocks, to look for placeholders in."""
    return "\n".join(line for block in blocks for line in (*block.old_lines, *block.new_lines))


def _literal(text: str, target: TextSnapshot | None) -> list[str]:
    """The names in `text` that stand in the target as they are."""
    names = names_in(text)
    if not names or target is None:
        return []
    there = set(names_in(str(target)))
    return [name for name in names if name in there]


def _unknown(server: PygptServer, text: str, target: TextSnapshot | None) -> list[str]:
    names = names_in(text)
    if not names:
        return []
    literal = _literal(text, target)
    return [name for name in names if server.session.secrets.secret(name) is None and name not in literal]


async def _named_texts(server: PygptServer, chat: ChatDocument, root: Path | None) -> list[str]:
    """The texts of the files that the context lines of a chat name, as far as they may be read."""
    finder = SourceFinder(server, root, "show")
    texts: dict[str, str] = {}
    for ref in (ref for turn in chat.turns for ref in turn.context if ref.path):
        with contextlib.suppress(PygptError):
            source = await finder.source(ref)
            texts[source.shown] = str(source.text)
    return list(texts.values())
