"""``{% url %}`` and ``{% static %}``: an address in which nothing varies is worked out once."""

from __future__ import annotations

from django.template import Context, Library, Node
from django.template.base import FilterExpression, Parser, Token
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as url_tag
from django.templatetags.static import StaticNode
from django.urls import get_script_prefix, get_urlconf

register = Library()


@register.tag
def url(parser: Parser, token: Token) -> Node:
    node: URLNode = url_tag(parser, token)
    # A name with a namespace may mean another page in another part of the site.
    varies = node.args or node.kwargs or node.asvar or not _is_plain(node.view_name) or ":" in node.view_name.var
    return node if varies else KeptAddress(node)


@register.tag
def static(parser: Parser, token: Token) -> Node:
    node: StaticNode = StaticNode.handle_token(parser, token)
    return node if node.varname or not _is_plain(node.path) else KeptAddress(node)


def _is_plain(given: FilterExpression) -> bool:
    """Whether it stands in the template as it is, in quotation marks."""
    return isinstance(given.var, str) and not given.filters


class KeptAddress(Node):
    """What a node gave, for as long as the site answers under the same addresses."""

    child_nodelists = ()

    def __init__(self, node: Node) -> None:
        self._node = node
        self._kept: tuple[object, str] = (None, "")

    def render(self, context: Context) -> str:
        here = (get_urlconf(), get_script_prefix(), context.autoescape)
        under, address = self._kept
        if under != here:
            address = self._node.render(context)
            self._kept = here, address
        return address
