"""Certificates of a test's own authority, for servers on loopback and for their clients."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

__all__ = ["KEY_PASSWORD", "Authority", "Certificate"]

KEY_PASSWORD = "key-of-the-client"
"""Of the key of every certificate issued with `encrypted=True`."""


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, PEM files; the key is PKCS #8."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates.

    Args:
        folder: Where all files go.

    Attributes:
        certificate: Its own, for those who trust it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.certificate = folder / "authority.pem"
        self._key = folder / "authority.key"
        _openssl(
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=test authority"),
            *("-keyout", self._key, "-out", self.certificate),
        )

    def issue(self, name: str, *, encrypted: bool = False) -> Certificate:
        """A certificate for loopback, or for a client of that name."""
        made = Certificate(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        request, extension = self._folder / f"{name}.csr", self._folder / f"{name}.ext"
        plain = self._folder / f"{name}.plain.key"
        extension.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost")
        _openssl(
            *("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}"),
            *("-keyout", plain, "-out", request),
        )
        _openssl(
            *("x509", "-req", "-in", request, "-days", "2", "-extfile", extension),
            *("-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial"),
            *("-out", made.certificate),
        )
        secret = ("-v2", "aes-256-cbc", "-passout", f"pass:{KEY_PASSWORD}")
        _openssl(
            *("pkcs8", "-topk8", "-in", plain, "-out", made.key),
            *(secret if encrypted else ("-nocrypt",)),
        )
        return made

    def server_context(self, certificate: Certificate, *, mutual: bool = False) -> ssl.SSLContext:
        """What a server needs that has this certificate, and asks for its clients' if mutual."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.certificate, certificate.key)
        if mutual:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.certificate)
        return context


def _openssl(*arguments: str | Path) -> None:
    command = ["openssl", *arguments]
    subprocess.run(command, check=True, capture_output=True)
