// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The model of the DSP slice against a second one, written as the user guide's tables read (UG579):
// whole numbers instead of carry chains. Random data, modes, enables and resets.
#include <gtest/gtest.h>

#include <cstdint>

#include "Vdsp48e2_cases.h"
#include "random_traffic.hpp"

namespace {

using rtl_test::Random;

constexpr uint64_t kMask48 = (uint64_t{1} << 48) - 1;

int64_t Signed(uint64_t value, int bits) {
  return static_cast<int64_t>(value << (64 - bits)) >> (64 - bits);
}

struct Attributes {
  int areg = 1, breg = 1, acascreg = 1, bcascreg = 1, creg = 1, mreg = 1;
  bool cascade = false, pre_add_b = false, a_from_ad = false, multiplier = true;
  int lane_bits = 48;
  bool pattern = false;
};

const Attributes kCases[4] = {
    {.areg = 2, .breg = 2, .acascreg = 2, .bcascreg = 1, .a_from_ad = true},
    {.areg = 0,
     .breg = 0,
     .acascreg = 0,
     .bcascreg = 0,
     .creg = 0,
     .multiplier = false,
     .lane_bits = 12},
    {.multiplier = false, .lane_bits = 24, .pattern = true},
    {.breg = 2, .bcascreg = 2, .mreg = 0, .cascade = true, .pre_add_b = true},
};

struct Inputs {
  uint64_t a, acin, b, bcin, c, pcin, d;
  unsigned opmode, alumode, inmode, carryinsel, enables, resets;
  bool carryin, carrycascin;
  bool Enable(int i) const { return enables >> i & 1; }
  bool Reset(int i) const { return resets >> i & 1; }
};

struct Slice {
  Attributes at;
  uint64_t a1 = 0, a2 = 0, b1 = 0, b2 = 0, c = 0, d = 0, p = 0;
  int64_t ad = 0, m = 0;
  bool round = false, carryin = false, match = false, matchb = false;
  unsigned opmode = 0, alumode = 0, inmode = 0, carryinsel = 0, carry = 0;

  uint64_t AIn(const Inputs& in) const { return at.cascade ? in.acin : in.a; }
  uint64_t BIn(const Inputs& in) const { return at.cascade ? in.bcin : in.b; }
  uint64_t A2(const Inputs& in) const { return at.areg ? a2 : AIn(in); }
  uint64_t B2(const Inputs& in) const { return at.breg ? b2 : BIn(in); }
  uint64_t ACout(const Inputs& in) const { return at.acascreg == at.areg ? A2(in) : a1; }
  uint64_t BCout(const Inputs& in) const { return at.bcascreg == at.breg ? B2(in) : b1; }

  // The pre-adder's operands and the multiplier's.
  int64_t PreSum(const Inputs& in) const {
    const int64_t side = at.pre_add_b ? Signed(PickB(in), 18) : Signed(PickA(in), 27);
    const int64_t from_d = inmode & 4 ? Signed(d, 27) : 0;
    return Signed(static_cast<uint64_t>(inmode & 8 ? from_d - side : from_d + side), 27);
  }
  uint64_t PickA(const Inputs& in) const {
    if ((inmode & 2) && !at.pre_add_b) return 0;
    return (inmode & 1) && at.areg == 2 ? a1 : A2(in);
  }
  uint64_t PickB(const Inputs& in) const {
    if ((inmode & 2) && at.pre_add_b) return 0;
    return (inmode & 16) && at.breg == 2 ? b1 : B2(in);
  }
  int64_t MultA(const Inputs& in) const { return at.a_from_ad ? ad : Signed(PickA(in), 27); }
  int64_t MultB(const Inputs& in) const {
    return at.pre_add_b ? Signed(static_cast<uint64_t>(ad), 18) : Signed(PickB(in), 18);
  }
  bool Round(const Inputs& in) const { return (MultA(in) < 0) == (MultB(in) < 0); }
  int64_t Product(const Inputs& in) const { return at.multiplier ? MultA(in) * MultB(in) : 0; }

  struct Result {
    uint64_t p;
    unsigned carry;
  };

