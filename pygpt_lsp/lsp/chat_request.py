"""From a chat document's text to the request that is sent: the turns, with their context lines resolved now.

What is sent is what the document says. Files come from the editor's buffers first, then from disk, and only
from inside the workspace's folders, with links followed before that is decided. A context line that cannot
be resolved stops the request: an answer to half a question would mislead.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pygpt_lsp.core.chat import parse_chat
from pygpt_lsp.core.chat_answers import (
    chat_title,
    last_answer,
    messages_to_send,
    open_answer,
    reopen_answer,
)
from pygpt_lsp.core.context import IMPORTANCE, ContextPart, diagnostics_part, render_part
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.messages import Message, ModelRequest
from pygpt_lsp.core.prompts import chat_system
from pygpt_lsp.core.text import TextSnapshot
from pygpt_lsp.lsp.convert import path_of_uri
from pygpt_lsp.services.front_matter import read_front_matter
from pygpt_lsp.services.git import working_diff
from pygpt_lsp.services.workspace_files import read_workspace_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygpt_lsp.core.chat import ChatDocument, ChatTurn
    from pygpt_lsp.core.chat_answers import AnswerSlot
    from pygpt_lsp.core.chat_context import ContextRef
    from pygpt_lsp.lsp.server import PygptServer

_EVERY_LINE = 1_000_000_000


class ChatRequest(NamedTuple):
    """A request made from a chat document.

    `ordinal`: how many answers stand above the one that is asked for. `regenerate`: the last answer is asked
    for again. `said`: what was sent of the document, to tell whether it has changed.
    """

    request: ModelRequest
    title: str
    ordinal: int
    regenerate: bool
    said: tuple[str, ...]

    def slot_in(self, text: str) -> AnswerSlot:
        """Where the answer goes in the document as it is now. Raises ChatChanged where the document says
        something else than was sent."""
        to_send = _to_send(parse_chat(text), self.regenerate)
        if to_send.said != self.said:
            raise ChatChanged("The chat has changed meanwhile: send it again.")
        return open_answer(text) if to_send.again is None else reopen_answer(text, to_send.again)


class ChatChanged(PygptError):
    """The document no longer says what is about to be sent."""


class _ToSend(NamedTuple):
    """The turns to send, and those with the front matter as text. `again`: the turn that is answered anew."""

    turns: tuple[ChatTurn, ...]
    said: tuple[str, ...]
    again: int | None


def _to_send(document: ChatDocument, regenerate: bool) -> _ToSend:
    """Raises PygptError where there is nothing to send."""
    again = last_answer(document) if regenerate else None
    if regenerate and again is None:
        raise PygptError("There is no answer in this chat yet: send it first.")
    found = messages_to_send(document, again)
    if found.refusal is not None:
        raise PygptError(found.refusal)
    said = (document.front_matter or "", *(text for turn in found.turns for text in (turn.role, turn.text)))
    return _ToSend(found.turns, said, again)


async def build_request(
    server: PygptServer, text: str, root: Path | None, *, regenerate: bool = False
) -> ChatRequest:
    """The request for the next answer of the chat `text`, or for its last answer once more.

    Raises PygptError with a sentence: nothing to send, a front matter or a context line that cannot be used.
    """
    document = parse_chat(text)
    to_send = _to_send(document, regenerate)
    settings = server.session.settings
    front = read_front_matter(document.front_matter)
    resolver = _Resolver(server, root)
    messages = [chat_system(settings.system_prompt, front.system)]
    for turn in to_send.turns:
        content = await resolver.turn(turn) if turn.role == "user" else turn.text
        if content.strip():
            messages.append(Message(turn.role, content))
    request = ModelRequest(
        model=front.model or settings.model,
        messages=tuple(messages),
        max_output_tokens=settings.max_output_tokens,
        temperature=front.temperature if front.temperature is not None else settings.temperature,
        reasoning_effort=settings.reasoning_effort,
    )
    above = document.turns.index(to_send.turns[-1]) if to_send.again is None else to_send.again
    ordinal = sum(turn.role == "assistant" for turn in document.turns[:above])
    return ChatRequest(request, chat_title(to_send.turns[0].question), ordinal, regenerate, to_send.said)


class _Resolver:
    """Resolves the context of one request; no line of a file is given twice within a turn."""

    def __init__(self, server: PygptServer, root: Path | None) -> None:
        self._server = server
        self._root = root

    async def turn(self, turn: ChatTurn) -> str:
        """The user's message: the context first, then the question."""
        given: dict[str, set[int]] = {}
        blocks: list[str] = []
        for ref in turn.context:
            blocks.extend(await self._block(ref, given))
        return "\n\n".join([*blocks, turn.question])

    async def _block(self, ref: ContextRef, given: dict[str, set[int]]) -> list[str]:
        match ref.kind:
            case "file":
                return await self._file(ref, given)
            case "selection" | "buffer":
                return self._selection(ref, given)
            case "diagnostics":
                return self._diagnostics(ref)
            case "diff":
                return [await self._diff()]
            case "unknown":
                raise PygptError(f"Line {ref.line + 1} of the chat names no context I know: {ref.raw[:60]}")

    async def _file(self, ref: ContextRef, given: dict[str, set[int]]) -> list[str]:
        shown, text, language_id = await self._text_of(ref)
        first = (ref.start_line or 1) - 1
        last = min(ref.end_line or text.line_count, text.line_count) - 1
        if first >= text.line_count:
            raise PygptError(f"Line {ref.line + 1} of the chat asks for lines that {shown} does not have.")
        return _excerpts("file", shown, text, language_id, first, last, given)

    async def _text_of(self, ref: ContextRef) -> tuple[str, TextSnapshot, str]:
        session = self._server.session
        named = ref.path or ""
        unsaved = session.documents.get(named)
        if unsaved is not None and session.path_of(named) is None:
            return named, unsaved.text, unsaved.language_id
        candidates = context_candidates(named, self._root, session.roots)
        for candidate in candidates:
            uri = session.uri_of(candidate)
            snapshot = session.documents.get(uri) if uri is not None else None
            if snapshot is not None:
                return session.display_path(candidate), snapshot.text, snapshot.language_id
        for candidate in candidates:
            content = await asyncio.to_thread(read_workspace_file, candidate, session.roots)
            if content is not None:
                return session.display_path(candidate), TextSnapshot.from_string(content), ""
        raise PygptError(f"Line {ref.line + 1} of the chat names {named}, which is no file of the workspace.")

    def _selection(self, ref: ContextRef, given: dict[str, set[int]]) -> list[str]:
        session = self._server.session
        selection = session.last_selection
        document = session.documents.document(selection.uri) if selection else None
        if selection is None or document is None:
            raise PygptError(
                f"Line {ref.line + 1} of the chat says {ref.raw}, but nothing has been selected yet."
            )
        snapshot = document.snapshot
        first, last = 0, snapshot.text.line_count - 1
        if ref.kind == "selection":
            mapped = document.map_range(selection.range, selection.version)
            if mapped is None:
                raise PygptError(f"{ref.raw}: the text has changed too much since: select again, then send.")
            first, last = mapped.range.start.line, mapped.range.end.line
            if last > first and mapped.range.end.character == 0:
                last -= 1
        path = session.path_of(snapshot.uri)
        shown = session.display_path(path) if path is not None else snapshot.uri
        return _excerpts(ref.kind, shown, snapshot.text, snapshot.language_id, first, last, given)

    def _diagnostics(self, ref: ContextRef) -> list[str]:
        session = self._server.session
        uri = session.last_selection.uri if session.last_selection else None
        if ref.path is not None:
            files = context_candidates(ref.path, self._root, session.roots)
            uri = next((known for path in files if (known := session.uri_of(path))), ref.path)
        selection = session.selections.get(uri) if uri is not None else None
        if selection is None:
            return []
        path = session.path_of(selection.uri)
        shown = session.display_path(path) if path is not None else selection.uri
        first, last = (ref.start_line or 1) - 1, (ref.end_line or _EVERY_LINE) - 1
        part = diagnostics_part(shown, first, last, selection.diagnostics)
        return [render_part(part)] if part is not None else []

    async def _diff(self) -> str:
        if self._root is None:
            raise PygptError("#diff needs a workspace folder under git.")
        diff = await working_diff(self._root)
        if not diff.strip():
            raise PygptError("#diff: there are no changes to show.")
        return render_part(
            ContextPart("diff", str(self._root.name), 0, 0, diff.rstrip("\n"), 0, language_id="diff")
        )


