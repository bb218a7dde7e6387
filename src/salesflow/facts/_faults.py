"""What is wrong with the frames of a call: all of it, in one error."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from salesflow.errors import ColumnError, DataError, OptionError, closest, one_of
from salesflow.facts.engines import is_frame
from salesflow.money import XXX

if TYPE_CHECKING:
    from salesflow.facts._sources import Source

MISSING = "no column"


@attrs.frozen
class Reading:
    """How the frames of a call are read.

    Args:
        columns: what they call a column of ours; None if the call takes no other names.
        zone: of times that do not name theirs.
        currency: of amounts whose currency no column names.
    """

    columns: Mapping[str, str] | None = None
    zone: str = "UTC"
    currency: str = XXX


def check_frame(table: str, data: object) -> None:
    """Refuse what is no frame.

    Raises:
        DataError: naming what it is.
    """
    if not is_frame(data):
        found = type(data).__name__
        msg = f"cannot read the {table}: {found} is no frame"
        hint = "give a frame of pandas, polars, PyArrow, DuckDB or PySpark."
        raise DataError(msg, hint=hint, found=found)


def check_twins(table: str, native: Any, engine_name: str | None) -> None:
    """Refuse two columns of one name; polars has none."""
    if engine_name == "polars":
        return
    names = [*map(str, native.column_names if engine_name == "pyarrow" else native.columns)]
    faults = {n: f"two columns are called '{n}'" for n, many in Counter(names).items() if many > 1}
    if faults:
        msg = f"cannot read the {table}: {'; '.join(faults.values())}"
        raise ColumnError(
            msg,
            hint="rename all but one of them.",
            column=next(iter(faults)),
            known=tuple(names),
            faults=tuple(faults.values()),
        )


def check_names(names: Iterable[str], known: Iterable[str]) -> None:
    """Refuse a name of ours in ``columns=`` that we do not have.

    Raises:
        OptionError: naming the first, and the closest of ours.
    """
    ours = list(dict.fromkeys(known))
    for name in names:
        if name not in ours:
            msg = f"cannot take columns={{{name!r}: …}}: no column of ours is called so"
            hint = f"did you mean {one_of(closest(name, ours))}?"
            raise OptionError(msg, hint=hint, parameter="columns", value=name)


def need_same_ids(one: "Source", other: "Source", name: str = "deal_id") -> None:
    """Ask two tables for the column that joins them; of two kinds, it joins nothing."""
    kinds = [source.need_id(name) for source in (one, other)]
    if None not in kinds and kinds[0] != kinds[1]:
        held = f"{kinds[0]} in {one.table}, {kinds[1]} in {other.table}"
        other.faults[name] = f"column '{other.theirs(name)}' holds {held}"


def check_columns(*sources: "Source") -> None:
    """Refuse the frames of a call if anything is wrong with their columns.

    What must be said of all of them is noted with the first.

    Raises:
        ColumnError: for columns that are missing, of another type, or of times with and without a
            zone; with the faults of all tables.
    """
    _check_zones(sources)
    faulty = [source for source in sources if source.faults]
    if len(faulty) == 1:
        raise column_error(faulty[0])
    if faulty:
        faults = tuple(
            f"in {source.table}, {fault}" for source in faulty for fault in source.faults.values()
        )
        first = column_error(next((s for s in faulty if _missing(s)), faulty[0]))
        msg = f"cannot read the tables: {'; '.join(faults)}"
        raise ColumnError(
            msg, hint=first.hint, column=first.column, known=first.known, faults=faults
        )


def _check_zones(sources: Sequence["Source"]) -> None:
    """Refuse times without a zone beside others with one; engines differ in how they compare."""
    moments = [(source, name) for source in sources for name in source.naive]
    is_one_table = len({source.table for source, _ in moments}) <= 1
    told = [f"'{name}'" + ("" if is_one_table else f" of {s.table}") for s, name in moments]
    are_naive = [source.naive[name] for source, name in moments]
    naive = [words for words, is_naive in zip(told, are_naive, strict=True) if is_naive]
    aware = [words for words, is_naive in zip(told, are_naive, strict=True) if not is_naive]
    if naive and aware:
        source, name = moments[are_naive.index(True)]
        fault = f"times of {_and(naive)} have no zone, those of {_and(aware)} have one"
        source.faults[name] = fault
    elif naive:
        sources[0].notes.append(
            f"times of {_and(sorted(naive))} are read as {sources[0].reading.zone}"
        )


def _and(words: Sequence[str]) -> str:
    *head, last = words
    return f"{', '.join(head)} and {last}" if head else last


def value_error(
    source: "Source", column: str, faults: Sequence[str], hint: str | None
) -> ColumnError:
    """What is wrong with the values of a frame, all of it."""
    msg = f"cannot read the {source.table}: {'; '.join(faults)}"
    return ColumnError(msg, hint=hint, column=column, known=source.names, faults=tuple(faults))


def counted(n: int, noun: str) -> str:
    """So many of something: ``1 row``, ``2 rows``."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def rows(n: int) -> str:
    """So many rows."""
    return counted(n, "row")


def _missing(source: "Source") -> list[str]:
    return [name for name, fault in source.faults.items() if fault.startswith(MISSING)]


def column_error(source: "Source") -> ColumnError:
    """What is wrong with the columns of a frame, all of it."""
    faults, known = source.faults, source.names
    missing = _missing(source)
    first = (missing or [*faults])[0]
    listed = "; ".join(faults.values())
    msg = f"cannot read the {source.table}: {listed}"
    near = f"there is {one_of(closest(first, known))}" if known else "there is no column"
    hint, other = "convert it first", f", or name another one with columns={{'{first}': …}}"
    if missing:
        hint, other = near, f"; columns={{'{first}': …}} says what yours is called"
    if source.reading.columns is not None:
        hint += other
    return ColumnError(
        msg, hint=f"{hint}.", column=first, known=known, faults=tuple(faults.values())
    )
