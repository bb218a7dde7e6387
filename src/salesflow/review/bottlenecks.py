"""`bottlenecks`: where deals wait, and what it would free if they did not."""

from datetime import datetime, timedelta
from typing import Unpack

import attrs

from salesflow.errors import OptionError
from salesflow.metrics import Breakdown
from salesflow.metrics.evaluate import breakdown, stats_of
from salesflow.metrics.options import Call, Untimed, make_call
from salesflow.metrics.stats import Stats
from salesflow.models.durations import MICROSECONDS_A_DAY
from salesflow.periods import Period, require_aware
from salesflow.review._stage_flows import HELD, Flows, since_first
from salesflow.review._stage_load import StageLoad
from salesflow.review._stage_ranking import ranked


@attrs.frozen(eq=False, repr=False)
class Bottlenecks(Breakdown[StageLoad]):
    """A `StageLoad` for each stage, in the order of the stages.

    Attributes:
        days: how long the window is that arrivals and departures are counted in. [days]
        ranked_by: ``money`` or ``visits``: what the ranks compare.
    """

    days: float | None = attrs.field(default=None, kw_only=True)
    ranked_by: str = attrs.field(default="visits", kw_only=True)

    @property
    def ranking(self) -> tuple[str, ...]:
        """The stages that have a rank, the one that would free most first."""
        ranks = {stage: load.rank for stage, load in self.items() if load.rank is not None}
        return tuple(sorted(ranks, key=ranks.__getitem__))

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why each stage stands where it does, in words; those without a rank last."""
        ranks = self.ranking
        others = (stage for stage in self if stage not in ranks)
        return tuple(self[stage].why for stage in (*ranks, *others))

    def _shown_notes(self) -> list[str]:
        return [*super()._shown_notes(), *self.reasons]


def bottlenecks(
    data: object,
    *,
    as_of: datetime,
    since: datetime | None = None,
    **options: Unpack[Untimed],
) -> Bottlenecks:
    """In which stage do deals wait, and what would it free if they did not?

    **Definition**: of each open stage, the visits that began and ended in the window from ``since``
    up to ``as_of``, and those that last now. The days of a visit are the median of Kaplan and
    Meier, in which those that last are censored; the best quartile is the time by which a quarter
    have ended, of the same curve.

    The rank: let λ be the visits that began, a day; v the amounts of their deals, a day; and L the
    visits that lasted, on average over the window. By Little's law a visit occupies the stage for
    W = L ÷ λ days. If each took the days b of the best quartile, the money that waits there would
    fall from v·W to v·b: the stage frees F = v·(W - b), and 0 if that is less. Let M be the money
    that waits in all stages and X the money that is won, a day. With as much money in the pipeline
    as before, the same law gives X·M ÷ (M - F) a day, which is X·F ÷ (M - F) more: what the stage
    frees per day. Ranks follow F; where no amount is known, visits take its place, F = λ·(W - b).

    Args:
        data: the deals; or a frame of visits, or `Facts` of deals and visits, in which the deals
            tell the amounts.
        as_of: the instant the data is taken at. [aware datetime]
        since: where the window begins; with the first visit unless given. [aware datetime]
        **options: see `Untimed`.

    Returns:
        A `Bottlenecks`: a `StageLoad` for each stage, in the order of the stages. A stage has no
        rank where no visit began in the window or fewer than a quarter have ended.

    Raises:
        OptionError: if ``since`` is not before ``as_of``, for an option that there is not, and for
            rates beside frames.
        ColumnError: for a frame without the columns of visits.
        MixedCurrencyError: for amounts in several currencies without rates.

    References:
        J. D. C. Little, "A proof for the queuing formula L = λW", Operations Research 9 (1961).
        W. J. Hopp and M. L. Spearman, "Factory Physics" (1996), for throughput at a constant
        amount of work in process.

    Example:
        >>> from datetime import UTC, timedelta
        >>> from salesflow import Money, Pipeline
        >>> pipeline, at = Pipeline.standard(), datetime(2026, 1, 1, tzinfo=UTC)
        >>> deals = []
        >>> for days in (2, 4, 30):
        ...     deal = pipeline.open("A", amount=Money(1_000, "EUR"), at=at)
        ...     deal = pipeline.advance(deal, at=at + timedelta(days=1))
        ...     deals.append(pipeline.lose(deal, "price", at=at + timedelta(days=days)))
        >>> found = bottlenecks(deals, as_of=at + timedelta(days=30))
        >>> found.ranking[0], found["qualification"].median_days
        ('qualification', 3.0)
    """
    call = _call(as_of, since, options)
    flows = Flows.of(data, call)
    stats = stats_of(data, flows.definition.needs, call, "visits")
    before = None if since is None else _before(data, call, since)
    days = _days(stats, call)
    found = breakdown(stats, flows.with_window(days, before).definition, call)
    ranks = ranked(found)
    return Bottlenecks(
        found.names,
        ranks.loads,
        as_of=found.as_of,
        currency=found.currency,
        left_out=found.left_out,
        notes=found.notes,
        blank=found._blank,  # noqa: SLF001 - what a frame of no stage looks like
        days=days,
        ranked_by=ranks.by,
    )


def _call(as_of: datetime, since: datetime | None, options: Untimed) -> Call:
    period = None
    if since is not None:
        if not require_aware(since, "since") < require_aware(as_of, "as_of"):
            msg = f"cannot look since {since.isoformat()}: that is not before as_of"
            hint = f"give an instant before {as_of.isoformat()}."
            raise OptionError(msg, hint=hint, parameter="since", value=since)
        period = Period.between(since, as_of)
    unknown = sorted(options.keys() - Untimed.__annotations__.keys())
    if unknown:
        msg = f"cannot take option {unknown[0]!r}: bottlenecks does not have it"
        hint = "since= says where the window begins."
        raise OptionError(msg, hint=hint, parameter=unknown[0], value=None)
    call = make_call("stage", None, {**options, "as_of": as_of}, needs_as_of=True)  # type: ignore[typeddict-item]
    return attrs.evolve(call, period=period)


def _before(data: object, call: Call, since: datetime) -> Stats:
    """How long visits had lasted where the window begins."""
    then = attrs.evolve(call, as_of=since, period=None)
    return stats_of(data, HELD, then, "visits")


def _days(stats: Stats, call: Call) -> float | None:
    """How long the window is; None where nothing began before it ends."""
    if call.period is not None:
        span = call.period.end - call.period.start
        return span / timedelta(days=1)
    return since_first(stats) / MICROSECONDS_A_DAY or None
