// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "problem.hpp"

#include <algorithm>
#include <bit>
#include <cfloat>
#include <climits>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <random>

namespace narrowgate::testing {
namespace {

static_assert(LDBL_MANT_DIG >= 64, "int32 times FP32 has up to 56 significant bits");

struct FormatFacts {
  int bits, lo, hi, offset;
};

FormatFacts Facts(Format format) {
  switch (format) {
    case Format::kInt8:
      return {8, -128, 127, 0};
    case Format::kUint8:
      return {8, 0, 255, 128};
    case Format::kInt4:
      return {4, -8, 7, 0};
    default:
      return {4, 0, 15, 8};
  }
}

class Random {
 public:
  explicit Random(uint64_t seed) : engine_(seed) {}
  int64_t Uniform(int64_t lo, int64_t hi) {
    return lo + static_cast<int64_t>(engine_() % static_cast<uint64_t>(hi - lo + 1));
  }
  int Element(const FormatFacts& facts) {
    const int64_t pick = Uniform(0, 7);
    if (pick == 0) return facts.lo;
    if (pick == 1) return facts.hi;
    return static_cast<int>(Uniform(facts.lo, facts.hi));
  }
  // A finite float of any sign whose exponent lies in [lo, hi].
  float Float(int lo, int hi) {
    const float fraction = 1.0f + static_cast<float>(Uniform(0, 0x7FFFFF)) * 0x1p-23f;
    const float value = std::ldexp(fraction, static_cast<int>(Uniform(lo, hi)));
    return Uniform(0, 1) ? value : -value;
  }

