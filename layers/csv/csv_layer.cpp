#include "layers/csv/csv_layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <tuple>
#include <utility>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/whole_input.h"
#include "etalon/error.h"
#include "index/chain.h"
#include "layers/csv/layer_file.h"
#include "layers/csv/manifest.h"
#include "layers/variables.h"
#include "place/name_rules.h"

namespace etalon::layers {
namespace {

namespace fs = std::filesystem;

constexpr const char* kManifestName = "manifest.csv";
constexpr std::size_t kMostProblems = 20;

[[noreturn]] void refuse(std::string what, std::string where, std::string expected, std::string found,
                         std::string advice = {}) {
    throw Error(ErrorCode::BadInput,
                {std::move(what), std::move(where), std::move(expected), std::move(found), std::move(advice)});
}

/// What is in a file; `shown` is its path for errors. A pipe would be waited for, and a device may have no end.
std::string read_file(const std::string& path, const std::string& shown) {
    constexpr std::uint64_t kLargest = std::uint64_t{1} << 30;
    std::error_code failure;
    if (fs::exists(path, failure) && !fs::is_regular_file(path, failure)) {
        refuse("the file cannot be read", shown, "a CSV file",
               fs::is_directory(path, failure) ? "a directory" : "something else");
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) refuse("the file cannot be read", shown, "", std::strerror(errno));
    return read_whole(file, shown, kLargest);
}

/// What is wrong with a directory, told together.
class Problems {
public:
    explicit Problems(std::string directory) : directory_(std::move(directory)) {}
    [[nodiscard]] std::vector<Error>& list() noexcept { return list_; }
    void add(std::string what, std::string where, std::string expected, std::string found, std::string advice = {}) {
        list_.emplace_back(ErrorCode::BadInput, ErrorInfo{std::move(what), std::move(where), std::move(expected),
                                                          std::move(found), std::move(advice)});
    }
    /// An error that does not say where.
    void add_at(const std::string& where, const Error& error) {
        list_.push_back(error.within(where, ", ").as(ErrorCode::BadInput));
    }
    void report() const {
        if (list_.empty()) return;
        if (list_.size() == 1) throw Error(list_.front());
        std::string found;
        for (std::size_t i = 0; i < std::min(list_.size(), kMostProblems); ++i) {
            found += fmt::format("{}{}", i == 0 ? "" : " | ", list_[i].what());
        }
        if (list_.size() > kMostProblems) found += fmt::format(" | and {} more", list_.size() - kMostProblems);
        refuse(fmt::format("{} problems in a CSV layer", list_.size()), directory_, "", std::move(found));
    }

private:
    std::string directory_;
    std::vector<Error> list_;
};

/// One line of the manifest that belongs to the layer.
struct Line {
    ManifestEntry entry;
    std::string where;  ///< `manifest.csv:3`
    std::string struct_name;
    Axis axis = Axis::Time;
    std::string file;   ///< to open
    std::string shown;  ///< for errors: the same with variables by name
};

class LayerReader {
public:
    LayerReader(const std::string& directory, std::string_view database_name, const CsvLayerContext& context)
        : directory_(directory.empty() ? "." : directory),
          shown_directory_(context.shown_directory.empty() ? directory_ : fs::path(context.shown_directory)),
          manifest_path_((directory_ / kManifestName).string()),
          shown_manifest_((shown_directory_ / kManifestName).string()),
          context_(context),
          problems_(shown_directory_.string()) {
        layer_.database_name = database_name;
    }

