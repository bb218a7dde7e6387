"""Rules over an account's fields, and how well an account fits them."""

import copy
import math
import pickle
from enum import StrEnum

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Account, IdealCustomerProfile, Money
from salesflow.errors import CriteriaError, OptionError
from salesflow.process.profile import at_least, between, one_of

MID = IdealCustomerProfile(
    "mid",
    [
        one_of("industry", ["software", "media"], weight=3),
        between("n_employees", 50, 500, weight=2),
        at_least("annual_revenue", Money(2_000_000, "EUR"), weight=2),
        one_of("custom.plan", ["pro"]),
    ],
)


def account(**fields):
    return Account(id="A-1", name="Acme", **fields)


def outcome_of(rule, **fields):
    (reason,) = IdealCustomerProfile("p", [rule]).fit(account(**fields)).reasons
    return reason.outcome


def words_of(rule, **fields):
    (reason,) = IdealCustomerProfile("p", [rule]).fit(account(**fields)).reasons
    return reason.words


def faults_of(make, *arguments, **options):
    with pytest.raises(CriteriaError, match="cannot define ") as caught:
        make(*arguments, **options)
    return caught.value.faults


class TestFit:
    def test_is_the_points_of_what_is_known(self):
        # met: 3 (industry); not met: 2 (40 people); unknown: 2 (revenue) and 1 (plan); all: 8
        fit = MID.fit(account(industry="software", n_employees=40))
        assert (fit.value, fit.low, fit.high) == (3 / 5, 3 / 8, (3 + 2 + 1) / 8)
        assert fit.unknown == ("annual_revenue", "custom.plan")
        assert [(r.outcome, r.points, r.of) for r in fit.reasons] == [
            ("met", 3, 3),
            ("not met", 0, 2),
            ("unknown", None, 2),
            ("unknown", None, 1),
        ]

    def test_nothing_known_is_unknown_and_may_become_anything(self):
        fit = MID.fit(account())
        assert (fit.value, fit.low, fit.high) == (None, 0.0, 1.0)

    def test_everything_known_leaves_no_room(self):
        known = account(
            industry="media",
            n_employees=500,
            annual_revenue=Money(2_000_000, "EUR"),
            custom={"plan": "free"},
        )
        fit = MID.fit(known)
        assert fit.value == fit.low == fit.high == 7 / 8
        assert fit.unknown == ()

    def test_tenths_are_tenths(self):
        # Added up as floats, 0.1 + 0.2 of 0.1 + 0.2 + 0.7 is above 0.3.
        fields = (("country", 0.1), ("city", 0.2), ("domain", 0.7))
        profile = IdealCustomerProfile("p", [one_of(name, ["x"], w) for name, w in fields])
        assert profile.fit(account(country="x", city="x", domain="y")).value == 0.3

    def test_shows_the_reason_for_every_point(self):
        fit = MID.fit(account(industry="software", n_employees=40))
        assert str(fit).splitlines() == [
            "fit to 'mid': 0.60, from 0.38 to 0.75",
            "  3 of 3: industry is 'software', one of 'software', 'media'",
            "  0 of 2: n_employees is 40, not between 50 and 500",
            "  ? of 2: annual_revenue is not known",
            "  ? of 1: custom.plan is not known",
        ]
        assert str(MID.fit(account())).startswith("fit to 'mid': unknown, from 0.00 to 1.00")

    def test_is_of_an_account(self):
        with pytest.raises(OptionError, match="cannot fit 'Acme' to profile 'mid'"):
            MID.fit("Acme")


