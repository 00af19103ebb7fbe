// The small parts of the index: promises of elements, version chains, commits and what a snapshot means.
#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "backends/ddl.h"
#include "backends/each_engine.h"
#include "base/printable.h"
#include "index/chain.h"
#include "index/commits.h"
#include "index/draft.h"
#include "index/many_cases.h"
#include "index/names.h"
#include "index/records.h"
#include "index/tables.h"

using namespace etalon;
using namespace etalon::index;
using etalon::test::check_many;
using etalon::test::EachEngine;
using etalon::test::error_of;

TEST_CASE("a promise of elements reads as it is written") {
    CHECK(parse_coverage("sparse") == Coverage{});
    CHECK(parse_coverage("complete(0-3,7)") == Coverage{true, {0, 1, 2, 3, 7}});
    CHECK(parse_coverage("complete(7,0-3)") == Coverage{true, {0, 1, 2, 3, 7}});
    CHECK(format_coverage({true, {0, 1, 2, 3, 7}}) == "complete(0-3,7)");
    CHECK(format_coverage({}) == "sparse");
    for (const char* text :
         {"", "complete", "complete()", "complete(1,1)", "complete(3-1)", "complete(1", "Sparse", "complete(a)"}) {
        CAPTURE(text);
        CHECK(error_of([&] { (void)parse_coverage(text); }).code() == ErrorCode::BadInput);
    }
}

TEST_CASE("a chain is ranks of equal members") {
    using Ranks = std::vector<std::vector<std::string>>;
    CHECK(parse_chain("").ranks == Ranks{{"default"}});
    CHECK(parse_chain("default").ranks == Ranks{{"default"}});
    CHECK(parse_chain("sim,default").ranks == Ranks{{"sim"}, {"default"}});
    CHECK(parse_chain("sim+default").ranks == Ranks{{"sim", "default"}});
    CHECK(parse_chain("a+b,c,d+e+f").ranks == Ranks{{"a", "b"}, {"c"}, {"d", "e", "f"}});
    CHECK(parse_chain("v1.2-x_y/z").ranks == Ranks{{"v1.2-x_y/z"}});
    CHECK(parse_chain("k\xc3\xa4se").ranks == Ranks{{"k\xc3\xa4se"}});
}

TEST_CASE("a chain with a bad member is refused and named") {
    for (const char* text : {",", "+", "a,", ",a", "a,,b", "a++b", "a+,b", "a,+b", "a b", " a", "a ", "a\tb", "a\nb",
                             "a'b", "a\"b", "a,b,a", "a+a", "a,b+a", "a\x7f"}) {
        CAPTURE(text);
        const auto error = error_of([&] { (void)parse_chain(text); });
        CHECK(error.code() == ErrorCode::BadInput);
        CHECK(error.info().where.find(printable(text)) != std::string::npos);
    }
    CHECK(error_of([] { (void)parse_chain(std::string_view("a\0b", 3)); }).code() == ErrorCode::BadInput);
    CHECK(error_of([] { check_version_name(""); }).code() == ErrorCode::BadInput);
    CHECK(error_of([] { check_version_name("a,b"); }).code() == ErrorCode::BadInput);
    CHECK_NOTHROW(check_version_name("default"));
}

namespace {

std::unique_ptr<backends::Connection> with_tables(const EachEngine& engine) {
    auto connection = engine.open();
    const auto tx = connection->begin(backends::TransactionMode::Write);
    tx->execute_script(backends::immutability_functions(tx->engine()) + create_tables(tx->engine()));
    tx->commit();
    return connection;
}

CommitStamp commit(backends::Connection& connection, Time now) {
    const auto tx = connection.begin(backends::TransactionMode::Write);
    const auto stamp = begin_commit(*tx, now);
    write_commit_log(*tx, stamp, {"me", "here", "this", "because of " + std::to_string(stamp.seq)});
    tx->commit();
    return stamp;
}

}  // namespace

TEST_CASE("commit numbers and entry times increase strictly, also when the clock does not") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = with_tables(engine);
    CommitStamp last;
    for (const std::int64_t clock : {1000, 1000, 500, 2000, 0, 2001}) {
        const auto stamp = commit(*connection, Time{clock});
        CHECK(stamp.seq == last.seq + 1);
        CHECK(stamp.entry_time > last.entry_time);
        last = stamp;
    }
    // A commit that is rolled back leaves no number behind.
    {
        const auto tx = connection->begin(backends::TransactionMode::Write);
        CHECK(begin_commit(*tx, Time{5000}).seq == last.seq + 1);
    }
    CHECK(commit(*connection, Time{6000}).seq == last.seq + 1);
    const auto tx = connection->begin(backends::TransactionMode::Read);
    CHECK(last_commit(*tx) == last.seq + 1);
    const auto log = read_log(*tx, 0);
    REQUIRE(log.size() == 7);
    CHECK(log.front().commit == 7);
    CHECK(log.back().commit == 1);
    CHECK(log.back().reason == "because of 1");
    CHECK(log.back().author == "me");
    CHECK(read_log(*tx, 2).size() == 2);
}

