// Records found by what their rows hold: both engines agree with a plain filter over the rows.
#include <rapidcheck.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "backends/each_engine.h"
#include "database/support.h"
#include "index/many_cases.h"
#include "schema/build.h"

using namespace etalon;
using etalon::test::check_many;
using etalon::test::commit;
using etalon::test::create_with;
using etalon::test::EachEngine;
using etalon::test::element;
using etalon::test::error_of;
using etalon::test::Gain1;
using etalon::test::gain1;
using etalon::test::Gain2;
using etalon::test::hole;
using etalon::test::natural;
using etalon::test::put;

namespace {

std::int64_t pick(std::int64_t begin, std::int64_t end) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::int64_t>(begin, end));
}
bool chance(std::int64_t one_in) {
    return pick(0, one_in) == 0;
}
template <class T>
const T& pick_of(const std::vector<T>& list) {
    return list[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(list.size())))];
}

using Raw = std::vector<std::byte>;

const std::vector<std::string> kTexts{"",  "a",   "ab",  "b",  "A", "\xff", "\xc3\xa4",
                                      "'", "\"x", "a'b", "\\", "3", "\x01", "<a"};
const std::vector<std::int64_t> kIntegers{0,
                                          1,
                                          -1,
                                          2,
                                          3,
                                          4,
                                          127,
                                          128,
                                          -128,
                                          255,
                                          256,
                                          32767,
                                          -32768,
                                          65535,
                                          2147483647,
                                          -2147483648LL,
                                          4294967295LL,
                                          (1LL << 53) - 1,
                                          1LL << 53,
                                          (1LL << 53) + 1,
                                          -(1LL << 53) - 1,
                                          INT64_MAX,
                                          INT64_MAX - 1,
                                          INT64_MIN,
                                          INT64_MIN + 1};
const std::vector<std::uint64_t> kNaturals{0,
                                           1,
                                           3,
                                           1ULL << 53,
                                           (1ULL << 53) + 1,
                                           (1ULL << 63) - 1,
                                           1ULL << 63,
                                           (1ULL << 63) + 1,
                                           UINT64_MAX - 1,
                                           UINT64_MAX,
                                           10000000000000000000ULL,
                                           9999999999999999999ULL};
const std::vector<double> kDoubles{0.0,
                                   -0.0,
                                   0.1,
                                   static_cast<double>(0.1F),
                                   0.1 + 0.2,
                                   0.3,
                                   1.0,
                                   -1.0,
                                   2.5,
                                   -2.5,
                                   3.0,
                                   1e-320,
                                   5e-324,
                                   1.7976931348623157e308,
                                   -1.7976931348623157e308,
                                   9007199254740992.0,
                                   9007199254740994.0,
                                   9223372036854775807.0,
                                   18446744073709551615.0,
                                   std::numeric_limits<double>::infinity(),
                                   -std::numeric_limits<double>::infinity(),
                                   std::numeric_limits<double>::quiet_NaN()};

StructDefinition first_version() {
    return natural(
        {element("flag", ScalarType::Bool), element("i8", ScalarType::Int8), element("u8", ScalarType::UInt8),
         element("i16", ScalarType::Int16), element("u16", ScalarType::UInt16), element("i32", ScalarType::Int32),
         element("u32", ScalarType::UInt32), element("i64", ScalarType::Int64), element("u64", ScalarType::UInt64),
         element("f32", ScalarType::Float32), element("f64", ScalarType::Float64),
         element("text", ScalarType::Char, {3}), element("flags", ScalarType::Bool, {2}),
         element("many.i64", ScalarType::Int64, {2}), element("many.u64", ScalarType::UInt64, {2}),
         element("many.f32", ScalarType::Float32, {3}), element("many.f64", ScalarType::Float64, {2, 2}),
         element("texts", ScalarType::Char, {2, 3}), element("hit[1].x", ScalarType::Float64)});
}

/// Some elements are gone, wider or shorter.
StructDefinition second_version() {
    return natural({element("i8", ScalarType::Int64), element("u8", ScalarType::Float32),
                    element("i64", ScalarType::UInt64), element("f64", ScalarType::Float64),
                    element("text", ScalarType::Char, {2}), element("many.f32", ScalarType::Float64, {2}),
                    element("hit[1].x", ScalarType::Int16)});
}

template <class T>
void store(std::byte* at, T value) {
    std::memcpy(at, &value, sizeof value);
}

