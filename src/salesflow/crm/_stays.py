"""What is known of the stages that a deal was in, made to agree with where it is now."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import attrs

from salesflow.crm._places import Place, Stages
from salesflow.models.fold import Moment
from salesflow.models.moments import is_before, is_same_moment
from salesflow.process._restoring import UNKNOWN, Stay

if TYPE_CHECKING:
    from salesflow.crm._table import Chunk

NOWHERE = ""
"""Instead of the name of a stage: one that the pipeline does not have."""

InRows = Callable[["Chunk"], Sequence[Sequence[Stay]]]
"""The stays that rows tell of themselves."""


@attrs.frozen
class Visits:
    """The stays of deals, from logs by the deal's id, and from columns of its own row."""

    by_deal: Mapping[str, Sequence[Stay]]
    of_rows: InRows

    def of_deal(self, identity: str) -> Sequence[Stay]:
        """What the logs say of a deal."""
        return self.by_deal.get(identity, ())


class Fitted(NamedTuple):
    """The stays of a deal, and its closing, in agreement."""

    stays: tuple[Stay, ...]
    closed: Moment
    oddity: tuple[str, str] | None = None


def fitted(known: Sequence[Stay], place: Place, closed: Moment, stages: Stages) -> Fitted:
    """The stays in order, repeats made one, each left when the next began, no date invented.

    The row's own closing goes before that of its history: people report by it. Where both say
    another day, what the history says from that closing on is unknown. A stay in `NOWHERE` is left
    out, and still ends the one before it. There may be no stay left.
    """
    stays = _linked(in_order(known))
    if place.outcome == "open":
        return _fitted_open(stays, place)
    return _fitted_closed(_somewhere(stays), place, closed, stages)


def _somewhere(stays: Sequence[Stay]) -> list[Stay]:
    return [stay for stay in stays if stay.stage != NOWHERE]


def in_order(known: Iterable[Stay]) -> list[Stay]:
    """The stays that are dated by when they began, those in a row in one stage made one."""
    stays: list[Stay] = []
    for stay in sorted((s for s in known if s.entered[0] or s.left[0]), key=_first_known):
        if stays and stays[-1].stage == stay.stage and not _is_after(stay.entered, stays[-1].left):
            stays[-1] = attrs.evolve(stays[-1], left=stay.left)
        else:
            stays.append(stay)
    return stays


def _first_known(stay: Stay) -> tuple[datetime, bool]:
    """What a stay is ordered by; of two at one time the one that ended then comes first.

    Days come before instants of the same day: midnight, as they are kept.
    """
    moment = stay.entered[0] or stay.left[0]
    assert moment is not None  # noqa: S101 - those without are left out
    return moment, stay.entered[0] is not None


def _linked(stays: list[Stay]) -> list[Stay]:
    """Each stay left when the next began, unless it is known to have been left before."""
    linked: list[Stay] = []
    first = UNKNOWN  # the first moment that is known of those that follow
    for stay in reversed(stays):
        is_known = stay.left[0] is not None and not _is_after(stay.left, first)
        if linked and not is_known:
            stay = attrs.evolve(stay, left=linked[-1].entered)  # noqa: PLW2901 - the same stay
        linked.append(stay)
        first = next((known for known in (stay.entered, stay.left) if known[0]), first)
    return linked[::-1]


def _fitted_open(stays: list[Stay], place: Place) -> Fitted:
    if stays and stays[-1].stage == place.stage:
        stays = [*stays[:-1], attrs.evolve(stays[-1], left=UNKNOWN)]
        return Fitted(tuple(_somewhere(stays)), UNKNOWN)
    fact = "its history ends in another stage than the one it is in: since when is unknown"
    return Fitted(tuple(_somewhere(stays)), UNKNOWN, ("history-gap", fact))


def _fitted_closed(stays: list[Stay], place: Place, closed: Moment, stages: Stages) -> Fitted:
    begin = len(stays)
    while begin and stages.kind(stays[begin - 1].stage) == place.outcome:
        if begin < len(stays) and _is_gap(stays[begin - 1].left, stays[begin].entered):
            break
        begin -= 1
    earlier, since = stays[:begin], stays[begin:]
    if closed[0] is None and since:
        closed = since[0].entered
    if closed[0] is None:
        return Fitted(tuple(stays), closed)
    oddity = None
    if since and since[0].entered[0] is not None and not _is_same_day(since[0].entered, closed):
        fact = "its history says another day of its closing: the row's own is kept"
        oddity = ("history-differs", fact)
    if earlier and not since and (not earlier[-1].left[0] or _is_after(earlier[-1].left, closed)):
        # Some logs end a stay that lasts in 2050: no deal is in a stage after its closing.
        earlier[-1] = attrs.evolve(earlier[-1], left=closed)
    earlier = [_until(stay, closed) for stay in earlier]
    return Fitted((*earlier, *_since(since, closed, place)), closed, oddity)


def _is_gap(left: Moment, entered: Moment) -> bool:
    """Whether it is known to have been elsewhere between two stays."""
    return bool(left[0] and entered[0]) and not is_same_moment(left, entered)


def _until(stay: Stay, closed: Moment) -> Stay:
    """A stay without the moments that would lie after the closing."""
    entered = UNKNOWN if _is_after(stay.entered, closed) else stay.entered
    left = UNKNOWN if _is_after(stay.left, closed) else stay.left
    return attrs.evolve(stay, entered=entered, left=left)


def _since(stays: list[Stay], closed: Moment, place: Place) -> list[Stay]:
    """The stays from the closing on, without the moments that would lie before it.

    The first began with it; the last is not left, where that is the stage that the deal is in.
    """
    found: list[Stay] = []
    for stay in stays:
        entered = UNKNOWN if _is_after(closed, stay.entered) else stay.entered
        left = UNKNOWN if _is_after(closed, stay.left) else stay.left
        found.append(attrs.evolve(stay, entered=entered, left=left))
    if found and not (found[0].entered[0] and is_same_moment(found[0].entered, closed)):
        found[0] = attrs.evolve(found[0], entered=closed)
    if found and found[-1].stage == place.stage:
        found[-1] = attrs.evolve(found[-1], left=UNKNOWN)
    return found


def _is_after(moment: Moment, closed: Moment) -> bool:
    if moment[0] is None or closed[0] is None:
        return False
    return is_before(closed[0], closed[1], moment[0], moment[1])


def _is_same_day(one: Moment, other: Moment) -> bool:
    return is_same_moment((one[0], "day"), (other[0], "day"))
