"""The cases of `true_secrets.txt` and `lookalikes.txt`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Case(NamedTuple):
    """A text with secrets; those between `⟦` and `⟧` in the file, none in a look-alike."""

    name: str
    kind: str
    text: str
    secret: str

    def __str__(self) -> str:
        return self.name


def _cases(name: str) -> list[Case]:
    found: list[Case] = []
    text = (HERE / name).read_text("utf-8")
    for part in re.split(r"^# ", text, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        title, _, kind = heading.partition(" | ")
        whole = body.removesuffix("\n").replace("␍", "\r").replace("␛", "\x1b").replace("¦", "")
        inside = re.search("⟦(.*)⟧", whole, re.DOTALL)
        plain = whole.replace("⟦", "").replace("⟧", "")
        found.append(Case(title, kind, plain, inside[1] if inside else ""))
    return found


TRUE_SECRETS = _cases("true_secrets.txt")
LOOKALIKES = _cases("lookalikes.txt")
