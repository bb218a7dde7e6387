"""The example with SQLAlchemy loses no move, whoever else writes, in SQLite and in PostgreSQL."""

import json
import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from random import Random
from threading import Barrier

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, delete, event, func, select, update
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import Session, sessionmaker

from examples.sqlalchemy_store import (
    Base,
    DealRow,
    EventRow,
    StaleDealError,
    change,
    load,
    save,
)
from salesflow import Deal, Money, datasets
from tests.writers import N_DEALS, N_TRIES, N_WRITERS, PIPELINE, START, connect, write

ROOT = Path(__file__).parents[2]
Sessions = sessionmaker[Session]


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return request.getfixturevalue("postgres")
    return f"sqlite:///{tmp_path / 'deals.db'}?timeout=60"


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = connect(url)
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    return sessionmaker(engine)


def opened(number: int = 0) -> Deal:
    amount = Money("12000.50", "EUR")
    return PIPELINE.open("Acme", id=f"D-{number}", amount=amount, owner_id="kim", at=START)


def store(sessions: Sessions, deal: Deal, before: Deal | None = None) -> Deal:
    with sessions.begin() as session:
        save(session, deal, before=before)
    return deal


def stored(sessions: Sessions, deal_id: str = "D-0") -> Deal:
    with sessions() as session:
        return load(session, deal_id)


def later(deal: Deal) -> dict[str, object]:
    return {"at": START + timedelta(minutes=deal.version)}


def everything(sessions: Sessions) -> list[object]:
    """All that is in both tables."""
    with sessions() as session:
        deals = session.execute(select(DealRow.__table__).order_by(DealRow.id))
        events = session.execute(select(EventRow.__table__).order_by(EventRow.deal_id, EventRow.n))
        return [tuple(row) for row in (*deals, *events)]


def check(sessions: Sessions, names: Counter[str]) -> None:
    """Each of the names is in the histories, exactly once; and rows, events and deals agree."""
    found: Counter[str] = Counter()
    with sessions() as session:
        for row in session.scalars(select(DealRow)).all():
            events = session.scalars(
                select(EventRow).where(EventRow.deal_id == row.id).order_by(EventRow.n)
            ).all()
            assert [one.n for one in events] == list(range(1, row.version + 1))
            stages = [one.event["stage"] for one in events]
            last = events[-1].event
            assert (row.stage, row.outcome) == (stages[-1], last["stage_kind"])
            assert all(PIPELINE.allows(*step) for step in pairwise(stages))
            found.update(one.event["by"] for one in events[1:])
            deal = load(session, row.id)
            assert [one.model_dump(mode="json") for one in deal.history] == [
                one.event for one in events
            ]
    assert found == names
    assert set(found.values()) <= {1}


def test_what_is_saved_is_what_is_loaded(sessions):
    deals = datasets.make_deals(200, seed=5).deals
    with sessions.begin() as session:
        for deal in deals:
            save(session, deal)
    with sessions() as session:
        assert [load(session, deal.id) for deal in deals] == list(deals)
        won = select(func.count()).where(DealRow.outcome == "won", DealRow.owner_id == "rep-1")
        assert session.scalar(won) == sum(
            deal.outcome == "won" and deal.owner_id == "rep-1" for deal in deals
        )


@pytest.mark.parametrize(
    "amount",
    [
        "0",
        "0.10",
        "-5.00",
        "1E+3",
        "123456789012345678901234.0000000000000000000000000000000000000001",
    ],
)
def test_the_column_of_amounts_is_exact(sessions, amount):
    deal = PIPELINE.open("Acme", id="D-0", amount=Money(amount, "EUR"), at=START)
    store(sessions, deal)
    with sessions() as session:
        [(column, currency)] = session.execute(select(DealRow.amount, DealRow.currency))
    assert isinstance(column, Decimal)
    assert (column, currency) == (Decimal(amount), "EUR")
    assert stored(sessions) == deal


def test_a_deal_without_an_amount_has_none_in_its_row(sessions):
    store(sessions, PIPELINE.open("Acme", id="D-0", at=START))
    with sessions() as session:
        [row] = session.execute(select(DealRow.amount, DealRow.currency))
    assert tuple(row) == (None, None)


