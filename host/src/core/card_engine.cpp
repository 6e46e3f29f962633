// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/card_engine.hpp"

#include <algorithm>
#include <string>

#include "core/card_offer.hpp"
#include "core/card_task.hpp"
#include "core/pair.hpp"
#include "core/throw.hpp"
#include "pack/pack.hpp"

namespace narrowgate::internal {
namespace {

// Transfers go in pieces, so that the time-out measures the lack of progress, not the size.
constexpr std::size_t kPiece = std::size_t{16} << 20;
// How often a running card is asked whether it makes progress: at most ten times within the limit,
// since in emulation each question costs milliseconds.
constexpr std::chrono::milliseconds kLongestInterval{1000};
constexpr std::chrono::milliseconds kShortestInterval{1};
// Cycles after which counters' upper words are looked at.
constexpr std::uint64_t kShortRun = std::uint64_t{1} << 29;
// A card that has been given up may take so long to be seen as ended; only then can it be released.
constexpr std::chrono::milliseconds kLastPatience{5000};

/// The entry of that name, at the end if it is new.
template <typename Counters>
Counters& entry(std::vector<Counters>& entries, const std::string& name) {
  const auto found = std::ranges::find(entries, name, &Counters::name);
  return found != entries.end() ? *found : entries.emplace_back(Counters{name});
}

}  // namespace

CardEngine::CardEngine(std::unique_ptr<Card> card, std::chrono::milliseconds timeout)
    : card_(std::move(card)),
      geometry_(card_->image().geometry),
      timeout_(timeout),
      pool_(*card_),
      watchdog_(std::make_unique<Watchdog>(timeout, [this] {
        fail(ErrorCode::kDeviceTimeout, "a call into the runtime did not come back within " +
                                            std::to_string(timeout_.count()) + " ms");
        card_->terminate();
      })) {
  check_interface();
  pipeline_ = std::make_unique<Pipeline>();
}

CardEngine::~CardEngine() { CardEngine::close(); }

void CardEngine::check_format(Format format) const {
  const std::vector<Format>& offered = card_->image().formats;
  if (std::find(offered.begin(), offered.end(), format) != offered.end()) return;
  std::string names;
  for (const Format f : offered) names += (names.empty() ? "" : ", ") + std::string(info(f).name);
  throw UnsupportedError("image '" + card_->image().name + "' does not take " +
                         std::string(info(format).name) + ": it takes " + names);
}

void CardEngine::check_offer(const Problem& problem) const {
  internal::check_offer(card_->image(), problem);
}

void CardEngine::check_resident(const OperandImpl& operand, const Problem& problem) const {
  const std::size_t wanted = block_of(problem);
  if (same_panels(geometry_.for_a(problem.a_format), operand.side, operand.format, problem.k,
                  operand.block, wanted)) {
    return;
  }
  throw ShapeError("operand " + std::string(operand.side == Side::kA ? "A" : "B") +
                   " was packed in blocks of " +
                   std::to_string(operand.block == 0 ? problem.k : operand.block) +
                   " elements along K, and the other one has blocks of " + std::to_string(wanted) +
                   ": pack it with that as BlockScales::block");
}

std::shared_ptr<CardOperand> CardEngine::make_operand(Side side, const MatrixView& matrix,
                                                      std::size_t block) {
  auto operand = std::make_shared<CardOperand>(id(), side, matrix);
  const bool is_a = side == Side::kA;
  operand->bytes =
      PanelLayout::of(geometry_.for_a(matrix.format), side, matrix.format,
                      is_a ? matrix.rows : matrix.cols, is_a ? matrix.cols : matrix.rows,
                      block == 0 ? matrix.block() : block)
          .bytes();
  operand->buffer = guarded([&] { return card_->allocate(is_a ? "a" : "b", operand->bytes); });
  return operand;
}

std::shared_ptr<CardOperand> CardEngine::pack_operand(Side side, const MatrixView& matrix,
                                                      std::size_t block) {
  auto operand = make_operand(side, matrix, block);
  operand->sums =
      pack_panels(geometry_.for_a(matrix.format), side, matrix, operand->buffer->host(), block);
  upload(*operand->buffer, operand->bytes);
  return operand;
}

OperandPtr CardEngine::remember(std::shared_ptr<CardOperand> operand) {
  const std::lock_guard lock(mutex_);
  std::erase_if(operands_, [](const auto& known) { return known.expired(); });
  operands_.push_back(operand);
  return operand;
}

OperandPtr CardEngine::pack(Side side, const MatrixView& matrix) {
  const std::shared_lock in_use(in_use_);
  if (!open_) throw ClosedError("the device has been closed");
  return remember(pack_operand(side, matrix));
}

OperandPtr CardEngine::allocate_result(const MatrixView& shape) {
  const std::shared_lock in_use(in_use_);
  if (!open_) throw ClosedError("the device has been closed");
  if (!card_->image().results_stay) {
    throw UnsupportedError("image '" + card_->image().name +
                           "' keeps A and C in different memories: no result can stay as an A");
  }
  if (!geometry_.makes_mx()) {
    throw UnsupportedError(
        "image '" + card_->image().name + "' makes no MX results: its panels of " +
        std::to_string(geometry_.tile_rows) + " rows do not fill the beats of its ports");
  }
  auto operand = make_operand(Side::kA, shape, 0);
  operand->sums.resize(shape.rows);  // MX formats have no zero-point: never used
  return remember(std::move(operand));
}

std::shared_ptr<JobState> CardEngine::submit(std::vector<Request> calls) {
  if (failed_) rethrow_failure();
  return pipeline_->submit(std::make_unique<CardTask>(*this, std::move(calls)));
}

void CardEngine::close() noexcept {
  open_ = false;
  std::call_once(closed_, [this] {
    const std::unique_lock nobody_packs(in_use_);
    if (pipeline_) pipeline_->close();
    watchdog_->watch([this] { release_buffers(); });
    give_up_run();
    watchdog_->watch([this] { card_->close(); });
    watchdog_.reset();
  });
}

void CardEngine::release_buffers() {
  pool_.clear();
  std::vector<std::weak_ptr<CardOperand>> operands;
  {
    const std::lock_guard lock(mutex_);  // not longer: the watchdog needs it to bark
    operands.swap(operands_);
  }
  for (const auto& known : operands) {
    if (const auto operand = known.lock()) operand->buffer.reset();
  }
}

void CardEngine::upload(CardBuffer& buffer, std::size_t bytes) {
  for (std::size_t done = 0; done < bytes; done += kPiece) {
    guarded([&] { buffer.upload(done, std::min(kPiece, bytes - done)); });
  }
}

void CardEngine::download(CardBuffer& buffer, std::size_t bytes) {
  for (std::size_t done = 0; done < bytes; done += kPiece) {
    guarded([&] { buffer.download(done, std::min(kPiece, bytes - done)); });
  }
  check_alive();
}

void CardEngine::start(const KernelRun& run) {
  running_ = true;
  guarded([&] { card_->start(run); });
}

void CardEngine::finish() {
  wait_for_end();
  running_ = false;
  check_alive();
}

/// The runtimes do not bear being closed while they wait for a kernel.
void CardEngine::give_up_run() noexcept {
  if (!running_) return;
  try {
    card_->finished(kLastPatience);
  } catch (const std::exception&) {
    // It ended, if badly.
  }
}

void CardEngine::wait_for_end() {
  auto last_change = std::chrono::steady_clock::now();
  std::uint64_t last = 0;
  const auto patience = std::clamp(timeout_ / 10, kShortestInterval, kLongestInterval);
  while (!guarded([&] { return card_->finished(patience); })) {
    check_alive();
    const auto now = std::chrono::steady_clock::now();
    const std::uint64_t current = progress();
    if (current != last) {
      last = current;
      last_change = now;
    } else if (now - last_change >= timeout_) {
      fail(ErrorCode::kDeviceTimeout, "the device hangs: no beat crossed its memory ports for " +
                                          std::to_string(timeout_.count()) + " ms");
      card_->terminate();
      rethrow_failure();
    }
  }
}

std::uint64_t CardEngine::read_counter(const Counter& counter) {
  return guarded([&] {
    const std::uint64_t low = card_->read_register(counter.offset);
    const std::uint64_t high = card_->read_register(counter.offset + 4);
    return high << 32 | low;
  });
}

std::uint32_t CardEngine::read_low(const Counter& counter) {
  return guarded([&] { return card_->read_register(counter.offset); });
}

/// A number that changes as long as data move; 0 where registers cannot be read.
std::uint64_t CardEngine::progress() {
  if (!card_->has_registers()) return 0;
  std::uint64_t beats = 0;
  for (const Counter& counter : card_->image().counters) {
    if (counter.name.find(".beats_") != std::string::npos) beats += read_counter(counter);
  }
  return beats;
}

void CardEngine::add_counters(Report& report) {
  if (!card_->has_registers()) return;
  std::string errors;
  // Every register costs a round trip. No counter counts more than a few events a cycle: after
  // a run of so few cycles their upper words are 0.
  bool is_short = false;
  for (const Counter& counter : card_->image().counters) {
    const std::uint64_t value = is_short ? read_low(counter) : read_counter(counter);
    if (counter.name == "cycles") is_short = value < kShortRun;
    const std::size_t dot = counter.name.rfind('.');
    if (dot == std::string::npos) {
      if (counter.name == "cycles") report.cycles += value;
      continue;
    }
    const std::string owner = counter.name.substr(0, dot);
    const std::string what = counter.name.substr(dot + 1);
    if (what == "bus_errors") {
      if (value != 0)
        errors += (errors.empty() ? "" : ", ") + std::to_string(value) + " on " + owner;
      continue;
    }
    if (what == "beats_read" || what == "beats_written") {
      PortCounters& port = entry(report.ports, owner);
      (what == "beats_read" ? port.beats_read : port.beats_written) += value;
      (what == "beats_read" ? report.bytes_read : report.bytes_written) +=
          value * geometry_.beat_bytes();
      continue;
    }
    StageCounters& stage = entry(report.stages, owner);
    (what == "busy" ? stage.busy : what == "stall_in" ? stage.stall_in : stage.stall_out) += value;
  }
  if (errors.empty()) return;
  throw DeviceError("the card's memory answered the kernel with errors (limit 0): " + errors +
                    "; the result is not valid");
}

void CardEngine::check_interface() {
  check_alive();
  if (!card_->has_registers()) return;
  const auto low = guarded([&] { return card_->read_register(registers::kHashLow); });
  const auto high = guarded([&] { return card_->read_register(registers::kHashHigh); });
  const std::uint64_t found = std::uint64_t{high} << 32 | low;
  const CardImage& image = card_->image();
  if (found == image.interface_hash) return;
  throw InterfaceMismatchError("image " + image.path.string() + " declares interface " +
                               hash_text(image.interface_hash) +
                               ", but the kernel on the card has " + hash_text(found));
}

void CardEngine::check_alive() {
  if (failed_) rethrow_failure();
  std::string reason = card_->death();
  if (reason.empty() && card_->has_registers()) {
    const std::uint32_t magic =
        watchdog_->watch([&] { return card_->read_register(registers::kMagic); });
    if (magic == registers::kMagicValue) return;
    reason = card_->death();
    if (reason.empty()) {
      reason = "its register " + hex(registers::kMagic) + " reads " + hex(magic) + " instead of " +
               hex(registers::kMagicValue);
    }
  }
  if (reason.empty()) return;
  fail(ErrorCode::kDeviceLost, "the device has died: " + one_line(reason));
  rethrow_failure();
}

void CardEngine::fail(ErrorCode code, const std::string& message) noexcept {
  const std::lock_guard lock(mutex_);
  if (failed_) return;  // the first reason is the one that tells
  failure_code_ = code;
  failure_ = message;
  failed_ = true;
}

void CardEngine::rethrow_failure() {
  const std::lock_guard lock(mutex_);
  throw_error(failure_code_, failure_ + "; close the device and open it again");
}

}  // namespace narrowgate::internal
