"""What a request costs, by the user's prices and by no others."""

from __future__ import annotations

from pygpt_lsp.core.prices import Price, cost, shown_cost
from pygpt_lsp.core.settings import Layer, Settings, resolve

PRICES = {"gpt-5.5": Price(1.25, 10)}


def test_tokens_are_priced_by_the_million() -> None:
    assert cost(PRICES, "gpt-5.5", 1_000_000, 100_000) == 1.25 + 1.0
    assert cost(PRICES, "gpt-5.5", 4_000) == 0.005


def test_a_model_without_a_price_of_its_own_has_none() -> None:
    for model in ("gpt-5", "gpt-5.5-mini", "gpt-5.5-2026-01-01", ""):
        assert cost(PRICES, model, 1) is None
    assert Settings().prices == {}


def test_an_amount_is_short_and_never_shown_as_nothing_where_it_is_something() -> None:
    shown = [shown_cost(amount) for amount in (0, 0.00001, 0.005, 0.12345, 1.239, 1234.5)]
    assert shown == ["0.00", "less than 0.0001", "0.0050", "0.1235", "1.24", "1234.50"]


def test_prices_come_as_a_file_writes_them() -> None:
    layer = Layer("config.toml", {"prices": {"gpt-5.5": [1.25, 10]}}, trusted=True)
    assert resolve([layer]).settings.prices == PRICES
    assert resolve([layer._replace(values={"pygpt": {"prices": {}}})]).settings.prices == {}
    assert resolve([layer._replace(trusted=False)]).settings.prices == {}
