"""What finished visits tell of those that last: how long, where to, and with how much effort."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from math import exp

import attrs

from salesflow.facts.columns import visit_us
from salesflow.facts.visits import Visit, visits_of
from salesflow.metrics.results import Result
from salesflow.models import Activity, Deal
from salesflow.models import events as ev
from salesflow.models.durations import MICROSECONDS_A_DAY, microseconds
from salesflow.models.past import Cut

WEEK_US = 7 * MICROSECONDS_A_DAY


@attrs.frozen
class StageEffort(Result):
    """What the deals in a stage take.

    Attributes:
        per_week: the effort that a deal takes in a week there; None where that is unknown.
        n_activities: where it is learned, the activities that were done there; else None.
        n_visits: the visits they were done in, those that last too; else None.
        visit_days: how long these have lasted together; else None. [days]
    """

    per_week: float | None
    n_activities: int | None = None
    n_visits: int | None = None
    visit_days: float | None = None


@attrs.frozen
class Stays:
    """The finished visits of a stage.

    Args:
        spans: how long each lasted, ascending. [microseconds]
        next_stages: the open stages that followed, and of all visits the share that each did.
    """

    spans: Sequence[int]
    next_stages: Mapping[str, float]

    def share_left(self, age: int, later: int) -> float:
        """Of visits that reach an age, the share that lasts for some time more; 1 if none did."""
        n_reached = len(self.spans) - bisect_right(self.spans, age)
        n_left = len(self.spans) - bisect_right(self.spans, age + later)
        return n_left / n_reached if n_reached else 1.0

    def is_older(self, age: int) -> bool:
        """Whether no finished visit tells what becomes of one of that age."""
        return not self.spans or age >= self.spans[-1]

    @property
    def weekly_share(self) -> float:
        """Of visits of any age, the share that lasts for a week more, at the mean stay."""
        total = sum(self.spans)
        return exp(-WEEK_US * len(self.spans) / total) if total else 1.0 - bool(self.spans)


NO_STAYS = Stays((), {})


def stays_by_stage(deals: Iterable[Deal]) -> dict[str, Stays]:
    """The finished visits of each open stage."""
    spans: dict[str, list[int]] = {}
    following: dict[str, dict[str, int]] = {}
    for visit in (visit for deal in deals for visit in visits_of(deal)):
        span = visit_us(visit)
        if visit.kind != "open" or span is None:
            continue
        spans.setdefault(visit.stage, []).append(span)
        if visit.next_stage is not None and visit.next_kind == "open":
            counts = following.setdefault(visit.stage, {})
            counts[visit.next_stage] = counts.get(visit.next_stage, 0) + 1
    return {
        stage: Stays(
            sorted(found), {to: n / len(found) for to, n in following.get(stage, {}).items()}
        )
        for stage, found in spans.items()
    }


def learned_effort(deals: Iterable[Deal], cut: Cut) -> dict[str, StageEffort]:
    """Of each open stage in order, the activities done in its visits, by the weeks they lasted."""
    told: dict[str, _Done] = {}
    for deal in deals:
        visits = [visit for visit in visits_of(deal) if visit.entered_at is not None]
        for visit, n in zip(visits, _done_in(visits, deal, cut), strict=True):
            span = _lasted(visit, cut)
            if visit.kind == "open" and span is not None:
                told.setdefault(visit.stage, _Done(visit.stage_position)).add(n, span)
    order = sorted(told, key=lambda stage: (told[stage].position or 0, stage))
    # Where nobody logs activities, deals take some effort all the same.
    is_logged = any(done.n for done in told.values())
    return {stage: told[stage].effort(cut, is_logged=is_logged) for stage in order}


@attrs.define
class _Done:
    """What was done in the visits to a stage so far."""

    position: int | None
    n: int = 0
    n_visits: int = 0
    span: int = 0

    def add(self, n: int, span: int) -> None:
        """One more visit."""
        self.n, self.n_visits, self.span = self.n + n, self.n_visits + 1, self.span + span

    def effort(self, cut: Cut, *, is_logged: bool) -> StageEffort:
        """All of them together."""
        per_week = self.n * WEEK_US / self.span if self.span and is_logged else None
        days = self.span / MICROSECONDS_A_DAY
        return StageEffort(per_week, self.n, self.n_visits, days, as_of=cut.at)


def _lasted(visit: Visit, cut: Cut) -> int | None:
    if visit.is_current:
        return cut.microseconds_since(visit.entered_at, visit.entered_precision)
    return visit_us(visit)


def _done_in(visits: Sequence[Visit], deal: Deal, cut: Cut) -> list[int]:
    """How many activities were done in each visit: in the last that had begun."""
    counts = [0] * len(visits)
    logged = (event.activity for event in deal.history if isinstance(event, ev.ActivityLogged))
    done = {one.id: one for one in logged if one.is_done}
    for activity in done.values():
        if cut.precedes(activity.occurred_at, activity.occurred_precision):
            continue
        begun = [place for place, visit in enumerate(visits) if _has_begun(visit, activity)]
        if begun:
            counts[begun[-1]] += 1
    return counts


def _has_begun(visit: Visit, activity: Activity) -> bool:
    since = microseconds(
        visit.entered_at,
        visit.entered_precision,
        activity.occurred_at,
        activity.occurred_precision,
    )
    return since is not None and since >= 0
