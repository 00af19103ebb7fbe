#!/usr/bin/python3
"""make_golden.py ETALON: writes the golden databases of the format that this program writes, into a folder MAJOR_MINOR beside this file.

Run it once, when a format is new and before it is released, with a PostgreSQL server to write to:

    scripts/with_postgres tests/golden/make_golden.py build/bin/etalon

The folder gets sqlite.sql and postgres.sql, dumps of the two databases, and sqlite.json and postgres.json, what the program answers to
the questions below. golden_test.py asks them again for ever: a folder that is there is never written again (--again is for the author
of a format that nobody has yet). What a later format adds is asked for by adding steps and questions here; folders of earlier formats stay.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent

SENSORS = ["""
enum Mode { ModeOff = 0, ModeOn = 1 };
/* What a sensor is. */
struct Sensor {
    int channel;
    float gain[3];
    char label[8];
    double length;             /* [cm] */
    struct { short row; short col; } pos;
    enum Mode mode;
    unsigned long long mask;
    double old_name;
};
""", """
enum Mode { ModeOff = 0, ModeIdle = 1, ModeOn = 2 };
struct Sensor {
    double threshold;          /* [mV] default: 1.5 */
    long long channel;
    float gain[5];
    char label[16];
    double length;             /* [mm] */
    struct { short row; short col; } pos;
    enum Mode mode;
    double new_name;
};
""", """
enum Mode { ModeOff = 0, ModeIdle = 1, ModeOn = 2 };
struct Sensor {
    char label[4];
    double gain[2];
    unsigned long long mask;
    short channel;
    enum Mode mode;
    struct { int row; } pos;
    float length;              /* [mm] */
    float matrix[2][2];
    _Bool good;                /* default: 1 */
};
"""]

OTHERS = """
struct Plain { double value; };
/* Too many values for columns. */
struct Map { float grid[20][20]; unsigned char flags[400]; int id; };
"""

OBJECTS = ["""
#include <etalon/ref.h>
struct Team { char name[16]; char description[16]; };
struct User { char name[32]; char username[16]; ETALON_REF(Team) group; };
""", """
#include <etalon/ref.h>
struct User { char name[32]; ETALON_REF(Team) team; };    /* was: group */
struct Shot { ETALON_UID uid; ETALON_REF(User) by; ETALON_REF(Team) seen[2]; ETALON_FILE pixels; double x; };
struct Packed { ETALON_REF(User) by; int counts[600]; };
"""]

SENSOR_ROWS = [
    'channel,gain[0],gain[1],gain[2],label,length,pos.row,pos.col,mode,mask,old_name\n'
    '7,0.1,-0,nan,"left",12.5,1,2,1,18446744073709551615,3.25\n'
    '-2147483648,inf,-inf,1e-45,"\\xc3\\xb6""\\\\",1e15,-1,32767,0,0,-2.5\n',
    'threshold,channel,gain[0],gain[1],gain[2],gain[3],gain[4],label,length,pos.row,pos.col,mode,new_name\n'
    '2.5,70,1,2,3,4,5,"a longer one",125,3,4,2,1\n',
    'label,gain[0],gain[1],mask,channel,mode,pos.row,length,matrix[0][0],matrix[0][1],matrix[1][0],matrix[1][1],good\n'
    '"abc",0.1,5e-324,9223372036854775808,-5,2,100000,0.5,1,2,3,4,1\n'
    '"",3,4,1,5,0,6,7,8,9,10,11,0\n',
]


# What reads in every layout.
# (A minus zero or a denormal number outside an array would not survive the text of an SQLite dump.)
TAME_ROWS = [
    'channel,gain[0],gain[1],gain[2],label,length,pos.row,pos.col,mode,mask,old_name\n'
    '7,0.5,1.5,2.5,"ab",12.5,1,2,1,9,3.25\n8,1,2,3,"",-1,3,4,0,10,4\n',
    'threshold,channel,gain[0],gain[1],gain[2],gain[3],gain[4],label,length,pos.row,pos.col,mode,new_name\n'
    '2.5,70,1,2,3,4,5,"abc",125,3,4,2,1\n',
    'label,gain[0],gain[1],mask,channel,mode,pos.row,length,matrix[0][0],matrix[0][1],matrix[1][0],matrix[1][1],good\n'
    '"abc",0.25,5,9223372036854775808,-5,2,1000,0.5,1,2,3,4,1\n',
]


class Maker:
    def __init__(self, etalon, url, work):
        self.etalon, self.url, self.work = etalon, url, pathlib.Path(work)

    def call(self, *arguments, stdin=""):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ETALON_")}
        return subprocess.run([self.etalon, "-d", self.url, *map(str, arguments)], input=stdin, capture_output=True, text=True,
                              check=False, env=environment)

    def do(self, *arguments, stdin=""):
        done = self.call(*arguments, stdin=stdin)
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, arguments))}: status {done.returncode}\n{done.stdout}{done.stderr}")

    def register(self, text, *arguments):
        header = self.work / "golden.h"
        header.write_text(text, encoding="utf-8")
        self.do("register", header, *arguments, "--", "-xc")

    def make(self):
        """Every kind of thing that is stored."""
        put = lambda name, begin, rows, *more: self.do("put", name, f"--begin={begin}", *more, "-", stdin=rows)
        plain = lambda value: f"value\n{value}\n"
        self.do("init")
        self.register(OTHERS)
        for number, text in enumerate(SENSORS):
            self.register(text)
            if number == 0:
                self.do("name", "sensorBytes", "Sensor", "--storage", "bytes")
                self.do("name", "byRun", "Plain", "--axis", "run")
                self.do("name", "byCreation", "Plain", "--policy", "by_creation")
                self.do("name", "covered", "Plain", "--coverage", "complete(0-1)")
            for name in ("Sensor", "sensorBytes"):
                put(name, f"20{number + 1}0-01-01", SENSOR_ROWS[number], "--schema", number + 1, "--reason", f"layout {number + 1}")
        # An old layout goes on being written, in a version and an element of its own, and becomes the current one again.
        put("Sensor", "2015-06-01T12:00:00.000000001Z", SENSOR_ROWS[0], "--schema", 1, "--version", "sim", "--element", 3)
        self.register(SENSORS[1], "--make-current")
        put("Plain", "-inf", plain("-0.5"), "--end", "2000-01-01")
        put("Plain", "2001-01-01", plain("nan"), "--end", "inf", "--version", "sim")
        put("Plain", "2002-01-01", plain("0.1"))
        put("Plain", "2003-01-01", plain("4"), "--reason", "a mistake")
        self.do("put", "Plain", "--begin", "2004-01-01", "--end", "2005-01-01", "--hole")
        self.do("retire", "Plain", "--from", "2003-01-01", "--to", "2003-01-02", "--relation", "starts", "--reason", "was wrong")
        put("byRun", "100", plain("1"), "--end", "200")
        put("byRun", "150", plain("2"))
        put("byCreation", "2010-01-01", plain("1"), "--created", "2020-01-01")
        put("byCreation", "2011-01-01", plain("2"), "--created", "2015-01-01")
        put("covered", "2010-01-01", plain("1"))
        put("covered", "2011-01-01", plain("2"), "--element", "1")
        grid = ",".join(f"grid[{i}][{j}]" for i in range(20) for j in range(20)) + "," + ",".join(f"flags[{i}]" for i in range(400))
        values = ",".join(str((i * 7919 % 1000) / 8) for i in range(400)) + "," + ",".join(str(i % 256) for i in range(400))
        put("Map", "2010-01-01", f"{grid},id\n{values},1\n{values},2\n")
        self.do("tree", "add", "Reco/inner/sensor", "--ref", "Sensor")
        self.do("tree", "add", "Reco/inner/old", "--ref", "sensorBytes", "--version", "sim,default")
        self.do("tree", "add", "Reco/plain", "--ref", "Plain", "--base-line")
        self.do("snapshot", "create", "early", "--as-of", "6", "--as-of", "Plain=18", "--comment", "a frozen one")
        self.do("snapshot", "freeze", "early")
        self.do("snapshot", "create", "open")
        self.do("tree", "add", "--replace", "Reco/plain", "--ref", "byCreation")
        self.do("params", "put", "tracker", "--begin", "2010-01-01", "minHits=5", "maxChi2:double=3", "layers=[1,2,3]", "name=inner")
        self.do("params", "put", "tracker", "--begin", "2012-01-01", "minHits=6", "maxChi2:double=3", "layers=[1]", "name=inner")
        self.do("runs", "add", "--run", "120", "--begin", "2012-01-01", "--end", "2012-01-02")
        self.do("runs", "add", "--run", "121", "--begin", "2012-01-03")
        # Policies obey snapshots: before this commit the old one holds.
        self.do("name", "byCreation", "--policy", "by_begin")
        self.do("name", "sensorBytes", "--storage", "columns")
        put("sensorBytes", "2040-01-01", SENSOR_ROWS[1], "--schema", "2")
        for number, rows in enumerate(TAME_ROWS):
            for name in ("Sensor", "sensorBytes"):
                put(name, f"20{number + 1}5-01-01", rows, "--schema", number + 1)

        self.make_rules()

    def make_rules(self):
        """Rules of evolution, since format 1.2: the snapshot is from before they were."""
        self.register("struct Probe { int channel; float gain; float value; double px, py; };")
        self.do("put", "Probe", "--begin", "2010-01-01", "-", stdin="channel,gain,value,px,py\n1,2.5,7,0.5,0.25\n")
        newer = "struct Probe { int channel; float amplification; double value[3]; double p[2]; short noise; };"
        self.register(newer)
        self.do("put", "Probe", "--begin", "2020-01-01", "-",
                stdin="channel,amplification,value[0],value[1],value[2],p[0],p[1],noise\n2,500,8,9,10,1,2,3\n")
        self.do("snapshot", "create", "without_rules")
        layouts = [json.loads(self.call("schema", "Probe", "--schema", n, "--as", "json").stdout)["layout"] for n in (1, 2)]
        (self.work / "rules").mkdir(exist_ok=True)
        (self.work / "rules" / "Probe.rules").write_text(f"""struct Probe
