"""A stream sealed with a passphrase, in the format of age, version 1, so that other tools open it as well.

The passphrase makes a key by scrypt, that key wraps a random one, and the random one seals blocks of 64 KiB with
ChaCha20-Poly1305. Each block knows its place and whether it is the last: one that is changed, moved, left out or cut
off is refused.
"""

from __future__ import annotations

import os
import re
from base64 import b64decode, b64encode
from typing import IO

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from strigil.keep.faults import Damaged

VERSION = b"age-encryption.org/v1"
BLOCK, TAG = 64 * 1024, 16
WORK, MOST_WORK = 18, 20
"""Powers of two for scrypt: 2^18 takes 256 MiB and about a second, and a file may not ask for more than 2^20."""
HEAD = re.compile(
    rb"age-encryption\.org/v1\n-> scrypt ([A-Za-z0-9+/]{22}) ([1-9][0-9]?)\n([A-Za-z0-9+/]{43})\n"
    rb"(---) ([A-Za-z0-9+/]{43})\n"
)
LONGEST_HEAD = 200
SEAL = "the seal"


class Sealer:
    """Takes bytes and writes them sealed; ``close`` writes the last block."""

    def __init__(self, file: IO[bytes], passphrase: bytes, work: int = WORK) -> None:
        file_key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
        wrapped = _wrap(passphrase, salt, work).encrypt(bytes(12), file_key, None)
        head = VERSION + b"\n-> scrypt %s %d\n%s\n---" % (_words(salt), work, _words(wrapped))
        file.write(head + b" " + _words(_mac(file_key, head).finalize()) + b"\n" + nonce)
        self._file, self._cipher = file, _payload(file_key, nonce)
        self._waiting, self._number = bytearray(), 0

    def write(self, data: bytes) -> int:
        self._waiting += data
        while len(self._waiting) > BLOCK:
            self._send(bytes(self._waiting[:BLOCK]), last=False)
            del self._waiting[:BLOCK]
        return len(data)

    def close(self) -> None:
        self._send(bytes(self._waiting), last=True)

    def _send(self, block: bytes, *, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last), block, None))
        self._number += 1


class Opener:
    """Gives back what was sealed, block by block, each only when it is proven.

    Raises:
        Damaged: at once when the passphrase does not open it, later when a block is not as it was sealed.
    """

    def __init__(self, file: IO[bytes], passphrase: bytes) -> None:
        found = HEAD.match(head := file.read(LONGEST_HEAD))
        if not found:
            raise Damaged(SEAL, "this is no backup of Strigil, or its first lines were changed")
        if (work := int(found[2])) > MOST_WORK:
            raise Damaged(SEAL, f"it asks for 2^{work} steps to open; allowed: 2^{MOST_WORK}")
        try:
            file_key = _wrap(passphrase, _bytes(found[1]), work).decrypt(bytes(12), _bytes(found[3]), None)
            _mac(file_key, head[: found.end(4)]).verify(_bytes(found[5]))
        except (InvalidTag, InvalidSignature):
            raise Damaged(SEAL, "this key does not open it: give the key it was made with") from None
        nonce = (head[found.end() :] + file.read(16))[:16]
        file.seek(found.end() + 16)
        self._file, self._cipher = file, _payload(file_key, nonce)
        self._next, self._number = file.read(BLOCK + TAG), 0
        self._ready, self.ended = b"", False

    def read(self, size: int = -1) -> bytes:
        parts, wanted = [], size
        while wanted and (self._ready or not self.ended):
            if not self._ready:
                self._open_one()
            taken = self._ready if wanted < 0 else self._ready[:wanted]
            self._ready = self._ready[len(taken) :]
            parts.append(taken)
            wanted -= len(taken) if wanted > 0 else 0
        return b"".join(parts)

    def _open_one(self) -> None:
        block, self._next = self._next, self._file.read(BLOCK + TAG)
        last = not self._next
        try:
            self._ready = self._cipher.decrypt(_nonce(self._number, last), block, None)
        except InvalidTag:
            raise Damaged(
                f"block {self._number}", "it was changed or cut off after it was written: use another backup"
            ) from None
        self._number += 1
        self.ended = last


def _wrap(passphrase: bytes, salt: bytes, work: int) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(Scrypt(salt=VERSION + b"/scrypt" + salt, length=32, n=2**work, r=8, p=1).derive(passphrase))


def _mac(file_key: bytes, head: bytes) -> HMAC:
    mac = HMAC(HKDF(SHA256(), 32, salt=None, info=b"header").derive(file_key), SHA256())
    mac.update(head)
    return mac


def _payload(file_key: bytes, nonce: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), 32, salt=nonce, info=b"payload").derive(file_key))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11) + bytes([last])


def _words(data: bytes) -> bytes:
    return b64encode(data).rstrip(b"=")


def _bytes(words: bytes) -> bytes:
    return b64decode(words + b"=" * (-len(words) % 4))
