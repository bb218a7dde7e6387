"""What each event changes, and each way in which a history can contradict itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from pydantic import ValidationError

from salesflow import Activity, Deal, Link, Money
from salesflow.models import events as ev
from salesflow.models.moments import is_before, latest, moment_is_after
from tests.builders import (
    day,
    deal_of,
    in_stage,
    jan,
    lead_moved,
    lead_of,
    lead_opened,
    moved,
    opened,
    restored,
)

EUR_5 = Money(5, "EUR")


def won_deal(*more: ev.EventBase) -> Deal:
    return deal_of(opened(), moved(2, "talk", "won"), *more)


def migrated(number: int, to: str, **fields: object) -> ev.Migrated:
    known = {"id": f"D:{number}", "at": jan(number), **in_stage(to)}
    known |= {"from_pipeline": "small", "from_stage": "talk", "pipeline": "large"}
    return ev.Migrated(**{**known, **fields})


@contextmanager
def contradiction(fact: str) -> Iterator[None]:
    """The block is refused for this, and for nothing else."""
    with pytest.raises(ValidationError, match=fact) as caught:
        yield
    assert [fault["type"] for fault in caught.value.errors()] == ["contradiction"]


class TestWhatEventsChange:
    """The fold of a deal's history."""

    def test_opened_gives_the_fields_it_holds(self):
        deal = deal_of(
            opened(at=jan(1, 9), name="Acme", amount=EUR_5, owner_id="kim", source="web",
                   account_id="A-1", contact_ids=("C-1",), lead_id="L-1", custom={"a": 1},
                   links=(Link(kind="renewal_of", target="D-0"),), pipeline_version=3,
                   expected_close_on=day(31), probability=0.25, probability_source="manual"),
        )  # fmt: skip
        assert (deal.pipeline, deal.pipeline_version, deal.name) == ("small", 3, "Acme")
        assert (deal.stage, deal.stage_position, deal.outcome) == ("talk", 0, "open")
        assert deal.created_at == deal.stage_entered_at == jan(1, 9)
        assert (deal.amount, deal.owner_id, deal.source) == (EUR_5, "kim", "web")
        assert (deal.account_id, deal.contact_ids, deal.lead_id) == ("A-1", ("C-1",), "L-1")
        assert (deal.links[0].target, deal.custom) == ("D-0", {"a": 1})
        assert (deal.expected_close_on, deal.probability) == (day(31), 0.25)
        assert deal.closed_at is None

    def test_a_move_enters_a_stage(self):
        deal = deal_of(opened(), moved(2, "talk", "offer", jan(2, 8)))
        assert (deal.stage, deal.stage_entered_at, deal.outcome) == ("offer", jan(2, 8), "open")
        assert deal.created_at == jan(1)

    def test_a_win_closes(self):
        deal = won_deal()
        assert (deal.outcome, deal.closed_at, deal.probability) == ("won", jan(2), 1.0)
        assert deal.lost_at_stage is None

    def test_a_second_won_stage_keeps_the_closing_date(self):
        # R5: booked when it was won, whatever comes after.
        deal = won_deal(moved(3, "won", "kept", jan(20)))
        assert (deal.closed_at, deal.stage_entered_at) == (jan(2), jan(20))

    def test_a_loss_says_where_and_why(self):
        lost = moved(2, "talk", "lost", reason="budget", disposition="nurture", revisit_on=day(30))
        deal = deal_of(opened(), lost)
        assert (deal.outcome, deal.closed_at, deal.probability) == ("lost", jan(2), 0.0)
        assert (deal.loss_reason, deal.disposition, deal.revisit_on) == (
            "budget",
            "nurture",
            day(30),
        )
        assert (deal.lost_at_stage, deal.lost_at_position) == ("talk", 0)

    def test_a_reversion_clears_what_the_closing_left(self):
        lost = moved(2, "talk", "lost", reason="budget", disposition="nurture", revisit_on=day(30))
        deal = deal_of(opened(), lost, moved(3, "lost", "talk", reason="new budget"))
        assert (deal.outcome, deal.closed_at, deal.loss_reason) == ("open", None, None)
        assert (deal.disposition, deal.revisit_on, deal.lost_at_stage) == (None, None, None)
        assert deal.lost_at_position is None
        assert deal.probability is None, "the stage has none"
        assert deal.history[1].reason == "budget", "the history keeps it"

    def test_a_closing_by_date_is_a_day(self):
        deal = deal_of(opened(), moved(2, "talk", "won", precision="day"))
        assert (deal.closed_at, deal.closed_precision) == (jan(2), "day")
        assert deal.stage_entered_precision == "day"

    @pytest.mark.parametrize(
        ("event", "changed"),
        [
            (ev.AmountChanged(id="D:2", at=jan(2), amount=EUR_5), {"amount": EUR_5}),
            (
                ev.ExpectedCloseChanged(id="D:2", at=jan(2), expected_close_on=day(9)),
                {"expected_close_on": day(9)},
            ),
            (ev.OwnerChanged(id="D:2", at=jan(2), owner_id="lee"), {"owner_id": "lee"}),
            (
                ev.ProbabilitySet(
                    id="D:2", at=jan(2), probability=0.4, probability_source="manual"
                ),
                {"probability": 0.4, "probability_source": "manual"},
            ),
            (
                ev.CategorySet(id="D:2", at=jan(2), category="commit", category_source="manual"),
                {"category": "commit", "category_source": "manual"},
            ),
            (
                ev.DetailsChanged(
                    id="D:2", at=jan(2), changed=("name", "custom"), name="New", custom={"b": 2}
                ),
                {"name": "New", "custom": {"b": 2}},
            ),
            (ev.DetailsChanged(id="D:2", at=jan(2), changed=("channel",), channel="web"), {}),
            (
                ev.ActivityLogged(
                    id="D:2",
                    at=jan(2),
                    activity=Activity(id="D:2", kind="call", occurred_at=jan(1)),
                ),
                {},
            ),
            (
                ev.QualificationAnswered(
                    id="D:2", at=jan(2), framework="BANT", criterion="budget", answer="yes"
                ),
                {},
            ),
            (
                migrated(2, "talk", stage="first", stage_position=7),
                {
                    "pipeline": "large",
                    "stage": "first",
                    "stage_position": 7,
                    "stage_entered_at": jan(2),
                },
            ),
            (
                migrated(2, "talk", stage_position=7, pipeline_version=2),
                {"pipeline": "large", "pipeline_version": 2, "stage_position": 7},
            ),
        ],
        ids=[
            "amount",
            "expected close",
            "owner",
            "probability",
            "category",
            "details",
            "a detail of leads",
            "activity",
            "qualification",
            "migrated to another stage",
            "migrated in its stage",
        ],
    )
    def test_each_other_event_changes_its_own_fields_alone(self, event, changed):
        before, after = deal_of(opened(name="Acme")), deal_of(opened(name="Acme"), event)
        expected = {**dict(before), **changed, "history": (*before.history, event)}
        assert dict(after) == expected

    def test_a_detail_that_is_not_named_stays(self):
        renamed = ev.DetailsChanged(id="D:2", at=jan(2), changed=("name",), name="B")
        assert deal_of(opened(source="phone"), renamed).source == "phone"

    def test_others_merged_into_it_become_aliases_with_their_own(self):
        def other(identity: str, *aliases: str) -> Deal:
            taken = restored(id=f"{identity}:1", aliases=aliases)
            return Deal._from_history(identity, (taken,))

        merged = ev.Merged(id="D:2", at=jan(2), deals=(other("E", "E-old"), other("F")))
        deal = deal_of(opened(amount=EUR_5), merged)
        assert deal.aliases == ("E", "E-old", "F")
        assert deal.amount == EUR_5


