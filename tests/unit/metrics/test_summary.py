"""How is the pipeline doing?"""

import attrs
import pytest

from salesflow import Period, metrics
from salesflow.errors import MixedCurrencyError, OptionError
from tests.shorthand import NOW, at, eur, lived, lost, on, still_open, usd, won

BOOK = [
    won("D-1", 1, 11, 1000, "kim"),
    won("D-2", 1, on(10, 2), 3000, "lee"),
    lost("D-3", 1, 15, None, "kim"),
    still_open("D-4", on(1, 2), 99, "kim"),
]


def test_every_number_in_one_pass():
    found = metrics.summary(BOOK, as_of=NOW)
    assert (found.n_created, found.n_open, found.n_won, found.n_lost) == (4, 1, 2, 1)
    assert (found.win_rate.value, found.conversion_rate.value) == (pytest.approx(2 / 3), 0.5)
    assert (found.total_won, found.average_deal_size.mean) == (eur(4000), eur(2000))
    assert found.cycle_time.mean_days == 25.0  # 10 and 40
    # 1 × 2/3 × 2,000 ÷ 25
    assert found.pipeline_velocity.per_day == eur("53.33333333333333333333333333")
    assert (found.as_of, found.currency) == (NOW, "EUR")


@pytest.mark.parametrize(
    "options",
    [{}, {"by": "owner_id"}, {"every": "month"}, {"period": Period.month(2026, 1)}],
    ids=["whole", "by owner", "every month", "January"],
)
def test_its_parts_are_the_metrics(options):
    found = metrics.summary(BOOK, as_of=NOW, **options)
    parts = {
        "win_rate": metrics.win_rate,
        "average_deal_size": metrics.average_deal_size,
        "cycle_time": metrics.cycle_time,
        "pipeline_velocity": metrics.pipeline_velocity,
        "conversion_rate": metrics.conversion_rate,
    }
    for name, metric in parts.items():
        alone = metric(BOOK, as_of=NOW, **options)
        rows = alone.items() if isinstance(alone, metrics.Breakdown) else [(None, alone)]
        for key, result in rows:
            of_summary = found if key is None else found[key]
            # A rate of counts looks at no amount, so alone it knows of no currency.
            part = attrs.evolve(getattr(of_summary, name), currency=result.currency)
            assert part == result


def test_each_number_has_its_own_date():
    found = metrics.summary(BOOK, as_of=NOW, every="month")
    rows = [(str(key), of.n_created, of.n_open, of.n_won, of.n_lost) for key, of in found.items()]
    # Created in, open at as_of, won in, lost in.
    assert rows == [("2026-01", 3, 1, 1, 1), ("2026-02", 1, 1, 1, 0)]


def test_created_deals_count_under_the_owner_who_opened_them():
    deal = lived("D", (at(1), "open"), (at(2), "owner", "lee"), (at(5), "win"), owner_id="kim")
    found = metrics.summary([deal], as_of=NOW, by="owner_id")
    assert {owner: (of.n_created, of.n_won) for owner, of in found.items()} == {
        "kim": (1, 0),
        "lee": (0, 1),
    }


def test_what_is_left_out_is_the_widest_count_of_each_reason():
    book = [*BOOK, won("D-5", 1), lost("D-6", 1), lost("D-7")]
    found = metrics.summary(book, as_of=NOW, period=Period.year(2026))
    assert dict(found.left_out) == {"no_created_at": 1, "no_closed_at": 3}
    assert metrics.summary(book, as_of=NOW, every="year").left_out == found.left_out


def test_without_a_period_unknown_dates_are_counted_as_what_they_spoil():
    found = metrics.summary([won("D-5", 1)], as_of=NOW)
    assert (found.n_won, dict(found.left_out)) == (1, {"no_amount": 1, "unknown_cycle": 1})


def test_two_currencies_have_no_summary():
    with pytest.raises(MixedCurrencyError):
        metrics.summary([*BOOK, won("D-5", amount=usd(1))], as_of=NOW)


def test_of_nothing_it_is_nothing():
    found = metrics.summary([], as_of=NOW, currency="EUR")
    assert (found.n_created, found.win_rate.value, found.total_won) == (0, None, eur(0))
    assert metrics.summary([], as_of=NOW, by="owner_id") == {}


def test_now_has_to_be_said():
    with pytest.raises(TypeError, match="as_of"):
        metrics.summary(BOOK)
    with pytest.raises(OptionError, match="cannot use as_of None"):
        metrics.summary(BOOK, as_of=None)


def test_it_shows_itself():
    head, kim, lee, note = str(metrics.summary(BOOK, as_of=NOW, by="owner_id")).splitlines()
    assert head.split() == [
        *("owner_id", "n_created", "n_open", "n_won", "n_lost", "win_rate"),
        *("average_deal_size", "total_won", "cycle_days", "per_day"),
    ]
    assert kim.split()[:5] == ["kim", "3", "1", "1", "1"]
    assert " ".join(kim.split()[5:]) == "50.0% (1 of 2) EUR 1,000.00 EUR 1,000.00 10.0 EUR 50.00"
    assert lee.split()[:5] == ["lee", "1", "0", "1", "0"]
    assert " ".join(lee.split()[5:]) == "100.0% (1 of 1) EUR 3,000.00 EUR 3,000.00 40.0 EUR 0.00"
    assert note == "as of 2026-06-01T00:00:00+00:00"


def test_it_says_how_many_count_as_closed_nobody_knows_when():
    book = [*BOOK, won("D-5", 1, None, 1), lost("D-6", 1), still_open("D-7")]
    found = metrics.summary(book, as_of=NOW)
    assert found.assumed == found.pipeline_velocity.assumed
    assert dict(found.assumed) == {"no_created_at": 1, "no_closed_at": 2}
    assert metrics.summary(book, as_of=NOW, by="outcome").assumed == found.assumed
