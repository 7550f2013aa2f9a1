import hashlib
import re

from tests.engine import ROOT

STATIC = ROOT / "console" / "static"


def test_the_charting_library_is_the_file_that_was_published() -> None:
    """Its checksum and its licence's are those that the README there names."""
    named = dict(
        re.findall(r"\| `(.+?)` \| `([0-9a-f]{64})` \|", (STATIC / "README.md").read_text())
    )
    assert "lightweight-charts.standalone.production.js" in named
    for name, checksum in named.items():
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == checksum
