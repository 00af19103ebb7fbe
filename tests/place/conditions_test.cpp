// Whole conditions against rows in columns and as bytes, of two schema versions, with null references: both engines and
// rows that are decided one by one agree with a three-valued model.
#include <rapidcheck.h>

#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "backends/each_engine.h"
#include "base/identity.h"
#include "base/like.h"
#include "database/support.h"
#include "index/many_cases.h"
#include "schema/build.h"

using namespace etalon;
using etalon::test::check_many;
using etalon::test::commit;
using etalon::test::EachEngine;
using etalon::test::element;
using etalon::test::error_of;

namespace {

std::int64_t pick(std::int64_t end) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(0, end));
}
template <class T>
const T& pick_of(const std::vector<T>& list) {
    return list[static_cast<std::size_t>(pick(static_cast<std::int64_t>(list.size())))];
}

/// Null (or absent), a number, or text (of an id: its text form).
using Cell = std::variant<std::monostate, double, std::string>;

const std::vector<double> kNumbers{
    0, 1, 2, -1, 0.5, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()};
const std::vector<std::string> kTexts{"", "a", "ab", "ba", "A", "a%", "a_", "\xc3\xa4", "\xff", "\\", "b\xff"};
/// What references are to: three objects of a struct of its own.
const StructDefinition& thing() {
    static const StructDefinition kThing = etalon::test::natural({element("n", ScalarType::Int64)}, "Thing");
    return kThing;
}
std::vector<ObjectPut> things() {
    const auto layout = std::make_shared<const StructDefinition>(thing());
    std::vector<ObjectPut> puts;
    for (std::int64_t n = 1; n <= 3; ++n) {
        const auto row = std::make_shared<std::int64_t>(n);
        puts.push_back({layout, {row, reinterpret_cast<const std::byte*>(row.get())}});
    }
    return puts;
}
const std::vector<std::string> kIds = [] {
    std::vector<std::string> ids;
    for (const auto& put : things()) ids.push_back(format_id(compute_object_id(*put.layout, put.row.get())));
    return ids;
}();
Database open_with_things(const std::string& url) {
    auto db = Database::open(url, {.create = true});
    db.register_structs({&thing(), 1});
    db.put_objects(things());
    return db;
}
const std::vector<std::string> kFiles{"sha256:" + std::string(64, 'a') + ":1", "sha256:" + std::string(64, 'a') + ":2",
                                      "sha256:" + std::string(64, '0') + ":5"};

StructDefinition packed(std::vector<Element> elements, std::string name) {
    StructDefinition definition;
    definition.name = std::move(name);
    definition.alignment = 8;
    for (auto& one : elements) {
        const auto alignment = alignment_of(one.type);
        one.offset = (definition.size + alignment - 1) / alignment * alignment;
        definition.size = one.offset + one.bytes();
        if (one.type == ScalarType::Ref) one.target = "Thing";
    }
    definition.size = (definition.size + 7) / 8 * 8;
    definition.elements = std::move(elements);
    return definition;
}

StructDefinition first_version(const std::string& name) {
    return packed(
        {element("n", ScalarType::Int32), element("x", ScalarType::Float64), element("text", ScalarType::Char, {4}),
         element("ref", ScalarType::Ref), element("refs", ScalarType::Ref, {2}), element("uid", ScalarType::Uid),
         element("file", ScalarType::File), element("files", ScalarType::File, {2, 1}),
         element("many", ScalarType::Int64, {2})},
        name);
}
/// Without some elements, and with shorter arrays.
StructDefinition second_version(const std::string& name) {
    return packed({element("x", ScalarType::Float64), element("ref", ScalarType::Ref),
                   element("refs", ScalarType::Ref, {1}), element("text", ScalarType::Char, {4})},
                  name);
}

struct Path {
    std::string path;
    std::string base;
    std::uint64_t index = 0;
    ScalarType type = ScalarType::Int32;
};
const std::vector<Path> kPaths{{"n", "n", 0, ScalarType::Int32},
                               {"x", "x", 0, ScalarType::Float64},
                               {"text", "text", 0, ScalarType::Char},
                               {"ref", "ref", 0, ScalarType::Ref},
                               {"refs[0]", "refs", 0, ScalarType::Ref},
                               {"refs[1]", "refs", 1, ScalarType::Ref},
                               {"uid", "uid", 0, ScalarType::Uid},
                               {"file", "file", 0, ScalarType::File},
                               {"files[1][0]", "files", 1, ScalarType::File},
                               {"many[1]", "many", 1, ScalarType::Int64}};

