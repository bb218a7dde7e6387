"""What a caller asks of an import, checked."""

from collections.abc import Mapping
from typing import Any, TypedDict, get_args

import attrs

from salesflow.crm.formats import Formats
from salesflow.crm.systems import SYSTEMS
from salesflow.crm.systems._system import Record, System
from salesflow.errors import OptionError, closest, one_of, shown
from salesflow.money import to_currency
from salesflow.periods import get_zone
from salesflow.process import LeadProcess, Pipeline


class Options(TypedDict, total=False):
    """How to read an export."""

    system: str | None
    """Whose export it is: one of `crm.SYSTEMS`; told from the columns unless given."""
    record: Record
    """What a row is; a deal unless given."""
    pipeline: Pipeline | LeadProcess | None
    """The definition whose stages the records are in; drafted unless given."""
    stages: Mapping[str, str] | None
    """Names of the export, and the stages of the pipeline that they are."""
    currency: str | None
    """The currency of amounts that name none; ISO's XXX unless given."""
    zone: str | None
    """The zone of times that name none."""
    columns: Mapping[str, str] | None
    """Our fields, and the columns that hold them, where they are not found by name."""
    history: Any
    """Logs of stages, of changes or of merged deals: one source, or a list of them."""
    beside: Any
    """Tables that values of the export come from, as one of products: one source, or a list of
    them. A value that is written otherwise there is a finding."""
    formats: Formats
    """How dates and numbers are written, where that cannot be told."""


@attrs.frozen(kw_only=True)
class Asked:
    """The options of a call, checked."""

    system: System | None
    record: Record
    pipeline: Any
    stages: Mapping[str, str] | None
    currency: str | None
    zone: str | None
    columns: Mapping[str, str]
    history: tuple[Any, ...]
    beside: tuple[Any, ...]
    formats: Formats


def asked(  # noqa: PLR0913 - the options that `Options` lists
    *,
    system: str | None = None,
    record: Record = "deal",
    pipeline: Any = None,
    stages: Any = None,
    currency: str | None = None,
    zone: str | None = None,
    columns: Any = None,
    history: Any = None,
    beside: Any = None,
    formats: Any = None,
) -> Asked:
    """The options, each of them refused where it is none.

    Raises:
        OptionError: for a value that an option does not take.
        UnknownCurrencyError: for a code that ISO 4217 does not list.
        UnknownZoneError: for a zone that does not exist.
    """
    if zone is not None:
        get_zone(zone)
    _check_pipeline(pipeline, record)
    if columns is not None and not isinstance(columns, Mapping):
        msg = f"cannot use columns {shown(columns)}: it is no mapping of fields to columns"
        raise OptionError(msg, parameter="columns", value=columns)
    if stages is not None and not _is_of_texts(stages):
        msg = f"cannot use stages {shown(stages)}: it is no mapping of names to stages"
        raise OptionError(msg, parameter="stages", value=stages)
    if formats is not None and not isinstance(formats, Formats):
        msg = f"cannot use formats {shown(formats)}"
        raise OptionError(msg, hint="give a crm.Formats.", parameter="formats", value=formats)
    return Asked(
        system=None if system is None else _one_of("system", system, SYSTEMS),
        record=_one_of("record", record, {name: name for name in get_args(Record)}),
        pipeline=pipeline,
        stages=stages,
        currency=None if currency is None else to_currency(currency),
        zone=zone,
        columns=columns or {},
        history=_sources(history),
        beside=_sources(beside),
        formats=formats or Formats(),
    )


def _is_of_texts(stages: object) -> bool:
    return isinstance(stages, Mapping) and all(
        isinstance(text, str) for pair in stages.items() for text in pair
    )


def _sources(given: Any) -> tuple[Any, ...]:
    """One source, or each of a list of them."""
    several = given if isinstance(given, list | tuple) and not _is_rows(given) else (given,)
    return tuple(source for source in several if source is not None)


def _is_rows(given: Any) -> bool:
    """Whether a list holds rows, not sources."""
    return bool(given) and all(isinstance(item, Mapping) for item in given)


def _one_of(parameter: str, value: object, known: Mapping[str, Any]) -> Any:
    if isinstance(value, str) and value in known:
        return known[value]
    msg = f"cannot read {parameter} {shown(value)}: it is not known"
    hint = f"give {one_of(closest(value, known))}."
    raise OptionError(msg, hint=hint, parameter=parameter, value=value)


def _check_pipeline(pipeline: object, record: str) -> None:
    if pipeline is None:
        return
    kind = {"deal": Pipeline, "lead": LeadProcess}.get(record)
    if kind is None or not isinstance(pipeline, kind):
        what = "none is needed" if kind is None else f"give a {kind.__name__}"
        msg = f"cannot read a {record} with pipeline {shown(pipeline)}"
        raise OptionError(msg, hint=f"{what}.", parameter="pipeline", value=pipeline)
