"""A reader for Server-Sent Events that costs little for each frame."""

from __future__ import annotations

_LONGEST_FRAME = 16 * 1024 * 1024


class FrameTooLong(ValueError):
    """A peer sends a frame without end."""


class SseDecoder:
    """Cuts bytes, however they arrive, into (event name, data) frames.

    Follows the WHATWG rules: LF, CRLF and CR line ends, several `data:` lines, comments, a byte order mark, an optional
    space after the colon. A last frame without its blank line is given out by `close`.
    """

    __slots__ = ("_buffer", "_data", "_event", "_first", "_skip_lf")

    def __init__(self) -> None:
        self._buffer = b""
        self._data: list[bytes] = []
        self._event = b""
        self._first = True
        self._skip_lf = False

    def feed(self, chunk: bytes) -> list[tuple[bytes, bytes]]:
        """Returns the frames that `chunk` completes.

        Raises:
            FrameTooLong: more than 16 MiB arrived without the end of a line.
        """
        if self._first:
            chunk = self._buffer + chunk
            self._buffer = b""
            if len(chunk) < 3 and b"\xef\xbb\xbf".startswith(chunk):
                self._buffer = chunk
                return []
            chunk = chunk.removeprefix(b"\xef\xbb\xbf")
            self._first = False
        if b"\r" in chunk or self._skip_lf:
            chunk = self._unify(chunk)
        lines = (self._buffer + chunk).split(b"\n")
        self._buffer = lines.pop()
        if len(self._buffer) > _LONGEST_FRAME:
            raise FrameTooLong
        frames: list[tuple[bytes, bytes]] = []
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[6:] if line[5:6] == b" " else line[5:])
            elif not line:
                if self._data:
                    frames.append((self._event, b"\n".join(self._data)))
                    self._data = []
                self._event = b""
            elif line.startswith(b"event:"):
                self._event = line[6:].strip()
        return frames

    def close(self) -> list[tuple[bytes, bytes]]:
        """Returns a last frame that the peer did not finish with a blank line."""
        return self.feed(b"\n\n")

    def _unify(self, chunk: bytes) -> bytes:
        """Turns CRLF and CR into LF, also where a CRLF is cut between two chunks."""
        if self._skip_lf and chunk.startswith(b"\n"):
            chunk = chunk[1:]
        if chunk:
            self._skip_lf = chunk.endswith(b"\r")
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
