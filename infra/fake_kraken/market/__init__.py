"""The trades that the stand-in shows: recorded, or synthetic and made from a recording."""
