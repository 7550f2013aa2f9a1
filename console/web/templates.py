"""The templates of the pages and of the report, with the filters that they use."""

from pathlib import Path
from typing import Final

import jinja2

from console.lake_view.day_verdict import day_verdict
from console.web import values
from console.web.links import Links

__all__ = ["make_environment"]

_TEMPLATES: Final = Path(__file__).parents[1] / "templates"


def make_environment(links: Links) -> jinja2.Environment:
    """Return the templates: every value is escaped, and a missing one is an error."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["links"] = links
    made.filters["day_verdict"] = day_verdict
    for name in values.__all__:
        made.filters[name] = getattr(values, name)
    return made
