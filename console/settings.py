"""The settings of the pages: the address that they are served at."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from runtime.environment import EnvironmentSettings

__all__ = ["ConsoleSettings"]


class ConsoleSettings(EnvironmentSettings):
    """The pages' settings, from the environment or `.env`.

    Attributes:
        host: CONSOLE_HOST, the address that is listened at.
        port: CONSOLE_PORT, its port.
        allowed_hosts: CONSOLE_ALLOWED_HOSTS, names that a browser may ask for besides localhost,
            separated by commas. Any other name is refused, so that no other site's page can read
            this one through a name that it controls.
    """

    model_config = SettingsConfigDict(env_prefix="CONSOLE_")

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8088
    allowed_hosts: str = ""

    @property
    def names(self) -> frozenset[str]:
        """The host names that are answered, in lower case and without a port."""
        listed = (name.strip().lower() for name in self.allowed_hosts.split(","))
        return frozenset({"127.0.0.1", "localhost", "::1", self.host.lower(), *listed} - {""})
