"""What a roll-up needs to know of the deals, and how their answers become categories."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from salesflow.errors import OptionError, closest, one_of, shown
from salesflow.forecast._days import day_of
from salesflow.forecast.category_results import (
    CATEGORIES,
    UNCATEGORIZED,
    CategoryTotal,
    Rollup,
)
from salesflow.metrics import Definition, Flag, Need
from salesflow.metrics.evaluate import Cell
from salesflow.metrics.needs import IS_CLOSED, IS_LOST, IS_OPEN, IS_WON, known, unknown
from salesflow.metrics.options import Call
from salesflow.metrics.stats import Key, Stats, join
from salesflow.money import Money
from salesflow.periods import midnight

_WRITTEN: Mapping[str, str] = {
    **{name.replace("_", ""): name for name in CATEGORIES},
    **dict.fromkeys(("committed", "forecast"), "commit"),
    **dict.fromkeys(("closedwon", "won"), "closed"),
    **dict.fromkeys(("omit", "notforecasted", "excluded"), "omitted"),
}
# Besides our own: what Salesforce's API, HubSpot and Dynamics call theirs.


def _to_meanings(categories: object) -> Mapping[str, str]:
    """What the data's own categories mean, checked."""
    if categories is None:
        return {}
    if not isinstance(categories, Mapping):
        msg = f"cannot take categories={shown(categories)}: it is no mapping"
        hint = "give one, such as {'Upside': 'best_case'}."
        raise OptionError(msg, hint=hint, parameter="categories", value=categories)
    for name, meaning in categories.items():
        if not isinstance(name, str) or meaning not in CATEGORIES:
            msg = f"cannot read category {shown(name)} as {shown(meaning)}"
            hint = f"give a text, and {one_of(closest(shown(meaning), CATEGORIES))}."
            raise OptionError(msg, hint=hint, parameter="categories", value=meaning)
    return {_letters(name): meaning for name, meaning in categories.items()}


class Asked:
    """One call, checked."""

    def __init__(self, call: Call, categories: object) -> None:
        if call.period is None:
            msg = "cannot roll deals up without a period: it is a forecast of a span of time"
            hint = "give one, such as Period.parse('2026-Q1')."
            raise OptionError(msg, hint=hint, parameter="period", value=None)
        if "category" in call.by:
            msg = "cannot group a roll-up by 'category': each has them all"
            hint = "leave it out."
            raise OptionError(msg, hint=hint, parameter="by", value=call.by)
        assert call.as_of is not None  # noqa: S101 - make_call asked for it
        self.call, self._meanings = call, _to_meanings(categories)
        self.today = midnight(day_of(call.as_of, "instant", call.period.zone))
        self.first_day = min(self.today, call.period.wall_start)

    def category_of(self, given: object) -> str:
        """The category that open deals are in which the data says this of."""
        if given is None:
            return UNCATEGORIZED
        text = str(given)
        letters = _letters(text)
        meaning = self._meanings.get(letters) or _WRITTEN.get(letters, text)
        return UNCATEGORIZED if meaning == text and letters == UNCATEGORIZED else meaning


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


@attrs.frozen
class _Side:
    """The needs of the open deals, or of the won ones; those without an amount by the reason."""

    n: Need
    total: Need
    unpriced: Mapping[str, Need]

    @classmethod
    def of(cls, outcome: Flag, dated_by: str, prefix: str) -> "_Side":
        def need(op: Any, column: str | None, *flags: Flag) -> Need:
            return Need(op, column, (outcome, *flags), dated_by)

        unpriced = {
            f"{prefix}no_amount": need("count", None, unknown("given_amount")),
            f"{prefix}no_rate": need("count", None, known("given_amount"), unknown("amount")),
        }
        return cls(need("count", None), need("sum", "amount", known("amount")), unpriced)

    @property
    def needs(self) -> tuple[Need, ...]:
        return (self.n, self.total, *self.unpriced.values())


_DUE = "expected_close_on"


