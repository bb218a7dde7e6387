"""Lives of leads, opened or taken over, on any legal definition."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from salesflow import LeadProcess
from tests import lead_oracle as oracle
from tests.property.lead_lives import SALES, LeadLife
from tests.property.lives import lives, picks
from tests.strategies import lead_processes


class OpenedLife(LeadLife):
    """One that begins in an entry stage."""

    @initialize(process=lead_processes(), pick=picks)
    def begin(self, process: LeadProcess, pick: int) -> None:
        entries = oracle.entries(process)
        self.start(process, entries[pick % len(entries)])
        self.lead = process.open("Kim", id="L-1", stage=self.stage, owner_id="lee", at=self.now)


class RestoredLife(LeadLife):
    """One that begins anywhere; which deal it became is known, or not."""

    @initialize(process=lead_processes(), pick=picks, is_known=st.booleans())
    def begin(self, process: LeadProcess, pick: int, is_known: bool) -> None:  # noqa: FBT001 - drawn
        names = [stage.name for stage in process.stages]
        self.start(process, names[pick % len(names)])
        known = {}
        if self.was_converted:
            self.deal = SALES.open("A", id="D-1", lead_id="L-1", at=self.now)
            self.deal_id = "D-1" if is_known else None
            known = {"deal_id": self.deal_id}
        self.lead = process.restore(id="L-1", stage=self.stage, **known)


TestOpenedLeads = OpenedLife.TestCase
TestOpenedLeads.settings = lives(200)
TestRestoredLeads = RestoredLife.TestCase
TestRestoredLeads.settings = lives(150)
