"""`crm.pipeline_from`: the stages of an export, what each means, and in which order."""

import io
from collections import Counter
from typing import Any

import pytest

from salesflow import Pipeline, crm
from salesflow.crm._drafting import draft
from salesflow.crm._survey import Survey
from salesflow.crm.systems import GENERIC, ODOO, PIPEDRIVE
from salesflow.errors import SourceError


def names(rows: list[dict[str, Any]], **options: Any) -> list[str]:
    """The stages drafted, in order, each with its kind where it is not open."""
    stages = crm.pipeline_from(rows, **options).stages
    return [s.name if s.kind == "open" else f"{s.name} ({s.kind})" for s in stages]


def rows(columns: str, *values: tuple[Any, ...]) -> list[dict[str, Any]]:
    return [dict(zip(columns.split(), row, strict=True)) for row in values]


class TestOrder:
    def test_by_the_history_of_most_deals(self):
        log = rows(
            "deal_id stage entered_at",
            ("1", "b", "2026-01-01"),
            ("1", "a", "2026-01-02"),
            ("2", "b", "2026-01-01"),
            ("2", "a", "2026-01-02"),
            ("3", "a", "2026-01-01"),
            ("3", "b", "2026-01-02"),
            ("3", "c", "2026-01-03"),
        )
        assert names(log)[:3] == ["b", "a", "c"]

    def test_a_history_that_does_not_know_all_stages_does_not_order_them(self):
        deals = rows("deal_id stage stage_order", ("1", "a", 3), ("2", "b", 2), ("3", "c", 1))
        log = rows("deal_id stage entered_at", ("1", "b", "2026-01-01"), ("1", "a", "2026-01-02"))
        assert names(deals, history=log)[:3] == ["c", "b", "a"]

    def test_by_the_numbers_of_its_stages(self):
        deals = rows(
            "id stage stage_order probability",
            ("1", "a", 3, "10%"),
            ("2", "b", 2, "20%"),
            ("3", "b", 2, "20%"),
            ("4", "c", "1", "30%"),
            ("5", "c", 9, "30%"),
            ("6", "c", 1, "30%"),
        )
        assert names(deals)[:3] == ["c", "b", "a"]

    def test_by_their_probabilities(self):
        deals = rows("id stage probability", ("1", "Pitch", "40%"), ("2", "Talk", "10%"))
        assert names(deals)[:2] == ["Talk", "Pitch"]

    def test_by_their_usual_order(self):
        deals = rows("id stage", ("1", "Proposal"), ("2", "Meeting"), ("3", "Closed Won"))
        assert names(deals) == ["Meeting", "Proposal", "Closed Won (won)", "lost (lost)"]

    def test_by_their_first_appearance(self):
        deals = rows("id stage", ("1", "Pitch"), ("2", "Talk"), ("3", "Pitch"))
        assert names(deals) == ["Pitch", "Talk", "won (won)", "lost (lost)"]

    def test_equal_probabilities_order_nothing(self):
        deals = rows("id stage probability", ("1", "Pitch", "40%"), ("2", "Talk", "40%"))
        assert names(deals)[:2] == ["Pitch", "Talk"]

    @pytest.mark.parametrize(
        ("share", "kept"), [("40%", 0.4), ("1000%", None), ("-5%", None), ("x", None), (None, None)]
    )
    def test_a_stage_has_the_probability_of_most_of_its_rows(self, share, kept):
        deals = rows(
            "id stage probability", ("1", "a", "15%"), ("2", "a", share), ("3", "a", share)
        )
        stage = crm.pipeline_from(deals).stages[0]
        assert stage.probability == (0.15 if share in ("x", None) else kept)

    def test_ties_between_two_stages_keep_their_appearance(self):
        log = rows(
            "deal_id stage entered_at",
            ("1", "a", "2026-01-01"),
            ("1", "b", "2026-01-02"),
            ("2", "b", "2026-01-01"),
            ("2", "a", "2026-01-02"),
        )
        assert names(rows("deal_id stage", ("1", "b"), ("2", "a")), history=log)[:2] == ["b", "a"]
        assert names(rows("deal_id stage", ("2", "a"), ("1", "b")), history=log)[:2] == ["a", "b"]


