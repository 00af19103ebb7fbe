#include "cli/input/arguments.h"

#include <doctest/doctest.h>

using etalon::cli::prepare_arguments;
using Strings = std::vector<std::string>;

TEST_CASE("a time option takes a value that begins with a minus") {
    CHECK(prepare_arguments({"put", "x", "--begin", "-inf", "--end", "-5", "f.csv"}).args ==
          Strings{"put", "x", "--begin=-inf", "--end=-5", "f.csv"});
    CHECK(prepare_arguments({"get", "x", "--at=-inf"}).args == Strings{"get", "x", "--at=-inf"});
    CHECK(prepare_arguments({"tree", "get", "x", "--run", "-7"}).args == Strings{"tree", "get", "x", "--run=-7"});
}

TEST_CASE("an option behind a time option is not taken for its value") {
    CHECK(prepare_arguments({"put", "x", "--begin", "--hole"}).args == Strings{"put", "x", "--begin", "--hole"});
    CHECK(prepare_arguments({"put", "x", "--begin", "-d"}).args == Strings{"put", "x", "--begin", "-d"});
    CHECK(prepare_arguments({"put", "x", "--begin"}).args == Strings{"put", "x", "--begin"});
    CHECK(prepare_arguments({"history", "x", "--entered-from", "-inf", "--entered-to", "-1"}).args ==
          Strings{"history", "x", "--entered-from=-inf", "--entered-to=-1"});
    CHECK(prepare_arguments({"put", "x", "--begin", "-"}).args == Strings{"put", "x", "--begin", "-"});
}

TEST_CASE("what follows two dashes goes to the compiler, of commands that read headers") {
    const auto with = prepare_arguments({"-d", "sqlite:x", "register", "a.h", "--strict", "--", "-Iinc", "--at", "-1"});
    CHECK(with.args == Strings{"-d", "sqlite:x", "register", "a.h", "--strict"});
    CHECK(with.clang_args == Strings{"-Iinc", "--at", "-1"});
    const auto other = prepare_arguments({"put", "x", "--begin", "0", "--", "-odd-name.csv"});
    CHECK(other.args == Strings{"put", "x", "--begin", "0", "--", "-odd-name.csv"});
    CHECK(other.clang_args.empty());
}

TEST_CASE("the command is found behind global options whose values look like commands") {
    const auto prepared = prepare_arguments({"-d", "register", "put", "x", "--", "y"});
    CHECK(prepared.clang_args.empty());
    CHECK(prepare_arguments({"--config=f", "-dsqlite:x", "check", "a.h", "--", "-DX"}).clang_args == Strings{"-DX"});
    CHECK(prepare_arguments({}).args.empty());
}

TEST_CASE("the place of the command is known after values were joined to options") {
    CHECK(prepare_arguments({"-d", "put", "put", "x", "--begin", "-inf"}).command_index == 2);
    CHECK(prepare_arguments({"put", "x"}).command_index == 0);
    CHECK(prepare_arguments({"-d"}).command_index == 1);
    CHECK(prepare_arguments({}).command_index == 0);
}
