"""Lives of deals that were opened; with `test_restored_lives`, more than a thousand."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from salesflow import Pipeline
from tests import oracle
from tests.property.lives import Life, lives, picks
from tests.strategies import pipelines, probabilities


class OpenedLife(Life):
    """One that begins in an entry stage."""

    @initialize(pipeline=pipelines(), pick=picks, chance=st.none() | probabilities())
    def begin(self, pipeline: Pipeline, pick: int, chance: float | None) -> None:
        entries = oracle.entries(pipeline)
        self.start(pipeline, entries[pick % len(entries)], chance)
        self.deal = pipeline.open(
            "Acme", id="D-1", stage=self.stage, probability=chance, at=self.now
        )


TestLives = OpenedLife.TestCase
TestLives.settings = lives(700)
