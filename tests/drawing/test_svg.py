"""The writer cannot be talked into writing anything but the drawing."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strigil.drawing.svg import Markup, checked_id, element, join, number


@given(st.text())
def test_any_text_comes_back_as_it_went_in_or_as_a_replacement_character(text: str) -> None:
    node = ET.fromstring(element("text", text, id="a"))  # noqa: S314 (our own writing)
    back = node.text or ""
    assert len(back) == len(text.replace("\r\n", "\n"))
    assert all(a == b or b == "\ufffd" or a == "\r" for a, b in zip(text.replace("\r\n", "\n"), back, strict=True))
    assert len(node) == 0


@given(st.text())
def test_any_attribute_stays_one_attribute(text: str) -> None:
    node = ET.fromstring(element("path", class_=text))  # noqa: S314 (our own writing)
    assert set(node.attrib) == {"class"}


def test_markup_pasted_into_text_is_text_again() -> None:
    inner = element("title", "a < b")
    assert f"{inner}" in element("g", inner)
    assert "&lt;title&gt;" in element("text", f"see {inner}")


@pytest.mark.parametrize("name", ["script", "style", "foreignObject", "a", "image", "use", "text><script"])
def test_elements_that_style_link_or_run_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="Not an element"):
        element(name)


@pytest.mark.parametrize("name", ["style", "href", "onload", "onclick", "OnLoad", 'x="1" y', "xlink:href"])
def test_attributes_that_style_link_or_run_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="Not an attribute"):
        element("path", **{name: "1"})


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1"), (1.25, "1.2"), (-0.01, "0"), (10, "10"), (100.0, "100"), (0.06, "0.1"), (-3.5, "-3.5")],
)
def test_numbers_are_short_and_never_minus_zero(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_drawing_takes_no_endless_or_missing_number(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        number(value)


@pytest.mark.parametrize("text", ["", "1a", "a b", 'a"', "a#b", "ä"])
def test_an_id_that_could_not_be_referred_to_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="An id starts"):
        checked_id(text)


def test_an_attribute_of_none_is_left_out_and_pieces_join() -> None:
    assert element("path", d="M0 0", stroke_width=None) == '<path d="M0 0"/>'
    assert isinstance(join((element("g"), element("g"))), Markup)
