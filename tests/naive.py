"""The numbers once more, written down from the design (§3, §5, §6) in the plainest way.

One loop over a history makes a `Fact`; one loop over facts makes a number. Nothing here imports
`salesflow.facts` or `salesflow.metrics`, shares a result or is clever, so that it can be compared.

A moment is a pair of a datetime and its precision; None is unknown.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from itertools import takewhile
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from salesflow import Deal, Period

Moment = tuple[datetime, str] | None

WIDE = Context(prec=120, rounding=ROUND_HALF_UP)
MICROSECOND = timedelta(microseconds=1)
DAY = timedelta(days=1)


def moment(at: datetime | None, precision: str) -> Moment:
    return None if at is None else (at, precision)


def is_after(when: Moment, now: datetime) -> bool:
    """Whether a moment comes later than an instant; a day by what the calendar shows there."""
    if when is None:
        return False
    at, precision = when
    return at > now if precision == "instant" else at.date() > now.date()


def span(start: Moment, end: Moment) -> timedelta | None:
    """How long it is from one to the other: whole days as soon as one of them is a day."""
    if start is None or end is None:
        return None
    if start[1] == end[1] == "instant":
        return end[0] - start[0]
    return end[0].date() - start[0].date()


def age(start: Moment, now: datetime) -> timedelta | None:
    """How long ago it was; for a day, by what the calendar shows at that instant."""
    if start is None:
        return None
    return now - start[0] if start[1] == "instant" else now.date() - start[0].date()


def is_in(when: Moment, period: Period | None) -> bool:
    """Whether a moment falls into a month or quarter, a day by its date."""
    if period is None:
        return True
    if when is None:
        return False
    if when[1] == "instant":
        return period.start <= when[0] < period.end
    zone = ZoneInfo(period.zone)
    days = [at.astimezone(zone).date() for at in (period.start, period.end)]
    return days[0] <= when[0].date() < days[1]


@attrs.define
class Stay:
    """One visit."""

    stage: str
    position: int
    kind: str
    owner: str | None
    entered: Moment
    left: Moment = None


@attrs.define
class Fact:
    """What is known of one deal."""

    id: str
    outcome: str = "open"
    stage: str | None = None
    created: Moment = None
    closed: Moment = None
    opening_owner: str | None = None
    owner: str | None = None
    owner_at_closing: str | None = None
    source: str | None = None
    source_at_closing: str | None = None
    amount: Decimal | None = None
    currency: str | None = None
    probability: float | None = None
    expected_close_on: date | None = None
    loss_reason: str | None = None
    touches: dict[str, tuple[str, Moment]] = attrs.Factory(dict)
    stays: list[Stay] = attrs.Factory(list)
    is_complete: bool = True
    is_restored: bool = False

    def key(self, name: str) -> Any:
        """What it is grouped under; of a closed deal, what its closing froze."""
        if name == "opening_owner":
            return self.opening_owner
        if name in ("owner_id", "source"):
            short = name.removesuffix("_id")
            return getattr(self, f"{short}_at_closing" if self.outcome != "open" else short)
        return getattr(self, name)


def facts_of(deals: Iterable[Deal], now: datetime | None = None) -> list[Fact]:
    """All deals as they stand, or as they stood."""
    return [fact for deal in deals for fact in _facts(deal, now)]


def _facts(deal: Deal, now: datetime | None) -> list[Fact]:
    if now is None:
        return [_read(deal.id, deal.history, None)]
    known = [*takewhile(lambda event: not is_later(event, now), deal.history)]
    later = deal.history[len(known) :]
    found = []
    if known:
        found.append(_read(deal.id, known, None))
    elif later[0].type == "restored":
        created = moment(later[0].created_at, later[0].created_precision)
        if not is_after(created, now):
            found.append(_read(deal.id, later[:1], now))
    for event in later:
        if event.type == "merged":
            found += facts_of(event.deals, now)
    return found


def is_later(event: Any, now: datetime) -> bool:
    """Whether an event, or any date that a restored one tells of, comes after an instant."""
    told = [moment(event.at, event.precision)]
    if event.type == "restored":
        told += [moment(event.created_at, event.created_precision)]
        told += [moment(event.closed_at, event.closed_precision)]
        told += [moment(visit.entered_at, visit.entered_precision) for visit in event.visits]
        told += [moment(visit.left_at, visit.left_precision) for visit in event.visits]
    return any(is_after(when, now) for when in told)


_SETS = {
    "owner_changed": ("owner", "owner_id"),
    "probability_set": ("probability", "probability"),
    "expected_close_changed": ("expected_close_on", "expected_close_on"),
}


def _read(identity: str, history: Iterable[Any], now: datetime | None) -> Fact:
    fact = Fact(identity)
    for event in history:
        if event.type == "opened":
            _begin(fact, event)
            fact.created = (event.at, event.precision)
            _enter(fact, event)
        elif event.type == "restored":
            _begin(fact, event)
            _restore(fact, event, now)
        elif event.type == "stage_changed":
            if event.stage_kind != fact.outcome:
                _turn(fact, event)
            fact.probability = event.probability
            _enter(fact, event)
        elif event.type == "amount_changed":
            _price(fact, event.amount)
        elif event.type in _SETS:
            name, field = _SETS[event.type]
            setattr(fact, name, getattr(event, field))
        elif event.type == "details_changed" and "source" in event.changed:
            fact.source = event.source
        elif event.type == "activity_logged":
            _log(fact, event.activity)
    return fact


def _log(fact: Fact, activity: Any) -> None:
    """What happened with the customer; under one id once, as it was told last."""
    happened = moment(activity.occurred_at, activity.occurred_precision)
    if happened and activity.kind in ("call", "email", "meeting", "demo", "message", "visit"):
        fact.touches[activity.id] = (activity.kind, happened)


def _begin(fact: Fact, event: Any) -> None:
    fact.opening_owner = fact.owner = fact.owner_at_closing = event.owner_id
    fact.source = fact.source_at_closing = event.source
    fact.probability, fact.expected_close_on = event.probability, event.expected_close_on
    _price(fact, event.amount)


def _price(fact: Fact, amount: Any) -> None:
    fact.amount = None if amount is None else amount.amount
    fact.currency = None if amount is None else amount.currency


def _turn(fact: Fact, event: Any) -> None:
    fact.outcome = event.stage_kind
    fact.closed = None if event.stage_kind == "open" else (event.at, event.precision)
    fact.owner_at_closing, fact.source_at_closing = event.owner_id, event.source
    fact.loss_reason = event.reason if fact.outcome == "lost" else None


def _enter(fact: Fact, event: Any) -> None:
    when = (event.at, event.precision)
    if fact.stays and fact.stays[-1].left is None:
        fact.stays[-1].left = when
    fact.stage = event.stage
    kind, place = event.stage_kind, event.stage_position
    fact.stays.append(Stay(event.stage, place, kind, event.owner_id, when))


def _restore(fact: Fact, event: Any, now: datetime | None) -> None:
    fact.is_restored = True
    fact.created = moment(event.created_at, event.created_precision)
    fact.closed = moment(event.closed_at, event.closed_precision)
    fact.outcome, fact.stage, place = event.stage_kind, event.stage, event.stage_position
    fact.loss_reason = event.reason if fact.outcome == "lost" else None
    all_stays = [
        Stay(
            visit.stage,
            visit.stage_position,
            visit.stage_kind,
            event.owner_id,
            moment(visit.entered_at, visit.entered_precision),
            moment(visit.left_at, visit.left_precision),
        )
        for visit in event.visits
    ]
    if now is None:
        fact.stays = all_stays
    else:
        place = _look_back(fact, all_stays, place, now)
        if fact.outcome == "open" and event.probability_source == "stage":
            fact.probability = None
    last = fact.stays[-1] if fact.stays else None
    told = last is not None and last.stage == fact.stage and last.left is None
    if fact.stage is not None and not told:
        fact.stays.append(Stay(fact.stage, place, fact.outcome, event.owner_id, fact.closed))
    fact.is_complete = _path_is_whole(fact)


def _look_back(fact: Fact, stays: list[Stay], place: int, now: datetime) -> int:
    """The fact as of an instant: as the visit says that lasts, else open up to its closing."""
    if fact.closed is None:
        ends = [m for s in stays if s.kind == "open" for m in (s.entered, s.left)]
        closed_later = any(is_after(end, now) for end in ends)
    else:
        closed_later = is_after(fact.closed, now)
    # A stay has not begun if any moment before or at its entry is yet to come.
    begun = [
        stay
        for n, stay in enumerate(stays)
        if not is_after(stay.entered, now)
        and not any(is_after(m, now) for s in stays[:n] for m in (s.entered, s.left))
    ]
    here = begun[-1] if begun else None
    if here is not None and here.left is None:
        is_here = here is stays[-1] and here.stage == fact.stage and here.entered is not None
    else:
        is_here = here is not None and here.entered is not None and is_after(here.left, now)
    if closed_later:
        fact.outcome, fact.closed = "open", None
    if here is not None and is_here and fact.outcome == "open" and here.kind != "open":
        fact.outcome, fact.loss_reason = here.kind, None
        following: Moment = None
        for stay in reversed(begun):
            # Another kind, or time spent elsewhere, ends the spell.
            if stay.kind != here.kind or (stay is not here and span(stay.left, following)):
                break
            fact.closed = following = stay.entered
    if here is not None and is_here and here.kind == fact.outcome:
        fact.stage, place = here.stage, here.position
    elif fact.outcome == "open":
        fact.stage = None
    fact.stays = [attrs.evolve(s, left=None if is_after(s.left, now) else s.left) for s in begun]
    return place


def _path_is_whole(fact: Fact) -> bool:
    """Known from its opening on: each stay entered when the one before it was left."""
    if fact.created is None or fact.stage is None:
        return False
    last: Moment = fact.created
    for stay in fact.stays:
        if last is None or stay.entered != last:
            return False
        last = stay.left
    return last is None


# The numbers.


@attrs.define
class Share:
    """A numerator and a denominator."""

    above: Any
    below: Any

    @property
    def value(self) -> float | None:
        return float(self.above) / float(self.below) if self.below else None


def win_rate(
    facts: list[Fact],
    *,
    period: Period | None = None,
    basis: str = "closed",
    stale: int | None = None,
    now: datetime | None = None,
    by_value: bool = False,
) -> Share:
    won, decided = [], []
    for fact in facts:
        if fact.outcome == "open":
            if stale is not None and _stale_in(fact, period, basis, (stale, now)):
                decided.append(fact)
        elif is_in(fact.closed if basis == "closed" else fact.created, period):
            decided.append(fact)
            if fact.outcome == "won":
                won.append(fact)
    if by_value:
        return Share(total(won), total(decided))
    return Share(len(won), len(decided))


def _stale_in(
    fact: Fact, period: Period | None, basis: str, stale: tuple[int, datetime | None]
) -> bool:
    days, now = stale
    assert now is not None
    old = age(fact.created, now)
    if old is None or old < days * DAY or fact.created is None:
        return False
    later = days * DAY if basis == "closed" else timedelta(0)
    return is_in((fact.created[0] + later, fact.created[1]), period)


def total(facts: Iterable[Fact]) -> Decimal:
    found = Decimal(0)
    for fact in facts:
        found = WIDE.add(found, fact.amount or Decimal(0))
    return found


def undated(facts: list[Fact]) -> int:
    """How many count as closed though nobody knows when they were."""
    return sum(fact.outcome != "open" and fact.closed is None for fact in facts)


def conversion_rate(facts: list[Fact], period: Period | None = None) -> Share:
    created = [fact for fact in facts if is_in(fact.created, period)]
    return Share(sum(fact.outcome == "won" for fact in created), len(created))


@attrs.define
class Size:
    """What average_deal_size says."""

    total: Decimal
    mean: Decimal | None
    median: Decimal | None
    n_priced: int
    n_unpriced: int


def deal_size(facts: list[Fact], period: Period | None = None) -> Size:
    won = [f for f in facts if f.outcome == "won" and is_in(f.closed, period)]
    amounts = sorted(f.amount for f in won if f.amount is not None)
    n, half = len(amounts), len(amounts) // 2
    if not amounts:
        return Size(Decimal(0), None, None, 0, len(won))
    added = total(won)
    middle = amounts[half] if n % 2 else WIDE.divide(WIDE.add(*amounts[half - 1 : half + 1]), 2)
    return Size(added, WIDE.divide(added, n), middle, n, len(won) - n)


def loss_reasons(facts: list[Fact], period: Period | None = None) -> dict[str | None, Share]:
    """By reason, of all lost in the period."""
    lost = [f for f in facts if f.outcome == "lost"]
    inside = [f for f in lost if is_in(f.closed, period)]
    return {
        reason: Share(sum(f.loss_reason == reason for f in inside), len(inside))
        for reason in {f.loss_reason for f in lost}
    }


def reopen_rate(facts: list[Fact], period: Period | None = None) -> Share:
    known = [f for f in facts if f.is_complete and is_in(f.created, period)]
    kinds = [[stay.kind for stay in fact.stays] for fact in known]
    closed = [row for row in kinds if any(kind != "open" for kind in row)]
    back = [row for row in closed if _comes_back(row)]
    return Share(len(back), len(closed))


def _comes_back(kinds: list[str]) -> bool:
    first = next(n for n, kind in enumerate(kinds) if kind != "open")
    return "open" in kinds[first:]


def touches(facts: list[Fact]) -> Share:
    return Share(sum(len(fact.touches) for fact in facts), len(facts))


def until_met(facts: list[Fact]) -> Share:
    counts = [n for n in map(_until_met, facts) if n]
    return Share(sum(counts), len(counts))


def _until_met(fact: Fact) -> int:
    moments = [when for _, when in fact.touches.values() if when]
    met = [when for kind, when in fact.touches.values() if when and kind == "meeting"]
    if not met:
        return 0
    at, precision = min(met, key=lambda when: (when[0], when[1] == "day"))
    return sum(
        when <= at if precision == known == "instant" else when.date() <= at.date()
        for when, known in moments
    )


@attrs.define
class Worth:
    """What weighted_pipeline says."""

    total: Decimal = Decimal(0)
    plain: Decimal = Decimal(0)
    n_weighted: int = 0
    left_out: dict[str, int] = attrs.Factory(dict)


def due(fact: Fact) -> Moment:
    """When it is expected to close."""
    day = fact.expected_close_on
    return None if day is None else (datetime.combine(day, time(), UTC), "day")


def weighted(facts: list[Fact], period: Period | None = None) -> Worth:
    """In a currency of cents."""
    found = Worth()
    for fact in facts:
        if fact.outcome != "open":
            continue
        reason = None
        if period is not None and due(fact) is None:
            reason = "no_expected_close_on"
        elif not is_in(due(fact), period):
            continue
        elif fact.amount is None:
            reason = "no_amount"
        elif fact.probability is None:
            reason = "no_probability"
        else:
            product = WIDE.multiply(fact.amount, Decimal(str(fact.probability)))
            found.total = WIDE.add(found.total, WIDE.quantize(product, Decimal("0.01")))
            found.plain = WIDE.add(found.plain, fact.amount)
            found.n_weighted += 1
        if reason is not None:
            found.left_out[reason] = found.left_out.get(reason, 0) + 1
    return found


@attrs.define
class Cycle:
    """What cycle_time says."""

    days: list[float]
    n_negative: int
    n_unknown: int

    @property
    def mean(self) -> float | None:
        return sum(self.days) / len(self.days) if self.days else None

    @property
    def median(self) -> float | None:
        return median(self.days) if self.days else None


def cycle(
    facts: list[Fact],
    *,
    outcome: str = "won",
    start: str = "created",
    active: bool = False,
    period: Period | None = None,
) -> Cycle:
    found = Cycle([], 0, 0)
    for fact in facts:
        if fact.outcome == "open" or outcome not in (fact.outcome, "all"):
            continue
        if not is_in(fact.closed, period):
            continue
        begun = fact.created if start == "created" else first_entry(fact)
        took = active_span(fact, begun) if active else span(begun, fact.closed)
        if took is None:
            found.n_unknown += 1
        elif took < timedelta(0):
            found.n_negative += 1
        else:
            found.days.append(took / DAY)
    return found


def waits(
    facts: list[Fact],
    now: datetime,
    *,
    outcome: str = "won",
    start: str = "created",
    period: Period | None = None,
) -> tuple[list[timedelta], list[timedelta]]:
    """How long those took that closed as asked for, and how long the others were watched."""
    took: list[timedelta] = []
    watched: list[timedelta] = []
    for fact in facts:
        if not is_in(fact.created, period):
            continue
        begun = fact.created if start == "created" else first_entry(fact)
        length = age(begun, now) if fact.outcome == "open" else span(begun, fact.closed)
        if length is None or length < timedelta(0):
            continue
        is_event = fact.outcome == outcome or (outcome == "all" and fact.outcome != "open")
        (took if is_event else watched).append(length)
    return took, watched


def survival_median(took: list[timedelta], watched: list[timedelta]) -> float | None:
    """The first time at which half or fewer of those at risk are left, by fractions."""
    share = Fraction(1)
    for length in sorted(set(took)):
        at_risk = sum(other >= length for other in (*took, *watched))
        share *= 1 - Fraction(took.count(length), at_risk)
        if share <= Fraction(1, 2):
            return length / DAY
    return None


def first_entry(fact: Fact) -> Moment:
    """The entry into the first stage; None if a stay before the first known one may be missing."""
    if not fact.stays or fact.stays[0].kind != "open":
        return None
    first = fact.stays[0]
    if not fact.is_restored or first.position == 0:
        return first.entered
    if fact.created is None or first.entered is None:
        return None
    if fact.created[1] == first.entered[1] == "instant":
        return first.entered if fact.created[0] == first.entered[0] else None
    return first.entered if fact.created[0].date() == first.entered[0].date() else None


def active_span(fact: Fact, begun: Moment) -> timedelta | None:
    """Up to the closing, without the stays in closed stages that an open one followed.

    If any of the moments is a day, all of them count by their date.
    """
    if not fact.is_complete or begun is None or fact.closed is None:
        return None
    spells: list[tuple[Moment, Moment]] = []
    for n, stay in enumerate(fact.stays):
        if stay.kind != "open" and any(later.kind == "open" for later in fact.stays[n:]):
            spells.append((stay.entered, stay.left))
    ends = [begun, fact.closed, *(end for spell in spells for end in spell)]
    by_day = any(end is not None and end[1] == "day" for end in ends)

    def length(start: Moment, end: Moment) -> timedelta:
        assert start is not None
        assert end is not None
        return end[0].date() - start[0].date() if by_day else end[0] - start[0]

    return length(begun, fact.closed) - sum((length(*spell) for spell in spells), timedelta(0))


def velocity(facts: list[Fact], period: Period | None = None) -> float | None:
    rate, size, days = win_rate(facts, period=period), deal_size(facts, period), None
    days = cycle(facts, period=period).mean
    if rate.value is None or size.mean is None or not days:
        return None
    n_open = sum(fact.outcome == "open" for fact in facts)
    return n_open * rate.value * float(size.mean) / days


@attrs.define
class Stage:
    """What time_in_stage says of one stage."""

    finished: list[float] = attrs.Factory(list)
    lasting: list[float] = attrs.Factory(list)
    n_no_entry: int = 0
    n_no_end: int = 0


def time_in_stage(
    facts: list[Fact], now: datetime, period: Period | None = None
) -> dict[str, Stage]:
    """By stage, of visits to open stages."""
    found: dict[str, Stage] = {}
    for fact in facts:
        for stay in fact.stays:
            if stay.kind != "open":
                continue
            stage = found.setdefault(stay.stage, Stage())
            is_here = stay is fact.stays[-1] and stay.left is None and stay.stage == fact.stage
            if stay.entered is None:
                stage.n_no_entry += 1
            elif not is_in(stay.entered, period):
                continue
            elif is_here:
                stage.lasting.append((age(stay.entered, now) or timedelta(0)) / DAY)
            elif stay.left is None:
                stage.n_no_end += 1
            else:
                stage.finished.append((span(stay.entered, stay.left) or timedelta(0)) / DAY)
    return found


def convert(facts: list[Fact], table: dict[str, dict[date, str]], base: str) -> list[Fact]:
    """The facts of closed deals in one currency, at the rate of their closing day, in cents."""
    return [attrs.evolve(fact, amount=_converted(fact, table, base)) for fact in facts]


def _converted(fact: Fact, table: dict[str, dict[date, str]], base: str) -> Decimal | None:
    if fact.amount is None or fact.currency == base:
        return fact.amount
    if fact.closed is None:
        return None
    day = fact.closed[0].date()
    known = [rate for since, rate in sorted(table[str(fact.currency)].items()) if since <= day]
    if not known:
        return None
    return WIDE.quantize(WIDE.multiply(fact.amount, Decimal(known[-1])), Decimal("0.01"))
