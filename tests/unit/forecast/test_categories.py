"""What do we expect of the period, by forecast category?"""

import json
import pickle
from datetime import UTC, date, datetime

import pytest

from salesflow import Money, Period, Pipeline, Rates, Stage, facts, forecast, metrics
from salesflow.errors import ColumnError, DataError, MixedCurrencyError, OptionError, PeriodError
from salesflow.forecast import CategoryTotal
from tests.shorthand import at, eur, lost, on, still_open, usd, won

Q1 = Period.quarter(2026, 1)
TODAY = at(15, month=2)
ASKED = {"period": Q1, "as_of": TODAY}
LIBRARIES = ["pandas", "pandas[pyarrow]", "polars", "polars[lazy]", "pyarrow", "duckdb"]


def due(identity, amount, close_on, category=None, owner="kim"):
    return still_open(identity, 1, amount, owner, expected_close_on=close_on, category=category)


BOOK = [
    due("D-1", 100, on(1, 3), "commit"),
    due("D-2", 50, on(31, 3), "best_case"),
    due("D-3", 20, on(1, 2), "commit"),  # overdue: expected a fortnight ago, and open
    due("D-4", None, on(15, 2), "pipeline", "lee"),  # today is not overdue
    due("D-5", 70, on(1, 4), "commit"),  # next quarter
    won("D-6", 1, on(10, 2), 30, "kim"),
    won("D-7", 1, date(2025, 12, 31), 1000, "kim"),  # last quarter
    lost("D-8", 1, on(10, 2), 500, "kim"),
]


def amounts(found):
    """What is in each category that holds deals."""
    return {
        name: (int(one.total.amount), one.n_deals)
        for name, one in found.categories.items()
        if one.n_deals
    }


def test_open_deals_by_category_and_what_is_won_under_closed():
    found = forecast.rollup(BOOK, **ASKED)
    assert amounts(found) == {
        "commit": (120, 2),  # 100 + 20
        "best_case": (50, 1),
        "pipeline": (0, 1),
        "closed": (30, 1),
    }
    # 100 + 50 + 20 + 30, of D-1, D-2, D-3, D-4 and D-6
    assert found.total == CategoryTotal(eur(200), n_deals=5, n_unpriced=1, n_overdue=1)
    assert found["commit"] == CategoryTotal(eur(120), n_deals=2, n_unpriced=0, n_overdue=1)
    assert found["pipeline"] == CategoryTotal(eur(0), n_deals=1, n_unpriced=1, n_overdue=0)
    assert dict(found.left_out) == {"no_amount": 1, "lost": 1}
    assert (found.as_of, found.currency, dict(found.assumed)) == (TODAY, "EUR", {})


def test_the_surer_ones_are_added_up():
    found = forecast.rollup([*BOOK, due("D-9", 7, on(1, 3), "omitted")], **ASKED)
    assert found.cumulated == {
        "closed": eur(30),
        "commit": eur(150),  # 30 + 120
        "most_likely": eur(150),
        "best_case": eur(200),  # 150 + 50
        "pipeline": eur(200),
    }
    assert found.total.total == eur(207)  # omitted deals are in the total alone


def test_of_nothing_all_six_are_there_and_0():
    found = forecast.rollup([], **ASKED)
    none = CategoryTotal(Money(0, "XXX"), 0, 0, 0)
    names = ["pipeline", "best_case", "most_likely", "commit", "closed", "omitted", "uncategorized"]
    assert [*found.categories] == names
    assert {*found.categories.values(), found.total} == {none}
    assert forecast.rollup([], **ASKED, currency="EUR").total.total == eur(0)


@pytest.mark.parametrize(
    ("written", "category"),
    [
        *(("Most Likely", "most_likely"), ("MostLikely", "most_likely")),
        *(("most-likely", "most_likely"), ("BEST CASE", "best_case"), ("bestcase", "best_case")),
        *(("Commit", "commit"), ("Committed", "commit"), ("Forecast", "commit")),
        *(("Not forecasted", "omitted"), ("Omit", "omitted"), ("Pipeline", "pipeline")),
        *(("Uncategorized", "uncategorized"), (None, "uncategorized")),
    ],
)
def test_a_category_is_read_however_it_is_written(written, category):
    found = forecast.rollup([due("D", 5, on(1, 3), written)], **ASKED)
    assert amounts(found) == {category: (5, 1)}


