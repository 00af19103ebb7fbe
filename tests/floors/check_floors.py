#!/usr/bin/env python3
"""Keeps the floors of docs/architecture.md: who may include whom, which room may see which third-party library,
and that SQL stands in the rooms of its tables.

check_floors.py ROOT   prints every violation as file:line: what, and exits with 1 when there is one.
"""

import pathlib
import re
import sys

# A room may include its own folder, rooms of lower floors, and the installed headers; never a sibling, never upwards.
FLOORS = {
    "base": 0,
    "files": 1, "schema": 1, "backends": 1,
    "text": 2, "evolution": 2, "conversion": 2,
    "reflect": 3, "store": 3, "index": 3, "config_tree": 3, "params": 3, "objects": 3,
    "place": 4,
    "layers": 5,
    "database": 6,
    "differences": 7, "interchange": 7,
    "cli": 8,
}
# Siblings of which one may include the other, never the reverse.
BESIDE = {("conversion", "evolution")}
# The header of the facade, which only what stands on these floors may include; below it would be everybody's ground.
FACADE = "etalon/database.h"
FACADE_FROM = FLOORS["layers"]
# Headers that include it, so that they are above it too.
OF_FACADE = {FACADE, "etalon/federation.h", "etalon/etalon.h"}
# Users' code: programs that see the installed headers and what etalon_add_structs generates. Benchmarks look everywhere.
PUBLIC = "include/etalon"

# Third-party headers: where they may be named. A room inside a room is `room/part`.
THIRD_PARTY = {
    "fmt/": set(FLOORS),
    "date/": {"base"},
    "openssl/": {"base"},
    "xxhash.h": {"base"},
    "utf8proc.h": {"base"},
    "nlohmann/": {"schema", "text", "evolution", "params", "reflect", "interchange"},
    "udunits2.h": {"schema"},
    "gmpxx.h": {"schema"},
    "sqlite3.h": {"backends/sqlite"},
    "pqxx/": {"backends/postgres"},
    "libpq-fe.h": {"backends/postgres"},
    "zstd.h": {"store"},
    "emmintrin.h": {"conversion"},  # streaming stores, where the processor has them
    "tmmintrin.h": {"conversion"},  # byte shuffles, likewise
    "clang/": {"reflect"},
    "llvm/": {"reflect"},
    "toml++/": {"database"},
    "CLI/": {"cli"},
}
# Costly to parse, or not to be seen by others: only in .cpp files.
ONLY_IN_SOURCES = ("nlohmann/", "clang/", "llvm/", "toml++/", "openssl/", "xxhash.h", "utf8proc.h", "zstd.h", "udunits2.h", "date/")
MAX_CLANG_FILES = 2
# C and POSIX headers; those of C++ have no dot.
SYSTEM = {"dirent.h", "dlfcn.h", "errno.h", "fcntl.h", "pwd.h", "signal.h", "stdlib.h", "string.h", "termios.h", "time.h", "unistd.h", "netdb.h",
          "poll.h", "pthread.h", "sched.h"}

# Rooms of tables, and what talks to the engines: SQL stands only here.
SQL_ROOMS = {"backends", "store", "index", "config_tree", "objects"}
# Uppercase, as all SQL of the project is written.
SQL = re.compile(r"""\b(?:
    SELECT\s | INSERT\s+(?:OR\s+\w+\s+)?INTO\b | UPDATE\s+(?:\S+\s+SET\b|\\?["{]) | DELETE\s+FROM\b |
    CREATE\s+(?:OR\s+REPLACE\s+|TEMP\s+|UNIQUE\s+)*(?:TABLE|INDEX|TRIGGER|VIEW|FUNCTION|SCHEMA)\b |
    (?:ALTER|DROP)\s+(?:TABLE|INDEX|TRIGGER|VIEW|FUNCTION|SCHEMA)\b | RENAME\s+TO\b |
    JOIN\s | FROM\s+(?:\\?["({]) | WHERE\s | (?:ORDER|GROUP|PARTITION)\s+BY\b | UNION\s+ALL\b | LIMIT\s+[?{0-9] |
    GRANT\s | PRAGMA\s | LOCK\s+TABLE\b | IS\s+(?:NOT\s+)?NULL\b | NOT\s+EXISTS\b | EXISTS\s*\(
)""", re.X)
# Comments first, so that what stands in them is no literal; then characters, raw strings and strings.
LITERAL = re.compile(r"""//[^\n]*|/\*.*?\*/|(?<![0-9A-Za-z_])'(?:[^'\\\n]|\\.)+'|R"([^()\s\\]{0,16})\((.*?)\)\1"|"((?:[^"\\\n]|\\.)*)\"""",
                     re.S)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')


def is_standard(name):
    return ("." not in name and "/" not in name) or name in SYSTEM or name.startswith("sys/")


