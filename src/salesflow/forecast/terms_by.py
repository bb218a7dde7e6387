"""`TermsBy`, and any other function that tells the payment terms of a deal."""

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from salesflow.errors import DataError, OptionError, shown
from salesflow.facts.columns import deal_reader
from salesflow.forecast._asking import asked
from salesflow.forecast.terms import PaymentTerms
from salesflow.models import Deal

Terms = PaymentTerms | Callable[[Deal], PaymentTerms | None]
"""Terms for all deals, or a function that tells those of each; None where they are unknown."""


def _to_table(table: Mapping[Any, PaymentTerms]) -> dict[Any, PaymentTerms]:
    given: object = table
    if not isinstance(given, Mapping):
        msg = f"cannot take table={shown(table)}: it is no mapping"
        hint = "give the terms of each value: {'net 30': PaymentTerms(…)}."
        raise OptionError(msg, hint=hint, parameter="table", value=table)
    for value, terms in given.items():
        _check_terms(terms, f"table[{value!r}]")
    return dict(given)


def _check_terms(terms: object, where: str) -> None:
    if not isinstance(terms, PaymentTerms):
        msg = f"cannot take {where}={shown(terms)}: it is no PaymentTerms"
        hint = "give PaymentTerms([…])."
        raise OptionError(msg, hint=hint, parameter="terms", value=terms)


@attrs.frozen
class TermsBy:
    """Which terms does a deal have, by one of its columns?

    Args:
        column: a column of deals, or ``custom.x``.
        table: the terms of each of its values.
        otherwise: those of deals with another value, or none; unknown unless given.

    Raises:
        ColumnError: for a column that deals do not have.
        OptionError: for what is no terms.

    Example:
        >>> from salesflow import Pipeline
        >>> from salesflow.forecast import Payment
        >>> terms = TermsBy("custom.pays", {"later": PaymentTerms(Payment.after(30))})
        >>> terms(Pipeline.standard().open("Acme", custom={"pays": "at once"})) is None
        True
    """

    column: str
    table: Mapping[Any, PaymentTerms] = attrs.field(converter=_to_table)
    otherwise: PaymentTerms | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse a column that there is not, and what is no terms."""
        column: object = self.column
        if not isinstance(column, str):
            msg = f"cannot take column={shown(column)}: it is no text"
            hint = "give a column of deals, such as 'source', or 'custom.x'."
            raise OptionError(msg, hint=hint, parameter="column", value=column)
        deal_reader(column)
        if self.otherwise is not None:
            _check_terms(self.otherwise, "otherwise")

    def __call__(self, deal: Deal) -> PaymentTerms | None:
        """The terms of a deal.

        Raises:
            DataError: for anything but a deal.
        """
        given: object = deal
        if not isinstance(given, Deal):
            kind = type(given).__name__
            msg = f"cannot tell the terms of the deal: {kind} is none"
            raise DataError(msg, hint="give a salesflow.Deal.", found=kind)
        return self.table.get(deal_reader(self.column)(deal), self.otherwise)


def to_function(terms: object) -> Callable[[Deal], PaymentTerms | None]:
    """What tells the terms of a deal."""
    if isinstance(terms, PaymentTerms):
        return lambda _: terms
    if not callable(terms) or isinstance(terms, type):
        _check_terms(terms, "terms")
    function: Any = terms

    def terms_of(deal: Deal) -> PaymentTerms | None:
        hint = "it answers for every deal: with PaymentTerms, or None where they are unknown."
        found: PaymentTerms | None = asked(function, deal, "terms", "the terms", hint)
        if found is not None:
            _check_terms(found, f"terms of deal '{deal.id}'")
        return found

    return terms_of
