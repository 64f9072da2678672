"""Polynomials through a function at the nodes of Chebyshev, in as many digits as mpmath is set to."""
import mpmath as mp


def fit(function, count, low, high):
    """The coefficients of the polynomial, from that of power 0 on."""
    low, high = mp.mpf(low), mp.mpf(high)
    nodes = [(low + high) / 2 + (high - low) / 2 * mp.cos(mp.pi * (2 * i + 1) / (2 * count)) for i in range(count)]
    powers = mp.matrix(count, count)
    values = mp.matrix(count, 1)
    for i, node in enumerate(nodes):
        values[i] = function(node)
        for j in range(count):
            powers[i, j] = node**j
    return list(mp.lu_solve(powers, values))
