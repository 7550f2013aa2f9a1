"""Asks the services once, and waits for their answers."""

import time
from dataclasses import replace
from typing import Final

from console.services.inquiry import Inquiry
from console.services.missing_ids import Reasons
from console.web.site import Site
from runtime.errors import KafkaUnreachable

__all__ = ["ask_services"]

_PATIENCE: Final = 60.0
_BETWEEN_READINGS: Final = 2.0


def ask_services(site: Site) -> Site:
    """Return the site with all answers; what does not answer says why.

    The producer's programs are not asked if the broker is down: each would wait for it again.
    """
    site.registry.answer(patience=0)
    broker = site.broker.answer(_PATIENCE)
    read_at = time.monotonic()
    if broker.value is None:
        site = replace(site, reasons=_silent(broker.fault or "the broker did not answer"))
    site.reasons.answer(_PATIENCE)
    site.registry.answer(_PATIENCE)
    if broker.value is not None:
        # A rate needs a second reading.
        time.sleep(max(0.0, read_at + _BETWEEN_READINGS - time.monotonic()))
        site.broker.renewed(_PATIENCE)
    return site


def _silent(fault: str) -> Inquiry[Reasons]:
    def refuse() -> Reasons:
        raise KafkaUnreachable(fault)

    return Inquiry(refuse, _PATIENCE)
