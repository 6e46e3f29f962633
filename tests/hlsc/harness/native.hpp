// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The native side of a co-simulation: calls a kernel as an ordinary C++ function on values given
// as Bits. The arguments are taken from the function's own signature.
#pragma once

#include <ap_int.h>
#include <hls_burst_maxi.h>
#include <hls_stream.h>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "bits.hpp"

namespace cosim {

template <class T, class Enable = void>
struct Wire {
  static constexpr int kWidth = T::width;
  static Bits ToBits(T value) {
    Bits bits(kWidth);
    for (int low = 0; low < kWidth; low += 32) {
      const int high = low + 31 < kWidth ? low + 31 : kWidth - 1;
      const ap_uint<32> word = value.range(high, low);
      bits.SetWord(static_cast<std::size_t>(low / 32), word.to_uint());
    }
    return bits;
  }
  static T FromBits(const Bits& bits) {
    T value = 0;
    for (int low = 0; low < kWidth; low += 32) {
      const int high = low + 31 < kWidth ? low + 31 : kWidth - 1;
      value.range(high, low) = ap_uint<32>(bits.Word(static_cast<std::size_t>(low / 32)));
    }
    return value;
  }
};
template <class T>
struct Wire<T, std::enable_if_t<std::is_integral_v<T>>> {
  static constexpr int kWidth = std::is_same_v<T, bool> ? 1 : 8 * static_cast<int>(sizeof(T));
  static Bits ToBits(T value) { return Bits(kWidth, static_cast<uint64_t>(value)); }
  static T FromBits(const Bits& bits) { return static_cast<T>(bits.Low64()); }
};

// One argument of a kernel. Elements are the streams of an array of streams.
class Argument {
 public:
  enum class Kind { kStream, kMemory, kScalar };
  Argument(Kind kind, int width, int elements) : kind_(kind), width_(width), elements_(elements) {}
  virtual ~Argument() = default;
  Kind kind() const { return kind_; }
  int width() const { return width_; }
  int elements() const { return elements_; }

  virtual void Push(int /*element*/, const Bits& /*value*/) {}
  virtual std::vector<Bits> Drain(int /*element*/) { return {}; }
  virtual std::size_t Waiting(int /*element*/) const { return 0; }
  virtual void SetScalar(const Bits& /*value*/) {}
  virtual void SetMemory(const std::vector<Bits>& /*contents*/) {}
  virtual std::vector<Bits> Memory() const { return {}; }
  virtual bool Settled() const { return true; }

 private:
  Kind kind_;
  int width_;
  int elements_;
};

template <class P>
class ScalarArgument : public Argument {
 public:
  using T = std::remove_cv_t<std::remove_reference_t<P>>;
  ScalarArgument() : Argument(Kind::kScalar, Wire<T>::kWidth, 1) {}
  void SetScalar(const Bits& value) override { value_ = Wire<T>::FromBits(value); }
  T& Pass() { return value_; }

 private:
  T value_ = T(0);
};

template <class Stream, class T, int kElements>
class StreamArgument : public Argument {
 public:
  StreamArgument() : Argument(Kind::kStream, Wire<T>::kWidth, kElements) {}
  void Push(int element, const Bits& value) override {
    streams_[element].write(Wire<T>::FromBits(value));
  }
  std::vector<Bits> Drain(int element) override {
    std::vector<Bits> values;
    while (!streams_[element].empty()) values.push_back(Wire<T>::ToBits(streams_[element].read()));
    return values;
  }
  std::size_t Waiting(int element) const override { return streams_[element].size(); }

 protected:
  Stream streams_[kElements];
};

template <class P>
struct ArgumentOf : ScalarArgument<P> {};
template <class T, int D>
struct ArgumentOf<hls::stream<T, D>&> : StreamArgument<hls::stream<T, D>, T, 1> {
  hls::stream<T, D>& Pass() { return this->streams_[0]; }
};
template <class T, int D, std::size_t N>
struct ArgumentOf<hls::stream<T, D> (&)[N]>
    : StreamArgument<hls::stream<T, D>, T, static_cast<int>(N)> {
  hls::stream<T, D> (&Pass())[N] { return this->streams_; }
};

template <class T>
class MemoryArgument : public Argument {
 public:
  MemoryArgument() : Argument(Kind::kMemory, Wire<T>::kWidth, 1) { SetMemory({}); }
  void SetMemory(const std::vector<Bits>& contents) override {
    contents_.clear();
    for (const Bits& value : contents) contents_.push_back(Wire<T>::FromBits(value));
    port_ = std::make_unique<hls::burst_maxi<T>>(contents_.data(), contents_.size());
  }
  std::vector<Bits> Memory() const override {
    std::vector<Bits> values;
    for (const T& value : contents_) values.push_back(Wire<T>::ToBits(value));
    return values;
  }
  bool Settled() const override { return port_->settled(); }
  hls::burst_maxi<T>& Pass() { return *port_; }

 private:
  std::vector<T> contents_;
  std::unique_ptr<hls::burst_maxi<T>> port_;
};
template <class T>
struct ArgumentOf<hls::burst_maxi<T>> : MemoryArgument<T> {};
template <class T>
struct ArgumentOf<hls::burst_maxi<T>&> : MemoryArgument<T> {};

class NativeKernel {
 public:
  virtual ~NativeKernel() = default;
  virtual std::vector<Argument*> Arguments() = 0;
  // Throws std::runtime_error where the C simulation finds a breach of a protocol.
  virtual void Call() = 0;
};

template <class... P>
class NativeFunction : public NativeKernel {
 public:
  explicit NativeFunction(void (*function)(P...)) : function_(function) {}
  std::vector<Argument*> Arguments() override {
    return std::apply([](auto&... a) { return std::vector<Argument*>{&a...}; }, arguments_);
  }
  void Call() override {
    std::apply([this](auto&... a) { function_(a.Pass()...); }, arguments_);
  }

 private:
  void (*function_)(P...);
  std::tuple<ArgumentOf<P>...> arguments_;
};

template <class... P>
std::unique_ptr<NativeKernel> MakeNative(void (*function)(P...)) {
  return std::make_unique<NativeFunction<P...>>(function);
}

}  // namespace cosim
