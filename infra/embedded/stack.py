"""The stack without Docker: a Kafka broker and a schema registry as child processes."""

import os
import random
import signal
from pathlib import Path

from infra.embedded.broker import bootstrap_servers, broker_program, prepare_storage
from infra.embedded.ports import choose_ports, is_free, recall_ports, remember_ports
from infra.embedded.registry import registry_program, registry_url
from infra.embedded.server import Server
from infra.embedded.server_group import ServerGroup
from infra.java import find_java

__all__ = ["EmbeddedStack"]


class EmbeddedStack(ServerGroup):
    """A broker and a registry on loopback, which run as long as the `with` block.

    Cluster, topics and schemas persist in `state_dir`. So do the ports, unless another program has
    taken them. The servers end with this process, however it ends.

    Raises on entering:
        EmbeddedError: The stack could not start; the message has the end of the server's log.
        JavaError: There is no Java that can run the servers.
    """

    broker: Server
    registry: Server
    bootstrap_servers: str
    registry_url: str
    """The base URL of the Confluent-compatible API."""

    @property
    def logs(self) -> Path:
        """The folder of broker.log and registry.log."""
        return self._state.logs

    def env(self) -> dict[str, str]:
        """Return the settings that point our programs to this stack."""
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "SCHEMA_REGISTRY_URL": self.registry_url,
        }

    def _start(self) -> None:
        java = find_java()
        self._hold_folder()
        ports = choose_ports(recall_ports(self._state.ports), is_free, random.SystemRandom())
        remember_ports(self._state.ports, ports)
        self.bootstrap_servers = bootstrap_servers(ports)
        self.registry_url = registry_url(ports)
        spawner = self._spawner("embedded")
        broker = broker_program(java, self._jars_dir, self._state, ports)
        registry = registry_program(java, self._jars_dir, self._state, ports)
        self.broker = Server(broker, self._state, spawner)
        self.registry = Server(registry, self._state, spawner)
        prepare_storage(java, self._jars_dir, self._state, ports)
        self._exits.callback(self.broker.stop)
        self.broker.start()
        self._exits.callback(self.registry.stop)
        self.registry.start()

    def check(self) -> None:
        """Raise ServerDied if a server has ended by itself."""
        self.broker.check()
        self.registry.check()

    def start_broker(self) -> None:
        """Start the broker again, on the same port."""
        self.broker.start()

    def stop_broker(self) -> None:
        """Stop the broker with SIGTERM."""
        self.broker.stop()

    def kill_broker(self) -> None:
        """Kill the broker, as in a crash."""
        self.broker.kill()

    def freeze_broker(self) -> None:
        """Suspend the broker with SIGSTOP: it keeps its connections and does nothing."""
        os.kill(self.broker.pid, signal.SIGSTOP)

    def thaw_broker(self) -> None:
        """Resume a frozen broker with SIGCONT."""
        os.kill(self.broker.pid, signal.SIGCONT)

    def start_registry(self) -> None:
        """Start the registry again, on the same port. It needs the broker."""
        self.registry.start()

    def stop_registry(self) -> None:
        """Stop the registry with SIGTERM."""
        self.registry.stop()

    def kill_registry(self) -> None:
        """Kill the registry, as in a crash."""
        self.registry.kill()
