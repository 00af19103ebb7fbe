// Connections to PostgreSQL that are lost in the middle of a request.
#include <doctest/doctest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <thread>

#include "database/support.h"
#include "etalon/federation.h"
#include "processes/whole.h"
#include "support/children.h"

using namespace etalon;
using etalon::test::check_timelines;
using etalon::test::check_whole;
using etalon::test::create_with;
using etalon::test::error_of;
using etalon::test::Gain1;
using etalon::test::gain1;
using etalon::test::Plain;
using etalon::test::promise;
using etalon::test::put;
using etalon::test::value;

namespace {

constexpr std::int64_t kElements = 40;

/// The URL with a name that pg_stat_activity shows.
std::string called(const std::string& url, const std::string& name) {
    const auto hash = url.find('#');
    return url.substr(0, hash) + "&application_name=" + name + url.substr(hash);
}

/// Ends all sessions of that name; returns how many.
std::int64_t end_sessions(backends::Connection& connection, const std::string& name) {
    const backends::Sql end(
        R"(SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = ?1)");
    const auto cursor = connection.begin(backends::TransactionMode::Single)->query(end, {name});
    REQUIRE(cursor->next());
    return cursor->integer(0);
}

/// Ends the sessions of a name again and again, as long as it lives.
class Cutter {
public:
    Cutter(const std::string& url, std::string name, int pause_ms)
        : thread_([this, url, name = std::move(name), pause_ms] {
              const auto connection =
                  backends::open_connection(backends::parse_place_url(url), backends::OpenMode::Existing);
              std::mt19937 random(20261121);
              while (!over_) {
                  std::this_thread::sleep_for(
                      std::chrono::microseconds(random() % (2000U * static_cast<unsigned>(pause_ms))));
                  cuts_ += end_sessions(*connection, name);
              }
          }) {}
    ~Cutter() { stop(); }
    Cutter(const Cutter&) = delete;
    Cutter& operator=(const Cutter&) = delete;
    /// Stops it; returns the sessions that it ended.
    std::int64_t stop() {
        over_ = true;
        if (thread_.joinable()) thread_.join();
        return cuts_;
    }

private:
    std::atomic<bool> over_{false};
    std::atomic<std::int64_t> cuts_{0};
    std::thread thread_;
};

/// A database with enough in it that requests take several statements.
void fill(const std::string& url) {
    auto db = create_with<Plain, Gain1>(url);
    db.define_name({"GainBytes", "Gain", {}, {}, Storage::Bytes});
    for (std::int32_t i = 0; i < 5; ++i) {
        std::vector<PutRecord> records;
        for (std::int64_t element = 0; element < kElements; ++element) {
            if (element == 7) continue;  // a gap that is one
            records.push_back(value(static_cast<double>(element) + i * 0.1, i * 10, i * 10 + 9, "default", element));
            records.push_back(put<Gain1>(element % 2 == 0 ? "Gain" : "GainBytes", i * 10,
                                         {gain1(i, static_cast<float>(element)), gain1(i + 1)}));
            records.back().element = element;
        }
        (void)db.commit(records, {"tester", "", "", "data"});
    }
    std::vector<NodeSpec> nodes;
    for (const auto* name : {"Plain", "Gain", "GainBytes"}) {
        NodeSpec node;
        node.path = std::string("Reco/tables/") + name;
        node.elements = "0-39";
        nodes.push_back(node);
    }
    (void)db.add_nodes(nodes);
}

void append(std::string& text, const Answer& answer) {
    text += name_of(answer->status);
    text += ' ' + std::to_string(answer->snapshot);
    for (const auto& element : answer->elements) {
        text += ' ' + std::to_string(element.validity.begin) + ',' +
                (element.validity.end ? std::to_string(*element.validity.end) : "-") + ' ' +
                (element.provenance ? element.provenance->uid : "gap");
    }
    if (answer->num_rows != 0)
        text.append(reinterpret_cast<const char*>(answer->data.get()), answer->num_rows * answer->layout->size);
    text += '\n';
}

using Request = std::function<std::string()>;

/// Requests of every kind; each gives what it answered as text.
std::map<std::string, Request> requests_of(Federation& federation, Database& db) {
    std::map<std::string, Request> requests;
    FetchOptions all;
    for (std::int64_t element = 0; element < kElements; ++element) all.elements.push_back(element);
    const auto fetch = [&db](const std::string& name, std::int64_t at, const FetchOptions& options) {
        std::string text;
        append(text, db.fetch_rows(name, Time{at}, options));
        return text;
    };
    requests["single"] = [=] { return fetch("Plain", 12, {}); };
    requests["single in bytes"] = [=] {
        FetchOptions one;
        one.elements = {3};
        return fetch("GainBytes", 25, one);
    };
    requests["gap"] = [=] {
        FetchOptions one;
        one.elements = {7};
        return fetch("Plain", 12, one);
    };
    requests["equal versions"] = [=] {
        FetchOptions chain;
        chain.version = "sim+default";
        return fetch("Plain", 12, chain);
    };
    requests["many"] = [=] { return fetch("Plain", 22, all); };
    requests["many in bytes"] = [=] { return fetch("GainBytes", 22, all); };
    requests["as of a commit"] = [=, &db] {
        auto options = all;
        options.as_of = db.snapshot() - 2;
        return fetch("Gain", 40, options);
    };
    requests["as of a date"] = [=] {
        auto options = all;
        options.as_of = Time{kPlusInfinity};
        return fetch("Gain", 40, options);
    };
    requests["tree"] = [&federation] {
        ConfigurationRequest request;
        request.time = Time{31};
        std::string text;
        for (const auto& node : federation.fetch_configuration("Reco", "", request).nodes) {
            text += node.node.path + '\n';
            if (node.answer) append(text, *node.answer);
        }
        return text;
    };
    requests["listed tree"] = [&db] {
        std::string text;
        for (const auto& node : db.tree("Reco")) text += node.path + '\n';
        return text;
    };
    requests["history"] = [&db] {
        std::string text;
        for (const auto& record : db.history("Plain")) text += record.uid + '\n';
        return text;
    };
    requests["history by value"] = [&db] {
        HistoryOptions which;
        which.where = parse_condition("value>20");
        std::string text;
        for (const auto& record : db.history("Plain", which)) text += record.uid + '\n';
        return text;
    };
    requests["scan"] = [&db] {
        std::string text;
        db.scan("Plain", Time{0}, Time{60}, [&](const Answer& answer) {
            append(text, answer);
            return true;
        });
        return text;
    };
    requests["log"] = [&db] {
        std::string text;
        for (const auto& commit : db.log()) text += std::to_string(commit.commit) + ' ' + commit.reason + '\n';
        return text;
    };
    requests["names"] = [&db] {
        std::string text;
        for (const auto& name : db.names()) text += name.name + ' ' + std::to_string(name.records) + '\n';
        for (const auto& of_struct : db.structs()) text += of_struct.name + '\n';
        return text;
    };
    requests["advance"] = [&db] { return std::to_string(db.advance()); };
    return requests;
}

/// A request whose commit may or may not be there: the error says so, and that it must not be repeated blindly.
bool is_in_doubt(const Error& error) {
    return !error.retryable() &&
           std::string_view(error.what()).find("may or may not be there") != std::string_view::npos;
}

/// What a user does about an error that may be repeated.
std::string ask_again(const Request& ask) {
    for (int tries = 0;; ++tries) {
        try {
            return ask();
        } catch (const Error& error) {
            if (!error.retryable() || tries == 20) throw;
        }
    }
}

/// A server of the test's own.
class OwnServer {
public:
    OwnServer() {
        const std::string script = std::string("exec env -u ETALON_TEST_POSTGRES '") + ETALON_SOURCE_DIR +
                                   "/scripts/with_postgres' sh -c 'echo \"$ETALON_TEST_POSTGRES\"; read line'";
        REQUIRE(pipe(to_) == 0);
        REQUIRE(pipe(from_) == 0);
        child_.emplace([&] {
            dup2(to_[0], 0);
            dup2(from_[1], 1);
            for (const int end : {to_[0], to_[1], from_[0], from_[1]}) close(end);
            alarm(0);  // it ends when its input does
            prctl(PR_SET_PDEATHSIG, SIGTERM);
            execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
            throw std::runtime_error("no shell");
        });
        close(to_[0]);
        close(from_[1]);
        for (char c = 0; read(from_[0], &c, 1) == 1 && c != '\n';) base_ += c;
        REQUIRE_FALSE(base_.empty());
    }
    ~OwnServer() {
        close(to_[1]);  // the end of its input ends it
        close(from_[0]);
        (void)child_->succeeded();
    }
    OwnServer(const OwnServer&) = delete;
    OwnServer& operator=(const OwnServer&) = delete;

