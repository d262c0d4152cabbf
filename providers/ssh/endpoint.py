"""What identifies a connection: where it goes, as whom, with which keys, through what, how it is checked."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An SSH server as one user sees it. Two that are equal share their connections."""

    name: str
    """As it was asked for."""
    address: str
    """What is connected to."""
    port: int
    user: str
    alias: str = ""
    """What its host key is filed under; "" its address."""
    via: Endpoint | None = None
    """The hop before it."""
    key: str = ""
    """The private key's file that was asked for: tried first."""
    lent: str = field(default="", compare=False)
    """To a hop: the key's file that was asked for at the end of the way. Makes it no other hop."""
    identities: tuple[str, ...] = ()
    """Private keys' files of the configuration."""
    certificates: tuple[str, ...] = ()
    identities_only: bool = False
    """Of the agent's keys only those that are among the files."""
    agent: str = ""
    """The socket of the agent, "" none."""
    forward_agent: bool = False
    known_hosts: tuple[str, ...] = ()
    """Files of known host keys; the first one takes what is accepted."""
    strict: bool = False
    """Nobody is asked about an unknown host key: it is refused."""
    hash_names: bool = False
    """Names are hashed where an accepted key is kept."""

    @property
    def server(self) -> tuple[object, ...]:
        """The server alone, whoever logs in: what bounds handshakes."""
        return (self.address, self.port, self.via.server if self.via else ())

    @property
    def label(self) -> str:
        """As people say it: "ada@web-1:2222 through bastion"."""
        where = f"{self.user}@{self.name}" + (f":{self.port}" if self.port != 22 else "")
        return f"{where} through {self.via.name}" if self.via else where
