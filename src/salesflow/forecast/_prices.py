"""What deals without an amount are worth, to a caller who says so."""

from collections.abc import Callable, Mapping
from typing import Any

from salesflow.errors import OptionError, shown
from salesflow.facts.columns import deal_reader
from salesflow.forecast._asking import asked
from salesflow.models import Deal
from salesflow.money import Money

Prices = Mapping[str, Money] | Callable[[Deal], Money | None]
"""The price of each product, by ``custom.product``, or a function that tells that of a deal."""

_PRODUCT = "custom.product"


def to_pricer(prices: Prices | None) -> Callable[[Deal], Money | None]:
    """What tells the price of a deal; None where nobody says.

    Raises:
        OptionError: for prices that are none, here or when they are asked for.
    """
    given: Any = prices
    if given is None:
        return lambda _: None
    if isinstance(given, Mapping):
        for product, price in given.items():
            _check(price, f"prices[{product!r}]")
        product_of = deal_reader(_PRODUCT)
        return lambda deal: given.get(product_of(deal))
    if not callable(given) or isinstance(given, type):
        msg = f"cannot take prices={shown(prices)}: it is no mapping, and no function of a deal"
        hint = "give {'GTX Basic': Money(550, 'USD')}, by custom.product."
        raise OptionError(msg, hint=hint, parameter="prices", value=prices)
    return lambda deal: _asked(given, deal)


def _asked(prices: Callable[[Deal], Any], deal: Deal) -> Money | None:
    hint = "it answers for every deal: with Money, or None where the price is unknown."
    found = asked(prices, deal, "prices", "the price", hint)
    return None if found is None else _check(found, f"the price of deal '{deal.id}'")


def _check(price: object, what: str) -> Money:
    if not isinstance(price, Money):
        msg = f"cannot take {what}: {shown(price)} is no Money"
        raise OptionError(
            msg, hint="give Money(550, 'USD') or so.", parameter="prices", value=price
        )
    return price
