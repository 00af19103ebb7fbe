"""What reading a stored layout as another one must give, in plain Python, written from the law of the design (sections 2.6
and 4) and not from the program: real_history.py compares the two.

A layout is a list of fields: {"name", "ctype", "dims", "unit"}; `char` with dims is text, its last dimension is the capacity in
bytes. A row is the bytes of the C struct in its natural layout, padding zero.
"""

import math
import random
import struct
from fractions import Fraction

# bits, signed; None: a float
INTEGERS = {"int8": (8, True), "uint8": (8, False), "int16": (16, True), "uint16": (16, False), "int32": (32, True),
            "uint32": (32, False), "int64": (64, True), "uint64": (64, False)}
CODES = {"int8": "b", "uint8": "B", "int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q",
         "float32": "f", "float64": "d"}
SIZES = {name: struct.calcsize(code) for name, code in CODES.items()}
SIGNIFICANT_BITS = {"float32": 24, "float64": 53}
VERDICTS = ["identical", "automatic", "checked", "needs rule", "refused"]

# What the units of the real history are in SI: kind and factor.
UNITS = {"cm/us": ("speed", Fraction(10**4)), "cm/s": ("speed", Fraction(1, 100)), "us": ("time", Fraction(1, 10**6)),
         "usec": ("time", Fraction(1, 10**6)), "cm": ("length", Fraction(1, 100)), "mm": ("length", Fraction(1, 1000))}


# --- fields --------------------------------------------------------------------------------------------------------------
def is_text(field):
    return field["ctype"] == "char" and bool(field["dims"])


def number_type(field):
    """A lone `char` is a number."""
    return "int8" if field["ctype"] == "char" else field["ctype"]


def is_float(ctype):
    return ctype in SIGNIFICANT_BITS


def array_dims(field):
    """Dimensions of values: the capacity of text is none."""
    return field["dims"][:-1] if is_text(field) else field["dims"]


def value_size(field):
    return field["dims"][-1] if is_text(field) else SIZES[number_type(field)]


def byte_size(field):
    return math.prod(array_dims(field)) * value_size(field)


def natural_layout(fields):
    """Offsets, size and alignment of the C struct."""
    offsets, at, widest = [], 0, 1
    for field in fields:
        alignment = 1 if is_text(field) else SIZES[number_type(field)]
        widest = max(widest, alignment)
        at = (at + alignment - 1) // alignment * alignment
        offsets.append(at)
        at += byte_size(field)
    return offsets, (at + widest - 1) // widest * widest, widest


# --- the law -------------------------------------------------------------------------------------------------------------
def holds_every_value(stored, asked):
    if stored == asked:
        return True
    if is_float(stored):
        return stored == "float32" and asked == "float64"
    bits, signed = INTEGERS[stored]
    if is_float(asked):
        return bits - signed <= SIGNIFICANT_BITS[asked]
    asked_bits, asked_signed = INTEGERS[asked]
    if signed and not asked_signed:
        return False
    return bits - signed <= asked_bits - asked_signed


def row_of_types(stored, asked):
    """The row of the law for two number types, with its verdict."""
    exact = holds_every_value(stored, asked)
    if is_float(stored):
        row = ("float_widened" if exact else "float_narrowed") if is_float(asked) else "float_to_integer"
    elif is_float(asked):
        row = "integer_to_float_exact" if exact else "integer_to_float"
    elif exact:
        row = "integer_widened"
    else:
        same_sign = INTEGERS[stored][1] == INTEGERS[asked][1]
        row = "integer_narrowed" if same_sign else "integer_sign_changed"
    return row, "automatic" if exact else "checked"


def row_of_units(stored, asked):
    if is_text(stored) or is_text(asked):
        return "unit_of_text", "needs rule"
    before, after = stored.get("unit"), asked.get("unit")
    if not before:
        return "unit_appeared", "needs rule"
    if not after:
        return "unit_vanished", "needs rule"
    if before not in UNITS or after not in UNITS:
        raise KeyError("the oracle does not know the units %s and %s" % (before, after))
    if UNITS[before][0] != UNITS[after][0]:
        return "unit_not_convertible", "needs rule"
    if UNITS[before] == UNITS[after]:
        return "unit_respelled", "automatic"
    return ("unit_to_float", "automatic") if is_float(number_type(asked)) else ("unit_to_integer", "checked")


