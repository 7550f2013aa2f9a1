"""What a page cannot be made of.

ConsoleError
├── NotThere     the lake has no such pair, hour or page
│   └── NoLake   there is no lake, or not yet
├── BadRequest   the address asks for something that cannot be, such as a time out of range
└── TooSlow      the lake did not answer in time
"""

__all__ = ["BadRequest", "ConsoleError", "NoLake", "NotThere", "TooSlow"]


class ConsoleError(Exception):
    """A page that cannot be shown; its message says why and what to do next.

    Attributes:
        status: the HTTP status of the answer.
    """

    status = 500


class NotThere(ConsoleError):
    """The lake has nothing of that name."""

    status = 404


class NoLake(NotThere):
    """There is no lake in this place; one appears with the pipeline's first start."""


class BadRequest(ConsoleError):
    """The address holds a value that cannot be used."""

    status = 400


class TooSlow(ConsoleError):
    """The files could not be read in the time that a page may take."""

    status = 503