void fill_value(ScalarType type, std::byte* at) {
    const auto integer = pick_of(kIntegers);
    switch (type) {
        case ScalarType::Bool:
            return store(at, static_cast<std::uint8_t>(pick(0, 2)));
        case ScalarType::Int8:
            return store(at, static_cast<std::int8_t>(integer));
        case ScalarType::UInt8:
            return store(at, static_cast<std::uint8_t>(integer));
        case ScalarType::Int16:
            return store(at, static_cast<std::int16_t>(integer));
        case ScalarType::UInt16:
            return store(at, static_cast<std::uint16_t>(integer));
        case ScalarType::Int32:
            return store(at, static_cast<std::int32_t>(integer));
        case ScalarType::UInt32:
            return store(at, static_cast<std::uint32_t>(integer));
        case ScalarType::Int64:
            return store(at, integer);
        case ScalarType::UInt64:
            return store(at, pick_of(kNaturals));
        case ScalarType::Float32:
            return chance(8) ? store(at, std::bit_cast<float>(0xFFC12345U))
                             : store(at, static_cast<float>(pick_of(kDoubles)));
        case ScalarType::Float64:
            return chance(8) ? store(at, std::bit_cast<double>(0x7FF0000000000001ULL)) : store(at, pick_of(kDoubles));
        case ScalarType::Char:
        case ScalarType::Ref:
        case ScalarType::Uid:
        case ScalarType::File:
            break;
    }
}

Raw random_row(const StructDefinition& definition) {
    Raw row(definition.size);
    for (const auto& one : definition.elements) {
        if (one.is_text()) {
            const auto capacity = one.dims.back();
            for (std::uint64_t at = 0; at < one.bytes(); at += capacity) {
                const auto& text = pick_of(kTexts);
                std::memcpy(row.data() + one.offset + at, text.data(), std::min<std::size_t>(text.size(), capacity));
            }
            continue;
        }
        for (std::uint64_t i = 0; i < one.count(); ++i)
            fill_value(one.type, row.data() + one.offset + i * size_of(one.type));
    }
    return row;
}

struct ModelRecord {
    DefinitionPtr layout;
    std::vector<Raw> rows;
};

PutRecord put_rows(const ModelRecord& record, std::int64_t begin) {
    PutRecord one;
    one.name = "Sample";
    one.begin = begin;
    one.layout = record.layout;
    one.num_rows = record.rows.size();
    const auto data = std::make_shared<Raw>();
    for (const auto& row : record.rows) data->insert(data->end(), row.begin(), row.end());
    one.rows = std::shared_ptr<const std::byte>(data, data->data());
    return one;
}

/// A condition as the model sees it. On x86-64 a long double has every value of every type.
struct ModelFilter {
    std::string base;
    std::vector<std::uint64_t> indices;
    ValueOp op = ValueOp::Equal;
    std::string written;  ///< the number as text; empty: as it is
    long double number = 0;
    std::string text;
};
static_assert(std::numeric_limits<long double>::digits >= 64);

