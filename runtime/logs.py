"""Set up the logs of a program: lines for people or JSON for programs, on stderr."""

import logging
import sys
from typing import Literal, TextIO

import structlog
from stamina.instrumentation import RetryDetails, set_on_retry_hooks
from structlog.typing import Processor

__all__ = ["LogFormat", "LogLevel", "configure_logging", "log_retry"]

LogFormat = Literal["console", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]
log = structlog.get_logger(__name__)


def configure_logging(log_format: LogFormat, level: LogLevel) -> None:
    """Send all log lines, ours and the libraries', through one renderer."""
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
    if level != "debug":
        # It logs each call from Spark's JVM, and failures that the program reports itself.
        handler.addFilter(lambda record: not record.name.startswith("py4j"))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for name in ("httpx", "httpcore", "httpx2", "httpcore2", "pyiceberg"):
        # They log every call, which would be a second line per poll, or per look at a table.
        logging.getLogger(name).setLevel(logging.WARNING)
    if level != "debug":
        # While Kafka is down it writes several lines a second; the producer logs what matters
        # of them once.
        logging.getLogger("librdkafka").setLevel(logging.CRITICAL + 1)


class _ToStderr(logging.StreamHandler[TextIO]):
    """Writes to the current `sys.stderr`, which a progress bar replaces."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def _rendering(log_format: LogFormat) -> list[Processor]:
    if log_format == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    # A traceback with the values of variables could show a password.
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]


def log_retry(details: RetryDetails) -> None:
    """Log a retry: which call, why, and when. A hook for stamina.

    stamina's own hook logs the arguments of the call, which are Python objects. Blocks without a
    name are skipped: they log their own retries.
    """
    if details.name == "<context block>":
        return
    log.warning(
        "tried_again",
        call=details.name.rpartition(".")[2].strip("_"),
        attempt=details.retry_num,
        in_seconds=round(details.wait_for, 2),
        reason=" ".join(str(details.caused_by).split()),
    )
