// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "expression.hpp"

#include <algorithm>

namespace fuzz {
namespace {

std::string Text(int64_t value) { return std::to_string(value); }

// The width of a result that holds both operands, as ap_int extends them.
int Common(const Value& a, const Value& b) {
  return std::max(a.width + (b.is_signed && !a.is_signed), b.width + (a.is_signed && !b.is_signed));
}

}  // namespace

int Dice::Width() {
  static const std::vector<int> widths = {1,  2,  3,  4,  5,  7,  8,  8,  9,  11,
                                          12, 13, 16, 16, 17, 21, 24, 27, 31, 32,
                                          32, 33, 40, 48, 63, 64, 65, 72, 90, 100};
  return Of(widths);
}

Value Expressions::Limit(const Value& value) {
  if (value.width <= kMaxWidth) return value;
  Value cut{"", dice_.Width(), dice_.Percent(50)};
  cut.code = Cast(cut, value.code);
  return cut;
}

Value Expressions::Constant() {
  Value value{"", std::min(dice_.Width(), 31), dice_.Percent(50)};
  const int64_t bits = static_cast<int64_t>(dice_.Next() >> (64 - value.width));
  const int64_t half = int64_t{1} << (value.width - 1);
  value.code = Cast(value, Text(value.is_signed ? bits - half : bits));
  return value;
}

Value Expressions::Arithmetic(const Value& a, const Value& b) {
  const int kind = dice_.Between(0, 3);
  if (kind == 0)
    return {"(" + a.code + " + " + b.code + ")", Common(a, b) + 1, a.is_signed || b.is_signed};
  if (kind == 1) return {"(" + a.code + " - " + b.code + ")", Common(a, b) + 1, true};
  // Products of very wide operands only make the RTL slow to build.
  if (a.width + b.width > 72)
    return {"(" + a.code + " + " + b.code + ")", Common(a, b) + 1, a.is_signed || b.is_signed};
  return {"(" + a.code + " * " + b.code + ")", a.width + b.width, a.is_signed || b.is_signed};
}

Value Expressions::Bitwise(const Value& a, const Value& b) {
  static const std::vector<std::string> operators = {" & ", " | ", " ^ "};
  return {"(" + a.code + dice_.Of(operators) + b.code + ")", Common(a, b),
          a.is_signed || b.is_signed};
}

Value Expressions::Shift(const Value& a, const Value& b) {
  const std::string op = dice_.Percent(50) ? " << " : " >> ";
  const std::string held = Cast(a, a.code);
  if (dice_.Percent(50)) {
    return {"(" + held + op + Text(dice_.Between(0, a.width + 1)) + ")", a.width, a.is_signed};
  }
  const bool either_way = dice_.Percent(20);
  const Value amount{"", dice_.Between(2, 7), either_way};
  return {"(" + held + op + Cast(amount, b.code) + ")", a.width, a.is_signed};
}

Value Expressions::Part(const Value& variable) {
  if (dice_.Percent(25)) {
    return {"ap_uint<1>(" + variable.code + "[" + Text(dice_.Between(0, variable.width - 1)) + "])",
            1, false};
  }
  const int low = dice_.Between(0, variable.width - 1);
  const int high = dice_.Between(low, variable.width - 1);
  const Value part{"", high - low + 1, dice_.Percent(30)};
  const std::string range = variable.code + ".range(" + Text(high) + ", " + Text(low) + ")";
  const std::string bits = TypeName(part.width, false) + "(" + range + ")";
  return {part.is_signed ? Cast(part, bits) : bits, part.width, part.is_signed};
}

Value Expressions::Select(const std::vector<Value>& variables, const Value& a, const Value& b) {
  Value result{"", Common(a, b), a.is_signed || b.is_signed};
  result.code = "(" + Condition(variables) + " ? " + Cast(result, a.code) + " : " +
                Cast(result, b.code) + ")";
  return result;
}

Value Expressions::Unary(const Value& a) {
  switch (dice_.Between(0, 3)) {
    case 0:
      return {"(-" + Cast(a, a.code) + ")", a.width + 1, true};
    case 1:
      return {"(~" + Cast(a, a.code) + ")", a.width, a.is_signed};
    case 2:
      return {"ap_uint<1>(" + Cast(a, a.code) + ".xor_reduce())", 1, false};
    default: {
      const Value to{"", dice_.Width(), dice_.Percent(50)};
      return {Cast(to, a.code), to.width, to.is_signed};
    }
  }
}

Value Expressions::Divide(const Value& a) {
  const int power = dice_.Between(0, std::min(a.width - 1, 20));
  const std::string divisor = Text(int64_t{1} << power);
  if (dice_.Percent(50)) return {"(" + Cast(a, a.code) + " / " + divisor + ")", a.width + 1, true};
  return {"(" + Cast(a, a.code) + " % " + divisor + ")", a.width, true};
}

std::string Expressions::ShallowCondition(const std::vector<Value>& variables) {
  const Value& v = dice_.Of(variables);
  const int bit = dice_.Between(0, v.width - 1);
  if (v.width < 3 || dice_.Percent(50)) return "bool(" + v.code + "[" + Text(bit) + "])";
  const int low = dice_.Between(0, v.width - 3);
  return "(ap_uint<3>(" + v.code + ".range(" + Text(low + 2) + ", " + Text(low) +
         ")) == " + Text(dice_.Between(0, 7)) + ")";
}

std::string Expressions::Condition(const std::vector<Value>& variables) {
  static const std::vector<std::string> comparisons = {
      " < ", " > ", " <= ", " >= ", " == ", " != "};
  if (dice_.Percent(30)) return ShallowCondition(variables);
  const std::string simple =
      "(" + Any(variables, 1).code + dice_.Of(comparisons) + Any(variables, 1).code + ")";
  if (dice_.Percent(75)) return simple;
  return "(" + simple + (dice_.Percent(50) ? " && " : " || ") + ShallowCondition(variables) + ")";
}

Value Expressions::Any(const std::vector<Value>& variables, int depth) {
  if (depth == 0 || dice_.Percent(12)) {
    if (dice_.Percent(15)) return Constant();
    const Value& variable = dice_.Of(variables);
    return dice_.Percent(70) ? variable : Part(variable);
  }
  const Value a = Limit(Any(variables, depth - 1));
  const Value b = Limit(Any(variables, depth - 1));
  const int kind = dice_.Between(0, 99);
  if (kind < 35) return Arithmetic(a, b);
  if (kind < 52) return Bitwise(a, b);
  if (kind < 66) return Shift(a, b);
  if (kind < 80) return Select(variables, a, b);
  if (kind < 92) return Unary(a);
  if (kind < 96) return Divide(a);
  const Value high{"", std::min(a.width, 50), false}, low{"", std::min(b.width, 50), false};
  // Without the inner parentheses T(x), T(x) can be taken for a list of parameters (by g++ 12).
  return {"((" + Cast(high, a.code) + "), (" + Cast(low, b.code) + ")).get()",
          high.width + low.width, false};
}

std::string Expressions::Update(const Value& state, const std::vector<Value>& variables) {
  const Value& v = dice_.Of(variables);
  const std::string x = Cast(state, v.code);
  switch (dice_.Between(0, 4)) {
    case 0:
      return state.code + " += " + x + ";";
    case 1:
      return state.code + " ^= " + x + ";";
    case 2:
      return "if (" + ShallowCondition(variables) + ") " + state.code + " = " + x + ";";
    case 3:
      return state.code + " = " + x + " < " + state.code + " ? " + x + " : " + state.code + ";";
    default:
      return "if (" + ShallowCondition(variables) + ") ++" + state.code + ";";
  }
}

}  // namespace fuzz
