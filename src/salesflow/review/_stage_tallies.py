"""How many deals of each owner came through each stage, and what they were worth."""

from collections.abc import Sequence

import attrs

from salesflow.metrics import Breakdown
from salesflow.metrics.evaluate import Cell, Definition, by_group, needs_of
from salesflow.metrics.needs import IS_LOST, IS_WON, Flag, Need, Steps, known, unknown
from salesflow.metrics.options import Options, make_call
from salesflow.metrics.results import Result
from salesflow.models import Deal
from salesflow.money import Money
from salesflow.review._shrinkage import Tally

_VISITED = Flag("is_implied", "is", value=False)
_CAME_THROUGH = (_VISITED, Flag("has_next", "is", value=True))
_STUCK = (_VISITED, Flag("has_next", "is", value=False))
_PLACE = Need("min", "stage_position", (known("stage_position"),))


@attrs.frozen
class StageTally(Result):
    """What became of the deals of an owner at a stage.

    Attributes:
        passed: how many came through, of those that are decided.
        won: of those that came through and are closed, how many were won.
        stake: the amounts of the decided ones; None where none is known.
        position: where the stage stands.
    """

    passed: Tally
    won: Tally
    stake: Money | None
    position: int


def stage_tallies(
    deals: Sequence[Deal], stages: tuple[str, ...] | None, options: Options
) -> Breakdown[StageTally]:
    """A tally for each owner at entry and stage, by both."""
    call = make_call(("owner_id", "stage"), None, options)
    return by_group(deals, _definition(Steps("reached", stages), dated=call.is_dated), call)


def _definition(steps: Steps, *, dated: bool) -> Definition[StageTally]:
    sides = (_CAME_THROUGH, (*_STUCK, IS_LOST))
    n_passed, n_lost = (_count(*side) for side in sides)
    priced = tuple(_count(*side, known("amount")) for side in sides)
    stakes = tuple(Need("sum", "amount", (*side, known("amount")), "entered_at") for side in sides)
    ends = tuple(_count(*_CAME_THROUGH, flag) for flag in (IS_WON, IS_LOST))
    no_rate = (known("given_amount"), unknown("amount"))
    reasons: dict[str, Need | tuple[Need, ...]] = {
        "undecided": _count(*_STUCK, Flag("outcome", "is_not", "lost")),
        "implied": _count(Flag("is_implied", "is", value=True)),
        "no_amount": tuple(_count(*side, unknown("given_amount")) for side in sides),
        "no_rate": tuple(_count(*side, *no_rate) for side in sides),
    }
    if dated:
        reasons["no_entered_at"] = Need("count", None, (unknown("entered_at"),))

    def formula(cell: Cell) -> StageTally:
        passed, (won, lost) = cell.number(n_passed), map(cell.number, ends)
        is_priced = any(map(cell.number, priced))
        stake = cell.money(*stakes) if is_priced else None
        return StageTally(
            Tally(passed, passed + cell.number(n_lost)),
            Tally(won, won + lost),
            stake,
            cell.number(_PLACE),
            as_of=cell.as_of,
            currency=cell.default_currency if stake is None else stake.currency,
            left_out=cell.counted(**reasons),
        )

    counted = (need for several in reasons.values() for need in needs_of(several))
    needs = (n_passed, n_lost, *priced, *stakes, *ends, _PLACE, *counted)
    return Definition(needs, formula, table=steps, order_by=_PLACE, reasons=reasons)


def _count(*flags: Flag) -> Need:
    return Need("count", None, flags, "entered_at")
