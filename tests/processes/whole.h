#pragma once
/// What holds of every database at rest, whatever happened to it before: nothing lost, double, or half there.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>

#include "backends/port.h"
#include "database/support.h"
#include "etalon/verify.h"
#include "index/stored_timelines.h"
#include "index/timeline.h"

namespace etalon::test {

/// What one commit wrote: interval records, retirements, policies of names.
struct Written {
    std::int64_t records = 0;
    std::int64_t retired = 0;
    std::int64_t policies = 0;
    friend bool operator==(const Written&, const Written&) = default;
};

/// The reason of a commit that promises to write that much: check_whole holds it to that.
inline std::string promise(const Written& written) {
    return "promise " + std::to_string(written.records) + " records " + std::to_string(written.retired) + " retired " +
           std::to_string(written.policies) + " policies";
}

/// A commit as it is recorded, and what of it is there.
struct WholeCommit {
    std::int64_t entry_time = 0;
    std::string reason;
    Written written;
};

/// All commits by number; checks that numbers are 1, 2, ... in the order of entry times.
inline std::map<std::int64_t, WholeCommit> read_commits(backends::Transaction& tx) {
    std::map<std::int64_t, WholeCommit> commits;
    std::int64_t last = 0;
    std::int64_t last_time = 0;
    {
        const auto cursor = tx.query(
            backends::Sql(R"(SELECT "commitSeq", "entryTime", "reason" FROM "commitLog" ORDER BY "commitSeq")"), {});
        while (cursor->next()) {
            CHECK(cursor->integer(0) == last + 1);
            last = cursor->integer(0);
            CHECK(cursor->integer(1) > last_time);
            last_time = cursor->integer(1);
            commits[last] = {last_time, std::string(cursor->text(2)), {}};
        }
    }
    const auto count = [&](const char* sql, std::int64_t Written::* what) {
        const auto cursor = tx.query(backends::Sql(sql), {});
        while (cursor->next()) {
            const auto commit = commits.find(cursor->integer(0));
            CHECK(commit != commits.end());  // of a commit that is not there
            if (commit != commits.end()) commit->second.written.*what = cursor->integer(1);
        }
    };
    count(R"(SELECT "commitSeq", count(*) FROM "dataIndex" GROUP BY "commitSeq")", &Written::records);
    count(R"(SELECT "retiredSeq", count(*) FROM "dataIndex" WHERE "retiredSeq" IS NOT NULL GROUP BY "retiredSeq")",
          &Written::retired);
    count(R"(SELECT "commitSeq", count(*) FROM "namedRefPolicy" GROUP BY "commitSeq")", &Written::policies);
    return commits;
}

/// Timelines kept with every commit are those made anew from the records.
inline void check_timelines(const std::string& url) {
    const auto connection = backends::open_connection(backends::parse_place_url(url), backends::OpenMode::Existing);
    const auto tx = connection->begin(backends::TransactionMode::Write);
    const auto kept = stored_timelines(*tx);
    index::rebuild_all_timelines(*tx);
    const auto anew = stored_timelines(*tx);
    CHECK(kept.size() == anew.size());
    CHECK((kept == anew));
}  // rolled back

/// Commits, records, payloads and rows of a database with the structs `Gain` and `Plain` hang together; a commit with
/// the reason "data" has `records_in_each`, one that promises keeps it.
inline void check_whole(const std::string& url, std::int64_t records_in_each = 0) {
    const auto connection = backends::open_connection(backends::parse_place_url(url), backends::OpenMode::Existing);
    const auto tx = connection->begin(backends::TransactionMode::Read);
    const auto number = [&](const std::string& sql) {
        const auto cursor = tx->query(backends::Sql(sql), {});
        REQUIRE(cursor->next());
        return cursor->integer(0);
    };
    const auto commits = read_commits(*tx);
    REQUIRE_FALSE(commits.empty());
    for (const auto& [seq, commit] : commits) {
        if (commit.reason == "data") CHECK(commit.written.records == records_in_each);
        if (commit.reason.starts_with("promise")) CHECK(promise(commit.written) == commit.reason);
    }
    CHECK(number(R"(SELECT "lastSeq" FROM "commitCounter")") == commits.rbegin()->first);
    CHECK(number(R"(SELECT "lastEntryTime" FROM "commitCounter")") == commits.rbegin()->second.entry_time);
    CHECK(number(R"(SELECT count(*) FROM "dataIndex_view" d WHERE NOT EXISTS (SELECT 1 FROM "commitLog" c
WHERE c."commitSeq" = d."commitSeq" AND c."entryTime" = d."entryTime"))") == 0);
    CHECK(number(R"(SELECT count(*) FROM "namedRef" n WHERE NOT EXISTS (SELECT 1 FROM "namedRefPolicy" p
WHERE p."nameID" = n."ID"))") == 0);
    CHECK(number(R"(SELECT count(*) FROM "dataIndex" d WHERE d."numRows" > 0 AND NOT EXISTS (SELECT 1 FROM "payload" p
WHERE p."dataID" = d."dataID" AND p."numRows" = d."numRows"))") == 0);
    CHECK(
        number(
            R"(SELECT count(*) FROM "payload" p WHERE p."encoding" = 1 AND p."numRows" <> (SELECT count(*) FROM "Gain" g
WHERE g."dataID" = p."dataID") + (SELECT count(*) FROM "Plain" g WHERE g."dataID" = p."dataID"))") == 0);
    CHECK(number(R"(SELECT count(*) FROM "payload" p WHERE p."encoding" = 2 AND NOT EXISTS (SELECT 1 FROM "bytes" b
WHERE b."dataID" = p."dataID"))") == 0);
    CHECK(number(R"(SELECT count(*) FROM "payload" p WHERE NOT EXISTS (SELECT 1 FROM "dataIndex" d
WHERE p."dataID" = d."dataID"))") == 0);
    CHECK(number(R"(SELECT count(*) FROM "Gain" g WHERE NOT EXISTS (SELECT 1 FROM "payload" p
WHERE p."dataID" = g."dataID"))") == 0);
    CHECK(number(R"(SELECT count(*) FROM "bytes" g WHERE NOT EXISTS (SELECT 1 FROM "payload" p
WHERE p."dataID" = g."dataID"))") == 0);
    CHECK(number(R"(SELECT count(*) FROM "timelinePast" WHERE "fromSeq" >= "toSeq")") == 0);
    // Every checksum, set, stretch and link of the chain.
    VerifyOptions all;
    all.deep = true;
    const auto report = Database::open(url).verify(all);
    for (const auto& finding : report.findings) {
        MESSAGE(finding.table, " ", finding.key, ": ", finding.what, ", expected ", finding.expected, ", found ",
                finding.found);
    }
    CHECK(report.findings.empty());
    CHECK(report.commits == commits.size());
}

}  // namespace etalon::test
