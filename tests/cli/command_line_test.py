#!/usr/bin/python3
"""The built `etalon` as a person or a script uses it. One engine per run; PostgreSQL needs ETALON_TEST_POSTGRES."""

import argparse
import csv
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

SKIPPED = 77  # ctest shows it as skipped

ARGS = None
COUNTER = 0

HEADER = """
/* What a pedestal is. */
struct pedestal {
    float mean;                /* [ADC] */
    float noise[3];
    int channel;
    char label[8];
    unsigned long long mask;
    double gain;               /* [mV/fC] default: 1.5 */
};
"""

ROWS = """mean,noise[0],noise[1],noise[2],channel,label,mask,gain
0.1,1,2,3,-7,"a""b\\\\c",18446744073709551615,nan
-0,inf,-inf,1e-45,2147483647,"\\xc3\\xb6\\x01",0,5e-324
"""


class Result:
    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    def json(self):
        return json.loads(self.out)


def run_etalon(*args, stdin=None, env=None, cwd=None):
    environment = {k: v for k, v in os.environ.items() if k not in ("ETALON_DB", "ETALON_VERSION", "ETALON_AS_OF", "ETALON_FILES")}
    environment.update(env or {})
    done = subprocess.run([ARGS.etalon, *map(str, args)], input=stdin, capture_output=True, text=True, env=environment,
                          cwd=cwd, timeout=120, errors="surrogateescape")
    return Result(done)


class CommandLineTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="etalon_cli_"))
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.schemas = []
        self.addCleanup(self.drop_schemas)
        self.url = self.make_url("calib")

    # --- helpers -----------------------------------------------------------------------------------------------------
    def make_url(self, name):
        """The URL of a database `name` that does not exist yet."""
        global COUNTER
        if ARGS.engine == "sqlite":
            return f"sqlite:{self.folder}/{name}.db"
        COUNTER += 1
        schema = f"{name}_{os.getpid()}_{COUNTER}"
        self.schemas.append(schema)
        return f"{os.environ['ETALON_TEST_POSTGRES']}#{schema}"

    def name_of(self, url):
        return url.split("#")[1] if "#" in url else pathlib.Path(url[len("sqlite:"):]).stem

    def drop_schemas(self):
        for schema in self.schemas:
            subprocess.run(["psql", "--no-psqlrc", "-qAt", "-c", f'DROP SCHEMA IF EXISTS "{schema}" CASCADE',
                            os.environ["ETALON_TEST_POSTGRES"]], capture_output=True, check=False)

    def file(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def db(self, *args, status=0, **more):
        """Runs a command on the database of the test and checks its exit status."""
        return self.etalon("-d", self.url, *args, status=status, **more)

    def etalon(self, *args, status=0, **more):
        result = run_etalon(*args, **more)
        self.assertEqual(result.status, status, f"etalon {' '.join(map(str, args))}\n{result.out}\n{result.err}")
        if status in (2, 3):
            self.assertIn("etalon: error: ", result.err)
        return result

    def ready(self):
        """A database with the struct pedestal."""
        self.db("init")
        self.db("register", self.file("pedestal.h", HEADER))
        return self.file("rows.csv", ROWS)

    def commits(self):
        return len(self.db("log", "--format", "json").json())

    def commit_of(self, result):
        match = re.search(r"^commit (\d+)$", result.out, re.M)
        self.assertTrue(match, result.out)
        return int(match.group(1))

    # --- set-up and usage --------------------------------------------------------------------------------------------
    def test_init_is_idempotent_and_makes_no_commit(self):
        first = self.db("init")
        self.assertNotIn("commit", first.out)
        self.db("init")
        self.db("init", "--upgrade")
        self.assertEqual(self.commits(), 0)

    def test_every_command_has_help_with_an_example(self):
        top = self.etalon("--help")
        for command in ["init", "register", "check", "structs", "names", "schema", "name", "put", "import", "get", "history",
                        "log", "tree", "traits", "explain", "lint", "retire", "diff"]:
            self.assertIn(command, top.out)
            self.assertIn("Example", self.etalon(command, "--help").out)
        for command in ["add", "show", "get", "diff"]:
            self.assertIn("Example", self.etalon("tree", command, "--help").out)
        for command in ["put", "get", "list", "diff"]:
            self.assertIn("Example", self.etalon("params", command, "--help").out)
        for command in ["add", "show"]:
            self.assertIn("Example", self.etalon("runs", command, "--help").out)
        for command in ["create", "set", "freeze", "show", "list", "diff"]:
            self.assertIn("Example", self.etalon("snapshot", command, "--help").out)
        for command in ("put", "get", "check"):
            self.assertIn("Example", self.etalon("file", command, "--help").out)
        self.assertIn("Example", self.etalon("scan", "--help").out)
        self.assertRegex(self.etalon("--version").out, r"^etalon \d+\.\d+\.\d+\n$")

    def test_wrong_usage_exits_2(self):
        for args in [[], ["nonsense"], ["get"], ["get", "x"], ["-d"], ["tree"], ["init", "extra"],
                     ["get", "x", "--at", "0", "--format", "xml"], ["put", "x", "--begin", "0", "--element", "a", "f"]]:
            self.etalon(*args, status=2)
        self.assertIn("no database is given", self.etalon("structs", status=2).err)
        self.assertIn("before the command", self.etalon("structs", "-d", "sqlite:x.db", status=2).err)
        self.etalon("-d", "calib.db", "structs", status=2)
        self.etalon("-d", "mysql:calib", "structs", status=2)

    def test_integers_are_decimal_and_whole(self):
        rows = self.ready()
        put = ["put", "pedestal", "--begin", "2019-01-01"]
        for bad in ["99999999999999999999", "-99999999999999999999", "0x10", "", " 3", "3 ", "1.0", "1e3", "0b1", "--", "-"]:
            self.db(*put, f"--element={bad}", rows, status=2)
        self.assertIn("--element", self.db(*put, "--element", "0x10", rows, status=2).err)
        for bad in ["0x1", "", " 1", "0", "-1", "99999999999999999999", "1.5"]:
            self.db(*put, f"--schema={bad}", rows, status=2)
            self.db("get", "pedestal", "--at", "2019-06-01", f"--schema={bad}", status=2)
            self.db("schema", "pedestal", f"--schema={bad}", status=2)
            self.db("schema", "pedestal", "--diff", "1", bad, status=2)
        for bad in ["-1", "99999999999999999999", "18446744073709551615", "0x1", "", " 1", "one"]:
            self.db("log", f"--limit={bad}", status=2)
            self.db("history", "pedestal", "--limit", bad, status=2)
        self.assertIn("--limit", self.db("log", "--limit", "-1", status=2).err)
        self.assertEqual(self.commits(), 1)
        self.db(*put, "--element", "010", "--schema", "01", rows)
        self.db(*put, "--element", "-9223372036854775808", rows)
        self.assertEqual({r["element"] for r in self.db("history", "pedestal", "--format", "json").json()}, {10, -2**63})
        self.assertEqual(self.db("get", "pedestal", "--at", "2019-06-01", "--element", "10", "--schema", "001", "--format",
                                 "json").json()["schema"], 1)
        self.assertEqual(len(self.db("log", "--limit", "02", "--format", "json").json()), 2)
        self.assertEqual(len(self.db("log", "--limit", "0", "--format", "json").json()), 3)

    def test_the_place_of_global_options_is_told_only_when_they_stand_wrong(self):
        self.ready()
        self.assertNotIn("before the command", self.db("structs", "--nonsense", status=2).err)
        self.assertNotIn("before the command", self.db("structs", "more", status=2).err)
        self.assertIn("before the command", self.db("structs", "-d", self.url, status=2).err)
        self.assertIn("before the command", self.etalon("structs", "--config", "f.toml", status=2).err)
        self.assertIn("before the command", self.etalon("structs", f"--database={self.url}", status=2).err)

    def test_an_empty_version_is_not_the_default(self):
        rows = self.ready()
        self.db("put", "pedestal", "--begin", "2019-01-01", rows)
        self.db("put", "pedestal", "--begin", "2019-01-01", "--version", "", rows, status=2)
        for empty in [["--version", ""], ["--version="]]:
            self.assertIn("--version", self.db("get", "pedestal", "--at", "2019-06-01", *empty, status=2).err)
            self.db("history", "pedestal", *empty, status=2)
            self.db("tree", "add", "Reco/pedestal", *empty, status=2)
            self.db("tree", "get", "Reco", "--at", "2019-06-01", *empty, status=2)

    def test_the_environment_names_the_default_database(self):
        self.etalon("init", env={"ETALON_DB": self.url})
        self.assertEqual(self.etalon("structs", "--format", "json", env={"ETALON_DB": self.url}).json(), [])

    def test_a_database_that_is_not_there_is_a_failure(self):
        self.etalon("-d", self.url, "structs", status=3)
        self.etalon("-d", "postgresql://127.0.0.1:1/none?connect_timeout=2", "structs", status=3)
        self.etalon("-d", f"sqlite:{self.folder}/no/such/folder/x.db", "init", status=3)

    def test_a_file_that_is_no_database_is_refused_and_left_alone(self):
        path = self.file("text.db", "this is not a database, but it is long enough to look like one " * 20)
        before = path.read_bytes()
        self.etalon("-d", f"sqlite:{path}", "structs", status=3)
        self.etalon("-d", f"sqlite:{path}", "init", status=3)
        self.assertEqual(path.read_bytes(), before)

    # --- structs -----------------------------------------------------------------------------------------------------
    def test_register_records_a_struct_once(self):
        self.db("init")
        header = self.file("pedestal.h", HEADER)
        dry = self.db("register", "--dry-run", header)
        self.assertNotRegex(dry.out, r"(?m)^commit")
        self.assertEqual(self.db("structs", "--format", "json").json(), [])
        first = self.db("register", header)
        self.assertEqual(self.commit_of(first), 1)
        second = self.db("register", header)
        self.assertNotRegex(second.out, r"(?m)^commit")
        structs = self.db("structs", "--format", "json").json()
        self.assertEqual([(s["name"], s["schema"], s["schemas"], s["references"]) for s in structs], [("pedestal", 1, 1, 1)])

    def test_schema_shows_the_layout_of_the_compiler(self):
        self.ready()
        layout = self.db("schema", "pedestal", "--as", "json").json()
        self.assertEqual((layout["name"], layout["schema"], layout["size"], layout["alignment"]), ("pedestal", 1, 48, 8))
        self.assertEqual([(e["name"], e["type"], e["dims"], e["offset"], e["unit"]) for e in layout["elements"]],
                         [("mean", "float32", [], 0, "ADC"), ("noise", "float32", [3], 4, ""), ("channel", "int32", [], 16, ""),
                          ("label", "char", [8], 20, ""), ("mask", "uint64", [], 32, ""), ("gain", "float64", [], 40, "mV/fC")])
        self.assertIn("noise", self.db("schema", "pedestal").out)
        self.db("schema", "pedestal", "--schema", "2", status=3)
        self.assertIn("pedestal", self.db("schema", "pedestl", status=3).err)

    def test_schema_as_c_registers_as_the_same_schema(self):
        self.ready()
        header = self.file("again.h", self.db("schema", "pedestal", "--as", "c").out)
        self.assertNotRegex(self.db("register", header).out, r"(?m)^commit")
        c = self.file("main.c", '#include "again.h"\n#include <stddef.h>\n_Static_assert(sizeof(struct pedestal) == 48, "");\n'
                                '_Static_assert(offsetof(struct pedestal, gain) == 40, "");\nint main(void) { return 0; }\n')
        subprocess.run(["gcc", "-std=c11", "-Wall", "-Werror", "-fsyntax-only", str(c)], check=True)

    def test_a_declaration_that_cannot_be_stored_fails_the_whole_run_with_its_place(self):
        self.db("init")
        bad = self.file("bad.h", "struct good { int a; };\nstruct bad { int a;\n  float* gains;\n  int bits : 3; };\n")
        result = self.db("register", bad, status=2)
        self.assertRegex(result.err, r"bad\.h:3:\d+: .*gains.*: ")
        self.assertRegex(result.err, r"bad\.h:4:\d+: .*bits.*: ")
        self.assertEqual(self.db("structs", "--format", "json").json(), [])
        self.assertEqual(self.commits(), 0)

    def test_a_header_that_does_not_compile_or_is_not_there_is_wrong_input(self):
        self.db("init")
        self.assertIn("broken.h:1", self.db("register", self.file("broken.h", "struct x { nosuch y; };\n"), status=2).err)
        self.db("register", self.folder / "none.h", status=2)
        self.db("check", self.folder / "none.h", status=2)

    def test_headers_that_are_only_c_get_the_advice_to_read_them_as_c(self):
        self.db("init")
        for text in ["struct flags { _Bool on; };\n", "struct kinds { int class; };\n"]:
            header = self.file("only_c.h", text)
            for command in [["register"], ["check"], ["traits", "--output", self.folder / "t.h"]]:
                error = self.db(*command, header, status=2).err
                self.assertIn("--c", error)
                self.assertIn("-x c", error)
            self.db("register", "--c", header)
            self.db("register", header, "--", "-x", "c")
        neither = self.db("register", self.file("broken.h", "struct x { nosuch y; };\n"), status=2).err
        self.assertNotIn("compile as C", neither)
        self.assertIn("-I", neither)

    def test_diff_converts_units_as_register_does(self):
        self.db("init")
        self.db("register", self.file("a.h", "struct place { double x; /* [cm] */ double y; /* [cm] */ };\n"))
        new = self.file("b.h", "struct place { double x; /* [mm] */ double y; /* [V] */ };\n")
        report = self.db("register", new, "--format", "json").json()
        verdicts = [c["verdict"] for c in report["structs"][0]["changes"]]
        diff = self.db("schema", "place", "--diff", "1", "2", "--format", "json").json()
        self.assertEqual([d["verdict"] for d in diff], verdicts)
        self.assertEqual(verdicts, ["automatic", "needs rule"])

    def test_arguments_behind_two_dashes_reach_the_compiler(self):
        self.db("init")
        self.file("inc/size.h", "#define N 4\n")
        header = self.file("sized.h", '#include "size.h"\nstruct sized { int a[N * M]; };\n')
        self.db("register", header, "--", f"-I{self.folder}/inc", "-DM=2")
        self.assertEqual(self.db("schema", "sized", "--as", "json").json()["elements"][0]["dims"], [8])

    def test_check_exits_1_exactly_when_strict_registration_refuses(self):
        self.ready()
        grown = self.file("v2.h", HEADER.replace("int channel;", "int channel;\n    int extra;"))
        scalar = self.file("v3.h", HEADER.replace("float mean; ", "float mean[2]; "))
        self.assertIn("extra", self.db("check", grown).out)
        refused = self.db("check", scalar, status=1)
        self.assertIn("mean", refused.out)
        before = self.commits()
        self.db("register", "--strict", scalar, status=1)
        self.assertEqual(self.commits(), before)
        self.assertEqual(self.db("structs", "--format", "json").json()[0]["schemas"], 1)
        self.db("register", "--strict", grown)
        report = self.db("register", scalar, "--format", "json").json()
        self.assertTrue(report["blocked"])
        self.assertEqual(report["structs"][0]["schema"], 3)
        self.assertTrue(any(change["blocks"] for change in report["structs"][0]["changes"]))
        diff = self.db("schema", "pedestal", "--diff", "1", "2", "--format", "json").json()
        self.assertEqual([d["change"] for d in diff if d["element"] == "extra"], ["added"])

    def test_an_old_definition_comes_back_as_its_own_schema_and_moves_nobody(self):
        self.ready()
        self.db("register", self.file("v2.h", HEADER.replace("int channel;", "int channel;\n    int extra;")))
        self.assertEqual(self.db("schema", "pedestal", "--as", "json").json()["schema"], 2)
        self.db("register", self.folder / "pedestal.h")
        self.assertEqual(self.db("schema", "pedestal", "--as", "json").json()["schema"], 2)
        self.commit_of(self.db("register", "--make-current", self.folder / "pedestal.h"))
        self.assertEqual(self.db("schema", "pedestal", "--as", "json").json()["schema"], 1)

    # --- what changed ------------------------------------------------------------------------------------------------
    def history_of(self, struct, folder="history"):
        return (self.folder / folder / f"{struct}.json").read_text()

    def test_check_needs_no_database_with_the_files_of_a_history(self):
        history = self.folder / "history"
        one = self.file("v1.h", HEADER)
        grown = self.file("v2.h", HEADER.replace("int channel;", "int channel;\n    int extra;"))
        scalar = self.file("v3.h", HEADER.replace("float mean; ", "float mean[2]; "))
        self.assertIn(str(history), self.etalon("check", one, "--history", history, status=2).err)
        files = ["--history", history, "--no-database"]
        self.assertIn("dry run", self.etalon("register", "--dry-run", one, *files).out)
        self.assertFalse(history.exists())
        self.assertIn("1 layout appended", self.etalon("register", one, *files).out)
        first = self.history_of("pedestal")
        self.assertIn("nothing to append", self.etalon("register", one, *files).out)
        self.assertEqual(self.history_of("pedestal"), first)
        self.etalon("register", "--strict", grown, *files)
        second = self.history_of("pedestal")
        self.assertTrue(second.startswith(first[:first.rindex("\n]}")]))
        layouts = json.loads(second)["layouts"]
        self.assertEqual([(one["schema"], len(one["definition"]["elements"])) for one in layouts], [(1, 6), (2, 7)])
        self.assertTrue(all(re.fullmatch("[0-9a-f]{64}", one["definitionHash"]) for one in layouts))

        passed = self.etalon("check", grown, "--history", history)
        self.assertIn("no database", passed.out)
        self.assertIn("check passed", passed.out)
        self.etalon("check", one, "--history", history)  # an old branch
        failed = self.etalon("check", scalar, "--history", history, status=1)
        self.assertRegex(failed.out, r"mean.*needs rule")
        self.etalon("register", "--strict", scalar, *files, status=1)
        self.assertEqual(self.history_of("pedestal"), second)
        report = self.etalon("check", scalar, "--history", history, "--format", "json", status=1).json()
        self.assertEqual((report["database"], report["history"], report["blocked"]), (None, str(history), True))
        change = next(c for c in report["structs"][0]["changes"] if c["blocks"])
        self.assertEqual((change["element"], change["records"], change["configurations"]), ("mean", 0, 0))
        self.assertEqual([o["schema"] for o in report["structs"][0]["others"]], [1])
        self.etalon("register", scalar, *files)  # what is not strict is recorded
        self.etalon("register", "--make-current", one, *files)
        entries = json.loads(self.history_of("pedestal"))["layouts"]
        self.assertEqual([(e["schema"], "definition" in e) for e in entries], [(1, True), (2, True), (3, True), (1, False)])
        self.etalon("check", grown, "--history", history)
        self.etalon("register", one, "--no-database", status=2)
        self.db("register", one, *files, status=2)

    def test_a_struct_that_looks_renamed_is_a_question_and_keeps_everything_when_it_is(self):
        self.db("init")
        history = self.folder / "history"
        rules = self.folder / "rules"
        old = "struct padGain { int channel; float gain; };\n"
        new = "struct tpcGain { int channel; double gain; short quality; };\n"
        header = self.file("gain.h", old)
        self.db("register", header, "--history", history)
        rows = self.file("gain.csv", "channel,gain\n1,2.5\n")
        self.db("put", "padGain", "--begin", "2024-01-01", rows)
        header = self.file("gain.h", new)
        question = "is it 'rename struct padGain -> tpcGain' or 'distinct struct padGain, tpcGain'?"
        for place, files in (["-d", self.url], []), ([], ["--history", history]), (["-d", self.url], ["--history", history]):
            asked = self.etalon(*place, "check", header, *files, status=1)
            self.assertIn(question, asked.out)
            self.assertIn(question, asked.err)
        self.db("register", "--strict", header, status=1)
        report = self.db("check", header, "--format", "json", status=1).json()
        self.assertEqual(report["structs"][0]["proposed"], ["rename struct padGain -> tpcGain"])
        self.assertTrue(report["blocked"])
        # Both are declared: two things.
        self.db("check", self.file("both.h", old + new))
        written = self.db("check", header, "--history", history, "--rules", rules, "--write-rules")
        self.assertIn("tpcGain.rules: renames of tpcGain written", written.out)
        text = (rules / "tpcGain.rules").read_text()
        self.assertIn("rename struct padGain -> tpcGain    # or, if they are two things: distinct struct padGain, tpcGain", text)
        # The other answer.
        other = self.folder / "distinct"
        line = next(one for one in text.splitlines() if "rename" in one)
        self.file("distinct/tpcGain.rules", text.replace(line, "  distinct struct padGain, tpcGain"))
        answered = self.db("register", "--strict", "--dry-run", header, "--rules", other)
        self.assertIn("tpcGain: new struct", answered.out)
        self.assertNotIn("likely", answered.out)
        done = self.db("register", "--strict", header, "--history", history, "--rules", rules)
        self.assertIn("tpcGain: new schema, schema version 2, after 1", done.out)
        self.assertIn("renamed struct padGain -> tpcGain", done.out)
        self.db("register", "--strict", header, "--history", history, "--rules", rules)
        self.etalon("check", header, "--history", history)
        self.db("check", header)
        layouts = json.loads(self.history_of("padGain"))["layouts"]
        self.assertEqual([one.get("renamedFrom") for one in layouts], [None, "padGain"])
        self.assertFalse((history / "tpcGain.json").exists())
        # Everything is there, under either name.
        structs = self.db("structs", "--format", "json").json()
        self.assertEqual([(s["name"], s["schemas"], s["formerNames"]) for s in structs], [("tpcGain", 2, ["padGain"])])
        self.assertIn("tpcGain", self.db("names").out)
        self.assertIn("struct tpcGain (formerly padGain), schema 2 of 2", self.db("schema", "padGain").out)
        self.assertIn("struct padGain (now tpcGain), schema 1 of 2", self.db("schema", "tpcGain", "--schema", "1").out)
        self.assertIn("rename struct padGain -> tpcGain", self.db("schema", "tpcGain", "--as", "rules").out)
        self.assertIn("struct tpcGain", self.db("get", "padGain", "--at", "2024-02-01").out)
        got = self.db("get", "padGain", "--at", "2024-02-01", "--schema", "2", "--format", "csv")
        self.assertEqual(got.out, "channel,gain,quality\n1,2.5,0\n")
        # No second series beside the first one by mistake.
        refused = self.db("put", "tpcGain", "--begin", "2024-03-01", rows, status=3)
        self.assertIn("padGain", refused.err)
        self.file("more.csv", "channel,gain,quality\n2,3.5,1\n")
        self.db("put", "padGain", "--begin", "2024-03-01", self.folder / "more.csv")
        manifest = "table,struct,beginTime,path\npadGain,{},2024-0{}-01,more.csv\n"
        for month, name in ((4, "padGain"), (5, "tpcGain")):
            self.db("import", self.file("manifest.csv", manifest.format(name, month)))
        self.assertEqual(self.db("get", "padGain", "--at", "2024-06-01", "--schema", "1", "--format", "csv").out,
                         "channel,gain\n2,3.5\n")
        self.db("verify", "--deep")
        # The old header is known; what it changes is not taken for another struct.
        self.assertIn("padGain: known", self.db("register", self.file("old.h", old)).out)
        changed = self.db("register", self.file("old.h", old.replace("float gain", "float other")), status=3)
        self.assertIn("tpcGain", changed.err)

    def test_a_history_that_was_changed_is_refused_and_nothing_is_recorded(self):
        self.db("init")
        header = self.file("v1.h", HEADER)
        history = self.folder / "history"
        self.etalon("register", header, "--history", history, "--no-database")
        good = self.history_of("pedestal")
        for bad in [good.replace("float32", "int32", 1), good.replace('"schema":1', '"schema":2'), good[:-20], "", "[]",
                    good.replace("mV/fC", "V")]:
            self.file("history/pedestal.json", bad)
            for command in [["check", header], ["register", header]]:
                self.assertIn("pedestal.json", self.db(*command, "--history", history, status=2).err)
            self.assertEqual(self.history_of("pedestal"), bad)
        self.file("history/pedestal.json", good.replace('"format":1', '"format":7'))
        self.assertIn("newer", self.db("check", header, "--history", history, status=3).err)
        self.assertEqual(self.commits(), 0)

    def test_register_writes_down_what_the_database_has_and_both_are_compared_with(self):
        self.db("init")
        history = self.folder / "history"
        one = self.file("v1.h", HEADER)
        two = self.file("v2.h", HEADER.replace("int channel;", "int channel;\n    int extra;"))
        self.db("register", one)
        done = self.db("register", two, "--history", history)  # a new file gets what was recorded before it
        self.commit_of(done)
        self.assertIn("2 layouts appended", done.out)
        recorded = json.loads(self.history_of("pedestal"))["layouts"]
        self.assertEqual([len(entry["definition"]["elements"]) for entry in recorded], [6, 7])
        text = self.history_of("pedestal")
        again = self.db("register", two, "--history", history)
        self.assertIn("nothing to record", again.out)
        self.assertEqual(self.history_of("pedestal"), text)
        self.db("register", one, "--history", history)
        self.assertEqual(self.history_of("pedestal"), text)

        # The database knows a layout that the files have never seen.
        text_mean = self.file("v3.h", HEADER.replace("float mean; ", "char mean[8]; "))
        self.db("register", text_mean)
        self.db("check", text_mean)
        both = self.db("check", text_mean, "--history", history, status=1)
        self.assertIn(f"database {self.name_of(self.url)}", both.out)
        self.assertIn(f"history {history}", both.out)
        reports = self.db("check", text_mean, "--history", history, "--format", "json", status=1).json()
        self.assertEqual([(r["database"], r["history"], r["blocked"]) for r in reports],
                         [(self.name_of(self.url), None, False), (None, str(history), True)])
        self.db("register", "--strict", text_mean, "--history", history, status=1)
        self.assertEqual(self.history_of("pedestal"), text)
        self.db("register", text_mean, "--history", history)
        self.assertEqual(len(json.loads(self.history_of("pedestal"))["layouts"]), 3)
        self.commit_of(self.db("register", "--make-current", one, "--history", history))
        self.assertEqual(json.loads(self.history_of("pedestal"))["layouts"][-1]["schema"], 1)
        rows = self.db("check", two, "--history", history, "--format", "csv").out
        self.assertEqual({row["history"] for row in csv.DictReader(io.StringIO(rows))}, {"", str(history)})

    def test_check_counts_the_records_and_configurations_that_a_change_touches(self):
        rows = self.ready()
        self.db("name", "spare", "pedestal")
        self.db("name", "unused", "pedestal")
        for begin in ["2019-01-01", "2019-02-01"]:
            self.db("put", "pedestal", "--begin", begin, rows)
        self.db("put", "spare", "--begin", "2019-01-01", rows)
        self.db("put", "pedestal", "--begin", "2019-03-01", "--hole")
        self.db("put", "pedestal", "--begin", "2019-04-01", rows)
        self.db("retire", "pedestal", "--relation", "starts", "--from", "2019-04-01", "--reason", "not so")
        for path in ["Reco/a/pedestal", "Reco/b/again", "Sim/spare", "Other/unused"]:
            ref = {"again": "pedestal"}.get(path.split("/")[-1], path.split("/")[-1])
            self.db("tree", "add", path, "--ref", ref)
        counts = lambda header, status: {
            (c["element"], c["verdict"]): (c["records"], c["configurations"])
            for c in self.db("check", header, "--format", "json", status=status).json()["structs"][0]["changes"]
            if c["element"] and c["kind"] != "moved"}
        second = self.file("v2.h", HEADER.replace("float mean; ", "char mean[8]; ")
                           .replace("int channel;", "short channel;\n    int extra;"))
        self.assertEqual(counts(second, 1), {("mean", "refused"): (3, 2), ("channel", "checked"): (3, 2),
                                             ("extra", "automatic"): (0, 0)})
        self.assertIn("touches 3 stored records, 2 configurations", self.db("check", second, status=1).out)
        self.assertIn("touches 3 stored records", self.db("register", "--dry-run", second).out)
        self.assertIn("touches 3 stored records", self.db("register", second).out)
        # Of a later version: what is stored in the older ones counts where the change is met, and is noted.
        third = self.file("v3.h", HEADER.replace("float mean; ", "char mean[8]; ")
                          .replace("int channel;", "signed char channel;\n    int extra;"))
        self.assertEqual(counts(third, 0), {("channel", "checked"): (3, 2)})
        report = self.db("check", third, "--format", "json").json()
        others = report["structs"][0]["others"]
        self.assertEqual([(o["schema"], o["verdict"], o["records"], o["configurations"]) for o in others],
                         [(1, "refused", 3, 2)])
        self.assertFalse(report["blocked"])
        self.assertRegex(self.db("check", third).out, r"note: .*schema version 1 \(3 stored records, 2 configurations\).*mean")

    def test_rules_are_proposed_written_recorded_and_followed(self):
        old = "struct sensor { int channel; float gain; float value; };\n"
        new = "struct sensor { int channel; float gains; float value[2]; };\n"
        header = self.file("sensor.h", old)
        rules = self.folder / "rules"
        self.db("init")
        self.db("register", header)
        self.db("put", "sensor", "--begin", "2024-01-01", self.file("sensor.csv", "channel,gain,value\n1,2.5,7\n"))
        header.write_text(new)
        self.assertIn("rules", self.db("check", header, "--rules", rules, status=2).err)
        self.assertIn("--rules", self.db("check", header, "--write-rules", status=2).err)
        proposed = self.db("check", header, status=1)
        self.assertIn("likely: rename gain -> gains", proposed.out)
        written = self.db("check", header, "--rules", rules, "--write-rules", status=1)
        self.assertIn("by rule: rename gain -> gains", written.out)
        file = rules / "sensor.rules"
        report = self.db("check", header, "--rules", rules, "--format", "json", status=1).json()["structs"][0]
        self.assertEqual(report["proposed"], [])
        self.assertEqual(report["rules"], 1)
        self.assertIn(f"from {report['previousLayout'][:12]} to {report['layout'][:12]}\n  rename gain -> gains    # or, if they are two things: distinct gain, gains\n",
                      file.read_text())
        good = file.read_text()
        file.write_text(good + "  move value -> value[2]\n")
        commits = self.commits()
        wrong = self.db("register", header, "--rules", rules, status=2)
        self.assertIn(str(file), wrong.err)
        self.assertIn("outside value", wrong.err)
        self.assertEqual(self.commits(), commits)
        file.write_text(good + "  move value -> value[0]\n  fill value[1:] = -1\n")
        self.db("check", header, "--rules", rules)
        self.commit_of(self.db("register", "--strict", header, "--rules", rules))
        answer = self.db("get", "sensor", "--at", "2024-02-01", "--schema", "2", "--format", "json").json()
        self.assertEqual(answer["rows"], [{"channel": 1, "gains": 2.5, "value": [7, -1]}])
        self.assertEqual(answer["absent"], ["value[1:]"])
        self.db("put", "sensor", "--begin", "2025-01-01",
                self.file("newer.csv", "channel,gains,value[0],value[1]\n2,3.5,8,9\n"))
        back = self.db("get", "sensor", "--at", "2025-02-01", "--schema", "1", "--format", "csv").out
        self.assertEqual(back, "channel,gain,value\n2,3.5,8\n")
        self.assertIn("move value -> value[0]", self.db("schema", "sensor", "--as", "rules").out)
        self.assertIn("absent: value[1:]", self.db("schema", "sensor", "--diff", "1", "2", "--plan").out)
        diff = self.db("schema", "sensor", "--diff", "1", "2", "--format", "json").json()
        self.assertEqual([d["change"] for d in diff if d["element"] == "gains"], ["renamed"])
        self.assertIn("nothing to record", self.db("register", header, "--rules", rules).out)
        found = self.db("history", "sensor", "--where", "gains == 2.5", "--format", "json").json()
        self.assertEqual(len(found), 1)
        # The files of a history know the same rules.
        history = self.folder / "history"
        header.write_text(old)
        self.etalon("register", header, "--history", history, "--no-database")
        header.write_text(new)
        self.etalon("check", header, "--history", history, status=1)
        self.etalon("check", header, "--history", history, "--rules", rules)
        # Rules for other layouts are left alone, and named.
        file.write_text("struct sensor\nfrom 00000000 to 11111111\n")
        self.assertIn("not used", self.db("check", header, "--rules", rules).err)

    def test_rules_say_what_becomes_of_the_values_that_they_do_not_move(self):
        header = self.file("det.h", "struct det { float gain[4]; /* [cm] */ float wide[10]; };\n")
        rules = self.folder / "rules"
        rules.mkdir()
        self.db("init")
        first = self.db("register", header, "--format", "json").json()["structs"][0]["layout"]
        header.write_text("struct det { float first; /* [mm] */ float gain[3]; /* [cm] */ float wide[1000000]; };\n")
        second = self.db("check", header, "--format", "json").json()["structs"][0]["layout"]
        file = self.file("rules/det.rules", f"struct det\nfrom {first[:12]} to {second[:12]}\n  move gain[0] -> first\n  fill wide[18] = 7\n")
        out = self.db("check", header, "--rules", rules).out
        for line in ["rearranged first: gain float32[4] -> float32: automatic: by rule: move gain[0] -> first; times 10",
                     "rearranged gain: gain float32[4] -> float32[3]: automatic: by rule: move gain[0] -> first; gain[1:] by name; "
                     "1 of 3 values absent: gain[0]",
                     "partly removed gain float32[4]: automatic: ignored, as neither a rule nor a name takes them: gain[3:]",
                     "999990 of 1000000 values absent: wide[10:]; wide[18] filled with 7"]:
            self.assertIn(line, out)
        self.db("register", header, "--rules", rules)
        plan = self.db("schema", "det", "--diff", "1", "2", "--plan").out
        self.assertIn("absent: gain[0]\nabsent: wide[10:]\ntruncated: gain[3:]\n", plan)
        self.assertIn("times 10", plan)
        diff = self.db("schema", "det", "--diff", "1", "2", "--format", "json").json()
        self.assertEqual([(d["element"], d["change"]) for d in diff if d["verdict"] != "identical"],
                         [("first", "rearranged"), ("gain", "rearranged"), ("wide", "rearranged"), ("gain", "partly removed")])
        # A section holds in both directions: a second one between the same layouts would leave open which is meant.
        file.write_text(file.read_text() + f"from {second[:12]} to {first[:12]}\n")
        self.assertRegex(self.db("check", header, "--rules", rules, status=2).err, "line 5: a second section .* line 2")

    def test_units_that_mean_nothing_are_a_warning_with_their_line(self):
        self.db("init")
        header = self.file("odd.h", "struct inner { float x; float y; };\nstruct odd {\n  double ok; /* [cm] */\n"
                                    "  double gain; /* [furlongz] */\n  struct inner at[3]; /* [cmz] */\n"
                                    "  double other; /* [furlongz] */\n};\n")
        for command in [["check"], ["register", "--dry-run"], ["register"],
                        ["traits", "--output", self.folder / "t.h"]]:
            result = self.db(*command, header)
            self.assertIn(f"{header}:4: warning: unit 'furlongz' of element gain (and 1 more) is not known, did you mean 'furlong'?; "
                          "values in it are never converted", result.err)
            self.assertRegex(result.err, r"odd\.h:5: warning: unit 'cmz' of element at\[0\]\.x \(and 5 more\)")
            self.assertEqual(result.err.count("warning"), 2)
        warnings = self.db("check", header, "--format", "json").json()["warnings"]
        self.assertEqual([(w["location"], w["struct"], w["element"], w["unit"]) for w in warnings],
                         [(f"{header}:4", "odd", "gain", "furlongz"), (f"{header}:5", "odd", "at[0].x", "cmz")])

    def test_what_a_comment_does_not_say_plainly_is_text_with_a_note(self):
        self.db("init")
        header = self.file("says.h", "struct says {\n  //float len; // [km] default: 7\n  float a; /* [WIP] */\n"
                                     "  float b; /* [left/right] */\n  float c, /* [V] */ d; /* [A] */\n  float e; /* was [cm] */\n"
                                     "  _Bool f; /* default: on */\n  int g; /* default: see */\n  float h; /* [WIP] too */\n};\n")
        result = self.db("register", header, "--c")
        self.assertIn(f"{header}:3: note: 'WIP' is text here, not the unit: it is no unit that is known (`unit: [WIP]` makes it one) "
                      "(and at 1 more place)", result.err)
        self.assertRegex(result.err, r"says\.h:4: note: 'left/right' is text")
        self.assertRegex(result.err, r"says\.h:6: note: 'cm' is text here, not the unit: the words before it")
        self.assertRegex(result.err, r"says\.h:8: warning: the default see is not taken")
        schema = self.db("schema", "says", "--format", "json").json()
        self.assertEqual([(e["name"], e["unit"], e["default"]) for e in schema["elements"]],
                         [("a", "", None), ("b", "", None), ("c", "V", None), ("d", "A", None), ("e", "", None),
                          ("f", "", "1"), ("g", "", None), ("h", "", None)])

    def test_a_unit_that_is_no_longer_read_is_told_by_check_and_register(self):
        self.db("init")
        self.db("register", self.file("gain.h", "struct gain { float g; /* [V] of a pad */ };\n"))
        moved = self.file("gain.h", "struct gain {\n  float g; /* the [V] of a pad */\n};\n")
        result = self.db("check", moved, status=1)
        self.assertRegex(result.err, r"gain\.h:2: note: 'V' is text here, not the unit: it stands inside a sentence")
        self.assertIn("unit", result.out)
        self.db("register", "--strict", moved, status=1)
        self.assertEqual(self.db("schema", "gain", "--format", "json").json()["elements"][0]["unit"], "V")

    def test_structs_are_chosen_by_name_and_unsupported_ones_are_skipped_when_told(self):
        self.db("init")
        header = self.file("some.h", "struct good { int a; };\nstruct bad {\n  float* gains;\n};\nstruct holds { struct bad b; };\n"
                                     "struct other { int b; };\n")
        self.assertIn("--skip-unsupported", self.db("register", header, status=2).err)
        self.assertEqual(self.commits(), 0)
        self.assertRegex(self.db("register", header, "--only", "good,oher", status=2).err, "struct oher: .*did you mean 'other'")
        self.db("register", header, "--only", "bad", status=2)
        self.assertEqual(self.commits(), 0)
        self.db("register", header, "--only", "good")
        self.assertEqual([s["name"] for s in self.db("structs", "--format", "json").json()], ["good"])
        result = self.db("register", header, "--skip-unsupported")
        self.assertRegex(result.err, r"some\.h:3:\d+: float\* gains: ")
        self.assertIn("struct holds is skipped, too", result.err)
        self.assertIn("2 structs skipped: bad, holds\n", result.out)
        self.assertEqual([s["name"] for s in self.db("structs", "--format", "json").json()], ["good", "other"])
        warnings = self.db("check", header, "--skip-unsupported", "--format", "json").json()["warnings"]
        self.assertEqual([w["struct"] for w in warnings], ["bad", "holds"])
        only_bad = self.file("only_bad.h", "struct worse { int* p; };\n")
        self.assertIn("1 struct skipped: worse\n", self.db("register", only_bad, "--skip-unsupported").out)
        self.assertIn("1 struct skipped: worse", self.db("check", only_bad, "--skip-unsupported", "--format", "json").err)
        traits = self.folder / "some.traits.h"
        self.assertIn("1 struct\n", self.db("traits", header, "--only", "other", "--output", traits).out)
        self.assertNotIn("good", traits.read_text())
        # Which of two structs of one name is meant is not for the program to say.
        double = self.file("double.h", "struct good { float a; };\n")
        self.assertRegex(self.db("register", header, double, "--skip-unsupported", status=2).err,
                         r"double\.h:1:8: struct good: defined differently at .*some\.h:1:8 \(a int32 there, a float32 here\)")

    def test_a_struct_that_only_helps_others_has_no_reference_until_it_is_used(self):
        self.db("init")
        types = self.file("types.h", "struct point { float x; float y; };\n")
        self.db("register", types, self.file("pad.h", '#include "types.h"\nstruct pad { struct point at; };\n'))
        names = lambda: [n["name"] for n in self.db("names", "--format", "json").json()]
        self.assertEqual(names(), ["pad"])
        self.assertEqual([s["name"] for s in self.db("structs", "--format", "json").json()], ["pad", "point"])
        rows = self.file("point.csv", "x,y\n1,2\n")
        self.db("put", "point", "--begin", "2020-01-01", "--dry-run", rows)
        self.assertEqual(names(), ["pad"])
        self.assertIn("named reference point was made", self.db("put", "point", "--begin", "2020-01-01", rows).err)
        self.assertEqual(names(), ["pad", "point"])
        self.assertEqual(self.db("get", "point", "--at", "2021-01-01", "--format", "json").json()["rows"], [{"x": 1, "y": 2}])
        # Alone it is a struct like others.
        self.db("register", self.file("alone.h", "struct alone { int a; };\n"))
        self.assertEqual(names(), ["alone", "pad", "point"])

    def test_headers_of_one_run_are_read_alone_and_none_is_passed_over(self):
        self.db("init")
        guard = "#ifndef G\n#define G\n%s\n#endif\n"
        a = self.file("a.h", guard % "#pragma pack(1)\nstruct a { char c; double d; };")
        b = self.file("b.h", guard % "struct b { char c; double d; };")
        self.assertRegex(self.db("register", a, b).err, r"a\.h:3: warning: #pragma pack still holds")
        self.assertEqual([s["size"] for s in self.db("structs", "--format", "json").json()], [9, 16])
        no_struct = self.file("n.h", "#define N 3\n")
        self.assertIn(f"{no_struct}: note: nothing to record: the header defines no struct", self.db("register", a, no_struct).err)
        self.assertIn("nothing to record", self.db("register", no_struct, status=2).err)
        left_out = self.file("c.h", '#include "a.h"\n' + guard % "struct c { int i; };")
        self.assertRegex(self.db("register", b, left_out, status=2).err, r"c\.h:4:1: nothing was recorded from .*c\.h")
        needs = self.file("needs.h", "struct needs { struct b in; };\n")
        self.assertIn("include in it what it needs", self.db("register", b, needs, status=2).err)

    def test_text_of_headers_that_is_no_utf8_is_latin1_and_nul_is_refused(self):
        self.db("init")
        header = self.folder / "latin.h"
        header.write_bytes(b"struct latin {\n  float t; /* [\xb0C] T\xfcr */\n};\n")
        self.assertIn(f"{header}:2: warning: what stands here is no UTF-8 and is read as Latin-1", self.db("register", header).err)
        element = self.db("schema", "latin", "--format", "json").json()["elements"][0]
        self.assertEqual((element["unit"], element["comment"]), ("\u00b0C", "[\u00b0C] T\u00fcr"))
        header.write_bytes(b"struct nul {\n  float t; /* a\0b */\n};\n")
        self.assertIn(f"{header}:2: a NUL byte stands here", self.db("register", header, status=2).err)
        self.assertEqual(self.commits(), 1)

    def test_a_configuration_is_checked_over_a_range(self):
        self.db("init")
        header = self.file("gain.h", "struct gain { float g; };\n")
        self.db("register", header)
        self.db("name", "pedestal", "gain")
        rows = self.file("g.csv", "g\n1\n")
        for name, begin, end in (("gain", "2024-01-01", "2024-03-01"), ("gain", "2024-03-01", "2024-06-01"), ("pedestal", "2024-02-01", None)):
            self.db("put", name, "--begin", begin, *(["--end", end] if end else []), rows)
        self.db("tree", "add", "Reco/gain")
        self.db("tree", "add", "Reco/det/pedestal")
        whole = self.db("tree", "check", "Reco", "--from", "2024-02-01", "--to", "2024-06-01")
        self.assertEqual(whole.out, "2 tables, 3 intervals: complete\n")
        holes = self.db("tree", "check", "Reco", "--from", "2024-01-15", "--to", "2024-07-01", "--format", "json", status=1).json()
        self.assertFalse(holes["complete"])
        self.assertEqual([(h["begin"], h["end"], h["path"], h["status"]) for h in holes["stretches"]],
                         [("2024-01-15T00:00:00Z", "2024-02-01T00:00:00Z", "Reco/det/pedestal", "Gap"),
                          ("2024-06-01T00:00:00Z", "2024-07-01T00:00:00Z", "Reco/gain", "Gap")])
        self.assertEqual([(n["path"], n["faults"]) for n in holes["nodes"]], [("Reco/gain", 1), ("Reco/det/pedestal", 1)])
        table = self.db("tree", "check", "Reco", "--from", "2024-01-15", "--to", "2024-07-01", "--limit", "1", status=1).out
        self.assertIn("and 1 more stretch (--limit 0 shows all)", table)
        self.assertIn("2 stretches of 2 tables without an answer", table)
        other = self.file("text.h", "struct gain { char g[8]; };\n")
        refused = self.db("tree", "check", "Reco", "--from", "2024-04-01", "--to", "2024-05-01", "--headers", other, "--format", "csv",
                          status=1).out.splitlines()
        self.assertEqual(len(refused), 3)
        self.assertIn("Unreadable", refused[1])
        self.assertIn("a range has two ends", self.db("tree", "check", "Reco", "--from", "2024-04-01", status=2).err)
        self.assertIn("an empty range", self.db("tree", "check", "Reco", "--from", "2024-04-01", "--to", "2024-04-01", status=2).err)
        self.assertIn("coverage needs a range", self.db("tree", "check", "Reco", status=2).err)
        self.assertIn("not asked for", self.db("tree", "check", "Reco", "--from", "1", "--to", "7", status=2).err)

    def test_keys_and_limits_hold_in_every_way_of_writing(self):
        self.db("init")
        header = self.file("pads.h", "struct pads {\n  int sector; /* key: 1 */\n  int pad; /* key: 2\n * limits: [0, 8) */\n"
                           "  float gain; // [mV]\n};\n")
        self.db("register", header)
        good = self.file("good.csv", "sector,pad,gain\n1,7,1.5\n1,6,0\n2,7,3\n")
        bad = self.file("bad.csv", "sector,pad,gain\n1,7,1.5\n1,8,0\n1,7,3\n")
        put = ["put", "pads", "--begin", "2024-01-01"]
        self.db(*put, good)
        for arguments in ([*put, bad], [*put, "--dry-run", bad]):
            error = self.db(*arguments, status=2).err
            self.assertIn("2 values that their limits do not allow", error)
            self.assertIn("pad of row 1 is 8: [0, 8)", error)
            self.assertIn("sector, pad of row 2 is 1, 7: key: as row 0", error)
        rows = self.file("bad.json", '[{"sector":1,"pad":-1,"gain":1}]')
        self.assertIn("pad of row 0 is -1", self.db(*put, rows, status=2).err)
        manifest = self.file("manifest.csv", "table,struct,beginTime,path\npads,pads,2024-02-01,good.csv\npads,pads,2024-03-01,bad.csv\n")
        self.assertIn("pad of row 1 is 8", self.db("import", manifest, status=2).err)
        self.assertEqual(self.commits(), 2)
        # Told by schema, kept by C headers.
        elements = self.db("schema", "pads", "--format", "json").json()["elements"]
        self.assertEqual([(e.get("key"), e.get("limits")) for e in elements], [(1, None), (2, ["[0, 8)"]), (None, None)])
        again = self.file("again.h", self.db("schema", "pads", "--as", "c").out)
        self.assertIn("pads: known", self.db("register", again).out)
        # New limits are counted over what is stored.
        header.write_text("struct pads {\n  int sector; // key: 1\n  int pad; /* key: 2\n * limits: [0, 8) */\n"
                          "  float gain; /* [mV]\n  limits: (0, 2] */\n};\n")
        checked = self.db("check", header)
        self.assertIn("limits changed", checked.out)
        self.assertIn("2 stored values of 1 record are not within the limits, first gain of row 1 is 0: (0, 2]", checked.err)
        self.db("register", "--strict", header)
        self.assertIn("gain of row 1 is 0", self.db(*put, good, status=2).err)
        self.assertEqual(self.db("get", "pads", "--at", "2024-06-01", "--schema", "2", "--columns", "gain,pad", "--format", "csv").out,
                         "pad,gain\n7,1.5\n6,0\n7,3\n")
        self.assertIn("did you mean 'gain'", self.db("get", "pads", "--at", "2024-06-01", "--columns", "gian", status=3).err)

    def test_views_of_answers_are_made_listed_and_dropped(self):
        self.db("init")
        self.db("register", self.file("gain.h", "struct gain { float g; };\n"))
        for value, begin, version in ((1, "2024-01-01", "default"), (2, "2024-03-01", "default"), (3, "2024-02-01", "sim")):
            self.db("put", "gain", "--begin", begin, "--version", version, self.file("g.csv", f"g\n{value}\n"))
        self.db("snapshot", "create", "first")
        made = self.db("view", "create", "gain_first", "gain", "--as-of", "first", "--version", "sim,default").out
        self.assertEqual(made, "gain_first shows gain: all positions, as of commit 4, version sim,default\n")
        self.db("view", "create", "gain_now", "gain", "--at", "2024-04-01")
        self.db("put", "gain", "--begin", "2024-03-15", self.file("g.csv", "g\n4\n"))
        listed = self.db("view", "list", "--format", "json").json()
        self.assertEqual([(v["name"], v["reference"], v["kind"]) for v in listed],
                         [("gain_first", "gain", "answer"), ("gain_now", "gain", "answer"), ("gain_records", "gain", "standard"),
                          ("gain_view", "gain", "standard")])
        if ARGS.engine == "sqlite":
            with sqlite3.connect(self.url[len("sqlite:"):]) as place:
                self.assertEqual(place.execute("SELECT beginTime, endTime, g FROM gain_first ORDER BY 1").fetchall(),
                                 [("2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z", 1.0), ("2024-02-01T00:00:00Z", None, 3.0)])
                self.assertEqual(place.execute("SELECT g FROM gain_now").fetchall(), [(4.0,)])
        self.assertIn("only views that 'etalon view create' made", self.db("view", "drop", "gain_view", status=3).err)
        self.db("view", "drop", "gain_now")
        self.assertIn("unknown view", self.db("view", "drop", "gain_now", status=3).err)
        self.db("view", "standard", "gain", "--drop")
        self.assertEqual(len(self.db("view", "list", "--format", "json").json()), 1)
        self.assertEqual(self.db("view", "standard", "--all").out[:6], "commit")
        self.assertIn("references or --all", self.db("view", "standard", status=2).err)

    def test_units_convert_exactly_within_their_kind_and_need_a_rule_between_kinds(self):
        self.db("init")
        text = "struct motor {{ int speed; /* [{}] */ long long way; /* [{}] */ double rate; /* [{}] */ float t; /* [{}] */ }};\n"
        header = self.file("motor.h", text.format("m/s", "cm", "cps", "degC"))
        self.db("register", header)
        self.db("put", "motor", "--begin", "2024-01-01", self.file("m.csv", "speed,way,rate,t\n15,9007199254740993,3,20\n"))
        header.write_text(text.format("km/h", "mm", "counts/ms", "K"))
        self.db("register", "--strict", header)
        get = ["get", "motor", "--at", "2024-02-01", "--schema", "2"]
        self.assertEqual(self.db(*get, "--format", "csv").out.splitlines()[1], "54,90071992547409930,0.003,293.15")
        if ARGS.engine == "sqlite":  # the view says the same
            with sqlite3.connect(self.url[len("sqlite:"):]) as place:
                self.assertEqual(place.execute("SELECT speed, way, rate, t FROM motor_view").fetchall(),
                                 [(54, 90071992547409930, 0.003, 293.15)])
        found = self.db("history", "motor", "--where", "speed = 54", "--format", "json").json()
        self.assertEqual(len(found), 1)
        for unit, why in [("Hz", r"\[counts/ms\] measures count second\^-1, \[Hz\] second\^-1: a rule must say the factor"),
                          ("rpm", "cycle"), ("Bq", "decay"), ("rad/s", "radian")]:
            header.write_text(text.format("km/h", "mm", unit, "K"))
            self.assertRegex(self.db("check", header, status=1).out, why)
        header.write_text(text.format("km/h", "mm", "Hz", "K"))
        self.db("register", header)
        self.assertIn("needs rule", self.db("get", "motor", "--at", "2024-02-01", "--schema", "3", status=3).err)
        self.db("register", header, "--strict", status=0)  # it is recorded already

    def test_differences_of_temperatures_are_written_as_such(self):
        self.db("init")
        header = self.file("t.h", "struct therm { float sigmaT; /* [degC] */ float t_spread; /* [delta_degC] */\n"
                                  "  float value; /* [degC] */ float drift; /* [degC/h] */ float width; /* [degC] difference */ };\n")
        err = self.db("register", header).err
        self.assertEqual(err.count("warning"), 1)
        self.assertRegex(err, r"t\.h:1: warning: element sigmaT \[degC\] looks like a difference, .* write \[delta_degC\]")
        self.db("put", "therm", "--begin", "2024-01-01", self.file("t.csv", "sigmaT,t_spread,value,drift,width\n1,5,100,10,20\n"))
        self.assertIn("float width;  /* unit: [degC difference] */", self.db("schema", "therm", "--as", "c").out)
        self.db("register", "--strict", self.file("t.h", "struct therm { float sigmaT; /* [degF] */ float t_spread; /* [delta_degF] */\n"
                                                         "  float value; /* [K] */ float drift; /* [K/h] */ float width; /* [K] */ };\n"))
        self.assertEqual(self.db("get", "therm", "--at", "2024-02-01", "--schema", "2", "--format", "csv").out.splitlines()[1],
                         "33.8,9,373.15,10,20")
        header.write_text(header.read_text().replace("[K/h]", "[K/h]").replace("[delta_degF]", "[degF]"))
        self.assertIn("is a difference between two points of a scale", self.db("check", header, status=1).out)

    def test_units_of_a_folder_are_recorded_with_what_they_mean(self):
        self.db("init")
        units = self.file("structs/units.toml", '[units]\nspill = "12 s"\nwafer = "new"\n'
                                                'tick = { definition = "50 ns", aliases = ["ticks"] }\n')
        header = self.file("structs/lab/beam.h", "struct beam {\n  double rate; /* [events/spill] */\n  int delay; /* [ticks] */\n"
                                                 "  int good; /* [wafer] */\n  int other; /* [cm] */\n};\n")
        self.assertEqual(self.db("register", header).err.count("warning"), 0)
        self.db("put", "beam", "--begin", "2024-01-01", self.file("b.csv", "rate,delay,good,other\n24,4,7,1\n"))
        shown = [e["unit"] for e in self.db("schema", "beam", "--format", "json").json()["elements"]]
        self.assertEqual(shown, ["events/spill where spill = 12 s", "ticks where ticks = tick, tick = 50 ns",
                                 "wafer where wafer = new", "cm"])
        self.assertRegex(self.db("get", "beam", "--at", "2024-02-01").out, r"rate \[events/spill\] +delay \[ticks\]")
        typo = self.file("structs/lab/typo.h", "struct typo { float x; /* [wafr] */ };\n")
        self.assertIn("did you mean 'wafer'?", self.db("check", typo).err)
        # What was recorded keeps its meaning; a definition that changes is another one.
        plain = self.file("plain/beam.h", header.read_text().replace("events/spill", "events/s").replace("[ticks]", "[ns]"))
        self.assertIn("the unit vanished", self.db("check", plain, status=1).out)  # [wafer] says nothing there
        plain.write_text(plain.read_text().replace("[wafer]", "[wafer where wafer = new]"))
        self.db("register", "--strict", plain)
        self.assertEqual(self.db("get", "beam", "--at", "2024-02-01", "--schema", "2", "--format", "csv").out.splitlines()[1],
                         "2,200,7,1")
        self.db("register", "--make-current", header)
        self.assertIn("nothing to record", self.db("register", header).out)
        units.write_text(units.read_text().replace("12 s", "10 s"))
        self.assertRegex(self.db("check", header).out, r"\[events/spill where spill = 12 s\] -> \[events/spill where spill = 10 s\]")
        # The C header of a schema version is that schema version again.
        c_header = self.file("again/beam.h", self.db("schema", "beam", "--as", "c").out)
        self.assertIn("nothing to record", self.db("register", c_header).out)
        for text, problem in [('[units]\ncm = "3 m"\n', "'cm' is a unit already"), ('[units]\nzork = "3 metr"\n', "did you mean"),
                              ('[units]\nzork = "quux"\nquux = "zork"\n', "is no unit"), ('[units]\nzork = 3\n', "units.toml:2"),
                              ('[unit]\nzork = "m"\n', "another part"), ("[units\n", "not TOML"), ('[units]\nm2 = "m"\n', "no name for a unit")]:
            units.write_text(text)
            self.assertIn(problem, self.db("register", header, status=2).err)
        self.db("register", "--units", self.file("own.toml", '[units]\nspill = "12 s"\nticks = "50 ns"\nwafer = "new"\n'), header)

    def test_enumerations_go_by_their_names(self):
        self.db("init")
        self.db("register", self.file("chip.h", "enum Status { kGood = 0, kNoisy = 1, kHot = 2, kDead = 4 };\n"
                                                "enum Mode { kOff, kOn };\n"
                                                "struct chip { int id; enum Status status; enum Mode mode[2]; };\n"))
        head = "id,status,mode[0],mode[1]\n"
        put = ["put", "chip", "--begin", "2024-01-01"]
        self.db(*put, self.file("c.csv", head + "1,kNoisy,kOff,kOn\n2,Status::kDead,1,Mode::kOff\n3,kNoisy|kDead,kOn,kOn\n4,3,0,0\n"))
        get = ["get", "chip", "--at", "2024-02-01"]
        self.assertEqual(self.db(*get, "--format", "csv").out, head + "1,1,0,1\n2,4,1,0\n3,5,1,1\n4,3,0,0\n")
        names = self.db(*get, "--format", "csv", "--enum-names").out
        self.assertEqual(names, head + "1,kNoisy,kOff,kOn\n2,kDead,kOn,kOff\n3,kNoisy|kDead,kOn,kOn\n4,kNoisy|kHot,kOff,kOff\n")
        table = self.db(*get).out
        self.assertRegex(table, r"3 +kNoisy\|kDead +\[kOn, kOn\]")
        rows = self.db(*get, "--format", "json", "--enum-names").json()["rows"]
        self.assertEqual(rows[2], {"id": 3, "status": "kNoisy|kDead", "mode": ["kOn", "kOn"]})
        self.assertEqual(self.db(*get, "--format", "json").json()["rows"][2]["status"], 5)
        self.db("put", "chip", "--begin", "2024-03-01", self.file("c.json", json.dumps(rows)))
        self.assertEqual(self.db("get", "chip", "--at", "2024-04-01", "--format", "csv", "--enum-names").out, names)
        self.assertEqual(self.db("schema", "chip", "--format", "json").json()["elements"][1]["enumerators"],
                         {"kGood": 0, "kNoisy": 1, "kHot": 2, "kDead": 4})
        for where in ["status = kNoisy", "status = Status::kNoisy", "status = 1", "status = kNoisy|kDead"]:
            self.assertEqual(len(self.db("history", "chip", "--where", where, "--format", "json").json()), 2, where)
        # What has no name is refused, with its line and column; --lenient lets it in and counts.
        for value, problem in [("9", "no enumerator has this value, .*bad.csv:2, column status.* 'kGood|found '9'"),
                               ("kCold", "found 'kCold'; did you mean"), ("Mode::kOn", "value cannot be read"), ("-1", "value out of range"),
                               ("kNoisy|9", "value cannot be read"), ("8", "--lenient"), ("", "the cell is empty")]:
            bad = self.file("bad.csv", head + f"1,{value},0,0\n")
            self.assertRegex(self.db(*put, bad, status=2).err, problem)
        bad = self.file("bad.csv", head + "1,9,0,7\n")
        commits = self.commits()
        self.db(*put, bad, status=2)
        self.db(*put, self.file("bad.json", '[{"id":1,"status":9,"mode":[0,1]}]'), status=2)
        self.assertEqual(self.commits(), commits)
        result = self.db("put", "chip", "--begin", "2024-05-01", "--lenient", bad)
        self.assertIn("2 values were let in that no enumerator has", result.err)
        self.assertRegex(self.db("get", "chip", "--at", "2024-06-01").out, r"1 +9 +\[kOff, 7\]")
        manifest = self.file("manifest.csv", "table,struct,beginTime,path\nchip,chip,2024-07-01,bad.csv\n")
        self.db("import", manifest, status=2)
        self.assertIn("2 values were let in", self.db("import", manifest, "--lenient").err)

    def test_what_was_not_stored_stands_below_the_table_and_is_told_by_record(self):
        rows = self.ready()
        self.db("put", "pedestal", "--begin", "2019-01-01", "--element", "1", rows)
        self.db("register", self.file("v2.h", HEADER.replace(
            "int channel;", "int channel;\n    double offset; /* [mV] default: 2.5 */").replace("noise[3]", "noise[4]")))
        fresh = self.file("new.csv", "mean,noise[0],noise[1],noise[2],noise[3],channel,offset,label,mask,gain\n"
                                     "0.1,1,2,3,4,5,6,\"x\",8,1e300\n")
        self.db("put", "pedestal", "--begin", "2019-01-01", "--element", "2", fresh)
        get = ["get", "pedestal", "--at", "2019-06-01"]
        lines = self.db(*get, "--element", "1", "--schema", "2").out.splitlines()
        self.assertEqual(lines[-1], "absent: noise[3:], offset (default 2.5)")
        self.assertIn("absent of element 1: noise[3:], offset (default 2.5)", self.db(*get, "--element", "1,2").out)
        both = self.db(*get, "--element", "1,2", "--format", "json").json()
        self.assertEqual(both["absent"], ["noise[3:]", "offset"])
        self.assertEqual([r["absent"] for r in both["records"]], [["noise[3:]", "offset"], []])
        self.assertEqual([r["truncated"] for r in both["records"]], [[], []])
        self.assertEqual([r["offset"] for r in both["rows"]], [2.5, 2.5, 6])
        strict = self.db(*get, "--element", "1", "--schema", "2", "--strict", status=3).err
        self.assertIn("noise[3:], offset", strict)
        self.db(*get, "--element", "1,2", "--strict", status=3)
        self.db(*get, "--element", "1", "--strict")
        self.db("tree", "add", "Reco/pedestal", "--element", "1,2")
        tree = ["tree", "get", "Reco", "--at", "2019-06-01"]
        self.assertIn("absent: Reco/pedestal: noise[3:], offset (default 2.5)", self.db(*tree).out)
        node = next(n for n in self.db(*tree, "--format", "json").json()["nodes"] if n["ref"] == "pedestal")
        self.assertEqual(node["absent"], ["noise[3:]", "offset"])
        self.assertIn("noise[3:], offset", self.db(*tree, "--strict", status=3).err)

        self.db("register", self.file("v3.h", HEADER.replace("double gain", "float gain").replace("noise[3]", "noise[2]")))
        narrow = [*get, "--element", "2", "--schema", "3"]
        self.assertIn("gain", self.db(*narrow, status=3).err)
        lossy = self.db(*narrow, "--lenient", "--format", "json").json()
        self.assertEqual((lossy["losses"], lossy["rows"][0]["gain"], lossy["truncated"]), (1, "Infinity", ["noise[2:]"]))
        self.assertIn("losses: 1 value changed", self.db(*narrow, "--lenient").out)
        self.assertIn("1 value was changed", self.db(*narrow, "--lenient", "--format", "csv").err)
        several = self.db(*get, "--element", "1,2", "--schema", "3", "--lenient", "--format", "json").json()
        self.assertEqual([r["losses"] for r in several["records"]], [0, 1])  # 5e-324 rounds: no loss

        # A node of a tree whose elements are of several schema versions, too.
        self.db("put", "pedestal", "--begin", "2019-01-01", "--element", "3",
                self.file("narrow.csv", "mean,noise[0],noise[1],channel,label,mask,gain\n0.1,1,2,5,\"x\",8,2.5\n"))
        self.db("tree", "add", "Other/pedestal", "--element", "1,2,3")
        self.db("tree", "add", "Other/good", "--ref", "pedestal", "--element", "1,3")
        tree[2] = "Other"
        self.assertIn("gain", self.db(*tree, status=3).err)
        found = self.db(*tree, "--lenient", "--values", "--format", "json").json()
        self.assertEqual(found["losses"], 1)
        nodes = {n["path"]: n for n in found["nodes"]}
        self.assertEqual((nodes["Other/pedestal"]["losses"], nodes["Other/good"]["losses"], nodes["Other"]["losses"]), (1, 0, None))
        self.assertEqual([r["gain"] for r in nodes["Other/pedestal"]["values"]][-2:], ["Infinity", 2.5])
        lines = self.db(*tree, "--lenient").out.splitlines()
        self.assertEqual(lines[-2:], ["losses: Other/pedestal: 1 value changed", "losses: 1 value changed"])
        self.assertIn(",losses", self.db(*tree, "--lenient", "--format", "csv").out)
        self.db(*tree, "--lenient", "--strict", status=2)
        self.db("tree", "add", "Small/pedestal", "--element", "1,3")
        tree[2] = "Small"
        self.assertNotIn("losses", self.db(*tree).out)
        self.assertNotIn("losses", self.db(*tree, "--format", "json").json())
        self.assertIn("losses: 0 values changed", self.db(*tree, "--lenient").out)

    def test_diff_shows_two_layouts_side_by_side(self):
        self.ready()
        self.db("register", self.file("v2.h", HEADER.replace("int channel;", "long channel;\n    int extra;")
                                      .replace("char label[8];\n", "").replace("[ADC]", "[count]")))
        lines = self.db("schema", "pedestal", "--diff", "1", "2").out.splitlines()
        self.assertIn("48 -> ", lines[0])
        order = [line[2:].split()[0] for line in lines[4:]]
        self.assertEqual(order, ["mean", "noise", "channel", "label", "extra", "mask", "gain"])
        self.assertEqual([line[0] for line in lines[4:]], ["!", " ", "!", "-", "+", " ", " "])
        channel = next(line for line in lines if "channel" in line)
        self.assertRegex(channel, r"int32 @16 +int64 @16 +retyped +automatic")
        table = self.db("schema", "pedestal", "--diff", "1", "2", "--format", "json").json()
        self.assertEqual({(d["element"], d["change"]) for d in table if d["change"] not in ("moved", "same")},
                         {("mean", "unit changed"), ("channel", "retyped"), ("label", "removed"), ("extra", "added")})
        self.assertEqual([d["change"] for d in self.db("schema", "pedestal", "--diff", "2", "2", "--format", "json").json()],
                         ["same"] * 6)

    def test_traits_header_compiles_and_has_a_dependency_file(self):
        header = self.file("my dir/pedestal.h", HEADER)
        out = self.folder / "gen" / "traits.h"
        self.etalon("traits", header, "--output", out, "--depfile", f"{out}.d", "--include-as", "pedestal.h")
        text = out.read_text()
        self.assertIn('#include "pedestal.h"', text)
        self.assertIn("static_assert", text)
        depfile = pathlib.Path(f"{out}.d").read_text()
        self.assertIn("my\\ dir/pedestal.h", depfile)
        self.assertTrue(depfile.startswith(f"{out}:"))
        main = self.file("main.cpp", '#include "gen/traits.h"\nint main() { return etalon::StructTraits<pedestal>::kName.empty(); }\n')
        include = pathlib.Path(__file__).resolve().parents[2] / "include"
        subprocess.run(["g++", "-std=c++20", "-fsyntax-only", f"-I{include}", f"-I{self.folder}", f"-I{self.folder}/my dir",
                        str(main)], check=True)

    # --- values ------------------------------------------------------------------------------------------------------
    def test_rows_come_back_as_they_were_put_in_csv_and_json(self):
        rows = self.ready()
        for storage in ["columns", "bytes"]:
            name = f"ped_{storage}"
            self.commit_of(self.db("name", name, "pedestal", "--storage", storage))
            self.db("put", name, "--begin", "2019-01-01", rows)
            out = self.db("get", name, "--at", "2019-06-01", "--format", "csv").out
            self.assertEqual(out, ROWS)
            again = self.file("again.csv", out)
            self.db("put", name, "--begin", "2020-01-01", again)
            text = self.db("get", name, "--at", "2020-06-01", "--format", "json").out
            self.db("put", name, "--begin", "2021-01-01", "-", stdin=text)
            self.assertEqual(self.db("get", name, "--at", "2021-06-01", "--format", "csv").out, ROWS)

    def test_get_prints_one_json_object(self):
        rows = self.ready()
        commit = self.commit_of(self.db("put", "pedestal", "--begin", "2019-06-09T13:20:47Z", "--end", "2019-07-01", rows))
        answer = self.db("get", "pedestal", "--at", "2019-06-10T00:00:00.5Z", "--format", "json").json()
        self.assertEqual(set(answer), {"name", "struct", "schema", "status", "begin", "end", "version", "elements", "missing",
                                       "holes", "commit", "entryTime", "uid", "absent", "truncated", "asOf", "settled", "rows"})
        self.assertEqual({k: answer[k] for k in ["name", "struct", "schema", "status", "begin", "end", "version", "elements",
                                                 "missing", "holes", "commit", "absent", "truncated"]},
                         {"name": "pedestal", "struct": "pedestal", "schema": 1, "status": "Found",
                          "begin": "2019-06-09T13:20:47Z", "end": "2019-07-01T00:00:00Z", "version": "default",
                          "elements": [0], "missing": [], "holes": [], "commit": commit, "absent": [], "truncated": []})
        self.assertRegex(answer["uid"], r"^[0-9a-f]{32}$")
        self.assertRegex(answer["entryTime"], r"^20\d\d-.*Z$")
        self.assertEqual(len(answer["rows"]), 2)
        self.assertEqual(answer["rows"][0]["mask"], 18446744073709551615)
        self.assertEqual(answer["rows"][0]["gain"], "NaN")
        self.assertEqual(answer["rows"][1]["noise"][:2], ["Infinity", "-Infinity"])
        self.assertEqual(answer["rows"][0]["label"], 'a"b\\c')

    def test_a_gap_exits_1_and_still_prints_its_exact_interval(self):
        rows = self.ready()
        self.db("put", "pedestal", "--begin", "2019-01-01", "--end", "2019-02-01", rows)
        self.db("put", "pedestal", "--begin", "2019-03-01", rows)
        gap = self.db("get", "pedestal", "--at", "2019-02-10", "--format", "json", status=1).json()
        self.assertEqual((gap["status"], gap["begin"], gap["end"], gap["missing"], gap["rows"]),
                         ("Gap", "2019-02-01T00:00:00Z", "2019-03-01T00:00:00Z", [0], []))
        self.assertEqual([gap[k] for k in ["version", "commit", "entryTime", "uid"]], [None] * 4)
        before = self.db("get", "pedestal", "--at", "-inf", "--format", "json", status=1).json()
        self.assertEqual((before["begin"], before["end"]), ("-inf", "2019-01-01T00:00:00Z"))
        self.assertIn("Gap", self.db("get", "pedestal", "--at", "2018-01-01", status=1).out)
        self.assertEqual(self.db("get", "pedestal", "--at", "2018-01-01", "--format", "csv", status=1).out, "")
        last = self.db("get", "pedestal", "--at", "inf", "--format", "json").json()
        self.assertIsNone(last["end"])

    def test_holes_are_deliberate_and_exit_1(self):
        rows = self.ready()
        self.db("put", "pedestal", "--begin", "2019-01-01", rows)
        self.db("put", "pedestal", "--begin", "2019-02-01", "--hole")
        self.db("put", "pedestal", "--begin", "2019-03-01", self.file("empty.csv", ROWS.splitlines()[0] + "\n"))
        for at in ["2019-02-10", "2019-03-10"]:
            hole = self.db("get", "pedestal", "--at", at, "--format", "json", status=1).json()
            self.assertEqual((hole["status"], hole["holes"], hole["missing"], hole["rows"]), ("Hole", [0], [], []))
            self.assertEqual(self.db("get", "pedestal", "--at", at, "--format", "csv", status=1).out, ROWS.splitlines()[0] + "\n")
        self.db("put", "pedestal", "--begin", "2019-01-01", "--hole", rows, status=2)
        self.db("put", "pedestal", "--begin", "2019-01-01", status=2)

    def test_several_elements_keep_their_rows_and_tell_what_is_missing(self):
        rows = self.ready()
        self.db("put", "pedestal", "--begin", "2019-01-01", "--element", "1", rows)
        self.db("put", "pedestal", "--begin", "2019-02-01", "--element", "3", rows)
        self.db("put", "pedestal", "--begin", "2019-01-15", "--element", "4", "--hole")
        answer = self.db("get", "pedestal", "--at", "2019-03-01", "--element", "1-4", "--format", "json").json()
        self.assertEqual(answer["status"], "Found")
        self.assertEqual([r["elementID"] for r in answer["rows"]], [1, 1, 3, 3])
        self.assertEqual((answer["elements"], answer["missing"], answer["holes"]), ([1, 2, 3, 4], [2], [4]))
        self.assertEqual((answer["commit"], answer["uid"], answer["version"]), (None, None, "default"))
        self.assertEqual([(r["element"], r["status"]) for r in answer["records"]],
                         [(1, "Found"), (2, "Gap"), (3, "Found"), (4, "Hole")])
        self.assertEqual(set(answer["records"][0]), {"element", "status", "begin", "end", "version", "schema", "commit",
                                                     "entryTime", "uid", "absent", "truncated"})
        self.assertEqual(answer["begin"], "2019-02-01T00:00:00Z")
        out = self.db("get", "pedestal", "--at", "2019-03-01", "--element", "3,1", "--format", "csv").out
        self.assertEqual([line.split(",")[0] for line in out.splitlines()], ["elementID", "3", "3", "1", "1"])
        self.assertIn("element 2", self.db("get", "pedestal", "--at", "2019-03-01", "--element", "1-4").out)
        self.db("get", "pedestal", "--at", "2019-03-01", "--element", "1,1", status=2)
        self.db("get", "pedestal", "--at", "2019-03-01", "--element", "3-1", status=2)

    def test_version_chains_and_creation_policy_choose_the_record(self):
        rows = self.ready()
        self.db("put", "pedestal", "--begin", "2019-01-01", "--version", "default", "--version", "test", rows)
        self.db("put", "pedestal", "--begin", "2019-01-01", "--version", "sim", rows)
        get = lambda chain: self.db("get", "pedestal", "--at", "2019-06-01", "--version", chain, "--format", "json").json()
        self.assertEqual(get("sim,default")["version"], "sim")
        self.assertEqual(get("nothing,default")["version"], "default")
        self.assertEqual(get("sim+default")["version"], "sim")
        self.db("get", "pedestal", "--at", "2019-06-01", "--version", "nothing", status=1)
        self.db("name", "bycreation", "pedestal", "--policy", "by_creation")
        self.db("put", "bycreation", "--begin", "2019-01-01", "--created", "2022-01-01", rows)
        late = self.commit_of(self.db("put", "bycreation", "--begin", "2019-02-01", "--created", "2021-01-01", rows))
        won = self.db("get", "bycreation", "--at", "2019-06-01", "--format", "json").json()
        self.assertEqual((won["begin"], won["commit"]), ("2019-01-01T00:00:00Z", late - 1))

    def test_as_of_a_commit_or_a_time_shows_what_was_known(self):
        rows = self.ready()
        first = self.commit_of(self.db("put", "pedestal", "--begin", "2019-01-01", rows))
        second = self.commit_of(self.db("put", "pedestal", "--begin", "2019-02-01", rows))
        get = lambda when, status=0: self.db("get", "pedestal", "--at", "2019-06-01", "--as-of", when, "--format", "json",
                                             status=status).json()
        self.assertEqual(get(first)["commit"], first)
        self.assertEqual(get(second)["commit"], second)
        self.assertEqual(get("0", 1)["status"], "Gap")
        entered = {c["commit"]: c["entryTime"] for c in self.db("log", "--format", "json").json()}
        self.assertEqual(get(entered[first])["commit"], first)
        self.assertEqual(get(entered[second])["commit"], second)
        self.assertEqual(get("2000-01-01", 1)["status"], "Gap")

    def test_at_least_asks_for_a_place_that_has_a_commit(self):
        rows = self.ready()
        self.db("put", "pedestal", "--begin", "2024-01-01", rows)
        newest = self.db("log", "--format", "json").json()[0]
        number, name = newest["commit"], f"{newest['commit']}-{newest['hash'][:12]}"
        # Before the command or behind it, the number alone or with its hash.
        for before, behind in ((("--at-least", number), ()), ((), ("--at-least", name)), (("--at-least=0",), ())):
            got = self.etalon("-d", self.url, *before, "get", "pedestal", "--at", "2024-02-01", *behind, "--format", "json")
            self.assertEqual(got.json()["status"], "Found")
        started = time.monotonic()
        late = self.db("--wait", "0.3", "get", "pedestal", "--at", "2024-02-01", "--at-least", number + 1, status=3)
        self.assertLess(time.monotonic() - started, 20)
        self.assertIn(f"expected commit {number + 1} or a later one, found commit {number}, its last", late.err)
        self.assertEqual(late.out, "")
        other = self.db("log", "--at-least", f"{number}-{'0' * 12}", status=3)
        self.assertIn("another history", other.err)
        self.db("log", "--at-least", "2024-01-01", status=2)
        self.db("log", "--at-least", "5f0e31bd", status=2)
        self.db("--wait", "soon", "log", status=2)
        self.db("--wait=-1", "log", status=2)
        below = self.make_url("other")
        self.etalon("-d", below, "init")
        several = self.etalon("-d", self.url, "-d", below, "--at-least", 1, "log", status=2)
        self.assertIn("a commit number belongs to one place", several.err)

    def test_a_change_of_tables_says_who_is_in_its_way_and_others_go_on(self):
        rows = self.ready()
        self.db("put", "pedestal", "--begin", "2024-01-01", rows)
        wider = self.file("wider.h", HEADER.replace("int channel;", "int channel; int status;"))
        if ARGS.engine == "sqlite":
            holder = sqlite3.connect(self.url[len("sqlite:"):], isolation_level=None)
            holder.execute("BEGIN IMMEDIATE")
            expected = rf"found .*\(process {os.getpid()}\) writes"
        else:
            schema = self.url.split("#")[1]
            holder = subprocess.Popen(["psql", "--no-psqlrc", "-qAt", self.url.split("#")[0] + "&application_name=holder"],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            holder.stdin.write(f'BEGIN; SELECT count(*) FROM "{schema}"."pedestal";\n')
            holder.stdin.flush()
            holder.stdout.readline()
            expected = r'found holder \(process \d+ of user \w+, idle in transaction.* holds ACCESS SHARE on "pedestal'
        try:
            refused = self.db("--wait", "0.4", "register", wider, status=3)
            self.assertRegex(refused.err, expected)
            self.assertEqual(self.db("get", "pedestal", "--at", "2024-02-01", "--format", "json").json()["status"], "Found")
            if ARGS.engine == "postgres":
                self.db("--wait", "5", "put", "pedestal", "--begin", "2024-03-01", rows)
        finally:
            if ARGS.engine == "sqlite":
                holder.close()
            else:
                holder.communicate()
        self.assertIn("commit", self.db("--wait", "5", "register", wider).out)

    def test_rows_are_given_in_an_older_and_a_newer_schema(self):
        rows = self.ready()
        self.db("put", "pedestal", "--begin", "2019-01-01", rows)
        self.db("register", self.file("v2.h", HEADER.replace("int channel;", "long long channel;\n    int extra;")
                                      .replace("noise[3]", "noise[4]")))
        new = self.db("get", "pedestal", "--at", "2019-06-01", "--schema", "2", "--format", "json").json()
        self.assertEqual(sorted(new["absent"]), ["extra", "noise[3:]"])
        self.assertEqual((new["rows"][0]["extra"], new["rows"][0]["noise"], new["rows"][0]["channel"]), (0, [1, 2, 3, 0], -7))
        self.db("get", "pedestal", "--at", "2019-06-01", "--schema", "2", "--strict", status=3)
        self.assertEqual(self.db("get", "pedestal", "--at", "2019-06-01", "--format", "json").json()["schema"], 1)
        fresh = self.file("new.csv", "mean,noise[0],noise[1],noise[2],noise[3],channel,extra,label,mask,gain\n"
                                     "1,1,2,3,4,5000000000,6,\"x\",8,9\n")
        self.db("put", "pedestal", "--begin", "2020-01-01", fresh)
        got = self.db("get", "pedestal", "--at", "2020-06-01", "--format", "json").json()
        self.assertEqual(got["schema"], 2)
        error = self.db("get", "pedestal", "--at", "2020-06-01", "--schema", "1", "--format", "json", status=3).err
        self.assertIn("channel", error)
        self.assertIn("5000000000", error)
        lenient = self.db("get", "pedestal", "--at", "2020-06-01", "--schema", "1", "--lenient", "--format", "json").json()
        self.assertEqual(lenient["rows"][0]["channel"], 2147483647)
        self.assertEqual(lenient["truncated"], ["noise[3:]"])
        self.db("put", "pedestal", "--begin", "2021-01-01", rows)  # a file of the old layout still goes in
        self.assertEqual(self.db("get", "pedestal", "--at", "2021-06-01", "--format", "json").json()["schema"], 1)
        self.db("put", "pedestal", "--begin", "2022-01-01", "--schema", "2", rows, status=2)

    def test_csv_says_on_standard_error_what_was_not_stored_or_cut(self):
        rows = self.ready()
        self.db("put", "pedestal", "--begin", "2019-01-01", rows)
        self.db("register", self.file("v2.h", HEADER.replace("int channel;", "int channel;\n    int extra;")
                                      .replace("noise[3]", "noise[2]")))
        got = self.db("get", "pedestal", "--at", "2019-06-01", "--schema", "2", "--format", "csv")
        self.assertIn("absent (default or zero): extra\n", got.err)
        self.assertIn("truncated: noise[2:]\n", got.err)
        self.assertEqual(got.out.splitlines()[0], "mean,noise[0],noise[1],channel,extra,label,mask,gain")
        self.assertEqual(self.db("get", "pedestal", "--at", "2019-06-01", "--format", "csv").err, "")

    def test_the_law_is_printed_without_a_database_and_names_the_row_of_a_change(self):
        law = self.etalon("law", "--format", "json").json()
        rows = {row["row"]: row for row in law}
        self.assertEqual(len(rows), len(law))
        self.assertEqual(rows["integer_widened"]["verdict"], "automatic")
        self.assertEqual((law[-1]["row"], law[-1]["verdict"]), ("anything_else", "refused"))
        self.assertIn("integer_widened", self.etalon("law").out)
        self.assertTrue(self.etalon("law", "--format", "csv").out.startswith("row,change,verdict,reader\n"))
        self.ready()
        changed = self.file("v2.h", HEADER.replace("int channel;", "long long channel;"))
        change, = (c for c in self.db("check", changed, "--format", "json").json()["structs"][0]["changes"]
                   if c["row"] != "moved")
        self.assertEqual((change["row"], change["verdict"]), ("integer_widened", "automatic"))
        self.assertIn("integer_widened", self.db("check", changed, "--format", "csv").out)

    def test_bad_files_are_refused_with_their_place_and_nothing_is_written(self):
        self.ready()
        header = ROWS.splitlines()[0]
        good = ROWS.splitlines()[1]
        before = self.commits()
        for text, says in [(header + "\n" + good + ",1\n", "bad.csv:2"), (header + "\n" + good[:20] + "\n", "bad.csv:2"),
                           (header + "\n" + good + "\n" + good.replace("-7", "x") + "\n", "bad.csv:3"),
                           (header + "\n" + good.replace("-7", "3000000000") + "\n", "channel"),
                           (header + "\n" + good.replace("18446744073709551615", "-1") + "\n", "mask"),
                           (header + "\n" + good.replace('"a""b\\\\c"', '"far too long"') + "\n", "label"),
                           (header.replace("gain", "gian") + "\n" + good + "\n", "gain"),
                           (header.replace(",gain", "") + "\n" + good.rsplit(",", 1)[0] + "\n", "gain"),
                           (header + ",new\n" + good + ",1\n", "new"), ("", "bad.csv"), ("[{", "bad.csv"), ('[{"mean":1}]', "gain")]:
            error = self.db("put", "pedestal", "--begin", "2019-01-01", self.file("bad.csv", text), status=2).err
            self.assertIn(says, error, text)
        row = '{"mean":1,"noise":[1,2,3],"channel":1,"label":"","mask":1,"gain":1}'
        for number, good, element in [("1e400", '"mean":1', "mean"), ("-1e999", '"gain":1', "gain"), ("1e400", ",2", "noise[1]")]:
            bad = row.replace(good, good.rstrip("12") + number)
            for text in [f"[{bad}]", f"[{row},\n{bad}]"]:
                error = self.db("put", "pedestal", "--begin", "2019-01-01", self.file("bad.json", text), status=2).err
                self.assertIn(f"element {element};", error)
                self.assertIn("bad.json:", error)
                self.assertIn(number, error)
        self.db("put", "pedestal", "--begin", "2019-01-01", self.folder / "none.csv", status=2)
        self.db("put", "pedestal", "--begin", "2019-01-01", self.folder, status=2)
        self.assertEqual(self.commits(), before)

    def test_bad_times_and_names_are_refused(self):
        rows = self.ready()
        for extra in [["--begin", "2019-02-30"], ["--begin", "5"], ["--begin", "1500-01-01"],
                      ["--begin", "2019-01-01", "--end", "2019-01-01"], ["--begin", "2019-01-02", "--end", "2019-01-01"],
                      ["--begin", "2019-01-01", "--end", "-inf"], ["--begin", ""], ["--begin", "2019-01-01", "--end", ""],
                      ["--begin", "2019-01-01", "--created", ""]]:
            self.db("put", "pedestal", *extra, rows, status=2)
        self.assertIn("pedestal", self.db("put", "pedestl", "--begin", "2019-01-01", rows, status=3).err)
        self.assertIn("pedestal", self.db("get", "pedestl", "--at", "2019-01-01", status=3).err)
        self.db("get", "pedestal", "--at", "2019-01-01", "--as-of", "", status=2)
        self.db("get", "pedestal", "--at", "2019-01-01", "--element", "", status=2)
        self.db("name", "x", "nostruct", status=3)
        self.db("history", "nothing", status=3)
        self.db("put", "pedestal", "--begin", "2019-01-01", "--version", "a", "--version", "a", rows, status=2)
        self.assertEqual(self.commits(), 1)

    def test_infinities_are_values_of_time_options(self):
        rows = self.ready()
        self.db("put", "pedestal", "--begin", "-inf", "--end", "inf", rows)
        self.db("put", "pedestal", "--begin=-inf", "--end=1950-01-01", "--version", "old", rows)
        answer = self.db("get", "pedestal", "--at", "2262-01-01", "--format", "json").json()
        self.assertEqual((answer["begin"], answer["end"]), ("-inf", "inf"))
        self.db("get", "pedestal", "--at", "inf", status=1)
        self.db("get", "pedestal", "--at", "-inf")
        self.db("get", "pedestal", "--at=-inf", "--version", "old")
        self.db("get", "pedestal", "--at", "1949-12-31T23:59:59.999999999Z", "--version", "old")
        self.db("get", "pedestal", "--at", "1950-01-01", "--version", "old", status=1)

    def test_times_far_away_and_to_the_nanosecond_are_exact(self):
        rows = self.ready()
        for begin in ["1900-01-01T00:00:00Z", "1969-12-31T23:59:59.999999999Z", "2038-01-19T03:14:08Z", "2119-05-06T07:08:09.123456789Z"]:
            self.db("put", "pedestal", "--begin", begin, rows)
            self.assertEqual(self.db("get", "pedestal", "--at", begin, "--format", "json").json()["begin"], begin)
        self.assertEqual(self.db("get", "pedestal", "--at", "@-1", "--format", "json").json()["begin"],
                         "1969-12-31T23:59:59.999999999Z")

    def test_a_run_axis_takes_integers_and_refuses_times_and_the_reverse(self):
        rows = self.ready()
        self.db("name", "byrun", "pedestal", "--axis", "run")
        self.db("put", "byrun", "--begin", "-5", "--end", "20", rows)
        self.db("put", "byrun", "--begin", "20", rows)
        answer = self.db("get", "byrun", "--at", "-5", "--format", "json").json()
        self.assertEqual((answer["begin"], answer["end"]), (-5, 20))
        self.assertEqual(self.db("history", "byrun", "--format", "json").json()[0]["begin"].__class__, int)
        self.assertIn("run", self.db("get", "byrun", "--at", "2019-01-01", status=2).err)
        self.assertIn("time", self.db("get", "pedestal", "--at", "12", status=2).err)
        self.db("put", "byrun", "--begin", "2019-01-01", rows, status=2)
        self.db("name", "byrun", "pedestal", "--axis", "time", status=3)

    def test_dry_run_shows_the_interval_that_would_change_and_writes_nothing(self):
        rows = self.ready()
        self.db("put", "pedestal", "--begin", "2019-01-01", "--end", "2019-12-01", rows)
        before = self.commits()
        effects = self.db("put", "pedestal", "--begin", "2018-06-01", "--dry-run", "--format", "json", rows).json()
        self.assertEqual([(e["begin"], e["end"]) for e in effects],
                         [("2018-06-01T00:00:00Z", "2019-01-01T00:00:00Z"), ("2019-12-01T00:00:00Z", None)])
        self.assertIn("2018-06-01", self.db("put", "pedestal", "--begin", "2018-06-01", "--dry-run", rows).out)
        self.assertEqual(self.commits(), before)

    def test_history_and_log_tell_who_did_what(self):
        rows = self.ready()
        commit = self.commit_of(self.db("put", "pedestal", "--begin", "2019-01-01", "--element", "2", "--reason", "first, \"try\"", rows))
        self.db("put", "pedestal", "--begin", "2019-02-01", "--end", "inf", "--hole")
        records = self.db("history", "pedestal", "--format", "json").json()
        self.assertEqual(len(records), 2)
        one = next(r for r in records if r["commit"] == commit)
        self.assertEqual(list(one), ["begin", "end", "element", "version", "schema", "rows", "commit", "retired", "uid", "created",
                                     "author", "entryTime"])
        self.assertEqual((one["begin"], one["end"], one["element"], one["rows"], one["retired"]),
                         ("2019-01-01T00:00:00Z", None, 2, 2, None))
        self.assertEqual(next(r for r in records if r["commit"] != commit)["end"], "inf")
        self.assertEqual(len(self.db("history", "pedestal", "--element", "2", "--format", "json").json()), 1)
        log = self.db("log", "--format", "json").json()
        self.assertEqual([c["commit"] for c in log], [3, 2, 1])
        self.assertEqual(log[1]["reason"], 'first, "try"')
        self.assertTrue({"commit", "entryTime", "author", "host", "program", "reason", "records"} <= set(log[0]))
        self.assertEqual(len(self.db("log", "--limit", "1", "--format", "json").json()), 1)
        table = list(csv.DictReader(io.StringIO(self.db("log", "--format", "csv").out)))
        self.assertEqual(table[1]["reason"], 'first, "try"')

    def test_log_tells_what_each_commit_touched(self):
        rows = self.ready()
        self.db("name", "other", "pedestal")
        self.db("put", "pedestal", "--begin", "2019-01-01", rows)
        self.db("put", "other", "--begin", "2019-01-01", rows)
        self.db("tree", "add", "Reco/a", "--ref", "pedestal")
        uid = self.db("history", "pedestal", "--format", "json").json()[0]["uid"]
        self.db("retire", "pedestal", "--uid", uid, "--reason", "wrong")
        self.db("snapshot", "create", "paper")
        log = self.db("log", "--format", "json").json()
        touched = [[(t["kind"], t["name"], t["written"], t["retired"], t["defined"]) for t in c["touched"]]
                   for c in reversed(log)]
        self.assertEqual(touched[0], [("reference", "pedestal", 0, 0, True), ("struct", "pedestal", 1, 0, False)])
        self.assertEqual(touched[1], [("reference", "other", 0, 0, True)])
        self.assertEqual(touched[2], [("reference", "pedestal", 1, 0, False)])
        self.assertEqual(touched[3], [("reference", "other", 1, 0, False)])
        self.assertEqual(touched[4], [("node", "Reco", 1, 0, False), ("node", "a", 1, 0, False)])
        self.assertEqual(touched[5], [("reference", "pedestal", 0, 1, False)])
        self.assertEqual(touched[6], [("snapshot", "paper", 1, 0, False)])
        self.assertIn("pedestal: 1 retired", self.db("log").out)
        self.assertIn("nodes: Reco, a", self.db("log").out)
        commits = [c["commit"] for c in self.db("log", "--name", "other", "--format", "json").json()]
        self.assertEqual(commits, [log[3]["commit"], log[5]["commit"]])
        limited = self.db("log", "--name", "pedestal", "--limit", "1", "--format", "json").json()
        self.assertEqual([c["commit"] for c in limited], [log[1]["commit"]])
        self.assertIn("did you mean 'other'", self.db("log", "--name", "othr", status=3).err)

    def test_nodes_are_replaced_only_when_told_removed_and_moved(self):
        self.ready()
        self.db("name", "other", "pedestal")
        self.db("tree", "add", "Reco/tpc/a", "--ref", "pedestal")
        self.db("tree", "add", "Reco/tpc/b", "--ref", "pedestal")
        before = self.commits()
        error = self.db("tree", "add", "Reco/tpc/a", "--ref", "other", status=2).err
        self.assertIn("another node already, Reco/tpc/a", error)
        self.assertIn("--replace", error)
        nodes = self.file("nodes.csv", "path,ref\nReco/tpc/c,other\nReco/tpc/a,other\nReco/tpc/b,other\n")
        self.assertIn("2 paths", self.db("tree", "add", "--from", nodes, status=2).err)
        twice = self.file("twice.csv", "path,ref\nReco/tpc/c,other\nReco/tpc/c,pedestal\n")
        self.assertIn("twice", self.db("tree", "add", "--from", twice, status=2).err)
        self.assertEqual(self.db("tree", "add", "Reco/tpc/a", "--ref", "pedestal").out, "nothing to record\n")
        self.assertEqual(self.commits(), before)
        self.commit_of(self.db("tree", "add", "--from", nodes, "--replace"))

        def paths(*args):
            return [(n["path"], n["ref"]) for n in self.db("tree", "show", "Reco", *args, "--format", "json").json()
                    if n["type"] == "table"]
        at = self.commits()
        self.assertEqual(paths(), [("Reco/tpc/a", "other"), ("Reco/tpc/b", "other"), ("Reco/tpc/c", "other")])
        self.db("tree", "move", "Reco/tpc/a", "Reco/inner/deep/x", "--reason", "new names")
        self.assertEqual(paths(), [("Reco/tpc/b", "other"), ("Reco/tpc/c", "other"), ("Reco/inner/deep/x", "other")])
        self.db("tree", "move", "Reco/tpc", "Reco/inner/tpc")
        self.assertEqual(sorted(paths()), [("Reco/inner/deep/x", "other"), ("Reco/inner/tpc/b", "other"),
                                           ("Reco/inner/tpc/c", "other")])
        self.assertEqual(len(paths("--as-of", str(at))), 3)
        for args, says in [(["Reco/inner/tpc", "Reco/inner/tpc/x/y"], "below itself"), (["Reco/inner/tpc/b", "Reco/inner/tpc/c"],
                           "node already"), (["Reco/inner/tpc/b", "Other/b"], "stays in its configuration"),
                           (["Reco/inner/tpc/b", "b"], "does not become"), (["Reco", "A/b"], "not moved into another"),
                           (["Reco/inner/tpc/b", "Reco/inner/tpc/c/d"], "leaf")]:
            self.assertIn(says, self.db("tree", "move", *args, status=2).err)
        self.assertIn("did you mean", self.db("tree", "move", "Reco/inner/tpc/bb", "Reco/q", status=3).err)
        self.assertIn("2 below it", self.db("tree", "remove", "Reco/inner/tpc", status=3).err)
        said = self.db("tree", "remove", "Reco/inner/tpc", "--recursive", "--dry-run").out
        self.assertEqual(said.count("would remove"), 3)
        self.assertEqual(len(paths()), 3)
        self.assertIn("3 nodes removed", self.db("tree", "remove", "Reco/inner/tpc", "--recursive").out)
        self.assertEqual(paths(), [("Reco/inner/deep/x", "other")])
        self.db("tree", "remove", "Reco/inner/deep/x")
        self.db("tree", "move", "Reco", "Better")
        self.assertIn("Better", self.db("tree", "show").out)
        self.db("tree", "show", "Reco", status=3)
        self.db("tree", "remove", "Better", "--recursive")
        self.db("tree", "show", "Better", status=3)
        self.assertEqual(len(paths("--as-of", str(at))), 3)
        self.db("verify", "--deep")

    def test_template_gives_all_columns_and_csv_is_read_as_people_write_it(self):
        self.ready()
        empty = self.db("template", "pedestal").out
        self.assertEqual(empty, ROWS.split("\n")[0] + "\n")
        self.db("template", "pedestal", "--schema", "7", status=3)
        self.assertIn("did you mean 'pedestal'", self.db("template", "pedestl", status=3).err)
        lines = ROWS.rstrip("\n").split("\n")
        remarked = "# measured in spring\n" + lines[0].replace(",", " , ") + "\n  # first\n" + "\n".join(lines[1:]) + "\n"
        path = self.file("remarked.csv", remarked)
        self.assertIn("--comment", self.db("put", "pedestal", "--begin", "2019-01-01", path, status=2).err)
        self.db("put", "pedestal", "--begin", "2019-01-01", "--comment", "#", path)
        self.assertEqual(self.db("get", "pedestal", "--at", "2019-01-01", "--format", "csv").out, ROWS)
        manifest = self.file("manifest.csv", "# all of it\ntable, struct, beginTime, path\npedestal,pedestal, 2020-01-01 ,remarked.csv\n"
                                             "# no more\n")
        self.db("import", "--comment", "#", manifest)
        self.assertEqual(self.db("get", "pedestal", "--at", "2020-01-01", "--format", "csv").out, ROWS)
        self.db("put", "pedestal", "--begin", "2019-01-01", "--comment", ",", path, status=2)
        self.assertIn("zcat", self.db("put", "pedestal", "--begin", "2019-01-01", self.file("x.gz", b"\x1f\x8b\x08\0\0"),
                                      status=2).err)
        self.assertIn("no rows", self.db("put", "pedestal", "--begin", "2022-01-01", self.file("empty.csv", empty)).err)

    def test_a_rename_is_a_question_until_somebody_decides(self):
        header = self.file("pad.h", "struct pad { int id; float gain; float noise; };\n")
        rules = self.folder / "rules"
        self.db("init")
        self.db("register", header)
        self.db("put", "pad", "--begin", "2024-01-01", self.file("pad.csv", "id,gain,noise\n1,2.5,0.5\n"))
        header.write_text("struct pad { int id; float amplification; float noise; };\n")
        asked = self.db("check", header, status=1)
        self.assertIn("to be decided: is it 'rename gain -> amplification' or 'distinct gain, amplification'?", asked.out)
        self.assertIn("to be decided", asked.err)
        commits = self.commits()
        self.db("register", "--strict", header, status=1)
        self.assertEqual(self.commits(), commits)
        report = self.db("check", header, "--format", "json", status=1).json()["structs"][0]
        head = f"struct pad\nfrom {report['previousLayout'][:12]} to {report['layout'][:12]}\n"
        self.file("rules/pad.rules", head + "  distinct gain, nosie\n")
        self.assertIn("did you mean 'noise'", self.db("check", header, "--rules", rules, status=2).err)
        self.file("rules/pad.rules", head + "  distinct gain, amplification\n  rename gain -> amplification\n")
        self.assertIn("one thing", self.db("check", header, "--rules", rules, status=2).err)
        self.file("rules/pad.rules", head + "  distinct gain, amplification\n")
        self.db("check", header, "--rules", rules)
        self.commit_of(self.db("register", "--strict", header, "--rules", rules))
        self.assertIn("distinct gain, amplification", self.db("schema", "pad", "--as", "rules").out)
        got = self.db("get", "pad", "--at", "2024-02-01", "--schema", "2", "--format", "json").json()
        self.assertEqual((got["rows"], got["absent"]), ([{"id": 1, "amplification": 0, "noise": 0.5}], ["amplification"]))
        # What comes back is compared with every version that has it.
        header.write_text("struct pad { int id; float amplification; float noise; char gain[8]; };\n")
        back = self.db("check", header, status=1)
        self.assertIn("gain comes back: rows of schema version 1: retyped gain", back.err)
        header.write_text("struct pad { int id; float amplification; float noise; double gain; };\n")
        back = self.db("check", header)
        self.assertIn("gain comes back: rows of schema version 1: retyped gain: float32 -> float64: automatic", back.err)

    def test_a_bare_integer_is_no_time_and_now_is_one(self):
        rows = self.ready()
        seconds = self.db("put", "pedestal", "--begin", "1560086447", rows, status=2).err
        self.assertIn("@1560086447000000000 (2019-06-09T13:20:47Z)", seconds)
        self.assertIn("@1560086447 (1970-01-01T00:00:01.560086447Z)", seconds)
        nanoseconds = self.db("get", "pedestal", "--at", "1560086447000000000", status=2).err
        self.assertIn("@1560086447000000000 (2019-06-09T13:20:47Z)", nanoseconds)
        self.assertIn("milliseconds", self.db("get", "pedestal", "--at", "1560086447000", status=2).err)
        self.assertIn("a date is written 2019-06-09", self.db("get", "pedestal", "--at", "20190609", status=2).err)
        self.db("get", "pedestal", "--at", "now", status=1)
        self.db("put", "pedestal", "--begin", "now", rows)
        self.assertEqual(self.db("get", "pedestal", "--at", "now", "--format", "csv").out, ROWS)
        self.assertEqual(len(self.db("scan", "pedestal", "--from", "2019-01-01", "--to", "now", "--format", "json").json()), 2)
        self.db("tree", "add", "Reco/pedestal")
        self.db("tree", "get", "Reco", "--at", "now")
        self.db("name", "by_run", "pedestal", "--axis", "run")
        self.assertIn("by run", self.db("get", "by_run", "--at", "now", status=2).err)

    def test_put_at_a_run_of_the_run_map(self):
        rows = self.ready()
        self.db("runs", "add", "--run", "17", "--begin", "2024-01-01T10:00:00Z", "--end", "2024-01-01T11:00:00Z")
        self.db("put", "pedestal", "--at-run", "17", rows)
        self.assertEqual(self.db("history", "pedestal", "--format", "json").json()[0]["begin"], "2024-01-01T10:00:00Z")
        self.assertEqual(self.db("get", "pedestal", "--at-run", "17", "--format", "csv").out, ROWS)
        self.assertIn("runs add --run 18", self.db("put", "pedestal", "--at-run", "18", rows, status=3).err)
        self.assertIn("one of --begin and --at-run", self.db("put", "pedestal", rows, status=2).err)
        self.assertIn("both", self.db("put", "pedestal", "--at-run", "17", "--begin", "2024-01-01", rows, status=2).err)
        self.db("name", "by_run", "pedestal", "--axis", "run")
        self.assertIn("needs no run map", self.db("put", "by_run", "--at-run", "17", rows, status=2).err)

    def begins(self, *args, ref="pedestal"):
        """The begins (years, or runs) of the records that history lists."""
        records = self.db("history", ref, *args, "--format", "json").json()
        return [r["begin"] if isinstance(r["begin"], int) else r["begin"][:4] for r in records]

    def test_history_lists_records_by_the_relation_of_their_interval_to_a_range(self):
        rows = self.ready()
        self.db("name", "byrun", "pedestal", "--axis", "run")
        intervals = [("-inf", "2011-01-01"), ("2011-01-01", "2012-01-01"), ("2012-01-01", "2014-01-01"), ("2013-01-01", "inf"),
                     ("2014-01-01", None)]
        for begin, end in intervals:
            self.db("put", "pedestal", "--begin", begin, *(["--end", end] if end else []), rows)
        for begin, end in [(10, 20), (20, 30), (30, None)]:
            self.db("put", "byrun", "--begin", begin, *(["--end", end] if end else []), rows)
        wanted = {"before": ["-inf", "2011"], "after": ["2014"], "misses": ["-inf", "2011", "2014"], "throughout": ["2012"],
                  "within": ["2012"], "overlaps": ["2012", "2013"], "starts": ["2012", "2013"], "ends": ["2012"]}
        for relation, begins in wanted.items():
            with self.subTest(relation):
                self.assertEqual(self.begins("--relation", relation, "--from", "2012-01-01", "--to", "2014-01-01"), begins)
        self.assertEqual(self.begins("--from", "2013-06-01"), ["2012", "2013", "2014"])
        self.assertEqual(self.begins("--to", "2011-01-01"), ["-inf"])
        self.assertEqual(self.begins("--relation", "ends", "--from", "-inf", "--to", "inf"), ["-inf", "2011", "2012", "2013"])
        self.assertEqual(self.begins("--relation", "within", "--from", "2013-01-01"), ["2013", "2014"])
        self.assertEqual(self.begins("--relation", "throughout", "--from", "2014-01-01", "--to", "inf"), ["2013", "2014"])
        self.assertEqual(self.begins("--relation", "before", "--from", "inf"), ["-inf", "2011", "2012", "2013"])
        self.assertEqual(self.begins("--relation", "overlaps", "--from", "20", "--to", "30", ref="byrun"), [20])
        for args in [["--relation", "within"], ["--relation", "before", "--to", "2012-01-01"], ["--relation", "after", "--from",
                     "2012-01-01"], ["--relation", "ends", "--from", "2012-01-01"], ["--relation", "inside", "--from", "2012-01-01"],
                     ["--from", "2012-01-01", "--to", "2012-01-01"], ["--from", "2013-01-01", "--to", "2012-01-01"],
                     ["--from", "inf", "--to", "inf"], ["--to", "-inf"], ["--from", "120"], ["--relation", ""],
                     ["--entered-from", "soon"], ["--entered-from", "inf", "--entered-to", "-inf"]]:
            self.db("history", "pedestal", *args, status=2)
        self.db("history", "byrun", "--from", "2012-01-01", status=2)

    def test_history_filters_by_author_entry_version_element_and_order(self):
        rows = self.ready()
        self.db("put", "pedestal", "--begin", "2012-01-01", "--version", "sim", "--element", "1", rows)
        self.db("put", "pedestal", "--begin", "2011-01-01", "--element", "2", "--created", "2020-01-01", rows)
        self.db("put", "pedestal", "--begin", "2013-01-01", "--version", "x:y", "--created", "2010-01-01", rows)
        records = self.db("history", "pedestal", "--order", "commit", "--format", "json").json()
        self.assertEqual([r["begin"][:4] for r in records], ["2012", "2011", "2013"])
        author, times = records[0]["author"], [r["entryTime"] for r in records]
        self.assertTrue(author)
        self.assertEqual([c["entryTime"] for c in self.db("log", "--format", "json").json()][:3], times[::-1])
        self.assertEqual(len(self.begins("--author", author)), 3)
        self.assertEqual(self.begins("--author", author + "'"), [])
        self.assertEqual(self.begins("--entered-from", times[1], "--entered-to", times[2]), ["2011"])
        self.assertEqual(self.begins("--entered-to", times[1]), ["2012"])
        self.assertEqual(self.begins("--entered-from", "-inf"), ["2013", "2012", "2011"])
        self.assertEqual(self.begins("--version", "sim"), ["2012"])
        self.assertEqual(self.begins("--version", "sim", "--version", "x:y", "--order", "begin"), ["2012", "2013"])
        self.assertEqual(self.begins("--element", "1-2,7", "--order", "begin:desc"), ["2012", "2011"])
        self.assertEqual(self.begins("--order", "created"), ["2013", "2011", "2012"])
        self.assertEqual(self.begins("--order", "entered:desc", "--limit", "2"), ["2013", "2011"])
        self.assertEqual(self.begins("--order", "begin:asc", "--limit", "1"), ["2011"])
        self.assertEqual(self.begins("--live"), ["2013", "2012", "2011"])
        self.assertEqual(self.begins("--retired"), [])
        self.assertEqual(self.begins("--as-of", "2"), ["2012"])
        for args in [["--live", "--retired"], ["--order", "time"], ["--order", "begin:down"], ["--order", "begin:"], ["--version", "sim,default"],
                     ["--author", ""], ["--element", "1,1"], ["--element", "x"]]:
            self.db("history", "pedestal", *args, status=2)
        self.assertIn("2011-01-01", self.db("history", "pedestal").out)

    def test_history_finds_records_by_what_their_rows_hold(self):
        rows = self.ready()
        self.db("put", "pedestal", "--begin", "2011-01-01", rows)
        other = self.file("other.csv", ROWS.splitlines()[0] + "\n0.1,5,6,7,12,right,9223372036854775808,2.5\n")
        self.db("put", "pedestal", "--begin", "2012-01-01", other)
        self.db("put", "pedestal", "--begin", "2013-01-01", "--hole")
        where = lambda *conditions: self.begins(*[part for one in conditions for part in ("--where", one)])
        both = ["2011", "2012"]
        self.assertEqual(where("mean = 0.1"), both)
        self.assertEqual(where("mean > 0.1"), [])
        self.assertEqual(where("noise[2] > 3.5"), ["2012"])
        self.assertEqual(where("noise[0] = inf"), ["2011"])
        self.assertEqual(where("noise[2] = 1e-45"), ["2011"])
        self.assertEqual(where("mask >= 9223372036854775808"), both)
        self.assertEqual(where("mask = 18446744073709551615"), ["2011"])
        self.assertEqual(where("mask<=9223372036854775808", "gain=2.5"), ["2012"])
        self.assertEqual(where("gain = nan"), ["2011"])
        self.assertEqual(where("gain != nan", "channel < 0"), [])  # one row must be both
        self.assertEqual(where("label = right"), ["2012"])
        self.assertEqual(where('label = "a""b\\\\c"'), ["2011"])
        self.assertEqual(where('label = "\\xc3\\xb6\\x01"'), ["2011"])
        self.assertEqual(where('label = "x\' OR 1=1 --"'), [])
        self.assertEqual(self.begins("--where", "mean = 0.1", "--from", "2013-01-01", "--relation", "starts"), [])
        self.assertEqual(self.begins("--where", "mean = 0.1", "--order", "begin:desc", "--limit", "1"), ["2012"])
        self.assertIn("channel", self.db("history", "pedestal", "--where", "chanel = 1", status=3).err)
        for condition in ["channel", "channel = ", "= 3", "channel = x", "channel = 1.5", "noise > 1", "noise[3] > 1", "channel[0] = 1",
                          "gain < nan", "label = 'right'", ""]:
            self.db("history", "pedestal", "--where", condition, status=2)
        self.db("name", "pedestal", "--storage", "bytes")
        self.db("put", "pedestal", "--begin", "2014-01-01", other)
        self.assertIn("1 record has its rows stored as bytes", self.db("history", "pedestal", "--where", "mean = 0.1").err)
        self.assertEqual(where("mean = 0.1"), ["2011", "2012", "2014"])
        self.assertEqual(self.begins("--where", "mean = 0.1", "--to", "2012-01-01", "--relation", "starts"), ["2011"])

    def test_explain_says_why_a_record_won_and_why_there_is_none(self):
        rows = self.ready()
        self.db("put", "pedestal", "--begin", "2019-01-01", "--end", "2019-06-01", rows)
        self.db("put", "pedestal", "--begin", "2019-02-01", "--end", "2019-03-01", "--version", "sim", rows)
        self.db("put", "pedestal", "--begin", "2019-08-01", rows)
        self.db("put", "pedestal", "--begin", "2019-09-01", "--element", "2", "--hole")
        told = self.db("explain", "pedestal", "--at", "2019-02-15", "--version", "sim,default")
        self.assertIn("version sim before default", told.out)
        self.assertIn("begins later", told.out)
        self.assertIn("1 record of other elements", told.out)
        answer = self.db("get", "pedestal", "--at", "2019-02-15", "--version", "sim,default", "--format", "json").json()
        explained = self.db("explain", "pedestal", "--at", "2019-02-15", "--version", "sim,default", "--format", "json").json()
        element = explained["elements"][0]
        self.assertEqual([element[key] for key in ("uid", "begin", "end", "status")],
                         [answer[key] for key in ("uid", "begin", "end", "status")])
        candidates = element["layers"][0]["candidates"]
        self.assertEqual([(c["place"], c["state"], c["version"]) for c in candidates],
                         [(1, "eligible", "sim"), (2, "eligible", "default"), (None, "begins later", "default")])
        self.assertEqual(element["layers"][0]["counts"]["otherElements"], 1)
        lines = list(csv.DictReader(io.StringIO(
            self.db("explain", "pedestal", "--at", "2019-02-15", "--version", "sim,default", "--format", "csv").out)))
        self.assertEqual([line["uid"] for line in lines], [c["uid"] for c in candidates])

        gap = self.db("explain", "pedestal", "--at", "2019-07-01", status=1)
        self.assertIn("nothing is valid: the last to end is record", gap.out)
        self.assertIn("2019-08-01T00:00:00Z", gap.out)
        self.db("explain", "pedestal", "--at", "2019-10-01", "--element", "2", status=1)
        self.db("explain", "pedestal", "--at", "2019-10-01", "--element", "0,2", status=1)
        early = self.db("explain", "pedestal", "--at", "2019-02-15", "--as-of", "1", status=1)
        self.assertIn("committed later", early.out)
        self.db("explain", "pedestal", "--at=-inf", status=1)
        self.db("explain", "pedestal", "--at", "inf")
        self.assertIn("did you mean 'pedestal'?", self.db("explain", "pedestl", "--at", "2019-01-01", status=3).err)
        self.db("explain", "pedestal", "--at", "12", status=2)
        self.db("explain", "pedestal", status=2)
        self.db("explain", "pedestal", "--at", "2019-01-01", "--limit", "-1", status=2)

    def test_retire_takes_records_back_after_a_dry_run(self):
        rows = self.ready()
        for begin in ["2019-01-01", "2019-02-01", "2019-03-01"]:
            self.db("put", "pedestal", "--begin", begin, rows)
        records = self.db("history", "pedestal", "--format", "json").json()
        before = self.commits()
        feb = ["--relation", "starts", "--from", "2019-02-01", "--to", "2019-03-01"]
        dry = self.db("retire", "pedestal", *feb, "--dry-run")
        self.assertIn(records[1]["uid"], dry.out)
        self.assertRegex(dry.out, r"2019-02-01T00:00:00Z +2019-03-01T00:00:00Z")
        self.assertIn(f"from commit {before + 1} on", dry.out)
        self.assertIn("--reason", self.db("retire", "pedestal", *feb, status=2).err)
        self.assertIn("--all", self.db("retire", "pedestal", "--reason", "all", status=2).err)
        self.assertIn("--all", self.db("retire", "pedestal", "--dry-run", status=2).err)
        self.assertEqual(self.commits(), before)
        done = self.db("retire", "pedestal", *feb, "--reason", "wrong cable map")
        number = self.commit_of(done)
        self.assertEqual(number, before + 1)
        self.assertEqual(self.db("log", "--limit", "1", "--format", "json").json()[0]["reason"], "wrong cable map")
        self.assertEqual([r["retired"] for r in self.db("history", "pedestal", "--format", "json").json()], [None, number, None])
        answer = self.db("get", "pedestal", "--at", "2019-02-15", "--format", "json").json()
        self.assertEqual((answer["uid"], answer["end"]), (records[0]["uid"], "2019-03-01T00:00:00Z"))
        old = self.db("get", "pedestal", "--at", "2019-02-15", "--as-of", str(before), "--format", "json").json()
        self.assertEqual(old["uid"], records[1]["uid"])
        self.assertIn(f"retired by commit {number}", self.db("explain", "pedestal", "--at", "2019-02-15").out)

        self.assertIn("nothing to retire", self.db("retire", "pedestal", *feb, "--reason", "again", status=1).out)
        self.db("retire", "pedestal", "--uid", records[1]["uid"], "--reason", "again", status=3)
        self.db("retire", "pedestal", "--uid", "xyz", "--reason", "bad", status=2)
        self.db("retire", "pedestl", "--uid", records[0]["uid"], "--reason", "bad", status=3)
        self.assertEqual(self.commits(), number)
        both = ["--uid", records[0]["uid"], "--uid", records[2]["uid"]]
        listed = self.db("retire", "pedestal", *both, "--reason", "all wrong", "--format", "json").json()
        self.assertEqual([r["retired"] for r in listed], [number + 1, number + 1])
        self.db("get", "pedestal", "--at", "2019-02-15", status=1)

    def test_retire_selects_by_values_and_takes_all_when_told(self):
        rows = self.ready()
        other = self.file("other.csv", ROWS.replace("-7", "-8"))
        self.db("put", "pedestal", "--begin", "2019-01-01", rows)
        self.db("put", "pedestal", "--begin", "2019-02-01", other)
        self.db("put", "pedestal", "--begin", "2019-03-01", other)
        selected = ["--where", "channel = -8"]
        self.db("retire", "pedestal", *selected, "--reason", "bad channel", status=2)
        self.assertIn("would retire 2 records", self.db("retire", "pedestal", *selected, "--all", "--dry-run").out)
        self.assertIn("retired 2 records", self.db("retire", "pedestal", *selected, "--all", "--reason", "bad channel").out)
        self.assertEqual([r["begin"] for r in self.db("history", "pedestal", "--live", "--format", "json").json()],
                         ["2019-01-01T00:00:00Z"])

    def test_lint_finds_what_looks_like_a_mistake(self):
        rows = self.ready()
        self.assertEqual(self.db("lint").out, "nothing suspicious\n")
        self.assertEqual(self.db("lint", "--format", "json").json(), [])
        self.db("put", "pedestal", "--begin", "2019-01-01", "--end", "2019-03-01", rows)
        self.db("put", "pedestal", "--begin", "2019-02-01", rows)
        self.db("put", "pedestal", "--begin", "2019-02-01", rows)
        self.db("put", "pedestal", "--begin", "2019-01-01", "--end", "2019-02-01", "--element", "1", rows)
        self.db("put", "pedestal", "--begin", "2019-03-01", "--end", "2019-04-01", "--element", "1", rows)
        self.db("name", "pedestal", "--coverage", "complete(0-2)")
        found = self.db("lint", "--format", "json", status=1).json()
        self.assertEqual(sorted((f["kind"], f["element"]) for f in found),
                         [("equal keys", 0), ("expired", 1), ("gap", 1), ("missing element", 2), ("never wins", 0),
                          ("overlapping ends", 0)])
        gap = next(f for f in found if f["kind"] == "gap")
        self.assertEqual((gap["begin"], gap["end"]), ("2019-02-01T00:00:00Z", "2019-03-01T00:00:00Z"))
        told = self.db("lint", "pedestal", status=1)
        self.assertIn("6 findings", told.out)
        self.assertIn("did you mean 'pedestal'?", self.db("lint", "pedestl", status=3).err)
        loser = next(f for f in found if f["kind"] == "never wins")["uids"]
        self.db("retire", "pedestal", "--uid", loser[0], "--reason", "superseded")
        kinds = {f["kind"] for f in self.db("lint", "--format", "json", status=1).json()}
        self.assertNotIn("never wins", kinds)
        self.assertNotIn("equal keys", kinds)

    def test_a_dry_run_says_for_which_snapshots_and_behind_which_layers(self):
        rows = self.ready()
        self.db("put", "pedestal", "--begin", "2019-01-01", rows)
        self.db("snapshot", "create", "first")
        self.db("snapshot", "create", "second")
        self.db("snapshot", "freeze", "second")
        dry = self.db("put", "pedestal", "--begin", "2019-06-01", "--dry-run", rows)
        self.assertIn(f"from commit {self.commits() + 1} on", dry.out)
        self.assertIn("2 named snapshots: 1 open", dry.out)
        self.assertIn("1 frozen", dry.out)
        self.assertNotIn("hiddenBy", dry.out)
        # A layer of files above hides a part.
        layer = self.folder / "override"
        self.file("override/rows.csv", ROWS)
        self.file("override/manifest.csv",
                  "table,struct,beginTime,endTime,path\n" +
                  "pedestal,pedestal,2019-07-01,2019-08-01,rows.csv\n")
        stack = ["-d", f"csv:{layer}", "-d", self.url]
        effects = self.etalon(*stack, "put", "pedestal", "--begin", "2019-06-01", "--dry-run", "--format", "json", rows).json()
        self.assertEqual([(e["begin"], e["hiddenBy"] is not None) for e in effects],
                         [("2019-06-01T00:00:00Z", False), ("2019-07-01T00:00:00Z", True), ("2019-08-01T00:00:00Z", False)])
        self.assertIn("csv:", effects[1]["hiddenBy"])
        self.assertEqual({e["fromCommit"] for e in effects}, {self.commits() + 1})
        told = self.etalon(*stack, "put", "pedestal", "--begin", "2019-06-01", "--dry-run", rows).out
        self.assertIn("1 of 3 intervals is hidden", told)
        explained = self.etalon(*stack, "explain", "pedestal", "--at", "2019-07-15")
        self.assertIn("layer 1 before layer 2", explained.out)
        self.assertIn("layer 1: csv:", explained.out)

    def test_a_table_of_a_wide_struct_stays_readable(self):
        self.db("init")
        self.db("register", self.file("wide.h", "struct wide { float pads[24][10][40]; int n; };\n"))
        columns = [f"pads[{i}][{j}][{k}]" for i in range(24) for j in range(10) for k in range(40)] + ["n"]
        rows = self.file("wide.csv", ",".join(columns) + "\n" + ",".join(str(i) for i in range(9601)) + "\n")
        self.db("put", "wide", "--begin", "2019-01-01", rows)
        text = self.db("get", "wide", "--at", "2019-06-01").out
        self.assertLess(len(text), 2000)
        self.assertIn("9600 values", text)
        self.assertEqual(self.db("get", "wide", "--at", "2019-06-01", "--format", "csv").out, rows.read_text())

    def test_a_reader_that_goes_away_is_no_error(self):
        self.ready()
        rows = self.file("many.csv", ROWS.splitlines()[0] + "\n" + (ROWS.splitlines()[1] + "\n") * 20000)
        self.db("put", "pedestal", "--begin", "2019-01-01", rows)
        command = f"'{ARGS.etalon}' -d '{self.url}' get pedestal --at 2019-06-01 --format csv | head -1"
        done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
        self.assertEqual((done.stdout.strip(), done.stderr, done.returncode), (ROWS.splitlines()[0], "", 0))

    def test_a_full_disk_is_a_failure(self):
        self.ready()
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([ARGS.etalon, "-d", self.url, "structs"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn("etalon: error:", done.stderr)

    # --- files outside -----------------------------------------------------------------------------------------------
    def file_folder(self, name="kept"):
        (self.folder / name).mkdir()
        return self.folder / name

    def place_in(self, root, text):
        digits = text.split(":")[1]
        return pathlib.Path(root) / digits[:2] / digits[2:]

    def test_files_are_kept_under_their_hash_and_come_back_verified(self):
        root = self.file_folder()
        content = os.urandom(25_000_000)
        a, b = self.file("a b\n.tif", content), self.file("b.tif", content)
        digits = hashlib.sha256(content).hexdigest()
        text = f"sha256:{digits}:25000000"
        self.assertEqual(self.etalon("--files", root, "file", "put", a, b).out, f"{text}\n{text}\n")
        self.assertEqual([str(path) for path in root.rglob("*") if path.is_file()], [str(self.place_in(root, text))])
        rows = self.etalon("--files", root, "file", "put", a, b, "--format", "json").json()
        self.assertEqual(rows, [{"path": str(path), "sha256": digits, "size": 25_000_000} for path in (a, b)])
        for name in (digits, digits.upper(), f"sha256:{digits}", text):
            self.assertEqual(self.etalon("--files", root, "file", "get", name).out, f"{self.place_in(root, text)}\n")
        self.etalon("--files", root, "file", "get", text, "-o", self.folder / "copy")
        self.assertEqual((self.folder / "copy").read_bytes(), content)
        done = subprocess.run([ARGS.etalon, "--files", root, "file", "get", text, "-o", "-"], capture_output=True, check=True)
        self.assertEqual(done.stdout, content)
        self.assertEqual(self.etalon("--files", root, "file", "check").out, "1 file with 25000000 bytes: sound\n")

    def test_files_that_are_missing_or_damaged_are_errors_and_found(self):
        root = self.file_folder()
        text = self.etalon("--files", root, "file", "put", self.file("a", "abc")).out.strip()
        place = self.place_in(root, text)
        place.chmod(0o644)
        place.write_text("abX")
        error = self.etalon("--files", root, "file", "get", text, status=3).err
        self.assertIn(text, error)
        self.assertIn(str(place), error)
        self.etalon("--files", root, "file", "get", text, "-o", self.folder / "copy", status=3)
        self.assertFalse((self.folder / "copy").exists())
        self.etalon("--files", root, "file", "put", self.folder / "a", status=3)
        self.assertEqual(place.read_text(), "abX")
        found = self.etalon("--files", root, "file", "check", "--format", "json", status=1).json()
        self.assertEqual([(one["fault"], one["path"]) for one in found], [("damaged", str(place))])
        place.unlink()
        self.assertIn("the file is missing", self.etalon("--files", root, "file", "get", text, status=3).err)
        self.etalon("--files", root, "file", "check")
        self.etalon("--files", root, "file", "put", self.folder / "a")
        self.etalon("--files", root, "file", "get", text)

    def test_half_written_files_are_told_and_removed_when_they_are_old(self):
        root = self.file_folder()
        text = self.etalon("--files", root, "file", "put", self.file("a", "abc")).out.strip()
        part = self.place_in(root, text).parent / ".part-0123"
        part.write_text("ab")
        out = self.etalon("--files", root, "file", "check", "--clean", status=1).out
        self.assertIn(f"half-written {part}", out)
        self.assertIn("0 half-written files removed", out)
        os.utime(part, (time.time() - 90_000, time.time() - 90_000))
        self.assertIn("1 half-written file would be removed",
                      self.etalon("--files", root, "file", "check", "--clean", "--dry-run", status=1).out)
        self.assertTrue(part.exists())
        self.etalon("--files", root, "file", "check", "--dry-run", status=2)
        self.assertIn("1 half-written file removed", self.etalon("--files", root, "file", "check", "--clean", status=1).out)
        self.assertFalse(part.exists())
        self.etalon("--files", root, "file", "check")

    def test_folders_for_files_come_from_the_option_the_environment_or_the_federation_file(self):
        roots = [self.file_folder(name) for name in ("option", "environment", "top", "own")]
        self.file("a", "abc")
        config = self.file("f.toml", 'files = "top"\n[databases.A]\nurl = "sqlite:a.db"\n'
                                     '[databases.B]\nurl = "sqlite:b.db"\nfiles = "$OWN:top"\n')
        for name in ("A", "B"):
            self.etalon("-d", f"sqlite:{self.folder}/{name.lower()}.db#{name}", "init")
        put = ["file", "put", self.folder / "a"]
        own = {"OWN": str(roots[3])}

        def kept():
            found = [root.name for root in roots if any(path.is_file() for path in root.rglob("*"))]
            for root in roots:
                shutil.rmtree(root)
                root.mkdir()
            return found

        self.etalon("--config", config, "--files", roots[0], *put, env={"ETALON_FILES": str(roots[1]), **own})
        self.assertEqual(kept(), ["option"])
        self.etalon("--config", config, *put, env={"ETALON_FILES": str(roots[1]), **own})
        self.assertEqual(kept(), ["environment"])
        self.etalon("--config", config, "-d", "A", *put, env=own)
        self.assertEqual(kept(), ["top"])
        self.etalon("--config", config, "-d", "B", *put, env=own)
        self.assertEqual(kept(), ["own"])
        self.assertIn("A and B", self.etalon("--config", config, *put, status=2, env=own).err)
        self.assertIn("f.toml:6", self.etalon("--config", config, "names", status=2).err)
        self.assertIn("--files", self.etalon(*put, status=2).err)
        self.assertIn("ETALON_FILES", self.etalon(*put, status=2, env={"ETALON_FILES": "a::b"}).err)
        self.assertIn("stand before", self.etalon(*put, "--files", roots[0], status=2).err)
        self.assertIn("files is not a text", self.etalon("--config", self.file("g.toml", "files = 3\n"), "names", status=2).err)
        self.assertIn("did you mean 'files'?", self.etalon("--config", self.file("h.toml", 'file = "a"\n'), "names", status=2).err)

    def test_files_of_objects_are_stored_by_a_put_and_checked_against_what_rows_name(self):
        root = self.file_folder()
        env = {"ETALON_FILES": str(root)}
        self.db("init")
        self.db("register", self.file("frame.h", "#include <etalon/ref.h>\nstruct Frame { char name[8]; ETALON_FILE pixels; };\n"))
        source = self.file("a.mrc", "pixels")
        put = ["object", "put", "Frame", self.file("f.json", json.dumps({"name": "a", "pixels": {"file": str(source)}}))]
        self.assertIn("--files", self.db(*put, status=2).err)
        dry = self.db(*put, "--dry-run", env=env).out.split()[0]
        self.assertEqual([path for path in root.rglob("*") if path.is_file()], [])
        identity = self.db(*put, env=env).out.splitlines()[1]
        self.assertEqual(identity, dry)
        value = self.db("object", "get", identity, "--format", "json").json()["objects"][0]["value"]["pixels"]
        self.assertEqual(value, {"sha256": hashlib.sha256(b"pixels").hexdigest(), "size": 6})
        self.db("file", "check", "--references", env=env)
        self.db("verify", env=env)
        self.assertIn("1 file outside", self.db("verify").err)
        self.assertIn("did you mean 'pixels'?", self.db("object", "query", "Frame", "--where", 'pixls.size = 3', status=3).err)
        place = self.place_in(root, f"sha256:{value['sha256']}:6")
        place.rename(self.folder / "away")
        found = self.db("file", "check", "--references", "--format", "json", status=1, env=env).json()
        self.assertEqual([(one["fault"], one["object"], one["member"]) for one in found], [("missing", identity, "pixels")])
        self.assertIn("pixels", self.db("verify", status=1, env=env).out)
        other = self.db("file", "put", self.file("other", "other"), env=env).out.strip()
        (self.folder / "away").rename(place)
        found = self.db("file", "check", "--references", "--format", "json", status=1, env=env).json()
        self.assertEqual([(one["fault"], one["path"]) for one in found], [("unreferred", str(self.place_in(root, other)))])
        self.db("verify", env=env)

    def test_wrong_files_and_folders_are_errors_that_say_what_to_do(self):
        root = self.file_folder()
        self.assertIn("does not exist", self.etalon("--files", self.folder / "none", "file", "put", self.file("a", "x"), status=3).err)
        self.assertFalse((self.folder / "none").exists())
        for bad in (self.folder / "nothing", root, "/dev/zero"):
            self.assertIn(str(bad), self.etalon("--files", root, "file", "put", bad, status=2).err)
        for bad in ("abc", "../../etc/passwd", "sha256:" + "a" * 64 + ":", "sha256::1", "z" * 64):
            self.etalon("--files", root, "file", "get", bad, status=2)
        self.etalon("--files", root, "file", "get", "a" * 64, status=3)
        self.etalon("--files", root, "file", status=2)
        # What was put before an error is told.
        done = self.etalon("--files", root, "file", "put", self.folder / "a", self.folder / "nothing", status=2)
        self.assertTrue(done.out.startswith("sha256:"))

    # --- several databases -------------------------------------------------------------------------------------------
    def two(self):
        """Two databases with the struct, the first always a file; a federation file for both."""
        urls = [f"sqlite:{self.folder}/Geometry_sst.db#Geometry_sst", self.make_url("Calibrations_tpc")]
        urls = [url if "#" in url else url + "#Calibrations_tpc" for url in urls]
        header = self.file("pedestal.h", HEADER)
        both = ["-d", urls[0], "-d", urls[1]]
        self.etalon(*both, "init")
        self.etalon(*both, "register", header)
        names = [self.name_of(u) for u in urls]
        text = "".join(f'[databases.{name}]\nurl = "{url}"\n' for name, url in zip(names, urls))
        config = self.file("federation.toml", text)
        return urls, names, both, config

    def manifest(self, names, extra=""):
        self.file("values/a.csv", ROWS)
        self.file("values/b.csv", ROWS.splitlines()[0] + "\n" + ROWS.splitlines()[2] + "\n")
        path = names[0].replace("_", "/", 1), names[1].replace("_", "/", 1)
        return self.file("manifest.csv", "table,struct,beginTime,path,element,comment\n"
                         f"{path[0]}/one,pedestal,2019-01-01T00:00:00Z,values/a.csv,0,x\n"
                         f"{path[0]}/one,pedestal,2019-02-01T00:00:00Z,values/b.csv,0,x\n"
                         f"{path[0]}/two,pedestal,-inf,values/b.csv,5,x\n"
                         f"{path[1]}/three,pedestal,2019-01-01T00:00:00Z,values/a.csv,,x\n" + extra)

    def table_path(self, name):
        return name.replace("_", "/")

    def test_import_makes_one_commit_per_database(self):
        urls, names, both, _ = self.two()
        manifest = self.manifest(names)
        dry = self.etalon(*both, "import", "--dry-run", manifest)
        self.assertIn("one", dry.out)
        result = self.etalon(*both, "import", manifest, cwd="/")
        self.assertEqual(len(re.findall(r"(?m)^commit \d+$", result.out)), 2)
        for url in urls:
            self.assertEqual(len(self.etalon("-d", url, "log", "--format", "json").json()), 2)
        answer = self.etalon(*both, "get", "two", "--at", "2019-06-01", "--element", "5", "--format", "json").json()
        self.assertEqual((answer["status"], answer["begin"], len(answer["rows"])), ("Found", "-inf", 1))
        self.assertEqual(self.etalon(*both, "get", "three", "--at", "2019-06-01", "--format", "csv").out, ROWS)

    def test_import_takes_only_the_database_asked_for(self):
        urls, names, _, _ = self.two()
        manifest = self.manifest(names)
        error = self.etalon("-d", urls[0], "import", manifest, status=2).err
        self.assertIn(names[1], error)
        self.assertEqual(len(self.etalon("-d", urls[0], "log", "--format", "json").json()), 1)
        self.etalon("-d", urls[0], "import", "--only", names[0], manifest)
        self.assertEqual(len(self.etalon("-d", urls[0], "log", "--format", "json").json()), 2)
        self.etalon("-d", urls[0], "import", "--only", names[1], manifest, status=3)

    def test_import_reports_every_fault_and_writes_nothing_anywhere(self):
        urls, names, both, _ = self.two()
        path = self.table_path(names[1])
        self.file("values/bad.csv", ROWS.splitlines()[0] + "\n1,2\n")
        manifest = self.manifest(names, "".join([
            f"{path}/bad,pedestal,2019-01-01T00:00:00Z,values/bad.csv,,\n", f"{path}/none,pedestal,2019-01-01T00:00:00Z,none.csv,,\n",
            f"{path}/x,nostruct,2019-01-01T00:00:00Z,values/a.csv,,\n", f"{path}/three,other,2020-01-01T00:00:00Z,values/a.csv,,\n",
            f"{path}/three,pedestal,2019-01-01T00:00:00Z,values/b.csv,,\n", f"{path}/y,pedestal,never,values/b.csv,,\n"]))
        error = self.etalon(*both, "import", manifest, status=2).err
        for says in ["bad.csv:2", "none.csv", "nostruct", "other", "manifest.csv:10", "never", "6 problems"]:
            self.assertIn(says, error)
        for url in urls:
            self.assertEqual(len(self.etalon("-d", url, "log", "--format", "json").json()), 1)
        self.etalon(*both, "import", self.folder / "none.csv", status=2)
        self.assertIn("path", self.etalon(*both, "import", self.file("m2.csv", "table,struct,beginTime\n"), status=2).err)

    def test_import_checks_every_database_before_it_writes_one(self):
        urls, names, both, _ = self.two()
        self.etalon("-d", urls[0], "name", "runs", "pedestal", "--axis", "run")
        commits = [len(self.etalon("-d", url, "log", "--format", "json").json()) for url in urls]
        for side in [0, 1]:
            path = self.table_path(names[side])
            for name, begin, version, says in [
                    ("three", "inf", "default", "infinity"), ("three", "2030-01-01", "no+plus", "no+plus"),
                    ("three", "2030-01-01", "no space", "no space"), ("bad name", "2030-01-01", "default", "bad name"),
                    ("1st", "inf", "a+b", "manifest")]:
                manifest = self.manifest(names, f"{path}/{name},pedestal,{begin},values/a.csv,,x,{version}\n")
                text = manifest.read_text()
                lines = [line + (",version" if i == 0 else "," if i < 5 else "") for i, line in enumerate(text.splitlines())]
                manifest.write_text("\n".join(lines) + "\n")
                for more in [[], ["--dry-run"]]:
                    error = self.etalon(*both, "import", *more, manifest, status=2).err
                    self.assertIn("manifest.csv:6", error)
                    self.assertIn(says, error)
                    self.assertIn("1 problem in the manifest", error)
                    only = ["-d", urls[side], "import", "--only", names[side]]
                    error = self.etalon(*only, *more, manifest, status=2).err
                    self.assertIn("manifest.csv:6", error)
                    self.assertIn("1 problem in the manifest", error)
        manifest = self.manifest(names, f"{self.table_path(names[0])}/runs,pedestal,2019-01-01,values/a.csv,,\n")
        self.assertIn("manifest.csv:6", self.etalon(*both, "import", manifest, status=2).err)
        for url, before in zip(urls, commits):
            self.assertEqual(len(self.etalon("-d", url, "log", "--format", "json").json()), before)
            self.assertNotIn("three", [n["name"] for n in self.etalon("-d", url, "names", "--format", "json").json()])

    def test_a_command_for_one_database_finds_the_one_that_knows_the_reference(self):
        _, names, both, config = self.two()
        rows = self.file("rows.csv", ROWS)
        error = self.etalon(*both, "put", "pedestal", "--begin", "2019-01-01", rows, status=2).err
        self.assertIn(names[0], error)
        self.assertIn(names[1], error)
        self.etalon("--config", config, "-d", names[1], "name", "special", "pedestal")
        self.etalon("--config", config, "put", "special", "--begin", "2019-01-01", rows)
        self.etalon("--config", config, "-d", names[1], "put", "pedestal", "--begin", "2019-01-01", rows)
        self.etalon(*both, "get", "pedestal", "--at", "2019-06-01")  # the one that has records of it
        self.etalon(*both, "get", "special", "--at", "2019-06-01")
        self.assertIn("in none of", self.etalon(*both, "get", "nothing", "--at", "2019-06-01", status=3).err)
        self.etalon("--config", config, "-d", "nobody", "structs", status=3)
        self.assertEqual(len(self.etalon("--config", config, "structs", "--format", "json").json()), 2)

    def test_one_place_twice_is_refused(self):
        self.db("init")
        self.assertIn("same place", self.etalon("-d", self.url, "-d", self.url, "structs", status=2).err)

    def test_an_unknown_key_of_the_federation_file_is_an_error_with_the_nearest_one(self):
        config = self.file("bad.toml", '[databases.A]\nulr = "sqlite:a.db"\n')
        error = self.etalon("--config", config, "structs", status=2).err
        self.assertIn("bad.toml:2", error)
        self.assertIn("url", error)

    # --- configurations ----------------------------------------------------------------------------------------------
    def test_a_configuration_crosses_databases(self):
        urls, names, both, config = self.two()
        self.etalon(*both, "import", self.manifest(names))
        nodes = self.file("nodes.csv", "path,type,ref,element\nSst/geo/one,table,,\nSst/geo/second,table,two,5\n")
        commit = self.etalon("-d", urls[0], "tree", "add", "--from", nodes)
        self.assertEqual(self.commit_of(commit), 3)
        self.etalon("-d", urls[1], "tree", "add", "Reco/tpc/three")
        self.etalon("-d", urls[1], "tree", "add", "Reco/sst", "--db", names[0], "--ref", "Sst")
        shown = self.etalon("--config", config, "tree", "show", "Reco").out
        for leaf in ["Reco", "tpc", "three", "sst", "geo", "one", "second"]:
            self.assertIn(leaf, shown)
        listed = self.etalon("--config", config, "tree", "show", "--format", "json").json()
        self.assertEqual({(c["name"], c["database"]) for c in listed}, {("Reco", names[1]), ("Sst", names[0])})
        tree = self.etalon("--config", config, "tree", "get", "Reco", "--at", "2019-06-01", "--format", "json", "--values").json()
        self.assertEqual((tree["begin"], tree["end"], tree["gaps"]), ("2019-02-01T00:00:00Z", None, 0))
        tables = {n["path"]: n for n in tree["nodes"] if n["type"] == "table"}
        self.assertEqual({p.split("/")[-1] for p in tables}, {"three", "one", "second"})
        three = tables["Reco/tpc/three"]
        self.assertEqual((three["status"], three["rows"], three["database"]), ("Found", 2, names[1]))
        self.assertEqual(len(three["values"]), 2)
        gap = self.etalon("--config", config, "tree", "get", "Reco", "--at", "2018-06-01", status=1).out
        self.assertIn("Gap", gap)
        self.assertIn("common interval", self.etalon("--config", config, "tree", "get", "Reco", "--at", "2019-06-01", "--values").out)
        # Without the other database the tree is shown, but cannot be fetched.
        shown = self.etalon("-d", urls[1], "tree", "show", "Reco", status=3)
        self.assertIn("three", shown.out)
        self.assertIn("not given", shown.out)
        self.assertIn("Reco/sst", shown.err)
        self.assertIn(names[0], shown.err)
        self.assertIn("Reco/sst", self.etalon("-d", urls[1], "tree", "get", "Reco", "--at", "2019-06-01", status=3).err)
        # A time is needed, but not for a baseLine.
        self.etalon("--config", config, "tree", "get", "Reco", status=2)
        self.etalon("-d", urls[1], "tree", "add", "Base/three", "--base-line")
        base = self.etalon("-d", urls[1], "tree", "get", "Base", "--format", "json").json()
        self.assertEqual([n["rows"] for n in base["nodes"] if n["type"] == "table"], [2])

    def test_wrong_configurations_are_errors_that_name_the_path(self):
        urls, names, both, _ = self.two()
        self.etalon("-d", urls[0], "tree", "get", "Nothing", "--at", "2019-01-01", status=3)
        self.etalon("-d", urls[0], "tree", "show", "Nothing", status=3)
        self.etalon("-d", urls[0], "tree", "add", "A/B", "--type", "leaf", status=2)
        self.etalon("-d", urls[0], "tree", "add", status=2)
        bad = self.file("nodes.csv", "path,refs\nA/b,c\n")
        self.assertIn("did you mean", self.etalon("-d", urls[0], "tree", "add", "--from", bad, status=2).err)
        self.etalon("-d", urls[0], "tree", "add", "A/to", "--db", names[1], "--ref", "B")
        self.etalon("-d", urls[1], "tree", "add", "B/back", "--db", names[0], "--ref", "A")
        cycle = self.etalon(*both, "tree", "get", "A", "--at", "2019-01-01", status=3).err
        self.assertIn("A/to/back", cycle)
        for form in ["table", "csv", "json"]:
            shown = self.etalon(*both, "tree", "show", "A", "--format", form, status=3)
            self.assertIn("cycle", shown.out)
            self.assertIn("A/to/back", shown.err)

    def test_a_configuration_that_is_not_there_under_that_key_or_then_is_unknown(self):
        urls, names, both, _ = self.two()
        self.etalon("-d", urls[0], "tree", "add", "Reco/pedestal", "--key", "sim")
        time_after = self.etalon("-d", urls[0], "log", "--format", "json").json()[0]["entryTime"]
        for given in [["-d", urls[0]], both]:
            for args in [[], ["--key", "default"], ["--key", "nokey"], ["--key", "sim", "--as-of", "2000-01-01"]]:
                for form in ["table", "json"]:
                    result = self.etalon(*given, "tree", "show", "Reco", *args, "--format", form, status=3)
                    self.assertEqual(result.out, "")
                    self.assertIn("key sim in database " + names[0], result.err)
            self.assertIn("pedestal", self.etalon(*given, "tree", "show", "Reco", "--key", "sim").out)
            self.assertIn("pedestal", self.etalon(*given, "tree", "show", "Reco", "--key", "sim", "--as-of", time_after).out)
            self.assertIn("Reco", self.etalon(*given, "tree", "show", "Rec", status=3).err)
        self.etalon("-d", urls[0], "tree", "show", "Reco", "--key", "sim", "--as-of", "1", status=3)
        self.etalon("-d", urls[0], "tree", "show", "Reco", "--key", "sim", "--as-of", "2")
        # A DB node that leads to a configuration that is not there.
        self.etalon("-d", urls[1], "tree", "add", "Top/down", "--db", names[0], "--ref", "Reco")
        shown = self.etalon(*both, "tree", "show", "Top", status=3)
        self.assertIn("Top/down", shown.err)
        self.etalon("-d", urls[1], "tree", "add", "Top/down", "--db", names[0], "--ref", "Reco/sim", "--replace")
        self.assertIn("pedestal", self.etalon(*both, "tree", "show", "Top").out)
        # Commits are numbered in each database.
        self.etalon(*both, "tree", "show", "Top", "--as-of", "3", status=2)

    def test_recording_what_is_there_already_makes_no_commit(self):
        self.ready()
        for leaf, spelling in [("a", "--base-line"), ("b", "--baseLine"), ("c", "--baseline")]:
            self.db("tree", "add", f"Base/{leaf}", "--ref", "pedestal", spelling)
        listed = self.db("tree", "show", "Base", "--format", "json").json()
        self.assertEqual([n["baseLine"] for n in listed if n["type"] == "table"], [True] * 3)
        before = self.commits()
        self.assertEqual(self.db("tree", "add", "Base/c", "--ref", "pedestal", "--baseline").out, "nothing to record\n")
        self.commit_of(self.db("name", "other", "pedestal", "--policy", "by_creation"))
        for args in [["other", "pedestal", "--policy", "by_creation"], ["other"], ["pedestal", "pedestal"]]:
            self.assertEqual(self.db("name", *args).out, "nothing to change\n")
        self.assertEqual(self.commits(), before + 1)

    # --- real data ---------------------------------------------------------------------------------------------------
    def test_real_tables_go_in_and_come_out_byte_for_byte(self):
        star = pathlib.Path(ARGS.shared or "/nowhere") / "data" / "star"
        if not star.is_dir():
            self.skipTest("the shared real data is not here")
        ctypes = {"int8": "signed char", "uint8": "unsigned char", "int16": "short", "uint16": "unsigned short", "int32": "int",
                  "uint32": "unsigned int", "int64": "long long", "float32": "float", "float64": "double", "char": "char"}
        header = []
        for one in json.loads((star / "structs.json").read_text()):
            fields = "".join(f"  {ctypes[f['ctype']]} {f['name']}{''.join(f'[{d}]' for d in f['dims'])};\n" for f in one["fields"])
            header.append(f"struct {one['name']} {{\n{fields}}};\n")
        url = self.make_url("star")
        name = self.name_of(url)
        with open(star / "manifest.csv", encoding="ascii") as lines:
            entries = [e for e in csv.DictReader(lines) if e["table"].startswith(("Calibrations/tpc/", "Geometry/"))]
        text = "table,struct,beginTime,path\n" + "".join(
            f"{name.replace('_', '/')}/{e['table'].replace('/', '_')},{e['struct']},{e['beginTime']},{star / e['path']}\n" for e in entries)
        self.etalon("-d", url, "init")
        self.etalon("-d", url, "register", self.file("star.h", "".join(header)))
        self.etalon("-d", url, "import", self.file("star.csv", text))
        step = max(1, len(entries) // 40)
        for entry in entries[::step]:
            result = run_etalon("-d", url, "get", entry["table"].replace("/", "_"), "--at", entry["beginTime"], "--format", "csv")
            expected = (star / entry["path"]).read_text()
            self.assertEqual(result.status, 0 if entry["rows"] != "0" else 1, result.err)
            self.assertEqual(result.out, expected, entry["path"])

    # --- parameter sets ----------------------------------------------------------------------------------------------
    def test_parameters_come_back_with_their_types(self):
        self.db("init")
        put = self.db("params", "put", "reco", "--begin", "2020-01-01", "--reason", "first", "tries=3", "cut:double=3", "name=a text",
                      "on=true", "layers=[1,2]", "none:text[]=[]", "odd:double=nan", "neg=-0.0", "big=9223372036854775807")
        self.assertEqual(self.commit_of(put), 1)
        self.assertEqual(self.commits(), 1)
        got = self.db("params", "get", "reco", "--at", "2020-06-01", "--format", "json").json()
        self.assertEqual(got["parameters"], {"tries": 3, "cut": 3.0, "name": "a text", "on": True, "layers": [1, 2], "none": [],
                                             "odd": "NaN", "neg": -0.0, "big": 9223372036854775807})
        self.assertEqual(got["types"], {"tries": "int", "cut": "double", "name": "text", "on": "bool", "layers": "int[]",
                                        "none": "text[]", "odd": "double", "neg": "double", "big": "int"})
        self.assertIsInstance(got["parameters"]["cut"], float)
        self.assertEqual((got["software"], got["set"], got["status"], got["begin"], got["end"], got["version"], got["commit"]),
                         ("reco", "default", "Found", "2020-01-01T00:00:00Z", None, "default", 1))
        table = self.db("params", "get", "reco", "--at", "2020-06-01").out
        self.assertIn("reco/default\nFound: 9 parameters, valid [2020-01-01T00:00:00Z, open)", table)
        self.assertRegex(table, r"cut +double +3\n")
        rows = list(csv.DictReader(io.StringIO(self.db("params", "get", "reco", "--at", "2020-06-01", "--format", "csv").out)))
        self.assertEqual([r["value"] for r in rows if r["name"] == "layers"], ["[1,2]"])
        # What get prints can be put again, and is stored once.
        again = self.db("params", "get", "reco", "--at", "2020-06-01", "--format", "json").out
        self.db("params", "put", "reco", "--begin", "2021-01-01", self.file("again.json", again))
        self.db("params", "put", "reco", "--begin", "2022-01-01", "-", stdin=again)
        self.db("params", "diff", "reco", "--at", "2020-06-01", "--at", "2022-06-01")
        self.assertEqual(self.db("params", "list", "--format", "json").json(),
                         [{"software": "reco", "set": "default", "axis": "time", "records": 3}])
        self.assertEqual([n["name"] for n in self.db("names", "--format", "json").json()], ["parameters/reco/default"])

    def test_a_parameter_set_of_a_scope_chain_and_of_a_snapshot(self):
        self.db("init")
        site = self.file("site.json", '{"cut": 1.5, "name": "site"}')
        self.db("params", "put", "reco", "--set", "cosmics", "--begin", "-inf", "--version", "site", site)
        self.db("params", "put", "reco", "--set", "cosmics", "--begin", "2020-01-01", "--end", "2021-01-01", "--version", "user",
                "--version", "group", "cut=2.5")
        get = ["params", "get", "reco", "--set", "cosmics", "--format", "json", "--version", "session,user,site", "--at"]
        user = self.db(*get, "2020-06-01").json()
        self.assertEqual((user["parameters"], user["version"]), ({"cut": 2.5}, "user"))
        self.assertEqual(self.db(*get, "2021-01-01").json()["parameters"], {"cut": 1.5, "name": "site"})
        self.assertEqual(self.db(*get, "2020-06-01", "--as-of", "1").json()["version"], "site")
        self.assertEqual(self.db(*get, "2020-06-01", "--as-of", "0", status=1).json()["status"], "Gap")
        diff = self.db("params", "diff", "reco", "--set", "cosmics", "--at", "2020-06-01", "--version", "site", "--version", "user",
                       "--format", "json", status=1).json()
        self.assertEqual([(d["name"], d["change"], d["before"], d["after"]) for d in diff],
                         [("cut", "changed", 1.5, 2.5), ("name", "removed", "site", None)])
        self.db("params", "put", "reco", "--set", "cosmics", "--begin", "2019-01-01", "--version", "site", "--hole")
        self.assertEqual(self.db(*get, "2019-06-01", status=1).json()["status"], "Hole")
        self.assertIn("no set", self.db("params", "put", "--help").out)
        self.db("params", "put", "perRun", "--axis", "run", "--begin", "10", "--end", "20", "a=1")
        self.assertEqual(self.db("params", "get", "perRun", "--at", "19", "--format", "json").json()["begin"], 10)
        self.assertIn("run number", self.db("params", "get", "perRun", "--at", "2020-01-01", status=2).err)

    def test_bad_parameters_write_nothing_and_say_what_is_wrong(self):
        self.db("init")
        put = ["params", "put", "reco", "--begin", "2020-01-01"]
        twice = self.file("twice.json", '{\n "a": 1,\n "a": 2\n}')
        for args, said in [([twice], "twice.json:3"), (["a=1", "a=2"], "given twice"), (["a=nan"], "a:double=nan"), ([], "NAME=VALUE"),
                           (["a:inte=1"], "did you mean 'int'"), (["a=[]"], "int[]"), (["nothere.json"], "nothere.json"),
                           (["a=1", "--set", "x/y"], "x/y"), (["a=1", "--end", "2020-01-01"], "empty"), (["a=1", "--begin", "7"], "--begin"),
                           (["a=1", "--hole"], "--hole"), (["a=1", "--version", "a,b"], "a,b")]:
            if "--begin" in args:
                args = ["a=1"]
                result = self.db("params", "put", "reco", "--begin", "7", *args, status=2)
            else:
                result = self.db(*put, *args, status=2)
            self.assertIn(said, result.err)
        self.assertEqual(self.commits(), 0)
        self.assertEqual(self.db("names", "--format", "json").json(), [])
        self.assertEqual(self.db("structs", "--format", "json").json(), [])
        self.db(*put, "a=1")
        self.assertIn("did you mean 'reco/default'?", self.db("params", "get", "recco", "--at", "2020-01-01", status=3).err)
        self.db("params", "diff", "reco", "--at", "2020-01-01", status=2)
        own = self.file("own.h", "struct etalonParameters { int a; };")
        self.assertIn("Etalon's own", self.db("register", own, status=3).err)
        self.db("register", self.file("pedestal.h", HEADER))
        self.assertIn("/", self.db("name", "a/b", "pedestal", status=2).err)
        self.db("name", "mine", "etalonParameters", status=3)
        self.assertIn("params put", self.db("put", "parameters/reco/default", "--begin", "2020-01-01",
                                            self.file("x.csv", "byte\n65\n"), status=2).err)
        self.assertEqual(self.commits(), 2)

    # --- runs --------------------------------------------------------------------------------------------------------
    def test_runs_lead_from_one_axis_to_the_other(self):
        rows = self.ready()
        self.db("name", "byRun", "pedestal", "--axis", "run")
        self.db("put", "pedestal", "--begin", "2019-01-01", "--end", "2020-01-01", rows)
        self.db("put", "byRun", "--begin", "100", "--end", "200", rows)
        before = self.commits()
        runs = self.file("runs.csv", "run,begin,end\n101,2019-06-01,2019-06-02\n102,2019-06-03,2019-06-04\n300,2021-01-01,\n")
        self.commit_of(self.db("runs", "add", runs, "--reason", "from the log book"))
        self.assertEqual(self.commits(), before + 1)
        shown = self.db("runs", "show", "--format", "json").json()
        self.assertEqual([(r["run"], r["begin"], r["end"]) for r in shown],
                         [(101, "2019-06-01T00:00:00Z", "2019-06-02T00:00:00Z"), (102, "2019-06-03T00:00:00Z", "2019-06-04T00:00:00Z"),
                          (300, "2021-01-01T00:00:00Z", None)])
        for args, expected in [(["--from", "102"], [102, 300]), (["--to", "102"], [101]), (["--from", "2019-06-02", "--to", "2021-01-01"], [102]),
                               (["--from", "2022-01-01"], [300]), (["--from", "-inf", "--to", "inf"], [101, 102, 300]),
                               (["--run", "102"], [102]), (["--at", "2019-06-01T12:00:00Z"], [101])]:
            self.assertEqual([r["run"] for r in self.db("runs", "show", *args, "--format", "json").json()], expected, args)
        self.assertIn("no run at 2019-06-02", self.db("runs", "show", "--at", "2019-06-02", status=1).out)
        self.db("runs", "show", "--run", "103", status=1)
        got = self.db("get", "pedestal", "--at-run", "102", "--format", "json").json()
        self.assertEqual((got["status"], got["run"], got["runBegin"], len(got["rows"])), ("Found", 102, "2019-06-03T00:00:00Z", 2))
        self.assertEqual(self.db("get", "pedestal", "--at-run", "300", "--format", "json", status=1).json()["status"], "Gap")
        none = self.db("get", "pedestal", "--at-run", "103", "--format", "json", status=1).json()
        self.assertEqual((none["status"], none["begin"], none["run"], none["rows"], none["missing"]), ("Gap", None, None, [], [0]))
        self.assertEqual(self.db("get", "byRun", "--at-time", "2019-06-01T12:00:00Z", "--format", "json").json()["run"], 101)
        self.assertIn("no run at 2019-06-02", self.db("get", "byRun", "--at-time", "2019-06-02", status=1).err)
        self.assertIn("--at-run 102", self.db("get", "pedestal", "--at", "102", status=2).err)
        self.assertIn("--at-time 2019-06-01", self.db("get", "byRun", "--at", "2019-06-01", status=2).err)
        self.assertIn("--at 102", self.db("get", "byRun", "--at-run", "102", status=2).err)
        self.db("get", "pedestal", "--at", "2019-06-01", "--at-run", "102", status=2)
        self.db("get", "pedestal", status=2)
        # A correction: the earlier time of the run answers no more, but does as of before.
        last = self.commits()
        self.db("runs", "add", "--run", "101", "--begin", "2019-06-01T06:00:00Z", "--end", "2019-06-01T07:00:00Z")
        self.db("runs", "show", "--at", "2019-06-01T12:00:00Z", status=1)
        self.db("runs", "show", "--at", "2019-06-01T12:00:00Z", "--as-of", last)
        self.db("get", "byRun", "--at-time", "2019-06-01T12:00:00Z", "--as-of", last)
        self.db("get", "byRun", "--at-time", "2019-06-01T12:00:00Z", status=1)

    def test_bad_runs_write_nothing(self):
        self.db("init")
        bad = self.file("bad.csv", "run,begin,end\nx,2019-06-01,2019-06-02\n102,today,\n103,2019-06-05,2019-06-06\n")
        error = self.db("runs", "add", bad, status=2).err
        self.assertIn("bad.csv:2", error)
        self.assertIn("bad.csv:3", error)
        overlap = self.file("overlap.csv", "run,begin,end\n1,2019-06-01,2019-06-03\n2,2019-06-02,2019-06-05\n2,2019-07-01,\n")
        error = self.db("runs", "add", overlap, status=2).err
        self.assertIn("overlaps run 1", error)
        self.assertIn("stands twice", error)
        for args in [[], ["--run", "1"], ["--begin", "2019-01-01"], ["--run", "1.5", "--begin", "2019-01-01"],
                     ["--run", "1", "--begin", "2019-01-01", "--end", "2019-01-01"], ["--run", "1", "--begin", "5"],
                     ["--run", "9223372036854775807", "--begin", "2019-01-01"], ["--run", "1", "--begin", "2019-01-01", overlap],
                     [self.file("empty.csv", "run,begin\n")], [self.file("columns.csv", "run,start\n1,2019-01-01\n")]]:
            self.db("runs", "add", *args, status=2)
        self.assertEqual(self.commits(), 0)
        self.assertIn("no runs are recorded", self.db("runs", "show", status=3).err)
        self.db("runs", "add", "--run", "-5", "--begin", "-inf", "--end", "2019-01-01", "--map", "daq")
        self.assertEqual(self.db("runs", "show", "--map", "daq", "--format", "csv").out,
                         "run,begin,end,version,commit\n-5,-inf,2019-01-01T00:00:00Z,default,1\n")
        self.assertIn("did you mean 'daq'?", self.db("runs", "show", "--map", "daqq", status=3).err)
        self.assertIn("runs add", self.db("put", "runs/daq/by_run", "--begin", "1", "--hole", status=3).err)
        self.assertEqual(self.commits(), 1)

    # --- snapshots ---------------------------------------------------------------------------------------------------
    def small(self, **values):
        """A database with a struct of one number; values by begin day, one commit each."""
        self.db("init")
        self.db("register", self.file("level.h", "struct level { int value; };"))
        self.db("name", "tpcGain", "level")
        self.db("name", "svtGain", "level")
        for number, begin in enumerate(["2024-01-01", "2024-02-01"], 1):
            for name in ["tpcGain", "svtGain"]:
                self.put_value(name, number, begin)

    def put_value(self, name, number, begin, *args, url=None):
        return self.etalon(*(url or ["-d", self.url]), "put", name, "--begin", begin, *args,
                           self.file("value.csv", f"value\n{number}\n"))

    def value(self, name, at, *args, url=None, status=0, **more):
        result = self.etalon(*(url or ["-d", self.url]), "get", name, "--at", at, *args, "--format", "csv", status=status, **more)
        return [line for line in result.out.splitlines()[1:]]

    def test_snapshots_are_created_set_frozen_shown_and_listed(self):
        self.small()
        created = self.db("snapshot", "create", "prod", "--as-of", "5", "--as-of", "tpc*=4", "--comment", "for a paper",
                          "--reason", "why not")
        self.assertEqual(self.commit_of(created), self.commits())
        self.assertEqual(self.db("log", "--format", "json").json()[0]["reason"], "why not")
        listed = self.db("snapshot", "list", "--format", "json").json()
        self.assertEqual([(s["name"], s["state"], s["patterns"], s["comment"]) for s in listed],
                         [("prod", "open", "*=5, tpc*=4", "for a paper")])
        # Commit 4: the first value of tpcGain; 5: that of svtGain.
        self.assertEqual(self.value("tpcGain", "2024-03-01", "--as-of", "prod"), ["1"])
        self.assertEqual(self.value("svtGain", "2024-03-01", "--as-of", "prod"), ["1"])
        self.assertEqual(self.value("svtGain", "2024-03-01"), ["2"])
        self.db("snapshot", "set", "prod", "--as-of", "svtGain=7")
        self.assertEqual(self.value("svtGain", "2024-03-01", "--as-of", "prod"), ["2"])
        shown = self.db("snapshot", "show", "prod", "--format", "json").json()
        self.assertEqual({(s["pattern"], s["commit"], s["state"]) for s in shown},
                         {("*", 5, "open"), ("tpc*", 4, "open"), ("svtGain", 7, "open")})
        self.db("snapshot", "freeze", "prod")
        self.assertIn("frozen", self.db("snapshot", "list").out)
        before = self.commits()
        self.assertIn("frozen", self.db("snapshot", "set", "prod", "--as-of", "svtGain=5", status=3).err)
        self.db("snapshot", "freeze", "prod", status=3)
        self.assertIn("exists already", self.db("snapshot", "create", "prod", status=3).err)
        self.db("snapshot", "set", "none", "--as-of", "5", status=3)
        self.assertIn("did you mean 'prod'?", self.db("get", "tpcGain", "--at", "2024-03-01", "--as-of", "prd", status=3).err)
        self.db("snapshot", "show", "prd", status=3)
        for args in [["create", "17"], ["create", "2024-01-01"], ["create", "a b"], ["create", "x", "--as-of", "a*b=5"],
                     ["create", "x", "--as-of", "5", "--as-of", "6"], ["create", "x", "--as-of", ""], ["create"], ["nonsense"]]:
            self.db("snapshot", *args, status=2)
        self.db("snapshot", "create", "x", "--as-of", "99", status=3)
        self.assertEqual(self.commits(), before)
        self.put_value("tpcGain", 3, "2024-02-15")
        self.assertEqual(self.value("tpcGain", "2024-03-01", "--as-of", "prod"), ["1"])
        # Made of another one, it says all that that says.
        self.db("snapshot", "create", "copy", "--as-of", "prod")
        self.assertEqual(self.value("tpcGain", "2024-03-01", "--as-of", "copy"), ["1"])
        self.assertEqual(self.value("svtGain", "2024-03-01", "--as-of", "copy"), ["2"])

    def test_as_of_by_pattern_and_from_the_environment(self):
        self.small()
        at = "2024-03-01"
        self.assertEqual(self.value("tpcGain", at, "--as-of", "5", "--as-of", "svt*=7"), ["1"])
        self.assertEqual(self.value("svtGain", at, "--as-of", "svt*=7", "--as-of", "5"), ["2"])
        self.assertEqual(self.value("tpcGain", at, "--as-of", "*=5", "--as-of", "tpcGain=7"), ["2"])
        self.db("get", "tpcGain", "--at", at, "--as-of", "5", "--as-of", "5", status=2)
        self.assertEqual(self.value("tpcGain", at, env={"ETALON_AS_OF": "5"}), ["1"])
        self.assertEqual(self.value("tpcGain", at, "--as-of", "7", env={"ETALON_AS_OF": "5"}), ["2"])
        self.put_value("tpcGain", 9, "2024-01-15", "--version", "sim")
        self.assertEqual(self.value("tpcGain", at, env={"ETALON_VERSION": "sim,default"}), ["9"])
        self.assertEqual(self.value("tpcGain", at, "--version", "default", env={"ETALON_VERSION": "sim,default"}), ["2"])
        self.assertIn("ETALON_AS_OF", self.db("get", "tpcGain", "--at", at, status=2, env={"ETALON_AS_OF": "2024-13-01"}).err)
        self.assertIn("ETALON_VERSION", self.db("get", "tpcGain", "--at", at, status=2, env={"ETALON_VERSION": "a,,b"}).err)

    def test_a_date_that_is_not_settled_is_noted_with_the_commit_to_pin(self):
        self.small()
        note = self.db("get", "tpcGain", "--at", "2024-03-01", "--as-of", "2200-01-01")
        self.assertIn("--as-of 7", note.err)
        self.assertNotIn("note", self.db("get", "tpcGain", "--at", "2024-03-01", "--as-of", "7").err)
        self.assertNotIn("note", self.db("get", "tpcGain", "--at", "2024-03-01", "--as-of", "1990-01-01", status=1).err)
        self.assertIn("--as-of 7", self.db("scan", "tpcGain", "--as-of", "inf").err)
        # Several layers have no number in common.
        layered = self.etalon("-d", "memory:", "-d", self.url, "get", "tpcGain", "--at", "2024-03-01", "--as-of", "inf")
        self.assertIn("snapshot create", layered.err)
        self.assertNotIn("--as-of", layered.err)

    def test_scan_lists_effective_intervals_to_infinity(self):
        self.small()
        self.db("put", "tpcGain", "--begin", "2024-01-10", "--end", "2024-01-20", "--hole")
        rows = self.db("scan", "tpcGain", "--format", "json").json()
        day = lambda number: f"2024-{number}T00:00:00Z"
        self.assertEqual([(r["begin"], r["end"], r["status"]) for r in rows],
                         [("-inf", day("01-01"), "Gap"), (day("01-01"), day("01-10"), "Found"), (day("01-10"), day("01-20"), "Hole"),
                          (day("01-20"), day("02-01"), "Found"), (day("02-01"), None, "Found")])
        self.assertEqual(rows[1]["uid"], rows[3]["uid"])
        self.assertEqual(len(self.db("scan", "tpcGain", "--found", "--format", "csv").out.splitlines()), 4)
        self.assertEqual(len(self.db("scan", "tpcGain", "--limit", "2", "--format", "json").json()), 2)
        some = self.db("scan", "tpcGain", "--from", "2024-01-05", "--to", "2024-01-10", "--format", "json").json()
        self.assertEqual([(r["begin"], r["end"]) for r in some], [(day("01-01"), day("01-10"))])
        self.db("scan", "tpcGain", "--to", "2023-01-01", status=1)
        for args in [["--from", "2024-01-02", "--to", "2024-01-02"], ["--from", "5"], ["--limit", "-1"], ["--element", ""],
                     ["--version", "a,,b"], ["--layer-unit", "some"]]:
            self.db("scan", "tpcGain", *args, status=2)
        self.db("scan", "tpcGian", status=3)

    # --- differences -------------------------------------------------------------------------------------------------
    def test_diff_compares_two_sides_and_says_so_in_its_status(self):
        self.small()
        day = lambda number: f"2024-{number}T00:00:00Z"
        same = self.db("diff", "tpcGain", "--at", "2024-01-02", "--at", "2024-01-03", "--format", "json").json()
        self.assertEqual((same["equal"], same["differences"], same["total"]), (True, [], 0))
        found = self.db("diff", "tpcGain", "--at", "2024-01-02", "--at", "2024-02-03", "--format", "json", status=1).json()
        self.assertEqual([(d["path"], d["member"], d["index"], d["row"], d["before"], d["after"], d["difference"])
                          for d in found["differences"]], [("tpcGain", "value", None, 0, 1, 2, 1)])
        self.assertEqual(found["summary"], [{"path": "tpcGain", "member": "value", "values": 1, "differ": 1, "largest": 1, "mean": 1}])
        self.assertEqual([s["at"] for s in found["sides"]], [day("01-02"), day("02-03")])
        for tolerance in [["--tolerance", "1"], ["--relative", "0.5"], ["--tolerance", "val*=1"], ["--tolerance", "inf"]]:
            self.db("diff", "tpcGain", "--at", "2024-01-02", "--at", "2024-02-03", *tolerance)
        self.db("diff", "tpcGain", "--at", "2024-01-02", "--at", "2024-02-03", "--tolerance", "0.99", status=1)
        table = self.db("diff", "tpcGain", "--at", "2024-01-02", "--at", "2024-02-03", status=1).out
        self.assertTrue(table.startswith("tpcGain: 1 value differs\n"), table)
        lines = self.db("diff", "tpcGain", "--at", "2023-01-02", "--at", "2024-02-03", "--format", "csv", status=1).out.splitlines()
        self.assertEqual(lines, ["path,member,index,row,key,before,after,difference,kind,element,version,begin,end,otherRow",
                                 "tpcGain,,,,,Gap,Found,,status,0,,,,"])

    def test_diff_over_a_range_is_exact_and_one_as_of_is_compared_with_now(self):
        self.small()
        self.db("snapshot", "create", "winter")
        self.put_value("tpcGain", 7, "2024-01-10", "--end", "2024-01-20")
        self.put_value("tpcGain", 7, "2024-01-20", "--end", "2024-01-25")
        day = lambda number: f"2024-{number}T00:00:00Z"
        for sides in [["--as-of", "winter"], ["--as-of", "winter", "--as-of", "inf"]]:
            found = self.db("diff", "tpcGain", *sides, "--format", "json", status=1).json()["differences"]
            self.assertEqual([(d["begin"], d["end"], d["before"], d["after"]) for d in found], [(day("01-10"), day("01-25"), 1, 7)])
        cut = self.db("diff", "tpcGain", "--as-of", "winter", "--from", "2024-01-15", "--to", "2024-01-16", "--format", "json", status=1)
        self.assertEqual([(d["begin"], d["end"]) for d in cut.json()["differences"]], [(day("01-15"), day("01-16"))])
        self.db("diff", "tpcGain", "--as-of", "winter", "--from", "2024-01-25")
        self.db("diff", "tpcGain", "--as-of", "winter", "--from", "-inf", "--to", "2024-01-10")
        changed = self.db("snapshot", "diff", "winter", "--format", "json", status=1).json()
        self.assertEqual([d["kind"] for d in changed["differences"]], ["record added", "record added", "value"])
        self.db("snapshot", "diff", "winter", "--name", "svt*")

    def test_diff_refuses_what_makes_no_sense_and_says_what_to_do(self):
        self.ready()
        self.db("put", "pedestal", "--begin", "2024-01-01", self.file("rows.csv", ROWS))
        sides = ["--at", "2024-01-02", "--at", "2024-01-03"]
        for args, text in [(["--tolerance", "label=1"], "label is text"), (["--tolerance", "nosie[*]=1"], "did you mean 'noise'?"),
                           (["--tolerance", "-1"], "a number from 0 on"), (["--tolerance", "nan"], "a number from 0 on"),
                           (["--relative", "x"], "a number from 0 on"), (["--key", "noise"], "a key is an array"),
                           (["--key", "lable"], "did you mean 'label'?"), (["--to", "2025-01-01"], "--from -inf"),
                           (["--from", "2024-01-01"], "a range beside a position"), (["--at", "2024-01-04"], "once or twice"),
                           (["--limit", "0"], "--limit"), (["--format", "xml"], "--format")]:
            self.assertIn(text, self.db("diff", "pedestal", *sides, *args, status=2).err)
        self.assertIn("both sides are the same", self.db("diff", "pedestal", "--at", "2024-01-02", status=2).err)
        self.assertIn("both sides are the same", self.db("tree", "diff", "Reco", status=2).err)
        self.assertIn("an empty range", self.db("diff", "pedestal", "--as-of", "1", "--from", "2024-01-02", "--to", "2024-01-01", status=2).err)
        self.db("diff", "pedestal", "--as-of", "none", status=3)
        self.db("diff", "pedestla", *sides, status=3)
        # NaN, infinities and what is not UTF-8 are equal to themselves.
        self.db("diff", "pedestal", *sides)
        self.db("diff", "pedestal", *sides, "--key", "channel")
        self.db("put", "pedestal", "--begin", "2024-02-01", self.file("twice.csv", ROWS.replace("2147483647", "-7")))
        twice = self.db("diff", "pedestal", "--at", "2024-01-02", "--at", "2024-02-03", "--key", "channel", status=2).err
        self.assertIn("rows 0 and 1 of the second side", twice)

    def test_diff_with_another_place_and_its_formats(self):
        self.ready()
        self.db("put", "pedestal", "--begin", "2024-01-01", self.file("rows.csv", ROWS))
        other = f"sqlite:{self.folder}/other.db"
        self.etalon("-d", other, "init")
        self.etalon("-d", other, "register", self.folder / "pedestal.h")
        self.db("diff", "pedestal", "--other", other, status=1)
        moved = self.file("moved.csv", "\n".join(ROWS.splitlines()[i] for i in (0, 2, 1)) + "\n")
        self.etalon("-d", other, "put", "pedestal", "--begin", "2024-01-01", moved)
        self.db("diff", "pedestal", "--other", other, "--key", "channel")
        found = self.db("diff", "pedestal", "--other", other, "--format", "json", status=1).json()
        self.assertEqual([d["before"] for d in found["differences"] if d["member"] == "label"], ['a"b\\c', "\u00f6\x01"])
        self.assertEqual([(d["difference"]) for d in found["differences"] if d["member"] == "mask"],
                         [-18446744073709551615, 18446744073709551615])
        few = self.db("diff", "pedestal", "--other", other, "--format", "json", "--limit", "2", status=1).json()
        self.assertEqual((len(few["differences"]), few["total"]), (2, found["total"]))
        page = self.db("diff", "pedestal", "--other", other, "--format", "html", status=1).out
        self.assertIn("a&quot;b\\\\c", page)
        self.assertIn("@media print", page)
        self.assertNotIn("<script", page)
        # A struct of the same name that is another one, and a reference of another struct.
        self.file("other.h", "struct other { int x; };")
        third = f"sqlite:{self.folder}/third.db"
        self.etalon("-d", third, "init")
        self.etalon("-d", third, "register", self.folder / "other.h")
        self.etalon("-d", third, "name", "pedestal", "other")
        self.assertIn("different structs", self.db("diff", "pedestal", "--other", third, status=2).err)

    def test_tree_diff_tells_nodes_and_values(self):
        self.small()
        self.db("tree", "add", "Reco/a", "--ref", "tpcGain")
        self.db("tree", "add", "Reco/b", "--ref", "svtGain")
        self.db("snapshot", "create", "before")
        self.db("tree", "add", "Reco/a", "--ref", "tpcGain", "--element", "0-1", "--replace")
        self.db("tree", "add", "Reco/dir/c", "--ref", "svtGain")
        self.db("tree", "remove", "Reco/b")
        self.put_value("tpcGain", 9, "2024-01-01")
        day = lambda number: f"2024-{number}T00:00:00Z"
        found = self.db("tree", "diff", "Reco/default", "--as-of", "before", "--format", "json", status=1).json()
        self.assertEqual([(d["path"], d["kind"], d["member"], d["before"], d["after"], d["begin"]) for d in found["differences"]],
                         [("Reco/a", "node changed", "elements", "0", "0-1", None), ("Reco/a", "value", "value", 1, 9, day("01-01")),
                          ("Reco/b", "node removed", None, "table svtGain", None, None),
                          ("Reco/dir", "node added", None, None, "directory", None),
                          ("Reco/dir/c", "node added", None, None, "table svtGain", None)])
        self.db("tree", "diff", "Reco", "--at", "2024-01-02", "--at", "2024-01-03")
        self.db("tree", "diff", "Reco", "--at", "2024-01-02", "--at", "2024-02-03", status=1)
        self.db("tree", "diff", "Recko", "--at", "2024-01-02", "--at", "2024-02-03", status=3)

    # --- coverage ----------------------------------------------------------------------------------------------------
    def test_a_promised_element_that_is_missing_makes_the_answer_incomplete(self):
        self.small()
        self.db("name", "tpcGain", "level", "--coverage", "complete(0-1)")
        names = {n["name"]: n["coverage"] for n in self.db("names", "--format", "json").json()}
        self.assertEqual((names["tpcGain"], names["svtGain"]), ("complete(0-1)", "sparse"))
        got = self.db("get", "tpcGain", "--at", "2024-03-01", "--element", "0,1", "--format", "json", status=1).json()
        self.assertEqual((got["status"], got["missing"], [r["elementID"] for r in got["rows"]]), ("Incomplete", [1], [0]))
        self.db("get", "tpcGain", "--at", "2024-03-01", "--element", "0,5")
        self.put_value("tpcGain", 5, "2024-02-01", "--element", "1")
        got = self.db("get", "tpcGain", "--at", "2024-03-01", "--element", "1,0", "--format", "json").json()
        self.assertEqual([(r["elementID"], r["value"]) for r in got["rows"]], [(1, 5), (0, 2)])
        for bad in ["complete", "complete()", "complete(1,1)", "full", "complete(a)"]:
            self.db("name", "tpcGain", "level", "--coverage", bad, status=2)
        self.db("name", "tpcGain", "level", "--coverage", "sparse")
        self.db("get", "tpcGain", "--at", "2024-03-01", "--element", "0,2")

    # --- layers ------------------------------------------------------------------------------------------------------
    def test_layers_lie_over_each_other_and_one_is_written_to(self):
        self.small()
        self.file("layer/manifest.csv", "table,beginTime,endTime,element,path\ntpcGain,2024-02-10,2024-02-20,0,a.csv\n"
                                        "tpcGain,2024-02-10,,3,a.csv\n")
        self.file("layer/a.csv", "value\n77\n")
        stack = ["-d", f"csv:{self.folder}/layer", "-d", self.url]
        self.assertEqual(self.value("tpcGain", "2024-02-15", url=stack), ["77"])
        self.assertEqual(self.value("tpcGain", "2024-02-20", url=stack), ["2"])
        got = self.etalon(*stack, "get", "tpcGain", "--at", "2024-02-15", "--format", "json").json()
        self.assertEqual((got["begin"], got["end"], got["commit"]), ("2024-02-10T00:00:00Z", "2024-02-20T00:00:00Z", None))
        self.assertIn("layer", got["layer"])
        # Each element by itself, or all from the highest layer that has any.
        each = self.etalon(*stack, "get", "tpcGain", "--at", "2024-03-01", "--element", "0,3", "--format", "json").json()
        self.assertEqual([(r["elementID"], r["value"]) for r in each["rows"]], [(0, 2), (3, 77)])
        unit = self.etalon(*stack, "get", "tpcGain", "--at", "2024-03-01", "--element", "0,3", "--layer-unit", "answer",
                           "--format", "json").json()
        self.assertEqual(([(r["elementID"], r["value"]) for r in unit["rows"]], unit["missing"]), ([(3, 77)], [0]))
        scanned = self.etalon(*stack, "scan", "tpcGain", "--from", "2024-02-01", "--format", "json").json()
        self.assertEqual([r["end"] for r in scanned], ["2024-02-10T00:00:00Z", "2024-02-20T00:00:00Z", None])
        self.assertEqual(len({r["layer"] for r in scanned}), 2)
        self.assertEqual(len(self.etalon(*stack, "history", "tpcGain", "--format", "json").json()), 4)
        # A put goes to the only layer that can be written.
        self.put_value("tpcGain", 3, "2024-02-15", url=stack)
        self.assertEqual(self.value("tpcGain", "2024-02-25"), ["3"])
        # Of two, one has to be named.
        mine = f"sqlite:{self.folder}/mine.db"
        above = ["-d", mine, "-d", self.url]
        self.etalon("-d", f"{mine}#{self.name_of(self.url)}", "init")
        self.assertIn("--write-to", self.etalon(*above, "put", "tpcGain", "--begin", "2024-02-18", "--hole", status=2).err)
        chosen = ["-d", mine, "-d", self.url, "--write-to", mine]
        commits = self.commits()
        self.assertIn("equal", self.etalon(*chosen, "put", "tpcGain", "--begin", "2024-02-18", "--end", "2024-02-18", "--hole",
                                           status=2).err)
        self.assertEqual(self.etalon("-d", mine, "log", "--format", "json").json(), [])
        self.put_value("tpcGain", 4, "2024-02-18", url=chosen)
        self.assertEqual(self.value("tpcGain", "2024-03-01", url=above), ["4"])
        self.assertEqual(self.commits(), commits)
        self.assertIn("several layers", self.etalon(*above, "get", "tpcGain", "--at", "2024-03-01", "--as-of", "1", status=2).err)
        self.etalon(*chosen, "snapshot", "create", "both")
        self.put_value("tpcGain", 5, "2024-02-18", url=chosen)
        self.assertEqual(self.value("tpcGain", "2024-03-01", "--as-of", "both", url=above), ["4"])
        self.assertIn("--write-to", self.etalon(*above, "snapshot", "create", "other", status=2).err)
        self.etalon("-d", mine, "-d", f"sqlite:{self.folder}/./mine.db", "names", status=2)  # the same place twice

    def test_the_wrong_database_is_never_read(self):
        self.small()
        name = self.name_of(self.url)
        other = f"sqlite:{self.folder}/other.db"
        self.etalon("-d", other, "init")
        # Two databases, whatever the order: no layers.
        for urls in [[other, self.url], [self.url, other]]:
            given = [word for url in urls for word in ("-d", url)]
            rows = self.etalon(*given, "names", "--format", "json").json()
            self.assertEqual({row["database"] for row in rows}, {name})
            self.assertEqual(self.value("tpcGain", "2024-03-01", url=given), ["2"])
        # A name that is not the name inside is an error, for reading, writing and init.
        wrong = f"{other}#{name}"
        for args in [["names"], ["init"], ["get", "tpcGain", "--at", "2024-03-01"]]:
            error = self.etalon("-d", wrong, *args, status=2).err
            self.assertIn("the place holds another database", error)
            self.assertIn("database other", error)
            self.assertIn("init --name", error)
        # A layer of files takes the name of the only database beside it, and says it where there are several.
        self.file("layer/manifest.csv", "table,beginTime,path\ntpcGain,2024-02-10,a.csv\n")
        self.file("layer/a.csv", "value\n77\n")
        layer = f"csv:{self.folder}/layer"
        self.assertEqual(self.value("tpcGain", "2024-03-01", url=["-d", layer, "-d", self.url]), ["77"])
        both = ["-d", layer, "-d", self.url, "-d", other]
        self.assertIn("which of the databases", self.etalon(*both, "names", status=2).err)
        both[1] += "#" + name
        self.assertEqual(self.value("tpcGain", "2024-03-01", url=both), ["77"])
        both[1] = f"{layer}#other"
        self.assertEqual(self.value("tpcGain", "2024-03-01", url=["-d", self.url]), ["2"])
        # Lines of another database alone are a mistake.
        self.file("far/manifest.csv", "table,beginTime,path\nSome/where/tpcGain,2024-02-10,../layer/a.csv\n")
        self.assertIn("another database", self.etalon("-d", f"csv:{self.folder}/far", "-d", self.url, "names", status=2).err)
        # Renamed, the other one is a layer.
        self.assertIn("--name", self.etalon("-d", other, "-d", self.url, "init", "--name", "x", status=2).err)
        self.assertIn(name, self.etalon("-d", other, "init", "--name", name).out)
        self.etalon("-d", other, "init", "--name", name)
        above = ["-d", other, "-d", self.url, "--write-to", other]
        self.put_value("tpcGain", 4, "2024-02-18", url=above)
        self.assertEqual(self.value("tpcGain", "2024-03-01", url=above[:4]), ["4"])
        self.assertEqual(self.value("tpcGain", "2024-03-01"), ["2"])

    def test_a_database_is_renamed(self):
        self.small()
        if ARGS.engine == "sqlite":
            renamed = self.url
            self.db("init", "--name", "better name")
            self.assertIn("better name is ready", self.db("init").out)
        else:
            renamed = self.make_url("better name")
            self.db("init", "--name", self.name_of(renamed))
            self.db("names", status=3)
        self.assertEqual(self.value("tpcGain", "2024-03-01", url=["-d", renamed]), ["2"])
        self.put_value("tpcGain", 3, "2024-02-15", url=["-d", renamed])
        self.etalon("-d", renamed, "verify")
        self.assertIn("control character", self.etalon("-d", renamed, "init", "--name", "a\tb", status=2).err)

    def test_a_federation_file_gives_layers_versions_and_snapshots(self):
        self.small()
        self.put_value("tpcGain", 9, "2024-01-15", "--version", "sim")
        self.file("layer/manifest.csv", "table,beginTime,path\nsvtGain,2024-02-10,a.csv\n")
        self.file("layer/a.csv", "value\n77\n")
        path = self.file("f.toml", f"""version = "sim,default"
[databases.Calib]
layers = ["csv:layer", "{self.url}"]
[databases.Calib.as_of_names]
"tpcG*" = "1990-01-01"
""")
        config = ["--config", path]
        self.assertEqual(self.value("svtGain", "2024-03-01", url=config), ["77"])
        self.assertEqual(self.value("tpcGain", "2024-03-01", url=config, status=1), [])
        self.assertEqual(self.value("tpcGain", "2024-03-01", "--as-of", "inf", url=config), ["9"])
        self.assertEqual(self.value("tpcGain", "2024-03-01", url=config, env={"ETALON_AS_OF": "inf"}), ["9"])
        self.assertEqual(self.value("tpcGain", "2024-03-01", url=config,
                                    env={"ETALON_AS_OF": "inf", "ETALON_VERSION": "default"}), ["2"])
        self.put_value("tpcGain", 10, "2024-02-20", "--version", "sim", url=config)
        self.assertEqual(self.value("tpcGain", "2024-03-01", "--version", "sim"), ["10"])
        wrong = self.file("g.toml", f"[databases.Calib]\nlayer = [\"{self.url}\"]\n")
        self.assertIn("did you mean 'layers'?", self.etalon("--config", wrong, "names", status=2).err)
        self.assertIn("g.toml:2", self.etalon("--config", wrong, "names", status=2).err)
        self.assertIn("sqlite:no.db", self.etalon("--config", path, "--write-to", "sqlite:no.db", "names", status=2).err)

    # --- engines -----------------------------------------------------------------------------------------------------
    def test_a_file_that_cannot_be_written_can_be_read(self):
        if ARGS.engine != "sqlite":
            self.skipTest("files are SQLite's")
        rows = self.ready()
        self.db("put", "pedestal", "--begin", "2019-01-01", rows)
        path = self.folder / "calib.db"
        path.chmod(0o444)
        self.folder.chmod(0o555)
        try:
            if os.geteuid() == 0:
                self.skipTest("permissions do not bind root")
            self.db("get", "pedestal", "--at", "2019-06-01")
            self.db("put", "pedestal", "--begin", "2020-01-01", rows, status=3)
        finally:
            self.folder.chmod(0o755)

    def test_a_place_that_is_gone_is_a_failure_that_names_it(self):
        if ARGS.engine == "postgres":
            # A server that was stopped leaves no socket.
            gone = re.sub(r"host=[^&#]*", f"host={self.folder}", self.url)
            self.assertNotEqual(gone, self.url)
        else:
            self.ready()
            (self.folder / "calib.db").unlink()
            gone = self.url
        for command in [["structs"], ["get", "pedestal", "--at", "2019-01-01"], ["history", "pedestal"], ["log"],
                        ["name", "pedestal_two", "pedestal"]]:
            result = self.etalon("-d", gone, *command, status=3)
            self.assertIn(gone, result.err)
            self.assertEqual(result.out, "")

    def test_a_newer_format_is_refused(self):
        if ARGS.engine != "sqlite":
            self.skipTest("forged in a file")
        self.ready()
        with sqlite3.connect(self.folder / "calib.db") as connection:
            triggers = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='storeFormat'")]
            for trigger in triggers:
                connection.execute(f'DROP TRIGGER "{trigger}"')
            connection.execute('UPDATE "storeFormat" SET major = major + 1')
        connection.close()
        for command in [["structs"], ["init"], ["get", "pedestal", "--at", "2019-01-01"]]:
            self.db(*command, status=3)


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--etalon", required=True)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--shared", default="")
    ARGS, rest = parser.parse_known_args()
    ARGS.etalon = os.path.abspath(ARGS.etalon)
    if ARGS.engine == "postgres" and not os.environ.get("ETALON_TEST_POSTGRES"):
        print("SKIPPED: ETALON_TEST_POSTGRES names no server", file=sys.stderr)
        sys.exit(SKIPPED)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
