#!/usr/bin/python3
"""What `etalon` needs for much: memory beside the payload, and time of much beside time of less, in one run.

Memory is that of a process as the kernel counts it at its end (wait4: ru_maxrss), time the processor's (ru_utime and
ru_stime), so that others who use the machine change neither much. PostgreSQL needs ETALON_TEST_POSTGRES
(scripts/with_postgres); what the server takes is not counted."""

import argparse
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77  # ctest shows it as skipped
MB = 1000 * 1000
ARGS = None
MISSED = []


class Failure(Exception):
    pass


def run(program, *args, stdin=None, stdout=subprocess.DEVNULL):
    """Runs a program to its end: its memory in bytes, and its processor seconds."""
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen([program, *map(str, args)], stdin=stdin, stdout=stdout, stderr=errors)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        if child.returncode != 0:
            said = errors.read().decode(errors="replace")
            raise Failure(f"{program} {' '.join(map(str, args))}: status {child.returncode}\n{said}")
    return usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime


class Place:
    """A database of its own, gone at the end."""

    count = 0

    def __init__(self, folder):
        Place.count += 1
        self.folder = folder
        if ARGS.engine == "sqlite":
            self.name = f"place{Place.count}"
            self.url = f"sqlite:{folder}/{self.name}.db"
        else:
            self.name = f"scaling_{os.getpid()}_{Place.count}"
            self.url = f"{os.environ['ETALON_TEST_POSTGRES']}#{self.name}"
        self.etalon("init")

    def etalon(self, *args, **more):
        return run(ARGS.etalon, "-d", self.url, *args, **more)

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def drop(self):
        if ARGS.engine == "sqlite":
            (self.folder / f"{self.name}.db").unlink(missing_ok=True)
        else:
            subprocess.run(["psql", "--no-psqlrc", "-qAt", "-c", f'DROP SCHEMA IF EXISTS "{self.name}" CASCADE',
                            os.environ["ETALON_TEST_POSTGRES"]], capture_output=True, check=False)


def report(what, first, second, ratio, limit):
    """A line of the table; `limit` 0: no target."""
    missed = limit and ratio > limit
    if missed:
        MISSED.append(what)
    print(f"{what:58} {ARGS.engine:8} {first:>10} {second:>10} {ratio:7.2f}"
          + (f"  at most {limit:g}{'  MISSED' if missed else ''}" if limit else ""), flush=True)


def seconds(value):
    return f"{value * 1000:.0f} ms"


# --- memory ----------------------------------------------------------------------------------------------------------

WIDE = "struct wide { double a[12]; int b[8]; };\n"  # 128 bytes a row
ROW_BYTES = 128


