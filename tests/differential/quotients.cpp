#include "differential/types.hpp"

// Quotients of wide integers are found by way of doubles, which hold 53 bits: they must be exact all the same.

namespace {

namespace sn = sinter;
using types::array_of;
using types::plain;
namespace op = sinter::detail::op;

template <class T>
class pairs {
public:
    pairs(std::size_t count, std::uint32_t seed) : random_(seed) {
        using U = std::make_unsigned_t<T>;
        for (std::size_t i = 0; i < count; ++i) {
            const T b = number();
            divisors.push_back(b == T(0) ? T(1) : b);
            // Many dividends lie at a multiple of the divisor, or one beside it.
            const U q = static_cast<U>(number()), beside = static_cast<U>(random_() % 3 - 1);
            const auto multiple = static_cast<T>(static_cast<U>(q * static_cast<U>(divisors.back())) + beside);
            dividends.push_back(random_() % 3 == 0 ? multiple : number());
        }
    }

    std::vector<T> dividends, divisors;

private:
    /// Of any size; around powers of two and the ends of the range more often.
    T number() {
        constexpr unsigned bits = 8 * sizeof(T);
        const std::uint64_t v = random_(), by = random_() % bits;
        switch (random_() % 6) {
            case 0: return static_cast<T>(v >> (64 - bits) >> by);
            case 1: return static_cast<T>((std::uint64_t{1} << by) + v % 5 - 2);
            case 2: return static_cast<T>(std::numeric_limits<T>::max() - static_cast<T>(v % 5));
            case 3: return static_cast<T>(v % 20);
            case 4: return static_cast<T>(std::uint64_t{0} - (v >> (64 - bits) >> by));
            default: return static_cast<T>(v);
        }
    }

    std::mt19937_64 random_;
};

template <class T>
void check(std::uint32_t seed) {
    const pairs<T> p(20011, seed);
    const sn::array<T> a = array_of(p.dividends), b = array_of(p.divisors);
    const T one = p.divisors[7];
    const std::vector<T> quotient = (a / b).to_vector(), rest = (a % b).to_vector(), by_one = (a / one).to_vector(), of_one = (one / b).to_vector();
    for (std::size_t i = 0; i < quotient.size(); ++i) {
        const T x = p.dividends[i], y = p.divisors[i];
        const T wanted[] = {plain<T>::of(op::divide{}, x, y), plain<T>::of(op::modulo{}, x, y), plain<T>::of(op::divide{}, x, one),
                            plain<T>::of(op::divide{}, one, y)};
        if (quotient[i] == wanted[0] && rest[i] == wanted[1] && by_one[i] == wanted[2] && of_one[i] == wanted[3]) continue;
        BOOST_ERROR(types::name_of<T>() << ": " << x << " and " << y << " give " << quotient[i] << " and " << rest[i] << " instead of " << wanted[0] << " and "
                                        << wanted[1] << "; with " << one << " " << by_one[i] << " and " << of_one[i]);
        return;
    }
}

BOOST_AUTO_TEST_SUITE(quotients)

BOOST_AUTO_TEST_CASE(of_wide_integers) {
    for (std::uint32_t seed = 0; seed < 20; ++seed) {
        check<std::int64_t>(seed);
        check<std::uint64_t>(seed);
        check<std::int32_t>(seed);
        check<std::uint32_t>(seed);
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
