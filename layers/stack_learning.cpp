// What the layer that is written to has to learn from the others before it takes a commit.

#include <algorithm>
#include <set>
#include <string>

#include "layers/stack.h"
#include "layers/struct_versions.h"
#include "place/format.h"
#include "place/registrar.h"
#include "place/writer.h"

namespace etalon::layers {

using backends::TransactionMode;

namespace {

std::set<std::string_view> spellings_of(std::span<const NameSpec> names) {
    std::set<std::string_view> spellings;
    for (const auto& spec : names) spellings.insert(spec.name);
    return spellings;
}

}  // namespace

bool LayerStack::knows_all(place::Place& place, std::span<const PutRecord> records, std::span<const NameSpec> names) {
    if (!several()) return true;
    const auto tx = place.connection().begin(TransactionMode::Read);
    const bool structs = std::all_of(names.begin(), names.end(), [&](const NameSpec& spec) {
        return spec.struct_name.empty() || place.find_struct(*tx, spec.struct_name);
    });
    std::set<const StructDefinition*> layouts;
    auto known = spellings_of(names);
    return structs && std::all_of(records.begin(), records.end(), [&](const PutRecord& record) {
               if (!known.contains(record.name)) {
                   if (!place.find_name(*tx, record.name, kPlusInfinity)) return false;
                   known.insert(record.name);
               }
               if (!record.layout || !layouts.insert(record.layout.get()).second) return true;
               const auto of_struct = place.find_struct(*tx, record.layout->name);
               return of_struct && has_layout(*of_struct, *record.layout);
           });
}

std::shared_ptr<place::Place> LayerStack::make_scratch() const {
    auto connection = backends::open_connection(backends::parse_place_url("memory:"), backends::OpenMode::Create);
    place::create_format(*connection, name(), {});
    const auto stored = place::check_format(*connection);
    return std::make_shared<place::Place>(std::move(connection),
                                          place::PlaceTraits{name(), 0, true, stored.has_rules, false, traits_->units});
}

void LayerStack::check_known(std::span<const PutRecord> records, std::span<const NameSpec> names) {
    auto checked = spellings_of(names);
    for (const auto& record : records) {
        if (!checked.insert(record.name).second) continue;
        const bool known = std::any_of(layers_.begin(), layers_.end(), [&](const Layer& layer) {
            const auto tx = layer.place->connection().begin(TransactionMode::Read);
            return layer.place->find_name(*tx, record.name, kPlusInfinity) != nullptr;
        });
        if (!known) throw_unknown(record.name);
    }
}

void LayerStack::ensure_known(place::Place& place, std::span<const PutRecord> records,
                              std::span<const NameSpec> names) {
    if (!several()) return;
    place::WriteContext context({"", "", "", "taken over from a layer of the same database"});
    // With `layout`: also of a struct that is known, when only another layer knows that version of it.
    const auto learn_struct = [&](const std::string& struct_name, const StructDefinition* layout = nullptr) {
        DefinitionPtr stays_current;
        {
            const auto tx = place.connection().begin(TransactionMode::Read);
            if (const auto known = place.find_struct(*tx, struct_name)) {
                if (layout == nullptr || has_layout(*known, *layout)) return;
                stays_current = known->find(known->record.last_schema)->definition;
            }
        }
        // The lowest layer counts the versions of a struct.
        for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
            if (layer->place.get() == &place) continue;
            std::int64_t current = -1;
            std::vector<DefinitionPtr> definitions;
            {
                const auto tx = layer->place->connection().begin(TransactionMode::Read);
                definitions = definitions_in(*layer->place, *tx, struct_name, current);
                if (definitions.empty()) continue;
                if (layout != nullptr && !has_layout(*layer->place->find_struct(*tx, struct_name), *layout)) continue;
            }
            if (!stays_current) {
                // Known here under a name that it had before.
                const auto tx = place.connection().begin(TransactionMode::Read);
                for (const auto& definition : definitions) {
                    const auto known = place.find_struct(*tx, definition->name);
                    if (known) stays_current = known->find(known->record.last_schema)->definition;
                }
            }
            register_versions(place, definitions, current, context, rules_to_copy(place, struct_name));
            if (stays_current) register_versions(place, {stays_current}, 0, context);
            place.forget();
            return;
        }
    };
    std::set<std::string> wanted;
    const auto made = spellings_of(names);
    for (const auto& spec : names) {
        if (!spec.struct_name.empty()) learn_struct(spec.struct_name);
    }
    std::set<const StructDefinition*> layouts;
    for (const auto& record : records) {
        if (record.layout && layouts.insert(record.layout.get()).second) {
            learn_struct(record.layout->name, record.layout.get());
        }
        if (!made.contains(record.name)) wanted.insert(record.name);
    }
    for (const auto& reference : wanted) {
        {
            const auto tx = place.connection().begin(TransactionMode::Read);
            if (place.find_name(*tx, reference, kPlusInfinity)) continue;
        }
        for (auto& layer : layers_) {
            if (layer.place.get() == &place) continue;
            place::NamePtr entry;
            {
                const auto tx = layer.place->connection().begin(TransactionMode::Read);
                entry = layer.place->find_name(*tx, reference, kPlusInfinity);
            }
            if (!entry) continue;
            learn_struct(entry->of_struct->record.name);
            NameSpec spec;
            spec.name = reference;
            spec.struct_name = entry->of_struct->record.name;
            spec.axis = entry->record.axis;
            spec.policy = entry->record.policy;
            spec.coverage = entry->record.coverage;
            // What a database recorded before, it keeps in another layer too; files may be given other names.
            context.taken_over = layer.kind != backends::PlaceKind::Csv;
            (void)place::define_reference(place, spec, context);
            place.forget();
            break;
        }
    }
}

}  // namespace etalon::layers
