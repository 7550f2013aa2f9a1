"""How the producer's logs look: lines for people or JSON for machines, on stderr."""

import logging
import sys
from typing import TextIO

import structlog
from stamina.instrumentation import set_on_retry_hooks
from structlog.typing import Processor

from producer.settings import LogFormat, LogLevel
from schemas.registry.retry import log_retry

__all__ = ["configure_logs"]


def configure_logs(log_format: LogFormat, level: LogLevel) -> None:
    """Sends everything that is logged, by us and by the libraries, through one renderer."""
    stamped: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    set_on_retry_hooks([log_retry])
    structlog.configure(
        processors=[*stamped, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *_rendering(log_format),
        ],
        foreign_pre_chain=stamped,
    )
    handler = _ToStderr()
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in ("httpx", "httpcore", "httpx2", "httpcore2"):
        # They tell of every call, which would be a second line a poll.
        logging.getLogger(name).setLevel(logging.WARNING)
    if level != "debug":
        # While Kafka is down it writes several lines a second; what matters of them is told by
        # `producer.kafka.client` once.
        logging.getLogger("librdkafka").setLevel(logging.CRITICAL + 1)


class _ToStderr(logging.StreamHandler[TextIO]):
    """Writes to what `sys.stderr` is at the time: a progress bar puts itself in its place."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def _rendering(log_format: LogFormat) -> list[Processor]:
    if log_format == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
