// Objects asked for by conditions: random graphs of four structs, alone, in two layers and over two databases, against
// a model of plain values that looks at every object.
#include <rapidcheck.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "backends/each_engine.h"
#include "base/like.h"
#include "database/support.h"
#include "etalon/federation.h"
#include "index/many_cases.h"
#include "schema/build.h"

using namespace etalon;
using etalon::test::check_some;
using etalon::test::EachEngine;
using etalon::test::element;
using etalon::test::error_of;
using etalon::test::TempDirectory;

namespace {

std::int64_t pick(std::int64_t end) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(0, end));
}
template <class T>
const T& pick_of(const std::vector<T>& list) {
    return list[static_cast<std::size_t>(pick(static_cast<std::int64_t>(list.size())))];
}

Element refers(std::string path, std::string target, std::vector<std::uint64_t> dims = {}) {
    auto one = element(std::move(path), ScalarType::Ref, std::move(dims));
    one.target = std::move(target);
    return one;
}

DefinitionPtr packed(std::string name, std::vector<Element> elements) {
    StructDefinition definition;
    definition.name = std::move(name);
    definition.alignment = 8;
    for (auto& one : elements) {
        const auto alignment = alignment_of(one.type);
        one.offset = (definition.size + alignment - 1) / alignment * alignment;
        definition.size = one.offset + one.bytes();
    }
    definition.size = (definition.size + 7) / 8 * 8;
    definition.elements = std::move(elements);
    return std::make_shared<const StructDefinition>(std::move(definition));
}

/// A value of the model: null (or absent), a number, text, or the object that is referred to.
using Cell = std::variant<std::monostate, double, std::string, std::size_t>;
struct ModelObject {
    std::string struct_name;
    std::map<std::string, Cell> cells = {};  ///< by path with index; what the version lacks is not there
    ObjectId id{};
    std::int64_t order = 0;  ///< of being put
};

struct Graph {
    std::map<std::string, std::vector<DefinitionPtr>> versions;
    std::vector<ModelObject> objects;
    std::int64_t next = 0;
};

/// `wide`: sessions are stored as bytes.
Graph make_structs(bool wide) {
    Graph graph;
    graph.versions["Group"] = {
        packed("Group", {element("name", ScalarType::Char, {8}), element("n", ScalarType::Int32)})};
    graph.versions["User"] = {packed("User", {element("name", ScalarType::Char, {8}), refers("group", "Group"),
                                              element("age", ScalarType::Int32)}),
                              packed("User", {element("name", ScalarType::Char, {8}), refers("group", "Group")})};
    std::vector<Element> session{element("uid", ScalarType::Uid), refers("user", "User"),
                                 refers("groups", "Group", {2}), element("x", ScalarType::Float64)};
    if (wide) session.push_back(element("pads", ScalarType::Float64, {300}));
    graph.versions["Session"] = {packed("Session", session)};
    graph.versions["Image"] = {
        packed("Image", {refers("session", "Session"), refers("by", "User"), element("k", ScalarType::Int32)}),
        packed("Image", {refers("session", "Session"), refers("by", "User"), element("k", ScalarType::Int64),
                         element("label", ScalarType::Char, {4})})};
    return graph;
}

const std::vector<std::string> kOrderOfStructs{"Group", "User", "Session", "Image"};
const std::vector<std::string> kTexts{"", "a", "ab", "b", "A", "\xff"};

