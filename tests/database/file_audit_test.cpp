// Files outside that rows of objects and interval records name: which they are, and whether they are there.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "database/support.h"
#include "etalon/files.h"
#include "etalon/verify.h"
#include "support/objects.h"

namespace etalon::test {
namespace {

namespace fs = std::filesystem;

/// Files as members of their own, in an array, and (`wide`) in rows that are stored as bytes.
DefinitionPtr frames_layout(bool wide) {
    std::vector<Element> elements{element("pixels", ScalarType::File), element("frames", ScalarType::File, {3}),
                                  element("x", ScalarType::Float64)};
    if (wide) elements.push_back(element("pads", ScalarType::Float64, {2000}));
    return std::make_shared<const StructDefinition>(natural(std::move(elements), wide ? "Wide" : "Frames"));
}

struct Kept {
    TempDirectory folder;
    FileStore store{{folder.path().string()}};

    File put(std::string_view text) const { return store.put(as_bytes(text)); }
    [[nodiscard]] std::string path(const File& file) const { return store.find(file).value(); }
};

std::vector<std::string> told(const std::vector<FileReference>& references) {
    std::vector<std::string> lines;
    for (const auto& one : references)
        lines.push_back(one.use.object + " " + one.use.member + " " + format_file(one.file));
    std::ranges::sort(lines);
    return lines;
}

TEST_CASE("the files of objects and of records are listed with who names them, each once") {
    const EachEngine engine;
    if (!engine) return;
    const Kept kept;
    const auto a = kept.put("a");
    const auto b = kept.put("b");
    auto db = Database::open(engine.url(), {.create = true, .files = kept.store.roots()});
    register_layouts(db, {frames_layout(false), frames_layout(true), group_layout()});
    CHECK(db.file_references().empty());
    const auto narrow =
        ObjectBuilder(frames_layout(false)).value("pixels", a).value("frames", std::array{File{}, b, a}).build();
    const auto wide = ObjectBuilder(frames_layout(true)).value("pixels", b).value("x", 1.5).build();
    (void)db.put_objects(std::vector{narrow, wide, group("AMI")});
    // The same file twice in a record of two rows, which is retired afterwards.
    const auto of_record = ObjectBuilder(frames_layout(false)).value("frames", std::array{a, File{}, File{}}).build();
    auto rows = std::make_shared<std::vector<std::byte>>(2 * of_record.layout->size);
    for (std::size_t i = 0; i < 2; ++i)
        std::memcpy(rows->data() + i * of_record.layout->size, of_record.row.get(), of_record.layout->size);
    PutRecord record;
    record.name = "Frames";
    record.begin = 10;
    record.layout = of_record.layout;
    record.rows = {rows, rows->data()};
    record.num_rows = 2;
    (void)db.commit({&record, 1});
    db.advance();
    (void)db.retire("Frames", {}, {"", "", "", "not meant"}, true);
    const auto references = db.file_references();
    const auto object = format_id(id_of(narrow));
    auto lines = told(references);
    REQUIRE(lines.size() == 5);
    const auto of_payload = std::ranges::find_if(lines, [](const auto& line) { return line.starts_with("dataID "); });
    REQUIRE(of_payload != lines.end());
    CHECK(of_payload->ends_with(" of Frames frames[0] " + format_file(a)));
    lines.erase(of_payload);
    std::vector<std::string> expected{object + " pixels " + format_file(a), object + " frames[1] " + format_file(b),
                                      object + " frames[2] " + format_file(a),
                                      format_id(id_of(wide)) + " pixels " + format_file(b)};
    std::ranges::sort(expected);
    CHECK(lines == expected);
}

TEST_CASE("verify tells which files are missing or damaged, and what lies in the folders besides") {
    const EachEngine engine;
    if (!engine) return;
    const Kept kept;
    const auto good = kept.put("good");
    const auto gone = kept.put("gone");
    const auto bad = kept.put("bad");
    auto db = Database::open(engine.url(), {.create = true, .files = kept.store.roots()});
    register_layouts(db, {frames_layout(false)});
    const auto put = ObjectBuilder(frames_layout(false))
                         .value("pixels", good)
                         .value("frames", std::array{gone, bad, File{}})
                         .build();
    (void)db.put_objects({&put, 1});
    db.advance();
    auto report = db.verify({});
    CHECK(report.findings.empty());
    CHECK(report.notes.empty());

    fs::remove(kept.path(gone));
    report = db.verify({});
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].table == "files");
    CHECK(report.findings[0].key.find(format_id(id_of(put))) != std::string::npos);
    CHECK(report.findings[0].key.find("frames[0]") != std::string::npos);
    CHECK(report.findings[0].expected == format_file(gone));

    // Of the same size: only reading tells.
    const auto path = kept.path(bad);
    fs::permissions(path, fs::perms::owner_write, fs::perm_options::add);
    std::ofstream(path) << "BAD";
    CHECK(db.verify({}).findings.size() == 1);
    report = db.verify({.deep = true});
    CHECK(std::ranges::count_if(report.findings, [&](const auto& one) { return one.key == path; }) == 1);
    CHECK(std::ranges::count_if(report.findings, [&](const auto& one) {
              return one.key.find("frames[1]") != std::string::npos && one.found.find(path) != std::string::npos;
          }) == 1);

    (void)kept.put("nobody's");
    CHECK(db.verify({}).findings.size() == 1);
    REQUIRE(db.verify({}).notes.size() == 1);
    CHECK(db.verify({}).notes[0].starts_with("1 file in the folders"));

    // Without a folder it is said that nothing was looked for.
    auto without = Database::open(engine.url());
    CHECK(without.verify({}).findings.empty());
    REQUIRE(without.verify({}).notes.size() == 1);
    CHECK(without.verify({}).notes[0].starts_with("3 files outside"));
}

}  // namespace
}  // namespace etalon::test
