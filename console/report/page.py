"""Writes a report as HTML: the pages' own parts, with styles, scripts and candles inside."""

import base64
import hashlib
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import jinja2
from markupsafe import Markup

from console.lake_view.pair_files import PairFiles
from console.report.parts import PairPart, chosen_pairs, days_of, lacking, most_wanted, pair_parts
from console.web.cells import day_rows
from console.web.completeness import day_content, month_content
from console.web.contract import contract_content, quarantine_content
from console.web.faults import FAULTS, fault_sentence
from console.web.links import FileLinks
from console.web.pairs import pairs_content
from console.web.pipeline import pipeline_content
from console.web.site import Site
from console.web.templates import make_environment

__all__ = ["report_html"]

_STATIC: Final = Path(__file__).parents[1] / "static"
_TABLES: Final = ("pair_facts", "last_day", "tape")
_SCRIPTS: Final = ("lightweight-charts.standalone.production.js", "candle_chart.js", "report.js")


def report_html(site: Site, now: datetime, symbols: Collection[str] = ()) -> str:
    """Return the report on a lake as one HTML document.

    Args:
        site: the lake, and what the services answered.
        now: when it is written, UTC.
        symbols: the pairs to report on; empty for all.

    Raises:
        NotThere: There is no lake, or no trade of one of the pairs.
    """
    site.view.require_lake()
    pairs = chosen_pairs(site, symbols)
    charted = pair_parts(site, pairs)
    links = FileLinks(frozenset(part.pair.folder for part in charted), frozenset(days_of(pairs)))
    return _Parts(make_environment(links), site, now).report(pairs, charted)


class _Parts:
    """Renders the parts, each from the template and the content of the page that it is from."""

    def __init__(self, environment: jinja2.Environment, site: Site, now: datetime) -> None:
        self._environment, self._site, self._now = environment, site, now

    def report(self, pairs: Sequence[PairFiles], charted: Sequence[PairPart]) -> str:
        site, index = self._site, self._site.view.index
        shown = most_wanted(site, pairs)
        days = {day: day_rows(site, shown, day) for day in days_of(pairs)}
        style, script = _text("style.css"), "\n".join(map(_text, _SCRIPTS))
        return self._environment.get_template("report.html").render(
            exchange=index.layout.exchange,
            base=index.layout.base,
            commit=index.number,
            status=site.status(),
            now=self._now,
            pairs=self._guarded(
                "pairs", lambda: pairs_content(site, only={one.folder for one in pairs})
            ),
            lacking=lacking(list(days.values())),
            days={
                day: self._part("day", day_content(site, day, rows)) for day, rows in days.items()
            },
            left_out=len(pairs) - len(shown),
            charted=[(part, self._tables(part)) for part in charted],
            not_charted=len(pairs) - len(charted),
            pipeline=self._guarded("pipeline", lambda: pipeline_content(site)),
            contract=self._guarded("contract", lambda: contract_content(site)),
            quarantine=self._guarded("quarantine", lambda: quarantine_content(site)),
            style=Markup(style),  # noqa: S704 - the program's own file
            script=Markup(script),  # noqa: S704 - the program's own files
            policy=_policy(style, script),
            icon=base64.b64encode((_STATIC / "icon.svg").read_bytes()).decode(),
            licence=_text("lightweight-charts.LICENSE"),
        )

    def _part(self, name: str, content: dict[str, object]) -> Markup:
        html = self._environment.get_template(f"parts/{name}.html").render(**content, now=self._now)
        return Markup(html)  # noqa: S704 - the template has escaped every value

    def _guarded(self, name: str, content: Callable[[], dict[str, object]]) -> Markup:
        """Render a part, or why it cannot be made: the others are shown all the same."""
        try:
            return self._part(name, content())
        except FAULTS as error:
            return self._part("fault", {"text": fault_sentence(error)})

    def _tables(self, part: PairPart) -> dict[str, Markup]:
        newest, found = part.pair.span[1], {}
        if part.content is not None:
            found = {name: self._part(name, part.content) for name in _TABLES}
        if part.fault:
            found["fault"] = self._part("fault", {"text": part.fault})
        month = month_content(self._site, part.pair, newest.year, newest.month)
        return {**found, "month": self._part("month", month)}


def _policy(style: str, script: str) -> str:
    """Return the policy for what a browser may load: the file's own style and script alone."""
    allowed = f"style-src {_hash(style)}; script-src {_hash(script)}"
    return f"default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; {allowed}"


def _text(name: str) -> str:
    return (_STATIC / name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"'sha256-{digest}'"
