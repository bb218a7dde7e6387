"""Cases in which a forecast counted what it should not, or lost what it should count."""

from salesflow import Period
from salesflow.forecast import cash, rollup
from tests.shorthand import at, eur, lost, on, still_open

FIRST = {"period": Period.quarter(2026, 1), "as_of": at(15, month=2)}


# S4
def test_a_category_written_as_one_word_is_the_one_of_two():
    deal = still_open("D", 1, 1000, category="MostLikely", expected_close_on=on(1, 3))
    found = rollup([deal], **FIRST)
    assert (found["most_likely"].total, found.total.n_deals) == (eur(1000), 1)


# S6
def test_a_lost_deal_is_in_no_forecast():
    deal = lost("D", 1, 5, 1000, expected_close_on=on(1, 3))
    found = rollup([deal], **FIRST)
    assert (found.total.total, found.total.n_deals) == (eur(0), 0)
    assert dict(found.left_out) == {"lost": 1}
    assert cash([deal], as_of=FIRST["as_of"]).total == eur(0)
