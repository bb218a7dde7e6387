"""Hypothesis strategies for the numbers of leads: leads with a past, and the deals they became.

`lead_books`
    leads that lived in a process, leads that were told of, some of them merged; their deals, won,
    lost or open, and deals of no lead that is known. Some have touches, scores and themes.
`lead_looks`
    a book, and an instant to look at it from.
"""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import attrs
from hypothesis import strategies as st

from salesflow import Deal, Lead, LeadProcess, Pipeline
from salesflow.models import events as ev
from tests.strategies import amounts
from tests.tales import STEPS, instants

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PROCESS = LeadProcess.standard()
STANDARD = Pipeline.standard()
PIPELINE = attrs.evolve(STANDARD, win_from=STANDARD.lose_from or ("prospecting", "negotiation"))
OWNERS = (None, "kim", "lee")
SOURCES = (None, "web", "fair")
CHANNELS = (None, "ads", "search")
KINDS = ("call", "email", "meeting", "note", "survey")
SCORES = (None, 0, 10, 7.5, 0.1, 3.333333, 9.9999995)
_FIELDS = st.sampled_from([*product(({}, {"size": 1}, {"size": 2}), OWNERS, SOURCES, CHANNELS)])
_MOMENTS = st.integers(0, 4 * len(STEPS) - 1)

Book = tuple[list[Lead], list[Deal]]


