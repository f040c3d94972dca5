"""What the settings promise: merging never fails, the last word counts, nothing secret is repeated."""

from __future__ import annotations

from typing import Any

import pytest

from pygpt_lsp.core.actions import ACTION_IDS
from pygpt_lsp.core.settings import DEFAULT, Settings, described, environment_layers, resolve
from pygpt_lsp.core.settings_table import TABLE, Setting
from tests.support.settings_kit import (
    BY_KEY,
    KEY,
    UNUSABLE,
    USABLE,
    editor,
    in_force,
    sentences,
    user,
    workspace,
)


def test_nothing_set_is_the_defaults():
    resolved = resolve([])
    assert resolved.settings == Settings()
    assert set(resolved.origins) == set(BY_KEY)
    assert set(resolved.origins.values()) == {DEFAULT}
    assert not resolved.problems


def test_every_field_has_one_row_and_every_row_one_field():
    assert [row.attribute for row in TABLE] == list(Settings._fields)
    assert set(USABLE) == set(UNUSABLE) == set(BY_KEY)


def test_every_default_is_a_value_its_own_row_takes():
    for row in TABLE:
        assert row.default is None or row.kind.check(row.default) == row.default, row.key


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.key)
def test_a_usable_value_comes_into_force_and_says_where_from(row: Setting):
    resolved = resolve([user(), editor({row.key: USABLE[row.key]})])
    assert not resolved.problems
    assert in_force(resolved, row) == row.kind.check(USABLE[row.key]) != row.default
    assert resolved.origins[row.key] == "initializationOptions"
    assert [key for key, origin in resolved.origins.items() if origin != DEFAULT] == [row.key]


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, bad in UNUSABLE.items() for value in bad])
def test_a_bad_value_gives_one_message_with_key_place_reason_and_what_is_used(key: str, value: object):
    row = BY_KEY[key]
    resolved = resolve([user(**{key: USABLE[key]}), editor({key: value})])
    (problem,) = resolved.problems
    assert problem.key == key
    assert problem.layer == "initializationOptions"
    assert problem.sentence.startswith(f"{key} in initializationOptions ")
    assert problem.sentence.endswith(".")
    assert "\n" not in problem.sentence
    if row.if_bad is None:
        assert in_force(resolved, row) == row.kind.check(USABLE[key])
        assert problem.sentence.endswith(" is used.")
    else:
        added: Any = row.kind.check(USABLE[key]) if row.adds else ()
        bad: Any = row.if_bad.value
        assert in_force(resolved, row) == ((*added, *bad) if row.adds else bad)
        assert problem.sentence.endswith(f"; {row.if_bad.words}.")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (
            {"max_input_tokens": "32000"},
            'max_input_tokens in initializationOptions is "32000": it must be a whole number from 256 to '
            "10000000 without quotes; the default 32000 is used.",
        ),
        (
            {"history": {"enabled": "false"}},
            'history.enabled in initializationOptions is "false": it must be true or false without quotes; '
            "the default true is used.",
        ),
        (
            {"review": "confrim"},
            'review in initializationOptions is "confrim": it must be one of apply, confirm, propose; '
            'the default "apply" is used.',
        ),
        (
            {"actions.enabled": ["explain", "fx"]},
            'actions.enabled in initializationOptions is a list: there is no action "fx"; there are '
            f"{', '.join(ACTION_IDS)}; the default is used.",
        ),
        (
            {"modle": "gpt-6"},
            "There is no setting modle (initializationOptions): did you mean model?",
        ),
        (
            {"timeouts.idel": 3},
            "There is no setting timeouts.idel (initializationOptions): did you mean timeouts.idle?",
        ),
        (
            {"colour": "blue"},
            "There is no setting colour (initializationOptions): docs/settings.md lists them all.",
        ),
        (
            {"history": True},
            "history in initializationOptions is a group of settings, not a value; "
            "write history.enabled, history.retention_days.",
        ),
        (
            ["model"],
            "The settings from initializationOptions are a list, not a group of settings; they are ignored.",
        ),
    ],
)
def test_messages_say_what_to_do(values: object, sentence: str):
    assert sentences(resolve([editor(values)])) == [sentence]


def test_a_bad_value_leaves_what_a_lower_layer_said():
    resolved = resolve([user(model="gpt-6"), editor({"model": 5})])
    assert resolved.settings.model == "gpt-6"
    assert resolved.origins["model"] == "config.toml"
    assert sentences(resolved)[0].endswith('; "gpt-6" is used.')


def test_a_bad_address_never_falls_back_to_a_place_the_user_did_not_mean():
    resolved = resolve(
        [editor({"base_url": "http://my-own-server/v1", "updates.url": "http://my-own-server/v"})]
    )
    assert resolved.settings.base_url == ""
    assert resolved.settings.updates_url == ""
    assert all("is not" not in sentence for sentence in sentences(resolved))
    assert "plain http is refused" in sentences(resolved)[0]