def test_a_category_of_ones_own_has_a_row_or_a_meaning():
    book = [due("D-10", 5, on(1, 3), "Upside"), due("D-11", 3, on(1, 3), "Alpha"), *BOOK]
    found = forecast.rollup(book, **ASKED)
    assert [*found.categories][5:] == ["omitted", "Alpha", "Upside", "uncategorized"]
    assert (found["Upside"].total, found.total.total) == (eur(5), eur(208))
    meant = forecast.rollup(book, **ASKED, categories={"upside": "best_case", "ALPHA": "omitted"})
    assert (meant["best_case"].total, meant["omitted"].total) == (eur(55), eur(3))
    assert "Upside" not in meant.categories


def test_own_categories_of_closed_deals_make_no_row():
    sold = won("D", 1, on(3, 2), 5, category="Signed")
    assert amounts(forecast.rollup([sold], **ASKED)) == {"closed": (5, 1)}
    assert "Signed" not in forecast.rollup([sold], **ASKED).categories


def test_a_meaning_goes_before_the_usual_reading():
    book = [due("D", 5, on(1, 3), "Forecast")]
    found = forecast.rollup(book, **ASKED, categories={"Forecast": "pipeline"})
    assert amounts(found) == {"pipeline": (5, 1)}


@pytest.mark.parametrize("written", ["Closed", "closed won", "Won"])
def test_an_open_deal_is_not_closed_whatever_its_category_says(written):
    found = forecast.rollup([due("D", 5, on(1, 3), written)], **ASKED)
    assert amounts(found) == {"uncategorized": (5, 1)}
    assert dict(found.assumed) == {"open_but_closed": 1}


@pytest.mark.parametrize("category", [None, "omitted", "Upside", "commit"])
def test_a_won_deal_is_closed_whatever_its_category_says(category):
    found = forecast.rollup([won("D", 1, on(3, 2), 5, category=category)], **ASKED)
    assert amounts(found) == {"closed": (5, 1)}


def test_the_category_is_that_of_the_stage_unless_set_by_hand():
    stages = [
        Stage("talk", category="pipeline"),
        Stage("offer", category="commit"),
        Stage("won", kind="won"),
        Stage("lost", kind="lost"),
    ]
    sales = Pipeline("sales", stages)
    deal = sales.open("Acme", amount=eur(5), expected_close_on=on(1, 3), at=at(1))
    moved = sales.advance(deal, at=at(2))
    by_hand = sales.update(moved, category="best case", at=at(3))
    back = sales.update(by_hand, category=None, at=at(4))
    looks = [(moved, "commit"), (by_hand, "best_case"), (back, "commit")]
    for known, category in looks:
        assert amounts(forecast.rollup([known], **ASKED)) == {category: (5, 1)}
    # As of each day, what was known then.
    days = [(1, "pipeline"), (2, "commit"), (3, "best_case"), (4, "commit")]
    for day, category in days:
        found = forecast.rollup([back], period=Q1, as_of=at(day))
        assert amounts(found) == {category: (5, 1)}


def test_open_deals_from_before_the_period_are_in_none():
    late = [due("D-1", 5, date(2025, 12, 31)), due("D-2", 7, on(1, 1)), due("D-3", 9, None)]
    found = forecast.rollup(late, **ASKED)
    assert amounts(found) == {"uncategorized": (7, 1)}
    assert dict(found.left_out) == {"overdue": 1, "no_expected_close_on": 1}
    # What is expected before a period that is yet to come may still come in time.
    ahead = forecast.rollup(late, period=Period.quarter(2026, 2), as_of=at(1))
    assert dict(ahead.left_out) == {"overdue": 1, "no_expected_close_on": 1}


def test_deals_that_nobody_dated_are_counted():
    book = [won("D-1", 1, None, 5), lost("D-2", 1, None, 5), due("D-3", 1, on(1, 3))]
    found = forecast.rollup(book, **ASKED)
    assert amounts(found) == {"uncategorized": (1, 1)}
    assert dict(found.left_out) == {"no_closed_at": 2}


