"""Reads the shelf, checks it, and names the file and line that is wrong.

One ``load()`` serves the app, ``strigil knowledge``, the tests and the system check. Every scalar is read as text;
unknown and repeated keys, missing sources and dangling references are refused.
"""

from __future__ import annotations

import gc
import hashlib
import re
import types
import typing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from strigil.knowledge import shapes

HOME = Path(__file__).parent

I = TypeVar("I", bound=shapes.Item | shapes.Evidence | shapes.Claim)  # noqa: E741 - an item
S = TypeVar("S", bound=BaseModel)
Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Fault:
    """One thing wrong: where, what was given, what is allowed."""

    file: str
    line: int
    what: str
    given: str = ""
    allowed: str = ""

    def __str__(self) -> str:
        text = f"{self.file}:{self.line}: {self.what}"
        if self.given:
            text += f"; given: {self.given}"
        if self.allowed:
            text += f"; allowed: {self.allowed}"
        return text


class KnowledgeError(Exception):
    """The shelf does not hold together; ``faults`` says where."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(str(fault) for fault in faults))


@dataclass(frozen=True, eq=False)
class Knowledge:
    """The whole shelf: one mapping of id to item for each kind, the version, and the hash of every file read."""

    version: str
    sha256: str
    shelves: Mapping[str, Mapping[str, Any]]

    def shelf(self, kind: type[I]) -> Mapping[str, I]:
        """All items of a kind by id, in the order of their ids."""
        return self.shelves[kind.folder]

    def counts(self) -> dict[str, int]:
        return {folder: len(items) for folder, items in self.shelves.items()}

    @property
    def sources(self) -> Mapping[str, shapes.Source]:
        return self.shelves["sources"]

    def zones_at(self, region: str) -> list[shapes.NoGoZone]:
        """The no-go zones to show where a region is treated."""
        inside = self._with_outer(region)
        return [one for one in self.shelf(shapes.NoGoZone).values() if not one.regions or inside & set(one.regions)]

    def _with_outer(self, region: str) -> set[str]:
        outer = self.shelf(shapes.BodyRegion)[region].part_of
        return {region}.union(*(self._with_outer(one) for one in outer))

    @cached_property
    def rules(self) -> Mapping[str, shapes.ScreeningRule]:
        """Every rule by the id of its finding: red flags first, with their prefix, then contraindications."""
        red_flags = {f"red_flag_{key}": rule for key, rule in self.shelf(shapes.RedFlag).items()}
        return types.MappingProxyType(red_flags | dict(self.shelf(shapes.Contraindication)))

    @cached_property
    def asked(self) -> Mapping[str, shapes.ScreeningRule]:
        """The rules that somebody has to answer; the others are derived from what the case holds."""
        return types.MappingProxyType({name: rule for name, rule in self.rules.items() if not rule.is_derived})

    def source_of(self, citation: shapes.Citation) -> shapes.Source:
        return self.sources[citation.source]

    def cited_by(self, source: str) -> list[tuple[str, Any]]:
        """Every (folder, item) that cites the source."""
        return [
            (folder, item)
            for folder, items in self.shelves.items()
            if folder != "sources"
            for item in items.values()
            if ("sources", source) in {(kind, name) for kind, name, _ in references(item)}
        ]


@cache
def load(home: Path = HOME) -> Knowledge:
    """The shelf, read once for each process.

    Raises:
        KnowledgeError: with every fault found, each with file, line, what was given and what is allowed.
    """
    with _no_collecting():
        return _load(home)


@contextmanager
def _no_collecting() -> Iterator[None]:
    """A shelf is tens of thousands of parts and no rubbish: looking through them for it takes a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _load(home: Path) -> Knowledge:
    faults: list[Fault] = []
    digest = hashlib.sha256()
    shelves: dict[str, Mapping[str, Any]] = {}
    documents: dict[tuple[str, str], _Document] = {}
    names: dict[str, set[str]] = {}
    for kind in shapes.KINDS:
        items: dict[str, Any] = {}
        names[kind.folder] = set()
        for path in sorted((home / kind.folder).glob("*.yaml"), key=lambda one: one.name):
            names[kind.folder].add(path.stem)
            raw = path.read_bytes()
            name = f"{kind.folder}/{path.name}"
            digest.update(name.encode() + b"\0" + raw + b"\0")
            document = _read(name, raw, faults)
            if document is None:
                continue
            item = _shape(kind, document, faults)
            if item is None:
                continue
            if item.id != path.stem:
                faults.append(Fault(name, document.line(("id",)), "id is not the file's name", item.id, path.stem))
                continue
            items[item.id] = item
            documents[kind.folder, item.id] = document
        shelves[kind.folder] = types.MappingProxyType(items)
    faults.extend(_stray(home))
    _check_references(shelves, documents, names, faults)
    version = _version(home, faults)
    if faults:
        raise KnowledgeError(faults)
    return Knowledge(version, digest.hexdigest(), types.MappingProxyType(shelves))