  Result Alu(const Inputs& in) const {
    const uint64_t cc = at.creg ? c : in.c;
    const int64_t product = at.mreg ? m : Product(in);
    const unsigned xs = opmode & 3, ys = opmode >> 2 & 3, zs = opmode >> 4 & 7, ws = opmode >> 7;
    const uint64_t x = xs == 1   ? static_cast<uint64_t>(product) & kMask48
                       : xs == 2 ? p
                       : xs == 3 ? A2(in) << 18 | B2(in)
                                 : 0;
    const uint64_t y = ys == 2 ? kMask48 : ys == 3 ? cc : 0;
    const uint64_t z = zs == 1   ? in.pcin
                       : zs == 2 ? p
                       : zs == 3 ? cc
                       : zs == 5 ? static_cast<uint64_t>(Signed(in.pcin, 48) >> 17) & kMask48
                       : zs == 6 ? static_cast<uint64_t>(Signed(p, 48) >> 17) & kMask48
                                 : 0;
    const uint64_t w = ws == 1 ? p : ws == 2 ? 0x123456789ABC : ws == 3 ? cc : 0;
    const bool cins[] = {carryin,
                         !(in.pcin >> 47 & 1),
                         in.carrycascin,
                         (in.pcin >> 47 & 1) != 0,
                         (carry >> 3 & 1) != 0,
                         !(p >> 47 & 1),
                         at.mreg ? round : Round(in),
                         (p >> 47 & 1) != 0};
    if (alumode & 4) return {Logic(x, z, ys == 2) & kMask48, 0};
    Result result = {0, 0};
    for (int low = 0; low < 48; low += at.lane_bits) {
      const uint64_t mask = (uint64_t{1} << at.lane_bits) - 1;
      const auto lane = [&](uint64_t v) { return static_cast<int64_t>(v >> low & mask); };
      const int64_t sum = lane(w) + lane(x) + lane(y) + (low == 0 && cins[carryinsel]);
      const unsigned mode = alumode & 3;
      const int64_t value = mode == 0   ? lane(z) + sum
                            : mode == 1 ? sum - lane(z) - 1
                            : mode == 2 ? -(lane(z) + sum) - 1
                                        : lane(z) - sum;
      result.p |= (static_cast<uint64_t>(value) & mask) << low;
      // Defined for two operands: a carry of the sum, or "no borrow" of the difference.
      const bool out = mode == 0 ? value >> at.lane_bits & 1 : value >= 0;
      result.carry |= static_cast<unsigned>(out) << ((low + at.lane_bits) / 12 - 1);
    }
    return result;
  }

  uint64_t Logic(uint64_t x, uint64_t z, bool second) const {
    switch (alumode) {
      case 4:
      case 7:
        return second ? ~(x ^ z) : x ^ z;
      case 5:
      case 6:
        return second ? x ^ z : ~(x ^ z);
      case 12:
        return second ? x | z : x & z;
      case 13:
        return second ? x | ~z : x & ~z;
      case 14:
        return second ? ~(x | z) : ~(x & z);
      default:
        return second ? ~x & z : ~x | z;
    }
  }

