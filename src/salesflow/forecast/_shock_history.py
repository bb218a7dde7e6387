"""How strongly deals go together: by past wins that their chances do not explain.

This module needs numpy.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from math import sqrt
from typing import NamedTuple

import numpy as np

from salesflow.errors import OptionError
from salesflow.facts.visits import Visit, visits_of
from salesflow.forecast._excess import excess_variance
from salesflow.forecast._outlooks import ReadyModel
from salesflow.forecast._risks import Real, Whole
from salesflow.models import Deal
from salesflow.models.durations import MICROSECONDS_A_DAY, to_us

_LONGEST_DAYS = 92
_LEAST_SPANS, _MOST_SPANS = 4, 24
_HARDLY = 1e-9  # chances are sums: one of 1 may miss it by its last digit
_NEVER = 2**62
_BATCH = 4_096
# How many deals have whole curves at a time.


class _Stay(NamedTuple):
    """A visit to an open stage. Times are in microseconds since 1970."""

    begin: int
    end: int
    closed_at: int
    """When the deal was closed that was tried then; `_NEVER` if it is open."""
    won_at: int
    """When it was won; `_NEVER` if it was not."""
    is_coming: bool
    """Whether the deal came there, new or reopened."""


def learned_strength(model: ReadyModel, deals: Iterable[Deal], as_of: datetime) -> float:
    """How strong the shock is that deals of a span of time share.

    **Definition**: time up to ``as_of`` is cut into spans as long as the model looks ahead, at most
    92 days; the last 24 count. Of the deals that were open when a span began, or came in it, W were
    won by its end. By their chances p as the model tells them, V = Σ p were to be expected. If
    deals are independent, W - V has mean 0 and variance B = Σ p (1 - p); if the odds of all deals
    of a span are multiplied by a factor, the logarithm of which has the variance s², about
    B + s² B²: `excess_variance` is s². The model itself is uncertain, and so are the odds of a span
    to come: with the share w of each span of all B, their logarithm has the variance
    s² (1 + Σ w²) + 1 ÷ Σ B.

    Args:
        model: the model.
        deals: all deals, as they were at ``as_of``.
        as_of: the instant.

    Returns:
        The root of that variance.

    Raises:
        OptionError: if in fewer than four spans any deal had a chance between 0 and 1.
    """
    n_days = min(model.horizon_days, _LONGEST_DAYS)
    now = to_us(as_of)
    spans = _Spans(now, n_days)
    for (place, segment), stays in _stays(model, deals, now).items():
        spans.add_open(model, place, segment, stays)
        spans.add_new(model, place, segment, stays)
    n_spans = int(np.count_nonzero(spans.spread > _HARDLY))
    if n_spans < _LEAST_SPANS:
        msg = f"cannot learn how deals go together: in {n_spans} past spans of {n_days} days "
        msg += f"any deal might as well have been lost as won, and it takes {_LEAST_SPANS}"
        hint = "give shock=0.3 or so, or shock=0 for deals that are independent."
        raise OptionError(msg, hint=hint, parameter="shock", value=None)
    whole = float(spans.spread.sum())
    shares = spans.spread / whole
    variance = excess_variance(spans.won - spans.expected, spans.spread, shares)
    return sqrt(variance * (1 + float((shares**2).sum())) + 1 / whole)


class _Spans:
    """The wins of each span, those that were to be expected, and their variance."""

    def __init__(self, now: int, n_days: int) -> None:
        self.n_days, self.width = n_days, n_days * MICROSECONDS_A_DAY
        self.begins = now - self.width * np.arange(_MOST_SPANS, 0, -1, dtype=np.int64)
        self.end = now
        self.won, self.expected, self.spread = np.zeros((3, len(self.begins)))

    def add_open(self, model: ReadyModel, place: int, segment: str, stays: Whole) -> None:
        """Add the deals that were in a place when a span began."""
        begins, ends, _, won_at, _ = stays
        rows, spans = np.nonzero((begins[:, None] <= self.begins) & (self.begins < ends[:, None]))
        for start in range(0, len(rows), _BATCH):
            some, where = rows[start : start + _BATCH], spans[start : start + _BATCH]
            ages = self.begins[where] - begins[some]
            curves, is_known = model.ahead(place, segment, ages)
            chances = curves[0, is_known, self.n_days]
            self._add(where[is_known], won_at[some[is_known]], chances)

    def add_new(self, model: ReadyModel, place: int, segment: str, stays: Whole) -> None:
        """Add the deals that came to a place in a span, with what was left of it."""
        begins, _, closed_at, won_at, is_coming = stays
        # One that came as a span began was open then, unless it was closed at once.
        was_open = np.isin(begins, self.begins) & (closed_at > begins)
        spans = np.searchsorted(self.begins, begins, side="right") - 1
        rows = np.flatnonzero((is_coming > 0) & ~was_open & (spans >= 0) & (begins < self.end))
        where = spans[rows]
        rest = (self.begins[where] + self.width - begins[rows]) / MICROSECONDS_A_DAY
        curve = model.chain(segment).entries[place][0]
        self._add(where, won_at[rows], np.interp(rest, np.arange(len(curve)), curve))

    def _add(self, where: Whole, won_at: Whole, chances: Real) -> None:
        are_won = won_at <= self.begins[where] + self.width
        for sums, parts in (
            (self.won, are_won),
            (self.expected, chances),
            (self.spread, chances * (1.0 - chances)),
        ):
            np.add.at(sums, where, parts)


def _stays(model: ReadyModel, deals: Iterable[Deal], now: int) -> dict[tuple[int, str], Whole]:
    """The stays in each place, by segment: rows of their fields."""
    found: dict[tuple[int, str], list[_Stay]] = {}
    for deal in deals:
        segment = model.segment_of(deal)
        for place, stay in _stays_of(model, deal, now):
            found.setdefault((place, segment), []).append(stay)
    return {key: np.array(stays, np.int64).T for key, stays in found.items()}


def _stays_of(model: ReadyModel, deal: Deal, now: int) -> Iterator[tuple[int, _Stay]]:
    """The stays of a deal of which both ends are known, backwards."""
    closed_at = won_at = _NEVER
    visits = visits_of(deal)
    stages = [visit.stage for visit in visits]
    for number in reversed(range(len(visits))):
        visit = visits[number]
        if visit.kind != "open":
            closed_at = _NEVER if visit.entered_at is None else to_us(visit.entered_at)
            won_at = closed_at if visit.kind == "won" else _NEVER
            continue
        place = model.place_of(visit.stage, again=visit.stage in stages[:number])
        ends = _ends(visit, now)
        if place is not None and ends is not None:
            is_coming = number == 0 or visits[number - 1].kind != "open"
            yield place, _Stay(*ends, closed_at, won_at, is_coming)


def _ends(visit: Visit, now: int) -> tuple[int, int] | None:
    if visit.entered_at is None or (visit.left_at is None and not visit.is_current):
        return None
    # At as_of no span begins.
    return to_us(visit.entered_at), now if visit.left_at is None else to_us(visit.left_at)
