from dataclasses import replace
from io import StringIO

from rich.console import Console

from lake.verify.result import Problem, ProblemKind, Verification
from lake.verify.tables import show

EMPTY = Verification(commits=1, files=2, quarantined=0, symbols=(), problems=())


def shown(found: Verification) -> list[str]:
    """The lines behind the table."""
    screen = StringIO()
    show(Console(file=screen, width=80), "KRAKEN", found)
    return [line for line in screen.getvalue().splitlines() if line.strip()][2:]


def gaps(symbol: str, count: int) -> tuple[Problem, ...]:
    """So many of one pair."""
    return (Problem(ProblemKind.SUSPECTED_GAP, symbol, "advice"),) * count


def test_many_problems_of_one_kind_are_summed_up() -> None:
    """The first ones are shown, the others counted per pair; other kinds are not buried."""
    file = Problem(ProblemKind.MISSING_FILE, "KRAKEN/a.parquet", "restore it")
    found = Verification(
        commits=1,
        files=2,
        quarantined=0,
        symbols=(),
        problems=(*gaps("BTC/USD", 240_000), *gaps("ETH/USD", 3), file),
    )
    assert shown(found) == [
        *["suspected gap: BTC/USD: advice"] * 10,
        "missing file: KRAKEN/a.parquet: restore it",
        "suspected gap: 239993 more, 239990 of BTC/USD, 3 of ETH/USD; --json has them all.",
        (
            "1 commits, 2 files, 0 records in quarantine. 240004 problems. "
            "Do what is said at each, then run `kraken-lake verify` again."
        ),
    ]


def test_how_many_files_were_read_is_shown() -> None:
    """And how many were known, and why the next run has to read them again."""
    first = replace(EMPTY, files_read=2)
    assert shown(first)[0] == "2 files were read."
    later = replace(EMPTY, files_read=1, files_known=99, not_kept="It will read them: disk full.")
    assert shown(later)[:2] == [
        "1 files were read; 99 have not changed since a former verification proved them.",
        "It will read them: disk full.",
    ]


def test_few_problems_are_shown_one_by_one() -> None:
    """Nothing is left to count."""
    found = Verification(
        commits=1, files=2, quarantined=0, symbols=(), problems=gaps("BTC/USD", 10)
    )
    assert len(shown(found)) == 11
    assert shown(EMPTY)[-1] == "1 commits, 2 files, 0 records in quarantine. The lake is whole."
