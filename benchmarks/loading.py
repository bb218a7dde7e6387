"""Loading deals from JSON, the contradiction check included.

Peer: a bare pydantic pass over the same models, without the check.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, create_model

import salesflow as sf
from benchmarks._timing import Row, at_most, side_by_side
from salesflow import datasets

N = 100_000
CONFIG = ConfigDict(frozen=True, extra="forbid")


def bare_model() -> type[BaseModel]:
    """The fields of a deal as they are, and no check of its history."""
    fields: dict[str, Any] = {
        name: (field.rebuild_annotation(), field) for name, field in sf.Deal.model_fields.items()
    }
    model: type[BaseModel] = create_model("BareDeal", __config__=CONFIG, **fields)
    return model


def rows() -> list[Row]:
    """The table's lines."""
    lines = [deal.model_dump_json() for deal in datasets.make_deals(N, seed=1).deals]
    bare = bare_model()
    read, read_bare = sf.Deal.model_validate_json, bare.model_validate_json
    assert read(lines[0]).id == read_bare(lines[0]).id  # type: ignore[attr-defined]
    times = side_by_side(
        {
            "ours": lambda: [read(line) for line in lines],
            "bare": lambda: [read_bare(line) for line in lines],
        },
        rounds=5,
    )
    micro = 1e6 / N
    what = "load a deal from JSON, against a bare pass"
    return [at_most(what, times["ours"] * micro, times["bare"] * micro, "µs", 2.0)]
