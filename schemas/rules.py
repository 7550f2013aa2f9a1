"""What a trade must fulfil beside its schema: rules that Avro cannot express.

They are declared in `<record>/rules.json`, and each can be asked in SQL, as the consumer does, or
in Python, where there is no Spark. Unlike a schema they may change at any time; what was refused
under a former rule can be judged again.
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

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NO_TIMESTAMP: Final = -1000
"""Kafka's -1 milliseconds for a record without a timestamp, in microseconds."""


class Rule(BaseModel):
    """One rule about one field.

    Attributes:
        name: What a refused record is marked with.
        field: The field that it is about.
        doc: Why it is so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    field: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    doc: Annotated[str, Field(min_length=1)]

    @property
    @abstractmethod
    def sql(self) -> str:
        """A Spark SQL condition, true where the rule holds.

        It is over the record's fields and `kafka_timestamp`, the broker's time of the record.
        """

    @abstractmethod
    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether a record fulfils the rule.

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
        """Whether the field is above the bound."""
        return bool(values[self.field] > self.bound)


class Matches(Rule):
    """The field is text that a regular expression matches from end to end.

    The expression keeps to what Python's and Java's dialects have in common.
    """

    check: Literal["matches"]
    pattern: str

    @property
    def sql(self) -> str:
        r"""`symbol RLIKE r'^(?:[A-Z]+)\z'`."""
        return rf"{self.field} RLIKE r'^(?:{self.pattern})\z'"

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether the whole text matches."""
        return re.fullmatch(self.pattern, values[self.field]) is not None


class _ByMoment(Rule):
    """The field is a time, held against a given moment."""

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
        """Whether the field is at the moment or after it."""
        return bool(values[self.field] >= self.moment)


class Before(_ByMoment):
    """The field is a time, and before a given moment."""

    check: Literal["before"]

    @property
    def sql(self) -> str:
        """`executed_at < TIMESTAMP '2262-01-01 00:00:00Z'`."""
        return f"{self.field} < {self._moment_in_sql}"

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether the field is before the moment."""
        return bool(values[self.field] < self.moment)


class NotAhead(Rule):
    """The field is a time, and at most so much ahead of another.

    A record without a Kafka timestamp is judged without it: the rule holds. Kafka writes -1 for
    none, and Spark gives that as the millisecond before 1970.
    """

    check: Literal["not_ahead"]
    of: Literal["kafka_timestamp"]
    by: timedelta

    @property
    def sql(self) -> str:
        """`(unix_micros(executed_at) <= unix_micros(kafka_timestamp) + 86400000000 OR ...)`.

        In whole numbers: Spark adds an interval by way of the calendar, ten times as slowly.
        """
        ahead = self.by // timedelta(microseconds=1)
        is_near = f"unix_micros({self.field}) <= unix_micros({self.of}) + {ahead}"
        return f"({is_near} OR {self.of} IS NULL OR unix_micros({self.of}) = {_NO_TIMESTAMP})"

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether the field is at most so much ahead."""
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
    """The rules of one record, in the order in which they are asked.

    Raises:
        CatalogueError: The file is missing or says what is no rule.
    """
    path = folder / record / "rules.json"
    try:
        return _RULES.validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise CatalogueError(f"{path} holds no rules: {error}") from error


def rules_of(record: str, folder: Path = SCHEMAS_FOLDER) -> tuple[Rule, ...]:
    """The rules of one record; none where the record has no such file.

    Raises:
        CatalogueError: The file says what is no rule.
    """
    return load_rules(record, folder) if (folder / record / "rules.json").is_file() else ()


def broken_rules(rules: tuple[Rule, ...], values: Mapping[str, Any]) -> list[Rule]:
    """The rules that a record breaks, in their order; see `Rule.holds` for the values."""
    return [rule for rule in rules if not rule.holds(values)]
