"""Compares the catalogue, a registry and the records of a topic."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from schemas.catalogue import Contract
from schemas.registry.client import same_schema
from schemas.registry.registered import RegisteredVersion
from schemas.registry.topic_usage import UNFRAMED, Usage

__all__ = ["Row", "difference"]


@dataclass(frozen=True)
class Row:
    """One schema.

    Attributes:
        subject: The subject that it belongs to.
        declared: The catalogue's version; empty if the catalogue has none with this content.
        registered: The registry's versions with this content, with their ids; empty if none.
        records: How many of the newest records were written with it; None if Kafka was not asked.
        remark: What is wrong; empty if nothing is.
    """

    subject: str
    declared: str
    registered: str
    records: int | None
    remark: str


def difference(
    subject: str,
    contract: Contract,
    held: Sequence[RegisteredVersion],
    usage: Usage | None,
    guids: Mapping[str, str],
) -> list[Row]:
    """List each schema of the catalogue, then those that only the registry or records have.

    Args:
        subject: The subject's name.
        contract: What the catalogue declares for it.
        held: What the registry holds for it.
        usage: How many of the newest records name which schema; None if Kafka was not asked.
        guids: The text of each GUID that records name and the registry knows.
    """
    left = dict(usage or {})
    taken = _Taken(left, guids)
    rows = [
        _declared_row(subject, str(version), version.text, held, taken)
        for version in contract.versions
    ]
    declared = [version.text for version in contract.versions]
    others = [one for one in held if not any(same_schema(one.text, text) for text in declared)]
    for one in others:
        count = taken([one], one.text)
        rows.append(Row(subject, "", _shown([one]), count, "not in the catalogue"))
    rows += _unknown_rows(subject, left)
    return rows if usage is not None else [_without_records(row) for row in rows]


def _declared_row(
    subject: str, name: str, text: str, held: Sequence[RegisteredVersion], taken: "_Taken"
) -> Row:
    same = [one for one in held if same_schema(one.text, text)]
    remark = "" if same else "not registered: make register-schemas"
    return Row(subject, name.rpartition(" ")[2], _shown(same), taken(same, text), remark)


class _Taken:
    """Counts the records of a schema, and removes them from those not yet assigned to one."""

    def __init__(self, left: dict[int | str, int], guids: Mapping[str, str]) -> None:
        self._left, self._guids = left, guids

    def __call__(self, versions: Sequence[RegisteredVersion], text: str) -> int:
        """Return how many records name one of these versions, by id or by GUID."""
        names: list[int | str] = list({one.schema_id for one in versions})
        names += [guid for guid, known in self._guids.items() if same_schema(known, text)]
        return sum(self._left.pop(name, 0) for name in names)


def _unknown_rows(subject: str, left: Mapping[int | str, int]) -> Iterator[Row]:
    for name, count in sorted(left.items(), key=lambda item: str(item[0])):
        shown = f"id {name}" if isinstance(name, int) else name
        remark = (
            "records that carry no schema id go into quarantine"
            if name == UNFRAMED
            else f"{subject} has no such version in the registry"
        )
        yield Row(subject, "", shown, count, remark)


def _shown(versions: Sequence[RegisteredVersion]) -> str:
    return ", ".join(f"#{one.version} (id {one.schema_id})" for one in versions)


def _without_records(row: Row) -> Row:
    return Row(row.subject, row.declared, row.registered, None, row.remark)
