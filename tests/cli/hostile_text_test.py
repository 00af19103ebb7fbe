#!/usr/bin/python3
"""What `etalon` prints of text that others wrote: nothing that steers a terminal, and no password. One engine per run; PostgreSQL
needs ETALON_TEST_POSTGRES."""

import argparse
import json
import os
import pathlib
import pty
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

SKIPPED = 77  # ctest shows it as skipped
ARGS = None
SECRET = "s3CRET"

# C0 but line ends, DEL, C1, bidi controls, separators of lines.
STEERING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
HOSTILE = "\x1b[31m\x07\x9b1m\x85\u202etxt\u2066\u061c\u200f\u2028é"

HEADER = """
/* Evil \x1b[2J\u202e comment. */
struct gains {
    float value;               /* [V] what \u202e it \u009b1m is */
    char label[64];
};
"""

# Places as people may get them wrong; SECRET is the password in each.
PLACES = [
    "postgresql://bob:SECRET@127.0.0.1:1/db", "postgresql:bob:SECRET", "postgresql:bob:SECRET@h/db", "postgres//bob:SECRET@h/db",
    "postgresql:/bob:SECRET@h/db", "postgres:bob:SECRET@h", "POSTGRESQL:bob:SECRET@h/db", "postgresql://bob:SECRET",
    "postgresql://bob:SECRET/db", "postgresql://bob@127.0.0.1:SECRET/db", "postgresql://bob:x@SECRET@127.0.0.1:1/db",
    "postgresql://bob:x/SECRET@127.0.0.1:1/db", "postgresql://bob:12/SECRET@127.0.0.1:1/db", "postgresql://bob:x?SECRET@127.0.0.1:1/db",
    "postgresql://bob:x#SECRET@127.0.0.1:1/db", "postgresql://bob:12#SECRET@127.0.0.1:1/db", "postgresql://bob:x SECRET@127.0.0.1:1/db",
    "postgresql://127.0.0.1:1/db?password=SECRET", "postgresql://127.0.0.1:1/db?user=bob&password=SECRET&nonsense=1",
    "postgresql://127.0.0.1:1/db?%70assword=SECRET", "postgresql://127.0.0.1:1/db?password=x&SECRET",
    "postgresql://127.0.0.1:1/db?password=%zzSECRET", "postgresql://bob:SECRET%zz@127.0.0.1:1/db", "postgresql://bob:SECRET@[::1/db",
    "host=127.0.0.1 port=1 password=SECRET", "host=h password='SECRET x'", "password = 'a SECRET'", "PGPASSWORD=SECRET",
    "mysql://bob:SECRET@h/db", "bob:SECRET@h/db", "bob:SECRET@h", "bob/x:SECRET@h", "sqlite:/nowhere/bob:SECRET@h/db",
    "csv:/nowhere/bob:SECRET@h", "memory:bob:SECRET@h", "h:5432:db:bob:SECRET",
]

COMMANDS = [
    ["init"], ["init", "--upgrade"], ["structs"], ["names"], ["schema", "gains"], ["name", "x", "gains"], ["register", "{folder}/gains.h"],
    ["check", "{folder}/gains.h"], ["put", "gains", "--begin", "2024-01-01", "{folder}/rows.csv"], ["import", "{folder}/manifest.csv"],
    ["get", "gains", "--at", "2024-01-01"], ["history", "gains"], ["log"], ["explain", "gains", "--at", "2024-01-01"], ["lint"],
    ["retire", "gains", "--reason", "x"], ["tree", "show"], ["tree", "get", "Root", "--at", "2024-01-01"],
    ["tree", "add", "Root/x", "--type", "directory"], ["snapshot", "list"], ["snapshot", "create", "s"], ["snapshot", "freeze", "s"],
    ["scan", "gains"], ["params", "list"], ["params", "get", "reco", "--at", "2024-01-01"], ["runs", "show"], ["verify"],
    ["diff", "gains", "--as-of", "1"], ["tree", "diff", "Root", "--as-of", "1"], ["snapshot", "diff", "1"],
]


