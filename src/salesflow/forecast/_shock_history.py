"""How strongly deals went together so far: by wins that chance alone does not explain.

This module needs numpy.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from math import sqrt
from typing import Any

import numpy as np

from salesflow.errors import OptionError
from salesflow.facts.visits import Visit, visits_of
from salesflow.forecast._risks import Axis, Real, Whole
from salesflow.models import Deal
from salesflow.models.durations import MICROSECONDS_A_DAY

_LONGEST = 92 * MICROSECONDS_A_DAY
_LEAST_SPANS = 4
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)


def learned_strength(deals: Iterable[Deal], as_of: datetime, span: timedelta) -> float:
    """How strong the shock is that deals of a span of time share.

    **Definition**: time up to ``as_of`` is cut into spans of this length, at most 92 days. In each,
    W wins came where V were expected: the sum, over all visits to open stages that lasted in it, of
    the hazards of a win at the ages they had, as estimated from all visits to the stage. If deals
    are independent, W - V has mean 0 and variance V; if all hazards of a span are multiplied by a
    factor of variance s², V + s² V². So s² is the sum of (W - V)² - V over the sum of V², both less
    what the estimate of the hazards took of them; below 0 it is 0.

    Returns:
        s.

    Raises:
        OptionError: if in fewer than four spans wins were to be expected.

    References:
        O. O. Aalen, Ø. Borgan and H. K. Gjessing, "Survival and Event History Analysis" (2008):
        V is the compensator of W, section 1.4; the factor is a shared frailty, chapter 7.
    """
    width = min(span // _US, _LONGEST)
    stays = _stays(deals, as_of)
    now = _us(as_of)
    first = min((int(rows[0].min()) for rows in stays.values()), default=now)
    edges = now - np.arange((now - first) // width, -1, -1, dtype=np.int64) * width
    wins, expected = np.zeros((2, len(edges) - 1))
    for rows in stays.values():
        found = _wins(rows, edges)
        wins += found[0]
        expected += found[1]
    n_spans = int(np.count_nonzero(expected))
    if n_spans < _LEAST_SPANS:
        days = f"{width / MICROSECONDS_A_DAY:g} days"
        msg = f"cannot learn how deals go together: wins were to be expected in {n_spans} past "
        msg += f"spans of {days}, and it takes {_LEAST_SPANS}"
        hint = "give shock=0.3 or so, or shock=0 for deals that are independent."
        raise OptionError(msg, hint=hint, parameter="shock", value=None)
    shares = expected / expected.sum()
    excess = ((wins - expected) ** 2 - expected * (1 - shares)).sum()
    weight = (expected**2 * (1 - 2 * shares + (shares**2).sum())).sum()
    return sqrt(max(float(excess / weight), 0.0))


def _stays(deals: Iterable[Deal], as_of: datetime) -> dict[str, Whole]:
    """The visits to each open stage: when they began and ended, and whether by a win.

    Rows of microseconds since 1970. Visits of which an end is unknown tell nothing.
    """
    found: dict[str, list[tuple[int, int, bool]]] = {}
    now = _us(as_of)
    for deal in deals:
        for visit in visits_of(deal):
            ends = _ends(visit, now)
            if ends is not None:
                found.setdefault(visit.stage, []).append(ends)
    return {stage: np.array(rows, np.int64).T for stage, rows in found.items()}


def _ends(visit: Visit, now: int) -> tuple[int, int, bool] | None:
    if visit.kind != "open" or visit.entered_at is None:
        return None
    left_at = visit.left_at
    if left_at is None and not visit.is_current:
        return None
    begin, end = _us(visit.entered_at), now if left_at is None else _us(left_at)
    # A day may begin before an instant on it.
    return begin, max(begin, end), visit.next_kind == "won"


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // _US


def _wins(rows: Whole, edges: Whole) -> tuple[Any, Real]:
    """The wins from one stage in each span, and how many were expected."""
    begins, ends, are_won = rows
    axis = Axis(ends - begins, are_won, 1)
    risks = axis.tally(ends - begins, are_won)
    hazards = np.concatenate(([0.0], (risks.ends / risks.at_risk[axis.places]).cumsum()))

    def up_to(edge: Any) -> Any:
        ages = np.minimum(ends, edge) - begins
        return hazards[np.searchsorted(axis.times, ages, side="right")].sum()

    # A span is from after one edge up to the next one, that included.
    places = np.searchsorted(edges, ends[are_won > 0], side="left")
    wins = np.bincount(places, minlength=len(edges) + 1)[1 : len(edges)]
    return wins, np.diff([up_to(edge) for edge in edges])