template <class T>
T load(const std::byte* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

long double number_at(ScalarType type, const std::byte* at) {
    switch (type) {
        case ScalarType::Int8:
            return load<std::int8_t>(at);
        case ScalarType::UInt8:
        case ScalarType::Bool:
            return load<std::uint8_t>(at);
        case ScalarType::Int16:
            return load<std::int16_t>(at);
        case ScalarType::UInt16:
            return load<std::uint16_t>(at);
        case ScalarType::Int32:
            return load<std::int32_t>(at);
        case ScalarType::UInt32:
            return load<std::uint32_t>(at);
        case ScalarType::Int64:
            return load<std::int64_t>(at);
        case ScalarType::UInt64:
            return load<std::uint64_t>(at);
        case ScalarType::Float32:
            return load<float>(at);
        case ScalarType::Float64:
            return load<double>(at);
        case ScalarType::Char:
        case ScalarType::Ref:
        case ScalarType::Uid:
        case ScalarType::File:
            break;
    }
    return 0;
}

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

bool model_passes(const StructDefinition& definition, const Raw& row, const ModelFilter& filter) {
    for (const auto& one : definition.elements) {
        if (one.path != filter.base) continue;
        const auto rank = one.dims.size() - (one.is_text() ? 1 : 0);
        std::uint64_t flat = 0;
        for (std::size_t i = 0; i < rank; ++i) {
            if (filter.indices[i] >= one.dims[i]) return false;
            flat = flat * one.dims[i] + filter.indices[i];
        }
        if (one.is_text()) {
            const auto* at = reinterpret_cast<const char*>(row.data() + one.offset + flat * one.dims.back());
            return holds(filter.op, std::string(at, strnlen(at, one.dims.back())), filter.text);
        }
        const auto value = number_at(one.type, row.data() + one.offset + flat * size_of(one.type));
        // Nothing to compare with: no integer is that, or is written so.
        if (!is_float(one.type) && (!std::isfinite(filter.number) ||
                                    filter.written.find_first_not_of(
                                        "0123456789", filter.written.starts_with('-') ? 1 : 0) != std::string::npos)) {
            return false;
        }
        if (std::isnan(filter.number)) return std::isnan(value) == (filter.op == ValueOp::Equal);
        auto bound = filter.number;
        if (!filter.written.empty() && is_float(one.type)) {
            bound = static_cast<double>(bound);
            const auto narrow = static_cast<float>(bound);
            if (one.type == ScalarType::Float32 && (std::isinf(bound) || !std::isinf(narrow))) bound = narrow;
        }
        return holds(filter.op, value, bound);
    }
    return false;
}

bool matches(const ModelRecord& record, const std::vector<ModelFilter>& filters) {
    return std::any_of(record.rows.begin(), record.rows.end(), [&](const Raw& row) {
        return std::all_of(filters.begin(), filters.end(),
                           [&](const ModelFilter& filter) { return model_passes(*record.layout, row, filter); });
    });
}

std::string in_quotes(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"') {
            out += "\"\"";
        } else if (c == '\\') {
            out += "\\\\";
        } else if (code < 0x20 || code > 0x7e) {
            char buffer[8];
            std::snprintf(buffer, sizeof buffer, "\\x%02x", code);
            out += buffer;
        } else {
            out += c;
        }
    }
    return out + '"';
}

std::string indexed(const ModelFilter& filter) {
    auto path = filter.base;
    for (const auto index : filter.indices) path += "[" + std::to_string(index) + "]";
    return path;
}

/// A condition on an element of the first version, in the model's form and in the one that is asked.
std::pair<ModelFilter, ValueFilter> pick_filter(const StructDefinition& definition) {
    ModelFilter model;
    ValueFilter asked;
    const auto& one = pick_of(definition.elements);
    model.base = one.path;
    for (std::size_t i = 0; i + (one.is_text() ? 1 : 0) < one.dims.size(); ++i) {
        model.indices.push_back(static_cast<std::uint64_t>(pick(0, static_cast<std::int64_t>(one.dims[i]))));
    }
    model.op = asked.op = static_cast<ValueOp>(pick(1, 7));
    asked.path = indexed(model);
    if (one.is_text()) {
        model.text = pick_of(kTexts);
        chance(2) ? asked.value = model.text : asked.value = ValueText{in_quotes(model.text)};
        return {model, asked};
    }
    const bool written = chance(2);
    const bool floats = is_float(one.type);
    const bool flag = one.type == ScalarType::Bool;
    switch (pick(0, 3)) {
        case 0: {
            const auto number = flag && written ? pick(0, 2) : pick_of(kIntegers);
            model.number = number;
            asked.value = number;
            if (written) model.written = std::to_string(number);
            break;
        }
        case 1: {
            const auto number = flag && written ? 1 : pick_of(kNaturals);
            model.number = number;
            asked.value = number;
            if (written) model.written = std::to_string(number);
            break;
        }
        default: {
            auto number = pick_of(kDoubles);
            if (!floats && !std::isfinite(number)) number = 0.5;
            if (std::isnan(number) && model.op != ValueOp::Equal && model.op != ValueOp::NotEqual) number = 1.5;
            model.number = number;
            asked.value = number;
            if (!written || !floats) break;
            char buffer[64];
            std::snprintf(buffer, sizeof buffer, "%.17g", number);
            model.written = buffer;
        }
    }
    if (!model.written.empty()) asked.value = ValueText{model.written};
    return {model, asked};
}

std::vector<std::int64_t> begins_of(const std::vector<HistoryRecord>& records) {
    std::vector<std::int64_t> begins;
    for (const auto& record : records) begins.push_back(record.interval.begin);
    return begins;
}

