// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// ap_int<W> and ap_uint<W>: arbitrary-precision integers with the semantics of the AMD Vitis
// header of the same name, for the hlsc compiler and for C simulation with any C++14 compiler.
// Result widths: a+b, a-b: wider operand + 1 (a-b is always signed); a*b: sum of the widths;
// &,|,^: wider operand; <<, >>: the left operand's type, amounts >= W shift everything out and a
// negative amount shifts the other way. Assignment wraps.
#ifndef HLSC_AP_INT_H_
#define HLSC_AP_INT_H_

#include "hlsc_detail/raw_int.h"

template <int W, bool S>
struct ap_int_base;
template <int W>
struct ap_int;
template <int W>
struct ap_uint;
template <int W, bool S>
struct ap_range_ref;
template <int W, bool S>
struct ap_bit_ref;

namespace hlsc_detail {

// Operand<T>: what T is as an operand of ap_int arithmetic.
template <class T, class Enable = void>
struct Operand {
  enum { kIs = BuiltIn<T>::kIs, kIsAp = 0 };
};
template <class T>
struct Operand<T, typename T::ApTag> {
  enum { kIs = 1, kIsAp = 1, kWidth = T::width, kSign = T::sign_flag };
  using Base = ap_int_base<kWidth, kSign != 0>;
  static HLSC_INLINE Base Get(const T& value) { return value.get(); }
};
template <class T>
struct BuiltInOperand {
  enum { kWidth = BuiltIn<T>::kWidth, kSign = BuiltIn<T>::kSign };
  using Base = ap_int_base<kWidth, kSign != 0>;
  static HLSC_INLINE Base Get(T value) { return Base(value); }
};
template <class T>
using OperandOf =
    typename Choose<BuiltIn<T>::kIs != 0, BuiltInOperand<T>, Operand<T>>::Type;

// Result types of a binary operation.
template <class A, class B>
struct Binary {
  enum {
    kWa = OperandOf<A>::kWidth,
    kWb = OperandOf<B>::kWidth,
    kSa = OperandOf<A>::kSign,
    kSb = OperandOf<B>::kSign,
    kEa = kWa + (kSb && !kSa),
    kEb = kWb + (kSa && !kSb),
    kMax = static_cast<int>(kEa) > static_cast<int>(kEb) ? static_cast<int>(kEa)
                                                         : static_cast<int>(kEb)
  };
  using Plus = ap_int_base<kMax + 1, (kSa || kSb)>;
  using Minus = ap_int_base<kMax + 1, true>;
  using Times = ap_int_base<kWa + kWb, (kSa || kSb)>;
  using Logic = ap_int_base<kMax, (kSa || kSb)>;
  using Quotient = ap_int_base<kWa + kSb, (kSa || kSb)>;
  enum {
    kRem = static_cast<int>(kWa) < static_cast<int>(kWb) + (!kSb && kSa)
               ? static_cast<int>(kWa)
               : static_cast<int>(kWb) + (!kSb && kSa)
  };
  using Remainder = ap_int_base<kRem, (kSa != 0)>;
  using Wide = ap_int_base<kMax + 1, true>;  // holds both operands, for comparisons and division
};
template <class A, class B>
using EnableBinary =
    typename EnableIf<Operand<A>::kIs && Operand<B>::kIs && (Operand<A>::kIsAp || Operand<B>::kIsAp),
                      Binary<A, B>>::Type;

// The built-in type that an ap_int converts to implicitly.
template <int Bytes, bool S>
struct Nearest {
  using Type = typename Choose<S, long long, unsigned long long>::Type;
};
#define HLSC_NEAREST(BYTES, SIGNED, UNSIGNED)                      \
  template <bool S>                                                \
  struct Nearest<BYTES, S> {                                       \
    using Type = typename Choose<S, SIGNED, UNSIGNED>::Type;       \
  };
HLSC_NEAREST(1, signed char, unsigned char)
HLSC_NEAREST(2, short, unsigned short)
HLSC_NEAREST(3, int, unsigned)
HLSC_NEAREST(4, int, unsigned)
#undef HLSC_NEAREST

}  // namespace hlsc_detail

template <int W, bool S>
struct ap_int_base {
  using ApTag = void;
  enum { width = W, iwidth = W, sign_flag = S };
  using Raw = typename hlsc_detail::RawOf<W, S>::Type;
  using Nearest = typename hlsc_detail::Nearest<(W + 7) / 8, S>::Type;
  Raw V;

