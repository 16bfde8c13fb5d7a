"""`make trace`: which promise has a test that proves it, and which has none yet."""

import json
import sys
from collections import defaultdict
from pathlib import Path

import pytest

PROMISES = json.loads((Path(__file__).parent / "promises.json").read_text())
KINDS = (("invariant", "invariants", "Invariants"), ("bar", "bars", "Bars"), ("row", "rows", "Capabilities"))


class Collector:
    """Remembers which tests carry which mark."""

    def __init__(self) -> None:
        self.proofs: dict[tuple[str, str], set[str]] = defaultdict(set)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            for kind, _, _ in KINDS:
                for mark in item.iter_markers(kind):
                    for promised in mark.args:
                        self.proofs[kind, str(promised)].add(item.nodeid.partition("[")[0])


def collected() -> dict[tuple[str, str], set[str]]:
    collector = Collector()
    pytest.main(["--collect-only", "-p", "no:terminal", "-p", "no:cacheprovider"], plugins=[collector])
    return collector.proofs


def unknown(proofs: dict[tuple[str, str], set[str]]) -> list[str]:
    """Marks that name no promise."""
    known = {(kind, promise["id"]) for kind, key, _ in KINDS for promise in PROMISES[key]}
    return sorted(f"{kind} {promised}" for kind, promised in proofs.keys() - known)


def main() -> int:
    proofs = collected()
    for kind, key, heading in KINDS:
        proven = [p for p in PROMISES[key] if (kind, p["id"]) in proofs]
        print(f"\n{heading}: {len(proven)} of {len(PROMISES[key])} have a test")
        for promise in PROMISES[key]:
            tests = sorted(proofs.get((kind, promise["id"]), ()))
            star = "*" if promise.get("blocks_release") else " "
            print(f"  {promise['id']:>5}{star} {promise['title'][:70]:70}  {tests[0] if tests else 'no test yet'}")
            for more in tests[1:]:
                print(f"{'':80}{more}")
    return 1 if unknown(proofs) else 0


if __name__ == "__main__":
    sys.exit(main())
