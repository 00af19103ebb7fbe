// Objects put by many processes at once, and by writers that are killed.

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>

#include "database/support.h"
#include "support/children.h"
#include "support/objects.h"
#include "support/temp_directory.h"

namespace etalon::test {
namespace {

constexpr int kWriters = 8;
constexpr int kTimes = 50;

CommitInfo info() {
    return {"tester", "", "", "a test"};
}

TEST_CASE("eight writers that put the same graph at once get equal answers and one graph") {
    const EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    const auto file = [&](int writer) { return directory.file("answers_" + std::to_string(writer)); };
    {
        (void)create_microscope(engine.url());
    }
    {
        // All of them begin when the last is there.
        int start[2];
        REQUIRE(pipe(start) == 0);
        std::vector<Child> children;
        for (int writer = 0; writer < kWriters; ++writer) {
            children.emplace_back([&] {
                close(start[1]);
                auto db = Database::open(engine.url());
                char byte = 0;
                (void)!read(start[0], &byte, 1);
                std::ofstream out(file(writer));
                for (int i = 0; i < kTimes; ++i) {
                    const auto result = db.put_objects(user_of_ami("Bob"), info());
                    out << result.commit;
                    for (const auto& one : result.objects)
                        out << ' ' << format_id(one.id) << ' ' << one.struct_name << ' ' << one.is_new;
                    out << '\n';
                }
            });
        }
        close(start[0]);
        usleep(300'000);
        close(start[1]);
        for (auto& child : children) CHECK(child.succeeded());
    }
    int answers = 0;
    int fresh = 0;
    std::string first;
    for (int writer = 0; writer < kWriters; ++writer) {
        std::ifstream in(file(writer));
        std::string line;
        while (std::getline(in, line)) {
            ++answers;
            std::istringstream words(line);
            std::string commit;
            std::string same;
            words >> commit;
            same = commit;
            for (int i = 0; i < 2; ++i) {
                std::string id;
                std::string name;
                int is_new = 0;
                words >> id >> name >> is_new;
                same += ' ' + id + ' ' + name;
                fresh += is_new;
            }
            if (first.empty()) first = same;
            CHECK(same == first);
        }
    }
    CHECK(answers == kWriters * kTimes);
    CHECK(fresh == 2);
    auto db = Database::open(engine.url());
    const auto connection = engine.open();
    const auto tx = connection->begin(backends::TransactionMode::Read);
    const auto cursor = tx->query(backends::Sql(R"(SELECT count(*) FROM "object")"), {});
    REQUIRE(cursor->next());
    CHECK(cursor->integer(0) == 2);
    // One commit registered the structs, one put the graph.
    CHECK(db.snapshot() == 2);
    CHECK(db.verify({.deep = true}).findings.empty());
}

TEST_CASE("a writer that is killed leaves all of a graph or nothing of it") {
    const EachEngine engine;
    if (!engine) return;
    {
        (void)create_microscope(engine.url());
    }
    std::mt19937 random(20261201);
    const char* wanted = std::getenv("ETALON_KILL_ROUNDS");
    const int rounds = wanted != nullptr ? std::atoi(wanted) : 25;
    for (int round = 0; round < rounds; ++round) {
        int ready[2];
        REQUIRE(pipe(ready) == 0);
        Child child([&] {
            auto db = Database::open(engine.url());
            for (int i = 0;; ++i) {
                const auto name = std::to_string(round) + " " + std::to_string(i);
                std::vector<ObjectPut> puts;
                for (int k = 0; k < 20; ++k) {
                    const auto of_group = group(name + " " + std::to_string(k));
                    puts.push_back(user(name + " " + std::to_string(k), id_of(of_group)));
                    puts.push_back(of_group);
                }
                if (i == 0 && write(ready[1], "x", 1) != 1) throw std::runtime_error("pipe");
                (void)db.put_objects(puts, info());
            }
        });
        char byte = 0;
        REQUIRE(read(ready[0], &byte, 1) == 1);
        usleep(static_cast<useconds_t>(random() % 60'000));
        child.kill();
        REQUIRE(child.was_killed());
        close(ready[0]);
        close(ready[1]);
    }
    auto db = Database::open(engine.url());
    const auto report = db.verify({.deep = true});
    CHECK(report.findings.empty());
    CHECK(report.objects % 40 == 0);
    const auto connection = engine.open();
    const auto tx = connection->begin(backends::TransactionMode::Read);
    const auto cursor =
        tx->query(backends::Sql(R"(SELECT "commitSeq", count(*) FROM "object" GROUP BY "commitSeq")"), {});
    while (cursor->next()) CHECK(cursor->integer(1) == 40);
}

}  // namespace
}  // namespace etalon::test