def test_a_good_address_in_a_higher_layer_heals_a_bad_one():
    resolved = resolve([user(base_url="http://example.org"), editor({"base_url": "https://example.org"})])
    assert resolved.settings.base_url == "https://example.org"


def test_a_misspelt_wish_for_no_version_check_sends_nothing():
    assert resolve([editor({"updates": {"check": "no"}})]).settings.updates_check is False


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "[::1]"]
)  # fmt: skip
def test_plain_http_to_this_machine_is_fine(host: str):
    url = f"http://{host}:8080/v1"
    resolved = resolve([editor({"base_url": url})])
    assert resolved.settings.base_url == url
    assert not resolved.problems


@pytest.mark.parametrize(
    "values",
    [
        {"history": {"enabled": False}},
        {"history.enabled": False},
        {"pygpt": {"history": {"enabled": False}}},
        {"pygpt": {"history.enabled": False}},
        {"pygpt.history": {"enabled": False}},
        {"pygpt.history.enabled": False},
    ],
)
def test_every_way_in_which_editors_nest_keys_is_understood(values: object):
    resolved = resolve([editor(values)])
    assert resolved.settings == Settings(history_enabled=False)
    assert not resolved.problems


@pytest.mark.parametrize(
    "values", [None, {}, {"pygpt": None}, {"pygpt": {}}, {"history": None}, {"history": {}}]
)
def test_an_empty_answer_of_an_editor_sets_nothing_and_is_no_problem(values: object):
    assert resolve([editor(values)]) == resolve([])


def test_null_means_not_set_here():
    resolved = resolve([user(temperature=0.5), editor(dict.fromkeys(BY_KEY))])
    assert resolved.settings.temperature == 0.5
    assert resolved.origins["temperature"] == "config.toml"
    assert not resolved.problems


def test_whole_floats_are_whole_numbers_since_some_editors_know_no_others():
    settings = resolve([editor({"max_input_tokens": 1000.0, "timeouts.idle": 60})]).settings
    assert (settings.max_input_tokens, type(settings.max_input_tokens)) == (1000, int)
    assert (settings.timeouts_idle, type(settings.timeouts_idle)) == (60.0, float)


def test_settings_cannot_be_changed_in_place():
    settings = resolve(
        [editor({"actions.enabled": ["fix", "fix", "ask"], "api_key_command": ["pass", "x"]})]
    ).settings
    assert settings.actions_enabled == ("fix", "ask")
    assert settings.api_key_command == ("pass", "x")
    with pytest.raises(AttributeError):
        settings.model = "x"  # type: ignore[misc]


@pytest.mark.parametrize("name", ["api_key", "apiKey", "openai_api_key", "OPENAI_API_KEY", "token", "secret"])
@pytest.mark.parametrize("group", ["", "openai.", "pygpt."])
def test_a_key_in_the_settings_is_told_where_it_belongs_and_never_repeated(name: str, group: str):
    (problem,) = resolve([editor({group + name: KEY})]).problems
    assert "OPENAI_API_KEY" in problem.sentence
    assert "keyring" in problem.sentence
    assert KEY not in repr(problem)


@pytest.mark.parametrize("key", sorted(BY_KEY))
@pytest.mark.parametrize(
    "found", [KEY, [KEY], {"x": KEY}, f"https://me:{KEY}@x.org/", f"https://x.org/?k={KEY}"]
)
def test_no_message_repeats_a_key_wherever_it_was_put(key: str, found: object):
    resolved = resolve([editor({key: found, "no_such_" + key: found, KEY: 1}), workspace({key: found})])
    assert KEY not in repr(resolved.problems)


def test_a_number_too_long_to_print_is_reported_all_the_same():
    (sentence,) = sentences(resolve([editor({"max_input_tokens": 10**5000})]))
    assert sentence.startswith("max_input_tokens in initializationOptions is a huge number: ")


def test_a_command_and_a_prompt_are_never_shown():
    long = "geheim " * 5000
    resolved = resolve(
        [
            editor({"api_key_command": "geheim\nx", "system_prompt": long}),
            workspace({"api_key_command": "geheim"}),
        ]
    )
    assert len(resolved.problems) == 3
    assert "geheim" not in repr(resolved.problems)


def test_the_environment_moves_the_defaults_of_the_two_addresses():
    env = {"OPENAI_BASE_URL": "https://llm.example.org/v1", "PYGPT_UPDATE_URL": "", "OPENAI_API_KEY": KEY}
    resolved = resolve([*environment_layers(env), workspace({"base_url": "https://evil.example"})])
    assert resolved.settings.base_url == "https://llm.example.org/v1"
    assert resolved.origins["base_url"] == "OPENAI_BASE_URL"
    assert resolved.settings.updates_url == Settings().updates_url
    explicit = resolve([*environment_layers(env), user(base_url="https://other.example.org")])
    assert explicit.settings.base_url == "https://other.example.org"


def test_no_folders_are_none_and_all_actions_are_all():
    shown = {each.key: each.value for each in described(resolve([]))}
    assert shown["prompts.paths"] == "none"
    assert shown["actions.enabled"] == "all"
