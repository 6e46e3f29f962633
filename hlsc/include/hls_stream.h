// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// hls::stream<T>: a FIFO between processes or an AXI4-Stream port of the kernel. Blocking read and
// write only. In C simulation it is an unbounded queue; reading an empty one throws
// std::runtime_error, since the process that should have written has already run.
#ifndef HLSC_HLS_STREAM_H_
#define HLSC_HLS_STREAM_H_

#include "ap_int.h"

#ifdef __HLSC__

// Marker calls that hlsc replaces by FIFO accesses of the low `width` bits of the `size` bytes at `data`.
extern "C" {
void __hlsc_stream_read(void* stream, void* data, int width, int size) noexcept;
void __hlsc_stream_write(void* stream, const void* data, int width, int size) noexcept;
}

namespace hlsc_detail {
// The bits of T on a wire: exact for integers, the memory image for structs.
template <class T, class Enable = void>
struct WireWidth {
  enum { kBits = 8 * sizeof(T) };
};
template <class T>
struct WireWidth<T, typename T::ApTag> {
  enum { kBits = T::width };
};
template <>
struct WireWidth<bool> {
  enum { kBits = 1 };
};
}  // namespace hlsc_detail

namespace hls {

template <typename T, int DEPTH = 0>
class stream {
 public:
  HLSC_INLINE stream() {}
  HLSC_INLINE explicit stream(const char*) {}
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  HLSC_INLINE T read() {
    T value;
    __hlsc_stream_read(this, &value, hlsc_detail::WireWidth<T>::kBits, sizeof(T));
    return value;
  }
  HLSC_INLINE void read(T& value) { value = read(); }
  HLSC_INLINE void write(const T& value) {
    const T copy = value;
    __hlsc_stream_write(this, &copy, hlsc_detail::WireWidth<T>::kBits, sizeof(T));
  }
  HLSC_INLINE void operator>>(T& value) { value = read(); }
  HLSC_INLINE void operator<<(const T& value) { write(value); }

 private:
  char marker_;  // gives every stream an address of its own
};

}  // namespace hls

#else  // C simulation

#include <cstddef>
#include <deque>
#include <stdexcept>
#include <string>

namespace hls {

template <typename T, int DEPTH = 0>
class stream {
 public:
  stream() : name_("stream") {}
  explicit stream(const char* name) : name_(name) {}
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;
  T read() {
    if (queue_.empty()) {
      throw std::runtime_error("hls::stream '" + name_ + "': read while empty in C simulation");
    }
    T value = queue_.front();
    queue_.pop_front();
    return value;
  }
  void read(T& value) { value = read(); }
  void write(const T& value) { queue_.push_back(value); }
  void operator>>(T& value) { value = read(); }
  void operator<<(const T& value) { write(value); }
  // For test benches; hlsc refuses them in a kernel, where they would depend on timing.
  bool empty() const { return queue_.empty(); }
  std::size_t size() const { return queue_.size(); }

 private:
  std::string name_;
  std::deque<T> queue_;
};

}  // namespace hls

#endif  // __HLSC__

#endif  // HLSC_HLS_STREAM_H_
