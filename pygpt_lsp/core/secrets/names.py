"""Which names are those of secrets: `db_password`, `apiKey`, `SECRET_KEY_BASE`, and not `password_field`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pygpt_lsp.core.secrets.kinds import Kind

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")

_PASSWORDS: Final = frozenset(
    {"kennwort", "passcode", "passphrase", "passwd", "passwort", "password", "psw", "pwd"}
    | {"dbpass", "requirepass", "userpass", "mnemonic"}
)
_SHORT_PASSWORDS: Final = frozenset({"pass", "pw"})
"""Those of passwords only where another word stands before."""
_KEYS: Final = frozenset(
    {"access", "account", "admin", "aes", "api", "app", "application", "auth", "client", "consumer", "crypto"}
    | {
        "deploy",
        "encryption",
        "hmac",
        "integration",
        "jwt",
        "license",
        "master",
        "private",
        "project",
        "root",
    }
    | {"secret", "server", "service", "session", "shared", "signing", "storage", "subscription", "webhook"}
    | {"write", "cookie"}
)
"""What makes a key one that opens something."""
_TOKENS: Final = frozenset(
    {"accesstoken", "apitoken", "authtoken", "bearertoken", "identitytoken", "registrytoken"}
)
_NO_TOKENS: Final = frozenset(
    {
        "begin",
        "bos",
        "cancel",
        "cancellation",
        "cls",
        "continuation",
        "current",
        "cursor",
        "end",
        "eos",
        "first",
    }
    | {
        "last",
        "lexer",
        "mask",
        "max",
        "min",
        "next",
        "num",
        "pad",
        "page",
        "parser",
        "peek",
        "prev",
        "previous",
    }
    | {"resume", "sep", "special", "start", "stop", "sync", "syntax", "unk", "csrf", "public"}
)
_ENDINGS: Final = frozenset(
    {
        "b64",
        "base",
        "base64",
        "data",
        "default",
        "dev",
        "development",
        "live",
        "local",
        "new",
        "old",
        "prod",
        "production",
    }
    | {"raw", "staging", "str", "string", "test", "value"}
)
"""What may stand behind such a name and changes nothing."""
_JOINED: Final = ("password", "passwd", "passwort", "passphrase")


@lru_cache(maxsize=2048)  # a text says the same names again and again
def kind_of_name(name: str) -> Kind | None:
    """What a variable, key or option of that name holds; None where it is no secret."""
    if "PYGPT_SECRET_" in name:
        return None
    words = [word.lower() for word in _WORDS.findall(name)]
    while words and (words[-1].isdigit() or (len(words) > 1 and words[-1] in _ENDINGS)):
        words.pop()
    if not words:
        return None
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last in _PASSWORDS or last.endswith(_JOINED) or (last in _SHORT_PASSWORDS and before):
        return "PASSWORD"
    if last == "secret" or last.endswith(("clientsecret", "appsecret")):
        return "SECRET"
    if last == "token" or last in _TOKENS:
        return None if before in _NO_TOKENS else "TOKEN"
    if last == "credential" or (last == "credentials" and before):
        return "SECRET"
    if last == "key":
        return _kind_of_key(words) if before in _KEYS else None
    if last.endswith("key") and last[:-3] in _KEYS | {"secretaccess", "sharedaccess", "xapi"}:
        return _kind_of_key([*words[:-1], last[:-3], "key"])
    return None


def _kind_of_key(words: list[str]) -> Kind:
    if "aws" in words or words[-3:-1] == ["secret", "access"] or "secretaccess" in words:
        return "AWS"
    if words[-2] == "account" or "azure" in words:
        return "AZURE"
    return "SECRET" if words[-2] in {"secret", "private", "signing", "encryption"} else "KEY"
