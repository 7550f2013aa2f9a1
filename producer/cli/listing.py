"""Print what commands list as JSON. Pure."""

import json
from collections.abc import Iterable

from pydantic import BaseModel

__all__ = ["as_json"]


def as_json(models: Iterable[BaseModel]) -> str:
    """Return an array with one object per model, with the model's fields."""
    return json.dumps([model.model_dump(mode="json") for model in models], indent=2)
