"""Synthetic exports of every CRM, from seeded deals, with every mess that real files have.

`export_samples.samples` makes the deals, `write_export` the bytes of a file, `write_rows` rows.
`readable` says what a shape can tell of a deal, in our words: what a reader should find.
"""

import csv
import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal

import attrs

from tests.export_samples import ACCOUNTS, OWNERS, STAGE_WORDS, Sample, Shape
from tests.export_shapes import (
    NO_DELETED,
    ROWS,
    WRAPPERS,
    Row,
    hubspot_history,
    hubspot_versions,
)

SYSTEMS = ("hubspot", "salesforce", "pipedrive", "zoho", "odoo", "close", "generic")
SHAPES: tuple[Shape, ...] = ("json", "csv")
UNKNOWN_STAGE = "Stage of 2019"
ENDS = (datetime(9999, 12, 31, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC))
"""What some systems write for a date that is not known."""

Odd = Literal["duplicate", "deleted", "unknown stage", "contradiction"]


@attrs.frozen(kw_only=True)
class Mess:
    """How a file is written; as the system does by itself, where nothing is said."""

    dates: str | None = None
    """One of `DATES`."""
    numbers: str = "plain"
    """One of `NUMBERS`, for amounts in texts."""
    booleans: tuple[str, str] = ("true", "false")
    blanks: tuple[str, ...] = ("",)
    """What stands for nothing in texts; by turns, where there are several."""
    # Of CSV.
    delimiter: str = ","
    quote_all: bool = False
    newline: str = "\r\n"
    encoding: str = "utf-8"
    bom: bool = False
    # Of JSON.
    as_texts: bool = False
    """Whether numbers and booleans are texts."""
    wrapper: Literal["own", "list", "lines"] = "own"
    value_objects: bool = False
    """Whether HubSpot's properties are ``{"value": …}``."""
    # Of the deals.
    history: Literal["v1", "v2", "labels", "versions"] | None = None
    """Which way HubSpot tells the stages that a deal was in."""
    impossible_ends: bool = False
    """Whether an unknown date is 9999-12-31 or 1970-01-01."""
    formulas: bool = False
    """Whether names begin as formulas do."""
    odd: tuple[Odd, ...] = ()
    """Rows that come after the deals, one of each."""


CLEAN = Mess()


# The deals, as they are written.

_FORMULAS = ('=HYPERLINK("https://x.example";"{}")', "+{}", "-{}", "@{}", "={}")


def spoilt(deals: Iterable[Sample], mess: Mess = CLEAN) -> list[Sample]:
    """The deals as the file names them."""
    if not mess.formulas:
        return [*deals]
    starts = itertools.cycle(_FORMULAS)
    return [attrs.evolve(deal, name=next(starts).format(deal.name)) for deal in deals]


def odd_rows(deals: Sequence[Sample], mess: Mess) -> list[Sample]:
    """What comes after the deals: each has an id of its own but the duplicate."""
    first = deals[0]
    still_open = attrs.evolve(
        first, outcome="open", closed=None, reason=None, probability=10, entries=()
    )
    made: dict[Odd, Sample] = {
        "duplicate": attrs.evolve(first, name="The same id again"),
        "deleted": attrs.evolve(still_open, id="5001", deleted=True),
        "unknown stage": attrs.evolve(still_open, id="5002", stage_word=UNKNOWN_STAGE),
        "contradiction": attrs.evolve(still_open, id="5003", flagged="won"),
    }
    return [made[kind] for kind in mess.odd]


def stages_of(system: str, shape: Shape) -> dict[str, str]:
    """For each of the shape's stages our own: what ``stages=`` takes."""
    return {theirs: ours for ours, theirs in STAGE_WORDS[system, shape].items()}


# What a shape tells.

