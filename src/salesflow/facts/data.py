"""`Facts`: the tables of one call, where a number needs more than the deals."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from salesflow.errors import DataError, DuplicateDealError, OptionError
from salesflow.facts.engines import engine_of, is_frame
from salesflow.models import Deal, Lead


def _to_deals(values: object) -> object:
    if values is None or is_frame(values):
        return values
    if isinstance(values, Deal) or not isinstance(values, Iterable):
        raise _unreadable(values)
    return tuple(values)


def _to_leads(values: object) -> object:
    if values is None or is_frame(values):
        return values
    return tuple(check_leads(values))


@attrs.frozen(eq=False, repr=False)
class Facts:
    """The tables of one call: deals with the leads they came from, or frames.

    Either objects, a list of deals and one of leads; or frames of one library, with the columns
    of `schema`. What a number does not need may be left out.

    Raises:
        DataError: for anything but a list of deals and a list of leads, or frames; for frames
            beside objects; and for frames of two libraries.
        OptionError: for a lead that is there twice, or beside one of its aliases.

    Example:
        >>> from salesflow import Pipeline, metrics
        >>> deal = Pipeline.standard().open("Acme", lead_id="L-1")
        >>> metrics.cycle_time(Facts(deals=[deal], leads=[]), start="lead").n
        0
    """

    deals: tuple[Deal, ...] | Any = attrs.field(default=None, kw_only=True, converter=_to_deals)
    visits: Any = attrs.field(default=None, kw_only=True)
    touches: Any = attrs.field(default=None, kw_only=True)
    leads: tuple[Lead, ...] | Any = attrs.field(default=None, kw_only=True, converter=_to_leads)

    def __attrs_post_init__(self) -> None:
        tables = self._tables()
        engines = {name: engine_of(table) for name, table in tables.items()}
        if len({*engines.values()}) > 1:
            raise _mixed(engines)
        for name in ("visits", "touches"):
            if name in tables and engines[name] is None:
                raise _no_table(name, tables[name])

    def _tables(self) -> dict[str, Any]:
        """The tables that were given; no leads are no table of objects."""
        tables = {name: getattr(self, name) for name in ("deals", "visits", "touches", "leads")}
        if isinstance(self.leads, tuple) and not self.leads:
            del tables["leads"]
        return {name: table for name, table in tables.items() if table is not None}

    @property
    def is_frames(self) -> bool:
        """Whether its tables are frames, not objects."""
        return any(map(is_frame, self._tables().values()))

    def __repr__(self) -> str:
        # A frame shows its rows, and a lazy one would run for that.
        shown = [f"{name}={_shown(table)}" for name, table in self._tables().items()]
        return f"Facts({', '.join(shown)})"


def given(data: object, table: str) -> Any:
    """The objects of a table: the data itself, or what is in its `Facts`.

    Raises:
        DataError: if they are not there.
    """
    if not isinstance(data, Facts):
        return data
    found = getattr(data, table)
    if found is None:
        msg = f"cannot read the data: this number needs the table {table}"
        raise DataError(msg, hint=f"give Facts({table}=…).", found="Facts")
    return found


def _shown(table: object) -> str:
    engine = engine_of(table)
    return f"<{len(table)}>" if isinstance(table, tuple) else f"<{engine} {type(table).__name__}>"


def _mixed(engines: Mapping[str, str | None]) -> DataError:
    kinds = {name: f"a {engine} frame" if engine else "objects" for name, engine in engines.items()}
    listed = ", ".join(f"{name} are {kind}" for name, kind in kinds.items())
    msg = f"cannot read the facts: {listed}"
    hint = "give all tables as frames of one library, or deals and leads as objects."
    return DataError(msg, hint=hint, found=", ".join(dict.fromkeys(kinds.values())))


def _no_table(name: str, found: object) -> DataError:
    kind = type(found).__name__
    msg = f"cannot read the {name}: {kind} is no frame"
    hint = "leave it out beside deals as objects, whose histories tell it."
    return DataError(msg, hint=hint, found=kind)


def check_deals(data: object) -> list[Deal]:
    """The deals of a call, as they stand.

    Raises:
        DataError: for anything but deals.
        DuplicateDealError: for an id that is there twice, or beside one of its aliases.
    """
    if isinstance(data, Deal) or is_frame(data) or not isinstance(data, Iterable):
        raise _unreadable(data)
    deals = list(data)
    identities: set[str] = set()
    n_aliases = 0
    # One look at each deal: in a large book, fetching it from memory is what costs.
    for deal in deals:
        if not isinstance(deal, Deal):
            raise _unreadable(deal)
        fields = vars(deal)
        identities.add(fields["id"])
        if fields["aliases"]:
            identities.update(fields["aliases"])
            n_aliases += len(fields["aliases"])
    if len(identities) != len(deals) + n_aliases:
        raise _duplicate(deals)
    return deals


def listed(data: object) -> list[Deal]:
    """The deals of a call, with those that are there twice.

    Raises:
        DataError: for anything but deals.
    """
    if isinstance(data, Deal) or is_frame(data) or not isinstance(data, Iterable):
        raise _unreadable(data)
    deals = [*data]
    for deal in deals:
        if not isinstance(deal, Deal):
            raise _unreadable(deal)
    return deals


def check_leads(leads: object) -> list[Lead]:
    """The leads of a call.

    Raises:
        DataError: for anything but leads.
        OptionError: for an id that is there twice, or beside one of its aliases.
    """
    # A model is iterable too, over its fields.
    if isinstance(leads, Lead) or not isinstance(leads, Iterable):
        raise _no_leads(leads, "no list of leads")
    read = []
    identities: set[str] = set()
    for lead in leads:
        if not isinstance(lead, Lead):
            raise _no_leads(lead, "no lead")
        for identity in (lead.id, *lead.aliases):
            if identity in identities:
                raise _duplicate_lead(identity)
            identities.add(identity)
        read.append(lead)
    return read


def _no_leads(found: object, what: str) -> DataError:
    kind = type(found).__name__
    msg = f"cannot read the leads: {kind} is {what}"
    return DataError(msg, hint="give a list of salesflow.Lead.", found=kind)


def _duplicate_lead(identity: str) -> OptionError:
    msg = f"cannot tell lead '{identity}': it is there twice, or beside an alias"
    hint = "give each lead once; merged leads go under the surviving one."
    return OptionError(msg, hint=hint, parameter="leads", value=identity)


def _unreadable(found: object) -> DataError:
    kind, engine = type(found).__name__, engine_of(found)
    if engine is not None:
        msg = f"cannot read the data: this call takes Deal objects, not a {engine} frame"
        hint = "crm.read(frame).deals makes salesflow.Deal objects of its rows."
        return DataError(msg, hint=hint, found=kind)
    fact = "a single deal is no list" if kind == "Deal" else f"{kind} is no list of deals"
    msg = f"cannot read the data: {fact}"
    return DataError(
        msg,
        hint="give a list of salesflow.Deal; pipeline.restore makes them from rows.",
        found=kind,
    )


def _duplicate(deals: Sequence[Deal]) -> DuplicateDealError:
    """The id that is there twice."""
    identities = [identity for deal in deals for identity in (deal.id, *deal.aliases)]
    count = Counter(identities)
    twice = next(identity for identity in identities if count[identity] > 1)
    msg = f"cannot count deal '{twice}': it is there twice, or beside an alias"
    hint = "give each deal once; merged deals go under the surviving one."
    return DuplicateDealError(msg, hint=hint, deal_id=twice)
