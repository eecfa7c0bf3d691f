"""Which client a request comes from: whose many sessions are one's.

A public address that connects is the client. From one's own network come one's own backends and
proxies, which are nobody's client: there it is the last public address that a proxy added to
``X-Forwarded-For``; else what the backend says in ``client``; else nobody knows.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from flask import Request


def client_of(request: Request, given: str | None) -> str | None:
    """A text that is the same for everything that one client sends; None where nobody knows.

    ``given``: what the body says. Of what clients forward themselves, only the end can be trusted.
    """
    connected = _public(request.remote_addr)
    if connected is not None:
        return connected
    for hop in reversed(request.headers.get("X-Forwarded-For", "").split(",")):
        forwarded = _public(hop)
        if forwarded is not None:
            return forwarded
    return given


def _public(text: str | None) -> str | None:
    """A public address; of IPv6 its /64 network, which is what one line is given."""
    try:
        address: IPv4Address | IPv6Address = ip_address((text or "").strip())
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if not address.is_global:
        return None
    return str(ip_network((address, 64), strict=False) if address.version == 6 else address)
