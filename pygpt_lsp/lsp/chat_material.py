"""What the context lines of a chat give to a request: one answer, for what is sent and for what is shown.

Which purpose a line is resolved for makes no difference to what it gives, only to what may be done for it: to
send, the user is asked; to show, nobody is; and to watch, while the user types, no program is started, and a
file may be as it was a moment ago.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.context import ContextPart, diagnostics_part, render_part
from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.core.ledger import Contribution, sources_of
from pygpt_lsp.core.rules import rules_left_out, rules_part
from pygpt_lsp.lsp.chat_given import ContextRefused, Given
from pygpt_lsp.lsp.consent import agreed, ruled_path
from pygpt_lsp.lsp.sources import Source, SourceFinder, context_candidates
from pygpt_lsp.services.git import working_diff

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pygpt_lsp.core.chat import ChatTurn
    from pygpt_lsp.core.chat_context import ContextRef
    from pygpt_lsp.lsp.chat_given import Purpose
    from pygpt_lsp.lsp.server import PygptServer
    from pygpt_lsp.services.ignore_rules import IgnoreRule

_EVERY_LINE: Final = 1_000_000_000


class ContextResolver:
    """Resolves the context lines of one chat in the workspace folder `root`."""

    def __init__(self, server: PygptServer, root: Path | None, purpose: Purpose) -> None:
        self._server = server
        self._root = root
        self._purpose: Purpose = purpose
        self._rules_given: set[str] = set()
        self._named: list[ContextRef] = []
        self._finder = SourceFinder(server, root, purpose)
        self.sources: list[Contribution] = []
        """The documents that what was resolved is taken from."""
        self.excluded = self._finder.excluded
        """Sentences about files that the user would be asked about before they are sent."""

    async def whole_turn(self, turn: ChatTurn) -> list[Given]:
        """What each context line of a turn gives, where it can be sent so. Raises ContextRefused."""
        given = await self.turn(turn)
        for each in given:
            if each.refused is not None:
                raise each.refused
        return given

    async def turn(self, turn: ChatTurn) -> list[Given]:
        """What each context line of a turn gives, in order; no line of a file is given twice.

        When it is to be sent, nothing is looked at after the first line that is refused.
        """
        self._named += turn.context
        seen: dict[str, set[int]] = {}
        found: list[Given] = []
        for ref in turn.context:
            try:
                found.append(await self._given(ref, seen))
            except ContextRefused as refused:
                found.append(Given(ref, refused=refused))
                if self._purpose == "send":
                    break
        self.sources += [source for given in found for source in given.sources]
        return found

    async def _given(self, ref: ContextRef, seen: dict[str, set[int]]) -> Given:
        match ref.kind:
            case "file":
                return await self._file(ref, seen)
            case "selection" | "buffer":
                return await self._selection(ref, seen)
            case "diagnostics":
                return await self._diagnostics(ref)
            case "diff":
                return await self._diff(ref)
            case "rules":
                return await self._rules(ref)
            case "symbol":
                return await self._symbol(ref, seen)
            case "unknown":
                raise ContextRefused(ref, "unknown-context", f"names no context I know: {ref.raw[:60]}")

    async def _file(self, ref: ContextRef, seen: dict[str, set[int]]) -> Given:
        source = await self._finder.source(ref)
        first = (ref.start_line or 1) - 1
        last = min(ref.end_line or source.text.line_count, source.text.line_count) - 1
        if first >= source.text.line_count:
            raise ContextRefused(ref, "missing-lines", f"asks for lines that {source.shown} does not have.")
        return await self._excerpt(ref, "file", source, first, last, seen)

    async def _rules(self, ref: ContextRef) -> Given:
        """Rules hold for all of a chat, so they are given once, where they are named first."""
        source = await self._finder.source(ref)
        if source.shown in self._rules_given:
            return Given(ref)
        self._rules_given.add(source.shown)
        text = str(source.text)
        given = self._given_by(ref, [rules_part(source.shown, text)], source.rule, source.path)
        return given._replace(note=rules_left_out(text))

    async def _symbol(self, ref: ContextRef, seen: dict[str, set[int]]) -> Given:
        from pygpt_lsp.lsp.chat_definitions import definition_named

        source, spans = await definition_named(self._server, ref, self._named, self._finder.source)
        await self._note_excerpt(source)
        have = seen.setdefault(source.shown, set())
        parts = [
            part for span in spans for part in _excerpts("symbol", source, span.start, span.end - 1, have)
        ]
        return self._given_by(ref, parts, source.rule, source.path)

    async def _selection(self, ref: ContextRef, seen: dict[str, set[int]]) -> Given:
        workspace = self._server.session.workspace
        selection = workspace.last_selection
        document = workspace.documents.document(selection.uri) if selection else None
        if selection is None or document is None:
            raise _not_selected(ref)
        snapshot = document.snapshot
        first, last = 0, snapshot.text.line_count - 1
        if ref.kind == "selection":
            mapped = document.map_range(selection.range, selection.version)
            if mapped is None:
                raise ContextRefused(
                    ref, "no-selection",
                    f"says {ref.raw}, but the text has changed too much since: select again.",
                )  # fmt: skip
            first, last = mapped.range.start.line, mapped.range.end.line
            if last > first and mapped.range.end.character == 0:
                last -= 1
        shown = workspace.name_of(snapshot.uri)
        path = ruled_path(self._server, snapshot.uri)
        rule = await self._finder.rule(ref, path, shown) if path is not None else None
        source = Source(shown, snapshot.text, snapshot.language_id, rule, path)
        return await self._excerpt(ref, ref.kind, source, first, last, seen)

    async def _diagnostics(self, ref: ContextRef) -> Given:
        workspace = self._server.session.workspace
        uri = workspace.last_selection.uri if workspace.last_selection else None
        if ref.path is not None:
            files = context_candidates(ref.path, self._root, workspace.roots)
            uri = next((known for path in files if (known := workspace.uri_of(path))), ref.path)
        if uri is None:
            raise _not_selected(ref)
        selection = workspace.selections.get(uri)
        if selection is None:
            return Given(ref)
        first, last = (ref.start_line or 1) - 1, (ref.end_line or _EVERY_LINE) - 1
        shown = workspace.name_of(selection.uri)
        part = diagnostics_part(shown, first, last, selection.diagnostics)
        if part is None:
            return Given(ref)
        path = ruled_path(self._server, selection.uri)
        rule = await self._finder.rule(ref, path, shown) if path is not None else None
        return self._given_by(ref, [part], rule, path)

    async def _diff(self, ref: ContextRef) -> Given:
        if self._root is None:
            raise ContextRefused(ref, "no-diff", "says #diff, which needs a workspace folder under git.")
        if self._purpose == "watch":
            return Given(ref, pending=True)
        session = self._server.session
        try:
            diff = await working_diff(self._root, session.files.excluded)
        except PygptError as error:
            raise ContextRefused(ref, "no-diff", f"says #diff: {error.sentence}") from error
        if not diff.text.strip():
            raise ContextRefused(ref, "no-diff", f"says #diff, but {diff.nothing}.")
        if diff.left_out:
            self.excluded.append(diff.left_out_words)
            if self._purpose == "send":
                self._server.editor.tell("info", f"PyGPT: {diff.left_out_words}.")
        part = ContextPart("diff", self._root.name, 0, 0, diff.text.rstrip("\n"), 0, language_id="diff")
        given = self._given_by(ref, [part], None, None)
        files = tuple(Contribution(name) for name in diff.files)
        return given._replace(sources=files, note=diff.left_out_words)

    async def _excerpt(
        self, ref: ContextRef, kind: str, source: Source, first: int, last: int, seen: dict[str, set[int]]
    ) -> Given:
        await self._note_excerpt(source)
        parts = _excerpts(kind, source, first, last, seen.setdefault(source.shown, set()))
        return self._given_by(ref, parts, source.rule, source.path)

    async def _note_excerpt(self, source: Source) -> None:
        """What is watched is only counted, and masked nowhere."""
        if self._purpose != "watch":
            await self._server.session.secrets.excerpt_of(str(source.text))

    def _given_by(
        self, ref: ContextRef, parts: Sequence[ContextPart], rule: IgnoreRule | None, path: Path | None
    ) -> Given:
        known = path is not None and rule is not None and agreed(self._server, path, rule)
        blocks = tuple(render_part(part) for part in parts)
        return Given(ref, blocks, rule=rule, agreed=known, parts=tuple(parts), sources=sources_of(parts))


def _excerpts(kind: str, source: Source, first: int, last: int, have: set[int]) -> list[ContextPart]:
    """The lines as parts, without those in `have`, which an earlier line of the turn gave; adds to those."""
    parts: list[ContextPart] = []
    start = first
    while start <= last:
        if start in have:
            start += 1
            continue
        end = start
        while end < last and end + 1 not in have:
            end += 1
        lines = [line.rstrip("\r\n") for line in source.text.lines(start, end + 1)]
        part = ContextPart(kind, source.shown, start + 1, end + 1, "\n".join(lines), 0, source.language_id)
        if any(line.strip() for line in lines):
            parts.append(part)
        have.update(range(start, end + 1))
        start = end + 1
    return parts


def _not_selected(ref: ContextRef) -> ContextRefused:
    return ContextRefused(ref, "no-selection", f"says {ref.raw}, but nothing has been selected yet.")
