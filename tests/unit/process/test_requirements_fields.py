"""Requirements that look at a field or a count, through real moves of deals, and on leads."""

import pickle
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum

import pytest

from salesflow import Deal, JsonMap, Lead, Money, Pipeline, Stage, errors
from salesflow import requirements as req
from salesflow.process._subject import _KINDS, THINGS
from tests.builders import lead_opened

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
CLOSED = (Stage("won", kind="won"), Stage("lost", kind="lost"))


def eur(amount):
    return Money(amount, "EUR")


def told(requirement, log=(), **fields):
    """What blocks a deal with these fields and activities; None if it moves."""
    pipeline = Pipeline("p", ["talk", Stage("offer", requires=[requirement]), *CLOSED])
    deal = pipeline.open("Acme", id="D-1", at=AT, **fields)
    for kind in log:
        deal = pipeline.log(deal, kind, at=AT)
    shown = pipeline.moves(deal)[0].blocked_by
    if not shown:
        moved = pipeline.advance(deal, at=AT)
        assert (moved.stage, moved.history[-1].override) == ("offer", None)
        return None
    written = deal.model_dump_json()
    with pytest.raises(errors.MoveNotAllowed) as caught:
        pipeline.advance(deal, at=AT)
    assert caught.value.unmet == shown
    assert caught.value.message.endswith(f"'offer' requires more: {shown[0]}")
    assert deal.model_dump_json() == written
    passed = pipeline.advance(deal, at=AT, by="lee", override="trusted")
    assert passed.history[-1].override.unmet == shown
    return shown[0]


def lead(**fields):
    return Lead._from_history("L", (lead_opened(**fields),))


class TestHas:
    @pytest.mark.parametrize(
        ("name", "fields"),
        [
            ("amount", {"amount": eur(0)}),
            ("owner_id", {"owner_id": "kim"}),
            ("probability", {"probability": 0}),
            ("expected_close_on", {"expected_close_on": date(2026, 3, 1)}),
            ("contact_ids", {"contact_ids": ["C-1"]}),
            ("custom", {"custom": {"a": None}}),
            ("custom.a", {"custom": {"a": False}}),
            ("custom.a", {"custom": {"a": 0}}),
            ("custom.a", {"custom": {"a": [0]}}),
            ("custom.a.b", {"custom": {"a.b": "x"}}),
        ],
    )
    def test_what_is_known_lets_it_pass(self, name, fields):
        assert told(req.has(name), **fields) is None

    @pytest.mark.parametrize(
        "name", ["amount", "owner_id", "probability", "expected_close_on", "custom.a", "source"]
    )
    def test_what_is_not_known_blocks(self, name):
        assert told(req.has(name)) == f"{name} is not known"

    @pytest.mark.parametrize("empty", ["", [], {}])
    def test_what_is_empty_blocks(self, empty):
        assert told(req.has("custom.a"), custom={"a": empty}) == "custom.a is empty"
        assert told(req.has("custom.a"), custom={"a": None}) == "custom.a is not known"

    def test_no_contact_and_no_custom_value_are_empty(self):
        assert told(req.has("contact_ids")) == "contact_ids is empty"
        assert told(req.has("custom")) == "custom is empty"

    def test_of_a_count_one_is_enough(self):
        assert told(req.has("n_calls")) == "1 call is needed, there is none"
        assert told(req.has("n_calls"), log=["call"]) is None
        assert told(req.has("n_contacts"), contact_ids=["C-1"]) is None

    def test_every_deal_has_its_instants(self):
        for name in ("created_at", "stage_entered_at"):
            assert told(req.has(name)) is None
        assert told(req.has("closed_at")) == "closed_at is not known"


