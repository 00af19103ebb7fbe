"""Random structs, from a printed seed: the reader's sizes, alignments and offsets against `sizeof`, `alignof` and
`offsetof` of the compiled program, in C with GCC and in C++ with G++."""

import os
import random
import subprocess
import sys

from oracle import fail, first_difference, leaves_of, run_reader

SCALARS = [("bool", "bool"), ("_Bool", "bool"), ("signed char", "int8"), ("unsigned char", "uint8"), ("char", "int8"),
           ("short", "int16"), ("unsigned short int", "uint16"), ("int", "int32"), ("unsigned", "uint32"),
           ("long", "int64"), ("unsigned long", "uint64"), ("long long", "int64"), ("unsigned long long int", "uint64"),
           ("float", "float32"), ("double", "float64"), ("int8_t", "int8"), ("uint8_t", "uint8"), ("int16_t", "int16"),
           ("uint16_t", "uint16"), ("int32_t", "int32"), ("uint32_t", "uint32"), ("int64_t", "int64"),
           ("uint64_t", "uint64"), ("size_t", "uint64"), ("int_fast16_t", "int64"), ("chained_t", "float32"),
           ("const int", "int32"), ("volatile float", "float32"), ("enum Plain", "uint32"), ("enum Negative", "int32"),
           ("enum Wide", "uint64"), ("enum Packed", "uint8")]


class Generator:
    def __init__(self, rng, cxx, widths):
        self.rng, self.cxx, self.known, self.text, self.counter, self.widths = rng, cxx, [], "", 0, widths

    def fresh(self, stem):
        self.counter += 1
        return "%s%d" % (stem, self.counter)

    def dims(self, limit):
        count = self.rng.choices([0, 1, 2, 3, 4], [6, 4, 2, 1, 1])[0]
        return [self.rng.randint(1, limit) for _ in range(count)]

    def attribute(self, on_struct):
        roll = self.rng.random()
        if roll < 0.75:
            return ""
        if roll < 0.87:
            return " __attribute__((packed))"
        return " __attribute__((aligned(%d)))" % self.rng.choice([2, 4, 8, 16, 32] if on_struct else [1, 2, 4, 8, 16])

    def members(self, depth, indent):
        """(text, [(path, type, dims)])"""
        text, leaves = "", []
        for _ in range(self.rng.randint(1, 7 if depth == 0 else 3)):
            name, roll = self.fresh("m"), self.rng.random()
            dims = self.dims(3)
            bounds = "".join("[%d]" % d for d in dims)
            if roll < 0.12 and depth < 3:
                inner_text, inner = self.members(depth + 1, indent + "    ")
                attribute = self.attribute(True)
                if self.rng.random() < 0.3:
                    text += "%sstruct {\n%s%s}%s;\n" % (indent, inner_text, indent, attribute)
                    leaves += inner
                else:
                    text += "%sstruct {\n%s%s}%s %s%s;\n" % (indent, inner_text, indent, attribute, name, bounds)
                    leaves += self.nest(name, dims, inner)
            elif roll < 0.24 and self.known:
                other, inner = self.rng.choice(self.known)
                if len(inner) > 60:
                    continue
                text += "%s%s%s %s%s;\n" % (indent, "" if self.cxx else "struct ", other, name, bounds)
                leaves += self.nest(name, dims, inner)
            elif roll < 0.3:
                text += "%schar %s%s[%d];\n" % (indent, name, bounds, 5)
                leaves.append((name, "char", dims + [5]))
            elif roll < 0.34:
                text += "%sint : %d;\n" % (indent, self.rng.choice(self.widths))
                text += "%srow_t %s;\n" % (indent, name)
                leaves.append((name, "float64", [2, 3]))
            else:
                spelling, kind = self.rng.choice(SCALARS)
                if self.cxx and spelling == "_Bool":
                    spelling = "bool"
                if spelling == "char" and dims:
                    kind = "char"
                text += "%s%s %s%s%s;\n" % (indent, spelling, name, bounds, self.attribute(False))
                leaves.append((name, kind, dims))
        if not leaves:
            text += "%sint only;\n" % indent
            leaves.append(("only", "int32", []))
        return text, leaves

    @staticmethod
    def nest(name, dims, inner):
        prefixes = [name]
        for dim in dims:
            prefixes = ["%s[%d]" % (p, i) for p in prefixes for i in range(dim)]
        return [("%s.%s" % (p, path), kind, d) for p in prefixes for path, kind, d in inner]

    def struct(self):
        name = self.fresh("S")
        pack = self.rng.choice([1, 2, 4, 8]) if self.rng.random() < 0.25 else 0
        body, leaves = self.members(0, "    ")
        attribute = self.attribute(True)
        head = "#pragma pack(push, %d)\n" % pack if pack else ""
        tail = "#pragma pack(pop)\n" if pack else ""
        if not self.cxx and self.rng.random() < 0.3:
            # The typedef name is the struct's name.
            self.text += "%stypedef struct {\n%s}%s %s;\n%s\n" % (head, body, attribute, name, tail)
            return name, name, leaves
        if self.cxx:
            inside = self.rng.choice(["", "calib", "calib::tpc"])
            begin, end = ("namespace %s {\n" % inside, "}\n") if inside else ("", "")
            self.text += "%s%sstruct %s {\n%s}%s;\n%s%s\n" % (head, begin, name, body, attribute, end, tail)
            full = inside + "::" + name if inside else name
            self.known.append((full, leaves))
            return full, full, leaves
        self.text += "%sstruct %s {\n%s}%s;\n%s\n" % (head, name, body, attribute, tail)
        self.known.append((name, leaves))
        return name, "struct " + name, leaves


