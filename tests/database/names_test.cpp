// Which names may be made, on both engines and by every way in; names of before stay what they are.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>

#include <filesystem>
#include <string>
#include <vector>

#include "base/name_text.h"
#include "database/support.h"
#include "etalon/verify.h"
#include "layers/stack.h"
#include "place/writer.h"

using namespace etalon;
using namespace etalon::test;

namespace {

const CommitInfo kWho{"tester", "", "", "a test"};

/// Names that none may have, with what the error says of each.
const std::vector<std::pair<std::string, std::string>> kBad = {
    {"ga\u200bin", "U+200B at byte 2"},   {"ga\u202ein", "U+202E at byte 2"}, {"ga\u0085in", "U+0085 at byte 2"},
    {"gai\u00adn", "U+00AD at byte 3"},   {"\ufeffgain", "U+FEFF at byte 0"}, {"gai\u3000n", "U+3000 at byte 3"},
    {"gain\u0301", "write 'gai\u0144'"},  {"gain\xff", "0xff at byte 4"},     {std::string(256, 'x'), "256 bytes"},
    {"e\U000e0041", "U+E0041 at byte 1"},
};

NameSpec reference(const std::string& name) {
    NameSpec spec;
    spec.name = name;
    spec.struct_name = "Plain";
    return spec;
}

/// The definition of Plain under another name, or with another name of its element.
StructDefinition plain_as(const std::string& name, const std::string& element = "value") {
    auto definition = etalon::test::definition_of<Plain>();
    definition.name = name;
    definition.elements.front().path = element;
    return definition;
}

NodeSpec node(const std::string& path, NodeType type = NodeType::Directory) {
    NodeSpec spec;
    spec.path = path;
    spec.type = type;
    return spec;
}

/// Commits what the checks of names would refuse, as a program of before did.
void write_as_before(const std::string& url, const std::vector<PutRecord>& records,
                     const std::vector<NameSpec>& names) {
    const auto stack = layers::LayerStack::open({url}, {});
    place::WriteContext context(kWho);
    context.taken_over = true;
    (void)place::write_commit(stack->target(), records, names, context);
}

}  // namespace

TEST_CASE("a name that none may have is refused by every way in, and nothing is written") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    const auto before = db.log(1).front().commit;
    for (const auto& [name, said] : kBad) {
        CAPTURE(said);
        const auto refused = [&, &said = said](auto&& work) {
            const auto error = error_of(work);
            CAPTURE(error.what());
            CHECK(error.code() == ErrorCode::BadInput);
            CHECK(std::string(error.what()).find(said) != std::string::npos);
        };
        const auto spec = reference(name);
        refused([&] { (void)db.define_name(spec, kWho); });
        refused([&] { (void)db.commit(std::vector{value(1, 0, {}, "default", 0, name)}, kWho, {&spec, 1}); });
        refused([&] { (void)db.preview({}, {&spec, 1}); });
        refused([&] { (void)db.commit(std::vector{value(1, 0, {}, name)}, kWho); });
        refused([&] { (void)db.preview(std::vector{value(1, 0, {}, name)}); });
        refused([&] { (void)db.add_nodes(std::vector{node("Root/" + name)}, kWho); });
        refused([&] { (void)db.add_nodes(std::vector{node(name + "/dir")}, kWho); });
        auto keyed = node("Root/dir");
        keyed.key = name;
        refused([&] { (void)db.add_nodes(std::vector{keyed}, kWho); });
        auto other = node("Root/other", NodeType::Database);
        other.db_name = name;
        refused([&] { (void)db.add_nodes(std::vector{other}, kWho); });
        ParameterPut put;
        put.software = "reco";
        put.interval = {Axis::Time, 0, std::nullopt};
        put.version = name;
        put.values = ParameterSet{{"a", true}};
        refused([&] { (void)db.put_parameters(put, kWho); });
        refused([&] { (void)db.add_runs(std::vector{RunSpan{{1}, {0}, Time{9}}}, "default", kWho, name); });
        if (name.find('\xff') == std::string::npos && name.size() < 256) {
            put.version = "default";
            put.values = ParameterSet{{name, true}};
            refused([&] { (void)db.put_parameters(put, kWho); });
            const auto of_struct = plain_as(name);
            refused([&] { (void)db.register_structs({&of_struct, 1}); });
            const auto of_element = plain_as("Other", name);
            refused([&] { (void)db.register_structs({&of_element, 1}); });
            CHECK_THROWS_AS((void)db.set_snapshot(name, {}, kWho), Error);
        }
    }
    CHECK(db.log(1).front().commit == before);
    CHECK_THROWS_AS((void)db.set_snapshot(std::string(256, 's'), {}, kWho), Error);
    CHECK_THROWS_AS((void)db.commit(std::vector{value(1, 0)}, {"a", "", "", "why\xff"}), Error);
    CHECK(db.log(1).front().commit == before);
}

TEST_CASE("names of 255 bytes and of all scripts are kept, compared and sorted byte by byte on both engines") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    std::vector<std::string> names = {
        std::string(255, 'z'), "B", "a", "Z", "é", "Größe", "модуль", "増幅率", "a_", "aé", "\U0001F600x"};
    for (const auto& name : names) {
        (void)db.define_name(reference(name), kWho);
        (void)db.commit(std::vector{value(1, 0, {}, name, 0, name)}, kWho);
    }
    db.advance();
    names.emplace_back("Plain");
    std::sort(names.begin(), names.end());
    std::vector<std::string> found;
    for (const auto& info : db.names()) found.push_back(info.name);
    CHECK(found == names);
    FetchOptions options;
    options.version = "модуль";
    CHECK(db.fetch<Plain>("модуль", Time{5}, options).status() == Status::Found);
}

