#!/usr/bin/python3
"""Inputs that nest, expand or never end: each ends with an error that says what the limit is, in bounded memory, and
nothing is written."""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

ARGS = None
MEGABYTE = 1 << 20

HEADER = "struct gain { float value; int channel; };\nstruct name { char text[8]; };\n"


class Result:
    def __init__(self, status, err, memory, seconds):
        self.status, self.err, self.memory, self.seconds = status, err, memory, seconds


def feed(pipe, pieces):
    try:
        for piece in pieces:
            pipe.write(piece)
        pipe.close()
    except (BrokenPipeError, ValueError):
        pass


def run_etalon(*args, pieces=None, timeout=120):
    """Memory in bytes, of it and the processes that it waits for, as the system counted it."""
    begin = time.monotonic()
    with tempfile.TemporaryFile() as err:
        process = subprocess.Popen([ARGS.etalon, *map(str, args)], stdin=subprocess.PIPE if pieces else subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=err)
        if pieces:
            threading.Thread(target=feed, args=(process.stdin, pieces), daemon=True).start()
        alarm = threading.Timer(timeout, process.kill)
        alarm.start()
        _, status, usage = os.wait4(process.pid, 0)
        alarm.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        err.seek(0)
        return Result(process.returncode, err.read().decode(errors="replace"), usage.ru_maxrss * 1024, time.monotonic() - begin)


class HostileInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="etalon_hostile_"))
        cls.url = f"sqlite:{cls.folder}/calib.db"
        (cls.folder / "gain.h").write_text(HEADER)
        for command in (["init"], ["register", cls.folder / "gain.h"]):
            assert run_etalon("-d", cls.url, *command).status == 0
        cls.before = (cls.folder / "calib.db").read_bytes()

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder, True)

    def file(self, name, text):
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def refused(self, *args, said="", memory=256, pieces=None, database=True):
        result = run_etalon(*(["-d", self.url] if database else []), *args, pieces=pieces)
        self.assertEqual(result.status, 2, f"{args}: {result.err[-2000:]}")
        self.assertIn("etalon: error: ", result.err)
        self.assertIn(said, result.err)
        self.assertLess(len(result.err), 20000)
        self.assertLess(result.memory, memory * MEGABYTE, result.err[-500:])
        self.assertEqual((self.folder / "calib.db").read_bytes(), self.before)
        return result

    # --- TOML --------------------------------------------------------------------------------------------------------
    def test_toml(self):
        deep = {"keys": ".".join(["a"] * 32000) + " = 1\n",
                "table": "[" + ".".join(["a"] * 32000) + "]\n",
                "spaced": " . ".join(['"a.b"'] * 32000) + " = 1\n",
                "arrays": "a = " + "[" * 32000 + "]" * 32000 + "\n",
                "tables": "a = " + "{b=" * 32000 + "1" + "}" * 32000 + "\n",
                "lines": "\n\na = [\n" + "[\n" * 100000}
        for name, text in deep.items():
            with self.subTest(name):
                path = self.file(f"{name}.toml", text)
                said = "at most 32"
                result = self.refused("--config", path, "names", said=said, database=False)
                self.assertIn(f"{path}:", result.err)
        self.refused("--config", self.file("big.toml", "#" * (17 << 20)), "names", said="at most 16 MB", database=False)
        self.refused("--config", "/dev/zero", "names", database=False)

    # --- CSV and JSON ------------------------------------------------------------------------------------------------
    def test_endless_files(self):
        put = ("put", "gain", "/dev/zero", "--begin", "2024-01-01")
        self.refused(*put, said="at most 32 MB in a line")
        self.refused("import", "/dev/zero", said="at most 1 MB in a line")
        self.refused("tree", "add", "--from", "/dev/zero", said="at most 1 MB in a line")
        self.refused("runs", "add", "/dev/zero", said="at most 64 MB")
        self.refused("params", "put", "reco", "/dev/zero", "--begin", "2024-01-01", said="at most 64 MB", memory=400)
        rules = self.folder / "rules"
        rules.mkdir(exist_ok=True)
        (rules / "gain.rules").symlink_to("/dev/zero")
        self.refused("register", self.folder / "gain.h", "--rules", rules, said="at most 64 MB")
        history = self.folder / "history"
        history.mkdir(exist_ok=True)
        (history / "gain.json").symlink_to("/dev/zero")
        self.refused("check", self.folder / "gain.h", "--history", history, said="at most 64 MB")
        self.refused("register", self.folder / "gain.h", "--compile-commands", "/dev/zero", said="at most 256 MB", memory=800)
        layer = self.folder / "layer"
        layer.mkdir(exist_ok=True)
        (layer / "manifest.csv").symlink_to("/dev/zero")
        self.refused("-d", f"csv:{layer}", "names", database=False)

    def test_endless_pipes(self):
        def forever(piece):
            while True:
                yield piece * 1000
        put = ("put", "gain", "-", "--begin", "2024-01-01")
        for name, piece, said in (("white space", b" \n" * 100, "white space"), ("one line", b"1234567,", "in a line"),
                                  ("a text", b"\"aaaaaaaa", "in a line")):
            with self.subTest(name):
                self.refused(*put, said=said, pieces=forever(piece))
        self.refused(*put, said="too many empty lines", pieces=iter([b"value,channel\n1,2\n"] + [b"\n" * 1000000] * 50))
        self.refused("import", "-", said="", pieces=forever(b"a\n"))
        self.refused("tree", "add", "--from", "-", said="", pieces=forever(b"path\n"), memory=600)

    def test_a_csv_line_of_300_mb(self):
        pieces = [b"value,channel\n"] + [b"1" * MEGABYTE] * 300 + [b",2\n"]
        self.refused("put", "gain", "-", "--begin", "2024-01-01", said="at most 32 MB in a line", pieces=iter(pieces))

    def test_columns(self):
        self.refused("put", "gain", "-", "--begin", "2024-01-01", said="column", memory=600,
                     pieces=iter([",".join(f"c{i}" for i in range(2500000)).encode() + b"\n"]))

    def test_nested_json(self):
        for text in ("[" * 1000000, '[{"value":' + "[" * 1000000, '{"rows":[{"value":' + '{"a":' * 1000000,
                     '{"other":' + "[" * 1000000 + "]" * 1000000 + "}"):
            self.refused("put", "gain", self.file("deep.json", text), "--begin", "2024-01-01")
        for text in ("[" * 1000000, '{"a":' * 1000000):
            deep = self.file("deep.json", text)
            self.refused("params", "put", "reco", deep, "--begin", "2024-01-01", said="at most 16 levels")
            self.refused("register", self.folder / "gain.h", "--compile-commands", deep)
            history = self.folder / "deep"
            history.mkdir(exist_ok=True)
            (history / "gain.json").write_text(text)
            self.refused("check", self.folder / "gain.h", "--history", history, said="too many levels")
        many = '{"a":[' + "1," * 4100000 + "1]}"
        self.refused("params", "put", "reco", self.file("many.json", many), "--begin", "2024-01-01", said="at most 4000000 values",
                     memory=1500)

    def test_many_parameters_take_linear_time(self):
        text = "{" + ",".join(f'"p{i}":null' for i in range(200000)) + "}"
        result = self.refused("params", "put", "reco", self.file("names.json", text), "--begin", "2024-01-01", memory=600)
        self.assertLess(result.seconds, 20)

    def test_a_short_file_for_a_large_row(self):
        url = f"sqlite:{self.folder}/large.db"
        header = self.file("large.h", "struct large { char a[1<<30]; };\n")
        self.assertEqual(run_etalon("-d", url, "init").status, 0)
        done = run_etalon("-d", url, "register", header)
        self.assertIn(done.status, (0, 2), done.err)
        result = run_etalon("-d", url, "put", "large", self.file("hi.csv", "a\nhi\n"), "--begin", "2024-01-01")
        self.assertIn(result.status, (2, 3))
        self.assertIn("at most 64 MB in a row", result.err)
        self.assertLess(result.memory, 200 * MEGABYTE)
        result = run_etalon("-d", url, "put", "large", self.file("hi.json", '[{"a":"hi"}]'), "--begin", "2024-01-01")
        self.assertIn("at most 64 MB in a row", result.err)
        self.assertLess(result.memory, 200 * MEGABYTE)

    # --- headers -----------------------------------------------------------------------------------------------------
    def test_headers(self):
        double = "".join(f"#define D{i}(x) D{i - 1}(x) D{i - 1}(x)\n" for i in range(1, 41))
        words = "".join(f"#define W{i} W{i - 1} W{i - 1}\n" for i in range(1, 41))
        headers = {
            "structs": "struct a {" * 20000 + "int x;" + "} m;" * 20000,
            "brackets": "struct a { int x[" + "(" * 100000 + "1" + ")" * 100000 + "]; };",
            "condition": "#if " + "(" * 200000 + "1" + ")" * 200000 + "\n#endif\nstruct a { int x; };",
            "sum": "struct a { int x[" + "1+" * 300000 + "1]; };",
            "signs": "struct a { int x[" + "- -" * 200000 + "1]; };",
            "pointers": "struct a { int " + "*" * 300000 + "x; };",
            "dimensions": "struct a { int x" + "[1]" * 100000 + "; };",
            "words": "#define W0 int\n" + words + "struct a { W40 x; };",
            "arguments": "#define D0(x) x\n" + double + "struct a { int x[D40(1+) 1]; };",
            "itself": '#include "itself.h"\nstruct a { int x; };',
            "chain": "struct s0 { int x; };\n" + "".join(f"struct s{i} {{ struct s{i - 1} m; }};\n" for i in range(1, 5000)),
            "too_large": "struct a { int x[1ull << 62]; };",
            "expanded": "struct p { int x; }; struct a { struct p m[1000000]; };",
            "zero": '#include "/dev/zero"\nstruct a { int x; };',
            "template": "template <int N> struct t { t<N + 1> x; }; struct a { t<0> x; };",
        }
        for name, text in headers.items():
            with self.subTest(name):
                path = self.file(f"{name}.h", text + "\n")
                result = run_etalon("check", "--no-database", path, "--", "-I", self.folder, timeout=200)
                self.assertGreater(result.status, 0, result.err[-500:])
                self.assertLess(result.memory, 3000 * MEGABYTE)
                self.assertIn(f"{name}.h", result.err)
                self.assertLess(len(result.err), 200000)
        many = self.file("many.h", "struct many {\n" + "".join(f"  int m{i};\n" for i in range(100000)) + "};\n")
        result = run_etalon("-d", f"sqlite:{self.folder}/many.db", "init")
        result = run_etalon("-d", f"sqlite:{self.folder}/many.db", "register", many)
        self.assertIn(result.status, (0, 2), result.err[-500:])
        self.assertLess(result.memory, 1500 * MEGABYTE)
        self.assertLess(result.seconds, 60)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--etalon", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
