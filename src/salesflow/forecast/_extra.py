"""The extra that learning from a history needs."""

from salesflow.errors import MissingExtraError


def require_numpy(what: str) -> None:
    """Refuse what cannot be done without numpy.

    Args:
        what: what cannot be done, such as ``fit a stage model``.

    Raises:
        MissingExtraError: if numpy is not installed.
    """
    try:
        import numpy  # noqa: F401, ICN001 - whether it is there
    except ModuleNotFoundError:
        msg = f"cannot {what}: numpy is not installed"
        hint = "pip install 'salesflow[forecast]'"
        raise MissingExtraError(msg, hint=hint, library="numpy") from None
