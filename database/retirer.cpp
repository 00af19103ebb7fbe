#include "database/retirer.h"

#include <fmt/format.h>

#include <algorithm>

#include "database/impl.h"
#include "database/registrar.h"
#include "database/writer.h"
#include "etalon/error.h"
#include "index/commits.h"
#include "index/records.h"
#include "index/timeline.h"

namespace etalon::database {

using backends::Transaction;
using backends::TransactionMode;
using detail::DatabaseImpl;

namespace {

void check_uids(const std::vector<std::string>& uids) {
    for (const auto& uid : uids) {
        const bool is_hex = uid.size() == 32 && std::all_of(uid.begin(), uid.end(), [](char c) {
                                return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
                            });
        if (is_hex) continue;
        throw Error(ErrorCode::BadInput,
                    {"not the uid of an interval record", fmt::format("'{}'", uid), "32 hexadecimal digits (0-9, a-f)",
                     fmt::format("{} characters", uid.size()), "see 'etalon history'"});
    }
}

/// The records that are meant and not retired, as of the last commit.
std::vector<HistoryRecord> select_records(Transaction& tx, const index::NameRecord& name, const HistoryOptions& which,
                                          bool several) {
    auto records =
        index::read_history(tx, {name.id, name.axis, which.version, which.element, index::last_commit(tx), 0});
    std::erase_if(records, [&](const HistoryRecord& record) {
        return record.retired ||
               (!which.uids.empty() && std::find(which.uids.begin(), which.uids.end(), record.uid) == which.uids.end());
    });
    for (const auto& uid : which.uids) {
        if (std::any_of(records.begin(), records.end(), [&](const auto& record) { return record.uid == uid; }))
            continue;
        throw Error(ErrorCode::Unknown,
                    {"no record to retire has this uid", fmt::format("{}, uid {}", name.name, uid),
                     "a record that is not retired", "none", "see 'etalon history " + name.name + "'"});
    }
    if (records.size() > 1 && !several && which.uids.size() != records.size()) {
        throw Error(ErrorCode::Usage, {"several records match", name.name, "one record", std::to_string(records.size()),
                                       "narrow it down, name them by uid, or say that all of them are meant (--all)"});
    }
    return records;
}

}  // namespace

RetireReport retire_records(DatabaseImpl& db, std::string_view wanted, const HistoryOptions& which,
                            const CommitInfo& info, bool several, bool dry_run) {
    check_uids(which.uids);
    RetireReport report;
    if (dry_run) {
        const auto tx = db.connection->begin(TransactionMode::Read);
        report.records = select_records(*tx, plan_existing(db, *tx, wanted).record, which, several);
        return report;
    }
    if (info.reason.empty()) {
        throw Error(ErrorCode::Usage,
                    {"retiring needs a reason", std::string(wanted), "why, for the log", "none", "--reason TEXT"});
    }
    static const backends::Sql kRetire(
        R"(UPDATE "dataIndex" SET "retiredSeq" = ?6 WHERE "nameID" = ?1 AND "elementID" = ?2
AND "version" = ?3 AND "beginTime" = ?4 AND "commitSeq" = ?5 AND "retiredSeq" IS NULL)");
    const auto tx = db.connection->begin(TransactionMode::Write);
    index::lock_tables(*tx, index::TableUse::Fill);
    const auto stamp = index::begin_commit(*tx, now());
    const auto name = plan_existing(db, *tx, wanted).record;
    report.records = select_records(*tx, name, which, several);
    if (report.records.empty()) return report;
    std::set<index::TimelineKey> timelines;
    for (const auto& record : report.records) {
        const auto changed = tx->execute(
            kRetire, {name.id, record.element, record.version, record.interval.begin, record.commit, stamp.seq});
        if (changed != 1) {
            throw Error(ErrorCode::Corrupt,
                        {"a record is not there once", fmt::format("{}, uid {}", name.name, record.uid),
                         "one row of dataIndex", std::to_string(changed), ""});
        }
        timelines.insert({name.id, record.element, record.version});
    }
    index::renew_timelines(*tx, stamp, name.id, name.policy, timelines);
    index::write_commit_log(*tx, stamp, complete(info));
    tx->commit();
    report.commit = stamp.seq;
    return report;
}

}  // namespace etalon::database
