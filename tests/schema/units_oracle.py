#!/usr/bin/python3
"""Pairs of units with what Python's fractions say of them. units_oracle.py SEED NUMBER prints a pair a line, apart by tabs:
from, to, factor, offset (as quotients), a double and what it becomes (hexadecimal), an integer and what it becomes (`-` when that is
no integer). The definitions are written here once more, by hand: none comes from the program."""

import random
import sys
from fractions import Fraction as F

# name -> factor, powers of base units, whether prefixes go before it
POUND, INCH, GRAVITY = F("0.45359237"), F("0.0254"), F("9.80665")
E = F("1.602176634e-19")
UNITS = {
    "m": (F(1), {"m": 1}, True), "g": (F(1, 1000), {"kg": 1}, True), "s": (F(1), {"s": 1}, True), "A": (F(1), {"A": 1}, True),
    "K": (F(1), {"K": 1}, True), "mol": (F(1), {"mol": 1}, True), "cd": (F(1), {"cd": 1}, True),
    "N": (F(1), {"kg": 1, "m": 1, "s": -2}, True), "Pa": (F(1), {"kg": 1, "m": -1, "s": -2}, True),
    "J": (F(1), {"kg": 1, "m": 2, "s": -2}, True), "W": (F(1), {"kg": 1, "m": 2, "s": -3}, True),
    "C": (F(1), {"A": 1, "s": 1}, True), "V": (F(1), {"kg": 1, "m": 2, "s": -3, "A": -1}, True),
    "F": (F(1), {"kg": -1, "m": -2, "s": 4, "A": 2}, True), "ohm": (F(1), {"kg": 1, "m": 2, "s": -3, "A": -2}, True),
    "T": (F(1), {"kg": 1, "s": -2, "A": -1}, True), "Hz": (F(1), {"s": -1}, True), "Gy": (F(1), {"m": 2, "s": -2}, True),
    "eV": (E, {"kg": 1, "m": 2, "s": -2}, True), "c": (F(299792458), {"m": 1, "s": -1}, False), "b": (F(1, 10**28), {"m": 2}, True),
    "G": (F(1, 10**4), {"kg": 1, "s": -2, "A": -1}, True), "Jy": (F(1, 10**26), {"kg": 1, "s": -2}, True),
    "bar": (F(10**5), {"kg": 1, "m": -1, "s": -2}, True), "L": (F(1, 1000), {"m": 3}, True),
    "min": (F(60), {"s": 1}, False), "h": (F(3600), {"s": 1}, False), "d": (F(86400), {"s": 1}, False),
    "inch": (INCH, {"m": 1}, False), "foot": (12 * INCH, {"m": 1}, False), "mile": (63360 * INCH, {"m": 1}, False),
    "pound": (POUND, {"kg": 1}, False), "lbf": (POUND * GRAVITY, {"kg": 1, "m": 1, "s": -2}, False),
    "psi": (POUND * GRAVITY / INCH**2, {"kg": 1, "m": -1, "s": -2}, False), "gallon": (231 * INCH**3, {"m": 3}, False),
    "hp": (550 * 12 * INCH * POUND * GRAVITY, {"kg": 1, "m": 2, "s": -3}, False), "knot": (F(1852, 3600), {"m": 1, "s": -1}, False),
    "percent": (F(1, 100), {}, False), "ppm": (F(1, 10**6), {}, False),
    "count": (F(1), {"count": 1}, True), "cps": (F(1), {"count": 1, "s": -1}, True), "rev": (F(1), {"cycle": 1}, False),
    "rpm": (F(1, 60), {"cycle": 1, "s": -1}, False), "Bq": (F(1), {"decay": 1, "s": -1}, True),
    "Ci": (F(37 * 10**9), {"decay": 1, "s": -1}, True), "Sv": (F(1), {"sievert": 1}, True), "rem": (F(1, 100), {"sievert": 1}, True),
    "rad": (F(1), {"rad": 1}, True), "sr": (F(1), {"rad": 2}, True), "lm": (F(1), {"cd": 1, "rad": 2}, True),
    "bit": (F(1), {"bit": 1}, True), "byte": (F(8), {"bit": 1}, True), "KiB": (F(8192), {"bit": 1}, False),
    "MiB": (F(8 * 2**20), {"bit": 1}, False), "ADC": (F(1), {"ADC": 1}, False), "pad": (F(1), {"pad": 1}, False),
    "MIP": (F(1), {"MIP": 1}, False), "photoelectron": (F(1), {"pe": 1}, False), "electron": (F(1), {"electron": 1}, False),
}
POINTS = {"degC": (F(1), F("273.15")), "degF": (F(5, 9), F("459.67") * F(5, 9)), "K": (F(1), F(0)), "degR": (F(5, 9), F(0))}
PREFIXES = {"f": -15, "p": -12, "n": -9, "u": -6, "m": -3, "c": -2, "k": 3, "M": 6, "G": 9, "T": 12}


