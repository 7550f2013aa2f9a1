import random
import socket
from pathlib import Path

import pytest

from infra.embedded.errors import NoFreePort
from infra.embedded.ports import (
    CANDIDATES,
    LOOPBACK,
    Ports,
    choose_ports,
    is_free,
    recall_ports,
    remember_ports,
)

REMEMBERED = {"broker": 20001, "controller": 20002, "registry": 20003}


def _rng() -> random.Random:
    return random.Random(7)


def test_remembered_ports_are_kept_while_they_are_free() -> None:
    """Exported addresses stay valid after a restart."""
    assert choose_ports(REMEMBERED, lambda _: True, _rng()) == Ports(20001, 20002, 20003)


def test_a_port_that_was_taken_meanwhile_is_replaced_and_the_others_stay() -> None:
    """Only what has to change does."""
    ports = choose_ports(REMEMBERED, lambda port: port != 20002, _rng())
    assert (ports.broker, ports.registry) == (20001, 20003)
    assert ports.controller in CANDIDATES
    assert ports.controller != 20002


def test_fresh_ports_differ_and_lie_below_those_of_outgoing_connections() -> None:
    """No two servers get one port, and no client's connection can take it."""
    ports = choose_ports({}, lambda _: True, _rng())
    chosen = {ports.broker, ports.controller, ports.registry}
    assert len(chosen) == 3
    assert all(port in CANDIDATES for port in chosen)
    assert CANDIDATES.stop <= 32768


def test_no_free_port_is_an_error_that_names_the_server() -> None:
    """It is said what could not be placed, and where was looked."""
    with pytest.raises(NoFreePort, match=r"between 20000 and 30000 is free for the broker"):
        choose_ports({}, lambda _: False, _rng())


def test_a_port_is_free_unless_somebody_listens_on_it() -> None:
    """The system is asked, and asking leaves nothing behind."""
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        server.listen()
        port = server.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)
    assert is_free(port)


def test_ports_are_remembered_in_a_file(tmp_path: Path) -> None:
    """The next start reads what this one wrote."""
    remember_ports(tmp_path / "ports.json", Ports(**REMEMBERED))
    assert recall_ports(tmp_path / "ports.json") == REMEMBERED


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"broker": "many"}'])
def test_a_spoilt_file_is_no_memory(tmp_path: Path, text: str) -> None:
    """It is not worth an error: other ports are chosen."""
    (tmp_path / "ports.json").write_text(text)
    assert recall_ports(tmp_path / "ports.json") == {}
    assert recall_ports(tmp_path / "gone.json") == {}
