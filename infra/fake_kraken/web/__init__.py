"""The stand-in's REST API and its WebSocket."""
