"""The rules that a trade must satisfy besides its schema, which Avro cannot express.

They are declared in `<record>/rules.json`. Each can be checked in SQL, as the consumer does, or in
Python, where there is no Spark. Unlike a schema they may change at any time; records that an
earlier rule refused can be replayed.
"""

import re
from abc import abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from schemas.catalogue import SCHEMAS_FOLDER
from schemas.errors import CatalogueError

__all__ = [
    "Above",
    "Before",
    "Matches",
    "NotAhead",
    "NotBefore",
    "Rule",
    "load_rules",
    "rules_of",
]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NO_TIMESTAMP: Final = -1000
"""Kafka's -1 milliseconds for a record without a timestamp, in microseconds."""


class Rule(BaseModel):
    """One rule about one field.

    Attributes:
        name: The name that a refused record is marked with.
        field: The field that it checks.
        doc: Why there is this rule.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    field: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    doc: Annotated[str, Field(min_length=1)]

    @property
    @abstractmethod
    def sql(self) -> str:
        """A Spark SQL condition that is true if the rule holds.

        It uses the record's fields and `kafka_timestamp`, the record's timestamp in Kafka.
        """

    @abstractmethod
    def holds(self, values: Mapping[str, Any]) -> bool:
        """Return whether a record satisfies the rule.

        Args:
            values: The record's fields by name and, as in `sql`, `kafka_timestamp`.
        """


class Above(Rule):
    """The field is a number greater than a bound."""

    check: Literal["above"]
    bound: Decimal

    @property
    def sql(self) -> str:
        """`price > 0`."""
        return f"{self.field} > {self.bound:f}"

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Return whether the field is above the bound."""
        return bool(values[self.field] > self.bound)


class Matches(Rule):
    """The field is text that a regular expression matches from end to end.

    The expression uses only what Python's and Java's dialects have in common.
    """

    check: Literal["matches"]
    pattern: str

    @property
    def sql(self) -> str:
        r"""`symbol RLIKE r'^(?:[A-Z]+)\z'`."""
        return rf"{self.field} RLIKE r'^(?:{self.pattern})\z'"

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Return whether the whole text matches."""
        return re.fullmatch(self.pattern, values[self.field]) is not None


class _ByMoment(Rule):
    """The field is a time that is compared with a given one."""

    moment: AwareDatetime

    @property
    def _moment_in_sql(self) -> str:
        return f"TIMESTAMP '{self.moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z'"


class NotBefore(_ByMoment):
    """The field is a time, and not before a given moment."""

    check: Literal["not_before"]

    @property
    def sql(self) -> str:
        """`executed_at >= TIMESTAMP '2009-01-03 00:00:00Z'`."""
        return f"{self.field} >= {self._moment_in_sql}"

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Return whether the field is at that time or after it."""
        return bool(values[self.field] >= self.moment)


class Before(_ByMoment):
    """The field is a time, and before a given moment."""

    check: Literal["before"]

    @property
    def sql(self) -> str:
        """`executed_at < TIMESTAMP '2262-01-01 00:00:00Z'`."""
        return f"{self.field} < {self._moment_in_sql}"

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Return whether the field is before that time."""
        return bool(values[self.field] < self.moment)


class NotAhead(Rule):
    """The field is a time that is at most this much later than another.

    For a record without a Kafka timestamp the rule holds. Kafka writes -1 for none, which Spark
    returns as the millisecond before 1970.
    """

    check: Literal["not_ahead"]
    of: Literal["kafka_timestamp"]
    by: timedelta

    @property
    def sql(self) -> str:
        """`(unix_micros(executed_at) <= unix_micros(kafka_timestamp) + 86400000000 OR ...)`.

        It uses whole numbers: Spark adds an interval with calendar arithmetic, ten times slower.
        """
        ahead = self.by // timedelta(microseconds=1)
        is_near = f"unix_micros({self.field}) <= unix_micros({self.of}) + {ahead}"
        return f"({is_near} OR {self.of} IS NULL OR unix_micros({self.of}) = {_NO_TIMESTAMP})"

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Return whether the field is at most that much later."""
        other: datetime | None = values[self.of]
        if other is None or other - _EPOCH == timedelta(microseconds=_NO_TIMESTAMP):
            return True
        return bool(values[self.field] <= other + self.by)


_RULES: TypeAdapter[tuple[Rule, ...]] = TypeAdapter(
    tuple[
        Annotated[Above | Matches | NotBefore | Before | NotAhead, Field(discriminator="check")],
        ...,
    ]
)


def load_rules(record: str = "trade", folder: Path = SCHEMAS_FOLDER) -> tuple[Rule, ...]:
    """Read the rules of one record, in the order in which they are checked.

    Raises:
        CatalogueError: The file is missing or holds an invalid rule.
    """
    path = folder / record / "rules.json"
    try:
        return _RULES.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise CatalogueError(f"{path} holds no rules: {error}") from error


def rules_of(record: str, folder: Path = SCHEMAS_FOLDER) -> tuple[Rule, ...]:
    """Read the rules of one record; none if the record has no such file.

    Raises:
        CatalogueError: The file holds an invalid rule.
    """
    return load_rules(record, folder) if (folder / record / "rules.json").is_file() else ()
