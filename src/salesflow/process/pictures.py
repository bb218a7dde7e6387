"""A definition as a table, of Markdown or of HTML. Both show the same cells."""

import re
from html import escape
from typing import TYPE_CHECKING

from salesflow.process.stage import in_words

if TYPE_CHECKING:
    from salesflow.process.playbook import Playbook, TaskTemplate
    from salesflow.process.process import Process
    from salesflow.process.stage import Requirement, Stage

_NOTHING = "—"
_SIGNS = re.compile(r"[\\`*\[\]<>|&~$#!]|(?<![^\W_])_|_(?![^\W_])")
"""What Markdown could take for more than a sign; a ``_`` within a word it does not."""


def to_markdown(process: "Process") -> str:
    """The stages as a table of Markdown."""
    heads, *rows = [[_SIGNS.sub(r"\\\g<0>", cell) for cell in row] for row in _cells(process)]
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def to_html(process: "Process") -> str:
    """The stages as a table of HTML."""
    heads, *rows = _cells(process)
    body = "\n".join(_row("td", row) for row in rows)
    caption = escape(_clean(f"{process.name}, version {process.version}"))
    head = f"<caption>{caption}</caption>\n<thead>\n{_row('th', heads)}\n</thead>"
    return f"<table>\n{head}\n<tbody>\n{body}\n</tbody>\n</table>"


def _row(tag: str, cells: list[str]) -> str:
    inner = "".join(f'<{tag} style="text-align:left">{escape(cell)}</{tag}>' for cell in cells)
    return f"<tr>{inner}</tr>"


def _cells(process: "Process") -> list[list[str]]:
    """The heads and the rows; a column that says nothing of any stage is left out."""
    columns = {
        "stage": [stage.name for stage in process.stages],
        "label": [stage.label for stage in process.stages],
        "kind": [stage.kind + (", retired" * stage.retired) for stage in process.stages],
        "probability": [_probability(stage) for stage in process.stages],
        "requires": [_criteria(stage.requires) for stage in process.stages],
        "exit requires": [_criteria(stage.exit_requires) for stage in process.stages],
        "playbook": [_playbook(stage.playbook) for stage in process.stages],
        "moves": [_moves(process, stage) for stage in process.stages],
    }
    told = {name: cells for name, cells in columns.items() if any(cells)}
    rows = zip(*told.values(), strict=True)
    return [[*told], *([_clean(cell) or _NOTHING for cell in row] for row in rows)]


def _probability(stage: "Stage") -> str:
    return "" if stage.probability is None else f"{stage.probability * 100:g}%"


def _criteria(requirements: "tuple[Requirement, ...]") -> str:
    return "; ".join(map(in_words, requirements))


def _playbook(playbook: "Playbook | None") -> str:
    if playbook is None:
        return ""
    tasks = "; ".join(map(_task, playbook.tasks))
    goal = (playbook.goal or "").rstrip(".")
    return ": ".join(part for part in (goal, tasks) if part)


def _task(template: "TaskTemplate") -> str:
    days = template.due_in_days
    due = [] if days is None else [f"within {days} day{'' if days == 1 else 's'}"]
    done = [] if template.done_by is None else [f"done by {template.done_by}"]
    return template.title + (f" ({', '.join(due + done)})" if due or done else "")


def _moves(process: "Process", stage: "Stage") -> str:
    """The verbs, each with the stages it leads to."""
    verbs: dict[str, list[str]] = {}
    for to, verb in process.targets(stage.name).items():
        verbs.setdefault(verb, []).append(to)
    return "; ".join(f"{verb} to {', '.join(names)}" for verb, names in verbs.items())


def _clean(text: str) -> str:
    """A text that stays in its cell: no line breaks, and nothing that turns what follows."""
    return "".join(char if char.isprintable() else " " for char in text)