    CsvLayer read() {
        auto entries = read_entries();
        choose_database(entries);
        check_database(entries);
        for (auto& entry : entries) {
            if (entry.database.empty() || entry.database == layer_.database_name) add_line(std::move(entry));
        }
        resolve_references();
        std::erase_if(lines_, [this](Line& line) { return !check_line(line); });
        define_structs();
        for (const auto& line : lines_) add_record(line);
        problems_.report();
        for (const auto& name : struct_order_) {
            const auto& schemas = structs_.at(name).schemas;
            layer_.definitions.insert(layer_.definitions.end(), schemas.begin(), schemas.end());
        }
        const auto digest = digest_.finish();
        layer_.digest = to_hex(digest);
        return std::move(layer_);
    }

private:
    [[nodiscard]] std::string at(std::size_t line) const { return fmt::format("{}:{}", shown_manifest_, line); }

    std::vector<ManifestEntry> read_entries() {
        std::error_code failure;
        if (!fs::is_directory(directory_, failure)) {
            const bool is_there = fs::exists(directory_, failure);
            refuse("a CSV layer is a directory", shown_directory_.string(),
                   fmt::format("a directory with {}", kManifestName), is_there ? "something else" : "nothing",
                   is_there ? "give the directory that the manifest is in" : "");
        }
        if (!fs::is_regular_file(manifest_path_, failure)) {
            refuse("a CSV layer without its manifest", shown_directory_.string(),
                   fmt::format("a file {} in it", kManifestName),
                   fs::is_directory(manifest_path_, failure) ? "a directory of that name" : "none");
        }
        auto text = read_file(manifest_path_, shown_manifest_);
        digest_.add_text(text);
        std::istringstream in(std::move(text));
        auto manifest = read_manifest(in, shown_manifest_, "", ManifestKind::CsvLayer);
        problems_.list() = std::move(manifest.problems);
        return std::move(manifest.entries);
    }

    /// Without a name of its own, the layer takes that of the only database in its manifest.
    void choose_database(const std::vector<ManifestEntry>& entries) {
        if (!layer_.database_name.empty()) return;
        std::map<std::string, std::size_t> first_lines;
        for (const auto& entry : entries) {
            if (!entry.database.empty()) first_lines.emplace(entry.database, entry.line);
        }
        if (first_lines.size() == 1) layer_.database_name = first_lines.begin()->first;
        if (first_lines.size() < 2) return;
        std::string list;
        for (const auto& [name, line] : first_lines) {
            list += fmt::format("{}{} (line {})", list.empty() ? "" : ", ", name, line);
        }
        refuse("the manifest of a CSV layer names several databases", shown_manifest_, "one, or a layer with a name",
               list, "end the URL of the layer with # and one of them");
    }

    /// Lines of other databases are left out; when all are, the layer is one of another database.
    void check_database(const std::vector<ManifestEntry>& entries) const {
        const auto is_other = [&](const ManifestEntry& entry) {
            return !entry.database.empty() && entry.database != layer_.database_name;
        };
        if (entries.empty() || !std::ranges::all_of(entries, is_other)) return;
        refuse("the CSV layer is of another database", shown_manifest_, "lines of database " + layer_.database_name,
               fmt::format("{} (line {})", entries.front().database, entries.front().line),
               "give it beside that database, or leave the database out of its lines");
    }

    void add_line(ManifestEntry entry) {
        if (context_.recorded_name && !entry.struct_name.empty())
            entry.struct_name = context_.recorded_name(entry.struct_name);
        Line line;
        line.where = at(entry.line);
        line.entry = std::move(entry);
        lines_.push_back(std::move(line));
    }

