"""An edit lands where it was meant or nowhere, whatever the user types meanwhile."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pygpt_lsp.core.documents import ContentChange, Document
from pygpt_lsp.core.edits.lines import apply_edits
from pygpt_lsp.core.edits.region import plan_region_edit
from pygpt_lsp.core.errors import EditRefused
from pygpt_lsp.core.placement import Region, locate, region_of
from pygpt_lsp.core.text import TextSnapshot
from tests.support.editor_text import range_at

# Few words, so that the same lines stand in several places; the user's and the model's are their own.
words = st.sampled_from(["def f():", "    return 'ö😀'", "}", "", "\f", "x\u2028y"])
filled = words.filter(lambda line: bool(line.strip()))
typed = st.sampled_from(["", "u", "\n", "usër 😀\n", "\n\n", "u\nv"])
answers = st.lists(st.sampled_from(["answer", "    answer", "", "}"]), min_size=1, max_size=4)
endings = st.sampled_from(["\n", "\r\n"])


class Text(NamedTuple):
    """A text in three parts, with line feeds: `region` is whole lines, without the last one's ending."""

    before: str
    region: str
    after: str

    @property
    def whole(self) -> str:
        return self.before + self.region + self.after


@st.composite
def texts(draw: st.DrawFn) -> Text:
    before = draw(st.lists(words, max_size=5))
    region = [draw(filled), *draw(st.lists(words, max_size=3))]
    if len(region) > 1:
        region.append(draw(filled))
    after = draw(st.lists(words, max_size=5))
    return Text("".join(f"{line}\n" for line in before), "\n".join(region), "".join(f"\n{x}" for x in after))


class Editing:
    """A text that is open at the server, and the user at it."""

    def __init__(self, text: Text, ending: str) -> None:
        self.text = text
        self.ending = ending
        self.version = 3
        self.document = Document("file:///a.py", "python", self.version, self._real(text.whole))

    def region(self) -> Region:
        first = self.text.before.count("\n")
        snapshot = self.document.snapshot
        return region_of(snapshot.text, snapshot.version, first, first + self.text.region.count("\n"))

    def becomes(self, text: Text, start: int, end: int, new: str) -> None:
        """The user puts `new` in the place of what is between two offsets, which makes `text`."""
        span = range_at(self.text.whole, start, end, "utf-16")
        positions = [span[edge][part] for edge in ("start", "end") for part in ("line", "character")]
        change = ContentChange((positions[0], positions[1], positions[2], positions[3]), self._real(new))
        self.version += 2
        self.document.apply(self.version, [change], "utf-16")
        self.text = text
        assert str(self.document.snapshot.text) == self._real(text.whole)

    def change_outside(self, data: st.DataObject) -> None:
        before, region, after = self.text
        new = data.draw(typed)
        if data.draw(st.booleans()):
            start, end = self._span(data, before)
            rest = before[:start] + new + before[end:]
            if rest and not rest.endswith("\n"):
                new, end = new + "\n", len(before)
                rest = before[:start] + new
            self.becomes(Text(rest, region, after), start, end, new)
        else:
            start, end = self._span(data, after)
            rest = after[:start] + new + after[end:]
            if rest and not rest.startswith("\n"):
                new, start = "\n" + new, 0
                rest = new + after[end:]
            offset = len(before) + len(region)
            self.becomes(Text(before, region, rest), offset + start, offset + end, new)

    def change_inside(self, data: st.DataObject) -> None:
        before, region, after = self.text
        start, end = self._span(data, region)
        new = data.draw(typed)
        changed = region[:start] + new + region[end:]
        assume(changed != region)
        # An empty line at the edge is a line beside the region, which is whole.
        assume(region not in {changed.removeprefix("\n"), changed.removesuffix("\n")})
        assume(region not in {changed.lstrip("\n"), changed.rstrip("\n")})
        # Of two equal lines that touch, nobody can tell which is gone: then the region stands there still.
        padded, wanted = f"\n{before}{changed}{after}\n", f"\n{region}\n"
        low, high = len(before) - len(region), len(before) + len(changed)
        assume(not any(padded.startswith(wanted, offset) for offset in range(max(low, 0), high + 1)))
        self.becomes(Text(before, changed, after), len(before) + start, len(before) + end, new)

    def reopen(self) -> None:
        self.document = Document("file:///a.py", "python", 3, self._real(self.text.whole))

    def written(self, region: Region, code: str, *, same_document: bool = True) -> str:
        """The text, with line feeds, once the edit is made."""
        first = locate(self.document, region, same_document=same_document)
        edits = plan_region_edit(region.text, code, first_line=first, eol=self.ending, reindent=False)
        result = apply_edits(str(self.document.snapshot.text), edits)
        assert result == self._real(result.replace("\r\n", "\n")), "endings of one kind"
        return result.replace("\r\n", "\n")

    def _span(self, data: st.DataObject, part: str) -> tuple[int, int]:
        start = data.draw(st.integers(0, len(part)))
        return start, data.draw(st.integers(start, min(start + 8, len(part))))

    def _real(self, text: str) -> str:
        return text.replace("\n", self.ending)


