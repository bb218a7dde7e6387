"""`measure`: a definition of one's own, checked, with what every result says."""

from collections.abc import Mapping
from typing import Unpack, cast, overload

import attrs

from salesflow.errors import MixedCurrencyError, OptionError, shown
from salesflow.metrics._own_checks import check_needs
from salesflow.metrics.evaluate import Cell, Definition, needs_of, result_of
from salesflow.metrics.needs import CURRENCIES, Need, known
from salesflow.metrics.options import By, Call, Every, Options, make_call
from salesflow.metrics.results import Breakdown, R, Result
from salesflow.money import Money

Reasons = Mapping[str, Need | tuple[Need, ...]]


def together(*parts: Reasons) -> dict[str, tuple[Need, ...]]:
    """All reasons; one that several parts have counts what each of them leaves out."""
    found: dict[str, tuple[Need, ...]] = {}
    for part in parts:
        for reason, need in part.items():
            found[reason] = (*dict.fromkeys((*found.get(reason, ()), *needs_of(need))),)
    return found


def require_definition(value: object) -> None:
    """Refuse anything but a definition."""
    if not isinstance(value, Definition):
        msg = f"cannot measure {shown(value)}: it is no definition"
        hint = "make one, such as count(is_('outcome', 'won'))."
        raise OptionError(msg, hint=hint, parameter="definition", value=value)


@overload
def measure(
    data: object,
    definition: Definition[R],
    *,
    by: None = ...,
    every: None = ...,
    **options: Unpack[Options],
) -> R: ...
@overload
def measure(
    data: object,
    definition: Definition[R],
    *,
    by: By,
    every: Every | None = ...,
    **options: Unpack[Options],
) -> Breakdown[R]: ...
@overload
def measure(
    data: object,
    definition: Definition[R],
    *,
    every: Every,
    by: None = ...,
    **options: Unpack[Options],
) -> Breakdown[R]: ...
def measure(
    data: object,
    definition: Definition[R],
    *,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Options],
) -> R | Breakdown[R]:
    """How much is a measure of my own?

    **Definition**: the needs of the measure, answered in one pass, and its formula over the
    answers. What it leaves out is counted, as of every metric.

    Args:
        data: the deals.
        definition: the measure; see `salesflow.metrics.own` for what makes one.
        by: the column, or columns, to group by.
        every: what to cut time into; by the column that dates the measure.
        **options: see `Options`.

    Returns:
        The result that its formula makes: a `Number`, or a `Rate` of a share; or one for each
        group.

    Raises:
        OptionError: for a definition that makes no sense, and for a period if nothing is dated.
        ColumnError: for a column that the data does not have.
        MixedCurrencyError: if amounts in several currencies are added, or compared with a number.

    Example:
        >>> from salesflow import Money, Pipeline
        >>> from salesflow.metrics.own import at_least, is_, mean, share
        >>> deals = [
        ...     Pipeline.standard().restore(id=f"D-{n}", stage="won", amount=Money(n, "EUR"))
        ...     for n in (5_000, 10_000, 20_000)
        ... ]
        >>> large = share(at_least("amount", 10_000), of=is_("outcome", "won"))
        >>> measure(deals, large).numerator, measure(deals, mean("amount")).value.round()
        (2, Money('11666.67', 'EUR'))
    """
    call = make_call(by, every, options)
    return result_of(data, _prepared(definition, call), call)


def _prepared(definition: Definition[R], call: Call) -> Definition[R]:
    """The definition with what every result says: reasons, currency and instant."""
    require_definition(definition)
    check_needs(definition.needs, definition.table)
    reasons = definition.reasons
    if call.is_dated:
        reasons = together(reasons, definition.undated)
    needs = (*definition.needs, *(n for r in reasons.values() for n in needs_of(r)))
    check_needs(needs, definition.table)
    if call.is_dated and all(need.dated_by is None for need in definition.needs):
        msg = "cannot measure by period: nothing says what dates a row"
        hint = "give the measure dated_by='closed_at' or so."
        raise OptionError(msg, hint=hint, parameter="dated_by", value=None)
    compares = any(f.column == "amount" and f.test == "at_least" for n in needs for f in n.where)
    order = definition.order_by
    if not order and definition.table != "deals" and call.by[-1:] == ("stage",):
        order = (Need("min", "stage_position", (known("stage_position"),)),)

    def formula(cell: Cell) -> R:
        if compares:
            _require_one_currency(cell)
        result = definition.formula(cell)
        return attrs.evolve(
            result,
            as_of=cell.as_of,
            currency=_currency_of(result, cell),
            left_out={**cell.counted(**reasons), **result.left_out},
        )

    extra = (*needs_of(order), *((CURRENCIES,) if compares else ()))
    return attrs.evolve(
        definition, needs=(*needs, *extra), formula=formula, reasons=reasons, order_by=order
    )


def _currency_of(result: Result, cell: Cell) -> str:
    value = getattr(result, "value", None)
    return value.currency if isinstance(value, Money) else cell.stated_currency


def _require_one_currency(cell: Cell) -> None:
    """A number is no amount: it says nothing of amounts in several currencies."""
    found = cell.answers.get(CURRENCIES, frozenset())
    currencies = tuple(sorted(cast("frozenset[str]", found)))
    if len(currencies) > 1:
        listed = " and ".join(currencies)
        msg = f"cannot compare amounts in {listed} with a number: they are several currencies"
        hint = "give rates=Rates(…), or by='currency'."
        raise MixedCurrencyError(msg, hint=hint, currencies=currencies)
