// Opening a stack: which layer is written to, and what CSV directories hold.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/name_text.h"
#include "base/passwords.h"
#include "etalon/error.h"
#include "layers/csv/csv_layer.h"
#include "layers/stack.h"
#include "layers/struct_versions.h"
#include "layers/variables.h"
#include "place/format.h"
#include "place/writer.h"
#include "schema/definition.h"

namespace etalon::layers {

using backends::OpenMode;
using backends::PlaceKind;
using backends::PlaceUrl;
using backends::TransactionMode;

namespace {

/// What a place points at: files by their absolute path.
std::string target_of(const PlaceUrl& place) {
    if (place.kind != PlaceKind::File && place.kind != PlaceKind::Csv) return place.target;
    return std::filesystem::absolute(place.target).lexically_normal().string();
}

place::PlaceTraits traits_of(const LayerTraits& layer, std::size_t number, std::string name, bool has_rules,
                             const StackTraits& stack) {
    return {std::move(name), number, layer.is_private(), has_rules, stack.options.examine, stack.units};
}

/// Throws Error(BadInput) when a database that is not there yet would have a name that none may have.
void check_database_name(const PlaceUrl& place) {
    const auto fault = find_name_fault(place::default_name(place), "database");
    if (!fault) return;
    try {
        if (backends::open_connection(place, OpenMode::Existing)->has_relation("storeFormat")) return;
    } catch (const Error&) {
        throw Error(*fault);  // nothing is there, or nothing that can be opened
    }
    throw Error(*fault);
}

backends::Waiting waiting_of(const OpenOptions& options) {
    return {options.wait, options.waiting};
}

/// Throws Error(Usage) when a URL names another database than the one that the place holds.
void check_name_inside(const PlaceUrl& place, const std::string& shown, const std::string& inside) {
    if (place.database_name.empty() || place.database_name == inside) return;
    throw Error(ErrorCode::Usage,
                {"the place holds another database", shown, "database " + place.database_name, "database " + inside,
                 "give #" + inside + " or no name; 'init --name " + place.database_name + "' renames the database"});
}

/// Makes what is missing in a place, or renames what is there. Gives the URL that leads to it from now on.
std::string create_layer(std::unique_ptr<backends::Connection>& connection, const std::string& url,
                         const PlaceUrl& place, const StackTraits& stack) {
    const auto& options = stack.options;
    if (options.name.empty()) {
        // A new layer holds the database of those below.
        const bool named = place.is_private() || (place.database_name.empty() && !stack.name.empty());
        place::create_format(*connection, named ? stack.name : place::default_name(place), options);
        return url;
    }
    place::create_format(*connection, options.name, options);
    if (!place::rename_database(*connection, options.name)) return url;
    auto renamed = backends::named_url(place, options.name);
    connection.reset();
    connection = backends::open_connection(backends::parse_place_url(renamed), OpenMode::Existing, waiting_of(options));
    return renamed;
}

/// Opens one layer of a stack that is being opened; `create`: what is missing is made.
Layer open_layer(const std::string& url, const PlaceUrl& place, std::size_t number, bool create,
                 const StackTraits& stack) {
    if (create && !place.is_private() && stack.options.name.empty()) check_database_name(place);
    auto connection = backends::open_connection(
        place, create || place.is_private() ? OpenMode::Create : OpenMode::Existing, waiting_of(stack.options));
    auto lasting = url;
    if (create || place.is_private()) lasting = create_layer(connection, url, place, stack);
    auto stored = place::check_format(*connection, stack.options.examine);
    // What is damaged in the record of the format is found by verify.
    if (!stack.options.examine && !place.is_private()) {
        check_name_inside(backends::parse_place_url(lasting), connection->place(), stored.database_name);
    }
    auto name =
        place.is_private() && !place.database_name.empty() ? place.database_name : std::move(stored.database_name);
    Layer layer{{place.kind, std::move(lasting), target_of(place), connection->place(), {}, {}}, nullptr};
    connection->set_verified(stack.options.verified && place.verified);
    layer.place = std::make_shared<place::Place>(std::move(connection),
                                                 traits_of(layer, number, std::move(name), stored.has_rules, stack));
    if (!layer.is_private()) layer.uid = place::read_uid(*layer.place);
    return layer;
}

/// Opens a layer of a stack over another connection.
Layer open_layer_again(const StackTraits& stack, std::size_t number) {
    Layer layer{stack.layers[number], nullptr};
    auto url = backends::parse_place_url(layer.url);
    url.target = layer.target;
    auto connection = backends::open_connection(url, OpenMode::Existing, waiting_of(stack.options));
    const auto stored = place::check_format(*connection);
    connection->set_verified(stack.options.verified && url.verified);
    layer.place = std::make_shared<place::Place>(std::move(connection),
                                                 traits_of(layer, number, stack.name, stored.has_rules, stack));
    return layer;
}

[[noreturn]] void refuse_write_to(const std::string& write_to, const std::vector<std::string>& urls) {
    throw Error(ErrorCode::Usage, {"the layer to write to is not one of the layers", shown_place(write_to),
                                   fmt::format("one of {}", fmt::join(urls, ", ")), "", "give its URL as in -d"});
}

constexpr const char* kNameTarget = "name one with --write-to URL (in a federation file: write = \"URL\")";

}  // namespace

bool LayerStack::is_named(const std::string& write_to, const std::string& url) {
    if (write_to == url) return true;
    const auto named = backends::parse_place_url(write_to);
    const auto place = backends::parse_place_url(url);
    if (named.kind != place.kind || target_of(named) != target_of(place)) return false;
    // With or without the name behind '#'.
    return named.database_name.empty() || place.database_name.empty() || named.database_name == place.database_name;
}

namespace {

/// Of the places, the one that is created and brought up to date: only the layer that is written to is.
std::optional<std::size_t> find_created(const std::vector<std::string>& urls, const std::vector<PlaceUrl>& places,
                                        const OpenOptions& options) {
    if (!options.create) return std::nullopt;
    std::vector<std::size_t> candidates;
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (places[i].is_private()) continue;
        if (options.write_to.empty() || LayerStack::is_named(options.write_to, urls[i])) candidates.push_back(i);
    }
    if (candidates.size() > 1) {
        throw Error(ErrorCode::Usage, {"several layers could be created", "", "one of them named",
                                       fmt::format("{}", fmt::join(urls, ", ")), kNameTarget});
    }
    if (candidates.empty() && !options.write_to.empty()) refuse_write_to(options.write_to, urls);
    if (candidates.empty()) return std::nullopt;
    return candidates.front();
}

/// Throws Error(Usage) when two layers are one place.
void check_each_once(const std::vector<Layer>& layers, const std::vector<std::string>& urls, const std::string& name) {
    for (const auto& layer : layers) {
        if (layer.kind == PlaceKind::Csv && std::count_if(urls.begin(), urls.end(), [&](const std::string& url) {
                                                return LayerStack::is_named(layer.url, url);
                                            }) > 1) {
            throw Error(ErrorCode::Usage,
                        {"two layers are the same directory", "database " + name, "each place once", layer.url, ""});
        }
        const bool twice = !layer.uid.empty() && std::count_if(layers.begin(), layers.end(), [&](const Layer& other) {
                                                     return other.uid == layer.uid;
                                                 }) > 1;
        if (!twice) continue;
        throw Error(ErrorCode::Usage,
                    {"two layers of one database are the same place, or copies of it", "database " + name,
                     "each place once", layer.shown, "databases of different names end their URLs with #Name"});
    }
}

/// The database that all layers hold; empty when none says. Throws Error(Usage) when they hold different ones.
std::string find_name(const std::vector<Layer>& layers, const std::vector<PlaceUrl>& places) {
    std::string name;
    bool agree = true;
    std::vector<std::string> held;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const auto& one = layers[i].is_private() ? places[i].database_name : layers[i].place->name();
        if (one.empty()) continue;
        agree = agree && (name.empty() || one == name);
        if (name.empty() || !layers[i].is_private()) name = one;
        held.push_back(fmt::format("{} in {}", one, layers[i].shown));
    }
    if (agree) return name;
    throw Error(ErrorCode::Usage,
                {"the layers hold different databases", "", "one database in all layers",
                 fmt::format("{}", fmt::join(held, ", ")),
                 "a layer over database " + name + " is made by 'init' with #" + name + " behind its URL"});
}