def judge_pair(stored, asked):
    """Rows of the law and verdicts for one element that both layouts have."""
    found = []
    if is_text(stored) != is_text(asked):
        number = asked if is_text(stored) else stored
        if number_type(number) in ("int8", "uint8") and number["dims"]:
            found.append(("bytes_and_text", "refused"))
        else:
            found.append(("text_to_number" if is_text(stored) else "number_to_text", "refused"))
    else:
        if not is_text(stored) and number_type(stored) != number_type(asked):
            found.append(row_of_types(number_type(stored), number_type(asked)))
        before, after = array_dims(stored), array_dims(asked)
        if len(before) != len(after):
            row = "scalar_to_array" if not before else "array_to_scalar" if not after else "rank_changed"
            found.append((row, "needs rule"))
        else:
            longer = any(a > b for b, a in zip(before, after))
            shorter = any(a < b for b, a in zip(before, after))
            if longer and shorter:
                found.append(("array_longer_and_shorter", "automatic"))
            elif longer:
                found.append(("array_longer", "automatic"))
            elif shorter:
                found.append(("array_shorter", "automatic"))
            if is_text(stored) and stored["dims"][-1] < asked["dims"][-1]:
                found.append(("text_longer", "automatic"))
            if is_text(stored) and stored["dims"][-1] > asked["dims"][-1]:
                found.append(("text_shorter", "checked"))
    if stored.get("unit") != asked.get("unit"):
        found.append(row_of_units(stored, asked))
    return found


def longest_common_order(positions):
    """How many elements keep their order: the longest ascending run of stored positions."""
    best = []
    for here in positions:
        place = next((i for i, last in enumerate(best) if last >= here), len(best))
        best[place:place + 1] = [here]
    return len(best)


def judge(stored, asked):
    """All changes as (row, path, verdict), without those of place; then how many elements left the common order."""
    changes = []
    before = {field["name"]: (i, field) for i, field in enumerate(stored)}
    positions = []
    for field in asked:
        if field["name"] not in before:
            changes.append(("added", field["name"], "automatic"))
            continue
        position, partner = before[field["name"]]
        positions.append(position)
        changes += [(row, field["name"], verdict) for row, verdict in judge_pair(partner, field)]
    names = {field["name"] for field in asked}
    changes += [("removed", field["name"], "automatic") for field in stored if field["name"] not in names]
    return changes, len(positions) - longest_common_order(positions)


def worst(changes):
    return max((verdict for _, _, verdict in changes), key=VERDICTS.index, default="identical")


def regions(before, after, differs):
    """`[:][3:]`: from which index of every dimension that differs that way."""
    return ["[:]" * d + "[%d:]" % min(a, b) for d, (b, a) in enumerate(zip(before, after)) if differs(b, a)]


def flags(stored, asked):
    """absent, truncated"""
    before = {field["name"]: field for field in stored}
    absent, truncated = [], []
    for field in asked:
        if field["name"] not in before:
            absent.append(field["name"])
            continue
        old, new = array_dims(before[field["name"]]), array_dims(field)
        for names, differs in ((absent, lambda b, a: a > b), (truncated, lambda b, a: a < b)):
            names += [field["name"] + where for where in regions(old, new, differs)]
    return absent, truncated


# --- values --------------------------------------------------------------------------------------------------------------
def narrow_nan(bits):
    return (bits >> 32 & 0x80000000) | 0x7FC00000 | (bits >> 29 & 0x3FFFFF)


def widen_nan(bits):
    return (bits & 0x80000000) << 32 | 0x7FF8000000000000 | (bits & 0x3FFFFF) << 29


def nearest_float(value, ctype):
    """The float nearest to a finite rational number, to even on a tie, as bytes; None when it is out of range."""
    if value == 0:
        return bytes(SIZES[ctype])
    bits, least, bias, width = (24, -149, 127, 23) if ctype == "float32" else (53, -1074, 1023, 52)
    sign, value = value < 0, abs(value)
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    if Fraction(2) ** exponent > value:
        exponent -= 1
    unit = max(exponent - bits + 1, least)
    mantissa = round(value / Fraction(2) ** unit)  # Python rounds to even
    if mantissa == 1 << bits:
        mantissa, unit = mantissa >> 1, unit + 1
    if unit + bits - 1 > bias:
        return None
    pattern = mantissa if mantissa < 1 << width else (unit - least + 1 << width) + mantissa - (1 << width)
    size = SIZES[ctype]
    return (pattern | (sign << size * 8 - 1)).to_bytes(size, "little")


def infinity(ctype, negative):
    return struct.pack("<" + CODES[ctype], -math.inf if negative else math.inf)


