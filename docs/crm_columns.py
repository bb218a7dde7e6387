"""The parts of the page on columns of CRM exports, for pages.py: all of it read off the tables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from salesflow.crm.systems import FIELDS, MODEL_NAMES, SYSTEMS, System

Table = Callable[[Sequence[str], Iterable[Sequence[str]]], str]


def parts(table: Table) -> Mapping[str, Callable[[], str]]:
    """What stands between the marks of the page, by the name of the part."""
    systems = {f"crm {name}": partial(_system, system, table) for name, system in SYSTEMS.items()}
    return {"crm fields": partial(_fields, table), **systems}


def _fields(table: Table) -> str:
    rows = []
    for record, fields in FIELDS.items():
        for field in fields:
            others = [name for name, ours in MODEL_NAMES[record].items() if ours == field]
            rows.append((record, f"`{field}`", _quoted(others)))
    return table(("record", "field", "or"), rows)


def _system(system: System, table: Table) -> str:
    rows = [
        (record, f"`{field}`", _quoted(names))
        for record, headers in system.headers.items()
        for field, names in headers.items()
    ]
    listed = [f"- {source}" for source in system.sources]
    return "\n\n".join(
        (
            "Sources:",
            "\n".join(listed),
            "How it is read:",
            "\n".join(f"- {fact}" for fact in (*_marks(system), *_values(system))),
            table(("record", "field", "columns, the one to prefer first"), rows),
        )
    )


def _marks(system: System) -> Iterable[str]:
    if system.marks:
        sets = "; ".join(_quoted(sorted(mark, key=str.casefold)) for mark in system.marks)
        yield f"Recognised by one of these sets, all of it there: {sets}."
    else:
        yield "Taken where no other system is recognised."
    if system.prefixes:
        yield f"Before a name may stand {_quoted(system.prefixes)}."
    for name in system.shared:
        yield f"`{name}` is read by several fields."


def _values(system: System) -> Iterable[str]:
    chances = {"percent": "60 is 60 %", "share": "0.6 is 60 %", None: "told by the values"}
    yield f"Probabilities: {chances[system.probability]}."
    facts = {
        "Amounts are cents.": system.has_cents,
        "Times without a zone are UTC.": system.utc_texts,
        "A closed deal stays in the stage that it was closed from.": system.keeps_stage,
        "A deal that is not active is lost.": system.is_lost_if_inactive,
    }
    yield from (fact for fact, holds in facts.items() if holds)
    for what, words in (("status", system.statuses), ("type", system.types)):
        if words:
            told = ", ".join(f"`{theirs}` is {ours}" for theirs, ours in words.items())
            yield f"Words of `{what}`: {told}."
    for dates in system.stage_dates:
        ends = [f"{begin}…{dates.end}" for begin in (dates.entered, dates.left) if begin]
        yield f"When a stage was entered and left: {_quoted(ends)}."
    if system.stage_history:
        yield f"Past stages: {_quoted(system.stage_history)}."
    if system.activity_kinds:
        kinds: dict[str, list[str]] = {}
        for name, kind in system.activity_kinds.items():
            kinds.setdefault(kind, []).append(name)
        told = "; ".join(f"{kind} by {_quoted(names)}" for kind, names in kinds.items())
        yield f"The kind of an activity is told by a column: {told}."
    if system.pipeline:
        yield f"Its own stages: `Pipeline.{system.pipeline}()`."


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
