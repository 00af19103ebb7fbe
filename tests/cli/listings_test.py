#!/usr/bin/python3
"""Runs the ```sh listings of documents, each document from top to bottom in an empty folder, stopping at any failure."""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile


def run_document(path, etalon):
    listings = re.findall(r"^```sh\n(.*?)^```$", path.read_text(encoding="utf-8"), re.M | re.S)
    if not listings:
        print(f"{path}: no listings")
        return False
    folder = tempfile.mkdtemp(prefix="etalon_listings_")
    environment = {k: v for k, v in os.environ.items() if k != "ETALON_DB"}
    environment["PATH"] = f"{pathlib.Path(etalon).parent}:{environment['PATH']}"
    try:
        done = subprocess.run(["bash", "-euo", "pipefail", "-x", "-c", "".join(listings)], cwd=folder, env=environment,
                              capture_output=True, text=True, timeout=300, check=False)
    finally:
        shutil.rmtree(folder)
    if done.returncode != 0:
        print(f"{path}: a listing failed with status {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.returncode == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--etalon", required=True)
    parser.add_argument("documents", nargs="+", type=pathlib.Path)
    args = parser.parse_args()
    sys.exit(0 if all([run_document(path, args.etalon) for path in args.documents]) else 1)


if __name__ == "__main__":
    main()
