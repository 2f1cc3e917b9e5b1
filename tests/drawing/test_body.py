"""The body atlas: sides are the patient's, pairs are complete, every region of the shelf can be found."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from itertools import combinations

import pytest

from strigil.drawing.body import Kind, Mark, atlas, body_figure, definitions, touch_figure, views_for
from strigil.drawing.body.geometry import area, centroid, contains, mirrored, room, roomiest, smooth
from strigil.drawing.body.table import HERE, Part, Table, View, build
from strigil.knowledge import load
from strigil.knowledge.load import KnowledgeError, read_as
from strigil.knowledge.shapes import BodyRegion

SVG = "{http://www.w3.org/2000/svg}"
AT_THE_VIEWERS_LEFT = {"front": "right", "back": "left", "palms": "right", "soles": "right"}
"""Said here a second time, by hand: facing the patient, palms or soles, one sees the right side at the left."""
SHOWS_ONE_SIDE = {"right_side": "right", "left_side": "left"}
LEAST = 19.3
"""Units of a figure that make 24 px where it is drawn smallest, 272 px for 200 units."""

SOURCE = HERE.read_text(encoding="utf-8")
PARTS = [
    pytest.param(view, part, id=f"{view.id}-{part.drawn}-{part.side}")
    for view in atlas().values()
    for part in view.parts
]


def wrong_sides(views: Mapping[str, View]) -> list[str]:
    """Parts whose centre lies on the other side of their figure than the patient's side they stand for."""
    found = []
    for view in views.values():
        for part in view.parts:
            if view.id in SHOWS_ONE_SIDE:
                right = part.side in ("midline", SHOWS_ONE_SIDE[view.id])
            else:
                left = AT_THE_VIEWERS_LEFT[view.id]
                offset = centroid(part.polygon)[0] - view.width / 2
                right = abs(offset) < 0.01 if part.side == "midline" else (offset < 0) == (part.side == left)
            if not right:
                found.append(f"{part.region} {part.side} on {view.id}")
    return found


def planted(old: str, new: str, count: int = -1) -> Mapping[str, View]:
    assert old in SOURCE
    return build(read_as(Table, "body.yaml", SOURCE.replace(old, new, count).encode()))


def test_every_part_lies_on_the_patients_side_that_it_names() -> None:
    assert wrong_sides(atlas()) == []


def test_a_whole_view_with_its_sides_swapped_is_seen() -> None:
    """The table agrees with itself then, so only a second look at what a viewer sees can tell."""
    back = SOURCE.index("- id: back")
    swapped = SOURCE[:back] + SOURCE[back:].replace("side: left", "side: right")
    found = wrong_sides(build(read_as(Table, "body.yaml", swapped.encode())))
    assert "forearm_lateral right on back" in found
    assert "forearm_lateral left on back" in found


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("view: front\n    side: right", "view: front\n    side: left", "drawn as the patient's right; given: left"),
        (
            "polygon: 8,208 32,212 47,208",
            "polygon: 192,208 168,212 153,208",
            "beyond the middle, on the patient's left",
        ),
        ("polygon: 100,0 66,0", "polygon: 99,0 66,0", "begins and ends at the middle, 100"),
        ("view: soles\n    side: right\n    parent", "view: sole\n    side: right\n    parent", "'sole' is not a view"),
        ("within: hand", "within: body", "'body' is not a contour of the view"),
        ("parent: trunk", "parent: torso", "parent"),
        ("    tissues: [pectoralis minor]", "    tissue: [pectoralis minor]", "is unknown"),
        ("100,9 90,11", "100;9 90,11", 'points are written "x,y x,y"'),
    ],
)
def test_what_does_not_hold_together_is_refused_with_a_sentence(old: str, new: str, says: str) -> None:
    with pytest.raises(KnowledgeError) as refused:
        planted(old, new, 1)
    assert says in str(refused.value)


def test_each_paired_part_has_its_mirror_image_and_no_other_has() -> None:
    shelf = load().shelf(BodyRegion)
    for view in atlas().values():
        for part in view.parts:
            assert (part.side == "midline") == (shelf[part.region].paired == "no"), (view.id, part.region)
            if len(view.sides) == 1 or part.side == "midline":
                continue
            (other,) = [one for one in view.parts if one.drawn == part.drawn and one.side != part.side]
            assert {part.side, other.side} == {"left", "right"}
            assert other.polygon == mirrored(part.polygon, view.width)


