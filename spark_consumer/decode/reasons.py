"""The reasons for which a record is quarantined."""

from enum import StrEnum

__all__ = ["Reason"]


class Reason(StrEnum):
    """What is wrong with a record; the value is written to the quarantine's files."""

    TOO_LARGE = "too large"
    EMPTY_VALUE = "empty value"
    NO_MAGIC_BYTE = "no magic byte"
    BAD_HEADER = "header that names no schema"
    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    UNKNOWN_SCHEMA_ID = "unknown schema id"
    UNKNOWN_SCHEMA_GUID = "unknown schema GUID"
    FOREIGN_SCHEMA_ID = "schema id of another subject"
    FOREIGN_SCHEMA_GUID = "schema GUID of another subject"
    REFUSED_SCHEMA = "schema that the contract refuses"
    UNDECODABLE = "undecodable"
    BYTES_LEFT_OVER = "bytes left over"
    NO_TEXT = "text that is no UTF-8"
    INEXACT = "value that its column cannot hold exactly"
    RULE_BROKEN = "rule broken"