class TestRestored:
    """Deals taken over with what is known."""

    def test_nothing_unknown_is_invented(self):
        deal = deal_of(restored(stage=None, stage_position=None))
        assert (deal.stage, deal.outcome, deal.version) == (None, "open", 1)
        assert deal.created_at is deal.closed_at is deal.stage_entered_at is None
        assert deal.history[0].at is None

    def test_a_closed_one_entered_its_stage_when_it_closed(self):
        event = restored(at=jan(9), closed_at=jan(9), created_at=jan(1), **in_stage("lost"),
                         reason="price", disposition="follow_up", lost_at_stage="offer",
                         lost_at_position=1, aliases=("old",))  # fmt: skip
        deal = deal_of(event)
        assert (deal.closed_at, deal.stage_entered_at) == (jan(9), jan(9))
        assert (deal.loss_reason, deal.disposition) == ("price", "follow_up")
        assert (deal.lost_at_stage, deal.lost_at_position) == ("offer", 1)
        assert (deal.created_at, deal.aliases) == (jan(1), ("old",))

    @pytest.mark.parametrize(
        ("visits", "entered"),
        [
            ([("talk", 1, 3), ("talk", 3, None)], jan(3)),
            ([("talk", 1, 3), ("talk", 3, 4)], None),
            ([("offer", 1, None)], None),
            ([], None),
        ],
        ids=["still in it", "left it", "another stage", "no visits"],
    )
    def test_an_open_one_entered_its_stage_with_its_last_visit(self, visits, entered):
        known = tuple(
            ev.RestoredVisit(
                stage=stage,
                stage_kind="open",
                stage_position=0,
                entered_at=jan(start),
                left_at=end and jan(end),
            )
            for stage, start, end in visits
        )
        last = max((end or start for _, start, end in visits), default=None)
        deal = deal_of(restored(at=last and jan(last), visits=known))
        assert deal.stage_entered_at == entered

    def test_the_stage_entry_has_the_precision_of_the_visit(self):
        visit = ev.RestoredVisit(stage="talk", stage_kind="open", stage_position=0,
                                 entered_at=jan(3), entered_precision="day")  # fmt: skip
        deal = deal_of(restored(at=jan(3), precision="day", visits=(visit,)))
        assert (deal.stage_entered_at, deal.stage_entered_precision) == (jan(3), "day")

    def test_any_event_may_follow_an_undated_one(self):
        deal = deal_of(restored(), moved(2, "talk", "won", jan(1) - timedelta(days=9999)))
        assert deal.outcome == "won"


