"""The check of the web server's address before the start: uvicorn would tell of a refused address in its own words."""

from __future__ import annotations

import errno
import socket

from bot.settings import BadSetting

_WHY = {
    errno.EADDRINUSE: "RANGKUL_PORT: another program listens on {} already; stop it or take another port",
    errno.EACCES: "RANGKUL_PORT: this user may not listen on {}; take a port from 1024 on",
    errno.EADDRNOTAVAIL: "RANGKUL_HOST: this machine has no such address ({})",
}


def check(host: str, port: int) -> None:
    """Raises BadSetting when no server can listen on this address."""
    place = f"{host}:{port}"
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise BadSetting(f"RANGKUL_HOST: no address of this machine is called so ({place})") from None
    refused = [why for family, kind, protocol, _, where in found if (why := _refused(family, kind, protocol, where))]
    if set(refused) - {errno.EADDRNOTAVAIL} or len(refused) == len(found):  # one address of a name may be elsewhere
        raise BadSetting(_WHY.get(max(refused), "RANGKUL_HOST: nothing can listen on {}").format(place))


def _refused(family: int, kind: int, protocol: int, where: tuple[object, ...]) -> int:
    """The errno with which the system refuses this address; 0 for a free one."""
    try:
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
            tried.bind(where)
    except OSError as error:
        return error.errno or -1
    return 0
