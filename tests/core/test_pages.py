"""Pages say what they are in their first line, show any text as text, and are read back as written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.history_page import Entry, Excerpt, entry_at, parse_page, render_page
from pygpt_lsp.core.models_page import model_at, models_on, render_models
from pygpt_lsp.core.pages import PageMark, mark_line, one_line, prose, read_mark, unescaped
from pygpt_lsp.core.unicode import well_formed
from tests.support.history_kit import ANY_TEXT

IDS = st.text("abcdefghijkmnpqrstuvwxyz23456789", min_size=8, max_size=8)
NAMES = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=40)
HOSTILE = [
    *("## User", "[x](http://y)", "![x](y)", "a\n# b", "`id` · ", "\x1b[31m"),
    *("<!-- -->", "\\", "]", "\u202eö 😀", ""),
]
TITLES = ANY_TEXT | st.sampled_from(HOSTILE)


@given(ANY_TEXT)
def test_the_first_line_says_what_a_page_is_and_was_made_from(note: str) -> None:
    line = mark_line("history", note)
    assert read_mark(line) == PageMark("history", well_formed(note))
    assert "\n" not in line
    assert line.count("-->") == 1


@pytest.mark.parametrize(
    "line", ["", "---", "# History", "<!-- pygpt: stopped -->", "<!-- pygpt: other page -->", "x" * 20_000]
)
def test_any_other_first_line_makes_no_page(line: str) -> None:
    assert read_mark(line) is None


@given(ANY_TEXT)
def test_text_on_a_page_is_one_line_and_can_be_had_back(text: str) -> None:
    assert unescaped(prose(text)) == one_line(text)
    assert "\n" not in prose(text)


def test_a_name_can_be_copied_from_a_pages_source_and_marks_nothing() -> None:
    assert prose("max_input_tokens, /home/ö_1/a") == "max_input_tokens, /home/ö_1/a"
    assert prose("_a_ __init__ a__b") == r"\_a\_ \_\_init\_\_ a\_\_b"


@given(st.lists(st.tuples(IDS, TITLES, st.none() | NAMES, TITLES), max_size=5), ANY_TEXT)
def test_every_entry_is_read_back_from_the_page(
    written: list[tuple[str, str, str | None, str]], query: str
) -> None:
    entries = [
        Entry(name, title, "2026-11-22 20:10", "gpt-5.5", 2, (Excerpt("user", said, ((0, 1),)),), chat)
        for name, title, chat, said in written
    ]
    lines = render_page(query, entries).splitlines(keepends=True)
    found = parse_page(lines)
    assert [entry.id for entry in found] == [name for name, *_ in written]
    for entry, (_, title, chat, _) in zip(found, written, strict=True):
        shown = one_line(title) or "Chat"
        assert entry.title == (shown if len(shown) <= 100 else f"{shown[:99]}…")
        assert (entry.link and entry.link[2]) == chat
        assert entry_at(found, entry.first_line) == entry_at(found, entry.end_line - 1) == entry
    assert entry_at(found, 0) is None


def test_a_link_covers_the_title_and_leads_to_the_chat() -> None:
    entry = Entry("abcd2345", "Grüße 😀 [a]", "now", "m", 1, chat="chats/ö (1).chat.md")
    (found,) = parse_page(lines := render_page("", [entry]).splitlines())
    assert lines[found.first_line] == "## [Grüße 😀 \\[a\\]](chats/%C3%B6%20%281%29.chat.md)"
    assert found.link is not None
    start, end, target = found.link
    assert lines[found.first_line][start:end] == "Grüße 😀 \\[a\\]"
    assert target == "chats/ö (1).chat.md"


def test_the_words_that_were_looked_for_are_marked() -> None:
    excerpt = Excerpt("user", "so the loop* is slow", ((3, 6), (16, 20)))
    page = render_page("the slow", [Entry("abcd2345", "T", "now", "m", 1, (excerpt,))])
    assert "> you: so **the** loop\\* is **slow**\n" in page


def test_a_page_without_entries_says_why() -> None:
    assert "Nothing found: every word must occur in one message" in render_page("x", [])
    assert "Nothing has been asked here yet." in render_page("", [])


def test_what_the_user_changes_on_a_page_is_what_is_read() -> None:
    entries = [Entry(f"abcd234{number}", f"T{number}", "now", "m", 1) for number in range(3)]
    lines = render_page("", entries).replace("## T1\n", "## \n").replace("\n", "\r\n").splitlines()
    assert [entry.title for entry in parse_page(lines)] == ["T0", "", "T2"]
    without_id = [line for line in lines if "abcd2341" not in line]
    assert [entry.id for entry in parse_page(without_id)] == ["abcd2340", "abcd2342"]
    assert parse_page([]) == ()


@given(st.lists(NAMES, unique=True, max_size=5))
def test_every_model_is_read_back_from_its_line(models: list[str]) -> None:
    page = render_models(models, models[0] if models else "none", "default", "api.example.com")
    assert models_on(page) == models
    assert read_mark(page.partition("\n")[0]) == PageMark("models", "")


@pytest.mark.parametrize("line", ["", "# Models", "- gpt", "- ``", "- `", "The model in use is gpt-5.5"])
def test_a_line_without_a_model_has_none(line: str) -> None:
    assert model_at(line) is None
