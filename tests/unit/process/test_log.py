"""Activities: what happened, and what is planned."""

from datetime import UTC, date, datetime, timedelta

import pytest

from salesflow import Deal, Pipeline, errors

SALES = Pipeline.standard()
T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def opened():
    return SALES.open("Acme", id="D-1", at=T0)


def refused(error, match, *arguments, **options):
    deal = opened()
    written = deal.model_dump_json()
    with pytest.raises(error, match=match) as caught:
        SALES.log(deal, *arguments, **options)
    assert deal.model_dump_json() == written
    return caught.value


def logged(*arguments, **options):
    deal = SALES.log(opened(), *arguments, **options)
    assert Deal.model_validate_json(deal.model_dump_json()) == deal
    return deal.history[-1]


def test_it_happened_when_it_is_recorded_unless_said():
    event = logged("call", at=T0 + HOUR, by="kim")
    assert (event.type, event.by, event.at) == ("activity_logged", "kim", T0 + HOUR)
    assert (event.activity.kind, event.activity.occurred_at) == ("call", T0 + HOUR)
    assert event.activity.is_touch


def test_it_changes_nothing_else():
    before = opened()
    after = SALES.log(before, "call", at=T0 + HOUR)
    assert after.version == 2
    assert after.stage_entered_at == before.stage_entered_at


def test_its_id_is_that_of_its_event_unless_given():
    assert logged("call").activity.id == logged("call").id == "D-1:2"
    assert logged("call", id="mail-7").activity.id == "mail-7"


def test_it_may_have_happened_long_before_the_deal():
    event = logged("call", occurred_at=T0 - 90 * DAY, at=T0)
    assert (event.activity.occurred_at, event.at) == (T0 - 90 * DAY, T0)


def test_it_may_have_happened_on_a_day():
    activity = logged("call", occurred_at=date(2026, 1, 2), at=T0).activity
    assert activity.occurred_at == datetime(2026, 1, 2, tzinfo=UTC)
    assert activity.occurred_precision == "day"


def test_recorded_on_a_day_it_happened_at_an_hour_of_it():
    event = logged("call", occurred_at=T0 + HOUR, at=date(2026, 1, 5))
    assert (event.precision, event.activity.occurred_at) == ("day", T0 + HOUR)


def test_it_did_not_happen_after_it_is_recorded():
    error = refused(
        errors.OptionError,
        "cannot log 'call' on deal 'D-1': it occurred at 2026-01-06",
        "call",
        occurred_at=T0 + DAY,
        at=T0,
    )
    assert (error.parameter, error.value) == ("occurred_at", T0 + DAY)
    assert error.hint == "plan it instead: planned_at=…."


def test_a_planned_one_has_not_happened():
    activity = logged("meeting", planned_at=date(2026, 2, 1), at=T0).activity
    assert (activity.occurred_at, activity.is_done, activity.is_touch) == (None, False, False)
    assert activity.planned_at == datetime(2026, 2, 1, tzinfo=UTC)
    assert activity.planned_precision == "day"


def test_one_that_was_planned_and_happened_has_both():
    activity = logged("meeting", planned_at=T0 - DAY, occurred_at=T0, at=T0 + HOUR).activity
    assert (activity.planned_at, activity.occurred_at) == (T0 - DAY, T0)


def test_its_details_are_those_of_an_activity():
    details = {"direction": "inbound", "score": 8, "theme": "price", "contact_id": "C-1"}
    activity = logged("email", subject="Re: offer", custom={"n": 1}, **details).activity
    assert (activity.direction, activity.score, activity.theme) == ("inbound", 8.0, "price")
    assert activity.custom == {"n": 1}


def test_a_closed_deal_takes_one_too():
    lost = SALES.lose(opened(), "budget", at=T0)
    assert SALES.log(lost, "note", at=T0 + DAY).outcome == "lost"


def test_all_wrong_details_are_named():
    error = refused(
        errors.FieldError,
        "cannot log 'call' on deal 'D-1': ",
        "call",
        score=11,
        direction="up",
    )
    assert [fault.split(":")[0] for fault in error.faults] == ["direction", "score"]


def test_a_detail_that_an_activity_does_not_have_is_refused():
    error = refused(errors.OptionError, "it does not set 'subjet'", "call", subjet="offer")
    assert error.hint.startswith("it sets 'subject'")


@pytest.mark.parametrize("kind", ["", None, 3])
def test_a_kind_is_a_text(kind):
    refused(errors.FieldError, "kind: ", kind)


@pytest.mark.parametrize("when", ["at", "occurred_at", "planned_at"])
def test_a_moment_without_zone_is_refused(when):
    naive = datetime(2026, 1, 6)  # noqa: DTZ001 - naive on purpose
    error = refused(errors.NaiveDatetimeError, f"cannot use {when} ", "call", **{when: naive})
    assert error.parameter == when


def test_recorded_before_the_last_event_is_refused():
    refused(errors.EventOrderError, "cannot date an event", "call", at=T0 - HOUR)
