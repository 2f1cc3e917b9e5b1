"""What is sealed opens with its key alone, and only as it was sealed."""

from __future__ import annotations

import io
from base64 import b64decode

import pytest

from strigil.keep.faults import Damaged
from strigil.keep.seal import BLOCK, Opener, Sealer
from tests.keep.hands import PASSPHRASE, QUICK

BY_AGE = """
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNjcnlwdCBUaGlKQWZORHE3eVpFSnF4VGV3eTVnIDE4Cm1YbHhLaDk5YWFyd25VV2Zr
TmdBVVlIbXNhd1QzL1FrUkFxUklSV0hxV2cKLS0tIEtndjlBV3JoUlhxUnZpTFpyT3g5M01oUnlOMzBjRGRUMTZ4bnlKYnVWZ2sK
vuQGItud9bE0bZeHos+FsidwcMKrzFfKcSVyyCH7Djw7pjjJCDNYiAj7XMBZR1f2r2/mPfU=
"""
"""A line of text sealed by age 1.1.1 with the passphrase of the tests."""


def sealed(content: bytes, passphrase: bytes = PASSPHRASE) -> bytes:
    file = io.BytesIO()
    sealer = Sealer(file, passphrase, QUICK)
    sealer.write(content)
    sealer.close()
    return file.getvalue()


def opened(content: bytes, passphrase: bytes = PASSPHRASE) -> bytes:
    return Opener(io.BytesIO(content), passphrase).read()


def test_what_age_itself_sealed_is_opened() -> None:
    assert opened(b64decode(BY_AGE)) == b"sealed by age itself\n"


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK, 3 * BLOCK + 7])
def test_content_of_any_length_comes_back(size: int) -> None:
    content = bytes(place % 251 for place in range(size))
    assert opened(sealed(content)) == content
    opener = Opener(io.BytesIO(sealed(content)), PASSPHRASE)
    assert b"".join(iter(lambda: opener.read(1000), b"")) == content


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(Damaged, match="this key does not open it"):
        opened(sealed(b"a"), b"another passphrase")


def test_a_bit_flipped_anywhere_is_refused() -> None:
    whole = sealed(b"Tamsin Quillfeather" * 5000)
    places = {*range(260), *range(260, len(whole), 997), len(whole) - 1}
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        with pytest.raises(Damaged):
            opened(bytes(changed))


def test_cut_off_anywhere_is_refused() -> None:
    whole = sealed(bytes(2 * BLOCK + 100))
    head = len(whole) - (2 * BLOCK + 100 + 3 * 16)
    at_blocks = [head + place * (BLOCK + 16) for place in range(3)]
    for length in {0, 1, 100, head - 1, *at_blocks, *(place + 1 for place in at_blocks), len(whole) - 1}:
        with pytest.raises(Damaged):
            opened(whole[:length])


def test_blocks_that_change_places_or_follow_the_end_are_refused() -> None:
    whole = sealed(bytes(BLOCK) + b"\1" * BLOCK + b"end")
    head = len(whole) - (2 * BLOCK + 3 + 3 * 16)
    first, second = whole[head : head + BLOCK + 16], whole[head + BLOCK + 16 : head + 2 * (BLOCK + 16)]
    rest = whole[head + 2 * (BLOCK + 16) :]
    for changed in (second + first + rest, first + rest, first + second + rest + rest, first + second):
        with pytest.raises(Damaged):
            opened(whole[:head] + changed)


def test_a_file_that_asks_for_endless_work_is_refused_at_once() -> None:
    head, _, rest = sealed(b"a").partition(b" 4\n")
    with pytest.raises(Damaged, match=r"2\^40"):
        opened(head + b" 40\n" + rest)