    [[nodiscard]] std::string url() const { return base_ + "#storm"; }
    /// Stops the server at once, as a crash of its machine would.
    void stop() const {
        const auto host = base_.find("host=") + 5;
        const auto socket = base_.substr(host, base_.find('&', host) - host);
        std::ifstream file(socket.substr(0, socket.rfind('/')) + "/data/postmaster.pid");
        pid_t id = 0;
        REQUIRE((file >> id));
        REQUIRE(kill(id, SIGQUIT) == 0);
        for (int i = 0; i < 1000 && kill(id, 0) == 0; ++i) usleep(10'000);
    }

private:
    int to_[2] = {};
    int from_[2] = {};
    std::string base_;
    std::optional<etalon::test::Child> child_;
};

}  // namespace

TEST_CASE("readers whose connection is cut again and again get the same answers") {
    const auto place = etalon::test::find_fresh_postgres_place();
    if (!place) return;
    fill(*place);
    const auto url = called(*place, "etalon_cut_reader");
    Federation federation;
    auto& db = federation.add(url, {.cache_bytes = 0});
    const auto requests = requests_of(federation, db);
    std::map<std::string, std::string> expected;
    for (const auto& [what, ask] : requests) expected[what] = ask();
    CHECK(expected["gap"].starts_with("Gap"));
    CHECK(expected["many"].starts_with("Found"));
    std::int64_t asked = 0;
    std::int64_t failed = 0;
    std::int64_t cuts = 0;
    {
        Cutter cutter(*place, "etalon_cut_reader", 60);
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        while (std::chrono::steady_clock::now() < end) {
            for (const auto& [what, ask] : requests) {
                INFO(what);
                ++asked;
                std::string answer;
                try {
                    answer = ask();
                } catch (const Error& error) {
                    // Cut twice in one request.
                    ++failed;
                    INFO(std::string(error.what()));
                    CHECK(error.code() == ErrorCode::Backend);
                    CHECK(error.retryable());
                    answer = ask_again(ask);
                }
                CHECK((answer == expected[what]));
            }
        }
        cuts = cutter.stop();
    }
    MESSAGE(asked, " requests, ", cuts, " cuts, ", failed, " requests cut twice");
    CHECK(cuts > 20);
    CHECK(failed < cuts / 4);  // a reader that never repeats would fail nearly each time
}

TEST_CASE("a connection that is cut before each request is opened again unnoticed") {
    const auto place = etalon::test::find_fresh_postgres_place();
    if (!place) return;
    fill(*place);
    const auto url = called(*place, "etalon_cut_before");
    Federation federation;
    auto& db = federation.add(url, {.cache_bytes = 0});
    const auto other = backends::open_connection(backends::parse_place_url(*place), backends::OpenMode::Existing);
    for (const auto& [what, ask] : requests_of(federation, db)) {
        INFO(what);
        const auto expected = ask();
        for (int i = 0; i < 3; ++i) {
            CHECK(end_sessions(*other, "etalon_cut_before") == 1);
            CHECK((ask() == expected));
        }
    }
    for (int i = 0; i < 5; ++i) {
        CHECK(end_sessions(*other, "etalon_cut_before") == 1);
        CHECK(db.commit(std::vector<PutRecord>{value(i, i)}, {"", "", "", "data"}).records == 1);
    }
}

TEST_CASE("a writer whose connection is cut knows of every commit whether it is there") {
    const auto place = etalon::test::find_fresh_postgres_place();
    if (!place) return;
    fill(*place);
    auto db = Database::open(called(*place, "etalon_cut_writer"));
    // A commit after a new connection fits between two cuts, however busy the machine is.
    int pause_ms = 40;
    {
        const auto started = std::chrono::steady_clock::now();
        for (int i = 0; i < 3; ++i) {
            auto other = Database::open(*place);
            (void)other.commit(std::vector<PutRecord>{value(i, i, i + 1, "own", 99)}, {"", "", "", "data"});
        }
        const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - started;
        pause_ms = std::max(pause_ms, static_cast<int>(took.count() / 3));
    }
    std::map<std::string, int> done;  // by reason: how often the writer thinks that it is there
    int cut = 0;
    int in_doubt = 0;
    std::int64_t cuts = 0;
    {
        Cutter cutter(*place, "etalon_cut_writer", pause_ms);
        const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(125 * pause_ms);
        for (int i = 0; std::chrono::steady_clock::now() < end; ++i) {
            const auto reason = "number " + std::to_string(i);
            std::vector<PutRecord> records;
            for (std::int64_t element = 0; element < 10; ++element)
                records.push_back(value(i + static_cast<double>(element) / 100, i, std::nullopt, "default", element));
            bool there = false;
            for (int tries = 0; !there; ++tries) {
                REQUIRE(tries < 50);
                try {
                    (void)db.commit(records, {"tester", "", "", reason});
                    there = true;
                } catch (const Error& error) {
                    const std::string words = error.what();
                    INFO(words);
                    REQUIRE(error.code() == ErrorCode::Backend);
                    if (error.retryable()) {
                        ++cut;
                        continue;
                    }
                    REQUIRE(is_in_doubt(error));
                    ++in_doubt;
                    there = ask_again([&] {
                                for (const auto& commit : db.log(3)) {
                                    if (commit.reason == reason) return std::string("there");
                                }
                                return std::string();
                            }) == "there";
                }
            }
            done[reason] = 1;
        }
        cuts = cutter.stop();
    }
    MESSAGE(done.size(), " commits, ", cuts, " cuts, ", cut, " surely not there, ", in_doubt, " in doubt");
    CHECK(cuts > 10);
    CHECK(cut < cuts / 4);  // what is surely not there the writer repeats itself
    db.advance();
    for (const auto& commit : db.log()) {
        if (!commit.reason.starts_with("number ")) continue;
        CHECK(--done[commit.reason] == 0);  // once, not twice
        CHECK(commit.records == 10);
    }
    for (const auto& [reason, left] : done) CHECK(left == 0);
    check_timelines(*place);
}

TEST_CASE("of a connection cut during COMMIT it is found out that nothing was written, and it is written then") {
    const auto place = etalon::test::find_fresh_postgres_place();
    if (!place) return;
    fill(*place);
    // COMMIT takes as long as this deferred trigger sleeps. Of a function called otherwise it would be a stranger's.
    etalon::test::raw_script(*place, R"(CREATE FUNCTION "etalonDoze"() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_sleep(2); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER doze AFTER INSERT ON "commitLog" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
EXECUTE FUNCTION "etalonDoze"())");
    auto db = Database::open(called(*place, "etalon_cut_commit"));
    const auto before = db.snapshot();
    std::thread cutter([&] {
        const auto other = backends::open_connection(backends::parse_place_url(*place), backends::OpenMode::Existing);
        const backends::Sql dozing(R"(SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE application_name = 'etalon_cut_commit' AND wait_event = 'PgSleep')");
        for (int i = 0; i < 1000; ++i) {
            const auto cursor = other->begin(backends::TransactionMode::Single)->query(dozing, {});
            if (cursor->next() && cursor->integer(0) == 1) return;
            usleep(5000);
        }
    });
    // The first attempt is not there; the second, which nobody cuts, is.
    const auto made = etalon::test::commit(db, {value(1, 1)});
    cutter.join();
    CHECK(made.commit == before + 1);
    CHECK(db.advance() == before + 1);
    etalon::test::raw_script(*place, R"(DROP TRIGGER doze ON "commitLog")");
    check_whole(*place, 2 * (kElements - 1));
}

TEST_CASE("a server that is gone is an error that names it, never a gap") {
    if (!etalon::test::find_postgres()) return;
    const OwnServer server;
    fill(server.url());
    Federation federation;
    auto& db = federation.add(server.url(), {.cache_bytes = 0, .wait = std::chrono::milliseconds(0)});
    const auto requests = requests_of(federation, db);
    for (const auto& [what, ask] : requests) CHECK_FALSE(ask().empty());
    const auto before = db.snapshot();

    // A commit that is on the disk of the server while the writer hears only that its connection is gone.
    {
        const auto other =
            backends::open_connection(backends::parse_place_url(server.url()), backends::OpenMode::Existing);
        const auto set = [&](const std::string& name) {
            const auto text = server.url().substr(0, server.url().find('#'));
            const auto command = "psql --no-psqlrc -qAt -c \"ALTER SYSTEM SET synchronous_standby_names TO '" + name +
                                 "'\" -c 'SELECT pg_reload_conf()' '" + text + "' > /dev/null";
            REQUIRE(std::system(command.c_str()) == 0);
        };
        set("nobody");
        usleep(300'000);  // the server tells its sessions
        auto writer = Database::open(called(server.url(), "etalon_waiting"));
        std::thread cutter([&] {
            const backends::Sql waiting(R"(SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE application_name = 'etalon_waiting' AND wait_event = 'SyncRep')");
            for (int i = 0; i < 1000; ++i) {
                const auto cursor = other->begin(backends::TransactionMode::Single)->query(waiting, {});
                if (cursor->next() && cursor->integer(0) == 1) return;
                usleep(5000);
            }
        });
        // Found out by the hash of the commit: it is there, once.
        CHECK(etalon::test::commit(writer, {value(5, 5)}).commit == before + 1);
        cutter.join();
        CHECK(writer.advance() == before + 1);
        set("");
        usleep(300'000);
    }

    server.stop();
    for (const auto& [what, ask] : requests) {
        INFO(what);
        for (int i = 0; i < 2; ++i) {
            const auto error = error_of([&] { (void)ask(); });
            INFO(std::string(error.what()));
            CHECK(error.code() == ErrorCode::Backend);
            CHECK(error.retryable());
            CHECK(std::string(error.what()).find(db.place()) != std::string::npos);
        }
    }
    const auto error = error_of([&] { (void)etalon::test::commit(db, {value(1, 1)}); });
    CHECK(error.retryable());
    CHECK(std::string(error.what()).find(db.place()) != std::string::npos);
    CHECK(error_of([&] { (void)Database::open(server.url()); }).code() == ErrorCode::Backend);
}
