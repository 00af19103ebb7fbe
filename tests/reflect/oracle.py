"""What the comparisons with GCC share: running the reader, compiling, asking GCC for alignments."""

import json
import re
import subprocess
import sys

SKIPPED = 77


def fail(message):
    sys.exit("FAILED: " + message)


def run_reader(dump, arguments):
    result = subprocess.run([dump] + arguments, capture_output=True, text=True, errors="replace")
    if result.returncode != 0:
        fail("the reader ended with %d: %s" % (result.returncode, result.stderr))
    if not result.stdout.startswith("{"):
        fail("the reader printed something else on standard output: " + result.stdout[:200])
    return json.loads(result.stdout)


def compile_object(compiler, source, target, flags=()):
    """With DWARF for types that nothing uses. Returns the compiler's messages, None when it succeeded."""
    result = subprocess.run([compiler, "-g", "-fno-eliminate-unused-debug-types", "-w", "-c", source, "-o", target, *flags],
                            capture_output=True, text=True, errors="replace")
    return None if result.returncode == 0 else result.stderr


def alignments(compiler, prelude, expressions, workdir, stem, flags=()):
    """The values of `_Alignof(...)` expressions, read out of the assembly so that nothing must be linked or run."""
    source = "%s/%s.c" % (workdir, stem)
    with open(source, "w") as out:
        out.write(prelude + "\nconst unsigned long long etalon_align[] = {\n")
        out.write("".join("  _Alignof(%s),\n" % e for e in expressions) + "  77};\n")
    assembly = subprocess.run([compiler, "-w", "-S", "-O0", "-o", "-", source, *flags], check=True, capture_output=True,
                              text=True).stdout
    body = assembly[assembly.index("etalon_align:"):]
    values = [int(v) for v in re.findall(r"\.quad\s+(\d+)", body)]
    if len(values) < len(expressions) or values[len(expressions)] != 77:
        fail("cannot read the alignments out of the assembly")
    return values[:len(expressions)]


def leaves_of(definition):
    return [(e["path"], e["type"], e["dims"], e["offset"]) for e in definition["elements"]]


def first_difference(mine, theirs):
    for left, right in zip(mine, theirs):
        if left != right:
            return "reader %r, compiler %r" % (left, right)
    return "reader has %d elements, compiler %d" % (len(mine), len(theirs))