# --- Reading ----------------------------------------------------------------------------------------------------


def _version(home: Path, faults: list[Fault]) -> str:
    path = home / "VERSION"
    version = path.read_text(encoding="utf-8", errors="replace").strip() if path.is_file() else ""
    if not re.fullmatch(r"[0-9A-Za-z.+-]+", version):
        faults.append(Fault("VERSION", 1, "says no version", version or "nothing", "one line, such as 2026.11.1"))
    return version


def read_as(shape: type[S], name: str, raw: bytes) -> S:
    """One YAML file of a given shape, read as strictly as the shelf.

    Raises:
        KnowledgeError: with every fault found.
    """
    faults: list[Fault] = []
    document = _read(name, raw, faults)
    item: S | None = _shape(shape, document, faults) if document else None
    if item is None:
        raise KnowledgeError(faults)
    return item


def check(kind: type[I], name: str, raw: bytes, shelf: Knowledge) -> I:
    """One file that is to join a shelf: read as strictly as those on it, its references held against them.

    Raises:
        KnowledgeError: with every fault found, each with its line.
    """
    faults: list[Fault] = []
    document = _read(name, raw, faults)
    item: I | None = _shape(kind, document, faults) if document else None
    if item is None or document is None:
        raise KnowledgeError(faults)
    names = {folder: set(items) for folder, items in shelf.shelves.items()}
    if item.id in names[kind.folder]:
        faults.append(Fault(name, document.line(("id",)), "id is taken", item.id, "an id that is not on the shelf"))
    joined = {**shelf.shelves, kind.folder: {item.id: item}}
    _check_references(joined, {(kind.folder, item.id): document}, names, faults)
    if faults:
        raise KnowledgeError(faults)
    return item


LEVELS = 100
SHALLOW = 2000
"""Marks that can open a level: with no more of them, none is too deep."""
_NULL = "tag:yaml.org,2002:null"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Every scalar is text but an empty one: nothing is tried as a number, a date or a truth."""

    def resolve(self, kind: type[Node], value: str, implicit: tuple[bool, bool]) -> str:
        if kind is ScalarNode:
            return _NULL if implicit[0] and value in ("", "~", "null", "Null", "NULL") else "tag:yaml.org,2002:str"
        return "tag:yaml.org,2002:seq" if kind is SequenceNode else "tag:yaml.org,2002:map"

    def descend_resolver(self, current_node: Node, current_index: Any) -> None:
        """No path of this shelf has a resolver of its own."""

    def ascend_resolver(self) -> None:
        """No path of this shelf has a resolver of its own."""


@dataclass(frozen=True)
class _Document:
    file: str
    value: Any
    lines: dict[Path_, int]

    def line(self, path: Path_) -> int:
        """The line of the nearest place on the way to the path."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def _unbounded(text: str) -> tuple[int, str, str] | None:
    """What would end or hold up the process: levels that libyaml builds by recursion, aliases that multiply."""
    if "*" not in text and sum(text.count(mark) for mark in "[{-?:") <= SHALLOW:
        return None
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        line = event.start_mark.line + 1 if event.start_mark else 1
        if depth > LEVELS:
            return line, "nested too deeply", f"{LEVELS} levels"
        if isinstance(event, AliasEvent):
            return line, "an alias", "each thing written out where it stands"
    return None