/// A random object whose references are to earlier ones; its row and what the model has of it.
ObjectPut random_object(Graph& graph, const std::string& struct_name, ModelObject& model) {
    ObjectPut put;
    put.layout = pick_of(graph.versions.at(struct_name));
    auto row = std::make_shared<std::vector<std::byte>>(put.layout->size);
    model.struct_name = struct_name;
    for (const auto& one : put.layout->elements) {
        const auto count = one.is_text() ? 1 : one.count();
        for (std::uint64_t i = 0; i < count && one.path != "pads"; ++i) {
            auto* at = row->data() + one.offset + i * size_of(one.type);
            auto path = one.path;
            if (!one.dims.empty() && !one.is_text()) path += "[" + std::to_string(i) + "]";
            auto& cell = model.cells[path];
            if (one.is_text()) {
                const auto& text = pick_of(kTexts);
                std::memcpy(at, text.data(), text.size());
                cell = text;
            } else if (one.type == ScalarType::Uid) {
                for (int b = 0; b < 16; ++b) at[b] = static_cast<std::byte>(pick(256));
                at[0] = std::byte{1};
                std::string hex;
                for (int b = 0; b < 16; ++b) {
                    char digits[3];
                    std::snprintf(digits, sizeof digits, "%02x", std::to_integer<unsigned>(at[b]));
                    hex += digits;
                }
                cell = hex;
            } else if (one.type == ScalarType::Ref) {
                std::vector<std::size_t> targets;
                for (std::size_t t = 0; t < graph.objects.size(); ++t) {
                    if (graph.objects[t].struct_name == one.target) targets.push_back(t);
                }
                if (targets.empty() || pick(4) == 0) continue;
                const auto target = pick_of(targets);
                std::memcpy(at, graph.objects[target].id.bytes, 16);
                cell = target;
            } else {
                const auto number = pick(4);
                const auto n = static_cast<std::int32_t>(number);
                const auto x = static_cast<double>(number) / 2;
                if (one.type == ScalarType::Int32) std::memcpy(at, &n, 4);
                if (one.type == ScalarType::Int64) std::memcpy(at, &number, 8);
                if (one.type == ScalarType::Float64) std::memcpy(at, &x, 8);
                cell = one.type == ScalarType::Float64 ? x : static_cast<double>(number);
            }
        }
    }
    put.row = std::shared_ptr<const std::byte>(row, row->data());
    model.id = compute_object_id(*put.layout, put.row.get());
    return put;
}

enum class ValueKind { Number, Text, Reference, Uid };
struct Path {
    std::string path;
    ValueKind kind;
    std::string target = {};
};
const std::map<std::string, std::vector<Path>> kPaths{{"Group", {{"name", ValueKind::Text}, {"n", ValueKind::Number}}},
                                                      {"User",
                                                       {{"name", ValueKind::Text},
                                                        {"age", ValueKind::Number},
                                                        {"group", ValueKind::Reference, "Group"},
                                                        {"group.name", ValueKind::Text},
                                                        {"group.n", ValueKind::Number}}},
                                                      {"Session",
                                                       {{"x", ValueKind::Number},
                                                        {"uid", ValueKind::Uid},
                                                        {"user", ValueKind::Reference, "User"},
                                                        {"user.name", ValueKind::Text},
                                                        {"user.age", ValueKind::Number},
                                                        {"user.group.name", ValueKind::Text},
                                                        {"user.group", ValueKind::Reference, "Group"},
                                                        {"groups[1]", ValueKind::Reference, "Group"},
                                                        {"groups[0].n", ValueKind::Number}}},
                                                      {"Image",
                                                       {{"k", ValueKind::Number},
                                                        {"label", ValueKind::Text},
                                                        {"by", ValueKind::Reference, "User"},
                                                        {"by.age", ValueKind::Number},
                                                        {"session", ValueKind::Reference, "Session"},
                                                        {"session.x", ValueKind::Number},
                                                        {"session.user", ValueKind::Reference, "User"},
                                                        {"session.user.name", ValueKind::Text},
                                                        {"session.user.group.n", ValueKind::Number},
                                                        {"session.groups[1].name", ValueKind::Text},
                                                        {"session.groups[0]", ValueKind::Reference, "Group"}}}};

/// What stands at a path; null where a reference on the way is.
Cell cell_at(const Graph& graph, const ModelObject& object, std::string_view path) {
    if (const auto own = object.cells.find(std::string(path)); own != object.cells.end()) return own->second;
    for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
        const auto own = object.cells.find(std::string(path.substr(0, dot)));
        if (own == object.cells.end()) continue;
        const auto* target = std::get_if<std::size_t>(&own->second);
        return target == nullptr ? Cell() : cell_at(graph, graph.objects[*target], path.substr(dot + 1));
    }
    return {};
}

