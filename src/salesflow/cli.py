"""The command line: what an export says, without a line of Python.

``salesflow report``, ``review``, ``check``, ``funnel`` and ``pipeline``; each takes ``--json``, and
``-`` for standard input. Exit codes: 0 all is well, 1 `check` found something, 2 the command was
not understood, 3 the input could not be read. An error is one line on standard error.
"""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import attrs

from salesflow.errors import (
    MissingExtraError,
    OptionError,
    SalesflowError,
    SourceError,
    closest,
    one_of,
)

try:
    import typer
    from rich.console import Console
except ImportError as missing:
    _msg = "cannot run the command line: typer and rich are not installed"
    raise MissingExtraError(
        _msg, hint="pip install 'salesflow[cli]'.", library=str(missing.name)
    ) from missing

from salesflow import crm, facts, metrics
from salesflow import review as reviewing
from salesflow.money import XXX, Money
from salesflow.periods import Calendar, get_zone
from salesflow.process import Pipeline

if TYPE_CHECKING:
    from salesflow.crm import Import
    from salesflow.metrics.options import Every

FOUND, UNREADABLE = 1, 3
_STDIN = "-"
_MOST_ROWS, _NAMES = 40, 32
_DAY = len("2026-03-31")

app = typer.Typer(
    name="salesflow",
    help="What does an export of your CRM say?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

File = Annotated[str, typer.Argument(help="an export of a CRM; - is standard input")]
System = Annotated[
    str | None, typer.Option(help="whose export it is; told from its columns if left out")
]
Currency = Annotated[str | None, typer.Option(help="the currency of amounts that name none")]
Zone = Annotated[str | None, typer.Option(help="the zone of times that name none")]
Stage = Annotated[
    list[str] | None, typer.Option(help="a stage of the export as one of ours: Engaging=meeting")
]
Column = Annotated[list[str] | None, typer.Option(help="the column of a field: amount=close_value")]
Dates = Annotated[str | None, typer.Option(help="how dates are written: ymd, dmy or mdy")]
Numbers = Annotated[str | None, typer.Option(help="how numbers are written: '1.234,56'")]
History = Annotated[list[Path] | None, typer.Option(help="a log of stages or of changes")]
Beside = Annotated[
    list[Path] | None, typer.Option(help="a table that values come from, as one of products")
]
Definition = Annotated[Path | None, typer.Option(help="the pipeline, as a TOML file")]
AsOf = Annotated[
    str | None, typer.Option(help="the day or instant to look from; the file's latest if left out")
]
By = Annotated[str, typer.Option(help="the column to group by; owner_id if left out")]
Json = Annotated[bool, typer.Option("--json", help="write JSON")]


@attrs.frozen
class Asked:
    """An export that was read, and what was said of it."""

    got: "Import"
    currency: str | None
    zone: str | None


def _read(
    file: File,
    system: System = None,
    currency: Currency = None,
    zone: Zone = None,
    stage: Stage = None,
    column: Column = None,
    dates: Dates = None,
    numbers: Numbers = None,
    history: History = None,
    beside: Beside = None,
    pipeline: Definition = None,
) -> Asked:
    """Read an export, as the options of all commands that do so say."""
    source: Any = sys.stdin.buffer if file == _STDIN else file
    got = crm.read(
        source,
        system=system,
        currency=currency,
        zone=zone,
        stages=_pairs("stage", stage) or None,
        columns=_pairs("column", column) or None,
        history=[str(path) for path in history or ()],
        beside=[str(path) for path in beside or ()],
        pipeline=None if pipeline is None else Pipeline.from_toml(_text(str(pipeline))),
        formats=crm.Formats(dates=dates, numbers=numbers),
        progress=sys.stderr.isatty(),
    )
    return Asked(got, currency, zone)


def _reading(command: Callable[..., None]) -> Callable[..., None]:
    """A command over an export: it takes the options of reading, and then its own."""
    reading, own = signature(_read).parameters, signature(command).parameters

    def run(**options: Any) -> None:
        with _one_line_errors():
            asked = _read(**{name: options.pop(name) for name in reading})
            command(asked, **options)

    _, *others = own.values()  # the first is what was read
    together = [*reading.values(), *others]
    keyword = Parameter.KEYWORD_ONLY
    run.__signature__ = Signature([part.replace(kind=keyword) for part in together])  # type: ignore[attr-defined] # typer reads it
    run.__annotations__ = {part.name: part.annotation for part in together}
    run.__name__, run.__doc__ = command.__name__, command.__doc__
    return run


@app.command()
@_reading
def report(
    asked: Asked,
    by: By = "owner_id",
    every: Annotated[str, typer.Option(help="week, month, quarter, half or year")] = "quarter",
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """The numbers: win rate, deal size, cycle and velocity, by owner and period, and by stage."""
    deals, at = asked.got.deals, _instant(as_of, asked)
    column, period = _column(asked.got, by), cast("Every", every)  # summary refuses another
    parts: list[Part] = [
        ("header", _header(asked, at)),
        ("all deals", metrics.summary(deals, as_of=at)),
        (f"by {by}", metrics.summary(deals, as_of=at, by=column)),
        (f"by {every}", metrics.summary(deals, as_of=at, every=period)),
        ("time in stage", metrics.time_in_stage(deals, as_of=at)),
        ("stage conversion", metrics.stage_conversion(deals, as_of=at)),
    ]
    _write(parts, as_json=as_json)


@app.command()
@_reading
def review(
    asked: Asked,
    since: Annotated[str, typer.Option(help="the day or instant that the review looks back to")],
    as_of: AsOf = None,
    quiet_days: Annotated[float, typer.Option(help="days without a touch that are too many")] = 14,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="write Markdown")] = False,
    as_json: Json = False,
) -> None:
    """What changed since a day, which deals are at risk, where they wait, and who needs help."""
    got, zone = asked.got, asked.zone
    at, start = _instant(as_of, asked), _begun(since, asked)
    settings = reviewing.ReportSettings(
        calendar=Calendar("UTC" if zone is None else zone), quiet_days=quiet_days
    )
    end = at + timedelta(microseconds=1)  # so that what happened at that instant is in
    found = reviewing.report(got.deals, _pipeline_of(got), start, end, settings=settings)
    if as_json:
        page = {"header": _header(asked, at), **found.to_json()}
        typer.echo(json.dumps(page, ensure_ascii=False, indent=2))
    elif as_markdown:
        typer.echo(found.to_markdown())
    else:
        typer.echo("\n".join([*_header(asked, at), "", str(found)]))


