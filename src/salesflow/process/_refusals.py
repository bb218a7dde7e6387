"""Why a move is refused, and what would be legal instead."""

from typing import TYPE_CHECKING

from salesflow.errors import MigrationError, MoveNotAllowed, closest, one_of, shown

if TYPE_CHECKING:
    from salesflow.models import Deal, Lead
    from salesflow.process._machine import Cursor
    from salesflow.process.process import Process
    from salesflow.process.stage import Stage

_MAX_NAMES = 5
_CALLS = {
    "move": "{code}.move({word}, to='{to}')",
    "win": "{code}.win({word}, to='{to}')",
    "lose": "{code}.lose({word}, reason=…, to='{to}')",
    "reopen": "{code}.reopen({word}, to='{to}', reason=…)",
    "nurture": "{code}.nurture({word}, reason=…, to='{to}')",
    "disqualify": "{code}.disqualify({word}, reason=…, to='{to}')",
    "requalify": "{code}.requalify({word}, to='{to}', reason=…, by=…)",
    "convert": "{code}.convert({word}, pipeline, to='{to}')",
    "settle": "{code}.settle({word}, deal)",
}
_BACK = {
    "reopen": "{code}.reopen({word}, to=…, reason=…) brings it back.",
    "requalify": "{code}.requalify({word}, to=…, reason=…, by=…) brings it back.",
}
_GOOD = {
    "win": "close it with {code}.win({word}).",
    "convert": "convert it with {code}.convert({word}, pipeline).",
}
_CLOSING = ("win", "lose", "convert", "disqualify")


def refusal(
    subject: "Deal | Lead",
    verb: str,
    to: str | None,
    fact: str,
    hint: str | None,
    legal: tuple[str, ...],
    unmet: tuple[str, ...] = (),
) -> MoveNotAllowed:
    """The error that says why a verb is refused."""
    where = f" from '{subject.stage}'" + ("" if to is None else f" to '{to}'")
    return MoveNotAllowed(
        f"cannot {verb} {subject._word} '{subject.id}'{where}: {fact}",
        hint=hint,
        deal_id=subject.id,
        stage=subject.stage,
        to=to,
        legal=legal,
        unmet=unmet,
    )


def no_entry(
    what: tuple[str, str], identity: str, stage: str, entries: tuple[str, ...]
) -> MoveNotAllowed:
    """A deal or lead opened where none may begin."""
    return MoveNotAllowed(
        f"cannot open {what[0]} {what[1]!r} in '{stage}': it is no entry stage",
        hint=f"open it in {one_of(closest(stage, entries))}.",
        deal_id=identity,
        stage=None,
        to=stage,
        legal=entries,
        unmet=(),
    )


def no_place(
    process: "Process", subject: "Deal | Lead", name: str | None, target: "Stage | None"
) -> MigrationError:
    """A stage that it may not migrate to."""
    fact = "it has no such stage" if target is None else f"that stage is {target.kind}"
    fact = "that stage is retired" if target is not None and target.retired else fact
    same = [s.name for s in process.stages if s.kind == subject.outcome and not s.retired]
    word, place = subject._word, f"'{name}' of {process._noun} '{process.name}'"
    return MigrationError(
        f"cannot migrate {word} '{subject.id}' to {place}: {fact}",
        hint=f"the {word} is {subject.outcome}: to={one_of(same[:_MAX_NAMES])}.",
        deal_id=subject.id,
        stage=name,
        pipeline=process.name,
    )


def no_target(process: "Process", subject: "Deal | Lead", name: object) -> MigrationError:
    """A mapping of stages that names one which is not there."""
    word, place = subject._word, f"{process._noun} '{process.name}'"
    return MigrationError(
        f"cannot migrate {word} '{subject.id}': stages names {shown(name)}, "
        f"which {place} does not have",
        hint=f"did you mean {one_of(closest(name, process._layout.positions))}?",
        deal_id=subject.id,
        stage=name if isinstance(name, str) else shown(name),
        pipeline=process.name,
    )