class TestLeads:
    """The fold of a lead's history."""

    def test_opened(self):
        lead = lead_of(lead_opened(name="Kim", source="web", channel="ads", owner_id="lee"))
        assert (lead.stage, lead.outcome, lead.created_at) == ("new", "open", jan(1))
        assert (lead.source, lead.channel, lead.owner_id) == ("web", "ads", "lee")

    def test_converted(self):
        lead = lead_of(lead_opened(), lead_moved(2, "new", "done", "converted", deal_id="D-1"))
        assert (lead.outcome, lead.closed_at, lead.deal_id) == ("converted", jan(2), "D-1")

    def test_disqualified_and_opened_again(self):
        out = lead_moved(2, "new", "out", "disqualified", reason="spam", disposition="disqualified")
        lead = lead_of(lead_opened(), out)
        assert (lead.outcome, lead.reason, lead.closed_at) == ("disqualified", "spam", jan(2))
        again = lead_of(lead_opened(), out, lead_moved(3, "out", "new"))
        assert (again.outcome, again.reason, again.closed_at) == ("open", None, None)
        assert again.disposition is None

    def test_put_back_to_nurturing_while_open(self):
        back = lead_moved(2, "new", "nurturing", reason="too early", revisit_on=day(30))
        lead = lead_of(lead_opened(), back)
        assert (lead.outcome, lead.reason, lead.revisit_on) == ("open", "too early", day(30))

    def test_restored(self):
        event = ev.Restored(id="L:1", pipeline="leads", stage="out", stage_kind="disqualified",
                            stage_position=3, reason="spam", channel="ads")  # fmt: skip
        lead = lead_of(event)
        assert (lead.outcome, lead.reason, lead.channel) == ("disqualified", "spam", "ads")

    def test_details_and_owner(self):
        details = ev.DetailsChanged(id="L:2", at=jan(2), changed=("channel",), channel="web")
        owner = ev.OwnerChanged(id="L:3", at=jan(3), owner_id="kim")
        lead = lead_of(lead_opened(), details, owner)
        assert (lead.channel, lead.owner_id) == ("web", "kim")

    @pytest.mark.parametrize(
        "event",
        [
            ev.AmountChanged(id="L:2", at=jan(2), amount=None),
            ev.ExpectedCloseChanged(id="L:2", at=jan(2), expected_close_on=None),
            ev.ProbabilitySet(id="L:2", at=jan(2), probability=None, probability_source="stage"),
            ev.CategorySet(id="L:2", at=jan(2), category=None, category_source="stage"),
        ],
        ids=lambda event: event.type,
    )
    def test_have_no_events_of_deals(self, event):
        fields = dict(lead_of(lead_opened()))
        with contradiction(f"event 'L:2' is '{event.type}', which happens to no lead"):
            lead_of(**{**fields, "history": (lead_opened(), event)})