class TestCounts:
    @pytest.mark.parametrize(
        ("name", "kind", "one", "several"),
        [
            ("n_calls", "call", "1 call is", "3 calls are"),
            ("n_emails", "email", "1 e-mail is", "3 e-mails are"),
            ("n_meetings", "meeting", "1 meeting is", "3 meetings are"),
            ("n_demos", "demo", "1 demo is", "3 demos are"),
            ("n_messages", "message", "1 message is", "3 messages are"),
            ("n_notes", "note", "1 note is", "3 notes are"),
            ("n_touches", "visit", "1 touch is", "3 touches are"),
            ("n_activities", "lunch", "1 activity is", "3 activities are"),
        ],
    )
    def test_done_activities_are_counted(self, name, kind, one, several):
        assert told(req.at_least(name, 1)) == f"{one} needed, there is none"
        three = req.at_least(name, 3)
        assert told(three) == f"{several} needed, there is none"
        assert told(three, log=[kind]) == f"{several} needed, there is 1"
        assert told(three, log=[kind] * 2) == f"{several} needed, there are 2"
        assert told(three, log=[kind] * 3) is None

    def test_a_note_is_no_touch_and_a_call_no_meeting(self):
        assert told(req.at_least("n_touches", 2), log=["note", "call", "lunch"]) == (
            "2 touches are needed, there is 1"
        )
        assert told(req.has("n_meetings"), log=["call"]) == "1 meeting is needed, there is none"
        assert told(req.at_least("n_activities", 3), log=["note", "call", "lunch"]) is None

    def test_contacts_are_counted(self):
        asked = req.at_least("n_contacts", 2)
        assert told(asked) == "2 contacts are needed, there is none"
        assert told(asked, contact_ids=["C-1"]) == "2 contacts are needed, there is 1"
        assert told(asked, contact_ids=["C-1", "C-2"]) is None

    def test_a_plan_counts_once_it_is_carried_out_and_then_once(self):
        pipeline = Pipeline("p", ["talk", *CLOSED])
        deal = pipeline.open("Acme", id="D-1", at=AT)
        deal = pipeline.log(deal, "meeting", at=AT, planned_at=datetime(2026, 2, 1, tzinfo=UTC))
        two, one = req.at_least("n_meetings", 2), req.at_least("n_meetings", 1)
        assert one.unmet(deal, None) == "1 meeting is needed, there is none"
        deal = pipeline.log(deal, "meeting", at=AT, id=deal.history[-1].activity.id)
        assert one.unmet(deal, None) is None
        assert two.unmet(deal, None) == "2 meetings are needed, there is 1"

    def test_other_comparisons_say_the_number(self):
        log = ["call"] * 3
        assert told(req.field("n_calls", at_most=2), log=log) == (
            "n_calls is 3, and must be at most 2"
        )
        assert told(req.field("n_calls", equals=2), log=log) == "n_calls is 3, and must be 2"
        assert told(req.field("n_calls", one_of=[0, 2]), log=log) == (
            "n_calls is 3, and must be 0 or 2"
        )
        assert told(req.field("n_calls", at_most=3), log=log) is None

    def test_two_deals_are_not_mixed_up(self):
        # The last history that was read is kept for the next requirement.
        pipeline = Pipeline("p", ["talk", *CLOSED])
        busy = pipeline.log(pipeline.open("Acme", at=AT), "call", at=AT)
        idle, asked = pipeline.open("Acme", at=AT), req.has("n_calls")
        met = [asked.unmet(deal, None) is None for deal in (busy, idle, busy, busy, idle)]
        assert met == [True, False, True, True, False]


class TestAmounts:
    def test_at_least_includes_the_amount_itself(self):
        asked = req.at_least("amount", eur("1000"))
        assert told(asked, amount=eur("1000.00")) is None
        assert told(asked, amount=eur("999.99")) == (
            "amount is EUR 999.99, and must be at least EUR 1,000.00"
        )
        assert told(asked) == "amount is not known"

    def test_two_currencies_do_not_compare_and_it_says_so(self):
        for asked in (
            req.at_least("amount", eur("1000")),
            req.field("amount", at_most=eur("1000")),
        ):
            assert told(asked, amount=Money("5000", "USD")) == (
                "amount is USD 5,000.00, which does not compare with EUR 1,000.00"
            )

    def test_equal_needs_amount_and_currency(self):
        asked = req.field("amount", equals=eur(10))
        assert told(asked, amount=eur("10.0")) is None
        assert told(asked, amount=Money(10, "USD")) == (
            "amount is USD 10.00, and must be EUR 10.00"
        )


