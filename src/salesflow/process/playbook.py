"""`Playbook`: what to do while a deal is in a stage, with templates of its tasks."""

from collections.abc import Iterable
from typing import Any

import attrs

from salesflow.errors import shown
from salesflow.models._base import is_long
from salesflow.process._text import is_text, plain_if_text


def _tuple(values: Any) -> tuple[Any, ...]:
    # What is no list is kept, for the check of the definition to name it with the other faults.
    several = isinstance(values, Iterable) and not isinstance(values, str)
    return tuple(values) if several else (values,)


def _text(value: Any) -> Any:
    return plain_if_text(value)


@attrs.frozen
class TaskTemplate:
    """A task that each visit to a stage gives.

    Args:
        title: what to do, in words.
        due_in_days: days from entering the stage; no due date unless given. [whole number]
        done_by: the kind of activity that does it, such as ``call``; unless given, it is done
            when the deal leaves the stage.
        key: what tells it from the others of its playbook, and never changes; the title in lower
            case, with underscores, unless given. It becomes part of the ids of tasks.
        guidance: how to do it.

    Example:
        >>> TaskTemplate("Show the product", due_in_days=5, done_by="demo").key
        'show_the_product'
    """

    title: str = attrs.field(converter=_text)
    due_in_days: int | None = attrs.field(default=None, kw_only=True)
    done_by: str | None = attrs.field(default=None, kw_only=True, converter=_text)
    key: str = attrs.field(kw_only=True, converter=_text)
    guidance: str | None = attrs.field(default=None, kw_only=True, converter=_text)

    @key.default
    def _key_of_title(self) -> str:
        title = self.title if is_text(self.title) else shown(self.title)
        words = "".join(char if char.isalnum() else " " for char in title.casefold())
        return "_".join(words.split())

    def faults(self) -> list[str]:
        """What is wrong with it, in words."""
        found = []
        if not is_text(self.title):
            found.append(f"has a task with title {shown(self.title)}, which is no text")
        task = f"has task {shown(self.title)}"
        if not is_text(self.key) or ":" in self.key:
            found.append(f"{task} with key {shown(self.key)}, which is no text without ':'")
        days = self.due_in_days
        is_whole = isinstance(days, int) and not isinstance(days, bool) and not is_long(days)
        if days is not None and (not is_whole or days < 0):
            found.append(f"{task} due in {shown(days)} days, which is no whole number from 0")
        for name in ("done_by", "guidance"):
            value = getattr(self, name)
            if value is not None and not is_text(value):
                found.append(f"{task} with {name} {shown(value)}, which is no text")
        return found


@attrs.frozen
class Playbook:
    """What should be done while a deal is in a stage?

    It is data: it moves no deal, blocks no move and calls nobody. `tasks` derives from it, and
    from a deal's history, what is to do.

    Args:
        goal: what the stage is for, in a sentence.
        guidance: how to go about it.
        tasks: templates of the tasks that each visit gives, in their order.

    Example:
        >>> play = Playbook("They saw it work.", tasks=[TaskTemplate("Show it", done_by="demo")])
        >>> [task.key for task in play.tasks]
        ['show_it']
    """

    goal: str | None = attrs.field(default=None, converter=_text)
    guidance: str | None = attrs.field(default=None, converter=_text)
    tasks: tuple[TaskTemplate, ...] = attrs.field(default=(), converter=_tuple)

    def faults(self) -> list[str]:
        """What is wrong with it, in words."""
        found = [
            f"has a playbook with {name} {shown(value)}, which is no text"
            for name, value in (("goal", self.goal), ("guidance", self.guidance))
            if value is not None and not is_text(value)
        ]
        templates = [task for task in self.tasks if isinstance(task, TaskTemplate)]
        found += [
            f"has a playbook that holds {shown(task)}, which is no TaskTemplate"
            for task in self.tasks
            if not isinstance(task, TaskTemplate)
        ]
        found += [fault for task in templates for fault in task.faults()]
        keys = [task.key for task in templates if is_text(task.key)]
        twice = dict.fromkeys(key for key in keys if keys.count(key) > 1)
        return found + [f"has {keys.count(key)} tasks with key '{key}'" for key in twice]


def playbook_faults(playbook: object) -> list[str]:
    """What is wrong with what was given as a playbook, in words."""
    if isinstance(playbook, Playbook):
        return playbook.faults()
    return [f"has playbook {shown(playbook)}, which is no Playbook"]
