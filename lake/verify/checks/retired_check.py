"""Checks the proofs of retired trades against the commit log."""

from collections.abc import Iterator, Mapping

from lake.errors import LakeDamaged
from lake.id_ranges import IdRanges
from lake.layout import LakeLayout, symbol_from_folder
from lake.log.commit import RetirementProof
from lake.log.retirement_file import read_retired
from lake.log.snapshot import Snapshot
from lake.verify.checks.lake_files_check import LakeFilesCheck
from lake.verify.result import Problem, ProblemKind

__all__ = ["check_retired"]


def check_retired(
    layout: LakeLayout,
    snapshot: Snapshot,
    files: LakeFilesCheck,
    *,
    live: Mapping[str, IdRanges],
    retired: Mapping[str, IdRanges],
) -> Iterator[Problem]:
    """Yield what is wrong with proofs, and pairs with trades that are retired and in the lake.

    A proof that a former verification found good is not read again.

    Args:
        layout: the lake.
        snapshot: its files.
        files: the check of these files.
        live: the ids in the lake's files, per symbol folder.
        retired: the ids that the commits retired.
    """
    for path, proof in snapshot.retired.items():
        check = files.checks.get(path)
        if check is not None and not check.problems and not check.is_known:
            yield from _differences(layout, proof, retired)
    for folder, ids in retired.items():
        again = list(ids.within(live.get(folder, IdRanges())))
        if again:
            yield Problem(
                ProblemKind.DUPLICATES,
                symbol_from_folder(folder),
                f"Trade ids {again[0][0]} to {again[-1][1]} were retired, and files of the lake "
                "hold some of them. Restore the folder of the commits from a copy.",
            )


def _differences(
    layout: LakeLayout, proof: RetirementProof, retired: Mapping[str, IdRanges]
) -> Iterator[Problem]:
    try:
        hours = list(read_retired(layout.base / proof.path))
    except LakeDamaged as error:
        yield Problem(ProblemKind.UNREADABLE, proof.path, str(error))
        return
    unknown = [
        one
        for one in hours
        if not all(retired.get(one.symbol, IdRanges()).covers(*run) for run in one.ids)
    ]
    if unknown or sum(one.trades for one in hours) != proof.trades:
        advice = (
            f"It does not state the {proof.trades} trades that commit {proof.commit} retired. "
            "Restore it from a copy of the lake."
        )
        yield Problem(ProblemKind.WRONG_IDS, proof.path, advice)
