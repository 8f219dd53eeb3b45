"""Old Office files, made byte by byte: a compound file with one stream, and a workbook in it."""

import struct
from collections.abc import Sequence

SECTOR = 512
END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound_file(stream: str, content: bytes) -> bytes:
    """Return a compound file (OLE) whose one stream has a name and a content of at least 4 096 bytes."""
    content += bytes(max(0, 4096 - len(content)))
    content += bytes(-len(content) % SECTOR)
    sectors = len(content) // SECTOR
    chain = [FAT, END, *range(3, 2 + sectors), END]
    chain += [FREE] * (SECTOR // 4 - len(chain))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, END, 0, END, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", FREE) * 108
    directory = _entry("Root Entry", 5, END, 0, child=1) + _entry(stream, 2, 2, len(content)) + bytes(256)
    return header + struct.pack(f"<{len(chain)}I", *chain) + directory + content


def old_workbook(rows: Sequence[Sequence[str]]) -> bytes:
    """Return an .xls file (BIFF8) with one sheet of texts."""
    sheet_start = 0
    for _ in range(2):
        globals_ = _record(0x809, struct.pack("<4H2I", 0x600, 5, 0, 0, 0, 0))
        globals_ += _record(0x42, struct.pack("<H", 1200))
        globals_ += _record(0x85, struct.pack("<IBB", sheet_start, 0, 0) + b"\x05\0Sheet")
        globals_ += _record(0x0A, b"")
        sheet_start = len(globals_)
    sheet = _record(0x809, struct.pack("<4H2I", 0x600, 0x10, 0, 0, 0, 0))
    sheet += _record(0x200, struct.pack("<2I3H", 0, len(rows), 0, max(map(len, rows)), 0))
    for row, cells in enumerate(rows):
        for column, text in enumerate(cells):
            sheet += _record(0x204, struct.pack("<3HHB", row, column, 0, len(text), 0) + text.encode("latin-1"))
    return compound_file("Workbook", globals_ + sheet + _record(0x0A, b""))


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<2H", kind, len(body)) + body


def _entry(name: str, kind: int, start: int, size: int, child: int = FREE) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    entry = encoded.ljust(64, b"\0") + struct.pack("<HBB3I", len(encoded), kind, 1, FREE, FREE, child)
    return entry + bytes(36) + struct.pack("<IQ", start, size)