def draw_product(chance, powers=None):
    """Text, factor and powers of a unit of one to three names; of those powers, when a draw gives them."""
    text, factor, total = "", F(1), {}
    for i in range(chance.choice([1, 1, 2, 3])):
        name, (scale, own, has_prefix) = chance.choice(list(UNITS.items()))
        if has_prefix and chance.random() < 0.5:
            prefix, exponent = chance.choice(list(PREFIXES.items()))
            name, scale = prefix + name, scale * F(10) ** exponent
        exponent = chance.choice([1, 1, 1, 2, -1, -2])
        if name == "cd" or name[-1].isdigit():
            exponent = 1
        if i > 0 and chance.random() < 0.5:
            text += "/" + name + (str(exponent) if exponent != 1 else "")
            exponent = -exponent
        else:
            text += (chance.choice([" ", ".", "*"]) if text else "") + name + (chance.choice(["^", ""]) + str(exponent) if exponent != 1 else "")
        factor *= scale**exponent
        for base, one in own.items():
            total[base] = total.get(base, 0) + one * exponent
    return text, factor, {base: one for base, one in total.items() if one != 0}


def as_text(value):
    return "%d/%d" % (value.numerator, value.denominator)


def is_decimal(value):
    den = value.denominator
    for prime in (2, 5):
        while den % prime == 0:
            den //= prime
    return den == 1


def offset_of_doubles(factor, offset, number):
    """An offset that is subtracted counts as the double nearest to it where it is a decimal, behind the factor or before it."""
    if number * factor * offset >= 0:
        return offset
    if is_decimal(offset):
        return F(float(offset))
    return F(float(offset / factor)) * factor if is_decimal(offset / factor) else offset


def line(chance, before, after, factor, offset):
    number = chance.choice([float(chance.randint(-1000, 1000)), chance.gauss(0, 1) * 10.0 ** chance.randint(-20, 20),
                            float(chance.getrandbits(53)), chance.random()])
    try:
        result = float(F(number) * factor + offset_of_doubles(factor, offset, F(number)))  # Python rounds to the nearest double
    except OverflowError:
        result = float("inf") if (number > 0) == (factor > 0) else float("-inf")
    whole = chance.choice([chance.randint(-100, 100), chance.randint(-2**63, 2**63 - 1), chance.randint(-1000, 1000) * factor.denominator])
    if not -2**63 <= whole < 2**63:
        whole = 0
    exact = whole * factor + offset
    print(before, after, as_text(factor), as_text(offset), number.hex(), result.hex(), whole,
          exact.numerator if exact.denominator == 1 and abs(exact) < 2**64 else "-", sep="\t")


def main():
    chance = random.Random(int(sys.argv[1]))
    known = {}
    done = 0
    while done < int(sys.argv[2]):
        text, factor, powers = draw_product(chance)
        key = tuple(sorted(powers.items()))
        others = known.setdefault(key, [])
        if len(others) < 50:
            others.append((text, factor))
        if done % 5 == 0:
            (a, (one, zero)), (b, (two, other)) = chance.choices(list(POINTS.items()), k=2)
            if chance.random() < 0.3:
                line(chance, "delta_" + a, "delta_" + b, one / two, F(0))
            elif chance.random() < 0.3:
                line(chance, "V/" + a, "V/" + b, two / one, F(0))
            else:
                line(chance, a, b, one / two, (zero - other) / two)
            done += 1
        other = chance.choice(others) if chance.random() < 0.8 else chance.choice(chance.choice(list(known.values())))
        same = other in others
        if same:
            line(chance, text, other[0], factor / other[1], F(0))
        else:
            print(text, other[0], "none", sep="\t")
        done += 1


main()
