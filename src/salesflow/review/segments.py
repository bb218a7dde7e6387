"""`segments`: which customers, sources or products are won most, and which only seem to be."""

from collections.abc import Sequence
from typing import Unpack

from salesflow.errors import OptionError, shown
from salesflow.metrics import Options
from salesflow.metrics.evaluate import reread
from salesflow.metrics.options import By, to_names
from salesflow.review._dimensions import Dimension, judge
from salesflow.review.segment_results import Segment, Segments

__all__ = ["Segment", "Segments", "segments"]


def segments(data: object, *, by: str | Sequence[By], **options: Unpack[Options]) -> Segments:
    """Which customers, sources or products do we win most?

    **Definition**: of each key of each dimension the win rate, won ÷ (won + lost) as
    `metrics.win_rate` has it, and the size of its won deals. Fisher's exact test asks whether its
    deals are won as often as all others, those without a key among them.

    Many segments are looked at, and some of them look good or bad by luck. So the p-values are
    corrected by Holm's method over all dimensions of the call: whatever the truth about the others,
    the chance that any segment is named that does not differ is at most 5 %. It holds however the
    tests depend on each other, which they do: a deal counts in each dimension, and is the rest of
    its neighbours. A segment whose deals are too few to pass, however they end, is not tested and
    takes no room (Tarone). Two segments that are each other's rest are one test.

    Args:
        data: the deals.
        by: the dimensions: columns, each looked at on its own; a tuple of columns for their
            combinations.
        **options: see `Options`.

    Returns:
        `Segments`, a mapping from ``(dimension, key)``; a combination is called by its columns,
        ``"source, owner_id"``, and its keys are tuples. Empty without deals.

    Raises:
        OptionError: without a dimension, for one that is none or there twice, and for an option
            that there is not.
        ColumnError: for a column that the data does not have.
        MixedCurrencyError: if the amounts of a segment are in several currencies.

    References:
        S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
        Statistics 6 (1979).
        R. A. Fisher, "Statistical Methods for Research Workers", 5th ed. (1934), section 21.02.
        R. E. Tarone, "A modified Bonferroni method for discrete data", Biometrics 46 (1990).

    Example:
        >>> from salesflow import datasets
        >>> found = segments(datasets.make_deals(600, seed=1).deals, by=["source"])
        >>> found.better, found.worse
        ((('source', 'referral'),), (('source', 'outbound'),))
        >>> print(found["source", "partner"].sentence)  # doctest: +NORMALIZE_WHITESPACE
        source partner: 28.1% (34 of 121) won, 32.4% (146 of 451) of the rest;
        the data cannot tell that from luck
    """
    rows = reread(data)
    dimensions = [
        Dimension.of(rows, name, columns, options) for name, columns in _columns_of(by).items()
    ]
    judged = judge(dimensions)
    results = {
        (one.name, key): one.segment(key, judged.of(one.name, key))
        for one in dimensions
        for key in one.order
    }
    first = dimensions[0]
    return Segments(
        ("dimension", "segment"),
        results,
        as_of=first.sizes.as_of,
        currency=first.sizes.currency,
        left_out={**first.sizes.left_out, **first.rates.left_out},
        assumed={**first.sizes.assumed, **first.rates.assumed},
        notes=first.rates.notes,
        has_tuples=True,
        blank=first.blank,
        n_tests=judged.n_tests,
    )


def _columns_of(by: object) -> dict[str, By]:
    """The columns of each dimension, by its name."""
    asked = [by] if isinstance(by, str) else by
    if not isinstance(asked, Sequence) or not asked:
        msg = f"cannot look at segments by {shown(by)}: it is no list of dimensions"
        hint = "give columns, such as ['source', 'owner_id']."
        raise OptionError(msg, hint=hint, parameter="by", value=by)
    found: dict[str, By] = {}
    for dimension in asked:
        names = to_names(dimension)
        name = ", ".join(names)
        if not names or name in found:
            fact = f"{name!r} is there twice" if names else f"{shown(dimension)} names no column"
            msg = f"cannot look at segments by {shown(by)}: {fact}"
            raise OptionError(msg, hint="give each once.", parameter="by", value=by)
        found[name] = names[0] if len(names) == 1 else names
    return found
