"""Installs the build into a fresh prefix and uses it from a separate project: registers at build time, and reads with
programs that were compiled with an older and with a newer header than the data."""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import unittest

ARGS = None

OLD_ROWS = 'gain[0],gain[1],gain[2],channel,status,label\n1.5,2.5,3.5,7,-2,"left"\n'
NEW_ROWS = ("pedestal,gain[0],gain[1],gain[2],gain[3],gain[4],channel,label\n"
            '2.25,10,20,30,40,50,70,"right"\n')
BIG_ROWS = ("pedestal,gain[0],gain[1],gain[2],gain[3],gain[4],channel,label\n"
            '2.25,10,20,30,40,50,5000000000,"right"\n')
OLD_TIME, NEW_TIME, BIG_TIME = "2024-02-01", "2025-02-01", "2026-02-01"


def run(*command, expect=0, **options):
    environment = {k: v for k, v in os.environ.items() if k not in ("ETALON_DB", "DESTDIR", "CXXFLAGS", "MAKEFLAGS")}
    done = subprocess.run([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, env=environment, check=False, **options)
    if done.returncode != expect and not (expect == "failure" and done.returncode != 0):
        raise AssertionError(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stdout}")
    return done.stdout


class Package(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.work = pathlib.Path(ARGS.work)
        shutil.rmtree(cls.work, ignore_errors=True)
        cls.work.mkdir(parents=True)
        cls.prefix = cls.work / "prefix"
        cls.database = cls.work / "calib.db"
        cls.url = f"sqlite:{cls.database}"
        run(ARGS.cmake, "--install", ARGS.build, "--prefix", cls.prefix)
        cls.etalon = cls.prefix / "bin" / "etalon"
        cls.consumer = cls.work / "consumer"
        shutil.copytree(pathlib.Path(__file__).parent / "consumer", cls.consumer)

    def configure(self, name, generator="Ninja", **settings):
        build = self.work / f"build_{name}"
        compiler = [f"-DCMAKE_{x}_COMPILER_LAUNCHER=ccache" for x in ("C", "CXX") if shutil.which("ccache")]
        run(ARGS.cmake, "-S", self.consumer, "-B", build, "-G", generator, f"-DCMAKE_PREFIX_PATH={self.prefix}",
            f"-DMY_DB={self.url}", *compiler, *(f"-D{k}={v}" for k, v in settings.items()))
        return build

    def build(self, build, *targets, **options):
        return run(ARGS.cmake, "--build", build, *(f"--target={t}" for t in targets), **options)

    def put(self, time, rows):
        path = self.work / "rows.csv"
        path.write_text(rows, encoding="utf-8")
        run(self.etalon, "-d", self.url, "put", "gains", "--begin", time, path)

    def test_1_what_is_installed_is_whole_and_relocatable(self):
        for file in ("include/etalon/etalon.h", "bin/etalon"):
            self.assertTrue((self.prefix / file).exists(), file)
        package, = self.prefix.glob("lib*/**/cmake/etalon")
        texts = {path.name: path.read_text(encoding="utf-8") for path in package.iterdir()}
        self.assertIn("etalonConfig.cmake", texts)
        source = str(pathlib.Path(__file__).resolve().parents[2])
        for name, text in texts.items():
            self.assertNotIn(str(ARGS.build), text, name)
            self.assertNotIn(f"{source}/", text.replace(str(self.prefix), ""), name)
            if name.startswith("etalonTargets"):
                self.assertNotIn("clang", text.lower(), f"{name}: the runtime library must not need Clang")
        # No module's own header is installed.
        self.assertEqual({p.name for p in (self.prefix / "include").iterdir()}, {"etalon"})

    def test_2_old_and_new_programs_read_old_and_new_data(self):
        old = self.configure("old", GENERATION="old")
        self.build(old)
        self.assertFalse(self.database.exists(), "building alone must not touch the database")
        first = self.build(old, "my_reco_register")
        self.assertIn("gains: new struct, schema version 1", first)
        self.assertIn("pedestals: new struct, schema version 1", first)
        self.assertIn("nothing to record", self.build(old, "my_reco_register"))
        self.put("2024-01-01", OLD_ROWS)

        new = self.configure("new", generator="Unix Makefiles", GENERATION="new")
        self.build(new)
        self.assertIn("gains: new schema, schema version 2", self.build(new, "my_reco_register"))
        self.assertIn("nothing to record", self.build(old, "my_reco_register"))  # an old branch moves nobody
        history = json.loads((self.consumer / "history" / "gains.json").read_text(encoding="utf-8"))
        self.assertEqual([layout["schema"] for layout in history["layouts"]], [1, 2])
        self.put("2025-01-01", NEW_ROWS)
        self.put("2026-01-01", BIG_ROWS)

        libraries = run("ldd", old / "my_reco")
        self.assertNotIn("clang", libraries.lower())
        self.assertNotIn("LLVM", libraries)

        read = run(old / "my_reco", self.url, "2020-01-01", OLD_TIME, NEW_TIME).splitlines()
        self.assertEqual(read, [
            "status=Gap",
            "status=Found gains=3 gain0=1.5 last=3.5 channel=7 label=left status=-2",
            "status=Found absent=status truncated=gain[3:] gains=3 gain0=10 last=30 channel=70 label=right status=0",
        ])
        read = run(new / "my_reco", self.url, OLD_TIME, NEW_TIME).splitlines()
        self.assertEqual(read, [
            "status=Found absent=pedestal absent=gain[3:] gains=5 gain0=1.5 last=0 channel=7 label=left pedestal=0.5",
            "status=Found gains=5 gain0=10 last=50 channel=70 label=right pedestal=2.25",
        ])
        refused = run(old / "my_reco", self.url, BIG_TIME, expect=3)
        self.assertIn("channel", refused)
        self.assertIn("5000000000", refused)

        # A header that a HEADER includes is a dependency too.
        self.assertNotIn("Reading the structs", self.build(old))
        inner = self.consumer / "common" / "channel.h"
        inner.write_text(inner.read_text(encoding="utf-8").replace("int", "unsigned char"), encoding="utf-8")
        again = self.build(old)
        self.assertIn("Reading the structs of gains", again)
        self.assertNotIn("Reading the structs of pedestals", again)
        inner.write_text(inner.read_text(encoding="utf-8").replace("unsigned char", "int"), encoding="utf-8")

    def test_3_a_compiler_that_disagrees_does_not_compile(self):
        smuggled = self.configure("smuggled", GENERATION="old", SMUGGLE="ON")
        complaint = self.build(smuggled, expect="failure")
        self.assertIn("static assertion failed", complaint)
        self.assertIn("pedestals::value has not the registered offset", complaint)
        # Of the whole target, Etalon is told: then both agree.
        told = self.configure("told", GENERATION="old", CMAKE_CXX_FLAGS="-fshort-enums")
        self.build(told, "my_reco_structs")

    def test_4_refusals_reach_the_person_who_builds(self):
        self.assertIn("unknown argument", self.misuse("etalon_add_structs(other TYPO HEADERS old/gains.h)"))
        self.assertIn("no HEADERS", self.misuse("etalon_add_structs(other DATABASE x)"))
        self.assertIn("two headers are called gains", self.misuse("etalon_add_structs(other HEADERS old/gains.h new/gains.h)"))

    def test_5_the_build_tree_is_a_package_too_and_half_of_one_is_told(self):
        tree = self.configure("tree", GENERATION="old", etalon_DIR=ARGS.build, CMAKE_PREFIX_PATH="")
        self.build(tree, "my_reco")
        cache = (tree / "CMakeCache.txt").read_text(encoding="utf-8")
        self.assertIn(f"etalon_DIR:UNINITIALIZED={ARGS.build}", cache.replace(":PATH=", ":UNINITIALIZED="))
        half = self.work / "half"
        half.mkdir()
        shutil.copy(pathlib.Path(ARGS.build) / "etalonConfig.cmake", half)
        said = run(ARGS.cmake, "-S", self.consumer, "-B", self.work / "build_half", "-G", "Ninja", f"-Detalon_DIR={half}",
                   "-DGENERATION=old", expect="failure")
        self.assertIn("half of a package", " ".join(said.split()))
        self.assertIn("EtalonDependencies.cmake", said)

    def misuse(self, call):
        project = self.work / "misuse"
        shutil.rmtree(project, ignore_errors=True)
        shutil.copytree(self.consumer, project)
        (project / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.16)\nproject(misuse C CXX)\nfind_package(etalon REQUIRED)\n" + call + "\n",
            encoding="utf-8")
        return " ".join(run(ARGS.cmake, "-S", project, "-B", project / "build", "-G", "Ninja",
                            f"-DCMAKE_PREFIX_PATH={self.prefix}", expect="failure").split())


def main():
    global ARGS
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--cmake", required=True)
    parser.add_argument("--work", required=True)
    ARGS, rest = parser.parse_known_args()
    unittest.main(argv=["package_test.py", "--verbose", *rest])


if __name__ == "__main__":
    main()
