"""Readers of a control plane's events over WebSockets, on a thread of their own."""
import asyncio
import datetime
import re
import threading
import time

TAKEN_AT = re.compile(rb'"takenAt":"([^"]+)"')


class Watchers:
    """`count` connections; lags() are the seconds from the making of a snapshot to its arrival here."""

    def __init__(self, port, token, count):
        self.failures = []
        self.messages = 0
        self._lags = []
        self._port = port
        self._token = token
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(count,))
        self._open = 0
        self._is_ending = False
        self._thread.start()

    def lags(self):
        """Those since the last call, sorted."""
        lags, self._lags = self._lags, []
        return sorted(lags)

    def open(self):
        return self._open

    def close(self):
        self._is_ending = True
        self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(self._loop)])
        self._thread.join()

    def _run(self, count):
        async def all_of_them():
            await asyncio.gather(*(self._watch() for _ in range(count)), return_exceptions=True)

        try:
            self._loop.run_until_complete(all_of_them())
        except asyncio.CancelledError:
            pass

    async def _watch(self):
        writer = None
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self._port, limit=64 << 20)
            writer.write((f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                          f"Authorization: Bearer {self._token}\r\n\r\n").encode())
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 101 "):
                raise OSError(head.split(b"\r\n")[0].decode())
            self._open += 1
            while True:
                await self._read_frame(reader, writer)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # whatever it is, it is told
            if not self._is_ending:
                self.failures.append(repr(error))
        finally:
            if writer:
                writer.close()

    async def _read_frame(self, reader, writer):
        first, second = await reader.readexactly(2)
        size = second & 0x7F
        if size > 125:
            size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
        payload = await reader.readexactly(size)
        opcode = first & 0x0F
        if opcode == 9:  # ping; the mask of zeros leaves the payload as it is
            writer.write(bytes([0x8A, 0x80 | size, 0, 0, 0, 0]) + payload)
        elif opcode == 8:
            raise OSError("closed by the server")
        found = TAKEN_AT.search(payload)
        if found and b'"type":"change"' in payload:
            taken = datetime.datetime.fromisoformat(found.group(1).decode().replace("Z", "+00:00")).timestamp()
            self._lags.append(time.time() - taken)
            self.messages += 1
