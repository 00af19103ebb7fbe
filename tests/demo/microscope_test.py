#!/usr/bin/python3
"""examples/microscope/show runs to its end, as a person starts it, and its answers are the right ones."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT, BUILD = (pathlib.Path(path).resolve() for path in sys.argv[1:3])


def section(text, number):
    """What is printed below the title of that number."""
    found = re.search(rf"^== {number}\. .*?\n(.*?)(?=^== |\Z)", text, re.M | re.S)
    if not found:
        sys.exit(f"there is no section {number} in:\n{text}")
    return found[1]


def require(holds, what, text):
    if not holds:
        sys.exit(f"{what}:\n{text}")


def run(url):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ETALON_")}
    environment["PATH"] = f"{BUILD / 'bin'}:{environment['PATH']}"
    with tempfile.TemporaryDirectory(prefix="etalon_microscope_") as folder:
        done = subprocess.run([ROOT / "examples/microscope/show", f"{folder}/run", *url], env=environment, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False)
    require(done.returncode == 0, f"status {done.returncode}", done.stdout)
    check(done.stdout)


def check(text):
    images = section(text, 4).split("By example")[0]
    taken = re.findall(r"^ +(image\d) taken by (\w+)$", images, re.M)
    require(taken == [("image3", "Alice"), ("image2", "Alice"), ("image1", "Bob")],
            "images are not newest first, or others took them", images)
    example, defined = section(text, 4).split("By example")[1].split("And kept")
    require(re.findall(r"\bimage[123]\b", example) == ["image3"], "the example finds others", example)
    require(re.findall(r"\bimage[123]\b", defined) == ["image3", "image2"], "the named query finds others", defined)
    sizes = section(text, 6)
    first, last = sizes.split("image3 was taken")
    require("0.2994" in first and "0.3001" not in first, "another pixel size on day 3", first)
    require("0.3001" in last and "0.2994" not in last, "another pixel size on day 5", last)
    require("pixels of image 1" in section(text, 7), "other pixels", section(text, 7))
    require("3 files" in section(text, 7), "other files", section(text, 7))


run([])
server = os.environ.get("ETALON_TEST_POSTGRES")
if server:
    schema = f"microscope_{os.getpid()}"
    try:
        run([f"{server}#{schema}"])
    finally:
        subprocess.run(["psql", "--no-psqlrc", "-qAt", "-c", f'DROP SCHEMA IF EXISTS "{schema}" CASCADE', server],
                       capture_output=True, check=False)
