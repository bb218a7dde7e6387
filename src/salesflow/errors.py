"""Every error of the library, one tree.

Catch :class:`SalesflowError` to catch all of them. Each class also derives from the builtin that
a caller would expect, carries its facts as attributes (the annotations say which), and has a
stable ``code``. The message reads ``cannot <verb> <what> <id>: <fact>``, followed by a hint that
names the way out.
"""

from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_MAX_NAMES = 5


class SalesflowError(Exception):
    """The root of all errors of salesflow.

    Attributes:
        code: what kind of error it is; stable across releases, in kebab-case.
        message: what could not be done, and the fact that stood in the way.
        hint: the way out, or None.
    """

    code: ClassVar[str] = "salesflow-error"

    message: str
    hint: str | None

    def __init__(self, message: str, *, hint: str | None = None, **facts: object) -> None:
        """Build the error; ``facts`` are exactly the attributes that the class declares."""
        declared = self._declared_facts()
        if facts.keys() != declared:
            wrong = ", ".join(sorted(facts.keys() ^ declared))
            msg = f"{type(self).__name__} takes {sorted(declared)}; wrong or missing: {wrong}"
            raise TypeError(msg)
        super().__init__(message)
        self.message = message
        self.hint = hint
        self._facts = facts
        vars(self).update(facts)

    @classmethod
    def _declared_facts(cls) -> set[str]:
        """The attributes that the class and its bases below the root annotate."""
        lineage = [c for c in cls.__mro__ if issubclass(c, SalesflowError)]
        # Not vars(c)["__annotations__"]: from Python 3.14 on they are made when first asked for.
        own = (c.__annotations__ for c in lineage if c is not SalesflowError)
        return {name for annotations in own for name in annotations}

    @classmethod
    def _rebuild(cls, message: str, hint: str | None, facts: dict[str, object]) -> Self:
        return cls(message, hint=hint, **facts)

    def __reduce__(self) -> tuple[object, ...]:
        facts = {name: _picklable(fact) for name, fact in self._facts.items()}
        return (self._rebuild, (self.message, self.hint, facts))

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message}\n\nHint: {self.hint}"


class AmountError(SalesflowError, ValueError):
    """An amount that is not a finite decimal number within Money's limits."""

    code = "invalid-amount"

    amount: object


class FloatAmountError(AmountError, TypeError):
    """A float given as an amount of money; binary fractions are not exact."""

    code = "float-amount"


class UnknownCurrencyError(SalesflowError, ValueError):
    """A code that ISO 4217 does not list."""

    code = "unknown-currency"

    currency: object


class MixedCurrencyError(SalesflowError, ValueError):
    """Amounts of several currencies where one is needed."""

    code = "mixed-currency"

    currencies: tuple[str, ...]


class RateError(SalesflowError, ValueError):
    """A table of exchange rates that cannot be used."""

    code = "invalid-rate"

    currency: object
    rate: object


class NaiveDatetimeError(SalesflowError, ValueError):
    """A datetime without a zone, which is no instant."""

    code = "naive-datetime"

    parameter: str
    value: object


class UnknownZoneError(SalesflowError, LookupError):
    """A time zone name that the IANA database does not list."""

    code = "unknown-zone"

    zone: object


class PeriodError(SalesflowError, ValueError):
    """A period that does not exist, or a text that names none."""

    code = "invalid-period"

    value: object


class OptionError(SalesflowError, ValueError):
    """A parameter with a value that it does not take, or that another one excludes."""

    code = "invalid-option"

    parameter: str
    value: object


class ProbabilityError(OptionError):
    """A probability outside 0 to 1."""

    code = "invalid-probability"


class DefinitionError(SalesflowError, ValueError):
    """A definition with faults, all of them listed, each with the path to it."""

    code = "invalid-definition"

    pipeline: str
    faults: tuple[str, ...]
    paths: tuple[str, ...]


class DefinitionFileError(SalesflowError, ValueError):
    """A text or data that holds no definition; each fault names its path."""

    code = "invalid-definition-file"

    faults: tuple[str, ...]


class CriteriaError(SalesflowError, ValueError):
    """A qualification framework, a customer profile or a rule with faults, all of them listed."""

    code = "invalid-criteria"

    name: str
    faults: tuple[str, ...]


class UnknownFrameworkError(SalesflowError, LookupError):
    """A qualification framework that is not built in, nor one of the definition."""

    code = "unknown-framework"

    framework: object
    known: tuple[str, ...]


class UnknownCriterionError(SalesflowError, LookupError):
    """A criterion that the qualification framework does not have."""

    code = "unknown-criterion"

    framework: str
    criterion: object
    known: tuple[str, ...]


class UnknownStageError(SalesflowError, LookupError):
    """A stage that the pipeline does not have."""

    code = "unknown-stage"

    pipeline: str
    stage: object
    known: tuple[str, ...]


class WrongPipelineError(SalesflowError, ValueError):
    """A deal of another pipeline, or in a stage that this one does not have."""

    code = "wrong-pipeline"

    deal_id: str
    deal_pipeline: str
    deal_stage: str | None
    pipeline: str


