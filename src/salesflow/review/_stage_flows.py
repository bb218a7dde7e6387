"""What goes through each stage: the needs of `bottlenecks`, and what they say of one stage."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import accumulate
from operator import mul, sub, truediv

import attrs

from salesflow.facts._engines.asked import RISK_BLOCK
from salesflow.facts._sources import Source
from salesflow.facts.data import Facts
from salesflow.facts.engines import is_frame
from salesflow.metrics._statistics import ratio
from salesflow.metrics.evaluate import Cell, Definition
from salesflow.metrics.needs import Flag, Need, known, unknown
from salesflow.metrics.options import Call
from salesflow.metrics.stats import Answer, RiskSets, Stats
from salesflow.metrics.survival import median_time
from salesflow.models.durations import MICROSECONDS_A_DAY
from salesflow.money import Money
from salesflow.review._stage_load import StageLoad

_QUARTILE = 0.75 + 1e-12
_SAFE = 0.75 + 1e-9
# So far above a quarter no rounding of a block's share can matter.
# What is left at the quartile; a share is the product of many roundings, and so little is none.

_LASTS, _ENDED = (Flag("is_current", "is", value=told) for told in (True, False))
_BEGUN = known("entered_at")
_IN_ORDER = Flag("days_us", "not_negative")


_ARRIVALS = Need("count", None, (_BEGUN,), "entered_at")
_DEPARTURES = Need("count", None, (_ENDED,), "left_at")
_QUEUE = Need("count", None, (_LASTS,))
_FINISHED = Need("count", None, (_ENDED, _IN_ORDER))
_ENDS = Need("risk", "visit_end", (Flag("visit_end", "not_negative"),))
_PLACE = Need("min", "stage_position", (known("stage_position"),))
_ENDED_US = Need("sum", "days_us", (_ENDED, _IN_ORDER))
_LASTING_US = Need("sum", "current_us", (_LASTS, _BEGUN))
_SINCE_FIRST = Need("max", "since_entry_us", (known("since_entry_us"),))
_OF_TIME = (_ARRIVALS, _DEPARTURES, _QUEUE, _FINISHED, _ENDS, _PLACE)

_LED_ON = Need("count", None, (_ENDED, known("next_kind")), "left_at")
_LOST = Need("count", None, (_ENDED, Flag("next_kind", "is", "lost")), "left_at")
_WON = (_ENDED, Flag("next_kind", "is", "won"), known("amount"))

_WAITING = Need("sum", "amount", (_LASTS, known("amount")))
_ARRIVING = Need("sum", "amount", (_BEGUN, known("amount")), "entered_at")
_WINNING = Need("sum", "amount", _WON, "left_at")

HELD = (_ENDED_US, _LASTING_US)
"""How long visits have lasted up to an instant, together."""


def since_first(stats: Stats) -> int:
    """How long ago the first of all visits began, in microseconds; 0 if none did."""
    spans = (answers.get(_SINCE_FIRST) for answers in stats.groups.values())
    return max((span for span in spans if isinstance(span, int)), default=0)


def _held(answers: Mapping[Need, Answer]) -> int:
    return sum(found for n in HELD if isinstance(found := answers.get(n), int))


@attrs.frozen
class Flows:
    """The needs of a call.

    Args:
        has_money: whether the data tells amounts.
        has_next: whether it tells where a visit led to.
        days: how long the window is. [days]
        before: how long visits had lasted where the window begins; nothing if with the first.
    """

    has_money: bool
    has_next: bool
    days: float | None = None
    before: Stats | None = None

    @classmethod
    def of(cls, data: object, call: Call) -> "Flows":
        """Those that the data can answer: a frame may lack amounts, and what comes next."""
        if not (is_frame(data) or (isinstance(data, Facts) and data.is_frames)):
            return cls(has_money=True, has_next=True)
        visits = data.visits if isinstance(data, Facts) else data
        deals = data.deals if isinstance(data, Facts) else None
        has_next = is_frame(visits) and Source("visits", visits, call.reading).has("next_kind")
        has_money = is_frame(deals) and Source("deals", deals, call.reading).has("amount")
        return cls(has_money, has_next)

    def with_window(self, days: float | None, before: Stats | None) -> "Flows":
        """The same, once the window is known."""
        return attrs.evolve(self, days=days, before=before)

    @property
    def definition(self) -> Definition[StageLoad]:
        """What a stage is said to be."""
        reasons = {
            "no_entered_at": Need("count", None, (unknown("entered_at"),)),
            "no_left_at": Need("count", None, (_ENDED, _BEGUN, unknown("left_at"))),
            "negative_days": Need("count", None, (_ENDED, Flag("days_us", "negative"))),
        }
        needs = [*_OF_TIME, *HELD, _SINCE_FIRST]
        if self.has_next:
            needs += [_LED_ON, _LOST]
        if self.has_money:
            needs += [_WAITING, _ARRIVING, *([_WINNING] if self.has_next else [])]
            unpriced = unknown("amount")
            reasons["no_amount"] = Need("count", None, (_BEGUN, unpriced), "entered_at")
            reasons["no_amount_waiting"] = Need("count", None, (_LASTS, unpriced))

        def formula(cell: Cell) -> StageLoad:
            return self._load(cell, cell.counted(**reasons))

        needs += reasons.values()
        return Definition(tuple(needs), formula, table="visits", order_by=_PLACE, reasons=reasons)

    def _load(self, cell: Cell, left_out: Mapping[str, int]) -> StageLoad:
        n, n_left = cell.number(_ARRIVALS), cell.number(_DEPARTURES)
        n_finished, days = cell.number(_FINISHED), self.days
        mean = cell.number(_ENDED_US) / MICROSECONDS_A_DAY / n_finished if n_finished else None
        per_day = None if not days else n / days
        held, risk = self._held(cell), cell.risk_sets(_ENDS)
        n_led = cell.number(_LED_ON)
        waiting = cell.money(_WAITING) if self.has_money else None
        return StageLoad(
            n,
            n_left,
            n - n_left,
            cell.number(_QUEUE),
            ratio(n_led - cell.number(_LOST), n_led),
            _in_days(median_time(risk).median),
            _in_days(quartile_time(risk)),
            waiting,
            held / MICROSECONDS_A_DAY / days if days else None,
            per_day,
            held / MICROSECONDS_A_DAY / n if n else None,
            mean,
            None if per_day is None or mean is None else per_day * mean,
            self._daily(cell, _ARRIVING) if self.has_money else None,
            self._daily(cell, _WINNING) if self.has_money and self.has_next else None,
            as_of=cell.as_of,
            currency=cell.stated_currency if waiting is None else waiting.currency,
            left_out=left_out,
        )

    def _held(self, cell: Cell) -> int:
        """How long visits lasted in the window, together."""
        before = {} if self.before is None else self.before.groups
        return _held(cell.answers) - _held(before.get(cell.key, {}))

    def _daily(self, cell: Cell, need: Need) -> Money | None:
        return cell.money(need) / Decimal(repr(self.days)) if self.days else None


def _in_days(time: int | None) -> float | None:
    return None if time is None else time / MICROSECONDS_A_DAY


def quartile_time(risk: RiskSets) -> int | None:
    """The time by which a quarter have had the event, by Kaplan and Meier; None if fewer have."""
    share = 1.0
    for start in range(0, len(risk.times), RISK_BLOCK):
        if risk.blocks and share * risk.blocks[start // RISK_BLOCK][0] > _SAFE:
            share *= risk.blocks[start // RISK_BLOCK][0]
            continue
        at_risk = risk.at_risk[start : start + RISK_BLOCK]
        left = map(sub, at_risk, risk.events[start : start + RISK_BLOCK])
        shares = [*accumulate(map(truediv, left, at_risk), mul, initial=share)][1:]
        share = shares[-1]
        if share <= _QUARTILE:
            return risk.times[next(n for n, one in enumerate(shares, start) if one <= _QUARTILE)]
    return None
