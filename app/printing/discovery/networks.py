"""Which networks a search may touch: this computer's own, private, seen through one of its addresses."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from app.texts import tr

PRIVATE = tuple(IPv4Network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))  # RFC 1918
SIGNPOSTS = ("10.0.0.1", "172.16.0.1", "192.168.0.1")  # addresses to look up a route for; nothing is sent there


class SearchError(OSError):
    """A search that must not or cannot be made; the message is for staff."""


@dataclass(frozen=True, slots=True)
class Network:
    """The /24 around `interface`, one of this computer's own addresses. Raises SearchError when it is not private."""

    interface: str

    def __post_init__(self) -> None:
        address_of(self.interface)

    @property
    def range(self) -> str:
        """ "192.168.1.0/24"."""
        return str(around(IPv4Address(self.interface)))

    @property
    def broadcast(self) -> str:
        """ "192.168.1.255"."""
        return str(around(IPv4Address(self.interface)).broadcast_address)


def own_networks(addresses: Iterable[str] | None = None) -> tuple[Network, ...]:
    """This computer's private networks, loopback left out; nothing is sent to learn them.

    `addresses` are the computer's own ones; those the system names by default.
    """
    own = _own_addresses() if addresses is None else addresses
    networks: dict[IPv4Network, Network] = {}
    for address in map(IPv4Address, own):
        if _is_private(address):
            networks.setdefault(around(address), Network(str(address)))
    return tuple(networks.values())


def address_of(text: str) -> IPv4Address:
    """`text` as a private or loopback address. Raises SearchError for any other: printers are looked for at home only."""
    try:
        address = IPv4Address(text)
    except AddressValueError as error:
        raise SearchError(tr("{text} is not an IPv4 address", text=text)) from error
    if not (_is_private(address) or address.is_loopback):
        raise SearchError(tr("{address} is not a private address; printers are only looked for at home", address=text))
    return address


def around(address: IPv4Address) -> IPv4Network:
    """The /24 of `address`."""
    return IPv4Network((address, 24), strict=False)


def is_believable(host: str, interface: str) -> bool:
    """Whether a printer at `host` can have been heard through `interface`: nobody outside may point us at ourselves."""
    try:
        return address_of(host).is_loopback == IPv4Address(interface).is_loopback
    except SearchError:
        return False


def check_interface(interface: str) -> None:
    """Raise SearchError unless `interface` is one of this computer's addresses."""
    address = str(address_of(interface))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
        try:
            plug.bind((address, 0))
        except OSError as error:
            raise SearchError(tr("{address} is not an address of this computer", address=interface)) from error


def _is_private(address: IPv4Address) -> bool:
    return any(address in network for network in PRIVATE)


def _own_addresses() -> list[str]:
    routed = [address for address in map(routed_from, SIGNPOSTS) if address]
    if sys.platform == "win32":  # there the look-up of the own name names every adapter and asks nobody
        routed += socket.gethostbyname_ex(socket.gethostname())[2]
    return routed


def routed_from(target: str) -> str:
    """The own address from which the system would send to `target`, "" if it knows no way: connecting UDP sends nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
        try:
            plug.connect((target, 9))
        except OSError:  # no route
            return ""
        return str(plug.getsockname()[0])
