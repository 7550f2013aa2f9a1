"""The errors that this package raises.

SchemasError
├── CatalogueError             a schema file is missing, misnamed or no valid Avro
├── ReleaseError               a released file changed, or a release was refused
├── FramingError               the bytes of one Kafka value have no valid framing
│   ├── EmptyValue
│   ├── NoMagicByte
│   └── TooShort
└── RegistryError
    ├── TransientRegistryError     the same call may succeed a little later
    │   └── RegistryUnavailable
    └── TerminalRegistryError      the same call fails until something is changed
        ├── RegistryRefused
        ├── RegistryAnswerInvalid
        ├── SubjectNotFound
        ├── SchemaNotFound
        ├── SchemaNotRegistered
        ├── SchemaInvalid
        ├── OperationNotPermitted
        ├── AssociationAmbiguous
        └── IncompatibleSchema
"""

__all__ = [
    "AssociationAmbiguous",
    "CatalogueError",
    "EmptyValue",
    "FramingError",
    "IncompatibleSchema",
    "NoMagicByte",
    "OperationNotPermitted",
    "RegistryAnswerInvalid",
    "RegistryError",
    "RegistryRefused",
    "RegistryUnavailable",
    "ReleaseError",
    "SchemaInvalid",
    "SchemaNotFound",
    "SchemaNotRegistered",
    "SchemasError",
    "SubjectNotFound",
    "TerminalRegistryError",
    "TooShort",
    "TransientRegistryError",
]


class SchemasError(Exception):
    """Base of all errors raised here."""


class CatalogueError(SchemasError):
    """A schema file is missing, misnamed or no valid Avro."""


class ReleaseError(SchemasError):
    """A released file changed or is missing, or a version may not be released."""


class FramingError(SchemasError):
    """The bytes of one Kafka value have none of the framings that this platform reads."""


class EmptyValue(FramingError):
    """The value has no bytes at all."""


class NoMagicByte(FramingError):
    """The schema's name begins with neither of the two magic bytes that serializers write."""


class TooShort(FramingError):
    """The value, or the header, ends within the name of its schema."""


class RegistryError(SchemasError):
    """The schema registry did not do what it was asked."""


class TransientRegistryError(RegistryError):
    """The same call may succeed a little later."""


class TerminalRegistryError(RegistryError):
    """The same call fails until something is changed."""


class RegistryUnavailable(TransientRegistryError):
    """The registry is down, out of reach, too slow, overloaded (429) or failing (5xx)."""


class RegistryRefused(TerminalRegistryError):
    """The credentials are missing, wrong or not allowed to do this (401, 403)."""


class RegistryAnswerInvalid(TerminalRegistryError):
    """The server that answered is no schema registry, or its answer cannot be understood."""


class SubjectNotFound(TerminalRegistryError):
    """The registry holds no such subject."""


class SchemaNotFound(TerminalRegistryError):
    """The registry holds no schema with such an id."""


class SchemaNotRegistered(TerminalRegistryError):
    """The subject exists, but this schema is not among its versions."""


class SchemaInvalid(TerminalRegistryError):
    """The registry says that the schema is not valid Avro (422)."""


class OperationNotPermitted(TerminalRegistryError):
    """The registry's mode forbids it: READONLY, READONLY_OVERRIDE or IMPORT (422/42205)."""


class AssociationAmbiguous(TerminalRegistryError):
    """The registry associates several subjects with one topic."""


class IncompatibleSchema(TerminalRegistryError):
    """The schema may not follow those that are registered for its subject."""
