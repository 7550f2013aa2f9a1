"""The documents that are made from the catalogue, and where they are."""

import json
from pathlib import Path

from schemas.catalogue import SCHEMAS_FOLDER, Catalogue
from schemas.documents.asyncapi import asyncapi_document
from schemas.documents.dictionary import data_dictionary
from schemas.errors import CatalogueError

__all__ = ["DOCS_FOLDER", "documents", "write_documents"]

DOCS_FOLDER = SCHEMAS_FOLDER.parent / "docs"

# The documents describe the default settings, whatever a user's KAFKA_TOPIC is.
_TOPIC = "kraken.trades"


def documents(catalogue: Catalogue) -> dict[str, str]:
    """Return each document's text, by file name.

    Raises:
        CatalogueError: A record has no example, or its rules are not valid.
    """
    described = asyncapi_document(catalogue, _TOPIC)
    return {
        "data-dictionary.md": data_dictionary(catalogue, _TOPIC),
        "asyncapi.json": json.dumps(described, indent=2, ensure_ascii=False) + "\n",
    }


def write_documents(catalogue: Catalogue, folder: Path = DOCS_FOLDER) -> list[Path]:
    """Write the documents, and return the paths of those that changed.

    Raises:
        CatalogueError: They cannot be made or written.
    """
    changed = []
    for name, text in documents(catalogue).items():
        path = folder / name
        try:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                folder.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
                changed.append(path)
        except OSError as error:
            raise CatalogueError(f"{path} cannot be written: {error.strerror}") from error
    return changed