    /// Struct and axis of every reference, from the layers below and from the lines that say them.
    void resolve_references() {
        struct Reference {
            std::string struct_name;
            std::string from;  ///< who says so
            Axis axis = Axis::Time;
            bool bad = false;
        };
        std::map<std::string, Reference> references;
        for (const auto& line : lines_) {
            const auto [place, fresh] = references.try_emplace(line.entry.name);
            auto& reference = place->second;
            if (fresh) {
                reference.bad = !passes(line.where, [&] { place::check_name(line.entry.name, "named reference"); });
                if (reference.bad) continue;
                NameSpec spec;
                spec.name = line.entry.name;
                if (const auto known = context_.known_name(line.entry.name)) {
                    reference = {known->struct_name, "a layer below", known->axis};
                    spec.axis = known->axis;
                    spec.policy = known->policy;
                }
                layer_.names.push_back(std::move(spec));
            }
            if (reference.struct_name.empty() && !line.entry.struct_name.empty()) {
                reference.struct_name = line.entry.struct_name;
                reference.from = fmt::format("line {}", line.entry.line);
            }
        }
        for (auto& spec : layer_.names) {
            auto& reference = references.at(spec.name);
            if (reference.struct_name.empty()) reference.struct_name = spec.name;
            spec.struct_name = reference.struct_name;
        }
        std::erase_if(lines_, [&](Line& line) {
            const auto& reference = references.at(line.entry.name);
            if (reference.bad) return true;
            line.struct_name = reference.struct_name;
            line.axis = reference.axis;
            if (line.entry.struct_name.empty() || line.entry.struct_name == reference.struct_name) return false;
            problems_.add(fmt::format("the reference {} has another struct", line.entry.name), line.where,
                          fmt::format("{}, as {} has it", reference.struct_name, reference.from),
                          line.entry.struct_name);
            return true;
        });
    }

    /// Runs a check; false after adding its error.
    template <class Check>
    bool passes(const std::string& where, Check&& check) {
        try {
            check();
            return true;
        } catch (const Error& error) {
            problems_.add_at(where, error);
            return false;
        }
    }

    /// Finds the file of a line and the struct that it is of.
    bool check_line(Line& line) {
        if (!structs_.contains(line.struct_name)) add_struct(line);
        return passes(line.where, [&] {
            const auto path = expand_variables(line.entry.path, "");
            const auto full = directory_ / path;
            line.file = full.string();
            std::error_code failure;
            const auto status = fs::status(full, failure);
            // Values of variables are not printed: the path stands in the manifest as people wrote it.
            line.shown = (shown_directory_ / line.entry.path).string();
            if (path.empty()) refuse("the path is empty", "", "a file of values", line.entry.path);
            if (!fs::exists(status)) {
                refuse("the path leads nowhere", "", "a file of values", line.shown,
                       failure && failure != std::errc::no_such_file_or_directory
                           ? failure.message()
                           : "paths are relative to the manifest");
            }
            if (fs::is_directory(status)) {
                refuse("the path leads to a directory", "", "a file of values", line.shown, "CSV layers do not nest");
            }
            if (!fs::is_regular_file(status)) {
                refuse("the path leads to something that is no file", "", "a file of values", line.shown);
            }
            if (full.filename() == kManifestName || fs::equivalent(full, manifest_path_, failure)) {
                refuse("the path leads to a manifest", "", "a file of values", line.shown, "CSV layers do not nest");
            }
        });
    }

    void add_struct(const Line& line) {
        LayerStruct of_struct;
        of_struct.name = line.struct_name;
        of_struct.schemas = context_.known_struct(line.struct_name);
        if (!of_struct.schemas.empty()) {
            of_struct.current = of_struct.schemas.size() - 1;
            if (context_.current_schema) {
                of_struct.current = std::min(of_struct.current, context_.current_schema(line.struct_name));
            }
        }
        structs_.emplace(line.struct_name, std::move(of_struct));
        struct_order_.push_back(line.struct_name);
    }

