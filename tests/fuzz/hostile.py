"""Requests as nobody's browser sends them: each begins as one that works, and some of it is spoilt."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_from_bytes
from uuid import UUID

from hypothesis import strategies as st

import strigil
from tests.fuzz.places import Pairs, Place

NAMES = (
    "O'Brien-Ó Súilleabháin", "محمد بن سلمان", "שָׁלוֹם כהן", "王小明", "山田 太郎", "김민준", "สมชาย", "தமிழ்",
    "Ђорђе Ћирић",
    "Αλέξανδρος", "Ḿ̈ḥ̣", "İıŞş ß", "\u202eevil\u202c", "👩🏽‍⚕️", "ᏣᎳᎩ", "𐌰𐌱", "e\u0301" * 100, "李", "X",
    "ﷺ" * 200, "\u200b",
    "a\u0300\u0301\u0302\u0303" * 60, "\ufeffBOM", "؀؁", "ⅷ½²", "\u2028\u2029", "ǅ", "ﬁ",
)  # fmt: skip
NUMBERS = (
    "NaN", "-NaN", "sNaN", "Infinity", "-Infinity", "-0", "-0.0", "1e400", "-1e400", "1e-400", "1E999999999", "0x10",
    "1_000", "١٢", "²", "½", "1,5", "1.5.2", "+1", "--1", " 7 ", "9" * 30, "9" * 5000, "2147483648", "-2147483649",
    "9223372036854775808", "0.1e1", ".", "-", "1e", "00000000007", "1" + "0" * 300, "7\n", "7.0000000000000000000001",
)  # fmt: skip
DATES = (
    "2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "-0001-01-01", "2026-W01", "20261120", "2026-11-20T25:61",
    "1582-10-10", "0001-01-01", "2026-11-20 24:00", "٢٠٢٦-١١-٢٠", "31/12/9999", "29 Feb 2025", "2026-03-29T01:30",
    "24:00", "25:99", "00:00:60", "12:00+99:99", "-1:00", "now", "2026-11-20/2026-11-21",
)  # fmt: skip
TEXTS = (
    "", " ", "\0", "a\0b", "\r\n\r\n", "\r\nSet-Cookie: a=b", "\t", "\x0b\x0c\x1f\x7f\x85", "x" * 200, "x" * 70_000,
    "<script>alert(1)</script>", "{{ 7*7 }}{% debug %}", "%s%n%x", "%00", "'; DROP TABLE clinic_visit; --", "\\",
    "../..",
    "None", "null", "undefined", "true", "on", "=1+1", "__class__", "\ufffe\uffff", "\udbff", "[]", "{}", "()", ",",
    ";",
)  # fmt: skip
BYTES = (b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80", b"\xf4\x90\x80\x80", b"caf\xe9", b"\xef\xbb\xbfx", b"\x00\xff\x00")
KEYS = (
    "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "0", "-1", "1", "x", "%00",
    "0192f0c1-0000-7000-8000-00000000000g",
)  # fmt: skip
DEEP = (
    "[" * 100_000, "[" * 100_000 + "]" * 100_000, '{"a":' * 5000 + "1" + "}" * 5000, "9" * 5000, "NaN", "-Infinity",
    '{"values": NaN}', '{"values": {"note": ["\\ud800"]}, "seen": 0, "version": 1}', '{"values": {"\\u0000": ["a"]}}',
    '{"note": ["a"], "note": ["b"]}', '{"note": "a"}', '{"note": [["a"]]}', '{"note": [1]}', '{"__proto__": ["a"]}',
    '"text"', "null", "\ufeff{}", '{"values": {}, "seen": 1e400}', '{"values": {}, "seen": -1}', "{" , '{"a": "\x00"}',
    json.dumps({f"area-{one}-seconds": ["1"] for one in range(2000)}), '{"seen": true, "values": {"note": []}}',
    '{"author": {"a": []}, "values": {}}', '{"forget": true, "author": 1e999}', '{"patient": [], "values": {}}',
)  # fmt: skip
TYPES = (
    "application/x-www-form-urlencoded; charset=utf-7", "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=nonsense", "application/json", "application/json; charset=utf-16",
    "text/plain", "text/xml", "application/xml", "application/fhir+xml", "multipart/form-data",
    "multipart/form-data; boundary=", "multipart/form-data; boundary=\xff",
    "multipart/form-data; boundary=" + "b" * 300,
    "multipart/form-data; boundary=x; boundary=y", "multipart/mixed; boundary=x", "", "/", ";", "a" * 5000, "é/é",
    "application/octet-stream", "image/png",
)  # fmt: skip
HEADERS: Mapping[str, tuple[str, ...]] = {
    "HTTP_COOKIE": (
        "sessionid=x", "sessionid=\xff\xfe", "=", ";;;", "sessionid=" + "a" * 8000, "csrftoken=\0", "messages=x:y:z",
        "messages=W10:1:x", 'a="\\777"; b', "sessionid=../../etc", "sessionid=; sessionid=a", "é=ü",
    ),
    "HTTP_HOST": ("evil.example", "127.0.0.1:99999", "[::1", "\xff", "", "a" * 3000, "localhost\r\nX: y"),
    "HTTP_ACCEPT_LANGUAGE": ("x" * 600, "*;q=9", ",,,", "en-" * 200, "ar;q=0.5, \xff", "de,de;q=nan"),
    "HTTP_X_FORWARDED_FOR": ("' OR 1=1", "::ffff:1.2.3.4, x", "9" * 4000, "\0"),
    "HTTP_X_FORWARDED_PROTO": ("javascript", "https,http"),
    "HTTP_REFERER": ("javascript:alert(1)", "http://[", "\xff\xfe", "http://testserver/\0"),
    "HTTP_STRIGIL_SEND": ("draft", "\xff"),
    "HTTP_IF_NONE_MATCH": ('"' * 300, "*", "W/\xff"),
    "HTTP_IF_MODIFIED_SINCE": ("yesterday", "Sat, 99 Xxx 9999 99:99:99 GMT", "Sun, 06 Nov 0000 08:49:37 GMT"),
    "HTTP_RANGE": ("bytes=-1", "bytes=9999999999-", "bytes=0-0," * 200),
    "HTTP_ACCEPT_ENCODING": ("gzip;q=x", "br,gzip,\xff", "identity;q=0"),
    "HTTP_CONTENT_ENCODING": ("gzip", "zip"),
    "HTTP_TRANSFER_ENCODING": ("chunked", "gzip, chunked"),
    "HTTP_EXPECT": ("100-continue", "x"),
    "HTTP_X_HTTP_METHOD_OVERRIDE": ("DELETE", "TRACE"),
    "HTTP_X_CSRFTOKEN": ("\xff", "a" * 5000),
    "HTTP_ORIGIN": ("null", "http://[::", "https://evil.example"),
    "CONTENT_LENGTH": ("-1", "abc", "", "0", "99999999999999999999", "1e3", "١", "7"),
    "REMOTE_ADDR": ("", "nonsense", "fe80::1%eth0", "999.1.1.1"),
    "QUERY_STRING": ("%", "%ff=%fe", "&&&;", "a" * 9000, "a[]=1&a[b]=2", "=&=", "q=%00", "a=1&" * 1500, "\xff=\xfe"),
}  # fmt: skip
ASKED = tuple(
    sorted(
        {
            name
            for one in Path(strigil.__file__).parent.rglob("*.py")
            for name in re.findall(r'GET(?:\.get|\.getlist)?[\[(]"(\w+)"', one.read_text())
        }
    )
)
"""Every name that a page looks for in its query."""


@dataclass(frozen=True)
class Hostile:
    """One request, as it comes down the wire."""

    route: str
    method: str
    path: str
    query: str
    body: bytes
    kind: str
    role: str
    odd: Mapping[str, str]

    def environ(self, cookie: str, token: str) -> dict[str, Any]:
        made: dict[str, Any] = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": self.path,
            "QUERY_STRING": self.query,
            "CONTENT_TYPE": self.kind,
            "CONTENT_LENGTH": str(len(self.body)),
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "testserver",
            "HTTP_COOKIE": f"{cookie}csrftoken={token}",
            "HTTP_X_CSRFTOKEN": token,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        return made | self.odd


values: st.SearchStrategy[str | bytes] = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(NUMBERS),
    st.sampled_from(DATES),
    st.sampled_from(TEXTS),
    st.sampled_from(DEEP),
    st.sampled_from(BYTES),
    st.sampled_from(KEYS),
    st.text(max_size=12),
    st.binary(max_size=8),
    st.integers().map(str),
    st.dates().map(str),
)


def quoted(value: str | bytes) -> str:
    return quote_from_bytes(value) if isinstance(value, bytes) else quote(value.encode(errors="surrogatepass"))


def urlencoded(pairs: Pairs) -> bytes:
    return "&".join(f"{quoted(name)}={quoted(value)}" for name, value in pairs).encode()


def multipart(pairs: Pairs, files: Mapping[str, bytes], boundary: bytes = b"edge") -> bytes:
    parts = []
    for name, value in pairs:
        held = value if isinstance(value, bytes) else value.encode(errors="surrogatepass")
        head = f'Content-Disposition: form-data; name="{name}"'.encode(errors="surrogatepass")
        parts.append(head + b"\r\n\r\n" + held)
    for name, content in files.items():
        head = f'Content-Disposition: form-data; name="{name}"; filename="../../{name}.json"'.encode()
        parts.append(head + b"\r\nContent-Type: application/octet-stream\r\n\r\n" + content)
    return b"".join(b"--" + boundary + b"\r\n" + one + b"\r\n" for one in parts) + b"--" + boundary + b"--\r\n"


@st.composite
def requests(draw: st.DrawFn, places: list[Place], methods: Mapping[str, tuple[str, ...]], roles: Any) -> Hostile:
    """A request to one of the places."""
    place = draw(st.sampled_from(places))
    if draw(st.integers(0, 19)) == 0:
        method = draw(st.sampled_from(("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD", "POST", "get", "\xff")))
    else:
        method = draw(st.sampled_from(methods[place.route]))
    pairs, files = list(place.right), dict(place.files)
    for _ in range(draw(st.integers(0, 4))):
        _spoil(draw, pairs, files)
    if draw(st.booleans()) and not files:
        body, kind = urlencoded(pairs), "application/x-www-form-urlencoded"
    else:
        body, kind = multipart(pairs, files), "multipart/form-data; boundary=edge"
    how = draw(st.integers(0, 19))
    if how == 0:
        kind = draw(st.sampled_from(TYPES))
    elif how == 1:
        body, kind = draw(st.sampled_from(DEEP)).encode(), "application/json"
    elif how == 2:
        body = draw(st.one_of(st.binary(max_size=60), st.just(body[: len(body) // 2]), st.just(b"--edge\r\n" * 3000)))
    path, _, query = place.address.partition("?")
    asked = [(draw(st.sampled_from(ASKED)), draw(values)) for _ in range(draw(st.integers(0, 2)))]
    query = "&".join(part for part in (query, urlencoded(asked).decode()) if part)
    odd = {}
    if draw(st.integers(0, 3)) == 0:
        name = draw(st.sampled_from(tuple(HEADERS)))
        odd = {name: draw(st.sampled_from(HEADERS[name]))}
    if draw(st.integers(0, 9)) == 0:
        path = _spoilt_path(draw, path)
    role = draw(st.sampled_from(roles))
    return Hostile(place.route, method, path, query, body if method not in ("GET", "HEAD") else b"", kind, role, odd)


def _spoil(draw: st.DrawFn, pairs: Pairs, files: dict[str, bytes]) -> None:
    """One part of what would be sent is taken away, doubled, renamed or replaced."""
    how = draw(st.sampled_from(("value", "value", "value", "missing", "doubled", "renamed", "added", "file")))
    if how == "added" or not pairs:
        name = draw(st.one_of(st.sampled_from(("id", "pk", "clinic", "version", "once", "began")), st.text(max_size=5)))
        pairs.append((name, draw(values)))
        return
    at = draw(st.integers(0, len(pairs) - 1))
    name, value = pairs[at]
    if how == "value":
        pairs[at] = (name, draw(values))
    elif how == "missing":
        del pairs[at]
    elif how == "doubled":
        pairs.extend([(name, draw(values))] * draw(st.sampled_from((1, 2, 1200))))
    elif how == "renamed":
        shapes = (f"{name}[]", f"{name}[a][b]", f"{name}.a", f"{name}__in", f"{name}\0", re.sub(r"\d+", "-1", name))
        pairs[at] = (draw(st.sampled_from((*shapes, re.sub(r"\d+", "99999", name), name * 50))), value)
    else:
        for one in files:
            files[one] = draw(st.one_of(st.binary(max_size=50), st.sampled_from(DEEP).map(str.encode)))


def _spoilt_path(draw: st.DrawFn, path: str) -> str:
    parts = path.split("/")
    at = draw(st.integers(0, len(parts) - 1))
    odd = (*KEYS, *TEXTS[:12], "\xff\xfe", "..", "%2e%2e", "a" * 3000, str(UUID(int=7)), parts[at].upper())
    parts[at] = draw(st.sampled_from(odd)).encode(errors="replace").decode("latin-1")
    return "/".join(parts) if draw(st.booleans()) else path + draw(st.sampled_from(("/", "//", "\0", "%00", ".ics")))