class TestFields:
    @pytest.mark.parametrize(
        ("asked", "value", "missing"),
        [
            (req.at_least("probability", 0.5), 0.5, None),
            (
                req.at_least("probability", 0.5),
                0.4,
                "probability is 0.4, and must be at least 0.5",
            ),
            (req.field("probability", at_most=1), 1.0, None),
            (
                req.field("probability", at_most=0.1),
                1.0,
                "probability is 1.0, and must be at most 0.1",
            ),
        ],
    )
    def test_numbers(self, asked, value, missing):
        assert told(asked, probability=value) == missing

    def test_texts(self):
        asked = req.field("source", one_of=["referral", "fair", "web"])
        assert told(asked, source="fair") is None
        assert told(asked, source="mail") == (
            "source is 'mail', and must be 'referral', 'fair' or 'web'"
        )
        only = req.field("source", equals="fair")
        assert told(only, source="web") == "source is 'web', and must be 'fair'"
        assert told(only) == "source is not known"
        assert told(req.field("source", one_of=("fair",)), source="web") == (
            "source is 'web', and must be 'fair'"
        )

    def test_dates(self):
        asked = req.field("expected_close_on", at_most=date(2026, 3, 31))
        assert told(asked, expected_close_on=date(2026, 3, 31)) is None
        assert told(asked, expected_close_on=date(2026, 4, 1)) == (
            "expected_close_on is 2026-04-01, and must be at most 2026-03-31"
        )

    @pytest.mark.parametrize(
        ("asked", "value", "missing"),
        [
            (req.field("custom.a", equals=True), True, None),
            (req.field("custom.a", equals=True), False, "custom.a is False, and must be True"),
            (req.field("custom.a", equals=True), 1, "custom.a is 1, and must be True"),
            (req.field("custom.a", equals=1), True, "custom.a is True, and must be 1"),
            (req.field("custom.a", equals=1), 1.0, None),
            (req.field("custom.a", one_of=[1, "x"]), "x", None),
            (
                req.field("custom.a", one_of=[1, "x"]),
                True,
                "custom.a is True, and must be 1 or 'x'",
            ),
            (req.field("custom.a", equals="x"), [1], "custom.a is (1,), and must be 'x'"),
            (req.field("custom.a", at_most=0.1), 0.1, None),
            (req.field("custom.a", at_most=0.1), 0.2, "custom.a is 0.2, and must be at most 0.1"),
            (
                req.field("custom.a", at_most=1),
                "0",
                "custom.a is '0', which does not compare with 1",
            ),
            (
                req.at_least("custom.a", 1),
                True,
                "custom.a is True, which does not compare with 1",
            ),
            (req.at_least("custom.a", 1), None, "custom.a is not known"),
        ],
    )
    def test_custom_values(self, asked, value, missing):
        assert told(asked, custom={"a": value}) == missing

    def test_a_number_of_an_enumeration_is_a_number(self):
        class Level(IntEnum):
            HIGH = 3

        assert told(req.at_least("custom.a", 2), custom={"a": Level.HIGH}) is None
        assert req.at_least("custom.a", Level.HIGH) == req.at_least("custom.a", 3)

    def test_a_number_of_hundreds_of_digits_is_compared(self):
        assert told(req.at_least("custom.a", 0.5), custom={"a": 10**400}) is None
        assert told(req.at_least("custom.a", 10**400), custom={"a": 0.5}).startswith(
            "custom.a is 0.5, and must be at least 1000"
        )

    def test_a_long_value_is_cut(self):
        missing = told(req.field("custom.a", equals="x"), custom={"a": "y" * 5000})
        assert missing == f"custom.a is '{'y' * 59}…, and must be 'x'"


