from __future__ import annotations

import shutil
import typing
from collections.abc import Iterator

import pytest

from strigil.knowledge import Fault
from strigil.knowledge.load import HOME
from tests.knowledge.shelf import Shelf, reader


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    home = tmp_path_factory.mktemp("shelf") / "knowledge"
    shutil.copytree(HOME, home, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    return Shelf(home, {})


@pytest.fixture(scope="module", autouse=True)
def unchanged_files_are_read_once() -> Iterator[None]:
    """The loader reads hundreds of files; here all but one are the same each time, so that what they say is kept."""
    read, shape = reader._read, reader._shape
    documents: dict[tuple[str, bytes], typing.Any] = {}
    shaped: dict[int, typing.Any] = {}

    def read_once(name: str, raw: bytes, faults: list[Fault]) -> typing.Any:
        if (name, raw) not in documents:
            document = read(name, raw, faults)
            if document is None:
                return None
            documents[name, raw] = document
        return documents[name, raw]

    def shape_once(kind: typing.Any, document: typing.Any, faults: list[Fault]) -> typing.Any:
        if id(document) not in shaped:
            item = shape(kind, document, faults)
            if item is None:
                return None
            shaped[id(document)] = item
        return shaped[id(document)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reader, "_read", read_once)
        patch.setattr(reader, "_shape", shape_once)
        yield


@pytest.fixture
def shelf(copied: Shelf) -> Iterator[Shelf]:
    yield copied
    copied.restore()
