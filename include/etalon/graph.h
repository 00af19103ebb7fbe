#pragma once
/// Graphs of objects: put at one go, loaded on demand.

#include <cstddef>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <vector>

#include "etalon/commit.h"
#include "etalon/object.h"
#include "etalon/objects.h"
#include "etalon/ref.h"
#include "etalon/traits.h"

namespace etalon {

class Database;
class Federation;

namespace detail {
class GraphData;
}

/// Objects in memory, each once: two references to one object give the same address, which is valid as long as the
/// graph. The database outlives the graph. One thread at a time.
///
///     Graph graph(db);
///     const auto ami = graph.add(Group{.name = "AMI"});
///     const auto bob = graph.add(User{.name = "Bob", .username = "bob", .group = ami});
///     graph.put();
///     graph.get(graph.get(bob).group).name;
class Graph {
public:
    /// Reads as `options` say, whose layout and schema do not count: those are of the types that are asked for.
    explicit Graph(Database& database, ObjectReadOptions options = {});
    explicit Graph(Federation& federation, ObjectReadOptions options = {});
    Graph(Graph&&) noexcept;
    Graph& operator=(Graph&&) noexcept;
    ~Graph();

    /// Takes an object to be put; its id is known at once. Uids that are null are filled with random bytes. Nothing is
    /// written before put().
    template <Reflected T>
    Ref<T> add(const T& row) {
        return Ref<T>::to(add_row(definition_of<T>(), reinterpret_cast<const std::byte*>(&row)));
    }
    /// Puts what was added since the last put that succeeded, in that order, in one transaction for each database;
    /// throws as Database::put_objects, and what was added is kept then.
    ObjectPutResult put(const CommitInfo& info = {}, const ObjectPutOptions& options = {});

    /// The object that a reference is to; read when it is first asked for. Throws Error(Usage) for a null reference,
    /// Error(Unknown) for an object that is not there, Error(Conversion) as fetch.
    template <Reflected T>
    [[nodiscard]] const T& get(const Ref<T>& ref) {
        return *reinterpret_cast<const T*>(get_row(definition_of<T>(), ref.id()));
    }
    /// The same; null for a null reference.
    template <Reflected T>
    [[nodiscard]] const T* find(const Ref<T>& ref) {
        return ref.is_null() ? nullptr : &get(ref);
    }
    /// Members of the object that were not stored; empty for one that was added.
    template <Reflected T>
    [[nodiscard]] const std::vector<std::string>& absent(const Ref<T>& ref) {
        return get_absent(definition_of<T>(), ref.id());
    }

    /// Reads the objects at once that a member of all of these rows refers to: one statement for a struct.
    /// `graph.prefetch(images, &Image::session)`; rows are objects that were read, or rows.
    template <std::ranges::input_range Rows, class S, Reflected T>
    void prefetch(const Rows& rows, Ref<T> S::* member) {
        std::vector<ObjectId> ids;
        for (const auto& row : rows) ids.push_back((row_of<S>(row).*member).id());
        prefetch_rows(definition_of<T>(), ids);
    }
    /// The same of an array of references.
    template <std::ranges::input_range Rows, class S, Reflected T, std::size_t kSize>
    void prefetch(const Rows& rows, Ref<T> (S::*member)[kSize]) {
        std::vector<ObjectId> ids;
        for (const auto& row : rows) {
            for (const auto& ref : row_of<S>(row).*member) ids.push_back(ref.id());
        }
        prefetch_rows(definition_of<T>(), ids);
    }
    /// Objects by references.
    template <Reflected T>
    void prefetch(std::span<const Ref<T>> refs) {
        std::vector<ObjectId> ids;
        for (const auto& ref : refs) ids.push_back(ref.id());
        prefetch_rows(definition_of<T>(), ids);
    }

    [[nodiscard]] std::size_t size() const noexcept;  ///< objects in memory

private:
    template <class S>
    static const S& row_of(const S& row) {
        return row;
    }
    template <class S>
    static const S& row_of(const Object<S>& row) {
        return *row;
    }
    template <class S>
    static const S& row_of(const S* row) {
        return *row;
    }
    ObjectId add_row(const DefinitionPtr& layout, const std::byte* row);
    const std::byte* get_row(const DefinitionPtr& layout, const ObjectId& id);
    const std::vector<std::string>& get_absent(const DefinitionPtr& layout, const ObjectId& id);
    void prefetch_rows(const DefinitionPtr& layout, std::span<const ObjectId> ids);

    std::unique_ptr<detail::GraphData> data_;
};

}  // namespace etalon
