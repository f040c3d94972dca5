"""One pattern of an ignore file, translated to a regular expression that is never slow.

A repository is not trusted, and neither are the patterns it brings. Translated piece by piece, `*a*a*a*b`
makes a regular expression try every way to share a name out among its stars, which takes years for a long
name. But what a star leaves over, the next star can take: the first place where the text between two stars
fits is as good as any other. So each such piece is an atomic group, which is never tried again.

The rules are git's own (gitignore(5), and `wildmatch.c` where that is silent). Patterns and names are bytes,
as they are for git: `?` is one byte, and a name need not be UTF-8. Must never fail, whatever the pattern.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

_SPECIAL: Final = re.compile(rb"[*?\[\\]")
_STAR: Final = b"*"
_FOLDERS: Final = b"**/"
_ANYTHING: Final = b"**"
_NEVER: Final = rb"(?!)"
_SLASH: Final = ord("/")
_CLASSES: Final = {
    b"alnum": rb"[0-9A-Za-z]",
    b"alpha": rb"[A-Za-z]",
    b"blank": rb"[ \t]",
    b"cntrl": rb"[\x00-\x1f\x7f]",
    b"digit": rb"[0-9]",
    b"graph": rb"[!-~]",
    b"lower": rb"[a-z]",
    b"print": rb"[ -~]",
    b"punct": rb"[!-/:-@\[-`{-~]",
    b"space": rb"[ \t\n\r\x0b\x0c]",
    b"upper": rb"[A-Z]",
    b"xdigit": rb"[0-9A-Fa-f]",
}


def is_literal(glob: bytes) -> bool:
    """Whether the pattern matches its own text alone."""
    return _SPECIAL.search(glob) is None


def glob_to_regex(glob: bytes, *, folded: bool) -> bytes:
    """The regular expression, for `match` and with DOTALL, of what `glob` matches.

    `folded`: the names that are tried will be in lower case, and so is `glob`. The time a match takes grows
    with the length of the name times that of the pattern, no faster.
    """
    tokens = _tokens(glob, folded=folded)
    if tokens is None:
        return _NEVER
    to_the_end = tokens[-1:] != [_ANYTHING]
    first, *others = _split(tokens if to_the_end else tokens[:-1], _FOLDERS)
    parts = [_segments(first)]
    for number, group in enumerate(others, 1):
        fits = rb"(?:[^/]*/)*?" + _segments(group)
        # The last group has to reach the end of the name, so its first fit need not be the right one.
        parts.append(fits if to_the_end and number == len(others) else rb"(?>" + fits + rb")")
    return b"".join(parts) + (rb"\Z" if to_the_end else b"")


def _segments(tokens: list[bytes]) -> bytes:
    """Tokens without folders to skip: each part between slashes matches within one name."""
    return b"/".join(_segment(part) for part in _split(tokens, b"/"))


def _segment(tokens: list[bytes]) -> bytes:
    first, *others = (b"".join(piece) for piece in _split(tokens, _STAR))
    if not others:
        return first
    *middle, last = others
    return first + b"".join(rb"(?>[^/]*?" + piece + rb")" for piece in middle if piece) + rb"[^/]*" + last


def _split(tokens: list[bytes], separator: bytes) -> list[list[bytes]]:
    at = [-1, *(index for index, token in enumerate(tokens) if token == separator), len(tokens)]
    return [tokens[start + 1 : end] for start, end in pairwise(at)]


def _tokens(glob: bytes, *, folded: bool) -> list[bytes] | None:
    """Regular expressions of one byte each, slashes and the three kinds of stars; None: matches nothing."""
    special = _SPECIAL.search(glob)
    plain = special.start() if special else len(glob)
    tokens: list[bytes] = []
    at = 0
    while at < len(glob):
        character = glob[at : at + 1]
        if character == b"*":
            stars = at
            while glob[at : at + 1] == b"*":
                at += 1
            # git cuts off what comes before the first special character and matches the rest by itself. So
            # there `a**/b` is more than "other consecutive asterisks are regular asterisks".
            starts = stars in {0, plain} or glob[stars - 1] == _SLASH
            slash = re.match(rb"\\?/", glob[at:])
            if at - stars > 1 and starts and slash:
                tokens.append(_FOLDERS)
                at += slash.end()
            elif at - stars > 1 and starts and at == len(glob):
                tokens.append(_ANYTHING)
            else:
                tokens.append(_STAR)
        elif character == b"[":
            bracket = _bracket(glob, at + 1, folded=folded)
            if bracket is None:
                return None
            expression, at = bracket
            tokens.append(expression)
        elif character == b"?":
            tokens.append(rb"[^/]")
            at += 1
        else:
            if character == b"\\":
                at += 1
                character = glob[at : at + 1]
                if not character:
                    return None
            tokens.append(re.escape(character))
            at += 1
    return tokens


def _bracket(glob: bytes, at: int, *, folded: bool) -> tuple[bytes, int] | None:
    """The set whose `[` is before `at`, and where it ends. None where it does not, so matches nothing."""
    negated = glob[at : at + 1] in {b"!", b"^"}
    at += negated
    members: set[int] = set()
    before: int | None = None
    first = True
    while first or glob[at : at + 1] != b"]":
        first = False
        if at >= len(glob):
            return None
        named = re.compile(rb"\[:([^\]]*):\]").match(glob, at)
        if named is not None:
            known = _CLASSES.get(b"lower" if folded and named[1] == b"upper" else named[1])
            if known is None:
                return None
            members.update(byte for byte in range(256) if re.match(known, bytes([byte])))
            before, at = None, named.end()
            continue
        is_range = (
            glob[at : at + 1] == b"-" and before is not None and glob[at + 1 : at + 2] not in {b"", b"]"}
        )
        at += is_range
        at += glob[at : at + 1] == b"\\"
        if at >= len(glob):
            return None
        if is_range and before is not None:
            members.update(range(before, glob[at] + 1))
            before = None
        else:
            before = glob[at]
            members.add(before)
        at += 1
    members = (set(range(256)) - members if negated else members) - {_SLASH}
    if not members:
        return _NEVER, at + 1
    return b"[" + b"".join(rb"\x%02x" % byte for byte in sorted(members)) + b"]", at + 1