/// Which layer is written to, and which one commit numbers belong to.
void choose_target(const std::vector<Layer>& layers, StackTraits& stack) {
    const auto& write_to = stack.options.write_to;
    std::vector<std::size_t> candidates;
    bool named = false;
    std::vector<std::string> urls;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        urls.push_back(layers[i].url);
        const bool is_the_one = !write_to.empty() && LayerStack::is_named(write_to, layers[i].url);
        named = named || is_the_one;
        if (!write_to.empty() && !is_the_one) continue;
        if (layers[i].kind != PlaceKind::Csv && !layers[i].place->connection().read_only()) candidates.push_back(i);
    }
    if (!write_to.empty() && !named) refuse_write_to(write_to, urls);
    if (candidates.size() == 1) stack.target = candidates.front();
    if (candidates.size() > 1) stack.target_problem = kNameTarget;
    // Without one, the lowest layer that has commit numbers.
    stack.home = layers.size() - 1;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        if (!layers[i].is_private()) stack.home = i;
    }
    if (stack.target && !layers[*stack.target].is_private()) stack.home = *stack.target;
}

}  // namespace

std::unique_ptr<LayerStack> LayerStack::open_layers(const std::vector<std::string>& urls, const OpenOptions& options) {
    if (urls.empty()) throw Error(ErrorCode::Usage, {"a database without a layer", "", "at least one URL", "none", ""});
    const auto traits = std::make_shared<StackTraits>();
    traits->options = options;
    traits->units = std::make_shared<schema::LazyUnits>();
    std::vector<PlaceUrl> places;
    for (const auto& url : urls) {
        auto place = backends::parse_place_url(url);
        if (place.kind == PlaceKind::Csv) place.target = expand_variables(place.target, url);
        places.push_back(std::move(place));
    }
    for (const auto& place : places) {
        if (!place.database_name.empty()) traits->name = place.database_name;
    }
    if (!options.name.empty() && (!options.create || urls.size() != 1 || places.front().is_private())) {
        throw Error(ErrorCode::Usage,
                    {"a database is named or renamed when it is created or opened alone", options.name,
                     "one file or server", fmt::format("{}", fmt::join(urls, ", ")), ""});
    }
    const auto created = find_created(urls, places, options);
    std::unique_ptr<LayerStack> stack(new LayerStack);
    stack->traits_ = traits;
    // From the bottom up: a CSV layer takes structs and references from below.
    stack->layers_.resize(urls.size());
    for (std::size_t i = urls.size(); i-- > 0;) {
        stack->layers_[i] = open_layer(urls[i], places[i], i, created == i, *traits);
        if (traits->name.empty() && !stack->layers_[i].is_private()) traits->name = stack->layers_[i].place->name();
    }
    traits->name = find_name(stack->layers_, places);
    if (traits->name.empty()) traits->name = place::default_name(places.front());
    check_each_once(stack->layers_, urls, traits->name);
    choose_target(stack->layers_, *traits);
    for (std::size_t i = urls.size(); i-- > 0;) {
        if (stack->layers_[i].kind == PlaceKind::Csv) stack->fill_csv(i, *traits);
    }
    traits->can_open_again = !options.examine;
    for (auto& layer : stack->layers_) {
        layer.place->rename(traits->name);
        traits->layers.push_back(layer);
        traits->can_open_again = traits->can_open_again && layer.place->connection().can_open_again();
        stack->snapshot_.heads.push_back(layer.place->head());
    }
    stack->snapshot_.rules = options.examine ? std::make_shared<const StackRules>() : stack->learn_rules();
    return stack;
}

