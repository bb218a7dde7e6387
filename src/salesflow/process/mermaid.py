"""A definition as a Mermaid state diagram."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salesflow.process.process import Process

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*", re.ASCII | re.IGNORECASE)
_NUMBERED = re.compile(r"s\d+", re.ASCII)
_CODES = str.maketrans({"#": "#35;", '"': "#quot;", ";": "#59;"})
_WORDS = (
    *("as", "class", "classdef", "click", "default", "direction", "end", "hide", "href"),
    *("note", "scale", "state", "statediagram", "style"),
)


def to_mermaid(process: "Process") -> str:
    """A ``stateDiagram-v2``: one state a stage, one arrow a move, the verb beside it.

    A stage whose name Mermaid could misread is numbered; its label says which it is.
    """
    key = {
        stage.name: stage.name if _is_plain(stage.name) else f"s{number}"
        for number, stage in enumerate(process.stages)
    }
    lines = ["stateDiagram-v2"]
    lines += [f"    state {_quoted(stage.label)} as {key[stage.name]}" for stage in process.stages]
    lines += [f"    [*] --> {key[name]}" for name in process.entries()]
    for stage in process.stages:
        for to, verb in process.targets(stage.name).items():
            lines.append(f"    {key[stage.name]} --> {key[to]}: {verb}")
    ends = [stage for stage in process.stages if stage.kind != "open"]
    lines += [f"    {key[stage.name]} --> [*]" for stage in ends]
    return "\n".join(lines) + "\n"


def _is_plain(name: str) -> bool:
    # Mermaid's own words are no names of states; s1 could be that of a numbered stage.
    is_number = _NUMBERED.fullmatch(name) is not None
    return _PLAIN.fullmatch(name) is not None and name.casefold() not in _WORDS and not is_number


def _quoted(label: str) -> str:
    safe = "".join(c if c.isprintable() else " " for c in label)
    return f'"{safe.translate(_CODES)}"'
