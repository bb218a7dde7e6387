"""Seeded synthetic deals: legal, complete, and as their truth says."""

import pickle
from math import exp, sqrt
from statistics import mean, median

import attrs
import pytest

from salesflow import Deal, facts, metrics
from salesflow.datasets import STANDARD_TRUTH, Dataset, Truth, make_deals
from salesflow.errors import OptionError, ReadOnlyError
from salesflow.facts.visits import is_complete
from salesflow.models import events as ev


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return make_deals(4000, seed=2026)


@pytest.fixture(scope="module")
def decided(dataset) -> list[Deal]:
    """The deals of the first year: half a year later nearly every one was decided once."""
    return [deal for deal in dataset.deals if deal.created_at.year == 2024]


def first_closing(deal: Deal) -> ev.StageChanged | None:
    """The end of the first try; what follows a reopening is another try."""
    changes = [event for event in deal.history if isinstance(event, ev.StageChanged)]
    return next((event for event in changes if event.stage_kind != "open"), None)


def test_the_same_seed_makes_the_same_deals():
    assert make_deals(50, seed=1) == make_deals(50, seed=1)
    assert make_deals(50, seed=1).deals != make_deals(50, seed=2).deals


def test_as_many_as_asked_for_each_with_its_own_id(dataset):
    assert len(dataset.deals) == 4000
    assert len({deal.id for deal in dataset.deals}) == 4000
    assert make_deals(0, seed=1).deals == ()


def test_they_stand_in_the_order_of_their_opening(dataset):
    opened = [deal.created_at for deal in dataset.deals]
    assert opened == sorted(opened)


def test_every_history_loads(dataset):
    for deal in dataset.deals[::40]:
        assert Deal.model_validate_json(deal.model_dump_json()) == deal


def test_every_history_is_legal_and_complete(dataset):
    pipeline = dataset.pipeline
    for deal in dataset.deals:
        assert is_complete(deal)
        path = [event for event in deal.history if isinstance(event, ev.StageChanged)]
        assert all(pipeline.allows(event.from_stage, event.stage) for event in path)


def test_nothing_is_dated_after_as_of(dataset):
    assert all(event.at < dataset.as_of for deal in dataset.deals for event in deal.history)
    assert facts.snapshot(dataset.deals, at=dataset.as_of) == [*dataset.deals]


def test_there_are_deals_of_every_outcome_and_reopened_ones(dataset):
    assert {deal.outcome for deal in dataset.deals} == {"open", "won", "lost"}
    table = facts.deal_columns(dataset.deals)
    assert max(table["n_reopened"]) >= 2
    assert {deal.disposition for deal in dataset.deals if deal.outcome == "lost"} == {
        "disqualified",
        "nurture",
        "follow_up",
    }


def test_the_first_try_is_won_as_often_as_the_truth_says(dataset, decided):
    truth, tries = dataset.truth, {}
    for deal in decided:
        closing = first_closing(deal)
        assert closing is not None
        group = tries.setdefault((deal.source, deal.owner_id), [])
        group.append(closing.stage_kind == "won")
    assert set(tries) == {(s, o) for s in truth.win_chance for o in truth.owner_factor}
    for (source, owner), wins in tries.items():
        chance = truth.chance(source, owner)
        # 4 standard errors: of 30 groups, one is off by more in 500 data sets.
        error = sqrt(chance * (1 - chance) / len(wins))
        assert abs(mean(wins) - chance) < 4 * error


def test_the_win_rate_is_that_of_the_tries(dataset):
    by_source = metrics.win_rate(dataset.deals, by="source")
    rates = {source: rate.value for source, rate in by_source.items()}
    ranked = sorted(rates, key=rates.__getitem__)
    assert ranked[0] == "outbound"
    assert ranked[-1] == "referral"


def test_losses_happen_where_the_truth_says(dataset, decided):
    lost = [c for c in map(first_closing, decided) if c is not None and c.stage_kind == "lost"]
    for stage, share in dataset.truth.loss_shares.items():
        found = mean(closing.from_stage == stage for closing in lost)
        assert abs(found - share) < 4 * sqrt(share * (1 - share) / len(lost))


def test_amounts_are_lognormal_about_their_median(dataset):
    truth = dataset.truth
    amounts = [float(deal.amount.amount) for deal in dataset.deals if deal.amount]
    # The median of n lognormal values has a standard error of about 1.2533 sigma ÷ √n, in logs.
    error = 1.2533 * truth.amount_sigma / sqrt(len(amounts))
    within = exp(4 * error)
    assert truth.amount_median / within < median(amounts) < truth.amount_median * within
    # 68.3 % lie within one sigma of it.
    low, high = (truth.amount_median * exp(k * truth.amount_sigma) for k in (-1, 1))
    share = mean(low < amount < high for amount in amounts)
    assert abs(share - 0.6827) < 4 * sqrt(0.6827 * 0.3173 / len(amounts))


def test_some_have_no_amount(dataset):
    share = mean(deal.amount is None for deal in dataset.deals)
    expected = dataset.truth.unpriced_share
    assert abs(share - expected) < 4 * sqrt(expected * (1 - expected) / len(dataset.deals))


def test_stays_last_as_long_as_the_truth_says(dataset, decided):
    times = metrics.time_in_stage(decided, as_of=dataset.as_of)
    assert [*times] == [*dataset.truth.stage_days]
    for stage, days in dataset.truth.stage_days.items():
        found = times[stage]
        # The standard deviation of an exponential stay is its mean. Few still last.
        assert abs(found.mean_days - days) < 4 * days / sqrt(found.n_visits)
        assert found.n_open < found.n_visits / 50