def test_the_view_of_one_side_is_the_mirror_image_of_the_other() -> None:
    right, left = atlas()["right_side"], atlas()["left_side"]
    assert len(left.parts) == len(right.parts) > 15
    for one, other in zip(right.parts, left.parts, strict=True):
        assert other.polygon == mirrored(one.polygon, right.width)
        assert (one.side, other.side) in {("right", "left"), ("midline", "midline")}


def test_every_region_of_the_shelf_is_found_on_a_view_and_a_pair_on_both_sides() -> None:
    drawn = {(part.region, part.side) for view in atlas().values() for part in view.parts}
    wanted = set()
    for key, region in load().shelf(BodyRegion).items():
        wanted |= {(key, side) for side in (("left", "right") if region.paired == "yes" else ("midline",))}
    assert drawn == wanted


@pytest.mark.parametrize(("view", "part"), PARTS)
def test_a_part_says_of_its_region_what_the_shelf_says(view: View, part: Part) -> None:
    region = load().shelf(BodyRegion)[part.region]
    assert part.parent == region.limb
    assert set(part.tissues) <= set(region.structures)


@pytest.mark.parametrize(("view", "part"), PARTS)
def test_a_part_has_room_for_a_finger_and_a_limb_opens_larger(view: View, part: Part) -> None:
    assert 2 * room(part.polygon, part.label) >= LEAST
    limb = part.parent in ("upper_limb", "lower_limb")
    assert part.panel or not limb or view.id in ("palms", "soles")
    panels = {panel.id: panel for panel in view.panels}
    if part.panel:
        assert limb or panels[part.panel].title.startswith("Head and neck")
        assert not limb or panels[part.panel].title.endswith(f", {part.side}")


@pytest.mark.parametrize("view", atlas().values(), ids=atlas())
def test_no_part_lies_on_another(view: View) -> None:
    for one, other in combinations(view.parts, 2):
        assert not contains(other.polygon, one.label), (one.region, other.region)
        assert not contains(one.polygon, other.label), (one.region, other.region)


# --- What a figure shows ----------------------------------------------------------------------------------------


def drawn_at(view: str, *marks: Mark) -> list[tuple[str, float, float]]:
    """Class and centre of each mark, from the figure and its definitions as a browser would place them."""
    shared = ET.fromstring(definitions([view]))  # noqa: S314 (our own writing)
    paths = {f"#{node.get('id')}": node.get("d", "") for node in shared.iter(f"{SVG}path") if node.get("id")}
    paths |= {f"#{node.get('id')}": node.get("d", "") for node in shared.iter("path") if node.get("id")}
    root = ET.fromstring(body_figure(view, marks, id="one", title="One", description=""))  # noqa: S314 - ours
    found = []
    for group in root.iter(f"{SVG}g"):
        if "body-mark" not in group.get("class", ""):
            continue
        points = re.findall(r"([-\d.]+) ([-\d.]+)", paths[group[0].attrib["href"]])
        x, y = centroid([(float(a), float(b)) for a, b in points])
        turned = group.get("transform", "") == f"matrix(-1 0 0 1 {atlas()[view].width:g} 0)"
        found.append((group.attrib["class"], atlas()[view].width - x if turned else x, y))
    return found


def labels(view: str) -> dict[str, float]:
    """Where R and L stand on a figure."""
    root = ET.fromstring(body_figure(view, [], id="one", title="One", description=""))  # noqa: S314 - our own drawing
    words = {node.text or "": float(node.attrib["x"]) for node in root.iter(f"{SVG}text")}
    assert {"R", "right"} <= set(words) or {"L", "left"} <= set(words)
    return {letter: x for letter, x in words.items() if letter in "RL"}


@pytest.mark.parametrize("view", AT_THE_VIEWERS_LEFT)
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_mark_is_drawn_on_the_half_that_bears_its_letter(view: str, side: str) -> None:
    letters, middle = labels(view), atlas()[view].width / 2
    at = letters["R" if side == "right" else "L"]
    regions = {part.region for part in atlas()[view].parts if part.side == side}
    assert regions
    for region in regions:
        ((_, x, _),) = drawn_at(view, Mark(region, side, Kind.TREATED))
        assert (x < middle) == (at < middle), region


