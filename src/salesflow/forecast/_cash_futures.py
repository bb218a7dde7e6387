"""`CashFutures`: what is due in each of many simulated futures, for `cash_bands`."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, localcontext
from typing import Any, NoReturn

from salesflow.errors import MixedCurrencyError, OptionError, shown
from salesflow.forecast._cash_spans import Spans
from salesflow.forecast._schedules import Share, Splitter, all_to_units, plan_of, to_units, unit_of
from salesflow.forecast.terms import PaymentTerms
from salesflow.money import EXACT, Money, minor_unit

Drawn = tuple[int, dict[int, int]]
"""How many decimals the units of a draw have, and how many are due, by the number of the period."""

_PARTS = (2, 3)
_NOTHING = Decimal(0)


def refuse_draws(value: object, fact: str) -> NoReturn:
    """Refuse what are no draws."""
    msg = f"cannot take the draws: {fact}"
    hint = "give a list of draws, each a list of (date, Money) or (date, Money, PaymentTerms)."
    raise OptionError(msg, hint=hint, parameter="draws", value=value)


class CashFutures:
    """What is due in each draw, by the number of its period, in units of a last decimal."""

    def __init__(self, spans: Spans, terms: PaymentTerms) -> None:
        self.spans, self.currency = spans, ""
        self._terms = terms
        self._by_day: dict[PaymentTerms, dict[date, _Route]] = {}
        self._routes: dict[tuple[tuple[int, Share], ...], _Route] = {}
        self.drawn: list[Drawn] = []
        self.sure: dict[int, Decimal] = {}
        """What is due in every one."""

    def check_currency(self, currency: str) -> None:
        """Refuse a second one."""
        if self.currency not in ("", currency):
            currencies = tuple(sorted((self.currency, currency)))
            msg = f"cannot add amounts in {' and '.join(currencies)}: they are several currencies"
            hint = "give cash(…, rates=Rates(…)), and draws in the base currency."
            raise MixedCurrencyError(msg, hint=hint, currencies=currencies)
        self.currency = currency

    def add(self, draw: object) -> None:
        """One more future."""
        if not isinstance(draw, Iterable):
            refuse_draws(draw, f"draw {len(self.drawn) + 1} is {shown(draw)}")
        closings = [*draw]  # all of them now: whatever gives them runs in its own decimal context
        by_terms = self._by_terms(closings)
        with localcontext(EXACT):
            signed = {terms: self._signed(pairs) for terms, pairs in by_terms.items()}
            self.drawn.append(self._due(signed))

    def _by_terms(self, closings: list[Any]) -> Mapping[PaymentTerms, list[tuple[date, Money]]]:
        if _are_all(closings, date, Money):
            return {self._terms: closings}
        are_full = _are_all(closings, date, Money, PaymentTerms)
        found: defaultdict[PaymentTerms, list[tuple[date, Money]]] = defaultdict(list)
        for day, amount, terms in closings if are_full else map(self._read, closings):
            found[terms].append((day, amount))
        return found

    def _read(self, closing: object) -> tuple[date, Money, PaymentTerms]:
        if isinstance(closing, tuple) and len(closing) in _PARTS:
            day, amount, *others = closing
            terms = others[0] if others else self._terms
            is_day = isinstance(day, date) and not isinstance(day, datetime)
            if is_day and isinstance(amount, Money) and isinstance(terms, PaymentTerms):
                return day, amount, terms
        refuse_draws(closing, f"draw {len(self.drawn) + 1} holds {shown(closing)}")

    def _signed(self, closings: Sequence[tuple[date, Money]]) -> dict[date, Decimal]:
        """What is signed on each day."""
        signed: dict[date, Decimal] = {}
        for day, amount in closings:
            if amount.currency != self.currency:
                self.check_currency(amount.currency)
            signed[day] = signed.get(day, _NOTHING) + amount.amount
        return signed

    def _due(self, signed: Mapping[PaymentTerms, dict[date, Decimal]]) -> Drawn:
        """What is due in a draw."""
        routed: defaultdict[_Route, list[Decimal]] = defaultdict(list)
        for terms, by_day in signed.items():
            known = self._by_day.setdefault(terms, {})
            for day, worth in by_day.items():
                routed[known.get(day) or self._find(terms, day)].append(worth)
        if not routed:
            return 0, {}
        # A sum has as many decimals as the finest of its amounts.
        total = sum((sum(worths, _NOTHING) for worths in routed.values()), _NOTHING)
        finest, _ = unit_of(total, self.currency)
        due: dict[int, int] = {}
        for route, worths in routed.items():
            for step, alike in _by_step(worths, finest, self.currency).items():
                sums = route.sums(alike, finest, step)
                for number, units in zip(route.numbers, sums, strict=True):
                    due[number] = due.get(number, 0) + units
        return finest, due

    def _find(self, terms: PaymentTerms, day: date) -> "_Route":
        plan = plan_of(terms, day)
        # Of the days of a period the last one counts: what is paid by it.
        paid = dict(zip(map(self.spans.number, plan.days), plan.shares, strict=True))
        route = self._routes.setdefault((*paid.items(),), _Route(paid))
        self._by_day[terms][day] = route
        return route


def _are_all(closings: Sequence[Any], *kinds: type) -> bool:
    """Whether all are tuples of these types; a look at whole columns is quick."""
    if {*map(type, closings)} != {tuple} or {*map(len, closings)} != {len(kinds)}:
        return False
    columns = zip(kinds, zip(*closings, strict=True), strict=True)
    return all({*map(type, column)} == {kind} for kind, column in columns)


class _Route:
    """The periods that amounts are due in, and the share that is paid by the end of each."""

    def __init__(self, paid: Mapping[int, Share]) -> None:
        self.numbers, self._shares = (*paid,), (*paid.values(),)
        self._splitters: dict[int, Splitter] = {}

    def sums(self, amounts: Sequence[Decimal], places: int, step: int) -> list[int]:
        """What is due of some amounts in each period, each amount parted by itself."""
        if len(self.numbers) == 1:
            return [to_units(sum(amounts, _NOTHING), places)]
        splitter = self._splitters.get(step)
        if splitter is None:
            splitter = self._splitters[step] = Splitter(self._shares, step)
        return splitter.sums(all_to_units(amounts, places))


def _by_step(amounts: list[Decimal], places: int, currency: str) -> dict[int, list[Decimal]]:
    """The amounts by how many units their parts are whole in."""
    minor = minor_unit(currency)
    if minor is not None:
        return {10 ** (places - minor): amounts}
    found: dict[int, list[Decimal]] = {}
    for amount in amounts:
        step = 10 ** (places - unit_of(amount, currency)[0])
        found.setdefault(step, []).append(amount)
    return found
