#include "text/json_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/json_reason.h"
#include "schema/value_text.h"

namespace etalon::text {
namespace {

/// Steps over the text.
class TextIterator {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = char;

    /// The end of every text.
    TextIterator() = default;
    explicit TextIterator(JsonText& text) : text_(&text) {}
    value_type operator*() const noexcept { return text_->here(); }
    TextIterator& operator++() {
        text_->advance();
        return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const TextIterator& a, const TextIterator& b) noexcept { return a.is_end() == b.is_end(); }

private:
    [[nodiscard]] bool is_end() const noexcept { return text_ == nullptr || text_->at_end(); }

    JsonText* text_ = nullptr;
};

constexpr std::string_view kRowsKey = "rows";
constexpr std::string_view kHexKey = "hex";
constexpr std::string_view kSha256Key = "sha256";
constexpr std::string_view kSizeKey = "size";
constexpr std::size_t kDeepest = 256;  // lists and objects within each other

}  // namespace

/// The state of a walk. Named as nlohmann's SAX interface wants it.
class JsonRowWalker::Handler {
public:
    Handler(JsonRowWalker& walker, JsonRowSink& sink) : walker_(walker), sink_(sink) {}

    using Json = nlohmann::json;

    // NOLINTBEGIN(readability-identifier-naming)
    bool null() { return scalar({}); }
    bool boolean(bool value) {
        JsonValue json{JsonValue::Kind::Bool};
        json.boolean = value;
        return scalar(json);
    }
    bool number_integer(Json::number_integer_t value) {
        // Zero comes here only as -0: without a sign it is unsigned.
        if (value == 0) return decimal("-0");
        JsonValue json{JsonValue::Kind::Signed};
        json.number = value;
        return scalar(json);
    }
    bool number_unsigned(Json::number_unsigned_t value) {
        JsonValue json{JsonValue::Kind::Unsigned};
        json.positive = value;
        return scalar(json);
    }
    bool number_float(Json::number_float_t, const std::string& text) { return decimal(text); }
    bool string(const std::string& text) {
        JsonValue json{JsonValue::Kind::String};
        json.text = text;
        return scalar(json);
    }
    bool binary(const Json::binary_t&) { return false; }

    bool start_object(std::size_t) {
        walker_.text_.end_token();
        if (skip_depth_ != 0) return nest();
        switch (state_) {
            case State::Start:
                state_ = State::Top;
                return true;
            case State::Top:
                return top_value(true, '{');
            case State::Rows:
                frames_.push_back({Frame::Kind::Object, 0, 0, 0});
                path_.clear();
                indices_.clear();
                first_index_ = 0;
                ++walker_.num_rows_;
                state_ = State::Row;
                sink_.begin_row();
                return true;
            case State::Row:
                return start_inner_object();
            case State::Done:
                break;
        }
        return false;
    }
    bool key(const std::string& text) {
        walker_.text_.end_token();
        if (skip_depth_ != 0) return true;
        if (state_ == State::Top) {
            top_key_ = text;
            return true;
        }
        auto& frame = frames_.back();
        if (frame.kind == Frame::Kind::Hex) {
            if (text != kHexKey || frame.items != 0) fail_hex();
            return true;
        }
        if (frame.kind == Frame::Kind::File) {
            if (text != kSha256Key && text != kSizeKey) fail_file();
            file_key_ = text;
            return true;
        }
        path_.resize(frame.path_size);
        if (!path_.empty()) path_ += '.';
        path_ += text;
        ++path_number_;
        // The row itself is the outermost frame.
        skip_next_ = frames_.size() == 1 && sink_.ignores(text);
        return true;
    }
    bool end_object() {
        walker_.text_.end_token();
        if (skip_depth_ != 0) return unnest();
        if (state_ == State::Top) {
            if (!seen_rows_) walker_.fail("no rows", "a list of objects, or an object with a list \"rows\"", "none");
            state_ = State::Done;
            return true;
        }
        const auto frame = frames_.back();
        frames_.pop_back();
        if (frame.kind == Frame::Kind::Hex) {
            if (frame.items != 1) fail_hex();
            count_item();
            return true;
        }
        if (frame.kind == Frame::Kind::File) {
            if (!file_sha256_ || !file_size_) fail_file();
            JsonValue json{JsonValue::Kind::String};
            const auto text = fmt::format("sha256:{}:{}", *file_sha256_, *file_size_);
            json.text = text;
            sink_.value(place(), json);
            count_item();
            return true;
        }
        if (frames_.empty()) {
            state_ = State::Rows;
            return sink_.end_row();
        }
        // Back to the path and the indices of before; the lists around still count.
        path_.resize(frame.outer_path_size);
        first_index_ = frame.outer_first_index;
        ++path_number_;
        count_item();
        return true;
    }
    bool start_array(std::size_t) {
        walker_.text_.end_token();
        if (skip_depth_ != 0) return nest();
        switch (state_) {
            case State::Start:
                whole_is_list_ = true;
                seen_rows_ = true;
                state_ = State::Rows;
                return true;
            case State::Top:
                return top_value(true, '[');
            case State::Rows:
                fail_row();
            case State::Row:
                if (skip_next_) return nest();
                if (frames_.back().kind == Frame::Kind::Hex) fail_hex();
                if (frames_.back().kind == Frame::Kind::File) fail_file();
                check_depth();
                sink_.begin_list(place());
                frames_.push_back({Frame::Kind::List, 0, 0, 0});
                indices_.push_back(0);
                return true;
            case State::Done:
                break;
        }
        return false;
    }
    bool end_array() {
        walker_.text_.end_token();
        if (skip_depth_ != 0) return unnest();
        if (state_ == State::Rows) {
            state_ = whole_is_list_ ? State::Done : State::Top;
            return true;
        }
        const std::uint64_t count = indices_.back();
        indices_.pop_back();
        frames_.pop_back();
        sink_.end_list(place(), count);
        count_item();
        return true;
    }
    bool parse_error(std::size_t, const std::string& token, const Json::exception& error) {
        // A number beyond float64 is no error of the text; every sink says what is wrong with it.
        if (error.id == 406 && state_ == State::Row && skip_depth_ == 0) {
            std::string_view text = token;
            if (const auto start = text.find_first_not_of(" \t\r\n"); start != std::string_view::npos) {
                text.remove_prefix(start);
            }
            std::string name = path_;
            for (const auto index : place().indices) name += fmt::format("[{}]", index);
            (void)decimal(text);
            throw Error(ErrorCode::BadInput, {"value out of range",
                                              fmt::format("{}, element {}", walker_.at(), name),
                                              "a number that float64 holds",
                                              schema::shown(text),
                                              {}});
        }
        ErrorInfo info;
        info.what = "not JSON";
        info.where = walker_.at();
        info.found = json_reason(error.what());
        throw Error(ErrorCode::BadInput, std::move(info));
    }
    // NOLINTEND(readability-identifier-naming)

private:
    enum class State : std::uint8_t { Start, Top, Rows, Row, Done };

