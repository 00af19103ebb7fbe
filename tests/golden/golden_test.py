"""golden_test.py ETALON: a database of an earlier format is refused until it is brought up to date, and then answers as it did.

format_X_Y.sql is the dump of an SQLite file that a program of that format wrote, format_X_Y.json what the same program answered to
questions of `get`. Neither is ever changed.
"""

import json
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


def check(dump, etalon):
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
        for question in questions:
            done = run("get", "Gain", "--at=" + question["at"], "--as-of", str(question["commit"]), "--version", question["chain"],
                       "--element", question["element"], "--format", "json")
            assert done.returncode in (0, 1), done
            answer = json.loads(done.stdout)
            expected = question["answer"]
            found = part_of(answer, expected)
            assert found == expected, f"{question}\nfound {found}"
        # It goes on from there.
        put = run("put", "Gain", "--begin", "2030-01-01", "--hole")
        assert put.returncode == 0 and "commit 8" in put.stdout, put
        later = run("get", "Gain", "--at", "2031-01-01")
        assert later.returncode == 1 and "Hole" in later.stdout, later
        print(f"{dump.name}: {len(questions)} answers are the same")


def main():
    dumps = sorted(HERE.glob("format_*.sql"))
    assert dumps
    for dump in dumps:
        check(dump, sys.argv[1])


if __name__ == "__main__":
    main()
