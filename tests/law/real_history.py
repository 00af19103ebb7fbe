#!/usr/bin/python3
"""Every layout that a real struct ever had, read as every other one, against the oracle; and some invented structs.

For each struct of schema_history: a C header per layout, all registered in time order by history_reader (a program of the tests
that links the real database), seeded random rows put in each layout and read in each, both storages. What must come out,
oracle.py says: the verdict and its rows of the law, bytes, absent and truncated elements, or which values are refused.

--report prints the tables of docs/evolution.md; --document FILE checks that they stand there.
"""

import argparse
import collections
import glob
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import oracle

SKIPPED = 77
C_TYPES = {"int8": "signed char", "uint8": "unsigned char", "int16": "short", "uint16": "unsigned short", "int32": "int",
           "uint32": "unsigned int", "int64": "long long", "uint64": "unsigned long long", "float32": "float",
           "float64": "double", "char": "char"}
# Some old layouts have members that are keywords.
KEYWORDS = {"const", "static", "volatile", "class", "new", "delete", "this", "default", "register", "union", "operator",
            "signed", "private", "public", "template", "namespace", "auto", "bool", "case", "do", "export", "friend"}


def read_histories(folder):
    """{struct: [fields of each layout in time order]}"""
    histories = {}
    for path in sorted(glob.glob(str(folder / "*.json"))):
        history = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        layouts = [version["fields"] for version in history["versions"]]
        for fields in layouts:
            for field in fields:
                field["name"] += "_" if field["name"] in KEYWORDS else ""
        histories[history["struct"]] = layouts
    return histories


def invent_histories(seed):
    """Structs that nobody has: every pair of number types, arrays, texts and units, in more ways than the real ones."""
    chance = oracle.make_chance(f"{seed} invented")
    histories = {}
    for number in range(8):
        shapes = [(f"element{i}", chance.choice(["number", "number", "number", "array", "text", "texts", "unit"])) for i in range(10)]
        layouts = []
        for _ in range(4):
            fields = [invent_field(name, kind, chance) for name, kind in shapes if chance.random() < 0.9]
            chance.shuffle(fields)
            layouts.append(fields or [invent_field("element0", "number", chance)])
        histories[f"Invented{number}"] = layouts
    return histories


def invent_field(name, kind, chance):
    number = chance.choice(list(oracle.CODES))
    if kind == "array":
        return {"name": name, "ctype": number, "dims": [chance.randint(1, 4), chance.randint(1, 3)]}
    if kind == "text":
        return {"name": name, "ctype": "char", "dims": [chance.randint(1, 9)]}
    if kind == "texts":
        return {"name": name, "ctype": "char", "dims": [chance.randint(1, 3), chance.randint(1, 6)]}
    if kind == "unit":
        return {"name": name, "ctype": number, "dims": [], "unit": chance.choice(["cm", "mm"])}
    return {"name": name, "ctype": number, "dims": []}


def declaration(name, fields):
    lines = [f"struct {name} {{"]
    for field in fields:
        dims = "".join(f"[{d}]" for d in field["dims"])
        unit = f"  /* [{field['unit']}] */" if field.get("unit") else ""
        lines.append(f"    {C_TYPES[field['ctype']]} {field['name']}{dims};{unit}")
    return "\n".join(lines) + "\n};\n"


def distinct(layouts):
    """The schema version that each layout is: one that comes back is the earlier one."""
    schemas, numbers = [], []
    for fields in layouts:
        if fields not in schemas:
            schemas.append(fields)
        numbers.append(schemas.index(fields) + 1)
    return schemas, numbers


class DataFile:
    """Bytes for the reader; equal ones are written once."""

    def __init__(self, path):
        self.file = open(path, "wb")
        self.at = 0
        self.known = {}

    def add(self, data):
        if data not in self.known:
            self.known[data] = self.at
            self.file.write(data)
            self.at += len(data)
        return [self.known[data], len(data)]


def number_of_rows(size):
    return 5 if size < 4000 else 2 if size < 200000 else 1


