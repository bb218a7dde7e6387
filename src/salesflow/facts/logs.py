"""From a log of stages to the tables `visits` and `deals`, over frames of any library."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from salesflow._narwhals import nw
from salesflow.errors import ColumnError, OptionError, one_of, shown
from salesflow.facts._faults import Reading, check_columns, check_names, rows
from salesflow.facts._instants import in_days, is_later, told_by
from salesflow.facts._sources import Source
from salesflow.facts._tables import (
    CLOSED,
    GIVEN,
    KEY,
    MAX_EXAMPLES,
    F,
    Frame,
    Ordered,
    and_of,
    first_ids,
    give_back,
    is_lazy,
    numbers_of,
    read,
    rows_of,
)
from salesflow.models.past import Cut
from salesflow.periods import get_zone

_KINDS = ("open", *CLOSED)

_COLUMNS = (KEY, "stage", "entered_at", "stage_position", "owner_id")


def visits_from_log(
    frame: F,
    *,
    columns: Mapping[str, str] | None = None,
    kinds: Mapping[Any, str] | None = None,
    stages: Sequence[Any] | None = None,
    as_of: datetime | None = None,
    order: str | None = None,
    zone: str | None = None,
) -> F:
    """Which stays in its stages does a log of stage changes tell of each deal?

    **Definition**: a row of the log says that a deal entered a stage. Rows of one deal in order of
    time; consecutive ones in the same stage are one visit, from the first of them. A visit ends
    where the next one begins; the last one lasts. ``days`` is the time that passed from one to the
    other, in which clock changes of ``zone`` count; between two dates it is whole days.

    Two rows of a deal at the same instant that say different things have no order of their own.
    Libraries that keep rows in order take that of the rows; for the others name ``order``.

    Args:
        frame: the log, a row for each entry: ``deal_id``, ``stage``, ``entered_at`` and, if there,
            ``stage_position`` and ``owner_id``. Times are dates, aware, or local times of ``zone``.
            [frame of pandas, polars, PyArrow, DuckDB or PySpark]
        columns: what the frame calls a column of ours: ``{"entered_at": "change_time"}``.
        kinds: which stages are won and lost; all others are open. [stage to won, lost or open]
        stages: the stages in order; their positions are then a column. Those that ``kinds`` names
            need not be among them.
        as_of: entries after it are out, so the last visit before it lasts; dates are compared with
            its own date. [aware datetime]
        order: a column of the frame that orders the entries of one deal at one instant.
        zone: of times that do not name theirs; UTC unless given. [IANA name]

    Returns:
        A frame of the same library, one row a visit: deal_id, visit, stage, stage_position,
        kind, owner_id, entered_at, left_at, days, is_current, next_stage, next_position, next_kind.
        Without ``stages`` or a column for them there are no positions; without owners no owner_id.
        Eager frames are sorted by deal and visit. Of a lazy frame two small aggregates are read,
        by stage and of ties, to refuse what is wrong; all else stays lazy. An empty log gives no
        rows.

    Raises:
        DataError: for what is no frame.
        ColumnError: for missing or mistyped columns, all at once; for rows without a deal, a stage,
            a time or an ``order``; for a stage that ``stages`` and ``kinds`` do not have; for ties
            that nothing breaks.
        OptionError: for an unknown kind, a stage named twice, or one that the log writes otherwise;
            for a name in ``columns`` that is none of ours.
        UnknownZoneError: for a zone that the IANA database does not list.
        NaiveDatetimeError: for an ``as_of`` without a zone.

    Example:
        >>> import pyarrow as pa
        >>> from datetime import date
        >>> log = pa.table(
        ...     {
        ...         "deal_id": ["D-1", "D-1"],
        ...         "stage": ["Talk", "Signed"],
        ...         "entered_at": [date(2026, 1, 5), date(2026, 1, 9)],
        ...     }
        ... )
        >>> visits = visits_from_log(log, kinds={"Signed": "won"})
        >>> visits.select(["visit", "stage", "kind", "days"]).to_pylist()[0]
        {'visit': 1, 'stage': 'Talk', 'kind': 'open', 'days': 4.0}
    """
    meaning = _check_kinds(kinds)
    positions = _check_stages(stages)
    get_zone(zone or "UTC")
    cut = None if as_of is None else Cut(as_of)
    check_names(columns or {}, _COLUMNS)
    source = _open(frame, Reading(columns or {}, zone or "UTC"), order)
    log = read(source, in_order=True)
    _check_rows(log, meaning, positions)
    if cut is not None:
        log = log.filter(~is_later(source.days, "entered_at", *told_by(cut)))
    by = (*_TIME, "_order") if order is not None else _TIME
    if is_lazy(log):
        _check_ties(log, order, by)
    entries = Ordered.by(log, *by)
    same = (entries.neighbour("stage", 1) == nw.col("stage")).fill_null(False)  # noqa: FBT003
    first = entries.with_columns(same.alias("_same")).keep(~nw.col("_same"))
    named = _named(first, meaning, positions)
    visits = _ended(named).frame.with_columns(nw.col(GIVEN).alias("entered_at"))
    native: F = give_back(source, visits, _RESULT, "days", like="entered_at")
    return native


def _open(frame: object, reading: Reading, order: str | None) -> Source:
    """The log, its columns as they are beside the moments of its entries.

    Raises:
        DataError: for what is no frame.
        ColumnError: for columns that are missing or of another type.
    """
    source = Source("log", frame, reading)
    source.keep(KEY, "id", alias=KEY)
    source.keep("stage", "id", alias="stage")
    source.keep("entered_at", "any", alias=GIVEN)
    source.need("entered_at")
    for name in ("stage_position", "owner_id"):
        source.keep(name, "any", alias=name, optional=True)
    if order is not None:
        source.keep(order, "any", alias="_order")
    check_columns(source)
    return source


def _check_kinds(kinds: Mapping[Any, str] | None) -> dict[Any, str]:
    given = dict(kinds or {})
    for stage, kind in given.items():
        if kind not in _KINDS:
            msg = f"cannot use kind {shown(kind)} of stage {shown(stage)}: there is no such kind"
            raise OptionError(msg, hint=f"give {one_of(_KINDS)}.", parameter="kinds", value=kind)
    return given


def _check_stages(stages: Sequence[Any] | None) -> dict[Any, int] | None:
    if stages is None:
        return None
    positions = {stage: number for number, stage in enumerate(stages)}
    if isinstance(stages, str) or not 0 < len(positions) == len(stages):
        msg = f"cannot use stages {shown(stages)}: they are no list of different stages"
        raise OptionError(msg, hint="give each once.", parameter="stages", value=stages)
    return positions


def _check_rows(
    log: Frame, meaning: Mapping[Any, str], positions: Mapping[Any, int] | None
) -> None:
    """Refuse rows that lack what they need, and stages that nobody named."""
    required = [KEY, "stage", "entered_at"]
    if "_order" in log.collect_schema():
        required.append("_order")
    missing = [nw.col(name).is_null().cast(nw.Int64).alias(f"_no_{name}") for name in required]
    by_stage = (
        log.with_columns(*missing)
        .group_by("stage")
        .agg(*(nw.col(f"_no_{name}").sum() for name in required))
    )
    counts = rows_of(by_stage)
    faults = []
    for name in required:
        total = sum(numbers_of({name: row[f"_no_{name}"]})[name] for row in counts)
        if total:
            have = "has" if total == 1 else "have"
            faults.append(f"{rows(total)} {have} no {name.removeprefix('_')}")
    found = {row["stage"] for row in counts if not numbers_of({"n": row["_no_stage"]})["n"]}
    if positions is not None:
        unknown = sorted((s for s in found if s not in positions and s not in meaning), key=str)
        if unknown:
            faults.append(f"stages= has no {and_of(unknown[:MAX_EXAMPLES])}")
    if faults:
        raise _unreadable(faults)
    _check_spelling(found, (*meaning, *(positions or ())))


def _unreadable(faults: Sequence[str]) -> ColumnError:
    msg = f"cannot read the log: {'; '.join(faults)}"
    hint = "drop such rows, or say what they mean, before."
    return ColumnError(msg, hint=hint, column=None, known=_COLUMNS, faults=tuple(faults))


def _check_spelling(found: set[Any], named: Sequence[Any]) -> None:
    """Refuse a stage that the log writes with other capitals, spaces or as another type."""
    plain = {str(stage).strip().casefold(): stage for stage in found}
    for stage in named:
        theirs = plain.get(str(stage).strip().casefold(), stage)
        if stage not in found and theirs != stage:
            msg = f"cannot use stage {shown(stage)}: the log writes it {theirs!r}"
            raise OptionError(msg, hint="write it as the log does.", parameter="kinds", value=stage)


def _check_ties(log: Frame, order: str | None, by: tuple[str, ...]) -> None:
    """Refuse entries of one deal at one instant that say different things, in any order."""
    told = [
        name for name in ("stage", "stage_position", "owner_id") if name in log.collect_schema()
    ]
    known = [nw.col(name).is_null().cast(nw.Int64).alias(f"_no_{name}") for name in told]
    answers = [
        answer
        for name in told
        for answer in (
            nw.col(name).min().alias(f"_low_{name}"),
            nw.col(name).max().alias(f"_high_{name}"),
            nw.col(f"_no_{name}").min().alias(f"_known_{name}"),
            nw.col(f"_no_{name}").max().alias(f"_unknown_{name}"),
        )
    ]
    differ = [
        (nw.col(f"_low_{name}") != nw.col(f"_high_{name}")).fill_null(False)  # noqa: FBT003
        | (nw.col(f"_known_{name}") != nw.col(f"_unknown_{name}"))
        for name in told
    ]
    moments = log.with_columns(*known).group_by(KEY, *by).agg(*answers)
    tied = first_ids(moments.filter(nw.any_horizontal(*differ, ignore_nulls=False)))
    if tied:
        names = and_of(tied)
        fact = f"entries of one instant say different things, as of {names}"
        msg = f"cannot order the log: {fact}"
        hint = (
            f"order={order!r} does not tell them apart: " if order else "rows have no order here: "
        )
        hint += "give order=, a column that says which of them came first."
        raise ColumnError(msg, hint=hint, column=order, known=_COLUMNS, faults=(fact,))


def _named(
    entries: Ordered, meaning: Mapping[Any, str], positions: Mapping[Any, int] | None
) -> Ordered:
    """The entries with the kind and the position of their stage."""
    kind: Any = nw.lit("open")
    for closed in CLOSED:
        of_it = [stage for stage, name in meaning.items() if name == closed]
        if of_it:
            kind = nw.when(nw.col("stage").is_in(of_it)).then(nw.lit(closed)).otherwise(kind)
    columns = [kind.alias("kind")]
    if positions is not None:
        place: Any = nw.lit(-1)
        for stage, number in positions.items():
            place = nw.when(nw.col("stage") == stage).then(nw.lit(number)).otherwise(place)
        columns.append(nw.when(place >= 0).then(place).alias("stage_position"))
    return entries.with_columns(*columns)


def _ended(entries: Ordered) -> Ordered:
    """The entries as visits: numbered, and ended by the next one."""
    visits = entries.numbered("visit")
    of_next = {name: visits.neighbour(name, -1) for name in ("entered_at", GIVEN, "stage", "kind")}
    names = ("_next", "left_at", "next_stage", "next_kind")
    columns = [column.alias(n) for n, column in zip(names, of_next.values(), strict=True)]
    if "stage_position" in visits.frame.collect_schema():
        columns.append(visits.neighbour("stage_position", -1).alias("next_position"))
    span = in_days(nw.col("_next") - nw.col("entered_at")).alias("days")
    lasts = nw.col("_next").is_null().alias("is_current")
    return visits.with_columns(*columns).with_columns(span, lasts)


_TIME = ("entered_at", GIVEN)  # nanoseconds order what microseconds do not

_RESULT = (
    *(KEY, "visit", "stage", "stage_position", "kind", "owner_id"),
    *("entered_at", "left_at", "days", "is_current", "next_stage", "next_position", "next_kind"),
)
