"""The steps of the pipeline: rate, lag and age of each, and where it stands still."""

from collections.abc import Sequence
from dataclasses import dataclass

from console.services.broker import BrokerReading
from console.services.inquiry import Answer
from console.web.site import STALE_AFTER, Site
from console.web.values import age, amount
from runtime.clock import utc_now

__all__ = ["PipelineVerdict", "Step", "pipeline_steps", "pipeline_verdict"]


@dataclass(frozen=True)
class Step:
    """One step of the pipeline, in the words of the drawing in the README.

    Attributes:
        name: its name.
        does: what it does.
        state: ok, late, down or unknown.
        rate: how much passes it.
        lag: what waits before it.
        age: how old the newest that passed it is.
        text: what is wrong or worth knowing; empty if nothing is.
        command: the command to run next; empty if there is nothing to do.
    """

    name: str
    does: str
    state: str
    rate: str = "—"
    lag: str = "—"
    age: str = "—"
    text: str = ""
    command: str = ""


@dataclass(frozen=True)
class PipelineVerdict:
    """Where the pipeline stands still.

    Attributes:
        text: the answer, in a sentence or two.
        command: the command to run next; empty if there is nothing to do.
    """

    text: str
    command: str = ""


def pipeline_verdict(steps: Sequence[Step]) -> PipelineVerdict:
    """Name the first step that is late or down; what comes after it only waits for it."""
    at_fault = [step for step in steps if step.state in {"late", "down"}]
    if not at_fault:
        return _verdict_of_none_late(steps)
    first, *others = at_fault
    named = f"{first.name} is {first.state}: {first.text}".rstrip()
    also = f" Also: {', '.join(f'{one.name} is {one.state}' for one in others)}." if others else ""
    return PipelineVerdict(named + also, first.command)


def _verdict_of_none_late(steps: Sequence[Step]) -> PipelineVerdict:
    unknown = [step.name for step in steps if step.state == "unknown"]
    text = f"Nothing is late, as far as known: not {', '.join(unknown)}." if unknown else ""
    for step in steps:
        if step.command:
            remark = f"{text or 'Nothing is late.'} {step.name}: {step.text}"
            return PipelineVerdict(remark, step.command)
    return PipelineVerdict(text or "Nothing is late.")


def pipeline_steps(site: Site) -> list[Step]:
    """Describe every step, from Kraken to the Parquet files."""
    kafka = site.broker.answer()
    lag = _lag(site, kafka)
    return [*_to_kafka(site, kafka), _kafka(site, kafka, lag), *_from_kafka(site, lag)]


def _lag(site: Site, kafka: Answer[BrokerReading]) -> int | None:
    """Count the offsets that the lake has not reached; None if that is not known."""
    newest = site.view.index.newest
    if kafka.value is None or kafka.fault:
        return None
    latest = kafka.value.state.latest
    if newest is None:
        return sum(latest.values())
    if newest.source.topic_id != kafka.value.state.topic_id:
        return None
    covered = {at: offsets.end for at, offsets in newest.offsets.items()}
    return sum(max(0, end - covered.get(at, 0)) for at, end in latest.items())


def _to_kafka(site: Site, kafka: Answer[BrokerReading]) -> list[Step]:
    reasons = site.known_reasons()
    parked = f"Not recorded for now: {', '.join(one.symbol for one in reasons.parked)}."
    missing = sum(len(gaps) for gaps in reasons.known.open_gaps.values())
    reading = None if kafka.fault else kafka.value
    rate = reading.rate if reading else None
    still = reading.still if reading else 0.0
    state = "unknown" if rate is None else "ok" if still <= STALE_AFTER else "late"
    text, command = parked if reasons.parked else "", "kraken-lake pairs" if reasons.parked else ""
    if state == "late":
        text = f"Nothing has been written to Kafka for {age(still)}. {text}".rstrip()
        command = "kraken-lake record"
    return [
        Step(
            "Kraken",
            "REST, WebSocket v2",
            "ok" if state == "ok" else "unknown",
            text=""
            if state == "ok"
            else "Kraken itself is not asked from here: kraken-lake monitor services does.",
        ),
        Step(
            "Producer",
            "position and missing ids",
            state,
            rate="—" if rate is None else f"{amount(rate)} offsets/s",
            lag=f"{missing} gaps asked for" if missing else "—",
            text=text,
            command=command,
        ),
    ]


def _kafka(site: Site, kafka: Answer[BrokerReading], lag: int | None) -> Step:
    name, does = "Kafka", site.topic
    if kafka.fault:
        return Step(name, does, "down", text=kafka.fault, command="kraken-lake monitor services")
    if kafka.value is None:
        return Step(name, does, "unknown", text="The broker has not answered yet.")
    state = kafka.value.state
    newest = site.view.index.newest
    held = sum(state.latest.values()) - sum(state.earliest.values())
    text, command = f"Holds {amount(held)} offsets.", ""
    if newest is not None and newest.source.topic_id != state.topic_id:
        text = "This is another Kafka than the one that the lake was filled from."
        command = "kraken-lake stream --accept-new-kafka"
    elif state.held_back:
        waiting = sum(end - first for first, end in state.held_back.values())
        text = f"{waiting} offsets wait behind an open transaction."
    return Step(
        name,
        does,
        "late" if lag is None else "ok",
        rate="—" if kafka.value.rate is None else f"{amount(kafka.value.rate)} offsets/s",
        age=age(utc_now() - kafka.at) if kafka.at else "—",
        text=text,
        command=command,
    )


def _from_kafka(site: Site, lag: int | None) -> list[Step]:
    index, now = site.view.index, utc_now()
    streamed_at, newest = index.streamed_at, index.newest
    landed = now - streamed_at if streamed_at else None
    rate = f"{amount(sum(index.rates(now).values()) / 60)} trades/s"
    stands = landed is not None and landed.total_seconds() > STALE_AFTER and lag != 0
    if stands and lag:
        text = f"{amount(lag)} offsets wait and nothing has landed for {age(landed)}."
    elif stands:
        text = f"Nothing has landed for {age(landed)}."
    elif streamed_at is None:
        waiting = f"{amount(lag)} offsets wait, and nothing" if lag else "Nothing"
        text = f"{waiting} has landed yet."
    else:
        text = ""
    state = "late" if stands else "ok" if streamed_at else "unknown"
    fault = index.fault
    return [
        Step(
            "Spark",
            "decode, check, write",
            state,
            rate=rate,
            lag="—" if lag is None else f"{amount(lag)} offsets",
            age=age(landed),
            text=text,
            command="kraken-lake stream" if stands else "",
        ),
        Step(
            "Commit log",
            "files, ids, offsets",
            "down" if fault else "ok" if newest else "unknown",
            rate=f"{amount(len(index.landings_since(now)) / 60)} commits/s",
            age=age(now - newest.committed_at) if newest else "—",
            text=fault or f"Commit {index.number:,} is the newest.",
            command="kraken-lake verify" if fault else "",
        ),
        Step(
            "Parquet",
            "by hour and pair, zstd",
            "ok" if newest else "unknown",
            rate=rate,
            age=_newest_trade(site),
            text=f"{amount(sum(pair.rows for pair in index.pairs()))} trades.",
        ),
    ]


def _newest_trade(site: Site) -> str:
    last = site.view.read_all(site.view.trades.last).values()
    newest = max((one.executed_at for one in last), default=None)
    return "—" if newest is None else age(utc_now() - newest)
