#pragma once
/// Walks the rows of a JSON text. Private to schema/.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "etalon/error.h"

namespace etalon::text {

/// One value of a row that is no list and no object.
struct JsonValue {
    enum class Kind : std::uint8_t { Null, Bool, Signed, Unsigned, Decimal, String } kind = Kind::Null;
    bool boolean = false;
    std::int64_t number = 0;     ///< Signed
    std::uint64_t positive = 0;  ///< Unsigned
    std::string_view text = {};  ///< of a Decimal as written, of a String without escapes
};

/// Where a value stands in its row: dotted keys, with an index of each list of objects on the way; then the indices of
/// the lists that the value itself is in.
struct JsonPlace {
    std::string_view path;
    std::uint64_t path_number = 0;  ///< another one for each key that occurs: equal numbers, equal paths
    std::span<const std::uint64_t> indices;
};

/// Told what stands in the rows, in the order of the text.
class JsonRowSink {
public:
    virtual ~JsonRowSink() = default;
    virtual void begin_row() = 0;
    /// False: that was enough, nothing more is read.
    virtual bool end_row() = 0;
    virtual void value(const JsonPlace& place, const JsonValue& value) = 0;
    /// A list begins at the place (the indices are those of the lists around it), or ends after `count` items.
    virtual void begin_list(const JsonPlace& place) = 0;
    virtual void end_list(const JsonPlace& place, std::uint64_t count) = 0;
    /// What an object within a row is.
    enum class ObjectForm : std::uint8_t {
        Members,  ///< what is in it comes under longer paths
        Hex,      ///< `{"hex": "..."}`, a text: comes as hex_text
        File,     ///< `{"sha256": "...", "size": N}`: comes as a value, the string `sha256:...:N`
    };
    /// An object begins at the place, as part of the row.
    virtual ObjectForm begin_object(const JsonPlace& place) = 0;
    virtual void hex_text(const JsonPlace& place, std::string_view digits) = 0;
    /// True for a key of a row whose value is skipped.
    virtual bool ignores(std::string_view key) = 0;
};

/// The characters of a text that comes in pieces, and where they are read.
class JsonText {
public:
    /// Gives the next piece, empty at the end; valid until the next call.
    using NextPiece = std::function<std::string_view()>;
    /// `name` is for errors; no token may be longer than `longest_token`.
    JsonText(NextPiece next, std::string name, std::uint64_t longest_token)
        : next_(std::move(next)), name_(std::move(name)), longest_token_(longest_token) {
        refill();
    }

    [[nodiscard]] bool at_end() const noexcept { return at_ == end_; }
    [[nodiscard]] char here() const noexcept { return *at_; }
    void advance() {
        if (++at_ == end_) refill();
    }
    /// The line, from 1, of the last character that was passed: the tokenizer may have read one behind a token.
    [[nodiscard]] std::uint64_t line() const noexcept;
    /// A token ended here, so that no more than one is kept.
    void end_token() noexcept { since_token_ = 0; }

private:
    /// Throws Error(BadInput) when too much was read since a token ended: the tokenizer keeps all of a token.
    void refill();

    NextPiece next_;
    std::string name_;
    std::uint64_t longest_token_;
    const char* begin_ = nullptr;
    const char* at_ = nullptr;
    const char* end_ = nullptr;
    std::uint64_t lines_before_ = 0;  ///< line ends in the pieces before
    std::uint64_t since_token_ = 0;   ///< bytes of the pieces since a token ended
    bool ended_with_line_ = false;    ///< the piece before ends with one
};

/// Reads a list of objects, or an object with a list `rows`, to its end or until the sink has enough. `name` is for
/// errors: what is not JSON, or not rows, throws Error(BadInput). `at` gives the place in the text during a call of the
/// sink as `name:line, row N`.
class JsonRowWalker {
public:
    JsonRowWalker(JsonText text, std::string name) : text_(std::move(text)), name_(std::move(name)) {}

    void walk(JsonRowSink& sink);
    [[nodiscard]] std::string at() const;

private:
    class Handler;

    [[nodiscard]] std::string at_line() const;
    [[noreturn]] void fail(std::string what, std::string expected, std::string found) const;

    JsonText text_;
    std::string name_;
    std::uint64_t num_rows_ = 0;  // rows that have begun
};

}  // namespace etalon::text
