"""Changing fields: one event for each kind of change, and none for no change."""

from datetime import UTC, date, datetime, timedelta

import pytest

from salesflow import Deal, Link, Money, Pipeline, Stage, errors

T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)
LATER = T0 + timedelta(days=1)
ENDS = (Stage("won", kind="won"), Stage("lost", kind="lost"))
PIPELINE = Pipeline("p", [Stage("a", probability=0.1, category="pipeline"), *ENDS])
EUR_100 = Money(100, "EUR")


def opened(**fields):
    return PIPELINE.open("Acme", id="D-1", at=T0, **fields)


def lost(**fields):
    return PIPELINE.lose(opened(**fields), "budget", at=T0)


def won(**fields):
    return PIPELINE.win(opened(**fields), at=T0)


def refused(deal, error, match, **options):
    written = deal.model_dump_json()
    with pytest.raises(error, match=match) as caught:
        PIPELINE.update(deal, **options)
    assert deal.model_dump_json() == written
    return caught.value


@pytest.mark.parametrize(
    ("field", "value", "event"),
    [
        ("amount", EUR_100, "amount_changed"),
        ("owner_id", "lee", "owner_changed"),
        ("expected_close_on", date(2026, 3, 1), "expected_close_changed"),
        ("probability", 0.7, "probability_set"),
        ("category", "commit", "category_set"),
        ("name", "Acme renewal", "details_changed"),
        ("source", "web", "details_changed"),
        ("account_id", "A-1", "details_changed"),
        ("lead_id", "L-1", "details_changed"),
        ("contact_ids", ("C-1", "C-2"), "details_changed"),
        ("links", (Link(kind="renewal_of", target="D-0"),), "details_changed"),
        ("custom", {"region": "north"}, "details_changed"),
    ],
)
class TestOneField:
    def test_a_change_is_one_event(self, field, value, event):
        deal = PIPELINE.update(opened(), **{field: value}, at=LATER, by="kim")
        assert getattr(deal, field) == value
        last = deal.history[-1]
        assert (deal.version, last.type, last.at, last.by) == (2, event, LATER, "kim")
        assert last.id == "D-1:2"

    def test_no_change_is_no_event(self, field, value, event):
        del event
        deal = PIPELINE.update(opened(), **{field: value}, at=LATER)
        assert PIPELINE.update(deal, **{field: value}, at=LATER) is deal

    def test_the_history_says_the_same(self, field, value, event):
        del event
        deal = PIPELINE.update(opened(), **{field: value}, at=LATER)
        assert Deal.model_validate_json(deal.model_dump_json()) == deal


@pytest.mark.parametrize(
    "field", ["amount", "owner_id", "expected_close_on", "source", "account_id", "lead_id"]
)
def test_what_may_be_unknown_can_become_unknown_again(field):
    known = {
        "amount": EUR_100,
        "expected_close_on": date(2026, 3, 1),
    }.get(field, "x")
    deal = PIPELINE.update(opened(**{field: known}), **{field: None})
    assert getattr(deal, field) is None
    assert deal.version == 2


class TestSeveralFields:
    def test_each_kind_of_change_is_an_event_at_the_same_instant(self):
        deal = PIPELINE.update(opened(), amount=EUR_100, owner_id="lee", name="New", at=LATER)
        assert [event.type for event in deal.history[1:]] == [
            "details_changed",
            "owner_changed",
            "amount_changed",
        ]
        assert [event.id for event in deal.history] == ["D-1:1", "D-1:2", "D-1:3", "D-1:4"]
        assert {event.at for event in deal.history[1:]} == {LATER}

    def test_details_that_stay_are_not_named_as_changed(self):
        deal = PIPELINE.update(opened(source="web"), source="web", account_id="A-1")
        assert deal.history[-1].changed == ("account_id",)
        assert deal.source == "web"

    def test_one_wrong_value_leaves_all_of_them_unchanged(self):
        refused(opened(), errors.FieldError, "owner_id: ", amount=EUR_100, owner_id=3)

    def test_a_mapping_replaces_the_old_one_whole(self):
        deal = PIPELINE.update(opened(custom={"a": 1}), custom={"b": 2})
        assert deal.custom == {"b": 2}

    def test_a_reason_is_kept_with_a_probability_and_an_expected_close(self):
        day = date(2026, 3, 1)
        deal = PIPELINE.update(opened(), probability=0.4, expected_close_on=day, reason="a hunch")
        assert [event.reason for event in deal.history[1:]] == ["a hunch", "a hunch"]

    def test_no_field_at_all_is_no_event(self):
        deal = opened()
        assert PIPELINE.update(deal) is deal


