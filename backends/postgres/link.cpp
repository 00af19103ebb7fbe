#include "backends/postgres/link.h"

#include <pqxx/errorhandler>

namespace etalon::backends::postgres {
namespace {

/// Notices ("relation exists, skipping") are not for the standard error of a program; errors come as exceptions.
void ignore_notice(void*, const PGresult*) {}

}  // namespace

Link::Link(const std::string& target) : pqxx::connection_base(policy_), policy_(target) {
    init();
    PQsetNoticeReceiver(raw(), ignore_notice, nullptr);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

Link::~Link() {
    close();
}

}  // namespace etalon::backends::postgres
