"""The secrets in a text: by their form, by their place, by the name before them, and blocks of private keys.

Rules are written so that a text costs its length, whatever it holds: quantities are bounded, and a run of
characters is looked at from its beginning alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pygpt_lsp.core.secrets.assignments import by_name
from pygpt_lsp.core.secrets.formats import by_form
from pygpt_lsp.core.secrets.hunks import lines_in_hunks
from pygpt_lsp.core.secrets.key_blocks import key_blocks
from pygpt_lsp.core.secrets.kinds import Secret
from pygpt_lsp.core.secrets.places import by_place

if TYPE_CHECKING:
    from collections.abc import Iterable

STEM = "PYGPT_SECRET_"
"""How the names begin that stand for secrets; what holds one is no secret any more."""


_REST: Final = re.compile(r"\w+")


def find_secrets(text: str) -> list[Secret]:
    """The secrets in a text, in order, none touching another."""
    found = [*key_blocks(text), *lines_in_hunks(text), *by_form(text), *by_place(text), *by_name(text)]
    apart = _apart(_whole(text, secret) for secret in found)
    return [secret for secret in apart if STEM not in text[secret.start : secret.end]]


def _whole(text: str, secret: Secret) -> Secret:
    """The secret with the rest of its last word: what stands for it must end where a word ends."""
    rest = _REST.match(text, secret.end)
    return secret._replace(end=rest.end()) if rest is not None else secret


def _apart(found: Iterable[Secret]) -> list[Secret]:
    """Secrets that overlap or touch as one; its kind is that of the rule which comes first in `found`."""
    apart: list[tuple[int, Secret]] = []
    for rank, secret in sorted(enumerate(found), key=lambda each: (each[1].start, -each[1].end)):
        if apart and secret.start <= apart[-1][1].end:
            before, last = apart[-1]
            kind = secret.kind if rank < before else last.kind
            apart[-1] = (min(rank, before), Secret(last.start, max(last.end, secret.end), kind))
        else:
            apart.append((rank, secret))
    return [secret for _, secret in apart]
