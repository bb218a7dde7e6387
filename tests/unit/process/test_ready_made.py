"""The ready-made definitions: any move among open stages, any closing, any reopening."""

import pytest

from salesflow import Pipeline

MADE = {
    "hubspot": (Pipeline.hubspot, "closedwon", "closedlost"),
    "salesforce": (Pipeline.salesforce, "Closed Won", "Closed Lost"),
    "pipedrive": (Pipeline.pipedrive, "won", "lost"),
}


@pytest.mark.parametrize("system", MADE)
class TestOfASystem:
    def test_it_is_called_like_the_system_unless_named(self, system):
        make, _, _ = MADE[system]
        assert (make().name, make("mine").name) == (system, "mine")

    def test_a_deal_may_be_dragged_anywhere(self, system):
        make, won, lost = MADE[system]
        pipeline = make()
        opened = [stage.name for stage in pipeline.stages if stage.kind == "open"]
        for stage in opened:
            assert {*pipeline.targets(stage)} == {*opened, won, lost} - {stage}
            assert pipeline.open("Acme", stage=stage).stage == stage
        assert {*pipeline.targets(won)} == {*pipeline.targets(lost)} == {*opened}

    def test_it_comes_back_from_a_file(self, system):
        make, _, _ = MADE[system]
        assert Pipeline.from_toml(make().to_toml()) == make()


def test_chances_rise_along_the_stages_of_hubspot():
    chances = [stage.probability for stage in Pipeline.hubspot().stages if stage.kind == "open"]
    assert chances == [0.2, 0.4, 0.6, 0.8, 0.9]


def test_the_categories_of_salesforce():
    stages = Pipeline.salesforce().stages
    assert [stage.category for stage in stages] == ["Pipeline"] * 8 + ["Closed", "Omitted"]


def test_pipedrive_gives_no_chances():
    assert {stage.probability for stage in Pipeline.pipedrive().stages} == {None}
