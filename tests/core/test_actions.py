"""The menu: what is offered, in which order, under which names, and what is left out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pygpt_lsp.core.actions import (
    ACTION_IDS,
    ACTIONS,
    CODE_ACTION_KINDS,
    Offer,
    Situation,
    action_by_id,
    kind_wanted,
    offers,
)

AT_CURSOR = Situation("python", has_selection=False, has_region=True, automatic=False)
SELECTED = AT_CURSOR._replace(has_selection=True)
NOWHERE = AT_CURSOR._replace(has_region=False)

texts = st.text(st.characters() | st.sampled_from("\n\r\t ö😀\u2028"), max_size=120)
situations = st.builds(
    Situation,
    language_id=st.sampled_from(["python", "gitcommit", "", "c"]),
    has_selection=st.booleans(),
    has_region=st.booleans(),
    automatic=st.booleans(),
    diagnostics=st.lists(texts, max_size=3),
    instruction=st.none() | texts,
    running=st.booleans(),
)
kinds = st.none() | st.lists(
    st.sampled_from(["", "quickfix", "refactor", "refactor.rewrite", "source", "pygpt", "x.y"]), max_size=3
)
enabled_sets = st.frozensets(st.sampled_from(ACTION_IDS))


def menu(situation: Situation, **options: object) -> list[str]:
    return [offer.title for offer in offers(situation, enabled=ACTION_IDS, **options)]  # type: ignore[arg-type]


def test_with_a_selection_the_menu_has_every_action_on_code() -> None:
    assert offers(SELECTED, enabled=ACTION_IDS) == [
        Offer("ask", "PyGPT: Ask…", "pygpt.chat"),
        Offer("explain", "PyGPT: Explain", "pygpt.chat"),
        Offer("document", "PyGPT: Document this", "refactor.rewrite"),
        Offer("simplify", "PyGPT: Simplify", "refactor.rewrite"),
        Offer("optimize", "PyGPT: Optimize", "refactor.rewrite"),
        Offer("tests", "PyGPT: Write tests", "pygpt.chat"),
        Offer("review", "PyGPT: Review", "pygpt.chat"),
    ]


def test_in_a_definition_the_menu_is_the_same_and_offers_to_write_at_the_cursor() -> None:
    assert menu(AT_CURSOR) == [*menu(SELECTED), "PyGPT: Implement here"]


def test_outside_of_any_definition_only_what_needs_no_code_is_offered() -> None:
    assert menu(NOWHERE) == ["PyGPT: Ask…", "PyGPT: Implement here"]


def test_an_instruction_comes_first_and_each_diagnostic_after_it_then_it_is_asked_as_a_question() -> None:
    situation = SELECTED._replace(instruction="make it async", diagnostics=["undefined name ö", "unused 😀"])
    assert offers(situation, enabled=ACTION_IDS)[:4] == [
        Offer("rewrite", 'PyGPT: Do "make it async"', "refactor.rewrite"),
        Offer("fix", "PyGPT: Fix: undefined name ö", "quickfix", 0),
        Offer("fix", "PyGPT: Fix: unused 😀", "quickfix", 1),
        Offer("ask", 'PyGPT: Ask "make it async"', "pygpt.chat", question="make it async"),
    ]
    assert menu(situation)[4:] == menu(SELECTED)


def test_what_runs_can_be_stopped_first_of_all() -> None:
    situation = SELECTED._replace(running=True, instruction="x")
    assert menu(situation)[:2] == ["PyGPT: Stop", 'PyGPT: Do "x"']
    assert [offer.title for offer in offers(situation, enabled=())] == ["PyGPT: Stop"]


def test_long_and_broken_texts_become_short_titles_of_one_line() -> None:
    situation = SELECTED._replace(
        instruction="make\n  it\tasync " * 9, diagnostics=["Expected ö,\n  got 😀 " * 9]
    )
    do, fix = menu(situation)[:2]
    assert do.startswith('PyGPT: Do "make it async make it async')
    assert do.endswith('…"')
    assert len(do) == len('PyGPT: Do ""') + 50
    assert fix.startswith("PyGPT: Fix: Expected ö, got 😀 Expected")
    assert fix.endswith("…")
    assert len(fix) <= len("PyGPT: Fix: ") + 60


def test_the_menu_that_opens_by_itself_is_empty_unless_something_is_selected() -> None:
    everything = AT_CURSOR._replace(instruction="x", diagnostics=["y"], running=True, automatic=True)
    assert offers(everything, enabled=ACTION_IDS) == []
    selected = everything._replace(has_selection=True)
    assert menu(selected) == menu(selected._replace(automatic=False))


def test_a_commit_message_is_offered_where_one_is_written_and_nowhere_else() -> None:
    for situation in (SELECTED, AT_CURSOR, NOWHERE):
        commit = situation._replace(language_id="gitcommit", instruction="x", diagnostics=["y"])
        assert offers(commit, enabled=ACTION_IDS) == [
            Offer("commit", "PyGPT: Write the commit message", "source")
        ]
        assert "PyGPT: Write the commit message" not in menu(situation)


def test_an_action_that_is_switched_off_is_not_offered() -> None:
    situation = AT_CURSOR._replace(instruction="x", diagnostics=["y"])
    for action_id in ACTION_IDS:
        rest = [each for each in ACTION_IDS if each != action_id]
        shown = {offer.action_id for offer in offers(situation, enabled=rest)}
        assert action_id not in shown
        assert shown == {offer.action_id for offer in offers(situation, enabled=ACTION_IDS)} - {action_id}


@pytest.mark.parametrize(
    ("only", "wanted"),
    [
        (None, True),
        ([], True),
        ([""], True),
        (["refactor"], True),
        (["refactor.rewrite"], True),
        (["quickfix", "refactor"], True),
        (["refactor.rewrite.deeper"], False),
        (["refactor.extract"], False),
        (["refac"], False),
        (["quickfix"], False),
        (["pygpt"], False),
    ],
)
def test_kinds_are_wanted_by_their_beginning(only: list[str] | None, wanted: bool) -> None:
    assert kind_wanted("refactor.rewrite", only) is wanted


@pytest.mark.parametrize(
    ("only", "titles"),
    [
        ("quickfix", ["PyGPT: Fix: y"]),
        ("refactor", ['PyGPT: Do "x"', "PyGPT: Document this", "PyGPT: Simplify", "PyGPT: Optimize"]),
        (
            "pygpt",
            ['PyGPT: Ask "x"', "PyGPT: Ask…", "PyGPT: Explain", "PyGPT: Write tests", "PyGPT: Review"],
        ),
        ("source", []),
        ("source.organizeImports", []),
    ],
)
def test_a_menu_of_one_kind_holds_that_kind_in_the_same_order(only: str, titles: list[str]) -> None:
    assert menu(SELECTED._replace(instruction="x", diagnostics=["y"]), only=[only]) == titles


@given(situations, enabled_sets, kinds)
def test_every_menu_is_a_selection_from_the_whole_one(
    situation: Situation, enabled: frozenset[str], only: list[str] | None
) -> None:
    whole = offers(situation, enabled=ACTION_IDS)
    shown = offers(situation, enabled=enabled, only=only)
    assert shown == [
        offer
        for offer in whole
        if kind_wanted(offer.kind, only) and (offer.action_id in enabled or offer.action_id == "stop")
    ]
    for offer in shown:
        assert offer.title.startswith("PyGPT: ")
        assert len(offer.title.splitlines()) == 1
        assert len(offer.title) < 80
        assert offer.kind in CODE_ACTION_KINDS
        assert (offer.number is not None) == (offer.action_id == "fix")


@given(situations)
def test_no_two_entries_mean_the_same(situation: Situation) -> None:
    shown = [
        (offer.action_id, offer.number, offer.question) for offer in offers(situation, enabled=ACTION_IDS)
    ]
    assert len(set(shown)) == len(shown)


def test_the_catalogue_holds_together() -> None:
    assert len(set(ACTION_IDS)) == len(ACTION_IDS)
    for action in ACTIONS:
        assert action_by_id(action.id) is action
        assert action.kind in CODE_ACTION_KINDS
        assert bool(action.instruction) == (action.id != "ask")
        assert (action.outcome == "chat") == (action.kind == "pygpt.chat"), (
            "an answer in a chat changes no code"
        )
    assert action_by_id("format the disk") is None
