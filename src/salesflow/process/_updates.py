"""Which events an update makes: one for each kind of change, none for no change."""

from typing import TYPE_CHECKING, Any

from salesflow.errors import ClosedDealError, OptionError
from salesflow.models import Deal, Lead
from salesflow.models import events as ev
from salesflow.process._events import Stamp, check_names, make, next_id, stamped
from salesflow.process.stage import to_probability

if TYPE_CHECKING:
    from collections.abc import Iterator

    from salesflow.models._base import Value
    from salesflow.process.process import Process
    from salesflow.process.stage import Stage

_DETAILS = ("name", "source", "channel", "account_id", "contact_ids", "lead_id", "links", "custom")
_OTHERS = ("owner_id", "amount", "expected_close_on", "probability", "category")


def updates(
    process: "Process",
    subject: Deal | Lead,
    fields: dict[str, Any],
    why: tuple[str | None, str | None],
    now: Stamp,
) -> list[Any]:
    """The events that bring the fields to their new values, in order."""
    _check_names(subject, fields)
    correction, reason = why
    if isinstance(subject, Deal):
        _check_closed(subject, fields, correction)
    made: list[Any] = []
    for model, values in _changes(process, subject, fields, correction, reason):
        event = _event(subject, model, values, now, len(made) + 1)
        named = values.get("changed", tuple(values)[:1])
        changed = tuple(name for name in named if getattr(event, name) != getattr(subject, name))
        if model is ev.DetailsChanged and changed and changed != named:
            # From the event, not the values given: an iterator among them is used up by now.
            only = {name: getattr(event, name) for name in changed} | {"changed": changed}
            event = _event(subject, model, only, now, len(made) + 1)
        if changed or _source_changes(subject, event):
            made.append(event)
    return made


def _event(
    subject: Deal | Lead, model: "type[Value]", values: dict[str, Any], now: Stamp, number: int
) -> Any:
    identity = next_id(subject, number)
    return make(
        model, f"update {subject._word} '{subject.id}'", **values, id=identity, **stamped(now)
    )


def _check_names(subject: Deal | Lead, fields: dict[str, Any]) -> None:
    known = {name for name in (*_DETAILS, *_OTHERS) if name in type(subject).model_fields}
    what = f"update {subject._word} '{subject.id}'"
    if fields.get("name", "") is None:
        msg = f"cannot {what}: its name cannot be taken away"
        raise OptionError(msg, hint="give another one.", parameter="name", value=None)
    check_names(what, fields, frozenset(known))


def _check_closed(deal: Deal, fields: dict[str, Any], correction: str | None) -> None:
    if deal.is_open:
        if correction is not None:
            msg = f"cannot correct deal '{deal.id}': it is open"
            hint = "leave correction out; an open deal's amount simply changes."
            raise OptionError(msg, hint=hint, parameter="correction", value=correction)
        return
    if correction is not None and "amount" not in fields:
        msg = f"cannot correct deal '{deal.id}': there is no amount to correct it to"
        raise OptionError(msg, hint="give amount=….", parameter="correction", value=correction)
    field, hint = "", ""
    if "probability" in fields and fields["probability"] != deal.probability:
        field, hint = "probability", "reopen it first."
    elif "amount" in fields and fields["amount"] != deal.amount and correction is None:
        field, hint = "amount", "say why it was wrong: correction='…'."
    if field:
        msg = f"cannot change the {field} of deal '{deal.id}': it is {deal.outcome}"
        raise ClosedDealError(msg, hint=hint, deal_id=deal.id, outcome=deal.outcome, field=field)


def _changes(
    process: "Process",
    subject: Deal | Lead,
    fields: dict[str, Any],
    correction: str | None,
    reason: str | None,
) -> "Iterator[tuple[type[Value], dict[str, Any]]]":
    """The kinds of event that the fields ask for, each with the values it sets."""
    details = {name: fields[name] for name in _DETAILS if name in fields}
    if details:
        yield ev.DetailsChanged, details | {"changed": tuple(details)}
    if "owner_id" in fields:
        yield ev.OwnerChanged, {"owner_id": fields["owner_id"]}
    if "amount" in fields:
        yield ev.AmountChanged, {"amount": fields["amount"], "correction": correction}
    if "expected_close_on" in fields:
        day = fields["expected_close_on"]
        yield ev.ExpectedCloseChanged, {"expected_close_on": day, "reason": reason}
    stage = None if subject.stage is None else process.stage(subject.stage)
    if "probability" in fields and subject.is_open:
        given = to_probability(fields["probability"])
        yield (
            ev.ProbabilitySet,
            {
                "probability": _of(stage, "probability") if given is None else given,
                "probability_source": "stage" if given is None else "manual",
                "reason": reason,
            },
        )
    if "category" in fields:
        given = fields["category"]
        yield (
            ev.CategorySet,
            {
                "category": _of(stage, "category") if given is None else given,
                "category_source": "stage" if given is None else "manual",
            },
        )


def _of(stage: "Stage | None", name: str) -> Any:
    """What a stage gives; nothing while it is not known which one it is."""
    return None if stage is None else getattr(stage, name)


def _source_changes(subject: Deal | Lead, event: Any) -> bool:
    """Whether a value stays, but comes from the stage or from a hand instead."""
    return any(
        getattr(event, name) != getattr(subject, name)
        for name in ("probability_source", "category_source")
        if hasattr(event, name)
    )
