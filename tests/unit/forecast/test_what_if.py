"""What would a period bring if deals were won more often, or went on faster?"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache

import pytest

from salesflow import Money, Period, Rates, datasets
from salesflow.errors import MixedCurrencyError, OptionError
from salesflow.forecast import StageModel, simulate, what_if
from tests.naive_forecast import AS_OF, PIPELINE, Path
from tests.shorthand import eur, usd

np = pytest.importorskip("numpy", reason="the extra forecast brings numpy")

NOW = datetime(AS_OF.year, AS_OF.month, AS_OF.day, tzinfo=UTC)
MARCH = Period.month(2026, 3)
FIRST = Period.quarter(2026, 1)


def lived(name, *stays, end=None):
    """A deal of the stages talk, offer and legal, with whole days in each."""
    return Path(name, stays, end).deal()


def priced(deal, amount=1):
    return PIPELINE.update(deal, amount=eur(amount), at=NOW)


# Of ten talks, all of five days, six go on to an offer, three to legal, and one is lost. Offers and
# legal last four days; of the offers 4 of 6 are won, in legal 2 of 3.
HISTORY = [
    *(lived(f"O-{n}", ("talk", 5), ("offer", 4), end="won") for n in range(4)),
    *(lived(f"P-{n}", ("talk", 5), ("offer", 4), end="lost") for n in range(2)),
    *(lived(f"L-{n}", ("talk", 5), ("legal", 4), end="won") for n in range(2)),
    lived("M", ("talk", 5), ("legal", 4), end="lost"),
    lived("N", ("talk", 5), end="lost"),
]


@cache
def small(**options):
    # One visit that lasted longer is enough to tell what becomes of a deal.
    given = {"prior_visits": 1, "min_closed": 0, "horizon_days": 60, **options}
    return StageModel.fit(HISTORY, as_of=NOW, **given)


def chances(deals, period=MARCH, of=None, **changes):
    """The chances to be won in the period before and after, of deals worth 1."""
    book = [priced(deal) for deal in deals]
    found = what_if(book, of or small(), period=period, n=8, seed=1, shock=0, **changes)
    return [
        [one.influences()[deal.id].chance for deal in book] for one in (found.before, found.after)
    ]


class TestWinRate:
    """A change of the share of visits that is not lost."""

    def test_those_that_would_be_lost_go_where_the_others_go(self):
        # Of the talks 5 in 100 more go on: of the one in ten that is lost, half. All others are won
        # with 2/3: 0.9 × 2/3 before, 0.95 × 2/3 after.
        before, after = chances([lived("D", ("talk", 0))], win_rate={"talk": 0.05})
        assert before == pytest.approx([0.6])
        assert after == pytest.approx([0.95 * 2 / 3])

    def test_a_win_is_where_others_go(self):
        # Offers: of the third that is lost, 0.1 ÷ (1/3) is won instead.
        before, after = chances([lived("D", ("offer", 0))], win_rate={"offer": 0.1})
        assert before == pytest.approx([2 / 3])
        assert after == pytest.approx([2 / 3 + 0.1])

    def test_fewer_are_lost_alike(self):
        # Of the nine talks in ten that go on, a third more are lost.
        before, after = chances([lived("D", ("talk", 0))], win_rate={"talk": -0.3})
        assert after == pytest.approx([0.6 * 2 / 3])
        assert before == pytest.approx([0.6])

    def test_all_or_nothing(self):
        _, after = chances([lived("D", ("talk", 0))], win_rate={"talk": 0.1})
        assert after == pytest.approx([2 / 3])
        _, after = chances([lived("D", ("talk", 0))], win_rate={"talk": -0.9})
        assert after == [0]

    def test_a_deal_that_has_been_there_keeps_its_own_odds(self):
        # Lost talks ended after 2 days, the others after 6: one of 3 days goes on for sure, and
        # what changes is what would be lost.
        history = [
            *(lived(f"A-{n}", ("talk", 6), ("offer", 1), end="won") for n in range(3)),
            lived("B", ("talk", 2), end="lost"),
        ]
        of = StageModel.fit(history, as_of=NOW, prior_visits=1, min_closed=0)
        deals = [lived("old", ("talk", 3)), lived("new", ("talk", 0))]
        before, after = chances(deals, of=of, win_rate={"talk": 0.125})
        assert before == pytest.approx([1, 3 / 4])
        assert after == pytest.approx([1, 7 / 8])

    @pytest.mark.parametrize("more", [0.11, -0.91, 1])
    def test_there_is_no_more_to_win_or_to_lose(self, more):
        text = r"of visits to it, 10.0% are lost and 90.0% go on"
        with pytest.raises(OptionError, match=text) as caught:
            chances([], win_rate={"talk": more})
        assert caught.value.hint == "give a number from -0.900 to 0.100."
        assert caught.value.parameter == "win_rate"

    def test_where_none_was_lost_or_none_went_on_nobody_can_tell(self):
        all_lost = [lived(f"D-{n}", ("talk", 1), end="lost") for n in range(3)]
        for history, more in ((all_lost, 0.1), (HISTORY[:4], -0.1)):
            of = StageModel.fit(history, as_of=NOW, min_closed=0)
            with pytest.raises(OptionError, match="cannot change the win rate of stage 'talk'"):
                chances([], of=of, win_rate={"talk": more})

    def test_of_groups_one_at_a_time(self):
        with pytest.raises(OptionError, match="cannot take option 'by': what_if does not") as error:
            what_if([], small(), MARCH, win_rate={"talk": 0.05}, seed=1, by="owner_id")
        assert error.value.hint == "give the deals of one group."


class TestDays:
    """A change of how long visits last."""

    def closings(self, deals, days, period=MARCH):
        """The days after 1 March on which the deals are won, before and after."""
        book = [priced(deal) for deal in deals]
        found = what_if(book, small(), period=period, n=400, seed=1, shock=0, days=days)
        return [
            sorted({(day - AS_OF).days for draw in one.closings() for day, _ in draw})
            for one in (found.before, found.after)
        ]

    # A win on the day k of the curve comes between days k - 1 and k.

    def test_of_a_visit_to_come(self):
        # From an offer of no day a win comes on day 4, from a talk on day 9.
        deal = lived("D", ("talk", 0))
        assert self.closings([deal], {"offer": -3, "legal": -3}) == [[8], [5]]
        assert self.closings([deal], {"offer": 2, "legal": 2}) == [[8], [10]]

    def test_of_the_rest_of_one_that_lasts(self):
        # An offer of one day has three to go.
        deal = lived("D", ("offer", 1))
        assert self.closings([deal], {"offer": -2}) == [[2], [0]]
        assert self.closings([deal], {"offer": 20}) == [[2], [22]]

    def test_no_visit_is_shorter_than_nothing(self):
        # What would end earlier ends at once; a deal that is open now is so at the first instant.
        assert self.closings([lived("D", ("talk", 0))], {"talk": -30}) == [[8], [3]]
        assert self.closings([lived("D", ("offer", 1))], {"offer": -30}) == [[2], [0]]

    def test_of_more_days_than_the_period_has(self):
        assert self.closings([lived("D", ("offer", 0))], {"offer": 40}) == [[3], []]

    def test_parts_of_days(self):
        # A day and a half sooner is half of the way between one and two days.
        deal = [lived("D", ("offer", 0))]
        span = Period.between(AS_OF, AS_OF + timedelta(days=3))
        _, after = chances(deal, span, days={"offer": -1.5})
        _, one = chances(deal, span, days={"offer": -1})
        _, two = chances(deal, span, days={"offer": -2})
        assert after == pytest.approx([(one[0] + two[0]) / 2])
        span = Period.between(AS_OF, AS_OF + timedelta(days=5))
        _, after = chances(deal, span, days={"offer": 0.5})
        assert after == pytest.approx([2 / 3])
        span = Period.between(AS_OF, AS_OF + timedelta(days=4))
        _, after = chances(deal, span, days={"offer": 0.5})
        assert after == pytest.approx([1 / 3])

    def test_it_leads_where_it_would_have(self):
        before, after = chances([lived("D", ("talk", 0))], days={"talk": -4, "offer": 3})
        assert before == after == pytest.approx([0.6])


@cache
def data():
    return datasets.make_deals(300, seed=3)


@cache
def model():
    return StageModel.fit(data().deals, as_of=data().as_of, by="source")


class TestBoth:
    """Whole books."""

    def ask(self, period=FIRST, **options):
        given = {"n": 200, "seed": 7, "shock": 0.3, **options}
        return what_if(data().deals, model(), period=period, **given)

    def test_before_is_the_simulation(self):
        found = self.ask(win_rate={"proposal": 0.05}, new_deals=True)
        options = {"n": 200, "seed": 7, "shock": 0.3, "new_deals": True}
        plain = simulate(data().deals, model(), FIRST, **options)
        assert found.before == plain
        differences = [
            later - earlier
            for earlier, later in zip(found.before.units, found.after.units, strict=True)
        ]
        assert found.units == tuple(differences)
        assert found.mean == Money(Decimal(sum(differences)) / 200 / 100, "EUR").round()
        assert found.left_out == plain.left_out

    @pytest.mark.parametrize(
        "changes",
        [
            {"win_rate": {"proposal": 0.1}},
            {"days": {"meeting": -4}},
            {"days": {"meeting": -4.5, "proposal": -40}, "win_rate": {"negotiation": 0.02}},
        ],
    )
    def test_what_is_better_is_so_in_every_draw(self, changes):
        # Both sides draw the same numbers: nothing that was won before is lost by it.
        for options in ({}, {"new_deals": True}):
            found = self.ask(**changes, **options)
            assert min(found.units) >= 0
            assert found.mean.amount > 0
            low, high = found.interval()
            assert low <= found.quantile(0.5) <= high
            worse = self.ask(
                win_rate={stage: -more for stage, more in changes.get("win_rate", {}).items()},
                days={stage: -more for stage, more in changes.get("days", {}).items()},
                **options,
            )
            assert max(worse.units) <= 0
            assert worse.mean.amount < 0

    def test_a_deal_that_is_evidence_for_itself_is_none_in_a_change_either(self):
        # One that came back has been in stages that are ahead of it: they are left out.
        back = lived("B", ("offer", 2), ("talk", 0))
        history = [*HISTORY, back]
        of = StageModel.fit(history, as_of=NOW, min_closed=0)
        alone = StageModel.fit(HISTORY, as_of=NOW, min_closed=0)
        for changes in ({"win_rate": {"legal": 0.1}}, {"days": {"offer": 3}}):
            # Shares of first visits are told by all deals.
            found = chances([back], of=of, **changes)
            assert found[0] == chances([back], of=alone, **changes)[0]
            assert found[1] == pytest.approx(chances([back], of=alone, **changes)[1])

    def test_it_is_a_table(self):
        found = self.ask(win_rate={"proposal": 0.05})
        (row,) = found.to_dicts()
        assert [*row][:5] == ["period", "mean", "q05", "q50", "q95"]
        assert (row["before"], row["after"]) == (found.before.mean, found.after.mean)
        assert found.to_frame("polars")["before"].to_list() == [found.before.mean.amount]
        assert str(found).splitlines()[0].split()[-2:] == ["before", "after"]
        assert found.chance_of(eur(1)) <= 1

    def test_currencies_are_not_added(self):
        book = [priced(lived("D", ("talk", 0))), priced(lived("E", ("offer", 0)))]
        book[0] = PIPELINE.update(book[0], amount=usd(4), at=NOW)
        ask = {"period": MARCH, "days": {"offer": -1}, "n": 8, "seed": 1, "shock": 0}
        with pytest.raises(MixedCurrencyError):
            what_if(book, small(), **ask)
        found = what_if(book, small(), **ask, rates=Rates("EUR", {"USD": "0.5"}))
        assert found.currency == "EUR"

    def test_a_bar_counts_both(self, capsys):
        self.ask(win_rate={"proposal": 0.05}, progress=True)
        assert "simulating 2026-Q1" in capsys.readouterr().err


def test_whole_numbers_of_numpy_are_whole_numbers():
    plain = {"win_rate": {"talk": 0.05}, "days": {"talk": -2}, "n": 16, "seed": 3}
    given = {
        "win_rate": {"talk": np.float64(0.05)},
        "days": {"talk": np.int64(-2)},
        "n": np.int64(16),
        "seed": np.int32(3),
    }
    book = [priced(lived("A", ("talk", 1)))]
    one, other = (what_if(book, small(), MARCH, shock=0, **ask) for ask in (plain, given))
    assert one == other
    none = {"n": 8, "seed": 1, "shock": 0, "win_rate": {"offer": np.int64(0)}, "days": {"talk": -2}}
    assert (
        what_if(book, small(), MARCH, **none).mean
        == what_if(book, small(), MARCH, **{**none, "win_rate": None}).mean
    )


@pytest.mark.parametrize(
    ("changes", "parameter", "text"),
    [
        ({}, "win_rate", "cannot tell what would be: nothing changes"),
        ({"win_rate": {}, "days": {}}, "win_rate", "nothing changes"),
        ({"win_rate": 0.05}, "win_rate", "it is no mapping from stages to numbers"),
        ({"win_rate": {"talk": "more"}}, "win_rate", "'more' is no number from -1 to 1"),
        ({"win_rate": {"talk": True}}, "win_rate", "True is no number from -1 to 1"),
        ({"win_rate": {"talk": 5}}, "win_rate", "5 is no number from -1 to 1"),
        ({"days": {"talk": float("nan")}}, "days", "nan is no number from -3,660 to 3,660"),
        ({"days": {"talk": np.bool_(True)}}, "days", "is no number from -3,660 to 3,660"),  # noqa: FBT003
        ({"win_rate": {"talk": np.int64(5)}}, "win_rate", "5 is no number from -1 to 1"),
        ({"days": {"tallk": 1}}, "days", "cannot change stage 'tallk'"),
        ({"days": {None: 1}}, "days", "cannot change stage None"),
        ({"days": {"talk": 1}, "n": 0}, "n", "no number of draws"),
    ],
)
def test_changes_that_are_none_are_refused(changes, parameter, text):
    with pytest.raises(OptionError, match=text) as caught:
        what_if([], small(), **{"period": MARCH, "seed": 1, "shock": 0, **changes})
    assert caught.value.parameter == parameter
    assert caught.value.hint
