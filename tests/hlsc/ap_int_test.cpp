// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ap_int against built-in arithmetic: exhaustively on small widths, at random up to 64 bits, and
// by identities beyond.
#include <ap_int.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>

namespace {

__extension__ typedef __int128 Int128;

// The value of the low `width` bits.
int64_t Wrap(Int128 value, int width, bool is_signed) {
  const int unused = 64 - width;
  const uint64_t shifted = static_cast<uint64_t>(value) << unused;
  return is_signed ? static_cast<int64_t>(shifted) >> unused
                   : static_cast<int64_t>(shifted >> unused);
}

template <class T>
int64_t ValueOf(const T& x) {
  static_assert(T::width <= 63, "fits int64_t");
  return x.to_int64();
}

// Every binary operation on a pair of values.
template <class A, class B>
void CheckPair(int64_t a, int64_t b) {
  const A x = a;
  const B y = b;
  SCOPED_TRACE(testing::Message() << "widths " << A::width << ", " << B::width << ": " << a << ", "
                                  << b);
  ASSERT_EQ(ValueOf(x), a);
  ASSERT_EQ(ValueOf(y), b);
  EXPECT_EQ(ValueOf(x + y), a + b);
  EXPECT_EQ(ValueOf(x - y), a - b);
  EXPECT_EQ(ValueOf(x * y), a * b);
  EXPECT_EQ(x < y, a < b);
  EXPECT_EQ(x <= y, a <= b);
  EXPECT_EQ(x > y, a > b);
  EXPECT_EQ(x >= y, a >= b);
  EXPECT_EQ(x == y, a == b);
  EXPECT_EQ(x != y, a != b);
  EXPECT_EQ(ValueOf(x & y), a & b);
  EXPECT_EQ(ValueOf(x | y), a | b);
  EXPECT_EQ(ValueOf(x ^ y), a ^ b);
  EXPECT_EQ(ValueOf(A(~x)), Wrap(~a, A::width, A::sign_flag));
  EXPECT_EQ(ValueOf(-x), -a);
  if (b != 0) {
    EXPECT_EQ(ValueOf(x / y), a / b);
    EXPECT_EQ(ValueOf(x % y), a % b);
  }
  if (b >= 0) {
    const Int128 left = b < 64 ? static_cast<Int128>(a) << b : 0;
    const int64_t right = b < 63 ? a >> b : (a < 0 ? -1 : 0);
    EXPECT_EQ(ValueOf(x << y), Wrap(left, A::width, A::sign_flag));
    EXPECT_EQ(ValueOf(x >> y), right);
  }
}

template <class A, class B>
void CheckAll() {
  const int64_t low_a = A::sign_flag ? -(1 << (A::width - 1)) : 0;
  const int64_t low_b = B::sign_flag ? -(1 << (B::width - 1)) : 0;
  for (int64_t a = low_a; a < low_a + (1 << A::width); ++a) {
    for (int64_t b = low_b; b < low_b + (1 << B::width); ++b) CheckPair<A, B>(a, b);
  }
}

TEST(ApInt, SmallWidthsExhaustively) {
  CheckAll<ap_int<1>, ap_int<1>>();
  CheckAll<ap_int<1>, ap_uint<1>>();
  CheckAll<ap_uint<1>, ap_uint<3>>();
  CheckAll<ap_int<3>, ap_uint<3>>();
  CheckAll<ap_uint<3>, ap_int<5>>();
  CheckAll<ap_int<5>, ap_int<4>>();
  CheckAll<ap_uint<5>, ap_uint<5>>();
  CheckAll<ap_int<2>, ap_uint<7>>();
}

template <class A, class B>
void CheckRandom(unsigned seed) {
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 3000; ++i) {
    CheckPair<A, B>(Wrap(static_cast<Int128>(random() >> random() % 64), A::width, A::sign_flag),
                    Wrap(static_cast<Int128>(random() >> random() % 64), B::width, B::sign_flag));
  }
}