  // As in Vitis the default value is indeterminate for synthesis; C simulation starts from 0.
  ap_int_base() = default;
  ap_int_base(const ap_int_base&) = default;
  ap_int_base& operator=(const ap_int_base&) = default;
  template <int W2, bool S2>
  HLSC_INLINE ap_int_base(const ap_int_base<W2, S2>& o) : V(hlsc_detail::CastRaw<W, S>(o.V)) {}
  template <int W2, bool S2>
  HLSC_INLINE ap_int_base(const ap_range_ref<W2, S2>& o) : ap_int_base(o.get()) {}
  template <int W2, bool S2>
  HLSC_INLINE ap_int_base(const ap_bit_ref<W2, S2>& o) : ap_int_base(o.get()) {}
#define HLSC_FROM(TYPE, WORD) \
  HLSC_INLINE ap_int_base(TYPE v) : V(hlsc_detail::CastRaw<W, S>(static_cast<WORD>(v))) {}
  HLSC_FROM(bool, uint64_t)
  HLSC_FROM(char, int64_t)
  HLSC_FROM(signed char, int64_t)
  HLSC_FROM(unsigned char, uint64_t)
  HLSC_FROM(short, int64_t)
  HLSC_FROM(unsigned short, uint64_t)
  HLSC_FROM(int, int64_t)
  HLSC_FROM(unsigned, uint64_t)
  HLSC_FROM(long, int64_t)
  HLSC_FROM(unsigned long, uint64_t)
  HLSC_FROM(long long, int64_t)
  HLSC_FROM(unsigned long long, uint64_t)
#undef HLSC_FROM
  static HLSC_INLINE ap_int_base FromRaw(const Raw& raw) {
    ap_int_base r;
    r.V = hlsc_detail::CastRaw<W, S>(raw);
    return r;
  }
  HLSC_INLINE ap_int_base get() const { return *this; }

  HLSC_INLINE operator Nearest() const { return static_cast<Nearest>(hlsc_detail::LowWord(V)); }
  HLSC_INLINE explicit operator bool() const { return !(V == Raw(hlsc_detail::CastRaw<W, S>(0ul))); }
  HLSC_INLINE bool operator!() const { return !static_cast<bool>(*this); }
  HLSC_INLINE bool to_bool() const { return static_cast<bool>(*this); }
  HLSC_INLINE int to_int() const { return static_cast<int>(hlsc_detail::LowWord(V)); }
  HLSC_INLINE unsigned to_uint() const { return static_cast<unsigned>(hlsc_detail::LowWord(V)); }
  HLSC_INLINE long to_long() const { return static_cast<long>(hlsc_detail::LowWord(V)); }
  HLSC_INLINE unsigned long to_ulong() const { return hlsc_detail::LowWord(V); }
  HLSC_INLINE long long to_int64() const {
    return static_cast<long long>(hlsc_detail::LowWord(V));
  }
  HLSC_INLINE unsigned long long to_uint64() const { return hlsc_detail::LowWord(V); }
  HLSC_INLINE int length() const { return W; }

  // Bits and ranges.
  HLSC_INLINE ap_range_ref<W, S> range(int hi, int lo) { return ap_range_ref<W, S>(this, hi, lo); }
  HLSC_INLINE ap_range_ref<W, S> operator()(int hi, int lo) { return range(hi, lo); }
  HLSC_INLINE ap_range_ref<W, S> range() { return range(W - 1, 0); }
  HLSC_INLINE ap_int_base<W, false> range(int hi, int lo) const { return Bits(hi, lo); }
  HLSC_INLINE ap_int_base<W, false> operator()(int hi, int lo) const { return Bits(hi, lo); }
  HLSC_INLINE ap_bit_ref<W, S> operator[](int i) { return ap_bit_ref<W, S>(this, i); }
  HLSC_INLINE bool operator[](int i) const { return test(i); }
  HLSC_INLINE ap_bit_ref<W, S> bit(int i) { return ap_bit_ref<W, S>(this, i); }
  HLSC_INLINE bool bit(int i) const { return test(i); }
  HLSC_INLINE bool test(int i) const { return (hlsc_detail::LowWord(Unsigned().V >> i) & 1) != 0; }
  HLSC_INLINE void set(int i) { SetBits(i, i, ap_int_base<W, false>(1)); }
  HLSC_INLINE void clear(int i) { SetBits(i, i, ap_int_base<W, false>(0)); }
  HLSC_INLINE void set_bit(int i, bool v) { SetBits(i, i, ap_int_base<W, false>(v)); }
  HLSC_INLINE bool get_bit(int i) const { return test(i); }
  HLSC_INLINE void invert(int i) { set_bit(i, !test(i)); }
  HLSC_INLINE bool sign() const { return S && test(W - 1); }
  HLSC_INLINE bool or_reduce() const { return static_cast<bool>(*this); }
  HLSC_INLINE bool and_reduce() const { return !static_cast<bool>(~*this); }
  HLSC_INLINE bool nand_reduce() const { return !and_reduce(); }
  HLSC_INLINE bool nor_reduce() const { return !or_reduce(); }
  HLSC_INLINE bool xor_reduce() const {
    auto u = Unsigned();
    for (int s = 1; s < W; s *= 2) u = u ^ (u >> s);
    return u.test(0);
  }
  HLSC_INLINE bool xnor_reduce() const { return !xor_reduce(); }
  HLSC_INLINE ap_int_base reverse() const {
    ap_int_base r(0);
    for (int i = 0; i < W; ++i) r.set_bit(i, test(W - 1 - i));
    return r;
  }
  HLSC_INLINE int countLeadingZeros() const {
    int n = W;
    for (int i = 0; i < W; ++i) n = test(i) ? W - 1 - i : n;
    return n;
  }

