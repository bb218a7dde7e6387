"""Where a deal stands: the system's own flags go before the names of stages, and say so."""

import pytest

from salesflow import Pipeline, Stage
from salesflow.crm._names import folded, kind_by_name
from salesflow.crm._outcomes import ALL, Flags, told_by
from salesflow.crm._places import Place, Stages, Verdict, judge
from salesflow.crm.systems import GENERIC, ODOO, PIPEDRIVE, SYSTEMS
from salesflow.errors import OptionError
from tests.crm_reads import codes, deal_of, faults_of, finding, read

PIPELINE = Pipeline(
    "p",
    [
        "talk",
        Stage("offer", label="Make an offer"),
        Stage("won", kind="won"),
        Stage("signed", kind="won"),
        Stage("lost", kind="lost"),
        Stage("gone", kind="lost"),
    ],
)
STAGES = Stages(PIPELINE)
OPEN, WON, LOST = frozenset({"open"}), frozenset({"won"}), frozenset({"lost"})


class TestNames:
    @pytest.mark.parametrize("name", ["Closed Won", "closed_won", "CLOSED-WON", " closedwon! "])
    def test_case_blanks_and_marks_do_not_matter(self, name):
        assert folded(name) == "closedwon"

    def test_nor_accents(self):
        assert folded("Négociation") == folded("negociation")
        assert folded("ﬁnal") == "final"

    def test_a_name_of_marks_alone_is_kept(self):
        assert folded("***") == "***"

    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("Won", "won"),
            ("Closed Won", "won"),
            ("closedwon", "won"),
            ("6 - Gewonnen", "won"),
            ("Gagné", "won"),
            ("Signed", "won"),
            ("Closed Lost", "lost"),
            ("Lost to competitor", "lost"),
            ("Disqualified", "lost"),
            ("Won, then lost", "lost"),
            ("Wonderful", "open"),
            ("Loste", "open"),
            ("Negotiation", "open"),
            ("***", "open"),
        ],
    )
    def test_what_words_tell(self, name, kind):
        assert kind_by_name(name) == kind


class TestFlags:
    @pytest.mark.parametrize(
        ("flags", "outcomes"),
        [
            (Flags(), ALL),
            (Flags(status="Open"), OPEN),
            (Flags(status="WON"), WON),
            (Flags(status="closed lost"), LOST),
            (Flags(status="no such word"), ALL),
            (Flags(is_won=True), WON),
            (Flags(is_won=False), OPEN | LOST),
            (Flags(is_lost=True), LOST),
            (Flags(is_closed=True), WON | LOST),
            (Flags(is_closed=False), OPEN),
            (Flags(is_won=False, is_closed=True), LOST),
            (Flags(is_lost=False, is_closed=True), WON),
            (Flags(is_active=False), ALL),
        ],
    )
    def test_what_they_leave_possible(self, flags, outcomes):
        told = told_by(flags, GENERIC)
        assert (told.outcomes, told.oddity) == (outcomes, None)

    def test_archived_is_closed_where_the_system_says_so(self):
        assert told_by(Flags(is_active=False), ODOO).outcomes == WON | LOST
        assert told_by(Flags(is_active=True), ODOO).outcomes == ALL

    @pytest.mark.parametrize(
        ("flags", "outcomes", "oddity"),
        [
            (Flags(status="won", is_won=False), WON, "is won: no contradicts status 'won'"),
            (Flags(is_won=True, is_lost=True), WON, "is lost: yes contradicts is won: yes"),
            (Flags(is_won=True, is_closed=False), WON, "is closed: no contradicts is won: yes"),
            (
                Flags(status="lost", is_won=True, is_closed=False),
                LOST,
                "is won: yes contradicts status 'lost'",
            ),
            (
                Flags(is_won=False, is_lost=False, is_closed=True),
                OPEN,
                "is closed: yes contradicts is lost: no",
            ),
        ],
    )
    def test_the_one_that_says_more_wins_where_they_exclude_each_other(
        self, flags, outcomes, oddity
    ):
        told = told_by(flags, GENERIC)
        assert (told.outcomes, told.oddity) == (outcomes, oddity)

    def test_an_archived_deal_that_is_open(self):
        told = told_by(Flags(status="pending", is_active=False), ODOO)
        assert told.oddity == "is active: no contradicts status 'pending'"


