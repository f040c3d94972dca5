"""Lines of a private key in a diff: neither what they were nor what they are leaves, marker or not."""

from __future__ import annotations

import pytest

from pygpt_lsp.core.secrets.finding import find_secrets
from tests.core.test_secret_masking import Names, restored

LINES = [f"{'Qm9ndXMga2V5IG9m' * 3}{number:02}Gh7+/Xq{'ab3K' * 2}" for number in range(6)]
LAST = "Qm9ndXM9Xs=="
BEGIN, END = "-----BEG" + "IN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----"


def diff(*lines: str, ending: str = "\n") -> str:
    head = ["diff --git a/ö.pem b/ö.pem", "--- a/ö.pem", "+++ b/ö.pem", "@@ -4,5 +4,5 @@"]
    return "".join(f"{line}{ending}" for line in [*head, *lines])


IN_THE_MIDDLE = (f" {LINES[0]}", f"-{LINES[1]}", f"+{LINES[2]}", f" {LINES[3]}")
DIFFS = {
    "in the middle": diff(*IN_THE_MIDDLE),
    "in CRLF": diff(*IN_THE_MIDDLE, ending="\r\n"),
    "old lines alone": diff(f" {LINES[0]}", f"-{LINES[1]}", f"-{LINES[2]}", f" {LINES[3]}"),
    "indented": diff(*(f"{line[0]}    {line[1:]}" for line in IN_THE_MIDDLE)),
    "in strings": diff(*(f'{line[0]}    "{line[1:]}\\n" +' for line in IN_THE_MIDDLE)),
    "in two hunks": diff(*IN_THE_MIDDLE, "@@ -40,3 +40,3 @@", f"-{LINES[4]}", f"+{LINES[5]}"),
    "at the beginning": diff(f" {BEGIN}", f"-{LINES[0]}", f"+{LINES[1]}", f" {LINES[2]}"),
    "at the end": diff(f" {LINES[0]}", f"-{LINES[1]}", f"+{LINES[2]}", f"-{LAST}", "+Qm9ndA==", f" {END}"),
    "another key": diff(*(f"{sign}{line}" for sign in "-+" for line in (BEGIN, *LINES, LAST, END))),
    "without a last line ending": diff(
        f" {LINES[0]}", f"-{LINES[1]}", f"-{END}", "\\ No newline at end of file", f"+{LINES[2]}", f"+{END}"
    ),
}


@pytest.mark.parametrize("text", DIFFS.values(), ids=DIFFS)
def test_no_line_of_a_key_in_a_diff_leaves_and_all_come_back(text: str) -> None:
    names = Names()

    away = names.mask(text)

    assert not [line for line in (*LINES, LAST) if line[10:] in away]
    assert restored(away, names.secrets) == text
    assert away.startswith("diff --git a/ö.pem")


def test_what_a_diff_shows_beside_lines_of_a_key_stays() -> None:
    text = diff(" def ö():", *IN_THE_MIDDLE, " " + "return_some_name_that_is_long_enough", f" {LINES[4]}")

    found = {text[each.start : each.end] for each in find_secrets(text)}

    assert found == set(LINES[:4])  # one line of base64 by itself can be anything
