"""Every rule of check_sources.py catches a file that breaks it, and leaves alone one that does not."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).with_name("check_sources.py")


class Sources(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="etalon_lint_")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("base/bytes.cpp", "int a = 1;\n")

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def check(self):
        found = subprocess.run([sys.executable, "-B", str(CHECK), str(self.root)], capture_output=True, text=True, check=False)
        self.assertIn(found.returncode, (0, 1), found.stderr)
        lines = found.stdout.splitlines()
        self.assertEqual(found.returncode, 1 if lines else 0)
        return lines

    def test_a_right_tree(self):
        self.write("tests/base/bytes_test.cpp", 'TEST_CASE("bytes are bytes") {}\nTEST_CASE(\n    "in "\n    "two") {}\n')
        self.write("tests/schema/bytes_test.cpp", 'TEST_CASE("bytes are bytes") {}\n')  # another program
        self.assertEqual(self.check(), [])

    def test_long_lines(self):
        self.write("base/bytes.cpp", "x" * 150 + "\n" + "x" * 151 + "\n")
        self.write("scripts/demo", "# " + "x" * 150 + "\n")
        self.write("structs/theirs.h", "// " + "x" * 200 + "\n")
        found = self.check()
        self.assertEqual([line.split(": ")[0] for line in found], ["base/bytes.cpp:2", "scripts/demo:1"])

    def test_raw_strings_are_as_long_as_they_are(self):
        long = "x" * 200
        self.write("base/bytes.cpp", f'auto a = R"({long})";\nauto b = R"-({long}\n{long}\n)-";\nint {long};\n')
        self.assertEqual([line.split(": ")[0] for line in self.check()], ["base/bytes.cpp:5"])

    def test_two_tests_of_one_name(self):
        self.write("tests/base/bytes_test.cpp", 'TEST_CASE("bytes are bytes") {}\n')
        self.write("tests/base/digest_test.cpp", '\nTEST_CASE(\n    "bytes "\n    "are bytes") {}\n')
        found = self.check()
        self.assertEqual(len(found), 1, found)
        self.assertIn("tests/base/digest_test.cpp:2: a test of the same name stands at tests/base/bytes_test.cpp:1", found[0])

    def test_names_of_files(self):
        self.write("tests/base/bytes_test.cpp", "int nothing;\n")
        self.write("tests/base/digest.cpp", 'TEST_CASE("a digest") {}\n')
        self.write("tests/base/time_test.cpp", 'TEST_CASE("") {}\n')
        self.assertEqual([line.split(": ")[1] for line in self.check()],
                         ["a test source without a test", "tests stand in sources called *_test.cpp", "a test without a name"])


if __name__ == "__main__":
    unittest.main()
