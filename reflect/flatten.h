#pragma once
/// Plain records to definitions and refusals. Pure: no Clang, no files.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "reflect/records.h"
#include "reflect/reflect.h"

namespace etalon::reflect {

/// Elements that one struct may have after its arrays of structs are expanded.
inline constexpr std::uint64_t kMaxElements = 100000;

/// Turns the units of several headers into definitions, refusals and remarks of one result, which it refers to.
class Flattening {
public:
    explicit Flattening(Reflection& result);
    ~Flattening();
    Flattening(const Flattening&) = delete;
    Flattening& operator=(const Flattening&) = delete;

    /// Appends the definitions and refusals of the unit's targets. A struct with a refused member has no definition. A
    /// struct that another unit has defined in the same way is taken once, with a note; one that it has defined
    /// differently is refused. `only`: names to take, also of nested structs of the header; empty takes every target.
    void add(const RawUnit& unit, const std::vector<std::string>& only);
    /// Appends the remarks that were gathered, each text once.
    void finish();

private:
    class Gathered;
    std::unique_ptr<Gathered> gathered_;
};

}  // namespace etalon::reflect
