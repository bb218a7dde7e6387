"""Hypothesis strategies for the numbers: deals with every awkward past that a book may hold.

`told_deals`
    restored deals: visits with gaps, unknown ends, several outcomes, closings nobody dated.
`ledgers`
    books of deals that lived and deals that were told of, some of them merged.
`moments_of`, `instants`
    when to look back: at the moments of a book, and between them, in any zone.
"""

from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import Any

from hypothesis import strategies as st

from salesflow import Deal, Pipeline, merge
from salesflow.errors import MergeError
from tests.strategies import amounts, deals

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
STEPS = (0, 1, 7, 24, 90, 400)
_MOMENTS = st.integers(0, 3 * len(STEPS) - 1)
PIPELINE = Pipeline.standard()
STAGES = tuple(stage.name for stage in PIPELINE.stages)
OWNERS = (None, "kim", "lee")


@cache
def instants() -> st.SearchStrategy[datetime]:
    """An instant between December 2025 and July 2026, in one of a few zones."""
    offsets = [UTC, timezone(timedelta(hours=9)), timezone(timedelta(hours=-8))]
    hours = st.integers(-48, 4500).map(lambda hour: BEGIN + timedelta(hours=hour))
    return st.builds(datetime.astimezone, hours, st.sampled_from(offsets))


def moments_of(book: list[Deal]) -> st.SearchStrategy[datetime]:
    """An instant to look back from: often exactly when something happened."""
    known = [event.at for deal in book for event in deal.history if event.at is not None]
    return st.one_of(instants(), st.sampled_from(known)) if known else instants()


@st.composite
def told_deals(draw: st.DrawFn, *, identity: str = "T-1", currencies: tuple[str, ...] = ()) -> Deal:
    """A restored deal, and now and then what happened to it since."""
    clock = _Clock(draw)
    created = clock.when()
    visits = [_visit(draw, clock) for _ in range(draw(st.integers(0, 4)))]
    stage = draw(st.sampled_from([*STAGES, *(visit[0] for visit in visits[-1:] * 4)]))
    closings = [None] if _kind(stage) == "open" else [None, _closing(visits, stage, clock)]
    deal = PIPELINE.restore(
        id=identity,
        stage=stage,
        created_at=draw(st.sampled_from([None, created, created])),
        closed_at=draw(st.sampled_from(closings)),
        visits=visits,
        owner_id=draw(st.sampled_from(OWNERS)),
        source=draw(st.sampled_from([None, "web", "fair"])),
        amount=draw(st.none() | amounts(*currencies)),
    )
    for _ in range(draw(st.integers(0, 3))):
        deal = _go_on(draw, deal, clock.when())
    return deal


def _kind(stage: str) -> str:
    return PIPELINE.stage(stage).kind


class _Clock:
    """Time that never goes back; now and then only its day is known."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.now = BEGIN

    def when(self) -> date:
        third, step = divmod(self.draw(_MOMENTS), len(STEPS))
        self.now += timedelta(hours=STEPS[step])
        return self.now.date() if third == 0 else self.now


def _closing(visits: list[tuple[Any, ...]], stage: str, clock: _Clock) -> date | None:
    """A closing that does not contradict the visits: theirs, if they end in the outcome."""
    kinds = [_kind(visit[0]) for visit in visits]
    if not visits or kinds[-1] != _kind(stage) or visits[-1][2:] not in ((), (None,)):
        return clock.when()
    if kinds[-2:-1] == kinds[-1:]:
        return None  # the visits alone say when the first of them began
    entered: date | None = visits[-1][1]
    return clock.when() if entered is None else entered


def _visit(draw: st.DrawFn, clock: _Clock) -> tuple[Any, ...]:
    stage = draw(st.sampled_from(STAGES))
    entered = draw(st.sampled_from([None, *[clock.when()] * 4]))
    shape = draw(st.integers(0, 5))
    if shape == 0:
        return (stage, entered, None)
    return (stage, entered, clock.when()) if shape == 1 else (stage, entered)


def _go_on(draw: st.DrawFn, deal: Deal, at: date) -> Deal:
    found = PIPELINE.moves(deal)
    if not found or draw(st.integers(0, 3)) == 0:
        owner = draw(st.sampled_from(OWNERS))
        source = draw(st.sampled_from(["web", "fair"]))
        return PIPELINE.update(deal, owner_id=owner, source=source, at=at)
    chosen = draw(st.sampled_from(found))
    if chosen.verb == "lose":
        return PIPELINE.lose(deal, "price", at=at)
    if chosen.verb == "reopen":
        return PIPELINE.reopen(deal, chosen.to, reason="again", at=at)
    if chosen.verb == "win":
        return PIPELINE.win(deal, to=chosen.to, at=at)
    return PIPELINE.move(deal, to=chosen.to, at=at)


@st.composite
def ledgers(
    draw: st.DrawFn, *, currencies: tuple[str, ...] = ("EUR",), max_size: int = 4
) -> list[Deal]:
    """Deals that lived and deals that were told of, some of them merged; there may be none."""
    book = []
    for number in range(1, draw(st.integers(0, max_size)) + 1):
        made = draw(st.sampled_from([deals, deals, told_deals]))
        kwargs: dict[str, Any] = {"identity": f"D-{number}", "currencies": currencies}
        if made is deals:
            kwargs["pipeline"] = PIPELINE
        deal = draw(made(**kwargs))
        if book and draw(st.integers(0, 4)) == 0:
            book[-1:] = _merged(book[-1], deal)
        else:
            book.append(deal)
    return book


def _merged(keep: Deal, other: Deal) -> list[Deal]:
    ends = [deal.history[-1].at for deal in (keep, other)]
    at = max((end for end in ends if end is not None), default=BEGIN) + timedelta(days=1)
    try:
        return [merge(keep, other, at=at)]
    except MergeError:
        return [keep, other]
