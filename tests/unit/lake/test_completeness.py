from datetime import timedelta

from lake.intervals import Run
from lake.layout import LakeLayout
from lake.proof import HourRows, ProblemKind
from lake.verify import verify
from lake.witnesses import Witnesses
from tests.unit.lake.conftest import HOUR
from tests.unit.lake.lakes import AT, kinds, land


def knowing(*holes: Run) -> Witnesses:
    """Somebody who knows of these ids that the exchange does not have them."""
    return Witnesses(holes=lambda: {"BTC_USD": holes})


def test_a_gap_is_suspected_until_it_is_confirmed(layout: LakeLayout) -> None:
    """Completeness is told from loss by what the exchange confirmed."""
    land(layout, range(1, 11), range(21, 31))
    assert kinds(layout) == {ProblemKind.SUSPECTED_GAP}
    assert verify(layout).symbols[0].missing == ((11, 20),)
    assert verify(layout, knowing((11, 20))).holds
    assert not verify(layout, knowing((11, 19))).holds


def test_rows_per_hour_are_told(layout: LakeLayout) -> None:
    """Of every hour that has some, in order, whatever number of files they are in."""
    land(layout, range(1, 11), range(11, 14))
    earlier = AT - timedelta(hours=9)
    land(layout, range(14, 20), at=earlier, folder=HOUR.replace("hour=18", "hour=9"))
    (proof,) = verify(layout).symbols
    assert proof.hours == (HourRows(earlier, 6), HourRows(AT, 13))


def test_a_hole_outside_what_was_recorded_makes_no_gap(layout: LakeLayout) -> None:
    """Kraken lacks ids from before the first trade and after the last; the lake lacks none."""
    land(layout, range(101, 111), range(116, 120))
    found = verify(layout, knowing((1, 9), (111, 115), (500, 510)))
    assert found.holds
    assert (found.symbols[0].missing, found.symbols[0].confirmed) == ((), 5)
