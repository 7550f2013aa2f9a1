from collections.abc import Sequence
from datetime import timedelta

import pytest

from lake.errors import ReferenceUnavailable
from lake.id_ranges import Run
from lake.layout import LakeLayout
from lake.verify.missing_id_reasons import OpenGap
from lake.verify.references import References
from lake.verify.result import HourRows, ProblemKind
from lake.verify.verification import verify
from tests.unit.lake.conftest import HOUR
from tests.unit.lake.lakes import AT, kinds, land, quarantine


def knowing(*holes: Run) -> References:
    """Somebody who knows of these ids that the exchange does not have them."""
    return References(holes=lambda: {"BTC_USD": holes})


def test_a_gap_is_suspected_until_it_is_confirmed(layout: LakeLayout) -> None:
    """Completeness is distinguished from loss by what the exchange confirmed."""
    land(layout, range(1, 11), range(21, 31))
    assert kinds(layout) == {ProblemKind.SUSPECTED_GAP}
    assert verify(layout).symbols[0].missing == ((11, 20),)
    assert verify(layout, knowing((11, 20))).holds
    assert not verify(layout, knowing((11, 19))).holds


def test_rows_per_hour_are_counted(layout: LakeLayout) -> None:
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


def reported(layout: LakeLayout, **known: object) -> list[tuple[ProblemKind, str]]:
    """Each problem's kind, and how its advice begins, where this is known."""
    references = References(**{name: lambda value=value: value for name, value in known.items()})
    return [(one.kind, one.advice[:24]) for one in verify(layout, references).problems]


def test_dead_letters_are_known_and_no_gap(layout: LakeLayout) -> None:
    """The exchange sent those rows, and they are no trades: a backfill would bring them again."""
    land(layout, range(1, 11), range(21, 31))
    rows = {"BTC_USD": [(11, 14), (16, 20), (40, 41)]}
    assert reported(layout, dead_letters=rows) == [
        (ProblemKind.SUSPECTED_GAP, "Trade ids 15 to 15 never")
    ]
    found = verify(layout, References(dead_letters=lambda: rows, holes=lambda: hole(15)))
    (proof,) = found.symbols
    assert (found.holds, proof.missing, proof.confirmed) == (True, (), 1)
    assert proof.dead_letters == ((11, 14), (16, 20))


def hole(trade_id: int) -> dict[str, list[Run]]:
    """One id that the exchange does not have."""
    return {"BTC_USD": [(trade_id, trade_id)]}


def test_an_id_that_is_hole_and_dead_letter_is_counted_once(layout: LakeLayout) -> None:
    """The exchange said first that it has none, and then sent something."""
    land(layout, range(1, 11), range(12, 31))
    both = References(dead_letters=lambda: hole(11), holes=lambda: hole(11))
    (proof,) = verify(layout, both).symbols
    assert (proof.confirmed, proof.dead_letters) == (1, ())


def test_an_open_gap_is_red_and_asks_for_patience(layout: LakeLayout) -> None:
    """The rest of what is missing is a suspected gap as before."""
    land(layout, range(1, 11), range(21, 31), range(41, 51))
    gaps = {"BTC_USD": [OpenGap((11, 15), AT), OpenGap((35, 60), AT)]}
    assert reported(layout, open_gaps=gaps) == [
        (ProblemKind.OPEN_GAP, "Trade ids 11 to 15 have "),
        (ProblemKind.OPEN_GAP, "Trade ids 35 to 40 have "),
        (ProblemKind.SUSPECTED_GAP, "Trade ids 16 to 20 never"),
        (ProblemKind.SUSPECTED_GAP, "Trade ids 31 to 34 never"),
    ]
    (first, *_) = verify(layout, References(open_gaps=lambda: gaps)).problems
    assert "since 2026-01-30 18:00:00 UTC" in first.advice
    assert "backfill" not in first.advice


def test_a_gap_that_has_become_a_hole_is_none(layout: LakeLayout) -> None:
    """Both topics were read, the one a moment before the other."""
    land(layout, range(1, 11), range(21, 31))
    gaps = {"BTC_USD": [OpenGap((11, 20), AT)]}
    assert reported(layout, open_gaps=gaps, holes={"BTC_USD": [(11, 20)]}) == []


