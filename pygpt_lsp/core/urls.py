"""Which addresses may be talked to at all: https anywhere, plain http on this machine only.

One rule for the settings, which refuse a bad address early with a sentence, and for whoever sends, who
must ask again: a setting is not the only way an address can come in.
"""

from __future__ import annotations


def is_loopback(host: str) -> bool:
    """Whether the host is this machine by name or number: `localhost`, 127.0.0.0/8, `::1`.

    No name is looked up. `host` comes without brackets and port.
    """
    import ipaddress

    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def url_refusal(url: str) -> str | None:
    """Why nothing may be sent to that address, as the end of a sentence; None where it is fine.

    Credentials, a query and a fragment are refused because they would be shown wherever the address is,
    and because a path is appended to it (RFC 3986 § 3). The reason never repeats the address.
    """
    from urllib.parse import urlsplit

    # urlsplit silently drops tabs and line breaks; what it reads would not be what was written.
    if not url.isprintable() or any(char.isspace() or char == "\\" for char in url):
        return "an address holds no spaces, backslashes or invisible characters"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "it is not a valid address"
    if parts.scheme not in ("https", "http"):
        return "it must start with https://"
    if not host or port == 0:
        return "it names no host and port that can be reached"
    if "@" in parts.netloc:
        return "it must not hold a user name or password"
    if "?" in url or "#" in url:
        return "it must not hold a query (?) or a fragment (#)"
    if parts.scheme == "http" and not is_loopback(host):
        return "plain http is refused except to this machine: use https"
    return None
