"""A lead that may be told anything, beside a model of it that asks no lead process."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from salesflow import Deal, Lead, LeadProcess, Pipeline, SalesflowError
from tests import lead_oracle as oracle
from tests.oracle import living, place_of, stage_of
from tests.property.lives import picks

SALES = Pipeline.standard()
DAY = date(2027, 1, 4)
NONSENSE: tuple[tuple[str, dict[str, Any]], ...] = (
    *[("move", {"to": to}) for to in (3, None, [], {}, "", object)],
    *[(verb, {"reason": "why", "to": to}) for verb in ("nurture", "disqualify") for to in (3, "")],
    *[(verb, {"reason": reason}) for verb in ("nurture", "disqualify") for reason in ("", None, 3)],
    *[("requalify", {"to": to, "reason": "why", "by": "kim"}) for to in (3, [], "")],
    ("nurture", {"reason": "why", "revisit_on": "soon"}),
    ("convert", {"pipeline": None}),
    ("convert", {"pipeline": SALES, "id": 3}),
    ("convert", {"pipeline": SALES, "amount": 3.5}),
    ("convert", {"pipeline": SALES, "lead_id": "L-9"}),
    ("settle", {"deal": None}),
    ("migrate", {"to": 3}),
    ("update", {"owner_id": "lee", "amount": None}),
    ("update", {"owner_id": "lee", "lead_id": "L-9"}),
    ("update", {"owner_id": "lee", "by": 3}),
    ("log", {"kind": ""}),
)


class LeadLife(RuleBasedStateMachine):
    """One lead and its deal, beside what the settings say of them."""

    process: LeadProcess
    lead: Lead
    deal: Deal | None

    def start(self, process: LeadProcess, stage: str) -> None:
        """What holds before the first event."""
        self.process, self.stage, self.been = process, stage, {stage}
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.closed_at: datetime | None = None
        self.left: tuple[str | None, str | None, date | None] = (None, None, None)
        self.deal, self.deal_id, self.was_converted = None, None, self.kind == "converted"
        self.n_events = 1

    @property
    def kind(self) -> str:
        return str(stage_of(self.process, self.stage).kind)

    def named(self, pick: int) -> str:
        names = [stage.name for stage in self.process.stages]
        return names[pick] if pick < len(names) else "nowhere"

    def may(self, verb: str, to: str) -> bool:
        """Whether that verb leads there, as far as it has been."""
        if to == "nowhere" or oracle.verb(self.process, self.stage, to) != verb:
            return False
        return oracle.may_return(self.process, self.stage, to, self.been)

    def attempt(self, verb: str, *, legal: bool, n_events: int = 1, **arguments: Any) -> Any:
        """Call the verb: what is legal must pass, and what is not must leave nothing behind."""
        self.now += timedelta(hours=1)
        before, written = self.lead, self.lead.model_dump_json()
        call = getattr(self.process, verb)
        made = None
        if legal:
            made = call(before, **{"at": self.now, **arguments})
            self.lead = made.lead if verb == "convert" else made
            self.n_events += n_events
            assert n_events or made is before
        else:
            with pytest.raises(SalesflowError):
                call(before, **{"at": self.now, **arguments})
        assert before.model_dump_json() == written
        return made

    def enter(self, stage: str, *left: Any) -> None:
        """What holds after a move."""
        was = self.kind
        self.stage = stage
        self.been.add(stage)
        self.left = (left[0], left[1], left[2]) if left else (None, None, None)
        if self.kind != was:
            self.closed_at = None if self.kind == "open" else self.now

    @rule(pick=picks)
    def move(self, pick: int) -> None:
        to = self.named(pick)
        if self.attempt("move", legal=self.may("move", to), to=to):
            self.enter(to)

    @rule()
    def advance(self) -> None:
        following = None
        if self.kind == "open" and not oracle.is_aside(self.process, self.stage):
            following = oracle.next_on_path(self.process, self.stage)
        if self.attempt("advance", legal=following is not None):
            self.enter(str(following))

    @rule(pick=st.none() | picks, day=st.sampled_from([None, DAY]))
    def nurture(self, pick: int | None, day: date | None) -> None:
        aside = [n for n in living(self.process, "open") if oracle.is_aside(self.process, n)]
        to = [*aside, "nowhere"][0] if pick is None else self.named(pick)
        options = {} if pick is None else {"to": to}
        legal = self.may("nurture", to)
        if self.attempt("nurture", legal=legal, reason="later", revisit_on=day, **options):
            self.enter(to, "later", None, day)

    @rule(pick=st.none() | picks)
    def disqualify(self, pick: int | None) -> None:
        to = living(self.process, "disqualified")[0] if pick is None else self.named(pick)
        options = {} if pick is None else {"to": to}
        legal = self.may("disqualify", to)
        if self.attempt("disqualify", legal=legal, reason="spam", **options):
            self.enter(to, "spam", None, None)

    @rule(pick=picks, by=st.sampled_from([None, "kim"]))
    def requalify(self, pick: int, by: str | None) -> None:
        to = self.named(pick)
        legal = self.may("requalify", to) and by is not None
        if self.attempt("requalify", legal=legal, to=to, reason="why", by=by):
            self.enter(to, "why", None, None)

    @rule(pick=st.none() | picks)
    def convert(self, pick: int | None) -> None:
        to = living(self.process, "converted")[0] if pick is None else self.named(pick)
        options = {} if pick is None else {"to": to}
        legal = (
            self.may("convert", to)
            and not self.was_converted
            and self.process.deal_stage in (None, "prospecting")
        )
        owner = self.lead.owner_id
        made = self.attempt("convert", legal=legal, pipeline=SALES, name="A", id="D-1", **options)
        if made:
            self.enter(to)
            self.deal, self.deal_id, self.was_converted = made.deal, "D-1", True
            assert (made.deal.lead_id, made.deal.owner_id) == ("L-1", owner)
            assert made.deal.lead_created_at == self.lead.created_at
            assert Deal.model_validate_json(made.deal.model_dump_json()) == made.deal

    @precondition(lambda self: self.deal is not None and self.deal.is_open)
    @rule(
        left=st.sampled_from([None, "nurture", "follow_up", "disqualified"]),
        day=st.sampled_from([None, DAY]),
    )
    def lose_the_deal(self, left: str | None, day: date | None) -> None:
        self.now += timedelta(hours=1)
        assert self.deal is not None
        self.deal = SALES.lose(self.deal, "budget", disposition=left, revisit_on=day, at=self.now)

    @precondition(lambda self: self.deal is not None and not self.deal.is_open)
    @rule()
    def reopen_the_deal(self) -> None:
        self.now += timedelta(hours=1)
        assert self.deal is not None
        self.deal = SALES.reopen(
            self.deal, "prospecting", reason="again", requalified_by="kim", at=self.now
        )

    @rule()
    def settle(self) -> None:
        deal = self.deal
        if deal is None:
            stranger = SALES.open("B", id="D-2", lead_id="L-2")
            self.attempt("settle", legal=False, deal=stranger)
            return
        if deal.outcome == "open":
            to: str | None = living(self.process, "converted")[0]
            left: tuple[Any, ...] = (None, None, None)
            rests = self.kind == "converted"
            moves = oracle.verb(self.process, self.stage, str(to)) in ("convert", "settle")
        else:
            left = ("budget", deal.disposition, deal.revisit_on)
            aside = [n for n in living(self.process, "open") if oracle.is_aside(self.process, n)]
            bad = living(self.process, "disqualified")
            to = next(iter(bad if deal.disposition == "disqualified" else aside), None)
            rests = deal.disposition is None or (self.kind != "converted" and self.left == left)
            moves = self.kind == "converted" and to is not None
        if self.attempt("settle", legal=rests or moves, n_events=int(not rests), deal=deal):
            if not rests:
                self.enter(str(to), *left)
            if self.deal_id is None and not rests and deal.outcome == "open":
                self.deal_id = deal.id

    @rule(owner=st.sampled_from([None, "kim", "lee"]))
    def hand_on(self, owner: str | None) -> None:
        changes = owner != self.lead.owner_id
        self.attempt("update", legal=True, n_events=int(changes), owner_id=owner)
        assert self.lead.owner_id == owner

    @rule(channel=st.sampled_from([None, "ads", "search"]))
    def find_its_channel(self, channel: str | None) -> None:
        changes = channel != self.lead.channel
        self.attempt("update", legal=True, n_events=int(changes), channel=channel)
        assert self.lead.channel == channel

    @rule(days=st.integers(0, 90))
    def log(self, days: int) -> None:
        self.attempt("log", legal=True, kind="call", occurred_at=self.now - timedelta(days=days))

    @rule(case=st.sampled_from(NONSENSE))
    def say_nonsense(self, case: tuple[str, dict[str, Any]]) -> None:
        verb, arguments = case
        self.attempt(verb, legal=False, **arguments)

    @invariant()
    def moves_are_those_of_the_settings(self) -> None:
        shown = {(move.verb, move.to) for move in self.process.moves(self.lead, by="kim")}
        gone = "convert" if self.was_converted else "settle"
        names = [stage.name for stage in self.process.stages]
        verbs = {name: oracle.verb(self.process, self.stage, name) for name in names}
        assert shown == {
            (verb, name)
            for name, verb in verbs.items()
            if verb not in (None, gone)
            and oracle.may_return(self.process, self.stage, name, self.been)
        }

    @invariant()
    def is_where_the_model_says(self) -> None:
        lead = self.lead
        assert (lead.stage, lead.outcome) == (self.stage, self.kind)
        assert lead.stage_position == place_of(self.process, self.stage)
        assert lead.closed_at == self.closed_at
        assert (lead.reason, lead.disposition, lead.revisit_on) == self.left
        assert lead.deal_id == self.deal_id

    @invariant()
    def history_replays_to_the_fields(self) -> None:
        assert self.lead.version == len(self.lead.history) == self.n_events
        assert Lead.model_validate_json(self.lead.model_dump_json()) == self.lead