@pytest.mark.parametrize(("view", "side"), SHOWS_ONE_SIDE.items())
def test_a_view_of_one_side_bears_its_letter_and_shows_nothing_of_the_other(view: str, side: str) -> None:
    assert [*labels(view)] == ["R" if side == "right" else "L"]
    other = "left" if side == "right" else "right"
    assert len(drawn_at(view, Mark("knee", side, Kind.TREATED))) == 1
    assert drawn_at(view, Mark("knee", other, Kind.TREATED)) == []
    assert drawn_at(view, Mark("trunk_posterior", other, Kind.TREATED)) == []


def test_a_side_of_a_midline_region_is_its_half_and_the_midline_is_all_of_it() -> None:
    half = body_figure("back", [Mark("trunk_posterior", "right", Kind.TREATED)], id="one", title="", description="")
    whole = body_figure("back", [Mark("trunk_posterior", "midline", Kind.TREATED)], id="one", title="", description="")
    assert "url(#half-back-right)" in half
    assert "half" not in whole
    shared = ET.fromstring(definitions(["back"]))  # noqa: S314 - our own drawing
    (clip,) = [node for node in shared.iter("clipPath") if node.get("id") == "half-back-right"]
    assert float(clip[0].attrib["x"]) == 100


def test_a_side_that_nobody_said_is_unfinished_on_both() -> None:
    found = drawn_at("front", Mark("knee", "", Kind.CHOSEN))
    assert len(found) == 2
    assert all("body-unsided" in class_ for class_, _, _ in found)
    assert not any("body-unsided" in class_ for class_, _, _ in drawn_at("front", Mark("knee", "left", Kind.CHOSEN)))


def test_kinds_differ_by_pattern_and_not_by_colour_alone() -> None:
    def look(kind: Kind) -> str:
        mark = Mark("knee", "left", kind)
        return re.findall(r'fill="([^"]*)"', body_figure("front", [mark], id="one", title="", description=""))[-3]

    fills = {kind: look(kind) for kind in Kind}
    assert len(set(fills.values())) == len(Kind)
    assert fills[Kind.TREATED] == "url(#body-hatch)"
    assert all(f'id="{name[5:-1]}"' in definitions(["front"]) for name in fills.values() if name != "none")


def test_a_figure_says_its_title_and_description_and_lets_nothing_else_in() -> None:
    svg = body_figure("front", [], id="one", title="<b>", description='"&')
    assert '<title id="one-title">&lt;b&gt;</title><desc id="one-desc">&quot;&amp;</desc>' in svg
    assert 'role="img"' in svg
    with pytest.raises(ValueError, match="An id starts with a letter"):
        body_figure("front", [], id='"x', title="", description="")


def test_definitions_hold_what_figures_refer_to_and_no_id_twice() -> None:
    shared = definitions(atlas())
    ids = re.findall(r'id="([^"]+)"', shared)
    assert len(ids) == len(set(ids))
    every = [Mark(part.region, "", kind) for kind in Kind for part in atlas()["left_side"].parts]
    figures = [touch_figure(view) for view in atlas()]
    figures += [body_figure(view, every, id="one", title="", description="", placeless=True) for view in atlas()]
    named = {one for svg in figures for one in re.findall(r'(?:href="|url\()#([^")]+)', svg)}
    assert named - set(ids) == set()


def test_as_few_views_as_show_everything_and_of_two_the_one_that_shows_more() -> None:
    assert views_for([]) == ()
    assert views_for([Mark("foot_plantar", "left", Kind.TREATED)]) == ("soles",)
    assert views_for([Mark("lower_leg_posterior", "left", Kind.TREATED)]) == ("back",)
    assert views_for([Mark("knee", "left", Kind.TREATED)]) == ("front",)
    assert views_for([Mark("thigh_lateral_itb", "left", Kind.TREATED)]) == ("left_side",)
    both = [Mark("knee", "right", Kind.TREATED), Mark("lower_leg_posterior", "right", Kind.REACTION)]
    assert len(views_for(both)) == 1
    apart = [Mark("thigh_lateral_itb", side, Kind.TREATED) for side in ("left", "right")]
    assert set(views_for(apart)) == {"right_side", "left_side"}


def test_geometry_of_a_square() -> None:
    square = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0))
    assert area(square) == 16
    assert centroid(square) == (2, 2)
    assert roomiest(square) == (2, 2)
    assert room(square, (2, 1)) == 1
    assert room(square, (2, -1)) == -1
    assert smooth(square, frozenset(square)).startswith("M0 0C1.3 0 2.7 0 4 0C")
