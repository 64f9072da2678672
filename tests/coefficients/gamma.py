"""Coefficients of include/sinter/detail/math/gamma.hpp and the words of 2 / pi in angles.hpp.

Run: python3 gamma.py (needs mpmath). Polynomials through Chebyshev nodes, rounded; the errors are of the rounded ones.
"""

import struct

import mpmath as mp

from interpolation import fit

mp.mp.prec = 300


def rounded(x, width):
    return float(x) if width == 53 else struct.unpack("f", struct.pack("f", float(x)))[0]


def show(title, function, count, low, high, width):
    coefficients = [rounded(c, width) for c in fit(function, count, low, high)]
    low, high = mp.mpf(low), mp.mpf(high)
    points = [low + (high - low) * (i + mp.mpf("0.3")) / 150 for i in range(150)]
    worst = max(abs(mp.polyval([mp.mpf(c) for c in reversed(coefficients)], x) - function(x)) for x in points)
    print(f"== {title}, error 2^{float(mp.log(worst, 2)):.1f}")
    for c in coefficients:
        print("   ", c.hex())


def stirling_rest(u):
    x = 1 / u
    return (mp.loggamma(x) - ((x - mp.mpf(1) / 2) * mp.log(x) - x + mp.log(2 * mp.pi) / 2)) / u / mp.log(2)


def between(c):
    b = c + mp.mpf(1) / 2
    if abs(b) < mp.mpf(10) ** -30:
        return mp.euler
    if abs(b - 1) < mp.mpf(10) ** -30:
        return 1 - mp.euler
    return mp.loggamma(1 + b) / (b * (b - 1))


def two_parts(title, x):
    for width in (24, 53):
        high = rounded(x, width)
        print("==", title, high.hex(), rounded(x - mp.mpf(high), width).hex())


tiny = mp.mpf(2) ** -60
show("Stirling's rest float", stirling_rest, 6, tiny, 0.5, 24)
show("Stirling's rest double", stirling_rest, 15, tiny, 0.5, 53)
show("log(Gamma(1 + b)) / (b (b - 1)) float", between, 10, -0.5, 0.5, 24)
show("log(Gamma(1 + b)) / (b (b - 1)) double", between, 20, -0.5, 0.5, 53)
two_parts("log2(2 pi) / 2", mp.log(2 * mp.pi, 2) / 2)
two_parts("log(pi)", mp.log(mp.pi))
two_parts("pi", mp.pi)

mp.mp.prec = 1600
for bits, count in ((24, 9), (48, 25)):
    print("== words of 2 / pi,", bits, "bits")
    rest = 2 / mp.pi
    for _ in range(count):
        rest *= mp.mpf(2) ** bits
        word = int(mp.floor(rest))
        rest -= word
        print("   ", hex(word))
