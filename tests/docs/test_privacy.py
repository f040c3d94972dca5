"""PRIVACY.md: each promise has a test or a command, and all that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "PRIVACY.md").read_text("utf-8")
ROWS = [
    re.split(r"(?<!\\)\|", line)[1:-1]
    for line in TEXT.splitlines()
    if line.startswith("| ") and not line.startswith("| promise |")
]


def names_in(folder: Path) -> set[str]:
    """The names of the tests below a folder."""
    sources = "".join(path.read_text("utf-8") for path in folder.rglob("test_*.py"))
    return set(re.findall(r"def (test_\w+)\(", sources))


def test_every_test_that_the_privacy_promise_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", TEXT))
    assert named
    assert named - names_in(ROOT / "tests") == set()


def test_each_promise_says_how_it_is_kept_and_which_test_shows_it() -> None:
    assert len(ROWS) > 30
    for row in ROWS:
        promise, kept, shown, _self = (cell.strip() for cell in row)
        assert promise
        assert kept
        assert re.search(r"`test_\w+`", shown), promise


def test_the_tests_that_need_root_are_marked_and_no_others() -> None:
    marked = set(re.findall(r"`(test_\w+)`°", TEXT))
    assert marked
    assert marked == set(re.findall(r"`(test_\w+)`", TEXT)) & names_in(ROOT / "tests/privacy")


def test_its_two_commands_are_those_of_the_page_that_explains_them() -> None:
    page = (ROOT / "docs/check-privacy.md").read_text("utf-8")
    commands = [line.strip() for line in TEXT.splitlines() if line.startswith("      ")]
    assert [command.split()[0] for command in commands] == ["strace", "sudo"]
    assert [command for command in commands if f"    {command}\n" not in page] == []


def test_what_it_links_to_is_there() -> None:
    for address in re.findall(r"\]\(((?!https:)[^)]+)\)", TEXT):
        file, _, heading = address.partition("#")
        page = (ROOT / file).read_text("utf-8")
        headings = {
            line.lstrip("# ").lower().replace(" ", "-") for line in page.splitlines() if line[:1] == "#"
        }
        assert not heading or heading in headings, address


def test_it_promises_nothing_that_is_still_to_come() -> None:
    assert not re.search(r"not built yet|will be|todo|soon", TEXT, re.IGNORECASE)