    /// Structs that nobody knows are defined by the first header that says types.
    void define_structs() {
        for (const auto& name : struct_order_) {
            auto& of_struct = structs_.at(name);
            if (!of_struct.schemas.empty()) continue;
            const Line* untyped = nullptr;
            bool failed = false;
            for (const auto& line : lines_) {
                if (line.struct_name != name || !of_struct.schemas.empty() || files_.contains({line.file, name}))
                    continue;
                try {
                    std::istringstream in(read_file(line.file, line.shown));
                    if (auto definition = read_layer_definition(in, line.shown, name)) {
                        of_struct.schemas.push_back(std::move(definition));
                    } else if (untyped == nullptr) {
                        untyped = &line;
                    }
                } catch (const Error& error) {
                    problems_.list().push_back(error);
                    files_.emplace(std::pair(line.file, name), std::nullopt);
                    failed = true;
                }
            }
            if (of_struct.schemas.empty() && untyped != nullptr && !failed) {
                problems_.add(fmt::format("nobody knows the struct {}", name), untyped->shown + ":1",
                              "a struct of a layer below, or types in the header: name:type", "a header without types",
                              fmt::format("it is named on line {} of {}", untyped->entry.line, kManifestName));
            }
        }
    }

    /// Position on the axis of the reference.
    std::int64_t read_position(const Line& line, const char* column, const std::string& text) {
        try {
            return parse_position(line.axis, text).value;
        } catch (const Error& error) {
            const auto what =
                fmt::format("{} of {} (a reference on the {} axis)", column, line.entry.name, name_of(line.axis));
            throw error.about(what).at({}).as(ErrorCode::BadInput);
        }
    }

    void add_record(const Line& line) {
        const auto& entry = line.entry;
        PutRecord record;
        record.name = entry.name;
        record.version = entry.version;
        record.element = entry.element;
        record.created = entry.created;
        const bool good = passes(line.where, [&] {
            index::check_version_name(entry.version);
            record.begin = read_position(line, "beginTime", entry.begin);
            if (entry.end) record.end = read_position(line, "endTime", *entry.end);
            if (record.end && *record.end <= record.begin) {
                refuse("the interval is empty", "", "beginTime before endTime",
                       fmt::format("[{}, {})", entry.begin, *entry.end));
            }
            const auto [first, fresh] =
                keys_.emplace(std::tuple(record.name, record.version, record.element, record.begin), entry.line);
            if (!fresh) {
                refuse("two lines have the same table, version, element and beginTime", "",
                       "one value to begin at a time", fmt::format("line {} too", first->second));
            }
        });
        const auto& rows = rows_of(line);
        if (!good || !rows) return;
        record.layout = rows->layout;
        record.rows = rows->rows;
        record.num_rows = rows->num_rows;
        layer_.records.push_back(std::move(record));
    }

    /// The rows of a line's file, read once; nothing when it, or its struct, has problems.
    const std::optional<LayerRows>& rows_of(const Line& line) {
        const auto [place, fresh] = files_.try_emplace(std::pair(line.file, line.struct_name));
        const auto& of_struct = structs_.at(line.struct_name);
        if (!fresh || of_struct.schemas.empty()) return place->second;
        try {
            auto text = read_file(line.file, line.shown);
            // The path as written: it is the same wherever the directory lies.
            if (digested_.insert(line.entry.path).second) {
                digest_.add_text(line.entry.path);
                digest_.add_text(text);
            }
            std::istringstream in(std::move(text));
            place->second = read_layer_file(in, line.shown, of_struct, problems_.list());
        } catch (const Error& error) {
            problems_.list().push_back(error);
        }
        return place->second;
    }

    fs::path directory_;
    fs::path shown_directory_;  // for errors
    std::string manifest_path_;
    std::string shown_manifest_;
    const CsvLayerContext& context_;
    Problems problems_;
    CsvLayer layer_;
    Sha256Builder digest_;
    std::set<std::string> digested_;
    std::vector<Line> lines_;
    std::map<std::string, LayerStruct> structs_;
    std::vector<std::string> struct_order_;
    std::map<std::pair<std::string, std::string>, std::optional<LayerRows>> files_;  // by file and struct
    std::map<std::tuple<std::string, std::string, std::int64_t, std::int64_t>, std::size_t> keys_;
};

}  // namespace

CsvLayer read_csv_layer(const std::string& directory, std::string_view database_name, const CsvLayerContext& context) {
    return LayerReader(directory, database_name, context).read();
}

}  // namespace etalon::layers