@pytest.mark.parametrize(
    ("zone", "n_overdue"), [("UTC", 0), ("Asia/Ho_Chi_Minh", 1), ("America/Los_Angeles", 0)]
)
def test_today_is_the_day_of_the_periods_zone(zone, n_overdue):
    # At 22:00 UTC on the 23rd it is the 24th in Ho Chi Minh City.
    now = datetime(2026, 8, 23, 22, tzinfo=UTC)
    period = Period.quarter(2026, 3, zone=zone)
    book = [due("D", 5, date(2026, 8, 23))]
    assert forecast.rollup(book, period=period, as_of=now).total.n_overdue == n_overdue


def test_by_owner_each_is_a_roll_up_of_its_own():
    found = forecast.rollup([*BOOK, due("D-9", 9, on(1, 3), None, None)], **ASKED, by="owner_id")
    assert [*found] == ["kim", "lee", None]
    assert amounts(found["kim"]) == {"commit": (120, 2), "best_case": (50, 1), "closed": (30, 1)}
    assert amounts(found["lee"]) == {"pipeline": (0, 1)}
    assert amounts(found[None]) == {"uncategorized": (9, 1)}
    assert dict(found.left_out) == {"no_amount": 1, "lost": 1}


def test_every_month_of_the_period():
    found = forecast.rollup(BOOK, **ASKED, every="month")
    rows = {str(month): amounts(one) for month, one in found.items()}
    assert rows == {
        "2026-01": {},
        "2026-02": {"pipeline": (0, 1), "commit": (20, 1), "closed": (30, 1)},
        "2026-03": {"best_case": (50, 1), "commit": (100, 1)},
    }
    empty = forecast.rollup([], **ASKED, every="month")
    assert [one.total.n_deals for one in empty.values()] == [0, 0, 0]


def test_currencies_are_not_added():
    book = [due("D-1", usd(5), on(1, 3), "commit"), won("D-2", 1, on(3, 2), 7)]
    with pytest.raises(MixedCurrencyError, match="cannot add amounts in EUR and USD"):
        forecast.rollup(book, **ASKED)
    found = forecast.rollup(book, **ASKED, by="currency")
    assert {key: one.total.total for key, one in found.items()} == {"EUR": eur(7), "USD": usd(5)}
    rates = Rates("EUR", {"USD": "0.5"})
    assert forecast.rollup(book, **ASKED, rates=rates)["commit"].total == eur("2.50")
    unknown = forecast.rollup(book, **ASKED, rates=Rates("EUR", {"CHF": 1}))
    assert unknown["commit"] == CategoryTotal(eur(0), n_deals=1, n_unpriced=1, n_overdue=0)
    assert dict(unknown.left_out) == {"no_rate": 1}


@pytest.mark.parametrize("library", LIBRARIES)
def test_over_frames_it_is_the_same(library):
    book = [
        *BOOK,
        due("D-9", 3, on(2, 3), "Upside", None),
        due("D-10", 4, on(2, 3), "Closed"),
        due("D-11", 4, date(2025, 1, 1), "commit"),
        due("D-12", 4, None),
    ]
    frame = facts.to_frame(book, backend=library, at=TODAY)
    for more in (
        {},
        {"by": "owner_id"},
        {"every": "month"},
        {"by": ["owner_id"], "every": "month"},
    ):
        assert (
            forecast.rollup(frame, **ASKED, **more).to_dicts()
            == forecast.rollup(book, **ASKED, **more).to_dicts()
        )


def test_a_frame_of_ones_own():
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "state": ["Open", "Open", "Won"],
            "forecast_category": ["BestCase", None, "Closed"],
            "amount": [10.5, 2.0, 4.0],
            "created_at": pandas.to_datetime(["2026-01-01"] * 3),
            "closed_at": pandas.to_datetime([None, None, "2026-02-01"]),
            "expected_close_on": pandas.to_datetime(["2026-03-01", "2026-02-01", None]).date,
        }
    )
    found = forecast.rollup(
        frame,
        **ASKED,
        columns={"category": "forecast_category", "outcome": "state"},
        outcomes={"Open": "open", "Won": "won"},
        currency="EUR",
    )
    assert found["best_case"].total == eur("10.5")
    assert found["uncategorized"] == CategoryTotal(eur(2), 1, 0, n_overdue=1)
    assert found["closed"].total == eur(4)


