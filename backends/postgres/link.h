#pragma once
/// The connection itself: libpqxx makes and keeps it and runs transactions and scripts; queries go to its PGconn in
/// binary.

#include <string>

// libpqxx 6 marks what became one class in version 7 as deprecated; there is no other way to say it in this version.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#include <pqxx/connection>
#include <pqxx/connection_base>
#pragma GCC diagnostic pop

#include <libpq-fe.h>

namespace etalon::backends::postgres {

/// Remembers the PGconn that it made: libpqxx's public way to one's own kind of connection.
class RememberHandle final : public pqxx::connect_direct {
public:
    using connect_direct::connect_direct;
    handle do_startconnect(handle original) override { return raw_ = connect_direct::do_startconnect(original); }
    handle do_dropconnect(handle original) noexcept override {
        raw_ = nullptr;
        return connect_direct::do_dropconnect(original);
    }
    handle do_disconnect(handle original) noexcept override {
        raw_ = nullptr;
        return connect_direct::do_disconnect(original);
    }
    [[nodiscard]] PGconn* raw() const noexcept { return raw_; }

private:
    PGconn* raw_ = nullptr;
};

/// A libpqxx connection that can also be reached with libpq. It never reconnects by itself: what was prepared and set
/// in the session would be lost unnoticed.
class Link final : public pqxx::connection_base {
public:
    /// Connects; throws pqxx::broken_connection.
    explicit Link(const std::string& target);
    ~Link();

    [[nodiscard]] PGconn* raw() const noexcept { return policy_.raw(); }

private:
    RememberHandle policy_;
};

}  // namespace etalon::backends::postgres
