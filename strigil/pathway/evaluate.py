"""Evaluate: what to ask, look at and measure before anything is decided."""

from __future__ import annotations

from strigil.knowledge.load import Knowledge
from strigil.knowledge.shapes import BodyRegion, Indication, Measure
from strigil.pathway.facts import Advice, Site

EVERYWHERE = ("nprs", "psfs")
"""Asked of everyone: pain, and the activities the patient names."""


def measures_for(indication: str, sites: tuple[Site, ...], knowledge: Knowledge) -> list[Measure]:
    """The measures of a course: pain and function for everyone, then the motions of its regions."""
    regions = {site.region for site in sites}
    if found := knowledge.shelf(Indication).get(indication):
        regions |= set(found.regions)
    shelf = knowledge.shelf(Measure)
    general = [shelf[key] for key in EVERYWHERE if key in shelf]
    motions = [one for one in shelf.values() if one.kind == "motion" and regions & set(one.regions)]
    return general + sorted(motions, key=lambda one: one.title)


def check_site(indication: str, site: Site, knowledge: Knowledge) -> list[Advice]:
    """What is odd about treating this site for this indication; empty where nothing is."""
    found = knowledge.shelf(Indication)[indication]
    regions = knowledge.shelf(BodyRegion)
    advice = []
    if site.region not in found.regions:
        usual = ", ".join(regions[key].title for key in found.regions)
        what = f"{regions[site.region].title} is not a region listed for {found.title}; listed: {usual}."
        advice.append(Advice(what, "The shelf lists regions by what sources describe.", (f"indications/{indication}",)))
    return advice


def needs_side(region: str, knowledge: Knowledge) -> bool:
    """Whether the body has a left and a right of the region, so that a site without a side says too little."""
    return knowledge.shelf(BodyRegion)[region].paired == "yes"