from {layouts[0][:10]} to {layouts[1][:10]}
  rename gain -> amplification
  scale amplification by 100
  move value -> value[1]
  fill value[2:] = -1
  move px -> p[0]
  move py -> p[1]
  fill noise = 5
""", encoding="utf-8")
        self.register(newer, "--rules", self.work / "rules")
        self.make_objects()

    def make_objects(self):
        """Objects and named queries, since format 2.1: the snapshot is from before most of them."""
        self.register(OBJECTS[0])
        self.do("object", "put", "User", "-", stdin='{"name": "Bob", "username": "bob", "group": {"name": "AMI", "description": ""}}')
        self.do("snapshot", "create", "few_objects")
        self.register(OBJECTS[1])
        self.do("object", "put", "User", "-", stdin='[{"name": "Alice", "team": {"name": "AMI", "description": ""}}, {"name": "nobody", "team": null}]')
        shot = ('{{"uid": "0000000000004000800000000000000{0}", "x": {0}.5, "by": {{"name": "Alice", "team": {{"name": "AMI", "description": ""}}}}, '
                '"seen": [null, {{"name": "EMBL", "description": "{0}"}}], "pixels": {{"sha256": "{1}", "size": 25}}}}')
        self.do("object", "put", "Shot", "-", stdin="\n".join(shot.format(i, f"{i}" * 64) for i in (1, 2, 3)))
        grid = ", ".join(str(i) for i in range(600))
        self.do("object", "put", "Packed", "-", stdin=f'{{"counts": [{grid}], "by": {{"name": "Alice", "team": {{"name": "AMI", "description": ""}}}}}}')
        self.do("query", "define", "byName", "User", "--where", "name = :name")
        self.do("query", "define", "gone", "Shot", "--where", "x > 1")
        self.do("query", "retire", "gone")

    def questions(self):
        times = ("1999-01-01", "2010-06-01", "2015-03-01", "2020-06-01", "2025-03-01", "2030-06-01", "2035-03-01", "2050-01-01")
        asked = []
        for name in ("Sensor", "sensorBytes"):
            for time in times:
                asked.append(["get", name, "--at", time])
                asked += [["get", name, "--at", time, "--schema", n] for n in (1, 2, 3) if name == "Sensor" or time.endswith("03-01")]
            asked.append(["get", name, "--at", "2010-06-01", "--schema", "3", "--lenient"])
            asked.append(["get", name, "--at", "2010-06-01", "--schema", "2", "--strict"])
            asked.append(["get", name, "--at", "2016-01-01", "--version", "sim,default", "--element", "0,3"])
            asked.append(["history", name])
        for time in ("-inf", "2000-06-01", "2002-06-01", "2004-06-01", "inf"):
            asked += [["get", "Plain", f"--at={time}", "--version", chain] for chain in ("default", "sim,default")]
        for time in ("1999-01-01", "2003-06-01", "2004-06-01"):
            asked += [["get", "Plain", f"--at={time}", "--as-of", commit] for commit in (16, 18, 20, "early", "open")]
        for commit in (24, 26, 41):
            asked.append(["get", "byCreation", "--at", "2012-01-01", "--as-of", commit])
        asked += [["get", "byRun", "--at", run] for run in (99, 100, 160, 500)]
        asked += [["get", "covered", "--at", time, "--element", "0,1"] for time in ("2010-06-01", "2012-01-01")]
        asked += [["get", "Map", "--at", "2011-01-01"], ["get", "byRun", "--at-time", "2012-01-01T12:00:00Z"],
                  ["get", "Plain", "--at-run", "121"], ["history", "Plain"], ["history", "Plain", "--where", "value < 1"], ["log"],
                  ["structs"], ["schema", "Map"], ["names"], ["tree", "show", "Reco"],
                  ["tree", "get", "Reco", "--at", "2012-06-01", "--values"], ["tree", "get", "Reco", "--at", "2012-06-01", "--as-of", "open"],
                  ["snapshot", "list"], ["snapshot", "show", "early"], ["params", "list"], ["runs", "show"],
                  ["params", "get", "tracker", "--at", "2011-01-01"], ["params", "get", "tracker", "--at", "2013-01-01"]]
        asked += [["schema", "Sensor", "--schema", n] for n in (1, 2, 3)]
        for time in ("2015-01-01", "2025-01-01"):
            asked += [["get", "Probe", "--at", time, "--schema", n, *more] for n in (1, 2) for more in ([], ["--as-of", "without_rules"])]
        asked += [["history", "Probe", "--where", "amplification == 250"], ["schema", "Probe", "--diff", "1", "2"]]
        for name in ("Team", "User", "Shot", "Packed"):
            found = json.loads(self.call("object", "query", name, "--format", "json").stdout)["objects"]
            asked += [["object", "query", name], ["object", "query", name, "--oldest", "--as-of", "few_objects"]]
            for one in found:
                asked += [["object", "get", one["id"]], ["object", "get", one["id"], "--as-of", "few_objects"], ["object", "referrers", one["id"]]]
            asked.append(["object", "get", *[one["id"] for one in found], "--follow", "all"])
            if name == "User":
                asked += [["object", "get", one["id"], "--schema", n] for one in found for n in (1, 2)]
        asked += [["object", "query", "Shot", "--where", 'by.team.name = "AMI" and x > 1.5'], ["query", "list"], ["query", "show", "byName"],
                  ["query", "run", "byName", "name=Bob"]]
        return [[str(a) for a in one] for one in asked]

    def answer(self, question):
        """Status, and what was printed as JSON; of an error the status only. The place is not part of an answer."""
        form = ["--as", "json"] if question[0] == "schema" and "--diff" not in question else ["--format", "json"]
        done = self.call(*question, *form)
        if done.returncode not in (0, 1):
            return {"status": done.returncode}
        return {"status": done.returncode, "answer": json.loads(done.stdout.replace(self.url.split("#")[0], "PLACE"))}

    def answers(self):
        return [{"question": question, **self.answer(question)} for question in self.questions()]


def write(folder, engine, dump, answers):
    (folder / f"{engine}.sql").write_text(dump, encoding="utf-8")
    lines = ",\n".join(json.dumps(one, ensure_ascii=False) for one in answers)
    (folder / f"{engine}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    found = sum(one["status"] == 0 for one in answers)
    print(f"{folder.name}/{engine}: {len(answers)} answers, {found} of them with status 0")


def run(*command):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, check=True).stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("etalon")
    parser.add_argument("--again", action="store_true", help="replace the folder of this format")
    arguments = parser.parse_args()
    etalon = str(pathlib.Path(arguments.etalon).resolve())
    server = os.environ.get("ETALON_TEST_POSTGRES") or sys.exit("make_golden: run it through scripts/with_postgres")
    with tempfile.TemporaryDirectory() as work:
        file = pathlib.Path(work) / "golden.db"
        sqlite = Maker(etalon, f"sqlite:{file}", work)
        sqlite.make()
        form = run("sqlite3", file, 'SELECT "major" || \'_\' || "minor" FROM "storeFormat" ORDER BY "ID" DESC LIMIT 1').strip()
        folder = HERE / form
        if folder.exists() and not arguments.again:
            sys.exit(f"make_golden: {folder} is there, and golden databases are never written again")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        write(folder, "sqlite", run("sqlite3", file, ".dump"), sqlite.answers())
        schema = f"golden_{form}"
        postgres = Maker(etalon, f"{server}#{schema}", work)
        postgres.make()
        dump = run("pg_dump", "--no-owner", "--no-privileges", f"--schema={schema}", server)
        # Newer dumps guard themselves with a command that older clients do not know.
        kept = [line for line in dump.splitlines(keepends=True) if not line.startswith(("\\restrict", "\\unrestrict", "-- Dumped"))]
        write(folder, "postgres", "".join(kept), postgres.answers())


if __name__ == "__main__":
    main()
