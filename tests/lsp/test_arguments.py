"""The arguments of commands, as editors and people send them."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.text import Position, Range, TextSnapshot
from pygpt_lsp.lsp.arguments import Arguments, BadArgument, read_arguments
from pygpt_lsp.lsp.convert import path_of_uri, uri_of_path
from tests.support.text_model import encodings, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pygpt_lsp.core.text import PositionEncoding


def read(*arguments: object, bare: str | None = None, roots: Sequence[Path] = ()) -> Arguments:
    """The arguments of a command without open files."""
    return read_arguments(arguments, roots, (), bare)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace folder that holds `src/ä.py`."""
    (tmp_path / "one/src").mkdir(parents=True)
    (tmp_path / "one/src/ä.py").touch()
    return tmp_path / "one"


def test_every_field_is_optional_and_so_is_the_object() -> None:
    assert read() == read({}) == read(None) == Arguments()


def test_texts_are_taken_as_they_are_without_the_space_around_them() -> None:
    fields = ("question", "instruction", "id", "model", "query", "preset")
    given_fields = {field: f"  {field} ö 😀\n" for field in fields}
    assert read(given_fields)._asdict() == Arguments()._asdict() | {
        field: f"{field} ö 😀" for field in fields
    }


def test_an_empty_text_is_none() -> None:
    assert read({"question": " \n", "uri": ""}) == Arguments()


def test_unknown_fields_and_further_arguments_are_ignored() -> None:
    assert read({"question": "why?", "colour": [1], "jsonrpc": "2.0"}, {"question": "no"}).question == "why?"


def test_a_bare_string_fills_the_field_of_the_command() -> None:
    assert read(" why? ", bare="question").question == "why?"
    assert read("", bare="question").question is None
    assert read("untitled:Untitled-1", bare="uri").uri == "untitled:Untitled-1"


@pytest.mark.parametrize(
    "arguments",
    [
        ["why?"],
        [["why?"]],
        [5],
        [{"question": 5}],
        [{"uri": ["x"]}],
        [{"range": "1-5"}],
        [{"range": {"start_line": "1"}}],
        [{"range": {"start": {"line": 1}, "end": {"line": 2, "character": 0}}}],
        [{"range": {}}],
    ],
    ids=repr,
)
def test_what_cannot_be_used_is_refused_in_one_sentence(arguments: list[object]) -> None:
    with pytest.raises(BadArgument) as refused:
        read(*arguments)
    sentence = refused.value.sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=8), children, max_size=3)
    ),
    max_leaves=8,
)
FIELDS = (
    "question",
    "instruction",
    "id",
    "uri",
    "range",
    "version",
    "start_line",
    "end_line",
    "start",
    "end",
)


@given(
    json_values | st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=4),
    st.sampled_from([None, "question", "uri"]),
)
def test_nothing_that_json_can_say_is_more_than_refused(value: object, bare: str | None) -> None:
    with contextlib.suppress(BadArgument):
        read(value, bare=bare, roots=(Path.cwd(),))


# URIs and paths


def test_a_uri_stays_as_the_client_writes_it() -> None:
    for uri in ("file:///a%20b/%C3%B6.py", "FILE:///x", "untitled:Untitled-1", "https://example.com/x"):
        assert read({"uri": uri}).uri == uri


def test_a_path_becomes_the_uri_of_its_file(root: Path) -> None:
    file = root / "src/ä.py"
    assert read({"uri": str(file)}).uri == uri_of_path(file)
    for written in ("src/ä.py", "./src/ä.py", "src/../src/ä.py", f"../{root.name}/src/ä.py"):
        assert read({"uri": written}, roots=[root]).uri == uri_of_path(file)
    assert read({"uri": f"{root}/src/../src/ä.py"}).uri == uri_of_path(file)


def test_a_relative_path_is_that_of_the_folder_that_has_the_file(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert read({"uri": "src/ä.py"}, roots=[other, root]).uri == uri_of_path(root / "src/ä.py")
    assert read({"uri": "src/new.py"}, roots=[other, root]).uri == uri_of_path(other / "src/new.py")


def test_a_path_in_the_home_folder_is_found(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(root))
    monkeypatch.setenv("USERPROFILE", str(root))
    assert read({"uri": "~/src/ä.py"}).uri == uri_of_path(root / "src/ä.py")


@pytest.mark.parametrize("odd", ["~no-such-user/x", "x" * 5000, "a\0b", "%{buffer_name}"])
def test_a_path_that_no_file_has_is_a_uri_that_no_document_has(odd: str, root: Path) -> None:
    uri = read({"uri": odd}, roots=[root]).uri
    assert uri is not None
    assert path_of_uri(uri) is not None


# Ranges

TEXT = TextSnapshot.from_string("eins 😀\r\nzwei\ndrei ö")


def resolved(span: object, encoding: PositionEncoding = "utf-16") -> Range:
    """The range that an argument means in TEXT."""
    found = read({"range": span}).span
    assert found is not None
    return found.resolve(TEXT, encoding)


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ({"start_line": 1, "end_line": 1}, "eins 😀"),
        ({"start_line": 1}, "eins 😀"),
        ({"start_line": 1, "end_line": 2}, "eins 😀\r\nzwei"),
        ({"start_line": 2, "end_line": 1}, "eins 😀\r\nzwei"),  # Helix selects backwards too
        ({"start_line": 3, "end_line": 99}, "drei ö"),
        ({"start_line": 0, "end_line": -5}, "eins 😀"),
    ],
    ids=str,
)
def test_lines_are_counted_from_1_and_both_included(lines: dict[str, int], text: str) -> None:
    assert TEXT.slice(resolved(lines)) == text


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 9), ("utf-16", 7), ("utf-32", 6)])
def test_an_lsp_range_counts_as_the_client_does(encoding: PositionEncoding, column: int) -> None:
    span = {"start": {"line": 0, "character": 5}, "end": {"line": 0, "character": column}}
    assert TEXT.slice(resolved(span, encoding)) == "😀"


def test_an_lsp_range_may_be_the_wrong_way_round_and_outside() -> None:
    span = {"start": {"line": 99, "character": 99}, "end": {"line": -1, "character": -1}}
    assert TEXT.slice(resolved(span)) == str(TEXT)


numbers = st.integers(-3, 20)
positions = st.fixed_dictionaries({"line": numbers, "character": numbers})
spans = st.fixed_dictionaries(
    {"start_line": numbers}, optional={"end_line": numbers}
) | st.fixed_dictionaries({"start": positions, "end": positions})


@given(texts, spans, encodings)
def test_every_range_means_one_in_the_text(
    text: str, given_range: object, encoding: PositionEncoding
) -> None:
    snapshot = TextSnapshot.from_string(text)
    span = read({"range": given_range}).span
    assert span is not None
    found = span.resolve(snapshot, encoding)
    assert Position(0, 0) <= found.start <= found.end
    assert snapshot.clamp(found.start) == found.start
    assert snapshot.clamp(found.end) == found.end
