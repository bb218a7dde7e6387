"""`report`: the whole review of a pipeline in one call."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import attrs

from salesflow.errors import OptionError, shown
from salesflow.facts.data import check_deals
from salesflow.metrics import Breakdown, Comparison, Summary, compare, summary
from salesflow.metrics._kinds import json_value
from salesflow.metrics.options import By
from salesflow.models import Deal
from salesflow.money import Rates
from salesflow.periods import Calendar, require_aware
from salesflow.process import Pipeline
from salesflow.review._pages import Page
from salesflow.review._report_parts import AtRisk, at_risk_of, parts_of
from salesflow.review.attainment import Attainments, attainment
from salesflow.review.bottlenecks import Bottlenecks, bottlenecks
from salesflow.review.hygiene import Hygiene, hygiene
from salesflow.review.risk_results import (
    DueForRevisit,
    NoNextStep,
    Overdue,
    Quiet,
    Risks,
    Slipped,
    Stalled,
)
from salesflow.review.risks import (
    due_for_revisit,
    no_next_step,
    overdue,
    quiet,
    slipped,
    stalled,
)
from salesflow.review.segments import Segments, segments
from salesflow.review.targets import Target
from salesflow.review.team import Team, team
from salesflow.review.waterfall import Waterfall, waterfall
from salesflow.review.workload import Workload, workload

if TYPE_CHECKING:
    from salesflow.metrics._export import Exported

__all__ = ["AtRisk", "Report", "ReportSettings", "report"]


@attrs.frozen(kw_only=True)
class ReportSettings:
    """What the parts of a report ask beyond the deals.

    Attributes:
        capacity: what each owner has a week, see `workload`.
        rates: exchange rates; amounts are then in their base currency.
        calendar: the zone of the window and of the days that closings are expected on.
        quiet_days: for how long a deal may go without a touch. [days]
        segments: the dimensions that wins are looked at by, see `segments`.
    """

    capacity: Mapping[str, float] | None = None
    rates: Rates | None = None
    calendar: Calendar = Calendar()  # noqa: RUF009 - a value
    quiet_days: float = 14.0
    segments: Sequence[By] = ("source",)


_USUAL = ReportSettings()
_TICK = timedelta(microseconds=1)
# The window is open at its end: what happens then is no part of it, nor of what is looked at.


@attrs.frozen(repr=False, kw_only=True)
class Report:
    """A review of a pipeline: what changed, what is stuck, who needs help.

    Attributes:
        pipeline: the name of the definition.
        start: where the window begins. [aware datetime]
        end: where it ends. [aware datetime]
        as_of: the instant that all is looked at. [aware datetime]
        numbers: the numbers of the window, against the one before, equally long.
        targets: an `Attainment` for each target and group; empty without targets.
        waterfall: what became of the open pipeline.
        at_risk: an `AtRisk` for each open deal at any risk, by deal id.
        stalled: the deals that have been in their stage for too long.
        overdue: those whose expected close has passed.
        slipped: those whose expected close moved.
        quiet: those without a touch for too long.
        no_next_step: those for which nothing is planned.
        due_for_revisit: the lost deals to look at again.
        bottlenecks: where deals wait.
        workload: what each owner has to do.
        team: who needs help at which stage.
        segments: what is won more or less often than the rest.
        hygiene: how clean the deals are.
    """

    pipeline: str
    start: datetime
    end: datetime
    as_of: datetime
    numbers: Comparison[Summary]
    targets: Attainments
    waterfall: Waterfall
    at_risk: Breakdown[AtRisk]
    stalled: Risks[Stalled]
    overdue: Risks[Overdue]
    slipped: Risks[Slipped]
    quiet: Risks[Quiet]
    no_next_step: Risks[NoNextStep]
    due_for_revisit: Risks[DueForRevisit]
    bottlenecks: Bottlenecks
    workload: Workload
    team: Team
    segments: Segments
    hygiene: Hygiene

    def work_of(self, owner_id: str | None) -> tuple[AtRisk, ...]:
        """What should an owner work on first?

        Args:
            owner_id: the owner; None for what nobody owns.

        Returns:
            The owner's open deals at risk, in the order of `at_risk`, each with what to do next.
        """
        return tuple(found for found in self.at_risk.values() if found.owner_id == owner_id)

    def to_dicts(self) -> dict[str, list[dict[str, Any]]]:
        """The rows of every part, by its name, as the part's own ``to_dicts`` gives them."""
        parts: dict[str, Exported] = {part.name: part.result for part in parts_of(self)}
        parts |= {name: getattr(self, name) for name in _EACH_RISK}
        return {name: part.to_dicts() for name, part in parts.items()}

    def to_json(self) -> Any:
        """The same as JSON values: money as an object, instants in ISO 8601."""
        return json_value(self.to_dicts())

    def to_markdown(self) -> str:
        """The page as Markdown, for a wiki, an issue or a message."""
        return self._page().markdown()

    def __str__(self) -> str:
        return self._page().text()

    def _repr_html_(self) -> str:
        """The page that a notebook shows."""
        return self._page().html()

    def __repr__(self) -> str:
        return f"<Report of {self.pipeline}: {self.start.isoformat()} to {self.end.isoformat()}>"

    def _page(self) -> Page:
        title = f"Review of {self.pipeline}"
        window = f"{self.start.isoformat()} to {self.end.isoformat()}"
        return Page(title, (f"{window}, as of {self.as_of.isoformat()}",), parts_of(self))


