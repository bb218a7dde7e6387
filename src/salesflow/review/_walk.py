"""How each deal went through a window: its history, event by event, on the books of a waterfall.

A deal has a part in the waterfall while it is open, and expected to close in the period if one is
given. What an event changes of that part goes to one bar, or from one group to another. So the
bars of a deal add up to its part at the end, whatever happened.

`salesflow.models.fold` says what events change. Here only what a waterfall asks for is read, since
folding all of it would take longer than all the rest; the tests hold the two together.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from salesflow.models import events as ev
from salesflow.models.fold import Moment, restored_moments
from salesflow.models.past import Cut, as_of_itself, n_known
from salesflow.money import Money, Rates

if TYPE_CHECKING:
    from salesflow.models import Deal
    from salesflow.models._base import Precision
    from salesflow.periods import Period
    from salesflow.review._window import Window

Key = tuple[Any, ...]
"""The parts of a group's key."""

State = Mapping[str, Any]
"""What is known of a deal at a moment."""

CUSTOM = "custom."
TOLD = ("owner_id", "currency", "source", "account_id", "stage", "pipeline")
"""What the history of a deal tells at any moment, besides custom values."""


class Step(NamedTuple):
    """What one deal adds to a bar of a waterfall.

    Attributes:
        deal_id: the deal.
        amount: how much, signed; None where it is not known, which adds 0.
        at: when it happened; None at the start and the end.
        precision: whether that is an instant, or a whole day.
    """

    deal_id: str
    amount: Money | None
    at: datetime | None = None
    precision: "Precision" = "instant"


class Part(NamedTuple):
    """What a deal has in the waterfall: its group, and what it is worth."""

    key: Key
    amount: Money | None


_ENTERED = {
    "opened": "created",
    "stage_changed": "reopened",
    "expected_close_changed": "pulled_in",
}
_CLOSING = frozenset({"restored", "stage_changed"})
_LEFT = {"expected_close_changed": "pushed_out", "merged": "merged"}
_CROSSED = {
    "owner_changed": ("owner_out", "owner_in"),
    "amount_changed": ("amount_down", "amount_up"),  # by currency: it has another one now
}
_MOVED = ("moved_out", "moved_in")
_CHANGED: dict[str, tuple[str, ...]] = {
    "stage_changed": ("stage",),
    "amount_changed": ("amount",),
    "expected_close_changed": ("expected_close_on",),
    "owner_changed": ("owner_id",),
    "migrated": ("stage", "pipeline"),
    "details_changed": ("source", "account_id", "custom"),
}


def _field_of(name: str) -> str:
    """The field of a deal that tells the part of a key."""
    if name.startswith(CUSTOM):
        return "custom"
    return "amount" if name == "currency" else name


def _key_reader(name: str) -> Callable[[State], Any]:
    if name == "currency":
        return lambda state: None if state["amount"] is None else state["amount"].currency
    if name.startswith(CUSTOM):
        key = name.removeprefix(CUSTOM)
        return lambda state: state["custom"].get(key)
    return lambda state: state[name]


class _Way:
    """One deal on its way through the window."""

    __slots__ = ("deal_id", "part", "was_there", "worth")

    def __init__(self, deal_id: str) -> None:
        self.deal_id = deal_id
        self.was_there = False
        """Whether it existed before; of one whose past is told, not lived."""
        self.part: Part | None = None
        self.worth: Money | None = None
        """Its amount, as last priced."""