class TestLeads:
    def test_fields_of_a_lead_are_asked(self):
        asked = req.field("channel", equals="fair")
        assert asked.unmet(lead(channel="fair"), None) is None
        assert asked.unmet(lead(channel="web"), None) == "channel is 'web', and must be 'fair'"
        assert req.has("channel").unmet(lead(), None) == "channel is not known"
        assert req.has("n_calls").unmet(lead(), None) == "1 call is needed, there is none"
        known = lead(custom={"size": 40}, contact_ids=("C-1",))
        assert req.at_least("custom.size", 30).unmet(known, None) is None
        assert req.has("n_contacts").unmet(known, None) is None

    @pytest.mark.parametrize(
        "asked",
        [req.has("amount"), req.field("amount", at_most=eur(1)), req.not_(req.has("amount"))],
    )
    def test_what_a_lead_does_not_have_is_never_met(self, asked):
        assert asked.unmet(lead(), None) is not None

    def test_what_only_the_other_has_is_said_so(self):
        assert req.has("amount").unmet(lead(), None) == "a lead has no amount"
        assert req.at_least("probability", 0.5).unmet(lead(), None) == "a lead has no probability"
        deal = Pipeline.standard().open("Acme")
        assert req.has("channel").unmet(deal, None) == "a deal has no channel"
        assert req.field("channel", equals="fair").unmet(deal, None) == "a deal has no channel"

    def test_no_definition_asks_for_it(self):
        asked = Stage("b", requires=[req.any_of(req.not_(req.has("channel")), req.has("source"))])
        with pytest.raises(errors.DefinitionError) as caught:
            Pipeline("p", ["a", asked, *CLOSED])
        assert caught.value.faults == ("stage 'b' asks for 'channel', which a deal has not",)
        assert caught.value.paths == ("stages[1].requires",)


class TestRefused:
    @pytest.mark.parametrize(
        ("name", "near"),
        [
            ("amout", "amount"),
            ("n_meeting", "n_meetings"),
            ("owner", "owner_id"),
            ("Source", "source"),
        ],
    )
    @pytest.mark.parametrize("make", [req.has, lambda name: req.at_least(name, 1)])
    def test_a_name_that_is_none_is_refused_with_the_closest(self, make, name, near):
        with pytest.raises(errors.OptionError) as caught:
            make(name)
        error = caught.value
        assert error.message == f"cannot require '{name}': neither a deal nor a lead has it"
        assert error.hint.startswith(f"there is '{near}', ")
        assert error.hint.endswith("or custom.x for a key x of custom.")
        assert (error.parameter, error.value) == ("name", name)

    @pytest.mark.parametrize(
        "name", [None, 3, "", "custom.", "history", "schema_version", b"amount", ["amount"]]
    )
    def test_what_is_no_name_is_refused(self, name):
        with pytest.raises(errors.OptionError, match="neither a deal nor a lead has it"):
            req.has(name)

    @pytest.mark.parametrize(
        ("name", "options"),
        [
            ("amount", {"at_least": 5}),
            ("amount", {"at_least": Decimal(5)}),
            ("amount", {"equals": "5"}),
            ("probability", {"at_least": "0.5"}),
            ("probability", {"at_least": float("nan")}),
            ("probability", {"at_most": float("inf")}),
            ("probability", {"at_most": True}),
            ("probability", {"at_most": Decimal("0.5")}),
            ("n_calls", {"at_least": 1.5}),
            ("n_calls", {"at_least": -1}),
            ("n_calls", {"at_least": True}),
            ("expected_close_on", {"at_most": AT}),
            ("expected_close_on", {"at_most": "2026-01-01"}),
            ("source", {"equals": 3}),
            ("source", {"equals": ""}),
            ("source", {"equals": ["fair"]}),
            ("source", {"one_of": "fair"}),
            ("source", {"one_of": []}),
            ("source", {"one_of": {"fair"}}),
            ("source", {"one_of": ["fair", 3]}),
            ("source", {"at_least": "fair"}),
            ("custom.a", {"equals": eur(1)}),
            ("custom.a", {"equals": date(2026, 1, 1)}),
            ("custom.a", {"equals": {"x": 1}}),
            ("custom.a", {"at_least": "x"}),
            ("custom.a", {"at_least": True}),
            ("created_at", {"at_most": AT}),
            ("contact_ids", {"equals": "C-1"}),
            ("links", {"at_least": 1}),
        ],
        ids=str,
    )
    def test_a_value_that_the_field_does_not_compare_with_is_refused(self, name, options):
        ((operator, value),) = options.items()
        with pytest.raises(
            errors.OptionError, match=f"cannot require '{name}' with {operator}="
        ) as c:
            req.field(name, **options)
        assert c.value.parameter == operator
        assert c.value.hint is not None
        assert repr(c.value.value) == repr(tuple(value) if isinstance(value, list) else value)

    def test_exactly_one_comparison(self):
        with pytest.raises(errors.OptionError, match="with nothing: exactly one"):
            req.field("source")
        with pytest.raises(errors.OptionError, match="with equals= and at_most=: exactly one"):
            req.field("custom.a", equals=1, at_most=2)

    def test_no_other_operator(self):
        with pytest.raises(errors.OptionError, match="cannot compare by 'below'") as caught:
            req.Field("custom.a", "below", 1)
        assert caught.value.hint == "give 'equals', 'one_of', 'at_least' or 'at_most'."


