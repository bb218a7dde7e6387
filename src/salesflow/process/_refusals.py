"""Why a move is refused, and what would be legal instead."""

from typing import TYPE_CHECKING

from salesflow.errors import MoveNotAllowed, closest, one_of

if TYPE_CHECKING:
    from salesflow.models import Deal
    from salesflow.process._machine import Cursor
    from salesflow.process.pipeline import Pipeline
    from salesflow.process.stage import Stage

_MAX_NAMES = 5
_CALLS = {
    "move": "pipeline.move(deal, to='{to}')",
    "win": "pipeline.win(deal, to='{to}')",
    "lose": "pipeline.lose(deal, reason=…, to='{to}')",
    "reopen": "pipeline.reopen(deal, to='{to}', reason=…)",
}


def _refusal(
    deal: "Deal",
    verb: str,
    to: str | None,
    fact: str,
    hint: str | None,
    legal: tuple[str, ...],
    unmet: tuple[str, ...] = (),
) -> MoveNotAllowed:
    where = f" from '{deal.stage}'" + ("" if to is None else f" to '{to}'")
    return MoveNotAllowed(
        f"cannot {verb} deal '{deal.id}'{where}: {fact}",
        hint=hint,
        deal_id=deal.id,
        stage=deal.stage,
        to=to,
        legal=legal,
        unmet=unmet,
    )


def no_entry(name: str, identity: str, stage: str, entries: tuple[str, ...]) -> MoveNotAllowed:
    """A deal opened where none may begin."""
    return MoveNotAllowed(
        f"cannot open deal {name!r} in '{stage}': it is no entry stage",
        hint=f"open it in {one_of(closest(stage, entries))}.",
        deal_id=identity,
        stage=None,
        to=stage,
        legal=entries,
        unmet=(),
    )


def no_next(pipeline: "Pipeline", deal: "Deal") -> MoveNotAllowed:
    """A deal that has no next open stage."""
    legal = _legal(pipeline, deal)
    if not deal.is_open:
        fact = f"it is {deal.outcome}, so there is no next open stage"
        hint = None
        if any(verb == "reopen" for verb in pipeline.targets(str(deal.stage)).values()):
            hint = "pipeline.reopen(deal, to=…, reason=…) brings it back."
    elif "win" in pipeline.targets(str(deal.stage)).values():
        fact, hint = "it is in the last open stage", "close it with pipeline.win(deal)."
    else:
        fact, hint = "it is in the last open stage", _legal_hint(legal)
    return _refusal(deal, "advance", None, fact, hint, legal)


def disqualified(pipeline: "Pipeline", deal: "Deal", to: str) -> MoveNotAllowed:
    """A disqualified deal that nobody requalified."""
    fact = "it was disqualified"
    hint = "say who found it worth pursuing: requalified_by='…'."
    return _refusal(deal, "reopen", to, fact, hint, _legal(pipeline, deal))


def not_allowed(
    pipeline: "Pipeline", deal: "Deal", target: "Stage", verb: str, cursor: "Cursor"
) -> MoveNotAllowed:
    """A move that the graph, the place of the loss, or a requirement refused."""
    legal = _legal(pipeline, deal)
    to = target.name
    found = pipeline.targets(str(deal.stage)).get(to)
    if cursor.unmet:
        fact = _missing(deal, to, cursor)
        hint = "meet that, or give override='why' and by='who'."
        return _refusal(deal, verb, to, fact, hint, legal, cursor.unmet)
    if found == "reopen" and to not in legal:
        fact = f"it was lost at '{deal.lost_at_stage}', and reverts to that stage or an earlier one"
        near = tuple(name for name in legal if pipeline.stage(name).kind == "open")
        way = f"reopen it to {one_of(near[::-1][:_MAX_NAMES])}." if near else None
        return _refusal(deal, verb, to, fact, way, legal)
    if found is not None:
        fact = f"'{to}' is {target.kind}, and the verb that leads there is {found}"
        return _refusal(deal, verb, to, fact, f"use {_CALLS[found].format(to=to)}.", legal)
    way = _legal_hint(_nearest(pipeline, target, legal))
    ways = [s.name for s in pipeline.stages if pipeline.targets(s.name).get(to) == verb]
    if verb in ("win", "lose") and deal.is_open and ways:
        way = f"{verb} it from {one_of(closest(deal.stage, ways))}."
    return _refusal(deal, verb, to, _fact(deal, target), way, legal)


def _missing(deal: "Deal", to: str, cursor: "Cursor") -> str:
    leaving, entering = cursor.unmet[: cursor.n_leaving], cursor.unmet[cursor.n_leaving :]
    sides = ((f"leaving '{deal.stage}'", leaving), (f"'{to}'", entering))
    return "; ".join(f"{side} requires more: {'; '.join(unmet)}" for side, unmet in sides if unmet)


def _fact(deal: "Deal", target: "Stage") -> str:
    if target.retired:
        return "that stage is retired"
    if deal.stage == target.name:
        return "it is in that stage already"
    if deal.outcome != "open" and target.kind == "open":
        return f"it is {deal.outcome}, and may not go back there"
    return "the definition has no such move"


def _nearest(pipeline: "Pipeline", target: "Stage", legal: tuple[str, ...]) -> tuple[str, ...]:
    """The legal stages, those of the target's kind first, then the open ones, each by distance."""

    def distance(name: str) -> tuple[bool, bool, int]:
        kind = pipeline.stage(name).kind
        gap = pipeline.position(name) - pipeline.position(target.name)
        return kind != target.kind, kind != "open", abs(gap)

    return tuple(sorted(legal, key=distance))


def _legal_hint(legal: tuple[str, ...]) -> str | None:
    return f"legal now: {one_of(legal[:_MAX_NAMES])}." if legal else None


def _legal(pipeline: "Pipeline", deal: "Deal") -> tuple[str, ...]:
    from salesflow.process._verbs import furthest

    limit = furthest(pipeline, deal)
    return tuple(
        to
        for to, verb in pipeline.targets(str(deal.stage)).items()
        if verb != "reopen" or limit is None or pipeline.position(to) <= limit
    )