class TestContradictions:
    """Histories that cannot be."""

    def test_no_event(self):
        with contradiction("its history is empty"):
            deal_of(pipeline="small")

    def test_an_event_of_another_deal(self):
        with contradiction("event 1 has id 'E:1', not 'D:1'"):
            deal_of(opened(id="E:1"))

    def test_a_number_left_out(self):
        with contradiction("event 2 has id 'D:3', not 'D:2'"):
            deal_of(opened(), moved(3, "talk", "offer"))

    def test_a_beginning_that_is_none(self):
        with contradiction("event 'D:1' is 'stage_changed': just the first one begins it"):
            deal_of(moved(1, None, "talk"), pipeline="small")

    @pytest.mark.parametrize("second", [opened(2), restored(id="D:2")], ids=["opened", "restored"])
    def test_a_second_beginning(self, second):
        with contradiction(f"event 'D:2' is '{second.type}': just the first one begins it"):
            deal_of(opened(), second)

    def test_an_event_before_the_last_one(self):
        with contradiction(
            r"event 'D:2' is dated 2026-01-01 08:.*, before 'D:1' at 2026-01-01 09:"
        ):
            deal_of(opened(at=jan(1, 9)), moved(2, "talk", "offer", jan(1, 8)))

    def test_a_day_before_the_last_ones_day(self):
        with contradiction("event 'D:2' is dated 2026-01-01"):
            deal_of(opened(at=jan(2, 9)), moved(2, "talk", "offer", jan(1), precision="day"))

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            ({"at": jan(2, 9)}, {"at": jan(2, 9)}),
            ({"at": jan(2, 9)}, {"at": jan(2), "precision": "day"}),
            ({"at": jan(2), "precision": "day"}, {"at": jan(2), "precision": "day"}),
            ({"at": jan(2), "precision": "day"}, {"at": jan(2, 1)}),
        ],
        ids=["instants", "a day after an instant", "days", "an instant after a day"],
    )
    def test_equal_moments_keep_their_order(self, first, second):
        assert deal_of(opened(**first), moved(2, "talk", "offer", **second)).stage == "offer"

    @pytest.mark.parametrize("number", [1, 2])
    def test_a_day_with_a_time(self, number):
        events = [opened(), moved(2, "talk", "offer")][:number]
        at_nine = {**dict(events[-1]), "at": jan(number, 9), "precision": "day"}
        events[-1] = type(events[-1])(**at_nine)
        with contradiction(
            f"event 'D:{number}' has precision 'day' and a time, at 2026-01-0{number}"
        ):
            deal_of(*events)

    @pytest.mark.parametrize("kind", ["won", "lost"])
    def test_an_opening_in_a_closed_stage(self, kind):
        with contradiction(f"event 'D:1' opens it in a stage that is {kind}"):
            deal_of(opened(**in_stage(kind)))

    @pytest.mark.parametrize(
        "events",
        [
            [opened(stage=None)],
            [opened(), moved(2, "talk", "offer", stage=None)],
            [opened(), migrated(2, "talk", stage=None)],
        ],
        ids=["opened", "stage_changed", "migrated"],
    )
    def test_no_stage_where_none_was_restored(self, events):
        with contradiction(f"event 'D:{len(events)}' puts it in no stage, as only a restored one"):
            deal_of(*events)

    @pytest.mark.parametrize("kind", ["converted", "disqualified"])
    def test_a_deal_in_a_stage_of_leads(self, kind):
        there = moved(2, "talk", "offer", stage_kind=kind)
        with contradiction(f"event 'D:2' puts it in a stage that is {kind}"):
            deal_of(opened(), there, moved(3, "offer", "talk"))

    def test_a_lead_in_a_stage_of_deals(self):
        with contradiction("event 'L:2' puts it in a stage that is won"):
            lead_of(lead_opened(), lead_moved(2, "new", "won", "won"), lead_moved(3, "won", "new"))

    @pytest.mark.parametrize(
        ("stage", "probability", "fact"),
        [
            ("won", 0.9, "is won with probability 0.9, not 1"),
            ("won", None, "is won with probability None, not 1"),
            ("lost", 0.35, "is lost with probability 0.35, not 0"),
            ("lost", None, "is lost with probability None, not 0"),
        ],
    )
    def test_a_closed_deal_that_is_not_certain(self, stage, probability, fact):
        # R2, R17: no half-alive deal.
        with contradiction(f"event 'D:2' {fact}"):
            deal_of(opened(), moved(2, "talk", stage, probability=probability))
        with contradiction(f"event 'D:1' {fact}"):
            deal_of(restored(**{**in_stage(stage), "probability": probability}))

    def test_an_open_deal_may_be_certain(self):
        # R8: 1.0 does not make it won.
        deal = deal_of(opened(probability=1.0, probability_source="manual"))
        assert (deal.outcome, deal.probability) == ("open", 1.0)

    def test_a_move_from_where_it_was_not(self):
        with contradiction("event 'D:2' leaves 'offer', but it was in 'talk'"):
            deal_of(opened(), moved(2, "offer", "won"))

    @pytest.mark.parametrize(
        ("name", "froze"),
        [
            ("amount", Money(9, "EUR")),
            ("amount", None),
            ("owner_id", "lee"),
            ("expected_close_on", day(9)),
            ("source", "web"),
        ],
        ids=["amount", "no amount", "owner", "expected close", "source"],
    )
    def test_a_move_that_froze_what_was_not_so(self, name, froze):
        terms = {"amount": EUR_5, "owner_id": "kim", "source": "phone", "expected_close_on": day(8)}
        deal_of(opened(**terms), moved(2, "talk", "offer", **terms))
        with contradiction(f"event 'D:2' froze {name} .*, but it was "):
            deal_of(opened(**terms), moved(2, "talk", "offer", **{**terms, name: froze}))

    def test_a_move_of_a_lead_that_froze_another_owner(self):
        with contradiction("event 'L:2' froze owner_id 'lee', but it was 'kim'"):
            lead_of(lead_opened(owner_id="kim"), lead_moved(2, "new", "next", owner_id="lee"))

    @pytest.mark.parametrize(
        "came_from", [{"from_pipeline": "other"}, {"from_stage": "offer"}], ids=str
    )
    def test_a_migration_from_where_it_was_not(self, came_from):
        with contradiction("event 'D:2' leaves .*, where it was not"):
            deal_of(opened(), migrated(2, "talk", **came_from))

    def test_a_migration_that_changes_the_outcome(self):
        with contradiction("event 'D:2' changes the outcome to won"):
            deal_of(opened(), migrated(2, "won"))

    def test_a_probability_of_a_closed_deal(self):
        certain = {"probability": 1.0, "probability_source": "manual"}
        with contradiction("event 'D:3' sets a probability, but it was won"):
            won_deal(ev.ProbabilitySet(id="D:3", at=jan(3), **certain))

    def test_another_amount_of_a_closed_deal(self):
        corrected = ev.AmountChanged(id="D:3", at=jan(3), amount=EUR_5, correction="typo")
        assert won_deal(corrected).amount == EUR_5
        with contradiction("event 'D:3' changes the amount of a closed deal uncorrected"):
            won_deal(ev.AmountChanged(id="D:3", at=jan(3), amount=EUR_5))


