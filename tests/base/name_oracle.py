#!/usr/bin/python3
"""What Python's unicodedata says of names. Reads names as hexadecimal bytes, a line each; prints for each `good`, or which rule
it breaks: empty, long, utf8, character, form; `unknown` for a name with a character that this Python's Unicode does not have."""

import sys
import unicodedata

# Default_Ignorable_Code_Point of DerivedCoreProperties.txt: characters that are not seen.
IGNORABLE = [(0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
             (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
             (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)]
# Blank, though So.
BLANK = {0x2800, 0x1D159}
# Prepended_Concatenation_Mark: Cf, but seen.
SEEN = {0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}


def is_noncharacter(code):
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE


def judge(name):
    if not name:
        return "empty"
    if len(name) > 255:
        return "long"
    try:
        text = name.decode("utf-8")
    except UnicodeDecodeError:
        return "utf8"
    unknown = False
    for c in text:
        code = ord(c)
        category = unicodedata.category(c)
        if any(first <= code <= last for first, last in IGNORABLE) or code in BLANK or is_noncharacter(code):
            return "character"
        if category == "Cn":
            unknown = True
        elif category in ("Cc", "Zl", "Zp", "Co", "Cs") or (category == "Zs" and c != " "):
            return "character"
        elif category == "Cf" and code not in SEEN:
            return "character"
    if unknown:
        return "unknown"
    return "good" if unicodedata.is_normalized("NFC", text) else "form " + unicodedata.normalize("NFC", text).encode().hex()


def main():
    for line in sys.stdin:
        print(judge(bytes.fromhex(line.strip())))


if __name__ == "__main__":
    main()
