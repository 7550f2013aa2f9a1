"""Touch a file that a health check watches."""

from pathlib import Path

from producer.errors import SettingsUnusable

__all__ = ["Heartbeat"]


class Heartbeat:
    """A file that is touched each time Kraken has answered and Kafka has taken the answer.

    Its age shows whether the producer works; that the process exists does not.

    Args:
        file: The file to touch; None to touch none.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def beat(self) -> None:
        """Touch the file.

        Raises:
            SettingsUnusable: It cannot be written.
        """
        if self._file is None:
            return
        try:
            self._file.touch()
        except OSError as error:
            raise SettingsUnusable(
                f"HEARTBEAT_FILE {self._file} cannot be written ({error.strerror or error}); name "
                "a file in an existing folder that the producer may write to, or leave it empty"
            ) from error
