"""Without the extra ``forecast``, the package can be imported and says what is missing."""

PROGRAM = """
import sys
for name in ("numpy", "scipy"):
    sys.modules[name] = None
from datetime import UTC, datetime
from salesflow import forecast
from salesflow.errors import MissingExtraError

for call in (
    lambda: forecast.StageModel.fit([], as_of=datetime(2026, 1, 1, tzinfo=UTC)),
    lambda: forecast.cumulative_incidence([1], [1]),
    lambda: forecast.backtest([], [], 30, as_of=datetime(2026, 1, 1, tzinfo=UTC)),
):
    try:
        call()
    except MissingExtraError as error:
        print(error.message, "|", error.hint, "|", error.library)
"""


def test_the_extra_is_named(fresh):
    hint = "pip install 'salesflow[forecast]'"
    assert fresh(PROGRAM).splitlines() == [
        f"cannot fit a stage model: numpy is not installed | {hint} | numpy",
        f"cannot estimate cumulative incidence: numpy is not installed | {hint} | numpy",
        f"cannot backtest forecasts: numpy is not installed | {hint} | numpy",
    ]


def test_importing_the_package_loads_no_numpy(fresh):
    program = "import sys; from salesflow import forecast; print('numpy' in sys.modules)"
    assert fresh(program) == "False"
