"""Bytes that atheris makes, read as an export: an `Import`, or one of our errors.

Not one of the tests: ``make atheris`` runs it for ten minutes.
"""

import io
import sys
import warnings


def main() -> None:
    """Read what atheris makes until its time is over."""
    import atheris

    with atheris.instrument_imports():
        from salesflow import crm
        from salesflow.errors import SalesflowError

    systems = (None, *sorted(crm.SYSTEMS))

    def read_one(data: bytes) -> None:
        """Read bytes whose first tells the system."""
        if not data:
            return
        system = systems[data[0] % len(systems)]
        try:
            got = crm.read(io.BytesIO(data[1:]), system=system, zone="UTC")
        except SalesflowError:
            return
        assert got.n_rows == len(got.deals) + len(got.rejected)
        assert got.summary()

    warnings.simplefilter("error")
    atheris.Setup(sys.argv, read_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