 private:
  std::mt19937_64 engine_;
};

// vectors: `count` vectors of length k, in panels of `lanes`; value(vector, k) is the true element.
template <typename Value>
std::vector<uint8_t> Pack(int count, int k, int lanes, const Geometry& geometry,
                          const FormatFacts& facts, Value value) {
  const int slots = Slots(lanes), beat_bits = PanelBeatBits(geometry, lanes);
  const int steps_per_beat = beat_bits / (slots * facts.bits);
  const int panels = (count + lanes - 1) / lanes;
  const int beats = (k + steps_per_beat - 1) / steps_per_beat;
  const int beat_bytes = beat_bits / 8;
  std::vector<uint8_t> bytes(size_t(panels) * beats * beat_bytes);
  for (int panel = 0; panel < panels; ++panel) {
    for (int step = 0; step < beats * steps_per_beat; ++step) {
      for (int lane = 0; lane < slots; ++lane) {
        const int vector = panel * lanes + lane;
        const bool inside = lane < lanes && vector < count && step < k;
        const int code = (inside ? value(vector, step) : facts.offset) & ((1 << facts.bits) - 1);
        const size_t bit = (size_t(panel) * beats * steps_per_beat + step) * slots * facts.bits +
                           size_t(lane) * facts.bits;
        bytes[bit / 8] |= static_cast<uint8_t>(code << (bit % 8));
      }
    }
  }
  return bytes;
}

int32_t Saturate(int64_t value) {
  return static_cast<int32_t>(std::clamp<int64_t>(value, INT32_MIN, INT32_MAX));
}

int32_t RoundToInt(float value) {
  return Saturate(static_cast<int64_t>(std::clamp(std::nearbyint(double{value}), -1e12, 1e12)));
}

int32_t DoublingHighMul(int32_t a, int32_t b) {
  const int64_t product = int64_t{a} * b;
  return Saturate((product + (product >= 0 ? (1 << 30) : 1 - (1 << 30))) / (int64_t{1} << 31));
}

int32_t DivideByPowerOfTwo(int32_t x, int exponent) {
  const int64_t magnitude = std::llabs(int64_t{x});
  const int64_t rounded = (magnitude + ((int64_t{1} << exponent) >> 1)) >> exponent;
  return static_cast<int32_t>(x < 0 ? -rounded : rounded);
}

struct Column {
  int32_t term = 0;
  uint32_t multiplier = 0, shift_or_scale = 0, bias = 0;
};

uint32_t Canonical(float value) {
  return std::isnan(value) ? 0x7FC00000u : std::bit_cast<uint32_t>(value);
}

uint32_t Finish(int32_t x, const Column& column, const Problem& p) {
  const auto clamp = [&p](int64_t value) {
    return static_cast<uint32_t>(std::clamp<int64_t>(value + static_cast<int32_t>(p.out_zero),
                                                     static_cast<int32_t>(p.clamp_lo),
                                                     static_cast<int32_t>(p.clamp_hi)));
  };
  const int32_t shift = static_cast<int32_t>(column.shift_or_scale);
  const int32_t multiplier = static_cast<int32_t>(column.multiplier);
  switch (p.shape.mode) {
    case Mode::kRaw:
      return static_cast<uint32_t>(x);
    case Mode::kOnnx: {
      const float sum = static_cast<float>(x);
      const float scaled = sum * std::bit_cast<float>(column.multiplier);
      return clamp(RoundToInt(scaled));
    }
    case Mode::kGemmlowp: {
      const int32_t shifted = Saturate(int64_t{x} * (int64_t{1} << std::max(shift, 0)));
      return clamp(DivideByPowerOfTwo(DoublingHighMul(shifted, multiplier), std::max(-shift, 0)));
    }
    case Mode::kTflite:
      return clamp(Saturate((int64_t{x} * multiplier + (int64_t{1} << (shift - 1))) >> shift));
    default: {
      const long double exact =
          static_cast<long double>(x) * static_cast<long double>(std::bit_cast<float>(p.scale));
      const float scaled = static_cast<float>(exact);
      const float channel = scaled * std::bit_cast<float>(column.shift_or_scale);
      const float sum = channel + std::bit_cast<float>(column.bias);
      const float lo = std::bit_cast<float>(p.clamp_lo), hi = std::bit_cast<float>(p.clamp_hi);
      return Canonical(sum < lo ? lo : sum > hi ? hi : sum);
    }
  }
}

Column RandomColumn(const Shape& shape, int32_t term, Random& random) {
  Column column;
  column.term = term;
  switch (shape.mode) {
    case Mode::kOnnx:
      column.multiplier = std::bit_cast<uint32_t>(std::fabs(random.Float(-24, 0)));
      break;
    case Mode::kGemmlowp:
      column.multiplier = static_cast<uint32_t>(random.Uniform(1 << 30, INT32_MAX));
      column.shift_or_scale = static_cast<uint32_t>(random.Uniform(-31, 2));
      break;
    case Mode::kTflite:
      column.multiplier = static_cast<uint32_t>(random.Uniform(0, INT32_MAX));
      column.shift_or_scale = static_cast<uint32_t>(random.Uniform(1, 62));
      break;
    case Mode::kFloat32:
      column.shift_or_scale = std::bit_cast<uint32_t>(random.Float(-140, 30));
      column.bias = std::bit_cast<uint32_t>(random.Uniform(0, 3) ? random.Float(-60, 20) : -0.0f);
      break;
    default:
      break;
  }
  return column;
}

void SetScalars(Problem& p, Random& random) {
  if (p.shape.mode == Mode::kFloat32) {
    p.out_format = ng_formats::kFp32Output;
    p.scale = std::bit_cast<uint32_t>(random.Float(-126, 60));
    const bool relu = random.Uniform(0, 1) == 1;
    p.clamp_lo = relu ? 0u : std::bit_cast<uint32_t>(-INFINITY);
    p.clamp_hi = std::bit_cast<uint32_t>(random.Uniform(0, 1) ? INFINITY : 6.0f);
  } else if (p.shape.mode != Mode::kRaw) {
    p.out_format = p.shape.unsigned_output ? ng_formats::kUint8 : ng_formats::kInt8;
    const int lo = p.shape.unsigned_output ? 0 : -128;
    const int zero = static_cast<int>(random.Uniform(lo, lo + 255));
    p.out_zero = static_cast<uint32_t>(zero);
    const bool relu = random.Uniform(0, 1) == 1;
    p.clamp_lo = static_cast<uint32_t>(relu ? zero : lo);
    p.clamp_hi = static_cast<uint32_t>(lo + 255);
  }
}

template <typename T>
void Append(std::vector<uint8_t>& bytes, T value) {
  uint8_t raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  bytes.insert(bytes.end(), raw, raw + sizeof value);
}

}  // namespace

Problem MakeProblem(const Shape& shape, const Geometry& image, uint64_t seed) {
  const auto four = [](Format f) { return f == Format::kInt4 || f == Format::kUint4; };
  const Geometry geometry = image.For(four(shape.a_format) && four(shape.b_format));
  Random random(seed);
  Problem p;
  p.shape = shape;
  p.geometry = geometry;
  const auto tiles = [](int count, int lanes) { return uint32_t((count + lanes - 1) / lanes); };
  p.a_format = static_cast<uint32_t>(shape.a_format);
  p.b_format = static_cast<uint32_t>(shape.b_format);
  p.block = static_cast<uint32_t>(shape.k);
  p.m_tiles = tiles(shape.m, geometry.rows);
  p.n_tiles = tiles(shape.n, geometry.cols);
  SetScalars(p, random);

  const FormatFacts fa = Facts(shape.a_format), fb = Facts(shape.b_format);
  std::vector<int> a(size_t(shape.m) * shape.k), b(size_t(shape.k) * shape.n);
  for (int& x : a) x = random.Element(fa);
  for (int& x : b) x = random.Element(fb);
  const auto a_at = [&](int m, int k) { return a[size_t(m) * shape.k + k]; };
  const auto b_at = [&](int n, int k) { return b[size_t(k) * shape.n + n]; };
  p.a = Pack(shape.m, shape.k, geometry.rows, geometry, fa, a_at);
  p.b = Pack(shape.n, shape.k, geometry.cols, geometry, fb, b_at);

  // The terms: any int32 will do here, the host's use of them is tested with the host.
  std::vector<int32_t> row_terms(size_t(p.m_tiles) * geometry.rows);
  std::vector<Column> columns;
  for (int32_t& term : row_terms) term = static_cast<int32_t>(random.Uniform(-9999, 9999));
  for (uint32_t n = 0; n < p.n_tiles * geometry.cols; ++n) {
    columns.push_back(
        RandomColumn(shape, static_cast<int32_t>(random.Uniform(-99999, 99999)), random));
  }
  for (int32_t term : row_terms) Append(p.v, term);
  for (const Column& column : columns) {
    Append(p.v, column.term);
    Append(p.v, column.multiplier);
    Append(p.v, column.shift_or_scale);
    Append(p.v, column.bias);
  }

  for (uint32_t i = 0; i < p.m_tiles; ++i) {
    for (uint32_t n = 0; n < p.n_tiles * geometry.cols; ++n) {
      for (int r = 0; r < geometry.rows; ++r) {
        const int m = int(i) * geometry.rows + r;
        uint32_t sum = static_cast<uint32_t>(row_terms[m]) + static_cast<uint32_t>(columns[n].term);
        if (m < shape.m && int(n) < shape.n) {
          for (int k = 0; k < shape.k; ++k) {
            sum += static_cast<uint32_t>((a_at(m, k) - fa.offset) * (b_at(int(n), k) - fb.offset));
          }
        }
        const uint32_t result = Finish(static_cast<int32_t>(sum), columns[n], p);
        if (p.out_format >= ng_formats::kInt32Output) {
          Append(p.expected, result);
        } else {
          Append(p.expected, static_cast<uint8_t>(result));
        }
      }
    }
  }
  return p;
}

Problem ByColumns(Problem p) {
  const size_t tile = p.expected.size() / p.m_tiles / p.n_tiles;
  std::vector<uint8_t> by_columns;
  for (uint32_t j = 0; j < p.n_tiles; ++j) {
    for (uint32_t i = 0; i < p.m_tiles; ++i) {
      const auto begin = p.expected.begin() + static_cast<ptrdiff_t>((i * p.n_tiles + j) * tile);
      by_columns.insert(by_columns.end(), begin, begin + static_cast<ptrdiff_t>(tile));
    }
  }
  p.expected = by_columns;
  p.order = 1;
  return p;
}

std::string Describe(const Shape& s, uint64_t seed) {
  return "m=" + std::to_string(s.m) + " n=" + std::to_string(s.n) + " k=" + std::to_string(s.k) +
         " a=" + std::to_string(uint32_t(s.a_format)) +
         " b=" + std::to_string(uint32_t(s.b_format)) +
         " mode=" + std::to_string(uint32_t(s.mode)) +
         " unsigned=" + std::to_string(s.unsigned_output) + " seed=" + std::to_string(seed);
}

}  // namespace narrowgate::testing
