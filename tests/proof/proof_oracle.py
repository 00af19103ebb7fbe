"""proof_oracle.py ETALON OBJECTS [--seed N] [--steps N] [--folder FOLDER]: an independent oracle of what Etalon stores.

Written from docs/storage_format.md and docs/validity.md alone: builds databases with the command line, computes all checksums, hashes, stretches
and the chain of commits again from the stored cells, compares with what is stored and with what `etalon get` answers, and damages cells to
see whether Etalon notices. On PostgreSQL, too, when ETALON_TEST_POSTGRES names a server.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

import checks
import damages
import history
import places
import timelines

START = time.monotonic()


def note(text):
    print(f"{time.monotonic() - START:6.1f} s  {text}", flush=True)


def check_answers(place, check, chance, count):
    """`etalon get` at random positions, as of random commits, against the brute-force model."""
    findings = []
    by_name = {row["name"]: row["ID"] for row in check.tables["namedRef"]}
    chains = ["default", "sim", "sim,default", "default,sim", "sim+default", "nothing,sim+default", "other+sim,default"]
    for _ in range(count):
        name = chance.choice(["walk", "flip"])
        chain, element, seq = chance.choice(chains), chance.choice([0, 0, 1]), chance.randint(1, len(check.commits))
        if chance.random() < 0.4:
            seq = len(check.commits)
        at = chance.choice([timelines.LOW, -11, -10, 0, 4, 5, 9, 10, 25, 30, 31, 45, 50, 55, 66, 70, 75, 80, 1 << 40, 1 << 60, timelines.HIGH])
        ranks = {version: rank for rank, members in enumerate(chain.split(",")) for version in members.split("+")}
        records = [r for r in check.records if r["nameID"] == by_name[name] and r["elementID"] == element and r["version"] in ranks
                   and timelines.known(r, seq)]
        begin, following, record = next(tile for tile in reversed(timelines.tiles(records, ranks, check.policy_at(by_name[name])[0](seq)))
                                        if tile[0] <= at)
        question = ["get", name, f"--at={history.instant(at)}", "--version", chain, "--element", element, "--as-of", seq, "--format", "json"]
        done = place.run(*question)
        if done.returncode not in (0, 1):
            findings.append(f"{question}: status {done.returncode}: {done.stderr}")
            continue
        answer = json.loads(done.stdout)
        found = (answer["status"], history.nanoseconds(answer["begin"]), history.nanoseconds(answer["end"]), answer["uid"])
        status = "Gap" if record is None else "Hole" if record["dataID"] is None else "Found"
        expected = (status, begin, following, record["uid"].hex() if record else None)
        if found != expected:
            findings.append(f"{' '.join(map(str, question))}: expected {expected}, found {found}")
    return findings


def prove(place, folder, seed, steps, objects):
    chance = random.Random(seed)
    folder = folder / place.engine
    shutil.rmtree(folder, True)
    history.build(place, folder, chance, steps, lambda text: note(f"{place.engine}: {text}"))
    put = subprocess.run([objects, place.url, str(seed)], capture_output=True, text=True, check=False)
    if put.returncode != 0:
        place.failures.append(f"{objects}: status {put.returncode}: {put.stdout}{put.stderr}")
    check = checks.Checks(place)
    findings = check.run()
    note(f"{place.engine}: compared " + ", ".join(f"{count} {what}" for what, count in sorted(check.counts.items())))
    answers = check_answers(place, check, chance, 40)
    note(f"{place.engine}: asked 40 questions")
    verified = place.run("verify", "--deep")
    if verified.returncode != 0:
        answers.append(f"verify --deep of a sound database: status {verified.returncode}\n{verified.stdout}{verified.stderr}")
    return place.failures + findings + answers


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("etalon")
    parser.add_argument("objects", help="the program that puts objects: etalon_put_objects")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--folder", type=pathlib.Path, help="where the files go; they stay there")
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    number = os.getpid()
    findings = []
    with tempfile.TemporaryDirectory(prefix="etalon_proof_") as temporary:
        folder = arguments.folder or pathlib.Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        engines = [places.SqlitePlace(arguments.etalon, folder / f"Proof_{number}.db")]
        server = os.environ.get("ETALON_TEST_POSTGRES")
        if server:
            engines.append(places.PostgresPlace(arguments.etalon, server, f"Proof_{number}"))
        else:
            print("not on PostgreSQL: ETALON_TEST_POSTGRES is not set")
        for place in engines:
            place.table_path = f"Proof/{number}"
            try:
                findings += [f"{place.engine}: {finding}" for finding in prove(place, folder, arguments.seed, arguments.steps, arguments.objects)]
                if isinstance(place, places.SqlitePlace):
                    findings += [f"damage: {missed}" for missed in damages.try_all(place, folder, note)]
            finally:
                if isinstance(place, places.PostgresPlace):
                    place.drop()
    for finding in findings:
        print(f"MISMATCH {finding}")
    note(f"{len(findings)} mismatches, seed {arguments.seed}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
