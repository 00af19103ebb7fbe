#!/usr/bin/python3
"""Plays every case of the law through the built `etalon`: one directory of this folder per row that `etalon law` prints.

A directory holds old.h and new.h (struct `sample`), old.csv (rows in the old layout), and expect.txt, in sections:

  # changes      what register says of new.h after old.h, a line each: verdict | row | change | reason. Changes of place
                 (row `moved`) are left out unless the directory is about them
  # rows         what `get --schema 2` prints as CSV
  # losses       the note about values that a rule allows to change
  # absent, # truncated   what it flags, one per line; no section: nothing
  # strict       what `get --strict` says of them, a part of the message per line
  # refused      rows that do not convert, each put behind those of old.csv: row -> part | part -> row read as lenient,
                 or `error` when that is refused as well
  # error        when nothing can be read: what the message says, a part per line, instead of rows

With `# back changes` the other way round is played as well: new.h first, the rows of new.csv, then old.h, and the
sections `# back rows` and so on. In old.h and new.h the sections are about reading rows across, never about storing them.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
SECTIONS = {"changes", "rows", "losses", "absent", "truncated", "strict", "refused", "error"}
GOOD = "2020-01-01T00:00:00Z"
LOSSY = "2021-01-01T00:00:00Z"


class Wrong(Exception):
    """An expectation that does not hold."""


def begin_of(number):
    """Of the record with refused row `number`."""
    return "2020-02-%02dT00:00:00Z" % (number + 1)


def read_sections(path):
    sections = {}
    lines = None
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            lines = sections.setdefault(line[2:], [])
        elif lines is None:
            raise Wrong(f"{path}: a line before the first section")
        elif line:
            lines.append(line)
    for name in sections:
        if name.removeprefix("back ") not in SECTIONS:
            raise Wrong(f"{path}: there is no section '{name}'")
    return sections


class Etalon:
    """The program on a database of its own."""

    def __init__(self, program, folder):
        self.program = program
        self.url = f"sqlite:{folder}/evolution.db"
        self.folder = folder

    def run(self, *args, status=0):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ETALON_")}
        done = subprocess.run([self.program, "-d", self.url, *args], capture_output=True, text=True, env=environment,
                              cwd=self.folder, timeout=60, check=False)
        if done.returncode != status:
            raise Wrong(f"etalon {' '.join(map(str, args))}: status {done.returncode}, not {status}\n{done.stdout}{done.stderr}")
        return done


def expect_equal(what, found, expected):
    if found != expected:
        raise Wrong(f"{what}\n  expected: " + "\n            ".join(map(str, expected or ["nothing"])) +
                    "\n  found:    " + "\n            ".join(map(str, found or ["nothing"])))


def expect_parts(what, message, parts):
    for part in parts:
        if part not in message:
            raise Wrong(f"{what}: the message does not say '{part}'\n{message}")


class Direction:
    """One way through a case: rows of one layout, read in another one."""

    def __init__(self, case, etalon, prefix, stored, asked, data):
        self.case, self.etalon, self.prefix = case, etalon, prefix
        self.stored, self.asked, self.data = case / stored, case / asked, case / data
        self.sections = read_sections(case / "expect.txt")

    def section(self, name):
        return self.sections.get(self.prefix + name, [])

    def has(self, name):
        return self.prefix + name in self.sections

    def play(self):
        rules = ["--rules", str(self.case / "rules")] if (self.case / "rules").is_dir() else []
        self.etalon.run("register", self.stored)
        self.put_rows()
        report = json.loads(self.etalon.run("register", self.asked, *rules, "--format", "json").stdout)
        outcome, = (one for one in report["structs"] if one["struct"] == "sample")
        self.check_changes(outcome)
        # A layout that differs in nothing that counts is the schema version that is there.
        schema = str(outcome["schema"])
        if self.has("error"):
            message = self.etalon.run("get", "sample", "--at", GOOD, "--schema", schema, status=3).stderr
            expect_parts("the error", message, [*self.section("error"), "sample", GOOD])
            return
        self.check_rows(schema)
        self.check_flags(schema)
        self.check_refused(schema)

    def put_rows(self):
        text = self.data.read_text(encoding="utf-8")
        files = [(GOOD, text)]
        bad = [line.split(" -> ")[0] for line in self.section("refused")]
        files += [(begin_of(number), text + line + "\n") for number, line in enumerate(bad)]
        if bad:
            files.append((LOSSY, text.splitlines()[0] + "\n" + "\n".join(bad) + "\n"))
        manifest = "table,struct,beginTime,path\n"
        for number, (begin, rows) in enumerate(files):
            (self.etalon.folder / f"rows{number}.csv").write_text(rows, encoding="utf-8")
            manifest += f"evolution/sample,sample,{begin},rows{number}.csv\n"
        (self.etalon.folder / "manifest.csv").write_text(manifest, encoding="utf-8")
        self.etalon.run("import", "--lenient", "manifest.csv")

    def check_changes(self, outcome):
        found = []
        for line in outcome["changes"]:
            # What looks like a rename has to be decided, whatever the law says of reading it.
            asked = line["kind"] == "removed" and any(
                rule.startswith(f"rename {line['element']} -> ") for rule in outcome["proposed"])
            if line["blocks"] != (asked or line["verdict"] in ("needs rule", "refused")):
                raise Wrong(f"a {line['verdict']} change with blocks {line['blocks']}")
            if line["row"] != "moved" or self.case.name == "moved":
                found.append(" | ".join(line[key] for key in ("verdict", "row", "change", "reason")))
        expect_equal("changes", found, self.section("changes"))

    def check_rows(self, schema):
        done = self.etalon.run("get", "sample", "--at", GOOD, "--schema", schema, "--format", "csv")
        expect_equal("rows", done.stdout.splitlines(), self.section("rows"))
        notes = {"absent": "absent (default or zero): ", "truncated": "truncated: "}
        expected = [f"etalon: note: {words}{', '.join(self.section(flag))}" for flag, words in notes.items() if self.section(flag)]
        expected += [f"etalon: note: {line}" for line in self.section("losses")]
        expect_equal("notes", done.stderr.splitlines(), expected)

    def check_flags(self, schema):
        if self.section("absent") or self.section("truncated"):
            out = self.etalon.run("get", "sample", "--at", GOOD, "--schema", schema, "--format", "json").stdout
            for flag in ("absent", "truncated"):
                expect_equal(flag, json.loads(out)[flag], self.section(flag))
        if self.section("absent"):
            message = self.etalon.run("get", "sample", "--at", GOOD, "--schema", schema, "--strict", status=3).stderr
            expect_parts("strict", message, self.section("strict") or self.section("absent"))
        elif self.case.name in ("removed", "unchanged", "array_shorter"):  # strict is about what is absent, only
            self.etalon.run("get", "sample", "--at", GOOD, "--schema", schema, "--strict")

    def check_refused(self, schema):
        good_rows = len(self.data.read_text(encoding="utf-8").splitlines()) - 1
        lenient, refused = [], []
        for number, line in enumerate(self.section("refused")):
            _, parts, read = line.split(" -> ")
            (refused if read == "error" else lenient).append(read)
            message = self.etalon.run("get", "sample", "--at", begin_of(number), "--schema", schema, status=3).stderr
            expect_parts(line, message, [*parts.split(" | "), "sample", begin_of(number), f"row {good_rows}"])
        if lenient and refused:
            raise Wrong("refused: rows that lenient reads and rows that it does not, in one case")
        if refused:
            self.etalon.run("get", "sample", "--at", LOSSY, "--schema", schema, "--lenient", status=3)
        if lenient:
            done = self.etalon.run("get", "sample", "--at", LOSSY, "--schema", schema, "--lenient", "--format", "csv")
            expect_equal("lenient", done.stdout.splitlines()[1:], lenient)
            expect_parts("losses", done.stderr, [f"{len(lenient)} value"])


def play(program, case, empty):
    """All that is wrong with a case, as text."""
    ways = [("", "old.h", "new.h", "old.csv")]
    problems = []
    try:
        if "back changes" in read_sections(case / "expect.txt"):
            ways.append(("back ", "new.h", "old.h", "new.csv"))
        for prefix, stored, asked, data in ways:
            with tempfile.TemporaryDirectory(prefix="etalon_evolution_") as folder:
                folder = pathlib.Path(folder)
                shutil.copy(empty / "evolution.db", folder)
                try:
                    Direction(case, Etalon(program, folder), prefix, stored, asked, data).play()
                except Wrong as problem:
                    problems.append(f"{case.name}{', back' if prefix else ''}: {problem}")
    except (Wrong, OSError) as problem:
        problems.append(f"{case.name}: {problem}")
    return problems


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--etalon", required=True)
    parser.add_argument("--document", type=pathlib.Path, help="where the law is written for people")
    parser.add_argument("cases", nargs="*", help="only these")
    args = parser.parse_args()
    problems = []
    law = json.loads(subprocess.run([args.etalon, "law", "--format", "json"], capture_output=True, text=True, check=True).stdout)
    rows = [row["row"] for row in law]
    has_rules = "--rules" in subprocess.run([args.etalon, "register", "--help"], capture_output=True, text=True, check=True).stdout
    cases = sorted(path.name for path in HERE.iterdir() if path.is_dir() and path.name != "__pycache__")
    problems += [f"the row {row} of the law has no directory in tests/law" for row in rows if row not in cases]
    problems += [f"the directory {case} is no row of the law" for case in cases if case not in rows]
    if args.document:
        table = "".join(f"| `{row['row']}` | {row['change']} | {row['verdict']} | {row['reader']} |\n" for row in law)
        if table not in args.document.read_text(encoding="utf-8"):
            problems.append(f"{args.document} has not the table of the law that the program has; it should have\n{table}")
    with tempfile.TemporaryDirectory(prefix="etalon_evolution_") as empty:
        empty = pathlib.Path(empty)
        Etalon(args.etalon, empty).run("init")
        with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            chosen = [HERE / case for case in cases if not args.cases or case in args.cases]
            if not has_rules and any((case / "rules").is_dir() for case in chosen):
                print("cases with rules were left out: this program has no --rules")
                chosen = [case for case in chosen if not (case / "rules").is_dir()]
            for found in pool.map(lambda case: play(args.etalon, case, empty), chosen):
                problems += found
    print("\n".join(problems) if problems else f"{len(chosen)} cases of the law hold")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
