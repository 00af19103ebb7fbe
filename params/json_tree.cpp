#include "params/json_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/json_reason.h"
#include "etalon/error.h"

namespace etalon::params {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kDeepest = 16;
constexpr std::size_t kMostNodes = 4'000'000;

/// An iterator over the text that keeps, outside of the parser, how far the parser has read.
class Tracked {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    Tracked(const char* at, const char** reached) : at_(at), reached_(reached) {}
    reference operator*() const { return *at_; }
    Tracked& operator++() {
        *reached_ = ++at_;
        return *this;
    }
    Tracked operator++(int) {
        auto before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const Tracked& a, const Tracked& b) { return a.at_ == b.at_; }

private:
    const char* at_;
    const char** reached_;
};

class TreeBuilder final : public Json::json_sax_t {
public:
    TreeBuilder(std::string_view text, std::string_view origin)
        : begin_(text.data()), reached_(text.data()), counted_(text.data()), origin_(origin) {}

    [[nodiscard]] const char** reached() noexcept { return &reached_; }
    [[nodiscard]] JsonNode take() { return std::move(root_); }

    bool null() override { return add(JsonNode::Kind::Null, {}); }
    bool boolean(bool value) override {
        JsonNode node;
        node.kind = JsonNode::Kind::Bool;
        node.truth = value;
        return add(std::move(node));
    }
    bool number_integer(number_integer_t value) override {
        return add(JsonNode::Kind::Integer, value == 0 && after_minus() ? "-0" : std::to_string(value));
    }
    bool number_unsigned(number_unsigned_t value) override {
        return add(JsonNode::Kind::Integer, std::to_string(value));
    }
    bool number_float(number_float_t, const string_t& written) override {
        // An integer beyond 64 bits comes as a float, too.
        const bool whole = written.find_first_of(".eE") == std::string::npos;
        return add(whole ? JsonNode::Kind::Integer : JsonNode::Kind::Float, written);
    }
    bool string(string_t& value) override { return add(JsonNode::Kind::Text, value); }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(JsonNode::Kind::Object); }
    bool start_array(std::size_t) override { return open(JsonNode::Kind::List); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }
    bool key(string_t& value) override {
        auto& members = open_.back()->members;
        const auto [first, fresh] = names_.back().emplace(value, line());
        if (!fresh) {
            throw Error(ErrorCode::BadInput, {fmt::format("'{}' stands twice", value), place(), "each name once",
                                              fmt::format("it again, first on line {}", first->second), ""});
        }
        members.push_back({value, {}});
        members.back().node.line = line();
        return true;
    }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
        throw Error(ErrorCode::BadInput, {"this is no JSON", place(), "", json_reason(error.what()), ""});
    }

private:
    /// The line that the parser has reached. It reads one character beyond a number, so a line end there does not
    /// count.
    std::size_t line() {
        const char* end = reached_ > begin_ && reached_[-1] == '\n' ? reached_ - 1 : reached_;
        if (end > counted_) {
            lines_ += static_cast<std::size_t>(std::count(counted_, end, '\n'));
            counted_ = end;
        }
        return lines_;
    }
    std::string place() { return fmt::format("{}:{}", origin_, line()); }

    /// Whether the zero that was just read is written `-0`: an integer in JSON, a negative zero as a double.
    [[nodiscard]] bool after_minus() const {
        const char* at = reached_;
        while (at > begin_ && at[-1] != '0') --at;
        return at - begin_ >= 2 && at[-2] == '-';
    }

    bool add(JsonNode::Kind kind, std::string text) {
        JsonNode node;
        node.kind = kind;
        node.text = std::move(text);
        return add(std::move(node));
    }
    bool add(JsonNode node) {
        put(std::move(node));
        return true;
    }
    JsonNode& put(JsonNode node) {
        if (++nodes_ > kMostNodes) {
            throw Error(ErrorCode::BadInput,
                        {"the JSON holds too much", place(), fmt::format("at most {} values", kMostNodes), "more", ""});
        }
        if (open_.empty()) {
            node.line = line();
            root_ = std::move(node);
            return root_;
        }
        auto& parent = *open_.back();
        if (parent.kind == JsonNode::Kind::List) {
            node.line = line();
            return parent.items.emplace_back(std::move(node));
        }
        auto& member = parent.members.back().node;
        node.line = member.line;
        return member = std::move(node);
    }
    bool open(JsonNode::Kind kind) {
        if (open_.size() == kDeepest) {
            throw Error(ErrorCode::BadInput, {"the JSON nests too deep", place(), "at most 16 levels", "more", ""});
        }
        JsonNode node;
        node.kind = kind;
        // Parents stand still while their last child is open, so the addresses hold.
        open_.push_back(&put(std::move(node)));
        names_.emplace_back();
        return true;
    }
    bool close() {
        open_.pop_back();
        names_.pop_back();
        return true;
    }

    const char* begin_;
    const char* reached_;
    const char* counted_;
    std::size_t lines_ = 1;
    std::string origin_;
    JsonNode root_;
    std::vector<JsonNode*> open_;
    std::vector<std::unordered_map<std::string, std::size_t>> names_;  // of each of them, with their lines
    std::size_t nodes_ = 0;
};

}  // namespace

const JsonNode* JsonNode::find(std::string_view name) const noexcept {
    for (const auto& [member, node] : members) {
        if (member == name) return &node;
    }
    return nullptr;
}

std::string JsonNode::describe() const {
    switch (kind) {
        case Kind::Null:
            return "null";
        case Kind::Bool:
            return truth ? "true" : "false";
        case Kind::Integer:
            return "the integer " + text;
        case Kind::Float:
            return "the number " + text;
        case Kind::Text:
            return "the text '" + text + "'";
        case Kind::List:
            return items.empty() ? "an empty list" : "a list";
        case Kind::Object:
            return "an object";
    }
    return {};
}

JsonNode read_json_tree(std::string_view text, std::string_view origin) {
    // Editors put a byte order mark in front.
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    TreeBuilder builder(text, origin);
    const Tracked first(text.data(), builder.reached());
    const Tracked last(text.data() + text.size(), builder.reached());
    if (!Json::sax_parse(first, last, &builder)) {
        throw Error(ErrorCode::BadInput, {"this is no JSON", std::string(origin), "", "", ""});
    }
    return builder.take();
}

}  // namespace etalon::params
