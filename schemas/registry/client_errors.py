"""Converts the errors of Confluent's client to those of `schemas.errors`.

The HTTP status decides, since a conflict's `error_code` depends on the registry's release. The
`error_code` decides only where one status has several meanings: 422 is an invalid schema (42201) or
an operation that the registry's mode forbids (42205), among others.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

# The client passes on transport errors of whichever httpx it found; only this module of its own
# says which one that is.
from confluent_kafka.schema_registry.common._httpx_compat import httpx
from confluent_kafka.schema_registry.error import OAuthTokenError, SchemaRegistryError

from schemas.errors import (
    IncompatibleSchema,
    OperationNotPermitted,
    RegistryAnswerInvalid,
    RegistryError,
    RegistryRefused,
    RegistryUnavailable,
    SchemaInvalid,
)

__all__ = ["translated_errors"]

_TOKEN_REFUSED = ("invalid_client", "unauthorized_client", "invalid_scope", "access_denied")
"""The answers of a token server that a retry does not change (RFC 6749, 5.2)."""
_SCHEMA_INVALID = 42201
_NOT_PERMITTED = 42205


@contextmanager
def translated_errors(url: str, not_found: RegistryError) -> Iterator[None]:
    """Convert whatever the client raises inside the block to a RegistryError.

    Args:
        url: Where the registry is, for the message.
        not_found: The error to raise if the registry says that it has no such thing.

    Raises:
        RegistryError: Always one of its subclasses.
    """
    try:
        yield
    except SchemaRegistryError as error:
        raise _as_registry_error(error, url, not_found) from error
    except OAuthTokenError as error:
        raise _no_token(error, url) from error
    except httpx.TimeoutException as error:
        raise RegistryUnavailable(
            f"the schema registry at {url} did not answer in time ({type(error).__name__}); is it "
            "overloaded? SCHEMA_REGISTRY_TIMEOUT_SECONDS is how long a call may take"
        ) from error
    except httpx.TransportError as error:
        raise RegistryUnavailable(
            f"the schema registry at {url} cannot be reached: "
            f"{str(error) or type(error).__name__}; is it running, is SCHEMA_REGISTRY_URL right?"
        ) from error
    except (httpx.HTTPError, ValueError, TypeError, KeyError, AttributeError) as error:
        # The client trusts every 2xx body to be what it expects.
        raise RegistryAnswerInvalid(
            f"what answers at {url} is no schema registry ({type(error).__name__}: {error}); "
            "is SCHEMA_REGISTRY_URL right?"
        ) from error


def _as_registry_error(
    error: SchemaRegistryError, url: str, not_found: RegistryError
) -> RegistryError:
    status, message = error.http_status_code, error.error_message
    code: object = error.error_code  # None where the body names none
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return RegistryRefused(
            f"the schema registry at {url} refuses access (HTTP {status}); are "
            "SCHEMA_REGISTRY_USERNAME and SCHEMA_REGISTRY_PASSWORD, or "
            "SCHEMA_REGISTRY_BEARER_TOKEN, right?"
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return RegistryUnavailable(
            f"the schema registry at {url} is unwell (HTTP {status}): {message}"
        )
    if status == HTTPStatus.CONFLICT:
        return IncompatibleSchema(f"the schema registry at {url} says: {message}")
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return _unprocessable(code, url, message)
    # A registry's own 404 carries a code of five digits; a plain one means a wrong address.
    if status == HTTPStatus.NOT_FOUND and isinstance(code, int) and code // 100 == status:
        return not_found
    return RegistryAnswerInvalid(
        f"{url} gives an unexpected answer (HTTP {status}): {message}; "
        "is SCHEMA_REGISTRY_URL right?"
    )


def _no_token(error: OAuthTokenError, url: str) -> RegistryError:
    settings = "see SCHEMA_REGISTRY_OAUTH_TOKEN_URL and the other SCHEMA_REGISTRY_OAUTH_ settings"
    if any(code in str(error) for code in _TOKEN_REFUSED):
        return RegistryRefused(f"no token for the schema registry at {url}: {error}; {settings}")
    return RegistryUnavailable(f"no token for the schema registry at {url}: {error}; {settings}")


def _unprocessable(code: object, url: str, message: str) -> RegistryError:
    if code == _NOT_PERMITTED:
        return OperationNotPermitted(
            f"the schema registry at {url} does not permit this: {message}; its mode is shown by "
            "GET /mode, and by `kraken-lake schemas check`"
        )
    if code == _SCHEMA_INVALID:
        return SchemaInvalid(f"the schema registry at {url} takes this for no Avro: {message}")
    return RegistryAnswerInvalid(f"the schema registry at {url} says (HTTP 422, {code}): {message}")