def lines_of(code: str) -> str:
    """The code without blank lines at its edges."""
    lines = code.split("\n")
    while not lines[0].strip():
        lines.pop(0)
    while not lines[-1].strip():
        lines.pop()
    return "\n".join(lines)


codes = answers.map("\n".join).filter(lambda code: bool(code.strip()))


@given(texts(), endings, codes, st.data())
def test_what_the_user_types_around_a_region_and_the_edit_in_it_both_survive(
    text: Text, ending: str, code: str, data: st.DataObject
) -> None:
    editing = Editing(text, ending)
    region = editing.region()
    for _ in range(data.draw(st.integers(0, 4))):
        editing.change_outside(data)
    now = editing.text
    assert editing.written(region, code) == now.before + lines_of(code) + now.after


@given(texts(), endings, st.data())
def test_an_edit_is_refused_once_its_region_was_changed(text: Text, ending: str, data: st.DataObject) -> None:
    editing = Editing(text, ending)
    region = editing.region()
    for inside in data.draw(st.permutations([True, *[False] * data.draw(st.integers(0, 2))])):
        editing.change_inside(data) if inside else editing.change_outside(data)
    with pytest.raises(EditRefused, match="nothing was changed"):
        locate(editing.document, region)
    editing.reopen()
    with pytest.raises(EditRefused, match="nothing was changed"):
        locate(editing.document, region, same_document=False)


@given(texts(), endings, codes, st.data())
def test_an_edit_lands_after_all_if_the_region_is_restored_and_stands_once(
    text: Text, ending: str, code: str, data: st.DataObject
) -> None:
    editing = Editing(text, ending)
    region = editing.region()
    before, old, after = editing.text
    editing.change_inside(data)
    editing.becomes(text, len(before), len(before) + len(editing.text.region), old)
    try:
        written = editing.written(region, code)
    except EditRefused:
        assert not region.alone
    else:
        assert written == before + lines_of(code) + after


def place(text: str, region: Region, version: int = 3) -> int:
    """The line of a region in a document that was opened anew with this text."""
    return locate(Document("file:///a.py", "python", version, text), region, same_document=False)


def region_in(text: str, first: int, last: int) -> Region:
    return region_of(TextSnapshot.from_string(text), 3, first, last)


def test_a_region_knows_its_lines_and_its_text() -> None:
    region = region_in("a\r\nö😀\r\n\tb\r\n", 1, 2)
    assert region.lines == ("ö😀", "\tb")
    assert region.text == "ö😀\r\n\tb\r\n"
    assert region.range == ((1, 0), (2, 2))
    assert region.alone
    assert region_in("a\nb", 1, 1).text == "b"


