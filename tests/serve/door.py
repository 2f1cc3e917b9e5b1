"""A door before PostgreSQL, which can be shut: nobody new gets in, as while it recovers or is started again."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingUnixStreamServer
from tempfile import TemporaryDirectory
from threading import Thread
from urllib.parse import parse_qs, quote, urlsplit

from tests.keep.hands import address_of


class Door(ThreadingUnixStreamServer):
    """What goes in and out is handed on as it is; ``shut`` turns whoever knocks away and counts them."""

    daemon_threads = True

    def __init__(self, place: Path, behind: str) -> None:
        super().__init__(str(place), Passing)
        self.behind, self.shut, self.turned_away = behind, False, 0


class Passing(BaseRequestHandler):
    server: Door

    def handle(self) -> None:
        if self.server.shut:
            self.server.turned_away += 1
            return
        with socket.socket(socket.AF_UNIX) as inside:
            inside.connect(self.server.behind)
            back = Thread(target=_hand_on, args=(inside, self.request))
            back.start()
            _hand_on(self.request, inside)
            back.join()


def _hand_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while got := source.recv(65536):
            sink.sendall(got)
    for one in (source, sink):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@contextmanager
def behind_a_door() -> Iterator[tuple[Door, str]]:
    """A door to the database of this test, and the address there."""
    address = address_of()
    behind = parse_qs(urlsplit(address).query)["host"][0]
    name = next(Path(behind).glob(".s.PGSQL.*[0-9]")).name
    with TemporaryDirectory() as folder, Door(Path(folder) / name, f"{behind}/{name}") as made:
        serving = Thread(target=made.serve_forever, kwargs={"poll_interval": 0.02})
        serving.start()
        try:
            yield made, address.replace(quote(behind, safe=""), quote(folder, safe=""))
        finally:
            made.shutdown()
            serving.join()
