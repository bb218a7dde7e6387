"""100,000 spoilt files: each is a definition or one error with paths, and none runs any code."""

import json
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import tomli_w

from salesflow import LeadProcess, Pipeline
from salesflow.errors import DefinitionFileError
from tests.definitions import CALLABLES, FULL, FULL_TOML

N_CHUNKS, N_FILES = 20, 5_000
FORBIDDEN = (
    *("exec", "compile", "import", "open", "os.system", "subprocess.Popen", "socket.connect"),
)
PIECES = (
    *("", "=", "[", "]", "[[", "]]", "{", "}", '"', "'", ",", ".", "\n", "#", "\\", "\0", "é"),
    *("3", "-1", "1e999", "nan", "inf", "true", "0x1F", "1979-05-27", "07:32:00", "9" * 400),
    *("name", "stages", "requires", "any_of", "not", "field", "kind", "frameworks", "leads"),
    *("__import__('os').system('true')", "{named = 'legal_check'}", "{has = 'amount'}", "[" * 60),
)
VALUES = (
    *(None, True, False, 0, -1, 2.5, 10**40, "", "x", "talk", "won", "\ud800", "\0", [], {}, [[]]),
    *([3], {"a": 1}, {"has": "amount"}, {"not": {"not": {"has": "x"}}}, {"any_of": [{}]}),
    *({"named": "eval"}, {"amount": "1", "currency": "XXQ"}, {"date": "2026-02-30"}),
)

_events: list[str] | None = None


def _watch(event: str, _: object) -> None:
    if _events is not None and event in FORBIDDEN:
        _events.append(event)


sys.addaudithook(_watch)


@contextmanager
def no_code_runs() -> Iterator[None]:
    """Fail if anything is imported, compiled, opened or started meanwhile."""
    global _events  # noqa: PLW0603 - an audit hook stays for good, so it is switched
    _events = found = []
    try:
        yield
    finally:
        _events = None
    assert found == []


def spoilt_text(text: str, draw: random.Random) -> str:
    """A text with a few pieces cut, doubled, moved or put in."""
    for _ in range(draw.randint(1, 4)):
        start = draw.randrange(len(text) + 1)
        end = start + draw.choice([0, 1, 2, 5, 20, 100])
        piece = draw.choice([draw.choice(PIECES), text[start:end] * 2, text[end : end + 30]])
        text = text[:start] + piece + text[end:]
    return text


def spoilt_data(data: object, draw: random.Random) -> object:
    """Data with one value or key replaced, somewhere in it."""
    if isinstance(data, dict) and data and draw.random() < 0.9:
        key = draw.choice([*data])
        change = draw.random()
        if change < 0.1:
            return {draw.choice(["nam", key]) if k == key else k: v for k, v in data.items()} | {
                draw.choice(["x", "name", "has"]): draw.choice(VALUES)
            }
        if change < 0.15:
            return {k: v for k, v in data.items() if k != key}
        return data | {key: spoilt_data(data[key], draw)}
    if isinstance(data, list) and data and draw.random() < 0.9:
        place = draw.randrange(len(data))
        return [*data[:place], spoilt_data(data[place], draw), *data[place + 1 :]]
    return draw.choice(VALUES)


def check(read, given) -> bool:
    """Whether it reads; if not, with one error whose faults name paths."""
    faults: tuple[str, ...] | None = None
    try:
        made = read(given, callables=CALLABLES)
    except DefinitionFileError as error:
        faults = error.faults
    if faults is not None:
        assert faults
        assert all(fault.strip() for fault in faults)
        return False
    assert type(made).from_dict(made.to_dict(), callables=CALLABLES) == made
    return True


@pytest.mark.fuzz
@pytest.mark.parametrize("seed", range(N_CHUNKS))
def test_a_spoilt_file_is_a_definition_or_one_error(seed):
    draw = random.Random(seed)
    whole, alone = FULL.to_dict(), FULL.leads.to_dict()
    readers = [
        lambda: (Pipeline.from_toml, spoilt_text(FULL_TOML, draw)),
        lambda: (Pipeline.from_json, spoilt_text(json.dumps(whole), draw)),
        lambda: (Pipeline.from_dict, spoilt_data(whole, draw)),
        lambda: (LeadProcess.from_dict, spoilt_data(alone, draw)),
        lambda: (LeadProcess.from_toml, spoilt_text(tomli_w.dumps(alone), draw)),
    ]
    for make in readers:
        read, given = make()
        check(read, given)  # what is loaded when first asked for is loaded here
    n_read = 0
    for _ in range(N_FILES):
        read, given = draw.choice(readers)()
        # A text of one line may be taken for a path, which is opened.
        given = given + "\n=" if isinstance(given, str) and "\n" not in given else given
        with no_code_runs():
            n_read += check(read, given)
    assert 0 < n_read < N_FILES, "some read, some do not: else nothing was tried"
