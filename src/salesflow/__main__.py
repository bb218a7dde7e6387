"""``python -m salesflow``, and the script ``salesflow``: the command line, or what it needs."""

import sys

from salesflow.errors import MissingExtraError


def main() -> None:
    """Run the command line; without its libraries, say in one line how to get them."""
    try:
        from salesflow.cli import app
    except MissingExtraError as error:
        sys.exit(f"salesflow: {' '.join(str(error).split())}")
    app()


if __name__ == "__main__":
    main()
