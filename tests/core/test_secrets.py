"""Secrets are found, exactly; what looks like one is left alone."""

from __future__ import annotations

import time

import pytest

from pygpt_lsp.core.secrets.finding import find_secrets
from pygpt_lsp.core.secrets.kinds import label_of
from tests.core.secrets.corpus import LOOKALIKES, TRUE_SECRETS, Case


@pytest.mark.parametrize("case", TRUE_SECRETS, ids=str)
def test_a_secret_is_found_and_nothing_around_it(case: Case) -> None:
    found = find_secrets(case.text)

    assert [case.text[each.start : each.end] for each in found] == [case.secret]
    assert [label_of(each.kind) for each in found] == [case.kind]


@pytest.mark.parametrize("case", LOOKALIKES, ids=str)
def test_a_look_alike_is_left_alone(case: Case) -> None:
    assert [case.text[each.start : each.end] for each in find_secrets(case.text)] == []


HOSTILE = [
    "password = '" * 20_000,
    "token" * 50_000,
    "key: " * 50_000,
    "password" + " " * 250_000,
    "://a:" * 50_000,
    "://" + "a" * 250_000 + ":",
    "sk-proj-" * 30_000,
    "eyJaaaaaaaa." * 20_000,
    "a-" * 120_000,
    "A" * 250_000,
    "-----BEGIN PRIVATE KEY-----\n" * 8_000,
    "-----END PRIVATE KEY-----\n" * 8_000,
    ("-----BEGIN PRIVATE KEY-----\n" + "A" * 64 + "\n") * 2_500,
    ("A" * 64 + "\n") * 4_000 + "-----END PRIVATE KEY-----",
    "secret: " + "x = " * 60_000,
    'password="' + "\\" * 250_000,
    "token=" + "a1" * 120_000,
    "Basic " * 40_000,
    "auth" + "=" * 250_000,
    "secret " * 35_000,
    "login " * 20_000 + "password x\n" * 10_000,
    "login password abcde1 #" * 50_000,
    "Basic+" * 40_000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_text_does_not_hold_up_the_search(text: str) -> None:
    began = time.process_time()

    find_secrets(text)

    assert time.process_time() - began < 5  # where time grew with the square, it would be minutes


@pytest.mark.parametrize("case", TRUE_SECRETS, ids=str)
def test_a_secret_that_only_begins_again_and_again_does_not_hold_up_the_search(case: Case) -> None:
    start = case.text.index(case.secret)
    for shown in (start, start + 5, start + len(case.secret) // 2):
        text = case.text[:shown] * (30_000 // max(shown, 1))
        began = time.process_time()

        find_secrets(text)

        assert time.process_time() - began < 2
