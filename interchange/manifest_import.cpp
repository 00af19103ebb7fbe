#include "interchange/manifest_import.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <tuple>

#include "interchange/position_text.h"
#include "interchange/records.h"
#include "layers/csv/manifest.h"

namespace etalon::interchange {
namespace {

/// Collects what is wrong with the lines of a manifest; all of it is reported.
class Problems {
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
        bool bad_input = false;
        for (const auto& error : errors_) bad_input = bad_input || exit_status(error.code()) == 2;
        throw ManifestError(
            bad_input ? ErrorCode::BadInput : errors_.front().code(),
            {counted(errors_.size(), "problem") + " in the manifest", origin_, "", "", "nothing was written"}, errors_);
    }

private:
    std::string origin_;
    std::vector<Error> errors_;
};

/// The database that a line is for: that of its table path, or the only one given when the path has no other part.
std::string database_of(const layers::ManifestEntry& entry, const std::vector<std::string>& given) {
    if (entry.database.empty() && given.size() == 1) return given.front();
    return entry.database;
}

/// The reference of a line: recorded, or to be made. Throws when it has another struct.
const NameInfo& find_or_make_name(Batch& batch, const layers::ManifestEntry& entry) {
    auto place = batch.known.find(entry.name);
    if (place == batch.known.end()) {
        auto info = batch.database->find_name(entry.name);
        if (!info) {
            (void)batch.layouts->of(entry.struct_name);  // the struct must be recorded
            info.emplace();
            info->name = entry.name;
            info->struct_name = entry.struct_name;
            NameSpec spec;
            spec.name = entry.name;
            spec.struct_name = entry.struct_name;
            batch.names.push_back(spec);
            batch.made_at[entry.name] = entry.line;
        }
        place = batch.known.emplace(entry.name, *info).first;
    }
    if (place->second.struct_name != entry.struct_name) {
        const auto made = batch.made_at.find(entry.name);
        throw Error(
            ErrorCode::BadInput,
            {"the reference has another struct", "reference " + entry.name + " of database " + batch.database->name(),
             place->second.struct_name, entry.struct_name,
             made == batch.made_at.end() ? "" : "line " + std::to_string(made->second) + " names it first"});
    }
    return place->second;
}

void add_entry(Batch& batch, const layers::ManifestEntry& entry) {
    const auto& name = find_or_make_name(batch, entry);
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
        batch.lines.emplace(std::tuple(record.name, record.version, record.element, record.begin), entry.line);
    if (!fresh) {
        throw Error(ErrorCode::BadInput,
                    {"two lines have the same table, version, element and begin", "reference " + entry.name,
                     "one value to begin at a time", "line " + std::to_string(first->second) + " too", ""});
    }
    load_rows(entry.path, batch.layouts->of(name.struct_name), &std::cin).move_to(record);
    batch.records.push_back(std::move(record));
    batch.lines_of_records.push_back(entry.line);
}

/// A lost server is no fault of a line: it ends the check.
void rethrow_failure(const Error& error) {
    if (error.code() == ErrorCode::Backend || error.code() == ErrorCode::Corrupt) throw error;
}

/// Checks all that the commit of a batch would check, so that no database is written when another one must refuse.
void check_batch(Batch& batch, Problems& problems) {
    auto& database = *batch.database;
    try {
        batch.effects = database.preview(batch.records, batch.names);
        return;
    } catch (const Error& error) {
        rethrow_failure(error);
        // Which lines? Each reference to make and each record is asked for alone.
        const auto before = problems.size();
        std::map<std::string, const NameSpec*> made;
        std::set<std::string> bad;
        for (const auto& spec : batch.names) {
            made[spec.name] = &spec;
            try {
                (void)database.preview({}, {&spec, 1});
            } catch (const Error& of_name) {
                rethrow_failure(of_name);
                bad.insert(spec.name);
                problems.add(batch.made_at.at(spec.name), of_name);
            }
        }
        for (std::size_t i = 0; i < batch.records.size(); ++i) {
            const auto& record = batch.records[i];
            if (bad.contains(record.name)) continue;
            const auto spec = made.find(record.name);
            try {
                (void)database.preview({&record, 1},
                                       spec == made.end() ? std::span<const NameSpec>() : std::span(spec->second, 1));
            } catch (const Error& of_record) {
                rethrow_failure(of_record);
                problems.add(batch.lines_of_records[i], of_record);
            }
        }
        if (problems.size() == before) problems.add(error);
    }
}

layers::Manifest read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file || std::filesystem::is_directory(path)) {
        throw Error(ErrorCode::BadInput, {"the manifest cannot be read", path, "a CSV file",
                                          file ? "a directory" : std::strerror(errno), ""});
    }
    return layers::read_manifest(file, path, std::filesystem::path(path).parent_path().string());
}

}  // namespace

std::map<std::string, Batch> prepare(Federation& federation, const std::vector<std::string>& given,
                                     const ImportOptions& options, const Progress& progress) {
    auto manifest = read(options.manifest);
    if (!options.only.empty()) {
        std::erase_if(manifest.entries, [&](const auto& entry) { return database_of(entry, given) != options.only; });
    }
    Problems problems(options.manifest);
    for (const auto& problem : manifest.problems) problems.add(problem);

    std::map<std::string, std::size_t> unknown;  // databases that are not given, and the first line that names one
    for (const auto& entry : manifest.entries) {
        const auto name = database_of(entry, given);
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
                    {options.only.empty() ? "the manifest has no lines"
                                          : "the manifest has no lines for database " + options.only,
                     options.manifest, "", "", "nothing was written"});
    }

    std::map<std::string, Batch> batches;
    std::size_t done = 0;
    for (const auto& entry : manifest.entries) {
        auto& batch = batches[database_of(entry, given)];
        if (batch.database == nullptr) {
            batch.database = &federation.get(database_of(entry, given));
            batch.layouts = std::make_unique<Layouts>(*batch.database);
        }
        try {
            add_entry(batch, entry);
        } catch (const Error& error) {
            rethrow_failure(error);
            problems.add(entry.line, error);
        }
        if (progress) progress(++done, manifest.entries.size());
    }
    // The commit of a single database checks the same itself, without comparing with all that is stored.
    if (batches.size() > 1 || options.dry_run || problems.size() > 0) {
        for (auto& [name, batch] : batches) check_batch(batch, problems);
    }
    problems.report();
    return batches;
}

CommitResult commit(Batch& batch, const ImportOptions& options, bool alone, const Progress& progress) {
    CommitInfo info;
    info.reason = options.reason.empty() ? "import " + std::filesystem::path(options.manifest).filename().string()
                                         : options.reason;
    try {
        return batch.database->commit(batch.records, info, batch.names, progress);
    } catch (const Error& error) {
        rethrow_failure(error);
        if (alone) {
            Problems problems(options.manifest);
            check_batch(batch, problems);
            problems.report();
        }
        throw;
    }
}

}  // namespace etalon::interchange
