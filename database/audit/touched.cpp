#include "database/audit/touched.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config_tree/nodes.h"
#include "conversion/plan.h"
#include "etalon/error.h"
#include "index/usage.h"
#include "layers/stack.h"
#include "objects/rows.h"
#include "place/views.h"
#include "schema/limits.h"
#include "store/payload.h"

namespace etalon::database {

using backends::Transaction;
using backends::TransactionMode;
using evolution::Verdict;
using layers::LayerStack;

namespace {

/// It is about what is recorded, not about the snapshot that reads use.
constexpr std::int64_t kLatest = kPlusInfinity;

/// What is touched by one line of a report, over all layers.
struct Touched {
    std::uint64_t records = 0;
    std::set<std::pair<std::string, std::string>> configurations;  // root and key
};

/// Stored values that limits do not allow, over all layers.
struct Forbidden {
    std::uint64_t values = 0;
    std::uint64_t records = 0;     // with any
    std::uint64_t unreadable = 0;  // payloads that the new layout cannot read
    std::string example;           // the first
};

/// Records of one schema version, by reference.
using Stored = std::vector<const index::StoredCount*>;

/// One layer: what is stored of a struct, and who refers to it.
class OneLayer {
public:
    OneLayer(place::Place& db, const std::string& struct_name)
        : db_(db), tx_(db.connection().begin(TransactionMode::Read)) {
        known_ = db.find_struct(*tx_, struct_name);
        if (!known_) return;
        counts_ = index::count_stored(*tx_, known_->record.id);
        // Objects are of no reference.
        for (const auto& [schema, number] : objects::count_objects_by_schema(*tx_, known_->record.id))
            counts_.push_back({"", schema, number});
        for (const auto& count : counts_) by_schema_[count.schema].push_back(&count);
        if (!counts_.empty()) uses_ = config_tree::read_uses(*tx_, kLatest);
    }

    void add_lines(const StructDefinition& definition, const RegisterOutcome& outcome,
                   const evolution::StructRules* rules, std::vector<Touched>& lines) const {
        for (const auto& [schema_id, stored] : by_schema_) {
            const auto schema = known_->find(schema_id);
            if (!schema) continue;
            const auto judged = evolution::judge(*schema->definition, definition, &db_.units(), rules);
            for (std::size_t i = 0; i < lines.size(); ++i) {
                const auto& line = outcome.changes[i];
                const bool meets = std::any_of(judged.begin(), judged.end(), [&](const evolution::JudgedChange& one) {
                    return one.verdict >= Verdict::Checked && one.change.path == line.path &&
                           name_of(one.change.kind) == line.kind && is_as_bad(one.verdict, line.verdict);
                });
                if (meets) add(stored, lines[i]);
            }
        }
    }

    /// What is stored in the layout with that definition hash.
    void add_layout(const Sha256& hash, Touched& touched) const {
        for (const auto& [schema_id, stored] : by_schema_) {
            const auto schema = known_->find(schema_id);
            if (schema && schema->definition_hash == hash) add(stored, touched);
        }
    }

    /// Counts the stored values that the limits of a definition do not allow.
    void add_forbidden(const StructDefinition& definition, const evolution::StructRules* rules,
                       Forbidden& forbidden) const {
        if (!known_) return;
        const auto asked = std::make_shared<const StructDefinition>(definition);
        auto payloads = index::list_stored_payloads(*tx_, known_->record.id);
        for (const auto& object : objects::list_object_places(*tx_, known_->record.id))
            payloads.push_back({object.schema_id, object.data_id, object.encoding, 1, 1});
        for (const auto& payload : payloads) {
            const auto schema = known_->find(payload.schema);
            if (!schema) continue;
            const auto way =
                rules != nullptr ? rules->way(*schema->definition, definition) : std::vector<evolution::RuleStep>();
            conversion::PlanOptions options;
            options.units = &db_.units();
            options.way = &way;
            try {
                const auto plan = conversion::ConversionPlan::make(*schema->canonical, definition, options);
                const auto rows = store::read_rows(*tx_, *schema, known_->record.table_name,
                                                   static_cast<Storage>(payload.encoding), payload.data_id,
                                                   payload.num_rows, store::read_expected_rows(*tx_, payload.data_id));
                Bytes converted(definition.size * rows.num_rows);
                (void)plan->run(rows.data.data(), converted.data(), rows.num_rows);
                std::uint64_t values = 0;
                schema::check_limits(definition, converted.data(), rows.num_rows,
                                     [&](const schema::LimitViolation& violation) {
                                         if (forbidden.example.empty()) forbidden.example = schema::describe(violation);
                                         ++values;
                                         return true;
                                     });
                forbidden.values += values;
                if (values > 0) forbidden.records += payload.records;
            } catch (const Error& error) {
                // What the new layout cannot read the lines of the report say.
                if (error.code() != ErrorCode::Conversion) throw;
                ++forbidden.unreadable;
            }
        }
    }

private:
    static bool is_as_bad(Verdict verdict, const std::string& least) {
        for (auto one = Verdict::Checked; one <= verdict; one = static_cast<Verdict>(static_cast<int>(one) + 1)) {
            if (name_of(one) == least) return true;
        }
        return false;
    }

