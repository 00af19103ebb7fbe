"""golden_test.py ETALON: databases of every earlier format are read for ever, and one of a later format is refused.

format_1_0.sql is the dump of an SQLite file that a program of that format wrote, format_1_0.json what the same program answered to
questions of `get`. The folders MAJOR_MINOR have the same for both engines and for every kind of question (make_golden.py). No
dump is ever changed; an answer only where it was wrong. (1_2 kept silent about two items that an array lost to a scalar by a rule, in
`truncated` and in a reason of `schema --diff`.) A database of an earlier format is refused until it is brought up to date, and then answers as it did.
"""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def part_of(answer, expected):
    """What the older program knew to say; a newer one may say more."""
    if isinstance(expected, dict) and isinstance(answer, dict):
        return {key: part_of(answer.get(key), value) for key, value in expected.items()}
    if isinstance(expected, list) and isinstance(answer, list) and len(answer) == len(expected):
        return [part_of(one, of) for one, of in zip(answer, expected)]
    return answer


def check_first(dump, etalon):
    with tempfile.TemporaryDirectory() as directory:
        file = pathlib.Path(directory) / "golden.db"
        subprocess.run(["sqlite3", str(file)], input=dump.read_text(), text=True, check=True)

        def run(*arguments):
            return subprocess.run([etalon, "-d", f"sqlite:{file}", *arguments], capture_output=True, text=True, check=False)

        refused = run("names")
        assert refused.returncode == 3 and "init --upgrade" in refused.stderr, refused
        assert run("init").returncode == 3
        upgraded = run("init", "--upgrade")
        assert upgraded.returncode == 0, upgraded
        again = run("init", "--upgrade")
        assert again.returncode == 0, again
        questions = json.loads(dump.with_suffix(".json").read_text())

        def ask(question):
            done = run("get", "Gain", "--at=" + question["at"], "--as-of", str(question["commit"]), "--version", question["chain"],
                       "--element", question["element"], "--format", "json")
            assert done.returncode in (0, 1), done
            answer = json.loads(done.stdout)
            expected = question["answer"]
            found = part_of(answer, expected)
            assert found == expected, f"{question}\nfound {found}"

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(ask, questions))
        # It goes on from there.
        put = run("put", "Gain", "--begin", "2030-01-01", "--hole")
        assert put.returncode == 0 and "commit 8" in put.stdout, put
        later = run("get", "Gain", "--at", "2031-01-01")
        assert later.returncode == 1 and "Hole" in later.stdout, later
        print(f"{dump.name}: {len(questions)} answers are the same")


