"""upgrade_test.py ETALON: bringing databases of formats 1.x to the newest, killed at any moment, while others write, and with damage.

A place is what it was until the last transaction of the upgrade: after a kill it answers as before, or is upgraded whole.
"""

import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
RECORDS = 20_000


def environment():
    return {k: v for k, v in os.environ.items() if not k.startswith("ETALON_")}


def run(etalon, url, *arguments):
    return subprocess.run([etalon, "-d", url, *arguments], capture_output=True, text=True, check=False, env=environment())


def sql(file, script):
    done = subprocess.run(["sqlite3", str(file)], input=script, text=True, check=True, capture_output=True)
    return done.stdout.strip()


def grow(file):
    """Many records of the reference Plain in one commit, as a program of format 1.2 would have written them, by SQL."""
    name, schema, data, rows = sql(file, """SELECT n."ID", d."schemaID", d."dataID", d."numRows" FROM "namedRef" n
        JOIN "dataIndex" d ON d."nameID" = n."ID" WHERE n."name" = 'Plain' AND d."dataID" IS NOT NULL LIMIT 1;""").split("|")
    sql(file, f"""BEGIN;
        UPDATE "commitCounter" SET "lastSeq" = "lastSeq" + 1, "lastEntryTime" = "lastEntryTime" + 1;
        INSERT INTO "commitLog" ("commitSeq", "entryTime", "author", "host", "program", "reason")
            SELECT "lastSeq", "lastEntryTime", 'me', 'here', 'sql', 'many' FROM "commitCounter";
        WITH RECURSIVE i(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM i WHERE n < {RECORDS - 1})
            INSERT INTO "dataIndex" ("count", "nameID", "schemaID", "version", "elementID", "beginTime", "creationTime", "commitSeq",
                "numRows", "dataID", "uid", "entryTime")
            SELECT n, {name}, {schema}, 'many', 0, n * 10, "lastEntryTime", "lastSeq", {rows}, {data}, randomblob(16), "lastEntryTime"
            FROM i, "commitCounter";
        INSERT INTO "timeline" ("nameID", "elementID", "version", "beginTime", "pointKind", "recordID", "fromSeq")
            SELECT "nameID", "elementID", "version", "beginTime", 1, "ID", "commitSeq" FROM "dataIndex" WHERE "version" = 'many';
        COMMIT;""")


def major(file):
    return int(sql(file, 'SELECT "major" FROM "storeFormat" ORDER BY "ID" DESC LIMIT 1;'))


def answers(etalon, url):
    out = []
    for arguments in (["--at", "@5", "--version", "many"], ["--at", "@123456", "--version", "many"], ["--at", "@99999999", "--version", "many"],
                      ["--at", "@-7", "--version", "many"], ["--at", "2005-01-01"], ["--at", "2005-01-01", "--as-of", "3"]):
        done = run(etalon, url, "get", "Plain", *arguments, "--format", "json")
        assert done.returncode in (0, 1), done
        out.append(json.loads(done.stdout))
    return out


def check_kills(etalon, directory, seed):
    random.seed(seed)
    old = directory / "old.db"
    sql(old, (HERE / "1_2" / "sqlite.sql").read_text(encoding="utf-8"))
    grow(old)
    expected = answers(etalon, f"sqlite:{old}")
    assert expected[1]["status"] == "Found" and expected[1]["begin"].endswith("0.00012345Z"), expected[1]
    # How long a whole one takes, so that the kills hit every part of it.
    whole = directory / "whole.db"
    shutil.copy(old, whole)
    began = time.monotonic()
    done = run(etalon, f"sqlite:{whole}", "init", "--upgrade")
    took = time.monotonic() - began
    assert done.returncode == 0 and major(whole) == 2, done
    assert answers(etalon, f"sqlite:{whole}") == expected
    sound = run(etalon, f"sqlite:{whole}", "verify", "--deep")
    assert sound.returncode == 0, sound
    killed = 0
    for attempt in range(12):
        file = directory / f"killed_{attempt}.db"
        shutil.copy(old, file)
        process = subprocess.Popen([etalon, "-d", f"sqlite:{file}", "init", "--upgrade"], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=environment())
        time.sleep(took * random.random())
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
        assert answers(etalon, f"sqlite:{file}") == expected, attempt
        after = major(file)
        done = run(etalon, f"sqlite:{file}", "init", "--upgrade")
        assert done.returncode == 0 and major(file) == 2, done
        assert answers(etalon, f"sqlite:{file}") == expected, (attempt, after)
        sound = run(etalon, f"sqlite:{file}", "verify")
        assert sound.returncode == 0, sound
        for path in directory.glob(file.name + "*"):
            path.unlink()
    assert killed > 3, killed
    print(f"{killed} of 12 upgrades of {RECORDS} records killed within {took:.1f} s: nothing lost (seed {seed})")


