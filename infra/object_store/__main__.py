"""`python -m infra.object_store`: build the S3 server if it is not there, and print its path."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.jars.installation import DEFAULT_FOLDER
from infra.object_store.build import built
from infra.object_store.errors import StoreUnavailable
from runtime.output import outlive_readers

__all__ = ["main"]


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.object_store", description=__doc__)
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="default: %(default)s")
    try:
        sys.stdout.write(f"{built(parser.parse_args(arguments).folder)}\n")
    except (StoreUnavailable, OSError) as error:
        sys.stderr.write(f"infra.object_store: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    outlive_readers()
    sys.exit(main(sys.argv[1:]))
