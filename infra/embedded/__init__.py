"""A Kafka broker and a schema registry as local processes."""

from infra.embedded.stack import EmbeddedStack

__all__ = ["EmbeddedStack"]
