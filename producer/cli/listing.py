"""What commands list, as a program reads it: pure."""

import json
from collections.abc import Iterable

from pydantic import BaseModel

__all__ = ["as_json"]


def as_json(models: Iterable[BaseModel]) -> str:
    """An array with an object each, its fields those of the model."""
    return json.dumps([model.model_dump(mode="json") for model in models], indent=2)
