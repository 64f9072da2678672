#pragma once

#include <sinter/detail/lookup.hpp>

namespace sinter::inline v1::detail::math {

/// erf(c + t) = erf(c) + t p(t) for |t| <= 51/128, c one of the first eight multiples of 51/64: erf(c), then what p has at each power of t. From 0 p goes one way only.
inline constexpr table_of<double> erf_terms[] = {
    {{0, 0x1.7b00578c26037p-1, 0x1.f39bc242e43e6p-1, 0x1.ffa14948549a7p-1, 0x1.ffff2436a21dcp-1, 0x1.ffffff6969fb8p-1, 0x1.ffffffffe202dp-1, 0x1.fffffffffffe4p-1}},
    {{0x1.20dd750429b6dp0, 0x1.32281e2fd1a92p-1, 0x1.6c7e64e7281ccp-4, 0x1.e77448fb66bb7p-9, 0x1.6e2367dc27f95p-15, 0x1.34ecf8a3c12cdp-23, 0x1.24caf2c32a405p-33, 0x1.37b83c5179654p-45}},
    {{0x1.dd90c4d7daaf8p-63, -0x1.e7eff01c3625cp-2, -0x1.2274b86833f7ap-3, -0x1.23547f9e405f5p-7, -0x1.23c436c371c30p-13, -0x1.33b80bad115cfp-21, -0x1.5dfa8bcf94c09p-31, -0x1.b1e8afe3b3cedp-43}},
    {{-0x1.812746b0379e8p-2, 0x1.b8e5c62387de3p-5, 0x1.efb890e5b650dp-4, 0x1.a7afa54f43821p-7, 0x1.26bf00867a828p-12, 0x1.8bd13a786d184p-20, 0x1.10ca1ff2d30cep-29, 0x1.8da4c463e9a10p-41}},
    {{0x1.07aa5fe8304b0p-48, 0x1.195fbcd644c18p-3, -0x1.92c7dbb880112p-5, -0x1.9953c90ea9255p-7, -0x1.a51fb50b15d0dp-12, -0x1.70a0bd9a6092ap-19, -0x1.377c7e98d657ep-28, -0x1.0c34f8a9aeee5p-39}},
    {{0x1.ce2f21a03fe08p-4, -0x1.eb0565cf0499dp-5, -0x1.454770877a7b7p-8, 0x1.085039de30412p-7, 0x1.c0825378fdfb1p-12, 0x1.081065e8007b6p-18, 0x1.156649d844a18p-27, 0x1.1c4e8233277dcp-38}},
    {{0x1.35223a347a737p-38, -0x1.5368d6e670da7p-6, 0x1.02047aa9cfed5p-6, -0x1.95e21531791bfp-9, -0x1.6c3dbfe0dd16ep-12, -0x1.2d8f47a9447bfp-18, -0x1.9092f4d8b7f37p-27, -0x1.ecdf2f4ef3a65p-38}},
    {{-0x1.b82ce327f3f7ep-6, 0x1.37188903a6095p-6, -0x1.88835708003a8p-8, 0x1.981721221b981p-13, 0x1.c1dd14381b0cep-13, 0x1.186bc69132bd6p-18, 0x1.e12a4e88b734fp-27, 0x1.66e97dd8cacdcp-37}},
    {{0x1.071fd762ce93ep-30, 0x1.5824c6966890fp-11, -0x1.0310520fc8ddap-10, 0x1.1eece6a48da05p-11, -0x1.94c36a8ff2532p-14, -0x1.ad694df0b424dp-19, -0x1.e94e375ef7e7bp-27, -0x1.bfb4c3316201dp-37}},
    {{0x1.565ba8e6b437dp-8, -0x1.f3298fbd6c6bfp-9, 0x1.8d0a334e75b84p-10, -0x1.5888a77389945p-12, 0x1.bf0aab1e36831p-16, 0x1.0f27c9239d20cp-19, 0x1.aa53aed78a844p-27, 0x1.e5288b5e53f5ap-37}},
    {{0x1.d08617a118f70p-25, 0x1.0108dcc787788p-11, -0x1.42009f6601620p-12, 0x1.f5b2c8327b15fp-15, 0x1.6bd9351cc42dcp-23, -0x1.1779661ad425cp-20, -0x1.40b01abec1b50p-27, -0x1.cdab42d63d920p-37}},
    {{-0x1.c0501cb1588a2p-11, 0x1.217b4222803b5p-11, -0x1.4d2a3a7945374p-13, 0x1.d1f16d7a93f36p-16, -0x1.2b32e84af903dp-18, 0x1.c6ddcbd4e171bp-22, 0x1.a20b17a4340b3p-28, 0x1.8523fb20da03ap-37}},
    {{0x1.e1f8ead8ed55fp-21, -0x1.358cd17e6053ep-13, 0x1.74228f88a11cdp-14, -0x1.51adb81b7b953p-16, 0x1.3a7634d3ce57dp-19, -0x1.09602830d108ap-23, -0x1.d7e0af185a9c2p-29, -0x1.23c09330c4424p-37}},
    {{0x1.effc50c2ec97bp-14, -0x1.f5221c30f9b16p-15, 0x1.807e8fe6c1c44p-21, 0x1.d24cd2e8d90e0p-19, -0x1.17428bc43e0b0p-21, 0x1.13c71a87ed90bp-26, 0x1.ca1f7bd85f35ap-30, 0x1.82658de919060p-38}},
    {{0x1.1b5b8731ed902p-18, 0x1.b7b8e9da4d3b2p-16, -0x1.8d6e713318d3bp-17, 0x1.8a18213c89eaep-20, -0x1.37aea8abc3ce5p-24, 0x1.eeb148792a1f5p-28, -0x1.7989bc6b5f139p-31, -0x1.d021a96cc87ecp-39}},
    {{-0x1.537b8673dac31p-16, 0x1.2d805153cc88ap-18, 0x1.2358978709b53p-19, -0x1.c9bf3b22568dep-21, 0x1.98b36f3ed8109p-24, -0x1.9b7bce051a094p-28, 0x1.028a2178ea3b6p-32, 0x1.1dbe52fcf4faep-39}},
    {{0x1.190dfb4f80e5fp-18, -0x1.b952db7a849c6p-19, 0x1.db15de4ca953ep-21, 0x1.565cdfc470be8p-24, -0x1.da718623efb76p-26, 0x1.12d884ff3e2f4p-29, -0x1.f04466707e174p-35, -0x1.10e83936104f0p-40}},
};

/// The same for float, |t| <= 553075 / 2^21; near 0, erf(t) = t + t p(t). From tests/coefficients/lookups.py.
inline constexpr float erf_step = 0x1.0e0e6p-1f;
inline constexpr table_of<float> float_erf_terms[] = {
    {{0, 0x1.16ad5cp-1f, 0x1.ba80f4p-1f, 0x1.f3147ap-1f, 0x1.fe8ac2p-1f, 0x1.ffe6dep-1f, 0x1.ffffp-1f, 0x1.fffffap-1f}},
    {{0x1.06eba8p-3f, 0x1.b56c38p-1f, 0x1.7bb79cp-2f, 0x1.79eb7ap-4f, 0x1.af3e0ep-7f, 0x1.1a1aaap-10f, 0x1.a73764p-15f, 0x1.6c120ep-20f}},
    {{-0x1.7f1e7ap-21f, -0x1.cd70ap-2f, -0x1.9090fp-2f, -0x1.2b00e6p-3f, -0x1.c6ebf8p-6f, -0x1.73fbbcp-9f, -0x1.4ecbd2p-13f, -0x1.4ff3b2p-18f}},
    {{-0x1.811cb2p-2f, -0x1.02c6c2p-3f, 0x1.362896p-3f, 0x1.f8f7a8p-4f, 0x1.1c11aep-5f, 0x1.2f5054p-8f, 0x1.4e7cc8p-12f, 0x1.8b0852p-17f}},
    {{-0x1.79ee9p-11f, 0x1.77cac2p-3f, 0x1.9dd04p-5f, -0x1.902876p-5f, -0x1.bfaa5p-6f, -0x1.52373cp-8f, -0x1.da8eaep-12f, -0x1.51ac1ep-16f}},
    {{0x1.e52912p-4f, 0x1.304676p-14f, -0x1.0b102ap-4f, -0x1.bae1a6p-8f, 0x1.965bfp-7f, 0x1.0f1312p-8f, 0x1.0965cap-11f, 0x1.e78976p-16f}},
    {{-0x1.46c55ep-6f, -0x1.87261ep-5f, 0x1.2fdc2cp-7f, 0x1.072facp-6f, -0x1.7589e4p-10f, -0x1.1e608ep-9f, -0x1.9fec8ap-12f, -0x1.ed3986p-16f}},
};

}  // namespace sinter::inline v1::detail::math