@attrs.define
class _Life:
    """A lead, the deal that it became, and the time."""

    draw: st.DrawFn
    currencies: tuple[str, ...]
    now: datetime = BEGIN

    def when(self) -> date:
        quarter, step = divmod(self.draw(_MOMENTS), len(STEPS))
        self.now += timedelta(hours=STEPS[step])
        return self.now.date() if quarter == 0 else self.now

    def pick(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def fields(self) -> dict[str, Any]:
        custom, *named = self.draw(_FIELDS)
        return {
            "custom": custom,
            **dict(zip(("owner_id", "source", "channel"), named, strict=True)),
        }

    def begin(self, identity: str) -> Lead:
        how = self.draw(st.integers(0, 3))
        if how:
            lead = PROCESS.open("Kim", id=identity, at=self.when(), **self.fields())
            for _ in range(2 if how == 1 else 0):
                lead = PROCESS.advance(lead, at=self.when())
            return lead
        created = self.when()
        visits = [
            (self.pick("new", "working", "qualified", "nurturing"), self.pick(None, self.when()))
            for _ in range(self.draw(st.integers(0, 2)))
        ]
        stage = self.pick(*(stage.name for stage in PROCESS.stages))
        kind = PROCESS.stage(stage).kind
        given = {"deal_id": self.pick(None, f"D-{identity}")} if kind == "converted" else {}
        if kind == "disqualified":
            given["reason"] = self.pick(None, "spam")
        return PROCESS.restore(
            id=identity,
            stage=stage,
            created_at=self.pick(None, created, created),
            closed_at=None if kind == "open" else self.pick(None, self.when()),
            visits=visits,
            **self.fields(),
            **given,
        )

    def log(self, process: Any, record: Any) -> Any:
        at = self.when()
        ago = self.now - timedelta(hours=self.draw(st.integers(0, 100)))
        return process.log(
            record,
            self.pick(*KINDS),
            at=at,
            occurred_at=self.pick(at, ago, ago.date()),
            score=self.pick(*SCORES),
            theme=self.pick(None, "price", "speed"),
            owner_id=self.pick(*OWNERS),
        )

    def step(self, lead: Lead, deals: list[Deal]) -> Lead:
        what = self.draw(st.integers(0, 5))
        if what == 0:
            return self.log(PROCESS, lead)
        if what == 1:
            return PROCESS.update(lead, at=self.when(), **self.fields())
        if what == 2 and deals:
            deals[-1] = self.go_on(deals[-1])
            return self.settle(lead, deals[-1])
        moves = [move for move in PROCESS.moves(lead, by="kim") if move.verb != "settle"]
        moves += [move for move in moves if move.verb == "convert"] * 3
        return self.move(lead, self.pick(*moves), deals) if moves else lead

    def settle(self, lead: Lead, deal: Deal) -> Lead:
        is_lost = deal.disposition is not None and lead.outcome == "converted"
        is_its_own = lead.deal_id == deal.id
        return PROCESS.settle(lead, deal, at=self.when()) if is_lost and is_its_own else lead

    def move(self, lead: Lead, move: Any, deals: list[Deal]) -> Lead:
        if move.verb == "convert":
            amount = self.draw(st.none() | amounts(*self.currencies))
            given = {"id": f"D-{lead.id}", "amount": amount}
            made = PROCESS.convert(lead, PIPELINE, name="Acme", at=self.when(), **given)
            deals.append(made.deal)
            return made.lead
        given = {"move": {}, "requalify": {"by": "kim", "reason": "again"}}
        reason = {"reason": self.pick("spam", "too small")}
        options = given.get(move.verb, reason)
        return getattr(PROCESS, move.verb)(lead, to=move.to, at=self.when(), **options)

    def go_on(self, deal: Deal) -> Deal:
        if not deal.is_open or self.draw(st.integers(0, 2)) == 0:
            return self.log(PIPELINE, deal)
        if self.draw(st.booleans()):
            return PIPELINE.win(deal, at=self.when())
        left = self.pick(None, "nurture", "disqualified")
        return PIPELINE.lose(deal, "price", disposition=left, at=self.when())

    def sell(self, lead: Lead, deals: list[Deal]) -> Lead:
        """Convert it if it may be, and go on with its deal to the end."""
        moves = [move for move in PROCESS.moves(lead, by="kim") if move.verb == "convert"]
        lead = self.move(lead, moves[0], deals) if moves else lead
        if not deals or deals[-1].id != lead.deal_id:
            return lead
        if deals[-1].is_open:
            left = self.pick("won", "won", "nurture", "disqualified")
            at = self.when()
            deals[-1] = (
                PIPELINE.win(deals[-1], at=at)
                if left == "won"
                else PIPELINE.lose(deals[-1], "price", disposition=left, at=at)
            )
        return self.settle(lead, deals[-1])

    def other(self, identity: str, lead_id: str | None) -> Deal:
        amount = self.draw(st.none() | amounts(*self.currencies))
        deal = PIPELINE.open("Other", id=identity, lead_id=lead_id, amount=amount, at=self.when())
        return self.go_on(self.go_on(deal))


@st.composite
def lead_books(
    draw: st.DrawFn, *, currencies: tuple[str, ...] = ("EUR",), max_size: int = 4
) -> Book:
    """Leads, and deals of them or of nobody; there may be none."""
    leads: list[Lead] = []
    deals: list[Deal] = []
    for number in range(1, draw(st.integers(0, max_size)) + 1):
        life = _Life(draw, currencies)
        lead, own = life.begin(f"L-{number}"), []
        for _ in range(draw(st.integers(0, 7))):
            lead = life.step(lead, own)
        if draw(st.integers(0, 3)):
            lead = life.sell(lead, own)
        named = draw(st.sampled_from([(), (), (lead.id,), (None,), ("L-99",)]))
        own += [life.other(f"O-{number}", lead_id) for lead_id in named]
        deals += own
        if leads and draw(st.integers(0, 5)) == 0:
            leads[-1] = _merged(leads[-1], lead)
        else:
            leads.append(lead)
    return leads, deals


def _merged(keep: Lead, other: Lead) -> Lead:
    ends = [lead.history[-1].at for lead in (keep, other)]
    at = max((end for end in ends if end is not None), default=BEGIN) + timedelta(days=1)
    identity = f"{keep.id}:{keep.version + 1}"
    return keep._with_event(ev.Merged(id=identity, at=at, leads=(other,)))


@st.composite
def lead_looks(draw: st.DrawFn, size: int = 4) -> tuple[Book, datetime]:
    """A book of two currencies at most, and an instant: often when something happened."""
    currencies = draw(st.sampled_from([("EUR",), ("EUR",), ("JPY",), ("EUR", "KWD")]))
    book = draw(lead_books(currencies=currencies, max_size=size))
    events = [event for records in book for record in records for event in record.history]
    known = [event.at for event in events if event.at is not None]
    if not known:
        return book, draw(instants())
    return book, draw(st.one_of(instants(), st.sampled_from(known), st.just(max(known))))
