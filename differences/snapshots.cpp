// Snapshots of one database: which records came, went or were replaced, and which values that changed.

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <tuple>

#include "base/nearest.h"
#include "differences/engine.h"
#include "etalon/database.h"
#include "etalon/error.h"

namespace etalon::differences {
namespace {


bool is_meant(std::string_view name, std::string_view pattern) {
    if (!pattern.ends_with('*')) return name == pattern;
    return name.starts_with(pattern.substr(0, pattern.size() - 1));
}

class SnapshotDiff {
public:
    SnapshotDiff(Database& database, const DiffSnapshots& snapshots, Engine& engine)
        : database_(database), snapshots_(snapshots), engine_(engine) {}

    void run() {
        const auto names = find_names();
        check_options(names);
        find_redefined();
        std::uint64_t done = 0;
        for (const auto& name : names) {
            engine_.begin_part(done++, names.size());
            compare(name);
        }
        auto& report = engine_.collector().report();
        report.before.place = database_.place();
        report.after.place = database_.place();
    }

private:
    /// A series of records.
    using Series = std::pair<std::string, std::int64_t>;  // version, element

    [[nodiscard]] std::vector<NameInfo> find_names() const {
        auto names = database_.names();
        std::vector<std::string> known;
        for (const auto& one : names) known.push_back(one.name);
        std::erase_if(names, [&](const NameInfo& one) { return !is_meant(one.name, snapshots_.names); });
        std::ranges::sort(names, {}, &NameInfo::name);
        if (!names.empty() || snapshots_.names == "*") return names;
        throw Error(ErrorCode::Unknown, {"no named reference " + snapshots_.names, "database " + database_.name(), "",
                                         "", did_you_mean(snapshots_.names, known)});
    }

    void check_options(const std::vector<NameInfo>& names) const {
        std::set<std::string> structs;
        std::vector<DefinitionPtr> layouts;
        for (const auto& one : names) {
            if (!structs.insert(one.struct_name).second) continue;
            const auto all = database_.get_definitions(one.struct_name);
            layouts.insert(layouts.end(), all.begin(), all.end());
        }
        engine_.check_options(layouts);
    }

    /// Commits that wrote the policy or the coverage of a reference. Several layers have no commits in common.
    void find_redefined() {
        several_ = database_.layers().size() > 1;
        if (several_) return;
        LogOptions options;
        options.touched = true;
        for (const auto& commit : database_.log(options)) {
            for (const auto& touch : commit.touched) {
                if (touch.kind == Touched::Reference && touch.defined) redefined_[touch.name].insert(commit.commit);
            }
        }
    }

    [[nodiscard]] std::vector<HistoryRecord> records_of(const std::string& name,
                                                        const std::optional<AsOf>& as_of) const {
        HistoryOptions options;
        options.as_of = as_of;
        options.retired = RetiredFilter::Live;
        return database_.history(name, options);
    }

    [[nodiscard]] FetchOptions fetch_of(const std::optional<AsOf>& as_of) const {
        FetchOptions fetch;
        fetch.as_of = as_of;
        return fetch;
    }

    /// Whether the reference was changed itself between the snapshots.
    [[nodiscard]] bool is_redefined(const NameInfo& info) const {
        if (several_) return true;
        const auto found = redefined_.find(info.name);
        if (found == redefined_.end()) return false;
        const auto commit_of = [&](const std::optional<AsOf>& as_of) {
            return database_.fetch_rows(info.name, {info.axis, kMinusInfinity}, fetch_of(as_of))->snapshot;
        };
        const auto [low, high] = std::minmax({commit_of(snapshots_.before), commit_of(snapshots_.after)});
        const auto first = found->second.upper_bound(low);
        return first != found->second.end() && *first <= high;
    }

    void compare(const NameInfo& info) {
        const auto before = records_of(info.name, snapshots_.before);
        const auto after = records_of(info.name, snapshots_.after);
        std::set<Series> changed;
        tell_records(info, before, after, changed);
        if (is_redefined(info)) {
            for (const auto* records : {&before, &after}) {
                for (const auto& record : *records) changed.emplace(record.version, record.element);
            }
        }
        std::map<std::string, std::vector<std::int64_t>> versions;
        for (const auto& [version, element] : changed) versions[version].push_back(element);
        for (const auto& [version, elements] : versions) {
            const auto side = [&](const std::optional<AsOf>& as_of) {
                DiffSide one;
                one.database = &database_;
                one.name = info.name;
                one.fetch = fetch_of(as_of);
                one.fetch.version = version;
                one.fetch.elements = elements;
                return one;
            };
            const auto first = side(snapshots_.before);
            const auto second = side(snapshots_.after);
            SideReader of_first(first, kFirstSide);
            SideReader of_second(second, kSecondSide);
            engine_.compare(of_first, of_second, info.name);
        }
    }

    void tell_records(const NameInfo& info, const std::vector<HistoryRecord>& before,
                      const std::vector<HistoryRecord>& after, std::set<Series>& changed) {
        const auto uids_of = [](const std::vector<HistoryRecord>& records) {
            std::set<std::string_view> uids;
            for (const auto& record : records) uids.insert(record.uid);
            return uids;
        };
        const auto of_before = uids_of(before);
        const auto of_after = uids_of(after);
        // The last record that stood where a new one stands now.
        std::map<std::tuple<std::string_view, std::int64_t, std::int64_t>, const HistoryRecord*> standing;
        for (const auto& record : before) {
            auto& here = standing[{record.version, record.element, record.interval.begin}];
            if (here == nullptr || here->commit <= record.commit) here = &record;
        }
        std::set<std::string_view> replaced;
        for (const auto& record : after) {
            if (of_before.contains(record.uid)) continue;
            const auto old = standing.find({record.version, record.element, record.interval.begin});
            const bool replaces = old != standing.end();
            if (replaces) replaced.insert(old->second->uid);
            changed.emplace(record.version, record.element);
            tell(replaces ? DiffKind::RecordReplaced : DiffKind::RecordAdded, info, record,
                 replaces ? DiffValue(old->second->uid) : DiffValue(NoValue{}), record.uid);
        }
        for (const auto& record : before) {
            if (of_after.contains(record.uid)) continue;
            changed.emplace(record.version, record.element);
            if (!replaced.contains(record.uid)) tell(DiffKind::RecordRetired, info, record, record.uid, NoValue{});
        }
    }

    void tell(DiffKind kind, const NameInfo& info, const HistoryRecord& record, DiffValue before, DiffValue after) {
        Difference one;
        one.kind = kind;
        one.path = info.name;
        one.element = record.element;
        one.version = record.version;
        one.stretch = record.interval;
        one.before = std::move(before);
        one.after = std::move(after);
        engine_.collector().tell(one);
    }

    Database& database_;
    const DiffSnapshots& snapshots_;
    Engine& engine_;
    bool several_ = false;
    std::map<std::string, std::set<std::int64_t>> redefined_;
};

}  // namespace
}  // namespace etalon::differences

namespace etalon {

DiffReport find_differences(Database& database, const DiffSnapshots& snapshots, const DiffOptions& options,
                            const DiffVisitor& visit, const Progress& progress) {
    differences::Engine engine(options, visit, progress);
    differences::SnapshotDiff(database, snapshots, engine).run();
    return engine.finish();
}

}  // namespace etalon