class TestJudge:
    @pytest.mark.parametrize(
        ("name", "flags", "place"),
        [
            ("talk", Flags(), Place("talk", "open")),
            ("TALK", Flags(status="open"), Place("talk", "open")),
            ("make-an-offer", Flags(), Place("offer", "open")),
            ("signed", Flags(is_won=True), Place("signed", "won")),
            ("gone", Flags(is_closed=True), Place("gone", "lost")),
            (None, Flags(is_won=True), Place("won", "won")),
            (None, Flags(status="lost"), Place("lost", "lost")),
        ],
    )
    def test_what_agrees_is_nothing_to_tell(self, name, flags, place):
        assert judge(name, flags, GENERIC, STAGES) == Verdict(place)

    @pytest.mark.parametrize(
        ("name", "flags", "place", "words"),
        [
            ("talk", Flags(is_won=True), Place("won", "won"), "open, but the flags say won"),
            (
                "offer",
                Flags(status="lost"),
                Place("lost", "lost", "offer"),
                "open, but the flags say lost",
            ),
            ("won", Flags(status="lost"), Place("lost", "lost"), "won, but the flags say lost"),
            ("lost", Flags(is_won=True), Place("won", "won"), "lost, but the flags say won"),
            ("won", Flags(is_closed=False), Place(None, "open"), "won, but the flags say open"),
        ],
    )
    def test_the_flags_win_over_the_name(self, name, flags, place, words):
        verdict = judge(name, flags, GENERIC, STAGES)
        assert verdict.place == place
        assert verdict.oddity is not None
        code, fact = verdict.oddity
        assert code == "stage-contradicts-flag"
        assert fact.startswith(f"stage {name!r} is {words}: kept ")

    def test_an_open_stage_is_usual_where_closed_deals_stay_in_it(self):
        verdict = judge("offer", Flags(status="won"), PIPEDRIVE, STAGES)
        assert verdict == Verdict(Place("won", "won"))
        assert judge("lost", Flags(status="won"), PIPEDRIVE, STAGES).oddity is not None

    def test_closed_without_saying_how_is_rejected_in_an_open_stage(self):
        verdict = judge("talk", Flags(is_closed=True), GENERIC, STAGES)
        fact = "stage 'talk' is open, but the flags say 'lost' or 'won'"
        assert verdict == Verdict(None, fact)

    def test_archived_in_an_open_stage_is_lost_there(self):
        verdict = judge("talk", Flags(is_active=False), ODOO, STAGES)
        assert verdict == Verdict(Place("lost", "lost", "talk"))
        won = judge("won", Flags(is_active=False), ODOO, STAGES)
        assert won == Verdict(Place("won", "won"))

    def test_archived_and_not_lost_is_won(self):
        verdict = judge("talk", Flags(is_lost=False, is_active=False), ODOO, STAGES)
        assert verdict == Verdict(Place("won", "won"))

    def test_without_a_stage(self):
        oddity = ("no-stage", "it has no stage: kept open")
        for flags in (Flags(), Flags(is_won=False), Flags(status="open")):
            verdict = judge(None, flags, GENERIC, STAGES)
            assert verdict == Verdict(Place(None, "open"), None, oddity)

    def test_without_a_stage_and_closed_without_saying_how(self):
        fact = "it has no stage, and nothing says whether it was won or lost"
        assert judge(None, Flags(is_closed=True), GENERIC, STAGES) == Verdict(None, fact)

    def test_flags_that_contradict_each_other_are_told_in_any_case(self):
        flags = Flags(status="won", is_won=False)
        for name in ("won", None):
            verdict = judge(name, flags, GENERIC, STAGES)
            assert verdict.place == Place("won", "won")
            assert verdict.oddity is not None
            assert verdict.oddity[0] == "contradictory-flags"

    @pytest.mark.parametrize("system", SYSTEMS)
    def test_every_stage_and_every_flag_have_a_verdict(self, system):
        words = [None, *SYSTEMS[system].statuses]
        states = (None, False, True)
        for name in (None, "talk", "won", "lost", "?"):
            for status in words:
                for is_won in states:
                    for is_closed in states:
                        flags = Flags(status, is_won, None, is_closed)
                        verdict = judge(name, flags, SYSTEMS[system], STAGES)
                        assert (verdict.place is None) == (verdict.fault is not None)
                        if verdict.place is not None and verdict.place.stage is not None:
                            assert STAGES.kind(verdict.place.stage) == verdict.place.outcome


