"""Which deals are at risk, and what to do about each.

Each function takes the deals, the pipeline they move through, and the instant to look at; where
the pipeline may be left out, no requirement and no task is then known.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from salesflow.errors import OptionError, shown
from salesflow.facts.activities import is_later, touches_of
from salesflow.metrics.options import check_choice
from salesflow.models import Deal
from salesflow.models import events as ev
from salesflow.models.durations import MICROSECONDS_A_DAY
from salesflow.periods import Calendar
from salesflow.process import Pipeline
from salesflow.review._look import Look, activities_of, done_moments, is_planned, plans
from salesflow.review._thresholds import LEAST_VISITS, Threshold, from_days, thresholds
from salesflow.review._unmet import a_touch, any_activity, go_on, is_placed
from salesflow.review.risk_results import (
    DueForRevisit,
    NoNextStep,
    Overdue,
    Quiet,
    Risks,
    Slipped,
    Stalled,
)

if TYPE_CHECKING:
    from salesflow.models.fold import Moment

Clock = Literal["stage", "activity"]
"""What begins the clock of a stall: the entry into the stage, or what was done last."""

_CLOCKS = ("stage", "activity")
_UTC = Calendar()


def stalled(
    deals: Iterable[Deal],
    pipeline: Pipeline,
    *,
    as_of: datetime,
    clock: Clock = "stage",
    plan_pauses: bool = False,
) -> Risks[Stalled]:
    """Which deals have been in their stage for too long?

    **Definition**: an open deal is stalled when more time than the threshold has passed: exactly as
    much is not too long. The threshold is the ``stale_after`` of its stage; else the 90th
    percentile of the visits that won deals finished there: the shortest stay that nine in ten did
    not exceed. That takes 20 visits; with fewer there is no threshold, and the deals of the stage
    are left out, counted and noted.

    The clock begins with the entry into the present stage. With ``clock="activity"`` it begins
    anew with each done activity. Another price or date is no work on the deal.

    Args:
        deals: the deals; won ones among them, where a threshold is to be learned.
        pipeline: their definition.
        as_of: the instant to look at. [aware datetime]
        clock: ``stage`` or ``activity``.
        plan_pauses: whether a deal for which an activity is planned, today or later, is not
            stalled.

    Returns:
        A `Stalled` for each, the longest first.

    Raises:
        OptionError: for another clock, and for no pipeline.
        NaiveDatetimeError: for an instant without a zone.
        DataError: for anything but deals.

    Example:
        >>> from datetime import UTC
        >>> from salesflow import Stage, requirements
        >>> ends = [Stage("won", kind="won"), Stage("lost", kind="lost")]
        >>> offer = Stage("offer", requires=[requirements.has("amount")])
        >>> pipeline = Pipeline("small", [Stage("talk", stale_after=14), offer, *ends])
        >>> deal = pipeline.open("Acme", id="D-1", at=datetime(2026, 1, 1, tzinfo=UTC))
        >>> found = stalled([deal], pipeline, as_of=datetime(2026, 1, 16, tzinfo=UTC))
        >>> [(risk.days, risk.threshold_days, risk.action) for risk in found]
        [(15.0, 14.0, "move to 'offer': amount is not known")]
    """
    check_choice("clock", clock, _CLOCKS)
    look = Look(deals, pipeline, as_of)
    if look.pipeline is None:
        msg = "cannot look for stalled deals: nothing says how long they may stay"
        hint = "give the pipeline that they move through."
        raise OptionError(msg, hint=hint, parameter="pipeline", value=None)
    limits = thresholds(pipeline, look.deals)
    return look.found(Stalled, _stalled(look, pipeline, limits, clock, plan_pauses=plan_pauses))


def _stalled(
    look: Look,
    pipeline: Pipeline,
    limits: dict[str, Threshold],
    clock: Clock,
    *,
    plan_pauses: bool,
) -> list[Stalled]:
    found = []
    unlimited: dict[str, int] = {}
    for deal in look.having("open"):
        if not is_placed(deal, pipeline):
            look.left_out["unknown_stage"] += 1
            continue
        limit = limits[str(deal.stage)]
        if limit.microseconds is None:
            look.left_out["no_threshold"] += 1
            unlimited[str(deal.stage)] = limit.n_visits or 0
            continue
        activities = activities_of(deal)
        moments: list[Moment] = [(deal.stage_entered_at, deal.stage_entered_precision)]
        moments += done_moments(activities, look) if clock == "activity" else []
        begun = look.latest(*moments)
        if begun is None:
            look.left_out["no_stage_entered_at"] += 1
        elif limit.is_exceeded(begun[2]) and not (plan_pauses and is_planned(activities, look)):
            ahead = go_on(deal, pipeline)
            otherwise = "decide: it may be lost" if ahead is None else f"{ahead}, or lose it"
            found.append(
                Stalled(
                    **look.about(deal, begun[2], otherwise),
                    since=begun[0],
                    since_precision=begun[1],
                    threshold_days=limit.days,
                    threshold_from=limit.came_from,
                    n_visits=limit.n_visits,
                )
            )
    look.notes += [
        f"no threshold for '{stage}': {n} finished visits of won deals, {LEAST_VISITS} are needed"
        for stage, n in unlimited.items()
    ]
    return found


def overdue(
    deals: Iterable[Deal],
    pipeline: Pipeline | None = None,
    *,
    as_of: datetime,
    calendar: Calendar = _UTC,
) -> Risks[Overdue]:
    """Which open deals should have been closed by now?

    **Definition**: open ones whose expected close lies before the day that it is in the calendar's
    zone. On the very day a deal is not overdue; on the next one it is, by 1 day. Closed deals
    never are.

    Args:
        deals: the deals.
        pipeline: their definition, for the actions.
        as_of: the instant to look at. [aware datetime]
        calendar: whose zone says which day it is; UTC unless given.

    Returns:
        An `Overdue` for each, the longest first. Open deals without an expected close are counted
        in ``left_out``.

    Raises:
        OptionError: for no calendar or pipeline.
        NaiveDatetimeError: for an instant without a zone.
        DataError: for anything but deals.

    Example:
        >>> from datetime import UTC
        >>> deal = Pipeline.standard().restore(
        ...     id="D-1", stage="meeting", expected_close_on=date(2026, 8, 23)
        ... )
        >>> night = datetime(2026, 8, 23, 22, tzinfo=UTC)
        >>> zones = ["UTC", "Asia/Ho_Chi_Minh"]
        >>> [len(overdue([deal], as_of=night, calendar=Calendar(zone))) for zone in zones]
        [0, 1]
    """
    look = Look(deals, pipeline, as_of)
    today = look.today(calendar)
    found = []
    for deal in look.having("open"):
        due = deal.expected_close_on
        if due is None:
            look.left_out["no_expected_close_on"] += 1
        elif due < today:
            ahead = go_on(deal, pipeline)
            otherwise = "give it a new expected close, or lose it"
            about = look.about(
                deal,
                _whole_days(due, today),
                otherwise if ahead is None else f"{ahead}, or {otherwise}",
            )
            found.append(Overdue(**about, expected_close_on=due))
    return look.found(Overdue, found)


def slipped(
    deals: Iterable[Deal],
    pipeline: Pipeline | None = None,
    *,
    as_of: datetime,
    times: int = 1,
) -> Risks[Slipped]:
    """Which open deals keep being put off?

    **Definition**: open ones whose expected close was moved to a later day at least ``times``
    times, and is later now than it was first. A first day, or none, is no move; a move to an
    earlier day is not counted, but takes back what was put off.

    Args:
        deals: the deals.
        pipeline: their definition, for the actions.
        as_of: the instant to look at. [aware datetime]
        times: how often makes it a risk. [1 or more]

    Returns:
        A `Slipped` for each, the longest first.

    Raises:
        OptionError: for times that are no whole number from 1, and for no pipeline.
        NaiveDatetimeError: for an instant without a zone.
        DataError: for anything but deals.

    Example:
        >>> from datetime import UTC
        >>> pipeline, days = Pipeline.standard(), [date(2026, 3, 1), date(2026, 3, 31)]
        >>> deal = pipeline.open("Acme", id="D-1", expected_close_on=days[0])
        >>> deal = pipeline.update(deal, expected_close_on=days[1])
        >>> found = slipped([deal], as_of=datetime(2099, 1, 1, tzinfo=UTC))
        >>> [(risk.deal_id, risk.n_times, risk.days) for risk in found]
        [('D-1', 1, 30.0)]
    """
    if isinstance(times, bool) or not isinstance(times, int) or times < 1:
        msg = f"cannot take times={shown(times)}: it is no whole number from 1"
        raise OptionError(msg, parameter="times", value=times)
    look = Look(deals, pipeline, as_of)
    found = []
    for deal in look.having("open"):
        moves = [*_expected_closes(deal)]
        now = deal.expected_close_on
        if now is None:
            look.left_out["no_expected_close_on"] += 1
            continue
        first = moves[0][0]
        later = [at for day, at, before in moves if at and before and day > before]
        if len(later) >= times and now > first:
            about = look.about(deal, _whole_days(first, now), "ask what the date depends on")
            found.append(
                Slipped(
                    **about,
                    n_times=len(later),
                    first_close_on=first,
                    expected_close_on=now,
                    since=later[-1],
                )
            )
    return look.found(Slipped, found)


def _expected_closes(deal: Deal) -> Iterator[tuple[date, datetime | None, date | None]]:
    """Each expected close that is known, when it was said, and the one known before."""
    before = None
    for event in deal.history:
        if isinstance(event, ev.Opened | ev.Restored | ev.ExpectedCloseChanged):
            day = event.expected_close_on
            if day is not None:
                yield day, event.at, before
                before = day


def quiet(
    deals: Iterable[Deal],
    pipeline: Pipeline | None = None,
    *,
    as_of: datetime,
    days: float,
) -> Risks[Quiet]:
    """Which open deals has nobody talked to?

    **Definition**: open ones whose last touch is more than ``days`` ago; exactly as many is not too
    long. A touch is a done call, e-mail, meeting, demo, message or visit: neither a note nor a move
    nor another price. Where there was none, the clock began with the creation.

    Args:
        deals: the deals.
        pipeline: their definition, for the actions.
        as_of: the instant to look at. [aware datetime]
        days: how long is long enough. [days, above 0]

    Returns:
        A `Quiet` for each, the longest first. Deals without a touch and without a creation are
        counted in ``left_out``.

    Raises:
        OptionError: for days that are not above 0, and for no pipeline.
        NaiveDatetimeError: for an instant without a zone.
        DataError: for anything but deals.

    Example:
        >>> from datetime import UTC
        >>> pipeline, start = Pipeline.standard(), datetime(2026, 1, 1, tzinfo=UTC)
        >>> deal = pipeline.log(pipeline.open("Acme", id="D-1", at=start), "call", at=start)
        >>> found = quiet([deal], as_of=datetime(2026, 1, 20, tzinfo=UTC), days=14)
        >>> [(risk.deal_id, risk.days, risk.last_touch) for risk in found]
        [('D-1', 19.0, 'call')]
    """
    given: object = days
    if isinstance(given, bool) or not isinstance(given, int | float) or not given > 0:
        msg = f"cannot take days={shown(days)}: it is no number above 0"
        raise OptionError(msg, parameter="days", value=days)
    look, limit = Look(deals, pipeline, as_of), from_days(days, "given")
    found = []
    for deal in look.having("open"):
        touches = [touch for touch in touches_of(deal) if not is_later(touch, look.cut)]
        kinds = {(one.occurred_at, one.occurred_precision): one.kind for one in touches}
        since = look.latest(*(kinds or [(deal.created_at, deal.created_precision)]))
        if since is None:
            look.left_out["no_created_at"] += 1
        elif limit.is_exceeded(since[2]):
            found.append(
                Quiet(
                    **look.about(deal, since[2], "get in touch", a_touch),
                    since=since[0],
                    since_precision=since[1],
                    last_touch=kinds.get(since[:2]),
                    threshold_days=limit.days,
                    threshold_from=limit.came_from,
                )
            )
    return look.found(Quiet, found)


def no_next_step(
    deals: Iterable[Deal], pipeline: Pipeline | None = None, *, as_of: datetime
) -> Risks[NoNextStep]:
    """Which open deals is nothing planned for?

    **Definition**: open ones without a planned activity that lies ahead: at ``as_of`` or later; of
    one planned for a day, today too. A plan whose time has passed, and that nobody carried out, is
    none.

    Args:
        deals: the deals.
        pipeline: their definition, for the actions.
        as_of: the instant to look at. [aware datetime]

    Returns:
        A `NoNextStep` for each, the longest without work first. Deals of which neither an activity
        nor the entry into their stage is known are counted in ``left_out``.

    Raises:
        OptionError: for no pipeline.
        NaiveDatetimeError: for an instant without a zone.
        DataError: for anything but deals.

    Example:
        >>> from datetime import UTC
        >>> pipeline, start = Pipeline.standard(), datetime(2026, 1, 1, tzinfo=UTC)
        >>> deal = pipeline.open("Acme", id="D-1", at=start)
        >>> planned = pipeline.log(deal, "call", planned_at=date(2026, 1, 9), at=start)
        >>> then = datetime(2026, 1, 5, tzinfo=UTC)
        >>> [len(no_next_step([one], as_of=then)) for one in (deal, planned)]
        [1, 0]
    """
    look = Look(deals, pipeline, as_of)
    found = []
    for deal in look.having("open"):
        activities = activities_of(deal)
        if is_planned(activities, look):
            continue
        entered: Moment = (deal.stage_entered_at, deal.stage_entered_precision)
        since = look.latest(entered, *done_moments(activities, look))
        if since is None:
            look.left_out["no_stage_entered_at"] += 1
            continue
        missed_at, _, missed = max(plans(activities), default=(None, None, None))
        again = "plan the next step" if missed is None else f"plan the {missed} again"
        found.append(
            NoNextStep(
                **look.about(deal, since[2], again, any_activity),
                since=since[0],
                since_precision=since[1],
                missed=missed,
                missed_at=missed_at,
            )
        )
    return look.found(NoNextStep, found)


def due_for_revisit(
    deals: Iterable[Deal],
    pipeline: Pipeline | None = None,
    *,
    as_of: datetime,
    calendar: Calendar = _UTC,
) -> Risks[DueForRevisit]:
    """Which lost deals is it time to look at again?

    **Definition**: lost ones whose ``revisit_on`` is today or earlier, by the day that it is in the
    calendar's zone. The action is the reversion that the pipeline allows, to the latest stage, or
    what it asks for first.

    Args:
        deals: the deals.
        pipeline: their definition, for the actions.
        as_of: the instant to look at. [aware datetime]
        calendar: whose zone says which day it is; UTC unless given.

    Returns:
        A `DueForRevisit` for each, the longest first; 0 days on the very day.

    Raises:
        OptionError: for no calendar or pipeline.
        NaiveDatetimeError: for an instant without a zone.
        DataError: for anything but deals.

    Example:
        >>> from datetime import UTC
        >>> pipeline, start = Pipeline.standard(), datetime(2026, 1, 1, tzinfo=UTC)
        >>> deal = pipeline.open("Acme", id="D-1", at=start)
        >>> deal = pipeline.lose(deal, "budget", revisit_on=date(2026, 7, 1), at=start)
        >>> found = due_for_revisit([deal], pipeline, as_of=datetime(2026, 7, 3, tzinfo=UTC))
        >>> [(risk.days, risk.action) for risk in found]
        [(2.0, "reopen to 'prospecting'")]
    """
    look = Look(deals, pipeline, as_of)
    today = look.today(calendar)
    found = []
    for deal in look.having("lost"):
        day = deal.revisit_on
        if day is not None and day <= today:
            otherwise = go_on(deal, pipeline) or "ask whether it is time"
            found.append(
                DueForRevisit(
                    **look.about(deal, _whole_days(day, today), otherwise),
                    revisit_on=day,
                    disposition=deal.disposition,
                    loss_reason=deal.loss_reason,
                )
            )
    return look.found(DueForRevisit, found)


def _whole_days(start: date, end: date) -> int:
    """Microseconds of the whole days from one day to another."""
    return (end - start) // timedelta(days=1) * MICROSECONDS_A_DAY
