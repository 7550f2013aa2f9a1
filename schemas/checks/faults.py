"""The faults of a schema or of a change to one: the broken rule, and the field."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["RECORD", "ContractRule", "Fault", "below"]

RECORD = "(record)"


class ContractRule(StrEnum):
    """The rules for a schema, or for a change to one."""

    # One schema by itself.
    VALID_AVRO = "valid_avro"
    VALID_DEFAULT = "valid_default"
    VALID_LOGICAL_TYPE = "valid_logical_type"
    ALIAS_IS_FREE = "alias_is_free"

    # Reading one schema's bytes with another: Avro's own rules of resolution.
    NEW_FIELD_HAS_DEFAULT = "new_field_has_default"
    TYPE_RESOLVES = "type_resolves"
    NAME_KEPT = "name_kept"
    ENUM_SYMBOLS_KNOWN = "enum_symbols_known"
    UNION_BRANCH_KNOWN = "union_branch_known"
    FIXED_SIZE_KEPT = "fixed_size_kept"

    # What Avro allows although it would silently change the meaning of data.
    NAMESPACE_KEPT = "namespace_kept"
    LOGICAL_TYPE_KEPT = "logical_type_kept"
    DECIMAL_KEPT = "decimal_kept"
    TEXT_STAYS_TEXT = "text_stays_text"
    ENUM_SYMBOL_KEPT = "enum_symbol_kept"
    DEFAULT_KEPT = "default_kept"
    ONE_VERSION_HAS_ALL = "one_version_has_all"

    # What the lake's columns and folders cannot hold.
    NAME_IS_FREE = "name_is_free"
    DECIMAL_FITS = "decimal_fits"
    TYPE_IS_STORABLE = "type_is_storable"

    # The registry has rules of its own.
    REGISTRY_AGREES = "registry_agrees"
    REGISTRY_TAKES_VERSIONS = "registry_takes_versions"


@dataclass(frozen=True)
class Fault:
    """One rule broken by one field.

    Attributes:
        field: The field's name, a dotted path in nested records; `(record)` for the whole record.
        rule: The broken rule.
        message: What is wrong, in words that follow "field X".
    """

    field: str
    rule: ContractRule
    message: str


def below(path: str, name: str) -> str:
    """Return the dotted name of a field within the record at `path`."""
    return name if path == RECORD else f"{path}.{name}"
