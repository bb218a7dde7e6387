"""What a type checker must infer of the public API; mypy reads this file, nothing runs it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, assert_type

import salesflow as sf
from salesflow import datasets, facts, forecast, metrics, review
from salesflow.models.events import Event, QualificationAnswered
from salesflow.process import Duplicates, LeadScore, Move, Qualification
from salesflow.process.profile import between


class Table:
    """A frame of any library: what goes in comes out."""


def models(pipeline: sf.Pipeline, at: datetime) -> None:
    deal = pipeline.open("Acme", amount=sf.Money("1", "EUR"), owner_id="kim", at=at)
    assert_type(deal, sf.Deal)
    assert_type(pipeline.advance(deal, at=at, by="kim"), sf.Deal)
    assert_type(pipeline.lose(deal, "budget", disposition="nurture"), sf.Deal)
    assert_type(pipeline.restore(id="D-1", visits=[("meeting", at)]), sf.Deal)
    assert_type(pipeline.moves(deal), tuple[Move, ...])
    assert_type(deal.history, tuple[Event, ...])
    assert_type(deal.version, int)
    assert_type(deal.amount, sf.Money | None)
    assert_type(sf.merge(deal, deal), sf.Deal)
    found = sf.duplicates([deal, deal])
    assert_type(found, Duplicates)
    assert_type([pair.score for pair in found], list[float])
    assert_type(found.groups, tuple[tuple[str, ...], ...])
    assert_type(pipeline.renew(deal, amount=None, at=at), sf.Deal)
    assert_type(pipeline.next_stage("meeting", "advance"), str)
    assert_type(pipeline.why_not("proposal", "won"), str | None)
    assert_type(sf.events_since(deal, 0), tuple[Event, ...])
    assert_type(sf.tasks(deal, pipeline, as_of=at), tuple[sf.Task, ...])
    sf.TaskTemplate("Call", due_in_days=2, done_by="call")
    sf.tasks(deal, pipeline)  # type: ignore[call-arg]
    pipeline.open("Acme", amount=12)  # type: ignore[arg-type]
    pipeline.open("Acme", colour="red")  # type: ignore[call-arg]
    pipeline.lose(deal)  # type: ignore[call-arg]
    deal.stage = "won"  # type: ignore[misc]


def merging(deal: sf.Deal, lead: sf.Lead, firm: sf.Account, person: sf.Contact) -> None:
    assert_type(sf.merge(lead, lead, by="kim"), sf.Lead)
    assert_type(sf.merge(firm, firm), sf.Account)
    assert_type(sf.merge(person, person), sf.Contact)
    sf.duplicates([lead], contacts=[person], accounts={firm.id: firm}, threshold=0.8)
    sf.merge(deal, lead)  # type: ignore[call-overload]
    sf.merge(firm, firm, by="kim")  # type: ignore[call-overload]
    sf.duplicates([deal, lead])  # type: ignore[arg-type]


def qualification(pipeline: sf.Pipeline, deal: sf.Deal, account: sf.Account, at: datetime) -> None:
    framework = sf.Framework("own", [sf.Criterion("need", "Do they need it?", weight=2)])
    profile = sf.IdealCustomerProfile("mid", [between("n_employees", 50, 500)])
    assert_type(pipeline.answer(deal, "bant", "need", "yes", note="so", at=at, by="kim"), sf.Deal)
    assert_type(framework.of(deal, as_of=at), Qualification)
    assert_type(framework.of(deal).score, float | None)
    assert_type(framework.of(deal).answers, Mapping[str, QualificationAnswered])
    assert_type(framework.of(deal).passes(0.75), bool)
    assert_type(profile.fit(account).value, float | None)
    assert_type(sf.score(deal, account, profile=profile), LeadScore)


def values(rates: sf.Rates) -> None:
    assert_type(sf.Money("1", "EUR") + sf.Money(2, "EUR"), sf.Money)
    assert_type(sf.Money.zero("EUR").amount, Decimal)
    assert_type(rates.convert(sf.Money("1", "EUR"), date(2026, 1, 1)), sf.Money | None)
    assert_type(sf.Period.quarter(2026, 1, zone="Asia/Seoul").previous(), sf.Period)
    sf.Money(1.5, "EUR")  # type: ignore[arg-type]


def numbers(deals: Sequence[sf.Deal], at: datetime) -> None:
    assert_type(metrics.win_rate(deals), metrics.Rate)
    assert_type(metrics.win_rate(deals).value, float | None)
    assert_type(metrics.win_rate(deals, by="owner_id"), metrics.Breakdown[metrics.Rate])
    assert_type(metrics.win_rate(deals, every="month"), metrics.Breakdown[metrics.Rate])
    assert_type(metrics.cycle_time(deals, clock="active"), metrics.CycleTime)
    km = metrics.cycle_time(deals, censored=True, as_of=at)
    assert_type(km.km_interval, tuple[float | None, float | None] | None)
    assert_type(metrics.average_deal_size(deals).mean, sf.Money | None)
    assert_type(metrics.pipeline_velocity(deals, as_of=at).per_day, sf.Money | None)
    assert_type(metrics.summary(deals, as_of=at), metrics.Summary)
    assert_type(
        metrics.summary(deals, as_of=at, by=["owner_id", "source"], every="year"),
        metrics.Breakdown[metrics.Summary],
    )
    assert_type(metrics.time_in_stage(deals, as_of=at), metrics.Breakdown[metrics.StageTime])
    assert_type(metrics.new_pipeline(deals), metrics.NewPipeline)
    assert_type(metrics.new_pipeline(deals, every="year"), metrics.Breakdown[metrics.NewPipeline])
    assert_type(metrics.weighted_pipeline(deals, as_of=at).total, sf.Money)
    assert_type(
        metrics.weighted_pipeline(deals, as_of=at, by="owner_id"),
        metrics.Breakdown[metrics.WeightedPipeline],
    )
    first, quota = sf.Period.quarter(2026, 1), sf.Money("1", "EUR")
    assert_type(
        metrics.coverage(deals, quota=quota, period=first, as_of=at).value,
        float | None,
    )
    assert_type(
        metrics.coverage(deals, quota={"kim": quota}, by="owner_id", period=first, as_of=at),
        metrics.Breakdown[metrics.Coverage],
    )
    metrics.coverage(deals, quota=quota, by="owner_id", period=first, as_of=at)  # type: ignore[call-overload]
    metrics.coverage(deals, quota=quota, as_of=at)  # type: ignore[call-overload]
    assert_type(metrics.loss_reasons(deals), metrics.Breakdown[metrics.LossReason])
    assert_type(metrics.reopen_rate(deals), metrics.Rate)
    assert_type(metrics.reopen_rate(deals, by="source"), metrics.Breakdown[metrics.Rate])
    assert_type(metrics.touchpoints(deals).per_win, float | None)
    assert_type(metrics.touchpoints(deals, every="half"), metrics.Breakdown[metrics.Touchpoints])
    metrics.weighted_pipeline(deals)  # type: ignore[call-overload]


def more_numbers(deals: Sequence[sf.Deal], at: datetime) -> None:
    converted = metrics.stage_conversion(deals, mode="strict", stages=["meeting"], as_of=at)
    assert_type(converted, metrics.Breakdown[metrics.StageConversion])
    assert_type(converted["meeting"].interval, tuple[float, float] | None)
    assert_type(metrics.stage_flow(deals, by="source"), metrics.Breakdown[metrics.StageFlow])
    assert_type(metrics.rework(deals, every="year"), metrics.Breakdown[metrics.Rate])
    won = metrics.own.is_("outcome", "won")
    large = metrics.own.share(metrics.own.at_least("amount", 10_000), of=won)
    assert_type(metrics.measure(deals, large), metrics.Rate)
    assert_type(metrics.measure(deals, large, every="month"), metrics.Breakdown[metrics.Rate])
    size = metrics.own.quotient(metrics.own.total("amount", won), metrics.own.count(won))
    assert_type(metrics.measure(deals, size).value, float | int | sf.Money | None)
    quarter = sf.Period.quarter(2026, 2)
    rates = metrics.compare(metrics.win_rate, deals, period=quarter)
    assert_type(rates, metrics.Comparison[metrics.Rate])
    assert_type(rates.is_significant, bool | None)
    assert_type(
        metrics.compare(metrics.win_rate, deals, period=quarter, by="owner_id"),
        metrics.Breakdown[metrics.Comparison[metrics.Rate]],
    )
    assert_type(
        metrics.compare(metrics.time_in_stage, deals, period=quarter, as_of=at),
        metrics.Breakdown[metrics.Comparison[metrics.StageTime]],
    )
    pair = metrics.compare(metrics.win_rate, deals, by="source", groups=("web", "fair"))
    assert_type(pair, metrics.Contrast[metrics.Rate])
    assert_type(pair.sentence, str)
    assert_type(
        metrics.compare(metrics.time_in_stage, deals, by="source", groups=("a", "b"), as_of=at),
        metrics.Breakdown[metrics.Contrast[metrics.StageTime]],
    )
    assert_type(
        metrics.compare(metrics.win_rate, deals, against={"basis": "created"}),
        metrics.Contrast[metrics.Rate],
    )
    assert_type(
        metrics.compare(metrics.win_rate, deals, by="source", against=metrics.conversion_rate),
        metrics.Breakdown[metrics.Contrast[metrics.Rate]],
    )
    metrics.compare(metrics.win_rate, deals)  # type: ignore[call-overload]
    metrics.compare(metrics.win_rate, deals, groups=("a", "b"))  # type: ignore[call-overload]
    metrics.measure(deals, metrics.win_rate)  # type: ignore[call-overload]
    metrics.stage_conversion(deals, mode="seen")  # type: ignore[arg-type]
    metrics.summary(deals)  # type: ignore[call-overload]
    metrics.win_rate(deals, wieght="value")  # type: ignore[call-overload]
    assert_type(metrics.win_rate(deals).to_dicts(), list[dict[str, Any]])
    assert_type(metrics.win_rate(deals, by="owner_id").to_json(), str)
    metrics.win_rate(deals).to_frame("polars")
    metrics.win_rate(deals, by="owner_id").to_frame("pandas[pyarrow]")
    metrics.win_rate(deals).to_frame("excel")  # type: ignore[arg-type]
    assert_type(facts.snapshot(deals, at=at), list[sf.Deal])
    assert_type(facts.to_frame(deals, backend="polars", at=at), facts.Facts)
    assert_type(facts.touch_columns(deals), dict[str, list[Any]])
    facts.to_frame(deals, backend="excel")  # type: ignore[arg-type]
    facts.to_frame(deals)  # type: ignore[call-arg]
    assert_type(datasets.make_deals(3, seed=1), datasets.Dataset)


def lead_numbers(leads: Sequence[sf.Lead], deals: Sequence[sf.Deal], at: datetime) -> None:
    assert_type(metrics.new_leads(leads, as_of=at).n, int)
    assert_type(
        metrics.new_leads(leads, by="channel", every="week"), metrics.Breakdown[metrics.NewLeads]
    )
    assert_type(metrics.inflow_gaps(leads).gaps, tuple[sf.Period, ...])
    assert_type(metrics.inflow_gaps(leads, by="channel"), metrics.Breakdown[metrics.InflowGaps])
    assert_type(metrics.lead_conversion(leads), metrics.Rate)
    assert_type(metrics.lead_conversion(leads, by="source"), metrics.Breakdown[metrics.Rate])
    assert_type(metrics.time_to_first_touch(leads).mean_days, float | None)
    waits = metrics.time_to_qualify(leads, every="month", qualified_stage="ready")
    assert_type(waits, metrics.Breakdown[metrics.LeadTime])
    assert_type(
        metrics.disqualification_reasons(leads), metrics.Breakdown[metrics.DisqualificationReason]
    )
    both = facts.Facts(deals=deals, leads=leads)
    assert_type(metrics.lead_funnel(both)["won"].of_previous, float | None)
    assert_type(metrics.lead_revenue(both), metrics.Breakdown[metrics.DealSize])
    assert_type(metrics.feedback(deals).n_won, int | None)
    assert_type(metrics.feedback(deals, by="theme"), metrics.Breakdown[metrics.Feedback])
    assert_type(facts.lead_columns(leads, qualified_stage="ready"), dict[str, list[Any]])
    assert_type(sf.Period.week(2026, 1).next(), sf.Period)
    metrics.inflow_gaps(leads, every="day")  # type: ignore[call-overload]
    metrics.new_leads(leads, wieght="value")  # type: ignore[call-overload]


def tables(deals: Sequence[sf.Deal], at: datetime) -> None:
    assert_type(facts.visits_from_log(Table(), kinds={"Won": "won"}, as_of=at), Table)
    assert_type(facts.deals_from_visits(Table(), zone="Asia/Seoul"), Table)
    assert_type(facts.check(deals), facts.Check)
    assert_type(facts.check(deals).findings, tuple[facts.Finding, ...])
    assert_type([finding.n for finding in facts.check(deals)], list[int])


def stage_models(deals: list[sf.Deal], at: datetime) -> None:
    model = forecast.StageModel.fit(
        deals, as_of=at, by=["source", "size"], sizes=[sf.Money(1, "EUR")]
    )
    assert_type(model, forecast.StageModel)
    assert_type(model.win_probability(deals[0], within=30), float | None)
    chances = model.win_probabilities(deals)
    assert_type(chances, metrics.Breakdown[forecast.WinChance])
    assert_type(model.curve(deals[0]), forecast.WinCurve | None)
    close = model.expected_close(deals[0], coverage=0.9)
    assert close is not None
    assert_type(close.on, date | None)
    assert_type(model.stage_chances()["proposal"].median_days, int | None)
    assert_type(forecast.StageModel.from_json(model.to_json()), forecast.StageModel)
    assert_type(forecast.cumulative_incidence([1.0], [1]).times, tuple[float, ...])
    forecast.StageModel.fit(deals)  # type: ignore[call-arg]
    model.win_probability(deals[0], 30)  # type: ignore[call-arg]


def half(question: forecast.Question) -> forecast.Forecast:
    before = question.won_in(question.period.previous(), "all")
    return forecast.Forecast(amount=before.total / 2, chances={"D-1": 0.5})


def backtests(deals: list[sf.Deal], at: datetime) -> None:
    methods: list[str | forecast.Method] = ["run_rate", half, forecast.Learned(by="source")]
    found = forecast.backtest(deals, [date(2025, 1, 1), at], 30, as_of=at, methods=methods)
    assert_type(found, forecast.Backtest)
    assert_type(found["half"], forecast.MethodScore)
    assert_type(found["half"].mae, sf.Money | None)
    assert_type(found.best, str | None)
    assert_type(found.compare("half", "run_rate"), forecast.PairedTest)
    assert_type(found.calibration("half"), forecast.Calibration)
    assert_type(found.calibration("half")[0.5], forecast.CalibrationBin)
    assert_type(found.forecasts, metrics.Breakdown[forecast.CheckedForecast])
    forecast.backtest(deals, [at], 30)  # type: ignore[call-arg]
    forecast.backtest(deals, [at], 30, as_of=at, target="new")  # type: ignore[arg-type]
    forecast.backtest(deals, [at], 30, as_of=at, methods=[len])  # type: ignore[list-item]


def reviews(deals: list[sf.Deal], pipeline: sf.Pipeline, at: datetime) -> None:
    found = review.waterfall(deals, at, at)
    assert_type(found, review.Waterfall)
    assert_type(found.start, sf.Money)
    assert_type(found.changes, dict[str, sf.Money])
    assert_type(found.behind("won"), tuple[review.Step, ...])
    by_owner = review.waterfall(deals, at, at, by="owner_id")
    assert_type(by_owner, metrics.Breakdown[review.Waterfall])
    assert_type(review.snapshot(deals, at), list[sf.Deal])
    stalled = review.stalled(deals, pipeline, as_of=at)
    assert_type(stalled[0], review.Stalled)
    assert_type(stalled[0].unmet, tuple[str, ...])
    assert_type(review.overdue(deals, as_of=at), review.Risks[review.Overdue])
    won_most = review.segments(deals, by=["source", ("source", "owner_id")], as_of=at)
    assert_type(won_most, review.Segments)
    assert_type(won_most["source", "web"].win_rate, metrics.Rate)
    assert_type(won_most.worse, tuple[tuple[str, Any], ...])
    first = sf.Period.quarter(2026, 1)
    target = review.Target(metrics.win_rate, {"kim": 0.4}, first, by="owner_id")
    review.Target(metrics.own.count(), 5, first, bound="at_most", name="deals")
    review.Target(metrics.win_rate, "40%", first)  # type: ignore[arg-type]
    review.Target(metrics.win_rate, 0.4, first, bound="more")  # type: ignore[arg-type]
    page = review.report(deals, pipeline, at, at, targets=[target])
    assert_type(page, review.Report)
    assert_type(page.work_of("kim"), tuple[review.AtRisk, ...])
    review.report(deals, pipeline, at)  # type: ignore[call-arg]
    reached = review.attainment(deals, [target], as_of=at)
    assert_type(reached, review.Attainments)
    assert_type(reached["win rate by owner_id", "kim"].is_met, bool | None)
    review.attainment(deals, target)  # type: ignore[call-arg]
    review.segments(deals)  # type: ignore[call-arg]
    review.segments(deals, by=["source"], every="month")  # type: ignore[call-arg]
    review.stalled(deals, as_of=at)  # type: ignore[call-arg]
    review.stalled(deals, pipeline, as_of=at, clock="rot")  # type: ignore[arg-type]
    review.quiet(deals, as_of=at)  # type: ignore[call-arg]
    found_team = review.team(deals, as_of=at, threshold=0.01)
    assert_type(found_team, review.Team)
    assert_type(found_team.gaps, tuple[tuple[str, str], ...])
    assert_type(found_team["kim"], review.TeamMember)
    assert_type(found_team["kim"].win_rate, metrics.Rate)
    assert_type(found_team["kim"].first_touch, review.FirstTouch)
    assert_type(found_team.stages, metrics.Breakdown[review.StageGap])


def simulations(deals: Sequence[sf.Deal], model: forecast.StageModel) -> None:
    quarter = sf.Period.quarter(2026, 1)
    found = forecast.simulate(deals, model, quarter, n=100, seed=1, new_deals=True)
    assert_type(found, forecast.Simulation)
    assert_type(found.quantile(0.5), sf.Money)
    assert_type(found.interval(), tuple[sf.Money, sf.Money])
    assert_type(found.chance_of(sf.Money(1, "EUR")), float)
    assert_type(found.influences(), metrics.Breakdown[forecast.DealInfluence])
    forecast.cash_bands(found.closings(), as_of=model.as_of)
    by_owner = forecast.simulate(deals, model, quarter, seed=1, by="owner_id", shock=0.2)
    assert_type(by_owner, metrics.Breakdown[forecast.Simulation])
    change = forecast.what_if(deals, model, period=quarter, win_rate={"talk": 0.05}, seed=1)
    assert_type(change, forecast.WhatIf)
    assert_type(change.after, forecast.Simulation)
    forecast.simulate(deals, model, quarter)  # type: ignore[call-overload]
    forecast.simulate(deals, model, quarter, seed=1, shok=1)  # type: ignore[call-overload]


def forecasts(deals: Sequence[sf.Deal], at: datetime) -> None:
    quarter = sf.Period.quarter(2026, 1)
    rolled = forecast.rollup(deals, period=quarter, as_of=at)
    assert_type(rolled, forecast.Rollup)
    assert_type(rolled["commit"], forecast.CategoryTotal)
    assert_type(rolled.cumulated, dict[str, sf.Money])
    by_owner = forecast.rollup(deals, period=quarter, as_of=at, by="owner_id", every="month")
    assert_type(by_owner, metrics.Breakdown[forecast.Rollup])
    quota = forecast.Quota(sf.Money(1, "EUR"), quarter, owner_id="kim")
    made = forecast.quota_attainment(deals, [quota], as_of=at)["kim", quarter]
    assert_type(made, forecast.QuotaAttainment)
    assert_type(made.needed, sf.Money | None)
    terms = forecast.PaymentTerms(
        [forecast.Payment.monthly(12, "1/2"), forecast.Payment.after(30, "1/2")]
    )
    assert_type(terms.schedule(sf.Money(1, "EUR"), at.date()), tuple[forecast.Due, ...])
    curve = forecast.cash(deals, as_of=at, terms=terms)
    assert_type(curve, forecast.CashCurve)
    assert_type(curve[quarter], forecast.CashFlow)
    assert_type(curve.payments, tuple[forecast.CashPayment, ...])
    forecast.cash(deals, as_of=at, terms=forecast.TermsBy("source", {"web": terms}), every="day")
    draws: list[list[forecast.Closing]] = [
        [(at.date(), sf.Money(1, "EUR"))],
        [(at.date(), sf.Money(1, "EUR"), terms)],
    ]
    assert_type(forecast.cash_bands(draws, as_of=at, certain=curve), forecast.CashBands)
    forecast.rollup(deals, as_of=at)  # type: ignore[call-overload]
    forecast.rollup(deals, period=quarter, as_of=at, categories={"Upside": "sure"})  # type: ignore[dict-item]
    forecast.cash(deals, as_of=at, every="fortnight")  # type: ignore[arg-type]
    forecast.cash_bands(draws, as_of=at, every="day")  # type: ignore[arg-type]
