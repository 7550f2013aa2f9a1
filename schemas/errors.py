"""Everything that this package raises.

SchemasError
├── CatalogueError             a schema file is missing, misnamed or no valid Avro
├── ReleaseError               a released file changed, or a release was refused
├── FramingError               the bytes of one Kafka value are not framed as ours are
│   ├── EmptyValue
│   ├── NoMagicByte
│   └── TooShort
└── RegistryError
    ├── TransientRegistryError     the same call may succeed a little later
    │   └── RegistryUnavailable
    └── TerminalRegistryError      it will not, until somebody changes something
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


class SchemasError(Exception):
    """Base of all errors raised here."""


class CatalogueError(SchemasError):
    """A schema file is missing, misnamed or no valid Avro."""


class ReleaseError(SchemasError):
    """A released file changed or is missing, or a version may not be released."""


class FramingError(SchemasError):
    """The bytes of one Kafka value are not framed as this platform frames them."""


class EmptyValue(FramingError):
    """The value has no bytes at all."""


class NoMagicByte(FramingError):
    """What should name a schema begins with neither of the two bytes that serializers write."""


class TooShort(FramingError):
    """The value, or the header, ends within the name of its schema."""


class RegistryError(SchemasError):
    """The schema registry did not give what was asked of it."""


class TransientRegistryError(RegistryError):
    """The same call may succeed a little later."""


class TerminalRegistryError(RegistryError):
    """The call fails until somebody changes something."""


class RegistryUnavailable(TransientRegistryError):
    """Down, out of reach, too slow, overloaded (429) or at fault itself (5xx)."""


class RegistryRefused(TerminalRegistryError):
    """The credentials are missing, wrong or not allowed to do this (401, 403)."""


class RegistryAnswerInvalid(TerminalRegistryError):
    """What answered is no schema registry, or not one whose answer can be understood."""


class SubjectNotFound(TerminalRegistryError):
    """The registry holds no such subject."""


class SchemaNotFound(TerminalRegistryError):
    """The registry holds no schema with such an id."""


class SchemaNotRegistered(TerminalRegistryError):
    """The subject exists, this schema is not among its versions."""


class SchemaInvalid(TerminalRegistryError):
    """The registry takes the schema for no valid Avro (422)."""


class OperationNotPermitted(TerminalRegistryError):
    """The registry's mode forbids it: READONLY, READONLY_OVERRIDE or IMPORT (422/42205)."""


class AssociationAmbiguous(TerminalRegistryError):
    """The registry associates several subjects with one topic."""


class IncompatibleSchema(TerminalRegistryError):
    """The schema may not follow those that are registered for its subject."""
