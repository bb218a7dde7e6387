"""`team`: who needs help at which stage, as far as the data can tell it from luck."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from salesflow.errors import MixedCurrencyError, OptionError, shown
from salesflow.facts.snapshot import snapshot
from salesflow.metrics.conversion import checked_stages
from salesflow.metrics.options import Options
from salesflow.metrics.results import Breakdown
from salesflow.models import Deal
from salesflow.money import Rates
from salesflow.periods import Period
from salesflow.review._gaps import Comparisons
from salesflow.review._owner_numbers import Numbers
from salesflow.review._shrinkage import Tally
from salesflow.review._stage_tallies import StageTally, stage_tallies
from salesflow.review._verdicts import judged
from salesflow.review.team_results import FirstTouch, StageGap, Team, TeamMember

__all__ = ["FirstTouch", "StageGap", "Team", "TeamMember", "team"]


def team(
    deals: Iterable[Deal],
    *,
    as_of: datetime,
    period: Period | None = None,
    rates: Rates | None = None,
    stages: Sequence[str] | None = None,
    threshold: float = 0.05,
    gap: float = 0.2,
) -> Team:
    """Who needs help, at which stage, and what would it bring?

    **Definition**: the numbers of each owner are those of the metrics by ``owner_id``: of closed
    deals, the owner at the last closing. At a stage, an owner's deals are those whose visit there
    began under that owner. Decided are those that came to a later stage or were won, and those
    that were lost without; what is still undecided, or passed the stage over, is left out and
    counted. All is compared with the other owners: nobody is evidence against themselves, and what
    nobody owns is no part of the others.

    With x of n decided deals come through, and X of N of the others', m = (X + 1) ÷ (N + 2) is the
    others' rate. The owner's true rate has the prior Beta(κ·m, κ·(1 - m)), so that the shrunk rate
    is (x + κ·m) ÷ (n + κ): few deals say little. The strength κ of a stage is read off how far the
    rates of all owners lie apart, more than luck puts them: it makes the largest marginal
    likelihood of a beta-binomial, kept from being endless (see ``strength_of``). The chance of
    being below is P(θ < φ), of θ from the owner's posterior and φ from that of the others' common
    rate, Beta(X + 1, N - X + 1).

    A gap is told where Fisher's exact test, two-sided, gives at most the threshold after Holm's
    correction for all owners and stages of the review. Where nobody truly differs, the share of
    reviews that tell any gap is then at most the threshold, however the tests depend on each other.
    Elsewhere it says ``not enough deals`` and how many more are needed: as many as it takes to tell
    a difference of ``gap`` at the threshold ÷ the number of comparisons, four times in five (see
    ``n_needed``).

    A gap costs (m - shrunk rate) × the amounts of the owner's decided deals × the share of wins
    among the others' closed deals that came through: a deal that comes through is not yet won.

    A gap says that deals end otherwise, not why: those of another kind or region may be harder.

    Args:
        deals: the deals.
        as_of: the instant the data is taken at. [aware datetime]
        period: count deals closed in it, visits begun in it, and waits of deals created in it.
        rates: exchange rates; amounts are then in their base currency.
        stages: the names of the open stages in order; as the visits froze it unless given.
        threshold: the share of reviews without a true gap in which any may be told. [0 to 1]
        gap: the smallest difference of rates that is worth a talk. [0 to 1]

    Returns:
        A `Team`: a `TeamMember` for each owner, by name, and in ``stages`` a `StageGap` for each
        owner and stage. Empty without deals; one owner alone is compared with nobody.

    Raises:
        DataError: for anything but deals.
        DuplicateDealError: for a deal that is there twice.
        MixedCurrencyError: for amounts in several currencies without rates.
        OptionError: for a threshold or a gap that is no share between 0 and 1, for stages that are
            no names, and where the visits give no order of the stages.

    References:
        R. A. Fisher, "The logic of inductive inference", Journal of the Royal Statistical Society
        98 (1935). S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian
        Journal of Statistics 6 (1979).

    Example:
        >>> import attrs
        >>> from salesflow.datasets import STANDARD_TRUTH, make_deals
        >>> weak = attrs.evolve(STANDARD_TRUTH, pass_factors={"eva": {"meeting": 0.4}})
        >>> dataset = make_deals(800, seed=4, truth=weak)
        >>> found = team(dataset.deals, as_of=dataset.as_of)
        >>> found.gaps, found["eva"].loses_most_at
        ((('eva', 'meeting'),), 'meeting')
    """
    for name, share in (("threshold", threshold), ("gap", gap)):
        _check_share(name, share)
    order = None if stages is None else checked_stages(stages)
    known = snapshot(deals, as_of)
    if rates is None:
        _check_one_currency(known)
    tallies = _tallies(known, order, {"as_of": as_of, "period": period, "rates": rates})
    places = {stage: tally.position for (_, stage), tally in tallies.items()}
    ordered = sorted(places, key=places.__getitem__)
    nothing = StageTally(Tally(0, 0), Tally(0, 0), None, 0, as_of=as_of, currency=tallies.currency)
    compared = Comparisons(tallies, ordered, float(threshold), float(gap), nothing)
    return _team(Numbers(known, as_of, period, rates), tallies, compared)


def _team(numbers: Numbers, tallies: Breakdown[StageTally], compared: Comparisons) -> Team:
    gaps, whole = compared.gaps(), numbers.whole()
    at_stages: dict[str | None, dict[str, StageGap]] = {}
    for (owner, stage), gap in gaps.items():
        at_stages.setdefault(owner, {})[stage] = gap
    members = {
        owner: judged(member, owner, at_stages.get(owner, {}), compared.least)
        for owner, member in numbers.by_owner(at_stages).items()
    }
    return Team(
        ("owner_id",),
        members,
        as_of=whole.as_of,
        currency=whole.currency,
        left_out=whole.left_out,
        assumed=whole.assumed,
        blank=whole,
        whole=whole,
        stages=Breakdown(
            ("owner_id", "stage"),
            gaps,
            as_of=whole.as_of,
            currency=whole.currency,
            left_out=tallies.left_out,
            has_tuples=True,
            blank=StageGap(0, 0, None, 0, 0, None, as_of=whole.as_of),
        ),
        threshold=compared.threshold,
        gap=compared.least,
        n_tests=compared.n_tests,
    )


def _check_share(parameter: str, share: object) -> None:
    is_number = isinstance(share, int | float) and not isinstance(share, bool)
    if not is_number or not 0 < share < 1:  # type: ignore[operator]  # a number
        msg = f"cannot take {parameter}={shown(share)}: it is no share between 0 and 1"
        hint = "give one such as 0.05."
        raise OptionError(msg, hint=hint, parameter=parameter, value=share)


def _check_one_currency(deals: Iterable[Deal]) -> None:
    found = {deal.amount.currency for deal in deals if deal.amount is not None}
    if len(found) > 1:
        currencies = tuple(sorted(found))
        msg = f"cannot compare owners in {' and '.join(currencies)}: they are several currencies"
        hint = "give rates=Rates(…), or the deals of one currency at a time."
        raise MixedCurrencyError(msg, hint=hint, currencies=currencies)


def _tallies(
    deals: Sequence[Deal], order: tuple[str, ...] | None, options: Options
) -> Breakdown[StageTally]:
    try:
        return stage_tallies(deals, order, options)
    except OptionError as error:
        if error.parameter != "stages":
            raise
        hint = "give stages=[…], their names in order, or the deals of one pipeline at a time."
        raise OptionError(error.message, hint=hint, parameter="stages", value=error.value) from None