def context_candidates(named: str, root: Path | None, roots: Sequence[Path]) -> list[Path]:
    """The files that a context line may mean by a path, the likeliest first; `root` is the chat's folder."""
    path = path_of_uri(named) or Path(named)
    first = [root] if root is not None else []
    # Without `..`, so that a buffer is found by it; an absolute path replaces the root.
    # Without a workspace there are absolute paths alone.
    bases = [*first, *roots] or [Path()]
    found = (os.path.normpath(base / path) for base in bases)
    return [Path(name) for name in dict.fromkeys(found)]


def _excerpts(
    kind: str,
    shown: str,
    text: TextSnapshot,
    language_id: str,
    first: int,
    last: int,
    given: dict[str, set[int]],
) -> list[str]:
    """The lines as blocks, without those that an earlier line of the same turn gave already."""
    have = given.setdefault(shown, set())
    blocks: list[str] = []
    start = first
    while start <= last:
        if start in have:
            start += 1
            continue
        end = start
        while end < last and end + 1 not in have:
            end += 1
        lines = [line.rstrip("\r\n") for line in text.lines(start, end + 1)]
        part = ContextPart(
            kind, shown, start + 1, end + 1, "\n".join(lines), IMPORTANCE["selection"], language_id
        )
        if any(line.strip() for line in lines):
            blocks.append(render_part(part))
        have.update(range(start, end + 1))
        start = end + 1
    return blocks