def make_job(name, layouts, seed, data):
    schemas, numbers = distinct(layouts)
    chance = oracle.make_chance(f"{seed} {name}")
    described, records, reads = [], [], []
    rows_of = {}
    for schema, fields in enumerate(schemas, 1):
        offsets, size, alignment = oracle.natural_layout(fields)
        described.append({"size": size, "alignment": alignment, "offsets": offsets})
        for wildness in (0.0, 0.03, 0.8) if size < 1000000 else (0.8,):
            rows = oracle.random_rows(fields, number_of_rows(size), wildness, chance)
            records.append({"schema": schema, "rows": len(rows) // size, "data": data.add(rows)})
            rows_of.setdefault(schema, []).append((len(records) - 1, rows))
    for stored, before in enumerate(schemas, 1):
        for asked, after in enumerate(schemas, 1):
            changes, reordered = oracle.judge(before, after)
            verdict = oracle.worst(changes)
            absent, truncated = oracle.flags(before, after)
            read = {"stored": stored, "asked": asked, "verdict": verdict, "reordered": reordered, "absent": absent,
                    "truncated": truncated, "changes": sorted([row, path] for row, path, _ in changes), "answers": []}
            if verdict not in ("needs rule", "refused"):
                for record, rows in rows_of[stored]:
                    out, lost = oracle.convert_rows(before, after, oracle.clean_rows(before, rows))
                    read["answers"].append({"record": record, "data": data.add(out), "losses": len(lost),
                                            "culprits": [f"element {path}, row {row};" for path, row in lost]})
            else:
                read["answers"] = [{"record": record} for record, _ in rows_of[stored]]
            reads.append(read)
    return {"name": name, "layouts": described, "schemas": numbers, "records": records, "reads": reads}


def make_jobs(histories, seed, folder):
    data = DataFile(folder / "data.bin")
    jobs = [make_job(name, layouts, seed, data) for name, layouts in histories.items()]
    data.file.close()
    rounds = max(len(layouts) for layouts in histories.values())
    for number in range(rounds):
        text = "".join(declaration(name, layouts[number]) for name, layouts in histories.items() if number < len(layouts))
        (folder / f"round{number}.h").write_text(text, encoding="utf-8")
    (folder / "jobs.json").write_text(json.dumps({"rounds": rounds, "structs": jobs}), encoding="utf-8")


# --- the report ------------------------------------------------------------------------------------------------------------
def count(histories):
    """Per kind of pair: how many by worst verdict, and changes by row of the law."""
    worst, rows = collections.defaultdict(collections.Counter), collections.defaultdict(collections.Counter)
    verdict_of = {}
    for layouts in histories.values():
        for i, before in enumerate(layouts):
            for j, after in enumerate(layouts):
                if i == j:
                    continue
                changes, reordered = oracle.judge(before, after)
                kinds = ["all"] + (["consecutive"] if j == i + 1 else [])
                for kind in kinds:
                    worst[kind][oracle.worst(changes)] += 1
                    for row, _, verdict in changes:
                        rows[kind][row] += 1
                        verdict_of[row] = verdict
                    if reordered:
                        rows[kind]["reordered"] += reordered
                        verdict_of["reordered"] = "identical"
    return worst, rows, verdict_of


def report(histories):
    worst, rows, verdict_of = count(histories)
    totals = {kind: sum(worst[kind].values()) for kind in worst}
    lines = [f"{len(histories)} structs, {sum(map(len, histories.values()))} layouts.", "",
             "| worst verdict of a pair | consecutive layouts | all ordered pairs |", "|---|---|---|"]
    for verdict in oracle.VERDICTS:
        lines.append(f"| {verdict} | {worst['consecutive'][verdict]} | {worst['all'][verdict]} |")
    lines += [f"| together | {totals['consecutive']} | {totals['all']} |", "",
              "| changes of elements, by row of the law | verdict | consecutive layouts | all ordered pairs |", "|---|---|---|---|"]
    order = sorted(verdict_of, key=lambda row: (oracle.VERDICTS.index(verdict_of[row]), -rows["all"][row], row))
    for row in order:
        lines.append(f"| `{row}` | {verdict_of[row]} | {rows['consecutive'][row]} | {rows['all'][row]} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--history", required=True, type=pathlib.Path, help="folder schema_history")
    parser.add_argument("--reader", help="the program history_reader")
    parser.add_argument("--document", type=pathlib.Path)
    parser.add_argument("--report", action="store_true")
    parser.add_argument("--seed", default=os.environ.get("ETALON_TEST_SEED") or str(time.time_ns()))
    parser.add_argument("--only", help="one struct")
    args = parser.parse_args()
    is_here = args.history.is_dir()
    histories = read_histories(args.history) if is_here else {}
    if args.report:
        print(report(histories), end="")
        return
    if is_here and args.document and report(histories) not in args.document.read_text(encoding="utf-8"):
        print(f"the tables of {args.document} are not current; real_history.py --report prints\n{report(histories)}")
        sys.exit(1)
    histories.update(invent_histories(args.seed))
    if args.only:
        histories = {args.only: histories[args.only]}
    print(f"ETALON_TEST_SEED={args.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="etalon_history_") as folder:
        make_jobs(histories, args.seed, pathlib.Path(folder))
        done = subprocess.run([args.reader, folder], check=False)
    if done.returncode == 0 and not is_here:
        print(f"{args.history} is not here: only invented structs were read")
        sys.exit(SKIPPED)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
