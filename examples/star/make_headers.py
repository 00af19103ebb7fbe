#!/usr/bin/env python3
"""Writes the C headers of this example out of its JSON: structs/NAME.h from structs.json, and
examples/star/history/NAME/NN_DATE.h, one per layout that the struct has had, from schema_history/NAME.json.

Run once; the headers are kept in the repository, because headers are what people write and what Etalon reads.
"""

import json
import pathlib
import shutil

C_TYPES = {
    "int8": "signed char", "uint8": "unsigned char", "int16": "short", "uint16": "unsigned short", "int32": "int",
    "uint32": "unsigned int", "int64": "long long", "float32": "float", "float64": "double", "char": "char",
}
KEYWORDS = {"const", "static", "volatile", "class", "new", "delete", "this", "default", "register", "union", "operator"}


def declaration(field):
    dims = "".join(f"[{n}]" for n in field["dims"])
    name = field["name"] + ("_" if field["name"] in KEYWORDS else "")
    return f"{C_TYPES[field['ctype']]} {name}{dims};"


def header(name, fields, above):
    """The text of a header with one struct; units stand beside their element."""
    width = max(len(declaration(f)) for f in fields)
    lines = [f"/* {above} */", f"#ifndef ETALON_STAR_{name}_H", f"#define ETALON_STAR_{name}_H", "", f"struct {name} {{"]
    for field in fields:
        text = declaration(field)
        unit = f"{' ' * (width - len(text))}  /* [{field['unit']}] */" if field.get("unit") else ""
        lines.append(f"    {text}{unit}")
    return "\n".join(lines + ["};", "", "#endif", ""])


def main():
    here = pathlib.Path(__file__).resolve().parent
    structs = here.parent.parent / "structs"
    structs.mkdir(exist_ok=True)
    for struct in json.loads((here / "structs.json").read_text(encoding="utf-8")):
        text = header(struct["name"], struct["fields"], "From star-bnl/star-sw; see examples/star/README.md.")
        (structs / f"{struct['name']}.h").write_text(text, encoding="utf-8")
    shutil.rmtree(here / "history", ignore_errors=True)
    for path in sorted((here / "schema_history").glob("*.json")):
        history = json.loads(path.read_text(encoding="utf-8"))
        folder = here / "history" / history["struct"]
        folder.mkdir(parents=True)
        for number, version in enumerate(history["versions"], 1):
            text = header(history["struct"], version["fields"],
                          f"Layout {number} of {len(history['versions'])}, in force from {version['date']}.")
            (folder / f"{number:02}_{version['date'][:10]}.h").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
