"""What `simulate` and `what_if` take besides."""

from typing import TypedDict

from salesflow.forecast._prices import Prices
from salesflow.money import Rates


class SimulationOptions(TypedDict, total=False):
    """What `simulate` and `what_if` take besides.

    Attributes:
        shock: how strong the shock is that all deals share: the standard deviation of the logarithm
            of what their odds are multiplied by. 0 for deals that are independent; learned from the
            history unless given, at most 3. [0 to 3]
        new_deals: whether deals that are still to come are drawn too: new and reopened ones.
        prices: what deals without an amount are worth: the price of each product, by
            ``custom.product``, or a function of the deal. They are left out unless given.
        rates: exchange rates; the revenue is then in their base currency.
        progress: whether to show a bar on standard error; needs ``rich``.
    """

    shock: float | None
    new_deals: bool
    prices: Prices | None
    rates: Rates | None
    progress: bool
