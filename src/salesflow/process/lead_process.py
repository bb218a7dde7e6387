"""`LeadProcess`: the stages of leads, and the verbs that move leads through them.

Like those of `Pipeline`, its methods import what they need when they are called.
"""

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, ClassVar, Self, Unpack

import attrs

from salesflow.models import Deal, Lead
from salesflow.process.pipeline import Pipeline
from salesflow.process.process import Process, names, to_text

if TYPE_CHECKING:
    from salesflow.process._conversion import Conversion
    from salesflow.process._definition import Fault
    from salesflow.process._edges import Graph
    from salesflow.process._machine import Cursor
    from salesflow.process.actor import Actor
    from salesflow.process.fields import (
        ChangedLeadFields,
        ConversionFields,
        LeadFields,
        RestoredLeadFields,
    )
    from salesflow.process.stage import Stage


def _names(given: Iterable[str] | None) -> tuple[str, ...]:
    return names(given) or ()


@attrs.frozen(repr=False, slots=False)
class LeadProcess(Process):
    """How do leads move here? The definition, and the verbs that move them.

    Built like `Pipeline`: the verbs take a lead and return a new one whose history is longer;
    when one refuses, the old lead is all there is. ``at`` is when it happened: an aware datetime,
    or a date; left out, the current time. ``by`` is who did it: an id, or an `Actor` with roles.

    The open stages follow each other, but for those that nurture: a lead is put aside there, and
    comes back from there to a stage of the path.

    Args:
        name: what the definition is called; leads carry it.
        stages: open stages in their order, then converted and disqualified ones. A text is an open
            stage.
        entry_stages: where leads may be opened; the first stage of the path unless given.
        allow_skip: whether a move forward may leave out stages.
        allow_back: whether a lead may go back to an earlier stage of the path.
        nurture_stages: the open stages that are off the path.
        convert_from: the stages a lead may be converted from; the last one of the path unless
            given.
        disqualify_from: the stages a lead may be disqualified from; all open ones unless given.
        requalify_to: the stages a disqualified lead may come back to; those that nurture, and any
            of the path not later than the last it was in, unless given.
        deal_stage: the stage of the pipeline that `convert` opens deals in; the usual entry stage
            unless given.
        version: counted up by you when the definition changes.

    Raises:
        DefinitionError: for a definition with faults, all of them listed.

    Example:
        >>> process = LeadProcess.standard()
        >>> lead = process.advance(process.open("Kim", id="L-1", source="web"))
        >>> lead.stage, [str(move) for move in process.moves(lead, by="lee")][:3]
        ('working', ['move to new', 'move to qualified', 'nurture to nurturing'])
    """

    nurture_stages: tuple[str, ...] = attrs.field(default=(), kw_only=True, converter=_names)
    convert_from: tuple[str, ...] | None = attrs.field(default=None, kw_only=True, converter=names)
    disqualify_from: tuple[str, ...] | None = attrs.field(
        default=None, kw_only=True, converter=names
    )
    requalify_to: tuple[str, ...] | None = attrs.field(default=None, kw_only=True, converter=names)
    deal_stage: str | None = attrs.field(default=None, kw_only=True, converter=to_text)

    _noun: ClassVar = "lead process"
    _ends: ClassVar = ("converted", "disqualified")
    _flags: ClassVar = ("allow_skip", "allow_back")
    _lists: ClassVar = (
        *("entry_stages", "nurture_stages", "convert_from", "disqualify_from"),
        "requalify_to",
    )
    _entered: ClassVar = ("entry_stages", "requalify_to")
    _model: ClassVar = Lead
    _code: ClassVar = "process"

    def _edges(self) -> "Graph":
        from salesflow.process._edges import lead_edges

        return lead_edges(self)

    def _path(self) -> "list[Stage]":
        return [stage for stage in super()._path() if stage.name not in self.nurture_stages]

    def _own_faults(self) -> "list[Fault]":
        from salesflow.process._definition import lead_faults

        return lead_faults(self)

    def _returns(self, graph: "Graph") -> set[tuple[str, str]]:
        from salesflow.process._edges import lead_returns

        return lead_returns(self, graph)

    def _furthest(self, subject: Lead) -> int | None:
        from salesflow.process._lead_verbs import furthest

        return furthest(self, subject)

    def _too_far(self, subject: Lead) -> str:
        position = self._furthest(subject)
        return f"it has been no further than '{self.stages[position or 0].name}'"

    def _offers(self, subject: Lead, verb: str) -> bool:
        if verb not in ("convert", "settle"):
            return True
        from salesflow.process._lead_verbs import was_converted

        return was_converted(subject) == (verb == "settle")

    def _blocks(self, cursor: "Cursor", verb: str) -> list[str]:
        is_signed = verb != "requalify" or cursor.by is not None
        return [] if is_signed else ["say who requalifies it (by)"]

    @classmethod
    def standard(cls, name: str = "leads") -> Self:
        """The usual stages: new to qualified, nurturing beside them, converted or disqualified.

        Example:
            >>> [stage.name for stage in LeadProcess.standard().stages]
            ['new', 'working', 'qualified', 'nurturing', 'converted', 'disqualified']
        """
        from salesflow.process.ready_made import standard_leads

        return standard_leads(cls, name)

    def open(
        self,
        name: str,
        *,
        id: str | None = None,  # noqa: A002 - the field's name
        stage: str | None = None,
        at: date | None = None,
        by: "str | Actor | None" = None,
        **fields: "Unpack[LeadFields]",
    ) -> Lead:
        """Begin a lead, in the first stage or another entry stage.

        Args:
            name: what people call it.
            id: its key; a uuid4 unless given.
            stage: one of the entry stages; the first of them unless given.
            at: when it came in. [aware datetime or date]
            by: who opened it.
            **fields: what else is known, see `LeadFields`.

        Raises:
            MoveNotAllowed: if leads may not be opened in that stage.
            FieldError: for values that a lead's fields do not take.

        Example:
            >>> LeadProcess.standard().open("Kim", source="web", channel="search").channel
            'search'
        """
        from salesflow.process import _lead_verbs

        return _lead_verbs.open_lead(self, name, id, stage, (at, by), fields)

    def advance(
        self,
        lead: Lead,
        *,
        at: date | None = None,
        by: "str | Actor | None" = None,
        override: str | None = None,
    ) -> Lead:
        """Move a lead to the next stage of the path.

        Args:
            lead: a lead of this process.
            at: when. [aware datetime or date]
            by: who did it.
            override: the reason for letting it pass against unmet requirements; needs ``by``.

        Raises:
            MoveNotAllowed: at the last stage of the path (then `convert`), off the path, or if the
                lead is closed.
        """
        from salesflow.process import _verbs

        return _verbs.advance(self, lead, (at, by), override)

    def move(
        self,
        lead: Lead,
        *,
        to: str,
        at: date | None = None,
        by: "str | Actor | None" = None,
        override: str | None = None,
    ) -> Lead:
        """Move a lead along the path, or from nurturing back to it.

        From nurturing it may go to any stage of the path not later than the last it was in; to
        any, where skipping is allowed or it is not known to have been on the path.

        Raises:
            MoveNotAllowed: unless the definition has that move, naming the legal ones.
        """
        from salesflow.process import _verbs

        return _verbs.move(self, lead, to, (at, by), override)

    def nurture(
        self,
        lead: Lead,
        reason: str,
        *,
        revisit_on: date | None = None,
        to: str | None = None,
        at: date | None = None,
        by: "str | Actor | None" = None,
        override: str | None = None,
    ) -> Lead:
        """Put an open lead aside until its time comes, in the first stage that nurtures.

        Args:
            lead: a lead of this process.
            reason: why not now.
            revisit_on: the day to look at it again.
            to: which stage that nurtures.
            at: when. [aware datetime or date]
            by: who did it.
            override: the reason for letting it pass against unmet requirements; needs ``by``.

        Raises:
            MoveNotAllowed: if the lead is closed, or no stage nurtures.
            OptionError: without a reason.

        Example:
            >>> process = LeadProcess.standard()
            >>> lead = process.open("Kim")
            >>> lead = process.nurture(lead, "no budget", revisit_on=date(2026, 9, 1))
            >>> lead.stage, str(lead.revisit_on), process.move(lead, to="new").stage
            ('nurturing', '2026-09-01', 'new')
        """
        from salesflow.process import _lead_verbs

        why = (reason, revisit_on)
        return _lead_verbs.nurture(self, lead, to, why, (at, by), override)

    def disqualify(
        self,
        lead: Lead,
        reason: str,
        *,
        to: str | None = None,
        at: date | None = None,
        by: "str | Actor | None" = None,
        override: str | None = None,
    ) -> Lead:
        """Close an open lead that will not buy, in the first disqualified stage unless named.

        Raises:
            MoveNotAllowed: unless the lead may be disqualified from its stage.
            OptionError: without a reason.
        """
        from salesflow.process import _lead_verbs

        return _lead_verbs.disqualify(self, lead, to, reason, (at, by), override)

    def requalify(
        self,
        lead: Lead,
        to: str,
        *,
        reason: str,
        by: "str | Actor",
        at: date | None = None,
        override: str | None = None,
    ) -> Lead:
        """Bring a disqualified lead back to an open stage.

        Args:
            lead: a disqualified lead of this process.
            to: a stage that nurtures, or one of the path not later than the last it was in.
            reason: why.
            by: who found it worth pursuing.
            at: when. [aware datetime or date]
            override: the reason for letting it pass against unmet requirements.

        Raises:
            MoveNotAllowed: if the lead is not disqualified, or may not go there.
            OptionError: without a reason, or without ``by``.
        """
        from salesflow.process import _lead_verbs

        return _lead_verbs.requalify(self, lead, to, reason, (at, by), override)

    def convert(
        self,
        lead: Lead,
        pipeline: Pipeline,
        *,
        name: str | None = None,
        id: str | None = None,  # noqa: A002 - the field's name
        to: str | None = None,
        at: date | None = None,
        by: "str | Actor | None" = None,
        override: str | None = None,
        **fields: "Unpack[ConversionFields]",
    ) -> "Conversion":
        """Close a lead as converted, and open the deal that it became.

        The deal has the lead's id and the date it was created (``lead_created_at``), its owner,
        source, account, contacts, links and custom values unless others are given, and the last
        answer to each question of its qualification, so that nobody is asked again. If either
        refuses, nothing happens to either.

        Args:
            lead: an open lead of this process. A lead converts once.
            pipeline: where the deal is opened, in ``deal_stage``.
            name: what people call the deal; the lead's name unless given.
            id: the deal's key; a uuid4 unless given.
            to: which converted stage; the first one unless given.
            at: when. [aware datetime or date]
            by: who did it.
            override: the reason for letting it pass against unmet requirements; needs ``by``.
            **fields: what the deal does not have from its lead, see `ConversionFields`.

        Returns:
            The lead and the deal, as a pair.

        Raises:
            MoveNotAllowed: unless the lead is in a stage that may be converted from; if it was
                ever converted, naming its deal; if the pipeline opens no deals in ``deal_stage``.
            UnknownStageError: if the pipeline does not have ``deal_stage``.
            FieldError: for values that a deal's fields do not take.

        Example:
            >>> process, pipeline = LeadProcess.standard(), Pipeline.standard()
            >>> lead = process.open("Kim", id="L-1", source="web")
            >>> lead = process.advance(process.advance(lead))
            >>> lead, deal = process.convert(lead, pipeline, name="Acme", id="D-1")
            >>> lead.outcome, lead.deal_id, deal.lead_id, deal.source, deal.stage
            ('converted', 'D-1', 'L-1', 'web', 'prospecting')
        """
        from salesflow.process._conversion import convert

        when = (at, by)
        return convert(self, lead, pipeline, to, (name, id), when, override, fields)

    def settle(
        self,
        lead: Lead,
        deal: Deal,
        *,
        at: date | None = None,
        by: "str | Actor | None" = None,
        override: str | None = None,
    ) -> Lead:
        """What becomes of a lead, now that its deal was lost, reopened or won?

        **Definition**: a deal lost as ``disqualified`` disqualifies its lead; one lost for
        ``nurture`` or ``follow_up`` puts it to nurturing until ``revisit_on``. The lead takes
        reason, disposition and day from the deal. A loss without a disposition leaves the lead
        converted. Once the deal is open or won again, its lead is converted again.

        A lead that is where its deal leaves it is given back as it is, so it may be called after
        every change of the deal.

        Args:
            lead: a lead that was converted.
            deal: the deal that it became.
            at: when. [aware datetime or date]
            by: who did it.
            override: the reason for letting it pass against unmet requirements; needs ``by``.

        Raises:
            MoveNotAllowed: if the lead was never converted; if the deal is lost, and the lead was
                worked on since; if the way back leads from no such stage; if no stage nurtures.
            OptionError: for a deal of another lead.

        Example:
            >>> process, pipeline = LeadProcess.standard(), Pipeline.standard()
            >>> lead = process.advance(process.advance(process.open("Kim")))
            >>> lead, deal = process.convert(lead, pipeline)
            >>> deal = pipeline.lose(
            ...     deal, "budget", disposition="nurture", revisit_on=date(2030, 1, 7)
            ... )
            >>> lead = process.settle(lead, deal)
            >>> lead.stage, lead.reason, str(lead.revisit_on)
            ('nurturing', 'budget', '2030-01-07')
            >>> deal = pipeline.reopen(deal, "prospecting", reason="new budget")
            >>> process.settle(lead, deal).stage
            'converted'
        """
        from salesflow.process._conversion import settle

        return settle(self, lead, deal, (at, by), override)

    def update(
        self,
        lead: Lead,
        *,
        at: date | None = None,
        by: "str | Actor | None" = None,
        **fields: "Unpack[ChangedLeadFields]",
    ) -> Lead:
        """Change fields of a lead; what does not change adds no event.

        Args:
            lead: a lead of this process.
            at: when. [aware datetime or date]
            by: who did it.
            **fields: the new values, see `ChangedLeadFields`.

        Raises:
            FieldError: for values that the fields do not take.
        """
        from salesflow.process import _verbs

        return _verbs.update(self, lead, dict(fields), (None, None), (at, by))

    def restore(
        self,
        *,
        id: str,  # noqa: A002 - the field's name
        stage: str | None = None,
        by: "str | Actor | None" = None,
        **fields: "Unpack[RestoredLeadFields]",
    ) -> Lead:
        """Take over a lead from elsewhere, with what is known of it; the rest stays unknown.

        Args:
            id: its key.
            stage: the stage it is in; that of the last visit unless given, else unknown.
            by: who took it over.
            **fields: what is known, see `RestoredLeadFields`.

        Raises:
            UnknownStageError: for a stage that the process does not have.
            FieldError: for values, or dates, that contradict each other.

        Example:
            >>> lead = LeadProcess.standard().restore(
            ...     id="L-9", stage="converted", closed_at=date(2025, 4, 2), deal_id="D-9"
            ... )
            >>> lead.outcome, lead.created_at
            ('converted', None)
        """
        from salesflow.process.restore import restore_lead

        return restore_lead(self, id, stage, by, fields)

    def migrate(
        self,
        lead: Lead,
        *,
        to: str | None = None,
        stages: dict[str, str] | None = None,
        at: date | None = None,
        by: "str | Actor | None" = None,
    ) -> Lead:
        """Bring a lead of another process, or of another version, into this one.

        It works as `Pipeline.migrate` does with a deal.

        Raises:
            MigrationError: if that stage is missing, retired or has another outcome.
            OptionError: for ``to`` beside ``stages``.
        """
        from salesflow.process import _verbs

        return _verbs.migrate(self, lead, to, stages, (at, by))
