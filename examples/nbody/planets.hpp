// The Sun and its planets as they were at noon of the first of January 2000.
#pragma once

#include "gravity.hpp"

#include <array>

namespace nbody {

/// Elements of an orbit at the epoch J2000.0, against the mean ecliptic and equinox of then.
struct planet {
    const char* name;
    double axis;          ///< astronomical units, half of the long one
    double eccentricity;
    double inclination;   ///< degrees, like all angles here
    double longitude;     ///< mean
    double perihelion;    ///< its longitude
    double node;          ///< the longitude of the ascending one
    double turn;          ///< degrees of mean longitude in a Julian century
    double share;         ///< the Sun's mass over the planet's, with its moons
};

/// E. M. Standish, "Keplerian Elements for Approximate Positions of the Major Planets", table 1 (JPL, Solar System Dynamics), good for the years 1800 to 2050. Masses: IAU 1976
/// and its successors as the JPL's ephemeris DE405 has them.
inline constexpr std::array<planet, 8> planets{{
    {"Mercury", 0.38709927, 0.20563593, 7.00497902, 252.25032350, 77.45779628, 48.33076593, 149472.67411175, 6023600},
    {"Venus", 0.72333566, 0.00677672, 3.39467605, 181.97909950, 131.60246718, 76.67984255, 58517.81538729, 408523.71},
    {"Earth", 1.00000261, 0.01671123, -0.00001531, 100.46457166, 102.93768193, 0.0, 35999.37244981, 328900.56},
    {"Mars", 1.52371034, 0.09339410, 1.84969142, -4.55343205, -23.94362959, 49.55953891, 19140.30268499, 3098708},
    {"Jupiter", 5.20288700, 0.04838624, 1.30439695, 34.39644051, 14.72847983, 100.47390909, 3034.74612775, 1047.3486},
    {"Saturn", 9.53667594, 0.05386179, 2.48599187, 49.95424423, 92.59887831, 113.66242448, 1222.49362201, 3497.898},
    {"Uranus", 19.18916464, 0.04725744, 0.77263783, 313.23810451, 170.95427630, 74.01692503, 428.48202785, 22902.98},
    {"Neptune", 30.06992276, 0.00859048, 1.77004347, -55.12002969, 44.96476227, 131.78422574, 218.45945325, 19412.24},
}};

/// Days that a planet takes to come back to the same stars.
[[nodiscard]] constexpr double period(const planet& p) { return 360.0 * 36525.0 / p.turn; }

/// The Sun and the planets in this order, their common centre at rest: astronomical units and days, masses times the constant of gravity. An orbit is one about the
/// common centre of all that is further inside, whose mass it feels.
[[nodiscard]] bodies<double> solar_system();

}  // namespace nbody
