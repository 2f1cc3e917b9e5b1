"""A choice is drawn as Django would draw it."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django import forms

from strigil.clinic.forms.fields import Chips, ManyChips, Scale

ODD = [("a", "A"), ('"><b>&', "Quotes")]


class Ours(forms.Form):
    one = Chips(choices=ODD)
    many = ManyChips(required=False, choices=ODD)
    scale = Scale()


class Djangos(forms.Form):
    one = forms.ChoiceField(choices=ODD, widget=forms.RadioSelect)
    many = forms.MultipleChoiceField(required=False, choices=ODD, widget=forms.CheckboxSelectMultiple)
    scale = forms.ChoiceField(choices=Scale().choices, widget=forms.RadioSelect)


class Inputs(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


@pytest.mark.parametrize("sent", [None, {}, {"one": ODD[1][0], "many": ["a", ODD[1][0]], "scale": "0"}])
@pytest.mark.parametrize("field", ["one", "many", "scale"])
def test_each_choice_has_the_attributes_that_django_gives_it(field: str, sent: dict[str, object] | None) -> None:
    ours, djangos = (
        [Inputs(choice.tag()).seen for choice in form(sent, prefix="area-0")[field]] for form in (Ours, Djangos)
    )
    assert ours == djangos
    assert len(ours) in (len(ODD), 11)
    assert Inputs(str(Ours(sent)[field])).seen == Inputs(str(Djangos(sent)[field])).seen