def no_next(process: "Process", subject: "Deal | Lead") -> MoveNotAllowed:
    """A deal or lead that has no next open stage."""
    possible = legal(process, subject)
    verbs = [*process.targets(str(subject.stage)).values()]
    if not subject.is_open:
        fact = f"it is {subject.outcome}, so there is no next open stage"
        hint = _call(_BACK, verbs, process)
    elif subject.stage not in process._layout.next_open:
        fact = f"'{subject.stage}' is off the path, so there is no next open stage"
        hint = _legal_hint(possible)
    else:
        fact = "it is in the last open stage"
        hint = _call(_GOOD, verbs, process) or _legal_hint(possible)
    return refusal(subject, "advance", None, fact, hint, possible)


def _call(calls: dict[str, str], verbs: list[str], process: "Process", to: str = "") -> str | None:
    call = next((calls[verb] for verb in verbs if verb in calls), None)
    names = {"code": process._code, "word": process._model._word, "to": to}
    return None if call is None else call.format(**names)


def disqualified(process: "Process", deal: "Deal", to: str) -> MoveNotAllowed:
    """A disqualified deal that nobody requalified."""
    fact = "it was disqualified"
    hint = "say who found it worth pursuing: requalified_by='…'."
    return refusal(deal, "reopen", to, fact, hint, legal(process, deal))


def not_allowed(
    process: "Process", subject: "Deal | Lead", target: "Stage", verb: str, cursor: "Cursor"
) -> MoveNotAllowed:
    """A move that the graph, the way it came, or a requirement refused."""
    possible = legal(process, subject)
    to = target.name
    found = process.targets(str(subject.stage)).get(to)
    if cursor.unmet:
        fact = _missing(subject, to, cursor)
        hint = "meet that, or give override='why' and by='who'."
        return refusal(subject, verb, to, fact, hint, possible, cursor.unmet)
    if found is not None and not process._offers(subject, found):
        found = None
    elif found is not None and to not in possible:
        ways = process.targets(str(subject.stage))
        near = tuple(name for name in possible if ways[name] == found)
        way = f"{found} it to {one_of(near[::-1][:_MAX_NAMES])}." if near else None
        return refusal(subject, verb, to, process._too_far(subject), way, possible)
    if found is not None:
        fact = f"'{to}' is {target.kind}, and the verb that leads there is {found}"
        way = f"use {_call(_CALLS, [found], process, to)}."
        return refusal(subject, verb, to, fact, way, possible)
    way = _legal_hint(_nearest(process, target, possible))
    ways_in = [s.name for s in process.stages if process.targets(s.name).get(to) == verb]
    if verb in _CLOSING and subject.is_open and ways_in:
        way = f"{verb} it from {one_of(closest(subject.stage, ways_in))}."
    return refusal(subject, verb, to, _fact(subject, target), way, possible)


def _missing(subject: "Deal | Lead", to: str, cursor: "Cursor") -> str:
    leaving, entering = cursor.unmet[: cursor.n_leaving], cursor.unmet[cursor.n_leaving :]
    sides = ((f"leaving '{subject.stage}'", leaving), (f"'{to}'", entering))
    return "; ".join(f"{side} requires more: {'; '.join(unmet)}" for side, unmet in sides if unmet)


def _fact(subject: "Deal | Lead", target: "Stage") -> str:
    if target.retired:
        return "that stage is retired"
    if subject.stage == target.name:
        return "it is in that stage already"
    if subject.outcome != "open" and target.kind == "open":
        return f"it is {subject.outcome}, and may not go back there"
    return "the definition has no such move"


def _nearest(process: "Process", target: "Stage", legal: tuple[str, ...]) -> tuple[str, ...]:
    """The legal stages, those of the target's kind first, then the open ones, each by distance."""

    def distance(name: str) -> tuple[bool, bool, int]:
        kind = process.stage(name).kind
        gap = process.position(name) - process.position(target.name)
        return kind != target.kind, kind != "open", abs(gap)

    return tuple(sorted(legal, key=distance))


def _legal_hint(legal: tuple[str, ...]) -> str | None:
    return f"legal now: {one_of(legal[:_MAX_NAMES])}." if legal else None


def legal(process: "Process", subject: "Deal | Lead") -> tuple[str, ...]:
    """The stages that it may go to now, requirements apart."""
    limit, returns = process._furthest(subject), process._layout.returns
    here = str(subject.stage)
    return tuple(
        to
        for to, verb in process.targets(here).items()
        if process._offers(subject, verb)
        and (limit is None or (here, to) not in returns or process.position(to) <= limit)
    )
