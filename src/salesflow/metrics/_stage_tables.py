"""The tables of stages over frames: moves, stages of a deal, and steps of a funnel.

They are made of visits by grouping and joining alone, which every engine does alike; no engine is
asked for the row before. `_stage_rows` says what they hold.
"""

from collections.abc import Sequence

from salesflow._narwhals import nw
from salesflow.metrics._tables import Expr, Table, mapped
from salesflow.metrics._visit_table import read_visits
from salesflow.metrics.needs import Need
from salesflow.metrics.options import Call

_MADE_OF_STAGES = ("n_visits",)
_NEXT = {"next_stage": "stage", "next_kind": "kind", "next_position": "stage_position"}


def open_moves(data: object, needs: Sequence[Need], call: Call) -> Table:
    """The visits that another one followed, with the direction of each."""
    asked = ("visit", "stage", "stage_position", "kind")
    visits = read_visits(data, needs, call, "stays", asked, ("direction", *_NEXT))
    table = visits.table
    add_next(table)
    for place, name in enumerate(call.by):
        if name in _NEXT:
            stages = call.stages if name == "next_stage" else None
            key = mapped(nw.col(name), stages).alias(f"k{place}")
            table.frame = table.frame.with_columns(key)
    table.frame = table.frame.filter(~nw.col("next_stage").is_null())
    visits.join_deals()
    table.frame = table.frame.with_columns(direction=_direction())
    for place, name in enumerate(call.by):
        if name == "direction":
            table.frame = table.frame.with_columns(nw.col(name).alias(f"k{place}"))
    return table


def add_next(table: Table) -> None:
    """Stage, kind and position of the next visit: that of the next number."""
    frame = table.frame.drop(*(name for name in _NEXT if name in table.frame.columns))
    following = frame.select(
        "deal_id",
        (nw.col("visit") - 1).alias("visit"),
        *(nw.col(own).alias(name) for name, own in _NEXT.items()),
    )
    table.frame = frame.join(following, on=["deal_id", "visit"], how="left")


def _direction() -> Expr:
    """Where a deal went from a visit; unknown where the positions do not tell."""
    kind, following = nw.col("kind"), nw.col("next_kind")
    step = nw.col("next_position") - nw.col("stage_position")
    found: Expr = nw.when(step < 0).then(nw.lit("back"))
    found = nw.when(step > 1).then(nw.lit("skip")).otherwise(found)
    found = nw.when(step == 1).then(nw.lit("forward")).otherwise(found)
    found = nw.when(kind != "open").then(nw.lit("reopened")).otherwise(found)
    found = nw.when(following != "open").then(following).otherwise(found)
    both_won = (kind == "won") & (following == "won")
    return nw.when(both_won).then(nw.lit("followed_up")).otherwise(found)


def open_deal_stages(data: object, needs: Sequence[Need], call: Call) -> Table:
    """A row for each open stage that a deal visited, as its first visit froze it."""
    visits = read_visits(data, needs, call, "visits", ("visit", "stage"), _MADE_OF_STAGES)
    table = visits.table
    counted = table.frame.group_by("deal_id", "stage").agg(
        nw.col("visit").min().alias("visit"), nw.len().alias("n_visits")
    )
    firsts = counted.select("deal_id", "visit", "n_visits")
    table.frame = table.frame.join(firsts, on=["deal_id", "visit"], how="inner")
    visits.join_deals()
    return table
