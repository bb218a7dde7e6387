"""The table of `stage_conversion` over frames: one row a deal and step.

The order of the steps is known before the query is built: it is named, or the few pairs of stage
and position are asked for first. So each step is a part of the query, and no engine compares a row
with the one before.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from salesflow._narwhals import nw
from salesflow.metrics._stage_rows import check_order
from salesflow.metrics._stage_tables import add_next
from salesflow.metrics._tables import Expr, Table
from salesflow.metrics._visit_table import read_visits
from salesflow.metrics.needs import Need, Steps
from salesflow.metrics.options import Call

Frame = Any
"""A frame of narwhals, lazy or not."""

_MADE = ("has_next", "next_at", "next_precision", "is_implied")
_AT = ["deal_id", "step"]


@attrs.frozen
class _Order:
    """The steps of each pipeline, or of all (None): their names and positions."""

    scopes: Mapping[str | None, tuple[tuple[int, str], ...]]

    @property
    def n_steps(self) -> int:
        """How many steps the longest has."""
        return max((len(steps) for steps in self.scopes.values()), default=0)

    def _by_scope(self, values: Mapping[str | None, Any]) -> Expr:
        if None in self.scopes:
            return nw.lit(values[None])
        found: Expr = nw.lit(0)
        for scope, value in values.items():
            found = nw.when(nw.col("pipeline") == scope).then(nw.lit(value)).otherwise(found)
        return found

    def length(self) -> Expr:
        """How many steps the pipeline of a row has."""
        return self._by_scope({scope: len(steps) for scope, steps in self.scopes.items()})

    def place(self, stage: str) -> Expr:
        """The step of the stage in a column; -1 for one that is none."""
        found: Expr = nw.lit(-1)
        for scope, steps in self.scopes.items():
            for step, (_, name) in enumerate(steps):
                is_one = nw.col(stage) == name
                if scope is not None:
                    is_one = is_one & (nw.col("pipeline") == scope)
                found = nw.when(is_one).then(nw.lit(step)).otherwise(found)
        return found

    def told(self, part: int) -> Expr:
        """The position (0) or name (1) of the step of a row."""
        pairs = [
            (scope, step, pair[part])
            for scope, steps in self.scopes.items()
            for step, pair in enumerate(steps)
        ]
        # Every row is at one of them, so that what starts the chain is never seen.
        found: Expr = nw.lit(pairs[0][2] if pairs else ("", 0)[part == 0])
        for scope, step, told in pairs:
            is_one = nw.col("step") == step
            if scope is not None:
                is_one = is_one & (nw.col("pipeline") == scope)
            found = nw.when(is_one).then(nw.lit(told)).otherwise(found)
        return found


def open_steps(data: object, needs: Sequence[Need], call: Call, steps: Steps) -> Table:
    """A row for each deal and step that it is counted at."""
    # Whether a deal is still where it was won is told by when it left.
    asked = ["visit", "stage", "entered_at", "left_at"]
    asked += ["stage_position"] if steps.stages is None else []
    visits = read_visits(data, needs, call, "stays", asked, _MADE, _keys_of(steps))
    table = visits.table
    if steps.mode == "adjacent":
        add_next(table)
    if steps.by_pipeline or steps.mode == "strict":
        visits.join_deals()
    order = _order(table, steps)
    path = _Path(table, order)
    rows = path.adjacent() if steps.mode == "adjacent" else path.between(steps.mode)
    table.frame = rows
    if not (steps.by_pipeline or steps.mode == "strict"):
        visits.join_deals()
    _settle_keys(table, order)
    return table


def _keys_of(steps: Steps) -> tuple[str, ...]:
    """The columns of deals that the steps themselves depend on."""
    return ("pipeline",) if steps.by_pipeline else ()


def _order(table: Table, steps: Steps) -> _Order:
    if steps.stages is not None:
        return _Order({None: tuple(enumerate(steps.stages))})
    scope = ["pipeline"] if steps.by_pipeline else []
    is_placed = nw.col("kind_open") & ~nw.col("stage_position").is_null()
    columns = [*scope, "stage_position", "stage"]
    seen = table.frame.filter(is_placed).group_by(*columns).agg(nw.len().alias("n"))
    found: dict[str | None, list[tuple[int, str]]] = {} if scope else {None: []}
    for *named, position, stage, _ in table.source.engine.fetch(nw.to_native(seen)):
        found.setdefault(named[0] if named else None, []).append((int(position), stage))
    for pairs in found.values():
        check_order(sorted(pairs), steps)
    return _Order({scope: tuple(sorted(pairs)) for scope, pairs in found.items()})


class _Path:
    """The ways of all deals through the steps."""

    def __init__(self, table: Table, order: _Order) -> None:
        self._table = table
        self._order = order
        step, length = order.place("stage").cast(nw.Int64), order.length().cast(nw.Int64)
        self._visits = table.frame.with_columns(step=step, length=length)
        self._placed = self._visits.filter(nw.col("kind_open") & (nw.col("step") >= 0))
        self._won = self._winning()

    def _winning(self) -> Frame:
        """The visit that won each deal that is won now: the first since it was last open."""
        frame = self._visits.with_columns(
            open_visit=nw.when(nw.col("kind_open")).then(nw.col("visit"))
        )
        ends = frame.group_by("deal_id").agg(
            nw.col("visit").max().alias("last"), nw.col("open_visit").max().alias("last_open")
        )
        frame = self._visits.join(ends, on="deal_id", how="inner")
        is_won = (nw.col("visit") == nw.col("last")) & nw.col("kind_won") & nw.col("is_current")
        winners = frame.filter(is_won).select("deal_id")
        since = (nw.col("visit") > nw.col("last_open")) | nw.col("last_open").is_null()
        wins = frame.filter(nw.col("kind_won") & since)
        found = wins.join(winners, on="deal_id", how="inner").group_by("deal_id", "length")
        won = found.agg(nw.col("visit").min().alias("visit"))
        return won.select("deal_id", nw.col("length").alias("step"), "visit")

    def between(self, mode: str) -> Frame:
        """A row for each step with a visit, and what comes next."""
        touched = self._placed.group_by(*_AT).agg(nw.col("visit").min().alias("visit"))
        touched = touched.select(*_AT, "visit")
        marks = nw.concat([touched, self._won])
        if mode != "touched":
            marks = self._reached(marks) if mode == "reached" else self._strict(marks)
        following = marks.select(
            "deal_id", (nw.col("step") - 1).alias("step"), nw.col("visit").alias("next_visit")
        )
        rows = marks.join(following, on=_AT, how="left")
        rows = self._entries(rows)
        rows = rows.filter(nw.col("step") < nw.col("length"))
        rows = rows.join(
            touched.select(*_AT, nw.col("visit").alias("own_visit")), on=_AT, how="left"
        ).with_columns(is_implied=nw.col("own_visit").is_null())
        return self._with_next(rows, "entered")

    def _each(self, marks: Frame, is_wanted: Expr) -> Frame:
        """The marks of a deal beside each of its steps that they tell something of."""
        native = self._table.source.engine.numbers(
            self._table.source.native, self._order.n_steps + 1
        )
        numbers = nw.from_native(native).select(nw.col("number").cast(nw.Int64))
        return marks.join(numbers, how="cross").filter(is_wanted)

    def _reached(self, marks: Frame) -> Frame:
        """For each step, the first visit that is there or beyond; for a won deal the win is."""
        beyond = self._each(marks, nw.col("step") >= nw.col("number"))
        first = beyond.group_by("deal_id", "number").agg(nw.col("visit").min())
        return first.select("deal_id", nw.col("number").alias("step"), "visit")

    def _strict(self, marks: Frame) -> Frame:
        """The first visits, up to the first that is missing or comes before the one before.

        A deal whose path has gaps is counted, and left out, at the steps that it reached.
        """
        before = marks.select(
            "deal_id", (nw.col("step") + 1).alias("step"), nw.col("visit").alias("before")
        )
        pairs = marks.join(before, on=_AT, how="left")
        follows = (nw.col("visit") > nw.col("before")).fill_null(value=False)
        right = pairs.filter((nw.col("step") == 0) | follows).select(*_AT)
        up_to = self._each(right, nw.col("step") <= nw.col("number"))
        counted = up_to.group_by("deal_id", "number").agg(nw.len().alias("n"))
        unbroken = counted.filter(nw.col("n") == nw.col("number") + 1)
        unbroken = unbroken.select("deal_id", nw.col("number").alias("step"))
        known = self._visits.group_by("deal_id", "history_complete").agg(nw.len().alias("n"))
        is_whole = nw.col("history_complete").fill_null(value=True)
        whole = known.filter(is_whole).select("deal_id")
        torn = known.filter(~is_whole).select("deal_id")
        strict = marks.join(unbroken, on=_AT, how="inner").join(whole, on="deal_id", how="inner")
        return nw.concat([strict, self._reached(marks).join(torn, on="deal_id", how="inner")])

    def _entries(self, rows: Frame) -> Frame:
        """Each row with the visit that it is entered by."""
        visits = self._visits.drop("step")
        return rows.join(visits, on=["deal_id", "visit"], how="inner")

    def _with_next(self, rows: Frame, end: str) -> Frame:
        """Each row with when the deal went on."""
        table = self._table
        has_days = table.days[f"{end}_at"] is None
        parts = {f"{end}_at": "next_at"} | (
            {f"{end}_precision": "next_precision"} if has_days else {}
        )
        moments = self._visits.select(
            "deal_id",
            nw.col("visit").alias("next_visit"),
            *(nw.col(own).alias(name) for own, name in parts.items()),
        )
        table.days["next_at"] = table.days[f"{end}_at"]
        rows = rows.with_columns(has_next=~nw.col("next_visit").is_null())
        return rows.join(moments, on=["deal_id", "next_visit"], how="left")

    def adjacent(self) -> Frame:
        """A row for each step that was left, and whether the following one came right after."""
        is_last = nw.col("step") == nw.col("length") - 1
        to_step = (nw.col("next_kind") == "open") & (nw.col("next_step") == nw.col("step") + 1)
        goes_on = (is_last & (nw.col("next_kind") == "won")) | (~is_last & to_step)
        left = self._placed.filter(~nw.col("next_stage").is_null())
        left = left.with_columns(next_step=self._order.place("next_stage"))
        left = left.with_columns(onward=nw.when(goes_on).then(nw.col("visit")))
        found = left.group_by(*_AT).agg(
            nw.col("visit").min().alias("visit"), nw.col("onward").min().alias("next_visit")
        )
        rows = self._entries(found).with_columns(is_implied=nw.lit(value=False))
        return self._with_next(rows, "left")


def _settle_keys(table: Table, order: _Order) -> None:
    """Stage and position of a row are those of its step, not of the visit that reached it."""
    told = {"stage_position": order.told(0), "stage": order.told(1)}
    keys = {f"k{place}": told[name] for place, name in enumerate(table.call.by) if name in told}
    table.frame = table.frame.with_columns(**told, **keys)
