"""Fit and qualification joined into one score, with the reason for every point."""

import math
import pickle
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesflow import Account, IdealCustomerProfile, LeadProcess, Pipeline, score
from salesflow.errors import OptionError
from salesflow.process import BANT, CHAMP
from salesflow.process.profile import between, one_of
from tests.builders import jan

PIPELINE = Pipeline.standard()
PROFILE = IdealCustomerProfile(
    "p", [one_of("country", ["AT", "DE"], weight=3), between("n_employees", 50, 500)]
)
ACME = Account(id="A-1", name="Acme", country="AT", n_employees=9)


def deal_of(**answers):
    deal = PIPELINE.open("Acme", id="D-1", at=jan(1))
    for criterion, answer in answers.items():
        deal = PIPELINE.answer(deal, "bant", criterion, answer, at=jan(2))
    return deal


class TestScore:
    def test_is_what_is_met_of_what_is_known(self):
        # Fit is worth 1/2: 3/8 for the country, met, and 1/8 for the size, not met.
        # Qualification is worth 1/2: 1/8 for each answer; one yes, one no, two unknown.
        found = score(deal_of(need="yes", budget="no"), ACME, profile=PROFILE)
        assert found.value == (3 / 8 + 1 / 8) / (3 / 8 + 1 / 8 + 1 / 8 + 1 / 8)
        assert (found.low, found.high) == (3 / 8 + 1 / 8, 3 / 8 + 1 / 8 + 2 / 8)
        assert found.fit == PROFILE.fit(ACME)
        assert found.qualification == BANT.of(deal_of(need="yes", budget="no"))

    def test_weights_say_how_much_each_part_counts(self):
        # Fit 3/4 of it: 9/16 met, 3/16 not; qualification 1/4: 1/16 met, 3/16 unknown.
        found = score(deal_of(need="yes"), ACME, profile=PROFILE, fit_weight=3)
        assert found.value == float(Fraction(10, 13))
        found = score(deal_of(need="yes"), ACME, profile=PROFILE, qualification_weight=0.5)
        # Fit 2/3: 1/2 met, 1/6 not; qualification 1/3: 1/12 met, 3/12 unknown.
        assert found.value == float(Fraction(7, 12) / Fraction(9, 12))

    def test_a_yes_to_a_well_fitting_lead_does_not_lower_its_score(self):
        # A mean of fit 1.00 and qualification 0.25 would.
        fits = Account(id="A-1", name="Acme", country="AT", n_employees=50)
        assert score(deal_of(), fits, profile=PROFILE).value == 1.0
        assert score(deal_of(need="yes"), fits, profile=PROFILE).value == 1.0

    def test_fit_alone(self):
        found = score(deal_of(need="yes"), ACME, profile=PROFILE, framework=None)
        assert (found.value, found.low, found.high) == (3 / 4, 3 / 4, 3 / 4)
        assert found.qualification is None

    def test_qualification_alone_is_by_bant_unless_another_is_given(self):
        found = score(deal_of(need="yes", budget="no"))
        assert (found.value, found.low, found.high) == (1 / 2, 1 / 4, 3 / 4)
        assert found.fit is None
        assert score(deal_of(need="yes"), framework=CHAMP).value is None

    def test_nothing_known_is_unknown_and_may_become_anything(self):
        found = score(deal_of(), profile=PROFILE)
        assert (found.value, found.low, found.high) == (None, 0.0, 1.0)
        assert str(found).startswith("score unknown, from 0.00 to 1.00")

    def test_a_lead_is_scored_as_a_deal_is(self):
        process = LeadProcess.standard()
        lead = process.answer(process.open("Kim"), "bant", "need", "yes", by="kim")
        assert BANT.of(lead).answers["need"].by == "kim"
        found = score(lead)
        assert (found.value, found.low, found.high) == (1.0, 0.25, 1.0)


class TestReasons:
    def test_every_point_has_one(self):
        deal = PIPELINE.answer(deal_of(), "bant", "need", "yes", note="double entries", at=jan(2))
        deal = PIPELINE.answer(deal, "bant", "budget", "unknown", at=jan(2))
        found = score(deal, ACME, profile=PROFILE)
        assert str(found).splitlines() == [
            "score 0.80, from 0.50 to 0.88",
            "  0.375 of 0.375  fit: country is 'AT', one of 'AT', 'DE'",
            "  0 of 0.125  fit: n_employees is 9, not between 50 and 500",
            "  0.125 of 0.125  qualification: need: yes (double entries)",
            "  ? of 0.125  qualification: budget: unknown",
            "  ? of 0.125  qualification: authority: not answered",
            "  ? of 0.125  qualification: timeline: not answered",
        ]

    def test_rules_without_an_account_say_so(self):
        found = score(deal_of(), profile=PROFILE)
        assert found.reasons[0].words == "country: there is no account"
        assert (found.reasons[0].part, found.reasons[0].points) == ("fit", None)

    def test_an_account_has_no_history_which_a_look_back_says(self):
        deal = deal_of(need="yes")
        found = score(deal, ACME, profile=PROFILE, as_of=jan(1))
        assert (found.qualification.score, found.as_of) == (None, jan(1))
        assert found.notes == ("The account has no history: its fit is as of now, not as_of.",)
        assert str(found).endswith(found.notes[0])
        assert score(deal, profile=PROFILE, as_of=jan(2)).notes == ()
        assert score(deal, ACME, profile=PROFILE).notes == ()

    def test_is_a_value(self):
        found = score(deal_of(need="yes"), ACME, profile=PROFILE)
        again = pickle.loads(pickle.dumps(found))  # noqa: S301 - our own bytes
        assert (again, hash(again)) == (found, hash(found))


