"""A stage model as JSON, and back. What is read is checked before anything is made of it."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from salesflow.errors import ColumnError, ModelFileError, SalesflowError
from salesflow.facts.columns import deal_reader
from salesflow.facts.schema import DEALS
from salesflow.forecast._segments import SIZE, TELLING, Segments
from salesflow.forecast._visits import LASTS, Visits
from salesflow.money import Money

if TYPE_CHECKING:
    from salesflow.forecast.stage_model import StageModel

_VERSION = 1
_MAX_FAULTS = 20
_MAX_US = 2**53
# As many microseconds are exact as a float: 285 years.
_OF_ONE_DEAL = {column.name for column in DEALS if column.type in {"date", "decimal", "instant"}}
# `Segments` tells no segments by these: nearly each deal is one of its own.

_Number = Annotated[int, Field(ge=0, lt=2**31)]
_Whole = Annotated[int, Field(ge=0, le=_MAX_US)]
_Text = Annotated[str, Field(min_length=1)]


class _Table(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class _Visits(_Table):
    deal: list[_Number]
    place: list[_Number]
    next: list[Annotated[int, Field(ge=LASTS, lt=2**31)]]
    us: list[_Whole]


class _Stored(_Table):
    """What a file holds."""

    kind: Literal["salesflow.StageModel"]
    version: Literal[1]
    as_of: datetime
    by: list[_Text]
    sizes: list[Money]
    prior_visits: float
    min_closed: int
    horizon_days: int
    n_closed: _Whole
    left_out: dict[str, _Whole]
    stages: list[_Text]
    deal_ids: list[_Text]
    segments: list[str]
    segment: list[_Number]
    visits: _Visits


def to_json(model: "StageModel") -> str:
    """A JSON text, without a space or a line break."""
    visits = model.visits
    data = {
        "kind": "salesflow.StageModel",
        "version": _VERSION,
        "as_of": model.as_of.isoformat(),
        "by": model.by,
        "sizes": [
            {"amount": f"{size.amount:f}", "currency": size.currency}
            for size in model.segments.sizes
        ],
        "prior_visits": model.prior_visits,
        "min_closed": model.min_closed,
        "horizon_days": model.horizon_days,
        "n_closed": model.n_closed,
        "left_out": dict(model.left_out),
        "stages": visits.stages,
        "deal_ids": visits.deal_ids,
        "segments": visits.segments,
        "segment": visits.segment,
        "visits": {name: getattr(visits, name) for name in ("deal", "place", "next", "us")},
    }
    return json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def from_json(kind: type["StageModel"], text: object) -> "StageModel":
    """The model that a text holds.

    Raises:
        ModelFileError: for a text that holds none, with all its faults.
    """
    stored = _parsed(text)
    faults = [*_faults(stored)]
    if faults:
        raise _refused(faults)
    visits = stored.visits
    try:
        return kind(
            as_of=stored.as_of,
            segments=Segments(stored.by, stored.sizes),
            prior_visits=stored.prior_visits,
            min_closed=stored.min_closed,
            horizon_days=stored.horizon_days,
            n_closed=stored.n_closed,
            left_out=stored.left_out,
            visits=Visits(
                tuple(stored.stages),
                tuple(stored.deal_ids),
                tuple(stored.segments),
                tuple(stored.segment),
                tuple(visits.deal),
                tuple(visits.place),
                tuple(visits.next),
                tuple(visits.us),
            ),
        )
    except SalesflowError as error:
        raise _refused([error.message]) from error


def _parsed(text: object) -> _Stored:
    if not isinstance(text, str):
        raise _refused([f"it is {type(text).__name__}, not a text"])
    try:
        return _Stored.model_validate_json(text)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise _refused([_fault(one) for one in found]) from None


def _fault(found: Any) -> str:
    path = ".".join(map(str, found["loc"]))
    if path == "version" and found["type"] == "literal_error":
        return f"version: this salesflow reads version {_VERSION}"
    return f"{path}: {found['msg']}" if path else found["msg"]


def _faults(stored: _Stored) -> Iterator[str]:
    """What does not belong together."""
    visits, n_places = stored.visits, 2 * len(stored.stages)
    if len({len(visits.deal), len(visits.place), len(visits.next), len(visits.us)}) > 1:
        yield "visits: its columns are not of one length"
    yield from _no_columns(stored.by)
    if len(stored.segment) != len(stored.deal_ids):
        yield "segment: there is not one for each deal"
    for name, values in (
        ("stages", stored.stages),
        ("deal_ids", stored.deal_ids),
        ("segments", stored.segments),
    ):
        if len({*values}) < len(values):
            yield f"{name}: one is there twice"
    yield from _beyond("segment", stored.segment, len(stored.segments))
    yield from _beyond("visits.deal", visits.deal, len(stored.deal_ids))
    yield from _beyond("visits.place", visits.place, n_places)
    yield from _beyond("visits.next", visits.next, n_places + 2)
    if any(one > other for one, other in pairwise(visits.deal)):
        yield "visits.deal: it is not in order"


def _no_columns(by: Iterable[str]) -> Iterator[str]:
    for name in by:
        if name == SIZE:
            continue
        try:
            deal_reader(name)
        except ColumnError as error:
            yield f"by: {error.message}"
        if name in TELLING:
            yield f"by: {name!r} tells no segments: it tells how far a deal got, or its end"
        if name in _OF_ONE_DEAL:
            yield f"by: {name!r} tells no segments: nearly each deal is one of its own"


def _beyond(name: str, numbers: Iterable[int], n: int) -> Iterator[str]:
    most = max(numbers, default=-1)
    if most >= n:
        yield f"{name}: {most} is beyond the {n} that there are"


def _refused(faults: list[str]) -> ModelFileError:
    found = tuple(faults)
    listed = "\n".join(f"- {fault}" for fault in found[:_MAX_FAULTS])
    msg = f"cannot read a stage model: {len(found)} fault(s)\n{listed}"
    hint = "StageModel.to_json writes one that can be read."
    return ModelFileError(msg, hint=hint, faults=found)
