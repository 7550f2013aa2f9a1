"""What is wrong with `.env` itself."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from runtime.environment import EnvironmentSettings
from runtime.settings import validation_message
from tests.settings_classes import SETTINGS


@pytest.mark.parametrize("settings", SETTINGS)
def test_a_file_that_is_no_text_is_named(
    settings: type[EnvironmentSettings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By every program, in the way that it says what is wrong with a variable."""
    monkeypatch.chdir(tmp_path)
    Path(".env").write_bytes(b"EXCHANGE=KR\xc4KEN\n")
    with pytest.raises(ValidationError) as raised:
        settings()
    assert validation_message(raised.value) == ".env is no UTF-8 text; save it as UTF-8"
