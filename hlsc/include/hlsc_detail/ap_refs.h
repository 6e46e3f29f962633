// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// Proxies of ap_int: a bit range, one bit, and a concatenation, each readable and assignable.
#ifndef HLSC_DETAIL_AP_REFS_H_
#define HLSC_DETAIL_AP_REFS_H_

namespace hlsc_detail {
template <class T>
using EnableOperand = typename EnableIf<Operand<T>::kIs != 0>::Type;
}  // namespace hlsc_detail

// The members that every proxy shares; Self has get().
#define HLSC_PROXY_READS(WIDTH)                                                              \
  using ApTag = void;                                                                        \
  enum { width = WIDTH, sign_flag = 0 };                                                     \
  HLSC_INLINE operator typename ap_int_base<WIDTH, false>::Nearest() const { return get(); } \
  HLSC_INLINE explicit operator bool() const { return static_cast<bool>(get()); }            \
  HLSC_INLINE bool operator!() const { return !get(); }                                      \
  HLSC_INLINE ap_int_base<WIDTH, false> operator~() const { return ~get(); }                 \
  HLSC_INLINE bool to_bool() const { return get().to_bool(); }                               \
  HLSC_INLINE int to_int() const { return get().to_int(); }                                  \
  HLSC_INLINE unsigned to_uint() const { return get().to_uint(); }                           \
  HLSC_INLINE long long to_int64() const { return get().to_int64(); }                        \
  HLSC_INLINE unsigned long long to_uint64() const { return get().to_uint64(); }             \
  HLSC_INLINE bool or_reduce() const { return get().or_reduce(); }

template <int W, bool S>
struct ap_range_ref {
  ap_int_base<W, S>* base;
  int hi;
  int lo;
  HLSC_INLINE ap_range_ref(ap_int_base<W, S>* b, int h, int l) : base(b), hi(h), lo(l) {}
  ap_range_ref(const ap_range_ref&) = default;
  HLSC_INLINE ap_int_base<W, false> get() const { return base->Bits(hi, lo); }
  HLSC_INLINE int length() const { return hi - lo + 1; }
  HLSC_PROXY_READS(W)
  HLSC_INLINE ap_range_ref& operator=(const ap_range_ref& o) {
    base->SetBits(hi, lo, o.get());
    return *this;
  }
  template <class T, class = hlsc_detail::EnableOperand<T>>
  HLSC_INLINE ap_range_ref& operator=(const T& v) {
    base->SetBits(hi, lo, ap_int_base<W, false>(hlsc_detail::OperandOf<T>::Get(v)));
    return *this;
  }
  HLSC_INLINE bool and_reduce() const { return get() == ap_int_base<W, S>::Mask(length()); }
#define HLSC_COMPOUND(OP)                                     \
  template <class T, class = hlsc_detail::EnableOperand<T>>   \
  HLSC_INLINE ap_range_ref& operator OP##=(const T& o) {      \
    return *this = get() OP o;                                \
  }
  HLSC_COMPOUND(+)
  HLSC_COMPOUND(-)
  HLSC_COMPOUND(&)
  HLSC_COMPOUND(|)
  HLSC_COMPOUND(^)
#undef HLSC_COMPOUND
};

template <int W, bool S>
struct ap_bit_ref {
  ap_int_base<W, S>* base;
  int index;
  HLSC_INLINE ap_bit_ref(ap_int_base<W, S>* b, int i) : base(b), index(i) {}
  ap_bit_ref(const ap_bit_ref&) = default;
  using ApTag = void;
  enum { width = 1, sign_flag = 0 };
  HLSC_INLINE ap_int_base<1, false> get() const { return ap_int_base<1, false>(base->test(index)); }
  HLSC_INLINE int length() const { return 1; }
  HLSC_INLINE operator bool() const { return base->test(index); }
  HLSC_INLINE bool to_bool() const { return base->test(index); }
  HLSC_INLINE bool operator!() const { return !base->test(index); }
  HLSC_INLINE bool operator~() const { return !base->test(index); }
  HLSC_INLINE ap_bit_ref& operator=(const ap_bit_ref& o) {
    base->set_bit(index, o.to_bool());
    return *this;
  }
  template <class T, class = hlsc_detail::EnableOperand<T>>
  HLSC_INLINE ap_bit_ref& operator=(const T& v) {
    base->set_bit(index, hlsc_detail::OperandOf<T>::Get(v).test(0));
    return *this;
  }
};

// (a, b): a above b. A and B are references to ap_ints or proxies by value.
template <class A, class B, int Wa, int Wb>
struct ap_concat_ref {
  A high;
  B low;
  HLSC_INLINE ap_concat_ref(A h, B l) : high(h), low(l) {}
  HLSC_INLINE int length() const { return high.length() + low.length(); }
  HLSC_INLINE ap_int_base<Wa + Wb, false> get() const {
    const ap_int_base<Wa + Wb, false> h(high.get().Unsigned());
    const ap_int_base<Wa + Wb, false> l(low.get().Unsigned());
    return (h << static_cast<unsigned>(low.length())) | l;
  }
  HLSC_PROXY_READS(Wa + Wb)
  template <class T, class = hlsc_detail::EnableOperand<T>>
  HLSC_INLINE ap_concat_ref& operator=(const T& v) {
    const ap_int_base<Wa + Wb, false> value(hlsc_detail::OperandOf<T>::Get(v));
    low = value;
    high = value >> static_cast<unsigned>(low.length());
    return *this;
  }
  HLSC_INLINE ap_concat_ref& operator=(const ap_concat_ref& o) { return *this = o.get(); }
  ap_concat_ref(const ap_concat_ref&) = default;
};

#undef HLSC_PROXY_READS

#endif  // HLSC_DETAIL_AP_REFS_H_
