"""What patients read: open to all, in short words, each line with its source."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.test import Client

from strigil.knowledge import load
from strigil.knowledge.shapes import Leaflet, Told
from tests.clinic.page import Page

HARDEST = 7.0


class Prose(HTMLParser):
    """The paragraphs of the article, without what stands in links, asides and hidden words."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.paragraphs: list[str] = []
        self.within = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "p":
            self.paragraphs.append("")
            self.within = "p"
        elif self.within == "p" and tag in ("a", "span"):
            self.within = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self.within:
            self.within = "" if tag == "p" else "p"

    def handle_data(self, data: str) -> None:
        if self.within == "p":
            self.paragraphs[-1] += data


def syllables(word: str) -> int:
    groups = len(re.findall(r"[aeiouy]+", word))
    silent = word.endswith("e") and not word.endswith(("le", "ee")) and groups > 1
    return max(1, groups - silent)


def grade(text: str) -> float:
    """Flesch and Kincaid: the school year in which a text can be read."""
    sentences = [one for one in re.split(r"[.!?]+", text) if re.search(r"[A-Za-z]", one)]
    words = re.findall(r"[A-Za-z]+", text.lower())
    spoken = sum(map(syllables, words))
    return 0.39 * len(words) / len(sentences) + 11.8 * spoken / len(words) - 15.59


def article(client: Client) -> str:
    html = client.get("/about-iastm").content.decode()
    return html[html.index("<article") : html.index("</article>")]


def test_the_reading_age_of_the_page_is_about_twelve() -> None:
    text = " ".join(Prose(article(Client())).paragraphs)
    assert len(text.split()) > 400
    assert grade(text) <= HARDEST


LINES = [line.tell for part in load().shelf(Leaflet).values() for line in part.lines]


@pytest.mark.parametrize("line", LINES)
def test_no_line_is_harder_than_the_page_may_be(line: str) -> None:
    """One hard line among many short ones would not show in the whole."""
    assert grade(line) <= HARDEST


def test_a_text_for_clinicians_is_seen_as_hard() -> None:
    hard = "Instrument-assisted mobilization facilitates neurophysiological modulation of nociceptive transmission."
    assert grade(hard) > 12


def test_the_page_is_open_to_all_and_tells_every_line_in_order(client: Client) -> None:
    page = Page(client.get("/about-iastm"))
    parts = sorted(load().shelf(Leaflet).values(), key=lambda one: one.place)
    said = [one.title for one in parts]
    headings = re.findall(r"<h2[^>]*>([^<]*)</h2>", page.source)
    assert headings == said
    at = [page.text.index(re.sub(r"\s+", " ", line.tell)) for part in parts for line in part.lines]
    assert at == sorted(at)


def test_every_line_leads_to_what_it_rests_on(client: Client) -> None:
    page = Page(client.get("/about-iastm"))
    for part in load().shelf(Leaflet).values():
        for line in part.lines:
            assert {f"/knowledge/{folder}/{key}" for folder, key in line.rests_on} <= set(page.links)
            paragraph = page.source[page.source.index(line.tell.split(".")[0]) :].split("</p>")[0]
            assert all(f"/knowledge/{folder}/{key}" in paragraph for folder, key in line.rests_on)
            assert ("no study has tested it" in paragraph) is (line.basis == "proposed")


def test_the_conflict_about_whether_it_works_is_told_both_ways(client: Client) -> None:
    text = Page(client.get("/about-iastm")).text_of["known"]
    assert "did not find that it helps" in text
    assert "did find some help" in text
    assert "/knowledge/overall_evidence/ev_conflict_pain" in Page(client.get("/about-iastm")).links


def test_signs_that_need_help_at_once_are_said(client: Client) -> None:
    text = Page(client.get("/about-iastm")).text_of["call"]
    for words in ("chest pain", "one leg swells", "fever", "bruise grows", "numb between your legs"):
        assert words in text


def test_a_line_without_a_source_is_refused() -> None:
    with pytest.raises(ValueError, match="rests on a statement"):
        Told(tell="It always helps.")