class TestRules:
    @pytest.mark.parametrize(
        ("n", "expected"),
        [(49, "not met"), (50, "met"), (500, "met"), (501, "not met"), (None, "unknown")],
    )
    def test_between_includes_both_ends(self, n, expected):
        assert outcome_of(between("n_employees", 50, 500), n_employees=n) == expected

    @pytest.mark.parametrize(
        ("amount", "expected"), [("99.99", "not met"), ("100", "met"), ("100.01", "met")]
    )
    def test_at_least_includes_its_value(self, amount, expected):
        rule = at_least("annual_revenue", Money(100, "EUR"))
        assert outcome_of(rule, annual_revenue=Money(amount, "EUR")) == expected

    def test_another_currency_is_unknown_and_says_so(self):
        rule = between("annual_revenue", Money(1, "EUR"), Money(9, "EUR"))
        assert outcome_of(rule, annual_revenue=Money(5, "USD")) == "unknown"
        assert words_of(rule, annual_revenue=Money(5, "USD")) == (
            "annual_revenue is USD 5.00, and the rule is in EUR"
        )
        assert outcome_of(rule, annual_revenue=Money(5, "EUR")) == "met"

    def test_values_are_spelled_just_so(self):
        assert outcome_of(one_of("country", ["DE"]), country="de") == "not met"

    def test_one_value_may_stand_alone(self):
        assert outcome_of(one_of("country", "DE"), country="DE") == "met"

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (1, "met"),
            (1.0, "met"),
            (2, "not met"),
            (True, "unknown"),
            ("1", "unknown"),
            (None, "unknown"),
        ],
    )
    def test_a_custom_value_is_compared_as_json(self, value, expected):
        assert outcome_of(one_of("custom.x", [1]), custom={"x": value}) == expected

    @pytest.mark.parametrize("value", [["a"], {"a": 1}])
    def test_a_custom_value_of_several_is_unknown(self, value):
        assert outcome_of(one_of("custom.x", ["a"]), custom={"x": value}) == "unknown"
        assert words_of(one_of("custom.x", ["a"]), custom={"x": value}).endswith(
            "which is no single value"
        )

    @pytest.mark.parametrize("value", ["many", True, [3]])
    def test_a_custom_value_that_is_no_number_is_in_no_range_and_out_of_none(self, value):
        rule = at_least("custom.seats", 3)
        assert outcome_of(rule, custom={"seats": value}) == "unknown"
        assert words_of(rule, custom={"seats": value}).endswith("which is no number")
        assert outcome_of(rule, custom={"seats": 2.5}) == "not met"

    def test_a_key_of_custom_may_hold_points(self):
        assert outcome_of(one_of("custom.a.b", ["x"]), custom={"a.b": "x"}) == "met"

    def test_a_field_may_be_named_by_an_enumeration(self):
        class Field(StrEnum):
            COUNTRY = "country"

        assert type(one_of(Field.COUNTRY, ["DE"]).field) is str
        assert outcome_of(one_of(Field.COUNTRY, ["DE"]), country="DE") == "met"


class TestRefusals:
    @pytest.mark.parametrize("field", ["industri", "custom", "custom.", "", " ", None, 3, ["a"]])
    def test_a_field_that_no_account_has(self, field):
        for make, value in ((one_of, ["x"]), (at_least, 3)):
            (fault,) = faults_of(make, field, value)
            assert fault.startswith(f"an account has no field {field!r}; there is ")
            assert fault.endswith(", or custom.x")

    def test_a_misspelt_field_is_told_the_closest(self):
        assert "there is 'industry'," in faults_of(one_of, "industri", ["x"])[0]

    def test_all_faults_of_a_rule_at_once(self):
        assert faults_of(between, "n_employees", "many", math.nan, weight=-1) == (
            "its limit 'many' is not a finite number",
            "its limit nan is not a finite number",
            "it has weight -1.0, which is no finite number above 0",
        )

    @pytest.mark.parametrize(
        ("make", "arguments", "fault"),
        [
            (one_of, ("industry", []), "it has no values"),
            (one_of, ("industry", [3]), "3 is no value of 'industry'"),
            (one_of, ("industry", None), "None is no value of 'industry'"),
            (one_of, ("n_employees", ["many"]), "'many' is no value of 'n_employees'"),
            (one_of, ("custom.x", [["a"]]), "['a'] is no value of 'custom.x'"),
            (one_of, ("annual_revenue", [Money(1, "EUR")]), "'annual_revenue' is an amount; "),
            (between, ("n_employees", 9, 1), "its low 9 is above its high 1"),
            (between, ("n_employees", 1, math.inf), "its limit inf is not a finite number"),
            (between, ("custom.x", True, 2), "its limit True is not a finite number"),
            (at_least, ("industry", 3), "'industry' is a text, which has no range; "),
            (at_least, ("annual_revenue", 3), "its limit 3 is not an amount of money"),
            (at_least, ("n_employees", Money(3, "EUR")), "its limit Money('3', 'EUR') is not a"),
            (
                between,
                ("annual_revenue", Money(1, "USD"), Money(2, "EUR")),
                "its limits are in EUR and USD",
            ),
            (
                between,
                ("annual_revenue", Money(2, "EUR"), Money(1, "EUR")),
                "its low EUR 2.00 is above its high EUR 1.00",
            ),
        ],
    )
    def test_values_that_the_field_cannot_have(self, make, arguments, fault):
        assert faults_of(make, *arguments)[0].startswith(fault)

    @pytest.mark.parametrize("weight", [0, -1, math.nan, math.inf, True, "2", None, 10**400])
    def test_a_weight_is_a_finite_number_above_zero(self, weight):
        (fault,) = faults_of(one_of, "country", ["DE"], weight)
        assert fault.endswith("which is no finite number above 0")

    def test_all_faults_of_a_profile_at_once(self):
        rule = one_of("country", ["DE"])
        assert faults_of(IdealCustomerProfile, " ", [rule, rule, "x"]) == (
            "its name ' ' is no text",
            "its rules hold 'x', which is no rule",
            f"it has {rule!r} more than once",
        )
        assert faults_of(IdealCustomerProfile, "p", []) == ("it has no rules",)
        assert faults_of(IdealCustomerProfile, "p", None) == (
            "its rules hold None, which is no rule",
        )


@pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))],  # noqa: S301 - our own
)
def test_a_profile_and_a_fit_are_values(again):
    fit = MID.fit(account(industry="media"))
    assert (again(MID), again(fit)) == (MID, fit)
    assert (hash(again(MID)), hash(again(fit))) == (hash(MID), hash(fit))
    assert again(MID).fit(account(industry="media")) == fit
    assert attrs.evolve(MID, name="other") != MID


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "industry": st.sampled_from(["software", "steel"]),
        "n_employees": st.integers(0, 1000),
        "annual_revenue": st.builds(
            Money, st.integers(0, 4_000_000), st.sampled_from(["EUR", "USD"])
        ),
        "custom": st.fixed_dictionaries({"plan": st.sampled_from(["pro", "free", 3, ["pro"]])}),
    },
)
MEETS = {
    "industry": "media",
    "n_employees": 50,
    "annual_revenue": Money(2_000_000, "EUR"),
    "custom.plan": "pro",
}


class TestLaws:
    @given(fields=FIELDS)
    def test_the_fit_lies_between_its_bounds(self, fields):
        fit = MID.fit(account(**fields))
        assert 0 <= fit.low <= fit.high <= 1
        assert fit.value is None or fit.low <= fit.value <= fit.high
        assert (fit.value is None) == all(r.outcome == "unknown" for r in fit.reasons)

    @given(fields=FIELDS)
    def test_the_points_add_up_to_it(self, fields):
        fit = MID.fit(account(**fields))
        known = [reason for reason in fit.reasons if reason.points is not None]
        if known:  # whole numbers, so that sums of floats are exact
            assert fit.value == sum(r.points for r in known) / sum(r.of for r in known)

    @given(fields=FIELDS)
    def test_the_high_is_the_fit_once_every_unknown_is_met(self, fields):
        fit = MID.fit(account(**fields))
        met = {name: MEETS[name] for name in fit.unknown}
        if "custom.plan" in met:
            met["custom"] = {"plan": met.pop("custom.plan")}
        assert MID.fit(account(**{**fields, **met})).value == fit.high

    @given(fields=FIELDS, name=st.sampled_from(["industry", "n_employees", "annual_revenue"]))
    def test_an_unknown_that_is_met_never_lowers_it(self, fields, name):
        before = MID.fit(account(**{**fields, name: None}))
        after = MID.fit(account(**{**fields, name: MEETS[name]}))
        assert after.value >= (before.value or 0)
        assert after.high == before.high

    @given(fields=FIELDS, order=st.permutations(MID.rules))
    def test_the_order_of_rules_does_not_matter(self, fields, order):
        one, other = MID, IdealCustomerProfile("other", order)
        fits = [profile.fit(account(**fields)) for profile in (one, other)]
        assert len({(fit.value, fit.low, fit.high) for fit in fits}) == 1