def stay(stage: str, entered: int, left: int | None = None, **fields: object) -> ev.RestoredVisit:
    known = {"stage": stage, "stage_kind": "open", "stage_position": 0, "entered_at": jan(entered)}
    return ev.RestoredVisit(**{**known, "left_at": left and jan(left), **fields})


class TestContradictionsOfRestoredDeals:
    """What may be unknown, but not wrong."""

    @pytest.mark.parametrize("kind", ["won", "lost"])
    def test_closed_in_no_stage(self, kind):
        with contradiction(f"event 'D:1' is {kind} in no stage"):
            deal_of(restored(**{**in_stage(kind), "stage": None, "stage_position": None}))

    def test_open_and_closed(self):
        # R13: a deal counts in one place.
        with contradiction("event 'D:1' is open, and closed at 2026-01-05"):
            deal_of(restored(at=jan(5), closed_at=jan(5)))

    @pytest.mark.parametrize("stage", ["talk", "won"])
    def test_lost_at_a_stage_but_not_lost(self, stage):
        kind = in_stage(stage)["stage_kind"]
        with contradiction(f"event 'D:1' is {kind}, and says why or where it was lost"):
            deal_of(restored(**in_stage(stage), lost_at_stage="talk"))

    @pytest.mark.parametrize(
        "dates",
        [
            {"created_at": jan(1)},
            {"created_at": jan(1), "at": jan(2)},
            {"at": jan(2)},
            {"created_at": jan(1), "at": jan(1), "created_precision": "day"},
            {"created_at": jan(1), "at": jan(1), "visits": (stay("talk", 1, 7),)},
        ],
        ids=["undated", "later", "unknown", "other precision", "before a visit"],
    )
    def test_dated_by_something_else_than_its_latest_date(self, dates):
        with contradiction("event 'D:1' is not dated by the latest of its known dates"):
            deal_of(restored(**dates))

    @pytest.mark.parametrize(
        "visits",
        [
            (stay("talk", 5, 4),),
            (stay("talk", 2, 5), stay("offer", 4)),
            (stay("talk", 5), stay("offer", 2)),
        ],
        ids=["left before entered", "overlapping", "out of order"],
    )
    def test_visits_out_of_order(self, visits):
        with contradiction(r"has a visit to '.*' at .*, before 2026-01-05.*; list visits in order"):
            deal_of(restored(at=jan(5), visits=visits))

    @pytest.mark.parametrize("place", [{"stage_kind": "won"}, {"stage_position": 7}])
    def test_a_last_visit_that_calls_the_stage_something_else(self, place):
        with contradiction("event 'D:1' is in 'talk', which its last visit calls"):
            deal_of(restored(at=jan(5), visits=(stay("talk", 5, **place),)))

    def test_its_own_id_as_an_alias(self):
        with contradiction("event 'D:1' has its own id as an alias"):
            deal_of(restored(aliases=("D",)))

    def test_an_alias_twice(self):
        with contradiction("event 'D:1' has an alias twice"):
            deal_of(restored(aliases=("E", "E")))

    def test_visits_on_one_day_need_no_times(self):
        visits = (stay("talk", 5, 5, left_precision="day", entered_at=jan(5, 9)), stay("offer", 5))
        assert deal_of(restored(at=jan(5, 9), visits=visits)).version == 1

    @pytest.mark.parametrize(
        "dates",
        [
            {"created_at": jan(5, 9), "created_precision": "day"},
            {"closed_at": jan(5, 9), "closed_precision": "day", **in_stage("won")},
            {"visits": (stay("talk", 5, entered_at=jan(5, 9), entered_precision="day"),)},
            {"visits": (stay("talk", 4, left_at=jan(5, 9), left_precision="day"),)},
        ],
        ids=["created", "closed", "entered", "left"],
    )
    def test_a_day_with_a_time(self, dates):
        with contradiction("event 'D:1' has precision 'day' and a time, knows 2026-01-05 09"):
            deal_of(restored(at=jan(5, 9), **dates))


