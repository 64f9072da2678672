#!/usr/bin/env python3
"""The tables of math::erf and math::tanh for float: f(x) = f(c) + t p(t), t = x - c, with eight numbers c, of which an element takes that of its interval.

Run: python3 lookups.py (needs mpmath; five minutes). The numbers c are such that f(c) is nearly a float (S. Gal, "Computing elementary functions: a new approach
for achieving high accuracy and good performance", 1986). Near 0, f(x) = x + x p(x), but for looser bounds. Each p is a least-squares fit that counts units in the last place of the
result, rounded from its largest coefficient on; then its last bits are changed as long as the largest error of what is computed gets less.
Each row is one coefficient of all eight; errors are of what is computed, in units in the last place, over some of the floats.
"""

import math
import random
import struct

import mpmath as mp

mp.mp.prec = 120


def rounded(v):
    return struct.unpack("f", struct.pack("f", v))[0]


def unit(y):
    """One unit in the last place of float y, 1/2 <= |y| < 1 below 1."""
    return 2.0 ** (math.floor(math.log2(y)) - 23) if y < 1 else 2.0**-24


def moved(v, by):
    """The float that is so many floats farther from 0."""
    return struct.unpack("f", struct.pack("I", struct.unpack("I", struct.pack("f", v))[0] + by))[0]


def least_squares(function, weights, nodes, known, count):
    """The coefficients that follow the known ones."""
    first = len(known)
    a, b = mp.matrix(len(nodes), count - first), mp.matrix(len(nodes), 1)
    for i, (t, w) in enumerate(zip(nodes, weights)):
        b[i] = w * (function(t) - sum(q * t**m for m, q in enumerate(known)))
        for m in range(first, count):
            a[i, m - first] = w * t**m
    return list(mp.lu_solve(a.T * a, a.T * b))


def computed(value, terms, x, t, plain):
    p = terms[-1]
    for c in reversed(terms[:-1]):
        p = rounded(p * t + c)
    return rounded(p * t + (value if value or plain else x))


def errors(value, terms, points, plain):
    return max(abs(computed(value, terms, x, t, plain) - y) / u for x, t, y, u in points)


def table(f, c, low, high, count, climb, source, plain=False):
    """f(c) and `count` coefficients for c + low <= x <= c + high, and the largest error."""
    value = rounded(float(f(mp.mpf(c)))) if c else 0.0

    def slope(t):
        if c == 0:
            return (f(t) / t if t else mp.diff(f, 0)) - (0 if plain else 1)
        return (f(c + t) - f(mp.mpf(c))) / t if t else mp.diff(f, c)

    nodes = [(low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (2 * i + 1) / 96) for i in range(48)]
    weights = [t / unit(float(f(c + t))) for t in nodes]
    terms = []
    while len(terms) < count:
        terms.append(rounded(float(least_squares(slope, weights, nodes, terms, count)[0])))

    # Most of them where |t| is large, and errors are.
    points = []
    many = 30000 if climb else 800
    for i in range(many):
        part = (1 - math.cos(math.pi * (i + source.random()) / many)) / 2
        x = rounded(float(c + low + (high - low) * part))
        if x > 0:
            y = float(f(mp.mpf(x)))
            points.append((x, x - c, y, unit(y)))
    worst = errors(value, terms, points, plain)
    for _ in range(climb):
        tried = list(terms)
        for _ in range(source.randint(1, 3)):
            k = source.randrange(count)
            most = 2 if k == 0 else 20 if k < 3 else 1000
            tried[k] = moved(tried[k], source.randint(-most, most))
        # Where one has failed the next one is likely to.
        failed = next((i for i, point in enumerate(points) if errors(value, tried, [point], plain) > worst), None)
        if failed is None:
            worst, terms = errors(value, tried, points, plain), tried
        else:
            points.insert(0, points.pop(failed))
    return [value] + terms, worst


def show(name, columns):
    print(f"{name}")
    for row in zip(*columns):
        print("    {{" + ", ".join("0" if v == 0 else short(v) + "f" for v in row) + "}},")


def short(v):
    digits, power = v.hex().replace("0x1.", "").lstrip("-").split("p")
    digits = digits.rstrip("0")
    return ("-" if v < 0 else "") + "0x1" + ("." + digits if digits else "") + "p" + power.lstrip("+")


def nearly_a_float(f, middle, around):
    """The number of 16 binary places near the middle where f is nearest to a float."""
    steps = range(int((middle - around) * 2**16), int((middle + around) * 2**16))
    return min((n / 2**16 for n in steps), key=lambda c: abs(f(c) - rounded(f(c))))


def erf():
    # Of the steps that reach 3.92 and have few places, one whose first seven multiples all have an erf that is nearly a float, found by trying them all.
    step, highest, count = 553075 / 2**20, 3.95, 6  # 1 from 3.92 on
    columns = []
    for j in range(8):
        c = j * step
        low, high = max(-c, -step / 2), min(highest - c, step / 2)
        column, worst = table(mp.erf, c, low, high, count, 20000 if j in (1, 2) else 0, random.Random(j))
        print(f"// near {c:.5f}: {worst:.3f}")
        columns.append(column)
    show("erf", columns)


def tanh(name, count, scale, offset, plain):
    highest = 9.25  # 1 from 9.02 on
    ends = [0.0]
    place = 2.0 ** math.floor(math.log2(offset))
    while len(ends) < 8:
        # The places of one and a half and of two powers of two.
        place = place * 1.5 if math.log2(place).is_integer() else place / 1.5 * 2
        if (place - offset) / scale > 0:
            ends.append((place - offset) / scale)
    ends.append(highest)
    columns = []
    for j in range(8):
        low, high = ends[j], ends[j + 1]
        c = nearly_a_float(math.tanh, (low + high) / 2, (high - low) / 16) if j else 0.0
        column, worst = table(mp.tanh, c, low - c, high - c, count, 0, random.Random(j), plain)
        print(f"// {low:.5f} to {high:.5f}: {worst:.3f}")
        columns.append([c] + column)
    # Where an interval's numbers are: at the low bits of the exponent and the first one of the mantissa.
    turned = 2 * (127 + math.floor(math.log2(offset))) % 8
    show(name, columns[-turned:] + columns[:-turned])


if __name__ == "__main__":
    erf()
    tanh("tanh", 7, 0.75, 0.5, False)
    tanh("fast tanh", 6, 0.8, 0.5, True)