/// The begins of the records that match.
std::vector<std::int64_t> found(Database& db, const std::string& name, const std::vector<std::string>& where) {
    HistoryOptions options;
    std::vector<Condition> conditions;
    for (const auto& condition : where) conditions.push_back(parse_condition(condition));
    options.where = all_of(conditions);
    return begins_of(db.history(name, options));
}

using Begins = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("conditions on values find what a plain filter over the rows finds") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    std::vector<DefinitionPtr> versions;
    for (const auto& definition : {first_version(), second_version()}) {
        db.register_structs({&definition, 1});
        versions.push_back(std::make_shared<const StructDefinition>(definition));
    }
    db.define_name({.name = "Sample",
                    .struct_name = "Sample",
                    .axis = {},
                    .policy = {},
                    .storage = Storage::Columns,
                    .coverage = {}});
    std::vector<ModelRecord> records;
    CHECK(check_many("conditions against the model", 600, [&] {
        // Some more records every now and then; they stay.
        if (records.empty() || (records.size() < 160 && chance(4))) {
            std::vector<PutRecord> puts;
            for (auto i = pick(4, 12); i > 0; --i) {
                ModelRecord record{versions[chance(3) ? 1 : 0], {}};
                for (auto rows = pick(0, 4); rows > 0; --rows) record.rows.push_back(random_row(*record.layout));
                const auto begin = static_cast<std::int64_t>(records.size());
                puts.push_back(record.rows.empty() ? hole(begin, std::nullopt, "Sample") : put_rows(record, begin));
                records.push_back(std::move(record));
            }
            commit(db, puts);
            db.advance();
        }
        HistoryOptions options;
        std::vector<ModelFilter> model;
        std::vector<Condition> conditions;
        for (auto i = pick(1, 4); i > 0; --i) {
            auto [one, asked] = pick_filter(*versions[0]);
            RC_LOG() << format_condition(asked) << '\n';
            model.push_back(std::move(one));
            conditions.push_back(asked);
        }
        options.where = all_of(conditions);
        options.descending = chance(2);
        options.limit = chance(3) ? static_cast<std::uint64_t>(pick(1, 5)) : 0;
        Begins expected;
        for (std::size_t i = 0; i < records.size(); ++i) {
            if (matches(records[i], model)) expected.push_back(static_cast<std::int64_t>(i));
        }
        if (options.descending) std::reverse(expected.begin(), expected.end());
        if (options.limit != 0 && expected.size() > options.limit) expected.resize(options.limit);
        RC_CLASSIFY(!expected.empty());
        RC_ASSERT(begins_of(db.history("Sample", options)) == expected);
    }));
}

TEST_CASE("one row must hold all conditions, and a condition reads as the element's type") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Gain1>(engine.url());
    commit(db, {put<Gain1>("Gain", 1, {gain1(1, 0.1F, "left"), gain1(2, 0.2F, "right")}),
                put<Gain1>("Gain", 2, {gain1(3, std::numeric_limits<float>::quiet_NaN(), "it's \"x\"")}),
                put<Gain1>("Gain", 3, {gain1(-5, std::numeric_limits<float>::infinity(), "")}),
                hole(4, std::nullopt, "Gain")});
    db.advance();
    CHECK(found(db, "Gain", {"channel = 1"}) == Begins{1});
    CHECK(found(db, "Gain", {"channel=1", "label = \"left\""}) == Begins{1});
    CHECK(found(db, "Gain", {"channel = 1", "label = right"}).empty());  // of two rows
    CHECK(found(db, "Gain", {"gain[2] = 0.1"}) == Begins{1});            // the float32 that is shown as 0.1
    CHECK(found(db, "Gain", {"gain[1] > 0.1"}) == Begins{1, 3});
    CHECK(found(db, "Gain", {"gain[0] = nan"}) == Begins{2});
    CHECK(found(db, "Gain", {"gain[0] != NaN"}) == Begins{1, 3});
    CHECK(found(db, "Gain", {"gain[0] != 0.1"}) == Begins{1, 2, 3});
    CHECK(found(db, "Gain", {"gain[0] = inf"}) == Begins{3});
    CHECK(found(db, "Gain", {"gain[0] < 1e300"}) == Begins{1});
    CHECK(found(db, "Gain", {"channel >= -5"}) == Begins{1, 2, 3});
    CHECK(found(db, "Gain", {"channel < 99999999999"}) == Begins{1, 2, 3});
    CHECK(found(db, "Gain", {"channel == 3"}) == Begins{2});
    CHECK(found(db, "Gain", {"label = \"it's \"\"x\"\"\""}) == Begins{2});
    CHECK(found(db, "Gain", {"label = \"\""}) == Begins{3});
    CHECK(found(db, "Gain", {"label < right"}) == Begins{1, 2, 3});
    CHECK(found(db, "Gain", {"label = \"x\"\" OR 1=1 --\""}).empty());
    CHECK(found(db, "Gain", {"label = x; DROP TABLE structure"}).empty());
    CHECK(db.structs().size() == 1);
    HistoryOptions options;
    options.where = ValueFilter{"gain[0]", ValueOp::Equal, 0.1};  // the double 0.1 is no float32
    CHECK(db.history("Gain", options).empty());
    options.where = ValueFilter{"gain[0]", ValueOp::Equal, static_cast<double>(0.1F)};
    CHECK(db.history("Gain", options).size() == 1);
    options.where =
        all_of({ValueFilter{"channel", ValueOp::Greater, 0.5}, ValueFilter{"label", ValueOp::Equal, "right"}});
    CHECK(db.history("Gain", options).size() == 1);
    options.elements = {7};
    CHECK(db.history("Gain", options).empty());
}

