"""Checks a record by the rules without Spark."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.rules import Rule


def broken_rules(rules: Sequence[Rule], values: Mapping[str, Any]) -> list[Rule]:
    """The rules that a record breaks, in their order; `Rule.holds` describes the values."""
    return [rule for rule in rules if not rule.holds(values)]
