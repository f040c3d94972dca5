"""What holds for settings of whatever kind, from however many places."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from pygpt_lsp.core.setting_values import last_of_each
from pygpt_lsp.core.settings import DEFAULT, Layer, resolve
from pygpt_lsp.core.settings_table import TABLE
from tests.support.settings_kit import BY_KEY, KEY, UNUSABLE, USABLE, editor, in_force, workspace

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