using Truth = std::optional<bool>;
struct Model {
    Condition::Kind kind = Condition::Kind::Always;
    std::vector<Model> parts = {};
    std::string path = {};
    ValueOp op = ValueOp::Equal;
    std::vector<Cell> values = {};
};

bool compare(ValueOp op, const Cell& a, const Cell& b) {
    switch (op) {
        case ValueOp::Equal:
            return a == b;
        case ValueOp::NotEqual:
            return a != b;
        case ValueOp::Less:
            return a < b;
        case ValueOp::LessOrEqual:
            return a <= b;
        case ValueOp::Greater:
            return a > b;
        case ValueOp::GreaterOrEqual:
            return a >= b;
    }
    return false;
}

Truth truth_of(const Graph& graph, const Model& model, const ModelObject& object) {
    using Kind = Condition::Kind;
    switch (model.kind) {
        case Kind::Always:
            return true;
        case Kind::Not: {
            const auto truth = truth_of(graph, model.parts[0], object);
            return truth ? Truth(!*truth) : truth;
        }
        case Kind::And:
        case Kind::Or: {
            const bool ends = model.kind == Kind::Or;
            Truth all = !ends;
            for (const auto& part : model.parts) {
                const auto truth = truth_of(graph, part, object);
                if (truth == Truth(ends)) return ends;
                if (!truth) all = std::nullopt;
            }
            return all;
        }
        default:
            break;
    }
    const auto cell = cell_at(graph, object, model.path);
    const bool is_null = std::holds_alternative<std::monostate>(cell);
    if (model.kind == Kind::IsNull) return is_null;
    if (is_null) return std::nullopt;
    if (model.kind == Kind::Like) return is_like(std::get<std::string>(cell), std::get<std::string>(model.values[0]));
    if (model.kind == Kind::Compare) return compare(model.op, cell, model.values[0]);
    return std::find(model.values.begin(), model.values.end(), cell) != model.values.end();
}

Model random_model(const Graph& graph, const std::string& struct_name, int depth, Condition& asked) {
    using Kind = Condition::Kind;
    Model model;
    const auto choice = pick(depth > 2 ? 6 : 9);
    if (choice >= 6) {
        model.kind = choice == 6 ? Kind::Not : choice == 7 ? Kind::And : Kind::Or;
        for (auto i = model.kind == Kind::Not ? 0 : pick(2) + 1; i >= 0; --i) {
            Condition part;
            model.parts.push_back(random_model(graph, struct_name, depth + 1, part));
            asked.parts.push_back(std::move(part));
        }
        asked.kind = model.kind;
        return model;
    }
    const auto& path = pick_of(kPaths.at(struct_name));
    const auto value = [&]() -> Cell {
        if (path.kind == ValueKind::Text) return pick_of(kTexts);
        if (path.kind == ValueKind::Number) return static_cast<double>(pick(4));
        std::vector<std::size_t> targets;
        for (std::size_t t = 0; t < graph.objects.size(); ++t) {
            const auto& object = graph.objects[t];
            if (object.struct_name == (path.kind == ValueKind::Uid ? "Session" : path.target)) targets.push_back(t);
        }
        if (targets.empty()) return std::string(32, 'f');
        const auto target = pick_of(targets);
        if (path.kind == ValueKind::Uid) return graph.objects[target].cells.at("uid");
        return target;
    };
    const bool is_ordered = path.kind == ValueKind::Text || path.kind == ValueKind::Number;
    model.kind = choice < 3                                    ? Kind::Compare
                 : choice == 3                                 ? Kind::In
                 : choice == 4 && path.kind == ValueKind::Text ? Kind::Like
                                                               : Kind::IsNull;
    model.path = path.path;
    if (model.kind == Kind::Compare) {
        model.op = static_cast<ValueOp>(pick(is_ordered ? 6 : 2) + 1);
        model.values = {value()};
    } else if (model.kind == Kind::In) {
        for (auto i = pick(3); i >= 0; --i) model.values.push_back(value());
    } else if (model.kind == Kind::Like) {
        model.values = {pick_of(std::vector<std::string>{"%", "a%", "_", "%b", "%\xff"})};
    }
    asked.kind = model.kind;
    asked.path = model.path;
    asked.op = model.op;
    for (const auto& cell : model.values) {
        if (const auto* text = std::get_if<std::string>(&cell)) {
            asked.values.emplace_back(*text);
        } else if (const auto* number = std::get_if<double>(&cell)) {
            asked.values.emplace_back(*number);
        } else {
            asked.values.emplace_back(graph.objects[std::get<std::size_t>(cell)].id);
        }
    }
    return model;
}

