#!/usr/bin/env python3
"""The tables of math::erf for double: erf(x) = erf(c) + t p(t), t = x - c, where c is the nearest of eight multiples of STEP.

Run: python3 erf.py (needs mpmath; a few seconds). Polynomials through Chebyshev nodes, rounded; each row is one coefficient of all eight, the errors
are of the rounded ones and relative.
"""

import mpmath as mp

from interpolation import fit

mp.mp.prec = 200
STEP, HIGHEST, COUNT = mp.mpf(51) / 64, mp.mpf("5.97"), 16


def slope(c, t):
    """(erf(c + t) - erf(c)) / t"""
    if abs(t) < mp.mpf(10) ** -25:
        return 2 / mp.sqrt(mp.pi) * mp.exp(-c * c)
    return (mp.erf(c + t) - mp.erf(c)) / t


def main():
    columns = []
    for j in range(8):
        c = j * STEP
        low, high = max(-c, -STEP / 2), min(HIGHEST - c, STEP / 2)
        value = float(mp.erf(c))
        terms = fit(lambda t: slope(c, t), COUNT, low, high)
        # What rounding erf(c) has lost is there again at both ends; so erf is 1 where it ends.
        terms[1] += (mp.erf(c) - value) / high**2
        coefficients = [value] + [float(v) for v in terms]
        columns.append(coefficients)
        exact = [mp.mpf(v) for v in coefficients]
        points = [low + (high - low) * (i + mp.mpf("0.3")) / 100 for i in range(100)]
        worst = max(abs(mp.polyval(exact[::-1], t) / mp.erf(c + t) - 1) for t in points)
        print(f"// near {float(c)}: 2^{float(mp.log(worst, 2)):.1f}")
    for k in range(COUNT + 1):
        print("    {" + ", ".join(column[k].hex().replace("0x0.0p+0", "0").replace("p+", "p") for column in columns) + "},")


if __name__ == "__main__":
    main()
