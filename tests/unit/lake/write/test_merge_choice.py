import random
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.log.commit import DataFile
from lake.write.merge_choice import MOST_FILES, files_to_merge

ARRIVALS = 12_000
"""Files of an hour and pair at the default trigger of 0.3 s."""
BETWEEN_ROUNDS = 33
"""Files that arrive in ten seconds."""


def file(number: int, rows: int) -> DataFile:
    """A file with that many trades; made without validation, which would take most of the time."""
    return DataFile.model_construct(path=f"part-{number:010d}-00000.parquet", rows=rows)


def simulated(rounds: Sequence[Sequence[int]]) -> tuple[int, float]:
    """The most files after a round, and how often a row is written on average after it landed.

    The final compaction of the closed hour counts.
    """
    files: dict[str, DataFile] = {}
    number = most = written = 0
    for arrivals in rounds:
        for rows in arrivals:
            number += 1
            new = file(number, rows)
            files[new.path] = new
        if merged := files_to_merge(tuple(files.values())):
            number += 1
            for gone in merged:
                del files[gone.path]
            new = file(number, sum(gone.rows for gone in merged))
            files[new.path] = new
            written += new.rows
        most = max(most, len(files))
    landed = sum(rows for arrivals in rounds for rows in arrivals)
    return most, (written + landed) / landed


SIZES: Mapping[str, Callable[[random.Random], int]] = {
    "equal": lambda _: 37,
    "uneven": lambda chance: chance.randint(1, 80),
    "bursts": lambda chance: 2_000 if chance.random() < 0.01 else 10,
    "heavy tail": lambda chance: int(chance.paretovariate(1.1) * 5),
}


@settings(max_examples=3, deadline=None, derandomize=True)
@given(seed=st.integers(), rise=st.floats(0.1, 10.0))
@pytest.mark.parametrize("kind", SIZES)
def test_an_hour_keeps_few_files_and_writes_each_row_four_times(
    kind: str, seed: int, rise: float
) -> None:
    """12,000 synthetic arrivals, steady, rising or falling, and a merge every ten seconds."""
    chance = random.Random(seed)
    sizes = [
        max(1, round(SIZES[kind](chance) * (1 + (rise - 1) * at / ARRIVALS)))
        for at in range(ARRIVALS)
    ]
    most, amplification = simulated(
        [sizes[at : at + BETWEEN_ROUNDS] for at in range(0, ARRIVALS, BETWEEN_ROUNDS)]
    )
    assert most <= MOST_FILES
    assert amplification <= 4


@settings(max_examples=30, deadline=None)
@given(rounds=st.lists(st.lists(st.integers(1, 100_000), max_size=60), min_size=1, max_size=120))
def test_pairs_of_any_pace_keep_few_files(rounds: list[list[int]]) -> None:
    """However many files arrive between rounds, of whatever sizes, and also if none do."""
    most, amplification = simulated([*rounds, [1]])
    assert most <= MOST_FILES
    assert amplification <= 4.5


def test_few_files_are_left_as_they_are() -> None:
    """A quiet pair costs no merge and no commit."""
    assert files_to_merge([file(number, 1) for number in range(MOST_FILES)]) == ()


def test_the_smallest_files_are_merged_and_a_large_one_is_left() -> None:
    """A large file is not written anew for the sake of many small ones."""
    large = file(0, 1_000_000)
    small = [file(number, 10) for number in range(1, 40)]
    assert large not in files_to_merge([large, *small])