TEST_CASE("a condition that cannot be asked is an error that names what is wrong") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Gain1>(engine.url());
    commit(db, {put<Gain1>("Gain", 1, {gain1(1)})});
    db.advance();
    const auto error = [&](const std::string& condition) {
        return error_of([&] { (void)found(db, "Gain", {condition}); });
    };
    CHECK(error("chanel = 1").code() == ErrorCode::Unknown);
    CHECK(error("chanel = 1").info().advice == "did you mean 'channel' or 'label'?");
    CHECK(error("gain = 1").code() == ErrorCode::BadInput);
    CHECK(error("gain = 1").info().expected == "an index for each dimension, such as gain[0]");
    CHECK(error("gain[0][0] = 1").code() == ErrorCode::BadInput);
    CHECK(error("gain[3] = 1").info().what == "index out of range");
    CHECK(error("channel[0] = 1").info().what == "the element is no array");
    CHECK(error("label[0] = a").info().what == "the element is no array");
    CHECK(error("gain[-1] = 1").code() == ErrorCode::BadInput);
    CHECK(error("gain[18446744073709551616] = 1").code() == ErrorCode::BadInput);
    CHECK(error("gain[1 = 1").code() == ErrorCode::BadInput);
    for (const char* value : {"x", "1.5", "\"1\"", "1e3", "0x10", "18446744073709551616", "nan", "1 2", "1;"}) {
        CAPTURE(value);
        CHECK(error(std::string("channel = ") + value).code() == ErrorCode::BadInput);
    }
    for (const char* value : {"x", "\"1\"", "1e999", "1,5"})
        CHECK(error(std::string("gain[0] > ") + value).code() == ErrorCode::BadInput);
    CHECK(error("gain[0] < nan").info().what == "nothing is less or greater than nan");
    for (const char* value : {"\"a", "'a'", "= a"}) {
        CAPTURE(value);
        CHECK(error(std::string("label = ") + value).code() == ErrorCode::Usage);
    }
    for (const char* value : {"a\"b", "\"a\\q\"", "\"a\\x00\""}) {
        CAPTURE(value);
        CHECK(error(std::string("label = ") + value).code() == ErrorCode::BadInput);
    }
    for (const char* condition : {"", "channel", "= 1", "channel =", "channel ! 3", "channel = "}) {
        CAPTURE(condition);
        CHECK(error(condition).code() == ErrorCode::Usage);
    }
    HistoryOptions options;
    options.where = ValueFilter{"label", ValueOp::Equal, std::int64_t{1}};
    CHECK(error_of([&] { (void)db.history("Gain", options); }).code() == ErrorCode::BadInput);
    options.where = ValueFilter{"channel", ValueOp::Equal, "1"};
    CHECK(error_of([&] { (void)db.history("Gain", options); }).code() == ErrorCode::BadInput);
    options.where = ValueFilter{"channel", ValueOp::Equal, std::numeric_limits<double>::infinity()};
    CHECK(error_of([&] { (void)db.history("Gain", options); }).code() == ErrorCode::BadInput);
}