def _read(name: str, raw: bytes, faults: list[Fault]) -> _Document | None:
    try:
        text = raw.decode("utf-8")
        if found := _unbounded(text):
            line, why, allowed = found
            faults.append(Fault(name, line, why, allowed=allowed))
            return None
        node = yaml.compose(text, Loader=_Loader)
    except UnicodeDecodeError as error:
        faults.append(Fault(name, raw[: error.start].count(b"\n") + 1, "not UTF-8", repr(raw[error.start]), "UTF-8"))
        return None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "not YAML"
        faults.append(Fault(name, mark.line + 1 if mark else 1, f"cannot be read as YAML: {what}"))
        return None
    if not isinstance(node, MappingNode):
        faults.append(Fault(name, 1, "one mapping a file", allowed="key: value lines"))
        return None
    lines: dict[Path_, int] = {}
    before = len(faults)
    try:
        value = _plain(node, (), lines, name, faults)
    except RecursionError:
        faults.append(Fault(name, 1, "nested too deeply", allowed=f"{LEVELS} levels"))
        return None
    return _Document(name, value, lines) if len(faults) == before else None


def _plain(node: Node, path: Path_, lines: dict[Path_, int], name: str, faults: list[Fault]) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, ScalarNode):
        return None if node.tag == _NULL and not node.style else node.value
    if isinstance(node, SequenceNode):
        return [_plain(child, (*path, place), lines, name, faults) for place, child in enumerate(node.value)]
    result: dict[str, Any] = {}
    for key, child in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, ScalarNode):
            faults.append(Fault(name, line, "a key must be one word"))
            continue
        if key.value in result:
            faults.append(Fault(name, line, f"key {key.value!r} is repeated", allowed="each key once"))
        lines[(*path, key.value)] = line
        result[key.value] = _plain(child, (*path, key.value), lines, name, faults)
    return result


def _shape(kind: type[BaseModel], document: _Document, faults: list[Fault]) -> Any:
    try:
        return kind.model_validate(document.value)
    except ValidationError as error:
        problems = error.errors()
        for problem in problems:
            place: Path_ = problem["loc"]
            spoiled = any(len(other["loc"]) > len(place) and other["loc"][: len(place)] == place for other in problems)
            if problem["type"] == "too_short" and spoiled:
                continue  # the list is not empty: what it holds is wrong, and said so on its own line
            faults.append(_fault_of(kind, document, place, problem))
        return None


def _fault_of(kind: type[BaseModel], document: _Document, place: Path_, problem: Any) -> Fault:
    dotted = ".".join(str(part) for part in place)
    line = document.line(place)
    given = "" if isinstance(problem["input"], dict | list | tuple) else str(problem["input"])
    match problem["type"]:
        case "extra_forbidden":
            owner = _model_at(kind, place[:-1])
            allowed = ", ".join(field.alias or name for name, field in owner.model_fields.items())
            return Fault(document.file, line, f"key {dotted!r} is unknown", given or str(place[-1]), allowed)
        case "missing":
            owner = _model_at(kind, place[:-1])
            needed = [field.alias or name for name, field in owner.model_fields.items() if field.is_required()]
            return Fault(document.file, line, f"{dotted} is missing", "nothing", f"needed here: {', '.join(needed)}")
        case "too_short" | "tuple_type" if place and place[-1] == "sources" and not problem["input"]:
            return Fault(document.file, line, "sources is empty", "no source", "one source or more")
        case "literal_error":
            return Fault(document.file, line, f"{dotted} is not one of its words", given, problem["ctx"]["expected"])
        case _:
            what = problem["msg"].removeprefix("Value error, ")
            return Fault(document.file, line, f"{dotted or 'file'}: {what}", given)