class MoveNotAllowed(SalesflowError, ValueError):  # noqa: N818 - named by what happened
    """A move that the pipeline's definition or a stage's requirements refuse."""

    code = "move-not-allowed"

    deal_id: str
    stage: str | None
    to: str | None
    legal: tuple[str, ...]
    unmet: tuple[str, ...]


class RequirementError(SalesflowError, RuntimeError):
    """A requirement of your own that raised an exception, which is the cause of this one.

    Attributes:
        requirement: the requirement, in words.
        deal_id: the deal or lead that it was asked about.
    """

    code = "broken-requirement"

    requirement: str
    deal_id: str


class EventOrderError(SalesflowError, ValueError):
    """An event dated before the last one of the history."""

    code = "event-order"

    deal_id: str
    at: "datetime"
    last_at: "datetime"


class ClosedDealError(SalesflowError, ValueError):
    """A change that a closed deal does not take."""

    code = "closed-deal"

    deal_id: str
    outcome: str
    field: str


class FieldError(SalesflowError, ValueError):
    """Values that the fields of a deal, a lead or an event do not take; all of them listed."""

    code = "invalid-field"

    faults: tuple[str, ...]


class DuplicateDealError(SalesflowError, ValueError):
    """A deal id that occurs twice where each deal may stand once."""

    code = "duplicate-deal"

    deal_id: str


class MergeError(SalesflowError, ValueError):
    """Deals, leads, accounts or contacts that cannot become one.

    Attributes:
        deal_id: one of them, or the one that should survive.
        other_id: the other one.
    """

    code = "cannot-merge"

    deal_id: str
    other_id: str


class MigrationError(SalesflowError, ValueError):
    """A deal whose stage has no place in the pipeline it should go to."""

    code = "cannot-migrate"

    deal_id: str
    stage: str | None
    pipeline: str


class RenewalError(SalesflowError, ValueError):
    """A deal that cannot be renewed, since it is not won."""

    code = "cannot-renew"

    deal_id: str
    outcome: str


class ReadOnlyError(SalesflowError, TypeError):
    """A change to a value that never changes."""

    code = "read-only"

    what: str


class DataError(SalesflowError, TypeError):
    """Data of a kind that the call cannot read."""

    code = "unreadable-data"

    found: str


class MissingExtraError(SalesflowError, ImportError):
    """A library that the call needs, and that is not installed."""

    code = "missing-extra"

    library: str


class ColumnError(SalesflowError, LookupError):
    """A column that the data does not have, or one that holds what it may not.

    Attributes:
        column: the column, or the first of several.
        known: the columns that there are.
        faults: all that is wrong, one text each.
    """

    code = "wrong-column"

    column: object
    known: tuple[str, ...]
    faults: tuple[str, ...]


class SourceError(SalesflowError, ValueError):
    """A file or other source whose rows cannot be read at all.

    Attributes:
        source: what it is called.
        line: the line, or the item, at which reading ended; None if before the first.
    """

    code = "unreadable-source"

    source: str
    line: int | None


class AmbiguousColumnError(SalesflowError, ValueError):
    """A column whose values fit two formats, and mean something else in each.

    Attributes:
        column: the column.
        formats: the formats that fit all its values.
        rows: two rows that show it, counted from 1.
        values: what stands there.
    """

    code = "ambiguous-column"

    column: str
    formats: tuple[str, ...]
    rows: tuple[int, ...]
    values: tuple[str, ...]


class ModelFileError(SalesflowError, ValueError):
    """A text that holds no model of a forecast; all that is wrong with it is listed."""

    code = "invalid-model-file"

    faults: tuple[str, ...]


class RejectedRowsError(SalesflowError, ValueError):
    """Rows of an export that could not be read, where all had to be; each fault names its row."""

    code = "rejected-rows"

    faults: tuple[str, ...]


class NotMergeable(SalesflowError, TypeError):  # noqa: N818 - named by what is refused
    """The answers of two parts that do not tell that of the whole."""

    code = "not-mergeable"


def _picklable(fact: object) -> object:
    """The fact; what does not pickle, like a generator, as the text that shows it."""
    import pickle

    try:
        pickle.dumps(fact)
    except Exception:  # noqa: BLE001 - a caller's object may raise anything
        return shown(fact)
    return fact


def shown(value: object) -> str:
    """A value as a message shows it; Python writes no number of thousands of digits."""
    try:
        return repr(value)
    except ValueError:
        return f"<{type(value).__name__} too long to show>"


def closest(name: object, known: "Iterable[str]") -> tuple[str, ...]:
    """At most five of the known names, the closest first."""
    from difflib import SequenceMatcher

    text = (name if isinstance(name, str) else shown(name)).casefold()
    near = sorted(known, key=lambda k: -SequenceMatcher(None, text, k.casefold()).ratio())
    return tuple(near[:_MAX_NAMES])


def one_of(names: "Iterable[str]") -> str:
    """The names as words: ``'a', 'b' or 'c'``."""
    quoted = [f"'{name}'" for name in names]
    head = ", ".join(quoted[:-1])
    return f"{head} or {quoted[-1]}" if head else "".join(quoted)