class TestRefusals:
    @pytest.mark.parametrize(
        ("options", "parameter", "fact"),
        [
            ({"framework": None}, "profile", "there is neither a profile nor a framework"),
            ({"account": ACME}, "account", "there is no profile to fit the account to"),
            ({"account": "Acme"}, "account", "account 'Acme' is no Account"),
            (
                {"framework": "bant"},
                "framework",
                "framework 'bant' is no Framework, pipeline.framework(…) finds one",
            ),
            ({"profile": "mid"}, "profile", "profile 'mid' is no profile"),
            ({"fit_weight": 0}, "fit_weight", "fit_weight has weight 0.0, which is no finite"),
            ({"qualification_weight": math.nan}, "qualification_weight", "has weight nan"),
        ],
    )
    def test_what_cannot_be_scored(self, options, parameter, fact):
        with pytest.raises(OptionError, match="cannot score 'D-1': ") as caught:
            score(deal_of(), **options)
        assert caught.value.parameter == parameter
        assert fact in caught.value.message

    def test_all_of_it_at_once(self):
        with pytest.raises(OptionError, match="cannot score 'L-1'") as caught:
            score("L-1", "Acme", framework="bant", fit_weight=-1)
        assert caught.value.message.count(";") == 3
        assert caught.value.parameter == "lead"

    def test_the_account_of_somebody_else(self):
        deal = PIPELINE.open("Bolt", id="D-2", account_id="A-2", at=date(2026, 1, 1))
        with pytest.raises(OptionError, match="its account is 'A-2', not 'A-1'"):
            score(deal, ACME, profile=PROFILE)


ANSWERS = st.dictionaries(
    st.sampled_from([criterion.name for criterion in BANT.criteria]),
    st.sampled_from(["yes", "no", "unknown"]),
)
ACCOUNTS = st.none() | st.builds(
    Account,
    id=st.just("A-1"),
    name=st.just("Acme"),
    country=st.sampled_from([None, "AT", "FR"]),
    n_employees=st.sampled_from([None, 9, 90]),
)
WEIGHTS = st.floats(0.001, 1000)


class TestLaws:
    @given(answers=ANSWERS, account=ACCOUNTS, weights=st.tuples(WEIGHTS, WEIGHTS))
    def test_the_score_lies_between_its_bounds_and_the_points_add_up(
        self, answers, account, weights
    ):
        fit, qualification = weights
        found = score(
            deal_of(**answers),
            account,
            profile=PROFILE,
            fit_weight=fit,
            qualification_weight=qualification,
        )
        assert 0 <= found.low <= found.high <= 1
        assert found.value is None or found.low <= found.value <= found.high
        assert math.fsum(point.of for point in found.reasons) == pytest.approx(1)
        known = [point for point in found.reasons if point.points is not None]
        if known:
            share = math.fsum(p.points for p in known) / math.fsum(p.of for p in known)
            assert found.value == pytest.approx(share)

    @given(answers=ANSWERS, account=ACCOUNTS, name=st.sampled_from(["need", "timeline"]))
    def test_an_unknown_that_becomes_yes_never_lowers_the_score(self, answers, account, name):
        before = deal_of(**{**answers, name: "unknown"})
        after = PIPELINE.answer(before, "bant", name, "yes", at=jan(3))
        scores = [score(deal, account, profile=PROFILE) for deal in (before, after)]
        assert scores[1].value >= (scores[0].value or 0)
        assert scores[1].low > scores[0].low
        assert scores[1].high == scores[0].high

    @given(answers=ANSWERS, account=ACCOUNTS)
    def test_one_part_alone_is_that_part(self, answers, account):
        deal = deal_of(**answers)
        found = score(deal, account, profile=PROFILE, framework=None)
        fit = None if account is None else PROFILE.fit(account)
        assert found.value == (None if fit is None else fit.value)
        alone, qualification = score(deal), BANT.of(deal)
        assert (alone.low, alone.high) == (qualification.score or 0, qualification.best)
