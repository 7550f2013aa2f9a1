"""The registry's error answers: HTTP status, error code and message."""

from dataclasses import dataclass


@dataclass(eq=False)
class Refusal(Exception):
    """An answer that is no success.

    Attributes:
        status: The HTTP status.
        code: The registry's own `error_code`.
        message: Its sentence.
    """

    status: int
    code: int
    message: str

    @property
    def body(self) -> dict[str, object]:
        """What the answer holds."""
        return {"error_code": self.code, "message": self.message}


def subject_not_found(subject: str) -> Refusal:
    """404/40401."""
    return Refusal(404, 40401, f"Subject '{subject}' not found.")


def version_not_found(version: object) -> Refusal:
    """404/40402."""
    return Refusal(404, 40402, f"Version {version} not found.")


def schema_not_found(schema_id: object = "") -> Refusal:
    """404/40403."""
    return Refusal(404, 40403, f"Schema {schema_id} not found".replace("  ", " "))


def not_deleted_first(subject: str, version: int | None = None) -> Refusal:
    """404/40405 or 40407: a hard delete of what was not deleted softly before."""
    what = f"Subject '{subject}'" + (f" Version {version}" if version else "")
    code = 40407 if version else 40405
    return Refusal(404, code, f"{what} was not deleted first before being permanently deleted")


def already_deleted(subject: str, version: int | None = None) -> Refusal:
    """404/40404 or 40406: a soft delete of what is deleted softly."""
    what = f"Subject '{subject}'" + (f" Version {version}" if version else "")
    code = 40406 if version else 40404
    return Refusal(404, code, f"{what} was soft deleted.Set permanent=true to delete permanently")


def no_config(subject: str) -> Refusal:
    """404/40408."""
    message = f"Subject '{subject}' does not have subject-level compatibility configured"
    return Refusal(404, 40408, message)


def no_mode(subject: str) -> Refusal:
    """404/40409."""
    return Refusal(404, 40409, f"Subject '{subject}' does not have subject-level mode configured")


def incompatible(message: str, code: int) -> Refusal:
    """409; the code is 409 up to 8.1.1 and 40901 from 8.1.5 on."""
    return Refusal(409, code, f"Schema being registered is incompatible with an earlier {message}")


def invalid_schema(details: str) -> Refusal:
    """422/42201."""
    return Refusal(422, 42201, f"Invalid schema, details: {details}")


def invalid_version(version: str) -> Refusal:
    """422/42202."""
    message = f"The specified version '{version}' is not a valid version id."
    return Refusal(422, 42202, message)


def invalid_level() -> Refusal:
    """422/42203."""
    return Refusal(422, 42203, "Invalid compatibility level. Valid values are none, backward, ...")


def invalid_mode() -> Refusal:
    """422/42204."""
    return Refusal(422, 42204, "Invalid mode. Valid values are READWRITE, READONLY and IMPORT")


def not_permitted(message: str) -> Refusal:
    """422/42205."""
    return Refusal(422, 42205, message)


def invalid_association(detail: str) -> Refusal:
    """422/42212."""
    return Refusal(422, 42212, f"The association specified an invalid value: {detail}")
