"""People who use a server over the wire, many at once: their requests, and how long each answer took. No Django."""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode

TOKEN = "t" * 32
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for and the status that it has to be answered with. A form when something is sent."""

    path: str
    status: int = 200
    sent: Mapping[str, str] | None = None


@dataclass
class Took:
    """Seconds of each answer by kind, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    wrong: Counter[str] = field(default_factory=Counter)
    followed: int = 0
    """Pages that an answer led to: asked for, as a browser does, and not timed."""

    def add(self, kind: str, seconds: float, wrong: str) -> None:
        self.seconds.setdefault(kind, []).append(seconds)
        if wrong:
            self.wrong[wrong] += 1

    @property
    def all(self) -> list[float]:
        return [one for some in self.seconds.values() for one in some]


def percentile(seconds: Sequence[float], of_hundred: float) -> float:
    """Milliseconds that so many of a hundred do not exceed."""
    return round(sorted(seconds)[math.ceil(of_hundred / 100 * len(seconds)) - 1] * 1000, 1)


class Connection:
    """A browser's connection, kept open from one request to the next."""

    def __init__(self, port: int, host: str, session: str) -> None:
        self._port, self._host, self._session = port, host, session
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._led_to = ""

    async def ask(self, request: Request) -> str:
        """What is wrong with the answer; nothing where it is as it should be."""
        try:
            status = await self._status(request)
        except (OSError, asyncio.IncompleteReadError, ValueError) as error:
            await self.close()
            return type(error).__name__
        return "" if status == request.status else f"{request.path.split('/')[1]}: {status}"

    async def _status(self, request: Request) -> int:
        self._led_to = ""
        if self._streams is not None and self._streams[0].at_eof():
            await self.close()  # the server has let go of it meanwhile, as it does with idle ones; a browser sees that
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(self._bytes(request))
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        await reader.readexactly(int(head.partition("content-length: ")[2].partition("\r\n")[0] or 0))
        self._led_to = head.partition("location: ")[2].partition("\r\n")[0]
        return int(head.split(" ", 2)[1])

    async def follow(self, took: Took) -> None:
        """Ask for the page that the last answer led to: what it says, such as that all was saved, is then said."""
        if self._led_to.startswith("/patients/"):
            took.followed += 1
            if wrong := await self.ask(Request(self._led_to)):
                took.wrong[f"led to: {wrong}"] += 1

    def _bytes(self, request: Request) -> bytes:
        body = b""
        if request.sent is not None:
            body = urlencode({**request.sent, "csrfmiddlewaretoken": TOKEN}).encode()
        lines = [
            f"{'GET' if request.sent is None else 'POST'} {request.path} HTTP/1.1",
            f"Host: {self._host}",
            "X-Forwarded-Proto: https",
            f"Origin: https://{self._host}",
            f"Cookie: __Host-sessionid={self._session}; __Host-csrftoken={TOKEN}",
            *([f"Content-Type: {FORM}", f"Content-Length: {len(body)}"] if body else []),
        ]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    async def close(self) -> None:
        if self._streams is not None:
            writer, self._streams = self._streams[1], None
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


Chosen = Callable[[], tuple[str, Request]]
"""What somebody does next: the kind it is counted under, and the request."""


async def in_turn(connections: Sequence[Connection], choose: Chosen, seconds: float) -> Took:
    """Each connection asks again as soon as it has its answer."""
    took, until = Took(), time.perf_counter() + seconds

    async def one(connection: Connection) -> None:
        while (started := time.perf_counter()) < until:
            kind, request = choose()
            wrong = await connection.ask(request)
            took.add(kind, time.perf_counter() - started, wrong)
            await connection.follow(took)

    await asyncio.gather(*(one(connection) for connection in connections))
    for connection in connections:
        await connection.close()
    return took


async def at_a_rate(
    connect: Callable[[], Connection], choose: Chosen, each_second: float, seconds: float, dice: random.Random
) -> Took:
    """Requests come by chance, so many a second, whether or not the ones before are answered. A wait for a server that
    has stalled counts from the moment the request was due."""
    took, free, waiting = Took(), list[Connection](), set[asyncio.Task[None]]()

    async def one(due: float, kind: str, request: Request) -> None:
        connection = free.pop() if free else connect()
        wrong = await connection.ask(request)
        took.add(kind, time.perf_counter() - due, wrong)
        await connection.follow(took)
        free.append(connection)

    due = time.perf_counter()
    until = due + seconds
    while (due := due + dice.expovariate(each_second)) < until:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        task = asyncio.create_task(one(due, *choose()))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
    await asyncio.gather(*waiting)
    for connection in free:
        await connection.close()
    return took
