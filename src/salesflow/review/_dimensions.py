"""The dimensions that `segments` dimensions at, and what the tests of all of them come to."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import attrs

from salesflow.metrics import Breakdown, DealSize, Options, Rate
from salesflow.metrics._display import cell_text
from salesflow.metrics._numbers import group_words
from salesflow.metrics._statistics import ratio, wilson
from salesflow.metrics.evaluate import breakdown, stats_of
from salesflow.metrics.options import By, make_call
from salesflow.metrics.rates import win_rate_of
from salesflow.metrics.results import share_of
from salesflow.metrics.size import deal_size_of
from salesflow.review._exact import Exact, could_tell, exact_test, holm
from salesflow.review.segment_results import THRESHOLD, Key, Segment, Verdict, counts_of

_A_PAIR = 2


@attrs.frozen
class Judgement:
    """A segment's test, and its p-value among all; None where there is none."""

    exact: Exact | None = None
    adjusted: float | None = None

    @property
    def passes(self) -> bool:
        """Whether it is named."""
        return self.adjusted is not None and self.adjusted <= THRESHOLD


_UNTESTED = Judgement()


@attrs.frozen
class Judged:
    """What the tests of all segments come to."""

    found: Mapping[Key, Judgement]
    n_tests: int

    def of(self, dimension: str, key: Any) -> Judgement:
        """That of a segment."""
        return self.found.get((dimension, key), _UNTESTED)


@attrs.frozen(eq=False)
class Dimension:
    """The numbers of a dimension, by segment."""

    name: str
    rates: Breakdown[Rate]
    sizes: Breakdown[DealSize]
    all_won: int
    all_n: int

    @classmethod
    def of(cls, data: object, name: str, columns: By, options: Options) -> "Dimension":
        """A dimension, in one pass over the data."""
        call = make_call(columns, None, options)
        dated, has_as_of = call.is_dated, call.as_of is not None
        rate = win_rate_of(dated=dated, has_as_of=has_as_of)
        size = deal_size_of(dated=dated, has_as_of=has_as_of)
        stats = stats_of(data, (*rate.needs, *size.needs), call)
        rates, sizes = breakdown(stats, rate, call), breakdown(stats, size, call)
        counts = [counts_of(one) for one in rates.values()]
        all_won, all_n = (sum(pair[place] for pair in counts) for place in (0, 1))
        return cls(name, rates, sizes, all_won, all_n)

    @property
    def order(self) -> list[Any]:
        """The segments, the one won most for certain first."""
        lows = {key: -1.0 if r.interval is None else r.interval[0] for key, r in self.rates.items()}
        return sorted(lows, key=lambda key: -lows[key])

    @property
    def blank(self) -> Segment | None:
        """A segment of no deals, where there is no other."""
        rate, size = self.rates._blank, self.sizes._blank  # noqa: SLF001 - what a frame dimensions like
        if rate is None or size is None:
            return None
        none = Rate(None, 0, 0, None)
        return _made(cast("Rate", rate), none, cast("DealSize", size), _UNTESTED)

    def questions(self) -> list[tuple[tuple[Any, ...], Exact]]:
        """The tests of the segments with decided deals and others beside them; whose each is."""
        counts = {key: counts_of(rate) for key, rate in self.rates.items()}
        asked = {key: pair for key, pair in counts.items() if 0 < pair[1] < self.all_n}
        tests = {key: exact_test(*pair, self.all_won, self.all_n) for key, pair in asked.items()}
        if len(tests) == _A_PAIR:
            # Each is the rest of the other.
            return [(tuple(tests), next(iter(tests.values())))]
        return [((key,), test) for key, test in tests.items()]

    def segment(self, key: Any, judgement: Judgement) -> Segment:
        """A segment, with what its test came to."""
        rate = self.rates[key]
        n_won, n = counts_of(rate)
        won, decided = self.all_won - n_won, self.all_n - n
        rest = attrs.evolve(
            rate,
            value=ratio(won, decided),
            numerator=won,
            denominator=decided,
            interval=wilson(won, decided),
        )
        columns = self.rates.names
        called = group_words(columns, key if len(columns) > 1 else (key,))
        return _made(rate, rest, self.sizes[key], judgement, called)


def judge(dimensions: Sequence[Dimension]) -> Judged:
    """The tests of all dimensions, corrected for how many they are."""
    asked = [
        ([(one.name, key) for key in keys], exact)
        for one in dimensions
        for keys, exact in one.questions()
    ]
    able = could_tell([exact for _, exact in asked], THRESHOLD)
    tested = [exact.p_value for (_, exact), is_able in zip(asked, able, strict=True) if is_able]
    adjusted = iter(holm(tested))
    found: dict[Key, Judgement] = {}
    for (keys, exact), is_able in zip(asked, able, strict=True):
        judgement = Judgement(exact, next(adjusted) if is_able else None)
        found |= dict.fromkeys(keys, judgement)
    return Judged(found, len(tested))


def _made(
    rate: Rate, rest: Rate, size: DealSize, judgement: Judgement, called: str = ""
) -> Segment:
    verdict: Verdict | None = None
    if judgement.passes:
        verdict = "better" if (rate.value or 0.0) > (rest.value or 0.0) else "worse"
    words = _words(rate, rest, judgement, verdict)
    return Segment(
        rate,
        rest,
        size,
        None if judgement.exact is None else judgement.exact.p_value,
        judgement.adjusted,
        verdict,
        f"{called}: {words}",
        as_of=size.as_of,
        currency=size.currency,
        left_out={**size.left_out, **rate.left_out},
        assumed={**size.assumed, **rate.assumed},
        notes=rate.notes,
    )


def _words(rate: Rate, rest: Rate, judgement: Judgement, verdict: Verdict | None) -> str:
    if rate.value is None:
        return "none of its deals is decided"
    won = f"{_shown(rate)} won"
    if rest.value is None:
        return f"{won}, and no other deals to compare it with"
    told = f"{won}, {_shown(rest)} of the rest"
    if judgement.adjusted is None:
        return f"{told}; too few deals to tell a difference, however they end"
    if verdict is None:
        return f"{told}; the data cannot tell that from luck"
    return f"{told}; it is won {'more' if verdict == 'better' else 'less'} often"


def _shown(rate: Rate) -> str:
    return cell_text("rate", share_of(rate))
