#include "place/retirer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "etalon/error.h"
#include "index/commits.h"
#include "index/retire.h"
#include "index/timeline.h"
#include "place/effects.h"
#include "place/history.h"
#include "place/place.h"
#include "place/registrar.h"
#include "place/writer.h"

namespace etalon::place {

using backends::Transaction;
using backends::TransactionMode;

namespace {

/// The records that are meant and not retired, as of the last commit.
std::vector<HistoryRecord> select_records(Place& db, Transaction& tx, const index::NameRecord& name,
                                          const HistoryOptions& which, bool several, const ReadContext& last) {
    // Everything that `which` can ask for counts, the limit of live records too: nothing else may be retired.
    auto live = which;
    if (live.retired == RetiredFilter::All) live.retired = RetiredFilter::Live;
    auto records = list_records(db, tx, name, live, last);
    std::erase_if(records, [](const HistoryRecord& record) { return record.retired.has_value(); });
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

/// Which intervals lose their winners.
std::vector<PutEffect> preview_retirement(Transaction& tx, const index::NameRecord& name,
                                          const std::vector<HistoryRecord>& records) {
    std::map<index::TimelineKey, std::set<std::string>> retired;
    for (const auto& record : records) retired[{name.id, record.element, record.version}].insert(record.uid);
    std::vector<PutEffect> effects;
    for (const auto& [key, uids] : retired) {
        Series series{name.name, name.axis, name.policy, key.version, key.element, index::read_live_series(tx, key)};
        const auto gone = std::stable_partition(series.records.begin(), series.records.end(),
                                                [&](const auto& record) { return !uids.contains(record.uid); });
        add_retire_effects(effects, series, static_cast<std::size_t>(gone - series.records.begin()));
    }
    return effects;
}

}  // namespace

RetireReport retire_records(Place& db, std::string_view wanted, const HistoryOptions& which, bool several,
                            const WriteContext& context) {
    RetireReport report;
    if (context.dry_run) {
        const auto tx = db.connection().begin(TransactionMode::Read);
        const auto name = plan_existing(db, *tx, wanted).record;
        report.records =
            select_records(db, *tx, name, which, several, {index::last_commit(*tx), context.rules, {}, 0, {}});
        report.effects = preview_retirement(*tx, name, report.records);
        return report;
    }
    if (context.info.reason.empty()) {
        throw Error(ErrorCode::Usage,
                    {"retiring needs a reason", std::string(wanted), "why, for the log", "none", "--reason TEXT"});
    }
    Commit commit(db, context);
    auto& tx = commit.tx();
    const auto& stamp = commit.take_number();
    const auto name = plan_existing(db, tx, wanted).record;
    report.records = select_records(db, tx, name, which, several, {stamp.seq - 1, context.rules, {}, 0, {}});
    if (report.records.empty()) return report;
    std::vector<index::LiveRecord> retired;
    for (const auto& record : report.records) {
        auto live =
            index::find_live_record(tx, name.id, record.element, record.version, record.interval.begin, record.commit);
        if (!live) {
            throw Error(ErrorCode::Corrupt,
                        {"a record is not there once", fmt::format("{}, uid {}", name.name, record.uid),
                         "one row of dataIndex", "none", "see 'etalon verify'"});
        }
        retired.push_back(*std::move(live));
    }
    index::retire_records(tx, stamp, name, retired);
    report.commit = commit.finish();
    return report;
}

}  // namespace etalon::place