def convert_number(data, stored, asked, factor=None):
    """One value as bytes -> (bytes that lenient gives, True when nothing was lost). `factor` is of a changed unit."""
    if stored == asked and factor is None:
        return data, True
    value, = struct.unpack("<" + CODES[stored], data)
    if is_float(stored) and math.isnan(value):
        if not is_float(asked):
            return bytes(SIZES[asked]), False
        bits = int.from_bytes(data, "little")
        if stored == asked:
            return (bits | (1 << (22 if stored == "float32" else 51))).to_bytes(SIZES[asked], "little"), True
        changed = widen_nan(bits) if asked == "float64" else narrow_nan(bits)
        return changed.to_bytes(SIZES[asked], "little"), True
    if is_float(stored) and math.isinf(value):
        if is_float(asked):
            return infinity(asked, value < 0), True
        low, high = integer_range(asked)
        return struct.pack("<" + CODES[asked], low if value < 0 else high), False
    exact = Fraction(value)
    good = True
    if factor is not None and not is_float(stored) and not is_float(asked):
        return clamp(exact * factor, asked)
    if factor is not None:
        # Floats: a rounding into double, which is a loss, one there, and one into the asked type.
        rounded = Fraction(struct.unpack("<d", nearest_float(exact, "float64"))[0])
        good, exact = rounded == exact, rounded
        double = nearest_float(exact * factor, "float64")
        if double is None:
            return (infinity(asked, exact < 0), False) if is_float(asked) else clamp(exact * factor, asked)
        exact = Fraction(struct.unpack("<d", double)[0])
    negative_zero = is_float(stored) and value == 0 and math.copysign(1, value) < 0
    if is_float(asked):
        if negative_zero or (exact == 0 and value < 0):
            return struct.pack("<" + CODES[asked], -0.0), good
        result = nearest_float(exact, asked)
        if result is None:
            return infinity(asked, exact < 0), False
        if is_float(stored) or factor is not None:
            return result, good
        return result, Fraction(struct.unpack("<" + CODES[asked], result)[0]) == exact
    result, fits = clamp(exact, asked)
    return result, good and fits


def integer_range(ctype):
    bits, signed = INTEGERS[ctype]
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)


def clamp(exact, ctype):
    low, high = integer_range(ctype)
    whole = math.trunc(exact)
    result = min(max(whole, low), high)
    return struct.pack("<" + CODES[ctype], result), result == exact


def convert_text(data, capacity):
    text = data.split(b"\0", 1)[0]
    return text[:capacity].ljust(capacity, b"\0"), len(text) <= capacity


def index_text(dims, position):
    text = ""
    for d in reversed(dims):
        position, here = divmod(position, d)
        text = "[%d]" % here + text
    return text


def converter(stored, asked):
    """One value of the stored element to one of the asked element; None when it is the same bytes."""
    if is_text(stored):
        return lambda data: convert_text(data, asked["dims"][-1])
    before, after = number_type(stored), number_type(asked)
    factor = None
    if stored.get("unit") != asked.get("unit"):
        factor = UNITS[stored["unit"]][1] / UNITS[asked["unit"]][1]
        factor = None if factor == 1 else factor
    if before == after and factor is None:
        return None
    known = {}

    def convert(data):
        if data not in known:
            known[data] = convert_number(data, before, after, factor)
        return known[data]
    return convert


def convert_element(stored, asked, data):
    """The bytes of one element in one row -> (bytes, [index of every value that is lost])."""
    old, new = array_dims(stored), array_dims(asked)
    size, out_size = value_size(stored), value_size(asked)
    convert = converter(stored, asked)
    if convert is None and old == new:
        return data, []
    if convert is None and old[1:] == new[1:]:
        return data[:byte_size(asked)].ljust(byte_size(asked), b"\0"), []
    out = bytearray(byte_size(asked))
    lost = []
    for position in range(math.prod(new)):
        rest, source, stride = position, 0, 1
        for b, a in zip(reversed(old), reversed(new)):
            rest, here = divmod(rest, a)
            if here >= b:
                break
            source += here * stride
            stride *= b
        else:
            value = data[source * size:(source + 1) * size]
            value, good = (value, True) if convert is None else convert(value)
            out[position * out_size:(position + 1) * out_size] = value
            if not good:
                lost.append(index_text(new, position))
    return bytes(out), lost


