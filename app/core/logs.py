"""What the service says while it runs: one JSON line for each thing that happens, on standard output, without content."""

import logging
from typing import Final

import structlog
from structlog.typing import Processor

_STEPS: Final[list[Processor]] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    structlog.processors.JSONRenderer(),
]


def configure() -> None:
    """Each logger is put together at its first line and kept; it keeps these same steps, so that they can be listened in on."""
    structlog.configure(
        processors=_STEPS,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