TEST_CASE("creating the tables again keeps what is in them") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = with_tables(engine);
    commit(*connection, Time{7});
    {
        const auto tx = connection->begin(backends::TransactionMode::Write);
        tx->execute_script(backends::immutability_functions(tx->engine()) + create_tables(tx->engine()));
        tx->commit();
    }
    CHECK(commit(*connection, Time{8}).seq == 2);
}

TEST_CASE("as of a number is that number, as of a time the last commit entered by then") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = with_tables(engine);
    {
        const auto tx = connection->begin(backends::TransactionMode::Read);
        CHECK(resolve_number(*tx, 0).commit == 0);
        CHECK(resolve_date(*tx, Time{kPlusInfinity}).commit == 0);
        CHECK(error_of([&] { (void)resolve_number(*tx, 1); }).code() == ErrorCode::Unknown);
    }
    const auto a = commit(*connection, Time{1000});
    const auto b = commit(*connection, Time{2000});
    const auto tx = connection->begin(backends::TransactionMode::Read);
    CHECK(resolve_number(*tx, 0).commit == 0);
    CHECK(resolve_number(*tx, 1).commit == 1);
    CHECK(resolve_number(*tx, 2).commit == 2);
    CHECK(resolve_date(*tx, Time{kMinusInfinity}).commit == 0);
    CHECK(resolve_date(*tx, Time{a.entry_time - 1}).commit == 0);
    CHECK(resolve_date(*tx, Time{a.entry_time}).commit == 1);
    CHECK(resolve_date(*tx, Time{a.entry_time + 1}).commit == (b.entry_time == a.entry_time + 1 ? 2 : 1));
    CHECK(resolve_date(*tx, Time{b.entry_time - 1}).commit == 1);
    CHECK(resolve_date(*tx, Time{b.entry_time}).commit == 2);
    CHECK(resolve_date(*tx, Time{kPlusInfinity}).commit == 2);
    CHECK(resolve_date(*tx, Time{b.entry_time - 1}).settled);
    CHECK_FALSE(resolve_date(*tx, Time{b.entry_time}).settled);
    CHECK_FALSE(resolve_date(*tx, Time{kPlusInfinity}).settled);
    CHECK(resolve_date(*tx, Time{kMinusInfinity}).settled);
    for (const std::int64_t bad : {std::int64_t{3}, std::int64_t{-1}, kPlusInfinity, kMinusInfinity}) {
        const auto error = error_of([&] { (void)resolve_number(*tx, bad); });
        CHECK(error.code() == ErrorCode::Unknown);
        CHECK(error.info().expected == "a number from 0 to 2");
    }
}

TEST_CASE("a policy holds from its commit on, and an unknown name has near ones") {
    const EachEngine engine;
    if (!engine) return;
    const auto connection = with_tables(engine);
    NameRecord name;
    {
        const auto tx = connection->begin(backends::TransactionMode::Write);
        const auto stamp_of = [](std::int64_t seq) { return CommitStamp{seq, 0, std::make_shared<CommitDraft>()}; };
        name.name = "tpcElectronics";
        name.struct_id = 3;
        name.axis = Axis::Run;
        name.id = insert_name(*tx, name, 0);
        insert_policy(*tx, name, stamp_of(2));
        name.policy = OrderPolicy::ByCreation;
        name.storage = Storage::Bytes;
        insert_policy(*tx, name, stamp_of(5));
        set_view_name(*tx, name.id, "a view");
        tx->commit();
    }
    const auto tx = connection->begin(backends::TransactionMode::Read);
    const auto at = [&](std::int64_t snapshot) { return find_name(*tx, "tpcElectronics", snapshot).value(); };
    CHECK_FALSE(at(1).has_policy);
    CHECK(at(2).has_policy);
    CHECK(at(2).policy == OrderPolicy::ByBegin);
    CHECK(at(4).storage == Storage::Columns);
    CHECK(at(5).policy == OrderPolicy::ByCreation);
    CHECK(at(kPlusInfinity).storage == Storage::Bytes);
    CHECK(at(2).axis == Axis::Run);
    CHECK(at(2).view_name == "a view");
    CHECK_FALSE(find_name(*tx, "TPCelectronics", 9).has_value());
    CHECK(similar_names(*tx, "tpcElectronic") == std::vector<std::string>{"tpcElectronics"});
    CHECK(all_names(*tx, 9).size() == 1);
    CHECK_FALSE(has_records(*tx, name.id));
}