@app.command()
@_reading
def check(asked: Asked, as_json: Json = False) -> None:
    """What is wrong with the file: rows that are no deals, and what is odd. Exit 1 if anything."""
    if as_json:
        typer.echo(json.dumps(asked.got.to_dict(), ensure_ascii=False, indent=2))
    else:
        typer.echo(asked.got.summary())
    if asked.got.has_faults:
        raise typer.Exit(FOUND)


@app.command()
@_reading
def funnel(asked: Asked, as_of: AsOf = None, as_json: Json = False) -> None:
    """Of the deals that came to each stage, how many went on to the next."""
    at = _instant(as_of, asked)
    steps = metrics.stage_conversion(asked.got.deals, as_of=at)
    _write([("header", _header(asked, at)), ("stages", steps)], as_json=as_json)


@app.command()
def pipeline(
    file: Annotated[str, typer.Argument(help="a definition as TOML; - is standard input")],
    as_json: Json = False,
) -> None:
    """Is the definition sound? Its faults, or its diagram."""
    with _one_line_errors():
        text = sys.stdin.read() if file == _STDIN else _text(file)
        found = Pipeline.from_toml(text)
        typer.echo(found.to_json() if as_json else found.to_mermaid())


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """An error of ours ends the command with its message in one line; a closed pipe with none."""
    try:
        yield
    except SalesflowError as error:
        typer.echo(f"salesflow: {' '.join(str(error).split())}", err=True)
        raise typer.Exit(UNREADABLE) from error
    except BrokenPipeError as error:
        with suppress(OSError):  # else Python tells of the pipe once more at the end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(UNREADABLE) from error


def _pairs(option: str, texts: list[str] | None) -> dict[str, str]:
    pairs = {}
    for text in texts or ():
        name, sign, value = text.partition("=")
        if not (name and sign and value):
            msg = f"cannot take --{option} {text!r}"
            hint = "write name=value, as in Engaging=meeting."
            raise OptionError(msg, hint=hint, parameter=option, value=text)
        pairs[name] = value
    return pairs


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is no UTF-8 text"
        msg = f"cannot read {path!r}: {reason}"
        raise SourceError(msg, source=path, line=None) from error


def _instant(text: str | None, asked: Asked) -> datetime:
    """The instant to look from: as given, else the latest that the file knows.

    A day is looked at from its end, so that what happened on it has happened.
    """
    found = asked.got.latest_at if text is None else _moment("as_of", text)
    if found is None:
        msg = f"cannot look at {asked.got.source}: it knows no date to look from"
        raise OptionError(msg, hint="give --as-of.", parameter="as_of", value=None)
    return _in_zone(found, time.max, asked)


def _begun(text: str, asked: Asked) -> datetime:
    """The instant that a window begins with; a day with its start."""
    return _in_zone(_moment("since", text), time.min, asked)


