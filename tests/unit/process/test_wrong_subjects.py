"""Who asks of the wrong thing is told what was refused, and the way out."""

from datetime import UTC, date, datetime

import pytest

from salesflow import Actor, LeadProcess, Pipeline, Stage, errors, merge
from salesflow import requirements as req

SALES, OTHER, LEADS = Pipeline.standard(), Pipeline.standard("other"), LeadProcess.standard()
T0 = datetime(2026, 1, 5, 9, tzinfo=UTC)
DEAL = SALES.open("Acme", id="D-1", at=T0)
LEAD = LEADS.open("Kim", id="L-1", at=T0)


@pytest.mark.parametrize(
    ("call", "verb"),
    [
        (lambda: SALES.log(LEAD, "call"), "log on"),
        (lambda: SALES.answer(LEAD, "bant", "need", "yes"), "answer for"),
        (lambda: SALES.update(LEAD, name="x"), "update"),
        (lambda: SALES.renew(LEAD), "renew"),
        (lambda: SALES.migrate(LEAD), "migrate"),
        (lambda: merge(DEAL, LEAD), "merge"),
        (lambda: SALES.advance(LEAD), "move"),
    ],
)
def test_a_lead_where_a_deal_is_wanted(call, verb):
    with pytest.raises(errors.OptionError) as caught:
        call()
    assert caught.value.message == f"cannot {verb} lead 'L-1': it is no Deal"
    assert caught.value.hint == "give a Deal; leads go through a LeadProcess."


def test_a_deal_where_a_lead_is_wanted():
    with pytest.raises(errors.OptionError, match="cannot migrate deal 'D-1': it is no Lead") as got:
        LEADS.migrate(DEAL)
    assert got.value.hint == "give a Lead; deals go through a Pipeline."


@pytest.mark.parametrize(
    ("call", "verb"),
    [
        (lambda: OTHER.log(DEAL, "call"), "log on"),
        (lambda: OTHER.answer(DEAL, "bant", "need", "yes"), "answer for"),
        (lambda: OTHER.update(DEAL, name="x"), "update"),
        (lambda: OTHER.advance(DEAL), "move"),
    ],
)
def test_a_deal_of_another_pipeline(call, verb):
    with pytest.raises(errors.WrongPipelineError) as caught:
        call()
    assert caught.value.message.startswith(f"cannot {verb} deal 'D-1' through pipeline 'other'")


class TestRequirements:
    ASKED = req.role("manager")

    def test_a_plain_id_is_an_actor_without_roles(self):
        told = "role 'manager' is needed, and 'kim' does not have it"
        assert self.ASKED.unmet(DEAL, "kim") == self.ASKED.unmet(DEAL, Actor("kim")) == told
        assert self.ASKED.unmet(LEAD, Actor("kim", roles=["manager"])) is None

    @pytest.mark.parametrize("by", [3, "", [], Actor])
    def test_who_asks_is_a_text_or_an_actor(self, by):
        with pytest.raises(errors.OptionError, match="cannot record who did it"):
            self.ASKED.unmet(DEAL, by)

    @pytest.mark.parametrize("subject", [None, "D-1", 3, {}, type(DEAL)])
    def test_it_asks_of_a_deal_or_a_lead(self, subject):
        with pytest.raises(errors.OptionError, match="it is no Deal and no Lead") as caught:
            req.all_of(req.has("amount"), self.ASKED).unmet(subject, None)
        assert (caught.value.parameter, caught.value.value) == ("subject", subject)

    @pytest.mark.parametrize("setting", ["requires", "exit_requires"])
    def test_a_class_is_no_requirement(self, setting):
        with pytest.raises(errors.OptionError, match="it is a class") as caught:
            Stage("x", **{setting: [req.Has]})
        assert (caught.value.hint, caught.value.parameter) == ("give one of it: Has(…).", setting)


class TestRenewal:
    WON = SALES.restore(id="D-1", name="Acme", stage="won", closed_at=date(2026, 1, 5))
    UNKNOWN = SALES.log(
        SALES.restore(id="D-1", name="Acme", stage="won"), "call", at=date(2026, 2, 5)
    )

    def test_it_is_not_the_won_deal_itself(self):
        merged = merge(self.WON, SALES.open("Acme", id="D-2", at=T0), at=date(2026, 2, 1))
        for identity in ("D-1", "D-2"):
            with pytest.raises(errors.OptionError, match=f"'D-1' as '{identity}'") as caught:
                SALES.renew(merged, id=identity)
            assert (caught.value.parameter, caught.value.value) == ("id", identity)

    def test_it_is_not_before_what_is_known_of_the_won_deal(self):
        assert self.UNKNOWN.closed_at is None
        with pytest.raises(errors.EventOrderError, match="deal 'D-1'"):
            SALES.renew(self.UNKNOWN, at=date(2026, 2, 4))
        assert SALES.renew(self.UNKNOWN, at=date(2026, 2, 5)).is_open

    def test_it_may_be_before_the_last_event_of_one_whose_win_is_known(self):
        called = SALES.log(self.WON, "call", at=date(2026, 2, 5))
        assert SALES.renew(called, at=date(2026, 1, 5)).is_open


class TestMigrate:
    @pytest.mark.parametrize("stages", [3, "x", [("a", "b")], Stage])
    def test_stages_are_a_mapping(self, stages):
        with pytest.raises(errors.OptionError, match="is no mapping") as caught:
            OTHER.migrate(DEAL, stages=stages)
        assert (caught.value.parameter, caught.value.value) == ("stages", stages)

    @pytest.mark.parametrize("name", ["quotation", None, 3])
    def test_a_name_that_is_no_stage_is_told_though_this_deal_does_not_go_there(self, name):
        with pytest.raises(
            errors.MigrationError, match="which pipeline 'other' does not have"
        ) as caught:
            OTHER.migrate(DEAL, stages={"proposal": name})
        assert (caught.value.stage, caught.value.pipeline) == (str(name), "other")
