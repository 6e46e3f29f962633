// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// hls::burst_maxi<T>: memory behind an AXI4 master port, with explicit bursts.
//   read_request(offset, length)   asks for `length` elements from element `offset`;
//   read()                         takes the next element of the oldest unfinished request;
//   write_request(offset, length), write(value) x length, write_response().
// In C simulation it stands on a span of the caller's memory (pointer, or pointer and size) and
// throws std::runtime_error on any breach of that protocol or of the bounds.
#ifndef HLSC_HLS_BURST_MAXI_H_
#define HLSC_HLS_BURST_MAXI_H_

#include "ap_int.h"

#ifdef __HLSC__

#include "hls_stream.h"

extern "C" {
void __hlsc_maxi_alias(void* copy, const void* original) noexcept;
void __hlsc_maxi_read_request(void* port, unsigned long offset, unsigned length) noexcept;
void __hlsc_maxi_read(void* port, void* data, int width, int size) noexcept;
void __hlsc_maxi_write_request(void* port, unsigned long offset, unsigned length) noexcept;
void __hlsc_maxi_write(void* port, const void* data, int width, int size) noexcept;
void __hlsc_maxi_write_response(void* port) noexcept;
}

namespace hls {

template <class T>
class burst_maxi {
 public:
  // Not trivial, so that a copy passes by address and keeps the identity of the port.
  HLSC_INLINE burst_maxi(const burst_maxi& o) { __hlsc_maxi_alias(this, &o); }
  burst_maxi& operator=(const burst_maxi&) = delete;
  HLSC_INLINE void read_request(unsigned long offset, unsigned length) {
    __hlsc_maxi_read_request(this, offset, length);
  }
  HLSC_INLINE T read() {
    T value;
    __hlsc_maxi_read(this, &value, hlsc_detail::WireWidth<T>::kBits, sizeof(T));
    return value;
  }
  HLSC_INLINE void write_request(unsigned long offset, unsigned length) {
    __hlsc_maxi_write_request(this, offset, length);
  }
  HLSC_INLINE void write(const T& value) {
    const T copy = value;
    __hlsc_maxi_write(this, &copy, hlsc_detail::WireWidth<T>::kBits, sizeof(T));
  }
  HLSC_INLINE void write_response() { __hlsc_maxi_write_response(this); }

 private:
  char marker_;
};

}  // namespace hls

#else  // C simulation

#include <cstddef>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>

namespace hls {

template <class T>
class burst_maxi {
 public:
  burst_maxi(T* memory, std::size_t size) : state_(std::make_shared<State>(memory, size)) {}
  burst_maxi(T* memory) : burst_maxi(memory, static_cast<std::size_t>(-1)) {}  // NOLINT: as Vitis

  void read_request(std::size_t offset, unsigned length) {
    state_->Check("read_request", offset, length);
    state_->reads.push_back(Burst{offset, length});
  }
  T read() {
    if (state_->reads.empty()) Fail("read() without a read_request()");
    Burst& burst = state_->reads.front();
    const T value = state_->memory[burst.offset++];
    if (--burst.left == 0) state_->reads.pop_front();
    return value;
  }
  void write_request(std::size_t offset, unsigned length) {
    state_->Check("write_request", offset, length);
    state_->writes.push_back(Burst{offset, length});
  }
  void write(const T& value) {
    if (state_->writes.empty()) Fail("write() without a write_request()");
    Burst& burst = state_->writes.front();
    state_->memory[burst.offset++] = value;
    if (--burst.left == 0) {
      state_->writes.pop_front();
      ++state_->responses;
    }
  }
  void write_response() {
    if (state_->responses == 0) Fail("write_response() before all data of a write_request()");
    --state_->responses;
  }
  // True when every request has been read, written and acknowledged to the end.
  bool settled() const {
    return state_->reads.empty() && state_->writes.empty() && state_->responses == 0;
  }

 private:
  struct Burst {
    std::size_t offset;
    unsigned left;
  };
  [[noreturn]] static void Fail(const std::string& what) {
    throw std::runtime_error("hls::burst_maxi: " + what);
  }
  struct State {
    State(T* m, std::size_t n) : memory(m), size(n), responses(0) {}
    void Check(const char* call, std::size_t offset, unsigned length) const {
      if (length == 0) Fail(std::string(call) + " of length 0");
      if (offset > size || length > size - offset) {
        Fail(std::string(call) + "(" + std::to_string(offset) + ", " + std::to_string(length) +
             ") beyond the " + std::to_string(size) + " elements of the memory");
      }
    }
    T* memory;
    std::size_t size;
    std::deque<Burst> reads;
    std::deque<Burst> writes;
    unsigned responses;
  };
  std::shared_ptr<State> state_;  // shared, because copies stand for the same port
};

}  // namespace hls

#endif  // __HLSC__

#endif  // HLSC_HLS_BURST_MAXI_H_
