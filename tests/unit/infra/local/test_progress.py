"""What `make run` says of the pipeline."""

from infra.local.progress import Reading


def test_what_waits_for_an_open_transaction_is_shown_where_there_is_any() -> None:
    """The lake is behind nothing that can be read, and yet not all there is has landed."""
    line = "5 trades landed, 1.5/s, 0 offsets behind Kafka, 2 in quarantine"
    assert str(Reading(landed=5, quarantined=2, lag=0, rate=1.5)) == line
    waits = Reading(landed=5, quarantined=2, lag=0, rate=1.5, waiting=102)
    assert str(waits) == f"{line}, 102 wait for an open transaction"