using Raw = std::vector<std::byte>;

Raw random_row(const StructDefinition& layout) {
    Raw row(layout.size);
    for (const auto& one : layout.elements) {
        if (one.is_text()) {
            const auto& text = pick_of(kTexts);
            std::memcpy(row.data() + one.offset, text.data(), text.size());
            continue;
        }
        for (std::uint64_t i = 0; i < one.count(); ++i) {
            auto* at = row.data() + one.offset + i * size_of(one.type);
            const auto number = pick(3);
            const auto n = static_cast<std::int32_t>(number);
            if (one.type == ScalarType::Int32) std::memcpy(at, &n, sizeof n);
            if (one.type == ScalarType::Int64) std::memcpy(at, &number, sizeof number);
            if (one.type == ScalarType::Float64) std::memcpy(at, &pick_of(kNumbers), 8);
            if (!is_identity(one.type) || pick(3) == 0) continue;
            REQUIRE(parse_identity(one.type, pick_of(one.type == ScalarType::File ? kFiles : kIds), at));
        }
    }
    return row;
}

struct ModelRow {
    DefinitionPtr layout;
    Raw bytes;
};

/// Nothing when the version does not have the value.
std::optional<Cell> cell_of(const ModelRow& row, const Path& path) {
    for (const auto& one : row.layout->elements) {
        if (one.path != path.base) continue;
        if (path.index >= (one.is_text() ? 1 : one.count())) return std::nullopt;
        const auto* at = row.bytes.data() + one.offset + path.index * size_of(one.type);
        if (one.is_text()) {
            const auto* text = reinterpret_cast<const char*>(at);
            return Cell(std::string(text, strnlen(text, one.dims.back())));
        }
        if (is_identity(one.type)) {
            auto text = identity_text(one.type, at);
            return text.empty() ? Cell() : Cell(std::move(text));
        }
        std::int32_t n = 0;
        std::int64_t m = 0;
        double x = 0;
        if (one.type == ScalarType::Int32) return std::memcpy(&n, at, 4), Cell(static_cast<double>(n));
        if (one.type == ScalarType::Int64) return std::memcpy(&m, at, 8), Cell(static_cast<double>(m));
        return std::memcpy(&x, at, 8), Cell(x);
    }
    return std::nullopt;
}

/// A condition as the model sees it: true, false or unknown.
using Truth = std::optional<bool>;
struct Model {
    Condition::Kind kind = Condition::Kind::Always;
    std::vector<Model> parts = {};
    Path path = {};
    ValueOp op = ValueOp::Equal;
    std::vector<Cell> values = {};
};

template <class T>
bool holds(ValueOp op, const T& a, const T& b) {
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

bool compare(ValueOp op, const Cell& cell, const Cell& value) {
    if (const auto* text = std::get_if<std::string>(&cell)) return holds(op, *text, std::get<std::string>(value));
    const auto a = std::get<double>(cell);
    const auto b = std::get<double>(value);
    if (b != b) return (a != a) == (op == ValueOp::Equal);
    return holds(op, a, b);
}

Truth truth_of(const Model& model, const ModelRow& row) {
    using Kind = Condition::Kind;
    switch (model.kind) {
        case Kind::Always:
            return true;
        case Kind::Not: {
            const auto truth = truth_of(model.parts[0], row);
            return truth ? Truth(!*truth) : truth;
        }
        case Kind::And:
        case Kind::Or: {
            const bool ends = model.kind == Kind::Or;
            Truth all = !ends;
            for (const auto& part : model.parts) {
                const auto truth = truth_of(part, row);
                if (truth == Truth(ends)) return ends;
                if (!truth) all = std::nullopt;
            }
            return all;
        }
        default:
            break;
    }
    const auto cell = cell_of(row, model.path);
    const bool is_null = !cell || std::holds_alternative<std::monostate>(*cell);
    if (model.kind == Kind::IsNull) return is_null;
    if (is_null) return std::nullopt;
    if (model.kind == Kind::Like) return is_like(std::get<std::string>(*cell), std::get<std::string>(model.values[0]));
    if (model.kind == Kind::Compare) return compare(model.op, *cell, model.values[0]);
    bool any = false;
    for (const auto& value : model.values) any = any || compare(ValueOp::Equal, *cell, value);
    return any;
}

ValueFilter::Value asked_value(ScalarType type, const Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell)) {
        if (!is_identity(type)) return *text;
        if (type == ScalarType::File || pick(2) == 0) return ValueText{*text};
        return *parse_id(*text);
    }
    return std::get<double>(cell);
}