def test_a_change_of_several_events_is_saved_whole(sessions):
    before = store(sessions, opened())
    after = PIPELINE.update(
        before, amount=Money("9", "USD"), owner_id="lee", name="Bolt", **later(before)
    )
    assert after.version == 4
    store(sessions, after, before)
    assert stored(sessions) == after
    with sessions() as session:
        row = session.get_one(DealRow, "D-0")
        assert (row.name, row.amount, row.currency) == ("Bolt", Decimal(9), "USD")
        assert (row.owner_id, row.version) == ("lee", 4)


def test_of_two_writers_one_wins_and_the_other_is_told(sessions):
    store(sessions, opened())
    mine, yours = stored(sessions), stored(sessions)
    won = store(sessions, PIPELINE.advance(mine, by="kim", **later(mine)), mine)
    as_it_was = everything(sessions)
    lost = PIPELINE.lose(yours, "budget", by="lee", **later(yours))
    message = r"cannot save deal 'D-0' over version 1: version 2 is stored now"
    with pytest.raises(StaleDealError, match=message) as caught:
        store(sessions, lost, yours)
    stale = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
    assert (stale.deal_id, stale.seen, stale.present) == ("D-0", 1, 2)
    assert str(stale) == str(caught.value)
    assert everything(sessions) == as_it_was
    assert stored(sessions) == won


def test_a_deal_that_is_gone_is_not_written_again(sessions):
    before = store(sessions, opened())
    with sessions.begin() as session:
        session.execute(delete(EventRow))
        session.execute(delete(DealRow))
    with pytest.raises(StaleDealError, match="over version 1: it is gone"):
        store(sessions, PIPELINE.advance(before, **later(before)), before)
    assert everything(sessions) == []
    with pytest.raises(NoResultFound):
        stored(sessions)


def test_what_fails_before_the_commit_leaves_nothing(sessions):
    before = store(sessions, opened())
    as_it_was = everything(sessions)

    def fail_after_saving() -> None:
        with sessions.begin() as session:
            save(session, PIPELINE.advance(before, **later(before)), before=before)
            session.flush()
            assert load(session, "D-0").version == 2
            msg = "no mail could be sent"
            raise OSError(msg)

    with pytest.raises(OSError, match="no mail"):
        fail_after_saving()
    assert everything(sessions) == as_it_was


def test_a_deal_is_added_once(sessions):
    store(sessions, opened())
    as_it_was = everything(sessions)
    with pytest.raises(IntegrityError):
        store(sessions, PIPELINE.open("Another", id="D-0", at=START))
    assert everything(sessions) == as_it_was


def test_only_what_was_made_from_a_deal_replaces_it(sessions):
    first = store(sessions, opened())
    second = store(sessions, PIPELINE.advance(first, **later(first)), first)
    as_it_was = everything(sessions)
    others = [first, opened(1), PIPELINE.lose(first, "budget", **later(first))]
    for other in others:
        with pytest.raises(ValueError, match="not made from the one it replaces"):
            store(sessions, other, second)
    assert everything(sessions) == as_it_was


def test_a_session_sees_what_it_saved(sessions):
    deal = opened()
    with sessions.begin() as session:
        save(session, deal)
        row = session.get_one(DealRow, "D-0")
        moved = PIPELINE.advance(load(session, "D-0"), **later(deal))
        save(session, moved, before=deal)
        assert load(session, "D-0") == moved
        assert (row.stage, row.version) == ("talk", 2)


def test_a_row_that_contradicts_its_events_does_not_load(sessions):
    deal = store(sessions, opened())
    fields = deal.model_dump(mode="json", exclude={"history"}) | {"stage": "demo"}
    with sessions.begin() as session:
        session.execute(update(DealRow).values(fields=fields))
    with pytest.raises(ValidationError, match="stage is 'demo', its history says 'lead'"):
        stored(sessions)


def test_a_reader_between_two_writers_gets_one_version_whole(engine, sessions):
    before = store(sessions, opened())
    after = PIPELINE.advance(before, **later(before))
    written = []

    def write_in_between(_connection, _cursor, statement, *_):
        if "FROM events" in statement and not written:
            written.append(True)
            store(sessions, after, before)

    event.listen(engine, "before_cursor_execute", write_in_between)
    assert stored(sessions) == before
    assert written
    assert stored(sessions) == after