    void add(const Stored& stored, Touched& touched) const {
        for (const auto* count : stored) {
            touched.records += count->records;
            for (const auto& use : uses_) {
                if (use.ref_name == count->name) touched.configurations.emplace(use.root, use.key);
            }
        }
    }

    place::Place& db_;
    std::unique_ptr<Transaction> tx_;
    place::StructPtr known_;
    std::vector<index::StoredCount> counts_;
    std::map<std::int64_t, Stored> by_schema_;
    std::vector<config_tree::ReferenceUse> uses_;
};

bool has_lossy(const RegisterOutcome& outcome) {
    return !outcome.others.empty() ||
           std::any_of(outcome.changes.begin(), outcome.changes.end(), [](const RegisterOutcome::Line& line) {
               return line.verdict != name_of(Verdict::Identical) && line.verdict != name_of(Verdict::Automatic);
           });
}

/// The versions of a struct as a registration counts them: as the layer that is written to, or until that knows it, as
/// the lowest that does.
place::StructPtr find_counting(LayerStack& stack, const std::string& struct_name) {
    place::StructPtr entry;
    for (const auto& layer : stack.layers()) {
        const auto tx = layer.place->connection().begin(TransactionMode::Read);
        auto known = layer.place->find_struct(*tx, struct_name);
        if (known && stack.is_target(*layer.place)) return known;
        if (known) entry = std::move(known);
    }
    return entry;
}

}  // namespace

namespace {

/// Says how many stored values new limits do not allow.
void note_forbidden(LayerStack& stack, const StructDefinition& definition, const evolution::StructRules* rules,
                    RegisterOutcome& outcome) {
    Forbidden forbidden;
    for (const auto& layer : stack.layers())
        OneLayer(*layer.place, outcome.struct_name).add_forbidden(definition, rules, forbidden);
    if (forbidden.values > 0) {
        outcome.notes.push_back(
            fmt::format("{} stored value{} of {} record{} not within the limits, first {}; what is stored stays and is "
                        "read as it is",
                        forbidden.values, forbidden.values == 1 ? "" : "s", forbidden.records,
                        forbidden.values == 1    ? " is"
                        : forbidden.records == 1 ? " are"
                                                 : "s are",
                        forbidden.example));
    }
    if (forbidden.unreadable > 0) {
        outcome.notes.push_back(
            fmt::format("the limits were not compared with {} stored payload{} that this layout cannot read",
                        forbidden.unreadable, forbidden.unreadable == 1 ? "" : "s"));
    }
}

}  // namespace

void count_touched(LayerStack& stack, std::span<const StructDefinition> definitions, const place::AppliedRules& rules,
                   RegisterReport& report) {
    for (auto& outcome : report.outcomes) {
        if (outcome.action == RegisterOutcome::Action::NewSchema) {
            for (const auto& layer : stack.layers()) {
                for (const auto& view : place::list_views_of_struct(*layer.place, outcome.struct_name)) {
                    outcome.notes.push_back(
                        fmt::format("rows of schema version {} are NULL in the view {}, which was made before: drop it "
                                    "and make it anew",
                                    outcome.schema, view));
                }
            }
        }
        const bool has_new_limits = std::ranges::any_of(outcome.changes, [](const RegisterOutcome::Line& line) {
            return line.kind == name_of(evolution::ChangeKind::LimitsChanged);
        });
        const auto limited = std::ranges::find(definitions, outcome.struct_name, &StructDefinition::name);
        if (has_new_limits && limited != definitions.end() && schema::has_limits(*limited))
            note_forbidden(stack, *limited, rules[static_cast<std::size_t>(limited - definitions.begin())].get(),
                           outcome);
        if (!has_lossy(outcome)) continue;
        const auto definition = std::ranges::find(definitions, outcome.struct_name, &StructDefinition::name);
        if (definition == definitions.end()) continue;
        const auto number = static_cast<std::size_t>(definition - definitions.begin());
        std::vector<Touched> lines(outcome.changes.size());
        std::vector<Touched> others(outcome.others.size());
        const auto& recorded = outcome.renamed_from.empty() ? outcome.struct_name : outcome.renamed_from;
        const auto counting = find_counting(stack, recorded);
        for (const auto& layer : stack.layers()) {
            const OneLayer place(*layer.place, recorded);
            place.add_lines(*definition, outcome, rules[number].get(), lines);
            for (std::size_t i = 0; i < others.size(); ++i) {
                const auto schema = counting ? counting->find(outcome.others[i].schema) : nullptr;
                if (schema) place.add_layout(schema->definition_hash, others[i]);
            }
        }
        for (std::size_t i = 0; i < lines.size(); ++i) {
            outcome.changes[i].records = lines[i].records;
            outcome.changes[i].configurations = lines[i].configurations.size();
        }
        for (std::size_t i = 0; i < others.size(); ++i) {
            outcome.others[i].records = others[i].records;
            outcome.others[i].configurations = others[i].configurations.size();
        }
    }
}

}  // namespace etalon::database
