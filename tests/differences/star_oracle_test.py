#!/usr/bin/python3
"""`etalon diff` beside a comparison of CSV exports in Python, on the real layout histories and the real tables of shared/data/star.

The oracle knows nothing of the program but what `get --format csv` and the list `absent` of `get --format json` say of each side.
star_oracle_test.py --etalon PROGRAM --data DIRECTORY [--engine sqlite|postgres] [--seed N] [--structs N]
"""

import argparse
import csv
import io
import itertools
import json
import math
import os
import pathlib
import random
import re
import struct as binary
import subprocess
import sys
import tempfile

SKIPPED = 77
C_TYPES = {"float32": "float", "float64": "double", "int8": "signed char", "uint8": "unsigned char", "int16": "short",
           "uint16": "unsigned short", "int32": "int", "uint32": "unsigned int", "int64": "long", "uint64": "unsigned long", "char": "char"}
BITS = {"int8": 8, "uint8": 8, "int16": 16, "uint16": 16, "int32": 32, "uint32": 32, "int64": 64, "uint64": 64}


# --- the oracle: a few dozen lines -----------------------------------------------------------------------------------

def parse_column(name):
    """`hit[2].x[3][0]`: the member, and the indices of the value in it (the last brackets)."""
    member, indices = re.fullmatch(r"(.*?)((?:\[\d+\])*)", name).groups()
    return member, tuple(int(i) for i in re.findall(r"\d+", indices))


def is_absent(absent, member, indices):
    for name in absent:
        base, rest = re.fullmatch(r"(.*?)((?:\[[\d:]*\])*)", name).groups()
        if base != member:
            continue
        inside = True
        for index, part in zip(indices, re.findall(r"\[([\d:]*)\]", rest)):
            first, colon, last = part.partition(":")
            low = int(first or 0)
            inside = inside and (low <= index < (int(last) if last else math.inf) if colon else index == low)
        if inside:
            return True
    return False


def read_value(text, kind):
    if kind == "char":
        parts = re.findall(rb"\\x([0-9a-f]{2})|\\(\\)|([^\\])", text.encode(), re.DOTALL)
        return b"".join(bytes.fromhex(hexa.decode()) if hexa else slash or plain for hexa, slash, plain in parts)
    if kind in BITS:
        return int(text)
    value = float(text)
    return binary.unpack("f", binary.pack("f", value))[0] if kind == "float32" and math.isfinite(value) else value


def are_equal(a, b, kind, absolute, relative):
    if kind == "char":
        return a == b
    if kind in BITS:
        return a == b or abs(a - b) <= max(relative * max(abs(a), abs(b)), absolute)
    return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=relative, abs_tol=absolute)


def compare(before, after, kinds, limits, keys):
    """{(member, indices, row)} of values that differ, with both; rows that only one side has."""
    values, rows = {}, set()
    key_of = (lambda index, row: tuple(row[k] for k in keys)) if keys else (lambda index, row: index)
    others = {key_of(i, row): i for i, row in enumerate(after["rows"])}
    met = set()
    for index, row in enumerate(before["rows"]):
        other = others.get(key_of(index, row))
        if other is None:
            rows.add(("row removed", index))
            continue
        met.add(other)
        for column, text in row.items():
            member, indices = parse_column(column)
            kind = kinds[member]
            gone = [is_absent(side["absent"], member, indices) for side in (before, after)]
            a, b = read_value(text, kind), read_value(after["rows"][other][column], kind)
            if all(gone) or (not any(gone) and are_equal(a, b, kind, *limits(member, indices))):
                continue
            values[member, indices, index] = (None if gone[0] else a, None if gone[1] else b)
    rows.update(("row added", i) for i in range(len(after["rows"])) if i not in met)
    return values, rows


# --- the program -----------------------------------------------------------------------------------------------------