def includes_of(path):
    """(line number, bracket, name) of every include; comments are cut first."""
    text = path.read_text(encoding="utf-8", errors="replace")
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
    for number, line in enumerate(text.splitlines(), 1):
        found = INCLUDE.match(line)
        if found:
            yield number, found[1], found[2]


def sql_of(path):
    """(line number, text) of the first piece of SQL in each string literal."""
    text = path.read_text(encoding="utf-8", errors="replace")
    for found in LITERAL.finditer(text):
        literal = found[2] if found[2] is not None else found[3]
        sql = SQL.search(literal) if literal else None
        if sql:
            start = found.start(2 if found[2] is not None else 3)
            yield text.count("\n", 0, start + sql.start()) + 1, " ".join(sql[0].split())


def check_own(room, name, path, root):
    """What is wrong with a quoted include of one of our files; nothing when it is fine."""
    if name in OF_FACADE and room != PUBLIC and FLOORS[room] < FACADE_FROM:
        return f"{room} is below the facade: include the header of include/etalon/ that has what is used, not {name}"
    if name.startswith("etalon/"):
        return None if (root / "include" / name).exists() else f"there is no include/{name}"
    if room == PUBLIC:
        return f"an installed header may include only etalon/ and the standard library, not {name}"
    if "/" not in name:
        return f"write {name} with its folder"
    target = name.split("/")[0]
    if target not in FLOORS:
        return f"{name} belongs to no room"
    if not (root / name).exists():
        return f"there is no {name}"
    if target == room or (room, target) in BESIDE:
        return None
    if FLOORS[target] == FLOORS[room]:
        return f"{room} and {target} are siblings: neither may include the other"
    if FLOORS[target] > FLOORS[room]:
        return f"{room} is below {target}: it may not include upwards"
    return None


def check_other(room, name, path, root):
    """What is wrong with an include of something that is not ours."""
    if is_standard(name):
        return None
    # This header is for C, too.
    if room == PUBLIC and name == "stdint.h" and path.name == "ref.h":
        return None
    if room == PUBLIC:
        return f"an installed header may include only etalon/ and the standard library, not {name}"
    for prefix, rooms in THIRD_PARTY.items():
        if name == prefix or (prefix.endswith("/") and name.startswith(prefix)):
            folder = path.relative_to(root).parent.as_posix()
            if not any(folder == one or folder.startswith(one + "/") for one in rooms):
                return f"{name} may be seen only by {', '.join(sorted(rooms))}"
            if path.suffix == ".h" and prefix in ONLY_IN_SOURCES:
                return f"{name} belongs in a .cpp file"
            return None
    return f"{name} is not in the table of third-party headers (tests/floors/check_floors.py)"


def check(root):
    """All violations below `root`, as text."""
    findings = []
    for room in [*FLOORS, PUBLIC]:
        folder = root / room
        clang_files = []
        for path in sorted(p for p in folder.rglob("*") if p.suffix in (".h", ".hpp", ".cpp", ".inc")):
            for number, bracket, name in includes_of(path):
                ours = name.split("/")[0] in FLOORS or name.startswith("etalon/") or (bracket == '"')
                wrong = check_own(room, name, path, root) if ours else check_other(room, name, path, root)
                if wrong:
                    findings.append(f"{path.relative_to(root)}:{number}: {wrong}")
                if name.startswith(("clang/", "llvm/")) and path not in clang_files:
                    clang_files.append(path)
            if room not in SQL_ROOMS:
                for number, sql in sql_of(path):
                    findings.append(f"{path.relative_to(root)}:{number}: SQL ({sql}) belongs to the room of its table")
        if len(clang_files) > MAX_CLANG_FILES:
            names = ", ".join(str(p.relative_to(root)) for p in clang_files)
            findings.append(f"{room}: Clang is seen by {len(clang_files)} files, at most {MAX_CLANG_FILES} may: {names}")
    # A source folder that the table does not know would escape the check.
    for folder in sorted(p for p in root.iterdir() if p.is_dir() and (p / "CMakeLists.txt").exists()):
        if folder.name not in {*FLOORS, "tests", "examples", "benchmarks"} and not folder.name.startswith(("build", ".")):
            findings.append(f"{folder.name}: this folder stands on no floor")
    # The runtime library never links Clang.
    for room in FLOORS:
        cmake = root / room / "CMakeLists.txt"
        if room != "reflect" and cmake.exists():
            for number, line in enumerate(cmake.read_text(encoding="utf-8").splitlines(), 1):
                code = line.split("#")[0]
                if re.search(r"clang|LLVM", code) or (room != "cli" and "etalon_reflect" in code):
                    findings.append(f"{room}/CMakeLists.txt:{number}: only reflect/ links Clang, only cli/ links reflect/")
    return findings


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    if not (root / "include" / "etalon").is_dir():
        sys.exit(f"{root} is not the project")
    findings = check(root)
    print("\n".join(findings) if findings else "the floors hold")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
