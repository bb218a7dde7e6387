"""`StageModel`: what past deals tell of open ones: how often they are won, and how fast.

docs/concepts/forecasting.md has the equations.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from math import floor
from typing import TYPE_CHECKING, Any

import attrs

from salesflow.errors import DataError, OptionError, shown
from salesflow.facts.columns import read_deals
from salesflow.facts.data import check_deals
from salesflow.forecast._extra import require_numpy
from salesflow.forecast._numbers import is_number, is_whole, to_whole
from salesflow.forecast._segments import Segments
from salesflow.forecast._visits import Reading, Visits
from salesflow.forecast.stage_results import (
    ExpectedClose,
    StageChances,
    WinChance,
    WinCurve,
    day_reached,
)
from salesflow.metrics import Breakdown
from salesflow.metrics.options import By
from salesflow.models import Deal, JsonMap
from salesflow.models.past import Cut
from salesflow.money import Money
from salesflow.periods import require_aware

if TYPE_CHECKING:
    from salesflow.forecast._outlooks import ReadyModel

_MAX_DAYS = 3_660
_LEAST_VISITS, _MOST_VISITS = 1e-6, 1e9
_COVERAGE = 0.8


@attrs.frozen(repr=False)
class StageModel:
    """What past deals tell of open ones; `fit` makes it.

    Attributes:
        as_of: the instant that the deals were learned at, and are forecast from.
        segments: what tells segments apart.
        prior_visits: how many visits a segment is given of the whole, and late ages of
            earlier ones.
        min_closed: how many closed deals it takes to forecast at all.
        horizon_days: how far it looks ahead. [days]
        n_closed: how many closed deals it was learned from.
        left_out: why visits were left out, and how many of each.
        visits: the visits that it was learned from.

    Example:
        >>> from salesflow import datasets
        >>> dataset = datasets.make_deals(400, seed=1)
        >>> model = StageModel.fit(dataset.deals, as_of=dataset.as_of, by="source")
        >>> deal = next(deal for deal in dataset.deals if deal.stage == "negotiation")
        >>> chance = model.win_probability(deal, within=30)
        >>> chance is not None and 0.5 < chance < 0.95
        True
        >>> StageModel.from_json(model.to_json()) == model
        True
    """

    as_of: datetime
    segments: Segments
    prior_visits: float = attrs.field(converter=to_whole)
    min_closed: int = attrs.field(converter=to_whole)
    horizon_days: int = attrs.field(converter=to_whole)
    n_closed: int
    left_out: Mapping[str, int] = attrs.field(converter=JsonMap)
    visits: Visits

    def __attrs_post_init__(self) -> None:
        """Refuse settings that are none."""
        require_aware(self.as_of, "as_of")
        _check_number("prior_visits", self.prior_visits)
        _check_whole("min_closed", self.min_closed, 0, None)
        _check_whole("horizon_days", self.horizon_days, 1, _MAX_DAYS)
        try:
            _ = self.as_of + timedelta(days=self.horizon_days + 1)
        except OverflowError:
            msg = f"cannot look {self.horizon_days} days ahead of {self.as_of.isoformat()}"
            hint = "the last year is 9999."
            raise OptionError(msg, hint=hint, parameter="as_of", value=self.as_of) from None

    @classmethod
    def fit(
        cls,
        deals: Iterable[Deal],
        *,
        as_of: datetime,
        by: By | None = None,
        sizes: Sequence[Money] = (),
        prior_visits: float = 20.0,
        min_closed: int = 30,
        horizon_days: int = 365,
    ) -> "StageModel":
        """How often, and how fast, do deals go on from each stage?

        **Definition**: each visit to an open stage ends with another stage, a win or a loss, or it
        lasts at ``as_of`` (it is censored). By the estimator of Aalen and Johansen, that tells how
        many have ended by any time, in each way; first visits of a deal to a stage apart from later
        ones. Segments, and later visits, are shrunk toward the whole as if ``prior_visits`` visits
        more had ended as those of the whole did; and what is said of a deal that fewer others have
        outlasted in its stage, toward the last age that so many reached. A deal's curve follows its
        way through the stages, each visit as long and as fateful as those before tell (a
        semi-Markov chain).

        Args:
            deals: all deals, closed and open. Stages of one name are one stage: fit deals of
                several pipelines apart, or ``by="pipeline"``.
            as_of: the instant they are learned at; nothing later is seen. [aware datetime]
            by: what tells segments apart: columns of deals, ``custom.x``, or ``"size"``.
            sizes: where one size ends and the next begins; amounts of one currency, ascending.
            prior_visits: how many visits a segment is given of the whole, and a late age, with
                what it lacks of them, of an earlier one. [0.000001 to 1e9]
            min_closed: with fewer closed deals than these, nothing is forecast. [0 or more]
            horizon_days: how far to look ahead. [1 to 3,660 days]

        Returns:
            The model. Visits whose beginning or end is unknown are counted in ``left_out``.

        Raises:
            OptionError: for an option with a value that it does not take.
            NaiveDatetimeError: for an instant without a zone.
            DataError: for anything but deals.
            DuplicateDealError: for an id that is there twice, or beside one of its aliases.
            ColumnError: for a column that deals do not have, naming the closest.
            MixedCurrencyError: if a deal has an amount in another currency than sizes.
            MissingExtraError: without numpy, which the extra ``forecast`` brings.

        References:
            O. O. Aalen and S. Johansen, "An empirical transition matrix for non-homogeneous Markov
            chains based on censored observations", Scandinavian Journal of Statistics 5 (1978).
            N. L. Hjort, "Nonparametric Bayes estimators based on beta processes in models for life
            history data", Annals of Statistics 18 (1990), for the shrinkage.
        """
        require_numpy("fit a stage model")
        segments, cut = Segments(by, sizes), Cut(as_of)
        old = read_deals(deals, as_of)
        reading = Reading(cut, segments.reader(old))
        visits = reading.read(old)
        return cls(
            as_of=as_of,
            segments=segments,
            prior_visits=prior_visits,
            min_closed=min_closed,
            horizon_days=horizon_days,
            n_closed=sum(deal.outcome != "open" for deal in old),
            left_out=reading.left_out,
            visits=visits,
        )

    def win_probability(self, deal: Deal, *, within: float | None = None) -> float | None:
        """How likely is it that the deal is won?

        **Definition**: the chance that it is won by ``within`` days after the model's ``as_of``,
        looked at as it was then, and learned from other deals alone.

        Args:
            deal: the deal.
            within: how long it has; as far as the model looks ahead unless given. [days]

        Returns:
            The chance, 0 to 1: 1 if it had been won, 0 if lost. None if it had not begun, if its
            stage or its entry there is unknown, if no other deal had left that stage or been there
            for longer, or with too few closed deals.

        Raises:
            OptionError: for days below 0, or beyond those that the model looks ahead.
            DataError: for anything but a deal.
            MissingExtraError: without numpy.

        Example:
            >>> from salesflow import datasets
            >>> dataset = datasets.make_deals(200, seed=1)
            >>> model = StageModel.fit(dataset.deals, as_of=dataset.as_of)
            >>> deal = next(deal for deal in dataset.deals if deal.stage == "proposal")
            >>> chances = [model.win_probability(deal, within=days) for days in (7, 30, 90)]
            >>> chances == sorted(chances)
            True
        """
        days = self._days(within)
        return self._chances([_one(deal)], days)[0][0]

    def win_probabilities(
        self, deals: Iterable[Deal], *, within: float | None = None
    ) -> Breakdown[WinChance]:
        """How likely is it that each of these deals is won?

        **Definition**: `win_probability` of each.

        Args:
            deals: the deals.
            within: how long they have; as far as the model looks ahead unless given. [days]

        Returns:
            A `WinChance` for each deal, by its id, in the order given; ``left_out`` says why some
            are unknown.

        Raises:
            OptionError: for days below 0, or beyond those that the model looks ahead.
            DataError: for anything but deals.
            DuplicateDealError: for an id that is there twice, or beside one of its aliases.
            MissingExtraError: without numpy.

        Example:
            >>> from salesflow import datasets
            >>> dataset = datasets.make_deals(200, seed=1)
            >>> model = StageModel.fit(dataset.deals, as_of=dataset.as_of)
            >>> found = model.win_probabilities(dataset.deals, within=30)
            >>> (
            ...     len(found),
            ...     {found[deal.id].value for deal in dataset.deals if deal.outcome == "won"},
            ... )
            (200, {1.0})
        """
        asked, days = check_deals(deals), self._days(within)
        found: dict[str, WinChance] = {}
        left_out: dict[str, int] = {}
        for deal, (value, reason) in zip(asked, self._chances(asked, days), strict=True):
            why = {} if reason is None else {reason: 1}
            found[deal.id] = WinChance(value=value, as_of=self.as_of, left_out=why)
            for name in why:
                left_out[name] = left_out.get(name, 0) + 1
        blank = WinChance(value=None, as_of=self.as_of)
        return Breakdown(("deal_id",), found, as_of=self.as_of, left_out=left_out, blank=blank)

    def curve(self, deal: Deal) -> WinCurve | None:
        """What becomes of the deal, day by day?

        **Definition**: for each day from ``as_of`` on, the chances that it has been won or lost by
        then, and that it is open still. What nobody has lived to see is not foreseen: beyond the
        longest visit to a stage, deals stay there.

        Args:
            deal: the deal; looked at as in `win_probability`.

        Returns:
            The curve; None where `win_probability` is.

        Raises:
            DataError: for anything but a deal.
            MissingExtraError: without numpy.

        Example:
            >>> from salesflow import datasets
            >>> dataset = datasets.make_deals(200, seed=1)
            >>> model = StageModel.fit(dataset.deals, as_of=dataset.as_of)
            >>> curve = model.curve(next(deal for deal in dataset.deals if deal.is_open))
            >>> curve.days[-1], curve.won[0], curve.open[0]
            (365, 0.0, 1.0)
        """
        outlook = self._learned.outlooks([_one(deal)])
        if outlook.unknown[0] is not None:
            return None
        won, lost = outlook.won[0], outlook.lost[0]
        return WinCurve(
            deal_id=deal.id,
            days=tuple(range(len(won))),
            won=tuple(won.tolist()),
            lost=tuple(lost.tolist()),
            open=tuple((1.0 - won - lost).clip(0.0).tolist()),
            as_of=self.as_of,
        )

    def expected_close(self, deal: Deal, *, coverage: float = _COVERAGE) -> ExpectedClose | None:
        """When is the deal won, if it is?

        **Definition**: of the wins of its curve, the day by which half have come; and the range
        that has ``coverage`` of them, as many earlier as later. Deals that are open where the curve
        ends are taken to be won as often as those closed by then, but later: what is later than
        the curve tells is None.

        Args:
            deal: an open deal; looked at as in `win_probability`.
            coverage: the share of wins that the range has. [above 0, below 1]

        Returns:
            The days, in the zone of ``as_of``. None where the curve is, of a closed deal, and of
            one that is never won.

        Raises:
            OptionError: for a coverage that is no share.
            DataError: for anything but a deal.
            MissingExtraError: without numpy.

        Example:
            >>> from salesflow import datasets
            >>> dataset = datasets.make_deals(200, seed=1)
            >>> model = StageModel.fit(dataset.deals, as_of=dataset.as_of)
            >>> deal = next(deal for deal in dataset.deals if deal.stage == "proposal")
            >>> close = model.expected_close(deal)
            >>> close.low_on < close.on < close.high_on
            True
        """
        given: object = coverage
        if not is_number(given) or not 0 < coverage < 1:
            msg = f"cannot take coverage={shown(coverage)}: it is no share above 0 and below 1"
            raise OptionError(msg, hint="such as 0.8.", parameter="coverage", value=coverage)
        curve = self.curve(deal)
        if curve is None or curve.open[0] == 0 or not curve.won[-1]:
            return None
        closed = curve.won[-1] + curve.lost[-1]
        shares = (1 - coverage) / 2, 0.5, (1 + coverage) / 2
        days = [day_reached(curve.won, closed, share) for share in shares]
        dates = [None if n is None else (self.as_of + timedelta(days=n)).date() for n in days]
        return ExpectedClose(
            deal_id=deal.id,
            on=dates[1],
            low_on=dates[0],
            high_on=dates[2],
            days=days[1],
            low_days=days[0],
            high_days=days[2],
            coverage=coverage,
            as_of=self.as_of,
        )

    def stage_chances(self) -> Breakdown[StageChances]:
        """How often, and how fast, do deals go on from each stage?

        **Definition**: of first visits of all segments together: the share that leads to a win, a
        loss, a later or an earlier stage within the days looked ahead; and what becomes of the deal
        in the end.

        Returns:
            A `StageChances` for each stage that any deal has left, in the order of the stages.

        Raises:
            MissingExtraError: without numpy.

        Example:
            >>> from salesflow import datasets
            >>> dataset = datasets.make_deals(200, seed=1)
            >>> model = StageModel.fit(dataset.deals, as_of=dataset.as_of)
            >>> stage = model.stage_chances()["proposal"]
            >>> round(stage.won + stage.lost + stage.onward + stage.back, 6)
            1.0
        """
        found = self._learned.stage_chances()
        return Breakdown(("stage",), found, as_of=self.as_of, left_out=self.left_out)

    def to_json(self) -> str:
        """The model as JSON, which `from_json` reads back exactly.

        It holds the ids of the deals, so that none is evidence for itself, but no name or amount.
        """
        from salesflow.forecast._model_file import to_json

        return to_json(self)

    @classmethod
    def from_json(cls, text: str) -> "StageModel":
        """The model that a text of `to_json` holds.

        Raises:
            ModelFileError: for a text that holds none, with all its faults, and for one that a
                newer version wrote.
        """
        from salesflow.forecast._model_file import from_json

        return from_json(cls, text)

    @property
    def by(self) -> tuple[str, ...]:
        """What segments are told apart by."""
        return self.segments.by

    @cached_property
    def _learned(self) -> "ReadyModel":
        require_numpy("forecast")
        from salesflow.forecast._outlooks import ReadyModel

        return ReadyModel(self)

    def _chances(self, deals: Sequence[Deal], days: float) -> list[tuple[float | None, str | None]]:
        """The chance of each deal, or why it is unknown."""
        outlooks = self._learned.outlooks(deals)
        whole = min(floor(days), self.horizon_days - 1)
        part = days - whole
        chances = (1 - part) * outlooks.won[:, whole] + part * outlooks.won[:, whole + 1]
        return [
            (chance if reason is None else None, reason)
            for chance, reason in zip(chances.tolist(), outlooks.unknown, strict=True)
        ]

    def _days(self, within: float | None) -> float:
        if within is None:
            return self.horizon_days
        within = to_whole(within)
        if not is_number(within) or not 0 <= within <= self.horizon_days:
            msg = f"cannot look {shown(within)} days ahead: it is no number from 0 to the horizon"
            hint = f"the model looks {self.horizon_days} days ahead; fit it with more."
            raise OptionError(msg, hint=hint, parameter="within", value=within)
        return within

    def __repr__(self) -> str:
        n_deals, n_visits = len(self.visits.deal_ids), len(self.visits.us)
        return f"<StageModel as of {self.as_of.isoformat()}: {n_deals} deals, {n_visits} visits>"


def _one(deal: object) -> Deal:
    if not isinstance(deal, Deal):
        kind = type(deal).__name__
        msg = f"cannot forecast the deal: {kind} is none"
        raise DataError(msg, hint="give a salesflow.Deal.", found=kind)
    return deal


def _check_number(parameter: str, value: Any) -> None:
    # An integer of any size compares with a float, but does not become one.
    if not is_number(value) or not _LEAST_VISITS <= value <= _MOST_VISITS:
        msg = f"cannot take {parameter}={shown(value)}: it is no number from 0.000001 to 1e9"
        raise OptionError(msg, hint="give 20, say.", parameter=parameter, value=value)


def _check_whole(parameter: str, value: Any, least: int, most: int | None) -> None:
    if not is_whole(value) or value < least or (most is not None and value > most):
        msg = f"cannot take {parameter}={shown(value)}"
        limit = "" if most is None else f", at most {most:,}"
        hint = f"give a whole number, {least} or more{limit}."
        raise OptionError(msg, hint=hint, parameter=parameter, value=value)