def environment(**more):
    hidden = ("ETALON_DB", "ETALON_VERSION", "ETALON_AS_OF", "ETALON_FILES")
    return {**{k: v for k, v in os.environ.items() if k not in hidden}, **more}


def run_piped(*args, **more):
    done = subprocess.run([ARGS.etalon, *args], stdin=subprocess.DEVNULL, capture_output=True, env=environment(**more), timeout=120)
    return done.returncode, done.stdout, done.stderr


def run_on_terminal(*args):
    """Status and all that came to a terminal of 200 columns."""
    master, slave = pty.openpty()
    pieces = []

    def drain():
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:  # the other side is closed
                return
            if not piece:
                return
            pieces.append(piece)

    reader = threading.Thread(target=drain)
    reader.start()
    done = subprocess.run([ARGS.etalon, *args], stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, env=environment(), timeout=120)
    os.close(slave)
    reader.join()
    os.close(master)
    # A progress bar goes back and wipes its line: that is Etalon's own.
    return done.returncode, b"".join(pieces).replace(b"\r\x1b[K", b"").replace(b"\r\n", b"\n")


class HostileTextTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="etalon_hostile_"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, True)
        (cls.folder / "gains.h").write_text(HEADER)
        rows = f'value,label\n1,"a{HOSTILE}"\n'.encode().replace(b"\xc3\xa9", b"\\xff")
        (cls.folder / "rows.csv").write_bytes(rows)
        (cls.folder / "manifest.csv").write_text("table,struct,beginTime,path\ngains,gains,2024-02-01,rows.csv\n")
        cls.url = f"sqlite:{cls.folder}/calib.db"
        if ARGS.engine == "postgres":
            cls.url = f"{os.environ['ETALON_TEST_POSTGRES']}#hostile_{os.getpid()}"
            cls.addClassCleanup(cls.drop_schema)
        (cls.folder / "set.json").write_text(json.dumps({"text": "p" + HOSTILE, "list": [HOSTILE]}))
        for command in (["init"], ["register", f"{cls.folder}/gains.h"],
                        ["put", "gains", "--begin", "2024-01-01", f"{cls.folder}/rows.csv", "--reason", "why " + HOSTILE],
                        ["snapshot", "create", "s", "--comment", "snap " + HOSTILE],
                        ["tree", "add", "Root/gains"],
                        ["params", "put", "reco", f"{cls.folder}/set.json", "--begin", "2024-01-01"]):
            status, out, err = run_piped("-d", cls.url, *command)
            assert status == 0, (command, out, err)

    @classmethod
    def drop_schema(cls):
        server, schema = cls.url.split("#")
        subprocess.run(["psql", "--no-psqlrc", "-q", server, "-c", f'DROP SCHEMA IF EXISTS "{schema}" CASCADE'], capture_output=True)

    def check_clean(self, output, what):
        text = output.decode("utf-8")  # bytes that are no UTF-8 are an error
        found = STEERING.search(text)
        self.assertIsNone(found, f"{what}: {found and repr(text[max(0, found.start() - 40):found.end() + 40])}")
        return text

    def test_nothing_that_is_stored_steers_a_terminal(self):
        at = ["--at", "2024-06-01"]
        commands = [["structs"], ["names"], ["schema", "gains"], ["log"], ["history", "gains"], ["get", "gains", *at], ["scan", "gains"],
                    ["explain", "gains", *at], ["lint"], ["tree", "show"], ["tree", "show", "Root"], ["tree", "get", "Root", "--values", *at],
                    ["snapshot", "list"], ["snapshot", "show", "s"], ["params", "list"], ["params", "get", "reco", *at], ["runs", "show"],
                    ["verify"], ["diff", "gains", "--as-of", "1"], ["snapshot", "diff", "1"], ["tree", "diff", "Root", *at, *at[:1], "2024-01-02"]]
        hostile = 0
        for command in commands:
            for form in ("table", "csv", "json"):
                status, output = run_on_terminal("-d", self.url, *command, "--format", form)
                text = self.check_clean(output, f"{command} {form}")
                hostile += "\\u202e" in text
                if form == "json" and status == 0 and text.lstrip()[:1] in "[{":
                    json.loads(text)
        self.assertGreater(hostile, 8)
        for form in ("c", "rules", "json", "table"):
            self.check_clean(run_on_terminal("-d", self.url, "schema", "gains", "--as", form)[1], form)

    def test_what_goes_to_a_pipe_is_exact(self):
        status, out, _ = run_piped("-d", self.url, "log", "--format", "csv")
        self.assertIn(HOSTILE.encode(), out)
        status, out, _ = run_piped("-d", self.url, "params", "get", "reco", "--at", "2024-06-01", "--format", "json")
        self.assertEqual(json.loads(out)["parameters"]["text"], "p" + HOSTILE)

    def test_errors_are_clean_whoever_reads_them(self):
        evil = "x" + HOSTILE
        given = [[evil], ["-d", evil, "names"], ["-d", "sqlite:/nowhere/" + evil, "names"], ["--config", evil, "names"], ["get", evil],
                 ["get", "gains", "--at", evil], ["get", "gains", "--at", "2024-01-01", "--version", evil], ["schema", evil],
                 ["get", "gains", "--at", "2024-01-01", "--format", evil], ["get", "gains", "--" + evil], ["put", "gains", "--begin", evil],
                 ["put", "gains", "--begin", "2024-01-01", evil], ["import", evil], ["register", evil], ["tree", "add", evil],
                 ["tree", "show", evil], ["snapshot", "set", evil], ["snapshot", "show", evil], ["params", "get", evil, "--at", "0"],
                 ["name", evil, "gains"], ["history", evil], ["explain", evil, "--at", "2024-01-01"], ["retire", evil, "--reason", "x"],
                 ["runs", "show", "--map", evil], ["scan", evil], ["verify", evil], ["lint", evil], ["get", "--help", evil],
                 ["diff", evil, "--as-of", "1"], ["diff", "gains", "--as-of", evil], ["diff", "gains", "--other", evil],
                 ["diff", "gains", "--as-of", "1", "--tolerance", evil], ["diff", "gains", "--as-of", "1", "--key", evil],
                 ["diff", "gains", "--as-of", "1", "--tolerance", evil + "=1"], ["tree", "diff", evil, "--as-of", "1"],
                 ["snapshot", "diff", evil], ["snapshot", "diff", "1", "--name", evil]]
        for command in given:
            args = command if command[0] in ("-d", "--config") else ["-d", self.url, *command]
            _, output = run_on_terminal(*args)
            self.check_clean(output, args)
            _, _, err = run_piped(*args)
            text = self.check_clean(err, args)
            self.assertLessEqual(text.count("\n"), 3, args)

    def test_no_place_leaks_its_password(self):
        folder = tempfile.mkdtemp(dir=self.folder)

        def check(args, **more):
            _, out, err = run_piped(*args, **more)
            self.assertNotIn(SECRET.encode(), out + err, args)

        turn = 0
        for place in PLACES:
            url = place.replace("SECRET", SECRET)
            for _ in range(4):
                command = [part.format(folder=self.folder) for part in COMMANDS[turn % len(COMMANDS)]]
                turn += 1
                check(["-d", url, *command])
            check(["-d", self.url, "--write-to", url, "put", "gains", "--begin", "2024-01-01", f"{self.folder}/rows.csv"])
            check(["-d", self.url, "diff", "gains", "--other", url])
            check(["names"], ETALON_DB=url)
            check([url])
            # A line of .pgpass looks like any name with colons where no place is expected.
            if not place.startswith("h:"):
                check(["-d", self.url, "get", url, "--at", "2024-01-01"])
            config = pathlib.Path(folder) / "federation.toml"
            config.write_text(f"[databases.A]\nurl = {json.dumps(url)}\n")
            check(["--config", str(config), "names"])
            # What is written holds none either.
            if not place.startswith("h:"):
                check(["-d", self.url, "tree", "add", "Root/x" + str(turn), "--db", url])
                check(["-d", self.url, "name", url, "gains"])
                check(["-d", self.url, "put", "gains", "--begin", "2025-01-01", "--hole", "--reason", "copied from " + url])
        _, out, _ = run_piped("-d", self.url, "log", "--format", "json")
        self.assertNotIn(SECRET.encode(), out)
        self.assertIn(b"***", out)
        if ARGS.engine == "sqlite":
            for path in pathlib.Path(self.folder).glob("calib.db*"):
                self.assertNotIn(SECRET.encode(), path.read_bytes(), path)

    def test_a_file_that_is_no_table_is_not_printed(self):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        own = f"sqlite:{folder}/own.db"  # some of the texts are parameter sets, and stay there
        self.assertEqual(run_piped("-d", own, "init")[0], 0)
        texts = [f"root:$6${SECRET}:19000:0:99999:7:::\nbob:{SECRET}:1\n", f"{SECRET},{SECRET}\n1,2\n", f'"{SECRET}\n', f"[{SECRET}]\nx=1\n",
                 f'{{"{SECRET}": 1}}\n', f'[{{"{SECRET}": "x"}}]\n', f'["{SECRET}\n', f"key = {SECRET}\n", f"password = '{SECRET}'\n",
                 f"-----BEGIN KEY-----\n{SECRET}\n"]
        for text in texts:
            file = folder / "file"
            layer = folder / "layer"
            layer.mkdir(exist_ok=True)
            file.write_text(text)
            (layer / "manifest.csv").write_text(f"table,struct,beginTime,path\ngains,gains,2024-01-01,{file}\n")
            rules = folder / "rules"
            rules.mkdir(exist_ok=True)
            (rules / "gains.rules").write_text(text)
            for args in (["-d", self.url, "put", "gains", "--begin", "2024-01-01", str(file)], ["-d", self.url, "import", str(file)],
                         ["-d", self.url, "import", str(layer / "manifest.csv")],
                         ["-d", f"csv:{layer}", "-d", self.url.split("#")[0] if ARGS.engine == "sqlite" else self.url, "names"],
                         ["-d", f"csv:{layer}", "names"], ["-d", self.url, "tree", "add", "--from", str(file)],
                         ["-d", self.url, "runs", "add", str(file)], ["-d", own, "params", "put", "reco", str(file), "--begin", "2024-01-01"],
                         ["--config", str(file), "names"], ["-d", self.url, "register", f"{self.folder}/gains.h", "--rules", str(rules)]):
                status, out, err = run_piped(*args)
                if "params" not in args:  # of which any object is one
                    self.assertNotEqual(status, 0, args)
                self.assertNotIn(SECRET.encode(), out + err, (text, args))

    def test_a_variable_of_a_manifest_is_named_not_printed(self):
        layer = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        (layer / "manifest.csv").write_text("table,struct,beginTime,path\ngains,gains,2024-01-01,$HIDDEN/rows.csv\n")
        status, out, err = run_piped("-d", f"csv:{layer}", "names", HIDDEN="/nowhere/" + SECRET)
        self.assertNotEqual(status, 0)
        self.assertIn(b"$HIDDEN", err)
        self.assertNotIn(SECRET.encode(), out + err)


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--etalon", required=True)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], required=True)
    ARGS, rest = parser.parse_known_args()
    if ARGS.engine == "postgres" and not os.environ.get("ETALON_TEST_POSTGRES"):
        print("no PostgreSQL to test: ETALON_TEST_POSTGRES is not set")
        sys.exit(SKIPPED)
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