_EACH_RISK = ("stalled", "overdue", "slipped", "quiet", "no_next_step")


def report(
    deals: Iterable[Deal],
    pipeline: Pipeline,
    start: datetime,
    end: datetime,
    *,
    as_of: datetime | None = None,
    targets: Iterable[Target] = (),
    settings: ReportSettings = _USUAL,
) -> Report:
    """What changed in the pipeline, what is stuck, and who needs help?

    **Definition**: one look at the same deals by all parts of `salesflow.review`: the numbers of
    the window [start, end) against the one before, the targets, the waterfall of the window; and as
    of one instant the deals at risk, bottlenecks, since the start of all history, workload, team,
    segments and hygiene. Each number is that of the function it is named after.

    Args:
        deals: the deals.
        pipeline: the definition they move through.
        start: where the window begins. [aware datetime]
        end: where it ends. [aware datetime]
        as_of: the instant that the deals are looked at: just before the end unless given, or
            later. [aware datetime]
        targets: what should be reached.
        settings: what the parts ask beyond the deals.

    Returns:
        A `Report`: each part is an attribute; it is shown as a page, and given as rows.

    Raises:
        OptionError: for an ``as_of`` before the end, and for what a part refuses.
        PeriodError: unless start is before end.
        MixedCurrencyError: for amounts in several currencies without rates.
        DataError: for anything but deals.
        DuplicateDealError: for a deal that is there twice.

    Example:
        >>> from datetime import UTC
        >>> from salesflow import datasets
        >>> made = datasets.make_deals(300, seed=3)
        >>> start, end = datetime(2025, 12, 1, tzinfo=UTC), made.as_of
        >>> found = report(made.deals, made.pipeline, start, end)
        >>> found.numbers.current.n_won, found.waterfall.changes["won"], len(found.at_risk)
        (6, Money('-56782', 'EUR'), 16)
    """
    last = require_aware(end, "end") - _TICK
    at = last if as_of is None else require_aware(as_of, "as_of")
    period = settings.calendar.between(require_aware(start, "start"), end)
    if at < last:
        msg = f"cannot review to {end.isoformat()} as of {at.isoformat()}: it had not ended"
        raise OptionError(msg, hint="give an earlier end.", parameter="as_of", value=as_of)
    given: object = pipeline
    if not isinstance(given, Pipeline):
        msg = f"cannot review deals with {shown(pipeline)}: it is no Pipeline"
        hint = "give the pipeline that the deals move through."
        raise OptionError(msg, hint=hint, parameter="pipeline", value=pipeline)
    known = check_deals(deals)
    rates, calendar = settings.rates, settings.calendar
    priced: dict[str, Any] = {} if rates is None else {"rates": rates}
    risks: dict[str, Risks[Any]] = {
        "stalled": stalled(known, pipeline, as_of=at),
        "overdue": overdue(known, pipeline, as_of=at, calendar=calendar),
        "slipped": slipped(known, pipeline, as_of=at),
        "quiet": quiet(known, pipeline, as_of=at, days=settings.quiet_days),
        "no_next_step": no_next_step(known, pipeline, as_of=at),
    }
    return Report(
        pipeline=pipeline.name,
        start=start,
        end=end,
        as_of=at,
        numbers=compare(summary, known, period=period, as_of=at, **priced),
        targets=attainment(known, targets, as_of=at, **priced),
        waterfall=waterfall(known, start, end, rates=rates),
        at_risk=at_risk_of(risks, at),
        **risks,
        due_for_revisit=due_for_revisit(known, pipeline, as_of=at, calendar=calendar),
        bottlenecks=bottlenecks(known, as_of=at, **priced),
        workload=workload(known, as_of=at, capacity=settings.capacity),
        team=team(known, as_of=at, rates=rates),
        segments=segments(known, by=settings.segments, as_of=at, **priced),
        hygiene=hygiene(known, as_of=at),
    )
