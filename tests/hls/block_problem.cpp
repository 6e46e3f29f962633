// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <random>

#include "problem.hpp"

// Sums of at most 80 bits times scales of 28: __float128 (113 bits) holds them exactly.
__extension__ typedef __float128 Exact;

namespace narrowgate::testing {
namespace {

using ng_formats::Element;
using ng_formats::kElements;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// What a code stands for, by the definitions of the formats.
double Value(int element, int code) {
  const Element& e = kElements[element];
  if (e.exponent_bits == 0) {
    const int sign_bit = e.is_signed ? 1 << (e.bits - 1) : 0;
    return code >= sign_bit && sign_bit ? code - 2 * sign_bit
                                        : code - (e.is_signed ? 0 : 1 << (e.bits - 1));
  }
  const bool negative = code >> (e.bits - 1) & 1;
  const int exponent = code >> e.mantissa_bits & ((1 << e.exponent_bits) - 1);
  const int mantissa = code & ((1 << e.mantissa_bits) - 1);
  const bool top = exponent == (1 << e.exponent_bits) - 1;
  if (e.specials == ng_formats::kNanOnly && top && mantissa == (1 << e.mantissa_bits) - 1) {
    return kNan;
  }
  if (e.specials == ng_formats::kInfinityAndNan && top) {
    return mantissa ? kNan : negative ? -INFINITY : INFINITY;
  }
  const double fraction = std::ldexp(mantissa, -e.mantissa_bits) + (exponent ? 1 : 0);
  const double value = std::ldexp(fraction, std::max(exponent, 1) - e.bias);
  return negative ? -value : value;
}

double ScaleValue(int kind, uint32_t bits) {
  switch (kind) {
    case ng_formats::kNoScale:
      return 1;
    case ng_formats::kE8m0:
      return bits == 255 ? kNan : std::ldexp(1.0, static_cast<int>(bits) - 127);
    case ng_formats::kUe4m3:
      return std::fabs(Value(ng_formats::kE4m3, static_cast<int>(bits & 0x7F)));
    default:
      return static_cast<double>(std::bit_cast<float>(bits));
  }
}

// One operand: codes[vector][k], scales and zero-points [vector][block].
struct Operand {
  BlockFormat format;
  int vectors, k, block, blocks;
  std::vector<int> codes, zeros;
  std::vector<uint32_t> scales;

  int code(int v, int step) const { return codes[static_cast<size_t>(v) * k + step]; }
  size_t at(int v, int q) const { return static_cast<size_t>(v) * blocks + q; }
  // Zero-points are subtracted from the signed value of the code.
  double value(int v, int step) const {
    return Value(format.element, code(v, step)) - zeros[at(v, step / block)];
  }
};

struct Random {
  std::mt19937_64 engine;
  int64_t Uniform(int64_t lo, int64_t hi) {
    return lo + static_cast<int64_t>(engine() % static_cast<uint64_t>(hi - lo + 1));
  }
};

Operand MakeOperand(BlockFormat format, int vectors, int k, int block, bool wild, Random& random) {
  Operand x{format, vectors, k, block, (k + block - 1) / block, {}, {}, {}};
  const int codes = 1 << kElements[format.element].bits;
  for (int i = 0; i < vectors * k; ++i) {
    int code = static_cast<int>(random.Uniform(0, codes - 1));
    // A NaN or an infinity in one code of two hundred, if at all: most outputs should be numbers.
    while (!std::isfinite(Value(format.element, code)) && (!wild || random.Uniform(0, 5))) {
      code = static_cast<int>(random.Uniform(0, codes - 1));
    }
    x.codes.push_back(code);
  }
  for (int i = 0; i < vectors * x.blocks; ++i) {
    x.zeros.push_back(
        format.scale == ng_formats::kFp32AndZero ? static_cast<int>(random.Uniform(-8, 7)) : 0);
    uint32_t scale = 0;
    if (format.scale == ng_formats::kE8m0) {
      scale = static_cast<uint32_t>(wild ? random.Uniform(0, 255) : random.Uniform(120, 134));
    } else if (format.scale == ng_formats::kUe4m3) {
      scale = static_cast<uint32_t>(random.Uniform(0, wild ? 127 : 126));
    } else if (format.scale != ng_formats::kNoScale) {
      const double magnitude =
          std::ldexp(static_cast<double>(random.Uniform(1 << 23, (1 << 24) - 1)),
                     static_cast<int>(random.Uniform(wild ? -140 : -40, wild ? 90 : -20)));
      scale = std::bit_cast<uint32_t>(
          static_cast<float>(random.Uniform(0, 3) ? magnitude : -magnitude));
    }
    x.scales.push_back(scale);
  }
  return x;
}

class Bits {
 public:
  void Add(uint64_t value, int width) {
    for (int i = 0; i < width; ++i, ++count_) {
      if (count_ % 8 == 0) bytes_.push_back(0);
      bytes_.back() = static_cast<uint8_t>(bytes_.back() | (value >> i & 1) << (count_ % 8));
    }
  }
  void FillBeat(int beat_bits, int value, int width) {
    while (count_ % static_cast<size_t>(beat_bits)) Add(static_cast<uint64_t>(value), width);
  }
  std::vector<uint8_t> bytes_;