class TestProbability:
    def test_none_gives_it_back_to_the_stage(self):
        deal = PIPELINE.update(opened(probability=0.7), probability=None)
        assert (deal.probability, deal.probability_source) == (0.1, "stage")

    def test_category_none_gives_it_back_to_the_stage(self):
        deal = PIPELINE.update(opened(category="commit"), category=None)
        assert (deal.category, deal.category_source) == ("pipeline", "stage")

    @pytest.mark.parametrize(("field", "value"), [("probability", 0.1), ("category", "pipeline")])
    def test_the_stages_value_set_by_hand_is_a_change_of_its_source(self, field, value):
        deal = PIPELINE.update(opened(), **{field: value})
        assert (deal.version, getattr(deal, f"{field}_source")) == (2, "manual")

    @pytest.mark.parametrize("value", [0, 1, 1.0, 0.999999])
    def test_an_open_deal_may_hold_any_and_stays_open(self, value):
        deal = PIPELINE.update(opened(), probability=value)
        assert (deal.probability, deal.outcome, deal.closed_at) == (value, "open", None)

    def test_a_percentage_is_told_how_to_be_written(self):
        error = refused(opened(), errors.ProbabilityError, "probability 65", probability=65)
        assert error.hint == "write 0.65."

    @pytest.mark.parametrize(("deal", "certain"), [(won(), 1.0), (lost(), 0.0)])
    def test_a_closed_deal_takes_only_the_one_it_has(self, deal, certain):
        assert PIPELINE.update(deal, probability=certain) is deal
        for other in (1 - certain, 0.5, None):
            error = refused(
                deal, errors.ClosedDealError, "cannot change the probability", probability=other
            )
            assert (error.deal_id, error.outcome, error.field) == (
                "D-1",
                deal.outcome,
                "probability",
            )
            assert error.hint == "reopen it first."


class TestClosedDeals:
    @pytest.mark.parametrize("deal", [won(amount=EUR_100), lost(amount=EUR_100)])
    def test_the_amount_needs_a_correction(self, deal):
        error = refused(
            deal, errors.ClosedDealError, "cannot change the amount", amount=Money(90, "EUR")
        )
        assert str(error) == (
            f"cannot change the amount of deal 'D-1': it is {deal.outcome}\n\n"
            "Hint: say why it was wrong: correction='…'."
        )
        after = PIPELINE.update(deal, amount=Money(90, "EUR"), correction="typo", at=LATER)
        assert after.amount == Money(90, "EUR")
        assert (after.history[-1].correction, after.closed_at) == ("typo", T0)

    def test_the_same_amount_needs_none(self):
        deal = won(amount=EUR_100)
        assert PIPELINE.update(deal, amount=EUR_100) is deal

    def test_a_correction_of_an_open_deal_is_refused(self):
        error = refused(
            opened(), errors.OptionError, "it is open", amount=EUR_100, correction="typo"
        )
        assert (error.parameter, error.value) == ("correction", "typo")

    def test_a_correction_of_nothing_is_refused(self):
        error = refused(won(), errors.OptionError, "there is no amount to", correction="typo")
        assert (error.parameter, error.hint) == ("correction", "give amount=….")

    def test_a_correction_says_why(self):
        refused(won(), errors.FieldError, "correction: ", amount=EUR_100, correction="")

    def test_the_owner_changes_and_the_closing_keeps_the_old_one(self):
        deal = PIPELINE.update(won(owner_id="kim"), owner_id="lee")
        assert (deal.owner_id, deal.history[1].owner_id) == ("lee", "kim")
        assert deal.outcome == "won"

    def test_details_change_and_the_outcome_stays(self):
        deal = PIPELINE.update(lost(), custom={"tags": ["vip"]}, category="lost to x")
        assert (deal.outcome, deal.probability, deal.closed_at) == ("lost", 0.0, T0)


class TestRefusals:
    @pytest.mark.parametrize(
        "field", ["stage", "outcome", "id", "closed_at", "pipeline", "channel", "history", "x"]
    )
    def test_a_field_that_a_move_or_nothing_changes(self, field):
        error = refused(opened(), errors.OptionError, f"does not set '{field}'", **{field: "x"})
        assert (error.parameter, error.value) == ("fields", field)
        assert error.hint.startswith("it sets ")

    def test_the_closest_fields_are_named(self):
        error = refused(opened(), errors.OptionError, "does not set 'owner'", owner="kim")
        assert error.hint.startswith("it sets 'owner_id', ")

    def test_a_name_cannot_be_taken_away(self):
        refused(opened(), errors.OptionError, "its name cannot be taken away", name=None)

    def test_a_currency_alone_cannot_be_changed(self):
        refused(
            opened(amount=EUR_100), errors.OptionError, "does not set 'currency'", currency="USD"
        )

    def test_nothing_is_changed_before_the_last_event(self):
        deal = PIPELINE.update(opened(), owner_id="kim", at=LATER)
        refused(deal, errors.EventOrderError, "cannot date an event", owner_id="lee", at=T0)


def test_an_iterator_among_the_values_is_kept_when_others_stay_the_same():
    deal = opened(source="web")
    links = [Link(kind="renewal_of", target="D-7")]
    changed = PIPELINE.update(
        deal, contact_ids=(c for c in ("C-1", "C-2")), links=iter(links), source="web", at=T0
    )
    assert changed.contact_ids == ("C-1", "C-2")
    assert changed.links == tuple(links)
    assert changed.history[-1].changed == ("contact_ids", "links")


def test_another_json_value_is_a_change_even_where_python_calls_it_equal():
    deal = PIPELINE.update(opened(custom={"vip": 1}), custom={"vip": True}, at=T0)
    assert (deal.version, deal.custom["vip"]) == (2, True)
    assert PIPELINE.update(deal, custom={"vip": True}, at=T0) is deal
