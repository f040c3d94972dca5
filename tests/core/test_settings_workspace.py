"""A workspace's settings can make things more careful: a repository is not trusted."""

from __future__ import annotations

import pytest

from pygpt_lsp.core.settings import Settings, resolve
from pygpt_lsp.core.settings_table import NOTHING, TABLE
from tests.support.settings_kit import BY_KEY, USABLE, editor, in_force, sentences, user, workspace


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