_ONLY_DAYS = frozenset({"salesforce", "zoho"})
_ONE_CLOSE_DATE = frozenset({"hubspot", "salesforce", "zoho", "close"})
_NO_NAME = frozenset({"close"})
_NO_REASON = frozenset({"salesforce", "close"})
_OWNER_BY_NAME = frozenset(
    (system, "csv") for system in ("hubspot", "salesforce", "pipedrive", "odoo")
) | {("generic", "csv"), ("generic", "json")}
_ACCOUNT_BY_NAME = _OWNER_BY_NAME - {("hubspot", "csv")}
_KEEPS_STAGE = frozenset({("pipedrive", "won"), ("pipedrive", "lost"), ("odoo", "lost")})


def readable(one: Sample, system: str, shape: Shape) -> dict[str, Any]:
    """What the export tells of a deal; a date where it tells no time, None for what it leaves out.

    ``closed_from`` is the open stage that the shape keeps of a closed deal; ``owner`` and
    ``account`` are the id where it has one, else the name; ``probability`` is a share.
    """
    closed: date | None = one.closed
    is_day = system in _ONLY_DAYS or (system == "close" and one.outcome == "won")
    if one.closed is not None and is_day:
        closed = one.closed.date()
    has_expected = one.outcome == "open" or system not in _ONE_CLOSE_DATE
    percent = one.probability if system == "pipedrive" else one.percent
    by_name = (system, shape) in _OWNER_BY_NAME, (system, shape) in _ACCOUNT_BY_NAME
    return {
        "id": one.id,
        "name": None if system in _NO_NAME else one.name,
        "stage": one.now,
        "closed_from": one.stage if (system, one.outcome) in _KEEPS_STAGE else None,
        "outcome": one.outcome,
        "amount": one.amount,
        "currency": one.currency,
        "owner": one.owner if by_name[0] else OWNERS[one.owner],
        "account": one.account if by_name[1] else ACCOUNTS[one.account],
        "created": one.created,
        "closed": closed,
        "expected": one.expected if has_expected else None,
        "reason": None if system in _NO_REASON else one.reason,
        "probability": None if percent is None else percent / 100,
    }


# Writing.


def write_export(
    system: str, deals: Sequence[Sample], *, shape: Shape = "csv", mess: Mess = CLEAN
) -> bytes:
    """The bytes of a file that the system wrote."""
    rows = write_rows(system, deals, shape=shape, mess=mess)
    text = _csv_text(rows, mess) if shape == "csv" else _json_text(system, rows, mess)
    if mess.bom and not mess.encoding.startswith("utf-16"):  # which begins with one by itself
        text = f"\ufeff{text}"
    return text.encode(mess.encoding)


def write_rows(
    system: str, deals: Sequence[Sample], *, shape: Shape = "json", mess: Mess = CLEAN
) -> list[Row]:
    """The same as rows of dicts, as they would be after the file was parsed."""
    written = [*spoilt(deals, mess), *odd_rows(deals, mess)]
    if (system, shape) in NO_DELETED:
        written = [one for one in written if not one.deleted]
    rows = [_with_history(ROWS[system, shape](one), one, shape, mess) for one in written]
    if mess.impossible_ends:
        rows = _with_ends(rows, itertools.cycle(ENDS))
    blanks = itertools.cycle(mess.blanks)
    dates = DATES[mess.dates or OWN_DATES[system, shape]]
    if shape == "csv":
        return [
            {name: _text(cell, mess, dates, blanks) for name, cell in row.items()} for row in rows
        ]
    json_row = _Json(mess, dates, blanks)
    return [_json_row(row, system, json_row) for row in rows]


def _json_row(row: Row, system: str, made: "_Json") -> Row:
    """One item of an answer; HubSpot's properties are texts, whatever they hold."""
    mess = made.mess
    if system != "hubspot":
        return made.value(row, as_texts=mess.as_texts)
    found = {name: made.value(cell, as_texts=mess.as_texts) for name, cell in row.items()}
    found["properties"] = made.value(row["properties"], as_texts=True)
    if mess.value_objects:
        found["properties"] = {name: {"value": one} for name, one in found["properties"].items()}
    return found


