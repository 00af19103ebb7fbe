"""Every rule of check_floors.py catches a file that breaks it, and leaves alone one that does not."""

import pathlib
import tempfile
import unittest

import check_floors


class Floors(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="etalon_floors_")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for header in ("include/etalon/time.h", "base/bytes.h", "conversion/plan.h", "backends/port.h", "store/catalog.h",
                       "index/winner.h", "place/place.h", "cli/invocation.h"):
            self.write(header, "#pragma once\n")

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def findings(self, path, text):
        self.write(path, text)
        return check_floors.check(self.root)

    def assert_refused(self, path, text, reason):
        found = self.findings(path, text)
        self.assertEqual(len(found), 1, found)
        self.assertIn(reason, found[0])
        self.assertTrue(found[0].startswith(path.split("/")[0]), found)

    def test_a_sound_tree_has_no_findings(self):
        self.assertEqual(check_floors.check(self.root), [])
        self.assertEqual(self.findings("store/a.cpp", '#include "store/catalog.h"\n#include "conversion/plan.h"\n'
                                       '#include "base/bytes.h"\n#include "etalon/time.h"\n#include <vector>\n'
                                       '#include <zstd.h>\n#include <fmt/format.h>\n'
                                       '// #include "index/winner.h"\n/* \n#include "cli/invocation.h"\n*/\n'), [])
        self.assertEqual(self.findings("backends/sqlite/a.h", "#include <sqlite3.h>\n"), [])
        self.assertEqual(self.findings("database/a.cpp", '#include "index/winner.h"\n#include "store/catalog.h"\n'), [])

    def test_a_sibling_is_refused(self):
        self.assert_refused("store/a.cpp", '#include "index/winner.h"\n', "siblings")

    def test_a_sibling_in_angle_brackets_is_refused(self):
        self.assert_refused("store/a.cpp", "#include <index/winner.h>\n", "siblings")

    def test_upwards_is_refused_and_the_line_is_named(self):
        self.assert_refused("schema/a.cpp", '\n/* two\nlines */\n#  include "place/place.h"\n', "a.cpp:4: schema is below")

    def test_the_facade_is_for_the_floors_above_it(self):
        self.write("include/etalon/database.h", "#pragma once\n")
        self.assertEqual(self.findings("layers/a.cpp", '#include "etalon/database.h"\n'), [])
        self.assert_refused("place/a.cpp", '#include "etalon/database.h"\n', "below the facade")

    def test_beside_is_one_way(self):
        self.write("evolution/law.h", "#pragma once\n")
        self.assertEqual(self.findings("conversion/a.cpp", '#include "evolution/law.h"\n'), [])
        self.assert_refused("evolution/a.cpp", '#include "conversion/plan.h"\n', "siblings")

    def test_siblings_of_the_first_floor_are_refused(self):
        self.assert_refused("schema/a.h", '#include "backends/port.h"\n', "siblings")

    def test_installed_headers_see_the_standard_library_only(self):
        self.assert_refused("include/etalon/a.h", "#include <fmt/format.h>\n", "installed header")

    def test_installed_headers_do_not_see_rooms(self):
        self.assert_refused("include/etalon/a.h", '#include "base/bytes.h"\n', "installed header")

    def test_the_engines_are_seen_by_their_adapter_only(self):
        self.assert_refused("backends/a.cpp", "#include <pqxx/connection>\n", "only by backends/postgres")

    def test_one_adapter_does_not_see_the_other_engine(self):
        self.assert_refused("backends/postgres/a.cpp", "#include <sqlite3.h>\n", "only by backends/sqlite")

    def test_a_folder_whose_name_only_begins_alike_is_not_the_adapter(self):
        self.assert_refused("backends/sqlite_tools/a.cpp", "#include <sqlite3.h>\n", "only by backends/sqlite")

    def test_an_unknown_library_is_refused(self):
        self.assert_refused("index/a.cpp", "#include <boost/any.hpp>\n", "not in the table")

    def test_a_header_that_is_not_there_is_refused(self):
        self.assert_refused("index/a.cpp", '#include "base/nothing.h"\n', "there is no")

    def test_an_include_without_its_folder_is_refused(self):
        self.assert_refused("index/a.cpp", '#include "winner.h"\n', "with its folder")

    def test_heavy_headers_stay_out_of_our_headers(self):
        self.assert_refused("schema/a.h", "#include <nlohmann/json.hpp>\n", ".cpp file")

    def test_clang_is_refused_outside_reflect(self):
        self.assert_refused("database/a.cpp", "#include <llvm/ADT/StringSet.h>\n", "only by reflect")

    def test_clang_is_seen_by_two_files_at_most(self):
        for name in ("a", "b"):
            self.assertEqual(self.findings(f"reflect/{name}.cpp", "#include <clang/AST/Attr.h>\n#include <llvm/ADT/X.h>\n"), [])
        self.assert_refused("reflect/c.cpp", "#include <clang/AST/Attr.h>\n", "seen by 3 files")

    def test_sql_stands_in_the_rooms_of_tables_only(self):
        statement = 'void f() {\n  query(Sql(R"(\nSELECT x."ID" FROM "payload" x)"));\n}\n'
        for room in ("backends", "store", "index", "config_tree"):
            self.assertEqual(self.findings(f"{room}/a.cpp", statement), [])
        for room in ("place", "layers", "database/audit", "text", "evolution", "conversion", "schema", "params", "reflect", "cli"):
            with self.subTest(room=room):
                self.assert_refused(f"{room}/a.cpp", statement, "a.cpp:3: SQL (SELECT) belongs to the room of its table")
                (self.root / room / "a.cpp").unlink()

    def test_every_kind_of_statement_and_fragment_is_found(self):
        for sql in ('INSERT INTO \\"payload\\"', 'UPDATE \\"payload\\" SET', "DELETE FROM {}", "CREATE TABLE {}", "CREATE UNIQUE INDEX i",
                    "CREATE OR REPLACE FUNCTION f", "CREATE TRIGGER t", "CREATE VIEW v", "ALTER TABLE {}", "DROP TABLE {};",
                    "DROP VIEW IF EXISTS v", " LEFT JOIN {} r", " WHERE d.x = 1", " ORDER BY 1", " GROUP BY 1", " LIMIT ?{}", "a UNION ALL b",
                    "PRAGMA page_size", "LOCK TABLE t", "GRANT a ON b", "x IS NULL", " AND EXISTS (", "FROM {} x"):
            with self.subTest(sql=sql):
                self.assert_refused("place/a.cpp", f'// a comment\nconst char* k = "{sql}";\n', "a.cpp:2: SQL")
        (self.root / "place/a.cpp").unlink()
        self.assert_refused("place/a.h", 'char c = \'"\';\nauto s = R"sql(SELECT 1)sql";\n', "a.h:2: SQL")

    def test_comments_and_plain_words_are_no_sql(self):
        self.assertEqual(self.findings("place/a.cpp", '// "SELECT 1"\n/* "DELETE FROM x" */\nchar c = \'"\';\n'
                                       'auto s = "select where it is, or update \'it\': from a file, limit 3";\n'
                                       'auto t = "--where CONDITION; ORDER; JOINED"; // " WHERE "\n'), [])

    def test_a_folder_on_no_floor_is_refused(self):
        self.assert_refused("helpers/CMakeLists.txt", "\n", "on no floor")

    def test_nobody_but_reflect_links_clang(self):
        self.assert_refused("database/CMakeLists.txt", "# clang\netalon_add_floor(database LIBS clang-cpp)\n", ":2: only reflect/")

    def test_nobody_but_cli_links_reflect(self):
        self.assert_refused("store/CMakeLists.txt", "etalon_add_floor(store LIBS etalon_reflect)\n", "only cli/")


if __name__ == "__main__":
    unittest.main()