def test_one_currency_or_two(dataset):
    assert {deal.amount.currency for deal in dataset.deals if deal.amount} == {"EUR"}
    both = make_deals(900, seed=3, currencies=2)
    codes = [deal.amount.currency for deal in both.deals if deal.amount]
    share = mean(code == "USD" for code in codes)
    assert {*codes} == {"EUR", "USD"}
    assert abs(share - 1 / 3) < 4 * sqrt(2 / 9 / len(codes))
    assert both.truth.currency_shares == {"EUR": 2 / 3, "USD": 1 / 3}


def test_a_chance_is_never_above_1():
    truth = attrs.evolve(STANDARD_TRUTH, win_chance={"x": 0.9}, owner_factor={"y": 2.0})
    assert truth.chance("x", "y") == 1.0
    assert truth.chance("x", "y") > STANDARD_TRUTH.chance("outbound", "fay")


def test_another_truth_makes_other_deals():
    sure = Truth(
        win_chance={"inbound": 1.0},
        owner_factor={"ana": 1.0},
        stage_days=dict.fromkeys(STANDARD_TRUTH.stage_days, 0.001),
        loss_shares=STANDARD_TRUTH.loss_shares,
        amount_median=100.0,
        amount_sigma=0.0,
        unpriced_share=0.0,
        reopen_chance=0.0,
        reopen_after_days=1.0,
        currency_shares={"JPY": 1.0},
    )
    dataset = make_deals(40, seed=5, truth=sure)
    size = metrics.average_deal_size(dataset.deals)
    assert metrics.win_rate(dataset.deals).value == 1.0
    assert str(size.mean) == str(size.median) == "JPY 100"
    assert dataset.truth == sure


@pytest.mark.parametrize(
    ("n", "currencies", "parameter"),
    [
        (-1, 1, "n"),
        (2.5, 1, "n"),
        ("5", 1, "n"),
        (True, 1, "n"),
        (5, 3, "currencies"),
        (5, 0, "currencies"),
    ],
)
def test_what_cannot_be_made_is_refused(n, currencies, parameter):
    with pytest.raises(OptionError, match="cannot make") as caught:
        make_deals(n, seed=1, currencies=currencies)
    assert caught.value.parameter == parameter


def test_two_currencies_and_a_truth_are_refused_together():
    with pytest.raises(OptionError, match="currencies=2 and a truth"):
        make_deals(5, seed=1, currencies=2, truth=STANDARD_TRUTH)


def test_nobody_can_change_a_truth():
    truth = make_deals(5, seed=1).truth
    with pytest.raises(ReadOnlyError):
        truth.win_chance["referral"] = 1.0
    shares = {"EUR": 1.0}
    other = attrs.evolve(truth, currency_shares=shares)
    shares["EUR"] = 0.0
    assert other == truth == pickle.loads(pickle.dumps(truth))  # noqa: S301


def planted(**faults) -> Dataset:
    return make_deals(2000, seed=9, truth=attrs.evolve(STANDARD_TRUTH, **faults))


def test_an_owner_has_as_many_deals_as_planted():
    deals = planted(owner_weights={"dev": 3.0}).deals
    # 3 to 1 of each of the 5 others: 3 of 8. Within 4 standard errors.
    share = mean(deal.owner_id == "dev" for deal in deals)
    assert abs(share - 3 / 8) < 4 * sqrt(3 / 8 * 5 / 8 / 2000)


def test_an_owner_is_as_weak_at_a_stage_as_planted():
    truth = attrs.evolve(STANDARD_TRUTH, pass_factors={"eva": {"meeting": 0.5}})
    weak, fair = (make_deals(3000, seed=9, truth=one).deals for one in (truth, STANDARD_TRUTH))

    def passed(deals, owner: str) -> float:
        """Of the first tries that left the meeting, the share that was not lost there."""
        outcomes = []
        for deal in deals:
            moves = [e for e in deal.history if isinstance(e, ev.StageChanged)]
            left = next((e for e in moves if e.from_stage == "meeting"), None)
            if deal.owner_id == owner and left is not None:
                outcomes.append(left.stage_kind != "lost")
        return mean(outcomes)

    # Some 250 deals of each: a standard error of 0.03 on either side.
    assert passed(weak, "eva") / passed(fair, "eva") == pytest.approx(0.5, abs=0.12)
    assert passed(weak, "ana") == pytest.approx(passed(fair, "ana"), abs=0.12)
    assert truth.chance("inbound", "eva") == 0.5 * STANDARD_TRUTH.chance("inbound", "eva")
    assert truth.chance("inbound", "ana") == STANDARD_TRUTH.chance("inbound", "ana")


def test_a_source_is_as_bad_as_planted():
    bad = planted(win_chance={**STANDARD_TRUTH.win_chance, "referral": 0.05})
    rate = metrics.win_rate(bad.deals, by="source")["referral"]
    # Owners make it 1 on average, and reopened deals have another try.
    assert rate.interval[0] < 0.05 < rate.interval[1] + 0.02


@pytest.mark.parametrize(
    ("faults", "parameter", "unknown"),
    [
        ({"owner_weights": {"zoe": 2.0}}, "owner_weights", "zoe"),
        ({"pass_factors": {"zoe": {}}}, "owner_weights", "zoe"),
        ({"pass_factors": {"eva": {"demo": 0.5}}}, "pass_factors", "demo"),
    ],
)
def test_faults_of_owners_and_stages_that_there_are_not(faults, parameter, unknown):
    with pytest.raises(OptionError, match=f"'{unknown}': the truth has no such") as caught:
        attrs.evolve(STANDARD_TRUTH, **faults)
    assert (caught.value.parameter, caught.value.value) == (parameter, unknown)
