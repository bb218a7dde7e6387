"""How results leave: as a frame of the user's library, as JSON, as a table to look at.

All of it derives from the rows of ``to_dicts``, and from the shorter ones that people see.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from salesflow.metrics._display import html_table, markdown_table, table
from salesflow.metrics._kinds import frame_columns, json_value

if TYPE_CHECKING:
    from salesflow.facts.natives import Backend

_JSON = "application/json"


class Exported(ABC):
    """A result that can be shown and handed on."""

    __slots__ = ()

    @abstractmethod
    def to_dicts(self) -> list[dict[str, Any]]:
        """Its rows."""

    @abstractmethod
    def _shown_rows(self) -> list[dict[str, Any]]:
        """The rows that people see."""

    @abstractmethod
    def _shown_notes(self) -> list[str]:
        """What stands below them."""

    @abstractmethod
    def _template(self) -> tuple[dict[str, Any], dict[str, str]]:
        """A row of `to_dicts`, there where it has none; and the kinds of its columns."""

    def _n_keys(self) -> int:
        """How many columns, the first, say which row it is."""
        return 0

    def to_frame(self, backend: "Backend") -> Any:
        """The rows of `to_dicts` as a frame of a library.

        **Definition**: the columns of `to_dicts`, by the same names; a column without a known value
        has the type of any other. Money is a decimal, in the ``currency`` of its row; where a row
        has money of another one, a column ``x_currency`` says so. Decimals that do not fit 38
        digits are rounded half up to those that do, ten at least. An interval is ``x_low`` and
        ``x_high``. A period is a text, such as 2026-Q1, with ``x_start`` and ``x_end``, instants.
        ``left_out`` and ``assumed`` are texts, such as ``no_amount 2``, empty where there is
        nothing to say. A key of mixed or nested values is JSON text.

        Args:
            backend: the library: ``"pandas"``, ``"pandas[pyarrow]"``, ``"polars"``,
                ``"polars[lazy]"``, ``"pyarrow"``, ``"duckdb"`` or ``"pyspark"``.

        Returns:
            The frame, a row a group.

        Raises:
            OptionError: for an unknown backend, and for Spark without a session.
            MissingExtraError: if the library is not installed.
            ColumnError: for numbers beyond 64 bits, or beyond 38 digits.

        Example:
            >>> from salesflow import Pipeline, metrics
            >>> deal = Pipeline.standard().restore(id="D-1", stage="won", owner_id="kim")
            >>> frame = metrics.win_rate([deal], by="owner_id").to_frame("polars")
            >>> frame.select("owner_id", "value", "numerator", "denominator").rows()
            [('kim', 1.0, 1, 1)]
        """
        from salesflow.facts.natives import frame_of

        columns, types = frame_columns(self.to_dicts(), *self._template())
        return frame_of(columns, types, backend)

    def to_json(self) -> str:
        """The rows of `to_dicts` as JSON.

        **Definition**: an array of objects. Money is ``{"amount": "12.50", "currency": "EUR"}``, as
        in models; an instant is ISO 8601, a period its text, an interval an array. What is
        unknown is null.

        Example:
            >>> from salesflow import metrics
            >>> json.loads(metrics.win_rate([]).to_json())[0]["value"] is None
            True
        """
        return json.dumps(json_value(self.to_dicts()), ensure_ascii=False, allow_nan=False)

    def to_markdown(self) -> str:
        """The table that a terminal shows, as Markdown for an issue, a wiki or a message.

        Example:
            >>> from salesflow import Pipeline, metrics
            >>> deal = Pipeline.standard().restore(id="D-1", stage="won", owner_id="kim")
            >>> print(metrics.loss_reasons([deal]).to_markdown())
            no groups
            >>> print(metrics.win_rate([deal], by="owner_id").to_markdown())
            | owner_id | value | numerator | denominator | interval |
            | --- | ---: | ---: | ---: | ---: |
            | kim | 100.0% | 1 | 1 | 20.7% to 100.0% |
        """
        return markdown_table(self._shown_rows(), self._shown_notes())

    def __str__(self) -> str:
        return table(self._shown_rows(), self._shown_notes())

    def _repr_html_(self) -> str:
        """The table that a notebook shows."""
        return html_table(self._shown_rows(), self._shown_notes(), self._n_keys())

    def _repr_mimebundle_(
        self, include: Collection[str] | None = None, exclude: Collection[str] | None = None
    ) -> dict[str, Any]:
        """What a notebook may choose from: text and HTML, and JSON where it is asked for."""
        # Unasked, JupyterLab would show the JSON: it ranks that before HTML.
        makers: dict[str, Callable[[], Any]] = {
            "text/plain": self.__str__,
            "text/html": self._repr_html_,
            _JSON: lambda: json_value(self.to_dicts()),
        }
        wanted = set(makers) - {_JSON} if include is None else set(include)
        return {kind: makers[kind]() for kind in makers if kind in wanted - {*(exclude or ())}}
