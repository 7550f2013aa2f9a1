"""A sign of life for whoever watches the producer from outside its process."""

from pathlib import Path

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
            OSError: It cannot be written.
        """
        if self._file is not None:
            self._file.touch()
