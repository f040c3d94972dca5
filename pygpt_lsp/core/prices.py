"""What a request costs, by the prices that the user has set: there are no others, they would go stale."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_MILLION = 1_000_000
_SMALLEST = 0.0001


class Price(NamedTuple):
    """The prices of a model for a million tokens, in and out, in whatever currency the user thinks in."""

    input: float
    output: float


def cost(prices: Mapping[str, Price], model: str, tokens_in: int, tokens_out: int = 0) -> float | None:
    """What so many tokens cost with `model`; None where no price is set for exactly this name."""
    price = prices.get(model)
    if price is None:
        return None
    return (tokens_in * price.input + tokens_out * price.output) / _MILLION


def shown_cost(amount: float) -> str:
    """An amount for people."""
    if 0 < amount < _SMALLEST:
        return f"less than {_SMALLEST:.4f}"
    return f"{amount:.2f}" if amount >= 1 or amount == 0 else f"{amount:.4f}"
