// Opening a stack: which layer is written to, what CSV directories hold, and what the target has to learn from other
// layers.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/nearest.h"
#include "etalon/error.h"
#include "layers/csv/csv_layer.h"
#include "layers/stack.h"
#include "layers/variables.h"
#include "place/format.h"
#include "place/registrar.h"
#include "place/writer.h"
#include "schema/definition.h"

namespace etalon::layers {

using backends::OpenMode;
using backends::PlaceKind;
using backends::PlaceUrl;
using backends::Sql;
using backends::TransactionMode;

std::string read_place_uid(place::Place& place) {
    const auto tx = place.connection->begin(TransactionMode::Single);
    const auto cursor = tx->query(Sql(R"(SELECT "placeUid" FROM "storeFormat" ORDER BY "ID" DESC LIMIT 1)"), {});
    return cursor->next() ? to_hex(cursor->bytes(0)) : std::string();
}

namespace {

Layer open_layer(const std::string& url, const PlaceUrl& place, bool create, const OpenOptions& options,
                 const std::string& stack_name) {
    auto connection =
        backends::open_connection(place, create || place.is_private() ? OpenMode::Create : OpenMode::Existing);
    if (create || place.is_private()) {
        place::create_format(*connection, place.is_private() ? stack_name : place::default_name(place), options);
    }
    auto stored = place::check_format(*connection, options.examine);
    auto name = place.database_name.empty() ? std::move(stored.database_name) : place.database_name;
    Layer layer{std::make_shared<place::Place>(std::move(connection), std::move(name), options.examine),
                place.kind,
                url,
                {},
                {}};
    layer.place->is_private = layer.is_private();
    layer.place->has_rules = stored.has_rules;
    layer.place->connection->set_verified(options.verified && place.verified);
    if (!layer.is_private()) layer.uid = read_place_uid(*layer.place);
    return layer;
}

/// What a place points at: files by their absolute path.
std::string target_of(const PlaceUrl& place) {
    if (place.kind != PlaceKind::File && place.kind != PlaceKind::Csv) return place.target;
    return std::filesystem::absolute(place.target).lexically_normal().string();
}

[[noreturn]] void refuse_write_to(const std::string& write_to, const std::vector<std::string>& urls) {
    throw Error(ErrorCode::Usage, {"the layer to write to is not one of the layers", write_to,
                                   fmt::format("one of {}", fmt::join(urls, ", ")), "", "give its URL as in -d"});
}

constexpr const char* kNameTarget = "name one with --write-to URL (in a federation file: write = \"URL\")";

/// True when a struct of a place has that layout among its versions.
bool has_layout(const place::StructEntry& of_struct, const StructDefinition& layout) {
    const auto hash = schema::definition_hash(layout);
    return std::any_of(of_struct.schemas.begin(), of_struct.schemas.end(), [&](const auto& schema) {
        return schema->definition.get() == &layout || schema::definition_hash(*schema->definition) == hash;
    });
}

/// The definitions of a struct in a place, the oldest first; empty when unknown there.
std::vector<DefinitionPtr> definitions_in(place::Place& place, backends::Transaction& tx, std::string_view struct_name,
                                          std::int64_t& current) {
    std::vector<DefinitionPtr> definitions;
    const auto entry = place.find_struct(tx, struct_name);
    if (!entry) return definitions;
    for (const auto& schema : entry->schemas) {
        if (schema->schema_id == entry->record.last_schema) current = static_cast<std::int64_t>(definitions.size());
        definitions.push_back(schema->definition);
    }
    return definitions;
}

/// Registers versions of one struct in order, with those of `rules` whose layouts are known then, and makes the current
/// one so. No reference of the struct's own name is made: what that is, other layers say.
void register_versions(place::Place& place, const std::vector<DefinitionPtr>& definitions, std::int64_t current,
                       const CommitInfo& info, std::vector<RulesFile> rules = {}) {
    RegisterOptions options;
    options.info = info;
    options.rules = std::move(rules);
    const auto record = [&](const StructDefinition& definition) {
        (void)place::register_definitions(place, {&definition, 1}, options, place::Registering::TakenOver);
    };
    for (const auto& definition : definitions) record(*definition);
    if (current < 0) return;
    options.make_current = true;
    record(*definitions[static_cast<std::size_t>(current)]);
}

}  // namespace

bool LayerStack::is_named(const std::string& write_to, const std::string& url) {
    if (write_to == url) return true;
    const auto named = backends::parse_place_url(write_to);
    const auto place = backends::parse_place_url(url);
    if (named.kind != place.kind || target_of(named) != target_of(place)) return false;
    // With or without the name behind '#'.
    return named.database_name.empty() || place.database_name.empty() || named.database_name == place.database_name;
}

std::shared_ptr<LayerStack> LayerStack::open(const std::vector<std::string>& urls, const OpenOptions& options) {
    if (urls.empty()) throw Error(ErrorCode::Usage, {"a database without a layer", "", "at least one URL", "none", ""});
    auto stack = std::make_shared<LayerStack>(options);
    std::vector<PlaceUrl> places;
    for (const auto& url : urls) {
        auto place = backends::parse_place_url(url);
        if (place.kind == PlaceKind::Csv) place.target = expand_variables(place.target, url);
        places.push_back(std::move(place));
    }
    for (const auto& place : places) {
        if (!place.database_name.empty()) stack->name = place.database_name;
    }
    // Only the layer that is written to is created, and its tables brought up to date.
    std::optional<std::size_t> created;
    if (options.create) {
        std::vector<std::size_t> candidates;
        for (std::size_t i = 0; i < places.size(); ++i) {
            if (places[i].is_private()) continue;
            if (options.write_to.empty() || is_named(options.write_to, urls[i])) candidates.push_back(i);
        }
        if (candidates.size() > 1) {
            throw Error(ErrorCode::Usage, {"several layers could be created", "", "one of them named",
                                           fmt::format("{}", fmt::join(urls, ", ")), kNameTarget});
        }
        if (candidates.empty() && !options.write_to.empty()) refuse_write_to(options.write_to, urls);
        if (!candidates.empty()) created = candidates.front();
    }
    // From the bottom up: a CSV layer takes structs and references from below.
    stack->layers.resize(urls.size());
    for (std::size_t i = urls.size(); i-- > 0;) {
        stack->layers[i] = open_layer(urls[i], places[i], created == i, options, stack->name);
        stack->layers[i].place->number = i;
        if (stack->name.empty() && !stack->layers[i].is_private()) stack->name = stack->layers[i].place->name;
    }
    if (stack->name.empty()) stack->name = place::default_name(places.front());
    for (const auto& layer : stack->layers) {
        if (layer.kind == PlaceKind::Csv && std::count_if(urls.begin(), urls.end(), [&](const std::string& url) {
                                                return is_named(layer.url, url);
                                            }) > 1) {
            throw Error(ErrorCode::Usage, {"two layers are the same directory", "database " + stack->name,
                                           "each place once", layer.url, ""});
        }
        const bool twice =
            !layer.uid.empty() && std::count_if(stack->layers.begin(), stack->layers.end(),
                                                [&](const Layer& other) { return other.uid == layer.uid; }) > 1;
        if (!twice) continue;
        throw Error(ErrorCode::Usage, {"two layers of one database are the same place, or copies of it",
                                       "database " + stack->name, "each place once", layer.place->connection->place(),
                                       "databases of different names end their URLs with #Name"});
    }
    stack->choose_target(options);
    for (std::size_t i = urls.size(); i-- > 0;) {
        if (stack->layers[i].kind == PlaceKind::Csv) stack->fill_csv(i);
    }
    for (auto& layer : stack->layers) layer.place->name = stack->name;
    if (!options.examine) stack->learn_rules();
    return stack;
}

void LayerStack::choose_target(const OpenOptions& options) {
    std::vector<std::size_t> candidates;
    bool named = false;
    std::vector<std::string> urls;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        urls.push_back(layers[i].url);
        const bool is_the_one = !options.write_to.empty() && is_named(options.write_to, layers[i].url);
        named = named || is_the_one;
        if (!options.write_to.empty() && !is_the_one) continue;
        if (layers[i].kind != PlaceKind::Csv && !layers[i].place->connection->read_only()) candidates.push_back(i);
    }
    if (!options.write_to.empty() && !named) refuse_write_to(options.write_to, urls);
    if (candidates.size() == 1) target_ = candidates.front();
    if (candidates.size() > 1) target_problem_ = kNameTarget;
    // Without one, the lowest layer that has commit numbers.
    home_ = layers.size() - 1;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (!layers[i].is_private()) home_ = i;
    }
    if (target_ && !layers[*target_].is_private()) home_ = *target_;
}

