// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The storage behind ap_int: an integer of exactly W bits with wrap-around arithmetic.
// Under hlsc it is clang's _BitInt; in C simulation (any C++14 compiler) it is an array of 64-bit
// limbs that are always kept sign- or zero-extended.
#ifndef HLSC_DETAIL_RAW_INT_H_
#define HLSC_DETAIL_RAW_INT_H_

#include <stdint.h>

#define HLSC_INLINE inline __attribute__((always_inline))

namespace hlsc_detail {

#ifdef __HLSC__

template <int W, bool S>
struct RawOf {
  using Type = unsigned _BitInt(W);
};
template <int W>
struct RawOf<W, true> {
  using Type = signed _BitInt(W);
};
// C++ has no signed _BitInt(1): its one bit is kept as such and counts as 0 or -1 when it is used,
// so that it does not matter where it came from (a register, a stream, a field of a struct).
struct SignBit {
  using Value = signed _BitInt(2);
  unsigned _BitInt(1) bit;

  SignBit() = default;
  template <class From>
  HLSC_INLINE explicit SignBit(From value) : bit(static_cast<unsigned _BitInt(1)>(value)) {}
  HLSC_INLINE operator Value() const { return static_cast<Value>(-static_cast<Value>(bit)); }
};
#define HLSC_SIGN_BIT(OP, RESULT)                                                    \
  HLSC_INLINE RESULT operator OP(SignBit a, SignBit b) {                             \
    return RESULT(static_cast<SignBit::Value>(a) OP static_cast<SignBit::Value>(b)); \
  }
HLSC_SIGN_BIT(&, SignBit)
HLSC_SIGN_BIT(|, SignBit)
HLSC_SIGN_BIT(^, SignBit)
HLSC_SIGN_BIT(/, SignBit)
HLSC_SIGN_BIT(%, SignBit)
HLSC_SIGN_BIT(==, bool)
HLSC_SIGN_BIT(<, bool)
#undef HLSC_SIGN_BIT
HLSC_INLINE SignBit operator~(SignBit a) { return SignBit(~static_cast<SignBit::Value>(a)); }
HLSC_INLINE SignBit operator<<(SignBit a, int n) {
  return SignBit(static_cast<SignBit::Value>(a) << n);
}
HLSC_INLINE SignBit operator>>(SignBit a, int n) {
  return SignBit(static_cast<SignBit::Value>(a) >> n);
}

template <>
struct RawOf<1, true> {
  using Type = SignBit;
};

template <int W, bool S, class From>
HLSC_INLINE typename RawOf<W, S>::Type CastRaw(From value) {
  return static_cast<typename RawOf<W, S>::Type>(value);
}
template <class Raw>
HLSC_INLINE uint64_t LowWord(Raw value) {
  return static_cast<uint64_t>(value);
}

#else  // C simulation

__extension__ typedef unsigned __int128 Uint128;

template <int W, bool S>
struct Limbs {
  static_assert(W >= 1, "an ap_int has at least one bit");
  enum { kLimbs = (W + 63) / 64, kTopBits = W - 64 * (kLimbs - 1) };
  uint64_t d[kLimbs];

  HLSC_INLINE Limbs() : d() {}
  HLSC_INLINE explicit Limbs(int64_t v) {
    for (int i = 0; i < kLimbs; ++i) d[i] = i == 0 ? static_cast<uint64_t>(v) : (v < 0 ? ~0ull : 0);
    Normalize();
  }
  HLSC_INLINE explicit Limbs(uint64_t v) {
    for (int i = 0; i < kLimbs; ++i) d[i] = i == 0 ? v : 0;
    Normalize();
  }
  template <int W2, bool S2>
  HLSC_INLINE explicit Limbs(const Limbs<W2, S2>& o) {
    for (int i = 0; i < kLimbs; ++i) d[i] = o.At(i);
    Normalize();
  }
  HLSC_INLINE bool Negative() const { return S && static_cast<int64_t>(d[kLimbs - 1]) < 0; }
  HLSC_INLINE uint64_t At(int i) const { return i < kLimbs ? d[i] : (Negative() ? ~0ull : 0); }
  HLSC_INLINE void Normalize() {
    uint64_t& top = d[kLimbs - 1];
    const int unused = (64 - kTopBits) & 63;
    top <<= unused;
    top = S ? static_cast<uint64_t>(static_cast<int64_t>(top) >> unused) : top >> unused;
  }

