#pragma once

#include <sinter/detail/lookup.hpp>

// From tests/coefficients/lookups.py.

namespace sinter::inline v1::detail::math {

/// Eight numbers c, tanh(c), and what p has at each power of t, where tanh(c + t) = tanh(c) + t p(t); near 0, tanh(t) = t + t p(t). The place of an interval is what
/// scale |x| + offset has in the low two bits of its exponent and the first one of its mantissa.
inline constexpr float tanh_scale = 0.75f, tanh_offset = 0.5f;
inline constexpr table_of<float> tanh_terms[] = {
    {{0x1.5d84p1f, 0x1.02328p2f, 0x1.87848p2f, 0x1.0a2b2p3f, 0, 0x1.0084p-1f, 0x1.011p0f, 0x1.b017p0f}},
    {{0x1.fbaafcp-1f, 0x1.ffadecp-1f, 0x1.fffebap-1f, 0x1.fffffcp-1f, 0, 0x1.da04c4p-2f, 0x1.86d36ap-1f, 0x1.de2498p-1f}},
    {{0x1.1414fp-6f, 0x1.48353p-10f, 0x1.456ap-16f, 0x1.fff89p-23f, 0x1.6bbc9cp-30f, 0x1.92494cp-1f, 0x1.ab5728p-2f, 0x1.05e6a8p-3f}},
    {{-0x1.11be7cp-6f, -0x1.4804ecp-10f, -0x1.46fcecp-16f, -0x1.0020c6p-22f, -0x1.847f5ep-22f, -0x1.747198p-2f, -0x1.46344ep-2f, -0x1.e929ep-4f}},
    {{0x1.66c37ap-7f, 0x1.b4e216p-11f, 0x1.b99958p-17f, 0x1.55b4bp-23f, -0x1.5550dep-2f, -0x1.7f2772p-4f, 0x1.aa3b36p-4f, 0x1.1a3628p-4f}},
    {{-0x1.5a94bep-8f, -0x1.b2dfd6p-12f, -0x1.a4e45cp-18f, -0x1.520ae8p-24f, -0x1.38713ep-12f, 0x1.50f664p-3f, 0x1.b7e618p-6f, -0x1.923252p-6f}},
    {{0x1.02ec38p-9f, 0x1.58a12ep-13f, 0x1.320d04p-19f, 0x1.0c76bap-25f, 0x1.160a1ep-3f, -0x1.bda91p-6f, -0x1.78568cp-5f, 0x1.71714cp-9f}},
    {{-0x1.24ac5p-11f, -0x1.e39d2cp-15f, -0x1.1f6d8ep-20f, -0x1.9c806ap-27f, -0x1.3cdd9cp-7f, -0x1.97ed92p-5f, 0x1.1f8596p-6f, 0x1.984abp-9f}},
    {{0x1.77189cp-14f, 0x1.20e64ep-16f, 0x1.a7a57p-22f, 0x1.ee4f94p-29f, -0x1.3520dep-5f, 0x1.688fcep-6f, 0x1.a7dbbp-9f, -0x1.552d36p-9f}},
};

/// The same, shorter; near 0, tanh(t) = t p(t).
inline constexpr float fast_tanh_scale = 0.8f, fast_tanh_offset = 0.5f;
inline constexpr table_of<float> fast_tanh_terms[] = {
    {{0x1.38d8p1f, 0x1.e6398p1f, 0x1.64094p2f, 0x1.fe28p2f, 0, 0x1.e798p-2f, 0x1.ddd2p-1f, 0x1.92a4p0f}},
    {{0x1.f8577ep-1f, 0x1.ff7c84p-1f, 0x1.fffc24p-1f, 0x1.fffff8p-1f, 0, 0x1.c5cdbep-2f, 0x1.76d61ap-1f, 0x1.d5befp-1f}},
    {{0x1.e67712p-6f, 0x1.06db36p-9f, 0x1.f0c41p-15f, 0x1.00f2e6p-21f, 0x1p0f, 0x1.9b71c8p-1f, 0x1.db29e8p-2f, 0x1.44158p-3f}},
    {{-0x1.df29fep-6f, -0x1.06a034p-9f, -0x1.ed5e2ap-15f, -0x1.fec192p-22f, -0x1.92f078p-19f, -0x1.6cad94p-2f, -0x1.5bde6ep-2f, -0x1.29565p-3f}},
    {{0x1.35c9c8p-6f, 0x1.5c9a2ep-10f, 0x1.3b0186p-15f, 0x1.4a4b08p-22f, -0x1.55309ep-2f, -0x1.c2c714p-4f, 0x1.80e974p-4f, 0x1.49a7fp-4f}},
    {{-0x1.238c7p-7f, -0x1.59a8p-11f, -0x1.496214p-16f, -0x1.5a15fap-23f, -0x1.16d5fp-9f, 0x1.57152ep-3f, 0x1.6c4a62p-5f, -0x1.a10f6ep-6f}},
    {{0x1.9a4986p-9f, 0x1.24b5eep-12f, 0x1.506e72p-17f, 0x1.51d24ap-24f, 0x1.2e3dc4p-3f, -0x1.31969p-6f, -0x1.acea4ep-5f, -0x1.1e332p-11f}},
    {{-0x1.684ddcp-11f, -0x1.9c924cp-14f, -0x1.85cb48p-19f, -0x1.785084p-26f, -0x1.6ad6a4p-5f, -0x1.ccc9d2p-5f, 0x1.f8e926p-7f, 0x1.715ddap-8f}},
};

}  // namespace sinter::inline v1::detail::math
