"""Which pushed settings are for us: some editors send every server the settings of all."""

from __future__ import annotations

import pytest

from pygpt_lsp.core.settings import concerns_us


@pytest.mark.parametrize(
    "values",
    [
        {"model": 5},
        {"pygpt": {"model": "m"}},
        {"pygpt.model": "m"},
        {"history": {"enabled": True}},
        {"history": {"no_such": 1}},
        {"updates.check": None},
        {"gopls": {}, "model": "m"},
    ],
    ids=repr,
)
def test_one_key_of_ours_makes_them_ours_whatever_its_value(values: object) -> None:
    assert concerns_us(values)


@pytest.mark.parametrize(
    "values", [None, {}, [], 5, "model", {"gopls": {"model": "m"}}, {"modle": "m"}, {5: 6}], ids=repr
)
def test_without_one_they_are_somebody_elses(values: object) -> None:
    assert not concerns_us(values)