class TestStagesOfTheCaller:
    def test_names_of_the_export_become_stages(self):
        rows = [{"id": 1, "stage": "Engaging"}, {"id": 2, "stage": "ENGAGING "}]
        got = read(*rows, stages={"Engaging": "meeting"})
        assert [deal.stage for deal in got.deals] == ["meeting", "meeting"]
        assert got.pipeline == Pipeline.standard()

    def test_they_go_before_the_stages_own_names(self):
        got = read({"id": 1, "stage": "proposal"}, stages={"proposal": "negotiation"})
        assert got.deals[0].stage == "negotiation"

    def test_a_stage_that_the_pipeline_does_not_have(self):
        with pytest.raises(OptionError, match="cannot read stage 'A' as 'metting'") as caught:
            read({"id": 1, "stage": "A"}, stages={"A": "metting"})
        assert caught.value.hint is not None
        assert "'meeting'" in caught.value.hint

    @pytest.mark.parametrize("given", [["meeting"], "meeting", {"A": 5}, {5: "meeting"}, {"A": []}])
    def test_what_is_no_mapping(self, given):
        with pytest.raises(OptionError, match=r"cannot use stages .*: it is no mapping"):
            read({"id": 1, "stage": "A"}, stages=given)

    def test_names_that_no_stage_has_are_told_with_their_number_and_the_nearest(self):
        rows = [{"id": n, "stage": s} for n, s in enumerate(["Metting", "Metting", "won", "X"])]
        got = read(*rows, pipeline=Pipeline.standard())
        first, second = (f for f in got.findings if f.code == "unknown-stage")
        assert (first.n_rows, second.n_rows) == (2, 1)
        assert first.fact.startswith("'Metting' is no stage of pipeline 'sales': it has 'meeting'")
        assert first.fact.endswith("say which with stages={…}")
        assert [row for row, _ in faults_of(got)] == [1, 2, 4]


class TestPipelineOfTheCaller:
    def test_its_stages_are_taken_by_name_and_label(self):
        rows = [{"id": 1, "stage": "Make an offer"}, {"id": 2, "stage": "SIGNED"}]
        got = read(*rows, pipeline=PIPELINE)
        assert [deal.stage for deal in got.deals] == ["offer", "signed"]
        assert got.pipeline is PIPELINE

    def test_a_stage_that_is_missing_in_a_row_of_a_definition_without_it(self):
        assert deal_of({"id": 1, "stage": "", "status": "won"}, pipeline=PIPELINE).stage == "won"


class TestFindings:
    def test_a_contradiction_names_its_rows(self):
        rows = [
            {"id": n, "stage": "Closed Won", "is_won": n < 2, "is_closed": n < 2}
            for n in range(1, 4)
        ]
        got = read(*rows, pipeline=Pipeline.salesforce())
        found = finding(got, "stage-contradicts-flag")
        assert (found.column, found.rows) == ("stage", (2, 3))
        assert [deal.outcome for deal in got.deals] == ["won", "open", "open"]

    def test_a_status_that_is_no_word_for_an_outcome(self):
        rows = [
            {"id": n, "stage": "meeting", "status": s} for n, s in enumerate(("Hot", "hot", "open"))
        ]
        got = read(*rows)
        found = [f for f in got.findings if f.code == "unknown-status"]
        assert sum(f.n_rows for f in found) == 2
        assert found[0].fact.startswith("status 'Hot' is no word for open, won or lost")
        assert [deal.stage for deal in got.deals] == ["meeting"] * 3

    def test_deleted_is_a_known_word(self):
        assert "unknown-status" not in codes(read({"id": 1, "stage": "won", "status": "deleted"}))


class TestReadyMadePipelines:
    @pytest.mark.parametrize(
        ("row", "name"),
        [
            ({"id": 1, "stage": "Meeting"}, "sales"),
            ({"Id": 1, "StageName": "Value Proposition", "CloseDate": None}, "salesforce"),
            ({"hs_object_id": 1, "dealname": "x", "dealstage": "closedwon"}, "hubspot"),
            ({"Id": 1, "StageName": "proposal", "CloseDate": None}, "sales"),
        ],
    )
    def test_the_one_that_has_all_stages_is_taken(self, row, name):
        got = read(row)
        assert got.pipeline is not None
        assert got.pipeline.name == name
        assert "drafted-pipeline" not in codes(got)

    def test_with_stages_of_the_caller_the_one_that_has_their_targets(self):
        row = {"Id": 1, "StageName": "A", "CloseDate": None}
        assert read(row, stages={"A": "Value Proposition"}).pipeline == Pipeline.salesforce()
        assert read(row, stages={"A": "meeting"}).pipeline == Pipeline.standard()

    def test_else_one_is_drafted_and_told(self):
        got = read({"id": 1, "stage": "Talk"}, {"id": 2, "stage": "Closed Won"})
        assert [deal.outcome for deal in got.deals] == ["open", "won"]
        fact = "stages in the order of their first appearance: Talk, Closed Won, lost"
        assert finding(got, "drafted-pipeline").fact == fact
