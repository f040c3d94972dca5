"""What stands against sending a chat, as diagnostics in it: quietly, and never in code.

What is found here is what the request would meet: a context line that it refuses, a name that stands for
nothing, a front matter that cannot be used, more than the user's limit, no key.
"""

from __future__ import annotations

import asyncio
import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lsprotocol import types

from pygpt_lsp.core.chat import is_front_matter_open
from pygpt_lsp.core.chat_escape import special_lines
from pygpt_lsp.core.chat_mentions import prompt_like, question_line
from pygpt_lsp.core.positions import Position, Range
from pygpt_lsp.lsp.chat_links import references
from pygpt_lsp.lsp.chat_measure import measure_chat
from pygpt_lsp.lsp.convert import range_to_lsp
from pygpt_lsp.services.api_key import surely_no_key
from pygpt_lsp.services.front_matter import front_matter_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pygpt_lsp.core.chat import ChatTurn
    from pygpt_lsp.core.chat_context import ContextRef
    from pygpt_lsp.lsp.chat_cache import ParsedChat
    from pygpt_lsp.lsp.chat_measure import Measure
    from pygpt_lsp.lsp.server import PygptServer

SOURCE: Final = "pygpt"
_MOST: Final = 200
_WARNING = types.DiagnosticSeverity.Warning
_INFORMATION = types.DiagnosticSeverity.Information
_HINT = types.DiagnosticSeverity.Hint
_HEADING = re.compile(r"[\r\n] {0,3}##[ \t]+(?:user|assistant)[ \t]*(?![^\r\n])", re.IGNORECASE | re.ASCII)
_NO_KEY: Final = (
    "There is no API key: set OPENAI_API_KEY in the editor's environment, "
    "or `api_key_command` in your settings."
)
_INLINE = re.compile(
    r"^[ \t]*[^\s>#`][^\n`]*?[ \t]"
    r"(?P<ref>#(?:file|symbol):[^\s`]+|#(?:selection|buffer|diagnostics|diff)(?![\w-]))",
    re.MULTILINE,
)
_PRESET = re.compile(r"[\"']?preset[\"']?[ \t]*:")
_remembered_problems = lru_cache(maxsize=32)(front_matter_problems)


async def chat_diagnostics(
    server: PygptServer, parsed: ParsedChat, measure: Measure | None = None
) -> list[types.Diagnostic]:
    """The diagnostics of an open chat, from its top to its end."""
    measure = measure or await measure_chat(server, parsed)
    # In a thread, since the first time a library is loaded.
    front = await asyncio.to_thread(_remembered_problems, parsed.chat.front_matter)
    page = _Page(server, parsed)
    found = [
        page.line(
            problem.line + 1,
            problem.kind,
            problem.sentence,
            _HINT if problem.kind == "unknown-key" else _WARNING,
        )
        for problem in front
    ]
    found += [*page.structure(), *page.context(measure), *page.request(measure)]
    return sorted(found[:_MOST], key=lambda each: (each.range.start.line, each.range.start.character))


class _Page:
    """Makes diagnostics of one chat at one version."""

    def __init__(self, server: PygptServer, parsed: ParsedChat) -> None:
        self._server = server
        self._parsed = parsed
        self._text = parsed.snapshot.text
        users = [turn for turn in parsed.chat.turns if turn.role == "user"]
        self._last: ChatTurn | None = users[-1] if users else None

    def structure(self) -> Iterator[types.Diagnostic]:
        """What hides a part of the chat."""
        chat, text = self._parsed.chat, self._parsed.text
        if chat.front_matter is None and is_front_matter_open(text):
            yield self.line(0, "front-matter", "This front matter has no end: close it with a line `---`.")
        yield from self._inline()
        fence = chat.open_fence_line
        if fence is not None and _HEADING.search(text, self._text.offset_at(Position(fence, 0))):
            yield self.line(
                fence, "open-fence", "This code fence is never closed and hides the headings below: close it."
            )

    def _inline(self) -> Iterator[types.Diagnostic]:
        """What looks like context in the middle of a line of the last question, where it is text."""
        if self._last is None:
            return
        start = self._last.body_start
        written = self._parsed.text[start : self._last.body_end]
        fences = [line.start for line in special_lines(written) if line.kind in {"open", "close"}]
        for match in _INLINE.finditer(written):
            if bisect_right(fences, match.start()) % 2 == 0:
                first, end = (self._text.position_at(start + offset) for offset in match.span("ref"))
                sentence = f"Within a line this is text. To send it, put it into its own: > {match['ref']}"
                yield self._at(Range(first, end), "inline-context", sentence, _INFORMATION)

    def context(self, measure: Measure) -> Iterator[types.Diagnostic]:
        """What context lines cannot give, or not without a question first."""
        places = dict(references(self._parsed))
        for given in measure.given:
            span = places.get(given.ref) or self._whole(given.ref.line)
            if given.refused is not None:
                yield self._at(span, given.refused.problem, given.refused.here)
            elif given.rule is not None and not given.agreed:
                because = f"{_named(given.ref)} is excluded by {given.rule.words}."
                sentence = f"You are asked before this is sent: {because}"
                yield self._at(span, "ignored", sentence, _INFORMATION)

    def request(self, measure: Measure) -> Iterator[types.Diagnostic]:
        """What stands against the request as a whole."""
        session, settings = self._server.session, self._server.session.settings
        if measure.choice is not None:
            yield self.line(self._preset_line(), "unknown-preset", measure.choice)
        if measure.mention is not None:
            yield self.line(measure.mention.line, "unknown-mention", measure.mention.here)
        if self._last is None:
            return
        prompts = session.prompts.prompts(session.workspace.root_of_document(self._parsed.snapshot.uri))
        if measure.mention is None and (name := prompt_like(self._last.question, prompts)):
            sentence = f"There is no prompt {name}, so this is sent as text."
            yield self.line(question_line(self._last), "unknown-mention", sentence, _INFORMATION)
        heading = self._last.heading_line
        ceiling = settings.max_input_tokens
        if measure.tokens > ceiling:
            size = f"About {measure.tokens:,} tokens would be sent"
            yield self.line(
                heading, "too-large", f"{size}, more than your limit of {ceiling:,} (max_input_tokens)."
            )
        address = "" if session.offline else settings.base_url
        if address and surely_no_key(session.env, settings.api_key_command, address):
            yield self.line(heading, "no-api-key", _NO_KEY, _INFORMATION)

    def line(
        self, line: int, code: str, sentence: str, severity: types.DiagnosticSeverity = _WARNING
    ) -> types.Diagnostic:
        """A diagnostic of a whole line (0-based), clamped to the text."""
        return self._at(self._whole(min(line, self._text.line_count - 1)), code, sentence, severity)

    def _at(
        self, span: Range, code: str, sentence: str, severity: types.DiagnosticSeverity = _WARNING
    ) -> types.Diagnostic:
        where = range_to_lsp(self._text, span, self._server.encoding)
        return types.Diagnostic(where, sentence, severity=severity, code=code, source=SOURCE)

    def _whole(self, line: int) -> Range:
        content = self._text.line_content(line)
        start = len(content) - len(content.lstrip())
        return Range(Position(line, start), Position(line, len(content)))

    def _preset_line(self) -> int:
        lines = (self._parsed.chat.front_matter or "").split("\n")
        return 1 + next((index for index, line in enumerate(lines) if _PRESET.match(line)), 0)


def _named(ref: ContextRef) -> str:
    return ref.path or f"what {ref.raw} means"
