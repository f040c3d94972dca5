"""What of a server's own words may be shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.services.scrub import scrub

KEY = "qX7-canary-key-with-no-usual-form"


@pytest.mark.parametrize(
    "message",
    [
        "sk-proj-abcdefgh",
        "sk-ab**********wxyz",
        "abcd****wxyz",
        "Bearer anything.at-all/really",
        "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6",
        f"<{KEY}>",
        KEY[3:12],
    ],
)
def test_what_looks_like_a_key_is_taken_out(message: str) -> None:
    assert scrub(f"Key {message} refused", key=KEY, texts=[]).replace("<", "").replace(">", "") in (
        "Key … refused",
        "Key…refused",
        "Key …refused",
        "Key… refused",
    )


@pytest.mark.parametrize(
    "message",
    [
        "The model `gpt-5.5-2026-01-01` does not exist.",
        "Unsupported value: 'temperature' does not support 0.2 with this model.",
        "This model's maximum context length is 128000 tokens.",
        "Größe überschritten 😀",
    ],
)
def test_ordinary_words_stay(message: str) -> None:
    assert scrub(message, key=KEY, texts=["def f():\n    return 1"]) == message


def test_a_message_becomes_one_short_line() -> None:
    shown = scrub("line\r\n\tline\u2028line\x00" + "x " * 500, key=KEY, texts=[])
    assert shown.startswith("line line line x x")
    assert len(shown) <= 200
    assert shown.endswith("…")


@given(st.text(max_size=60), st.text(max_size=30), st.text(max_size=30))
def test_no_piece_of_a_prompt_is_shown(prompt: str, before: str, after: str) -> None:
    shown = scrub(f"{before}{prompt}{after}", key=KEY, texts=[prompt])
    said = " ".join(prompt.split())
    windows = {said[start : start + 12] for start in range(len(said) - 11)}
    assert not any(window in shown for window in windows)


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_piece_of_the_key_is_shown(before: str, after: str) -> None:
    shown = scrub(f"{before}{KEY}{after}", key=KEY, texts=[])
    assert not any(KEY[start : start + 6] in shown for start in range(len(KEY) - 5))