def _with_history(row: Row, one: Sample, shape: Shape, mess: Mess) -> Row:
    if mess.history is None:
        return row
    if mess.history == "versions":
        return {**row, **hubspot_versions(one)}
    more = hubspot_history(one, shape, mess.history)
    if shape == "json":
        return {**row, "properties": {**row["properties"], **more["properties"]}}
    return {**row, **more}


def _csv_text(rows: list[Row], mess: Mess) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(
        out,
        fieldnames=[*rows[0]],
        delimiter=mess.delimiter,
        quoting=csv.QUOTE_ALL if mess.quote_all else csv.QUOTE_MINIMAL,
        lineterminator=mess.newline,
    )
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def _json_text(system: str, rows: list[Row], mess: Mess) -> str:
    if mess.wrapper == "lines":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    whole = rows if mess.wrapper == "list" else WRAPPERS[system](rows)
    return json.dumps(whole, ensure_ascii=False, indent=1)


# One cell.

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EAST = timezone(timedelta(hours=2))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NOON = 12

Style = Callable[[date], str]


def _seconds(when: date) -> int:
    moment = when if isinstance(when, datetime) else datetime.combine(when, time(), UTC)
    return int((moment - _EPOCH).total_seconds())


def _styled(day: Style, clock: Callable[[datetime], str]) -> Style:
    """A day, and for an instant its time in UTC after it."""
    return lambda when: (
        f"{day(when)} {clock(when.astimezone(UTC))}" if isinstance(when, datetime) else day(when)
    )


def _minutes(when: datetime) -> str:
    return f"{when.hour:02}:{when.minute:02}"


def _half_day(when: datetime) -> str:
    return f"{when.hour % _NOON or _NOON}:{when.minute:02} {'AM' if when.hour < _NOON else 'PM'}"


def _iso(zone: timezone, fraction: str, offset: Callable[[str], str]) -> Style:
    def style(when: date) -> str:
        if not isinstance(when, datetime):
            return when.isoformat()
        there = when.astimezone(zone)
        return f"{there:%Y-%m-%dT%H:%M:%S}{fraction}{offset(f'{there:%z}')}"

    return style


def _z(_: str) -> str:
    return "Z"


def _colon(offset: str) -> str:
    return f"{offset[:3]}:{offset[3:]}"


DATES: Mapping[str, Style] = {
    "iso": _iso(UTC, "", _z),
    "iso-ms": _iso(UTC, ".000", _z),
    "offset": _iso(_EAST, "", _colon),
    "offset-plain": _iso(_EAST, "", str),
    "utc-plain": _iso(UTC, ".000", str),
    "utc-colon": _iso(UTC, ".000000", _colon),
    "iso-space": _styled(lambda d: f"{d:%Y-%m-%d}", _minutes),
    "iso-seconds": _styled(lambda d: f"{d:%Y-%m-%d}", lambda at: f"{at:%H:%M:%S}"),
    "dmy": _styled(lambda d: f"{d:%d/%m/%Y}", _minutes),
    "dmy-dash": _styled(lambda d: f"{d:%d-%m-%Y}", _minutes),
    "dmy-dot": _styled(lambda d: f"{d.day}.{d.month}.{d.year}", _minutes),
    "mdy": _styled(lambda d: f"{d.month}/{d.day}/{d.year}", _half_day),
    "month-dmy": _styled(lambda d: f"{d.day} {_MONTHS[d.month - 1]} {d.year}", _minutes),
    "month-mdy": _styled(lambda d: f"{_MONTHS[d.month - 1]} {d.day}, {d.year}", _half_day),
    "epoch-s": lambda when: str(_seconds(when)),
    "epoch-ms": lambda when: str(_seconds(when) * 1000),
}
"""Ways to write a day and an instant; those without a zone are in UTC."""

