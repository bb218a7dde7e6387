"""`diff`: what changed from one definition to another."""

from typing import TYPE_CHECKING, Any

import attrs

from salesflow.errors import OptionError, shown
from salesflow.process.process import Process
from salesflow.process.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator


@attrs.frozen
class Change:
    """One difference: where, what stood there, and what stands there now.

    A stage that is new has ``old`` None, one that is gone has ``new`` None.
    """

    path: str
    """A setting, a stage (``stages.offer``), or something of a stage (``stages.offer.label``)."""
    old: Any
    new: Any

    def __str__(self) -> str:
        if isinstance(self.old or self.new, Stage) and None in (self.old, self.new):
            return f"{self.path} is {'new' if self.old is None else 'gone'}"
        return f"{self.path}: {self.old!r} → {self.new!r}"


def diff(old: "Process", new: "Process") -> tuple[Change, ...]:
    """What changed from one definition to another?

    What changed of a pipeline's leads is told by what changed of their process. Stages are told
    apart by their names: one that was renamed is gone, and another is new. Deals in
    a stage that is gone, or whose kind changed, need `Pipeline.migrate` with ``stages={…}``.

    Args:
        old: a definition.
        new: another of the same kind.

    Raises:
        OptionError: for anything else.

    Returns:
        Settings first, then the order of the stages, then the stages in their new order, and those
        that are gone last; nothing for equal definitions.

    Example:
        >>> from salesflow import Pipeline, Stage
        >>> ends = [Stage("won", kind="won"), Stage("lost", kind="lost")]
        >>> old = Pipeline("small", ["talk", "offer", *ends])
        >>> new = Pipeline("small", ["talk", Stage("quote"), *ends], allow_skip=True, version=2)
        >>> for change in diff(old, new):
        ...     print(change)
        allow_skip: False → True
        version: 1 → 2
        stages.quote is new
        stages.offer is gone
    """
    _check("old", old)
    _check("new", new)
    if old._noun != new._noun:
        msg = f"cannot tell what changed from a {old._noun} to a {new._noun}"
        raise OptionError(msg, hint="give two of one kind.", parameter="new", value=new)
    return (*_settings(old, new, ""), *_order(old, new), *_stages(old, new))


def _check(parameter: str, process: Any) -> None:
    if not isinstance(process, Process):
        msg = f"cannot tell what changed: {shown(process)} is no definition"
        hint = "give a Pipeline or a LeadProcess."
        raise OptionError(msg, hint=hint, parameter=parameter, value=process)


def _settings(old: Any, new: Any, path: str) -> "Iterator[Change]":
    for field in attrs.fields(type(new)):
        if field.init and field.name != "stages":
            before, after = getattr(old, field.name, None), getattr(new, field.name)
            if isinstance(before, Process) and isinstance(after, Process):
                for change in diff(before, after):
                    yield attrs.evolve(change, path=f"{path}{field.name}.{change.path}")
            elif before != after:
                yield Change(path + field.name, before, after)


def _order(old: "Process", new: "Process") -> "Iterator[Change]":
    """The stages that both have, if their order changed."""
    before, after = ([stage.name for stage in process.stages] for process in (old, new))
    kept = tuple(name for name in before if name in after), tuple(n for n in after if n in before)
    if kept[0] != kept[1]:
        yield Change("stages", *kept)


def _stages(old: "Process", new: "Process") -> "Iterator[Change]":
    before = {stage.name: stage for stage in old.stages}
    for stage in new.stages:
        if stage.name in before:
            yield from _settings(before.pop(stage.name), stage, f"stages.{stage.name}.")
        else:
            yield Change(f"stages.{stage.name}", None, stage)
    for name, stage in before.items():
        yield Change(f"stages.{name}", stage, None)
