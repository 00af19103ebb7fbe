#include "backends/postgres/connection.h"

#include <utility>

#include "backends/postgres/retry.h"
#include "backends/postgres/session.h"
#include "backends/postgres/transaction.h"
#include "etalon/error.h"

namespace etalon::backends::postgres {
namespace {

class PostgresConnection final : public Connection {
public:
    PostgresConnection(const PlaceUrl& place, OpenMode mode, Waiting waiting)
        : Connection(std::move(waiting)),
          wanted_(place),
          place_(std::make_shared<const std::string>(shown(place))),
          session_(connect(mode)) {}

    [[nodiscard]] Engine engine() const noexcept override { return Engine::Postgres; }
    [[nodiscard]] bool read_only() const noexcept override { return session_->read_only(); }
    [[nodiscard]] std::uint64_t statement_count() const noexcept override { return statement_count_; }
    [[nodiscard]] const std::string& place() const noexcept override { return *place_; }

    [[nodiscard]] std::unique_ptr<Transaction> begin_transaction(TransactionMode mode) override {
        if (in_transaction_) {
            throw Error(ErrorCode::Internal, {"a transaction is begun inside another one", *place_, "", "", ""});
        }
        if (mode == TransactionMode::Single ? !session_->is_alive() : !session_->still_connected()) reconnect();
        try {
            return try_begin(mode);
        } catch (const Error&) {
            if (session_->is_alive()) throw;
        }
        reconnect();  // it was lost while nobody looked; nothing was under way
        return try_begin(mode);
    }

    [[nodiscard]] bool has_relation(std::string_view name) override {
        const Value values[] = {session_->schema(), std::string(name)};
        if (in_transaction_) {
            ++statement_count_;
            return PQntuples(session_->run(kHasRelation, values, false).get()) > 0;
        }
        return begin(TransactionMode::Single)->query(kHasRelation, values)->next();
    }

private:
    static std::string shown(const PlaceUrl& place) {
        std::string url = without_password(place.target);
        if (!place.database_name.empty()) url += '#' + place.database_name;
        return url;
    }

    [[nodiscard]] std::shared_ptr<Session> connect(OpenMode mode) const {
        return std::make_shared<Session>(wanted_, *place_, mode);
    }

    void reconnect() {
        session_ = connect(OpenMode::Existing);
        try {
            check_again();
        } catch (...) {
            session_->give_up();  // nobody shall read there what it has not got
            throw;
        }
    }

    std::unique_ptr<Transaction> try_begin(TransactionMode mode) {
        // A standby may have been promoted since.
        if (mode == TransactionMode::Write && session_->read_only() && !writes_again(*session_)) {
            throw read_only_error(*session_, wanted_.target, *place_);
        }
        return make_transaction(session_, owner_, mode);
    }

    inline static const Sql kHasRelation{
        "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = ?1::text AND c.relname = ?2::text AND c.relkind IN ('r', 'v', 'm', 'p', 'f')"};

    PlaceUrl wanted_;
    std::shared_ptr<const std::string> place_;
    std::shared_ptr<Session> session_;
    std::uint64_t statement_count_ = 0;
    bool in_transaction_ = false;
    Owner owner_{
        .place = place_, .statement_count = &statement_count_, .in_transaction = &in_transaction_, .reconnect = [this] {
            reconnect();
            return session_;
        }};
};

}  // namespace

std::unique_ptr<Connection> open(const PlaceUrl& place, OpenMode mode, Waiting waiting) {
    return std::make_unique<PostgresConnection>(place, mode, std::move(waiting));
}

}  // namespace etalon::backends::postgres
