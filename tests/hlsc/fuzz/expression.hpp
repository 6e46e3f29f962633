// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Random expressions over ap_int values of random widths.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace fuzz {

struct Value {
  std::string code;
  int width;
  bool is_signed;
};

inline std::string TypeName(int width, bool is_signed) {
  return (is_signed ? "ap_int<" : "ap_uint<") + std::to_string(width) + ">";
}
inline std::string TypeName(const Value& value) { return TypeName(value.width, value.is_signed); }
inline std::string Cast(const Value& to, const std::string& code) {
  return TypeName(to) + "(" + code + ")";
}

class Dice {
 public:
  explicit Dice(uint64_t seed) : engine_(seed) {}
  int Between(int low, int high) {  // inclusive
    return low + static_cast<int>(engine_() % static_cast<uint64_t>(high - low + 1));
  }
  bool Percent(int chance) { return Between(1, 100) <= chance; }
  template <class T>
  const T& Of(const std::vector<T>& list) {
    return list[static_cast<std::size_t>(Between(0, static_cast<int>(list.size()) - 1))];
  }
  // Mostly small widths, sometimes beyond 64 bits.
  int Width();
  uint64_t Next() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

class Expressions {
 public:
  explicit Expressions(Dice& dice) : dice_(dice) {}

  // An expression of the given depth over variables.
  Value Any(const std::vector<Value>& variables, int depth);
  // A condition; a shallow one is known in the same cycle as its variables.
  std::string Condition(const std::vector<Value>& variables);
  std::string ShallowCondition(const std::vector<Value>& variables);
  // A cheap update of a loop-carried value.
  std::string Update(const Value& state, const std::vector<Value>& variables);
  Value Constant();

 private:
  static constexpr int kMaxWidth = 100;

  Value Limit(const Value& value);  // casts values wider than kMaxWidth
  Value Arithmetic(const Value& a, const Value& b);
  Value Bitwise(const Value& a, const Value& b);
  Value Shift(const Value& a, const Value& b);
  Value Part(const Value& variable);
  Value Select(const std::vector<Value>& variables, const Value& a, const Value& b);
  Value Unary(const Value& a);
  Value Divide(const Value& a);

  Dice& dice_;
};

}  // namespace fuzz
