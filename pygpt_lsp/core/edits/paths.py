"""Which file a line of an answer names, in any of the dresses that models give a path.

A path is taken only from a line that holds nothing else but its dress: a label, emphasis, a remark. Must
never take one out of the middle of a sentence, nor a web address, a version or a word with a slash in it.
Paths are not looked up here, and `..`, `~` and absolute ones are passed on.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pygpt_lsp.core.edits.file_kinds import SPOKEN, extension, is_known_name, words

# Longer lines are no path; so no pattern below ever sees a long text.
_LONGEST = 400

_LEAD = re.compile(r"(?:#{1,6}\s+|[-*+]\s+|\(?\d{1,3}[.)]\s+|>\s+)+")
_SYMBOLS = re.compile(r"[^\w\s!-~]+\s*")
_LABEL = re.compile(
    r"(?:(?:the|a|new|updated|modified|changed|full|complete|whole|entire|existing)\s+)*"
    r"(?:file\s*name|filename|file\s*path|filepath|file|path|create|add)(?:\s+\d{1,3})?\s*[:：]?\s+",
    re.IGNORECASE,
)
_SAYS_FILE = re.compile(r"file|path|[:：]", re.IGNORECASE)
# Words after which a block is an edit of the file, or a part of it.
_EDIT_LABEL = re.compile(
    r"(?:in|update|edit|modify|change|changes\s+(?:in|to|for)|replace|patch|fix|then)\s*(?:the\s+)?(?:file)?[:：]?\s+",
    re.IGNORECASE,
)
_TOKEN = re.compile(
    r"(?P<ticks>`+)(?P<code>[^`]+)(?P=ticks)|\"(?P<double>[^\"]+)\"|'(?P<single>[^']+)'"
    r"|\[`?(?P<link>[^\]`]+)`?\]\([^)\s]*\)|(?P<bare>[^\s`\"']+)"
)
_NOTE = re.compile(r"\s*(?:[(\[](?P<closed>[^()\[\]]*)[)\]]|\s(?:--?|[–—:])\s*(?P<open>[\w\s,-]*))\s*")
_WHOLE_WORDS = words(
    """a add added changed complete completely create created edited entire file final full modified new
    rewritten the to updated version whole"""
)
_ALL_OF_IT = {"complete", "entire", "full", "whole"}
_LINES = re.compile(r"(?:#L\d+(?:-L?\d+)?|:\d+(?:[-:,]\d+)*)\Z")
_CITATION = re.compile(r"\d+:\d+:(.+)")
_COMMENTS = (
    (re.compile(r"<!--+(.*?)--+>"), True),
    (re.compile(r"\{?/\*+(.*?)\*+/\}?"), True),
    (re.compile(r"\(\*(.*?)\*\)"), True),
    (re.compile(r"(?:#+|//+!?|--|;+|%+|REM\b|\")(?!!)(.*)"), False),
)
_ATTRIBUTE = re.compile(
    r"\b(title|filename|file_name|filepath|file|path|name)\s*[=:]\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s,}\"']+))",
    re.IGNORECASE,
)
_MEDIA_TYPE = re.compile(r"(?:application|audio|font|image|model|multipart|text|video)/[\w.+*-]+")
_NEVER_IN_PATHS = re.compile(r"\A\Z|://|[<>|?*\"=;,`\x00-\x1f]")
_COMMANDS = words(
    """bash cargo cat cd chmod code cp curl delete deno docker dotnet get git go head java kubectl ls make
    mkdir mv nano node npm npx patch php pip pnpm poetry post powershell put pytest python python3 rm
    ruby run rustc sh source sudo tail touch ts-node uv vim wget yarn"""
)
_HAS_ENDING = re.compile(r"[^.].*\.[A-Za-z][\w+-]{0,14}|\.[A-Za-z][\w.-]+")
_NO_ENDINGS = frozenset(["com", "net", "org", "io", "ai", "dev", "co"])


class Named(NamedTuple):
    """A file that a line names. `sure` if it can be nothing else; `part` if the line says that what follows
    is a part of the file or an edit; `whole` if it says that it is all of it."""

    path: str
    sure: bool = True
    part: bool = False
    whole: bool = False


def normalised(path: str) -> str:
    """`path` with `/` between its parts and without `./` before them."""
    path = path.strip().replace("\\", "/")
    while path.startswith("./"):
        path = path[2:].lstrip("/")
    return path


def path_in_line(line: str) -> Named | None:
    """The file that `line` names, None if it says anything else besides."""
    if len(line) > _LONGEST:
        return None
    text = line.replace("**", "").strip()
    lead = _LEAD.match(text)
    text = text[lead.end() :] if lead else text
    symbols = _SYMBOLS.match(text)
    text = text[symbols.end() :] if symbols else text
    if len(text) > 2 and text[0] == text[-1] == "*":
        text = text[1:-1]
    text = text.rstrip(" \t:：")
    label = _LABEL.match(text) or _EDIT_LABEL.match(text)
    if label and (named := _named(text[label.end() :], labelled=bool(_SAYS_FILE.search(label[0])))):
        return named._replace(part=named.part or label.re is _EDIT_LABEL)
    return _named(text, labelled=False)


def path_in_comment(line: str, language: str = "") -> Named | None:
    """The file that `line`, the first of a block of `language`, names in a comment of its own."""
    text = line.strip()
    if len(text) > _LONGEST:
        return None
    for pattern, closed in _COMMENTS:
        if match := pattern.fullmatch(text):
            if not closed and language in {"markdown", "md", "mdx"}:
                return None
            inside = match[1].strip()
            # What a comment says besides is prose.
            return None if inside[:1] in {"#", "-", "*"} else path_in_line(inside)
    return None


def path_in_info(info: str) -> Named | None:
    """The file that the info string of a fence names: `python src/app.py`, `python:src/app.py`,
    `src/app.py`, `python title="src/app.py"`."""
    info = info.strip()
    if not info or len(info) > _LONGEST:
        return None
    if citation := _CITATION.match(info):
        named = path_in_line(citation[1])
        return named and named._replace(part=True)
    if attribute := _ATTRIBUTE.search(info):
        key, *values = attribute.groups()
        value = next(filter(None, values), "")
        if found := _named(f"`{value}`", labelled=key.lower() not in {"name", "title"}):
            return found
    words = info.split(maxsplit=1)
    language, colon, rest = words[0].partition(":")
    if colon and rest and re.fullmatch(r"[\w+#-]{2,}", language):
        return path_in_line(info[len(language) + 1 :])
    named = path_in_line(info)
    if named and named.sure and re.search(r"[./]", named.path):
        return named
    return path_in_line(words[1]) if len(words) > 1 else None


def path_in_sentence(line: str) -> str:
    """The one file in backticks of a line of prose that ends with a colon; "" where it names none or two."""
    text = line.strip().rstrip("*")
    if len(text) > _LONGEST or not text.endswith((":", "：")):
        return ""
    found = {
        named.path
        for code in re.findall(r"`([^`]+)`", text)
        if (named := _named(f"`{code}`", labelled=False)) and named.sure
    }
    return found.pop() if len(found) == 1 else ""


def paths_mentioned(line: str) -> set[str]:
    """What looks like the path of a file anywhere in a line of prose."""
    words = (word.strip("`'\"()[]*,;:") for word in line[:_LONGEST].split())
    return {
        normalised(word)
        for word in words
        if extension(word) and not _NEVER_IN_PATHS.search(word) and is_known_name(word.rpartition("/")[2])
    }


def _named(text: str, *, labelled: bool) -> Named | None:
    token = _TOKEN.match(text)
    if token is None:
        return None
    rest = text[token.end() :]
    note = _NOTE.fullmatch(rest) if rest.strip() else None
    if rest.strip() and note is None:
        return None
    remark = re.findall(r"[\w']+", (note["closed"] or note["open"] or "").lower()) if note else []
    is_part = not _WHOLE_WORDS.issuperset(remark)
    if is_part and note and note["open"] is not None:
        return None
    bare = token["bare"]
    path = bare or token["code"] or token["double"] or token["single"] or token["link"]
    path = path.rstrip(":") if bare else path
    lines = _LINES.search(path)
    path = path[: lines.start()] if lines else path
    dressed = bare is None
    sure = _sureness(path.strip(), dressed=dressed, labelled=labelled)
    if sure is None:
        return None
    is_part = is_part or lines is not None
    return Named(normalised(path), sure, is_part, whole=not is_part and not _ALL_OF_IT.isdisjoint(remark))


def _sureness(path: str, *, dressed: bool, labelled: bool) -> bool | None:
    """Whether `path` is certainly one; None if it is none."""
    if (
        _NEVER_IN_PATHS.search(path)
        or path.startswith(("www.", "mailto:"))
        or path.endswith(("/", "\\", "."))
    ):
        return None
    clean = normalised(path)
    folder, slash, name = clean.rpartition("/")
    has = extension(clean)
    if re.search(r"\s", clean) and (not dressed or not has or _is_command(clean)):
        return None
    if not slash:
        if re.search(r"[(){}$:&!%^]", clean) or not re.search(r"\w", clean):
            return None
        if is_known_name(clean) or (dressed and (labelled or clean in SPOKEN)) or clean != path:
            return True
        return False if _HAS_ENDING.fullmatch(clean) and has not in _NO_ENDINGS else None
    if (_MEDIA_TYPE.fullmatch(clean) and not is_known_name(name)) or not name or "//" in clean[1:]:
        return None
    if is_known_name(name) or _HAS_ENDING.fullmatch(name):
        return True
    if extension(folder.partition("/")[0]) in _NO_ENDINGS or name.startswith(("(", "{", "$")):
        return None
    explicit = labelled or path.startswith(("./", ".\\"))
    return explicit or (dressed and not clean.startswith("/"))


def _is_command(text: str) -> bool:
    first, *rest = text.lower().split() or [""]
    return first in _COMMANDS or any(word.startswith("-") for word in rest)
