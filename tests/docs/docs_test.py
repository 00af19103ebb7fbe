"""Runs every ```sh listing of documents, each document from top to bottom in an empty folder, stopping at the first
command that fails; and checks that links between documents lead somewhere.

A listing after a line `<!-- not run by the tests: REASON -->` is left out. `etalon` and the installed package are the built ones.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

LISTING = re.compile(r"^(?P<skip><!-- not run by the tests: [^\n]*-->\n)?```sh\n(?P<code>.*?)^```$", re.M | re.S)
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


def listings_of(text):
    return [found["code"] for found in LISTING.finditer(text) if not found["skip"]]


def find_dead_links(path, text):
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    return [link for link in LINK.findall(prose) if not (path.parent / link).exists()]


def run_listings(path, listings, etalon, prefix):
    folder = tempfile.mkdtemp(prefix="etalon_docs_")
    environment = {k: v for k, v in os.environ.items() if k != "ETALON_DB"}
    environment["PATH"] = f"{etalon.parent}:{environment['PATH']}"
    environment["CMAKE_PREFIX_PATH"] = str(prefix)
    if shutil.which("ccache"):
        environment["CMAKE_CXX_COMPILER_LAUNCHER"] = environment["CMAKE_C_COMPILER_LAUNCHER"] = "ccache"
    try:
        done = subprocess.run(["bash", "-euo", "pipefail", "-x", "-c", "".join(listings)], cwd=folder, env=environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=500, check=False)
    finally:
        shutil.rmtree(folder)
    if done.returncode != 0:
        print(f"{path}: a listing failed with status {done.returncode}; the last command is above its output\n{done.stdout}")
    else:
        print(f"{path.name}: {len(listings)} listings run")
    return done.returncode == 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--cmake", required=True)
    parser.add_argument("--etalon", required=True, type=pathlib.Path)
    parser.add_argument("documents", nargs="+", type=pathlib.Path)
    args = parser.parse_args()

    good = True
    with tempfile.TemporaryDirectory(prefix="etalon_docs_prefix_") as prefix:
        subprocess.run([args.cmake, "--install", args.build, "--prefix", prefix], check=True, stdout=subprocess.DEVNULL)
        for path in args.documents:
            text = path.read_text(encoding="utf-8")
            for link in find_dead_links(path, text):
                print(f"{path}: the link to {link} leads nowhere")
                good = False
            listings = listings_of(text)
            if path.name == "README.md" and not listings:
                print(f"{path}: no listings found")
                good = False
            if listings and not run_listings(path, listings, args.etalon, prefix):
                good = False
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
