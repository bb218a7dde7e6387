"""A forecast written down once more, in the plainest way: no arrays, no curves, no convolution.

Deals are paths: whole days in each stage, then a win, a loss, or still there. A forecast walks day
by day with a share of the deal in each stage at each age, and the hazards are counted anew from all
visits each time they are asked for. Nothing here imports `salesflow.forecast`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from math import ceil

import attrs

from salesflow import Deal, Pipeline, Stage

STAGES = ("talk", "offer", "legal")
ENDS = ("won", "lost")
PIPELINE = Pipeline(
    "small",
    [*STAGES, Stage("won", kind="won"), Stage("lost", kind="lost")],
    entry_stages=STAGES,
    allow_skip=True,
    win_from=STAGES,
    revert_to=STAGES,
)
AS_OF = date(2026, 3, 1)

Place = tuple[str, bool]
"""A stage, and whether the deal had been there before."""


@attrs.frozen
class Path:
    """The life of a deal: stages with whole days, and where the last of them led to."""

    name: str
    stays: tuple[tuple[str, int], ...]
    end: str | None
    source: str | None = None

    def deal(self) -> Deal:
        """The deal, made by the verbs of the pipeline; what is open lasts at `AS_OF`."""
        at = AS_OF - timedelta(days=sum(days for _, days in self.stays))
        first = self.stays[0][0]
        deal = PIPELINE.open(self.name, id=self.name, stage=first, source=self.source, at=at)
        for (_, days), (stage, _) in zip(self.stays, self.stays[1:], strict=False):
            at += timedelta(days=days)
            deal = PIPELINE.move(deal, to=stage, at=at)
        if self.end == "won":
            return PIPELINE.win(deal, at=AS_OF)
        return deal if self.end is None else PIPELINE.lose(deal, "price", at=AS_OF)

    def visits(self) -> Iterator["Visit"]:
        """The visits, each with where it led to."""
        been: set[str] = set()
        names = [stage for stage, _ in self.stays]
        for number, (stage, days) in enumerate(self.stays):
            place = (stage, stage in been)
            been.add(stage)
            following: Place | str | None = self.end
            if number + 1 < len(names):
                following = (names[number + 1], names[number + 1] in been)
            yield Visit(self.source, place, days, following)


@attrs.frozen
class Visit:
    """One stay: where, for how long, and what ended it; None if it lasts."""

    source: str | None
    place: Place
    days: int
    following: Place | str | None


@attrs.frozen
class Counts:
    """Visits at one age: how many end there, by what follows, and how many have got so far."""

    ends: Counter[Place | str]
    n: float
    n_ended: float

    def with_prior(self, prior: "Counts", weight: float) -> "Counts":
        """These, and so many visits more that ended as those of the prior."""
        if prior.n_ended == 0:
            return self
        share = weight / prior.n_ended
        ends: Counter[Place | str] = Counter()
        for following in {*self.ends, *prior.ends}:
            ends[following] = self.ends[following] + share * prior.ends[following]  # type: ignore[assignment]
        return Counts(ends, self.n + share * prior.n, self.n_ended + weight)


class Forecast:
    """What the paths of other deals tell of one."""

    def __init__(
        self, others: Sequence[Path], source: str | None, *, weight: float, by_source: bool
    ) -> None:
        self._visits = [visit for path in others for visit in path.visits()]
        self._source, self._weight, self._by_source = source, weight, by_source
        self.hazards = cache(self._hazards)

    def curve(self, path: Path, n_days: int) -> list[tuple[float, float]] | None:
        """The chance that it is won, and lost, by the end of each day; None if nobody can tell."""
        *_, last = path.visits()
        here = [visit for visit in self._visits if visit.place[0] == last.place[0]]
        if not any(visit.following is not None for visit in here):
            return None
        n_longer = sum(visit.days > last.days for visit in here)
        if n_longer == 0:
            return None
        found = self._walk(last.place, last.days, n_days)
        if n_longer >= self._weight:
            return found
        wanted = ceil(self._weight)
        # Of the ages that so many others outlasted, the last one that any had when it ended.
        ages = {visit.days for visit in here}
        enough = {age for age in ages if sum(visit.days > age for visit in here) >= wanted}
        before = self._walk(last.place, max(enough, default=0), n_days)
        part = n_longer / wanted
        return [
            (part * won + (1 - part) * won_before, part * lost + (1 - part) * lost_before)
            for (won, lost), (won_before, lost_before) in zip(found, before, strict=True)
        ]

    def _walk(self, start: Place, since: int, n_days: int) -> list[tuple[float, float]]:
        shares: dict[tuple[Place, int], float] = {(start, since): 1.0}
        won = lost = 0.0
        found = [(won, lost)]
        for _ in range(n_days):
            shares = {(place, age + 1): share for (place, age), share in shares.items()}
            waiting, shares = shares, {}
            for _ in range(400):  # what goes on at once may go on again
                entered: Counter[tuple[Place, int]] = Counter()
                for (place, age), share in waiting.items():
                    left = share
                    for following, hazard in self.hazards(place, age).items():
                        left -= share * hazard
                        if following == "won":
                            won += share * hazard
                        elif following == "lost":
                            lost += share * hazard
                        else:
                            entered[following, 0] += share * hazard  # type: ignore[index,assignment]
                    shares[place, age] = shares.get((place, age), 0.0) + left
                waiting = dict(entered)
            found.append((won, lost))
        return found

    def _hazards(self, place: Place, age: int) -> dict[Place | str, float]:
        stage, again = place
        whole = [visit for visit in self._visits if visit.place[0] == stage]
        alike = [visit for visit in whole if visit.place[1] == again]
        counts = _count(alike, age).with_prior(_count(whole, age), self._weight)
        if self._by_source:
            own = [visit for visit in alike if visit.source == self._source]
            counts = _count(own, age).with_prior(counts, self._weight)
        return {to: n / counts.n for to, n in counts.ends.items()} if counts.n > 0 else {}


def _count(visits: Sequence[Visit], age: int) -> Counts:
    ended = [visit for visit in visits if visit.following is not None]
    ends = Counter(visit.following for visit in ended if visit.days == age)
    return Counts(ends, sum(visit.days >= age for visit in visits), len(ended))  # type: ignore[arg-type]
