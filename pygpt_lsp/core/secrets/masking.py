"""Placeholders for secrets: put in before a text is sent, and taken out where an edit is written.

A placeholder is a name like those of variables, `PYGPT_SECRET_AWS_3F9A21C4B0D1`, so a model treats it as one.
Its digits belong to the secret alone, whatever its kind. Without the key nothing of the secret can be found
from them, not even by trying passwords. Must never guess: a name that stands for nothing known stays.
"""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.secrets.finding import STEM, find_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from pygpt_lsp.core.secrets.kinds import Kind, Secret

_DIGITS: Final = 12
"""Hexadecimal digits: with a thousand secrets, two get the same ones once in 500 million workspaces."""
_LEAST_EVERYWHERE: Final = 8
"""Shorter secrets are masked only where something gives them away."""
_NAME: Final = re.compile(rf"{STEM}(?:(?!{STEM})\w)*")
_PARTS: Final = re.compile(rf"{STEM}(?P<kind>[A-Z_]+)_(?P<digits>[0-9A-F]{{{_DIGITS}}})")

INSTRUCTION: Final = (
    f"Names that begin with {STEM} stand for secrets that are not shown: keep each of them exactly as it is."
)
"""What a model is told where something was masked."""


def digits_of(secret: str, key: bytes) -> str:
    """The digits of a secret's placeholder: an HMAC (RFC 2104) with SHA-256, cut."""
    return hmac.digest(key, secret.encode(errors="surrogatepass"), "sha256").hex()[:_DIGITS].upper()


def placeholder(kind: Kind, digits: str) -> str:
    """The name that stands for a secret."""
    return f"{STEM}{kind}_{digits}"


def parts_of(name: str) -> tuple[str, str] | None:
    """Kind and digits of a placeholder; None where the name has not the form of one."""
    parts = _PARTS.fullmatch(name)
    return (parts["kind"], parts["digits"]) if parts is not None else None


def names_in(text: str) -> list[str]:
    """The names in a text that are placeholders or look like some, each once, in order."""
    return list(dict.fromkeys(_NAME.findall(text))) if STEM in text else []


def masked(text: str, found: Iterable[Secret], name_for: Callable[[str, Kind], str]) -> str:
    """The text with `name_for(secret, kind)` in place of each secret that was found in it."""
    parts: list[str] = []
    done = 0
    for start, end, kind in found:
        parts += [text[done:start], name_for(text[start:end], kind)]
        done = end
    return "".join([*parts, text[done:]])


def mask_all(texts: Sequence[str], key: bytes, names: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    """The texts with names for the secrets in any of them, and all names, those of `names` too.

    A secret is masked wherever it stands, in a message that quotes it say, if it is no part of a longer word
    and cannot be a word itself. Masking what is masked changes nothing.
    """
    given = dict(names)
    away = [_masked(text, key, given) for text in texts]
    telling = sorted(filter(is_telling, given), key=len, reverse=True)
    return [_masked_everywhere(text, telling, given) for text in away], given


def is_telling(secret: str) -> bool:
    """Whether a secret is masked wherever it stands; one that can be a word is not."""
    return len(secret) >= _LEAST_EVERYWHERE and not secret.isalpha()


def _masked(text: str, key: bytes, names: dict[str, str]) -> str:
    """The text with a name for each secret that is found in it; adds to `names`."""

    def name_for(secret: str, kind: Kind) -> str:
        if secret not in names:
            names[secret] = placeholder(kind, digits_of(secret, key))
        return names[secret]

    while found := find_secrets(text):  # again, since what stands around a secret reads differently then
        text = masked(text, found, name_for)
    return text


def _masked_everywhere(text: str, secrets: Sequence[str], names: Mapping[str, str]) -> str:
    for secret in secrets:
        if secret in text:
            where = re.compile(rf"(?<![A-Za-z0-9]){re.escape(secret)}(?!\w)")
            text = where.sub(lambda _, name=names[secret]: name, text)
    return text


def restored(text: str, secrets: Mapping[str, str], keep: Iterable[str] = ()) -> str:
    """The text with the secrets in place of their names; `secrets` has them by the digits of the names.

    Names in `keep`, and those that stand for none of these secrets, stay.
    """
    if STEM not in text:
        return text
    kept = set(keep)

    def secret(match: re.Match[str]) -> str:
        name = match.group()
        parts = parts_of(name)
        return name if name in kept or parts is None else secrets.get(parts[1], name)

    return _NAME.sub(secret, text)