Model random_model(int depth, Condition& asked) {
    using Kind = Condition::Kind;
    Model model;
    const auto choice = pick(depth > 3 ? 6 : 10);
    if (choice >= 6) {
        model.kind = choice == 6 ? Kind::Not : choice < 9 ? Kind::And : Kind::Or;
        for (auto i = model.kind == Kind::Not ? 0 : pick(3); i >= 0; --i) {
            Condition part;
            model.parts.push_back(random_model(depth + 1, part));
            asked.parts.push_back(std::move(part));
        }
        asked.kind = model.kind;
        return model;
    }
    model.path = pick_of(kPaths);
    const auto type = model.path.type;
    const auto value = [&](bool ordered) -> Cell {
        if (type == ScalarType::Char) return pick_of(kTexts);
        if (type == ScalarType::File) return pick_of(kFiles);
        if (is_identity(type)) return pick_of(kIds);
        if (type == ScalarType::Float64 && !ordered) return pick_of(kNumbers);
        return static_cast<double>(pick(4)) - (type == ScalarType::Float64 ? 0.5 : 1);
    };
    static const std::vector<std::string> kPatterns{"%", "a%", "_", "a\\%", "%b", "%\xff%", "\\\\", "", "__", "%a%b%"};
    model.kind = choice < 3                                ? Kind::Compare
                 : choice == 3                             ? Kind::In
                 : choice == 4 && type == ScalarType::Char ? Kind::Like
                                                           : Kind::IsNull;
    if (model.kind == Kind::Compare) {
        model.op = static_cast<ValueOp>(pick(is_identity(type) ? 2 : 6) + 1);
        model.values = {value(model.op > ValueOp::NotEqual)};
    } else if (model.kind == Kind::In) {
        for (auto i = pick(3); i >= 0; --i) model.values.push_back(value(false));
    } else if (model.kind == Kind::Like) {
        model.values = {pick_of(kPatterns)};
    }
    asked.kind = model.kind;
    asked.path = model.path.path;
    asked.op = model.op;
    for (const auto& cell : model.values) asked.values.push_back(asked_value(type, cell));
    return model;
}

PutRecord put_rows(const std::string& name, const std::vector<ModelRow>& rows, std::int64_t begin) {
    PutRecord one;
    one.name = name;
    one.begin = begin;
    one.layout = rows.front().layout;
    one.num_rows = rows.size();
    const auto data = std::make_shared<Raw>();
    for (const auto& row : rows) data->insert(data->end(), row.bytes.begin(), row.bytes.end());
    one.rows = std::shared_ptr<const std::byte>(data, data->data());
    return one;
}

std::vector<std::int64_t> begins_of(const std::vector<HistoryRecord>& records) {
    std::vector<std::int64_t> begins;
    for (const auto& record : records) begins.push_back(record.interval.begin);
    return begins;
}

}  // namespace

