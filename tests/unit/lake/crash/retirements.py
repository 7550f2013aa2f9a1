"""Retirements that are recorded: beside a stream, killed, and with trades that come late."""

from collections.abc import Callable, Mapping

from lake.layout import LakeLayout
from lake.log.commit import Role
from lake.log.snapshot import read_snapshot
from lake.write.retirement import Retirement
from lake.write.writer import LakeWriter
from tests.unit.lake.crash.scenarios import ETH, NEXT_HOUR, Acknowledge, killing, staged
from tests.unit.lake.lakes import AT, HOUR

__all__ = ["RETIREMENTS"]


def retire(layout: LakeLayout, acknowledge: Acknowledge) -> None:
    """Retire all files of the first hour."""
    with LakeWriter.open(layout, run_id="m1", role=Role.MAINTENANCE) as writer:
        files = [file for file in read_snapshot(layout).files.values() if "hour=18" in file.path]
        for _ in Retirement(layout, writer, AT).run(files):
            acknowledge()


def retirement(layout: LakeLayout, acknowledge: Acknowledge) -> None:
    """The hour's folders go, and come again with a late trade; that is retired, too."""
    with LakeWriter.open(layout, run_id="r1") as writer:
        land_two_hours(writer, acknowledge)
        retire(layout, acknowledge)
        writer.commit(staged(writer, 1, {HOUR: range(1, 7)}))
        acknowledge()
        retire(layout, acknowledge)
        writer.commit(staged(writer, 2, {HOUR: range(7, 8)}))
        acknowledge()


def killed_retirement(point: str) -> Callable[[LakeLayout, Acknowledge], None]:
    """Maintenance is killed, and the stream goes on and removes what was left."""

    def scenario(layout: LakeLayout, acknowledge: Acknowledge) -> None:
        with LakeWriter.open(layout, run_id="r1") as writer:
            land_two_hours(writer, acknowledge)
            with killing(point):
                retire(layout, lambda: None)
            writer.commit(staged(writer, 1, {HOUR: range(1, 7)}))
            acknowledge()

    return scenario


def land_two_hours(writer: LakeWriter, acknowledge: Acknowledge) -> None:
    """Two pairs in the first hour, one of them in the next, too."""
    writer.commit(staged(writer, 0, {HOUR: range(1, 3), ETH: range(1, 3), NEXT_HOUR: range(3, 5)}))
    acknowledge()


RETIREMENTS: Mapping[str, Callable[[LakeLayout, Acknowledge], None]] = {
    "retirement": retirement,
    "retirement killed before its commit": killed_retirement(
        "lake.log.commit_log.create_exclusively"
    ),
    "retirement killed before it removes": killed_retirement("lake.write.writer.publish"),
    "retirement killed while it removes": killed_retirement(
        "lake.write.retired_files._unlink:after"
    ),
    "retirement killed with an empty folder gone": killed_retirement(
        "lake.write.retired_files._remove_empty:after"
    ),
    "retirement killed before its proof is in place": killed_retirement(
        "lake.write.publishing.link"
    ),
    "retirement killed when all is done": killed_retirement("lake.write.writer.publish:after"),
}
