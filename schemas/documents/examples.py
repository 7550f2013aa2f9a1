"""One example of each record: a trade that Kraken published, and the cursor after it.

Their times of ingestion and of writing are made up.
"""

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from schemas.catalogue import SCHEMAS_FOLDER, Contract
from schemas.errors import CatalogueError

__all__ = ["example_values", "load_example"]


def load_example(contract: Contract, folder: Path = SCHEMAS_FOLDER) -> dict[str, Any]:
    """Return the example of a record as JSON; decimals and times are text.

    Raises:
        CatalogueError: There is none, or it does not have the fields of the newest version.
    """
    path = folder / contract.record / "example.json"
    try:
        example: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CatalogueError(f"{path} holds no example: {error}") from error
    declared = [field["name"] for field in contract.newest.parsed["fields"]]
    if list(example) != declared:
        raise CatalogueError(f"{path} must have the fields of {contract.newest}: {declared}")
    return example


def example_values(contract: Contract, example: dict[str, Any]) -> dict[str, Any]:
    """Return the example with the types that Avro libraries take: Decimal, aware datetime."""
    return {
        field["name"]: _value(field["type"], example[field["name"]])
        for field in contract.newest.parsed["fields"]
    }


def _value(schema: Any, text: Any) -> Any:  # noqa: ANN401 - Avro's JSON, and values of its types
    match schema:
        case {"logicalType": "decimal"}:
            return Decimal(text)
        case {"logicalType": str(kind)} if kind.startswith("timestamp"):
            return datetime.fromisoformat(text)
        case _:
            return text
