#!/usr/bin/env python3
"""What the formatter does not see: the length of lines, and the names of tests.

check_sources.py ROOT   prints every violation as file:line: what, and exits with 1 when there is one.

A line of C++, Python, CMake or a script has at most 150 characters; the formatter breaks C++ at 120, but for texts and raw strings,
which are left as long as they are. A source of a test program is called *_test.cpp and has tests, and no two tests of
a program have the same name, so that one is found by it.
"""

import pathlib
import re
import subprocess
import sys

MAX_COLUMNS = 150
# Written by others, or read as what people write.
NOT_OURS = re.compile(r"^(structs/|examples/.*\.h$|tests/(golden|law|cli|reflect|package|docs|demo)/|benchmarks/bench_structs\.h$)")
SOURCES = re.compile(r"(\.(cpp|h|py|cmake)|/?CMakeLists\.txt)$|^scripts/")
RAW_STRING = re.compile(r'R"([^()\\\s]{0,16})\(.*?\)\1"', re.DOTALL)
TEST_NAME = re.compile(r'TEST_CASE(?:_FIXTURE\(\s*\w+\s*,|\()\s*((?:"(?:[^"\\]|\\.)*"\s*)+)')


def find_long_lines(path, text):
    # Of a raw string only the ends of its lines are left.
    broken = RAW_STRING.sub(lambda raw: "\n" * raw.group().count("\n"), text) if path.endswith((".cpp", ".h")) else text
    for number, line in enumerate(broken.splitlines(), 1):
        if len(line) > MAX_COLUMNS:
            yield f"{path}:{number}: {len(line)} characters; at most {MAX_COLUMNS}"


def find_names(path, text):
    """Yields (line, name) of the tests."""
    for match in TEST_NAME.finditer(text):
        name = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', match.group(1)))
        yield text.count("\n", 0, match.start()) + 1, name


def check_tests(root, paths):
    seen = {}
    for path in paths:
        parts = path.split("/")
        if parts[0] != "tests" or not path.endswith(".cpp"):
            continue
        names = list(find_names(path, (root / path).read_text(encoding="utf-8")))
        if path.endswith("_test.cpp") and not names:
            yield f"{path}:1: a test source without a test"
        if names and not path.endswith("_test.cpp"):
            yield f"{path}:{names[0][0]}: tests stand in sources called *_test.cpp"
        for line, name in names:
            program = parts[1]
            if not name.strip():
                yield f"{path}:{line}: a test without a name"
            before = seen.setdefault((program, name), f"{path}:{line}")
            if before != f"{path}:{line}":
                yield f"{path}:{line}: a test of the same name stands at {before}"


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    listed = subprocess.run(["git", "-C", str(root), "ls-files", "--cached", "--others", "--exclude-standard"],
                            capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        paths = listed.stdout.split("\n")
    else:  # an archive, not a clone
        paths = [str(path.relative_to(root)) for path in root.rglob("*") if "build" not in path.parts]
    paths = sorted({path for path in paths if SOURCES.search(path) and not NOT_OURS.search(path) and (root / path).is_file()})
    if not paths:
        print(f"{root}: no sources", file=sys.stderr)
        return 2
    problems = []
    for path in paths:
        problems += find_long_lines(path, (root / path).read_text(encoding="utf-8"))
    problems += check_tests(root, paths)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