NAIVE = frozenset(
    {"iso-space", "iso-seconds", "dmy", "dmy-dash", "dmy-dot", "mdy", "month-dmy", "month-mdy"}
)
"""Those of them that name no zone."""

OWN_DATES: Mapping[tuple[str, Shape], str] = {
    **{(system, "csv"): "iso-space" for system in SYSTEMS},
    ("close", "csv"): "utc-colon",
    ("hubspot", "json"): "iso-ms",
    ("salesforce", "json"): "utc-plain",
    ("pipedrive", "json"): "iso-seconds",
    ("zoho", "json"): "offset",
    ("odoo", "json"): "iso-seconds",
    ("close", "json"): "utc-colon",
    ("generic", "json"): "iso",
}
"""How a system writes them by itself."""


def _grouped(amount: Decimal, group: str, point: str) -> str:
    return f"{abs(amount):,.2f}".translate(str.maketrans({",": group, ".": point}))


def _signed(amount: Decimal, text: str) -> str:
    return f"-{text}" if amount < 0 else text


NUMBERS: Mapping[str, Callable[[Decimal], str]] = {
    "plain": lambda amount: f"{amount:.2f}",
    "us": lambda amount: _signed(amount, f"${_grouped(amount, ',', '.')}"),
    "eu": lambda amount: _signed(amount, f"{_grouped(amount, '.', ',')} €"),
    "space": lambda amount: _signed(amount, _grouped(amount, "\u00a0", ",")),
    "thin-space": lambda amount: _signed(amount, _grouped(amount, "\u202f", ",")),
    "swiss": lambda amount: _signed(amount, f"CHF {_grouped(amount, chr(39), '.')}"),
    "accounting": lambda amount: (
        f"({_grouped(amount, ',', '.')})" if amount < 0 else _grouped(amount, ",", ".")
    ),
}
"""Ways to write an amount."""
CURRENCY_OF = {"us": "USD", "eu": "EUR", "swiss": "CHF"}
"""The currency that a way names."""


def _text(cell: Any, mess: Mess, dates: Style, blanks: Iterator[str]) -> str:
    """What stands in a CSV file."""
    match cell:
        case None:
            return next(blanks)
        case bool():
            return mess.booleans[0 if cell else 1]
        case date():
            return dates(cell)
        case Decimal():
            return NUMBERS[mess.numbers](cell)
        case _:
            return str(cell)


@attrs.frozen
class _Json:
    """Makes of a cell what JSON has for it."""

    mess: Mess
    dates: Style
    blanks: Iterator[str]

    def value(self, cell: Any, *, as_texts: bool) -> Any:
        """A value of JSON; what a system nests is nested."""
        match cell:
            case dict():
                return {name: self.value(one, as_texts=as_texts) for name, one in cell.items()}
            case list():
                return [self.value(one, as_texts=as_texts) for one in cell]
            case None if self.mess.blanks == CLEAN.blanks:
                return None
        text = _text(cell, self.mess, self.dates, self.blanks)
        if as_texts or cell is None or isinstance(cell, str):
            return text
        if isinstance(cell, date):
            return int(text) if text.lstrip("-").isdigit() else text
        return float(cell) if isinstance(cell, Decimal) else cell


def _with_ends(rows: list[Row], ends: Iterator[datetime]) -> list[Row]:
    """With an impossible end for each date that is unknown, in columns that hold dates."""
    dated = {
        name: type(cell)
        for row in rows
        for name, cell in row.items()
        if isinstance(cell, (date, dict))
    }
    return [
        {name: _end(cell, dated.get(name), rows, name, ends) for name, cell in row.items()}
        for row in rows
    ]


def _end(cell: Any, kind: type | None, rows: list[Row], name: str, ends: Iterator[datetime]) -> Any:
    if isinstance(cell, dict):
        known = [row[name] for row in rows if isinstance(row[name], dict)]
        return _with_ends([cell, *known], ends)[0]
    if cell is not None or kind in (None, dict):
        return cell
    return next(ends) if kind is datetime else next(ends).date()
