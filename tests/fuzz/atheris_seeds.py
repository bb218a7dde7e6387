"""Small exports of every system, for atheris to begin with."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # a script: the tests are no package of its own

from tests.export_samples import samples
from tests.exports import DATES, SHAPES, SYSTEMS, Mess, write_export


def main(folder: Path) -> None:
    """Write them."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, system in enumerate(SYSTEMS):
        for shape in SHAPES:
            for dates in ("iso", "dmy", "epoch-ms"):
                assert dates in DATES
                data = write_export(system, samples(3), shape=shape, mess=Mess(dates=dates))
                path = folder / f"{system}-{dates}.{shape}"
                path.write_bytes(bytes([number]) + data)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