void LayerStack::fill_csv(std::size_t filled) {
    auto& layer = layers[filled];
    auto place = backends::parse_place_url(layer.url);
    const auto directory = expand_variables(place.target, layer.url);
    std::map<std::string, std::int64_t, std::less<>> current;
    CsvLayerContext context;
    // Layers below say what a reference is, else those above that are there already.
    std::vector<std::size_t> others;
    for (std::size_t i = filled + 1; i < layers.size(); ++i) others.push_back(i);
    for (std::size_t i = 0; i < filled; ++i) {
        if (layers[i].kind != PlaceKind::Csv) others.push_back(i);
    }
    context.known_struct = [&](std::string_view struct_name) {
        for (const auto i : others) {
            const auto tx = layers[i].place->connection->begin(TransactionMode::Read);
            auto& at = current[std::string(struct_name)];
            auto definitions = definitions_in(*layers[i].place, *tx, struct_name, at);
            if (!definitions.empty()) return definitions;
        }
        return std::vector<DefinitionPtr>();
    };
    context.current_schema = [&](std::string_view struct_name) {
        return static_cast<std::size_t>(current.at(std::string(struct_name)));
    };
    context.known_name = [&](std::string_view reference) -> std::optional<NameInfo> {
        for (const auto i : others) {
            auto& below = *layers[i].place;
            const auto tx = below.connection->begin(TransactionMode::Read);
            const auto entry = below.find_name(*tx, reference, below.snapshot);
            if (!entry) continue;
            NameInfo info;
            info.name = reference;
            info.struct_name = entry->of_struct->record.name;
            info.axis = entry->record.axis;
            if (i > filled) info.policy = entry->record.policy;  // the layers above keep theirs to themselves
            info.coverage = entry->record.coverage;
            return info;
        }
        return std::nullopt;
    };
    auto content = read_csv_layer(directory, name, context);
    // Values read otherwise because others changed what the reference is are not the same either.
    std::string read_as = content.digest;
    for (const auto& spec : content.names) {
        read_as += fmt::format(" {} {}", spec.name, etalon::name_of(spec.policy.value_or(OrderPolicy::ByBegin)));
    }
    for (const auto& record : content.records) {
        if (record.layout) read_as += " " + to_hex(schema::definition_hash(*record.layout));
    }
    layer.digest = to_hex(sha256(std::as_bytes(std::span(read_as))));
    // The same files are the same records, whoever reads them and when; they count as committed before all.
    for (std::size_t i = 0; i < content.records.size(); ++i) {
        auto& record = content.records[i];
        const auto text = fmt::format("{} {}", content.digest, i);
        const auto hash = sha256(std::as_bytes(std::span(text)));
        std::copy_n(hash.begin(), record.uid.size(), record.uid.begin());
        if (!record.created) record.created = Time{kMinusInfinity};
    }
    if (name.empty()) name = content.database_name;
    const CommitInfo info{"etalon", "", "", "CSV layer " + layer.place->connection->place()};
    std::map<std::string, std::vector<DefinitionPtr>> by_struct;
    std::vector<std::string> order;
    for (const auto& definition : content.definitions) {
        auto& versions = by_struct[definition->name];
        if (versions.empty()) order.push_back(definition->name);
        versions.push_back(definition);
    }
    for (const auto& struct_name : order) {
        const auto at = current.find(struct_name);
        register_versions(*layer.place, by_struct[struct_name], at == current.end() ? -1 : at->second, info);
        layer.place->forget();
    }
    if (!content.names.empty() || !content.records.empty()) {
        (void)place::write_commit(*layer.place, content.records, content.names, info, {});
    }
    layer.place->take_snapshot();
}