def _model_at(kind: type[BaseModel], place: Path_) -> type[BaseModel]:
    """The shape that stands at a place inside a kind."""
    for part in place:
        if isinstance(part, int):
            continue
        field = kind.model_fields.get(part) or next(
            (field for field in kind.model_fields.values() if field.alias == part), None
        )
        inner = next((shape for shape in _shapes_in(field.annotation)), None) if field else None
        if inner is None:
            return kind
        kind = inner
    return kind


def _shapes_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        yield from _shapes_in(inner)


def _stray(home: Path) -> Iterator[Fault]:
    """Folders and files that no shape claims would be knowledge nobody reads."""
    folders = {kind.folder for kind in shapes.KINDS}
    for path in sorted(one for one in home.rglob("*") if one.suffix.lower() in (".yaml", ".yml")):
        inside = path.relative_to(home)
        if path.suffix != ".yaml" or len(inside.parts) != 2 or inside.parts[0] not in folders:
            yield Fault(inside.as_posix(), 1, "no kind claims this file", inside.parts[0], ", ".join(sorted(folders)))


# --- References -------------------------------------------------------------------------------------------------


@cache
def reference_fields(shape: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    """The fields of a shape that hold ids of another kind, with that kind."""
    found = []
    for name, field in shape.model_fields.items():
        kind = _refers_to([*field.metadata, field, *_metadata_in(field.annotation)])
        if kind:
            found.append((name, kind))
    return tuple(found)


def _metadata_in(annotation: Any) -> Iterator[Any]:
    yield from getattr(annotation, "__metadata__", ())
    for inner in typing.get_args(annotation):
        yield from _metadata_in(inner)


def _refers_to(metadata: list[Any]) -> str | None:
    for entry in metadata:
        extra = getattr(entry, "json_schema_extra", None)
        if isinstance(extra, dict) and "refers_to" in extra:
            return str(extra["refers_to"])
    return None


def references(value: BaseModel, place: Path_ = ()) -> Iterator[tuple[str, str, Path_]]:
    """Every (kind, id, place) that a shaped value refers to."""
    for name, written, kind in _pointing(type(value)):
        held = getattr(value, name)
        if held is None or held == ():
            continue
        at = (*place, written)
        for index, one in enumerate(held if isinstance(held, tuple) else (held,)):
            spot = (*at, index) if isinstance(held, tuple) else at
            if isinstance(one, BaseModel):
                yield from references(one, spot)
            elif kind:
                yield kind, one, spot


@cache
def _pointing(shape: type[BaseModel]) -> tuple[tuple[str, str, str | None], ...]:
    """The fields of a shape that can lead to a reference: name, key in the file, and the kind that it names itself."""
    kinds = dict(reference_fields(shape))
    return tuple(
        (name, field.alias or name, kinds.get(name))
        for name, field in shape.model_fields.items()
        if name in kinds or any(True for _ in _shapes_in(field.annotation))
    )


def _check_references(
    shelves: Mapping[str, Mapping[str, Any]],
    documents: Mapping[tuple[str, str], _Document],
    names: Mapping[str, set[str]],
    faults: list[Fault],
) -> None:
    """``names`` are the files there are: one that cannot be read is one fault, not one for each reference."""
    red_flags = {f"red_flag_{key}" for key in names["red_flags"]}
    for key in sorted(red_flags & names["contraindications"]):
        file = f"contraindications/{key}.yaml"
        faults.append(Fault(file, 1, "id is the finding of a red flag", key, "an id that no red flag has"))
    derived = {key for key, rule in shelves["contraindications"].items() if rule.is_derived}
    known = {**names, "findings": red_flags | names["contraindications"] - derived}
    for (folder, key), document in documents.items():
        item = shelves[folder][key]
        known["pages"] = {page.id for page in getattr(item, "pages", ())}
        for kind, name, place in references(item):
            if name not in known[kind]:
                dotted = ".".join(str(part) for part in place)
                allowed = f"an id in {kind}, such as {_nearest(name, known[kind])}"
                faults.append(Fault(document.file, document.line(place), f"{dotted} points nowhere", name, allowed))


def _nearest(name: str, known: set[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.3)
    return ", ".join(close or sorted(known)[:3]) or "(none yet)"
