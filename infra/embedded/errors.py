"""What can go wrong with the embedded stack.

EmbeddedError           retrying does not help: a person has to look first
├── JarsMissing         the broker's or the registry's archives are not there
├── StateInUse          another stack runs on the same state folder
├── NoFreePort          no free port was found on loopback
├── StartFailed         a server ended, or did not answer in time, while starting
└── ServerDied          a server ended by itself after it had started
"""

__all__ = ["EmbeddedError", "JarsMissing", "NoFreePort", "ServerDied", "StartFailed", "StateInUse"]


class EmbeddedError(Exception):
    """Anything this package raises."""


class JarsMissing(EmbeddedError):
    """The broker's or the registry's archives are not there."""


class StateInUse(EmbeddedError):
    """Another stack runs on the same state folder."""


class NoFreePort(EmbeddedError):
    """No free port was found on loopback."""


class StartFailed(EmbeddedError):
    """A server ended, or did not answer in time, while starting."""


class ServerDied(EmbeddedError):
    """A server ended by itself after it had started."""
