"""What can go wrong with the embedded stack.

EmbeddedError           none is worth a retry: each needs a look first
├── JarsMissing         the broker's or the registry's archives are not there
├── StateInUse          another stack runs on the same state folder
├── NoFreePort          no port could be had on loopback
├── StartFailed         a server ended, or did not answer in time, while starting
└── ServerDied          a server ended by itself later on
"""


class EmbeddedError(Exception):
    """Anything this package raises."""


class JarsMissing(EmbeddedError):
    """The broker's or the registry's archives are not there."""


class StateInUse(EmbeddedError):
    """Another stack runs on the same state folder."""


class NoFreePort(EmbeddedError):
    """No port could be had on loopback."""


class StartFailed(EmbeddedError):
    """A server ended, or did not answer in time, while starting."""


class ServerDied(EmbeddedError):
    """A server ended by itself later on."""
