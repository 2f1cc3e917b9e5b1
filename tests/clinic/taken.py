"""Pictures as a phone takes them, and as no phone does."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

from PIL import Image

RED, BLUE = (200, 30, 30), (30, 30, 200)
UPRIGHT, TURNED = 1, 6
GPS, MAKER, MODEL, ORIENTATION = 0x8825, 0x010F, 0x0110, 0x0112


def taken(size: tuple[int, int] = (400, 300), orientation: int = UPRIGHT, kind: str = "JPEG") -> bytes:
    """Red on the left and blue on the right, with the camera and the place in it."""
    picture = Image.new("RGB", size, RED)
    picture.paste(BLUE, (size[0] // 2, 0, *size))
    about = Image.Exif()
    about[MAKER], about[MODEL], about[ORIENTATION] = "Maker", "Phone of Dana", orientation
    about.get_ifd(GPS).update({1: "N", 2: (51.0, 30.0, 12.0), 3: "W", 4: (0.0, 7.0, 39.0)})
    kept = BytesIO()
    picture.save(kept, kind, exif=about)
    return kept.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few thousand bytes that says it is enormous, and is."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    line = bytes(1 + width // 8 + 1)
    rows = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def moving(kind: str = "GIF", frames: int = 3) -> bytes:
    pictures = [Image.new("RGB", (20, 20), (number * 80, 0, 0)) for number in range(frames)]
    kept = BytesIO()
    pictures[0].save(kept, kind, save_all=True, append_images=pictures[1:])
    return kept.getvalue()
