// A primary server with a streaming standby: what the standby takes away from readers, how far it is behind, and what
// becomes of reads and writes when the primary dies and the standby is promoted.
#include <doctest/doctest.h>
#include <stdlib.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "processes/whole.h"
#include "waits/support.h"

using namespace etalon;
using namespace etalon::test;
using backends::OpenMode;
using backends::TransactionMode;

namespace {

class Cluster {
public:
    Cluster() {
        // The path of a socket is short, whatever TMPDIR is.
        std::string pattern = "/tmp/etalon_two.XXXXXX";
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        root_ = pattern;
        REQUIRE(run("create") == 0);
    }
    ~Cluster() { (void)run("remove"); }
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;

    [[nodiscard]] int run(const std::string& command, const std::string& server = "") const {
        const auto line = std::string("'") + ETALON_SOURCE_DIR + "/tests/waits/cluster' " + command + " '" + root_ +
                          "' " + server + " < /dev/null";
        return std::system(line.c_str());
    }
    /// The URL of one of the servers, or of both in order, with other parameters (`&name=value`).
    [[nodiscard]] std::string url(const std::string& servers, const std::string& parameters = "") const {
        std::string hosts;
        for (const auto* server : {"primary", "standby"}) {
            if (servers != "both" && servers != server) continue;
            hosts += (hosts.empty() ? "" : ",") + root_ + "/run/" + server;
        }
        return "postgresql:///etalon_test?host=" + hosts + "&user=etalon" + parameters + "#Calib";
    }
    /// Runs a statement on a server; its first value.
    [[nodiscard]] std::int64_t ask_server(const std::string& server, const std::string& sql) const {
        const auto connection = backends::open_connection(backends::parse_place_url(url(server)), OpenMode::Existing);
        return ask(*connection, sql);
    }
    void execute(const std::string& server, const std::string& sql) const {
        const auto line = "psql --no-psqlrc -q -h '" + root_ + "/run/" + server + "' -U etalon etalon_test -c '" + sql +
                          "' > /dev/null";
        REQUIRE(std::system(line.c_str()) == 0);
    }

private:
    std::string root_;
};

std::string text_of(const Answer& answer) {
    std::string text(name_of(answer->status));
    text += ' ' + std::to_string(answer->snapshot);
    for (const auto& element : answer->elements) text += ' ' + std::to_string(element.validity.begin);
    text.append(reinterpret_cast<const char*>(answer->data.get()), answer->num_rows * answer->layout->size);
    return text;
}

/// One that has N and its hash, as `etalon log` shows it.
HashedCommit newest(Database& db) {
    db.advance();
    const auto log = db.log(1);
    return {log.front().commit, log.front().hash.substr(0, 16)};
}

bool says(const Error& error, const std::string& part) {
    return std::string(error.what()).find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a standby and its promotion") {
    if (!find_postgres()) return;
    const Cluster cluster;
    const auto primary_url = cluster.url("primary");
    const auto standby_url = cluster.url("standby");
    {
        auto db = create_with<Plain, Gain1>(primary_url);
        std::vector<Gain1> rows;
        for (int i = 0; i < 5000; ++i) rows.push_back(gain1(i, 0.5F * static_cast<float>(i)));
        std::vector<PutRecord> records{put<Gain1>("Gain", 0, rows)};
        for (std::int64_t element = 0; element < 200; ++element) {
            records.push_back(value(static_cast<double>(element), 0, std::nullopt, "default", element));
        }
        (void)commit(db, records);
    }
    auto primary = std::make_unique<Database>(Database::open(primary_url));
    const auto first = newest(*primary);

    // --- What a standby has not got yet.
    auto standby = Database::open(standby_url, {.cache_bytes = 0, .wait = Milliseconds(10'000), .at_least = first});
    CHECK(standby.snapshot() == first.commit);
    const auto write = error_of([&] { (void)commit(standby, {value(9.0, 9)}); });
    CAPTURE(std::string(write.what()));
    CHECK(write.code() == ErrorCode::ReadOnly);
    CHECK(says(write, "/run/standby"));
    CHECK(says(write, "target_session_attrs=read-write"));

    cluster.execute("standby", "SELECT pg_wal_replay_pause()");
    (void)commit(*primary, {value(2.0, 10)});
    const auto second = newest(*primary);
    {
        const auto start = SteadyClock::now();
        const auto behind = error_of([&] {
            (void)Database::open(standby_url, {.wait = Milliseconds(500), .at_least = HashedCommit{second.commit, {}}});
        });
        CAPTURE(std::string(behind.what()));
        CHECK(since(start) >= Milliseconds(490));
        CHECK(since(start) < Milliseconds(3000));
        CHECK(behind.retryable());
        CHECK(says(behind, "commit " + std::to_string(second.commit)));
        CHECK(says(behind, "found commit " + std::to_string(first.commit)));
        // Another history at a commit that is there is told at once.
        const auto other = error_of(
            [&] { (void)Database::open(standby_url, {.at_least = HashedCommit{first.commit, "0123456789abcdef"}}); });
        CHECK(other.code() == ErrorCode::Refused);
        CHECK(says(other, "another history"));
        std::thread resume([&] {
            std::this_thread::sleep_for(Milliseconds(400));
            cluster.execute("standby", "SELECT pg_wal_replay_resume()");
        });
        auto waited = Database::open(standby_url, {.wait = Milliseconds(20'000), .at_least = second});
        resume.join();
        CHECK(waited.snapshot() == second.commit);
    }

    // --- What a standby takes away from those who read: it replays at once what VACUUM removes on the primary.
    {
        FetchOptions all;
        all.elements.clear();
        for (std::int64_t element = 0; element < 200; ++element) all.elements.push_back(element);
        const auto read = [&] {
            return text_of(standby.fetch_rows("Plain", Time{5}, all)) + text_of(standby.fetch_rows("Gain", Time{5}));
        };
        const auto expected = read();
        Repeated commits(commits_to(primary_url, "Plain"));
        Repeated vacuum([&] {
            return [&] {
                std::this_thread::sleep_for(Milliseconds(60));
                cluster.execute("primary", "VACUUM");
            };
        });
        const auto conflicts = [&] {
            return cluster.ask_server(
                "standby",
                "SELECT sum(confl_snapshot + confl_lock + confl_bufferpin)::bigint FROM pg_stat_database_conflicts");
        };
        const auto start = SteadyClock::now();
        int reads = 0;
        while (since(start) < Milliseconds(8000) && (reads < 30 || reads % 10 != 0 || conflicts() < 3)) {
            CHECK((read() == expected));
            ++reads;
        }
        commits.stop();
        vacuum.stop();
        MESSAGE(reads << " reads beside " << commits.done() << " commits, " << vacuum.done() << " times VACUUM, "
                      << conflicts() << " conflicts");
        CHECK(conflicts() > 0);
        CHECK(commits.done() > 5);
    }

    // --- The primary dies, the standby is promoted: reads go on as of the same snapshot, writes to the new primary.
    auto last = newest(*primary);
    (void)Database::open(standby_url, {.at_least = last});
    auto anywhere = Database::open(cluster.url("both", "&target_session_attrs=any"), {.cache_bytes = 0});
    auto writer = Database::open(cluster.url("both", "&target_session_attrs=read-write"),
                                 {.cache_bytes = 0, .wait = Milliseconds(30'000)});
    CHECK(anywhere.place().find("/run/primary,") != std::string::npos);
    const auto expected = text_of(anywhere.fetch_rows("Gain", Time{5}));
    CHECK((text_of(writer.fetch_rows("Gain", Time{5})) == expected));
    // Behind the standby's back: what only the primary has when it dies.
    cluster.execute("standby", "SELECT pg_wal_replay_pause()");
    (void)commit(*primary, {value(3.0, 20)});
    last = newest(*primary);
    auto ahead =
        Database::open(cluster.url("both", "&target_session_attrs=any"), {.cache_bytes = 0, .wait = Milliseconds(600)});
    CHECK(ahead.snapshot() == last.commit);
    const auto of_last = text_of(ahead.fetch_rows("Plain", Time{25}));
    CHECK(eventually([&] {
        return cluster.ask_server("standby",
                                  "SELECT (pg_last_wal_receive_lsn() > pg_last_wal_replay_lsn())::integer") == 1;
    }));
    REQUIRE(cluster.run("stop", "primary") == 0);
    // The one that knows more than the standby has is not answered from there...
    const auto behind = error_of([&] { (void)ahead.fetch_rows("Plain", Time{25}); });
    CAPTURE(std::string(behind.what()));
    CHECK(says(behind, "behind"));
    CHECK(says(behind, "commit " + std::to_string(last.commit)));
    // ...the others are, as of what they read before.
    CHECK((text_of(anywhere.fetch_rows("Gain", Time{5})) == expected));
    std::thread promotion([&] {
        std::this_thread::sleep_for(Milliseconds(300));
        cluster.execute("standby", "SELECT pg_wal_replay_resume()");
        REQUIRE(cluster.run("promote") == 0);
    });
    // Nothing of it was committed: it goes to the new primary once that is one.
    const auto made = commit(writer, {value(4.0, 30)});
    promotion.join();
    CHECK(made.commit == last.commit + 1);
    CHECK((text_of(ahead.fetch_rows("Plain", Time{25})) == of_last));
    CHECK((text_of(writer.fetch_rows("Gain", Time{5})) == expected));
    // The session that was opened on the standby writes now.
    CHECK(commit(standby, {value(5.0, 40)}).commit == made.commit + 1);
    standby.advance();
    CHECK(standby.fetch<Plain>("Plain", Time{45})[0].value == 5.0);
    check_whole(standby_url);

    // --- A server that goes away and comes back: the same.
    REQUIRE(cluster.run("stop", "standby") == 0);
    std::thread restart([&] {
        std::this_thread::sleep_for(Milliseconds(700));
        REQUIRE(cluster.run("start", "standby") == 0);
    });
    CHECK((text_of(anywhere.fetch_rows("Gain", Time{5})) == expected));
    restart.join();
    CHECK(commit(writer, {value(6.0, 50)}).commit == made.commit + 2);

    // --- The old primary comes back with its own history: whoever saw the new one is not answered from there.
    HashedCommit of_new{made.commit, {}};
    for (const auto& one : writer.log()) {
        if (one.commit == made.commit) of_new.hash = one.hash.substr(0, 16);
    }
    writer.advance();
    REQUIRE(cluster.run("start", "primary") == 0);
    CHECK(commit(*primary, {value(7.0, 60)}).commit == made.commit);
    const auto other = error_of([&] { (void)Database::open(primary_url, {.at_least = of_new}); });
    CAPTURE(std::string(other.what()));
    CHECK(other.code() == ErrorCode::Refused);
    CHECK(says(other, "another history"));
    for (int i = 0; i < 3; ++i) (void)commit(*primary, {value(7.0, 70 + i)});  // as many commits, of others
    REQUIRE(cluster.run("stop", "standby") == 0);
    for (int i = 0; i < 2; ++i) {
        const auto forked = error_of([&] { (void)writer.fetch_rows("Gain", Time{5}); });
        CAPTURE(std::string(forked.what()));
        CHECK(says(forked, "another history"));
    }
}