  // What the proxies use.
  HLSC_INLINE ap_int_base<W, false> Unsigned() const { return ap_int_base<W, false>(*this); }
  static HLSC_INLINE ap_int_base<W, false> Mask(int length) {
    return ~ap_int_base<W, false>(0) >> static_cast<unsigned>(W - length);
  }
  HLSC_INLINE ap_int_base<W, false> Bits(int hi, int lo) const {
    return (Unsigned() >> static_cast<unsigned>(lo)) & Mask(hi - lo + 1);
  }
  HLSC_INLINE void SetBits(int hi, int lo, const ap_int_base<W, false>& value) {
    const ap_int_base<W, false> mask = Mask(hi - lo + 1);
    const unsigned shift = static_cast<unsigned>(lo);
    *this = ap_int_base((Unsigned() & ~(mask << shift)) | ((value & mask) << shift));
  }

  // Unary.
  HLSC_INLINE ap_int_base operator+() const { return *this; }
  HLSC_INLINE ap_int_base<W + 1, true> operator-() const {
    return ap_int_base<W + 1, true>::FromRaw(-ap_int_base<W + 1, true>(*this).V);
  }
  HLSC_INLINE ap_int_base operator~() const { return FromRaw(~V); }
  HLSC_INLINE ap_int_base& operator++() { return *this = ap_int_base(*this + ap_int_base<1, false>(1)); }
  HLSC_INLINE ap_int_base& operator--() { return *this = ap_int_base(*this - ap_int_base<1, false>(1)); }
  HLSC_INLINE ap_int_base operator++(int) {
    const ap_int_base old = *this;
    ++*this;
    return old;
  }
  HLSC_INLINE ap_int_base operator--(int) {
    const ap_int_base old = *this;
    --*this;
    return old;
  }

  // Shifts.
  HLSC_INLINE ap_int_base ShiftLeft(unsigned n) const {
    return n >= static_cast<unsigned>(W) ? ap_int_base(0)
                                         : FromRaw(V << static_cast<int>(n));
  }
  HLSC_INLINE ap_int_base ShiftRight(unsigned n) const {
    if (n >= static_cast<unsigned>(W)) return ap_int_base(sign() ? -1 : 0);
    return FromRaw(V >> static_cast<int>(n));
  }

#define HLSC_COMPOUND(OP)                                                       \
  template <class T, class = hlsc_detail::EnableBinary<ap_int_base, T>>         \
  HLSC_INLINE ap_int_base& operator OP##=(const T& o) {                         \
    return *this = ap_int_base(*this OP o);                                     \
  }
  HLSC_COMPOUND(+)
  HLSC_COMPOUND(-)
  HLSC_COMPOUND(*)
  HLSC_COMPOUND(/)
  HLSC_COMPOUND(%)
  HLSC_COMPOUND(&)
  HLSC_COMPOUND(|)
  HLSC_COMPOUND(^)
  HLSC_COMPOUND(<<)
  HLSC_COMPOUND(>>)
#undef HLSC_COMPOUND
};

#include "hlsc_detail/ap_refs.h"
#include "hlsc_detail/ap_ops.h"

#define HLSC_AP_CLASS(NAME, SIGN)                                             \
  template <int W>                                                            \
  struct NAME : ap_int_base<W, SIGN> {                                        \
    using Base = ap_int_base<W, SIGN>;                                        \
    NAME() = default;                                                         \
    NAME(const NAME&) = default;                                              \
    NAME& operator=(const NAME&) = default;                                   \
    template <class T, class = hlsc_detail::EnableOperand<T>>                 \
    HLSC_INLINE NAME(const T& v) : Base(hlsc_detail::OperandOf<T>::Get(v)) {} \
    template <class T, class = hlsc_detail::EnableOperand<T>>                 \
    HLSC_INLINE NAME& operator=(const T& v) {                                 \
      this->V = Base(hlsc_detail::OperandOf<T>::Get(v)).V;                    \
      return *this;                                                           \
    }                                                                         \
  };
HLSC_AP_CLASS(ap_int, true)
HLSC_AP_CLASS(ap_uint, false)
#undef HLSC_AP_CLASS

#endif  // HLSC_AP_INT_H_
