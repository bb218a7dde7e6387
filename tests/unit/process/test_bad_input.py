"""Whatever a verb is given, it answers with an error of ours that holds the facts."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from salesflow import Money, Pipeline, errors

SALES = Pipeline.standard()
T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)
OPEN = SALES.open("Acme", id="D-1", at=T0)
LOST = SALES.lose(OPEN, "budget", at=T0)
LAST = SALES.move(SALES.restore(id="D-1", stage="proposal"), to="negotiation", at=T0)
NAIVE = datetime(2026, 1, 6)  # noqa: DTZ001 - naive on purpose
# In UTC these are no dates that Python has.
BEFORE_TIME = datetime.min.replace(tzinfo=timezone(timedelta(hours=5)))
AFTER_TIME = datetime.max.replace(tzinfo=timezone(timedelta(hours=-5)))

CALLS = {
    "advance": (OPEN, {}),
    "move": (OPEN, {"to": "qualification"}),
    "win": (LAST, {}),
    "lose": (OPEN, {"reason": "budget"}),
    "reopen": (LOST, {"to": "prospecting", "reason": "again"}),
    "update": (OPEN, {"owner_id": "kim"}),
    "log": (OPEN, {"kind": "call"}),
    "migrate": (OPEN, {"to": "meeting"}),
}
every_verb = pytest.mark.parametrize("verb", sorted(CALLS))


def call(verb, **changed):
    deal, arguments = CALLS[verb]
    return getattr(SALES, verb)(deal, **{**arguments, **changed})


@every_verb
def test_each_call_is_legal_as_it_stands(verb):
    assert call(verb).version == CALLS[verb][0].version + 1


@pytest.mark.parametrize("deal", [None, 3, "D-1", {}, object, OPEN.history[0]])
@pytest.mark.parametrize("verb", [*sorted(CALLS), "moves"])
def test_what_is_no_deal_is_refused(verb, deal):
    _, arguments = CALLS.get(verb, (None, {}))
    with pytest.raises(errors.OptionError, match="it is no Deal") as caught:
        getattr(SALES, verb)(deal, **arguments)
    assert caught.value.parameter == "deal"
    assert caught.value.value is deal


@every_verb
@pytest.mark.parametrize("at", ["2026-01-06", 5, 1.5, [], T0.time(), BEFORE_TIME, AFTER_TIME])
def test_what_is_no_moment_is_refused(verb, at):
    with pytest.raises(errors.OptionError, match="cannot use at ") as caught:
        call(verb, at=at)
    assert (caught.value.parameter, caught.value.value) == ("at", at)


@every_verb
def test_a_moment_without_zone_is_refused(verb):
    with pytest.raises(errors.NaiveDatetimeError, match="it has no time zone") as caught:
        call(verb, at=NAIVE)
    assert (caught.value.parameter, caught.value.value) == ("at", NAIVE)


@every_verb
@pytest.mark.parametrize("by", [3, "", " ", [], b"kim", "\ud800"])
def test_who_did_it_is_a_text(verb, by):
    with pytest.raises(errors.OptionError, match="cannot record who did it: by=") as caught:
        call(verb, by=by)
    assert (caught.value.parameter, caught.value.value) == ("by", by)


@every_verb
def test_an_event_before_the_last_one_is_refused(verb):
    with pytest.raises(errors.EventOrderError, match="cannot date an event of deal 'D-1'"):
        call(verb, at=T0 - timedelta(microseconds=1))


@pytest.mark.parametrize("verb", ["move", "win", "lose", "reopen"])
@pytest.mark.parametrize("to", [3, 0, "", [], {}, object, "metting"])
def test_what_is_no_stage_is_refused(verb, to):
    with pytest.raises(errors.UnknownStageError, match="cannot find stage") as caught:
        call(verb, to=to)
    assert (caught.value.stage, caught.value.pipeline) == (to, "sales")


@pytest.mark.parametrize("verb", ["move", "reopen"])
def test_no_stage_is_no_stage(verb):
    with pytest.raises(errors.UnknownStageError, match="cannot find stage None"):
        call(verb, to=None)


@pytest.mark.parametrize("verb", ["advance", "move", "win", "lose", "reopen"])
@pytest.mark.parametrize("override", ["", " ", 3, True, "\ud800"])
def test_an_override_is_a_reason(verb, override):
    with pytest.raises(errors.OptionError, match="it needs a name and a reason"):
        call(verb, override=override, by="kim")
    with pytest.raises(errors.OptionError, match="it needs a name and a reason"):
        call(verb, override="why")


@pytest.mark.parametrize(
    ("verb", "field", "value"),
    [
        ("lose", "disposition", "x"),
        ("lose", "disposition", 3),
        ("lose", "revisit_on", "x"),
        ("lose", "revisit_on", object()),
        ("lose", "reason", "\ud800"),
        ("reopen", "requalified_by", 3),
        ("reopen", "requalified_by", ""),
        ("log", "score", 11),
    ],
)
def test_other_options_are_checked_with_their_path(verb, field, value):
    with pytest.raises(errors.FieldError, match=f"{field}: ") as caught:
        call(verb, **{field: value})
    assert len(caught.value.faults) == 1


FIELDS = [
    ("amount", 12.5),
    ("amount", 12),
    ("amount", "12 EUR"),
    ("amount", Money),
    ("amount", {"amount": 12.5, "currency": "EUR"}),
    ("amount", {"amount": "NaN", "currency": "EUR"}),
    ("amount", {"amount": "1", "currency": "EURO"}),
    ("owner_id", ""),
    ("owner_id", 3),
    ("owner_id", "\ud800"),
    ("source", []),
    ("account_id", 3.5),
    ("lead_id", 3),
    ("contact_ids", "C-1"),
    ("contact_ids", None),
    ("contact_ids", [""]),
    ("links", ["D-0"]),
    ("links", [{"kind": "renewal_of"}]),
    ("custom", object()),
    ("custom", None),
    ("custom", {"a": object()}),
    ("custom", {3: "a"}),
    ("custom", {"a": float("nan")}),
    ("expected_close_on", "soon"),
    ("expected_close_on", object()),
    ("category", 3),
    ("category", ""),
    ("name", ""),
    ("name", 3),
]


@pytest.mark.parametrize(("field", "value"), FIELDS)
def test_a_field_that_a_deal_does_not_take_is_refused_by_every_verb_that_sets_it(field, value):
    written = OPEN.model_dump_json()
    with pytest.raises(errors.FieldError, match=f"cannot open deal .*: {field}"):
        SALES.open(**{"name": "Acme", field: value})
    with pytest.raises(errors.FieldError, match=f"cannot update deal 'D-1': {field}"):
        SALES.update(OPEN, **{"source": "web", field: value})
    with pytest.raises(errors.FieldError, match=f"cannot restore deal 'D-1': {field}"):
        SALES.restore(id="D-1", **{field: value})
    assert OPEN.model_dump_json() == written


@pytest.mark.parametrize("value", [65, -1, "0.5", True, float("nan"), float("inf"), []])
def test_a_probability_that_is_none_is_refused_by_every_verb_that_sets_it(value):
    for verb, arguments in (
        (SALES.open, {"name": "Acme"}),
        (SALES.restore, {"id": "D-1"}),
        (SALES.update, {"deal": OPEN}),
    ):
        with pytest.raises(errors.ProbabilityError, match="cannot take probability") as caught:
            verb(**arguments, probability=value)
        assert caught.value.parameter == "probability"


@pytest.mark.parametrize("identity", ["", 3, [], b"D-1"])
def test_an_id_is_a_text(identity):
    with pytest.raises(errors.OptionError, match=r"its id .* is no text") as caught:
        SALES.open("Acme", id=identity)
    assert (caught.value.parameter, caught.value.value) == ("id", identity)


def test_an_id_that_json_cannot_hold_is_refused():
    with pytest.raises(errors.FieldError, match="id: "):
        SALES.open("Acme", id="\ud800")


def test_a_deal_has_a_name():
    with pytest.raises(errors.OptionError, match="cannot open a deal: it has no name") as caught:
        SALES.open(None)
    assert (caught.value.parameter, caught.value.value) == ("name", None)


@pytest.mark.parametrize("field", ["stage_kind", "pipeline", "channel", "type", "outcome", "x"])
def test_a_field_that_open_does_not_set_is_refused_and_never_dropped(field):
    with pytest.raises(errors.OptionError, match=f"it does not set '{field}'") as caught:
        SALES.open("Acme", **{field: "x"})
    assert (caught.value.parameter, caught.value.value) == ("fields", field)
    assert caught.value.hint.startswith("it sets ")


@pytest.mark.parametrize("stage", [3, "", [], "metting", object])
def test_a_stage_to_open_in_is_one_of_the_pipeline(stage):
    with pytest.raises(errors.UnknownStageError, match="cannot find stage"):
        SALES.open("Acme", stage=stage)


def test_a_retired_entry_is_an_unknown_one_no_more_than_a_closed_one():
    with pytest.raises(errors.MoveNotAllowed, match="'lost': it is no entry stage"):
        SALES.open("Acme", stage="lost")
