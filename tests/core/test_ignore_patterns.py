"""Patterns of ignore files as one reads them; `tests/services/test_ignore_rules_git.py` compares with git."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.ignore_patterns import (
    MAX_PATTERN_BYTES,
    MAX_PATTERNS,
    MAX_TRIED,
    MAX_TRIED_BYTES,
    TooMuchToTryError,
    parse_patterns,
)

LONGEST_NAME = b"a" * 255
DEEPEST_PATH = b"/".join([b"a"] * 2000)


def deciding(data: bytes, path: str | bytes, *, is_folder: bool = False, folded: bool = False) -> str | None:
    """The pattern of an ignore file that decides about a path."""
    encoded = path.encode() if isinstance(path, str) else path
    pattern = parse_patterns(data, folded=folded).last_match(
        encoded, encoded.rpartition(b"/")[2], is_folder=is_folder
    )
    return pattern and pattern.text


@pytest.mark.parametrize("name", ["a.log", "ö😀.log", ".log", "x/y.log", "a.b.log"])
def test_a_name_is_matched_at_any_depth(name: str) -> None:
    assert deciding(b"*.log", name) == "*.log"


def test_the_last_pattern_that_matches_decides_whatever_its_kind() -> None:
    data = b"*.log\n!keep.log\nkeep.*\n!src/keep.log"
    assert deciding(data, "x.log") == "*.log"
    assert deciding(data, "keep.log") == "keep.*"
    assert deciding(data, "src/keep.log") == "!src/keep.log"
    assert deciding(b"!a.b.c\n*.b.c\n*.c", "a.b.c") == "*.c"
    assert deciding(b"*.c\n*.b.c\n!a.b.c", "a.b.c") == "!a.b.c"


def test_a_pattern_of_a_folder_is_about_folders() -> None:
    assert deciding(b"build/", "src/build", is_folder=True) == "build/"
    assert deciding(b"build/", "src/build") is None


@pytest.mark.parametrize(
    ("data", "pattern"),
    [
        (b"\xef\xbb\xbfa", "a"),
        ("a\r\n".encode("utf-16"), "a"),
        ("\ufeffa\n".encode("utf-16-be"), "a"),
        (b"#x\n\n   \na\r\n", "a"),
        (b"a   ", "a"),
        (b"a\0b", "a"),
    ],
)
def test_marks_comments_endings_and_trailing_spaces_do_not_count(data: bytes, pattern: str) -> None:
    assert deciding(data, "a") == pattern


def test_an_escaped_space_at_the_end_counts() -> None:
    assert deciding(b"a\\  ", "a ") == "a\\ "
    assert deciding(b"a\\  ", "a") is None


def test_names_and_patterns_need_not_be_text() -> None:
    assert deciding(b"gr\xfcn*", b"gr\xfcn.txt") == "gr\ufffdn*"
    assert deciding(b"a?b", b"a\nb") == "a?b"


def test_upper_and_lower_case_are_the_same_where_told_so() -> None:
    assert deciding(b"*.LOG", "A.log", folded=True) == "*.LOG"
    assert deciding(b"[A-C][[:upper:]]x", "bYX", folded=True) == "[A-C][[:upper:]]x"
    assert deciding(b"*.LOG", "A.log") is None


@given(st.binary(max_size=30), st.binary(min_size=1, max_size=10), st.booleans(), st.booleans())
def test_no_bytes_fail(data: bytes, name: bytes, is_folder: bool, folded: bool) -> None:
    parse_patterns(data, folded=folded).last_match(b"x/" + name, name, is_folder=is_folder)


glob_characters = st.lists(
    st.sampled_from([*"*?[]!^-\\/ab", "**", "**/", "[:alpha:]"]), min_size=1, max_size=12
)


@given(glob_characters.map("".join), st.text("ab/", min_size=1, max_size=8))
def test_looking_up_finds_what_trying_finds(glob: str, path: str) -> None:
    """One pattern among others that are looked up decides the same as the pattern alone."""
    alone = deciding(glob.encode(), path)
    among = deciding(b"\n".join([b"a", b"*.a", b"!*", glob.encode()]), path)
    assert among == (alone if alone is not None else "!*")


# No regular expression that backtracks would ever answer these: the test would not end.
@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        (b"*a" * 100 + b"*b", LONGEST_NAME),
        (b"a*" * 100 + b"b", LONGEST_NAME),
        (b"*?" * 100 + b"b", LONGEST_NAME),
        (b"*[a-z]" * 100 + b"b*", LONGEST_NAME),
        (b"**/a/" * 60 + b"b?", DEEPEST_PATH),
        (b"**/*a*a*a*a*a*a*a*b/" * 20 + b"**/b", b"/".join([LONGEST_NAME] * 15)),
    ],
)
def test_patterns_made_to_take_forever_do_not(pattern: bytes, path: bytes) -> None:
    assert deciding(pattern, path) is None


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        (b"*ab*ab", "abab"),
        (b"*ab*ab", "abxabab"),
        (b"*a*ab*b", "aabb"),
        (b"**/a/**/a/b", "a/x/a/a/b"),
        (b"**/a*a/b/**/c", "x/aa/b/c"),
        (b"**/a/b/**", "a/a/b/c"),
        (b"**/a*", "ab/ac"),
        (b"x/**/a/b", "x/a/b/a/b"),
    ],
)
def test_the_first_fit_of_a_piece_is_never_the_wrong_one(pattern: bytes, path: str) -> None:
    assert deciding(pattern, path) == pattern.decode()


@pytest.mark.parametrize("path", ["ab", "ax/b", "ax/y/b", "a/b"])
def test_stars_right_after_plain_text_skip_folders_as_they_do_for_git(path: str) -> None:
    assert deciding(b"a**/b", path) == "a**/b"
    assert deciding(b"[a]**/b", path) == (None if path in {"ab", "ax/y/b"} else "[a]**/b")


@pytest.mark.parametrize(
    "data",
    [
        b"\n".join(b"%d" % number for number in range(MAX_PATTERNS + 1)),
        b"\n".join(b"a*%d" % number for number in range(MAX_TRIED + 1)),
        b"\n".join(b"**/%d" % number for number in range(MAX_TRIED + 1)),
        b"\n".join(b"a*" + b"x" * 200 for _ in range(MAX_TRIED_BYTES // 202 + 1)),
        b"x" * (MAX_PATTERN_BYTES + 1),
    ],
)
def test_what_would_take_long_to_try_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(TooMuchToTryError):
        parse_patterns(data, folded=False)


def test_ten_thousand_names_are_no_trouble() -> None:
    names = b"\n".join(b"name%d" % number for number in range(MAX_PATTERNS))
    assert deciding(names, "x/name77") == "name77"
    assert deciding(b"#" * 100_000 + b"\na", "a") == "a"