  void Step(const Inputs& in) {
    Slice next = *this;
    const uint64_t a_in = AIn(in), b_in = BIn(in);
    if (in.Enable(0)) next.a1 = a_in;
    if (in.Enable(1)) next.a2 = at.areg == 2 ? a1 : a_in;
    if (in.Enable(4)) next.b1 = b_in;
    if (in.Enable(5)) next.b2 = at.breg == 2 ? b1 : b_in;
    if (in.Reset(0)) next.a1 = next.a2 = 0;
    if (in.Reset(3)) next.b1 = next.b2 = 0;
    if (in.Enable(6)) next.c = in.c;
    if (in.Reset(4)) next.c = 0;
    if (in.Enable(9)) next.d = in.d;
    if (in.Enable(2)) next.ad = PreSum(in);
    if (in.Reset(6)) next.d = static_cast<uint64_t>(next.ad = 0);
    if (in.Enable(11)) {
      next.m = Product(in);
      next.round = Round(in);
    }
    if (in.Reset(8)) next.m = next.round = 0;
    if (in.Enable(8)) {
      next.opmode = in.opmode;
      next.carryinsel = in.carryinsel;
    }
    if (in.Reset(5)) next.opmode = next.carryinsel = 0;
    if (in.Enable(10)) next.inmode = in.inmode;
    if (in.Reset(7)) next.inmode = 0;
    if (in.Enable(3)) next.alumode = in.alumode;
    if (in.Reset(2)) next.alumode = 0;
    if (in.Enable(7)) next.carryin = in.carryin;
    if (in.Reset(1)) next.carryin = false;
    const Result result = Alu(in);
    if (in.Enable(12)) {
      next.p = result.p;
      next.carry = result.carry;
      next.match = !at.pattern || ((result.p ^ 5) & 15) == 0;
      next.matchb = !at.pattern || ((result.p ^ 5) & 15) == 15;
    }
    if (in.Reset(9)) {
      next.p = next.carry = 0;
      next.match = next.matchb = false;
    }
    *this = next;
  }
};

Inputs RandomInputs(Random& random, const Inputs& last) {
  Inputs in;
  const auto bits = [&random](int n) { return random.Bits() >> (64 - n); };
  in.a = bits(30);
  in.acin = bits(30);
  in.b = bits(18);
  in.bcin = bits(18);
  in.c = bits(48);
  in.pcin = bits(48);
  in.d = bits(27);
  in.carryin = bits(1);
  in.carrycascin = bits(1);
  // Operands at their ends every now and then.
  if (random.Chance(10)) in.a = random.Chance(50) ? 1u << 26 : (1u << 26) - 1;
  if (random.Chance(10)) in.b = random.Chance(50) ? 1u << 17 : (1u << 17) - 1;
  if (random.Chance(10)) in.d = random.Chance(50) ? 1u << 26 : (1u << 26) - 1;
  // Modes stay for some cycles. X and Y take the product together; Z = 4 and 7 are not for users.
  in.opmode = last.opmode;
  in.alumode = last.alumode;
  in.inmode = last.inmode;
  in.carryinsel = last.carryinsel;
  if (random.Chance(30)) {
    constexpr unsigned kXy[] = {0, 5, 2, 3, 8, 10, 11, 12, 14, 15};
    constexpr unsigned kZ[] = {0, 1, 2, 3, 5, 6};
    in.opmode = kXy[random.Below(10)] | kZ[random.Below(6)] << 4 |
                static_cast<unsigned>(random.Below(4)) << 7;
    in.alumode = static_cast<unsigned>(random.Below(4));
    in.carryinsel = static_cast<unsigned>(random.Below(8));
    if (random.Chance(25)) {  // a logic function of X and Z
      constexpr unsigned kLogic[] = {4, 5, 6, 7, 12, 13, 14, 15};
      in.alumode = kLogic[random.Below(8)];
      in.opmode = (in.opmode & 0x70) | (random.Chance(50) ? 8 : 0) | (random.Chance(50) ? 2u : 3u);
    }
    in.inmode = static_cast<unsigned>(random.Below(32));
  }
  in.enables = random.Chance(60) ? 0x1FFF : static_cast<unsigned>(bits(13));
  in.resets = random.Chance(95) ? 0 : 1u << random.Below(10);
  return in;
}

// Carries are defined for Z ± X or Z ± Y alone.
bool TwoOperands(unsigned opmode, unsigned alumode, bool cin) {
  const unsigned x = opmode & 3, y = opmode >> 2 & 3, w = opmode >> 7;
  return (alumode == 0 || alumode == 3) && (x != 1) && (x != 0) + (y != 0) + (w != 0) == 1 && !cin;
}

TEST(Dsp48e2Test, FollowsTheGuideUnderRandomModes) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(rtl_test::SeedNote(seed));
    Random random(seed);
    VerilatedContext context;
    Vdsp48e2_cases dut(&context);
    dut.clk_i = 0;
    Slice slices[4];
    for (int i = 0; i < 4; ++i) slices[i].at = kCases[i];
    Inputs in = {};
    int carries = 0;
    for (int cycle = 0; cycle < 20000; ++cycle) {
      in = RandomInputs(random, in);
      dut.a_i = static_cast<IData>(in.a);
      dut.acin_i = static_cast<IData>(in.acin);
      dut.b_i = static_cast<IData>(in.b);
      dut.bcin_i = static_cast<IData>(in.bcin);
      dut.c_i = in.c;
      dut.pcin_i = in.pcin;
      dut.d_i = static_cast<IData>(in.d);
      dut.opmode_i = static_cast<SData>(in.opmode);
      dut.alumode_i = static_cast<CData>(in.alumode);
      dut.inmode_i = static_cast<CData>(in.inmode);
      dut.carryinsel_i = static_cast<CData>(in.carryinsel);
      dut.carryin_i = in.carryin;
      dut.carrycascin_i = in.carrycascin;
      dut.enables_i = static_cast<SData>(in.enables);
      dut.resets_i = static_cast<SData>(in.resets);
      dut.eval();
      for (int i = 0; i < 4; ++i) {
        const auto part = [](const WData* words, int low, int bits) {
          uint64_t value = 0;
          for (int b = 0; b < bits; ++b) {
            value |= uint64_t{words[(low + b) / 32] >> (low + b) % 32 & 1} << b;
          }
          return value;
        };
        ASSERT_EQ(part(dut.p_o.data(), 48 * i, 48), slices[i].p) << "case " << i << ", " << cycle;
        ASSERT_EQ(part(dut.acout_o.data(), 30 * i, 30), slices[i].ACout(in)) << "case " << i;
        ASSERT_EQ(part(dut.bcout_o.data(), 18 * i, 18), slices[i].BCout(in)) << "case " << i;
        ASSERT_EQ(dut.match_o >> i & 1, slices[i].match) << "case " << i << ", " << cycle;
        ASSERT_EQ(dut.matchb_o >> i & 1, slices[i].matchb) << "case " << i << ", " << cycle;
      }
      // Carry out: looked at after a step whose carry is defined, and put in step otherwise, since
      // CARRYINSEL = 4 feeds it back.
      bool defined[4];
      for (int i = 0; i < 4; ++i) {
        defined[i] = in.Enable(12) && TwoOperands(slices[i].opmode, slices[i].alumode, false);
        defined[i] = defined[i] && slices[i].carryinsel == 0 && !slices[i].carryin;
        slices[i].Step(in);
      }
      dut.clk_i = 1;
      dut.eval();
      dut.clk_i = 0;
      dut.eval();
      for (int i = 0; i < 4; ++i) {
        const unsigned carry = dut.carry_o >> 4 * i & 15;
        if (defined[i] && !in.Reset(9)) {
          ASSERT_EQ(carry, slices[i].carry) << "case " << i << ", " << cycle;
          ++carries;
        }
        slices[i].carry = carry;
      }
    }
    ASSERT_GT(carries, 100);
  }
}

}  // namespace