TEST_CASE("a record whose schema version lacks the element does not match") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Gain1>(engine.url());
    commit(db, {put<Gain1>("Gain", 1, {gain1(1, 5)})});
    test::register_as<Gain2>(db);
    Gain2 row{};
    row.offset = 2.5;
    row.channel = std::int64_t{1} << 40;
    row.gain[0] = row.gain[1] = 5;
    commit(db, {put<Gain2>("Gain", 2, {row})});
    db.advance();
    CHECK(found(db, "Gain", {"offset > -1"}) == Begins{2});
    CHECK(found(db, "Gain", {"gain[2] = 5"}) == Begins{1});
    CHECK(found(db, "Gain", {"gain[1] = 5"}) == Begins{1, 2});
    CHECK(found(db, "Gain", {"channel > 4294967296"}) == Begins{2});
    CHECK(found(db, "Gain", {"offset > -1", "gain[2] = 5"}).empty());
}

TEST_CASE("values stored as bytes are read for a condition, which is told before") {
    const EachEngine engine;
    if (!engine) return;
    auto db = create_with<Gain1>(engine.url());
    const auto store_as = [&](Storage storage) {
        db.define_name(
            {.name = "Gain", .struct_name = "Gain", .axis = {}, .policy = {}, .storage = storage, .coverage = {}});
    };
    commit(db, {put<Gain1>("Gain", 1, {gain1(1)}), put<Gain1>("Gain", 2, {gain1(2)})});
    store_as(Storage::Bytes);
    commit(db, {put<Gain1>("Gain", 3, {gain1(3), gain1(1)}), put<Gain1>("Gain", 4, {gain1(3)}),
                hole(5, std::nullopt, "Gain")});
    db.advance();
    CHECK(found(db, "Gain", {"channel = 1"}) == Begins{1, 3});
    CHECK(found(db, "Gain", {"not channel = 1"}) == Begins{2, 3, 4});
    HistoryOptions options;
    options.where = parse_condition("channel = 1");
    std::uint64_t told = 0;
    options.reads_bytes = [&](std::uint64_t records) { told += records; };
    CHECK(begins_of(db.history("Gain", options)) == Begins{1, 3});
    CHECK(told == 2);
    options.to = Time{3};
    options.relation = Relation::Starts;
    CHECK(begins_of(db.history("Gain", options)) == Begins{1});
    CHECK(told == 2);
    // A version without the element does not match, however it is stored.
    test::register_as<Gain2>(db);
    db.advance();
    CHECK(found(db, "Gain", {"offset = 1"}).empty());

    const auto wide = natural({element("pads", ScalarType::Float64, {2000}), element("n", ScalarType::Int32)}, "Wide");
    std::vector<Element> elements;
    for (int i = 0; i < 1001; ++i) elements.push_back(element("e" + std::to_string(i), ScalarType::Int8));
    const auto broad = natural(elements, "Broad");
    for (const auto& definition : {wide, broad}) db.register_structs({&definition, 1});
    db.advance();
    CHECK(found(db, "Wide", {"n = 1"}).empty());
    ModelRecord record{std::make_shared<const StructDefinition>(broad), {Raw(broad.size)}};
    record.rows[0][1] = std::byte{7};
    auto broad_put = put_rows(record, 1);
    broad_put.name = "Broad";
    commit(db, {broad_put});
    db.advance();
    CHECK(found(db, "Broad", {"e1 = 7"}) == Begins{1});
    CHECK(found(db, "Broad", {"e1 = 1"}).empty());
}

