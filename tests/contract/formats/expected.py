"""What the tests expect: files that are written once, and never by the code under test."""

import json
from pathlib import Path
from typing import Any, Final

DATA: Final = Path(__file__).with_name("data")


def read(name: str | Path) -> Any:
    """The content of a JSON file, below `data` unless the path is absolute."""
    return json.loads((DATA / name).read_bytes())
