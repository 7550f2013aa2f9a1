"""The daily report of a lake in an object store."""

from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from console.report.__main__ import app
from console.report.daily import KEPT, daily_path, remove_old
from lake.layout import LakeLayout
from lake.storage.object_path import ObjectPath
from tests.object_store.lakes import fresh_clients, layout, proxy
from tests.unit.console.conftest import site_without_services
from tests.unit.console.stored_lakes import temporary

__all__ = ["fresh_clients", "layout", "proxy", "temporary"]


def test_a_report_a_day_is_kept_in_the_store(
    lake: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command replaces today's, and removes the oldest beyond thirty."""
    monkeypatch.setattr("console.report.__main__.os.nice", lambda _: 0)
    monkeypatch.setattr(
        "console.report.__main__.build_site", lambda given, *_: site_without_services(given)
    )
    for day in range(1, 32):
        daily_path(lake, datetime(2026, 1, day, tzinfo=UTC).date()).write_bytes(b"before")
    (lake.reports / "notes.html").write_bytes(b"")
    for count in (2, 0):
        ended = CliRunner().invoke(app, ["--daily"])
        assert ended.exit_code == 0, ended.output
        assert ended.output.startswith(f"{lake.reports}/")
        assert ended.output.count("removed") == count
    assert remove_old(lake) == []
    today = daily_path(lake, datetime.now(UTC).date())
    assert "Missing ids 90 to 99." in today.read_bytes().decode()
    assert isinstance(lake.reports, ObjectPath)
    names = [path.name for path in lake.reports.below()]
    assert len(names) == KEPT + 1
    assert {today.name, "notes.html", "2026-01-31.html"} <= set(names)