def _moment(option: str, text: str) -> date:
    """A day, or an instant."""
    try:
        return datetime.fromisoformat(text) if len(text) > _DAY else date.fromisoformat(text)
    except ValueError as error:
        msg = f"cannot take --{option.replace('_', '-')} {text!r}: it is no date and no time"
        hint = "write 2026-03-31, or 2026-03-31T12:00:00Z."
        raise OptionError(msg, hint=hint, parameter=option, value=text) from error


def _in_zone(found: date, clock: time, asked: Asked) -> datetime:
    """An instant; a day at that time of the zone that was given."""
    named = UTC if asked.zone is None else get_zone(asked.zone)
    if not isinstance(found, datetime):
        return datetime.combine(found, clock, named)
    return found if found.tzinfo is not None else found.replace(tzinfo=named)


def _pipeline_of(got: "Import") -> Pipeline:
    """The definition that the deals move through."""
    if got.pipeline is None:
        msg = f"cannot review {got.source}: it tells no pipeline"
        raise OptionError(msg, hint="give --pipeline.", parameter="pipeline", value=None)
    return got.pipeline


Part = tuple[str, Any]
"""A part of a page: what it is about, and a result, or lines."""


def _column(got: "Import", by: str) -> str:
    """A column of ours, or one of the file that no field takes."""
    known = {column.name for column in facts.schema.DEALS}
    taken = {column: field for field, column in got.columns.items()}
    names = {"owner": "owner_id", "account": "account_id", "account_name": "account_id"}
    if by in known or by.startswith("custom."):
        return by
    if by in taken:
        return names.get(taken[by], taken[by])
    others = {name for deal in got.deals for name in deal.custom}
    if by in others:
        return f"custom.{by}"
    columns = (*taken, *others, *known)
    msg = f"cannot group {got.source} by {by!r}: it has no such column"
    hint = f"give {one_of(closest(by, columns))}."
    raise OptionError(msg, hint=hint, parameter="by", value=by)


def _header(asked: Asked, as_of: datetime) -> list[str]:
    """What was read, and what was assumed."""
    got = asked.got
    lines = [f"{got.source}: {got.n_rows:,} rows, read as {got.system}"]
    lines.append(f"{len(got.deals):,} deals, {len(got.rejected):,} rows rejected")
    lines.append(f"as of {as_of.isoformat()}")
    codes = {deal.amount.currency for deal in got.deals if deal.amount is not None}
    if asked.currency is None and XXX in codes:
        lines.append(f"no currency is given: amounts are in {XXX}; say which with --currency")
    kinds = {finding.code: finding.fact for finding in got.findings}
    if "drafted-pipeline" in kinds:
        lines.append(f"drafted: {kinds['drafted-pipeline']}")
    if got.findings:
        n = len(got.findings)
        lines.append(f"{n} {'finding' if n == 1 else 'findings'}: salesflow check tells more")
    return lines


def _write(parts: Sequence[Part], *, as_json: bool) -> None:
    if as_json:
        page = {title: _plain(part) for title, part in parts}
        typer.echo(json.dumps(page, ensure_ascii=False, indent=2, default=_json))
        return
    console = Console(highlight=False, soft_wrap=True)
    for number, (title, part) in enumerate(parts):
        if number:
            console.print(f"\n[bold]{title}[/bold]")
        console.print(_text_of(part), markup=False)


def _text_of(part: Any) -> str:
    """A part as a terminal shows it: one result field by field, a long table cut."""
    if isinstance(part, list):
        return "\n".join(part)
    if isinstance(part, metrics.Summary):
        shown = [f"{name:{_NAMES}}  {_value(value)}" for name, value in part.to_dicts()[0].items()]
        return "\n".join(shown)
    lines = str(part).splitlines()
    if len(part) > _MOST_ROWS:
        n_more = len(part) - _MOST_ROWS
        more = f"… and {n_more:,} more: --json has them all"
        lines[_MOST_ROWS + 1 : len(part) + 1] = [more]
    return "\n".join(lines)


def _value(value: Any) -> str:
    if value is None or value == {}:
        return "—"
    if isinstance(value, Money):
        return f"{value.currency} {_value(value.amount)}"
    if isinstance(value, Mapping):
        return ", ".join(f"{reason} {count:,}" for reason, count in value.items())
    if isinstance(value, float | Decimal):
        return f"{value:,.10f}".rstrip("0").rstrip(".")
    if isinstance(value, tuple):
        return " to ".join(map(_value, value))
    return f"{value:,}" if isinstance(value, int) else str(value)


def _json(value: object) -> Any:
    """What JSON has no word for: money as its two parts, a moment in ISO 8601."""
    if isinstance(value, Money):
        return {"amount": f"{value.amount:f}", "currency": value.currency}
    return value.isoformat() if isinstance(value, date) else str(value)


def _plain(part: Any) -> Any:
    return part if isinstance(part, list) else part.to_dicts()