def convert_rows(stored, asked, rows):
    """Rows as bytes -> (rows as lenient gives them, [(path, row) of every value that is lost]). Not for changes that need a
    rule or are refused."""
    offsets, size, _ = natural_layout(stored)
    asked_offsets, asked_size, _ = natural_layout(asked)
    before = {field["name"]: (field, at) for field, at in zip(stored, offsets)}
    out = bytearray(asked_size * (len(rows) // size))
    lost = []
    for row in range(len(rows) // size):
        for field, to in zip(asked, asked_offsets):
            if field["name"] not in before:
                continue
            partner, at = before[field["name"]]
            begin = row * size + at
            data, wrong = convert_element(partner, field, rows[begin:begin + byte_size(partner)])
            out[row * asked_size + to:row * asked_size + to + len(data)] = data
            lost += [(field["name"] + index, row) for index in wrong]
    return bytes(out), lost


# --- values to try -------------------------------------------------------------------------------------------------------
RARE_FLOATS = [0.0, -0.0, math.inf, -math.inf, 1.0, -1.0, 0.5, 1e-45, -1e-45, 1e-60, 3.4028234663852886e38, 3.4028235677973366e38,
               3.5e38, -1e39, 16777216.0, 16777217.0, 2147483647.0, 2147483648.0, -2147483648.0, 255.0, 256.0, 65535.0, 65536.0,
               32767.0, 32768.0, -32768.0, -32769.0, 9007199254740993.0, 5e-324, 1.7976931348623157e308, 0.1]
NANS = {"float32": [0x7FC00000, 0xFFC12345], "float64": [0x7FF8000000000000, 0xFFF8000123456789]}


def wild_number(ctype, chance):
    if is_float(ctype):
        size = SIZES[ctype]
        kind = chance.random()
        if kind < 0.1:
            return chance.choice(NANS[ctype]).to_bytes(size, "little")
        if kind < 0.6:
            value = chance.choice(RARE_FLOATS)
            if ctype == "float32" and math.isfinite(value) and value != 0:
                return nearest_float(Fraction(value), ctype) or infinity(ctype, value < 0)
            return struct.pack("<" + CODES[ctype], value)
        return struct.pack("<" + CODES[ctype], chance.uniform(-1e5, 1e5))
    low, high = integer_range(ctype)
    if chance.random() < 0.5:
        near = [low, low + 1, -129, -128, -1, 0, 1, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2**24, 2**24 + 1, 2**31 - 1,
                2**31, 2**53 + 1, high - 1, high]
        return struct.pack("<" + CODES[ctype], chance.choice([n for n in near if low <= n <= high]))
    return struct.pack("<" + CODES[ctype], chance.randint(low, high))


def tame_number(ctype, chance):
    return struct.pack("<" + CODES[ctype], chance.randint(0, 100))


def wild_text(capacity, chance):
    """Full, ended by a NUL with rubbish behind it, empty; any bytes."""
    kind = chance.random()
    if kind < 0.3:
        return bytes(chance.randint(1, 255) for _ in range(capacity))
    if kind < 0.4:
        return bytes(capacity)
    return bytes(chance.randint(0, 255) for _ in range(capacity))


def tame_text(capacity, chance):
    return bytes(chance.randint(33, 126) for _ in range(min(capacity, chance.randint(0, 3)))).ljust(capacity, b"\0")


def random_rows(fields, num_rows, wildness, chance):
    """Rows; each value is a rare one with that probability, else one that every type holds. Long arrays repeat a piece."""
    offsets, size, _ = natural_layout(fields)
    out = bytearray(size * num_rows)
    for row in range(num_rows):
        for field, at in zip(fields, offsets):
            count = math.prod(array_dims(field))
            piece = []
            for _ in range(min(count, 97)):
                wild = chance.random() < wildness
                if is_text(field):
                    piece.append((wild_text if wild else tame_text)(field["dims"][-1], chance))
                else:
                    piece.append((wild_number if wild else tame_number)(number_type(field), chance))
            data = b"".join(piece)
            data = data * (count // len(piece)) + data[:count % len(piece) * value_size(field)] if count > 97 else data
            out[row * size + at:row * size + at + len(data)] = data
    return bytes(out)


def clean_rows(fields, rows):
    """As they come back: what follows the NUL of a text is no data."""
    out = bytearray(rows)
    offsets, size, _ = natural_layout(fields)
    for row in range(len(rows) // size):
        for field, at in zip(fields, offsets):
            if not is_text(field):
                continue
            capacity = field["dims"][-1]
            for begin in range(row * size + at, row * size + at + byte_size(field), capacity):
                out[begin:begin + capacity] = convert_text(bytes(out[begin:begin + capacity]), capacity)[0]
    return bytes(out)


def make_chance(seed):
    return random.Random(seed)
