"""Lives of deals that were taken over, in any stage and with little known of their past."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize

from salesflow import Pipeline
from tests import oracle
from tests.property.lives import Life, lives, picks
from tests.strategies import pipelines


class RestoredLife(Life):
    """One that begins anywhere; where it was lost is known, or not."""

    @initialize(pipeline=pipelines(), pick=picks, is_known=st.booleans())
    def begin(self, pipeline: Pipeline, pick: int, is_known: bool) -> None:  # noqa: FBT001 - drawn
        names = [stage.name for stage in pipeline.stages]
        self.start(pipeline, names[pick % len(names)], None)
        known = {}
        if self.kind != "open" and is_known:
            self.closed_at = self.now
            known["closed_at"] = self.now
        if self.kind == "lost" and is_known:
            lost_at = next(stage.name for stage in pipeline.stages if stage.kind == "open")
            self.lost_at, self.loss_reason = oracle.place_of(pipeline, lost_at), "price"
            known |= {"lost_at_stage": lost_at, "loss_reason": "price"}
        self.deal = pipeline.restore(id="D-1", stage=self.stage, **known)


TestRestoredLives = RestoredLife.TestCase
TestRestoredLives.settings = lives(400)
