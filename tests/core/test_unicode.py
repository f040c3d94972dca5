"""Text that can always be encoded, and text that cannot steer a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given

from pygpt_lsp.core.unicode import visible, well_formed
from tests.support.history_kit import ANY_TEXT


@given(ANY_TEXT)
def test_well_formed_text_is_utf8_and_everything_else_stays(text: str) -> None:
    assert well_formed(text).encode().decode() == well_formed(text)
    without = "".join(character for character in text if not "\ud800" <= character <= "\udfff")
    assert well_formed(without) == without


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\ud800b", "a\ufffdb"), ("\udc00", "\ufffd"), ("\ud83d\ude00", "😀"), ("ö😀\0", "ö😀\0")],
)
def test_half_a_pair_is_replaced_and_a_whole_pair_joined(text: str, expected: str) -> None:
    assert well_formed(text) == expected


@pytest.mark.parametrize(
    "bad", ["\x1b", "\r", "\n", "\0", "\x7f", "\x9b", "\u2028", "\u202e", "\u2066", "\ud800"]
)
def test_nothing_that_steers_a_terminal_comes_through(bad: str) -> None:
    assert visible(f"a{bad}b") == "a\ufffdb"


def test_words_in_every_script_and_what_is_asked_for_come_through() -> None:
    assert visible("größe 你好 👩‍💻 שלום\n\tx", keep="\n\t") == "größe 你好 👩‍💻 שלום\n\tx"
