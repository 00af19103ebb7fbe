#pragma once
/// Units that people define for their structs, and units that stand in a definition together with what they mean:
/// `MeV/spill where spill = 12 s`. What a schema version records means the same wherever it is read. Pure functions.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace etalon::schema {

class UnitReader;

/// One unit as a file says it.
struct UnitDefinition {
    std::string name;                  ///< letters, digits and `_`, the last one no digit
    std::string definition;            ///< a unit (`12 s`), or `new`: it measures something that no other unit does
    std::vector<std::string> aliases;  ///< other names of it
    std::string place;                 ///< `file:line`, for messages
};

/// The units that are defined for some structs. Immutable, may be shared between threads.
class UnitDefinitions {
public:
    /// Throws Error(BadInput) with everything that is wrong: a name that is a unit already (those of counted things may
    /// be defined), two definitions of one name, a definition that is no unit.
    explicit UnitDefinitions(std::vector<UnitDefinition> definitions);
    ~UnitDefinitions();
    UnitDefinitions(const UnitDefinitions&) = delete;
    UnitDefinitions& operator=(const UnitDefinitions&) = delete;

    /// The unit with ` where `, and what its names mean, behind it; the same text when none of them is defined here.
    [[nodiscard]] std::string recorded(std::string_view unit) const;
    /// All names, also aliases, in their order.
    [[nodiscard]] std::vector<std::string> names() const;

private:
    std::unique_ptr<const UnitReader> reader_;
    std::vector<std::pair<std::string, std::string>> meanings_;  ///< name, and what stands behind it
};

/// The unit without what is behind ` where `: what people see beside a value.
[[nodiscard]] std::string_view unit_symbol(std::string_view unit) noexcept;

/// True for the name of an element that is a difference or a width rather than a value: `sigmaT`, `t_spread`,
/// `tolerance`. A guess, for warnings.
[[nodiscard]] bool is_name_of_difference(std::string_view path);

}  // namespace etalon::schema
