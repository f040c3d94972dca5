"""What it costs to look for secrets in what is about to be sent."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from pygpt_lsp.core.secrets.finding import find_secrets
from tests.bench.report import Measure
from tests.core.secrets.corpus import LOOKALIKES, TRUE_SECRETS

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.bench

SECTION = "Secrets"
CHARACTERS = 1_000_000
RUNS = 7

CODE = '''\
class Client{0}:
    """Asks for ö, with a token for each request 😀."""

    def __init__(self, password: str, *, api_key: str | None = None, keys: dict[str, str]) -> None:
        self._password = password
        self._api_key = api_key or os.environ["API_KEY_{0}"]
        self.next_token = keys.get("token") if keys else "https://example.org/{0}?page=2"

    def lines(self, first: int, last: int) -> Iterator[str]:
        """The lines from `first` to `last`, without their endings."""
        for number, line in enumerate(self._text.splitlines(), 1):
            if first <= number <= last:
                yield line.rstrip("\\r\\n")

'''
"""Code that speaks of secrets and holds none, as code about them does."""


def repeated(text: str) -> str:
    return (text * (CHARACTERS // len(text) + 1))[:CHARACTERS]


TEXTS = {
    "of code": "".join(CODE.format(number) for number in range(CHARACTERS // len(CODE) + 1))[:CHARACTERS],
    "of one line of base64": repeated("QUtJQTEyMzQ1Njc4OTBhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg+/"),
    "full of secrets and look-alikes": repeated("\n".join(case.text for case in TRUE_SECRETS + LOOKALIKES)),
}


@pytest.mark.parametrize("what", TEXTS)
def test_a_megabyte_is_looked_through_within_a_tenth_of_a_second(
    what: str, record: Callable[[str, Measure], None]
) -> None:
    text = TEXTS[what]
    took: list[float] = []  # of this process alone: nothing is waited for
    found = find_secrets(text)
    for _ in range(RUNS):
        began = time.process_time()
        found = find_secrets(text)
        took.append((time.process_time() - began) * 1e3)
    assert bool(found) == (what == "full of secrets and look-alikes")
    most = 100 if what != "full of secrets and look-alikes" else None
    record(SECTION, Measure(f"1 MB {what}", min(took), "ms", most=most))
