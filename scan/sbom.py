"""``make sbom``: what Strigil is made of, as CycloneDX: every package with version, hashes and licence."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from scan.__main__ import HOME, TOOLS
from scan.judge import locked

LOCK = HOME / "requirements-postgres.lock"
OUT = HOME / "dist/strigil.cdx.json"


class Lacking(Exception):
    """Something that belongs into the list is not known."""


def hashes(lock: str) -> dict[str, list[str]]:
    """The hashes of each package's files, by its name; of packages for this system."""
    names = {name for name, _ in locked(lock)}
    entries = re.split(r"\n(?=[a-z0-9])", lock)
    found = {one.split("==")[0]: re.findall(r"--hash=sha256:([0-9a-f]{64})", one) for one in entries}
    return {name: found[name] for name in sorted(names)}


def licences(page: str) -> dict[str, str]:
    """What THIRD_PARTY.md says, for packages that do not say it themselves."""
    return dict(re.findall(r"^\| `([a-z0-9-]+)`(?: \(optional\))? \| ([^;|]+?)(?:;[^|]*)? \|$", page, re.MULTILINE))


def listed(made: dict[str, Any], lock: str, known: dict[str, str]) -> dict[str, Any]:
    """The list of an environment, cut to the lock and completed with its hashes.

    Raises:
        Lacking: when a package of the lock has no entry, no hash or no licence, or is installed in another version.
    """
    wanted = hashes(lock)
    kept = [one for one in made["components"] if one["name"].lower().replace("_", "-") in wanted]
    for one in kept:
        name = one["name"].lower().replace("_", "-")
        if not one.get("licenses") and name in known:
            one["licenses"] = [{"license": {"name": known[name]}}]
        one["externalReferences"] = [
            *one.get("externalReferences", []),
            {
                "type": "distribution",
                "url": f"{name}=={one['version']}",
                "hashes": [{"alg": "SHA-256", "content": digest} for digest in wanted[name]],
            },
        ]
    have = {one["name"].lower().replace("_", "-"): one for one in kept}
    versions = dict(locked(lock))
    lacking = [
        f"{name}: the lock has {versions[name]}, the environment {one['version']}"
        for name, one in have.items()
        if one["version"] != versions[name]
    ]
    lacking += [f"{name}: no entry" for name in wanted if name not in have]
    lacking += [f"{name}: no hash" for name, found in wanted.items() if not found]
    lacking += [f"{name}: no licence" for name, one in have.items() if not one.get("licenses")]
    if lacking:
        raise Lacking("; ".join(lacking))
    refs = {one["bom-ref"] for one in kept} | {made["metadata"]["component"]["bom-ref"]}
    edges = [
        one | {"dependsOn": [ref for ref in one.get("dependsOn", []) if ref in refs]}
        for one in made["dependencies"]
        if one["ref"] in refs
    ]
    return made | {"components": kept, "dependencies": edges}


def main() -> int:
    """Write the list, or say what is not known."""
    command = [TOOLS / "cyclonedx-py", "environment", "--pyproject", "pyproject.toml", "--output-reproducible"]
    done = subprocess.run([*command, sys.executable], cwd=HOME, capture_output=True, text=True, check=True)
    try:
        known = licences((HOME / "THIRD_PARTY.md").read_text(encoding="utf-8"))
        written = listed(json.loads(done.stdout), LOCK.read_text(encoding="utf-8"), known)
    except Lacking as lacking:
        print(f"scan.sbom: nothing was written: {lacking}", file=sys.stderr)
        return 1
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
    print(f"{Path(OUT).relative_to(HOME)}: {len(written['components'])} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
