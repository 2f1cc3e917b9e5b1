"""Ids sort by when they were made: rows of one form keep the order in which they stood on the page."""

from __future__ import annotations

from strigil.accounts.models import uuid7


def test_ids_made_one_after_the_other_sort_so() -> None:
    made = [uuid7() for _ in range(2000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_an_id_is_a_version_7_of_the_standard_variant() -> None:
    assert {(one.version, one.variant) for one in (uuid7() for _ in range(50))} == {(7, "specified in RFC 4122")}
