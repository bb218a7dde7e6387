"""For an analyst: two measures that no library has, in a few lines each.

Run it with ``python examples/own_kpi.py``.
"""

import salesflow as sf
from salesflow import datasets, metrics
from salesflow.metrics.own import at_least, count, is_, quotient, share, total

WON, LOST = is_("outcome", "won"), is_("outcome", "lost")

LARGE_WINS = share(at_least("amount", 10_000), of=WON, dated_by="closed_at")
"""Of the won deals, what share is worth 10,000 or more?"""

LOST_PER_DAY = quotient(total("amount", LOST), total("cycle_days", LOST))
"""How much did we lose for each day that we worked on it?"""

LOST_PER_WIN = quotient(count(LOST, dated_by="closed_at"), count(WON, dated_by="closed_at"))
"""How many deals are lost for each one that is won?"""


def by_hand(deals: tuple[sf.Deal, ...]) -> tuple[int, int]:
    """The large wins, and all wins with an amount, counted in the plainest way."""
    won = [deal.amount.amount for deal in deals if deal.outcome == "won" and deal.amount]
    return sum(amount >= 10_000 for amount in won), len(won)


if __name__ == "__main__":
    dataset = datasets.make_deals(2_000, seed=17)
    deals = dataset.deals

    print("Won deals worth 10,000 or more")
    print(metrics.measure(deals, LARGE_WINS, by="owner_id"), "\n")
    print("Lost for each one that is won")
    print(metrics.measure(deals, LOST_PER_WIN, every="quarter"), "\n")

    large = metrics.measure(deals, LARGE_WINS)
    assert (large.numerator, large.denominator) == by_hand(deals)
    # All deals without an amount are counted as left out, not as small ones.
    n_won = metrics.measure(deals, count(WON)).value
    assert isinstance(large.denominator, int)
    assert n_won == large.denominator + large.left_out["no_amount"]

    per_day = metrics.measure(deals, LOST_PER_DAY).value
    assert isinstance(per_day, sf.Money)
    print(f"Lost for each day of work: {per_day.round()}")
    lost = [deal for deal in deals if deal.outcome == "lost"]
    amount = sum(deal.amount.amount for deal in lost if deal.amount)
    days = metrics.cycle_time(deals, outcome="lost")
    assert days.mean_days is not None
    assert abs(float(per_day.amount) - float(amount) / (days.mean_days * days.n)) < 1e-6
