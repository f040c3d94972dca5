"""How a few letters find a file: the order users know from pickers, and the same by the fast way."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.fuzzy import rank
from pygpt_lsp.core.path_block import PathBlock, best

FILES = (
    "README.md",
    "app.py",
    "docs/chat.md",
    "docs/request.md",
    "lsp/chat_request.py",
    "lsp/chat_request_test.py",
    "lsp/request_chat.py",
    "src/ChatRequest.java",
    "src/Größe ö 😀.txt",
    "src/HTTPServer.ts",
    "src/lspchat/x.py",
    "tests/test_app.py",
    "web/mapper.py",
)


def found(query: str, paths: tuple[str, ...] = FILES, limit: int = 50) -> list[str]:
    return [each.path for each in best(query, [PathBlock(paths)], limit)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("app", ["app.py", "tests/test_app.py", "web/mapper.py"]),
        ("chat", ["docs/chat.md", "lsp/chat_request.py", "src/ChatRequest.java"]),
        (
            "request",
            ["docs/request.md", "lsp/request_chat.py", "lsp/chat_request.py", "src/ChatRequest.java"],
        ),
        ("cr", ["lsp/chat_request.py", "src/ChatRequest.java"]),
        ("crt", ["lsp/chat_request_test.py"]),
        ("server", ["src/HTTPServer.ts"]),
        ("https", ["src/HTTPServer.ts"]),
        ("lsp/ch", ["lsp/chat_request.py"]),
        ("lspch", ["src/lspchat/x.py", "lsp/chat_request.py"]),
        ("chreq", ["src/ChatRequest.java", "lsp/chat_request.py"]),
        ("größe", ["src/Größe ö 😀.txt"]),
        ("GRÖ", []),
        ("Grö", ["src/Größe ö 😀.txt"]),
        ("groesse", []),
        ("GRÖSSE", []),
        ("grösse", ["src/Größe ö 😀.txt"]),
        ("😀", ["src/Größe ö 😀.txt"]),
        ("readme", ["README.md"]),
        ("README", ["README.md"]),
        ("Readme", ["README.md"]),
        ("reADme", ["README.md"]),
        ("App", []),
        ("Chat", ["src/ChatRequest.java"]),
        ("zzz", []),
        ("\0", []),
    ],
)
def test_a_few_letters_find_the_file_that_was_meant(query: str, first: list[str]) -> None:
    answer = found(query)
    assert answer[: len(first) or None] == first


def test_the_name_counts_more_than_the_folders() -> None:
    paths = ("chat/zebra.py", "a/very/long/way/down/my_chat.py")
    assert found("chat", paths) == ["a/very/long/way/down/my_chat.py", "chat/zebra.py"]


def test_letters_close_together_come_first() -> None:
    paths = ("c-h-r-e-q.py", "chxreq.py", "a/chreq.py")
    assert found("chreq", paths) == ["a/chreq.py", "c-h-r-e-q.py", "chxreq.py"]
    assert found("chreq.", ("c-h-r-e-q.py", "chxreq.py")) == ["chxreq.py", "c-h-r-e-q.py"]


def test_an_accent_is_found_however_the_disk_writes_it() -> None:
    path = unicodedata.normalize("NFD", "größe.txt")
    assert found("grö", (path,)) == [path]


def test_nothing_typed_gives_the_shortest_paths() -> None:
    assert found("", limit=2) == ["app.py", "README.md"]


letters = st.sampled_from("aAbBcC_-./éÉß1 \1😀")
names = st.text(letters, min_size=1, max_size=8).map(lambda name: name.strip("/") or "a")


@given(st.lists(names, max_size=30), st.text(letters | st.characters(), max_size=4), st.integers(1, 40))
def test_the_fast_way_gives_what_the_rule_gives(paths: list[str], query: str, limit: int) -> None:
    half = len(paths) // 2
    blocks = [PathBlock(set(paths[:half])), PathBlock(set(paths[half:]) - set(paths[:half])), PathBlock(())]
    ranks = sorted(found for path in set(paths) if (found := rank(query, path)) is not None)
    assert best(query, blocks, limit) == ranks[:limit]


@given(st.text(letters, min_size=1, max_size=12), st.data())
def test_a_path_is_found_by_its_own_letters(path: str, data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.booleans(), min_size=len(path), max_size=len(path)))
    query = "".join(letter for letter, keep in zip(path, kept, strict=True) if keep)
    assert rank(query, path) is not None
    assert rank(query.lower(), path) is not None


def test_a_block_of_names_in_many_letters_is_searched_as_well() -> None:
    paths = [f"{chr(0x4E00 + number)}/{chr(0x5E00 + number)}.py" for number in range(400)]
    assert found(chr(0x5E05), tuple(paths)) == [paths[5]]
    assert found(f"{chr(0x4E07)}{chr(0x5E07)}", tuple(paths)) == [paths[7]]
    assert found(f"{chr(0x4E07)}{chr(0x5E08)}", tuple(paths)) == []
