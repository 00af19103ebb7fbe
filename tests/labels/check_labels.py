#!/usr/bin/python3
"""check_labels.py CTEST BUILD: every test of a build has exactly one of the labels quick, full and long."""

import json
import subprocess
import sys

WHEN = {"quick", "full", "long"}


def labels_of(test):
    for one in test.get("properties", []):
        if one["name"] == "LABELS":
            return set(one["value"])
    return set()


def main():
    ctest, build = sys.argv[1:]
    shown = subprocess.run([ctest, "--test-dir", build, "--show-only=json-v1"], check=True, capture_output=True, text=True)
    tests = json.loads(shown.stdout)["tests"]
    wrong = 0
    for test in tests:
        found = labels_of(test) & WHEN
        if len(found) != 1:
            wrong += 1
            has = "has the labels " + " and ".join(sorted(found)) if found else "has no label"
            print(f"test '{test['name']}' {has}; expected exactly one of quick, full and long: set its property LABELS "
                  "(CONTRIBUTING.md)", file=sys.stderr)
    print(f"{len(tests)} tests, {wrong} of them labelled wrongly")
    return 1 if wrong or not tests else 0


sys.exit(main())
