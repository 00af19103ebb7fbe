#pragma once
/// One connection to a server with its prepared statements; a lost one is replaced by a new Session.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "backends/port.h"
#include "backends/postgres/link.h"
#include "etalon/error.h"

namespace etalon::backends::postgres {

struct ClearResult {
    void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, ClearResult>;

class Session {
public:
    /// Connects, and finds or makes the schema; throws Error.
    Session(const PlaceUrl& place, const std::string& shown_place, OpenMode mode);

    [[nodiscard]] Link& link() noexcept { return link_; }
    [[nodiscard]] const std::string& schema() const noexcept { return schema_; }
    [[nodiscard]] bool read_only() const noexcept { return read_only_; }
    /// False once the connection broke.
    [[nodiscard]] bool is_alive() const noexcept { return !is_stuck_ && PQstatus(link_.raw()) == CONNECTION_OK; }

    /// Looks, without asking the server, whether it has hung up meanwhile; then is_alive() is false too.
    [[nodiscard]] bool still_connected() noexcept;

    /// Runs a statement, prepared once; the result is in binary and holds no error. Throws Error.
    [[nodiscard]] Result run(const Sql& sql, std::span<const Value> values, bool writing);
    /// Runs several reading statements in one round trip; results in order. The connection is in a transaction.
    [[nodiscard]] std::vector<Result> run_all(std::span<const Statement> statements, bool writing);
    /// Forgets all prepared statements: the tables were changed.
    void forget_statements();
    /// The Error of a failed result.
    [[nodiscard]] Error error(const PGresult* result, std::string_view sql, bool writing) const;

private:
    struct Prepared {
        std::string name;
        std::vector<Oid> types;  ///< of the parameters; 0: the server decides
        std::uint64_t last_use = 0;
    };
    struct Key {
        std::string text;
        std::size_t hash;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(const Key& key) const noexcept { return key.hash; }
        std::size_t operator()(const Sql& sql) const noexcept { return sql.hash(); }
    };
    struct Equal {
        using is_transparent = void;
        bool operator()(const Key& a, const Key& b) const noexcept { return a.text == b.text; }
        bool operator()(const Sql& a, const Key& b) const noexcept { return a.text() == b.text; }
        bool operator()(const Key& a, const Sql& b) const noexcept { return a.text == b.text(); }
    };
    using Kept = std::unordered_map<Key, Prepared, Hash, Equal>;

    static constexpr std::size_t kLimit = 500;

    [[nodiscard]] static Link connect(const PlaceUrl& place, const std::string& shown_place);
    void configure();
    void find_schema(OpenMode mode);
    [[nodiscard]] Result exec(const char* sql, bool writing = false);
    [[nodiscard]] std::string ask(const std::string& sql);
    [[nodiscard]] Prepared& prepare(const Sql& sql, std::span<const Value> values, bool writing);
    /// Prepares it on the server; types that are 0 stay so, or are set when the server cannot tell them.
    void prepare_on_server(Prepared& prepared, const std::string& text, std::string_view shown_sql, bool writing);
    [[nodiscard]] Result try_prepare(const Prepared& prepared, const std::string& text);
    /// Tries types for the parameters that are 0 until the server takes one choice.
    [[nodiscard]] Result guess_types(Prepared& prepared, const std::string& text, bool in_transaction);
    void drop(const Prepared& prepared);
    void make_room();
    void bind(std::span<const Value> values);
    /// The Error of a statement that failed; forgets it when its kept form is of no use any more.
    [[nodiscard]] Error failure_of(const PGresult* result, const Sql& sql, bool writing);

    std::string place_;
    std::string url_;  ///< what libpq got: to hide its passwords in errors
    Link link_;
    std::string schema_;
    bool read_only_ = false;
    bool is_stuck_ = false;  ///< several statements were sent and not read to their end: of no use any more

    Kept kept_;
    std::uint64_t uses_ = 0;
    std::uint64_t names_ = 0;

    // Scratch of run(), kept to allocate nothing in the usual call.
    std::string buffer_;
    std::vector<std::size_t> offsets_;
    std::vector<const char*> pointers_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
};

}  // namespace etalon::backends::postgres
