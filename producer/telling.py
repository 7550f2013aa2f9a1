"""What the log says about each page."""

import structlog

from producer.selection import Publication

__all__ = ["tell", "tell_what_wants_a_look"]

log = structlog.get_logger()


def tell(publication: Publication) -> None:
    """One line about what was written, louder if something in it wants a look."""
    trades, cursor = publication.trades, publication.cursor
    fields: dict[str, object] = {"symbol": cursor.symbol, "trades": len(trades)}
    if trades:
        fields["last_trade_id"] = cursor.last_trade_id
        fields["behind_seconds"] = round(
            (cursor.updated_at - trades[-1].executed_at).total_seconds(), 1
        )
    if publication.dead_letters:
        fields["dead_letters"] = len(publication.dead_letters)
    if publication.gaps:
        fields["suspected_gaps"] = [str(gap) for gap in publication.gaps]
    if publication.holes:
        fields["confirmed_holes"] = [str(hole) for hole in publication.holes]
    if publication.dead_letters or publication.gaps or publication.holes:
        log.warning("recorded", **fields)
    elif trades:
        log.info("recorded", **fields)
    else:
        log.debug("cursor_moved", **fields)


def tell_what_wants_a_look(publication: Publication) -> None:
    """The same line, for dead letters and missing ids only."""
    if publication.dead_letters or publication.gaps or publication.holes:
        tell(publication)
