// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Binary operators of ap_int with ap_int, its proxies and the built-in integers.
#ifndef HLSC_DETAIL_AP_OPS_H_
#define HLSC_DETAIL_AP_OPS_H_

#define HLSC_ARITHMETIC(OP, RESULT)                                                            \
  template <class A, class B, class R = hlsc_detail::EnableBinary<A, B>>                       \
  HLSC_INLINE typename R::RESULT operator OP(const A& a, const B& b) {                         \
    using Result = typename R::RESULT;                                                         \
    return Result::FromRaw(Result(hlsc_detail::OperandOf<A>::Get(a)).V OP                      \
                               Result(hlsc_detail::OperandOf<B>::Get(b)).V);                   \
  }
HLSC_ARITHMETIC(+, Plus)
HLSC_ARITHMETIC(-, Minus)
HLSC_ARITHMETIC(*, Times)
HLSC_ARITHMETIC(&, Logic)
HLSC_ARITHMETIC(|, Logic)
HLSC_ARITHMETIC(^, Logic)
#undef HLSC_ARITHMETIC

#define HLSC_DIVISION(OP, RESULT)                                                              \
  template <class A, class B, class R = hlsc_detail::EnableBinary<A, B>>                       \
  HLSC_INLINE typename R::RESULT operator OP(const A& a, const B& b) {                         \
    using Wide = ap_int_base<R::kMax + 1, (R::kSa || R::kSb)>;                                 \
    return typename R::RESULT(Wide::FromRaw(Wide(hlsc_detail::OperandOf<A>::Get(a)).V OP       \
                                                Wide(hlsc_detail::OperandOf<B>::Get(b)).V));   \
  }
HLSC_DIVISION(/, Quotient)
HLSC_DIVISION(%, Remainder)
#undef HLSC_DIVISION

#define HLSC_COMPARISON(OP, EXPRESSION)                                    \
  template <class A, class B, class R = hlsc_detail::EnableBinary<A, B>>   \
  HLSC_INLINE bool operator OP(const A& a, const B& b) {                   \
    using Wide = ap_int_base<R::kMax, (R::kSa || R::kSb)>;                 \
    const Wide x(hlsc_detail::OperandOf<A>::Get(a));                       \
    const Wide y(hlsc_detail::OperandOf<B>::Get(b));                       \
    return EXPRESSION;                                                     \
  }
HLSC_COMPARISON(==, x.V == y.V)
HLSC_COMPARISON(!=, !(x.V == y.V))
HLSC_COMPARISON(<, x.V < y.V)
HLSC_COMPARISON(>, y.V < x.V)
HLSC_COMPARISON(<=, !(y.V < x.V))
HLSC_COMPARISON(>=, !(x.V < y.V))
#undef HLSC_COMPARISON

namespace hlsc_detail {

// A shift amount: its magnitude, saturated to 32 bits, and whether it is negative.
template <int W, bool S>
HLSC_INLINE unsigned Magnitude(const ap_int_base<W, S>& n) {
  const ap_int_base<W + 1, true> wide(n);
  const ap_int_base<W + 1, false> size(n.sign() ? ap_int_base<W + 1, true>(-wide) : wide);
  if (W + 1 > 31 && static_cast<bool>(size >> 31u)) return 0x7fffffffu;
  return size.to_uint();
}
HLSC_INLINE unsigned Magnitude(unsigned n) { return n; }

template <bool Left, int W, bool S>
HLSC_INLINE ap_int_base<W, S> Shift(const ap_int_base<W, S>& a, unsigned n) {
  return Left ? a.ShiftLeft(n) : a.ShiftRight(n);
}

template <bool Left, int W, bool S, int Wn, bool Sn>
HLSC_INLINE ap_int_base<W, S> ShiftBy(const ap_int_base<W, S>& a, const ap_int_base<Wn, Sn>& n) {
  if (n.sign()) return Shift<!Left>(a, Magnitude(n));
  return Shift<Left>(a, Magnitude(n));
}
template <bool Left, int W, bool S, int Wn>
HLSC_INLINE ap_int_base<W, S> ShiftBy(const ap_int_base<W, S>& a, const ap_int_base<Wn, false>& n) {
  if (Wn > 32 && static_cast<bool>(n >> 31u)) return Shift<Left>(a, 0x7fffffffu);
  return Shift<Left>(a, n.to_uint());
}

// An ap_int on the left of a concatenation is held by reference, a proxy by value.
template <class T>
struct Held {
  using Type = T;
};
template <int W, bool S>
struct Held<ap_int_base<W, S>> {
  using Type = ap_int_base<W, S>&;
};
template <int W>
struct Held<ap_int<W>> {
  using Type = ap_int<W>&;
};
template <int W>
struct Held<ap_uint<W>> {
  using Type = ap_uint<W>&;
};
template <class T>
struct NoConst {
  using Type = T;
};
template <class T>
struct NoConst<const T> {
  using Type = T;
};
template <class T>
struct NoConst<T&> {
  using Type = typename NoConst<T>::Type;
};
template <class A, class B>
using EnableConcat =
    typename EnableIf<Operand<typename NoConst<A>::Type>::kIsAp && Operand<typename NoConst<B>::Type>::kIsAp>::Type;

}  // namespace hlsc_detail

// x << n and x >> n where x is an ap_int or a proxy.
#define HLSC_SHIFT(OP, LEFT)                                                                      \
  template <class A, class B,                                                                     \
            class = typename hlsc_detail::EnableIf<hlsc_detail::Operand<A>::kIsAp &&              \
                                                   hlsc_detail::Operand<B>::kIs>::Type>           \
  HLSC_INLINE typename hlsc_detail::OperandOf<A>::Base operator OP(const A& a, const B& n) {      \
    return hlsc_detail::ShiftBy<LEFT>(hlsc_detail::OperandOf<A>::Get(a),                          \
                                      hlsc_detail::OperandOf<B>::Get(n));                         \
  }
HLSC_SHIFT(<<, true)
HLSC_SHIFT(>>, false)
#undef HLSC_SHIFT

template <class A, class B, class = hlsc_detail::EnableConcat<A, B>>
HLSC_INLINE auto operator,(A&& high, B&& low) {
  using Ta = typename hlsc_detail::NoConst<A>::Type;
  using Tb = typename hlsc_detail::NoConst<B>::Type;
  using Ref = ap_concat_ref<typename hlsc_detail::Held<Ta>::Type, typename hlsc_detail::Held<Tb>::Type,
                            Ta::width, Tb::width>;
  return Ref(const_cast<Ta&>(high), const_cast<Tb&>(low));
}

#endif  // HLSC_DETAIL_AP_OPS_H_
