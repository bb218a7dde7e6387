"""Numbers as people and programs write them, in each style that a text may be meant in."""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

import attrs

from salesflow.crm._cells import BadCell, as_lines
from salesflow.crm._evidence import brief
from salesflow.crm._table import Cell
from salesflow.errors import UnknownCurrencyError
from salesflow.money import to_currency

Readings: TypeAlias = tuple[Decimal | None, Decimal | None]
"""What a text means as ``1,234.56`` and as ``1.234,56``."""

# What a mark of money may stand for. One code: then that is meant.
_DOLLARS = (
    "USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP UYU DOP BSD BBD BZD BMD BND FJD GYD JMD KYD LRD"
    " NAD SBD SRD TTD XCD"
)
_RUPEES, _CROWNS, _YEN = "INR PKR LKR NPR MUR SCR", "SEK NOK DKK ISK", "JPY CNY"
_OF_SEVERAL = {
    "$": _DOLLARS,
    "kr": _CROWNS,
    "kr.": _CROWNS,
    "¥": _YEN,
    "￥": _YEN,
    "Rs": _RUPEES,
    "Rs.": _RUPEES,
    "₨": _RUPEES,
}
_OF_ONE = (
    "€ EUR,£ GBP,₹ INR,₩ KRW,₽ RUB,₺ TRY,₴ UAH,₪ ILS,฿ THB,₫ VND,₦ NGN,₱ PHP,zł PLN,Kč CZK,Ft HUF,"
    "R ZAR,R$ BRL,US$ USD,A$ AUD,AU$ AUD,C$ CAD,CA$ CAD,NZ$ NZD,HK$ HKD,S$ SGD,NT$ TWD,MX$ MXN,"
    "CN¥ CNY,JP¥ JPY"
)
_MARKS = {
    mark: frozenset(codes.split())
    for mark, codes in [*_OF_SEVERAL.items(), *(pair.split() for pair in _OF_ONE.split(","))]
}
_PERCENT = "%"

_BODY = r"([.,]?[0-9](?:[0-9.,' ]*[0-9])?(?:[eE][-+]?[0-9]{1,3})?)"
_TEXT = re.compile(rf"([^0-9]*){_BODY}([^0-9]*)")
_LETTER = r"[^\W\d_]"
_SYMBOL = "[$€£¥￥₹₩₽₺₴₪฿₫₦₱₨]"
_MARK = rf"{_LETTER}{{0,3}}{_SYMBOL}|{_LETTER}{{1,4}}\.?|%"
_BEFORE = re.compile(rf"([-+(]?) ?({_MARK})? ?({_SYMBOL})? ?([-+(]?) ?")  # CAD $5 as well
_AFTER = re.compile(rf" ?([-)]?) ?({_MARK})? ?([-)]?)")
_SIGNS = {"": 1, "+": 1, "-": -1, "()": -1}


def _style(point: str, group: str, more: str = "") -> re.Pattern[str]:
    """A number without a sign, of which one mark alone makes groups."""
    groups = rf"[1-9][0-9]{{0,2}}([{group}' ])[0-9]{{3}}(?:\1[0-9]{{3}})*"
    decimals = rf"(?:[{point}][0-9]+)?"
    return re.compile(
        rf"[0-9]*{decimals}(?:[eE][-+]?[0-9]+)?|(?:{groups}{more}){decimals}", re.ASCII
    )


_INDIAN = "|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"  # 12,34,567
_STYLES = (_style(".", ",", _INDIAN), _style(",", "."))
_PLAIN_MARKS = str.maketrans({"\u2019": "'", "\u2212": "-"})  # those of typographers

# What both styles read alike, or that has a point and no reading with a comma. 1.234 is none.
_NUMBER = r"-?(?:[0-9]+(?:\.(?:[0-9]{1,2}|[0-9]{4,}))?|(?:0[0-9]*|[0-9]{4,})\.[0-9]{3})"
_LONGEST_PLAIN = 24
_PLAIN = re.compile(_NUMBER, re.ASCII)
_PLAIN_LINES = re.compile(rf"(?:(?:(?!.{{{_LONGEST_PLAIN + 1}}}){_NUMBER})?\n)*", re.ASCII)


@attrs.frozen(eq=False)
class Frame:
    """What stands around a number."""

    sign: int
    currency: str | None = None
    has_mark: bool = False
    """Whether it is said to be money."""
    is_percent: bool = False


@attrs.frozen(eq=False)
class WrittenNumber:
    """A number, in each style; None where it does not fit."""

    readings: Readings
    frame: Frame


BARE = Frame(1)
"""Nothing around a number."""


def is_plain(text: str) -> bool:
    """Whether it is a number as programs write it, within the limits of money."""
    return len(text) <= _LONGEST_PLAIN and _PLAIN.fullmatch(text) is not None


def are_plain(cells: Sequence[Cell]) -> bool:
    """Whether all of some cells are such numbers, or empty: told by one pattern."""
    lines = as_lines(cells)
    return lines is not None and _PLAIN_LINES.fullmatch(lines) is not None


def plain(text: str) -> Decimal:
    """That number."""
    number = Decimal(text)
    return number or number.copy_abs()


def parse(text: str) -> WrittenNumber | BadCell:
    """What a text says, without blanks around it."""
    if not text.isascii():
        text = " ".join(text.translate(_PLAIN_MARKS).split())
    match = _TEXT.fullmatch(text)
    if match is None:
        return BadCell(f"{brief(text)} is no number")
    before, body, after = match.groups()
    frame = _frame(before, after)
    if frame is None and before[-1:] in _POINTS:
        frame, body = _frame(before[:-1], after), before[-1] + body  # as in $.50
    if frame is None:
        return BadCell(f"{brief(text)} is no number")
    if isinstance(frame, str):
        return BadCell(f"{brief(text)} is no amount: {frame}")
    readings = (_reading(body, 0, frame.sign), _reading(body, 1, frame.sign))
    if readings == (None, None):
        return BadCell(f"{brief(text)} is no number")
    return WrittenNumber(readings, frame)


_POINTS = frozenset(".,")


def _reading(body: str, style: int, sign: int) -> Decimal | None:
    if not _STYLES[style].fullmatch(body):
        return None
    digits = body.replace(" ", "").replace("'", "")
    digits = digits.replace(",", "") if style == 0 else digits.replace(".", "").replace(",", ".")
    number = Decimal(digits)
    return number.copy_negate() if sign < 0 and number else number


@lru_cache(maxsize=1_000)
def _frame(before: str, after: str) -> Frame | str | None:
    """What stands around a number; why it is no amount, or None if it is not even a number."""
    start, end = _BEFORE.fullmatch(before), _AFTER.fullmatch(after)
    if start is None or end is None:
        return None
    sign = _SIGNS.get("".join((*start.group(1, 4), *end.group(1, 3))))
    if sign is None:
        return None
    marks = [mark for mark in (*start.group(2, 3), end[2]) if mark is not None]
    if not marks:
        return Frame(sign)
    if marks == [end[2]] == [_PERCENT]:
        return Frame(sign, is_percent=True)
    common = frozenset.intersection(*map(_currencies, marks))
    if not common:
        which = " and ".join(map(repr, marks))
        return f"{which} is no currency" if len(marks) == 1 else f"{which} are two currencies"
    return Frame(sign, next(iter(common)) if len(common) == 1 else None, has_mark=True)


def _currencies(mark: str) -> frozenset[str]:
    known = _MARKS.get(mark)
    if known is not None:
        return known
    try:
        return frozenset([to_currency(mark.upper())])
    except UnknownCurrencyError:
        return frozenset()
