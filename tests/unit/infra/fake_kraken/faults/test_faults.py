import pytest

from infra.fake_kraken.errors import FaultInvalid
from infra.fake_kraken.faults.faults import ArmedFault, Fault, FaultKind, parse_fault, read_fault


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("cut", Fault(kind=FaultKind.CUT)),
        ("http-520:times=3", Fault(kind=FaultKind.HTTP_520, times=3)),
        (
            "jump:trades=5,after=2,times=always,pair=XBTUSDT",
            Fault(kind=FaultKind.JUMP, trades=5, after=2, times="always", pair="XBTUSDT"),
        ),
        (
            "slow:seconds=0.5,endpoint=Time",
            Fault(kind=FaultKind.SLOW, seconds=0.5, endpoint="Time"),
        ),
        (
            "error:message=EAPI:Invalid nonce",
            Fault(kind=FaultKind.ERROR, message="EAPI:Invalid nonce"),
        ),
    ],
)
def test_a_fault_is_read_from_a_command_line(text: str, fault: Fault) -> None:
    """Its kind, then its settings."""
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "kind"),
        ("explode", "kind"),
        ("cut:times=0", "times"),
        ("cut:times=often", "times"),
        ("cut:after=-1", "after"),
        ("cut:when=later", "when"),
        ("cut:endpoint=Ticker", "endpoint"),
        ("slow:seconds=soon", "seconds"),
    ],
)
def test_a_fault_that_does_not_exist_is_refused(text: str, reason: str) -> None:
    """The message names the setting, and the kinds that there are."""
    with pytest.raises(FaultInvalid, match=f"{reason}: .*http-520"):
        parse_fault(text)


@pytest.mark.parametrize("settings", [None, [], 5, {"kind": "cut", "times": None}])
def test_settings_of_another_form_are_refused(settings: object) -> None:
    """What a running server is sent is checked the same way."""
    with pytest.raises(FaultInvalid):
        read_fault(settings)


def test_a_fault_strikes_after_so_many_answers_so_many_times() -> None:
    """Two pass, three are spoiled, the rest pass."""
    armed = ArmedFault(Fault(kind=FaultKind.CUT, after=2, times=3))
    assert [armed.strikes() for _ in range(8)] == [False] * 2 + [True] * 3 + [False] * 3
    assert armed.fired == 3
    assert armed.spent


def test_a_fault_may_strike_always() -> None:
    """It is never spent."""
    armed = ArmedFault(Fault(kind=FaultKind.CUT, times="always"))
    assert all(armed.strikes() for _ in range(100))
    assert not armed.spent
