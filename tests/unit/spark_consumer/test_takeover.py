"""One stream gives the lake to the next, without Spark."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

import pytest

from lake.errors import LakeBusy
from lake.log.commit import Role
from lake.settings import LakeSettings
from lake.storage.lock import is_locked, writer_lock
from lake.write.writer import LakeWriter
from spark_consumer import takeover
from spark_consumer.takeover import ending_for_the_next, note_of, outlasted_by, taking_over


@pytest.fixture
def lake(tmp_path: Path) -> LakeSettings:
    """An empty lake."""
    return LakeSettings(base_output_path=tmp_path, exchange="KRAKEN")


class RunningStream:
    """A stream that lands nothing: it holds the lake until it is to stop."""

    def __init__(self, lake: LakeSettings) -> None:
        self._lake = lake
        self.stopping = threading.Event()
        self.running = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self.running.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._thread.join()

    def _run(self) -> None:
        layout = self._lake.layout
        with (
            LakeWriter.open(layout, run_id="old"),
            ending_for_the_next(layout, self.stopping, "old", 0),
        ):
            self.running.set()
            self.stopping.wait(60)


def test_a_running_stream_ends_for_the_next(lake: LakeSettings) -> None:
    """The next one has the lake, and a third may ask it in turn."""
    with RunningStream(lake) as old, taking_over(lake, "new", threading.Event()) as writer:
        assert old.stopping.is_set()
        assert writer.state.number == 0
        assert not is_locked(lake.layout.takeover_file(Role.STREAM))
        with pytest.raises(LakeBusy), LakeWriter.open(lake.layout, run_id="x", patience=0):
            pass


def test_the_lake_is_taken_at_once_if_no_stream_runs(lake: LakeSettings) -> None:
    """The same command works for the first start and after a kill."""
    with taking_over(lake, "new", threading.Event()) as writer:
        assert writer.state.number == 0


def test_only_one_stream_waits_for_the_lake(
    lake: LakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second one is refused, and the message names the process that waits."""
    real_lock = takeover.writer_lock
    monkeypatch.setattr(takeover, "writer_lock", lambda path, **_: real_lock(path, patience=0))
    with (
        writer_lock(lake.layout.takeover_file(Role.STREAM)),
        pytest.raises(LakeBusy, match=r"stream.takeover .* pid \d+"),
        taking_over(lake, "new", threading.Event()),
    ):
        pass


def test_a_request_of_a_process_that_is_gone_counts_for_nothing(lake: LakeSettings) -> None:
    """Its file stays and its lock does not, so the running stream goes on."""
    path = lake.layout.takeover_file(Role.STREAM)
    with writer_lock(path):
        assert is_locked(path)
    assert path.exists()
    assert not is_locked(path)
    with RunningStream(lake) as old:
        assert not old.stopping.wait(0.5)


def test_a_stream_that_does_not_end_keeps_the_lake(
    lake: LakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next one gives up after a time, or when it is to stop itself."""
    monkeypatch.setattr(takeover, "_GIVEN_BACK_WITHIN", 0.0)
    with LakeWriter.open(lake.layout, run_id="deaf"):
        with pytest.raises(LakeBusy), taking_over(lake, "new", threading.Event()):
            pass
        monkeypatch.setattr(takeover, "_GIVEN_BACK_WITHIN", 60.0)
        stopping = threading.Event()
        stopping.set()
        with pytest.raises(LakeBusy), taking_over(lake, "new", stopping):
            pass


NOON = datetime(2026, 1, 30, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("running", "next_one", "goes_on"),
    [
        (NOON, NOON + timedelta(minutes=10), False),
        (NOON, None, False),
        (None, None, False),
        (NOON, NOON, True),
        (NOON + timedelta(minutes=10), NOON, True),
        (None, NOON, True),
    ],
)
def test_the_lake_goes_to_the_stream_that_runs_longer(
    lake: LakeSettings,
    running: datetime | None,
    next_one: datetime | None,
    goes_on: bool,  # noqa: FBT001  a case
) -> None:
    """A task that is tried again late does not end the one that has taken its place."""
    assert outlasted_by(lake.layout, next_one) is None
    with LakeWriter.open(lake.layout, run_id="old", note=note_of(running)):
        assert bool(outlasted_by(lake.layout, next_one)) == goes_on
    assert outlasted_by(lake.layout, next_one) is None
