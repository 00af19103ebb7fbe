#include "interchange/manifest_import.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <span>
#include <utility>

#include "base/whole_input.h"
#include "interchange/position_text.h"
#include "interchange/records.h"

namespace etalon::interchange {
namespace {

/// A lost server is no fault of a line: it ends the check.
void rethrow_failure(const Error& error) {
    if (error.code() == ErrorCode::Backend || error.code() == ErrorCode::Corrupt) throw error;
}

layers::Manifest read(const std::string& path, const std::string& comment) {
    auto file = open_input(path, "the manifest cannot be read", "a CSV file");
    return layers::read_manifest(file, path, std::filesystem::path(path).parent_path().string(),
                                 layers::ManifestKind::Import, comment);
}

}  // namespace

/// Collects what is wrong with the lines of a manifest; all of it is reported.
class ManifestImport::Problems {
public:
    explicit Problems(std::string origin) : origin_(std::move(origin)) {}
    void add(const Error& error) { errors_.push_back(error); }
    void add(std::size_t line, ErrorInfo info, ErrorCode code = ErrorCode::BadInput) {
        const auto place = origin_ + ":" + std::to_string(line);
        info.where = info.where.empty() ? place : place + ", " + info.where;
        errors_.emplace_back(code, std::move(info));
    }
    void add(std::size_t line, const Error& error) { add(line, error.info(), error.code()); }
    [[nodiscard]] std::size_t size() const { return errors_.size(); }
    /// Throws them all when there are any.
    void report() const {
        if (errors_.empty()) return;
        const bool bad_input = std::any_of(errors_.begin(), errors_.end(),
                                           [](const Error& error) { return exit_status(error.code()) == 2; });
        throw ManifestError(
            bad_input ? ErrorCode::BadInput : errors_.front().code(),
            {counted(errors_.size(), "problem") + " in the manifest", origin_, "", "", "nothing was written"}, errors_);
    }

private:
    std::string origin_;
    std::vector<Error> errors_;
};

/// The database that a line is for: that of its table path, or the only one given when the path has no other part.
std::string ManifestImport::database_of(const layers::ManifestEntry& entry) const {
    if (entry.database.empty() && request_.databases.size() == 1) return request_.databases.front();
    return entry.database;
}

/// The reference of a line: recorded, or to be made. Throws when it has another struct.
const NameInfo& ManifestImport::find_or_make_name(std::size_t part, const layers::ManifestEntry& entry) {
    auto& into = parts_[part];
    auto& origin = origins_[part];
    auto place = origin.known.find(entry.name);
    if (place == origin.known.end()) {
        auto info = into.database->find_name(entry.name);
        if (!info) {
            (void)origin.layouts->of(entry.struct_name);  // the struct must be recorded
            info.emplace();
            info->name = entry.name;
            info->struct_name = entry.struct_name;
            NameSpec spec;
            spec.name = entry.name;
            spec.struct_name = entry.struct_name;
            into.names.push_back(spec);
            origin.made_at[entry.name] = entry.line;
        }
        place = origin.known.emplace(entry.name, *info).first;
    }
    const auto same_struct = [&] {
        const auto structs = into.database->structs();
        return std::ranges::any_of(structs, [&](const StructInfo& info) {
            return info.is_called(place->second.struct_name) && info.is_called(entry.struct_name);
        });
    };
    if (place->second.struct_name != entry.struct_name && !same_struct()) {
        const auto made = origin.made_at.find(entry.name);
        throw Error(
            ErrorCode::BadInput,
            {"the reference has another struct", "reference " + entry.name + " of database " + into.database->name(),
             place->second.struct_name, entry.struct_name,
             made == origin.made_at.end() ? "" : "line " + std::to_string(made->second) + " names it first"});
    }
    return place->second;
}

void ManifestImport::add_entry(std::size_t part, const layers::ManifestEntry& entry) {
    auto& origin = origins_[part];
    const auto& name = find_or_make_name(part, entry);
    PutRecord record;
    record.name = entry.name;
    record.version = entry.version;
    record.element = entry.element;
    record.created = entry.created;
    record.begin = read_position(name, "beginTime", entry.begin).value;
    if (entry.end) record.end = read_position(name, "endTime", *entry.end).value;
    if (record.end && *record.end <= record.begin) {
        throw Error(
            ErrorCode::BadInput,
            {*record.end == record.begin ? "begin and end are equal" : "begin is after end", "reference " + entry.name,
             "begin before end", interval_text(name.axis, record.begin, record.end), ""});
    }
    const auto [first, fresh] =
        origin.lines.emplace(std::tuple(record.name, record.version, record.element, record.begin), entry.line);
    if (!fresh) {
        throw Error(ErrorCode::BadInput,
                    {"two lines have the same table, version, element and begin", "reference " + entry.name,
                     "one value to begin at a time", "line " + std::to_string(first->second) + " too", ""});
    }
    auto rows = load_rows(entry.path, origin.layouts->of(name.struct_name), request_.standard_input,
                          {request_.lenient, {request_.comment}});
    num_nameless_ += rows.num_nameless;
    std::move(rows).move_to(record);
    parts_[part].records.push_back(std::move(record));
    origin.lines_of_records.push_back(entry.line);
}

/// Checks all that the commit of a part would check, so that no database is written when another one must refuse.
void ManifestImport::check_part(std::size_t part, Problems& problems) {
    auto& into = parts_[part];
    const auto& origin = origins_[part];
    auto& database = *into.database;
    try {
        into.effects = database.preview(into.records, into.names);
        return;
    } catch (const Error& error) {
        rethrow_failure(error);
        // Which lines? Each reference to make and each record is asked for alone.
        const auto before = problems.size();
        std::map<std::string, const NameSpec*> made;
        std::set<std::string> bad;
        for (const auto& spec : into.names) {
            made[spec.name] = &spec;
            try {
                (void)database.preview({}, {&spec, 1});
            } catch (const Error& of_name) {
                rethrow_failure(of_name);
                bad.insert(spec.name);
                problems.add(origin.made_at.at(spec.name), of_name);
            }
        }
        for (std::size_t i = 0; i < into.records.size(); ++i) {
            const auto& record = into.records[i];
            if (bad.contains(record.name)) continue;
            const auto spec = made.find(record.name);
            try {
                (void)database.preview({&record, 1},
                                       spec == made.end() ? std::span<const NameSpec>() : std::span(spec->second, 1));
            } catch (const Error& of_record) {
                rethrow_failure(of_record);
                problems.add(origin.lines_of_records[i], of_record);
            }
        }
        if (problems.size() == before) problems.add(error);
    }
}

/// The lines of the request, each for a database that is given; throws after collecting all problems.
std::vector<layers::ManifestEntry> ManifestImport::read_entries() {
    const auto& given = request_.databases;
    auto manifest = read(request_.manifest, request_.comment);
    if (!request_.only.empty()) {
        std::erase_if(manifest.entries, [&](const auto& entry) { return database_of(entry) != request_.only; });
    }
    Problems problems(request_.manifest);
    for (const auto& problem : manifest.problems) problems.add(problem);

    std::map<std::string, std::size_t> unknown;  // databases that are not given, and the first line that names one
    for (const auto& entry : manifest.entries) {
        const auto name = database_of(entry);
        if (std::find(given.begin(), given.end(), name) == given.end()) unknown.emplace(name, entry.line);
    }
    for (const auto& [name, line] : unknown) {
        std::string known;
        for (const auto& one : given) known += (known.empty() ? "" : ", ") + one;
        problems.add(
            line,
            {name.empty() ? "the table path names no database" : "database " + name + " is not given", "",
             "one of " + known, "", "give its URL with -d (ending in #" + name + "), or choose databases with --only"},
            ErrorCode::Usage);
    }
    problems.report();
    if (manifest.entries.empty()) {
        throw Error(ErrorCode::BadInput,
                    {request_.only.empty() ? "the manifest has no lines"
                                           : "the manifest has no lines for database " + request_.only,
                     request_.manifest, "", "", "nothing was written"});
    }
    return std::move(manifest.entries);
}

ManifestImport::ManifestImport(Federation& federation, ImportRequest request, const Progress& progress)
    : federation_(federation), request_(std::move(request)) {
    const auto entries = read_entries();
    // Parts in order of name, whatever the order of the lines.
    std::set<std::string> names;
    for (const auto& entry : entries) names.insert(database_of(entry));
    for (const auto& name : names) {
        parts_.push_back({name, nullptr, {}, {}, {}});
        origins_.emplace_back();
    }
    Problems problems(request_.manifest);
    std::size_t done = 0;
    for (const auto& entry : entries) {
        const auto part = part_of(entry);
        try {
            add_entry(part, entry);
        } catch (const Error& error) {
            rethrow_failure(error);
            problems.add(entry.line, error);
        }
        if (progress) progress(++done, entries.size());
    }
    // The commit of a single database checks the same itself, without comparing with all that is stored.
    if (parts_.size() > 1 || request_.with_effects || problems.size() > 0) {
        for (std::size_t part = 0; part < parts_.size(); ++part) check_part(part, problems);
    }
    problems.report();
}

/// The part of a line's database, which is opened when the first of its lines comes.
std::size_t ManifestImport::part_of(const layers::ManifestEntry& entry) {
    const auto place = std::ranges::find(parts_, database_of(entry), &Part::name);
    const auto index = static_cast<std::size_t>(place - parts_.begin());
    if (place->database == nullptr) {
        place->database = &federation_.get(place->name);
        origins_[index].layouts = std::make_unique<Layouts>(*place->database);
    }
    return index;
}

CommitResult ManifestImport::commit(std::size_t part, const Progress& progress) {
    auto& from = parts_.at(part);
    CommitInfo info;
    info.reason = request_.reason.empty() ? "import " + std::filesystem::path(request_.manifest).filename().string()
                                          : request_.reason;
    try {
        const auto result = from.database->commit(from.records, info, from.names, progress);
        from.records.clear();
        return result;
    } catch (const Error& error) {
        rethrow_failure(error);
        if (parts_.size() == 1) {
            Problems problems(request_.manifest);
            check_part(part, problems);
            problems.report();
        }
        throw;
    }
}

}  // namespace etalon::interchange