class TestValues:
    MADE = (
        (req.has("amount"), "has('amount')", "amount is known"),
        (req.has("n_calls"), "has('n_calls')", "1 call"),
        (
            req.at_least("n_meetings", 2),
            "at_least('n_meetings', 2)",
            "at least 2 meetings",
        ),
        (
            req.at_least("amount", eur(5)),
            "at_least('amount', Money('5', 'EUR'))",
            "amount is at least EUR 5.00",
        ),
        (
            req.field("custom.a", equals=True),
            "field('custom.a', equals=True)",
            "custom.a is True",
        ),
        (
            req.field("source", one_of=("a", "b")),
            "field('source', one_of=['a', 'b'])",
            "source is 'a' or 'b'",
        ),
        (
            req.field("custom.d", at_most=0.1),
            "field('custom.d', at_most=0.1)",
            "custom.d is at most 0.1",
        ),
    )

    @pytest.mark.parametrize(("made", "call", "words"), MADE, ids=str)
    def test_each_shows_its_call_reads_in_words_and_pickles(self, made, call, words):
        assert (repr(made), str(made)) == (call, words)
        again = eval(call, {**vars(req), "Money": Money})  # noqa: S307 - our own text
        assert again == made
        assert hash(again) == hash(made)
        assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own bytes

    def test_at_least_is_the_same_as_the_field_compared(self):
        assert req.at_least("custom.a", 3) == req.field("custom.a", at_least=3)

    def test_true_is_not_one(self):
        assert req.field("custom.a", equals=True) != req.field("custom.a", equals=1)
        assert req.field("custom.a", one_of=[True]) != req.field("custom.a", one_of=[1])
        assert req.field("custom.a", equals=1) == req.field("custom.a", equals=1.0)
        assert len({req.field("custom.a", equals=value) for value in (1, True, 1.0)}) == 2

    def test_what_an_enumeration_adds_is_no_part_of_it(self):
        class Source(StrEnum):
            FAIR = "fair"

        made = req.field("source", equals=Source.FAIR)
        assert (made, type(made.value)) == (req.field("source", equals="fair"), str)

    def test_they_do_not_change(self):
        with pytest.raises(AttributeError):
            req.has("amount").name = "source"


def test_every_field_of_a_deal_and_a_lead_may_be_asked_for():
    aside = {"schema_version", "history"}
    fields = {*Deal.model_fields, *Lead.model_fields} - aside
    assert {name for name in fields if not name.endswith("_precision")} == {*_KINDS}
    assert not {*THINGS} & fields


def test_each_kind_of_field_holds_what_it_is_compared_with():
    types = {"text": str, "number": float | int, "money": Money, "several": tuple | JsonMap}
    deal = Pipeline.standard().open(
        "Acme", amount=eur(1), probability=0.5, category="best", source="web", at=AT
    )
    for name, kind in _KINDS.items():
        value = getattr(deal, name, None)
        assert value is None or isinstance(value, types.get(kind, date)), name
