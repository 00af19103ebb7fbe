"""Runs scripts/demo from another directory without input, and looks for what it must have shown."""

import os
import pathlib
import re
import subprocess
import sys

# What a reader of the demo sees of the data, worked out from examples/star/manifest.csv by hand.
EXPECTED = [
    r"== 1\. 35 databases",
    r"TpcResponseSimulator: new schema, schema version 10\b",  # twelve layouts, two of which came back
    r"TpcResponseSimulator: known, schema version 5; the current one is 6",
    r"Calibrations_tpc: 110 records",
    r"Gap, valid \[-inf, 1995-01-01T00:00:00Z\)",
    r"Found: 1 row, valid \[2018-05-31T07:14:05Z, 2018-05-31T07:14:09Z\)",  # intervals of seconds
    r"shown in schema 1\)",
    r'0,1,0,0,0,1,0,0,0,1,0,0,0,0,0,0,0,0,0,"Ideal Tpc"',
    r"TpcResponseSimulator +Found +1 +2018-12-20T00:00:00Z +2019-11-20T00:00:00Z +I0=13\.1, ",
    r"hssOnFst +Gap +0 +-inf +2021-11-10T00:00:01Z",
    r"PixelHitError +Found +1 +2012-12-15T00:00:00Z +2119-01-01T00:00:04Z",  # beyond 2106
    r"common interval: \[2019-06-09T13:20:47Z, 2019-11-20T00:00:00Z\)",
    r"512 time bins, 9\.43437 MHz",
    r"== What to try next",
]


def main():
    root, build = map(pathlib.Path, sys.argv[1:3])
    environment = {**os.environ, "ETALON_BUILD_DIR": str(build), "ETALON_DB": "sqlite:/nonexistent/must-not-matter.db"}
    done = subprocess.run([root / "scripts" / "demo"], cwd="/", env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    missing = [pattern for pattern in EXPECTED if not re.search(pattern, done.stdout)]
    databases = list((build / "demo").glob("*.db"))
    if done.returncode != 0 or missing or len(databases) != 36:
        print(done.stdout)
        print(f"status {done.returncode}, {len(databases)} databases (35 and the one of the configuration); not shown: {missing}")
        sys.exit(1)
    print(re.search(r"Done in \d+ s", done.stdout)[0])


main()