def run(dump, compiler, workdir, seed, cxx, count, flags):
    # Under -fpack-struct=N a bit-field of width 0 is refused: compilers disagree on it.
    widths = [3, 9] if any(flag.startswith("-fpack-struct=") for flag in flags) else [0, 3, 9]
    generator = Generator(random.Random(seed), cxx, widths)
    structs = [generator.struct() for _ in range(count)]
    ending = "cpp" if cxx else "c"
    stem = "%s/random_%s%s" % (workdir, ending, "_flags" if flags else "")
    with open(stem + ".h", "w") as out:
        out.write("#pragma once\n#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n"
                  "typedef float base_t; typedef base_t chained_t; typedef double row_t[2][3];\n"
                  "enum Plain { P0, P1 = 7 }; enum Negative { N0 = -1, N1 }; enum Wide { W0 = 1, W1 = 0x8000000000000000 };\n"
                  "enum __attribute__((packed)) Packed { K0, K1 = 200 };\n\n" + generator.text)
    with open("%s.%s" % (stem, ending), "w") as out:
        out.write('#include "%s.h"\n#include <stdio.h>\nint main(void) {\n' % stem)
        operator = "alignof" if cxx else "_Alignof"
        for _, spelling, leaves in structs:
            out.write('printf("%%zu %%zu\\n", sizeof(%s), (size_t)%s(%s));\n' % (spelling, operator, spelling))
            for path, _, _ in leaves:
                out.write('printf("%%zu\\n", offsetof(%s, %s));\n' % (spelling, path))
        out.write("return 0; }\n")
    subprocess.run([compiler, "-w", "-O0", "-o", stem, "%s.%s" % (stem, ending), *flags], check=True)
    lines = iter(subprocess.run([stem], check=True, capture_output=True, text=True).stdout.splitlines())

    arguments = ([] if cxx else ["--c"]) + [stem + ".h"] + (["--", *flags] if flags else [])
    reflection = run_reader(dump, arguments)
    for item in reflection["errors"] + reflection["refusals"]:
        fail("seed %d: %s" % (seed, item))
    if len(reflection["definitions"]) != count:
        fail("seed %d: %d structs of %d" % (seed, len(reflection["definitions"]), count))
    elements = 0
    for definition, (name, _, leaves) in zip(reflection["definitions"], structs):
        size, alignment = (int(n) for n in next(lines).split())
        theirs = []
        for path, kind, dims in leaves:
            if "-funsigned-char" in flags and kind == "int8" and is_plain_char(generator.text, path):
                kind = "uint8"
            if "-fshort-enums" in flags and "enum " in declaration(generator.text, path):
                kind = {"Plain": "uint8", "Negative": "int8", "Wide": "uint64", "Packed": "uint8"}[
                    declaration(generator.text, path).split()[1]]
            theirs.append((path, kind, dims, int(next(lines))))
        ours = leaves_of(definition)
        if definition["name"] != name or (definition["size"], definition["alignment"]) != (size, alignment):
            fail("seed %d: %s has size %d alignment %d, the compiler says %s %d %d" %
                 (seed, definition["name"], definition["size"], definition["alignment"], name, size, alignment))
        if ours != theirs:
            fail("seed %d: %s: %s" % (seed, name, first_difference(ours, theirs)))
        elements += len(ours)
    print("%s %s: %d random structs, %d elements agree (seed %d)" % (compiler, " ".join(flags), count, elements, seed))


def declaration(text, path):
    """The line that declares the last part of a path: member names are unique in a run."""
    name = path.rsplit(".", 1)[-1].split("[")[0]
    for line in text.splitlines():
        words = line.replace("[", " ").replace(";", " ").split()
        if name in words:
            return " ".join(words)
    return ""


def is_plain_char(text, path):
    return declaration(text, path).startswith("char ")


def main():
    dump, workdir = sys.argv[1:3]
    os.makedirs(workdir, exist_ok=True)
    seed = int(os.environ.get("ETALON_SEED") or random.SystemRandom().randrange(1 << 32))
    print("ETALON_SEED=%d" % seed)
    run(dump, "gcc", workdir, seed, False, 150, [])
    run(dump, "g++", workdir, seed + 1, True, 150, [])
    run(dump, "gcc", workdir, seed + 2, False, 60, ["-fpack-struct=2"])
    run(dump, "gcc", workdir, seed + 3, False, 60, ["-funsigned-char", "-fshort-enums"])


main()
