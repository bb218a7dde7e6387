"""`ReadyModel`: what becomes of many deals at once, as arrays: what every forecast is made of.

This module needs numpy.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING, NamedTuple

import attrs
import numpy as np
from numpy.typing import NDArray

from salesflow.forecast._chain import NOBODY, Chain, reachable
from salesflow.forecast._risks import Real, Whole
from salesflow.forecast._stages import by_stage
from salesflow.forecast._visits import LASTS, here
from salesflow.forecast.stage_results import StageChances
from salesflow.models import Deal
from salesflow.models.past import Cut, as_of_itself

if TYPE_CHECKING:
    from salesflow.forecast.stage_model import StageModel


@attrs.frozen(eq=False)
class Outlooks:
    """What becomes of deals by the end of each day, in the order they were given.

    Attributes:
        deals: the deals as of the model's instant; None for one that had not begun.
        won: the chance that each is won by then: 0 where that is unknown. [deal, day from 0 on]
        lost: the chance that each is lost by then; 0 where that is unknown. [deal, day from 0 on]
        unknown: why it is unknown, of each deal; None where it is known.
    """

    deals: tuple[Deal | None, ...]
    won: Real
    lost: Real
    unknown: tuple[str | None, ...]


class _Now(NamedTuple):
    """Where an open deal is."""

    place: int
    age: int
    segment: str
    own: Whole
    """The numbers of the deals that it was learned as."""


class ReadyModel:
    """A model made ready to forecast: its visits as arrays, and the chains of its segments."""

    def __init__(self, model: "StageModel") -> None:
        visits = model.visits
        self._model = model
        self._cut = Cut(model.as_of)
        self._segments = {segment: number for number, segment in enumerate(visits.segments)}
        self._stage_numbers = {stage: number for number, stage in enumerate(visits.stages)}
        self._deals = {identity: number for number, identity in enumerate(visits.deal_ids)}
        self._chains: dict[int | None, Chain] = {}
        self._reach: dict[int, list[int]] = {}
        self._stages = by_stage(visits)

    @property
    def horizon_days(self) -> int:
        """How far it looks ahead. [days]."""
        return self._model.horizon_days

    def segment_of(self, deal: Deal) -> str:
        """The segment that a deal is in."""
        return self._model.segments.segment_of(deal)

    def place_of(self, stage: str, *, again: bool) -> int | None:
        """The place of visits to a stage, first or later ones; None if no deal was there."""
        number = self._stage_numbers.get(stage)
        return None if number is None else 2 * number + again

    def has_left(self, place: int) -> bool:
        """Whether any deal has left the stage of a place."""
        return self._stages[place // 2].n_ended(NOBODY) > 0

    def chain(self, segment: str | None = None) -> Chain:
        """What becomes of the deals of a segment, of one too that no deal was in; of all for None.

        `Chain.entries` has the curves of deals that enter a place, such as those to come.
        """
        key = self._key(segment)
        if key not in self._chains:
            self._chains[key] = self._made(key)
        return self._chains[key]

    def outlooks(self, deals: Sequence[Deal]) -> Outlooks:
        """What becomes of deals; each as of the model's instant, and never learned from itself."""
        old = tuple(as_of_itself(deal, self._cut) for deal in deals)
        curves = np.zeros((2, len(old), self._model.horizon_days + 1))
        unknown: list[str | None] = [None] * len(old)
        groups: dict[tuple[int, str, int | None], list[tuple[int, _Now]]] = {}
        for number, deal in enumerate(old):
            if deal is not None and deal.outcome != "open":
                curves[int(deal.outcome == "lost"), number] = 1.0
                continue
            found = "not_begun" if deal is None else self._look(deal)
            if isinstance(found, str):
                unknown[number] = found
                continue
            alone = number if self._tells_of_itself(found) else None
            groups.setdefault((found.place, found.segment, alone), []).append((number, found))
        for (place, segment, alone), group in groups.items():
            numbers = [number for number, _ in group]
            ages = np.array([now.age for _, now in group], np.int64)
            own = NOBODY if alone is None else group[0][1].own
            curves[:, numbers], is_known = self.ahead(place, segment, ages, own)
            for number, known in zip(numbers, is_known, strict=True):
                unknown[number] = None if known else "no_longer_visit"
        return Outlooks(old, curves[0], curves[1], tuple(unknown))

    def ahead(
        self, place: int, segment: str, ages: Whole, own: Whole = NOBODY
    ) -> tuple[Real, NDArray[np.bool_]]:
        """What becomes of deals that are in a place now.

        Args:
            place: where they are.
            segment: which one they are of.
            ages: how long each has been there. [microseconds]
            own: the numbers of the deals that nothing is learned from.

        Returns:
            The share that is won and lost by the end of each day, and which of it is known.
            [won or lost, age, day from 0 on]; [age]
        """
        chain = self.chain(segment)
        if len(own):
            chain = chain.without(own, self._reached(place))
        stage = self._stages[place // 2]
        n_longer = stage.n_longer(ages, own)
        is_known = (n_longer > 0) & (stage.n_ended(own) > 0)
        curves = chain.ahead(place, ages)
        is_late = is_known & (n_longer < self._wanted)
        if is_late.any():
            # Few have been there for so long: the visits that are missing are as those before.
            before = chain.ahead(place, np.array([stage.outlasted_by(self._wanted, own)]))
            share = (n_longer[is_late] / self._wanted)[:, None]
            curves[:, is_late] = share * curves[:, is_late] + (1 - share) * before
        return np.where(is_known[:, None], curves, 0.0), is_known

    def stage_chances(self) -> dict[str, StageChances]:
        """What becomes of first visits to each stage that any deal has left."""
        chain, found = self.chain(), {}
        for number, name in enumerate(self._model.visits.stages):
            stage, place = self._stages[number], 2 * number
            if self.has_left(place):
                won, lost, onward, back, left = chain.exits(place)
                found[name] = StageChances(
                    n_visits=stage.n_visits,
                    n_ended=stage.n_ended(NOBODY),
                    won=won,
                    lost=lost,
                    onward=onward,
                    back=back,
                    median_days=left,
                    win_probability=float(chain.entries[place][0, -1]),
                    as_of=self._model.as_of,
                )
        return found

    def _made(self, segment: int | None) -> Chain:
        model = self._model
        settings = model.prior_visits, model.horizon_days, self._places
        return Chain(self._stages, segment, *settings)

    def _look(self, deal: Deal) -> _Now | str:
        """Where an open deal is, or why nothing can be said of it."""
        if self._model.n_closed < self._model.min_closed:
            return "few_closed"
        found = here(deal, self._cut)
        if found is None:
            return "no_stage"
        stage, been, age = found
        place = self.place_of(stage, again=been)
        if place is None:
            return "unknown_stage"
        if age is None:
            return "no_entered_at"
        own = [self._deals[one] for one in (deal.id, *deal.aliases) if one in self._deals]
        return _Now(place, age, self.segment_of(deal), np.array(own, np.int64))

    def _tells_of_itself(self, now: _Now) -> bool:
        """Whether visits of the deal itself have a part in what is said of it.

        The one that lasts has none, unless it may be late: else only those that lasted longer
        count of its stage.
        """
        stage = now.place // 2
        is_late = now.age > self._outlasted[stage]
        ahead = {place // 2 for place in self._reached(now.place)}
        return any(
            other in ahead or (other == stage and (has_ended or is_late or us > now.age))
            for deal in now.own.tolist()
            for other, has_ended, us in self._visits_of(deal)
        )

    def _visits_of(self, deal: int) -> Iterator[tuple[int, bool, int]]:
        """The stages that a deal was in, whether it has left, and how long it was there."""
        visits = self._model.visits
        for row in range(bisect_left(visits.deal, deal), bisect_right(visits.deal, deal)):
            yield visits.place[row] // 2, visits.next[row] != LASTS, visits.us[row]

    def _reached(self, place: int) -> list[int]:
        """The places that a deal may go to from one."""
        if place not in self._reach:
            following = self._stages[place // 2].axis.causes.tolist()
            self._reach[place] = reachable(self._stages, following)
        return self._reach[place]

    @property
    def _wanted(self) -> int:
        """How many visits that lasted longer tell enough of a deal."""
        return ceil(self._model.prior_visits)

    @cached_property
    def _outlasted(self) -> list[int]:
        """The last age of each stage of which enough is known. [microseconds]."""
        return [stage.outlasted_by(self._wanted, NOBODY) for stage in self._stages]

    @cached_property
    def _places(self) -> list[int]:
        return reachable(self._stages, range(2 * len(self._stages)))

    def _key(self, segment: str | None) -> int | None:
        is_one = segment is not None and bool(self._model.by)
        return self._segments.get(str(segment), -1) if is_one else None
