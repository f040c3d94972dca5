"""Prompts: what a file may say, and what is put in for its variables."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.actions import ACTION_IDS, KIND_CHAT, KIND_REWRITE, Situation
from pygpt_lsp.core.fences import scan_fences
from pygpt_lsp.core.presets import Preset, combined, preset_of
from pygpt_lsp.core.prompt_fields import BadPrompt, Field, PromptFile, name_refusal
from pygpt_lsp.core.prompt_menu import prompt_offers
from pygpt_lsp.core.user_prompts import (
    BUILT_IN,
    VARIABLES,
    UserPrompt,
    Values,
    fill,
    needs_code_in_place,
    prompt_of,
)

CODE = "def ö():\n    return '😀'"
VALUES = Values(CODE, "src/ö.py", "python", "1:1 error: nö", "mit 😀")


def file(body: str, **fields: object) -> PromptFile:
    """A file with these fields, one a line from line 2 on, and the text from line 7."""
    found = tuple(Field(key, value, line) for line, (key, value) in enumerate(fields.items(), 2))
    return PromptFile(found, body, 7)


def prompt(body: str, **fields: object) -> UserPrompt:
    return prompt_of("name", "/p/name.md", file(body, **fields))


def refusal(body: str, **fields: object) -> tuple[int, str]:
    with pytest.raises(BadPrompt) as bad:
        prompt_of("name", "/p/name.md", file(body, **fields))
    return bad.value.line, bad.value.reason


def test_a_file_without_front_matter_is_a_chat_prompt_for_every_language() -> None:
    assert prompt("\n\n  Say ö.\n\n") == UserPrompt(
        "name", "name", "chat", (), None, "  Say ö.", "/p/name.md"
    )


def test_all_fields_are_taken_over() -> None:
    found = prompt(
        "x", title=" Grüße\t😀 ", kind="insert", languages=["Py", "rust"], model="m", description="Says ö"
    )
    assert found[1:5] == ("Grüße 😀", "insert", ("python", "rust"), "m")
    assert found.description == "Says ö"


@pytest.mark.parametrize("languages", [["py", "RS"], "py, rs", "py rs,", ["py,rs", "python"]])
def test_languages_have_one_name_however_they_are_written(languages: object) -> None:
    assert prompt("x", languages=languages).languages == ("python", "rust")


def test_a_prompt_fits_the_languages_it_names_and_commit_messages_only_by_name() -> None:
    assert prompt("x").fits("anything")
    assert not prompt("x").fits("gitcommit")
    assert prompt("x", languages="gitcommit").fits("git-commit")
    assert prompt("x", languages="sh").fits("shellscript")
    assert not prompt("x", languages="sh").fits("python")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"titel": "x"}, "there is no key titel here, there are title, kind, languages, model, description"),
        ({"title": 5}, "title cannot be used, it must be text"),
        ({"title": "x" * 101}, "title cannot be used, it is longer than 100 characters"),
        ({"kind": "Edit"}, "kind cannot be used, it must be one of chat, edit, insert"),
        ({"kind": ["edit"]}, "kind cannot be used, it must be one of chat, edit, insert"),
        (
            {"model": "gpt 5"},
            "model cannot be used, it must be a name without spaces or invisible characters",
        ),
        ({"languages": 5}, "languages must be a list like [python, rust]"),
        ({"languages": ["a", None]}, "languages must be a list like [python, rust]"),
        ({"base_url": "https://example.org"}, "there is no key base_url here"),
        ({"\x1b[2J" * 20: 1}, "there is no key \ufffd[2J\ufffd[2J"),
    ],
)
def test_a_field_that_cannot_be_used_is_named_with_its_line(fields: dict[str, object], reason: str) -> None:
    line, said = refusal("x", **fields)
    assert line == 2
    assert said.startswith(reason)
    assert said.isprintable()


def test_a_key_in_a_prompt_is_refused_and_not_shown() -> None:
    key = "sk-proj-abcDEF0123456789abcDEF"
    line, said = refusal("x", title="t", model=key)
    assert line == 3
    assert "OPENAI_API_KEY" in said
    assert key not in said


def test_an_unknown_variable_is_named_with_its_line() -> None:
    line, said = refusal("a\n\nb {{selection}} {{ selektion }}")
    assert (line, said.partition(",")[0]) == (9, "there is no variable {{selektion}}")
    for text in ("{{ user.name }}", "{{}}", "{x}", "{{#each}}", "\\{{selektion}}", "{{1}}", "{{a b}}"):
        assert prompt(text).text == text


@pytest.mark.parametrize("body", ["", "\n\n", "  \t\n"])
def test_a_prompt_without_text_is_none(body: str) -> None:
    assert refusal(body) == (7, "there is no text")


def test_variables_are_filled_where_they_stand() -> None:
    text = "In {{file}} ({{ language }}): {{instruction}}.\n{{diagnostics}}\n\\{{file}}"
    assert fill(text, VALUES) == "In src/ö.py (python): mit 😀.\n1:1 error: nö\n{{file}}"


def test_code_alone_on_its_line_gets_a_fence_that_it_cannot_close() -> None:
    assert fill("A\n  {{selection}}  \nB", VALUES) == f"A\n```python\n{CODE}\n```\nB"
    fenced = fill("{{selection}}", VALUES._replace(selection="```\nx\n````"))
    assert fenced == "`````python\n```\nx\n````\n`````"


def test_code_in_a_fence_of_the_prompts_or_in_a_line_is_put_in_as_it_is() -> None:
    assert fill("```{{language}}\n{{selection}}\n```", VALUES) == f"```python\n{CODE}\n```"
    assert fill("~~~\n{{selection}}", VALUES) == f"~~~\n{CODE}"
    assert fill("Why `{{selection}}`?", VALUES._replace(selection="x")) == "Why `x`?"


def test_code_that_stands_above_is_not_repeated_but_in_a_fence() -> None:
    above = VALUES._replace(above="the code above")
    assert fill("Improve {{selection}}:\n{{selection}}", above) == (
        "Improve the code above:\n(the code above)"
    )
    assert fill("```\n{{selection}}\n```", above) == f"```\n{CODE}\n```"
    assert needs_code_in_place("x\n```\n{{selection}}\n```")
    assert not needs_code_in_place("{{selection}}\n```\n{{file}}\n\\{{selection}}\n```")


texts = st.text(st.sampled_from("{}\\ `~\nab") | st.characters(codec="utf-8"), max_size=60)


known = st.sampled_from([f"{{{{{name}}}}}" for name in VARIABLES])


@given(st.lists(texts | known, max_size=8), texts, texts)
@example(["{{file}}"], "{{selection}}", "{{file}}")
@example(["{{", "{{file}}", "}}"], "x", "y")
@example(["```\n", "{{selection}}"], "{{file}}", "\\")
def test_what_is_filled_in_is_never_looked_at_again(pieces: list[str], code: str, name: str) -> None:
    code_mark, name_mark = "\ue000", "\ue001"  # for private use
    text = "".join(pieces).replace(code_mark, "").replace(name_mark, "")
    code, name = code.replace(name_mark, ""), name.replace(code_mark, "")

    def filled(code: str, name: str) -> str:
        return fill(text, Values(code, name, "python", "", "{{selection}}")).replace("`", "")

    marked = filled(code_mark, name_mark)
    assert filled(code, name) == (
        marked.replace(code_mark, code.replace("`", "")).replace(name_mark, name.replace("`", ""))
    )


@given(texts)
def test_text_without_variables_stays_as_it_is(text: str) -> None:
    if "{{" not in text:
        assert fill(text, VALUES) == text


@given(texts)
def test_filled_code_is_one_whole_block(code: str) -> None:
    lines = fill("{{selection}}", VALUES._replace(selection=code)).split("\n")
    whole = scan_fences(lines)[0]
    assert (whole.first_line, whole.last_line, whole.closed) == (0, len(lines) - 1, True)
    assert "\n".join(lines[1:-1]) == code


def test_the_built_in_prompts_are_actions_and_know_their_variables() -> None:
    assert {each.name for each in BUILT_IN} <= set(ACTION_IDS)
    for each in BUILT_IN:
        assert each.path is None
        assert {"selection"} <= each.variables <= set(VARIABLES)
        assert "region" not in each.text


def test_the_menu_offers_what_fits_and_no_built_in_prompt_twice() -> None:
    prompts = [
        *BUILT_IN,
        prompt("x", title="T" * 99),
        prompt("x", kind="edit"),
        prompt("{{selection}}"),
        prompt("x", kind="insert"),
        prompt("x", languages="rust"),
    ]
    code = Situation("python", has_selection=True, has_region=True, automatic=False)
    found = prompt_offers(prompts, code, None)
    assert [each.kind for each in found] == [KIND_CHAT, KIND_REWRITE, KIND_CHAT, KIND_REWRITE]
    assert {each.action_id for each in found} == {"user:name"}
    assert len(found[0].title) <= 70
    nowhere = prompt_offers(prompts, code._replace(has_region=False), None)
    assert [each.kind for each in nowhere] == [KIND_CHAT, KIND_REWRITE]
    assert [each.kind for each in prompt_offers(prompts, code, ["pygpt"])] == [KIND_CHAT, KIND_CHAT]


@pytest.mark.parametrize(
    ("name", "fine"),
    [
        ("grüß", True), ("a-b_c.2", True), ("😀", True), ("x" * 64, True),
        ("x" * 65, False), ("", False), ("a b", False), ("a\nb", False), ("a\x1b[2J", False),
        ("a\u202eb", False), ("a\u00a0b", False), ("\udc80", False),
    ],
)  # fmt: skip
def test_a_name_is_one_word_that_can_be_seen(name: str, fine: bool) -> None:
    assert (name_refusal(name) is None) == fine


def test_a_preset_is_its_keys_and_its_text() -> None:
    found = preset_of(
        "wien", "/p", file("\nSprich ö.\n\n", model="m", temperature=1, reasoning_effort="none")
    )
    assert found == Preset("wien", "Sprich ö.", "m", 1.0, "none", "/p")
    assert preset_of("m", "/p", file("", model="m")).system is None


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"temperature": 3}, "temperature cannot be used, it must be a number from 0 to 2"),
        (
            {"temperature": "0.5"},
            "temperature cannot be used, it must be a number from 0 to 2 without quotes",
        ),
        ({"temperature": True}, "temperature cannot be used"),
        ({"reasoning_effort": "very"}, "reasoning_effort cannot be used, it must be one of none, "),
        ({"base_url": "x"}, "there is no key base_url here"),
        ({"api_key_command": "x"}, "there is no key api_key_command here"),
        ({"system": "x"}, "there is no key system here"),
    ],
)
def test_a_preset_says_nothing_else(fields: dict[str, object], reason: str) -> None:
    with pytest.raises(BadPrompt) as bad:
        preset_of("x", "/p", file("text", **fields))
    assert (bad.value.line, bad.value.reason.startswith(reason)) == (2, True)


def test_an_empty_preset_is_a_mistake() -> None:
    with pytest.raises(BadPrompt, match="it is empty"):
        preset_of("x", "/p", file("\n", description="x"))


def test_of_several_layers_the_first_that_says_something_counts() -> None:
    first = Preset("a", model="m", temperature=0.0)
    second = Preset("b", "s", "n", 1.0, "low")
    assert combined([first, second]) == Preset("", "s", "m", 0.0, "low")
    assert combined([]) == Preset("")
