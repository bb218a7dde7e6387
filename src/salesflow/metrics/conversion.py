"""`stage_conversion`."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Unpack, cast

from salesflow.errors import OptionError
from salesflow.metrics._statistics import ratio, wilson
from salesflow.metrics.evaluate import Cell, Definition, breakdown, stats_of
from salesflow.metrics.needs import Flag, Mode, Need, Steps, known, unknown
from salesflow.metrics.options import (
    By,
    Call,
    Every,
    Options,
    Unstaged,
    check_choice,
    make_call,
    to_names,
)
from salesflow.metrics.results import Breakdown
from salesflow.metrics.stage_results import StageConversion
from salesflow.metrics.stats import Answer, Key, Stats

ConversionBasis = Literal["entered", "moved"]
"""Whether a period holds the deals that entered in it, or what happened in it."""


def stage_conversion(
    data: object,
    *,
    mode: Mode = "reached",
    basis: ConversionBasis = "entered",
    stages: Sequence[str] | Mapping[str, str] | None = None,
    by: By | None = None,
    every: Every | None = None,
    **options: Unpack[Unstaged],
) -> Breakdown[StageConversion]:
    """Of the deals that came to a stage, what share went on to the next one?

    **Definition**: next ÷ this, of distinct deals. The steps are the open stages in order, and
    after the last one the win. What it takes to be at a step:

    - ``reached``: a visit to it or to a later one, or a win. A stage that was passed over is
      implied; the same holds for lost deals, so each step is part of the one before.
    - ``touched``: a visit to it, in any order.
    - ``strict``: visits to all steps from the first to it, first seen in that order. Deals whose
      history is not complete are left out and counted.
    - ``adjacent``: of the deals that left it, next are those that went straight to the next one.

    Args:
        data: the deals.
        mode: ``reached``, ``touched``, ``strict`` or ``adjacent``.
        basis: what a period holds: ``entered``, the deals that entered the stage in it, and
            whether they went on whenever; or ``moved``, entries in it and moves onward in it.
        stages: the names of the open stages in order; visits to others are ignored. As the visits
            froze it unless given: the order of all data, or of each pipeline if ``by`` names it.
        by: a column, or columns, to group by besides the stage; the owner is the one at entry.
        every: what to cut time into; by entry.
        **options: see `Options`.

    Returns:
        A `StageConversion` for each stage, in the order of the stages; keys are ``(*by, stage)``
        with ``by``. Its value is None where nothing entered. A stage that no deal counts at, and
        none is left out of, has no row, unless ``stages`` names it.

    Raises:
        OptionError: if two stages stood at one position, or one stage at two, and nothing says
            what the order is.
        ColumnError: for a column that the data does not have.

    Example:
        >>> from datetime import date
        >>> from salesflow import Pipeline
        >>> pipeline = Pipeline.standard()
        >>> deals = [
        ...     pipeline.restore(
        ...         id=stage, stage=stage, visits=[("meeting", date(2026, 1, 1)), (stage, None)]
        ...     )
        ...     for stage in ("proposal", "negotiation", "lost")
        ... ]
        >>> rates = stage_conversion(deals)
        >>> rates["meeting"].n_entered, rates["meeting"].n_next, rates["proposal"].n_implied
        (3, 2, 1)
    """
    check_choice("mode", mode, ("reached", "touched", "strict", "adjacent"))
    check_choice("basis", basis, ("entered", "moved"))
    names = to_names(by)
    given = cast("Options", {**options, "stages": stages if isinstance(stages, Mapping) else None})
    call = make_call((*names, "stage") if names else "stage", every, given)
    order = None if stages is None or isinstance(stages, Mapping) else checked_stages(stages)
    steps = Steps(mode, order, by_pipeline="pipeline" in names)
    definition = stage_conversion_of(steps, basis, dated=call.is_dated)
    stats = stats_of(data, definition.needs, call, steps)
    return breakdown(stats if order is None else _filled(stats, order, call), definition, call)


def checked_stages(stages: object) -> tuple[str, ...]:
    """The names of stages in order.

    Raises:
        OptionError: for anything but names, and for one that is there twice.
    """
    several = stages if isinstance(stages, Sequence) and not isinstance(stages, str) else ()
    names = tuple(several)
    if not names or not all(isinstance(name, str) for name in names):
        msg = f"cannot take stages={stages!r}: it is no list of names"
        hint = "give the names of the open stages in order, such as ['meeting', 'proposal']."
        raise OptionError(msg, hint=hint, parameter="stages", value=stages)
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        msg = f"cannot order the stages: '{twice}' is named twice"
        raise OptionError(msg, hint="name each once.", parameter="stages", value=stages)
    return names


_PLACE = Need("min", "stage_position", (known("stage_position"),))
"""Where a stage stands."""


def _filled(stats: Stats, stages: tuple[str, ...], call: Call) -> Stats:
    """With a group for each stage that is named, and its place in the order."""
    last = (None,) if call.every else ()
    depth = len(call.by) - 1
    groups: dict[Key, Mapping[Need, Answer]] = dict(stats.groups)
    heads: dict[tuple[Any, ...], None] = dict.fromkeys(key[:depth] for key in groups)
    for head in heads or ({(): None} if not depth else {}):
        for place, stage in enumerate(stages):
            key = (*head, stage, *last)
            groups[key] = {**groups.get(key, {}), _PLACE: place}
    return Stats(groups, stats.notes)


def stage_conversion_of(
    steps: Steps, basis: ConversionBasis = "entered", *, dated: bool = False
) -> Definition[StageConversion]:
    """The definition of a conversion; ``dated`` where a deal without a date has no place."""
    is_strict = steps.mode == "strict"
    whole = (Flag("history_complete", "is", value=True),) if is_strict else ()
    goes_on = (*whole, Flag("has_next", "is", value=True))
    entered = Need("count", None, whole, "entered_at")
    onward = Need("count", None, goes_on, "next_at" if basis == "moved" else "entered_at")
    implied = Need("count", None, (*whole, Flag("is_implied", "is", value=True)), "entered_at")
    reasons = {}
    if is_strict:
        torn = (Flag("history_complete", "is", value=False),)
        reasons["incomplete_history"] = Need("count", None, torn, "entered_at")
    if dated:
        reasons["no_entered_at"] = Need("count", None, (unknown("entered_at"),))
        if basis == "moved":
            reasons["no_next_at"] = Need("count", None, (*goes_on, unknown("next_at")))

    def formula(cell: Cell) -> StageConversion:
        n, n_next = cell.number(entered), cell.number(onward)
        return StageConversion(
            ratio(n_next, n),
            n,
            n_next,
            cell.number(implied),
            wilson(n_next, n) if basis == "entered" else None,
            as_of=cell.as_of,
            currency=cell.stated_currency,
            left_out=cell.counted(**reasons),
        )

    needs = (entered, onward, implied, _PLACE, *reasons.values())
    return Definition(needs, formula, table=steps, order_by=_PLACE, reasons=reasons)