@attrs.frozen
class Needs:
    """All that a roll-up needs.

    What is overdue is what is not ahead: so dates are compared one way only.
    """

    open: _Side
    won: _Side
    ahead: Need
    dated: Need
    not_before: Need
    others: Mapping[str, Need]
    assumed: Mapping[str, Need]

    @classmethod
    def of(cls, asked: Asked) -> "Needs":
        opened = _Side.of(IS_OPEN, _DUE, "")

        def count(*flags: Flag, dated_by: str | None = None) -> Need:
            return Need("count", None, flags, dated_by)

        def from_day(day: datetime) -> Flag:
            return Flag(_DUE, "at_least", day)

        return cls(
            opened,
            _Side.of(IS_WON, "closed_at", "won_"),
            ahead=count(IS_OPEN, from_day(asked.today), dated_by=_DUE),
            dated=count(IS_OPEN, known(_DUE)),
            not_before=count(IS_OPEN, from_day(asked.first_day)),
            others={
                "lost": count(IS_LOST, dated_by="closed_at"),
                "no_expected_close_on": count(IS_OPEN, unknown(_DUE)),
                "no_closed_at": count(IS_CLOSED, unknown("closed_at")),
            },
            assumed={"no_created_at": count(IS_OPEN, unknown("created_at"), dated_by=_DUE)},
        )

    @property
    def asked(self) -> tuple[Need, ...]:
        """What the data is asked for."""
        own = (self.ahead, self.dated, self.not_before)
        others = (*self.others.values(), *self.assumed.values())
        return (*self.open.needs, *self.won.needs, *own, *others)

    def definition(self, names: tuple[str, ...]) -> Definition[Rollup]:
        """A roll-up over these categories, from the answers of a `Fold`."""
        reasons = {
            **{reason: need for s in (self.open, self.won) for reason, need in s.unpriced.items()},
            "overdue": _OVERDUE,
            **self.others,
        }
        assumptions = {**self.assumed, "open_but_closed": _OPEN_BUT_CLOSED}

        def formula(cell: Cell) -> Rollup:
            currency = cell.money(self.open.total, self.won.total).currency
            found = {name: self._total(cell, name, currency) for name in names}
            everything = self._total(cell, None, currency)
            return Rollup(
                everything,
                found,
                as_of=cell.as_of,
                currency=currency,
                left_out=cell.counted(**reasons),
                assumed=cell.counted(**assumptions),
            )

        return Definition(self.asked, formula, reasons=reasons, assumptions=assumptions)

    def _total(self, cell: Cell, name: str | None, currency: str) -> CategoryTotal:
        sides = (self.open, self.won)
        unpriced = [need for side in sides for need in side.unpriced.values()]
        return CategoryTotal(
            Money(cell.money(*(_in(side.total, name) for side in sides)).amount, currency),
            sum(cell.number(_in(side.n, name)) for side in sides),
            sum(cell.number(_in(need, name)) for need in unpriced),
            cell.number(_in(self.open.n, name)) - cell.number(_in(self.ahead, name)),
        )


def _in(need: Need, category: str | None) -> Need:
    """The same, of the deals of one category; of all without one."""
    if category is None:
        return need
    return attrs.evolve(need, where=(*need.where, Flag("category", "is", category)))


_OVERDUE = Need("count", None, (IS_OPEN, Flag(_DUE, "negative")))
_OPEN_BUT_CLOSED = Need("count", None, (IS_OPEN, IS_WON), _DUE)
# The two that a fold finds, from what the data answered; no row of it meets their flags.


class Fold:
    """Takes the category out of the keys of groups, and puts it into the needs."""

    def __init__(self, asked: Asked, needs: Needs) -> None:
        self._asked, self._needs = asked, needs
        self._place = len(asked.call.by)
        self._own: set[str] = set()

    @property
    def names(self) -> tuple[str, ...]:
        """The categories that were found, and the six."""
        return (*CATEGORIES, *sorted(self._own), UNCATEGORIZED)

    def folded(self, stats: Stats) -> Stats:
        """The answers of the groups of a call, those of its categories among them."""
        call = self._asked.call
        # Without groups there is a row of nothing, too.
        groups: dict[Key, dict[Need, Any]] = {} if call.by else {(None,) if call.every else (): {}}
        for key, answers in stats.groups.items():
            group = groups.setdefault((*key[: self._place], *key[self._place + 1 :]), {})
            given = self._asked.category_of(key[self._place])
            is_odd = given == "closed"
            category = UNCATEGORIZED if is_odd else given
            if category not in (*CATEGORIES, UNCATEGORIZED) and answers.get(self._needs.open.n):
                self._own.add(category)
            for need, answer in answers.items():
                _put(group, need, answer)
                if need in self._needs.won.needs:
                    _put(group, _in(need, "closed"), answer)
                elif need in (*self._needs.open.needs, self._needs.ahead):
                    _put(group, _in(need, category), answer)
            _put(group, _OVERDUE, self._n_overdue(answers))
            if is_odd:
                _put(group, _OPEN_BUT_CLOSED, answers.get(self._needs.open.n, 0))
        return attrs.evolve(stats, groups=groups)

    def _n_overdue(self, answers: Mapping[Need, Any]) -> int:
        n_dated: int = answers.get(self._needs.dated, 0)
        n_not_before: int = answers.get(self._needs.not_before, 0)
        return n_dated - n_not_before


def _put(group: dict[Need, Any], need: Need, answer: Any) -> None:
    group[need] = join(need, group[need], answer) if need in group else answer
