// Records as bytes. One function names the parts of each record, for both ways.

#include <cstring>
#include <type_traits>

#include "etalon/error.h"
#include "reflect/guarded_reader.h"

namespace etalon::reflect {
namespace {

class Writer {
public:
    template <class... Parts>
    void parts(Parts&... all) {
        (part(all), ...);
    }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    template <class Number>
        requires std::is_arithmetic_v<Number> || std::is_enum_v<Number>
    void part(Number& value) {
        out_.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void part(std::string& text) {
        size(text.size());
        out_ += text;
    }
    template <class One>
    void part(std::vector<One>& all) {
        size(all.size());
        for (auto& one : all) part(one);
    }
    template <class One>
    void part(std::optional<One>& value) {
        size(value ? 1 : 0);
        if (value) part(*value);
    }
    template <class A, class B>
    void part(std::pair<A, B>& both) {
        parts(both.first, both.second);
    }
    template <class Record>
        requires std::is_class_v<Record>
    void part(Record& record) {
        visit(*this, record);
    }
    void size(std::size_t value) { part(value); }

    std::string out_;
};

class Reader {
public:
    explicit Reader(std::string_view bytes) : rest_(bytes) {}
    template <class... Parts>
    void parts(Parts&... all) {
        (part(all), ...);
    }
    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

private:
    [[noreturn]] static void fail() {
        throw Error(ErrorCode::Internal, {"what was read from the headers was cut off", "", "", "", ""});
    }
    std::string_view take(std::size_t size) {
        if (size > rest_.size()) fail();
        const auto taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    template <class Number>
        requires std::is_arithmetic_v<Number> || std::is_enum_v<Number>
    void part(Number& value) {
        std::memcpy(&value, take(sizeof value).data(), sizeof value);
    }
    void part(std::string& text) { text = take(size()); }
    template <class One>
    void part(std::vector<One>& all) {
        const auto count = size();
        if (count > rest_.size()) fail();  // each takes a byte at least
        all.resize(count);
        for (auto& one : all) part(one);
    }
    template <class One>
    void part(std::optional<One>& value) {
        if (size() == 0) return;
        value.emplace();
        part(*value);
    }
    template <class A, class B>
    void part(std::pair<A, B>& both) {
        parts(both.first, both.second);
    }
    template <class Record>
        requires std::is_class_v<Record>
    void part(Record& record) {
        visit(*this, record);
    }
    std::size_t size() {
        std::size_t value = 0;
        part(value);
        return value;
    }

    std::string_view rest_;
};

template <class Archive>
void visit(Archive& archive, SourceSpan& span) {
    archive.parts(span.file, span.begin, span.end);
}
template <class Archive>
void visit(Archive& archive, RawFile& file) {
    archive.parts(file.name, file.text, file.comments);
}
template <class Archive>
void visit(Archive& archive, RawValue& value) {
    archive.parts(value.text, value.items);
}
template <class Archive>
void visit(Archive& archive, RawField& field) {
    archive.parts(field.name, field.refusal, field.scalar, field.char_is_signed, field.record, field.dims, field.target,
                  field.offset, field.c_type, field.enumerators, field.span, field.has_initializer, field.initial,
                  field.location, field.printed);
}
template <class Archive>
void visit(Archive& archive, RawProblem& problem) {
    archive.parts(problem.kind, problem.location, problem.declaration);
}
template <class Archive>
void visit(Archive& archive, RawRecord& record) {
    archive.parts(record.name, record.location, record.size, record.alignment, record.top_level, record.named_file,
                  record.problems, record.fields, record.span, record.body, record.reach, record.keyword);
}
template <class Archive>
void visit(Archive& archive, RawWarning& warning) {
    archive.parts(warning.kind, warning.name, warning.location, warning.file, warning.offset, warning.use);
}
template <class Archive>
void visit(Archive& archive, RawError& error) {
    archive.parts(error.location, error.message);
}
template <class Archive>
void visit(Archive& archive, RawUnit& unit) {
    archive.parts(unit.files, unit.records, unit.targets, unit.warnings, unit.errors, unit.files_read, unit.header,
                  unit.first_struct, unit.open_pack);
}

}  // namespace

std::string to_bytes(const RawUnit& unit) {
    Writer writer;
    auto copy = unit;
    writer.parts(copy);
    return writer.take();
}

RawUnit from_bytes(std::string_view bytes) {
    RawUnit unit;
    Reader reader(bytes);
    reader.parts(unit);
    if (!reader.at_end()) {
        throw Error(ErrorCode::Internal, {"what was read from the headers has more behind it", "", "", "", ""});
    }
    return unit;
}

}  // namespace etalon::reflect
