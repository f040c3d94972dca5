"""The front matter of a chat, which may come from anybody."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.errors import PygptError
from pygpt_lsp.services.front_matter import FrontMatter, front_matter_problems, read_front_matter


def refusal(raw: str) -> str:
    """The sentence with which it is refused."""
    with pytest.raises(PygptError) as refused:
        read_front_matter(raw)
    return refused.value.sentence


@pytest.mark.parametrize("raw", [None, "", " \n", "# nothing but a remark\n", "~"])
def test_without_front_matter_nothing_is_said(raw: str | None) -> None:
    assert read_front_matter(raw) == FrontMatter()


def test_the_four_values_are_read() -> None:
    raw = 'model: "gpt-5.5"\npreset: code\ntemperature: 1\nsystem: |\n  Sprich Österreichisch. 😀\n  Kurz.\n'
    assert read_front_matter(raw) == FrontMatter("gpt-5.5", "code", 1.0, "Sprich Österreichisch. 😀\nKurz.")
    assert isinstance(read_front_matter(raw).temperature, float)


def test_other_keys_are_the_users_own_business() -> None:
    assert read_front_matter("title: x\ndate: 2026-01-01\n1: 2\nmodel: m\n") == FrontMatter("m")


def test_an_empty_value_is_none() -> None:
    assert read_front_matter('model:\nsystem: "  "\npreset: ~\ntemperature:\n') == FrontMatter()


@pytest.mark.parametrize("value", ["5.5", "yes", "[a]", "{a: b}", "2026-01-01"])
def test_a_model_that_is_no_text_is_refused_because_a_wrong_one_costs_money(value: str) -> None:
    assert refusal(f"model: {value}") == (
        "`model` in the chat's front matter must be text: put it in quotes."
    )


@pytest.mark.parametrize("value", ["hot", "-0.1", "2.01", ".nan", ".inf", "true", "[1]", "9" * 400])
def test_a_temperature_out_of_range_is_refused(value: str) -> None:
    assert "must be a number from 0 to 2" in refusal(f"temperature: {value}")


def test_broken_yaml_is_refused_with_its_line() -> None:
    # Line 1 of the document is the `---` above.
    assert refusal("model: m\nsystem: [\n") == (
        "The chat's front matter is not valid YAML (line 4): correct or delete it."
    )


@pytest.mark.parametrize("raw", ["just words", "- a\n- b", "5"])
def test_what_is_no_list_of_keys_is_refused(raw: str) -> None:
    assert "must be lines like `model: gpt-5.5`" in refusal(raw)


@pytest.mark.parametrize(
    "raw",
    [
        "model: !!python/object/apply:os.system [exit 1]",
        "model: !!python/name:os.system",
        "!!python/object/new:str {}",
        "model: !!int ''",
        "model: !!float ''",
        "model: !!bool maybe",
        "model: !!timestamp x",
        "date: 2026-99-99",
        "? [a]\n: b",
        "<<: 5",
        "a: =",
        "[" * 5000,
        "\0",
    ],
)
def test_what_a_stranger_may_try_is_refused_in_a_sentence(raw: str) -> None:
    assert "is not valid YAML" in refusal(raw)


def test_aliases_that_multiply_cost_nothing() -> None:
    bomb = 'a0: &a0 "x"\n' + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 30)
    )
    assert read_front_matter(bomb + "model: m\n") == FrontMatter("m")


pieces = st.sampled_from(
    ["model: ", "system: ", "temperature: ", "m", "1.5", "\n", "  ", "- ", "[", "]", "{", "}", "&a ", "*a",
     "!!int ", "!!set ", "'", '"', "|", ">", "#", "---", "...", "%", "ö", "😀", "\t", "\x07", "\ud83d"]
)  # fmt: skip


@given(st.lists(pieces, max_size=12).map("".join) | st.text(max_size=40))
def test_nothing_is_more_than_refused(raw: str) -> None:
    with contextlib.suppress(PygptError):
        read_front_matter(raw)


def problems(raw: str) -> list[tuple[int, str]]:
    """What is wrong, with the line (0-based) that it is in."""
    return [(problem.line, problem.sentence) for problem in front_matter_problems(raw)]


def test_each_value_that_is_refused_is_found_in_its_line() -> None:
    raw = "model: 5.5\n# ö 😀\ntemperature:\n  hot\nreasoning_effort: much\nsystem: fine\n"
    assert [line for line, _ in problems(raw)] == [0, 3, 4]
    assert problems(raw)[0][1] == refusal("model: 5.5")
    assert problems("model: m\nsystem: [\n") == [(2, refusal("model: m\nsystem: [\n"))]
    assert problems("- a") == [(0, refusal("- a"))]


def test_a_key_that_is_not_known_is_told_with_the_one_that_was_meant() -> None:
    found = front_matter_problems("modle: m\ntags: [a]\n5: c\n<<: {model: x}\n")
    assert [problem.kind for problem in found] == ["unknown-key"] * 4
    assert "did you mean model?" in found[0].sentence
    assert "did you mean" not in found[1].sentence


@pytest.mark.parametrize("raw", [None, "", "# x", "~", "model: m\npreset: code\n"])
def test_where_nothing_is_wrong_nothing_is_found(raw: str | None) -> None:
    assert front_matter_problems(raw) == ()


def test_a_huge_front_matter_is_refused_without_reading_it() -> None:
    assert "is longer than 30,000 characters" in refusal("a: b\n" * 30_000)


@given(
    st.text()
    | st.lists(
        st.sampled_from(["model", ":", " ", "\n", "&a", "*a", "!!int", "[", "{", "- ", "5", "<<"])
    ).map("".join)
)
def test_a_front_matter_is_refused_exactly_where_a_problem_is_found(raw: str) -> None:
    refused = False
    try:
        read_front_matter(raw)
    except PygptError:
        refused = True
    found = front_matter_problems(raw)
    assert refused == any(problem.kind == "front-matter" for problem in found)
    assert all(0 <= problem.line <= raw.count("\n") + 1 for problem in found)


def test_merges_that_multiply_are_refused_at_once() -> None:
    merges = "".join(f"m{n}: &m{n} {{<<: [{', '.join([f'*m{n - 1}'] * 9)}]}}\n" for n in range(1, 30))
    assert "not valid YAML (line " in refusal(f"m0: &m0 {{a: b}}\n{merges}")


@pytest.mark.parametrize("bracket", ["[", "{"])
def test_brackets_without_end_are_refused_where_they_become_too_many(bracket: str) -> None:
    """Read to the end, they would take seconds, with each key press in a chat that a repository brings."""
    assert "not valid YAML (line 103)" in refusal("model:\n" + f" {bracket}\n" * 9_000)
    deep = "[" * 100 + "]" * 100
    assert read_front_matter(f"other: {deep}\nmodel: m") == FrontMatter("m")


def test_of_very_many_keys_that_mean_nothing_some_are_told() -> None:
    assert 0 < len(front_matter_problems("".join(f"k{n}: 1\n" for n in range(3_000)))) <= 200
