"""One example of each record: a trade that Kraken published, and the cursor after it.

Their times of ingestion and of writing are made up.
"""

import json
from pathlib import Path
from typing import Any

from schemas.catalogue import SCHEMAS_FOLDER, Contract
from schemas.errors import CatalogueError

__all__ = ["load_example"]


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
