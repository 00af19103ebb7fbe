#!/usr/bin/python3
"""make_headers.py HISTORY OUTPUT: a C header for every layout that a struct had, as its programs were compiled with.

HISTORY is a JSON file with the fields of each layout, oldest first. OUTPUT gets folders 01, 02, ... with NAME.h and with fields.h,
which lists the fields for the printing of old_program.cpp. A file that would not change is left alone.
"""

import json
import pathlib
import sys

C_TYPES = {"float32": "float", "float64": "double", "int8": "signed char", "uint8": "unsigned char", "int16": "short",
           "uint16": "unsigned short", "int32": "int", "uint32": "unsigned int"}


def write(path, text):
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def main():
    history = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    name = history["struct"]
    for number, version in enumerate(history["versions"], 1):
        folder = pathlib.Path(sys.argv[2]) / f"{number:02}"
        folder.mkdir(parents=True, exist_ok=True)
        lines = []
        for field in version["fields"]:
            dims = "".join(f"[{n}]" for n in field["dims"])
            unit = f"  /* [{field['unit']}] */" if field.get("unit") else ""
            lines.append(f"    {C_TYPES[field['ctype']]} {field['name']}{dims};{unit}\n")
        write(folder / f"{name}.h", f"#pragma once\n/* As of {version['date']}. */\nstruct {name} {{\n{''.join(lines)}}};\n")
        uses = " \\\n".join(f"    USE({field['name']})" for field in version["fields"])
        write(folder / "fields.h", f"#pragma once\n#define FOR_EACH_FIELD(USE) \\\n{uses}\n")


if __name__ == "__main__":
    main()
