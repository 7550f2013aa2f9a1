"""Where every program reads its settings: the environment, and `.env` in the working folder."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["EnvironmentSettings"]


class EnvironmentSettings(BaseSettings):
    """Settings from the environment or `.env`.

    An empty variable counts as unset. Values stay out of messages: they may be passwords.

    Raises:
        ValidationError: A value is wrong, or `.env` is no text.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    def __init__(self, **values: Any) -> None:  # noqa: ANN401 - each class has its own
        try:
            super().__init__(**values)
        except UnicodeDecodeError as error:
            fault = PydanticCustomError("not_text", ".env is no UTF-8 text; save it as UTF-8")
            raise ValidationError.from_exception_data(
                type(self).__name__, [{"type": fault, "input": None}], hide_input=True
            ) from error
