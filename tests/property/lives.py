"""A deal that may be told anything, beside a model of it that asks no pipeline."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from salesflow import Deal, Money, Pipeline, SalesflowError
from tests import oracle
from tests.strategies import amounts, probabilities

picks = st.integers(0, 11)
"""Which stage to ask for: its place in the definition, or beyond for one that there is not."""

NONSENSE: tuple[tuple[str, dict[str, Any]], ...] = (
    *[("move", {"to": to}) for to in (3, None, [], {}, "", object)],
    *[(verb, {"reason": "why", "to": to}) for verb in ("lose", "reopen") for to in (3, [], "")],
    *[("win", {"to": to}) for to in (3, [], "")],
    *[("migrate", {"to": to}) for to in (3, [], "")],
    *[("lose", {"reason": reason}) for reason in (None, "", " ", 3)],
    ("update", {"owner_id": "lee", "at": "2026"}),
    ("update", {"owner_id": "lee", "at": datetime(2030, 1, 1)}),  # noqa: DTZ001 - naive on purpose
    ("update", {"owner_id": "lee", "name": None}),
    ("update", {"owner_id": "lee", "amount": 12.5}),
    ("update", {"owner_id": "lee", "custom": object()}),
    ("update", {"owner_id": "lee", "stage": "won"}),
    ("update", {"owner_id": "lee", "by": 3}),
    ("update", {"owner_id": "lee", "by": "\ud800"}),
    ("log", {"kind": ""}),
    ("log", {"kind": "call", "occurred_at": datetime(9998, 1, 1, tzinfo=UTC)}),
    ("log", {"kind": "call", "score": 11}),
)


class Life(RuleBasedStateMachine):
    """One deal, beside what the design says of it; how it begins is for the subclass to say."""

    pipeline: Pipeline
    deal: Deal

    def start(self, pipeline: Pipeline, stage: str, manual: float | None) -> None:
        """What holds before the first event."""
        self.pipeline, self.stage, self.manual = pipeline, stage, manual
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.closed_at: datetime | None = None
        self.lost_at: int | None = None
        self.disposition: str | None = None
        self.loss_reason: str | None = None
        self.n_events = 1

    @property
    def kind(self) -> str:
        return str(oracle.stage_of(self.pipeline, self.stage).kind)

    def named(self, pick: int) -> str:
        names = [stage.name for stage in self.pipeline.stages]
        return names[pick] if pick < len(names) else "nowhere"

    def verb_to(self, to: str) -> str | None:
        return None if to == "nowhere" else oracle.verb(self.pipeline, self.stage, to)

    def attempt(self, verb: str, *, legal: bool, n_events: int = 1, **arguments: Any) -> bool:
        """Call the verb: what is legal must pass, and what is not must leave nothing behind."""
        self.now += timedelta(hours=1)
        before, written = self.deal, self.deal.model_dump_json()
        call = getattr(self.pipeline, verb)
        if legal:
            self.deal = call(before, **{"at": self.now, **arguments})
            self.n_events += n_events
        else:
            with pytest.raises(SalesflowError):
                call(before, **{"at": self.now, **arguments})
        assert before.model_dump_json() == written
        return legal

    @rule(pick=picks)
    def move(self, pick: int) -> None:
        to = self.named(pick)
        if self.attempt("move", legal=self.verb_to(to) == "move", to=to):
            self.stage = to

    @rule()
    def advance(self) -> None:
        following = None
        if self.kind == "open":
            following = oracle.next_open(self.pipeline, self.stage)
        if self.attempt("advance", legal=following is not None):
            self.stage = str(following)

    @rule(pick=st.none() | picks)
    def win(self, pick: int | None) -> None:
        to = oracle.living(self.pipeline, "won")[0] if pick is None else self.named(pick)
        options = {} if pick is None else {"to": to}
        if self.attempt("win", legal=self.verb_to(to) == "win", **options):
            self.stage, self.closed_at, self.manual = to, self.now, None

    @rule(
        pick=st.none() | picks,
        disposition=st.sampled_from([None, "nurture", "follow_up", "disqualified", "binned"]),
    )
    def lose(self, pick: int | None, disposition: str | None) -> None:
        to = oracle.living(self.pipeline, "lost")[0] if pick is None else self.named(pick)
        options = {} if pick is None else {"to": to}
        legal = self.verb_to(to) == "lose" and disposition != "binned"
        options |= {"reason": "budget", "disposition": disposition}  # type: ignore[dict-item]
        if self.attempt("lose", legal=legal, **options):
            self.lost_at = oracle.place_of(self.pipeline, self.stage)
            self.stage, self.closed_at, self.manual = to, self.now, None
            self.disposition, self.loss_reason = disposition, "budget"

    @rule(pick=picks, requalified_by=st.sampled_from([None, "kim"]))
    def reopen(self, pick: int, requalified_by: str | None) -> None:
        to = self.named(pick)
        legal = (
            to != "nowhere"
            and oracle.may_reopen(self.pipeline, self.stage, to, self.lost_at)
            and (self.disposition != "disqualified" or requalified_by is not None)
        )
        if self.attempt("reopen", legal=legal, to=to, reason="why", requalified_by=requalified_by):
            self.stage, self.closed_at = to, None
            self.disposition = self.loss_reason = self.lost_at = None

    @rule(chance=st.none() | probabilities())
    def set_probability(self, chance: float | None) -> None:
        if self.kind != "open":
            certain = 1.0 if self.kind == "won" else 0.0
            self.attempt("update", legal=chance == certain, n_events=0, probability=chance)
            return
        changes = self.expected_probability() != (
            (self.stage_chance(), "stage") if chance is None else (chance, "manual")
        )
        self.attempt("update", legal=True, n_events=int(changes), probability=chance)
        self.manual = chance

    @rule(chance=st.sampled_from([65, -0.1, 1.5, float("nan"), float("inf"), "0.5", True]))
    def set_no_probability(self, chance: Any) -> None:
        # True is 1, which a won deal has already.
        self.attempt(
            "update", legal=chance is True and self.kind == "won", n_events=0, probability=chance
        )

    @rule(amount=amounts(), correction=st.sampled_from([None, "misread"]))
    def price(self, amount: Money, correction: str | None) -> None:
        changes = amount != self.deal.amount
        is_open = self.kind == "open"
        legal = correction is None if is_open else not changes or correction is not None
        self.attempt(
            "update", legal=legal, n_events=int(changes), amount=amount, correction=correction
        )
        assert not legal or self.deal.amount == amount

    @rule(owner=st.sampled_from([None, "kim", "lee"]))
    def hand_on(self, owner: str | None) -> None:
        self.attempt(
            "update", legal=True, n_events=int(owner != self.deal.owner_id), owner_id=owner
        )
        assert self.deal.owner_id == owner

    @rule(days=st.integers(0, 90))
    def log(self, days: int) -> None:
        self.attempt("log", legal=True, kind="call", occurred_at=self.now - timedelta(days=days))

    @rule()
    def look_back(self) -> None:
        # Only a restored deal with no known date has a last event that precedes everything.
        last, long_ago = self.deal.history[-1].at, datetime(1999, 1, 1, tzinfo=UTC)
        self.attempt("log", legal=last is None or last == long_ago, kind="call", at=long_ago)

    @rule(case=st.sampled_from(NONSENSE))
    def say_nonsense(self, case: tuple[str, dict[str, Any]]) -> None:
        verb, arguments = case
        self.attempt(verb, legal=False, **arguments)

    @precondition(lambda self: self.kind == "lost")
    @rule()
    def ask_for_moves(self) -> None:
        shown = {(move.verb, move.to) for move in self.pipeline.moves(self.deal)}
        names = [stage.name for stage in self.pipeline.stages]
        assert shown == {
            (verb, name)
            for name in names
            if (verb := oracle.verb(self.pipeline, self.stage, name)) is not None
            and (
                verb != "reopen" or oracle.may_reopen(self.pipeline, self.stage, name, self.lost_at)
            )
        }

    def stage_chance(self) -> float | None:
        return oracle.stage_of(self.pipeline, self.stage).probability

    def expected_probability(self) -> tuple[float | None, str]:
        if self.kind != "open":
            return (1.0 if self.kind == "won" else 0.0), "stage"
        if self.manual is not None:
            return self.manual, "manual"
        return self.stage_chance(), "stage"

    @invariant()
    def is_where_the_model_says(self) -> None:
        deal = self.deal
        assert (deal.stage, deal.outcome) == (self.stage, self.kind)
        assert deal.closed_at == self.closed_at
        assert (deal.probability, deal.probability_source) == self.expected_probability()
        assert deal.disposition == self.disposition
        assert deal.lost_at_position == self.lost_at
        assert deal.loss_reason == self.loss_reason

    @invariant()
    def history_replays_to_the_fields(self) -> None:
        assert self.deal.version == len(self.deal.history) == self.n_events
        assert Deal.model_validate_json(self.deal.model_dump_json()) == self.deal


def lives(n: int) -> settings:
    """So many lives, of up to a dozen steps each, whatever the profile says."""
    return settings(
        max_examples=n,
        stateful_step_count=12,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
