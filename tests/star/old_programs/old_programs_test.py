#!/usr/bin/python3
"""Programs compiled with each of the layouts that TpcResponseSimulator ever had read all versions of its table, and what programs of each
layout write is read by all others. Held to a plain reading of the CSV files and of the history, which knows nothing of Etalon."""

import argparse
import csv
import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

SKIPPED = 77  # ctest shows it as skipped
NAME = "TpcResponseSimulator"
ARGS = None


def as_float32(value):
    return struct.unpack("f", struct.pack("f", float(value)))[0]


def run(*command, stdin=""):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ETALON_") or k == "ETALON_TEST_POSTGRES"}
    done = subprocess.run([str(c) for c in command], input=stdin, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def read_csv(path):
    return csv.DictReader(path.read_text(encoding="utf-8").splitlines())


def expected(fields, values):
    """What a program with these fields reads of values by name: absent ones are zero."""
    result, absent = {}, []
    for field in fields:
        count = 1
        for n in field["dims"]:
            count *= n
        if field["name"] not in values:
            absent.append(field["name"])
        stored = values.get(field["name"], [])
        result[field["name"]] = [as_float32(v) for v in stored[:count]] + [0.0] * (count - len(stored))
    return result, absent


def parse(line):
    status, absent, *fields = line.split(" ")
    values = {}
    for field in fields:
        name, text = field.split("=")
        values[name] = [float(v) for v in text.split(";")[:-1]]
    return status, [a for a in absent.removeprefix("absent=").split(",") if a], values


class OldPrograms(unittest.TestCase):
    maxDiff = None

    def read_by_all(self, url, reference, rows):
        """`rows`: (time, values by name), each read by every program."""
        compared = 0
        for number, version in enumerate(self.history, 1):
            lines = run(self.programs[number - 1], url, "read", reference, *(time for time, _ in rows)).splitlines()
            self.assertEqual(len(lines), len(rows))
            for line, (time, values) in zip(lines, rows):
                with self.subTest(layout=number, time=time, reference=reference):
                    status, absent, found = parse(line)
                    self.assertEqual(status, "Found")
                    self.assertEqual((found, absent), expected(version["fields"], values))
                    compared += sum(len(v) for v in found.values())
        return compared

    def check(self, url):
        database = url.split("#")[1]
        self.history = json.loads((ARGS.data / "schema_history" / f"{NAME}.json").read_text(encoding="utf-8"))["versions"]
        self.programs = [ARGS.programs / f"old_program_{n:02}" for n in range(1, len(self.history) + 1)]
        run(ARGS.etalon, "-d", url, "init")
        known = []  # a layout that comes back is the schema version that it was
        for number, version in enumerate(self.history, 1):
            said = run(ARGS.etalon, "-d", url, "register", ARGS.headers / f"{number:02}" / f"{NAME}.h")
            if version["fields"] not in known:
                known.append(version["fields"])
            self.assertIn(f"schema version {known.index(version['fields']) + 1}", said)
        tables = [row for row in read_csv(ARGS.data / "manifest.csv") if row["struct"] == NAME]
        self.assertEqual(len(tables), 28)
        rows = []
        with tempfile.TemporaryDirectory() as directory:
            manifest = ["table,struct,beginTime,path\n"]
            for number, table in enumerate(tables):
                shutil.copy(ARGS.data / table["path"], pathlib.Path(directory) / f"{number}.csv")
                manifest.append(f"{database}/{NAME},{NAME},{table['beginTime']},{number}.csv\n")
                line, = read_csv(ARGS.data / table["path"])
                values = {}
                for column, text in line.items():  # items of an array stand in order
                    values.setdefault(column.split("[")[0], []).append(text)
                rows.append((table["beginTime"], values))
            path = pathlib.Path(directory) / "manifest.csv"
            path.write_text("".join(manifest), encoding="utf-8")
            run(ARGS.etalon, "-d", url, "import", path)
        compared = self.read_by_all(url, NAME, rows)

        # The reverse, and all between: every program writes what every program reads.
        run(ARGS.etalon, "-d", url, "name", "written", NAME)
        seed = random.randrange(10**9)
        chance = random.Random(seed)
        written = []
        for number, version in enumerate(self.history, 1):
            values = {}
            for field in version["fields"]:
                count = 1
                for n in field["dims"]:
                    count *= n
                values[field["name"]] = [as_float32(chance.choice([chance.uniform(-9, 9), chance.uniform(-1e30, 1e30), 0.1, 1e-40]))
                                         for _ in range(count)]
            time = f"2030-01-{number:02}T00:00:00Z"
            text = " ".join(f"{v:.17g}" for field in version["fields"] for v in values[field["name"]])
            run(self.programs[number - 1], url, "write", "written", time,
                known.index(version["fields"]) + 1, stdin=text)
            written.append((time, values))
        compared += self.read_by_all(url, "written", written)
        print(f"{len(self.programs)} programs, {compared} values compared, seed {seed}")

    def test_on_sqlite(self):
        with tempfile.TemporaryDirectory() as directory:
            self.check(f"sqlite:{directory}/calib.db#Calibrations_tpc")

    def test_on_postgres(self):
        server = os.environ.get("ETALON_TEST_POSTGRES")
        if not server:
            self.skipTest("ETALON_TEST_POSTGRES is not set")
        self.check(f"{server}#old_programs_{os.getpid()}")


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--etalon", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--headers", type=pathlib.Path, required=True)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    ARGS, rest = parser.parse_known_args()
    if not ARGS.data.exists() or not ARGS.headers.exists():
        print(f"skipped: no data in {ARGS.data} (when the build was configured)")
        sys.exit(SKIPPED)
    unittest.main(argv=["old_programs_test.py", "--verbose", *rest])


if __name__ == "__main__":
    main()
