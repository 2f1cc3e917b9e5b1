"""An item as the text of its file."""

from __future__ import annotations

import re
from typing import Any

import yaml
from pydantic import BaseModel


class _Writer(yaml.SafeDumper):
    """Every scalar is text; what would be read as nothing is quoted."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, indentless=False)


_Writer.yaml_implicit_resolvers = {
    first: [("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"))] for first in ("~", "n", "N", "")
}


def as_yaml(item: BaseModel) -> str:
    """The file of an item; reading it again gives the same item."""
    held = item.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return yaml.dump(_text(held), Dumper=_Writer, sort_keys=False, allow_unicode=True, width=116)


def _text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _text(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_text(one) for one in value]
    return str(value)
