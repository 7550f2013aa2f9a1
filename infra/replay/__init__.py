"""A server that answers as Kraken does, from recorded trades."""
