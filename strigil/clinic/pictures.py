"""A photograph made safe to keep: decoded, turned upright, made small, and written anew without anything beside it."""

from __future__ import annotations

import hashlib
import warnings
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS: Final = ("JPEG", "PNG", "WEBP")
MOST_PIXELS: Final = 40_000_000
LONGEST: Final = 1600
"""Pixels of the longer side as it is kept."""

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


class NoPicture(Exception):
    """What was sent cannot be kept as a photograph; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Picture:
    content: bytes
    width: int
    height: int
    sha256: str
    original_sha256: str


def cleaned(given: bytes) -> Picture:
    """The picture alone, as a JPEG: no place, no camera, no second file that hides behind it.

    Raises:
        NoPicture: when it is none, is damaged, moves, or is larger than any camera's.
    """
    try:
        with Image.open(BytesIO(given), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise NoPicture("This picture has more than 40 million pixels. Take a smaller one.")
            if getattr(opened, "n_frames", 1) != 1:
                raise NoPicture("This picture moves. Take a photograph.")
            opened.load()
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise NoPicture("This picture has more than 40 million pixels. Take a smaller one.") from None
    except UnidentifiedImageError:
        raise NoPicture("This is no photograph that can be kept. Allowed: JPEG, PNG or WebP.") from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError):
        raise NoPicture("This picture is damaged or not whole. Take it again.") from None
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright, mask=upright.getchannel("A"))
    plain.thumbnail((LONGEST, LONGEST))
    kept = BytesIO()
    plain.save(kept, "JPEG", quality=85)
    content = kept.getvalue()
    return Picture(
        content, *plain.size, hashlib.sha256(content).hexdigest(), original_sha256=hashlib.sha256(given).hexdigest()
    )
