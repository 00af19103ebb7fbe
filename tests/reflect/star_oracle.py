"""Writes headers for structs of structs.json and for every layout of schema_history, reads them back, and compares with
the JSON (names, types, dimensions, units) and with GCC's DWARF (size, alignment, offsets)."""

import glob
import json
import os
import sys

from dwarf import Dwarf
from oracle import SKIPPED, alignments, compile_object, fail, first_difference, leaves_of, run_reader

C_TYPES = {"int8": "signed char", "uint8": "unsigned char", "int16": "short", "uint16": "unsigned short", "int32": "int",
           "uint32": "unsigned int", "int64": "long long", "uint64": "unsigned long long", "float32": "float",
           "float64": "double", "char": "char"}

KEYWORDS = {"const", "static", "volatile", "class", "new", "delete", "this", "default", "register", "union", "operator"}


def write_header(path, structs):
    """Units in turn as `[unit] words`, as a comment that is only the unit, and above the member."""
    with open(path, "w") as out:
        out.write("#pragma once\n")
        for name, fields in structs:
            out.write("\nstruct %s {\n" % name)
            for position, field in enumerate(fields):
                declaration = "    %s %s%s;" % (C_TYPES[field["ctype"]], member_name(field),
                                                 "".join("[%d]" % d for d in field["dims"]))
                unit = field.get("unit")
                if not unit:
                    out.write(declaration + ("  /* index of the thing */\n" if position % 3 == 0 else "\n"))
                elif position % 3 == 0:
                    out.write("%s  /* [%s] of the thing */\n" % (declaration, unit))
                elif position % 3 == 1:
                    out.write("%s  /* %s */\n" % (declaration, unit if plain(unit, field["name"]) else "[%s]" % unit))
                else:
                    out.write("    // [%s] of the thing\n%s\n" % (unit, declaration))
            out.write("};\n")


def member_name(field):
    """Some old layouts have members that are keywords."""
    return field["name"] + "_" if field["name"] in KEYWORDS else field["name"]


def plain(unit, name):
    return unit.lower() != name.lower()


def main():
    dump, compiler, workdir = sys.argv[1:4]
    os.makedirs(workdir, exist_ok=True)
    sources = [path for path in sys.argv[4:] if os.path.exists(path + "/structs.json")]
    if not sources:
        print("no structs.json found")
        sys.exit(SKIPPED)
    for number, source in enumerate(sources):
        compare(dump, compiler, workdir, "star%d" % number, source)


def compare(dump, compiler, workdir, stem, source):
    with open(source + "/structs.json") as file:
        structs = [(s["name"], s["fields"]) for s in json.load(file)]
    layouts = 0
    for path in sorted(glob.glob(source + "/schema_history/*.json")):
        with open(path) as file:
            history = json.load(file)
        for version, layout in enumerate(history["versions"], 1):
            layouts += 1
            structs.append(("%s_v%d" % (history["struct"], version), layout["fields"]))
    header = "%s/%s.h" % (workdir, stem)
    write_header(header, structs)
    for language in ("c", "c++"):
        arguments = ["--c", header] if language == "c" else [header]
        reflection = run_reader(dump, arguments)
        for item in reflection["errors"] + reflection["refusals"]:
            fail("%(location)s: %(declaration)s: %(reason)s" % item)
        check(compiler, workdir, stem, header, structs, reflection)
    print("%s: %d structs and %d earlier layouts agree with GCC and with the JSON, in C and in C++" %
          (os.path.basename(source), len(structs) - layouts, layouts))


def check(compiler, workdir, stem, header, structs, reflection):
    object_file = "%s/%s.o" % (workdir, stem)
    with open("%s/%s.c" % (workdir, stem), "w") as out:
        out.write('#include "%s"\n' % header)
    messages = compile_object(compiler, "%s/%s.c" % (workdir, stem), object_file)
    if messages is not None:
        fail(messages)
    dwarf = Dwarf(object_file)
    theirs = dwarf.structs()
    aligned = alignments(compiler, '#include "%s"' % header, ["struct " + name for name, _ in structs], workdir, stem + "_align")
    if [d["name"] for d in reflection["definitions"]] != [name for name, _ in structs]:
        fail("the reader has other structs than the header, or another order")
    for definition, (name, fields), alignment in zip(reflection["definitions"], structs, aligned):
        ours = leaves_of(definition)
        if ours != dwarf.leaves(theirs[name]):
            fail("%s: %s" % (name, first_difference(ours, dwarf.leaves(theirs[name]))))
        if definition["size"] != theirs[name].number("DW_AT_byte_size") or definition["alignment"] != alignment:
            fail("%s: size %d alignment %d" % (name, definition["size"], definition["alignment"]))
        declared = [(member_name(f), "int8" if f["ctype"] == "char" and not f["dims"] else f["ctype"], f["dims"], f.get("unit", ""))
                    for f in fields]
        read = [(e["path"], e["type"], e["dims"], e["unit"]) for e in definition["elements"]]
        if declared != read:
            fail("%s: %s" % (name, first_difference(read, declared)))


main()
