"""Asking a function of the caller's about a deal."""

from collections.abc import Callable
from typing import Any

from salesflow.errors import OptionError, SalesflowError
from salesflow.models import Deal


def asked(function: Callable[[Deal], Any], deal: Deal, parameter: str, what: str, hint: str) -> Any:
    """What a function answers for a deal.

    Args:
        function: the function.
        deal: the deal.
        parameter: the option it was given as.
        what: what it is asked for.
        hint: what it is to answer.

    Raises:
        OptionError: for whatever it raises that is none of our errors.
    """
    try:
        return function(deal)
    except SalesflowError:
        raise
    except Exception as error:
        raised = f"it raised {type(error).__name__}: {error}"
        msg = f"cannot ask for {what} of deal '{deal.id}': {raised}"
        raise OptionError(msg, hint=hint, parameter=parameter, value=function) from error
