"""The list of what Strigil is made of is whole, or it is not written."""

from __future__ import annotations

from typing import Any

import pytest

from scan.sbom import HOME, LOCK, Lacking, licences, listed

DIGEST = "ab" * 32
TEXT = f"one==1.0 \\\n    --hash=sha256:{DIGEST}\ntwo-three==2.0 \\\n    --hash=sha256:{DIGEST}\n"


def component(name: str, version: str, licence: str = "MIT") -> dict[str, Any]:
    licensed = [{"license": {"id": licence}}] if licence else []
    return {"bom-ref": f"{name}=={version}", "name": name, "version": version, "licenses": licensed}


def environment(*components: dict[str, Any]) -> dict[str, Any]:
    refs = [one["bom-ref"] for one in components]
    edges = [{"ref": "root", "dependsOn": refs}, *({"ref": ref} for ref in refs)]
    return {"components": list(components), "dependencies": edges, "metadata": {"component": {"bom-ref": "root"}}}


ONE, TWO, TOOL = component("one", "1.0"), component("Two_Three", "2.0"), component("a-tool", "3")


def test_every_package_of_the_lock_is_listed_with_its_hash_and_tools_are_not() -> None:
    made = listed(environment(ONE, TWO, TOOL), TEXT, {})
    assert [one["name"] for one in made["components"]] == ["one", "Two_Three"]
    digests = [one["externalReferences"][-1]["hashes"] for one in made["components"]]
    assert digests == [[{"alg": "SHA-256", "content": DIGEST}]] * 2
    assert made["dependencies"][0]["dependsOn"] == ["one==1.0", "Two_Three==2.0"]
    assert len(made["dependencies"]) == 3


@pytest.mark.parametrize(
    ("components", "said"),
    [
        ([ONE], "two-three: no entry"),
        ([ONE, component("two-three", "2.1")], "two-three: the lock has 2.0, the environment 2.1"),
        ([ONE, component("two-three", "2.0", "")], "two-three: no licence"),
    ],
)
def test_what_is_not_known_of_a_package_is_said(components: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(Lacking, match=said):
        listed(environment(*components), TEXT, {})


def test_a_package_without_a_hash_is_said() -> None:
    with pytest.raises(Lacking, match="one: no hash"):
        listed(environment(ONE), "one==1.0\n", {})


def test_a_licence_that_a_package_does_not_tell_is_taken_from_our_own_list() -> None:
    made = listed(environment(ONE, component("two-three", "2.0", "")), TEXT, {"two-three": "zlib"})
    assert made["components"][1]["licenses"] == [{"license": {"name": "zlib"}}]
    assert licences((HOME / "THIRD_PARTY.md").read_text("utf-8"))["pysqlite3"] == "zlib"


def test_the_list_is_made_of_the_lock_that_a_clinic_installs() -> None:
    assert LOCK.name == "requirements-postgres.lock"
    assert LOCK.name in (HOME / "deploy/Containerfile").read_text("utf-8")
