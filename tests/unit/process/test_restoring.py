"""`Restorer` makes what `Pipeline.restore` makes of the same fields, and refuses the same."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Deal, JsonMap, Money, Pipeline, Stage
from salesflow.errors import FieldError
from salesflow.periods import midnight
from salesflow.process import _restoring
from salesflow.process._restoring import UNKNOWN, Restorer, Stay
from tests.strategies import amounts, json_values, pipelines, probabilities

STANDARD = Pipeline.standard()
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NOTHING = _restoring.Known()
"""Nothing but the stage."""

Moment = date | None
"""As `Pipeline.restore` takes it; `Restorer` takes it as an instant and its precision."""


def kept(moment: Moment) -> tuple[datetime | None, Any]:
    """A moment as a history keeps it."""
    if moment is None:
        return UNKNOWN
    if isinstance(moment, datetime):
        return moment.astimezone(UTC), "instant"
    return midnight(moment), "day"


Stays = tuple[tuple[str, Moment, Moment], ...]


@attrs.frozen(kw_only=True)
class Known:
    """What is known of a deal: of each field, by the name that `Pipeline.restore` has for it."""

    stage: str | None = None
    created_at: Moment = None
    closed_at: Moment = None
    loss_reason: str | None = None
    stays: Stays = ()
    others: dict[str, Any] = attrs.field(factory=dict)

    def by_pipeline(self, pipeline: Pipeline) -> Deal:
        return pipeline.restore(
            id="D-1",
            stage=self.stage,
            created_at=self.created_at,
            closed_at=self.closed_at,
            loss_reason=self.loss_reason,
            visits=self.stays,
            **self.others,
        )

    def by_restorer(self, restorer: Restorer) -> Deal:
        fields = dict(self.others)
        fields["created_at"], fields["created_precision"] = kept(self.created_at)
        fields["closed_at"], fields["closed_precision"] = kept(self.closed_at)
        for name in ("probability", "category"):
            if fields.get(name) is not None:
                fields[f"{name}_source"] = "manual"
        fields["custom"] = JsonMap(fields.get("custom", {}))
        fields["reason"] = self.loss_reason
        names = fields.keys() & {*_restoring.Known._fields}
        known = _restoring.Known(**{name: fields.pop(name) for name in names})
        stays = [Stay(stage, kept(entered), kept(left)) for stage, entered, left in self.stays]
        return restorer.restore("D-1", self.stage, known, fields, stays)


def outcome_of(make: Callable[[], Deal]) -> Any:
    """The deal, or what is wrong with it."""
    try:
        return make()
    except FieldError as error:
        return error.faults


def assert_alike(pipeline: Pipeline, known: Known) -> Any:
    expected = outcome_of(lambda: known.by_pipeline(pipeline))
    found = outcome_of(lambda: known.by_restorer(Restorer(pipeline)))
    assert found == expected
    if isinstance(found, Deal) and isinstance(expected, Deal):
        # Equal, and of the same types all through: JSON tells 1 from 1.0, and a tuple from a list.
        assert found.model_dump_json() == expected.model_dump_json()
        assert found.__dict__.keys() == expected.__dict__.keys()
        assert [*found.history[0].__dict__] == [*expected.history[0].__dict__]
        assert Deal.model_validate(found.__dict__) == found
        assert hash(found.id) == hash(expected.id)
    return found


MOMENTS = st.sampled_from(
    [
        None,
        *(date(2026, 3, day) for day in (1, 2, 3)),
        *(NOON + timedelta(hours=hours) for hours in (-12, 0, 1, 12, 24)),
        NOON.astimezone(timezone(timedelta(hours=9))),
    ]
)


def any_stays(names: list[str]) -> st.SearchStrategy[Stays]:
    """Visits that may contradict each other."""
    return st.lists(st.tuples(st.sampled_from(names), MOMENTS, MOMENTS), max_size=3).map(tuple)


@st.composite
def chains(draw: st.DrawFn, names: list[str], stage: str) -> Stays:
    """Visits that follow each other up to the closing, or to the stage that the deal is in."""
    path = draw(st.lists(st.sampled_from(names), max_size=3))
    path += draw(st.sampled_from([[], [stage] if stage in names else []]))
    days = [date(2026, 1, 1) + timedelta(days=5 * n) for n in range(len(path) + 1)]
    ends = [draw(st.sampled_from([day, day, None])) for day in days[1:]]
    ends[-1:] = [None] if path and path[-1] == stage else ends[-1:]
    return tuple(zip(path, days, ends[: len(path)], strict=False))


@st.composite
def cases(draw: st.DrawFn, pipeline: Pipeline) -> Known:
    """Any stage, and any of the fields that `Pipeline.restore` takes with it."""
    names = [stage.name for stage in pipeline.stages]
    stage = draw(st.sampled_from([None, *names]))
    kind = "open" if stage is None else pipeline.stage(stage).kind
    optional: dict[str, st.SearchStrategy[Any]] = {
        "name": st.sampled_from(["Acme", "=1+1"]),
        "owner_id": st.sampled_from(["kim", None]),
        "source": st.sampled_from(["web", None]),
        "account_id": st.just("A-1"),
        "contact_ids": st.sampled_from([(), ("C-1",), ("C-1", "C-2")]),
        "lead_id": st.just("L-1"),
        "amount": st.none() | amounts("EUR", "JPY"),
        "custom": st.dictionaries(st.sampled_from(["a", "b"]), json_values(), max_size=2),
        "expected_close_on": st.dates(date(2026, 1, 1), date(2026, 12, 31)),
        "aliases": st.sampled_from([(), ("D-2",), ("D-2", "D-3"), ("D-1",), ("D-2", "D-2")]),
    }
    if kind == "open":
        optional["probability"] = probabilities()
        optional["category"] = st.sampled_from(["commit", "best case"])
    if kind == "lost":
        opened = [name for name in names if pipeline.stage(name).kind == "open"]
        optional["lost_at_stage"] = st.sampled_from(opened)
    closed = draw(MOMENTS) if kind != "open" else None
    if kind != "open" and closed is None:
        # `Pipeline.restore` takes the closing from the visits; of `Restorer` the caller does.
        names = [name for name in names if pipeline.stage(name).kind != kind]
    return Known(
        stage=stage,
        created_at=draw(MOMENTS),
        closed_at=closed,
        loss_reason=draw(st.sampled_from([None, "price"])) if kind == "lost" else None,
        stays=() if stage is None else draw(any_stays(names) | chains(names, stage)),
        others=draw(st.fixed_dictionaries({}, optional=optional)),
    )


@given(cases(STANDARD))
def test_any_fields_in_the_standard_pipeline(known):
    assert_alike(STANDARD, known)


@given(st.data())
def test_any_fields_in_any_pipeline(data):
    pipeline = data.draw(pipelines())
    assert_alike(pipeline, data.draw(cases(pipeline)))


@pytest.mark.parametrize("stage", [None, *(stage.name for stage in STANDARD.stages)])
def test_nothing_but_a_stage(stage):
    deal = assert_alike(STANDARD, Known(stage=stage))
    assert deal.stage == stage
    assert (deal.created_at, deal.closed_at, deal.history[0].at) == (None, None, None)


def test_one_restorer_makes_deals_that_share_nothing():
    restorer = Restorer(STANDARD)
    known = _restoring.Known(amount=Money(5, "EUR"), owner_id="kim")
    first = restorer.restore("D-1", "meeting", known, {"category": "commit"})
    second = restorer.restore("D-2", "meeting", NOTHING)
    assert (first.amount, first.owner_id) == (Money(5, "EUR"), "kim")
    assert (second.amount, second.owner_id, second.category) == (None, None, None)
    assert [first.history[0].id, second.history[0].id] == ["D-1:1", "D-2:1"]


def test_a_restored_deal_moves_on_as_any_other():
    stays = [Stay("prospecting", kept(date(2026, 1, 5)), kept(date(2026, 1, 7)))]
    deal = Restorer(STANDARD).restore("D-1", "qualification", NOTHING, stays=stays)
    moved = STANDARD.advance(deal, at=NOON)
    assert (moved.stage, moved.version) == ("meeting", 2)
    assert Deal.model_validate_json(moved.model_dump_json()) == moved


def test_what_a_stage_means_comes_from_the_pipeline():
    stages = [Stage("talk", probability=0.2, category="pipeline"), Stage("won", kind="won")]
    pipeline = Pipeline("p", [*stages, Stage("lost", kind="lost")])
    restorer = Restorer(pipeline)
    assert restorer.standing("talk")["probability"] == 0.2
    assert restorer.standing("won")["probability"] == 1.0
    assert restorer.standing(None)["stage_kind"] == "open"
    deal = restorer.restore("D-1", "talk", NOTHING)
    assert (deal.probability, deal.probability_source, deal.category) == (0.2, "stage", "pipeline")


def test_visits_that_contradict_each_other_are_refused():
    stays = [
        Stay("meeting", kept(date(2026, 1, 5)), kept(date(2026, 1, 3))),
        Stay("proposal", kept(date(2026, 1, 4))),
    ]
    with pytest.raises(FieldError, match=r"cannot restore deal 'D-1': ") as caught:
        Restorer(STANDARD).restore("D-1", "proposal", NOTHING, stays=stays)
    assert len(caught.value.faults) == 1


DAY, LATER = date(2026, 3, 1), date(2026, 3, 2)


@pytest.mark.parametrize(
    ("stays", "lost_at"),
    [
        ((("meeting", DAY, LATER), ("lost", LATER, None)), "meeting"),
        ((("meeting", DAY, None), ("proposal", None, None)), "proposal"),
        ((("lost", LATER, None),), None),
        ((("won", DAY, LATER), ("lost", LATER, None)), None),
        ((), None),
    ],
)
def test_a_deal_was_lost_in_the_last_open_stage_that_it_was_in(stays, lost_at):
    deal = assert_alike(STANDARD, Known(stage="lost", closed_at=LATER, stays=stays))
    assert deal.lost_at_stage == lost_at


def test_where_it_was_lost_may_be_known_otherwise():
    stays = (("meeting", DAY, LATER),)
    known = Known(stage="lost", closed_at=LATER, stays=stays, others={"lost_at_stage": "proposal"})
    assert assert_alike(STANDARD, known).lost_at_stage == "proposal"
