"""The stream's own log, on stderr beside Spark's."""

import sys
from typing import Literal

import structlog
from stamina.instrumentation import set_on_retry_hooks

from schemas.registry.retry import log_retry

__all__ = ["LogFormat", "LogLevel", "configure_logs"]

LogFormat = Literal["console", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]


def configure_logs(log_format: LogFormat, level: LogLevel) -> None:
    """Configure the log: text for people, or JSON for programs."""
    renderer = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    set_on_retry_hooks([log_retry])
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
