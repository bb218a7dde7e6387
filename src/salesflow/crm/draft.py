"""`pipeline_from`: a definition drafted from an export, for people to edit."""

from typing import TYPE_CHECKING, Any, Unpack

from salesflow._progress import no_tick
from salesflow.crm._asked import Options, asked
from salesflow.crm._notes import Notes
from salesflow.crm._reading import deals_of, draft_of, first_look, prepared

if TYPE_CHECKING:
    from salesflow.process import Pipeline


def pipeline_from(source: Any, **options: Unpack[Options]) -> "Pipeline":
    """Which stages does this export have, and in which order?

    **Definition**: a stage for each name. It is won or lost where the system's flags say so of
    most of its rows, else by the words of its name. Open stages stand in the order in which most
    deals entered them, where there is a history; else in that of their numbers or probabilities;
    else in the usual order or that of their first appearance. A stage's probability is the one
    that most of its rows have. Deals may go anywhere: an export says what happened, not what is
    allowed. It is a draft: look at it, edit it (`Pipeline.to_toml`), and give it to `read`.

    Args:
        source: as `read` takes it.
        **options: as `read` takes them; ``pipeline``, ``stages`` and ``beside`` have no use here.

    Raises:
        SourceError: if its rows cannot be read at all.

    Example:
        >>> from salesflow import crm
        >>> rows = [
        ...     {"deal": "D-1", "stage": "Pitch", "probability": "40%"},
        ...     {"deal": "D-2", "stage": "Talk", "probability": "10%"},
        ...     {"deal": "D-3", "stage": "Closed Won", "probability": "100%"},
        ... ]
        >>> [stage.name for stage in crm.pipeline_from(rows).stages]
        ['Talk', 'Pitch', 'Closed Won', 'lost']
    """
    wanted, notes = asked(**options), Notes()
    table, system = prepared(source, wanted, notes)
    deals = deals_of(table, wanted, system, notes)
    return draft_of(deals, first_look(deals, wanted, system, no_tick), system).pipeline