TEST_CASE("old values count under the new name, in the new unit, by the name of the enumerator") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    auto status = element("status", ScalarType::UInt8);
    status.enumerators = {{"Good", 0}, {"Bad", 1}};
    const auto old =
        natural({element("volts", ScalarType::Float64, {}, "mV"), status, element("odd", ScalarType::Int32, {}, "s")});
    auto voltage = element("voltage", ScalarType::Float32, {}, "V");
    voltage.renamed_from = "volts";
    status.enumerators = {{"Good", 0}, {"Noisy", 1}, {"Bad", 2}};
    const auto now = natural({voltage, status, element("odd", ScalarType::Int32, {}, "m")});
    struct Old {
        double volts;
        std::uint8_t status;
        std::int32_t odd;
    };
    struct New {
        float voltage;
        std::uint8_t status;
        std::int32_t odd;
    };
    REQUIRE(old.size == sizeof(Old));
    REQUIRE(now.size == sizeof(New));
    const auto put_one = [&](const StructDefinition& definition, std::int64_t begin, const auto& row) {
        db.register_structs({&definition, 1});
        ModelRecord record{std::make_shared<const StructDefinition>(definition), {Raw(sizeof row)}};
        std::memcpy(record.rows[0].data(), &row, sizeof row);
        commit(db, {put_rows(record, begin)});
        db.advance();
    };
    put_one(old, 1, Old{100, 1, 7});
    CHECK(found(db, "Sample", {"volts = 100"}) == Begins{1});
    put_one(now, 2, New{0.1F, 2, 7});
    CHECK(found(db, "Sample", {"voltage = 0.1"}) == Begins{1, 2});
    CHECK(found(db, "Sample", {"voltage > 0.1"}).empty());
    CHECK(found(db, "Sample", {"volts > 99.9"}) == Begins{1, 2});  // the old name, in the old unit
    CHECK(found(db, "Sample", {"status = Bad"}) == Begins{1, 2});
    CHECK(found(db, "Sample", {"status = Noisy"}).empty());
    // Numbers are those of the newest version, too: the old 1 was Bad, which is 2.
    CHECK(found(db, "Sample", {"status = 1"}).empty());
    CHECK(found(db, "Sample", {"status = 2"}) == Begins{1, 2});
    CHECK(found(db, "Sample", {"status > 1"}) == Begins{1, 2});
    CHECK(found(db, "Sample", {"status > Noisy"}) == Begins{1, 2});
    CHECK(found(db, "Sample", {"status != 1"}) == Begins{1, 2});
    CHECK(found(db, "Sample", {"status < 2"}).empty());
    CHECK(found(db, "Sample", {"status = 300"}).empty());
    CHECK(error_of([&] { (void)found(db, "Sample", {"status = Nosy"}); }).info().advice.find("'Noisy'") !=
          std::string::npos);
    const auto error = error_of([&] { (void)found(db, "Sample", {"odd = 7"}); });
    CHECK(error.code() == ErrorCode::Usage);
    CHECK(error.info().found.find("[s]") != std::string::npos);
}

TEST_CASE("numbers of enumerations that changed are those of the newest version, of every integer type and in arrays") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    const auto with = [](ScalarType type, ScalarType many_type,
                         std::vector<std::pair<std::string, std::int64_t>> names) {
        auto one = element("one", type);
        one.enumerators = names;
        auto many = element("many", many_type, {2});
        many.enumerators = std::move(names);
        return natural({many, one});
    };
    // A value with two names that part, and one whose name is gone.
    const auto old =
        with(ScalarType::UInt64, ScalarType::Int8, {{"Off", 0}, {"On", 1}, {"Also", 1}, {"Gone", 2}, {"Low", 3}});
    const auto now =
        with(ScalarType::Int16, ScalarType::UInt64, {{"Off", 5}, {"On", 1}, {"Also", 7}, {"Low", 9}, {"New", 2}});
    const auto put_one = [&](const StructDefinition& definition, std::int64_t begin, std::int64_t one,
                             std::array<std::int64_t, 2> many) {
        db.register_structs({&definition, 1});
        ModelRecord record{std::make_shared<const StructDefinition>(definition), {Raw(definition.size)}};
        const auto& elements = definition.elements;
        const auto size = size_of(elements[0].type);
        for (std::size_t i = 0; i < 2; ++i)
            std::memcpy(record.rows[0].data() + elements[0].offset + i * size, &many.at(i), size);
        std::memcpy(record.rows[0].data() + elements[1].offset, &one, size_of(elements[1].type));
        commit(db, {put_rows(record, begin)});
        db.advance();
    };
    put_one(old, 1, 0, {3, 1});
    put_one(old, 2, 1, {2, 0});
    put_one(old, 3, 2, {0, 77});
    put_one(old, 4, 3, {1, 3});
    put_one(now, 5, 5, {9, 1});
    CHECK(found(db, "Sample", {"one = 5"}) == Begins{1, 5});
    CHECK(found(db, "Sample", {"one = Off"}) == Begins{1, 5});
    CHECK(found(db, "Sample", {"one >= 5"}) == Begins{1, 4, 5});
    CHECK(found(db, "Sample", {"one = 1"}).empty());  // On or Also: nobody can say
    CHECK(found(db, "Sample", {"one = 2"}).empty());
    CHECK(found(db, "Sample", {"one = Gone"}) == Begins{3});      // a name of the old version alone
    CHECK(found(db, "Sample", {"one != 5"}) == Begins{2, 3, 4});  // also what has no name now
    CHECK(found(db, "Sample", {"one < 100000"}) == Begins{1, 4, 5});
    CHECK(found(db, "Sample", {"many[0] = 9"}) == Begins{1, 5});
    CHECK(found(db, "Sample", {"many[1] = 5"}) == Begins{2});
    CHECK(found(db, "Sample", {"many[1] = 9", "one > 8"}) == Begins{4});
    CHECK(error_of([&] { (void)found(db, "Sample", {"one > Gone"}); }).code() == ErrorCode::BadInput);
}

