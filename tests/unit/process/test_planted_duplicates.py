"""Duplicates among leads of which it is known who is who: `make bench` with 100,000, here fewer.

The generator in benchmarks knows nothing of how leads are compared.
"""

from collections import Counter

import pytest

from benchmarks import duplicates as bench
from benchmarks.duplicates import measure, rows, same_mail

SEEDS = (11, 12, 13, 14)
N = 3_000


@pytest.fixture(scope="module")
def results():
    return [measure(N, seed=seed) for seed in SEEDS]


def test_nearly_all_are_found_and_nearly_all_found_are_right(results):
    n_true = sum(len(result.book.truth) for result in results)
    n_right = sum(len(result.found & result.book.truth.keys()) for result in results)
    n_found = sum(len(result.found - result.book.hopeless) for result in results)
    assert n_true > 1_200
    assert n_right / n_true >= 0.98
    # Of fewer leads, fewer names are known to be common: brothers and sisters are taken for slips.
    assert n_right / n_found >= 0.97


def test_no_kind_of_mess_hides_them(results):
    planted, found = Counter(), Counter()
    for result in results:
        for mess, (n, share) in result.by_mess().items():
            planted[mess] += n
            found[mess] += round(n * share)
    shares = {mess: found[mess] / n for mess, n in planted.items()}
    assert len(shares) == 18
    assert min(shares.values()) >= 0.85, shares
    assert shares["entered twice alike"] == 1


def test_what_tells_nothing_but_a_name_is_not_guessed(results):
    for result in results:
        assert not result.found & result.book.hopeless


def test_few_pairs_are_compared(results):
    for result in results:
        assert result.n_compared < 5 * N


def test_the_leads_are_hard_to_tell_by_their_mail(results):
    for result in results:
        mail = same_mail(result.book)
        assert result.recall(mail) < 0.6
        assert result.precision(mail) < 0.9


def test_the_table_has_a_row_for_each_mess(monkeypatch):
    monkeypatch.setattr(bench, "N", 1_000)
    table = [str(row) for row in rows()]
    assert len(table) > 15
    assert "recall" in table[1]