def test_a_file_opened_anew_is_searched_for_the_region() -> None:
    region = region_in("def f():\n    pass\n", 0, 1)
    assert place("import os\n\n\ndef f():\n    pass\n", region) == 3
    assert place("def f():\r\n    pass", region) == 0, "other line endings, no final one"
    with pytest.raises(EditRefused, match="The region was changed"):
        place("def f():\n    pass  # done\n", region)
    with pytest.raises(EditRefused, match="stands in 2 places"):
        place("def f():\n    pass\ndef f():\n    pass\n", region)


def test_the_versions_of_a_file_opened_anew_mean_nothing() -> None:
    region = region_in("a\nb\n", 1, 1)
    document = Document("file:///a.py", "python", 3, "b\na\n")
    assert locate(document, region, same_document=False) == 0


def test_the_change_log_tells_one_of_two_equal_regions_from_the_other() -> None:
    document = Document("file:///a.py", "python", 3, "f()\nx\nf()\n")
    first, second = (region_of(document.snapshot.text, 3, line, line) for line in (0, 2))
    document.apply(4, [ContentChange((0, 0, 0, 0), "f()\n")], "utf-16")
    assert (locate(document, first), locate(document, second)) == (1, 3)


@pytest.mark.parametrize(
    "change", [((0, 0), (0, 0), "g"), ((0, 0), (1, 0), ""), ((0, 1), (0, 2), "{"), ((0, 0), (0, 3), "g()")]
)
def test_the_twin_of_a_changed_region_is_never_edited(
    change: tuple[tuple[int, int], tuple[int, int], str],
) -> None:
    document = Document("file:///a.py", "python", 3, "f()\nx\nf()\n")
    region = region_of(document.snapshot.text, 3, 0, 0)
    start, end, text = change
    document.apply(4, [ContentChange((*start, *end), text)], "utf-16")
    with pytest.raises(EditRefused, match="The region was changed"):
        locate(document, region)


def test_a_copy_the_user_made_is_not_the_region_that_was_changed() -> None:
    document = Document("file:///a.py", "python", 3, "def f():\n    a\n")
    region = region_of(document.snapshot.text, 3, 0, 1)
    document.apply(4, [ContentChange((2, 0, 2, 0), "\ndef f():\n    a\n")], "utf-16")
    assert locate(document, region) == 0
    document.apply(5, [ContentChange((1, 4, 1, 5), "b")], "utf-16")
    with pytest.raises(EditRefused, match="The region was changed"):
        locate(document, region)


def test_a_region_that_was_cut_and_pasted_elsewhere_is_found_there() -> None:
    document = Document("file:///a.py", "python", 3, "def f():\n    a\n\nb\n")
    region = region_of(document.snapshot.text, 3, 0, 1)
    document.apply(4, [ContentChange((0, 0, 2, 0), "")], "utf-16")
    document.apply(5, [ContentChange((2, 0, 2, 0), "def f():\n    a\n")], "utf-16")
    assert locate(document, region) == 2


def test_a_region_reformatted_from_above_to_below_is_found_by_its_text() -> None:
    document = Document("file:///a.py", "python", 3, "x=1\ndef f():\n    a\ny=2\n")
    region = region_of(document.snapshot.text, 3, 1, 2)
    document.apply(4, [ContentChange(None, "x = 1\n\n\ndef f():\n    a\n\n\ny = 2\n")], "utf-16")
    assert locate(document, region) == 3


@pytest.mark.parametrize("blank", ["", "    ", "\t"])
def test_a_blank_line_is_a_place_only_as_long_as_nobody_types_in_it(blank: str) -> None:
    document = Document("file:///a.py", "python", 3, f"a\n{blank}\nb\n")
    region = region_of(document.snapshot.text, 3, 1, 1)
    document.apply(4, [ContentChange((0, 0, 0, 0), "u\n")], "utf-16")
    assert locate(document, region) == 2
    document.apply(5, [ContentChange((2, len(blank), 2, len(blank)), "u")], "utf-16")
    with pytest.raises(EditRefused):
        locate(document, region)
    with pytest.raises(EditRefused, match="The region was changed"):
        place(f"{blank}\n", region)
