"""A QR code is read back by another program's reader."""

from __future__ import annotations

import re

import numpy as np
import pytest
import zxingcpp

from strigil.drawing.qr import MODULE, QUIET, qr


def painted(svg: str) -> np.ndarray:
    """The drawing as a picture: one pixel a module, then four."""
    size = int(re.search(r'viewBox="0 0 (\d+)', svg)[1])
    image = np.full((size, size), 255, dtype=np.uint8)
    for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", svg):
        image[int(y), int(x) : int(x) + int(length)] = 0
    return np.kron(image, np.ones((4, 4), dtype=np.uint8))


@pytest.mark.parametrize(
    "text", ["https://strigil.clinic.example/check-in/" + "aB3_-" * 8 + "xyz", "x", "HTTPS://X.EXAMPLE"]
)
def test_a_code_reads_as_its_text(text):
    assert [one.text for one in zxingcpp.read_barcodes(painted(qr(text, id="a", title="A code")))] == [text]


def test_a_code_is_still_read_with_a_spot_on_it():
    image = painted(qr("https://strigil.clinic.example/check-in/" + "a" * 43, id="a", title="A code"))
    middle = image.shape[0] // 2
    image[middle - 10 : middle + 10, middle - 10 : middle + 10] = 255
    assert zxingcpp.read_barcodes(image)


def test_a_code_is_dark_on_white_with_its_quiet_zone_and_a_name():
    drawn = qr("x", id="code", title="QR code of the link")
    assert 'role="img"' in drawn
    assert '<title id="code-title">QR code of the link</title>' in drawn
    white = painted(drawn)[: QUIET * MODULE, :]
    assert (white == 255).all()
    assert 'fill="#fff"' in drawn
    assert 'fill="#000"' in drawn


def test_a_title_cannot_write_markup():
    assert "<script" not in qr("x", id="code", title="<script>alert(1)</script>")
