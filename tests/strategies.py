"""The one Hypothesis vocabulary: definitions, deals with a history, books of deals.

`names`, `drafts`, `pipelines`, `lead_drafts`, `lead_processes`
    stage names as odd as they may be; definitions that may be wrong; definitions that are legal.
`amounts`, `changes`, `deals`, `books`, `futures`
    fields; a deal that lived in a pipeline; several deals with ids of their own; how one goes on.
`decimals`, `monies`, `zones`, `calendars`, `spans`, `periods`, `json_values`
    values: exact amounts up to their limits, time in any zone, anything that JSON can hold.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import attrs
from hypothesis import strategies as st

from salesflow import Calendar, Deal, LeadProcess, Money, Period, Pipeline, Stage, merge
from tests import lead_oracle, oracle

START = datetime(2026, 1, 1, tzinfo=UTC)
"""When the first thing happens to any deal."""

_NAMES = (
    *("new", "talk", "offer", "trial", "legal", "signed", "follow_up", "closed", "gone", "paused"),
    *("state", "end", "note", "default", "s1", "S1", "*", "=", "to new", "initial", "None", "0"),
    *("Zażółć", "商談", "🤝", "a b", " padded ", "a-b", "a.b", "it's", 'say "no"', "a\nb", "[*]"),
    *("won", "lost", "open", "move", "_", "a:b", "#35;", "{deal}", "%s", "Ω" * 70),
)
_CHARS = st.characters(exclude_categories=["Cs"])


@cache
def names() -> st.SearchStrategy[str]:
    """A name for a stage: plain or odd, and now and then anything that is a text."""
    known = st.sampled_from(_NAMES)
    anything = st.text(_CHARS, min_size=1, max_size=6).filter(lambda name: bool(name.strip()))
    return st.one_of(*[known] * 7, anything)


@attrs.frozen
class Draft:
    """The arguments of a definition that nobody checked yet."""

    name: str
    stages: tuple[Stage, ...]
    entry_stages: tuple[str, ...] | None = None
    allow_skip: bool = False
    allow_back: bool = True
    win_from: tuple[str, ...] | None = None
    lose_from: tuple[str, ...] | None = None
    revert_to: tuple[str, ...] | None = None
    allow_unwin: bool = False
    version: int = 1

    def build(self) -> Pipeline:
        """The pipeline, if the definition has no fault."""
        return Pipeline(**attrs.asdict(self, recurse=False))


@cache
def probabilities() -> st.SearchStrategy[float]:
    """A probability as it is kept, in steps of 1e-6."""
    return st.integers(0, 1_000_000).map(lambda n: round(n / 1_000_000, 6))


def _settings(*chances: float | None) -> tuple[dict[str, Any], ...]:
    others: tuple[dict[str, Any], ...] = (
        *({}, {}, {}),
        {"retired": True},
        {"category": "commit", "stale_after": 14},
        {"label": "The other one", "stale_after": 0.5},
    )
    return tuple({"probability": chance, **other} for chance in chances for other in others)


_STAGES = {
    "open": _settings(None, None, 0.0, 0.3, 0.999999, 1.0),
    "won": _settings(None, 1.0),
    "lost": _settings(None, 0.0),
}


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """A definition of 1 to 6 open, 1 to 3 won and 1 to 3 lost stages; not always a legal one."""
    n_open, n_won, n_lost = draw(st.tuples(st.integers(1, 6), st.integers(1, 3), st.integers(1, 3)))
    kinds = ["open"] * n_open + ["won"] * n_won + ["lost"] * n_lost
    chosen = draw(_several_names(len(kinds)))
    made = tuple(
        Stage(name, kind=kind, **draw(st.sampled_from(_STAGES[kind])))  # type: ignore[arg-type]
        for name, kind in zip(chosen, kinds, strict=True)
    )
    alive = [stage.name for stage in made[:n_open] if not stage.retired]
    switches = draw(st.integers(0, 7))
    return Draft(
        draw(names()),
        made,
        entry_stages=draw(_some_of(alive)),
        allow_skip=bool(switches & 1),
        allow_back=not switches & 2,
        win_from=draw(_some_of(chosen[:n_open])),
        lose_from=draw(_some_of(chosen[:n_open])),
        revert_to=draw(_some_of(alive)),
        allow_unwin=bool(switches & 4),
        version=draw(st.integers(1, 3)),
    )


@st.composite
def _several_names(draw: st.DrawFn, number: int) -> list[str]:
    """Names that differ: a stride through the known ones, which is quicker than one at a time."""
    first, stride = draw(st.tuples(st.integers(0, len(_NAMES) - 1), st.integers(1, 3)))
    found = [_NAMES[(first + n * stride) % len(_NAMES)] for n in range(number)]
    other = draw(names())
    return found if other in found else [other, *found[1:]]


def _some_of(names: list[str]) -> st.SearchStrategy[tuple[str, ...] | None]:
    """None, or a choice of the names; rarely an empty one, which most settings refuse."""

    def chosen(bits: int) -> tuple[str, ...] | None:
        return None if bits < 0 else tuple(n for i, n in enumerate(names) if bits >> i & 1)

    return st.integers(-(2 ** len(names)), 2 ** len(names) - 1).map(chosen)


@cache
def pipelines() -> st.SearchStrategy[Pipeline]:
    """A legal definition, with any of the settings."""
    return drafts().filter(oracle.is_legal).map(Draft.build)


@attrs.frozen
class LeadDraft:
    """The arguments of a definition of leads that nobody checked yet."""

    name: str
    stages: tuple[Stage, ...]
    entry_stages: tuple[str, ...] | None = None
    allow_skip: bool = False
    allow_back: bool = True
    nurture_stages: tuple[str, ...] = ()
    convert_from: tuple[str, ...] | None = None
    disqualify_from: tuple[str, ...] | None = None
    requalify_to: tuple[str, ...] | None = None
    deal_stage: str | None = None
    version: int = 1

    def build(self) -> LeadProcess:
        """The lead process, if the definition has no fault."""
        return LeadProcess(**attrs.asdict(self, recurse=False))


@st.composite
def lead_drafts(draw: st.DrawFn) -> LeadDraft:
    """A definition of 1 to 5 open, 1 or 2 converted and disqualified stages; not always legal."""
    n_open, n_good, n_bad = draw(st.tuples(st.integers(1, 5), st.integers(1, 2), st.integers(1, 2)))
    kinds = ["open"] * n_open + ["converted"] * n_good + ["disqualified"] * n_bad
    chosen = draw(_several_names(len(kinds)))
    retired = draw(st.integers(0, 2 ** len(kinds) - 1)) & draw(st.integers(0, 2 ** len(kinds) - 1))
    made = tuple(
        Stage(name, kind=kind, retired=bool(retired >> place & 1))  # type: ignore[arg-type]
        for place, (name, kind) in enumerate(zip(chosen, kinds, strict=True))
    )
    alive = [stage.name for stage in made[:n_open] if not stage.retired]
    switches = draw(st.integers(0, 3))
    return LeadDraft(
        draw(names()),
        made,
        entry_stages=draw(_some_of(alive)),
        allow_skip=bool(switches & 1),
        allow_back=not switches & 2,
        nurture_stages=draw(_some_of(chosen[:n_open])) or (),
        convert_from=draw(_some_of(chosen[:n_open])),
        disqualify_from=draw(_some_of(chosen[:n_open])),
        requalify_to=draw(_some_of(alive)),
        deal_stage=draw(st.sampled_from([None, None, "prospecting", "meeting", "nowhere"])),
        version=draw(st.integers(1, 3)),
    )


@cache
def lead_processes() -> st.SearchStrategy[LeadProcess]:
    """A legal definition of leads, with any of the settings."""
    return lead_drafts().filter(lead_oracle.is_legal).map(LeadDraft.build)


@cache
def amounts(*currencies: str) -> st.SearchStrategy[Money]:
    """An amount in whole cents, in one of the currencies; in euro unless some are named."""
    cents = st.integers(0, 10_000_000).map(lambda n: f"{n // 100}.{n % 100:02}")
    return st.builds(Money, cents, st.sampled_from(currencies or ("EUR",)))


_PEOPLE = ("kim", "lee", "ana")


@cache
def changes(*currencies: str) -> st.SearchStrategy[dict[str, Any]]:
    """Fields that an open deal may be opened with, and updated to."""
    fields: dict[str, st.SearchStrategy[Any]] = {
        "amount": st.none() | amounts(*currencies),
        "owner_id": st.sampled_from([None, *_PEOPLE]),
        "source": st.sampled_from([None, "referral", "web", "fair"]),
        "account_id": st.sampled_from([None, "A-1"]),
        "contact_ids": st.lists(st.sampled_from(_PEOPLE), max_size=2, unique=True).map(tuple),
        "custom": st.dictionaries(st.text(_CHARS, max_size=3), st.integers() | st.booleans()),
        "expected_close_on": st.none() | st.dates(date(2026, 1, 1), date(2027, 12, 31)),
        "probability": st.none() | probabilities(),
        "category": st.sampled_from([None, "best case", "commit"]),
    }
    return _any_of(fields, st.integers(0, 2 ** len(fields) - 1))


@st.composite
def _any_of(
    draw: st.DrawFn, fields: dict[str, st.SearchStrategy[Any]], choices: st.SearchStrategy[int]
) -> dict[str, Any]:
    """Some of the fields: chosen by one number, which is quicker than by one for each of them."""
    bits = draw(choices)
    return {name: draw(field) for n, (name, field) in enumerate(fields.items()) if bits >> n & 1}


_STEPS_IN_TIME = tuple(timedelta(hours=hours) for hours in (0, 1, 5, 24, 400))
_MOMENTS = st.integers(0, 4 * len(_STEPS_IN_TIME) - 1)
_QUARTERS = st.integers(0, 3)


@attrs.define
class _Life:
    """A deal, the time, and the steps that may come next."""

    draw: st.DrawFn
    pipeline: Pipeline
    currencies: tuple[str, ...]
    now: datetime = START
    n_merged: int = 0

    def when(self) -> date:
        """A moment not before the last one: an instant, or just its day."""
        quarter, step = divmod(self.draw(_MOMENTS), len(_STEPS_IN_TIME))
        self.now += _STEPS_IN_TIME[step]
        return self.now.date() if quarter == 0 else self.now

    def begin(self, identity: str) -> Deal:
        fields = self.draw(changes(*self.currencies))
        if self.draw(_QUARTERS):
            entry = self.draw(st.sampled_from(self.pipeline.entries()))
            return self.pipeline.open(
                f"Deal {identity}", id=identity, stage=entry, at=self.when(), **fields
            )
        fields.pop("probability", None)
        created, closed = self.when(), self.when()
        stage = self.draw(st.sampled_from([s for s in self.pipeline.stages if not s.retired]))
        is_closed = stage.kind != "open"
        return self.pipeline.restore(
            id=identity,
            stage=stage.name,
            created_at=self.draw(st.sampled_from([None, created])),
            closed_at=self.draw(st.sampled_from([None, closed])) if is_closed else None,
            visits=self.draw(st.sampled_from([(), [(stage.name, closed)]])),
            **fields,
        )

    def move(self, deal: Deal) -> Deal:
        moves = self.pipeline.moves(deal)
        found = [move for move in moves if move.verb != "lose"]
        found += [move for move in moves if move.verb == "lose"][:1]
        if not found:
            return deal
        chosen, at = self.draw(st.sampled_from(found)), self.when()
        if chosen.verb == "win":
            return self.pipeline.win(deal, to=chosen.to, at=at)
        if chosen.verb == "lose":
            left = self.draw(st.sampled_from([None, "nurture", "follow_up", "disqualified"]))
            return self.pipeline.lose(deal, "budget", disposition=left, to=chosen.to, at=at)
        if chosen.verb == "reopen":
            return self.pipeline.reopen(
                deal, chosen.to, reason="new budget", requalified_by="kim", at=at
            )
        return self.pipeline.move(deal, to=chosen.to, at=at, by="kim")

    def update(self, deal: Deal) -> Deal:
        fields = self.draw(changes(*self.currencies))
        if deal.is_open:
            return self.pipeline.update(deal, at=self.when(), **fields)
        fields.pop("probability", None)
        correction = "misread" if "amount" in fields else None
        return self.pipeline.update(deal, correction=correction, at=self.when(), **fields)

    def log(self, deal: Deal) -> Deal:
        kind = self.draw(st.sampled_from(["call", "meeting", "note"]))
        ago = timedelta(days=self.draw(st.sampled_from([0, 3, 90])))
        at = self.when()
        return self.pipeline.log(deal, kind, occurred_at=at - ago, at=at, by="kim")

    def merge(self, deal: Deal) -> Deal:
        self.n_merged += 1
        twin = self.pipeline.open("Twin", id=f"{deal.id}/{self.n_merged}", at=self.when())
        return merge(deal, twin, at=self.when())


_STEPS: tuple[Callable[[_Life, Deal], Deal], ...] = (
    *(_Life.move, _Life.move, _Life.move, _Life.move),
    *(_Life.update, _Life.log, _Life.merge),
)


@st.composite
def deals(
    draw: st.DrawFn,
    pipeline: Pipeline | None = None,
    *,
    identity: str = "D-1",
    currencies: tuple[str, ...] = ("EUR",),
    max_steps: int = 8,
) -> Deal:
    """A deal with a history: opened or restored, then moved, updated, logged, merged, reopened.

    Times have the precision of an instant or of a day, and never go back.
    """
    life = _Life(draw, pipeline or Pipeline.standard(), currencies)
    deal = life.begin(identity)
    for step in draw(st.lists(st.sampled_from(_STEPS), max_size=max_steps)):
        deal = step(life, deal)
    return deal


@st.composite
def books(
    draw: st.DrawFn,
    pipeline: Pipeline | None = None,
    *,
    currencies: tuple[str, ...] = ("EUR",),
    max_size: int = 6,
) -> list[Deal]:
    """Deals of one pipeline, each with an id of its own; there may be none."""
    moved_through = pipeline or Pipeline.standard()
    return [
        draw(deals(moved_through, identity=f"D-{number}", currencies=currencies))
        for number in range(1, draw(st.integers(0, max_size)) + 1)
    ]


@st.composite
def futures(draw: st.DrawFn, deal: Deal, start: datetime, *, max_steps: int = 3) -> Deal:
    """What else may happen to a deal of the standard pipeline, from an instant on."""
    life = _Life(draw, Pipeline.standard(), ("EUR",), start, n_merged=9)
    # Where a restored deal's stage is unknown, no move is legal.
    steps = [step for step in _STEPS if deal.stage is not None or step is not _Life.move]
    for step in draw(st.lists(st.sampled_from(steps), max_size=max_steps)):
        deal = step(life, deal)
    return deal


# Values


def decimals(digits: int = 24, places: int = 40) -> st.SearchStrategy[Decimal]:
    """A number within the limits of Money, or narrower ones."""
    whole = st.integers(-(10**digits) + 1, 10**digits - 1)
    part = st.text("0123456789", max_size=places)
    return st.builds(lambda n, p: Decimal(f"{n}.{p}" if p else n), whole, part)


def monies(currency: str = "EUR", digits: int = 20, places: int = 40) -> st.SearchStrategy[Money]:
    """Exact money that leaves room for a sum."""
    return st.builds(Money, decimals(digits, places), st.just(currency))


def zones() -> st.SearchStrategy[str]:
    """Zones whose clocks do what clocks should not: at midnight, by half hours, by a day."""
    return st.sampled_from(
        [
            *("UTC", "America/New_York", "Europe/Berlin", "Asia/Seoul", "Asia/Kathmandu"),
            *("America/Sao_Paulo", "Asia/Beirut", "Asia/Damascus", "Africa/Cairo", "Asia/Tehran"),
            *("Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia", "Pacific/Kiritimati"),
            *("America/Havana", "Antarctica/Troll", "Atlantic/Azores", "Etc/GMT+12"),
        ]
    )


def calendars() -> st.SearchStrategy[Calendar]:
    """A fiscal year in a zone."""
    return st.builds(
        Calendar,
        zones(),
        first_month=st.integers(1, 12),
        year_named_by=st.sampled_from(["end", "start"]),
    )


def years() -> st.SearchStrategy[int]:
    """A year that people use, and now and then any."""
    return st.integers(1970, 2040) | st.integers(5, 9990)


def instants() -> st.SearchStrategy[datetime]:
    """An instant in UTC, mostly of a time with changing clocks."""
    recent = st.datetimes(datetime(1970, 1, 1), datetime(2040, 1, 1))  # noqa: DTZ001 - UTC follows
    every = st.datetimes(datetime(5, 1, 1), datetime(9990, 1, 1))  # noqa: DTZ001 - UTC follows
    return (recent | every).map(lambda moment: moment.replace(tzinfo=UTC))


def days() -> st.SearchStrategy[date]:
    """A day, mostly of a time with changing clocks."""
    recent = st.dates(date(1970, 1, 1), date(2040, 1, 1))
    return recent | st.dates(date(5, 1, 1), date(9990, 1, 1))


def kinds() -> st.SearchStrategy[Any]:
    """A kind of period."""
    return st.sampled_from(["week", "month", "quarter", "half", "year"])


@st.composite
def spans(draw: st.DrawFn) -> Period:
    """Any span between two instants, or two days."""
    calendar, start = draw(calendars()), draw(instants() | days())
    longer = timedelta(days=draw(st.integers(2, 900)), seconds=draw(st.integers(0, 86_399)))
    return calendar.between(start, start + longer)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """A week, or a month, quarter, half or year of a fiscal calendar."""
    return draw(calendars()).containing(draw(kinds()), draw(instants() | days()))


def json_values(max_leaves: int = 8) -> st.SearchStrategy[Any]:
    """Anything that JSON can hold."""
    leaves = st.none() | st.booleans() | st.integers() | st.text(_CHARS, max_size=5)
    leaves |= st.floats(allow_nan=False, allow_infinity=False)
    return st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(_CHARS, max_size=5), inner, max_size=3)
        ),
        max_leaves=max_leaves,
    )