std::vector<StructDefinition> definitions_of(const Graph& graph, const std::vector<std::string>& names,
                                             std::size_t version) {
    std::vector<StructDefinition> list;
    for (const auto& name : names) {
        const auto& versions = graph.versions.at(name);
        if (version < versions.size()) list.push_back(*versions[version]);
    }
    return list;
}

void register_all(Database& db, const Graph& graph, const std::vector<std::string>& names) {
    RegisterOptions options;
    options.is_elsewhere = [](const std::string&) { return true; };
    for (std::size_t version = 0; version < 2; ++version) {
        const auto list = definitions_of(graph, names, version);
        if (!list.empty()) db.register_structs(list, options);
    }
    db.advance();
}

/// Puts some objects more, in one commit each for a struct; `put` is given them.
template <class Put>
void grow(Graph& graph, const Put& put) {
    for (const auto& name : kOrderOfStructs) {
        std::vector<ObjectPut> puts;
        std::vector<ModelObject> models;
        for (auto i = pick(4); i >= 0; --i) {
            ModelObject model;
            auto one = random_object(graph, name, model);
            const auto is_known = [&](const ModelObject& other) { return other.id == model.id; };
            if (std::any_of(graph.objects.begin(), graph.objects.end(), is_known) ||
                std::any_of(models.begin(), models.end(), is_known)) {
                continue;
            }
            puts.push_back(std::move(one));
            models.push_back(std::move(model));
        }
        if (puts.empty()) continue;
        put(puts);
        for (auto& model : models) {
            model.order = graph.next++;
            graph.objects.push_back(std::move(model));
        }
    }
}

/// One random question, against the model.
template <class Source>
void ask(Source& source, const Graph& graph) {
    ObjectQuery query;
    query.struct_name = kOrderOfStructs[static_cast<std::size_t>(pick(3)) + 1];
    const auto model = random_model(graph, query.struct_name, 0, query.where);
    query.order.descending = pick(2) == 0;
    query.limit = pick(3) == 0 ? static_cast<std::uint64_t>(pick(4) + 1) : 0;
    RC_LOG() << query.struct_name << " where " << format_condition(query.where) << '\n';
    std::vector<const ModelObject*> expected;
    for (const auto& object : graph.objects) {
        if (object.struct_name == query.struct_name && truth_of(graph, model, object) == Truth(true)) {
            expected.push_back(&object);
        }
    }
    RC_CLASSIFY(!expected.empty());
    std::sort(expected.begin(), expected.end(),
              [](const ModelObject* a, const ModelObject* b) { return a->order < b->order; });
    if (query.order.descending) std::reverse(expected.begin(), expected.end());
    if (pick(4) == 0) {
        const auto& path = pick_of(kPaths.at(query.struct_name));
        // Members of the newest versions; users have lost their age.
        if ((path.kind == ValueKind::Text || path.kind == ValueKind::Number) && !path.path.ends_with("age")) {
            query.order.path = path.path;
            std::stable_sort(expected.begin(), expected.end(), [&](const ModelObject* a, const ModelObject* b) {
                const auto x = cell_at(graph, *a, path.path);
                const auto y = cell_at(graph, *b, path.path);
                const bool x_null = x.index() == 0;
                const bool y_null = y.index() == 0;
                if (x_null || y_null) return !x_null && y_null;
                return query.order.descending ? y < x : x < y;
            });
        }
    }
    if (query.limit != 0 && expected.size() > query.limit) expected.resize(query.limit);
    std::vector<std::string> wanted;
    for (const auto* object : expected) wanted.push_back(format_id(object->id));
    std::vector<std::string> got;
    for (const auto& object : source.query_objects(query)) {
        got.push_back(format_id(object.id));
        RC_ASSERT(object.struct_name == query.struct_name);
    }
    RC_ASSERT(got == wanted);
}

}  // namespace

