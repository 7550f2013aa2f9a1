import errno
import json
from pathlib import Path

import pytest

from lake.layout import LakeLayout
from lake.storage.checksum import checksum
from lake.verify.result import ProblemKind
from lake.verify.verification import verify
from tests.unit.lake.lakes import AT, files, kinds, write


def test_a_file_without_a_checksum_is_held_against_its_ids(whole: LakeLayout) -> None:
    """Commits from before checksums name the ids; as many others are noticed, in the very file."""
    path = files(whole)[0]
    forget_checksums(whole)
    write(path, [*range(1, 100), 100], AT)
    size = path.stat().st_size
    write(path, [*range(2, 100), 100, 999], AT)
    path.write_bytes(path.read_bytes().ljust(size, b"\0")[:size])
    found = verify(whole)
    assert {problem.where for problem in found.problems} == {whole.relative(path)}


def test_other_ids_than_committed_are_named_by_their_file(whole: LakeLayout) -> None:
    """The count is right, the ids are not."""
    path = files(whole)[1]
    forget_checksums(whole)
    write(path, range(201, 251), AT)
    assert (ProblemKind.WRONG_IDS, whole.relative(path)) in places(whole)


def test_damaged_pages_without_a_checksum_are_unreadable(whole: LakeLayout) -> None:
    """The footer is fine, what it points to is not; the other file's rows are counted."""
    path = files(whole)[0]
    forget_checksums(whole)
    content = path.read_bytes()
    path.write_bytes(content[:4] + bytes(200) + content[204:])
    assert (ProblemKind.UNREADABLE, whole.relative(path)) in places(whole)
    assert verify(whole).symbols[0].trades == 50


def test_a_truncated_file_is_named(whole: LakeLayout) -> None:
    """By its size and since it is no Parquet any more."""
    path = files(whole)[0]
    path.write_bytes(path.read_bytes()[:-10])
    assert {ProblemKind.WRONG_SIZE, ProblemKind.UNREADABLE} <= kinds(whole)


def test_a_changed_digit_is_named(whole: LakeLayout) -> None:
    """Size and rows are the same, the content is not."""
    path = files(whole)[0]
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)
    assert ProblemKind.CHANGED in kinds(whole)


def test_a_file_that_the_storage_refuses_is_named(
    whole: LakeLayout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bad sector in one file hides nothing of the others."""
    path = files(whole)[0]

    def read(asked: Path) -> str:
        if asked == path:
            raise OSError(errno.EIO, "Input/output error", str(asked))
        return checksum(asked)

    monkeypatch.setattr("lake.verify.checks.file_check.checksum", read)
    (problem,) = [one for one in verify(whole).problems if one.where == whole.relative(path)]
    assert problem.kind is ProblemKind.UNREADABLE
    assert "The storage refuses to read it: Input/output error." in problem.advice


def places(layout: LakeLayout) -> set[tuple[ProblemKind, str]]:
    """What is wrong, and with what."""
    return {(problem.kind, problem.where) for problem in verify(layout).problems}


def forget_checksums(layout: LakeLayout) -> None:
    """Commits as they were before they held checksums."""
    for path in layout.commits.glob("*.json"):
        commit = json.loads(path.read_bytes())
        for file in commit.get("files", ()):
            file["checksum"] = ""
        path.write_text(json.dumps(commit))
