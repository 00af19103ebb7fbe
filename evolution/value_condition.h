#pragma once
/// Conditions on values of rows, typed for every schema version that rows may have. Pure functions.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "etalon/condition.h"
#include "etalon/definition.h"
#include "etalon/ref.h"
#include "schema/units.h"

namespace etalon::evolution {

class StructRules;

/// One comparison, typed for one definition: the value at `element`[indices] against a bound of its own kind.
struct ValueTest {
    enum class Kind : std::uint8_t {
        Never,     ///< no value of the type is so (a uint8 above 300)
        Always,    ///< every value is so
        Integer,   ///< of any integer type but uint64, and bool: against `integer`
        Natural,   ///< of uint64: against `natural`
        Float,     ///< against `number`, which is no NaN
        Nan,       ///< is NaN (Equal), is none (NotEqual)
        Text,      ///< against `text`, byte by byte
        Like,      ///< is like the pattern `text` (base/like.h)
        Among,     ///< is one of `among`, whatever the operator; NotEqual: is none of them
        Identity,  ///< of a reference, uid or file: is one of `identities` (NotEqual: none); null is neither
        Null,      ///< of such: is null
    };
    std::size_t element = 0;             ///< index into the definition's elements
    std::vector<std::uint64_t> indices;  ///< of the value in its array; none for a scalar
    std::uint64_t value = 0;             ///< the same as one row-major index
    Kind kind = Kind::Never;
    ValueOp op = ValueOp::Equal;
    bool negated = false;  ///< the value passes where all of this does not hold
    std::int64_t integer = 0;
    std::uint64_t natural = 0;
    double number = 0;
    std::string text;
    std::vector<std::int64_t> among;      ///< of an integer type; uint64 wraps
    std::vector<Bytes> identities;        ///< each of the size of a value; sorted
    std::optional<std::size_t> subquery;  ///< Identity: not `identities`, but what that query of the caller's finds
    std::optional<schema::UnitConversion>
        conversion;       ///< of the stored value before it is compared; kind is Float or Nan
    bool narrow = false;  ///< the converted value is a float32
};

/// A condition in one definition: tests joined by and and or. What is unknown does not pass, like what is false: `not`
/// stands in the tests.
struct TestTree {
    enum class Kind : std::uint8_t {
        Never,   ///< no row passes
        Always,  ///< every row does
        Test,    ///< whose value passes `test`
        All,     ///< which pass all `parts`
        Any,     ///< which pass any
    };
    Kind kind = Kind::Never;
    ValueTest test = {};
    std::vector<TestTree> parts = {};
};

/// What a condition means in one schema version.
struct VersionTests {
    TestTree tree;      ///< Never: its rows need not be read
    std::string fault;  ///< not empty: why its values cannot be compared (units)
};

/// The same condition with `not` directly before tests only, and none before a comparison that says the same the other
/// way round (In, Like, IsNull and Compare keep it). Throws Error(BadInput) for one nested too deep.
[[nodiscard]] Condition push_not_down(const Condition& condition);

/// The element of a path across references, and where the path goes on: `session.user.name` is the element `session`,
/// or `hit[1].by[2]`, and the rest `user.name`. Nothing when a version has the whole path, or when no beginning of it
/// is a reference.
struct ReferencePath {
    std::string reference;  ///< with its indices
    std::string rest;
    std::string target;  ///< the struct that is referred to, of the newest version that has the element
};
[[nodiscard]] std::optional<ReferencePath> find_reference_path(std::string_view path,
                                                               std::span<const DefinitionPtr> versions);

/// The objects that a reference has to refer to.
struct ReferenceSet {
    std::vector<ObjectId> ids;
    std::optional<std::size_t> subquery;  ///< instead of ids: ValueTest::subquery
};
/// Which objects of a struct hold to a condition: one comparison, `not` before it or not, whose path is the rest of one
/// across references.
using ResolveReference = std::function<ReferenceSet(const std::string& target, const Condition& rest)>;

/// Types a condition for every version of a struct, oldest first. An element is found by path or, as readers find it,
/// through recorded rules (`rules` may be null); the newest version that has the path gives the unit, and says what the
/// numbers of an enumeration mean. What a version lacks is null; a value that it cannot hold is not equal and not
/// unequal. `resolve`, called once for each path across a reference, may be empty. Throws Error(Unknown) with the
/// nearest path for one that no version has, Error(BadInput) for a value that is none of the element's type in any
/// version, or an index that no version has, Error(Usage) for a parameter without a value and, without `resolve`, for a
/// path across a reference.
[[nodiscard]] std::vector<VersionTests> make_value_tests(const Condition& condition,
                                                         std::span<const DefinitionPtr> versions,
                                                         const schema::UnitSystem& units,
                                                         const StructRules* rules = nullptr,
                                                         const ResolveReference& resolve = {});

/// True when the value passes. `at` points to the values of the test's element (any alignment). Throws
/// Error(Conversion) for an integer that would have to be compared in another unit and that a double does not hold.
[[nodiscard]] bool passes(const ValueTest& test, const Element& element, const std::byte* at);
/// True when a row in that layout passes; tests name elements by their index in it. Throws as above.
[[nodiscard]] bool passes(const TestTree& tree, const StructDefinition& layout, const std::byte* row);

/// Calls `use` with every test of a tree.
template <class Use>
void for_each_test(const TestTree& tree, const Use& use) {
    if (tree.kind == TestTree::Kind::Test) use(tree.test);
    for (const auto& part : tree.parts) for_each_test(part, use);
}

}  // namespace etalon::evolution
