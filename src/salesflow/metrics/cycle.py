"""`cycle_time`."""

from typing import Any, Literal, Unpack, overload

import attrs

from salesflow.errors import OptionError
from salesflow.facts.data import Facts
from salesflow.metrics._statistics import median_number
from salesflow.metrics.evaluate import Cell, Definition, result_of
from salesflow.metrics.needs import (
    ENDS,
    IS_CLOSED,
    IS_LOST,
    IS_OPEN,
    IS_WON,
    End,
    Flag,
    Need,
    Op,
    unknown,
)
from salesflow.metrics.options import By, Call, Every, Options, check_choice, make_call
from salesflow.metrics.rates import Basis
from salesflow.metrics.results import Breakdown, CycleTime
from salesflow.metrics.survival import median_time
from salesflow.models.durations import MICROSECONDS_A_DAY, to_days

Start = Literal["created", "first_stage", "lead"]
"""What a cycle is measured from."""

Clock = Literal["elapsed", "active"]
"""Whether the spells in which a deal was closed count."""

Closed = Literal["won", "lost", "all"]
"""Which closed deals are measured."""


@overload
def cycle_time(
    data: object,
    *,
    outcome: Closed = ...,
    start: Start = ...,
    clock: Clock = ...,
    basis: Basis = ...,
    censored: bool = ...,
    by: None = ...,
    every: None = ...,
    **options: Unpack[Options],
) -> CycleTime: ...
@overload
def cycle_time(
    data: object,
    *,
    by: By,
    outcome: Closed = ...,
    start: Start = ...,
    clock: Clock = ...,
    basis: Basis = ...,
    censored: bool = ...,
    every: Every | None = ...,
    **options: Unpack[Options],
) -> Breakdown[CycleTime]: ...
@overload
def cycle_time(
    data: object,
    *,
    every: Every,
    outcome: Closed = ...,
    start: Start = ...,
    clock: Clock = ...,
    basis: Basis = ...,
    censored: bool = ...,
    by: None = ...,
    **options: Unpack[Options],
) -> Breakdown[CycleTime]: ...
def cycle_time(
    data: object,
    *,
    outcome: Closed = "won",
    start: Start = "created",
    clock: Clock = "elapsed",
    basis: Basis = "closed",
    censored: bool = False,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> CycleTime | Breakdown[CycleTime]:
    """How many days does it take to close a deal?

    **Definition**: from ``start`` to the last closing, mean and median. Signed: a negative cycle
    is an error in the data, left out and counted. Between two days it is whole days; between two
    instants, exact. Open deals are not in it, so the mean of a young book is too short:
    ``censored=True`` adds the median by the estimator of Kaplan and Meier, in which open deals
    count with their age at ``as_of``, and deals of another outcome up to their closing.

    Args:
        data: the deals; `Facts` with the leads for ``start="lead"``.
        outcome: the deals measured: ``won``, ``lost`` or ``all`` closed ones.
        start: ``created``, ``first_stage`` (the entry into it) or ``lead`` (its creation).
        clock: ``elapsed``, or ``active``, without the spells in which the deal was closed; that
            needs its complete history.
        basis: what a period holds, and whose owner counts: ``closed``, the deals closed in it, or
            ``created``, those created in it, under the owner who opened them.
        censored: whether to add that estimate; it needs ``as_of``, and ``basis="created"`` where a
            period limits it.
        by: the column, or columns, to group by.
        every: what to cut time into.
        **options: see `Options`.

    Returns:
        A `CycleTime`, or one for each group. Mean and median are None without a cycle.

    Raises:
        OptionError: for ``start="lead"`` without leads; for ``censored`` without ``as_of``, with
            the active clock, or over the deals closed in a period.
        ColumnError: for a column that the data does not have.

    Example:
        >>> from datetime import date
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> deal = pipeline.restore(
        ...     id="D-1", stage="won", created_at=date(2026, 1, 1), closed_at=date(2026, 1, 31)
        ... )
        >>> cycle_time([deal]).mean_days
        30.0
    """
    call = make_call(by, every, options)
    check_choice("outcome", outcome, ("won", "lost", "all"))
    check_choice("start", start, ("created", "first_stage", "lead"))
    check_choice("clock", clock, ("elapsed", "active"))
    check_choice("basis", basis, ("closed", "created"))
    if start == "lead" and (not isinstance(data, Facts) or data.leads is None):
        msg = "cannot measure from the lead: the data has no leads"
        hint = "give Facts(deals=…, leads=…)."
        raise OptionError(msg, hint=hint, parameter="start", value=start)
    if censored:
        _check_censored(clock, basis, call)
    definition = cycle_time_of(outcome, start, clock, basis, dated=call.is_dated, censored=censored)
    return result_of(data, definition, call)


def _check_censored(clock: Clock, basis: Basis, call: Call) -> None:
    """Refuse an estimate that would not be one."""
    if call.as_of is None:
        msg = "cannot take censored=True: how long the open deals have waited depends on as_of"
        hint = "give as_of=…, an aware datetime."
        raise OptionError(msg, hint=hint, parameter="as_of", value=None)
    if clock == "active":
        msg = "cannot take censored=True with clock='active': open deals have no active age"
        raise OptionError(msg, hint="give clock='elapsed'.", parameter="clock", value=clock)
    if call.is_dated and basis == "closed":
        msg = "cannot take censored=True for the deals closed in a period: no open deal is in it"
        hint = "give basis='created', for those created in it, or no period and no every."
        raise OptionError(msg, hint=hint, parameter="basis", value=basis)


_COLUMNS: dict[tuple[Start, Clock], str] = {
    ("created", "elapsed"): "cycle_us",
    ("created", "active"): "active_us",
    ("first_stage", "elapsed"): "first_stage_us",
    ("first_stage", "active"): "active_first_stage_us",
    ("lead", "elapsed"): "lead_us",
    ("lead", "active"): "active_lead_us",
}
_AGES: dict[Start, str] = {
    "created": "age_us",
    "first_stage": "first_stage_age_us",
    "lead": "lead_age_us",
}
_OUTCOMES: dict[Closed, Flag] = {"won": IS_WON, "lost": IS_LOST, "all": IS_CLOSED}
_OTHERS: dict[Closed, tuple[Flag, ...]] = {"won": (IS_LOST,), "lost": (IS_WON,), "all": ()}


def cycle_time_of(
    outcome: Closed = "won",
    start: Start = "created",
    clock: Clock = "elapsed",
    basis: Basis = "closed",
    *,
    dated: bool = False,
    censored: bool = False,
) -> Definition[CycleTime]:
    """The definition of a cycle time; ``dated`` where a deal without a date has no place."""
    column, row = _COLUMNS[start, clock], _Row(basis)
    closed = _OUTCOMES[outcome]
    measured = (closed, Flag(column, "not_negative"))
    total, cycles = row.need("sum", column, *measured), row.need("values", column, *measured)
    n_measured = row.need("count", None, *measured)
    reasons = row.unmeasured(column, closed)
    estimate = _Estimate.of(row, outcome, start) if censored else None
    if estimate is not None:
        reasons |= estimate.reasons
    if dated:
        # In a cohort all deals are at risk, whatever became of them.
        whose = () if censored else (closed,)
        undated = row.need("count", None, *whose, unknown(row.dated_by))
        reasons[f"no_{row.dated_by}"] = attrs.evolve(undated, dated_by=None)

    def formula(cell: Cell) -> CycleTime:
        n = cell.number(n_measured)
        middle = median_number(cell.middle(cycles))
        return CycleTime(
            cell.number(total) / n / MICROSECONDS_A_DAY if n else None,
            None if middle is None else middle / MICROSECONDS_A_DAY,
            n,
            **({} if estimate is None else estimate.fields(cell)),
            as_of=cell.as_of,
            currency=cell.stated_currency,
            left_out=cell.counted(**reasons),
        )

    needs = (total, cycles, n_measured, *reasons.values())
    if estimate is not None:
        needs += (estimate.risk,)
    return Definition(needs, formula, reasons=reasons)


@attrs.frozen
class _Row:
    """How a deal is dated, and under whom it counts."""

    basis: Basis

    @property
    def dated_by(self) -> str:
        return f"{self.basis}_at"

    def need(self, op: Op, column: str | None, *flags: Flag) -> Need:
        return Need(op, column, flags, self.dated_by, at_opening=self.basis == "created")

    def unmeasured(self, column: str, flag: Flag, prefix: str = "") -> dict[str, Need]:
        """The deals whose cycle cannot be taken, by reason."""
        return {
            f"{prefix}negative_cycle": self.need("count", None, flag, Flag(column, "negative")),
            f"{prefix}unknown_cycle": self.need("count", None, flag, unknown(column)),
        }


@attrs.frozen
class _Estimate:
    """What the estimator of Kaplan and Meier needs: who was at risk at each time."""

    risk: Need
    reasons: dict[str, Need]

    @classmethod
    def of(cls, row: _Row, outcome: Closed, start: Start) -> "_Estimate":
        column, age = _COLUMNS[start, "elapsed"], _AGES[start]
        reasons = {"censored_unknown_age": row.need("count", None, IS_OPEN, unknown(age))}
        for other in _OTHERS[outcome]:
            reasons |= row.unmeasured(column, other, "censored_")
        watched = End(column, age, _OUTCOMES[outcome])
        end = next(name for name, one in ENDS.items() if one == watched)
        return cls(row.need("risk", end, Flag(end, "not_negative")), reasons)

    def fields(self, cell: Cell) -> dict[str, Any]:
        """The estimate, by the names of the result's fields."""
        risk = cell.risk_sets(self.risk)
        found = median_time(risk)
        ends = (to_days(found.low), to_days(found.high))
        return {
            "km_median_days": to_days(found.median),
            "km_interval": ends if risk.n else None,
            "n_censored": risk.n - sum(risk.events),
        }
