#pragma once
/// One connection to a server with its prepared statements; a lost one is replaced by a new Session.
///
/// Nothing that Etalon says depends on state of the server's session. Every name is given its schema when a statement
/// is translated (translate.h), and operators, which are not, are looked up with a search path of pg_catalog alone
/// (settings.h). How that path and the other settings come into force depends on whose session it is:
///
/// - Ours alone (the process that answers is the one that the connection was made to): once, when it is made, and
///   statements are prepared under names that are hashes of what they say.
/// - Shared with others by a pooler (it is another process): with every transaction, in the message that begins it, and
///   in front of every statement that is sent alone, in the same round trip. Nothing is prepared under a name.
///
/// A pooler that hides itself is found out by a statement name that is there already (42P05) or not any more (26000);
/// from then on the session counts as shared. What was under way is an error that may be repeated, unless it was one
/// statement alone, which is sent again.

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
    /// Asks again whether the server takes no writes; throws Error.
    [[nodiscard]] bool ask_read_only();
    /// True when a pooler gives each transaction a session of the server that others use, too.
    [[nodiscard]] bool is_shared() const noexcept { return is_shared_; }
    /// False once the connection broke.
    [[nodiscard]] bool is_alive() const noexcept { return !is_stuck_ && PQstatus(link_.raw()) == CONNECTION_OK; }

    /// Of no use any more: is_alive() is false.
    void give_up() noexcept { is_stuck_ = true; }

    /// Looks, without asking the server, whether it has hung up meanwhile; then is_alive() is false too.
    [[nodiscard]] bool still_connected() noexcept;

    /// Begins a transaction of the server with the settings that statements count on. Throws Error.
    void begin(bool writing);
    /// Runs a statement, prepared once; the result is in binary and holds no error. Throws Error.
    [[nodiscard]] Result run(const Sql& sql, std::span<const Value> values, bool writing);
    /// Runs several reading statements in one round trip; results in order. The connection is in a transaction.
    [[nodiscard]] std::vector<Result> run_all(std::span<const Statement> statements, bool writing);
    /// Runs one statement or several without values, translated first; nothing is kept of them. Throws Error.
    void run_script(std::string_view sql);
    /// Runs text as it is, and returns what the last statement of it gives; throws Error.
    Result exec(const std::string& sql, bool writing = false);
    /// Forgets all prepared statements: the tables were changed.
    void forget_statements();
    /// The Error of a failed result (null: the connection broke) of a statement as it was before it was translated.
    [[nodiscard]] Error error(const PGresult* result, std::string_view sql, bool writing) const;

private:
    struct Prepared {
        std::string name;        ///< empty: nothing is prepared on the server
        std::string text;        ///< as the server gets it
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
    /// Asks what there is, in a way that is right whoever's session it is; makes the schema when it is to.
    void find_schema(OpenMode mode);
    [[nodiscard]] Result look() const;
    void create_schema();
    [[nodiscard]] bool in_transaction() const noexcept { return PQtransactionStatus(link_.raw()) != PQTRANS_IDLE; }

    [[nodiscard]] Prepared& prepare(const Sql& sql, std::span<const Value> values, bool writing);
    /// Prepares it on the server; types that are 0 stay so, or are set when the server cannot tell them.
    void prepare_on_server(Prepared& prepared, std::string_view shown_sql, bool writing);
    /// The same in a session that is shared, where nothing is to be left behind.
    void find_types(Prepared& prepared, std::string_view shown_sql, bool writing);
    [[nodiscard]] Result try_prepare(Prepared& prepared);
    /// Tries types for the parameters that are 0 until the server takes one choice.
    [[nodiscard]] Result guess_types(Prepared& prepared, bool in_transaction);
    void drop(const Prepared& prepared);
    void make_room();
    void bind(std::span<const Value> values);
    /// Sends a statement whose values are bound, with the settings in front where they do not hold already.
    [[nodiscard]] Result send(const Prepared& prepared);
    [[nodiscard]] Result send_alone(const Prepared& prepared);
    /// Sends without waiting for the answer; false when the connection is broken.
    [[nodiscard]] bool post(const Prepared& prepared);
    /// What `post_one` sends for 0, 1, ... up to `count`, in one round trip: the results in order, as far as they came.
    template <class PostOne>
    [[nodiscard]] std::vector<Result> pipeline(std::size_t count, const PostOne& post_one);
    /// True when the result says that others use the session, too; from then on it counts as shared.
    bool shows_others(const PGresult* result);
    /// The Error of a statement that failed; forgets it when its kept form is of no use any more.
    [[nodiscard]] Error failure_of(const PGresult* result, const Sql& sql, bool writing);

    std::string place_;
    Link link_;
    std::string schema_;
    std::string role_;  ///< whose rights hold
    bool read_only_ = false;
    bool is_shared_ = false;
    bool is_stuck_ = false;  ///< of no use any more: several statements were sent and not read to their end, say

    Kept kept_;
    std::vector<std::string> stale_names_;  ///< forgotten here, but not by the server yet
    std::uint64_t uses_ = 0;

    // Scratch of run(), kept to allocate nothing in the usual call.
    std::string buffer_;
    std::vector<std::size_t> offsets_;
    std::vector<const char*> pointers_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
};

}  // namespace etalon::backends::postgres
