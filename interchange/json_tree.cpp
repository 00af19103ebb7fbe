#include "interchange/json_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "base/json_reason.h"
#include "etalon/error.h"
#include "interchange/records.h"
#include "schema/value_text.h"

namespace etalon::interchange {
namespace {

constexpr std::size_t kDeepest = 256;

/// Builds trees. Named as nlohmann's SAX interface wants it.
class TreeBuilder {
public:
    TreeBuilder(const std::string& name, bool splits_list, const std::function<void(JsonTree)>& take)
        : name_(name), splits_list_(splits_list), take_(take) {}

    using Json = nlohmann::json;

    // NOLINTBEGIN(readability-identifier-naming)
    bool null() { return add({}); }
    bool boolean(bool value) { return add({JsonTree::Kind::Literal, value ? "true" : "false", {}, {}}); }
    bool number_integer(Json::number_integer_t value) {
        // Zero comes here only as -0: without a sign it is unsigned.
        return add({JsonTree::Kind::Literal, value == 0 ? "-0" : std::to_string(value), {}, {}});
    }
    bool number_unsigned(Json::number_unsigned_t value) {
        return add({JsonTree::Kind::Literal, std::to_string(value), {}, {}});
    }
    bool number_float(Json::number_float_t, const std::string& text) {
        // The tokenizer writes the decimal point of the process's locale.
        auto digits = text;
        std::ranges::replace_if(
            digits, [](char c) { return !((c >= '0' && c <= '9') || c == '+' || c == '-' || c == 'e' || c == 'E'); },
            '.');
        return add({JsonTree::Kind::Literal, std::move(digits), {}, {}});
    }
    bool string(const std::string& text) { return add(JsonTree::string(text)); }
    bool binary(const Json::binary_t&) { return false; }
    bool start_object(std::size_t) { return open({JsonTree::Kind::Object, {}, {}, {}}); }
    bool start_array(std::size_t) {
        if (splits_list_ && open_.empty() && !in_list_) {
            in_list_ = true;
            return true;
        }
        return open({JsonTree::Kind::List, {}, {}, {}});
    }
    bool key(const std::string& text) {
        if (!keys_.back().insert(text).second) fail("a key occurs twice", "each key once", schema::shown(text));
        open_.back().members.push_back({text, JsonTree{}});
        return true;
    }
    bool end_object() { return close(); }
    bool end_array() {
        if (open_.empty()) return true;  // the list that was split
        return close();
    }
    bool parse_error(std::size_t, const std::string& token, const Json::exception& error) {
        if (error.id == 406) fail("a number is out of range", "one that float64 holds", schema::shown(token));
        ErrorInfo info;
        info.what = "not JSON";
        info.where = place();
        info.found = json_reason(error.what());
        throw Error(ErrorCode::BadInput, std::move(info));
    }
    // NOLINTEND(readability-identifier-naming)

    [[nodiscard]] std::size_t taken() const noexcept { return taken_; }

private:
    [[nodiscard]] std::string place() const { return fmt::format("{}, object {}", name_, taken_); }
    [[noreturn]] void fail(std::string what, std::string expected, std::string found) const {
        throw Error(ErrorCode::BadInput, {std::move(what), place(), std::move(expected), std::move(found), ""});
    }

    bool open(JsonTree tree) {
        if (open_.size() >= kDeepest) {
            fail("lists and objects are nested too deeply", fmt::format("at most {} levels", kDeepest), "");
        }
        open_.push_back(std::move(tree));
        keys_.emplace_back();
        return true;
    }
    bool close() {
        auto done = std::move(open_.back());
        open_.pop_back();
        keys_.pop_back();
        return add(std::move(done));
    }
    bool add(JsonTree tree) {
        if (open_.empty()) {
            take_(std::move(tree));
            ++taken_;
        } else if (open_.back().kind == JsonTree::Kind::List) {
            open_.back().items.push_back(std::move(tree));
        } else {
            open_.back().members.back().second = std::move(tree);
        }
        return true;
    }

    const std::string& name_;
    bool splits_list_;
    const std::function<void(JsonTree)>& take_;
    std::vector<JsonTree> open_;
    std::vector<std::unordered_set<std::string>> keys_;  ///< of each
    bool in_list_ = false;
    std::size_t taken_ = 0;
};

/// The next character that is no blank; false at the end.
bool skip_blanks(std::istream& in) {
    for (;;) {
        const auto next = in.peek();
        if (next == std::char_traits<char>::eof()) return false;
        if (next != ' ' && next != '\t' && next != '\n' && next != '\r') return true;
        (void)in.get();
    }
}

}  // namespace

JsonTree JsonTree::string(std::string text) {
    return {Kind::String, std::move(text), {}, {}};
}

JsonTree* JsonTree::find(std::string_view key) noexcept {
    const auto found = std::ranges::find_if(members, [&](const auto& member) { return member.first == key; });
    return found == members.end() ? nullptr : &found->second;
}

const JsonTree* JsonTree::find(std::string_view key) const noexcept {
    const auto found = std::ranges::find_if(members, [&](const auto& member) { return member.first == key; });
    return found == members.end() ? nullptr : &found->second;
}

void JsonTree::append_to(std::string& out) const {
    switch (kind) {
        case Kind::Null:
            out += "null";
            return;
        case Kind::Literal:
            out += text;
            return;
        case Kind::String:
            out += json_quote(text);
            return;
        case Kind::List:
            out += '[';
            for (const auto& item : items) {
                if (&item != &items.front()) out += ',';
                item.append_to(out);
            }
            out += ']';
            return;
        case Kind::Object:
            out += '{';
            for (const auto& member : members) {
                if (&member != &members.front()) out += ',';
                out += json_quote(member.first) + ':';
                member.second.append_to(out);
            }
            out += '}';
            return;
    }
}

void read_json_values(std::istream& in, const std::string& name, const std::function<void(JsonTree value)>& take) {
    const bool is_list = skip_blanks(in) && in.peek() == '[';
    TreeBuilder builder(name, is_list, take);
    while (skip_blanks(in)) {
        // False means that the builder threw: every failure is.
        (void)nlohmann::json::sax_parse(in, &builder, nlohmann::json::input_format_t::json, false);
        if (is_list && skip_blanks(in)) {
            throw Error(ErrorCode::BadInput, {"something stands behind the list", name, "the end of the file",
                                              schema::shown(std::string(1, static_cast<char>(in.peek()))), ""});
        }
        if (is_list) return;
    }
}

}  // namespace etalon::interchange