std::unique_ptr<LayerStack> LayerStack::open_again(std::shared_ptr<const StackTraits> traits,
                                                   const StackSnapshot& snapshot) {
    std::unique_ptr<LayerStack> stack(new LayerStack);
    stack->traits_ = std::move(traits);
    for (std::size_t i = 0; i < stack->traits_->layers.size(); ++i) {
        stack->layers_.push_back(open_layer_again(*stack->traits_, i));
    }
    stack->follow(snapshot);
    return stack;
}

void LayerStack::fill_csv(std::size_t filled, StackTraits& traits) {
    auto& layer = layers_[filled];
    auto place = backends::parse_place_url(layer.url);
    const auto directory = expand_variables(place.target, layer.url);
    std::map<std::string, std::int64_t, std::less<>> current;
    CsvLayerContext context;
    context.shown_directory = place.target;
    // Layers below say what a reference is, else those above that are there already.
    std::vector<std::size_t> others;
    for (std::size_t i = filled + 1; i < layers_.size(); ++i) others.push_back(i);
    for (std::size_t i = 0; i < filled; ++i) {
        if (layers_[i].kind != PlaceKind::Csv) others.push_back(i);
    }
    context.known_struct = [&](std::string_view struct_name) {
        for (const auto i : others) {
            const auto tx = layers_[i].place->connection().begin(TransactionMode::Read);
            auto& at = current[std::string(struct_name)];
            auto definitions = definitions_in(*layers_[i].place, *tx, struct_name, at);
            if (!definitions.empty()) return definitions;
        }
        return std::vector<DefinitionPtr>();
    };
    context.current_schema = [&](std::string_view struct_name) {
        return static_cast<std::size_t>(current.at(std::string(struct_name)));
    };
    context.known_name = [&](std::string_view reference) -> std::optional<NameInfo> {
        for (const auto i : others) {
            auto& below = *layers_[i].place;
            const auto tx = below.connection().begin(TransactionMode::Read);
            const auto entry = below.find_name(*tx, reference, below.snapshot());
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
    std::map<std::string, std::string, std::less<>> recorded;
    context.recorded_name = [&](std::string_view struct_name) {
        const auto known = recorded.find(struct_name);
        if (known != recorded.end()) return known->second;
        std::string name(struct_name);
        for (const auto i : others) {
            const auto tx = layers_[i].place->connection().begin(TransactionMode::Read);
            const auto entry = layers_[i].place->find_struct(*tx, struct_name);
            if (!entry) continue;
            name = entry->record.name;
            break;
        }
        return recorded.emplace(struct_name, std::move(name)).first->second;
    };
    auto content = read_csv_layer(directory, traits.name, context);
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
    if (traits.name.empty()) traits.name = content.database_name;
    place::WriteContext write({"etalon", "", "", "CSV layer " + layer.shown});
    write.taken_over = true;
    std::map<std::string, std::vector<DefinitionPtr>> by_struct;
    std::vector<std::string> order;
    for (const auto& definition : content.definitions) {
        const auto name = context.recorded_name(definition->name);
        auto& versions = by_struct[name];
        if (versions.empty()) order.push_back(name);
        versions.push_back(definition);
    }
    for (const auto& struct_name : order) {
        const auto at = current.find(struct_name);
        const auto& versions = by_struct[struct_name];
        const bool renamed =
            std::ranges::any_of(versions, [&](const auto& one) { return one->name != versions.front()->name; });
        register_versions(*layer.place, versions, at == current.end() ? -1 : at->second, write,
                          renamed ? rules_to_copy(*layer.place, struct_name) : std::vector<RulesFile>());
        layer.place->forget();
    }
    if (!content.names.empty() || !content.records.empty()) {
        (void)place::write_commit(*layer.place, content.records, content.names, write);
    }
    layer.place->take_snapshot();
}

}  // namespace etalon::layers
