"""Definitions with everything that a file can hold: one by hand, and any by Hypothesis."""

from datetime import date
from functools import cache

import attrs
from hypothesis import strategies as st

from salesflow import (
    Criterion,
    Framework,
    IdealCustomerProfile,
    LeadProcess,
    Money,
    Pipeline,
    Playbook,
    Stage,
    TaskTemplate,
)
from salesflow.process import profile as icp
from salesflow.process import requirements as req
from salesflow.process.qualification import BUILT_IN
from tests.strategies import monies, pipelines


def legal_check(deal, by):
    """A requirement of a user's own."""
    del by
    return None if deal.custom.get("legal_ok") else "the legal team has not agreed"


CALLABLES = {"legal_check": legal_check}

FULL_TOML = """\
name = "full"
version = 3
allow_skip = true
win_from = ["talk", "offer"]

[[frameworks]]
name = "trial"
label = "Trial run"
criteria = [
    {name = "data", question = "Is there data of their own?", weight = 2.0},
    {name = "users", question = "Do three people use it?", label = "People"},
]

[[stages]]
name = "talk"
probability = 0.2
stale_after = 14.0
exit_requires = [{has = "amount"}, {activity = "demo", within_stage = true}]

[stages.playbook]
goal = "They want to see it."
guidance = "Ask more than you tell."
tasks = [
    {title = "Call them", due_in_days = 2, done_by = "call", guidance = "In the morning."},
    {title = "Sum up", key = "sum"},
]

[[stages]]
name = "offer"
label = "Our offer"
category = "commit"
requires = [
    {qualified = "bant", threshold = 0.75},
    {qualified = "trial", threshold = 0.5},
    {field = "n_meetings", at_least = 1},
    {any_of = [{field = "custom.discount", at_most = 0.1}, {role = "manager"}]},
    {not = {field = "custom.blocked", equals = true}},
    {all_of = [{field = "source", one_of = ["web", "fair"]}, {named = "legal_check"}]},
    {field = "amount", at_least = {amount = "100.50", currency = "EUR"}},
    {field = "expected_close_on", at_most = {date = "2026-12-31"}},
]

[[stages]]
name = "won"
kind = "won"

[[stages]]
name = "lost"
kind = "lost"

[profile]
name = "mid-market"
rules = [
    {field = "industry", one_of = ["software", "media"], weight = 2.0},
    {field = "n_employees", between = [50, 500]},
    {field = "annual_revenue", at_least = {amount = "2000000", currency = "EUR"}},
]

[leads]
name = "leads"
nurture_stages = ["later"]
deal_stage = "talk"
stages = [
    {name = "new"},
    {name = "later"},
    {name = "sold", kind = "converted", requires = [{qualified = "trial", threshold = 0.5}]},
    {name = "out", kind = "disqualified"},
]
"""

TRIAL = Framework(
    "trial",
    [
        Criterion("data", "Is there data of their own?", 2),
        Criterion("users", "Do three people use it?", label="People"),
    ],
    label="Trial run",
)
FULL = Pipeline(
    "full",
    [
        Stage(
            "talk",
            probability=0.2,
            stale_after=14,
            exit_requires=[req.has("amount"), req.activity("demo", within_stage=True)],
            playbook=Playbook(
                "They want to see it.",
                "Ask more than you tell.",
                [
                    TaskTemplate(
                        "Call them", due_in_days=2, done_by="call", guidance="In the morning."
                    ),
                    TaskTemplate("Sum up", key="sum"),
                ],
            ),
        ),
        Stage(
            "offer",
            label="Our offer",
            category="commit",
            requires=[
                req.qualified("bant", 0.75),
                req.qualified(TRIAL, 0.5),
                req.at_least("n_meetings", 1),
                req.any_of(req.field("custom.discount", at_most=0.1), req.role("manager")),
                req.not_(req.field("custom.blocked", equals=True)),
                req.all_of(
                    req.field("source", one_of=["web", "fair"]),
                    req.named("legal_check", legal_check),
                ),
                req.at_least("amount", Money("100.50", "EUR")),
                req.field("expected_close_on", at_most=date(2026, 12, 31)),
            ],
        ),
        Stage("won", kind="won"),
        Stage("lost", kind="lost"),
    ],
    version=3,
    allow_skip=True,
    win_from=["talk", "offer"],
    frameworks=[TRIAL],
    profile=IdealCustomerProfile(
        "mid-market",
        [
            icp.one_of("industry", ["software", "media"], weight=2),
            icp.between("n_employees", 50, 500),
            icp.at_least("annual_revenue", Money(2_000_000, "EUR")),
        ],
    ),
    leads=LeadProcess(
        "leads",
        [
            "new",
            "later",
            Stage("sold", kind="converted", requires=[req.qualified(TRIAL, 0.5)]),
            Stage("out", kind="disqualified"),
        ],
        nurture_stages=["later"],
        deal_stage="talk",
        frameworks=[TRIAL],
    ),
)

_TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6).filter(str.strip)
_NUMBERS = st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9)
_SINGLES = st.booleans() | _NUMBERS | _TEXT
_CUSTOM = st.sampled_from(["custom.x", "custom.legal ok"])
_WEIGHTS = st.sampled_from([0.1, 0.5, 1.0, 3.0])


@cache
def requirements():
    """Any requirement that a file can hold, without frameworks of a definition's own."""
    single = st.one_of(
        st.builds(req.has, st.sampled_from(["amount", "n_calls"]) | _CUSTOM),
        st.builds(req.field, _CUSTOM, equals=_SINGLES),
        st.builds(req.field, _CUSTOM, one_of=st.lists(_SINGLES, min_size=1, max_size=3)),
        st.builds(req.field, _CUSTOM, at_most=_NUMBERS),
        st.builds(req.at_least, st.just("amount"), monies()),
        st.builds(req.at_least, st.just("expected_close_on"), st.dates()),
        st.builds(req.at_least, st.just("n_meetings"), st.integers(0, 9)),
        st.builds(req.activity, _TEXT, within_stage=st.booleans()),
        st.builds(req.qualified, st.sampled_from([*BUILT_IN]), st.sampled_from([0.0, 0.75, 1.0])),
        st.builds(req.role, _TEXT),
        st.just(req.named("legal_check", legal_check)),
    )
    return st.recursive(
        single,
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3).map(lambda several: req.any_of(*several))
            | st.lists(inner, min_size=1, max_size=3).map(lambda several: req.all_of(*several))
            | inner.map(req.not_)
        ),
        max_leaves=5,
    )


@cache
def playbooks():
    """Any playbook."""
    tasks = st.builds(
        TaskTemplate,
        _TEXT,
        due_in_days=st.none() | st.integers(0, 400),
        done_by=st.none() | _TEXT,
        key=st.text("abc_é", min_size=1, max_size=5),
        guidance=st.none() | _TEXT,
    )
    several = st.lists(tasks, max_size=3, unique_by=lambda task: task.key)
    return st.builds(Playbook, st.none() | _TEXT, st.none() | _TEXT, several)


@cache
def frameworks():
    """Any framework of a definition's own."""
    criteria = st.builds(Criterion, _TEXT, _TEXT, _WEIGHTS, label=_TEXT)
    several = st.lists(criteria, min_size=1, max_size=3, unique_by=lambda one: one.name)
    own = st.builds(Framework, _TEXT, several, label=_TEXT)
    return own.filter(lambda framework: framework.name not in BUILT_IN)


@cache
def profiles():
    """Any ideal customer profile."""
    pairs = st.tuples(_NUMBERS, _NUMBERS).map(sorted)
    euros = st.integers(0, 10**6).map(lambda whole: Money(whole, "EUR"))
    rules = st.one_of(
        st.builds(icp.one_of, _CUSTOM, st.lists(_SINGLES, min_size=1, max_size=3), _WEIGHTS),
        st.tuples(pairs, _WEIGHTS).map(lambda t: icp.between("n_employees", *t[0], weight=t[1])),
        st.builds(icp.at_least, st.just("annual_revenue"), euros, _WEIGHTS),
    )
    several = st.lists(rules, min_size=1, max_size=3, unique_by=repr)
    return st.builds(IdealCustomerProfile, _TEXT, several)


@st.composite
def full_pipelines(draw):
    """Any legal definition, with requirements, playbooks and frameworks."""
    pipeline = draw(pipelines())
    own = draw(st.lists(frameworks(), max_size=2, unique_by=lambda framework: framework.name))
    asked = requirements()
    if own:
        asked |= st.builds(req.qualified, st.sampled_from(own), st.just(0.5))
    stages = [
        attrs.evolve(
            stage,
            requires=draw(st.lists(asked, max_size=2)),
            exit_requires=draw(st.lists(asked, max_size=1)) if stage.kind == "open" else (),
            playbook=draw(st.none() | playbooks()),
        )
        for stage in pipeline.stages
    ]
    leads = LeadProcess.standard()
    shared = draw(st.sampled_from([(), tuple(own)]))
    leads = attrs.evolve(leads, frameworks=shared, deal_stage=pipeline.entries()[0])
    return attrs.evolve(
        pipeline,
        stages=stages,
        frameworks=own,
        leads=draw(st.none() | st.just(leads)),
        profile=draw(st.none() | profiles()),
    )
