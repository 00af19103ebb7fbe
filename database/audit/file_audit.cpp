#include "database/audit/file_audit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "backends/port.h"
#include "etalon/error.h"
#include "layers/stack.h"
#include "objects/rows.h"
#include "schema/references.h"
#include "store/audit.h"
#include "store/catalog.h"
#include "store/payload.h"
#include "store/schema_cache.h"

namespace etalon::database {
namespace {

using backends::Transaction;
using backends::TransactionMode;

std::string counted_files(std::uint64_t number) {
    return fmt::format("{} {}", number, number == 1 ? "file" : "files");
}

bool has_files(const StructDefinition& definition) {
    return std::ranges::any_of(definition.elements,
                               [](const Element& element) { return element.type == ScalarType::File; });
}

/// Calls `visit(member, file)` for all files of rows that are not null.
template <class Visit>
void visit_files(const schema::RowBlock& rows, const Visit& visit) {
    for (std::uint64_t r = 0; r < rows.num_rows; ++r) {
        for (const auto& element : rows.layout->elements) {
            if (element.type != ScalarType::File) continue;
            for (std::uint64_t item = 0; item < element.count(); ++item) {
                File file{};
                static_assert(sizeof file == 40);
                std::memcpy(&file, rows.row(r) + element.offset + item * sizeof file, sizeof file);
                if (!file.is_null()) visit(schema::member_name(element, item), file);
            }
        }
    }
}

/// The payloads of one place.
class PlaceFiles {
public:
    PlaceFiles(Transaction& tx, Damage damage, std::vector<FileReference>& references)
        : tx_(tx), damage_(damage), references_(references) {
        for (auto& [struct_id, table] : store::read_row_tables(tx_)) tables_.emplace(struct_id, table);
    }

    void read() {
        constexpr std::int64_t kPage = 1000;
        std::int64_t last = -1;
        for (std::size_t read = kPage; read == kPage;) {
            const auto payloads = store::read_payload_rows(tx_, last, kPage);
            read = payloads.size();
            std::vector<std::int64_t> ids;
            for (const auto& payload : payloads) {
                last = payload.data_id;
                if (version_with_files(payload) != nullptr) ids.push_back(payload.data_id);
            }
            if (ids.empty()) continue;
            const auto objects = objects::find_objects_of(tx_, ids, std::numeric_limits<std::int64_t>::max());
            for (const auto& payload : payloads) {
                const auto* version = version_with_files(payload);
                if (version == nullptr) continue;
                const auto object = objects.find(payload.data_id);
                add(payload, *version,
                    object != objects.end()
                        ? format_id(object->second.id)
                        : fmt::format("dataID {} of {}", payload.data_id, version->definition->name));
            }
        }
    }

private:
    /// Null when it has no files, or is not there, which verify() tells.
    const store::SchemaRecord* version_with_files(const store::StoredPayload& payload) {
        auto [known, is_new] = versions_.try_emplace(payload.struct_id);
        if (is_new) {
            for (auto& version : store::read_schemas(tx_, payload.struct_id, cache_)) {
                if (has_files(*version->definition)) known->second.push_back(std::move(version));
            }
        }
        const auto version =
            std::ranges::find_if(known->second, [&](const auto& one) { return one->schema_id == payload.schema_id; });
        return version == known->second.end() ? nullptr : version->get();
    }

    void add(const store::StoredPayload& payload, const store::SchemaRecord& version, const std::string& holder) {
        const auto storage = static_cast<Storage>(payload.encoding);
        const auto table = tables_.find(payload.struct_id);
        std::set<std::pair<std::string, std::string>> seen;
        try {
            const auto rows = store::read_rows(tx_, version, table == tables_.end() ? std::string() : table->second,
                                               storage, payload.data_id, static_cast<std::uint64_t>(payload.num_rows));
            visit_files(rows, [&](const std::string& member, const File& file) {
                if (seen.emplace(member, format_file(file)).second) references_.push_back({file, {holder, member}});
            });
        } catch (const Error& error) {
            if (damage_ == Damage::Throws || error.code() != ErrorCode::Corrupt) throw;
        }
    }

    Transaction& tx_;
    Damage damage_;
    std::vector<FileReference>& references_;
    std::map<std::int64_t, std::string> tables_;
    std::map<std::int64_t, std::vector<store::SchemaPtr>> versions_;  ///< with files
    store::SchemaCache cache_;
};

}  // namespace

std::vector<FileReference> list_files(layers::LayerStack& stack, Damage damage) {
    std::vector<FileReference> references;
    for (auto& layer : stack.layers()) {
        if (layer.is_private()) continue;
        const auto tx = layer.place->connection().begin(TransactionMode::Read);
        try {
            PlaceFiles(*tx, damage, references).read();
        } catch (const Error& error) {
            // Tables that are not there, or rows of the catalog: told by who looks for that.
            if (damage == Damage::Throws || error.retryable()) throw;
        }
    }
    return references;
}

void check_files(const FileStore& store, const std::string& place, const std::vector<FileReference>& references,
                 bool deep, VerifyReport& report) {
    if (store.empty()) {
        if (references.empty()) return;
        report.notes.push_back(fmt::format(
            "{} outside that rows refer to {} not looked for: name the folder that has them with --files DIR",
            counted_files(references.size()), references.size() == 1 ? "was" : "were"));
        return;
    }
    FileCheckOptions options;
    options.content = deep;
    options.references = references;
    std::uint64_t besides = 0;
    for (const auto& finding : store.check(options).findings) {
        if (finding.fault != FileFault::Missing && finding.fault != FileFault::Damaged) {
            ++besides;
            continue;
        }
        const auto holder = finding.use.object + (finding.use.member.empty() ? "" : ", " + finding.use.member);
        report.findings.push_back({place, "files", finding.path.empty() ? holder : finding.path, finding.what,
                                   finding.expected, finding.found, finding.advice});
    }
    if (besides == 0) return;
    report.notes.push_back(
        fmt::format("{} in the folders that nothing here refers to, or that no put made whole: 'etalon file check "
                    "--references' lists "
                    "them",
                    counted_files(besides)));
}

}  // namespace etalon::database
