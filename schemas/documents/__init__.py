"""Documents made from the catalogue: the data dictionary and the AsyncAPI description."""