TEST_CASE("objects by conditions are those that a model finds by looking at each") {
    const EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    for (const bool wide : {false, true}) {
        auto graph = make_structs(wide);
        const bool on_server = engine.place().engine == backends::Engine::Postgres;
        const auto second = on_server ? *etalon::test::find_fresh_postgres_place() : "sqlite:" + directory.file("w.db");
        auto db = Database::open(wide ? second : engine.url(), {.create = true});
        register_all(db, graph, kOrderOfStructs);
        CHECK(check_some("queries of one place", 1500, [&] {
            if (graph.objects.empty() || (graph.objects.size() < 120 && pick(10) == 0)) {
                grow(graph, [&](const std::vector<ObjectPut>& puts) { db.put_objects(puts); });
                db.advance();
            }
            ask(db, graph);
        }));
    }
}

TEST_CASE("objects of two layers are asked for as one, across them too") {
    const EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    auto graph = make_structs(false);
    const auto upper_url = engine.layer(directory.file("upper.db"));
    auto lower = Database::open(engine.url(), {.create = true});
    register_all(lower, graph, kOrderOfStructs);
    auto upper = Database::open(upper_url, {.create = true});
    register_all(upper, graph, kOrderOfStructs);
    std::optional<Database> both;
    CHECK(check_some("queries of two layers", 400, [&] {
        if (graph.objects.size() < 30) {
            grow(graph, [&](const std::vector<ObjectPut>& puts) { lower.put_objects(puts); });
            lower.advance();
            return;
        }
        if (!both) {
            // Some groups stand in both layers: the upper one's count, which came later.
            std::vector<ObjectPut> again;
            for (auto& object : graph.objects) {
                if (object.struct_name != "Group" || again.size() == 3) continue;
                const auto stored = lower.get_objects(std::vector<ObjectId>{object.id});
                again.push_back({graph.versions.at("Group")[0], stored[0].row});
                object.order = graph.next++;
            }
            upper.put_objects(again);
            both.emplace(Database::open({upper_url, engine.url()}, OpenOptions{.write_to = upper_url}));
        }
        if (graph.objects.size() < 80 && pick(8) == 0) {
            grow(graph, [&](const std::vector<ObjectPut>& puts) { both->put_objects(puts); });
            both->advance();
        }
        ask(*both, graph);
    }));
}

TEST_CASE("paths go on in other databases of a federation") {
    const EachEngine engine;
    if (!engine) return;
    const TempDirectory directory;
    auto graph = make_structs(false);
    Federation federation;
    auto& people = federation.add(engine.url(), {.create = true}, "people");
    auto& pictures = federation.add("sqlite:" + directory.file("pictures.db"), {.create = true}, "pictures");
    register_all(people, graph, {"Group", "User"});
    register_all(pictures, graph, {"Session", "Image"});
    CHECK(check_some("queries over two databases", 400, [&] {
        if (graph.objects.empty() || (graph.objects.size() < 80 && pick(8) == 0)) {
            grow(graph, [&](const std::vector<ObjectPut>& puts) { federation.put_objects(puts); });
            people.advance();
            pictures.advance();
        }
        ask(federation, graph);
    }));
    // One of the databases alone follows them, too.
    ObjectQuery query;
    query.struct_name = "Image";
    query.where = parse_condition("session.user.group.n >= 0");
    const auto all = federation.query_objects(query);
    CHECK(pictures.query_objects(query).size() == all.size());
}