class TestEventsThatSayMoreThanTheyMay:
    """Events that no verb makes."""

    @pytest.mark.parametrize("said", [{"disposition": "nurture"}, {"revisit_on": jan(9).date()}])
    def test_only_a_loss_leaves_something_behind(self, said):
        with contradiction("event 'D:2' is open, and says what a loss leaves behind"):
            deal_of(opened(), moved(2, "talk", "offer", **said))

    def test_only_a_reopening_was_requalified(self):
        with contradiction("event 'D:2' says who requalified it, but does not reopen it"):
            deal_of(opened(), moved(2, "talk", "offer", requalified_by="kim"))
        lost = moved(2, "talk", "lost")
        deal = deal_of(opened(), lost, moved(3, "lost", "talk", requalified_by="kim"))
        assert deal.is_open

    def test_an_open_deal_is_not_corrected(self):
        corrected = ev.AmountChanged(id="D:2", at=jan(2), amount=None, correction="typo")
        with contradiction("event 'D:2' corrects the amount of a deal that was open"):
            deal_of(opened(), corrected)

    @pytest.mark.parametrize(
        "said", [{"source": "web"}, {"contact_ids": ("C-1",)}, {"custom": {"a": 1}}]
    )
    def test_details_that_are_not_named_as_changed(self, said):
        event = ev.DetailsChanged(id="D:2", at=jan(2), changed=("name",), name="Acme", **said)
        with contradiction(f"event 'D:2' has a {next(iter(said))}, which it does not name"):
            deal_of(opened(), event)

    def test_a_stage_without_its_position(self):
        with contradiction("event 'D:1' puts it in stage 'talk' at position None"):
            deal_of(opened(stage_position=None))

    def test_a_merge_of_deals_closed_differently(self):
        lost = deal_of(opened(), moved(2, "talk", "lost"))
        fields = {"id": "E", **lost.__dict__}
        events = [event.model_dump() | {"id": f"E:{n}"} for n, event in enumerate(lost.history, 1)]
        other = Deal.model_validate(fields | {"id": "E", "history": events})
        merged = ev.Merged(id="D:3", at=jan(9), deals=(other,))
        with contradiction("event 'D:3' merges deals that were lost and won"):
            deal_of(opened(), moved(2, "talk", "won"), merged)