bool LayerStack::knows_all(place::Place& place, std::span<const PutRecord> records, std::span<const NameSpec> names) {
    if (!several()) return true;
    const auto tx = place.connection->begin(TransactionMode::Read);
    const bool structs = std::all_of(names.begin(), names.end(), [&](const NameSpec& spec) {
        return spec.struct_name.empty() || place.find_struct(*tx, spec.struct_name);
    });
    std::set<const StructDefinition*> layouts;
    return structs && std::all_of(records.begin(), records.end(), [&](const PutRecord& record) {
               const bool is_made =
                   std::any_of(names.begin(), names.end(), [&](const auto& spec) { return spec.name == record.name; });
               if (!is_made && !place.find_name(*tx, record.name, kPlusInfinity)) return false;
               if (!record.layout || !layouts.insert(record.layout.get()).second) return true;
               const auto of_struct = place.find_struct(*tx, record.layout->name);
               return of_struct && has_layout(*of_struct, *record.layout);
           });
}

std::shared_ptr<place::Place> LayerStack::make_scratch() const {
    return open_layer("memory:", backends::parse_place_url("memory:"), false, {}, name).place;
}

void LayerStack::throw_unknown(std::string_view wanted) {
    std::vector<std::unique_ptr<backends::Transaction>> transactions;
    for (auto& layer : layers) transactions.push_back(layer.place->connection->begin(TransactionMode::Read));
    throw_unknown(wanted, transactions);
}