TEST_CASE("a path of any depth is one statement of one place") {
    const EachEngine engine;
    if (!engine) return;
    auto graph = make_structs(false);
    auto db = Database::open(engine.url(), {.create = true});
    register_all(db, graph, kOrderOfStructs);
    ObjectQuery query;
    query.struct_name = "Image";
    query.where = parse_condition("session.user.group.n = 1 and by.name like \"a%\" or session is null");
    (void)db.query_objects(query);
    const auto before = db.statement_count();
    (void)db.query_objects(query);
    // What is known of the four structs was read by the first question.
    CHECK(db.statement_count() - before == 1);
    CHECK(error_of([&] {
              query.where = parse_condition("session.user.nam = a");
              (void)db.query_objects(query);
          }).code() == ErrorCode::Unknown);
    CHECK(error_of([&] {
              query.where = parse_condition("session.user.group.n = x");
              (void)db.query_objects(query);
          }).code() == ErrorCode::BadInput);
    CHECK(error_of([&] {
              query.struct_name = "Imag";
              (void)db.query_objects(query);
          })
              .info()
              .advice.find("Image") != std::string::npos);
}

TEST_CASE("named queries are kept as of commits, and run with values for their parameters") {
    const EachEngine engine;
    if (!engine) return;
    auto graph = make_structs(false);
    auto db = Database::open(engine.url(), {.create = true});
    register_all(db, graph, kOrderOfStructs);
    const auto& layout = graph.versions.at("Group")[0];
    const auto put = [&](const std::string& name, std::int32_t n) {
        auto row = std::make_shared<std::vector<std::byte>>(layout->size);
        std::memcpy(row->data(), name.data(), name.size());
        std::memcpy(row->data() + layout->elements[1].offset, &n, sizeof n);
        const std::vector<ObjectPut> puts{{layout, {row, row->data()}}};
        db.put_objects(puts);
        db.advance();
    };
    put("a", 1);
    put("b", 2);
    put("ab", 2);
    NamedQuery query{.name = "groups by n", .struct_name = "Group", .where = "n = :n and name like :name"};
    query.order = {"name", false};
    const auto first = db.define_query(query);
    CHECK(first > 0);
    db.advance();
    CHECK(db.define_query(query) == 0);  // the same already
    const auto run = [&](std::int64_t n, const std::optional<AsOf>& as_of = std::nullopt) {
        ObjectReadOptions read;
        read.as_of = as_of;
        std::string names;
        for (const auto& object :
             db.run_query("groups by n", {{"n", ValueText{std::to_string(n)}}, {"name", std::string("%")}}, read)) {
            names += std::string(reinterpret_cast<const char*>(object.row.get())) + ";";
        }
        return names;
    };
    CHECK(run(2) == "ab;b;");
    CHECK(run(1) == "a;");
    const auto shown = db.get_query("groups by n");
    CHECK(shown.parameters == std::vector<std::string>{"n", "name"});
    CHECK(shown.commit == first);
    CHECK(shown.order.path == "name");
    CHECK_FALSE(shown.order.descending);
    query.order = {"name", true};
    query.limit = 1;
    const auto second = db.define_query(query);
    CHECK(second > first);
    db.advance();
    CHECK(run(2) == "b;");
    CHECK(run(2, AsOf{first}) == "ab;b;");
    CHECK(db.retire_query("groups by n") > second);
    db.advance();
    CHECK(db.queries().empty());
    CHECK(db.queries(AsOf{second}).size() == 1);
    CHECK(run(2, AsOf{second}) == "b;");
    CHECK(error_of([&] { (void)run(2); }).code() == ErrorCode::Unknown);
    CHECK(error_of([&] { (void)db.retire_query("groups by n"); }).code() == ErrorCode::Unknown);
    const auto refused = [&](std::string struct_name, std::string where, std::string order = {}) {
        return error_of([&] {
                   NamedQuery bad{.name = "bad", .struct_name = std::move(struct_name), .where = std::move(where)};
                   bad.order.path = std::move(order);
                   (void)db.define_query(bad);
               })
            .code();
    };
    CHECK(refused("Group", "m = :n") == ErrorCode::Unknown);
    CHECK(refused("Groups", "n = :n") == ErrorCode::Unknown);
    CHECK(refused("Group", "n = x") == ErrorCode::BadInput);
    CHECK(refused("Group", "n = ") == ErrorCode::Usage);
    CHECK(refused("Group", "n = 1", "m") == ErrorCode::Unknown);
    CHECK(refused("User", "group.m = :n") == ErrorCode::Unknown);
}
