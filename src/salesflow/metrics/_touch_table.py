"""The table `touches` of one call over frames, joined to the deals for what became of them."""

from collections.abc import Sequence

from salesflow._narwhals import nw
from salesflow.facts._faults import check_columns, rows
from salesflow.facts._sources import SCHEMAS, Source
from salesflow.metrics._tables import Check, Table, columns_of, frame_of
from salesflow.metrics._visit_table import ask_keys, join_deals
from salesflow.metrics.needs import Need
from salesflow.metrics.options import Call

_MILLION = 1_000_000
_BEST = 10


def open_touches(data: object, needs: Sequence[Need], call: Call) -> Table:
    """The touches, with the columns that the needs and the call name; those of deals joined."""
    table = Table(Source("touches", frame_of(data, "touches"), call.reading), call)
    source, wanted = table.source, columns_of(needs, call)
    source.need("score")
    for name in wanted:
        if name in SCHEMAS["touches"]:
            source.need(name)
    if call.as_of is not None:
        source.need("occurred_at")
    others = ["outcome"] if "outcome" in wanted else []
    deals = ask_keys(table, data, others, ())
    if not others:
        source.notes.append("won and lost are not told apart: there are no deals")
    check_columns(source, *([] if deals is None else [deals]))
    table.frame = source.read()
    if call.as_of is not None:
        table.frame = table.frame.filter(~table.is_later("occurred_at"))
    _check_scores(table)
    if deals is not None:
        join_deals(table, deals)
    return table


def _check_scores(table: Table) -> None:
    """Scores in steps of a millionth; those beyond 0 and 10 are refused."""
    score, theirs = nw.col("score"), table.source.theirs("score")
    beyond = ((score < 0) | (score > _BEST)).fill_null(value=False)
    steps = nw.when(~beyond).then((score * _MILLION + 0.5).floor())
    table.frame = table.frame.with_columns(score_steps=steps.cast(nw.Int64))
    table.named["beyond"] = beyond
    fault = f"column '{theirs}' holds scores beyond 0 and {_BEST}"
    where = (("beyond", True),)
    table.checks.append(Check(where, lambda n: f"{fault}, in {rows(n)}", column="score"))
