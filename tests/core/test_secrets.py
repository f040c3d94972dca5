"""Secrets are found, exactly; what looks like one is left alone."""

from __future__ import annotations

import pytest

from pygpt_lsp.core.secrets.finding import find_secrets
from pygpt_lsp.core.secrets.kinds import label_of
from tests.core.secrets.corpus import LOOKALIKES, TRUE_SECRETS, Case


@pytest.mark.parametrize("case", TRUE_SECRETS, ids=str)
def test_a_secret_is_found_and_nothing_around_it(case: Case) -> None:
    found = find_secrets(case.text)

    assert [case.text[each.start : each.end] for each in found] == [case.secret]
    assert [label_of(each.kind) for each in found] == [case.kind]


@pytest.mark.parametrize("case", LOOKALIKES, ids=str)
def test_a_look_alike_is_left_alone(case: Case) -> None:
    assert [case.text[each.start : each.end] for each in find_secrets(case.text)] == []