TEST_CASE("plain numbers are those of the enumeration that came later") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    auto status = element("status", ScalarType::Int32);
    const auto plain = natural({status});
    status.enumerators = {{"OFF", 0}, {"ON", 1}};
    const auto named = natural({status});
    std::int64_t begin = 0;
    for (const auto& definition : {plain, named}) {
        db.register_structs({&definition, 1});
        for (const std::int32_t value : {1, 0}) {
            ModelRecord record{std::make_shared<const StructDefinition>(definition), {Raw(definition.size)}};
            std::memcpy(record.rows[0].data(), &value, sizeof value);
            commit(db, {put_rows(record, ++begin)});
            db.advance();
        }
    }
    CHECK(found(db, "Sample", {"status = ON"}) == Begins{1, 3});
    CHECK(found(db, "Sample", {"status = 1"}) == Begins{1, 3});
    CHECK(found(db, "Sample", {"status != ON"}) == Begins{2, 4});
    CHECK(found(db, "Sample", {"status < ON"}) == Begins{2, 4});
}

TEST_CASE("large integers are compared exactly also in another unit, or refused") {
    const EachEngine engine;
    if (!engine) return;
    auto db = Database::open(engine.url(), {.create = true});
    constexpr std::int64_t kLarge = std::int64_t{1} << 53;
    const auto put_one = [&](const StructDefinition& definition, std::int64_t begin, std::int64_t value,
                             std::uint64_t natural_value) {
        db.register_structs({&definition, 1});
        ModelRecord record{std::make_shared<const StructDefinition>(definition), {Raw(16)}};
        std::memcpy(record.rows[0].data(), &value, 8);
        std::memcpy(record.rows[0].data() + 8, &natural_value, 8);
        commit(db, {put_rows(record, begin)});
        db.advance();
    };
    const auto layout = [](const std::string& unit, const std::string& other) {
        return natural({element("n", ScalarType::Int64, {}, unit), element("u", ScalarType::UInt64, {}, other)});
    };
    put_one(layout("m", "km"), 1, kLarge, 3);
    put_one(layout("m", "m"), 2, kLarge + 2, 3000);
    put_one(layout("mm", "m"), 3, kLarge, std::uint64_t{1} << 63);
    // 2^53 m are 2^53 * 1000 mm, which a double holds; what stands beside it is another number.
    CHECK(found(db, "Sample", {"n = 9007199254740992000"}) == Begins{1});
    CHECK(found(db, "Sample", {"n = 9007199254740992001"}).empty());
    CHECK(found(db, "Sample", {"n < 9007199254740992001"}) == Begins{1, 3});
    CHECK(found(db, "Sample", {"n > 9007199254740991999"}) == Begins{1, 2});
    CHECK(found(db, "Sample", {"n = 9007199254740992"}) == Begins{3});
    CHECK(found(db, "Sample", {"n = 9007199254740993"}).empty());
    CHECK(found(db, "Sample", {"u = 3000"}) == Begins{1, 2});
    CHECK(found(db, "Sample", {"u = 9223372036854775808"}) == Begins{3});
    // Units that are spelled otherwise are the same: nothing is computed.
    put_one(layout("millimeter", "m"), 4, kLarge + 1, 1);
    CHECK(found(db, "Sample", {"n = 9007199254740993"}) == Begins{4});
    put_one(layout("mm", "meter"), 5, kLarge + 1, 1);
    CHECK(found(db, "Sample", {"n = 9007199254740993"}) == Begins{4, 5});
    // 2^53 + 1 m are nothing that a reader could have in mm.
    put_one(layout("m", "m"), 6, kLarge + 1, 1);
    put_one(layout("mm", "m"), 7, 1, 1);
    const auto error = error_of([&] { (void)found(db, "Sample", {"n > 5"}); });
    CHECK(error.code() == ErrorCode::Conversion);
    CHECK(error.info().found == "9007199254740993");
    CHECK(error.info().where.find("begin") != std::string::npos);
}
