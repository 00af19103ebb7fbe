#include "backends/postgres/qualify.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace etalon::backends::postgres {
namespace {

/// What stands in front of a bracket and is grammar, not a function of pg_catalog. Of unnest PostgreSQL takes several
/// arrays only without a schema; one alone is found by the search path, which is pg_catalog.
constexpr std::array<std::string_view, 19> kGrammar{
    "coalesce", "greatest", "least",   "nullif",  "extract",   "cast",    "exists",   "row",  "array", "overlay",
    "position", "trim",     "numeric", "decimal", "substring", "varchar", "interval", "char", "unnest"};

/// Types that the grammar itself finds in pg_catalog.
constexpr std::array<std::string_view, 16> kGrammarTypes{
    "bigint",  "integer", "int",     "smallint", "real", "float",     "double", "decimal",
    "numeric", "boolean", "varchar", "char",     "bit",  "timestamp", "time",   "interval"};

/// What may stand between the key word and the name of a relation.
constexpr std::array<std::string_view, 8> kBeforeName{"IF",      "NOT",          "EXISTS", "ONLY",
                                                      "LATERAL", "CONCURRENTLY", "TABLE",  "FUNCTION"};

/// Key words that end the list behind FROM.
constexpr std::array<std::string_view, 15> kEndOfFrom{"WHERE", "GROUP",     "ORDER",  "HAVING", "LIMIT",
                                                      "UNION", "INTERSECT", "WINDOW", "EXCEPT", "OFFSET",
                                                      "FOR",   "RETURNING", "SET",    "SELECT", "VALUES"};
/// Key words that begin the statement that WITH belongs to.
constexpr std::array<std::string_view, 5> kBehindWith{"SELECT", "VALUES", "INSERT", "UPDATE", "DELETE"};

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
    return std::ranges::find(words, word) != words.end();
}

bool is_keyword(const Token& token) {
    return token.kind == TokenKind::Word &&
           std::ranges::none_of(token.text, [](char c) { return c >= 'a' && c <= 'z'; });
}

/// A name that is written without quotes, or with.
bool is_plain_name(const Token& token) {
    return token.kind == TokenKind::Quoted || (token.kind == TokenKind::Word && !is_keyword(token));
}

class Marker {
public:
    explicit Marker(const std::vector<Token>& tokens) : tokens_(tokens) { frames_.emplace_back(); }

    void run() {
        for (at_ = 0; at_ < tokens_.size(); ++at_) step();
    }
    [[nodiscard]] std::vector<Mark> take_marks() { return std::move(marks_); }
    /// The key word in front of every relation of ours, by the index of its token.
    struct Found {
        std::size_t token = 0;
        std::string_view keyword;
    };
    [[nodiscard]] const std::vector<Found>& found() const noexcept { return found_; }

private:
    /// What is known between two brackets.
    struct Frame {
        std::string_view expects;           ///< the key word behind which a relation is expected now
        std::string_view list;              ///< the key word whose list of relations goes on behind a comma
        std::set<std::string_view> common;  ///< names of common table expressions
        bool is_cast = false;               ///< CAST(...): a type follows AS
        bool in_with = false;               ///< between WITH and the statement that it belongs to
    };

    [[nodiscard]] Frame& frame() { return frames_.back(); }
    [[nodiscard]] const Token* at(std::size_t index) const {
        return index < tokens_.size() ? &tokens_[index] : nullptr;
    }
    [[nodiscard]] const Token* before(std::size_t back = 1) const {
        return at_ >= back ? &tokens_[at_ - back] : nullptr;
    }
    [[nodiscard]] bool follows(std::string_view text) const {
        const auto* next = at(at_ + 1);
        return next != nullptr && next->is(text);
    }
    [[nodiscard]] bool is_behind(std::string_view text) const {
        const auto* last = before();
        return last != nullptr && last->is(text);
    }
    [[nodiscard]] bool starts_with(std::string_view word) const { return first_ == word; }

    void mark(Mark::Kind kind) { marks_.push_back({kind, at_}); }

    void step() {
        const auto& token = tokens_[at_];
        if (token.is("(")) {
            open();
        } else if (token.is(")")) {
            if (frames_.size() > 1) frames_.pop_back();
        } else if (token.is(";")) {
            frames_.assign(1, Frame());
            first_ = {};
            said_on_ = false;
        } else if (token.is(",")) {
            frame().expects = frame().list;
        } else if (token.kind == TokenKind::Word && keyword()) {
        } else if (token.is_name()) {
            name();
        } else if (!frame().expects.empty() && token.kind != TokenKind::Symbol) {
            frame().expects = {};
        }
    }

    void open() {
        const bool cast = is_behind("CAST");
        frame().expects = {};
        frames_.emplace_back();
        frame().is_cast = cast;
    }

    /// True when the token is a key word, and was seen to.
    bool keyword() {
        const auto& token = tokens_[at_];
        if (!is_keyword(token)) return false;
        const auto word = token.text;
        if (first_.empty()) first_ = word;
        auto& now = frame();
        if (!now.expects.empty() && is_one_of(kBeforeName, word)) return true;
        if (word == "WITH") now.in_with = true;
        if (is_one_of(kBehindWith, word)) now.in_with = false;
        if (is_one_of(kEndOfFrom, word) || (word == "IN" && starts_with("LOCK"))) now.list = {};
        now.expects = expected_behind(word);
        const bool lists = word == "FROM" || (word == "TABLE" && (starts_with("LOCK") || starts_with("DROP")));
        if (lists && !now.expects.empty()) now.list = now.expects;
        return true;
    }

