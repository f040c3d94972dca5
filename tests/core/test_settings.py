"""What the settings promise: merging never fails, the last word counts, a repository cannot reach too far."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.actions import ACTION_IDS
from pygpt_lsp.core.setting_values import last_of_each
from pygpt_lsp.core.settings import (
    DEFAULT,
    Layer,
    Resolved,
    Settings,
    described,
    environment_layers,
    resolve,
)
from pygpt_lsp.core.settings_table import NOTHING, TABLE, Setting

BY_KEY = {row.key: row for row in TABLE}
KEY = "sk-proj-abcDEF0123456789abcDEF"  # a made-up key, as a user might paste it into the wrong place


def user(**values: object) -> Layer:
    return Layer("config.toml", values, trusted=True)


def editor(values: object) -> Layer:
    return Layer("initializationOptions", values, trusted=True)


def workspace(values: object) -> Layer:
    return Layer(".pygpt/config.toml", values, trusted=False)


def sentences(resolved: Resolved) -> list[str]:
    return [problem.sentence for problem in resolved.problems]


def in_force(resolved: Resolved, row: Setting) -> object:
    return getattr(resolved.settings, row.attribute)


# One usable value for each key, all different from the default.
USABLE: dict[str, Any] = {
    "model": "gpt-6",
    "api": "chat",
    "base_url": "http://127.0.0.1:8080/v1",
    "api_key_command": "pass show openai",
    "max_output_tokens": 100,
    "max_input_tokens": 1000,
    "temperature": 0.5,
    "prices": {"gpt-6": [1.25, 10], "ö😀": [0, 0.5]},
    "reasoning_effort": "high",
    "system_prompt": "Schreib schön 😀.",
    "review": "propose",
    "actions.enabled": ["explain"],
    "prompts.paths": ["team/prompts"],
    "history.enabled": False,
    "history.retention_days": 30,
    "privacy.ignore": ["/secret ö/", "*.csv"],
    "privacy.redact_secrets": False,
    "updates.check": False,
    "updates.url": "https://example.org/version",
    "timeouts.connect": 5,
    "timeouts.idle": 600,
}

# For each key, values that cannot be used.
UNUSABLE: dict[str, list[object]] = {
    "model": [5, "", "gpt 5", "gpt\n5", "\ud800", "x" * 201, True, ["gpt-5.5"], KEY],
    "api": ["Chat", 1, ["chat"]],
    "base_url": [
        "api.openai.com", "ftp://example.org", "http://example.org/v1", "https://", "https://[::1", "https://u:p@x.org",
        "https://x.org?a=b", "https://x.org#a", "https://x.org:99999", "https://x .org", "https:\\\\x.org", 1,
        "http://127.0.0.1.example.org", "http://localhost.example.org", "http://2130706433", "https://x.org:0",
    ],
    "api_key_command": ["", "  ", [], [""], ["a", 1], "a\nb", 7, {"command": "x"}, KEY, ["echo", KEY]],
    "max_output_tokens": [0, -1, 1.5, "100", True, math.nan, math.inf, 10**400],
    "max_input_tokens": [0, "32000", False, -math.inf, 1e300],
    "temperature": [-0.1, 2.1, "0.5", True, math.nan, math.inf, 10**400, [1]],
    "prices": [
        1, "1", [1, 2], {"m": 1}, {"m": [1]}, {"m": [1, 2, 3]}, {"m": [1, "2"]}, {"m": [-1, 2]}, {"": [1, 2]},
        {"a b": [1, 2]}, {"m": [1, True]}, {"m": [math.nan, 1]}, {"m": None}, {1: [1, 2]},
        {"m": {"in": 1, "out": 2}},
    ],
    "reasoning_effort": ["HIGH", "very", 3],
    "system_prompt": [1, "x" * 20_001, "\0"],
    "review": ["never", True],
    "actions.enabled": ["explain", ["explian"], [1], [["explain"]], {"explain": True}],
    "prompts.paths": ["team", [""], ["a\nb"], [1], [None], {"a": 1}, ["\0"], [KEY], [*map(str, range(21))]],
    "history.enabled": ["false", 0, 1],
    "history.retention_days": [-1, 0.5, "30", 40_000],
    "privacy.ignore": ["*.csv", [1], {"a": 1}, ["a\nb"], ["\0"], ["x" * 1001], [*map(str, range(101))]],
    "privacy.redact_secrets": ["false", 0],
    "updates.check": ["false", 0],
    "updates.url": ["http://example.org/version", "pygpt.net", False],
    "timeouts.connect": [0, -1, "10", True, math.nan, 1e9],
    "timeouts.idle": [0, "120", math.inf],
}  # fmt: skip


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


# What a workspace may do


@pytest.mark.parametrize(
    "key", ["base_url", "api_key_command", "updates.check", "updates.url", "history.retention_days"]
)
def test_a_workspace_names_no_host_no_command_and_deletes_nothing(key: str):
    resolved = resolve([workspace({key: USABLE[key]})])
    assert resolved.settings == Settings()
    assert sentences(resolved) == [
        f"{key} in .pygpt/config.toml is ignored: a workspace may not set it; set it in your own settings."
    ]


@pytest.mark.parametrize(
    ("key", "less", "users", "more"),
    [
        ("review", "apply", "confirm", "propose"),
        ("max_input_tokens", 5000, 4000, 3000),
        ("history.enabled", True, False, False),
    ],
)
def test_a_workspace_can_make_things_more_careful_but_not_less(
    key: str, less: object, users: object, more: object
):
    row = BY_KEY[key]
    own = user(**{key: users})
    refused = resolve([own, workspace({key: less})])
    assert in_force(refused, row) == users
    assert f"a workspace may {row.workspace.words}; " in sentences(refused)[0]
    allowed = resolve([own, workspace({key: more})])
    assert in_force(allowed, row) == more
    assert not allowed.problems


def test_the_editors_word_counts_more_than_the_workspaces():
    resolved = resolve([workspace({"model": "theirs", "review": "propose"}), editor({"model": "mine"})])
    assert (resolved.settings.model, resolved.settings.review) == ("mine", "propose")


def test_what_a_workspace_may_not_do_has_machine_scope_in_editors():
    assert {row.key for row in TABLE if row.machine_scope} >= {
        row.key for row in TABLE if not row.workspace_safe
    }
    assert all(
        BY_KEY[key].machine_scope for key in ("base_url", "api_key_command", "updates.check", "updates.url")
    )


def test_a_value_that_stops_sending_cannot_come_from_a_workspace():
    # But what it may exclude by a pattern it may exclude by a mistake too.
    # Secrets it may have masked in any case.
    rows = [row for row in TABLE if row.if_bad is not None and not row.adds]
    assert all(row.workspace is NOTHING or row.key == "privacy.redact_secrets" for row in rows)


def test_a_workspace_can_have_secrets_masked_and_never_have_them_sent():
    on, off = {"privacy.redact_secrets": True}, {"privacy.redact_secrets": False}
    resolved = resolve([workspace(off)])
    assert resolved.settings.privacy_redact_secrets is True
    assert sentences(resolved) == [
        "privacy.redact_secrets in .pygpt/config.toml is false, but a workspace may only turn it on; "
        "the default true is used."
    ]
    assert resolve([user(**off), workspace(on)]).settings.privacy_redact_secrets is True
    assert resolve([user(**off)]).settings.privacy_redact_secrets is False
    mistaken = resolve([user(**off), editor({"privacy.redact_secrets": "no"})])
    assert mistaken.settings.privacy_redact_secrets is True
    assert "secrets are masked until it is corrected" in sentences(mistaken)[0]


def test_what_is_excluded_adds_up_and_a_workspace_cannot_take_it_back():
    layers = [
        user(**{"privacy.ignore": ["*.csv"]}),
        workspace({"privacy": {"ignore": ["/plans/"]}}),
        editor({"privacy": {"ignore": []}}),
        editor({"privacy": {"ignore": ["*.ö"]}}),
    ]
    resolved = resolve(layers)
    assert resolved.settings.privacy_ignore == ("*.csv", "/plans/", "*.ö")
    assert resolved.origins["privacy.ignore"] == ("config.toml, .pygpt/config.toml, initializationOptions")
    assert not resolved.problems
    resolved = resolve([layers[0], workspace({"privacy.ignore": ["!*.csv"]})])
    assert resolved.settings.privacy_ignore == ("*.csv",)
    assert sentences(resolved) == [
        "privacy.ignore in .pygpt/config.toml is a list, but a workspace may only add to it; "
        "the value before is used."
    ]


def test_a_pattern_that_is_named_twice_counts_where_it_came_last():
    again = ["*.csv", "!mine.csv", "*.csv"]
    assert resolve([user(**{"privacy.ignore": again})]).settings.privacy_ignore == ("!mine.csv", "*.csv")
    layers = [user(**{"privacy.ignore": again[:2]}), editor({"privacy": {"ignore": again[2:]}})]
    assert resolve(layers).settings.privacy_ignore == ("!mine.csv", "*.csv")


# Properties

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["", KEY, 10**400])
)
json_values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from([*BY_KEY, *USABLE, "history", "timeouts", "pygpt", "api_key", "modle"]) | st.text()
entries = [
    (key, value) for key, bad in UNUSABLE.items() for value in (*bad, USABLE[key], BY_KEY[key].default)
]
more_entries = [
    ("review", "confirm"),
    ("review", "apply"),
    ("max_input_tokens", 2000),
    ("max_input_tokens", 10**6),
]
aimed = st.lists(st.sampled_from(entries + more_entries), max_size=8).map(
    lambda found: dict[str, object](found)
)
layer_values = (
    aimed
    | json_values
    | st.recursive(
        st.dictionaries(names, json_values, max_size=6) | aimed,
        lambda inner: st.dictionaries(names, inner, max_size=3),
        max_leaves=3,
    )
)
layers = st.lists(st.builds(Layer, st.sampled_from(["a", "b"]), layer_values, st.booleans()), max_size=4)


@given(layers)
def test_whatever_is_sent_the_settings_are_valid_and_nothing_is_raised(found: list[Layer]):
    resolved = resolve(found)
    for row in TABLE:
        value = in_force(resolved, row)
        bad = row.if_bad is not None and value == row.if_bad.value
        assert value == row.default or bad or row.kind.check(value) == value
        assert resolved.origins[row.key] == DEFAULT or value is not None
    assert KEY not in repr(resolved.problems)
    for problem in resolved.problems:
        assert problem.sentence.isprintable()
        problem.sentence.encode()


@given(st.lists(layer_values, max_size=3), st.lists(layer_values, min_size=1, max_size=3))
def test_no_layer_that_is_not_trusted_changes_an_unsafe_key(own: list[object], theirs: list[object]):
    mine = [editor(values) for values in own]
    before, after = resolve(mine), resolve(mine + [workspace(values) for values in theirs])
    for row in TABLE:
        value, allowed = in_force(after, row), in_force(before, row)
        if not row.workspace_safe:
            assert value == allowed
            assert after.origins[row.key] == before.origins[row.key]
        elif value != allowed:
            assert row.workspace.allows(value, allowed)


ruled = st.fixed_dictionaries(
    {},
    optional={
        "review": st.sampled_from(["apply", "confirm", "propose"]),
        "max_input_tokens": st.integers(256, 10_000_000),
        "history.enabled": st.booleans(),
    },
)


@given(ruled, st.lists(ruled, min_size=1, max_size=3))
def test_no_chain_of_workspaces_makes_anything_less_careful(
    own: dict[str, object], theirs: list[dict[str, object]]
):
    before, after = resolve([editor(own)]).settings, resolve([editor(own), *map(workspace, theirs)]).settings
    careful = ["apply", "confirm", "propose"]
    assert careful.index(after.review) >= careful.index(before.review)
    assert after.max_input_tokens <= before.max_input_tokens
    assert after.history_enabled <= before.history_enabled


@pytest.mark.parametrize(
    "path",
    ["/etc", "~/prompts", "..", "a/../../b", "a\\..\\..\\b", "C:\\x", "C:x", "\\\\host\\x", "\\x", "~root"],
)
def test_a_workspace_names_no_folder_outside_of_it(path: str):
    resolved = resolve([editor({"prompts.paths": ["/mine"]}), workspace({"prompts.paths": ["team", path]})])
    assert resolved.settings.prompts_paths == ("/mine",)
    assert "a workspace may only name folders inside the workspace" in sentences(resolved)[0]
    assert resolve([workspace({"prompts.paths": ["team", "./x ö"]})]).settings.prompts_paths == (
        "team",
        "./x ö",
    )


def test_no_folders_are_none_and_all_actions_are_all():
    shown = {each.key: each.value for each in described(resolve([]))}
    assert shown["prompts.paths"] == "none"
    assert shown["actions.enabled"] == "all"


@given(st.lists(st.tuples(st.sampled_from(sorted(BY_KEY)), st.booleans()), max_size=12))
@example([("privacy.ignore", True), ("privacy.ignore", True)])
def test_later_layers_win_key_by_key(steps: list[tuple[str, bool]]):
    expected: dict[str, Any] = {row.key: row.default for row in TABLE}
    chain: list[Layer] = []
    for key, usable in steps:
        row = BY_KEY[key]
        value: Any = row.kind.check(USABLE[key]) if usable else row.default if row.adds else expected[key]
        chain.append(editor({key: value}))
        expected[key] = last_of_each((*expected[key], *value)) if row.adds else value
    settings = resolve(chain).settings
    assert {row.key: getattr(settings, row.attribute) for row in TABLE} == expected


@given(st.sampled_from(sorted(UNUSABLE)), st.data())
def test_each_bad_entry_gives_exactly_one_problem(key: str, data: st.DataObject):
    bad = {
        key: data.draw(st.sampled_from(UNUSABLE[key]))
        for key in data.draw(st.sets(st.sampled_from(sorted(UNUSABLE))))
    }
    unknown = dict.fromkeys(
        data.draw(st.sets(st.sampled_from(["modle", "colour", "api_key", "history", "a.b"]))), 1
    )
    problems = resolve([editor({**bad, **unknown})]).problems
    assert sorted(problem.key for problem in problems) == sorted([*bad, *unknown])