class TestMoments:
    """Comparing instants and days."""

    @pytest.mark.parametrize(
        ("one", "other", "before"),
        [
            ((jan(1, 9), "instant"), (jan(1, 10), "instant"), True),
            ((jan(1, 9), "instant"), (jan(1, 9), "instant"), False),
            ((jan(1), "day"), (jan(1, 10), "instant"), False),
            ((jan(1, 10), "instant"), (jan(1), "day"), False),
            ((jan(1, 23), "instant"), (jan(2), "day"), True),
            ((jan(1), "day"), (jan(2), "day"), True),
        ],
    )
    def test_a_day_is_before_by_its_date(self, one, other, before):
        assert is_before(*one, *other) is before

    @pytest.mark.parametrize(
        ("moment", "precision", "after"),
        [
            (jan(1, 15), "instant", False),
            (jan(1, 16), "instant", True),
            (jan(2), "day", False),
            (jan(3), "day", True),
        ],
    )
    def test_a_day_is_after_by_the_wall_clock(self, moment, precision, after):
        # 15:00 UTC on the 1st is 00:00 on the 2nd in Seoul.
        assert moment_is_after(moment, precision, jan(1, 15), jan(2)) is after

    def test_the_latest_of_none_is_unknown(self):
        assert latest() == (None, "instant")
        assert latest((None, "day"), (jan(1), "day"), (None, "instant")) == (jan(1), "day")