def write_rows(path, size, kind):
    """Rows of `size` bytes in all. What they hold is different in every row and long enough to be no matter of luck."""
    with open(path, "w", buffering=1 << 20) as out:
        if kind == "csv":
            out.write(",".join([f"a[{i}]" for i in range(12)] + [f"b[{i}]" for i in range(8)]) + "\n")
        else:
            out.write("[")
        for row in range(size // ROW_BYTES):
            a = [f"{row * 12 + i}.5" for i in range(12)]
            b = [str(row % 1000 + i) for i in range(8)]
            if kind == "csv":
                out.write(",".join(a + b) + "\n")
            else:
                out.write(("" if row == 0 else ",") + f'\n{{"a":[{",".join(a)}],"b":[{",".join(b)}]}}')
        if kind == "json":
            out.write("\n]\n")


def digest_of_rows(path, kind):
    """Of the rows as they were written or printed, whatever stands around them."""
    digest = hashlib.sha256()
    with open(path) as lines:
        if kind == "csv":
            for line in lines:
                digest.update(line.encode())
        else:
            for line in lines:
                line = line.strip().rstrip(",")
                if line.startswith('{"a"'):
                    row = json.loads(line)
                    digest.update(repr((row["a"], row["b"])).encode())
    return digest.digest()


def measure_memory(folder, size, combinations):
    """put and get of one payload."""
    idle, _ = run(ARGS.etalon, "--version")
    print(f"(a process that does nothing has {idle / MB:.0f} MB)")
    # What a process that does nothing has (mostly the program itself, mapped) counts where payloads are large.
    limit = size / 8 + 64 * MB + (idle if size < 100 * MB else 0)
    for kind, storage in combinations:
        path = folder / f"rows.{kind}"
        write_rows(path, size, kind)
        place = Place(folder)
        place.etalon("register", place.file("wide.h", WIDE))
        place.etalon("name", "wide", "wide", "--storage", storage)
        what = f"{size // MB} MB, {storage}, {kind}"
        used, _ = place.etalon("put", "wide", path, "--begin", "2020-01-01")
        report(f"put of {what}: memory beside payload / 8 + 64 MB", f"{used / MB:.0f} MB", f"{limit / MB:.0f} MB",
               used / limit, 1)
        # The same through a pipe, which finds that it is stored: what is there is read and compared.
        with open(path, "rb") as rows, subprocess.Popen(["cat"], stdin=rows, stdout=subprocess.PIPE) as pipe:
            used, _ = place.etalon("put", "wide", "-", "--begin", "2021-01-01", stdin=pipe.stdout)
        report(f"put again of {what}, from a pipe", f"{used / MB:.0f} MB", f"{limit / MB:.0f} MB", used / limit, 1)
        printed = folder / f"printed.{kind}"
        with open(printed, "w") as out:
            used, _ = place.etalon("get", "wide", "--at", "2020-06-01", "--format", kind, stdout=out)
        report(f"get of {what}", f"{used / MB:.0f} MB", f"{limit / MB:.0f} MB", used / limit, 1)
        if digest_of_rows(path, kind) != digest_of_rows(printed, kind):
            raise Failure(f"get does not print what was put: {what}")
        if ARGS.fetch:
            used, _ = run(ARGS.fetch, place.url, "wide", "2020-06-01")
            # What a program has that reads nothing much is no part of it where payloads are small.
            least, _ = run(ARGS.fetch, place.url)
            over = used - least if size < 100 * MB else used
            report(f"C++ fetch of {what}: memory beside the payload", f"{over / MB:.0f} MB", f"{size / MB:.0f} MB",
                   over / size, 1.3 if size >= 100 * MB else 3)
        place.drop()
        for one in (path, printed):
            one.unlink()


# --- time ------------------------------------------------------------------------------------------------------------

SMALL = "struct small { float gain; int channel; };\n"


def import_names(folder, count):
    place = Place(folder)
    place.etalon("register", place.file("small.h", SMALL))
    lines = ["table,struct,beginTime,path"]
    for i in range(count):
        place.file(f"v{i}.csv", f"gain,channel\n{i}.5,{i}\n")
        lines.append(f"name{i},small,2020-01-01,v{i}.csv")
    _, used = place.etalon("import", place.file("manifest.csv", "\n".join(lines) + "\n"))
    # Once more, with other names beside them and the same names again.
    more = [lines[0]] + [f"other{i},small,2020-01-01,v{i}.csv" for i in range(count)]
    _, again = place.etalon("import", place.file("more.csv", "\n".join(more) + "\n"))
    _, same = place.etalon("import", place.file("same.csv", "\n".join(lines).replace(",2020-01-01,", ",2021-01-01,") + "\n"))
    place.drop()
    return used, again, same


def measure_names(folder, few, many, limit):
    less, more = import_names(folder, few), import_names(folder, many)
    for what, a, b in zip(("", ", more beside them", ", known names"), more, less):
        report(f"import of {many} names{what} beside {few}", seconds(a), seconds(b), a / b, limit)


def measure_versions(folder, first, last, limit):
    """Registering the next version of a struct; medians of five around each count."""
    place = Place(folder)

    def register(number):
        header = place.file("grows.h", f"struct grows {{ float gain; int channel; double x; int v[{number}]; }};\n")
        return place.etalon("register", header)[1]

    times = [register(number) for number in range(1, last + 1)]

    def around(number):
        return sorted(times[number - 5:number])[2]

    report(f"schema version {last} beside version {first}", seconds(around(last)), seconds(around(first)),
           around(last) / around(first), limit)
    place.drop()


def measure_structs(folder, count, limit):
    """A put of a small struct beside many others; medians of nine in turns."""
    alone, beside = Place(folder), Place(folder)
    for place in (alone, beside):
        place.etalon("register", place.file("small.h", SMALL))
    others = "".join(f"struct other{i} {{ float gain[4]; int channel; double offset, slope; }};\n" for i in range(count))
    beside.etalon("register", beside.file("others.h", others))
    times = {alone: [], beside: []}
    for i in range(9):
        rows = alone.file("rows.csv", f"gain,channel\n{i}.25,{i}\n")
        for place in (alone, beside) if i % 2 else (beside, alone):
            times[place].append(place.etalon("put", "small", rows, "--begin", f"@{i}")[1])
    a, b = sorted(times[beside])[4], sorted(times[alone])[4]
    report(f"put of a small struct beside {count} others", seconds(a), seconds(b), a / b, limit)
    for place in (alone, beside):
        place.drop()


def tree_of(folder, count):
    place = Place(folder)
    place.etalon("register", place.file("small.h", SMALL))
    place.etalon("put", "small", place.file("rows.csv", "gain,channel\n1,2\n"), "--begin", "2020-01-01")
    lines = ["path,ref"] + [f"Production/part{i // 100}/table{i},small" for i in range(count)]
    nodes = place.file("nodes.csv", "\n".join(lines) + "\n")
    changed = place.file("changed.csv", "\n".join(lines).replace(",small", ",small,1").replace("path,ref", "path,ref,baseLine")
                         + "\n")
    times = [place.etalon("tree", "add", "--from", nodes)[1], place.etalon("tree", "show", "Production")[1],
             place.etalon("tree", "get", "Production", "--at", "2020-06-01")[1],
             place.etalon("tree", "add", "--replace", "--from", changed)[1]]
    place.drop()
    return times


def measure_tree(folder, few, many, limit):
    less, more = tree_of(folder, few), tree_of(folder, many)
    for what, a, b in zip(("written", "listed", "read", "changed"), more, less):
        report(f"tree of {many} nodes {what} beside {few}", seconds(a), seconds(b), a / b, limit)


def import_intervals(folder, count):
    place = Place(folder)
    place.etalon("register", place.file("small.h", SMALL))
    place.file("rows.csv", "gain,channel\n1,2\n")
    lines = ["table,struct,beginTime,path"] + [f"small,small,@{i * 1000},rows.csv" for i in range(count)]
    used = place.etalon("import", place.file("manifest.csv", "\n".join(lines) + "\n"))[1]
    place.drop()
    return used


def measure_intervals(folder, few, many, limit):
    less, more = import_intervals(folder, few), import_intervals(folder, many)
    report(f"import of {many} intervals beside {few}", seconds(more), seconds(less), more / less, limit)


def check_coverage(folder, tables, intervals):
    place = Place(folder)
    place.etalon("register", place.file("small.h", SMALL))
    place.file("rows.csv", "gain,channel\n1,2\n")
    lines = ["table,struct,beginTime,path"]
    lines += [f"table{t},small,@{i * 1000},rows.csv" for t in range(tables) for i in range(intervals)]
    place.etalon("import", place.file("manifest.csv", "\n".join(lines) + "\n"))
    nodes = ["path,ref"] + [f"Production/table{t},table{t}" for t in range(tables)]
    place.etalon("tree", "add", "--from", place.file("nodes.csv", "\n".join(nodes) + "\n"))
    used = place.etalon("tree", "check", "Production", "--from", "@0", "--to", f"@{intervals * 1000}")[1]
    place.drop()
    return used


def measure_coverage(folder, tables, intervals, most):
    """`most` seconds of the processor; with little data, of which the start of the program is most, times of a tenth."""
    used = check_coverage(folder, tables, intervals)
    if most:
        report(f"tree check of {tables} tables with {intervals} intervals each beside {most} s", seconds(used), f"{most} s", used / most, 1)
    else:
        less = check_coverage(folder, tables // 10, intervals)
        report(f"tree check of {tables} tables with {intervals} intervals beside {tables // 10}", seconds(used), seconds(less), used / less, 16)


def measure(folder):
    asked = set(ARGS.only or ("memory", "names", "versions", "structs", "tree", "intervals", "coverage"))
    every = [(kind, storage) for storage in ("columns", "bytes") for kind in ("csv", "json")]
    quick = ARGS.quick
    if "memory" in asked:
        measure_memory(folder, (24 if quick else ARGS.size) * MB, every[1:3] if quick else every)
    if "names" in asked:
        # Ten times as many: what is linear has a ratio of ten at most, what is quadratic of a hundred.
        measure_names(folder, 60 if quick else 500, 600 if quick else 5000, 16 if quick else 12)
    if "versions" in asked and not quick:  # a process each
        measure_versions(folder, 100, 1000, 2)
    if "structs" in asked:
        measure_structs(folder, 100 if quick else 800, 2.5 if quick else 1.2)
    if "tree" in asked:
        measure_tree(folder, 100 if quick else 500, 1000 if quick else 5000, 16 if quick else 12)
    if "intervals" in asked:
        measure_intervals(folder, 1000 if quick else 10_000, 10_000 if quick else 100_000, 16 if quick else 12)
    if "coverage" in asked:
        measure_coverage(folder, 20 if quick else 100, 500 if quick else 10_000, 0 if quick else 2)


def main():
    global ARGS
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--etalon", required=True, help="the program")
    parser.add_argument("--fetch", help="tests/memory's etalon_fetch_memory: memory of a C++ program")
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--only", action="append",
                        choices=("memory", "names", "versions", "structs", "tree", "intervals", "coverage"))
    parser.add_argument("--size", type=int, default=500, help="MB of the payload")
    parser.add_argument("--quick", action="store_true", help="little data and generous limits, for the tests")
    ARGS = parser.parse_args()
    if ARGS.engine == "postgres" and not os.environ.get("ETALON_TEST_POSTGRES"):
        print("SKIPPED: ETALON_TEST_POSTGRES is not set; run scripts/with_postgres COMMAND")
        return SKIPPED
    folder = pathlib.Path(tempfile.mkdtemp(prefix="etalon_scaling_"))
    try:
        measure(folder)
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 3
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if MISSED:
        print("missed: " + "; ".join(MISSED), file=sys.stderr)
    return 1 if MISSED else 0


if __name__ == "__main__":
    sys.exit(main())