  friend Limbs operator+(const Limbs& a, const Limbs& b) {
    Limbs r;
    uint64_t carry = 0;
    for (int i = 0; i < kLimbs; ++i) {
      const Uint128 sum = static_cast<Uint128>(a.d[i]) + b.d[i] + carry;
      r.d[i] = static_cast<uint64_t>(sum);
      carry = static_cast<uint64_t>(sum >> 64);
    }
    r.Normalize();
    return r;
  }
  friend Limbs operator~(const Limbs& a) {
    Limbs r;
    for (int i = 0; i < kLimbs; ++i) r.d[i] = ~a.d[i];
    r.Normalize();
    return r;
  }
  friend Limbs operator-(const Limbs& a) { return ~a + Limbs(static_cast<uint64_t>(1)); }
  friend Limbs operator-(const Limbs& a, const Limbs& b) { return a + -b; }
  friend Limbs operator*(const Limbs& a, const Limbs& b) {
    Limbs r;
    for (int i = 0; i < kLimbs; ++i) {
      uint64_t carry = 0;
      for (int j = 0; i + j < kLimbs; ++j) {
        const Uint128 p = static_cast<Uint128>(a.d[i]) * b.d[j] + r.d[i + j] + carry;
        r.d[i + j] = static_cast<uint64_t>(p);
        carry = static_cast<uint64_t>(p >> 64);
      }
    }
    r.Normalize();
    return r;
  }
  friend Limbs operator&(const Limbs& a, const Limbs& b) {
    Limbs r;
    for (int i = 0; i < kLimbs; ++i) r.d[i] = a.d[i] & b.d[i];
    return r;
  }
  friend Limbs operator|(const Limbs& a, const Limbs& b) {
    Limbs r;
    for (int i = 0; i < kLimbs; ++i) r.d[i] = a.d[i] | b.d[i];
    return r;
  }
  friend Limbs operator^(const Limbs& a, const Limbs& b) {
    Limbs r;
    for (int i = 0; i < kLimbs; ++i) r.d[i] = a.d[i] ^ b.d[i];
    return r;
  }
  // Shifts by 0 <= n < W.
  friend Limbs operator<<(const Limbs& a, int n) {
    Limbs r;
    const int words = n / 64, bits = n % 64;
    for (int i = kLimbs - 1; i >= words; --i) {
      r.d[i] = a.d[i - words] << bits;
      if (bits != 0 && i > words) r.d[i] |= a.d[i - words - 1] >> (64 - bits);
    }
    r.Normalize();
    return r;
  }
  friend Limbs operator>>(const Limbs& a, int n) {
    Limbs r;
    const int words = n / 64, bits = n % 64;
    for (int i = 0; i < kLimbs; ++i) {
      r.d[i] = a.At(i + words) >> bits;
      if (bits != 0) r.d[i] |= a.At(i + words + 1) << (64 - bits);
    }
    r.Normalize();
    return r;
  }
  friend bool operator==(const Limbs& a, const Limbs& b) {
    for (int i = 0; i < kLimbs; ++i) {
      if (a.d[i] != b.d[i]) return false;
    }
    return true;
  }
  friend bool operator<(const Limbs& a, const Limbs& b) {
    if (a.Negative() != b.Negative()) return a.Negative();
    for (int i = kLimbs - 1; i >= 0; --i) {
      if (a.d[i] != b.d[i]) return a.d[i] < b.d[i];
    }
    return false;
  }
  // Long division of magnitudes; the quotient truncates towards zero as in C++.
  static void DivMod(const Limbs& a, const Limbs& b, Limbs* quotient, Limbs* remainder) {
    using Magnitude = Limbs<W + 1, false>;
    const Magnitude n(a.Negative() ? Magnitude(-Limbs<W + 1, true>(a)) : Magnitude(a));
    const Magnitude d(b.Negative() ? Magnitude(-Limbs<W + 1, true>(b)) : Magnitude(b));
    Magnitude q, r;
    for (int i = W; i >= 0; --i) {
      r = r << 1;
      r.d[0] |= (n >> i).d[0] & 1;
      if (!(r < d)) {
        r = r - d;
        q = q | (Magnitude(static_cast<uint64_t>(1)) << i);
      }
    }
    *quotient = a.Negative() != b.Negative() ? -Limbs(q) : Limbs(q);
    *remainder = a.Negative() ? -Limbs(r) : Limbs(r);
  }
  friend Limbs operator/(const Limbs& a, const Limbs& b) {
    Limbs q, r;
    DivMod(a, b, &q, &r);
    return q;
  }
  friend Limbs operator%(const Limbs& a, const Limbs& b) {
    Limbs q, r;
    DivMod(a, b, &q, &r);
    return r;
  }
};

template <int W, bool S>
struct RawOf {
  using Type = Limbs<W, S>;
};
template <int W, bool S, class From>
HLSC_INLINE Limbs<W, S> CastRaw(const From& value) {
  return Limbs<W, S>(value);
}
template <int W, bool S>
HLSC_INLINE uint64_t LowWord(const Limbs<W, S>& value) {
  return value.d[0];
}

#endif  // __HLSC__

// The built-in integers as operands: their width and signedness.
template <class T>
struct BuiltIn {
  enum { kIs = 0 };
};
#define HLSC_BUILT_IN(TYPE, WIDTH, SIGN)                  \
  template <>                                             \
  struct BuiltIn<TYPE> {                                  \
    enum { kIs = 1, kWidth = WIDTH, kSign = SIGN };       \
  };
HLSC_BUILT_IN(bool, 1, 0)
HLSC_BUILT_IN(char, 8, (static_cast<char>(-1) < 0))
HLSC_BUILT_IN(signed char, 8, 1)
HLSC_BUILT_IN(unsigned char, 8, 0)
HLSC_BUILT_IN(short, 16, 1)
HLSC_BUILT_IN(unsigned short, 16, 0)
HLSC_BUILT_IN(int, 32, 1)
HLSC_BUILT_IN(unsigned, 32, 0)
HLSC_BUILT_IN(long, 8 * sizeof(long), 1)
HLSC_BUILT_IN(unsigned long, 8 * sizeof(long), 0)
HLSC_BUILT_IN(long long, 64, 1)
HLSC_BUILT_IN(unsigned long long, 64, 0)
#undef HLSC_BUILT_IN

template <bool Condition, class T = void>
struct EnableIf {};
template <class T>
struct EnableIf<true, T> {
  using Type = T;
};
template <bool Condition, class A, class B>
struct Choose {
  using Type = A;
};
template <class A, class B>
struct Choose<false, A, B> {
  using Type = B;
};

}  // namespace hlsc_detail

#endif  // HLSC_DETAIL_RAW_INT_H_