    /// The key word itself when a relation follows it.
    std::string_view expected_behind(std::string_view word) {
        const bool creates = starts_with("CREATE");
        if (word == "FROM") {
            const bool compares =
                is_behind("DISTINCT") && before(2) != nullptr && (before(2)->is("IS") || before(2)->is("NOT"));
            return compares || starts_with("REVOKE") ? std::string_view() : word;
        }
        if (word == "JOIN" || word == "INTO" || word == "TABLE" || word == "VIEW" || word == "REFERENCES" ||
            word == "FUNCTION" || word == "COPY" || word == "TRUNCATE" || word == "SEQUENCE") {
            const bool event = word == "TRUNCATE" && (is_behind("OR") || creates);
            return event ? std::string_view() : word;
        }
        if (word == "INDEX") return creates ? std::string_view() : word;
        if (word == "USING") return starts_with("DELETE") ? word : std::string_view();
        if (word == "UPDATE") {
            const auto* last = before();
            const bool begins = last == nullptr || last->is("(") || last->is(")") || last->is(";") ||
                                last->is("EXPLAIN") || last->is("ANALYZE");
            return begins ? word : std::string_view();
        }
        if (word == "ON") {
            const bool of_relation = frames_.size() == 1 && !said_on_ &&
                                     (starts_with("GRANT") || starts_with("REVOKE") || starts_with("COMMENT") ||
                                      starts_with("DROP") || (creates && frame().list.empty()));
            said_on_ = said_on_ || of_relation;
            return of_relation ? word : std::string_view();
        }
        return {};
    }

    void name() {
        const auto& token = tokens_[at_];
        const auto expects = std::exchange(frame().expects, {});
        if (is_behind(".")) return;
        if (token.is("current_schema")) return mark(Mark::Kind::PlacesSchema);
        if (is_behind("COLLATE") && !follows(".")) return mark(Mark::Kind::Catalog);
        if (is_behind("::") || (frame().is_cast && is_behind("AS"))) {
            if (!follows(".") && !is_one_of(kGrammarTypes, token.text)) mark(Mark::Kind::Catalog);
            return;
        }
        if (!expects.empty()) return relation(expects);
        if (frame().in_with && is_common_table()) {
            frame().common.insert(token.text);
            return;
        }
        if (token.kind == TokenKind::Word && follows("(") && calls()) mark(Mark::Kind::Catalog);
    }

    void relation(std::string_view keyword) {
        const auto& token = tokens_[at_];
        if (follows(".")) return;
        const bool called = follows("(") && (keyword == "FROM" || keyword == "JOIN" || keyword == "USING");
        if (called) {
            if (!is_one_of(kGrammar, token.text)) mark(Mark::Kind::Catalog);
            return;
        }
        if (is_common(token.text)) return;
        const bool of_server = token.kind == TokenKind::Word && token.text.starts_with("pg_");
        mark(of_server ? Mark::Kind::Catalog : Mark::Kind::Ours);
        if (!of_server && keyword != "FUNCTION") found_.push_back({at_, keyword});
    }

    [[nodiscard]] bool is_common(std::string_view name) const {
        return std::ranges::any_of(frames_, [&](const Frame& one) { return one.common.contains(name); });
    }

    /// Behind WITH, RECURSIVE or a comma: `name AS (` or `name (columns) AS (`; (NOT) MATERIALIZED may stand in
    /// between.
    [[nodiscard]] bool is_common_table() const {
        const auto* last = before();
        if (last == nullptr || !(last->is("WITH") || last->is("RECURSIVE") || last->is(","))) return false;
        auto next = at_ + 1;
        if (at(next) != nullptr && at(next)->is("(")) {
            while (at(next) != nullptr && !at(next)->is(")")) ++next;
            ++next;
        }
        if (at(next) == nullptr || !at(next)->is("AS")) return false;
        ++next;
        while (at(next) != nullptr && (at(next)->is("NOT") || at(next)->is("MATERIALIZED"))) ++next;
        return at(next) != nullptr && at(next)->is("(");
    }

    /// A word in front of a bracket is a function unless it is grammar or an alias with its columns.
    [[nodiscard]] bool calls() const {
        if (is_one_of(kGrammar, tokens_[at_].text)) return false;
        const auto* last = before();
        if (last == nullptr || is_keyword(*last)) return last == nullptr || !last->is("AS");
        return !is_plain_name(*last) && !last->is(")") && !last->is("]") && last->kind != TokenKind::Literal;
    }

    const std::vector<Token>& tokens_;
    std::size_t at_ = 0;
    std::vector<Frame> frames_;
    std::string_view first_;  ///< the first key word of the statement
    bool said_on_ = false;    ///< the ON of a statement that has one was passed
    std::vector<Mark> marks_;
    std::vector<Found> found_;
};

/// Without its quotes.
std::string plain(std::string_view name) {
    if (name.size() < 2 || name.front() != '"') return std::string(name);
    std::string out;
    for (std::size_t i = 1; i + 1 < name.size(); ++i) {
        out += name[i];
        if (name[i] == '"') ++i;
    }
    return out;
}

}  // namespace

std::vector<Mark> find_marks(const std::vector<Token>& tokens) {
    Marker marker(tokens);
    marker.run();
    return marker.take_marks();
}

std::vector<Use> find_uses(std::string_view sql) {
    const auto tokens = tokenize(sql);
    Marker marker(tokens);
    marker.run();
    std::vector<Use> uses;
    for (const auto& one : marker.found()) uses.push_back({plain(tokens[one.token].text), std::string(one.keyword)});
    return uses;
}

}  // namespace etalon::backends::postgres