def check_damage(etalon, directory):
    """A payload that fails its content hash is listed, and every read of it is an error."""
    file = directory / "damaged.db"
    sql(file, (HERE / "1_2" / "sqlite.sql").read_text(encoding="utf-8"))
    url = f"sqlite:{file}"
    history = json.loads(run(etalon, url, "history", "Plain", "--live", "--format", "json").stdout)
    begin = next(one["begin"] for one in history if one["rows"] and one["version"] == "default" and one["element"] == 0)
    table, column = sql(file, """SELECT s."tableName", e."columnName" FROM "structure" s JOIN "schema" e ON e."structID" = s."ID"
        JOIN "namedRef" n ON n."structID" = s."ID" WHERE n."name" = 'Plain' AND e."type" = 'float64' LIMIT 1;""").split("|")
    record = sql(file, """SELECT d."dataID" FROM "dataIndex" d JOIN "namedRef" n ON n."ID" = d."nameID" WHERE n."name" = 'Plain'
        AND d."dataID" IS NOT NULL AND d."version" = 'default' AND d."elementID" = 0 AND d."retiredSeq" IS NULL ORDER BY d."beginTime" LIMIT 1;""")
    sql(file, f'DROP TRIGGER "{table}_noUpdate"; UPDATE "{table}" SET "{column}" = 4711.5 WHERE "dataID" = {record};')
    done = run(etalon, url, "init", "--upgrade")
    assert done.returncode == 1 and "damaged" in done.stderr and f"payload {record}" in done.stderr, done
    assert major(file) == 2
    read = run(etalon, url, "get", "Plain", "--at", begin)
    assert read.returncode == 3 and "damaged before" in read.stderr, read
    found = run(etalon, url, "verify", "--deep")
    assert found.returncode == 1 and f"dataID {record}" in found.stdout, found
    print("a damaged payload is listed and never read")


def check_names(etalon, directory):
    """A user's own relation in the way of a new one of ours is renamed, and told."""
    file = directory / "names.db"
    sql(file, (HERE / "1_2" / "sqlite.sql").read_text(encoding="utf-8"))
    sql(file, """ALTER TABLE "Plain" RENAME TO "setProof"; UPDATE "structure" SET "tableName" = 'setProof' WHERE "tableName" = 'Plain';""")
    url = f"sqlite:{file}"
    before = run(etalon, url, "get", "Plain", "--at", "2005-01-01", "--format", "json")
    done = run(etalon, url, "init", "--upgrade")
    assert done.returncode == 0 and "struct_setProof" in done.stderr, done
    after = run(etalon, url, "get", "Plain", "--at", "2005-01-01", "--format", "json")
    assert json.loads(before.stdout) == json.loads(after.stdout), (before, after)
    sound = run(etalon, url, "verify", "--deep")
    assert sound.returncode == 0, sound
    print("a table in the way is renamed")


def main():
    etalon = sys.argv[1]
    seed = int(os.environ.get("ETALON_TEST_SEED", random.randrange(1_000_000)))
    with tempfile.TemporaryDirectory() as directory:
        check_kills(etalon, pathlib.Path(directory), seed)
        check_damage(etalon, pathlib.Path(directory))
        check_names(etalon, pathlib.Path(directory))


if __name__ == "__main__":
    main()
