from pathlib import Path

import pytest

from infra.jars.receipt import FILE_NAME, Receipt, is_current, read_receipt


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder with two files and their receipt."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "a.jar").write_bytes(b"1234")
    (tmp_path / "lib" / "b c.jar").write_bytes(b"12")
    Receipt.of("digest", tmp_path, tmp_path.rglob("*.jar")).write(tmp_path)
    return tmp_path


def test_a_folder_with_all_its_files_is_current(installed: Path) -> None:
    """The receipt reads back, and every file has the size that it says."""
    receipt = read_receipt(installed)
    assert receipt == Receipt("digest", {"a.jar": 4, "lib/b c.jar": 2})
    assert is_current(installed, "digest")


def test_another_lock_is_not_current(installed: Path) -> None:
    """A changed lock means a new installation."""
    assert not is_current(installed, "other")


def test_a_missing_file_is_noticed(installed: Path) -> None:
    """A deleted jar is installed again."""
    (installed / "a.jar").unlink()
    assert not is_current(installed, "digest")


def test_a_file_cut_short_is_noticed(installed: Path) -> None:
    """A file of another size is not the one that was installed."""
    (installed / "a.jar").write_bytes(b"12")
    assert not is_current(installed, "digest")


@pytest.mark.parametrize("text", ["", "digest\nno-size\n", "digest\nmany a.jar\n"])
def test_a_spoilt_receipt_is_none(installed: Path, text: str) -> None:
    """It is not worth an error: the folder is filled again."""
    (installed / FILE_NAME).write_text(text)
    assert read_receipt(installed) is None
    assert not is_current(installed, "digest")
