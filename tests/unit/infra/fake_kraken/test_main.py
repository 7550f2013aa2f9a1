import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.engine import ROOT


@contextmanager
def replay(*options: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """Run the program, and return the two lines that it prints once it listens."""
    program = subprocess.Popen(
        [sys.executable, "-m", "infra.fake_kraken", *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout is not None
        yield program, [program.stdout.readline().strip() for _ in range(2)]
    finally:
        program.kill()
        program.communicate()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_the_recording_until_stopped(stop: signal.Signals) -> None:
    """It prints what it serves and the setting to use, and ends with 0."""
    with replay() as (program, (what, setting)):
        assert what == "Replaying recorded trades of XBT/USDT"
        url = setting.removeprefix("KRAKEN_API_URL=")
        answer = httpx.get(f"{url}/0/public/Trades", params={"pair": "XBTUSDT"}).json()
        assert len(answer["result"]["XBTUSDT"]) == 1000
        program.send_signal(stop)
        assert program.wait(timeout=60) == 0


def test_it_serves_made_up_trades_with_faults() -> None:
    """As many pairs and trades as asked for, and the fault that was asked for."""
    options = ["--synthetic", "5", "--pairs", "2", "--fault", "http-503"]
    with replay(*options) as (_, (what, setting)):
        assert what == "Replaying synthetic trades of SYN1/USDT, SYN2/USDT"
        url = setting.removeprefix("KRAKEN_API_URL=") + "/0/public/Trades"
        answers = [httpx.get(url, params={"pair": "SYN2USDT"}) for _ in range(2)]
        assert answers[0].status_code == 503
        assert len(answers[1].json()["result"]["SYN2USDT"]) == 5


def test_it_lists_made_up_pairs_beside_the_recorded_one() -> None:
    """As many as asked for, and says which are which."""
    with replay("--more-pairs", "1400") as (_, (recorded, synthetic)):
        assert recorded == "Replaying recorded trades of XBT/USDT"
        assert synthetic.startswith("Replaying synthetic trades of SYN1/USDT, SYN2/USDT, ")
        assert synthetic.endswith(" ... SYN1400/USDT (1400 pairs)")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--recording", "none.json"], "replay: none.json is no recorded answer"),
        (["--fault", "explode"], "replay: {'kind': 'explode'} is not a fault"),
    ],
)
def test_a_mistake_is_one_line(options: list[str], message: str) -> None:
    """No traceback, and no zero."""
    with replay(*options) as (program, _):
        _, errors = program.communicate(timeout=60)
        assert program.returncode == 1
        assert errors.startswith(message)
        assert errors.count("\n") == 1
