"""A sign of life for whoever watches the producer from outside its process."""

from pathlib import Path

from producer.errors import SettingsUnusable

__all__ = ["Heartbeat"]


class Heartbeat:
    """A file that is touched each time Kraken has answered and Kafka has taken what came.

    Its age tells a health check what the process's being there does not.

    Args:
        file: Where; None: nobody watches.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def beat(self) -> None:
        """Touches the file.

        Raises:
            SettingsUnusable: It cannot be written.
        """
        if self._file is None:
            return
        try:
            self._file.touch()
        except OSError as exc:
            raise SettingsUnusable(
                f"HEARTBEAT_FILE {self._file} cannot be written ({exc.strerror or exc}); name one "
                "in a folder that is there and may be written to, or none"
            ) from exc