    struct Frame {
        enum class Kind : std::uint8_t { Object, List, Hex, File } kind = Kind::Object;
        std::size_t path_size = 0;          ///< Object: of the path that its keys continue
        std::size_t outer_path_size = 0;    ///< Object: of the path before it began
        std::size_t outer_first_index = 0;  ///< Object: first_index_ before it began
        std::uint64_t items = 0;            ///< Hex: values seen
    };

    [[nodiscard]] JsonPlace place() const { return {path_, path_number_, std::span(indices_).subspan(first_index_)}; }

    bool decimal(std::string_view text) {
        // The tokenizer writes the decimal point of the process's locale.
        decimal_.assign(text);
        std::ranges::replace_if(
            decimal_, [](char c) { return !((c >= '0' && c <= '9') || c == '+' || c == '-' || c == 'e' || c == 'E'); },
            '.');
        JsonValue json{JsonValue::Kind::Decimal};
        json.text = decimal_;
        return scalar(json);
    }

    bool scalar(const JsonValue& json) {
        walker_.text_.end_token();
        if (skip_depth_ != 0) return true;
        switch (state_) {
            case State::Start:
                walker_.fail("no rows", "a list of objects, or an object with a list \"rows\"", "a single value");
            case State::Top:
                return top_value(false, 0);
            case State::Rows:
                fail_row();
            case State::Row:
                break;
            case State::Done:
                return false;
        }
        if (skip_next_) {
            skip_next_ = false;
            return true;
        }
        if (frames_.back().kind == Frame::Kind::Hex) {
            if (json.kind != JsonValue::Kind::String) fail_hex();
            ++frames_.back().items;
            sink_.hex_text(place(), json.text);
            return true;
        }
        if (frames_.back().kind == Frame::Kind::File) return file_part(json);
        sink_.value(place(), json);
        count_item();
        return true;
    }

    bool file_part(const JsonValue& json) {
        if (file_key_ == kSha256Key) {
            if (file_sha256_ || json.kind != JsonValue::Kind::String) fail_file();
            file_sha256_ = json.text;
        } else {
            if (file_size_ || json.kind != JsonValue::Kind::Unsigned) fail_file();
            file_size_ = json.positive;
        }
        return true;
    }

    /// A value of the outermost object: the rows, or something to skip.
    bool top_value(bool nested, char kind) {
        if (top_key_ != kRowsKey) return nested ? nest() : true;
        if (seen_rows_) walker_.fail("two lists of rows", "the key \"rows\" once", {});
        if (kind != '[') walker_.fail("no rows", "a list at the key \"rows\"", nested ? "an object" : "a single value");
        seen_rows_ = true;
        state_ = State::Rows;
        return true;
    }

