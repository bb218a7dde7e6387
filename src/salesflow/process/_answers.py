"""Answering a criterion of a qualification framework, of a deal or of a lead."""

from typing import TYPE_CHECKING, TypeVar

from salesflow.errors import UnknownCriterionError, closest, one_of, shown
from salesflow.models import Deal, Lead
from salesflow.models import events as ev
from salesflow.process._events import make, next_id, stamp_after, stamped
from salesflow.process._verbs import check_subject
from salesflow.process.qualification import Framework, find_framework

if TYPE_CHECKING:
    from salesflow.process._events import When
    from salesflow.process.process import Process

R = TypeVar("R", Deal, Lead)


def answer_of(
    process: "Process",
    subject: R,
    question: tuple[str, str],
    answer: tuple[str, str | None],
    when: "When",
) -> R:
    """Record an answer, whatever the outcome of the deal or lead.

    Args:
        process: a definition, which knows the frameworks.
        subject: the deal or lead.
        question: the names of the framework and of the criterion.
        answer: yes, no or unknown; and the note.
        when: at and by.
    """
    check_subject(process, subject, "answer for", to_move=False)
    framework = find_framework(process, question[0])
    criterion = _criterion(framework, question[1])
    now = stamp_after(subject, when)
    what = f"answer '{criterion}' of {subject._word} '{subject.id}'"
    event = make(
        ev.QualificationAnswered,
        what,
        id=next_id(subject),
        framework=framework.name,
        criterion=criterion,
        answer=answer[0],
        note=answer[1],
        **stamped(now),
    )
    before = framework.of(subject).answers.get(criterion)
    if before is not None and (before.answer, before.note) == (event.answer, event.note):
        return subject
    return subject._with_event(event)


def _criterion(framework: Framework, name: object) -> str:
    known = tuple(criterion.name for criterion in framework.criteria)
    if isinstance(name, str) and str.__str__(name) in known:
        return str.__str__(name)
    msg = f"cannot find criterion {shown(name)}: framework '{framework.name}' does not have it"
    raise UnknownCriterionError(
        msg,
        hint=f"it has {one_of(closest(name, known))}.",
        framework=framework.name,
        criterion=name,
        known=known,
    )