TEST_CASE("random names are taken alike by both engines and by the rule") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    std::size_t taken = 0;
    const auto character = rc::gen::weightedElement<std::string>({{9, "a"},
                                                                  {9, "Z"},
                                                                  {9, "e"},
                                                                  {5, "\u0301"},
                                                                  {5, "é"},
                                                                  {2, "\u200b"},
                                                                  {2, "\u202e"},
                                                                  {2, "\x7f"},
                                                                  {2, "\u0085"},
                                                                  {1, "\xff"},
                                                                  {3, "增"},
                                                                  {3, "가"},
                                                                  {2, "\u1100"},
                                                                  {2, "\u1161"},
                                                                  {1, "\ufe0f"},
                                                                  {3, "😀"},
                                                                  {2, "."}});
    rc::check([&] {
        std::string name;
        for (const auto& one : *rc::gen::resize(8, rc::gen::container<std::vector<std::string>>(character)))
            name += one;
        const bool good = !find_name_fault(name, "thing");
        try {
            (void)db.define_name(reference(name), kWho);
            RC_ASSERT(good || name.find('\x7f') != std::string::npos);
            ++taken;
            RC_ASSERT(db.find_name(name).has_value());
        } catch (const Error& error) {
            RC_ASSERT(!good);
            RC_ASSERT(error.code() == ErrorCode::BadInput);
        }
    });
    CHECK(taken > 5);
}

TEST_CASE("names of before are read, written to and retired, and pass verify") {
    const EachEngine engine;
    if (!engine) return;
    (void)create_with<Plain>(engine.url());
    const std::string odd = "ga\u200bin\u0301";  // invisible, and not NFC
    const std::string version = "v\u202e1";
    write_as_before(engine.url(), {value(7, 0, {}, version, 0, odd)}, {reference(odd)});
    auto db = Database::open(engine.url());
    FetchOptions options;
    options.version = version;
    CHECK(db.fetch<Plain>(odd, Time{5}, options)[0].value == 7);
    CHECK(db.history(odd).size() == 1);
    CHECK_NOTHROW(commit(db, {value(8, 10, {}, version, 0, odd)}));
    CHECK_NOTHROW(commit(db, {value(9, 20, {}, "default", 0, odd)}));
    NameSpec policy;
    policy.name = odd;
    policy.policy = OrderPolicy::ByCreation;
    CHECK_NOTHROW((void)db.define_name(policy, kWho));
    auto in_tree = node("Root/leaf", NodeType::Table);
    in_tree.ref_name = odd;
    CHECK_NOTHROW((void)db.add_nodes(std::vector{in_tree}, kWho));
    db.advance();
    CHECK(db.fetch<Plain>(odd, Time{15}, options)[0].value == 8);
    HistoryOptions which;
    which.versions = {version};
    CHECK(db.retire(odd, which, kWho, true).records.size() == 2);
    CHECK(db.verify({}).findings.empty());
    // A version that the name never had is new.
    CHECK_THROWS_AS(commit(db, {value(9, 20, {}, "w\u202e1", 0, odd)}), Error);
}

TEST_CASE("a name in another form than NFC is told from the one that is recorded") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    (void)db.define_name(reference("Größe"), kWho);
    db.advance();
    const auto error = error_of([&] { (void)db.fetch<Plain>("Gro\u0308ße", Time{0}); });
    CHECK(error.code() == ErrorCode::Unknown);
    CHECK(std::string(error.what()).find("did you mean 'Größe'? (the name that is recorded is in Unicode's form NFC") !=
          std::string::npos);
}

TEST_CASE("a password is in no commit, node or snapshot") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Plain>(engine.url());
    const std::string url = "postgresql://bob:s3cret@h/db";
    (void)db.commit(std::vector{value(1, 0)}, {"me", "", "", "copied from " + url + " with password = 's3cret x'"});
    auto commented = node("Root/dir");
    commented.comment = "see " + url;
    (void)db.add_nodes(std::vector{commented}, kWho);
    (void)db.set_snapshot("s", {}, kWho, "of " + url);
    CHECK_THROWS_AS((void)db.set_snapshot("t", {{url, Time{0}}}, kWho), Error);
    CHECK_THROWS_AS((void)db.add_nodes(std::vector{node("Root/bob:s3cret@h")}, kWho), Error);
    db.advance();
    bool told = false;
    for (const auto& one : db.log()) {
        CHECK(one.reason.find("s3cret") == std::string::npos);
        told = told || one.reason == "copied from postgresql://bob:***@h/db with password = ***";
    }
    CHECK(told);
    CHECK(db.snapshots().front().comment == "of postgresql://bob:***@h/db");
    CHECK(db.tree("Root").back().comment == "see postgresql://bob:***@h/db");
}

TEST_CASE("a new database has a name that may be made") {
    TempDirectory directory;
    const auto url = "sqlite:" + directory.file("x.db") + "#Bad\u200bName";
    const auto error = error_of([&] { (void)Database::open(url, {.create = true}); });
    CHECK(error.code() == ErrorCode::BadInput);
    CHECK(std::string(error.what()).find("U+200B at byte 3") != std::string::npos);
    CHECK(std::filesystem::is_empty(directory.path()));
}