    bool start_inner_object() {
        if (skip_next_) return nest();
        if (frames_.back().kind == Frame::Kind::Hex) fail_hex();
        if (frames_.back().kind == Frame::Kind::File) fail_file();
        check_depth();
        switch (sink_.begin_object(place())) {
            case JsonRowSink::ObjectForm::Hex:
                frames_.push_back({Frame::Kind::Hex, 0, 0, 0});
                return true;
            case JsonRowSink::ObjectForm::File:
                file_sha256_.reset();
                file_size_.reset();
                frames_.push_back({Frame::Kind::File, 0, 0, 0});
                return true;
            case JsonRowSink::ObjectForm::Members:
                break;
        }
        Frame frame{Frame::Kind::Object, 0, path_.size(), first_index_};
        for (const auto index : place().indices) path_ += fmt::format("[{}]", index);
        frame.path_size = path_.size();
        first_index_ = indices_.size();
        ++path_number_;
        frames_.push_back(frame);
        return true;
    }

    /// A value, list or object of a row is complete: the list around it, if it is in one, moves on.
    void count_item() {
        if (frames_.back().kind == Frame::Kind::List) ++indices_.back();
    }

    bool nest() {
        skip_next_ = false;
        ++skip_depth_;
        return true;
    }
    bool unnest() {
        --skip_depth_;
        return true;
    }

    void check_depth() const {
        if (frames_.size() >= kDeepest) {
            walker_.fail("lists and objects are nested too deeply", fmt::format("at most {} levels", kDeepest), {});
        }
    }
    [[noreturn]] void fail_row() const {
        throw Error(ErrorCode::BadInput, {fmt::format("row {} is not an object", walker_.num_rows_),
                                          walker_.at_line(),
                                          "rows as {\"element\": value, ...}",
                                          {},
                                          {}});
    }
    [[noreturn]] void fail_hex() const {
        walker_.fail(fmt::format("object that is no text at element {}", path_), "{\"hex\": \"...\"} or a string", {});
    }

    [[noreturn]] void fail_file() const {
        walker_.fail(fmt::format("object that is no file at element {}", path_),
                     "{\"sha256\": \"64 hexadecimal digits\", \"size\": N}, a string or null", {});
    }

    JsonRowWalker& walker_;
    JsonRowSink& sink_;
    State state_ = State::Start;
    bool whole_is_list_ = false;
    bool seen_rows_ = false;
    bool skip_next_ = false;      // the value of the key that was read
    std::size_t skip_depth_ = 0;  // lists and objects open in what is skipped
    std::string top_key_;
    std::string path_;
    std::uint64_t path_number_ = 0;
    std::vector<std::uint64_t> indices_;  // of all lists of the row; those from first_index_ on belong to path_
    std::size_t first_index_ = 0;
    std::vector<Frame> frames_;
    std::string decimal_;
    std::string file_key_;  // of the object of a file that is being read, and what it has so far
    std::optional<std::string> file_sha256_;
    std::optional<std::uint64_t> file_size_;
};

void JsonRowWalker::walk(JsonRowSink& sink) {
    num_rows_ = 0;
    Handler handler(*this, sink);
    // False means that the sink had enough: every failure is thrown.
    (void)nlohmann::json::sax_parse(TextIterator(text_), TextIterator(), &handler);
}

std::uint64_t JsonText::line() const noexcept {
    if (at_ == begin_) return 1 + lines_before_ - (ended_with_line_ ? 1 : 0);
    return 1 + lines_before_ + static_cast<std::uint64_t>(std::count(begin_, at_ - 1, '\n'));
}

void JsonText::refill() {
    lines_before_ += static_cast<std::uint64_t>(std::count(begin_, end_, '\n'));
    if (begin_ != end_) ended_with_line_ = end_[-1] == '\n';
    const auto piece = next_();
    begin_ = at_ = piece.data();
    end_ = begin_ + piece.size();
    since_token_ += piece.size();
    if (since_token_ > longest_token_ + piece.size()) {
        throw Error(
            ErrorCode::BadInput,
            {"a text, a number or the white space between two is too long", fmt::format("{}:{}", name_, line()),
             fmt::format("at most {} MB", longest_token_ >> 20), "more", "longer texts are put from a program"});
    }
}

std::string JsonRowWalker::at_line() const {
    return fmt::format("{}:{}", name_, text_.line());
}

std::string JsonRowWalker::at() const {
    return num_rows_ == 0 ? at_line() : fmt::format("{}, row {}", at_line(), num_rows_ - 1);
}

void JsonRowWalker::fail(std::string what, std::string expected, std::string found) const {
    throw Error(ErrorCode::BadInput, {std::move(what), at(), std::move(expected), std::move(found), {}});
}

}  // namespace etalon::text