class Place:
    def __init__(self, args, folder, name):
        self.etalon = args.etalon
        self.schema = None
        self.url = f"sqlite:{folder}/{name}.db"
        if args.engine == "postgres":
            self.schema = f"diff_{os.getpid()}_{name}"
            self.url = f"{os.environ['ETALON_TEST_POSTGRES']}#{self.schema}"

    def run(self, *args, status=(0,), text=None):
        done = subprocess.run([self.etalon, "-d", self.url, *map(str, args)], input=text, capture_output=True, text=True, check=False,
                              timeout=120, errors="surrogateescape")
        if status is not None and done.returncode not in status:
            sys.exit(f"etalon {' '.join(map(str, args))}: status {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def side(self, name, at, schema):
        more = ["--at", at, "--schema", schema]
        rows = list(csv.DictReader(io.StringIO(self.run("get", name, *more, "--format", "csv").stdout)))
        return {"rows": rows, "absent": json.loads(self.run("get", name, *more, "--format", "json").stdout)["absent"]}

    def drop(self):
        if self.schema:
            subprocess.run(["psql", "--no-psqlrc", "-qAt", "-c", f'DROP SCHEMA IF EXISTS "{self.schema}" CASCADE',
                            os.environ["ETALON_TEST_POSTGRES"]], capture_output=True, check=False)


def columns_of(fields):
    for field in fields:
        dims = field["dims"][:-1] if field["ctype"] == "char" else field["dims"]
        for indices in itertools.product(*map(range, dims)):
            yield field, field["name"] + "".join(f"[{i}]" for i in indices)


def random_value(field, rng):
    kind = field["ctype"]
    if kind == "char":
        return "".join(rng.choice("ab") for _ in range(rng.randrange(0, min(3, field["dims"][-1]) + 1)))
    if kind in BITS:
        # Small ones: they fit whatever type another layout has.
        return str(rng.choice([0, 1, 2, 100, 101, 120]))
    return rng.choice(["0", "-0", "1", "1.0001", "1.1", "-1", "nan", "inf", "-inf", "1e6", "1000001", "3.4028235e+38", "1e-45", "0.1"])


def random_rows(fields, rng, number, like=None):
    columns = list(columns_of(fields))
    rows = []
    for index in range(number):
        row = {name: random_value(field, rng) for field, name in columns}
        if like and index < len(like):
            row.update({name: text for name, text in like[index].items() if name in row and rng.random() < 0.8})
        rows.append(row)
    return rows


def csv_text(rows, columns):
    out = io.StringIO()
    writer = csv.DictWriter(out, [name for _, name in columns], quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def same(a, b):
    return a == b or (isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b))


def value_of(json_value, kind):
    if json_value is None:
        return None
    if kind == "char":
        return json_value.encode() if isinstance(json_value, str) else bytes.fromhex(json_value["hex"])
    return read_value(str(json_value), kind)


def check(place, name, times, kinds, rng, with_keys, what):
    """Compares the program and the oracle for one pair of times; returns how many values differed."""
    documents = [json.loads(place.run("get", name, "--at", at, "--format", "json").stdout) for at in times]
    schema = max(document["schema"] for document in documents)
    before, after = (place.side(name, at, schema) for at in times)
    numbers = [member for member, kind in kinds.items() if kind != "char"]
    options, absolute, relative, single = [], 0.0, 0.0, None
    if rng.random() < 0.5:
        absolute = rng.choice([1e-3, 0.2, 1.0, 1e7])
        options += ["--tolerance", absolute]
    if rng.random() < 0.5:
        relative = rng.choice([1e-6, 1e-4, 0.1])
        options += ["--relative", relative]
    if numbers and rng.random() < 0.5:
        single = (rng.choice(numbers), rng.choice([0.0, 1.0, 1e3]))
        options += ["--tolerance", f"{single[0]}={single[1]}"]

    def limits(member, _):
        return (single[1] if single and member == single[0] else absolute), relative

    keys = []
    if with_keys:
        scalars = [column for column in (before["rows"] or [{}])[0] if not parse_column(column)[1]]
        gone = set(before["absent"]) | set(after["absent"])
        keys = [column for column in scalars if kinds[column] in BITS and column not in gone][:1]
        unique = all(len({row[k] for row in side["rows"]}) == len(side["rows"]) for side in (before, after) for k in keys)
        keys = keys if unique else []
        for key in keys:
            options += ["--key", key]
    done = place.run("diff", name, "--at", times[0], "--at", times[1], *options, "--format", "json", status=(0, 1))
    found = json.loads(done.stdout)
    values, rows = compare(before, after, kinds, limits, keys)
    described = f"{what}: diff {name} {' '.join(map(str, times + options))} in schema {schema}"
    got_values, got_rows = {}, set()
    for one in found["differences"]:
        if one["kind"].startswith("row"):
            got_rows.add((one["kind"], one["row"]))
            continue
        kind = kinds[one["member"]]
        got_values[one["member"], tuple(one["index"] or ()), one["row"]] = (value_of(one["before"], kind), value_of(one["after"], kind))
        if one["difference"] is not None and kind in BITS:
            assert one["difference"] == one["after"] - one["before"], described
    wrong = [(where, values.get(where), got_values.get(where)) for where in sorted(set(values) | set(got_values))
             if where not in values or where not in got_values
             or not all(same(x, y) for x, y in zip(values[where], got_values[where]))]
    if wrong or rows != got_rows:
        sys.exit(f"{described}\n  expected, found: {wrong[:5]}\n  rows {sorted(rows ^ got_rows)[:5]}")
    assert found["equal"] == (not values and not rows) and done.returncode == (0 if found["equal"] else 1), described
    for one in found["summary"]:
        of_member = [where for where in values if where[0] == one["member"]]
        assert one["differ"] == len(of_member), described
        sizes = [abs(values[w][1] - values[w][0]) for w in of_member if kinds[one["member"]] != "char" and None not in values[w]]
        sizes = [size for size in sizes if not math.isnan(size)]
        if not sizes:
            assert one["largest"] is None and one["mean"] is None, described
            continue
        assert float(one["largest"]) == float(max(sizes)), (described, one, max(sizes))
        assert math.isclose(float(one["mean"]), math.fsum(sizes) / len(sizes), rel_tol=1e-9) or math.isinf(max(sizes)), described
    return len(values), len(keys)


def check_history(place, path, rng, folder):
    """All recorded layouts of one struct, with random rows in each, compared in pairs."""
    history = json.loads(path.read_text(encoding="utf-8"))
    name = history["struct"]
    stored = []
    rows = None
    for version in history["versions"]:
        body = "".join(f"    {C_TYPES[f['ctype']]} {f['name']}{''.join(f'[{n}]' for n in f['dims'])};\n" for f in version["fields"])
        header = folder / f"{name}.h"
        header.write_text(f"#pragma once\nstruct {name} {{\n{body}}};\n", encoding="utf-8")
        if place.run("register", header, status=None).returncode != 0:
            return 0, 0, 0
        fields = version["fields"]
        rows = random_rows(fields, rng, rng.randrange(1, 4), rows)
        at = f"2024-01-{len(stored) + 1:02}"
        done = place.run("put", name, "--begin", at, "-", text=csv_text(rows, list(columns_of(fields))), status=None)
        if done.returncode != 0:
            sys.exit(f"put {name}: {done.stderr}")
        # A layout that comes back is the schema version that it was.
        schema = json.loads(place.run("get", name, "--at", at, "--format", "json").stdout)["schema"]
        stored.append((at, {f["name"]: f["ctype"] for f in fields}, schema))
    pairs, differ, keyed = 0, 0, 0
    chosen = [(i, i + 1) for i in range(len(stored) - 1)]
    chosen += [(len(stored) - 1, 0)] + [tuple(rng.sample(range(len(stored)), 2)) for _ in range(2)]
    for i, j in chosen[-5:]:
        # Some layouts cannot be read as others without a rule: an error, which the oracle has as well.
        older, newer = sorted((i, j), key=lambda k: stored[k][2])
        asked = place.run("get", name, "--at", stored[older][0], "--schema", stored[newer][2], "--format", "csv", status=None)
        if asked.returncode != 0:
            done = place.run("diff", name, "--at", stored[i][0], "--at", stored[j][0], status=None)
            assert done.returncode in (2, 3) and not done.stdout, f"{name}: the law refuses {stored[older][2]} as {stored[newer][2]}, diff does not"
            continue
        found = check(place, name, [stored[i][0], stored[j][0]], stored[newer][1], rng, rng.random() < 0.5, path.name)
        pairs, differ, keyed = pairs + 1, differ + found[0], keyed + found[1]
    return pairs, differ, keyed


def is_handy(path):
    """A struct with several layouts, none of them with more values than are quickly written as CSV."""
    versions = json.loads(path.read_text(encoding="utf-8"))["versions"]
    return len(versions) > 1 and all(sum(math.prod(f["dims"]) for f in one["fields"]) < 1000 for one in versions)


def check_tables(place, data, rng, most):
    """Real tables with several versions: each with the next one."""
    structs = {one["name"]: one for one in json.loads((data / "structs.json").read_text(encoding="utf-8"))}
    tables = {}
    with open(data / "manifest.csv", encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            if line["rows"] != "0":
                tables.setdefault((line["table"], line["struct"]), []).append(line)
    several = [(key, lines) for key, lines in sorted(tables.items()) if len(lines) > 1 and int(lines[0]["rows"]) < 2000]
    pairs, differ = 0, 0
    for (table, name), lines in rng.sample(several, min(most, len(several))):
        fields = structs[name]["fields"]
        body = "".join(f"    {C_TYPES[f['ctype']]} {f['name']}{''.join(f'[{n}]' for n in f['dims'])};\n" for f in fields)
        reference = table.replace("/", "_")
        header = pathlib.Path(tempfile.gettempdir()) / f"etalon_star_{os.getpid()}_{name}.h"
        header.write_text(f"#pragma once\nstruct {name} {{\n{body}}};\n", encoding="utf-8")
        place.run("register", header)
        header.unlink()
        place.run("name", reference, name)
        for line in lines[:3]:
            place.run("put", reference, "--begin", line["beginTime"], data / line["path"])
        kinds = {f["name"]: f["ctype"] for f in fields}
        times = [line["beginTime"] for line in sorted(lines[:3], key=lambda one: one["beginTime"])]
        for one, other in zip(times, times[1:]):
            found = check(place, reference, [one, other], kinds, rng, False, table)
            pairs, differ = pairs + 1, differ + found[0]
    return pairs, differ


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--etalon", required=True)
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--structs", type=int, default=14)
    args = parser.parse_args()
    if not (args.data / "schema_history").is_dir() or (args.engine == "postgres" and not os.environ.get("ETALON_TEST_POSTGRES")):
        print("SKIPPED: no data, or no ETALON_TEST_POSTGRES")
        sys.exit(SKIPPED)
    print(f"--seed {args.seed}")
    rng = random.Random(args.seed)
    several = [path for path in sorted((args.data / "schema_history").glob("*.json")) if is_handy(path)]
    total = [0, 0, 0]
    with tempfile.TemporaryDirectory(prefix="etalon_oracle_") as name:
        folder = pathlib.Path(name)
        place = Place(args, folder, "star")
        try:
            place.run("init")
            for path in rng.sample(several, min(args.structs, len(several))):
                total = [a + b for a, b in zip(total, check_history(place, path, rng, folder))]
            tables = check_tables(place, args.data, rng, args.structs // 2)
        finally:
            place.drop()
    print(f"{total[0]} pairs of layouts, {total[1]} values differ, {total[2]} with keys; {tables[0]} pairs of tables, {tables[1]} values differ")
    assert total[0] and total[1] and tables[0], "nothing was compared"


if __name__ == "__main__":
    main()
