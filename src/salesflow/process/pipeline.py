"""`Pipeline`: the definition of stages and moves, and the verbs that move deals through it.

Its methods import what they need when they are called. The event models alone would be half of the
time that ``import salesflow`` takes, and many programs never make an event.
"""

from datetime import date
from typing import TYPE_CHECKING, ClassVar, Self, Unpack

import attrs

from salesflow.models import Deal
from salesflow.process.process import Process, names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from salesflow.process._definition import Fault
    from salesflow.process._edges import Graph
    from salesflow.process._machine import Cursor
    from salesflow.process.actor import Actor
    from salesflow.process.fields import ChangedFields, DealFields, OpenedFields, RestoredFields
    from salesflow.process.lead_process import LeadProcess
    from salesflow.process.profile import IdealCustomerProfile


@attrs.frozen(repr=False, slots=False)
class Pipeline(Process):
    """How do deals move here? The definition, and the verbs that move them.

    A definition is checked when it is made. The verbs take a deal and return a new one whose
    history is longer; when one refuses, the old deal is all there is. ``at`` is when it happened:
    an aware datetime, or a date; left out, the current time. ``by`` is who did it: an id, or an
    `Actor` with roles.

    Args:
        name: what the definition is called; deals carry it.
        stages: open stages in their order, then won and lost ones. A text is an open stage.
        entry_stages: where deals may be opened; the first open stage unless given.
        allow_skip: whether a move forward may leave out stages.
        allow_back: whether an open deal may go back to an earlier stage.
        win_from: the stages a deal may be won from; the last open one unless given.
        lose_from: the stages a deal may be lost from; all open ones unless given.
        revert_to: the stages a lost deal may be reopened to; any not later than the one it was
            lost at unless given.
        allow_unwin: whether a win may be undone with `reopen`.
        leads: the process of the leads that become its deals.
        profile: whom to look for.
        version: counted up by you when the definition changes.
        frameworks: your own qualification frameworks, beside the built-in ones.

    Raises:
        DefinitionError: for a definition with faults, all of them listed.

    Example:
        >>> from salesflow import Stage
        >>> pipeline = Pipeline(
        ...     "small", ["talk", "offer", Stage("won", kind="won"), Stage("lost", kind="lost")]
        ... )
        >>> deal = pipeline.advance(pipeline.open("Acme", id="D-1"))
        >>> deal.stage, [str(move) for move in pipeline.moves(deal)]
        ('offer', ['move to talk', 'win to won', 'lose to lost'])
    """

    win_from: tuple[str, ...] | None = attrs.field(default=None, kw_only=True, converter=names)
    lose_from: tuple[str, ...] | None = attrs.field(default=None, kw_only=True, converter=names)
    revert_to: tuple[str, ...] | None = attrs.field(default=None, kw_only=True, converter=names)
    allow_unwin: bool = attrs.field(default=False, kw_only=True)
    leads: "LeadProcess | None" = attrs.field(default=None, kw_only=True)
    profile: "IdealCustomerProfile | None" = attrs.field(default=None, kw_only=True)

    _noun: ClassVar = "pipeline"
    _ends: ClassVar = ("won", "lost")
    _flags: ClassVar = ("allow_skip", "allow_back", "allow_unwin")
    _lists: ClassVar = ("entry_stages", "win_from", "lose_from", "revert_to")
    _entered: ClassVar = ("entry_stages", "revert_to")
    _model: ClassVar = Deal
    _code: ClassVar = "pipeline"

    def _edges(self) -> "Graph":
        from salesflow.process._edges import pipeline_edges

        return pipeline_edges(self)

    def _own_faults(self) -> "list[Fault]":
        if self.leads is None and self.profile is None:
            return []
        from salesflow.process._definition import pipeline_faults

        return pipeline_faults(self)

    def _returns(self, graph: "Graph") -> set[tuple[str, str]]:
        return {
            (stage, to)
            for stage, targets in graph.items()
            for to, verb in targets.items()
            if verb == "reopen"
        }

    def _furthest(self, subject: Deal) -> int | None:
        from salesflow.process import _verbs

        return _verbs.furthest(self, subject)

    def _too_far(self, subject: Deal) -> str:
        return (
            f"it was lost at '{subject.lost_at_stage}', and reverts to that stage or an earlier one"
        )

    def _blocks(self, cursor: "Cursor", verb: str) -> list[str]:
        if verb != "reopen" or cursor.subject.disposition != "disqualified":
            return []
        return ["it was disqualified: say who requalified it (requalified_by)"]

    @classmethod
    def standard(cls, name: str = "sales") -> Self:
        """The usual stages: prospecting to negotiation, won with a follow-up, or lost.

        Example:
            >>> [stage.name for stage in Pipeline.standard().stages][:5]
            ['prospecting', 'qualification', 'meeting', 'proposal', 'negotiation']
        """
        from salesflow.process.ready_made import standard

        return standard(cls, name)

    @classmethod
    def hubspot(cls, name: str = "hubspot") -> Self:
        """The deal pipeline that an account of HubSpot begins with, by its internal names.

        Example:
            >>> Pipeline.hubspot().stage("contractsent").probability
            0.9
        """
        from salesflow.process.ready_made import hubspot

        return hubspot(cls, name)

    @classmethod
    def salesforce(cls, name: str = "salesforce") -> Self:
        """The standard opportunity stages of Salesforce.

        Example:
            >>> Pipeline.salesforce().stage("Needs Analysis").probability
            0.2
        """
        from salesflow.process.ready_made import salesforce

        return salesforce(cls, name)

    @classmethod
    def pipedrive(cls, name: str = "pipedrive") -> Self:
        """The pipeline that an account of Pipedrive begins with.

        Example:
            >>> Pipeline.pipedrive().allows("Qualified", "won")
            True
        """
        from salesflow.process.ready_made import pipedrive

        return pipedrive(cls, name)

    def open(
        self,
        name: str,
        *,
        id: str | None = None,  # noqa: A002 - the field's name
        stage: str | None = None,
        at: date | None = None,
        by: "str | Actor | None" = None,
        **fields: "Unpack[OpenedFields]",
    ) -> Deal:
        """Begin a deal, in the first stage or another entry stage.

        Args:
            name: what people call it.
            id: its key; a uuid4 unless given.
            stage: one of the entry stages; the first of them unless given.
            at: when it began. [aware datetime or date]
            by: who opened it.
            **fields: what else is known, see `OpenedFields`. A probability or category given here
                is a manual one.

        Raises:
            MoveNotAllowed: if deals may not be opened in that stage.
            FieldError: for values that a deal's fields do not take.

        Example:
            >>> Pipeline.standard().open("Acme", id="D-1", owner_id="kim").owner_id
            'kim'
        """
        from salesflow.process import _verbs

        return _verbs.open_deal(self, name, id, stage, (at, by), fields)

    def advance(
        self,
        deal: Deal,
        *,
        at: date | None = None,
        by: "str | Actor | None" = None,
        override: str | None = None,
    ) -> Deal:
        """Move an open deal to the next open stage.

        Args:
            deal: a deal of this pipeline.
            at: when. [aware datetime or date]
            by: who did it.
            override: the reason for letting it pass against unmet requirements; needs ``by``.

        Raises:
            MoveNotAllowed: at the last open stage (then `win`), or if the deal is closed.
        """
        from salesflow.process import _verbs

        return _verbs.advance(self, deal, (at, by), override)

    def move(
        self,
        deal: Deal,
        *,
        to: str,
        at: date | None = None,
        by: "str | Actor | None" = None,
        override: str | None = None,
    ) -> Deal:
        """Move a deal to another stage of the same outcome.

        Raises:
            MoveNotAllowed: unless the definition has that move, naming the legal ones.
        """
        from salesflow.process import _verbs

        return _verbs.move(self, deal, to, (at, by), override)

    def win(
        self,
        deal: Deal,
        *,
        to: str | None = None,
        at: date | None = None,
        by: "str | Actor | None" = None,
        override: str | None = None,
    ) -> Deal:
        """Close an open deal as won, in the first won stage unless another is named.

        Raises:
            MoveNotAllowed: unless the deal is in a stage that may be won from.
        """
        from salesflow.process import _verbs

        return _verbs.win(self, deal, to, (at, by), override)

    def lose(
        self,
        deal: Deal,
        reason: str,
        *,
        disposition: str | None = None,
        revisit_on: date | None = None,
        to: str | None = None,
        at: date | None = None,
        by: "str | Actor | None" = None,
        override: str | None = None,
    ) -> Deal:
        """Close an open deal as lost, in the first lost stage unless another is named.

        Args:
            deal: a deal of this pipeline.
            reason: why it was lost.
            disposition: what becomes of it: ``disqualified``, ``nurture`` or ``follow_up``.
            revisit_on: the day to look at it again.
            to: which lost stage.
            at: when. [aware datetime or date]
            by: who did it.
            override: the reason for letting it pass against unmet requirements; needs ``by``.

        Raises:
            MoveNotAllowed: unless the deal is in a stage that may be lost from.
            OptionError: without a reason.
            FieldError: for another disposition.
        """
        why = {"reason": reason, "disposition": disposition, "revisit_on": revisit_on}
        from salesflow.process import _verbs

        return _verbs.lose(self, deal, to, why, (at, by), override)

    def reopen(
        self,
        deal: Deal,
        to: str,
        *,
        reason: str,
        requalified_by: "str | Actor | None" = None,
        at: date | None = None,
        by: "str | Actor | None" = None,
        override: str | None = None,
    ) -> Deal:
        """Bring a lost deal back to an earlier open stage; undo a win where that is allowed.

        Args:
            deal: a closed deal of this pipeline.
            to: an open stage, for a loss not later than the one it was lost at.
            reason: why.
            requalified_by: who found a disqualified deal worth pursuing; needed for those.
            at: when. [aware datetime or date]
            by: who did it.
            override: the reason for letting it pass against unmet requirements; needs ``by``.

        Raises:
            MoveNotAllowed: if the deal is open, or may not go there.
            OptionError: without a reason.
        """
        why = {"reason": reason, "requalified_by": requalified_by}
        from salesflow.process import _verbs

        return _verbs.reopen(self, deal, to, why, (at, by), override)

    def update(
        self,
        deal: Deal,
        *,
        correction: str | None = None,
        reason: str | None = None,
        at: date | None = None,
        by: "str | Actor | None" = None,
        **fields: "Unpack[ChangedFields]",
    ) -> Deal:
        """Change fields of a deal; what does not change adds no event.

        Args:
            deal: a deal of this pipeline.
            correction: why the amount of a closed deal was wrong; it counts from the closing on.
            reason: why the probability or the expected close changes.
            at: when. [aware datetime or date]
            by: who did it.
            **fields: the new values, see `ChangedFields`. A mapping replaces the old one whole.
                ``probability=None`` and ``category=None`` give it back to the stage.

        Raises:
            ClosedDealError: for the probability of a closed deal, or its amount uncorrected.
            FieldError: for values that the fields do not take.

        Example:
            >>> pipeline = Pipeline.standard()
            >>> deal = pipeline.open("Acme", owner_id="kim")
            >>> pipeline.update(deal, owner_id="kim") is deal
            True
        """
        from salesflow.process import _verbs

        return _verbs.update(self, deal, dict(fields), (correction, reason), (at, by))

    def restore(
        self,
        *,
        id: str,  # noqa: A002 - the field's name
        stage: str | None = None,
        by: "str | Actor | None" = None,
        **fields: "Unpack[RestoredFields]",
    ) -> Deal:
        """Take over a deal from elsewhere, with what is known of it; the rest stays unknown.

        Args:
            id: its key.
            stage: the stage it is in; that of the last visit unless given, else unknown.
            by: who took it over.
            **fields: what is known, see `RestoredFields`.

        Raises:
            UnknownStageError: for a stage that the pipeline does not have.
            FieldError: for values, or dates, that contradict each other.

        Example:
            >>> deal = Pipeline.standard().restore(
            ...     id="D-9", stage="won", created_at=date(2025, 3, 1), closed_at=date(2025, 4, 2)
            ... )
            >>> deal.outcome, deal.closed_precision
            ('won', 'day')
        """
        from salesflow.process.restore import restore_deal

        return restore_deal(self, id, stage, by, fields)

    def migrate(
        self,
        deal: Deal,
        *,
        to: str | None = None,
        stages: "Mapping[str, str] | None" = None,
        at: date | None = None,
        by: "str | Actor | None" = None,
    ) -> Deal:
        """Bring a deal of another pipeline, or of another version, into this one.

        A deal that is there already is given back as it is.

        Args:
            deal: any deal.
            to: the stage it has here; the one of the same name unless given.
            stages: the same for many deals: old names to new ones; others keep theirs.
            at: when. [aware datetime or date]
            by: who did it.

        Raises:
            OptionError: for ``to`` beside ``stages``.
            MigrationError: if that stage is missing, retired or has another outcome.
        """
        from salesflow.process import _verbs

        return _verbs.migrate(self, deal, to, stages, (at, by))

    def renew(
        self,
        deal: Deal,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - the field's name
        at: date | None = None,
        by: "str | Actor | None" = None,
        **fields: "Unpack[DealFields]",
    ) -> Deal:
        """Open the next deal for one that was won, linked to it as ``renewal_of``.

        It takes over name, amount, owner, account and contacts unless given. Source, lead and
        custom values it does not: they tell how the first deal came about.

        Args:
            deal: a won deal, of this pipeline or of another.
            name: what people call it; the name of the won one unless given.
            id: its key; a uuid4 unless given.
            at: when it begins, not before the win. [aware datetime or date]
            by: who opens it.
            **fields: what else is known, see `DealFields`.

        Raises:
            RenewalError: if the deal is not won.
            EventOrderError: if it was won after ``at``.

        Example:
            >>> pipeline = Pipeline.standard()
            >>> won = pipeline.restore(id="D-1", name="Acme", stage="won", account_id="A-1")
            >>> after = pipeline.renew(won)
            >>> after.account_id, after.links[0].kind, after.links[0].target
            ('A-1', 'renewal_of', 'D-1')
        """
        from salesflow.process._renewal import renew

        return renew(self, deal, (name, id), (at, by), fields)
