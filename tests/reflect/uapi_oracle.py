"""Compares the reader with GCC over the C structs of the Linux UAPI headers: size, alignment, and path, type,
dimensions and offset of every element; and that exactly the structs that cannot be stored are left out."""

import collections
import glob
import os
import re
import sys

from dwarf import Dwarf, Unstorable
from oracle import SKIPPED, alignments, compile_object, fail, first_difference, leaves_of, run_reader


def groups_that_compile(compiler, headers, workdir):
    """Puts together what compiles together; a header that GCC stumbles over gets a group of its own, or none."""
    together, alone, groups = list(headers), [], []
    while together:
        source = workdir + "/together.c"
        with open(source, "w") as out:
            out.write("".join('#include "%s"\n' % h for h in together))
        messages = compile_object(compiler, source, workdir + "/together.o")
        if messages is None:
            groups.append(together)
            break
        lines = {int(n) for n in re.findall(r"together\.c:(\d+)[:,]", messages)}
        if not lines:
            fail("cannot tell which header GCC rejects: " + messages[:500])
        alone += [together[n - 1] for n in sorted(lines)]
        together = [h for i, h in enumerate(together) if i + 1 not in lines]
    for header in alone:
        source = workdir + "/alone.c"
        with open(source, "w") as out:
            out.write('#include "%s"\n' % header)
        if compile_object(compiler, source, workdir + "/alone.o") is None:
            groups.append([header])
    return groups


def main():
    dump, compiler, workdir = sys.argv[1:4]
    os.makedirs(workdir, exist_ok=True)
    headers = sorted(glob.glob("/usr/include/linux/*.h"))
    if len(headers) < 100:
        print("the Linux UAPI headers are not installed (linux-libc-dev)")
        sys.exit(SKIPPED)
    with open(workdir + "/headers.txt", "w") as out:
        out.write("".join(h + "\n" for h in headers))
    reflection = run_reader(dump, ["--c", "--collect", "--headers", workdir + "/headers.txt"])

    definitions = {}
    for definition in reflection["definitions"]:
        header, line, _ = definition["source"].rsplit(":", 2)
        definitions[definition["name"], header] = definition
    bad_headers = {e["location"].split(":")[0] for e in reflection["errors"]}

    agree, elements, wrong, missing = 0, 0, [], []
    listed = set(headers) - bad_headers
    for number, group in enumerate(groups_that_compile(compiler, headers, workdir)):
        stem = "%s/group%d" % (workdir, number)
        prelude = "".join('#include "%s"\n' % h for h in group)
        with open(stem + ".c", "w") as out:
            out.write(prelude)
        messages = compile_object(compiler, stem + ".c", stem + ".o")
        if messages is not None:
            fail(messages)
        dwarf = Dwarf(stem + ".o")
        structs = dwarf.structs()
        mine = [(name, header) for (name, header) in definitions if header in group]
        known = [key for key in mine if key[0] in structs]
        for name, header in set(mine) - set(known):
            wrong.append("%s (%s): GCC has no such struct" % (name, header))
        tags = ["struct " + n if structs[n].name() else n for n, _ in known]
        for (name, header), alignment in zip(known, alignments(compiler, prelude, tags, workdir, "align%d" % number)):
            definition, struct = definitions[name, header], structs[name]
            try:
                theirs = dwarf.leaves(struct)
            except Unstorable as reason:
                wrong.append("%s (%s): taken although it holds %s" % (name, header, reason))
                continue
            ours = leaves_of(definition)
            if definition["size"] != struct.number("DW_AT_byte_size"):
                wrong.append("%s: size %d, GCC %d" % (name, definition["size"], struct.number("DW_AT_byte_size")))
            elif definition["alignment"] != alignment:
                wrong.append("%s: alignment %d, GCC %d" % (name, definition["alignment"], alignment))
            elif ours != theirs:
                wrong.append("%s: %s" % (name, first_difference(ours, theirs)))
            else:
                agree += 1
                elements += len(ours)

        # The other direction: what the reader left out must hold something that cannot be stored, come from a header
        # outside the list, or be declared inside another struct (which flattens it).
        own = {name for name, _ in definitions}
        inner = dwarf.names_inside_others()
        if not any(dwarf.file_of(struct) in listed for struct in structs.values()):
            fail("cannot tell where GCC's structs come from")
        for name, struct in structs.items():
            if name in own or name in inner:
                continue
            try:
                dwarf.leaves(struct)
            except Unstorable:
                continue
            if dwarf.file_of(struct) in listed:
                missing.append("%s (%s)" % (name, dwarf.file_of(struct)))

    uncompared = len(definitions) - agree - len(wrong)
    print("%d structs of %d headers agree with GCC in size, alignment and all of %d elements" % (agree, len(headers), elements))
    kinds = collections.Counter(r["kind"] for r in reflection["refusals"])
    print("%d declarations are refused: %s" % (sum(kinds.values()), ", ".join("%s %d" % k for k in kinds.most_common())))
    print("%d headers do not compile and were left out: %s" % (len(bad_headers), ", ".join(sorted(bad_headers))))
    print("%d structs are in headers that only Clang compiles" % uncompared)
    for line in wrong[:20]:
        print("DIFFERS " + line)
    for name in sorted(set(missing))[:20]:
        print("LEFT OUT " + name)
    if wrong or missing:
        fail("%d structs differ, %d are left out without a reason" % (len(wrong), len(missing)))
    if agree < 1000 or uncompared > agree // 100 or sum(kinds.values()) < 100:
        fail("fewer structs than the UAPI headers have")


main()