void LayerStack::throw_unknown(std::string_view wanted,
                               const std::vector<std::unique_ptr<backends::Transaction>>& transactions) {
    std::set<std::string> names;
    for (const auto& tx : transactions) {
        for (auto& near : index::similar_names(*tx, wanted)) names.insert(std::move(near));
    }
    const auto near = did_you_mean(wanted, {names.begin(), names.end()});
    throw Error(
        ErrorCode::Unknown,
        {"unknown named reference", fmt::format("database {}", name), "a registered name", fmt::format("'{}'", wanted),
         near.empty() ? "see 'etalon structs'; 'etalon register' and 'etalon name' make names" : near});
}

void LayerStack::check_known(std::span<const PutRecord> records, std::span<const NameSpec> names) {
    std::set<std::string_view> checked;
    for (const auto& spec : names) checked.insert(spec.name);
    for (const auto& record : records) {
        if (!checked.insert(record.name).second) continue;
        const bool known = std::any_of(layers.begin(), layers.end(), [&](const Layer& layer) {
            const auto tx = layer.place->connection->begin(TransactionMode::Read);
            return layer.place->find_name(*tx, record.name, kPlusInfinity) != nullptr;
        });
        if (!known) throw_unknown(record.name);
    }
}

void LayerStack::ensure_known(place::Place& place, std::span<const PutRecord> records,
                              std::span<const NameSpec> names) {
    if (!several()) return;
    const CommitInfo info{"", "", "", "taken over from a layer of the same database"};
    // With `layout`: also of a struct that is known, when only another layer knows that version of it.
    const auto learn_struct = [&](const std::string& struct_name, const StructDefinition* layout = nullptr) {
        DefinitionPtr stays_current;
        {
            const auto tx = place.connection->begin(TransactionMode::Read);
            if (const auto known = place.find_struct(*tx, struct_name)) {
                if (layout == nullptr || has_layout(*known, *layout)) return;
                stays_current = known->find(known->record.last_schema)->definition;
            }
        }
        // The lowest layer counts the versions of a struct.
        for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
            if (layer->place.get() == &place) continue;
            std::int64_t current = -1;
            std::vector<DefinitionPtr> definitions;
            {
                const auto tx = layer->place->connection->begin(TransactionMode::Read);
                definitions = definitions_in(*layer->place, *tx, struct_name, current);
                if (definitions.empty()) continue;
                if (layout != nullptr && !has_layout(*layer->place->find_struct(*tx, struct_name), *layout)) continue;
            }
            register_versions(place, definitions, current, info, rules_to_copy(place, struct_name));
            if (stays_current) register_versions(place, {stays_current}, 0, info);
            place.forget();
            return;
        }
    };
    std::set<std::string> wanted;
    for (const auto& spec : names) {
        if (!spec.struct_name.empty()) learn_struct(spec.struct_name);
    }
    std::set<const StructDefinition*> layouts;
    for (const auto& record : records) {
        if (record.layout && layouts.insert(record.layout.get()).second) {
            learn_struct(record.layout->name, record.layout.get());
        }
        const bool is_made =
            std::any_of(names.begin(), names.end(), [&](const auto& spec) { return spec.name == record.name; });
        if (!is_made) wanted.insert(record.name);
    }
    for (const auto& reference : wanted) {
        {
            const auto tx = place.connection->begin(TransactionMode::Read);
            if (place.find_name(*tx, reference, kPlusInfinity)) continue;
        }
        for (auto& layer : layers) {
            if (layer.place.get() == &place) continue;
            place::NamePtr entry;
            {
                const auto tx = layer.place->connection->begin(TransactionMode::Read);
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
            (void)place::define_reference(place, spec, info);
            place.forget();
            break;
        }
    }
}

}  // namespace etalon::layers
