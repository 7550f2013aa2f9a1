#!/usr/bin/python3 -IS
"""Health check: `probe URL [KEY VALUE]` exits with 0 if the URL answers as it should.

With KEY, the answer must be JSON whose value at KEY contains VALUE:
`probe http://localhost:8080/json/ status ALIVE`. Dots name nested keys: `scheduler.status`.
"""

import json
import sys
import urllib.request
from typing import Any

__all__ = ["main"]


def main(url: str, key: str = "", value: str = "") -> None:
    """Send one request, with a timeout below that of the health checks."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - only ours are asked
            body = answer.read()
        found: Any = json.loads(body) if key else ""
        for name in filter(None, key.split(".")):
            found = found[name]
    except (OSError, ValueError, KeyError, TypeError) as error:
        sys.exit(f"{url}: {error!r}")
    if value not in str(found):
        sys.exit(f"{url}: {key} is {found!r}, not {value}")


if __name__ == "__main__":
    main(*sys.argv[1:])
