#pragma once
/// Typed objects: `db.query<Image>(...)`.

#include <cstddef>
#include <iterator>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "etalon/object.h"
#include "etalon/ref.h"
#include "etalon/traits.h"

namespace etalon {

namespace detail {
/// Parses the definition of a compiled struct; throws Error(BadInput).
[[nodiscard]] DefinitionPtr parse_compiled_definition(std::string_view name, std::string_view definition);
/// Throws Error(Usage): there are not so many objects.
[[noreturn]] void throw_bad_object_index(std::size_t index, std::size_t size);
}  // namespace detail

/// The definition that T was compiled with. Parsed once, immutable.
template <Reflected T>
[[nodiscard]] const DefinitionPtr& definition_of() {
    static_assert(std::is_trivially_copyable_v<T>);
    static const DefinitionPtr definition =
        detail::parse_compiled_definition(StructTraits<T>::kName, StructTraits<T>::kDefinition);
    return definition;
}

/// One of the objects that were read: `object->name`, `object.ref`. Valid as long as the Objects that it is from.
template <class T>
struct Object {
    Ref<T> ref;
    const T* value = nullptr;
    const StoredObject* stored = nullptr;  ///< with commit, entry time and what was absent

    [[nodiscard]] const T& operator*() const noexcept { return *value; }
    [[nodiscard]] const T* operator->() const noexcept { return value; }
};

/// Objects of one struct as `T` was compiled, in the order that was asked for. Immutable; copies share rows.
template <class T>
class Objects {
public:
    class Iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Object<T>;
        using difference_type = std::ptrdiff_t;
        using pointer = void;
        using reference = Object<T>;

        Iterator() = default;
        Iterator(const Objects* of, std::size_t index) : of_(of), index_(index) {}
        [[nodiscard]] Object<T> operator*() const { return (*of_)[index_]; }
        Iterator& operator++() {
            ++index_;
            return *this;
        }
        void operator++(int) { ++index_; }
        friend bool operator==(const Iterator& a, const Iterator& b) noexcept { return a.index_ == b.index_; }

    private:
        const Objects* of_ = nullptr;
        std::size_t index_ = 0;
    };

    Objects() = default;
    /// Rows must be in the layout of T.
    explicit Objects(std::vector<StoredObject> objects) : objects_(std::move(objects)) {}

    [[nodiscard]] std::size_t size() const noexcept { return objects_.size(); }
    [[nodiscard]] bool empty() const noexcept { return objects_.empty(); }
    [[nodiscard]] Object<T> operator[](std::size_t index) const {
        if (index >= objects_.size()) detail::throw_bad_object_index(index, objects_.size());
        const auto& one = objects_[index];
        return {Ref<T>::to(one.id), reinterpret_cast<const T*>(one.row.get()), &one};
    }
    [[nodiscard]] Iterator begin() const noexcept { return {this, 0}; }
    [[nodiscard]] Iterator end() const noexcept { return {this, objects_.size()}; }
    [[nodiscard]] const std::vector<StoredObject>& stored() const noexcept { return objects_; }

private:
    std::vector<StoredObject> objects_;
};

}  // namespace etalon