class TestKinds:
    def test_flags_go_before_words(self):
        deals = rows(
            "id stage is_won is_closed",
            ("1", "Abgeschlossen", True, True),
            ("2", "Verworfen", False, True),
            ("3", "Gewonnen?", False, False),
        )
        assert names(deals) == ["Gewonnen?", "Abgeschlossen (won)", "Verworfen (lost)"]

    def test_most_rows_decide(self):
        deals = rows("id stage is_won is_closed", *[(n, "End", n < 3, True) for n in range(4)])
        assert names(deals) == ["open", "End (won)", "lost (lost)"]

    def test_words_tell_where_no_flag_does(self):
        deals = rows("id stage", ("1", "Talk"), ("2", "Gewonnen"), ("3", "Closed Lost"))
        assert names(deals) == ["Talk", "Gewonnen (won)", "Closed Lost (lost)"]

    def test_a_word_that_the_flags_rule_out_does_not_tell(self):
        deals = rows("id stage is_won", ("1", "Won over", False))
        assert names(deals)[0] == "Won over"

    def test_where_closed_deals_stay_in_their_stage_flags_tell_nothing_of_it(self):
        found = Survey(places=Counter({("Talk", "won", *[None] * 4): 5}))
        made = draft("p", found, PIPEDRIVE, {}, [], {}).pipeline
        assert [stage.kind for stage in made.stages] == ["open", "won", "lost"]

    def test_a_closed_stage_of_odoo_is_told_by_its_word(self):
        found = Survey(places=Counter({("New", None, *[None] * 4): 5, ("Won", *[None] * 5): 5}))
        made = draft("p", found, ODOO, {}, [], {}).pipeline
        assert [(s.name, s.kind) for s in made.stages][:2] == [("New", "open"), ("Won", "won")]


class TestWhatItIs:
    def test_an_end_that_no_row_is_in_is_there(self):
        assert names(rows("id stage", ("1", "Talk"))) == ["Talk", "won (won)", "lost (lost)"]

    def test_an_end_called_like_an_open_stage(self):
        deals = rows("id stage is_won is_closed", ("1", "won", False, False), ("2", "Talk", 0, 0))
        assert names(deals) == ["won", "Talk", "won (closed) (won)", "lost (lost)"]

    def test_deals_may_go_anywhere(self):
        pipeline = crm.pipeline_from(rows("id stage", ("1", "a"), ("2", "b"), ("3", "Won")))
        assert pipeline.allows("a", "Won")
        assert pipeline.allows("b", "a")
        assert pipeline.allows("Won", "a")
        assert pipeline.allows("lost", "b")
        assert pipeline.entry_stages == ("a", "b")

    def test_its_name_is_that_of_the_one_pipeline_of_the_rows(self):
        deals = rows("id stage pipeline", ("1", "a", "EU"), ("2", "b", "EU"))
        assert crm.pipeline_from(deals).name == "EU"
        deals[1]["pipeline"] = "US"
        assert crm.pipeline_from(deals).name == "generic"

    def test_it_can_be_edited_and_given_to_read(self):
        deals = rows("id stage", ("1", "Pitch"), ("2", "Talk"), ("3", "Closed Won"))
        text = crm.pipeline_from(deals).to_toml()
        edited = Pipeline.from_toml(text.replace("generic", "mine"))
        got = crm.read(deals, pipeline=edited)
        assert [deal.pipeline for deal in got.deals] == ["mine"] * 3

    def test_a_drafted_pipeline_reads_the_file_it_was_drafted_from(self):
        deals = rows("id stage is_won", ("1", "x", True), ("2", "y", False), ("3", "lost", False))
        got = crm.read(deals, pipeline=crm.pipeline_from(deals))
        assert [deal.outcome for deal in got.deals] == ["won", "open", "lost"]

    def test_no_rows_and_no_stages(self):
        assert names([]) == ["open", "won (won)", "lost (lost)"]
        assert names([{"a": 1}]) == ["open", "won (won)", "lost (lost)"]

    def test_what_cannot_be_read(self):
        with pytest.raises(SourceError):
            crm.pipeline_from(io.BytesIO(b"\x00\x00"))

    def test_what_it_was_ordered_by_is_said(self):
        found = Survey(places=Counter({("a", *[None] * 5): 1, ("b", *[None] * 5): 1}))
        for paths, orders, shares, by in [
            ([["b", "a"]], {"a": 1.0, "b": 2.0}, {"a": 0.1, "b": 0.2}, "the history of its deals"),
            ([["b"]], {"a": 1.0, "b": 2.0}, {"a": 0.1, "b": 0.2}, "the numbers of its stages"),
            ([], {"a": 1.0}, {"a": 0.1, "b": 0.2}, "their probabilities"),
            ([], {}, {"a": 0.1}, "their first appearance"),
        ]:
            assert draft("p", found, GENERIC, shares, paths, orders).ordered_by == by