 private:
  size_t count_ = 0;
};

// docs/seams.md, section 11, "Panels with scales".
std::vector<uint8_t> Pack(const Operand& x, int lanes, const Geometry& geometry) {
  const int slots = Slots(lanes), beat_bits = PanelBeatBits(geometry, lanes);
  const int width = kElements[x.format.element].bits;
  const int pad = kElements[x.format.element].is_signed ? 0 : 1 << (width - 1);
  const int shared = beat_bits / (8 * slots);
  Bits bits;
  for (int panel = 0; panel < (x.vectors + lanes - 1) / lanes; ++panel) {
    const auto scale = [&](int lane, int q) -> uint32_t {
      const int v = panel * lanes + lane;
      if (lane < lanes && v < x.vectors && q < x.blocks) return x.scales[x.at(v, q)];
      return x.format.scale == ng_formats::kE8m0 ? 127 : 0;
    };
    for (int q = 0; q < x.blocks; ++q) {
      if (x.format.scale == ng_formats::kE8m0 || x.format.scale == ng_formats::kUe4m3) {
        if (q % shared == 0) {
          for (int next = q; next < q + shared; ++next) {
            for (int lane = 0; lane < slots; ++lane) bits.Add(scale(lane, next), 8);
          }
        }
      } else if (x.format.scale != ng_formats::kNoScale) {
        for (int lane = 0; lane < slots; ++lane) bits.Add(scale(lane, q), 32);
        if (x.format.scale == ng_formats::kFp32AndZero) {
          for (int lane = 0; lane < slots; ++lane) {
            const int v = panel * lanes + lane;
            bits.Add(static_cast<uint8_t>(lane < lanes && v < x.vectors ? x.zeros[x.at(v, q)] : 0),
                     8);
          }
          bits.FillBeat(beat_bits, 0, 1);
        }
      }
      for (int step = q * x.block; step < std::min(x.k, (q + 1) * x.block); ++step) {
        for (int lane = 0; lane < slots; ++lane) {
          const int v = panel * lanes + lane;
          bits.Add(static_cast<uint64_t>(lane < lanes && v < x.vectors ? x.code(v, step) : pad),
                   width);
        }
      }
      // A pair of steps may end in what fills the last beat. A six-bit block has no whole codes
      // left.
      bits.FillBeat(beat_bits, pad, pad ? width : 1);
    }
  }
  return bits.bytes_;
}

float Accumulate(const Operand& a, const Operand& b, int m, int n) {
  float acc = 0;
  for (int q = 0; q < a.blocks; ++q) {
    Exact sum = 0;
    for (int k = q * a.block; k < std::min(a.k, (q + 1) * a.block); ++k) {
      const bool in_a = m < a.vectors, in_b = n < b.vectors;
      const double x = in_a ? a.value(m, k) : 0, y = in_b ? b.value(n, k) : 0;
      sum += static_cast<Exact>(x) * static_cast<Exact>(y);
    }
    const double sa = m < a.vectors ? ScaleValue(a.format.scale, a.scales[a.at(m, q)]) : 1;
    const double sb = n < b.vectors ? ScaleValue(b.format.scale, b.scales[b.at(n, q)]) : 1;
    acc += static_cast<float>(sum * static_cast<Exact>(sa) * static_cast<Exact>(sb));
  }
  return acc;
}

// The code below the sign bit that is nearest to `magnitude`, ties to the even code; what lies
// beyond the largest number becomes it.
int NearestCode(int element, int element_exponent, double magnitude) {
  const Element& e = kElements[element];
  const double unit = std::ldexp(1.0, element_exponent);
  if (magnitude >= Value(element, e.max_code) * unit) return e.max_code;
  int best = 0;
  for (int code = 1; code <= e.max_code; ++code) {
    const double distance = std::fabs(Value(element, code) * unit - magnitude);
    const double best_distance = std::fabs(Value(element, best) * unit - magnitude);
    if (distance < best_distance || (distance == best_distance && code % 2 == 0)) best = code;
  }
  return best;
}

int WithSign(int element, int code, bool negative) {
  const Element& e = kElements[element];
  if (e.exponent_bits == 0) return negative ? -code & 0xFF : code;
  return code | (negative ? 1 << (e.bits - 1) : 0);
}

// One number as a plain element.
uint32_t PlainCode(int element, float x, int zero) {
  if (element == ng_formats::kFp32Output) return std::bit_cast<uint32_t>(x);
  if (element == ng_formats::kInt8 || element == ng_formats::kUint8) {
    const double lo = element == ng_formats::kInt8 ? -128 : 0;
    const double steps = std::isnan(x) ? 0 : std::nearbyint(static_cast<double>(x));
    return static_cast<uint32_t>(static_cast<int>(std::clamp(steps + zero, lo, lo + 255)));
  }
  if (element == ng_formats::kBf16) {
    const uint32_t bits = std::bit_cast<uint32_t>(x);
    return std::isnan(x) ? 0x7FC0 : (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
  }
  if (std::isnan(x)) return element == ng_formats::kE4m3 ? 0x7F : 0x7E;
  const double magnitude = std::isinf(x) ? 1e30 : std::fabs(static_cast<double>(x));
  return static_cast<uint32_t>(
      WithSign(element, NearestCode(element, 0, magnitude), std::signbit(x)));
}

// Rows of numbers as an operand A whose k runs along the row, blocks of 32, scale rule floor.
Operand Requantised(const std::vector<std::vector<float>>& rows, int n, int element) {
  const int blocks = (n + 31) / 32;
  Operand x{{static_cast<ng_formats::ElementCode>(element), ng_formats::kE8m0},
            static_cast<int>(rows.size()),
            n,
            32,
            blocks,
            {},
            {},
            {}};
  const int element_exponent = element == ng_formats::kInt8 ? -6 : 0;
  const int emax = kElements[element].emax + element_exponent;
  for (const auto& row : rows) {
    for (int q = 0; q < blocks; ++q) {
      double amax = 0;
      for (int c = 32 * q; c < std::min(n, 32 * q + 32); ++c) {
        if (!std::isfinite(row[c])) amax = kNan;
        if (!(std::fabs(row[c]) <= amax) && !std::isnan(amax)) amax = std::fabs(row[c]);
      }
      const int code = std::clamp(std::ilogb(amax) - emax + 127, 0, 254);
      x.scales.push_back(std::isnan(amax) ? 255 : amax == 0 ? 0 : static_cast<uint32_t>(code));
      for (int c = 32 * q; c < std::min(n, 32 * q + 32); ++c) {
        const double y = std::ldexp(std::fabs(static_cast<double>(row[c])), 127 - code);
        const bool dropped = std::isnan(amax) || amax == 0;
        x.codes.push_back(dropped ? 0
                                  : WithSign(element, NearestCode(element, element_exponent, y),
                                             std::signbit(row[c])));
      }
    }
  }
  return x;
}

template <typename T>
void Append(std::vector<uint8_t>& bytes, T value) {
  uint8_t raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  bytes.insert(bytes.end(), raw, raw + sizeof value);
}

}  // namespace

Problem MakeBlockProblem(const BlockShape& shape, const Geometry& image, uint64_t seed) {
  const auto four = [](const BlockFormat& f) {
    return ng_formats::kElements[f.element].bits == 4 && f.scale != ng_formats::kFp32AndZero;
  };
  const Geometry geometry = image.For(four(shape.a) && four(shape.b));
  Random random{std::mt19937_64(seed)};
  const int block = shape.block ? shape.block : shape.k;
  const Operand a = MakeOperand(shape.a, shape.m, shape.k, block, shape.wild, random);
  const Operand b = MakeOperand(shape.b, shape.n, shape.k, block, shape.wild, random);
  Problem p;
  p.shape.m = shape.m;
  p.shape.n = shape.n;
  p.shape.k = shape.k;
  p.shape.mode = Mode::kScaledSums;
  p.geometry = geometry;
  p.m_tiles = static_cast<uint32_t>((shape.m + geometry.rows - 1) / geometry.rows);
  p.n_tiles = static_cast<uint32_t>((shape.n + geometry.cols - 1) / geometry.cols);
  p.a_format = static_cast<uint32_t>(shape.a.element | shape.a.scale << 8);
  p.b_format = static_cast<uint32_t>(shape.b.element | shape.b.scale << 8);
  p.block = static_cast<uint32_t>(block);
  p.blocks = static_cast<uint32_t>(a.blocks);
  p.sum_exponent =
      static_cast<uint32_t>(kElements[shape.a.element].lsb + kElements[shape.b.element].lsb);
  const float scale = shape.wild ? -0x1.8p-20f : 1.0f;
  p.scale = std::bit_cast<uint32_t>(scale);
  p.clamp_lo = std::bit_cast<uint32_t>(-INFINITY);
  p.clamp_hi = std::bit_cast<uint32_t>(INFINITY);
  p.a = Pack(a, geometry.rows, geometry);
  p.b = Pack(b, geometry.cols, geometry);

  const uint32_t columns = p.n_tiles * static_cast<uint32_t>(geometry.cols);
  std::vector<float> channel, bias;
  for (uint32_t i = 0; i < p.m_tiles * static_cast<uint32_t>(geometry.rows); ++i) Append(p.v, 0);
  for (uint32_t n = 0; n < columns; ++n) {
    channel.push_back(static_cast<float>(random.Uniform(-1000, 1000)) / 64);
    bias.push_back(random.Uniform(0, 1) ? static_cast<float>(random.Uniform(-99, 99)) : -0.0f);
    Append(p.v, 12345);  // integer terms are not added to FP32 sums
    Append(p.v, 0);
    Append(p.v, channel.back());
    Append(p.v, bias.back());
  }
  const bool plain_integer = !shape.mx_output && shape.output <= ng_formats::kUint8;
  const int zero = plain_integer ? static_cast<int>(random.Uniform(-20, 90)) : 0;
  p.out_zero = static_cast<uint32_t>(zero);
  p.out_format =
      static_cast<uint32_t>(shape.output) | (shape.mx_output ? ng_formats::kE8m0 << 8 : 0u);
  std::vector<std::vector<float>> rows(p.m_tiles * static_cast<uint32_t>(geometry.rows));
  for (uint32_t i = 0; i < p.m_tiles; ++i) {
    for (uint32_t n = 0; n < columns; ++n) {
      for (int r = 0; r < geometry.rows; ++r) {
        const float acc =
            Accumulate(a, b, static_cast<int>(i) * geometry.rows + r, static_cast<int>(n));
        const float scaled = acc * scale;
        const float by_channel = scaled * channel[n];
        const float sum = by_channel + bias[n];
        const float result = std::isnan(sum) ? std::bit_cast<float>(0x7FC00000u) : sum;
        rows[i * static_cast<uint32_t>(geometry.rows) + static_cast<uint32_t>(r)].push_back(result);
        const uint32_t code = PlainCode(shape.output, result, zero);
        if (shape.output == ng_formats::kFp32Output) {
          Append(p.expected, code);
        } else if (shape.output == ng_formats::kBf16) {
          Append(p.expected, static_cast<uint16_t>(code));
        } else {
          Append(p.expected, static_cast<uint8_t>(code));
        }
      }
    }
  }
  if (shape.mx_output) {
    p.expected = Pack(Requantised(rows, shape.n, shape.output), geometry.rows, geometry);
  }
  return p;
}

std::string Describe(const BlockShape& s, uint64_t seed) {
  const auto format = [](const BlockFormat& f) {
    return std::string(kElements[f.element].name) + "/" + std::to_string(f.scale);
  };
  return "m=" + std::to_string(s.m) + " n=" + std::to_string(s.n) + " k=" + std::to_string(s.k) +
         " a=" + format(s.a) + " b=" + format(s.b) + " block=" + std::to_string(s.block) +
         " wild=" + std::to_string(s.wild) + " output=" + std::to_string(s.output) +
         (s.mx_output ? " mx" : "") + " seed=" + std::to_string(seed);
}

}  // namespace narrowgate::testing