@pytest.mark.parametrize(("n_faster", "is_saved"), [(0, True), (2, True), (3, False)])
def test_change_decides_again_as_often_as_it_may(sessions, n_faster, is_saved):
    store(sessions, opened())
    seen = []

    def lose(deal: Deal) -> Deal:
        seen.append(deal.stage)
        if len(seen) <= n_faster:
            store(sessions, PIPELINE.advance(deal, by="faster", **later(deal)), deal)
        return PIPELINE.lose(deal, "budget", by="slower", **later(deal))

    if is_saved:
        assert change(sessions, "D-0", lose, tries=3) == stored(sessions)
    else:
        with pytest.raises(StaleDealError, match="over version 3: version 4 is stored now"):
            change(sessions, "D-0", lose, tries=3)
    assert seen == ["lead", "talk", "demo"][: n_faster + 1]
    assert [one.by for one in stored(sessions).history] == [
        *([None] + ["faster"] * n_faster),
        *(["slower"] if is_saved else []),
    ]


def test_of_eight_that_read_one_version_exactly_one_is_stored_each_time(sessions):
    n_deals, n_rounds = 5, N_TRIES // N_WRITERS // 5
    rounds = [(f"D-{deal}", seen) for deal in range(n_deals) for seen in range(1, n_rounds + 1)]
    for number in range(n_deals):
        store(sessions, opened(number))
    together = Barrier(N_WRITERS, timeout=120)

    def work(writer: int) -> list[StaleDealError | None]:
        random, became = Random(writer), []
        for deal_id, seen in rounds:
            before = stored(sessions, deal_id)
            to = random.choice([m.to for m in PIPELINE.moves(before) if m.verb == "move"])
            after = PIPELINE.move(before, to=to, by=f"{writer}/{deal_id}/{seen}", **later(before))
            together.wait()
            try:
                store(sessions, after, before)
                became.append(None)
            except StaleDealError as stale:
                became.append(stale)
            together.wait()
        return became

    with ThreadPoolExecutor(N_WRITERS) as threads:
        became = list(threads.map(work, range(N_WRITERS)))
    winners = []
    for (deal_id, seen), of_round in zip(rounds, zip(*became, strict=True), strict=True):
        stale = [(e.deal_id, e.seen, e.present) for e in of_round if e is not None]
        assert stale == [(deal_id, seen, seen + 1)] * (N_WRITERS - 1)
        winners.append(f"{of_round.index(None)}/{deal_id}/{seen}")
    assert [e.by for n in range(n_deals) for e in stored(sessions, f"D-{n}").history[1:]] == winners
    check(sessions, Counter(winners))


def threads_write(_url: str, sessions: Sessions) -> list[dict[str, str]]:
    together = Barrier(N_WRITERS, timeout=120)

    def work(writer: int) -> dict[str, str]:
        together.wait()
        return write(sessions, writer)

    with ThreadPoolExecutor(N_WRITERS) as threads:
        return list(threads.map(work, range(N_WRITERS)))


def processes_write(url: str, _sessions: Sessions) -> list[dict[str, str]]:
    command = [sys.executable, "-W", "error", "-m", "tests.writers", url]
    writers = [
        subprocess.Popen([*command, str(number)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        for number in range(N_WRITERS)
    ]
    printed = [writer.communicate(timeout=300)[0] for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * N_WRITERS
    return [json.loads(text) for text in printed]


@pytest.mark.parametrize(
    "run", [threads_write, pytest.param(processes_write, marks=pytest.mark.slow)]
)
def test_every_try_of_eight_writers_is_stored_once_or_refused(url, sessions, run):
    for number in range(N_DEALS):
        store(sessions, opened(number))
    became = {name: how for told in run(url, sessions) for name, how in told.items()}
    assert len(became) == N_TRIES
    assert {"stored", "refused"} <= set(became.values()) <= {"stored", "refused", "stale"}
    check(sessions, Counter(name for name, how in became.items() if how == "stored"))


def test_the_story_is_told_twice_in_one_database(url):
    command = [sys.executable, "-W", "error", "-m", "examples.sqlalchemy_store", url]
    for _ in range(2):
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        assert "over version 1: version 2 is stored now" in done.stdout
        assert "Acme renewal: lost, 12000.00 EUR, version 3" in done.stdout