TEST(ApInt, MiddleWidthsAtRandom) {
  CheckRandom<ap_int<17>, ap_uint<31>>(1);
  CheckRandom<ap_uint<33>, ap_int<29>>(2);
  CheckRandom<ap_int<31>, ap_int<32>>(3);
  CheckRandom<ap_uint<24>, ap_uint<38>>(4);
  CheckRandom<ap_int<48>, ap_uint<8>>(5);
}

// A random value made of 32-bit pieces.
template <int W>
ap_uint<W> RandomWide(std::mt19937_64& random) {
  ap_uint<W> value = 0;
  for (int i = 0; i < W; i += 32)
    value = (value << 32) | ap_uint<32>(static_cast<uint32_t>(random()));
  return value;
}

TEST(ApInt, WideValuesObeyTheLawsOfARing) {
  std::mt19937_64 random(6);
  for (int i = 0; i < 2000; ++i) {
    const ap_int<100> a(RandomWide<100>(random));
    const ap_uint<130> b = RandomWide<130>(random);
    const ap_int<65> c(RandomWide<65>(random));
    EXPECT_TRUE((a + b) - b == a);
    EXPECT_TRUE(a * (b + c) == a * b + a * c);
    EXPECT_TRUE(-(a - c) == c - a);
    EXPECT_TRUE((a & c) + (a | c) == a + c);
    if (c != 0) {
      EXPECT_TRUE((a / c) * c + a % c == a);
    }
    const int n = static_cast<int>(random() % 100);
    EXPECT_TRUE(ap_int<300>(a) * (ap_int<300>(1) << n) == ap_int<300>(a) << n);
    EXPECT_TRUE((a >> n) == (a - (a & ((ap_int<101>(1) << n) - 1))) / (ap_int<120>(1) << n));
  }
}

TEST(ApInt, RangesAndConcatenationsComeApartAndTogether) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 2000; ++i) {
    const ap_uint<150> a = RandomWide<150>(random);
    const int cut = 1 + static_cast<int>(random() % 149);
    ap_uint<150> copy = 0;
    copy.range(149, cut) = a.range(149, cut);
    copy.range(cut - 1, 0) = a.range(cut - 1, 0);
    EXPECT_TRUE(copy == a);
    const ap_uint<70> high = a.range(149, 80);
    const ap_uint<80> low = a.range(79, 0);
    EXPECT_TRUE((high, low) == a);
    ap_uint<150> bits = 0;
    for (int b = 0; b < 150; ++b) bits[b] = a[b];
    EXPECT_TRUE(bits == a);
    EXPECT_EQ(a.xor_reduce(), high.xor_reduce() != low.xor_reduce());
    EXPECT_TRUE(a.reverse().reverse() == a);
  }
}

TEST(ApInt, AssignmentWraps) {
  EXPECT_EQ(ap_int<8>(200).to_int(), -56);
  EXPECT_EQ(ap_uint<8>(-1).to_int(), 255);
  EXPECT_EQ(ap_int<4>(ap_uint<12>(0xF8)).to_int(), -8);
  EXPECT_TRUE(ap_uint<65>(-1) == (ap_uint<65>(1), ap_uint<64>(-1)).get());
  ap_uint<7> seven = 127;
  EXPECT_EQ((++seven).to_int(), 0);
  EXPECT_EQ((--seven).to_int(), 127);
}

TEST(ApInt, NegativeAmountsShiftTheOtherWay) {
  const ap_int<16> x = -1234;
  EXPECT_EQ((x << ap_int<6>(-3)).to_int(), -1234 >> 3);
  EXPECT_EQ((x >> ap_int<6>(-2)).to_int(), -1234 * 4);
  EXPECT_EQ((x >> ap_int<6>(-32)).to_int(), 0);
  EXPECT_EQ((x >> 16).to_int(), -1);
  EXPECT_EQ((x << 16).to_int(), 0);
}

}  // namespace