TEST_CASE("conditions of any form find what a three-valued model finds, in columns and in bytes") {
    const EachEngine engine;
    if (!engine) return;
    auto db = open_with_things(engine.url());
    std::vector<DefinitionPtr> versions;
    for (const auto& definition : {first_version("Sample"), second_version("Sample")}) {
        db.register_structs({&definition, 1});
        versions.push_back(std::make_shared<const StructDefinition>(definition));
    }
    const auto define = [&](const std::string& name, Storage storage) {
        db.define_name(
            {.name = name, .struct_name = "Sample", .axis = {}, .policy = {}, .storage = storage, .coverage = {}});
    };
    define("Sample", Storage::Columns);
    define("InBytes", Storage::Bytes);
    std::vector<std::vector<ModelRow>> records;
    CHECK(check_many("whole conditions against the model", 1000, [&] {
        if (records.empty() || (records.size() < 120 && pick(6) == 0)) {
            std::vector<PutRecord> puts;
            for (auto i = 4 + pick(8); i > 0; --i) {
                const auto& layout = versions[pick(3) == 0 ? 1 : 0];
                std::vector<ModelRow> rows;
                for (auto n = pick(3); n >= 0; --n) rows.push_back({layout, random_row(*layout)});
                const auto begin = static_cast<std::int64_t>(records.size());
                puts.push_back(put_rows("Sample", rows, begin));
                puts.push_back(put_rows("InBytes", rows, begin));
                records.push_back(std::move(rows));
            }
            commit(db, puts);
            db.advance();
        }
        HistoryOptions options;
        const auto model = random_model(0, options.where);
        RC_LOG() << format_condition(options.where) << '\n';
        std::vector<std::int64_t> expected;
        for (std::size_t i = 0; i < records.size(); ++i) {
            const bool any = std::any_of(records[i].begin(), records[i].end(),
                                         [&](const ModelRow& row) { return truth_of(model, row) == Truth(true); });
            if (any) expected.push_back(static_cast<std::int64_t>(i));
        }
        RC_CLASSIFY(!expected.empty() && expected.size() < records.size());
        RC_ASSERT(begins_of(db.history("Sample", options)) == expected);
        RC_ASSERT(begins_of(db.history("InBytes", options)) == expected);
    }));
}

TEST_CASE("ids are asked for as such, and null by its word") {
    const EachEngine engine;
    if (!engine) return;
    auto db = open_with_things(engine.url());
    const auto definition = first_version("Sample");
    db.register_structs({&definition, 1});
    db.advance();
    const auto error = [&](const std::string& condition) {
        HistoryOptions options;
        options.where = parse_condition(condition);
        return error_of([&] { (void)db.history("Sample", options); });
    };
    const std::string zeros(32, '0');
    for (const auto& bad : {"ref = 1", "ref = null", "uid < 0123456789abcdef0123456789abcdef", "ref like a%",
                            "file = 0123456789abcdef0123456789abcdef", "refs = 0123456789abcdef0123456789abcdef",
                            "n like 1%", "text like \"a\\\"", "n in (1, x)", "refs[2] is null"}) {
        CAPTURE(bad);
        CHECK(error(bad).code() == ErrorCode::BadInput);
    }
    CHECK(error("ref = null").info().advice.find("'is null'") != std::string::npos);
    CHECK(error("ref = " + zeros).info().advice.find("'is null'") != std::string::npos);
    CHECK(error("reff is null").code() == ErrorCode::Unknown);
    CHECK(error("ref.nothing = 1").code() == ErrorCode::Unknown);
    CHECK(error("n = :x").code() == ErrorCode::Usage);
}

TEST_CASE("long lists and chains are asked like short ones") {
    const EachEngine engine;
    if (!engine) return;
    auto db = open_with_things(engine.url());
    const auto definition = first_version("Sample");
    const auto layout = std::make_shared<const StructDefinition>(definition);
    db.register_structs({&definition, 1});
    ModelRow row{layout, Raw(definition.size)};
    const std::int32_t n = 2900;
    std::memcpy(row.bytes.data(), &n, sizeof n);
    for (const auto& one : definition.elements) {
        if (one.path == "ref") REQUIRE(parse_identity(one.type, kIds[2], row.bytes.data() + one.offset));
    }
    commit(db, {put_rows("Sample", {row}, 1)});
    db.advance();
    HistoryOptions options;
    const auto count = [&] { return db.history("Sample", options).size(); };
    Condition list{.kind = Condition::Kind::In, .parts = {}, .path = "ref"};
    for (std::uint32_t i = 1; i < 5000; ++i) {
        ObjectId id{};
        std::memcpy(id.bytes, &i, sizeof i);
        list.values.emplace_back(id);
    }
    options.where = list;
    CHECK(count() == 0);
    list.values.emplace_back(*parse_id(kIds[2]));
    options.where = list;
    CHECK(count() == 1);
    for (const int length : {3000, 20000}) {
        std::string chain = "n = 1";
        for (int i = 2; i <= length; ++i) chain += " or n = " + std::to_string(i);
        options.where = parse_condition(chain);
        CHECK(count() == 1);
    }
}
