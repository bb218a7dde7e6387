"""The bar of a long run."""

import pytest

from salesflow._progress import no_tick, ticking


def test_none_unless_asked_for(capsys):
    with ticking("reading", "rows", None, shows=False) as tick:
        tick(3)
    no_tick(5)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("n_all", [None, 10])
def test_it_shows_on_standard_error_what_is_done(capsys, n_all):
    pytest.importorskip("rich")
    with ticking("drawing", "deals", n_all, shows=True) as tick:
        tick(2)
        tick(3)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "drawing" in shown.err
    assert "5 deals" in shown.err


def test_an_error_ends_it_and_passes(capsys):
    pytest.importorskip("rich")

    def fail() -> None:
        with ticking("drawing", "deals", 10, shows=True) as tick:
            tick(5)
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        fail()
    assert "5 deals" in capsys.readouterr().err
