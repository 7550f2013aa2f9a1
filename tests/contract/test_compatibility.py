"""Each version against all earlier ones, in the mode that the catalogue declares."""

from schemas.catalogue import Contract, SchemaVersion
from schemas.checks.compatibility import Mode, NamedSchema, candidate_faults, contract_faults


def test_the_newer_may_follow_the_older(
    newer_and_older: tuple[Contract, SchemaVersion, SchemaVersion],
) -> None:
    """Any two versions of a record read each other as its mode asks, whatever lies between."""
    contract, newer, older = newer_and_older
    faults = candidate_faults(
        NamedSchema(str(newer), newer.text),
        [NamedSchema(str(older), older.text)],
        Mode(contract.mode),
    )
    assert not faults, "\n".join(map(str, faults))


def test_the_whole_history_holds(contract: Contract) -> None:
    """What `kraken-lake schemas check` says about the record: nothing to object to."""
    faults = contract_faults(contract)
    assert not faults, "\n".join(map(str, faults))


def test_the_mode_holds_every_version_to_every_other(contract: Contract) -> None:
    """The mode is FULL_TRANSITIVE: programs may be upgraded, and topics read, in any order."""
    assert Mode(contract.mode) is Mode.FULL_TRANSITIVE
