"""Two people read one deal. One moves it, the other loses it: what does the store do?"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session, sessionmaker

import salesflow as sf

from . import Base, DealRow, StaleDealError, change, load, save

pipeline = sf.Pipeline.standard()


def tell(sessions: sessionmaker[Session]) -> None:
    """Open a deal, let two people write it, and list what is stored."""
    deal = pipeline.open("Acme renewal", amount=sf.Money("12000.00", "EUR"), owner_id="kim")
    with sessions.begin() as session:
        save(session, deal)
    with sessions() as session:
        mine, yours = load(session, deal.id), load(session, deal.id)

    with sessions.begin() as session:
        save(session, pipeline.advance(mine, by="kim"), before=mine)
    try:
        with sessions.begin() as session:
            save(session, pipeline.lose(yours, "budget", by="lee"), before=yours)
    except StaleDealError as stale:
        print(stale)

    # What someone else decided may change what is right, so look again. Where the verb is right
    # for the deal however it stands, let ``change`` do that.
    change(sessions, deal.id, lambda deal: pipeline.lose(deal, "budget", by="lee"))
    with sessions() as session:
        lost = load(session, deal.id)
    for event in lost.history:
        print(f"{event.type:<14} {getattr(event, 'stage', ''):<14} {event.by or ''}")
    assert [event.by for event in lost.history] == [None, "kim", "lee"]

    # Rows answer without their histories, and the definition takes the names of stages.
    with sessions() as session:
        [row] = session.scalars(select(DealRow).where(DealRow.id == deal.id))
    print(f"{row.name}: {row.outcome}, {row.amount} {row.currency}, version {row.version}")
    assert row.stage is not None
    assert pipeline.allows(row.stage, "prospecting")
    assert pipeline.next_stage("meeting", "advance") == "proposal"
    print(pipeline.why_not(row.stage, "won"))


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        default = f"sqlite:///{Path(folder, 'deals.db')}?timeout=60"
        engine = create_engine(sys.argv[1] if len(sys.argv) > 1 else default)
        Base.metadata.create_all(engine)
        tell(sessionmaker(engine))
        engine.dispose()