class Walk:
    """Leads deals through a window, and keeps the books."""

    def __init__(
        self, window: "Window", period: "Period | None", by: Sequence[str], rates: Rates | None
    ) -> None:
        self._start, self._end = window.start, window.end
        self.period = period
        self._in_period: dict[date, bool] = {}
        self._readers = [_key_reader(name) for name in by]
        fields = ["amount", *(["expected_close_on"] if period else []), *map(_field_of, by)]
        self._fields = tuple(dict.fromkeys(fields))
        self._changed = {"opened": self._fields, "restored": self._fields} | {
            kind: tuple(name for name in names if name in fields)
            for kind, names in _CHANGED.items()
        }
        self.rates = rates
        self.books: dict[Key, dict[str, list[Step]]] = {}
        """The steps behind each bar, by group."""
        self.unpriced: dict[str, dict[Key, set[str]]] = {}
        """Why deals in bars had no amount, and which ones, by group."""
        self.undated: set[str] = set()
        """The open deals that nobody knows an expected close of, where there is a period."""

    def lead(self, deal: "Deal", merged: Moment | None = None) -> None:
        """Lead one deal through; up to when it was merged into another one, if it was."""
        fields = vars(deal)
        history = fields["history"]
        last = vars(history[-1])["at"]
        if last is not None and last >= self._start.day:
            self._walk(deal, history, merged)
        elif fields["outcome"] == "open":  # nothing happened since the start
            way = _Way(fields["id"])
            self._stand(way, fields, "open")
            self._leave(way, merged)

    def _walk(self, deal: "Deal", history: Sequence[ev.Event], merged: Moment | None) -> None:
        way, state, number = _Way(deal.id), {"outcome": "open"}, 0
        first = history[0]
        is_within = isinstance(first, ev.Restored) and self._is_told_later(first)
        if not is_within or self._told(way, deal, merged):
            for event in history:
                fields = vars(event)
                if not is_within and _is_past(self._start, fields):
                    is_within = True
                    if number:
                        self._stand(way, state, state["outcome"])
                if merged is None and _is_past(self._end, fields):
                    break
                number += 1
                is_changed = self._fold(state, fields)
                if is_changed and is_within:
                    self._hear(way, state, fields)
            if not is_within:
                self._stand(way, state, state["outcome"])
        self._leave(way, merged)
        for event in history[number:]:
            if isinstance(event, ev.Merged):
                self._lead_all(event.deals, None)

    def _lead_all(self, deals: "Iterable[Deal]", merged: Moment | None) -> None:
        for deal in deals:
            self.lead(deal, merged)

    def _fold(self, state: dict[str, Any], fields: State) -> bool:
        """Take over what an event changes; whether that is anything the waterfall reads."""
        kind = fields["type"]
        names = self._changed.get(kind, ())
        if kind == "details_changed":
            names = tuple(name for name in names if name in fields["changed"])
        for name in names:
            state[name] = fields[name]
        if kind in _CLOSING and state["outcome"] != fields["stage_kind"]:
            state["outcome"] = fields["stage_kind"]
            return True
        return bool(names) or kind == "merged"

    def _hear(self, way: _Way, state: State, fields: State) -> None:
        """An event within the window that changes something, after the fold."""
        kind = fields["type"]
        moment: Moment = (fields["at"], fields["precision"])
        if kind == "merged":
            self._lead_all(fields["deals"], moment)
        elif kind == "restored":
            self._tell(way, state, moment)
        else:
            self._step(way, kind, self._part(state, state["outcome"], way), moment, state)

    # What is told of the past of a restored deal.

    def _is_told_later(self, first: ev.Restored) -> bool:
        return any(self._start.precedes(*moment) for moment in restored_moments(first))

    def _told(self, way: _Way, deal: "Deal", merged: Moment | None) -> bool:
        """What a restored event tells of the window; whether all it tells lies before the end."""
        before = as_of_itself(deal, self._start)
        if before is not None:
            way.was_there = True
            self._stand(way, vars(before), before.outcome)
        moments = restored_moments(deal.history[0])
        is_whole = merged is not None or not any(self._end.precedes(*m) for m in moments)
        cuts: list[tuple[Moment, Cut]] = []
        for at, precision in sorted({m for m in moments if m[0] is not None}):
            is_in = is_whole or not self._end.precedes(at, precision)
            if at is not None and is_in and self._start.precedes(at, precision):
                cuts.append(((at, precision), Cut(at)))
        if cuts and not is_whole:
            cuts[-1] = (cuts[-1][0], self._end)
        for moment, cut in cuts:
            then = None if n_known(deal, cut) else as_of_itself(deal, cut)
            if then is not None:
                self._tell(way, vars(then), moment)
        return is_whole

    def _tell(self, way: _Way, state: State, moment: Moment) -> None:
        """What it was then; closed when it is first heard of, it was open in between."""
        if not way.was_there:
            self._step(way, "restored", self._part(state, "open", way), moment, state)
            way.was_there = True
        self._step(way, "restored", self._part(state, state["outcome"], way), moment, state)

    # The books.

    def _part(self, state: State, outcome: str, way: _Way) -> Part | None:
        """What it has in the waterfall; None while it is closed, or due outside of the period."""
        if outcome != "open":
            return None
        if self.period is not None:
            day = state["expected_close_on"]
            if day is None:
                self.undated.add(way.deal_id)
                return None
            if day not in self._in_period:
                self._in_period[day] = day in self.period
            if not self._in_period[day]:
                return None
        readers = self._readers
        key = tuple([read(state) for read in readers]) if readers else ()
        return Part(key, state["amount"])

    def _stand(self, way: _Way, state: State, outcome: str) -> None:
        """What it had at the start."""
        way.part = self._part(state, outcome, way)
        if way.part is not None:
            way.worth = self._price(way.part.amount, (self._start.at, "instant"))
            self._add(way, way.part, "start", Step(way.deal_id, way.worth))

    def _leave(self, way: _Way, merged: Moment | None) -> None:
        """What it has at the end, or had until it was merged into another one."""
        if way.part is None:
            return
        if merged is not None:
            self._step(way, "merged", None, merged, {})
            return
        self._reprice(way, way.part, (self._end.at, "instant"))
        self._add(way, way.part, "end", Step(way.deal_id, way.worth))

    def _step(self, way: _Way, kind: str, now: Part | None, moment: Moment, state: State) -> None:
        """From what it had to what it has."""
        was = way.part
        if was == now:
            return
        if was is not None:
            self._reprice(way, was, moment)
        worth = None if now is None else self._price(now.amount, moment)
        if was is not None and now is not None:
            self._pass(way, (was, now), worth, kind, moment)
        elif now is not None:
            entered = "reopened" if way.was_there else "created"
            self._put(way, now, _ENTERED.get(kind, entered), worth, moment)
        else:
            left = _LEFT.get(kind) or state["outcome"]
            self._put(way, cast("Part", was), left, _less(None, way.worth), moment)
        way.part, way.worth = now, worth

    def _pass(
        self, way: _Way, parts: tuple[Part, Part], worth: Money | None, kind: str, moment: Moment
    ) -> None:
        """It is still in the waterfall: worth more or less, or in another group."""
        was, now = parts
        if was.key == now.key and _is_one_currency(way.worth, worth):
            change = _less(worth, way.worth)
            if change is not None and change.amount:
                bar = "amount_up" if change.amount > 0 else "amount_down"
                self._put(way, now, bar, change, moment)
            return
        out, into = _CROSSED.get(kind, _MOVED)
        self._put(way, was, out, _less(None, way.worth), moment)
        self._put(way, now, into, worth, moment)

    def _reprice(self, way: _Way, part: Part, moment: Moment) -> None:
        """What the same amount is worth at the rate of another day."""
        if self.rates is None:
            return
        worth = self._price(part.amount, moment)
        change = _less(worth, way.worth)
        if change is not None and change.amount:
            self._put(way, part, "rate_effect", change, moment)
        way.worth = worth

    def _price(self, amount: Money | None, moment: Moment) -> Money | None:
        rates, (at, precision) = self.rates, moment
        if rates is None or amount is None or at is None:
            return amount
        return rates.convert(amount, at.date() if precision == "day" else rates.day_of(at))

    def _put(self, way: _Way, part: Part, bar: str, amount: Money | None, moment: Moment) -> None:
        self._add(way, part, bar, Step(way.deal_id, amount, *moment))

    def _add(self, way: _Way, part: Part, bar: str, step: Step) -> None:
        self.books.setdefault(part.key, {}).setdefault(bar, []).append(step)
        if step.amount is None:
            reason = "no_amount" if part.amount is None else "no_rate"
            self.unpriced.setdefault(reason, {}).setdefault(part.key, set()).add(way.deal_id)


def _is_past(cut: Cut, fields: State) -> bool:
    """Whether an event lies after a cut."""
    at = fields["at"]
    return at is not None and at >= cut.day and cut.precedes(at, fields["precision"])


def _is_one_currency(one: Money | None, other: Money | None) -> bool:
    return one is None or other is None or one.currency == other.currency


def _less(one: Money | None, other: Money | None) -> Money | None:
    """How much more one is than the other, where what is unknown adds nothing."""
    if other is None:
        return one
    return -other if one is None else one - other
