#!/usr/bin/env python3
"""Coefficients of math::fast_tanh: tanh(x) = x p(z) / q(z), z = x^2, for 0 <= x <= 9.02, and the relative error they leave.

Least squares with the weights of C. L. Lawson (1961), linearised in the manner of C. Sanathanan and J. Koerner, "Transfer function
synthesis as a ratio of two complex polynomials" (1963), which comes near the minimax; then steps to neighbours among floats.
Run: tanh.py (needs NumPy; half a minute).
"""
import numpy

WIDE = numpy.longdouble
P, Q, HIGH = 5, 4, 9.02


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


def near_floats(c):
    x = numpy.linspace(1e-3, HIGH, 4000)
    c = c.astype(numpy.float32)
    c[0] = 1
    least = error(c, x)
    for _ in range(8):
        before = least
        for i in range(1, len(c)):
            for steps in (-1, 1, -2, 2, -5, 5):
                other = c.copy()
                for _ in range(abs(steps)):
                    other[i] = numpy.nextafter(other[i], numpy.float32(numpy.inf if steps > 0 else -numpy.inf))
                e = error(other, x)
                if e < least:
                    least, c = e, other
        if least == before:
            break
    return c


def main():
    c = near_floats(fitted())
    print(f"relative error 2^{numpy.log2(float(error(c, numpy.linspace(1e-4, HIGH, 200000)))):.1f}")
    for name, part in ("p", c[: P + 1]), ("q", numpy.concatenate([[1], c[P + 1 :]])):
        for i, v in enumerate(part):
            print(f"{name}{i} {float(v).hex()}")


if __name__ == "__main__":
    main()