def test_rows_for_people_and_for_programs():
    found = forecast.rollup(BOOK, **ASKED)
    rows = found.to_dicts()
    assert [row["category"] for row in rows] == [*found.categories]
    assert rows[3] == {
        "category": "commit",
        "total": eur(120),
        "n_deals": 2,
        "n_unpriced": 0,
        "n_overdue": 1,
        "as_of": TODAY,
        "currency": "EUR",
        "left_out": {"no_amount": 1, "lost": 1},
        "assumed": {},
    }
    assert "all" in str(found).splitlines()[8]
    assert json.loads(found.to_json())[3]["n_overdue"] == 1
    assert found.to_frame("polars").shape[0] == 7
    assert pickle.loads(pickle.dumps(found)) == found  # noqa: S301 - our own
    assert "<table" in found._repr_html_()


def test_by_owner_a_category_that_is_called_as_a_column_gives_way():
    book = [due("D-1", 5, on(1, 3), "total"), due("D-2", 4, on(1, 3), "commit")]
    (row,) = forecast.rollup(book, **ASKED, by="owner_id").to_dicts()
    assert (row["category.total"], row["total"], row["commit"]) == (eur(5), eur(9), eur(4))


def test_covering_a_quota_and_rolling_up_agree():
    quota = metrics.coverage(BOOK, quota=eur(1000), **ASKED)
    found = forecast.rollup(BOOK, **ASKED)
    assert found["closed"].total == quota.won
    assert found.total.total - found["closed"].total == quota.open_amount


class TestRefusals:
    def test_no_period(self):
        with pytest.raises(OptionError, match="cannot roll deals up without a period"):
            forecast.rollup(BOOK, period=None, as_of=TODAY)
        with pytest.raises(OptionError, match="cannot take period='2026-Q1'"):
            forecast.rollup(BOOK, period="2026-Q1", as_of=TODAY)

    def test_a_category_to_group_by(self):
        with pytest.raises(OptionError, match="cannot group a roll-up by 'category'"):
            forecast.rollup(BOOK, **ASKED, by=["owner_id", "category"])

    @pytest.mark.parametrize(
        ("categories", "said"),
        [
            ({"Upside": "bestcase"}, "cannot read category 'Upside' as 'bestcase'"),
            ({"Upside": ["commit"]}, "cannot read category 'Upside' as"),
            ({5: "commit"}, "cannot read category 5 as 'commit'"),
            (["Upside"], "is no mapping"),
        ],
    )
    def test_meanings_that_there_are_not(self, categories, said):
        with pytest.raises(OptionError, match=said):
            forecast.rollup(BOOK, **ASKED, categories=categories)

    def test_a_category_that_the_roll_up_does_not_have(self):
        found = forecast.rollup(BOOK, **ASKED)
        with pytest.raises(OptionError, match="cannot find category 'comit'") as caught:
            found["comit"]
        assert "'commit'" in str(caught.value.hint)
        with pytest.raises(OptionError, match="cannot find category 5"):
            found[5]

    def test_what_is_no_data(self):
        with pytest.raises(DataError):
            forecast.rollup([1], **ASKED)
        with pytest.raises(ColumnError, match="owner"):
            forecast.rollup(BOOK, **ASKED, by="owner")
        with pytest.raises(OptionError, match="calendar"):
            forecast.rollup(BOOK, **ASKED, calendar="UTC")

    def test_an_instant_without_a_day_in_the_periods_zone(self):
        period = Period.quarter(2026, 1, zone="Pacific/Kiritimati")
        last = datetime(9999, 12, 31, 23, tzinfo=UTC)
        with pytest.raises(PeriodError, match="it is beyond the calendar"):
            forecast.rollup(BOOK, period=period, as_of=last)


def test_the_deals_are_left_as_they_are():
    before = [deal.model_dump_json() for deal in BOOK]
    forecast.rollup(BOOK, **ASKED, by="owner_id")
    assert [deal.model_dump_json() for deal in BOOK] == before
