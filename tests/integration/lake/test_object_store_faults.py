import pytest

import lake
from infra.object_store.proxy import Fault, Request, StoreProxy
from lake.errors import StoreRefused, WriterFenced
from lake.layout import LakeLayout
from lake.settings import LakeSettings
from lake.storage import object_client
from lake.write.writer import LakeWriter
from tests.object_store.lakes import fresh_clients, layout, proxy
from tests.unit.lake.lakes import HOUR
from tests.unit.lake.store.landing import by_files, land, staged

__all__ = ["fresh_clients", "layout", "proxy"]


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "does not accept the credentials"),
        ({"AWS_ACCESS_KEY_ID": "nobody"}, "does not accept the credentials"),
        ({"AWS_REGION": "eu-north-7"}, "in another region: set AWS_REGION"),
        ({"BASE_OUTPUT_PATH": "s3://there-is-none/lake"}, "there is no such bucket"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "does not answer"),
        ({"AWS_PROFILE": "nobody"}, "AWS_PROFILE is nobody"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_wrong_settings(
    layout: LakeLayout, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], message: str
) -> None:
    """Reading and writing say what is wrong, with the bucket, and nothing is written."""
    land(layout, {HOUR: [1]})
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    object_client._CLIENTS.clear()
    wrong = LakeSettings().layout
    with pytest.raises(StoreRefused, match=message) as read:
        lake.files(wrong)
    with pytest.raises(StoreRefused, match=message):
        land(wrong, {HOUR: [2]}, run="r2")
    assert "AWS_PROFILE" in variables or str(wrong.base) in str(read.value)
    assert "\n" not in str(read.value)


def is_commit(request: Request) -> bool:
    """Whether a request writes a commit."""
    return request.is_conditional and "/commits/" in request.key


@pytest.mark.parametrize(
    "fault", [Fault.SLOW_DOWN, Fault.FAILED, Fault.CONFLICT, Fault.CUT_REQUEST, Fault.LOST_ANSWER]
)
def test_a_commit_lands_once_whatever_happens_to_its_answer(
    proxy: StoreProxy, layout: LakeLayout, fault: Fault
) -> None:
    """It is sent again, and recognized if it was there."""
    land(layout, {HOUR: [1]})
    left = [fault, fault]
    proxy.fault = lambda request: left.pop() if left and is_commit(request) else None
    land(layout, {HOUR: [2]}, run="r2")
    assert left == []
    assert by_files(layout) == [("BTC_USD", 1), ("BTC_USD", 2)]


@pytest.mark.parametrize("fault", [Fault.FORBIDDEN, Fault.SLOW_DOWN])
def test_a_store_that_goes_on_refusing(proxy: StoreProxy, layout: LakeLayout, fault: Fault) -> None:
    """The writer stops with a sentence; nothing is lost, and the next start goes on."""
    land(layout, {HOUR: [1]})
    with LakeWriter.open(layout, run_id="r2") as writer:
        uploaded = staged(writer, 0, {HOUR: [2]})
        proxy.fault = lambda request: fault if is_commit(request) else None
        with pytest.raises(StoreRefused, match="Nothing was lost"):
            writer.commit(uploaded)
    proxy.fault = lambda _: None
    land(layout, {HOUR: [2]}, run="r3")
    assert by_files(layout) == [("BTC_USD", 1), ("BTC_USD", 2)]


def test_a_store_without_conditional_writes_is_refused(
    proxy: StoreProxy, layout: LakeLayout
) -> None:
    """By trying it at each start."""
    proxy.fault = lambda _: Fault.BLIND
    with pytest.raises(StoreRefused, match="ignores the condition"):
        land(layout, {HOUR: [1]})


def test_two_streams(layout: LakeLayout) -> None:
    """The newer one goes on alone."""
    land(layout, {HOUR: [1]})
    with LakeWriter.open(layout, run_id="old") as old:
        with LakeWriter.open(layout, run_id="new") as new:
            new.commit(staged(new, 0, {HOUR: [2]}))
        with pytest.raises(WriterFenced):
            old.commit(staged(old, 0, {HOUR: [2]}))
    assert by_files(layout) == [("BTC_USD", 1), ("BTC_USD", 2)]
