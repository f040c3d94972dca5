"""Whether a value has the shape of a secret: told from names, words, paths, hashes and stand-ins.

What looks like an example, a reference or a word for people stays as it is, since a model that does not see
it understands less. Must never be asked about a value whose place says nothing: most random texts are no
secrets.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pygpt_lsp.core.secrets.kinds import Kind

_PIECES: Final = re.compile(r"[^\W_]+")
_CAMEL: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^A-Za-z]+")
_NUMBERED: Final = re.compile(r"[A-Za-z]{2,}\d{1,3}|\d+[A-Za-z]{1,3}|v\d+")
_LONGEST_WORD: Final = 19

_STAND_INS: Final = frozenset(
    {"admin", "auth", "bar", "baz", "bearer", "blank", "changeit", "changeme", "default", "demo", "disabled"}
    | {"dummy", "empty", "enabled", "example", "fake", "false", "foo", "foobar", "guest", "hidden", "key"}
    | {"login", "mandatory", "masked", "mock", "mypass", "mypassword", "n/a", "name", "nil", "none", "null"}
    | {
        "off",
        "on",
        "optional",
        "pass",
        "passphrase",
        "passwd",
        "password",
        "postgres",
        "private",
        "pw",
        "pwd",
    }
    | {
        "redacted",
        "required",
        "root",
        "sample",
        "secret",
        "string",
        "test",
        "tester",
        "testing",
        "text",
        "todo",
    }
    | {"token", "true", "undefined", "unset", "user", "username", "value", "xxx", "yes"}
)
_STAND_IN: Final = re.compile(
    r"change.?(?:me|it|this)|placeholder|replace.?(?:me|with|this)|\byour?[-_ .]|yourkey|example|redacted"
    r"|insert[-_ ]|x{4}|\*{3}|\.{3}|…|•{3}|[-_]here\b|dummy|not[-_]?(?:a[-_])?(?:real|secret)|pygpt_secret",
    re.IGNORECASE,
)
_REFERENCE: Final = re.compile(
    r"\$\{|\$\(|\{\{|\}\}|#\{|%\(|<[%\w]|\{[\w.:!\[\]'\"]*\}|^[%@]\w+%?$|^\$+\w+$|^%[sdr]$|^<.*>$|^env[:.]|^(?:os|process)\."
)
_CODE: Final = re.compile(r"[\w.\])]\(|\w\[|->|=>|::|\[\^?\w-\w|\\[dsw]")  # calls, patterns
_HASH: Final = re.compile(
    r"(?:sha(?:1|224|256|384|512)|md5|pbkdf2\w*|bcrypt\w*|scrypt|argon2\w*|crypt)[-:$=]"
    r"|\$(?:2[abxy]?|1|5|6|7|y|argon2\w*|pbkdf2\S*|scrypt)\$|\{[A-Z0-9-]{3,}\}",
    re.IGNORECASE,
)
_PLACE: Final = re.compile(
    r"[\w+.-]+://|data:|(?:~|\.{1,2})?[/\\][\w.@-]+(?:[/\\][\w.@ -]*)*$|[A-Za-z]:[\\/]|arn:|projects/|vault:|ssm:|op://"
    r"|[\w./-]+\.(?:pem|key|crt|cer|p12|pfx|jks|json|ya?ml|toml|txt|env|ini|conf|cfg|xml|html?|[jt]sx?|py|rb|go|rs|java|php)$",
    re.IGNORECASE,
)
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_VALIDATION: Final = frozenset(
    {"confirmed", "encrypted", "hashed", "max", "min", "nullable", "regex", "required", "string", "varchar"}
)
_NOT_PASSWORDS: Final = frozenset(
    {
        "boolean",
        "buffer",
        "confirm",
        "current",
        "encoded",
        "encrypt",
        "failed",
        "forgot",
        "forgotten",
        "format",
    }
    | {
        "generated",
        "incorrect",
        "integer",
        "invalid",
        "kennwort",
        "locked",
        "manual",
        "missing",
        "motdepasse",
    }
    | {
        "number",
        "object",
        "passwort",
        "plain",
        "plaintext",
        "prompt",
        "protected",
        "random",
        "repeat",
        "reset",
    }
    | {"simple", "static", "strong", "unknown", "validate", "visible", "wrong"}
)
_STEM: Final = re.compile(r"pass|pwd|secret|token|key|kennwort|credential", re.IGNORECASE)
_PUNCTUATION: Final = " \t:*?!.,;…&="


def fits(kind: Kind, value: str, *, in_quotes: bool) -> bool:
    """Whether a value behind the name of a secret of that kind has the shape of one."""
    if kind == "PASSWORD":
        return is_password(value, in_quotes=in_quotes) or (in_quotes and is_passphrase(value))
    if kind == "TOKEN" and _UUID.fullmatch(value):
        return False  # they name something more often than they open something
    return is_token(value, shortest=8 if kind == "SECRET" else 12)


def is_random(value: str, *, least_distinct: int) -> bool:
    """Whether a value is no stand-in and not made of words and numbers; it has at least that many different
    characters."""
    if len(set(value)) < least_distinct or all(_is_word(piece) for piece in _PIECES.findall(value)):
        return False
    return _STAND_IN.search(value) is None


def is_token(value: str, *, shortest: int) -> bool:
    """Whether a value can be a key or a token: of some length, without spaces, and made by a machine."""
    if len(value) < shortest or not _is_one_word(value):
        return False
    return is_random(value, least_distinct=6) and not is_elsewhere(value)


def is_password(value: str, *, in_quotes: bool) -> bool:
    """Whether a value can be a password, as people or machines make them.

    A single word of small letters is one only `in_quotes`; elsewhere it is a name.
    """
    if not 5 <= len(value) <= 256 or not _is_one_word(value):
        return False
    if is_stand_in(value) or is_elsewhere(value) or value.startswith("^"):
        return False
    bare = value.strip(_PUNCTUATION)
    pieces = _PIECES.findall(bare)
    if not pieces or any(piece.lower() in _VALIDATION for piece in pieces):
        return False
    if any(map(str.isdigit, bare)):
        return _with_digits(bare, pieces)
    if _STEM.search(bare):
        return False
    if len(pieces) == 1 and pieces[0] == bare:
        if bare.islower():
            return in_quotes and len(bare) >= 6 and bare not in _NOT_PASSWORDS
        return not _is_word(bare) or _is_irregular(bare)
    # Words with signs between: names have one kind of sign, which joins them.
    signs = set(re.sub(r"[\w]", "", bare)) | ({"_"} if "_" in bare else set[str]())
    if len(signs) == 1 and signs <= set("-_./: \\|,"):
        return signs == {"-"} and len(pieces) >= 4 and bare.islower()
    return not signs <= set("-_./:[]()<>='\"")


def is_passphrase(value: str) -> bool:
    """Whether a value is words to be remembered: at least four of them, small letters and nothing else."""
    words = value.split(" ")
    return len(words) >= 4 and all(word.isalpha() and word.islower() for word in words)


def is_stand_in(value: str) -> bool:
    """Whether a value only shows where a secret belongs."""
    return value.lower() in _STAND_INS or len(set(value)) < 3 or _STAND_IN.search(value) is not None


def is_elsewhere(value: str) -> bool:
    """Whether a value says where a secret is to be found, or is the hash of one, and is none itself."""
    return (
        _REFERENCE.search(value) is not None
        or _HASH.match(value) is not None
        or (_PLACE.match(value) is not None and not _is_key_of_aws(value))
        or _CODE.search(value) is not None
    )


def _is_one_word(value: str) -> bool:
    """Whether a value has neither white space nor control characters."""
    return " " not in value and value.isprintable()


def _is_key_of_aws(value: str) -> bool:
    """Forty characters of base64, which may begin like a path."""
    return len(value) == 40 and value.count(".") == 0 and any(map(str.isdigit, value)) and not value.islower()


def _with_digits(value: str, pieces: list[str]) -> bool:
    """Whether a value with digits is a password, and no number, no version and no numbered name."""
    if value.isdigit():
        return len(value) >= 6
    if len(pieces) > 1 and all(_is_word(piece) for piece in pieces):
        signs = set(re.sub(r"\w", "", value))
        return not signs <= set("./:, ")
    return True


def _is_word(piece: str) -> bool:
    """Whether a piece of a name can be a word or a number, perhaps a word with a short number behind it."""
    if piece.isdigit():
        return True
    if piece.isalpha():
        return len(piece) <= _LONGEST_WORD or not _is_irregular(piece)
    return _NUMBERED.fullmatch(piece) is not None


def _is_irregular(letters: str) -> bool:
    """Whether letters change between large and small as no name does."""
    return len(_CAMEL.findall(letters)) > max(len(letters) / 3, 1)
