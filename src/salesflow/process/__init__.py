"""What may happen next: definitions, the moves they allow, and the machine that makes them.

`pipeline`
    `Pipeline`: the definition and the verbs (``open``, ``advance``, ``lose`` …).
`stage`
    `Stage` and `Requirement`.
`restore`
    deals taken over from elsewhere.
`_verbs`, `_merge`
    what the verbs do; several deals become one.
`toml`, `mermaid`
    a definition as text, and as a diagram.
"""

from typing import TYPE_CHECKING

from salesflow.process.pipeline import ChangedFields, DealFields, Pipeline
from salesflow.process.stage import Requirement, Stage

if TYPE_CHECKING:
    from salesflow.process._merge import merge
    from salesflow.process._verbs import Move
    from salesflow.process.restore import RestoredFields

_LAZY = {"Move": "_verbs", "RestoredFields": "restore", "merge": "_merge"}

__all__ = [
    "ChangedFields",
    "DealFields",
    "Move",
    "Pipeline",
    "Requirement",
    "RestoredFields",
    "Stage",
    "merge",
]


def __getattr__(name: str) -> object:
    # Loaded when first asked for, with the event models that they need.
    from importlib import import_module

    if name not in _LAZY:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