def test_a_revoked_hole_is_a_gap_again(layout: LakeLayout) -> None:
    """What is known is requested again each time."""
    land(layout, range(1, 11), range(21, 31))
    assert verify(layout, knowing((11, 20))).holds
    assert kinds(layout) == {ProblemKind.SUSPECTED_GAP}


def test_trades_in_quarantine_are_named_as_there(layout: LakeLayout) -> None:
    """They are neither lost nor landed: red, with the advice that helps."""
    land(layout, range(1, 11), range(21, 31))
    quarantine(layout, [(b"BTC/USD", b"11"), (b"BTC/USD", b"12"), (b"ETH/USD", b"13")])

    def decode(values: Sequence[bytes]) -> list[tuple[str, int] | None]:
        return [("BTC/USD", int(value)) for value in values]

    first, second = verify(layout, References(trade_ids=decode)).problems
    assert (first.kind, first.advice[:24]) == (
        ProblemKind.IN_QUARANTINE,
        "Trade ids 11 to 12 are i",
    )
    assert "`kraken-lake quarantine replay` lands them" in first.advice
    assert "backfill" not in first.advice
    assert second.advice.startswith("Trade ids 13 to 20 never landed. Fetch them")


def test_quarantine_is_decoded_in_parts(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that any number of large values fits in memory; what is found is the same."""
    monkeypatch.setattr("lake.read.quarantine_ids._FETCHED", 2)
    monkeypatch.setattr("lake.read.quarantine_ids._BATCH_BYTES", 4)
    land(layout, range(1, 11), range(21, 31))
    quarantine(layout, [(b"BTC/USD", str(number).encode()) for number in range(11, 20)])
    sizes: list[int] = []

    def decode(values: Sequence[bytes]) -> list[tuple[str, int] | None]:
        sizes.append(len(values))
        return [("BTC/USD", int(value)) for value in values]

    first, second = verify(layout, References(trade_ids=decode)).problems
    assert first.advice.startswith("Trade ids 11 to 19 are i")
    assert second.advice.startswith("Trade ids 20 to 20 never landed")
    assert sizes == [2, 2, 2, 2, 1]


def test_a_record_whose_header_names_its_schema_is_found_in_quarantine(layout: LakeLayout) -> None:
    """Who decodes it is given that name before the value, which is another framing of the same."""
    land(layout, range(1, 11), range(12, 31))
    headers = [{"key": "lane", "value": b"x"}, {"key": "__value_schema_id", "value": b"\x01GUID"}]
    quarantine(layout, [(b"BTC/USD", b"11")], headers=headers)
    given: list[bytes] = []

    def decode(values: Sequence[bytes]) -> list[tuple[str, int] | None]:
        given.extend(values)
        return [("BTC/USD", 11)]

    (problem,) = verify(layout, References(trade_ids=decode)).problems
    assert problem.kind is ProblemKind.IN_QUARANTINE
    assert given == [b"\x01GUID11"]


def test_records_that_cannot_be_decoded_may_be_what_is_missing(layout: LakeLayout) -> None:
    """Not asked, not answered, or not trades: the key alone names them."""

    def silent(_: Sequence[bytes]) -> list[tuple[str, int] | None]:
        raise ReferenceUnavailable("no registry")

    land(layout, range(1, 11), range(21, 31))
    quarantine(layout, [(b"BTC/USD", b"?"), (b"BTC/USD", None), (b"ETH/USD", b"?"), (None, b"?")])
    for decode in (None, silent, lambda values: [None] * len(values)):
        (problem,) = verify(layout, References(trade_ids=decode)).problems
        assert problem.kind is ProblemKind.SUSPECTED_GAP
        assert "which holds 2 records of BTC/USD whose ids are not known" in problem.advice


def test_quarantine_is_not_decoded_for_a_lake_without_gaps(layout: LakeLayout) -> None:
    """There is nothing to explain."""

    def refuse(_: Sequence[bytes]) -> list[tuple[str, int] | None]:
        raise AssertionError

    land(layout, range(1, 11))
    quarantine(layout, [(b"BTC/USD", b"11")])
    assert verify(layout, References(trade_ids=refuse)).holds
