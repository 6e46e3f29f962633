// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Operations as SystemVerilog expressions of exactly the width that is used.
#include <llvm/IR/IntrinsicInst.h>

#include "diagnostics.h"
#include "emitter.h"
#include "multiply.h"

namespace hlsc {

using llvm::cast;
using llvm::dyn_cast;
using llvm::Instruction;
using llvm::isa;

namespace {

std::string Sized(unsigned width, const std::string& expression) {
  return std::to_string(width) + "'(" + expression + ")";
}
std::string Signed(const std::string& expression) { return "$signed(" + expression + ")"; }

bool AllOnes(const Slices& slices) {
  const auto* constant = slices.size() == 1 ? dyn_cast<llvm::ConstantInt>(slices[0].leaf) : nullptr;
  return constant != nullptr && constant->isMinusOne();
}
bool IsOne(const Slices& slices, bool value) {
  const auto* constant = slices.size() == 1 ? dyn_cast<llvm::ConstantInt>(slices[0].leaf) : nullptr;
  return constant != nullptr && constant->getBitWidth() == 1 && constant->isOne() == value;
}

}  // namespace

std::string Emitter::Predicate(const Instruction& access, const Context& at) {
  const Slices& slices = p_.pieces.Of(PredicateOf(access));
  return IsOne(slices, true) ? "" : Ref(slices, at);
}

std::string Emitter::Compare(llvm::ICmpInst& i, const std::vector<Slices>& operands,
                             const Context& at) {
  static const std::map<llvm::CmpInst::Predicate, const char*> kOperators = {
      {llvm::CmpInst::ICMP_EQ, " == "}, {llvm::CmpInst::ICMP_NE, " != "},
      {llvm::CmpInst::ICMP_ULT, " < "}, {llvm::CmpInst::ICMP_ULE, " <= "},
      {llvm::CmpInst::ICMP_UGT, " > "}, {llvm::CmpInst::ICMP_UGE, " >= "}};
  const char* op = kOperators.at(i.getUnsignedPredicate());
  const std::string a = Ref(operands[0], at), b = Ref(operands[1], at);
  if (const auto test = p_.ZeroTestOf(i)) return a + (test->equal ? " == " : " != ") + b;
  return i.isSigned() ? Signed(a) + op + Signed(b) : a + op + b;
}

std::string Emitter::Multiply(const std::vector<Slices>& operands, unsigned width,
                              const Context& at) {
  std::string product;
  for (const Slices& operand : operands) {
    bool is_signed = false;
    const unsigned bits = std::min(width, p_.SignificantBits(operand, &is_signed));
    std::string factor = Ref(bits < TotalWidth(operand) ? Cut(operand, 0, bits) : operand, at);
    if (bits < width)
      factor = is_signed ? "$unsigned(" + Sized(width, Signed(factor)) + ")" : Sized(width, factor);
    product += (product.empty() ? "" : " * ") + factor;
  }
  return product;
}

std::string Emitter::BitFunction(const std::string& kind, unsigned width) {
  const std::string name = kind + "_" + std::to_string(width);
  std::string& text = functions_[name];
  if (!text.empty()) return name;
  // Halves, quarters …: a balanced tree over the width rounded up to a power of two.
  unsigned full = 1;
  while (full < width) full *= 2;
  unsigned bits = 0;
  while ((1u << bits) < full) ++bits;
  const unsigned result = bits + 1;
  std::ostringstream out;
  out << "  function automatic logic " << Range(result) << name << "(input logic " << Range(width)
      << "x);\n";
  if (full > 1) out << "    logic " << Range(full) << "y;\n";
  out << "    " << name << " = '0;\n";
  const bool leading = kind == "leading_zeros";
  if (full == 1) {
    out << "    " << name << " = ~x;\n  endfunction\n";
    text = out.str();
    return name;
  }
  // Ones fill the places that do not exist, so that a zero input counts exactly its width.
  if (full == width) {
    out << "    y = x;\n";
  } else if (leading) {
    out << "    y = {x, {" << full - width << "{1'b1}}};\n";
  } else {
    out << "    y = {{" << full - width << "{1'b1}}, x};\n";
  }
  if (full == width)
    out << "    if (x == '0) " << name << " = " << result << "'d" << width << ";\n    else begin\n";
  const char* indent = full == width ? "      " : "    ";
  for (unsigned step = full / 2, bit = bits; step >= 1; step /= 2) {
    --bit;
    const std::string zeros = std::to_string(step) + "'h0";
    const std::string half =
        leading ? "y[" + std::to_string(full - 1) + ":" + std::to_string(full - step) + "]"
                : "y[" + std::to_string(step - 1) + ":0]";
    out << indent << "if (" << half << " == " << zeros << ") begin " << name << "[" << bit
        << "] = 1'b1;"
        << (step > 1
                ? std::string(" y = y ") + (leading ? "<< " : ">> ") + std::to_string(step) + ";"
                : std::string())
        << " end\n";
  }
  if (full == width) out << "    end\n";
  out << "  endfunction\n";
  text = out.str();
  return name;
}

std::string Emitter::Intrinsic(llvm::IntrinsicInst& i, const std::vector<Slices>& operands,
                               const Context& at) {
  const unsigned full = WidthOf(&i), width = p_.UsedWidth(&i);
  const std::string a = Ref(operands[0], at);
  const auto b = [&] { return Ref(operands[1], at); };
  const auto cut = [&](const std::string& e) { return width < full ? Sized(width, e) : e; };
  const std::string zero = std::to_string(full) + "'h0";
  switch (i.getIntrinsicID()) {
    case llvm::Intrinsic::smax:
      return cut("(" + Signed(a) + " > " + Signed(b()) + ") ? " + a + " : " + b());
    case llvm::Intrinsic::smin:
      return cut("(" + Signed(a) + " < " + Signed(b()) + ") ? " + a + " : " + b());
    case llvm::Intrinsic::umax:
      return cut("(" + a + " > " + b() + ") ? " + a + " : " + b());
    case llvm::Intrinsic::umin:
      return cut("(" + a + " < " + b() + ") ? " + a + " : " + b());
    case llvm::Intrinsic::abs:
      return cut("(" + Signed(a) + " < " + Signed(zero) + ") ? -" + a + " : " + a);
    case llvm::Intrinsic::usub_sat:
      return cut("(" + a + " > " + b() + ") ? " + a + " - " + b() + " : " + zero);
    case llvm::Intrinsic::uadd_sat: {
      const std::string ones = "{" + std::to_string(full) + "{1'b1}}";
      return cut("(" + a + " > ~" + b() + ") ? " + ones + " : " + a + " + " + b());
    }
    case llvm::Intrinsic::fshl:
    case llvm::Intrinsic::fshr: {
      const std::string by =
          Ref(operands[2], at) + " % " + HexConstant(llvm::APInt(TotalWidth(operands[2]), full));
      const std::string both = "{" + a + ", " + b() + "}";
      if (i.getIntrinsicID() == llvm::Intrinsic::fshr)
        return Sized(width, both + " >> (" + by + ")");
      return Sized(width, "(" + both + " << (" + by + ")) >> " + std::to_string(full));
    }
    case llvm::Intrinsic::ctlz:
    case llvm::Intrinsic::cttz: {
      const bool leading = i.getIntrinsicID() == llvm::Intrinsic::ctlz;
      return Sized(width,
                   BitFunction(leading ? "leading_zeros" : "trailing_zeros", full) + "(" + a + ")");
    }
    case llvm::Intrinsic::ctpop:
      // Verilator 5.006 takes the bare function's value as signed when it extends it beyond 32
      // bits.
      return Sized(width, "$unsigned($countones(" + a + "))");
    case llvm::Intrinsic::scmp:
    case llvm::Intrinsic::ucmp: {
      const bool is_signed = i.getIntrinsicID() == llvm::Intrinsic::scmp;
      const std::string x = is_signed ? Signed(a) : a, y = is_signed ? Signed(b()) : b();
      return "(" + x + " < " + y + ") ? " + HexConstant(llvm::APInt::getAllOnes(width)) + " : " +
             Sized(width, x + " > " + y);
    }
    default:
      Refuse(i, "operation '" + i.getCalledFunction()->getName().str() + "'",
             "write it with basic operators");
  }
}

std::string Emitter::Expression(Instruction& i, const Context& at) {
  const std::vector<Slices> operands = p_.Operands(i);
  const unsigned width = p_.UsedWidth(&i), full = WidthOf(&i);
  const auto ref = [&](unsigned k) { return Ref(operands[k], at); };
  switch (i.getOpcode()) {
    case Instruction::Add:
      return ref(0) + " + " + ref(1);
    case Instruction::Sub:
      return ref(0) + " - " + ref(1);
    case Instruction::Mul:
      return Multiply(operands, width, at);
    case Instruction::And:
      return ref(0) + " & " + ref(1);
    case Instruction::Or:
      return ref(0) + " | " + ref(1);
    case Instruction::Xor:
      return AllOnes(operands[1]) ? "~" + ref(0) : ref(0) + " ^ " + ref(1);
    case Instruction::Shl:
      return ref(0) + " << " + ref(1);
    case Instruction::LShr:
      return width < full ? Sized(width, ref(0) + " >> " + ref(1)) : ref(0) + " >> " + ref(1);
    case Instruction::AShr:
      return "$unsigned(" + Sized(width, Signed(ref(0)) + " >>> " + ref(1)) + ")";
    case Instruction::ICmp:
      return Compare(cast<llvm::ICmpInst>(i), operands, at);
    case Instruction::Select:
      if (IsOne(operands[2], false)) return ref(0) + " & " + ref(1);
      if (IsOne(operands[1], true)) return ref(0) + " | " + ref(2);
      return ref(0) + " ? " + ref(1) + " : " + ref(2);
    case Instruction::Load: {
      const Memory& memory = p_.MemoryOf(i);
      return Select(memory.name + "_mem[" + AddressRef(i, at) + "]", memory.used_width, 0, width);
    }
    case Instruction::Call:
      if (IsDigitStep(i)) {
        const std::string high = Ref(Cut(operands[4], 1, 1), at),
                          low = Ref(Cut(operands[4], 0, 1), at);
        const std::string zero = std::to_string(width) + "'h0";
        return ref(0) + " + (" + high + " ? (" + low + " ? " + ref(3) + " : " + ref(2) + ") : (" +
               low + " ? " + ref(1) + " : " + zero + "))";
      }
      if (auto* intrinsic = dyn_cast<llvm::IntrinsicInst>(&i))
        return Intrinsic(*intrinsic, operands, at);
      [[fallthrough]];
    default:
      Refuse(i, "operation '" + std::string(i.getOpcodeName()) + "'",
             "see the subset in docs/hlsc.md");
  }
}

std::string Emitter::AddressRef(const Instruction& access, const Context& at) {
  const Address address = p_.AddressOf(access);
  const unsigned bits = address.memory->AddressBits();
  std::string out;
  for (size_t t = 0; t < address.terms.size(); ++t) {
    const Slices term = p_.AddressTerm(address, t);
    std::string text = Ref(term, at);
    if (TotalWidth(term) < bits) text = "$unsigned(" + Sized(bits, Signed(text)) + ")";
    const int64_t scale = address.terms[t].second;
    if (scale != 1) text += " * " + HexConstant(llvm::APInt(64, scale, true).trunc(bits));
    out += (out.empty() ? "" : " + ") + text;
  }
  const llvm::APInt base = llvm::APInt(64, address.base, true).trunc(bits);
  if (out.empty()) return HexConstant(base);
  return base.isZero() ? out : out + " + " + HexConstant(base);
}

}  // namespace hlsc
