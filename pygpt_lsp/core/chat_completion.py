"""What is being typed at a place of a chat document, where something can be offered for it.

    > #            a kind of context, or any file            (`mention`)
    > #file:       a file; so do #diagnostics: and #rules:   (`path`)
    > #symbol:     a definition, or the file it is in        (`symbol`)
    /  @           a prompt, a preset: where a question begins
    the front matter: a key, or the value of one

What is offered there is chosen elsewhere. Must never see anything in an answer, in a code fence, or in the
middle of prose: `C#`, `a/b`, an e-mail address.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from pygpt_lsp.core.chat_context import parse_context_line
from pygpt_lsp.core.chat_escape import open_fence

if TYPE_CHECKING:
    from pygpt_lsp.core.chat import ChatDocument, ChatTurn
    from pygpt_lsp.core.positions import Position
    from pygpt_lsp.core.text import TextSnapshot

Wish: TypeAlias = Literal["mention", "path", "symbol", "prompt", "preset", "key", "value"]

_BARE: Final = r"#(?:selection|buffer|diagnostics|diff)"
_CONTEXT: Final = re.compile(
    rf" {{0,3}}(?P<quote>>[ \t]*)?(?P<others>(?:{_BARE}[ \t]+)*)(?P<typed>#(?P<rest>.*))", re.IGNORECASE
)
_PATH: Final = re.compile(r"(?P<kind>file|diagnostics|rules):[ \t]*(?P<path>.*)", re.IGNORECASE)
_LINES: Final = re.compile(r":[0-9]*(?:-[0-9]*)?\Z")
_SYMBOL: Final = re.compile(
    r'symbol:[ \t]*(?:(?P<path>"(?:[^"\\]|\\.)*"|[^"].*?)(?<!:):(?!:))?(?P<name>[^\s:"\\]*(?:::[^\s:"\\]*)*)',
    re.IGNORECASE,
)
_MENTION: Final = re.compile(r"(?:@\S+[ \t]+(?=/))?(?P<typed>[/@](?P<name>\S*))")
_KEY: Final = re.compile(r"(?P<typed>[A-Za-z_]*)")
_VALUE: Final = re.compile(r"(?P<key>[A-Za-z_]+):[ \t]*(?P<typed>[\"']?(?P<value>.*))")
_COMMENT: Final = re.compile(r"\s+#.*|\s+\Z")
_REST_OF_KIND: Final = re.compile(r"[^\s:]*:?")
_REST_OF_MENTION: Final = re.compile(r"\S*")
_REST_OF_NAME: Final = re.compile(r'[^\s:"\\]*(?:::[^\s:"\\]*)*')
_REST_OF_KEY: Final = re.compile(r"[A-Za-z_]*(?::[ \t]*)?")
_REST_IN_QUOTES: Final = re.compile(r'(?:[^"\\]|\\.)*"')


class Wanted(NamedTuple):
    """What is being typed.

    On its line it stands from `start` up to the cursor, as `typed`; what is chosen replaces `start` to `end`
    (code points). `query` is what it is compared with. `about` is the kind of context that takes a path, the
    path that a symbol is looked for in, or the key whose value is typed; "" for none. `bare`: only what takes
    no path can be named there. `quoted`: the line has its `>` already. `glued`: no space stands before it.
    """

    wish: Wish
    start: int
    end: int
    typed: str
    query: str
    about: str = ""
    bare: bool = False
    quoted: bool = False
    glued: bool = False


def wanted_at(text: TextSnapshot, chat: ChatDocument, at: Position) -> Wanted | None:
    """What is being typed at a position of the chat document `text`, taken apart as `chat`; None: nothing."""
    content = text.line_content(at.line)
    before, after = content[: at.character], content[at.character :]
    index = chat.turn_at(at.line)
    if index is None:
        return _in_front_matter(before, after) if _is_front_matter(text, chat, at.line) else None
    turn = chat.turns[index]
    if turn.role != "user" or at.line < turn.body_start_line:
        return None
    wanted = _context(before, after) or _named(before, after)
    if wanted is None or (wanted.wish in {"prompt", "preset"} and not _begins_question(text, turn, at.line)):
        return None
    above = "".join(text.lines(turn.body_start_line, at.line))
    return None if open_fence(above) else wanted


def _context(before: str, after: str) -> Wanted | None:
    """A line of context up to the cursor."""
    line = _CONTEXT.fullmatch(before)
    if line is None:
        return None
    rest, start, end = line["rest"], line.start("typed"), len(before)
    quoted = line["quote"] is not None
    bare = bool(line["others"])
    if not bare and (path := _PATH.fullmatch(rest)):
        found = _path(path["path"], after)
        if found is None:
            return None
        query, length = found
        return Wanted("path", start, end + length, line["typed"], query, path["kind"].lower(), quoted=quoted)
    if not bare and (symbol := _SYMBOL.fullmatch(rest)):
        end += _length(_REST_OF_NAME, after)
        about = _unquoted(symbol["path"]) if symbol["path"] else ""
        return Wanted("symbol", start, end, line["typed"], symbol["name"], about, quoted=quoted)
    if re.search(r"[\s#:]", rest):  # a heading of Markdown, or a kind that there is not
        return None
    end += _length(_REST_OF_KIND, after)
    return Wanted("mention", start, end, line["typed"], rest, bare=bare, quoted=quoted)


def _path(path: str, after: str) -> tuple[str, int] | None:
    """What is looked for where `path` has been typed, and how much of what follows belongs to it; None where
    the line numbers are being typed."""
    if not path.startswith('"'):
        return None if _LINES.search(path) else (path, len(_LINES.sub("", after.rstrip())))
    if _REST_IN_QUOTES.match(path, 1):
        return None
    return _unquoted(path), _length(_REST_IN_QUOTES, after)


def _unquoted(path: str) -> str:
    """The path that a quoted one stands for, be the closing quote there or not."""
    if not path.startswith('"'):
        return path
    try:
        return str(json.loads(path if _REST_IN_QUOTES.fullmatch(path, 1) else f'{path}"', strict=False))
    except ValueError:  # in the middle of an escape
        return path[1:].replace("\\", "")


def _named(before: str, after: str) -> Wanted | None:
    """The name of a prompt or a preset up to the cursor, at the very start of a line."""
    match = _MENTION.fullmatch(before)
    if match is None:
        return None
    end = len(before) + _length(_REST_OF_MENTION, after)
    wish = "prompt" if match["typed"].startswith("/") else "preset"
    return Wanted(wish, match.start("typed"), end, match["typed"], match["name"])


def _begins_question(text: TextSnapshot, turn: ChatTurn, line: int) -> bool:
    """Whether only blank lines and lines of context stand above in the turn; see `chat_mentions`."""
    above = text.lines(turn.body_start_line, line)
    return all(not each.strip() or _is_context(each.rstrip("\r\n")) for each in above)


def _is_context(content: str) -> bool:
    refs = parse_context_line(content, 0)
    return bool(refs) and refs[0].kind != "unknown"


def _is_front_matter(text: TextSnapshot, chat: ChatDocument, line: int) -> bool:
    """Whether the line is in the front matter, be it that its end is not written yet."""
    if line == 0 or text.line(0).rstrip() != "---":
        return False
    above = [each.rstrip() for each in text.lines(1, line + 1)]
    return "---" not in above and (chat.front_matter is not None or all(above[:-1]))


def _in_front_matter(before: str, after: str) -> Wanted | None:
    """A key or a value up to the cursor."""
    if key := _KEY.fullmatch(before):
        return Wanted("key", 0, len(before) + _length(_REST_OF_KEY, after), before, key["typed"])
    value = _VALUE.fullmatch(before)
    if value is None or _COMMENT.search(value["value"]):
        return None
    comment = _COMMENT.search(after)
    end = len(before) + (comment.start() if comment else len(after))
    start = value.start("typed")
    glued = before[start - 1] == ":"
    return Wanted("value", start, end, value["typed"], value["value"], value["key"], glued=glued)


def _length(pattern: re.Pattern[str], text: str) -> int:
    match = pattern.match(text)
    return match.end() if match else 0