def difference(found, expected, path=""):
    """Where an answer lacks something of the one that was given; keys that later programs add are none of its business."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key, value in expected.items():
            if key not in found:
                return f"{path}/{key}: missing"
            text = difference(found[key], value, f"{path}/{key}")
            if text:
                return text
        return None
    if isinstance(expected, list) and isinstance(found, list) and len(found) == len(expected):
        for i, (one, other) in enumerate(zip(found, expected)):
            text = difference(one, other, f"{path}[{i}]")
            if text:
                return text
        return None
    same = type(found) is type(expected) and found == expected
    return None if same else f"{path}: expected {expected}, found {found}"


class Place:
    """A loaded dump, and how SQL and the program get at it."""

    def __init__(self, etalon, url, script, read):
        self.etalon, self.url, self.script, self.read = etalon, url, script, read

    def run(self, *arguments):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ETALON_")}
        return subprocess.run([self.etalon, "-d", self.url, *arguments], capture_output=True, text=True, check=False, env=environment)

    def major(self):
        return self.read('SELECT "major" FROM {}"storeFormat" ORDER BY "ID" DESC LIMIT 1')

    def ask_all(self, questions, what):
        def ask(one):
            question = one["question"]
            done = self.run(*question, *(["--as", "json"] if question[0] == "schema" and "--diff" not in question else ["--format", "json"]))
            assert done.returncode == one["status"], f"{what}: {question}\nexpected status {one['status']}, found {done}"
            if "answer" in one:
                text = difference(json.loads(done.stdout.replace(self.url.split("#")[0], "PLACE")), one["answer"])
                assert text is None, f"{what}: {question}\n{text}"
            else:
                assert "etalon: error: " in done.stderr, f"{what}: {question}\n{done}"

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(ask, questions))
        print(f"{what}: {len(questions)} answers are the same")

    def check(self, questions, what):
        opened = self.run("names")
        if opened.returncode != 0:
            assert opened.returncode == 3 and "init --upgrade" in opened.stderr, opened
            assert self.run("init").returncode == 3
            upgraded = self.run("init", "--upgrade")
            assert upgraded.returncode == 0, upgraded
            what += ", upgraded"
        self.ask_all(questions, what)
        pinned = [one for one in questions if "--as-of" in one["question"] and "tree" not in one["question"]]
        put = ["put", "Plain", "--begin", "2060-01-01", "--hole"]
        if self.major() == 1:
            # Read as it is, and not written to; verified when it is brought up to date.
            for command in (put, ["name", "other", "Plain"], ["verify"]):
                refused = self.run(*command)
                assert refused.returncode == 3 and "init --upgrade" in refused.stderr, refused
            upgraded = self.run("init", "--upgrade")
            assert upgraded.returncode == 0, upgraded
            what += ", brought up to date"
            self.ask_all(questions, what)
        sound = self.run("verify", "--deep")
        assert sound.returncode == 0, sound
        # It goes on from there, and what was asked as of a commit stays.
        done = self.run(*put)
        assert done.returncode == 0, done
        later = self.run("get", "Plain", "--at", "2061-01-01")
        assert later.returncode == 1 and "Hole" in later.stdout, later
        self.ask_all(pinned[::5], f"{what}, later")
        again = self.run("init", "--upgrade")
        assert again.returncode == 0, again
        self.ask_all(pinned[::7], f"{what}, again")
        sound = self.run("verify", "--deep")
        assert sound.returncode == 0, sound
        # A later format of the same major number only adds: it is read, and not written to. One of another major number is neither.
        forge = ('INSERT INTO {}"storeFormat" ("ID", "major", "minor", "databaseName", "placeUid", "entryTime") SELECT "ID" + 1, "major" + {}, "minor" + {}, '
                 '"databaseName", "placeUid", "entryTime" FROM {}"storeFormat" ORDER BY "ID" DESC LIMIT 1')
        self.script(forge.replace("+ {}", "+ 0", 1).replace("+ {}", "+ 7", 1))
        self.ask_all(pinned[::9], f"{what}, as a later minor format")
        for command in (["put", "Plain", "--begin", "2070-01-01", "--hole"], ["name", "other", "Plain"]):
            done = self.run(*command)
            assert done.returncode == 3 and "newer format is not written to" in done.stderr, done
        self.script(forge.replace("+ {}", "+ 1", 1).replace("+ {}", "+ 0", 1))
        for command in (["names"], ["get", "Plain", "--at", "2002-06-01"], ["init"], ["init", "--upgrade"],
                        ["put", "Plain", "--begin", "2070-01-01", "--hole"], ["name", "other", "Plain"]):
            done = self.run(*command)
            assert done.returncode == 3, done
            assert "newer format than this program can read" in done.stderr and "use a newer etalon" in done.stderr, done


def check_sqlite(folder, etalon):
    with tempfile.TemporaryDirectory() as directory:
        file = pathlib.Path(directory) / "golden.db"

        def script(text):
            subprocess.run(["sqlite3", str(file)], input=text.replace('{}"', '"'), text=True, check=True)

        def read(query):
            done = subprocess.run(["sqlite3", str(file), query.replace('{}"', '"')], text=True, check=True, capture_output=True)
            return int(done.stdout)

        script((folder / "sqlite.sql").read_text(encoding="utf-8"))
        Place(etalon, f"sqlite:{file}", script, read).check(json.loads((folder / "sqlite.json").read_text(encoding="utf-8")), f"{folder.name} on SQLite")


def check_postgres(folder, etalon, server):
    schema = f"golden_{folder.name}"

    def script(text):
        subprocess.run(["psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--output", os.devnull, server],
                       input=text.replace('{}"', f'{schema}."'), text=True, check=True)

    def read(query):
        done = subprocess.run(["psql", "--no-psqlrc", "-qAt", "-c", query.replace('{}"', f'{schema}."'), server], text=True, check=True,
                              capture_output=True)
        return int(done.stdout)

    script(f"SET client_min_messages = warning; DROP SCHEMA IF EXISTS {schema} CASCADE;")
    script((folder / "postgres.sql").read_text(encoding="utf-8"))
    Place(etalon, f"{server}#{schema}", script, read).check(json.loads((folder / "postgres.json").read_text(encoding="utf-8")),
                                                      f"{folder.name} on PostgreSQL")
    script(f"SET client_min_messages = warning; DROP SCHEMA {schema} CASCADE;")


def main():
    etalon = sys.argv[1]
    dumps = sorted(HERE.glob("format_*.sql"))
    assert dumps
    for dump in dumps:
        check_first(dump, etalon)
    folders = sorted(path.parent for path in HERE.glob("*/sqlite.sql"))
    assert folders
    server = os.environ.get("ETALON_TEST_POSTGRES")
    for folder in folders:
        check_sqlite(folder, etalon)
        if server:
            check_postgres(folder, etalon, server)
    if not server:
        print("not on PostgreSQL: ETALON_TEST_POSTGRES is not set")


if __name__ == "__main__":
    main()
