#!/usr/bin/env python3
"""Coefficients of math::fast_tanh: tanh(x) = x p(z) / q(z), z = x^2, for 0 <= x <= 7.7, and the error they leave.

Least squares with the weights of C. L. Lawson (1961), linearised in the manner of C. Sanathanan and J. Koerner, "Transfer function
synthesis as a ratio of two complex polynomials" (1963), which comes near the minimax, an eighth of a unit in the last place; so what is left is the error of the roundings, which a search makes small.
Run: tanh.py [starts] (needs NumPy; half a minute).
"""
import sys

import numpy

WIDE = numpy.longdouble
P, Q, HIGH = 4, 4, 7.7


def evaluate(c, x):
    z = x.astype(WIDE) ** 2
    p = sum(c[i] * z**i for i in range(P + 1))
    return x * p / (1 + sum(c[P + i] * z**i for i in range(1, Q + 1)))


def error(c, x):
    return numpy.abs(evaluate(c.astype(WIDE), x) / numpy.tanh(x.astype(WIDE)) - 1).max()


def fitted(points=4000, rounds=200):
    k = numpy.arange(points)
    x = ((1 - numpy.cos(numpy.pi * (k + 0.5) / points)) / 2 * HIGH).astype(WIDE)
    z = x * x
    wanted = numpy.tanh(x) / x
    weight, q = numpy.ones_like(z), numpy.ones_like(z)
    best, least = None, None
    columns = numpy.stack([z**i for i in range(P + 1)] + [-wanted * z**i for i in range(1, Q + 1)], 1)
    for _ in range(rounds):
        by = (weight / (q * wanted))[:, None]
        size = numpy.abs(columns * by).max(0)
        c, *_ = numpy.linalg.lstsq((columns * by / size).astype(float), (wanted[:, None] * by)[:, 0].astype(float), rcond=None)
        c = c.astype(WIDE) / size
        q = 1 + sum(c[P + i] * z**i for i in range(1, Q + 1))
        away = numpy.abs(evaluate(c, x) / numpy.tanh(x) - 1)
        if least is None or away.max() < least:
            best, least = c.copy(), away.max()
        weight = weight * numpy.sqrt(numpy.sqrt(numpy.maximum(away / away.max(), 1e-6)))
        weight /= weight.max()
    return best


def in_floats(c, x):
    """As the library computes it: every step rounded to float. Products of floats are exact in double, so that only the sum of a fused step is rounded twice."""
    single, double = numpy.float32, numpy.float64

    def fma(a, b, c):
        return (a.astype(double) * b.astype(double) + c.astype(double)).astype(single)

    def horner(coefficients):
        y = numpy.full_like(x, coefficients[-1])
        for v in coefficients[-2::-1]:
            y = fma(y, z, numpy.full_like(x, v))
        return y

    z = (x * x).astype(single)
    p, q = horner(c[:P]), horner(c[P:])
    near = numpy.minimum(x, single(1))
    n = fma(z, fma(x, p, -(near * q).astype(single)), (x - near).astype(single))
    return (near + numpy.minimum((n / fma(z, q, numpy.ones_like(x))).astype(single), single(0))).astype(single)


def worst(c, x, exact):
    """The largest error, in ULP."""
    unit = numpy.exp2(numpy.floor(numpy.log2(exact)) - 23)
    return float((numpy.abs(in_floats(c, x) - exact) / unit).max())


def samples(step):
    low, high = numpy.array([0.2, 9.1], numpy.float32).view(numpy.int32)
    x = numpy.arange(low, high, step, numpy.int32).view(numpy.float32)
    return x, numpy.tanh(x.astype(numpy.float64))


def searched(c, seed, starts, tries=100):
    """The neighbours of the coefficients: the error is that of the roundings, so one is as good as another until it is tried."""
    random = numpy.random.default_rng(seed)
    whole = numpy.concatenate([c[1 : P + 1], c[P + 1 :]])
    coarse, fine = samples(4999), samples(97)
    best, least = None, numpy.inf
    for _ in range(starts):
        now = (whole * (1 + random.uniform(-2e-7, 2e-7, P + Q))).astype(numpy.float32)
        so_far = worst(now, *coarse)
        for _ in range(tries):
            other = now.view(numpy.int32).copy()
            for i in random.choice(P + Q, 3):
                other[i] += random.integers(-10, 11)
            other = other.view(numpy.float32)
            if (e := worst(other, *coarse)) < so_far:
                now, so_far = other, e
        if (e := worst(now, *fine)) < least:
            best, least = now, e
    return best


# The best of a search of this kind with ten thousand starts, each looked at in more places. The constant terms are 1.
CHOSEN = (
    "0x1.13b794p-3 0x1.d707aep-9 0x1.75cdc8p-16 0x1.0fefacp-26 "  # p
    "0x1.df311cp-2 0x1.ae094ep-6 0x1.69938ep-12 0x1.d5e46ep-21"  # q
)


def show(name, c):
    print(f"{name}: {worst(c, *samples(1)):.2f} ULP")
    for part, values in ("p", c[:P]), ("q", c[P:]):
        print(part, *(float(v).hex() for v in values))


def main():
    starts = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    c = fitted()
    print(f"relative error of the fit 2^{numpy.log2(float(error(c, numpy.linspace(1e-4, HIGH, 200000)))):.1f}")
    show(f"the best of {starts} starts", searched(c, 1, starts))
    show("chosen", numpy.array([float.fromhex(v) for v in CHOSEN.split()], numpy.float32))


if __name__ == "__main__":
    main()
