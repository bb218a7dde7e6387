"""The deals that a risk is looked for in, as of an instant, and what they were doing."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from salesflow.errors import OptionError, PeriodError, shown
from salesflow.facts.columns import read_deals
from salesflow.facts.data import given
from salesflow.models import Activity, Deal
from salesflow.models import events as ev
from salesflow.models.durations import MICROSECONDS_A_DAY
from salesflow.models.fold import Moment
from salesflow.models.past import Cut
from salesflow.periods import Calendar, get_zone, require_aware
from salesflow.process import Pipeline
from salesflow.review._unmet import Wanted, unmet
from salesflow.review.risk_results import K, Risks

if TYPE_CHECKING:
    from salesflow.models._base import Precision


class Look:
    """One look for a risk."""

    def __init__(self, deals: Iterable[Deal], pipeline: Pipeline | None, as_of: datetime) -> None:
        by: object = pipeline
        if by is not None and not isinstance(by, Pipeline):
            msg = f"cannot look for risks with {shown(pipeline)}: it is no Pipeline"
            hint = "give the pipeline that the deals move through."
            raise OptionError(msg, hint=hint, parameter="pipeline", value=pipeline)
        self.as_of = require_aware(as_of, "as_of")
        self.cut = Cut(as_of)
        self.pipeline = pipeline
        self.deals = read_deals(given(deals, "deals"), as_of)
        self.left_out: Counter[str] = Counter()
        self.notes: list[str] = []

    def having(self, outcome: str) -> Iterator[Deal]:
        """The deals of the pipeline that had the outcome; those of another are left out."""
        for deal in self.deals:
            if deal.outcome == outcome:
                if self.pipeline is None or deal.pipeline == self.pipeline.name:
                    yield deal
                else:
                    self.left_out["other_pipeline"] += 1

    def ago(self, moment: Moment) -> int | None:
        """How many microseconds ago it was; None if it is unknown."""
        return self.cut.microseconds_since(*moment)

    def latest(self, *moments: Moment) -> "tuple[datetime, Precision, int] | None":
        """The moment that is the shortest ago, and how long; None where none is known."""
        known = [
            (ago, at, precision)
            for at, precision in moments
            if at is not None and (ago := self.ago((at, precision))) is not None
        ]
        if not known:
            return None
        ago, at, precision = min(known, key=lambda one: one[0])
        return at, precision, ago

    def is_past(self, at: datetime, precision: "Precision") -> bool:
        """Whether an instant, or a whole day by the clock of ``as_of``, is over."""
        if precision == "instant":
            return at < self.cut.at
        return at.toordinal() < self.cut.wall.toordinal()

    def today(self, calendar: Calendar) -> date:
        """The day that it is in the calendar's zone."""
        given_calendar: object = calendar
        if not isinstance(given_calendar, Calendar):
            msg = f"cannot take calendar={shown(calendar)}: it is no Calendar"
            hint = "give one, such as Calendar('Asia/Seoul')."
            raise OptionError(msg, hint=hint, parameter="calendar", value=calendar)
        try:
            return self.as_of.astimezone(get_zone(calendar.zone)).date()
        except OverflowError:
            fact = f"in {calendar.zone} it lies outside of the years 1 to 9999"
            msg = f"cannot tell the day of {self.as_of.isoformat()}: {fact}"
            raise PeriodError(msg, value=self.as_of) from None

    def about(
        self, deal: Deal, ago: int, otherwise: str, first: Wanted | None = None
    ) -> dict[str, Any]:
        """What every risk says of a deal."""
        missing = unmet(deal, self.pipeline, self.as_of, first)
        return {
            "deal_id": deal.id,
            "name": deal.name,
            "owner_id": deal.owner_id,
            "stage": deal.stage,
            "amount": deal.amount,
            "days": ago / MICROSECONDS_A_DAY,
            "action": missing[0] if missing else otherwise,
            "unmet": missing,
        }

    def found(self, kind: type[K], risks: Iterable[K]) -> Risks[K]:
        """All that were found, the longest first."""
        ordered = sorted(risks, key=lambda risk: (-risk.days, risk.deal_id))
        return Risks(
            kind, (*ordered,), as_of=self.as_of, left_out=self.left_out, notes=(*self.notes,)
        )


def activities_of(deal: Deal) -> list[Activity]:
    """What was done or planned, each once, as it was logged last."""
    logged = (event.activity for event in deal.history if isinstance(event, ev.ActivityLogged))
    return [*{one.id: one for one in logged}.values()]


def done_moments(activities: Iterable[Activity], look: Look) -> list[Moment]:
    """When each of the done ones happened; what lies ahead has not."""
    moments = [(one.occurred_at, one.occurred_precision) for one in activities if one.is_done]
    return [moment for moment in moments if not look.cut.precedes(*moment)]


def plans(activities: Iterable[Activity]) -> "list[tuple[datetime, Precision, str]]":
    """When what is planned and not done should be, and what kind it is."""
    return [
        (one.planned_at, one.planned_precision, one.kind)
        for one in activities
        if one.planned_at is not None and not one.is_done
    ]


def is_planned(activities: Iterable[Activity], look: Look) -> bool:
    """Whether something lies ahead, today too."""
    return any(not look.is_past(at, precision) for at, precision, _ in plans(activities))
