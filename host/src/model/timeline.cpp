// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "model/timeline.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "narrowgate/error.hpp"

namespace narrowgate::internal {
namespace {

constexpr double kNothing = 1e-3;  // what sums of parts of beats may be off by
constexpr double kNever = std::numeric_limits<double>::infinity();

// ng_axi_read_master.sv and ng_axi_write_master.sv: beats of a burst; bursts under way; beats that
// a master holds for the kernel, or the kernel for the memory.
constexpr double kBurstBeats = 64;
constexpr std::size_t kBurstsUnderWay = 8;
constexpr double kHeldBeats = 512;
// panels.hpp: requests ahead of the data, and from a request's turn to its bank beyond the memory's
// latency.
constexpr std::size_t kRequestsAhead = 4;
constexpr double kRequestCycles = 63;
constexpr double kRecordRequestCycles = 40;  // the same of vectors
constexpr double kVectorBeats = 16;          // epilogue.hpp: of a request of vectors
// gemm.cpp: beats that the FIFOs hold between a read master and the array, and between one and
// add_terms.
constexpr double kTakenAhead = 160;
constexpr double kRecordsAhead = 16;
// mac_array.v: from a tile's sums, which take a result buffer, to its first result.
constexpr double kResultCycles = 34;
// Bursts of a port that a bank serves while another one's wait: as many as share its open rows.
constexpr int kBurstsInARow = 2;
// The first vectors reach their bank so long before the first operands.
constexpr double kRecordsFirst = 12;
// A tile is followed burst by burst, or in 16 steps, or in longer ones that the read masters hold.
constexpr double kSteps = 16;
constexpr double kStepBeats = 256;
// Rows of a call that are run at least, and cycles of its array.
constexpr double kRowsRun = 8;
constexpr double kCyclesRun = 100'000;

/// A burst's time at its bank.
struct Service {
  double begin = 0, end = 0;
  double pause = 0, pause_from = 0;  ///< a refresh within it

  double passed(double beats, double cycles_per_beat) const {
    const double time = begin + beats * cycles_per_beat;
    return time > pause_from ? time + pause : time;
  }
};

/// A bank's time: one burst after the other, both directions in batches, refreshes between.
class Bank {
 public:
  explicit Bank(const BankModel& model) : model_(model), next_refresh_(model.refresh_interval) {}

  /// When a burst that is there at `ready` would begin.
  double begin_of(double ready) const { return std::max(free_, ready); }

  /// Serves it from then on.
  Service serve(double ready, double beats, bool write, const void* port, bool meets_reads,
                bool is_alone) {
    in_a_row_ = port == last_ ? in_a_row_ + 1 : 1;
    last_ = port;
    double begin = begin_of(ready);
    if (write != writes_ && free_ > 0) begin = std::max(begin, free_ + model_.turnaround / 2);
    batch_ = write == writes_ ? batch_ + beats : beats;
    writes_ = write;
    // One that fell into a rest is over, or delays the burst by what is left of it.
    while (next_refresh_ <= begin) {
      begin = std::max(begin, std::max(next_refresh_, free_) + model_.refresh_cycles);
      next_refresh_ += model_.refresh_interval;
    }
    free_ = begin + beats * model_.cycles_per_beat;
    // A burst of results that comes into a stream of reads is served in batches between theirs.
    // When it is alone it closes their rows; where more of them wait, rows stay open.
    if (meets_reads) {
      const double batches = beats / model_.batch_beats;
      free_ += std::max(0.0, batches - 1) * model_.turnaround +
               (is_alone ? batches * model_.reopening : 0);
    }
    Service service{begin, free_};
    if (next_refresh_ < free_) {
      service.pause = model_.refresh_cycles;
      service.pause_from = next_refresh_;
      service.end = free_ += model_.refresh_cycles;
      next_refresh_ += model_.refresh_interval;
    }
    return service;
  }

  bool prefers(bool write) const { return (write == writes_) == (batch_ < model_.batch_beats); }
  bool is_tired_of(const void* port) const { return port == last_ && in_a_row_ >= kBurstsInARow; }
  const BankModel& model() const { return model_; }

 private:
  const void* last_ = nullptr;  // the port that was served last, and how often
  int in_a_row_ = 0;
  const BankModel& model_;
  double free_ = 0, next_refresh_, batch_ = 0;
  bool writes_ = false;
};

/// Bursts of one port, in order.
struct Port {
  Bank* bank = nullptr;
  bool writes = false;
  std::vector<double> ends;     ///< beats up to the end of burst i
  std::vector<Service> served;  ///< … and when it was served, as far as that is known
  std::vector<std::size_t> request_of_burst;
  std::vector<std::size_t> first_of_request;

  std::size_t next() const { return served.size(); }
  bool is_done() const { return next() == ends.size(); }
  double beats_of(std::size_t burst) const { return ends[burst] - (burst ? ends[burst - 1] : 0); }

  void add_request(double beats) {
    first_of_request.push_back(ends.size());
    const double start = ends.empty() ? 0 : ends.back();
    for (double done = 0; done < beats;) {
      done = std::min(beats, done + kBurstBeats);
      ends.push_back(start + done);
      request_of_burst.push_back(first_of_request.size() - 1);
    }
  }

  /// When beat `count` (from 1 on, or a part of it) has passed the bank; kNever if that is not
  /// known.
  double passed(double count) {
    count -= kNothing;
    if (count <= 0) return 0;
    while (at_ < ends.size() && ends[at_] < count) ++at_;
    if (at_ >= served.size()) return kNever;
    const double before = at_ ? ends[at_ - 1] : 0;
    return served[at_].passed(std::ceil(count - before), bank->model().cycles_per_beat);
  }

 private:
  std::size_t at_ = 0;  // counts asked for only grow
};

/// A port of which the kernel reads: it holds so much, until the kernel takes it.
struct Reader : Port {
  double first_read = 0;
  bool is_asked_ahead = false;  ///< requests come as the data do, which the kernel takes …
  double request_cycles = kRequestCycles;
  double taken_ahead = 0;        ///< … so many beats ahead of their use
  std::vector<double> taken_at;  ///< when burst i had been used

  void take(double beats, double time) {
    while (taken_at.size() < ends.size() && ends[taken_at.size()] <= beats + kNothing)
      taken_at.push_back(time);
  }

  /// When the next burst can reach the bank; kNever if that is not known yet.
  double ready() const {
    const std::size_t i = next();
    double time = first_read;
    if (i >= kBurstsUnderWay) time = std::max(time, served[i - kBurstsUnderWay].begin);
    time = std::max(time, taken(ends[i] - kHeldBeats - taken_ahead));
    const std::size_t request = request_of_burst[i];
    if (is_asked_ahead && request >= kRequestsAhead && first_of_request[request] == i) {
      const std::size_t before = first_of_request[request - kRequestsAhead];
      const double first_beat = (before ? ends[before - 1] : 0) + 1;
      time = std::max(time, std::max(served[before].begin + bank->model().open_latency,
                                     taken(first_beat - taken_ahead)) +
                                request_cycles);
    }
    return time;
  }

 private:
  /// When so many beats had been used.
  double taken(double beats) const {
    if (beats <= kNothing) return 0;
    const auto burst = static_cast<std::size_t>(
        std::lower_bound(ends.begin(), ends.end(), beats - kNothing) - ends.begin());
    return burst < taken_at.size() ? taken_at[burst] : kNever;
  }
};

/// Beats that tile (o, i) of a call wants of a factor beyond what came before.
double wanted_of(const CallWork& call, const FactorWork& f, std::uint64_t o, std::uint64_t i) {
  if (!f.is_kept) return f.panel_beats;
  if (f.is_inner) return o == 0 ? f.panel_beats : 0;
  if (o == 0 && i == 0) return f.panel_beats;
  const bool fetches = o + 1 < call.outer && i >= 1 && static_cast<double>(i) <= f.fetch_passes;
  return fetches ? f.panel_beats / f.fetch_passes : 0;
}

void add_requests(const CallWork& call, const FactorWork& f, Reader& reader) {
  const double beats = call.panels_read(f) * f.panel_beats;
  const double request = f.is_kept ? beats : f.request_beats;
  for (double done = 0; done < beats; done += request) reader.add_request(request);
  reader.is_asked_ahead = reader.is_asked_ahead || !f.is_kept;
}

/// When a row of `inner` tiles ended, and what the array had waited.
struct Row {
  double end, waits;
};

class Model {
 public:
  Model(const ImageModel& image, const std::vector<CallWork>& calls, double first_read, double way)
      : calls_(calls),
        way_(way),
        lead_(way - first_read),
        held_(kResultCycles + image.window_latency),
        rows_(calls.size()) {
    const BankModel* const models[] = {&image.a, &image.b, &image.v, &image.c};
    Port* const ports[] = {&a_, &b_, &v_, &c_};
    banks_.reserve(4);
    for (int p = 0; p < 4; ++p) {
      for (Bank& bank : banks_) {
        if (bank.model().index == models[p]->index) ports[p]->bank = &bank;
      }
      if (ports[p]->bank == nullptr) ports[p]->bank = &banks_.emplace_back(*models[p]);
    }
    c_.writes = true;
    for (Reader* reader : {&a_, &b_, &v_}) {
      reader->first_read = reader == &v_ ? first_read - kRecordsFirst : first_read;
      reader->taken_ahead = kTakenAhead;
    }
    v_.is_asked_ahead = true;
    v_.taken_ahead = kRecordsAhead;
    v_.request_cycles = kRecordRequestCycles;
    double words = 0;
    for (const CallWork& call : calls) {
      add_requests(call, call.a, a_);
      add_requests(call, call.b, b_);
      for (std::uint64_t line = 0; line < call.outer; ++line) {
        add_vectors(call.line_beats);
        add_vectors(static_cast<double>(call.inner) * call.vector_beats);
      }
      words += call.tile_words * static_cast<double>(call.outer * call.inner);
    }
    c_.add_request(words);
  }

  Timeline run() {
    for (;;) {
      while (step_array() || step_results()) {
      }
      if (!serve_one()) break;
    }
    if (!c_.is_done()) throw BadImageError("its metadata describe a kernel that cannot go on");
    const BankModel& bank = c_.bank->model();
    const std::size_t last = c_.ends.size() - 1;
    const double end = c_.served[last].end + bank.write_overhead;
    const double at_once =
        drained_ + 2 * c_.beats_of(last) * bank.cycles_per_beat + bank.write_overhead;
    return {end, waits_ + std::max(0.0, end - at_once)};
  }

  const std::vector<Row>& rows(std::size_t call) const { return rows_[call]; }

 private:
  const CallWork& call() const { return calls_[call_]; }

  /// Vectors that lie one after the other.
  void add_vectors(double beats) {
    for (; beats > kVectorBeats; beats -= kVectorBeats) v_.add_request(kVectorBeats);
    v_.add_request(beats);
  }

  /// One step of the array; false when it waits for something that is not known yet.
  bool step_array() {
    if (call_ == calls_.size()) return false;
    const CallWork& c = call();
    const double wanted_a = wanted_of(c, c.a, o_, i_), wanted_b = wanted_of(c, c.b, o_, i_);
    const double wanted = std::max(wanted_a, wanted_b);
    const double steps = std::max(
        {1.0, std::min(kSteps, std::ceil(wanted / kBurstBeats)), std::ceil(wanted / kStepBeats)});
    const double share = (step_ + 1) / steps;
    const double passed_a = a_.passed(base_a_ + share * wanted_a);
    const double passed_b = b_.passed(base_b_ + share * wanted_b);
    if (passed_a == kNever || passed_b == kNever) return false;
    const bool last = step_ + 1 == steps;
    // A tile's results go to one of two buffers.
    if (last && tile_ends_.size() >= 2 && left_.size() + 2 <= tile_ends_.size()) return false;
    const double pace = std::max({c.tile_cycles, c.a.pass_cycles, c.b.pass_cycles}) / steps;
    const double alone = array_ + pace;
    double time = std::max({alone, passed_a + lead_, passed_b + lead_});
    if (last && tile_ends_.size() >= 2)
      time = std::max(time, left_[tile_ends_.size() - 2] + held_ + c.tile_idle);
    waits_ += time - alone + pace - c.tile_cycles / steps;
    array_ = time;
    a_.take(base_a_ + share * wanted_a, time - lead_);
    b_.take(base_b_ + share * wanted_b, time - lead_);
    if (!last) {
      ++step_;
      return true;
    }
    tile_ends_.push_back(time - c.tile_idle);
    words_end_.push_back((words_end_.empty() ? 0 : words_end_.back()) + c.tile_words);
    vectors_end_.push_back((vectors_end_.empty() ? 0 : vectors_end_.back()) + c.vector_beats +
                           (i_ == 0 ? c.line_beats : 0));
    base_a_ += wanted_a;
    base_b_ += wanted_b;
    step_ = 0;
    if (++i_ == c.inner) {
      i_ = 0;
      base_a_ = std::round(base_a_);
      base_b_ = std::round(base_b_);
      rows_[call_].push_back({array_, waits_});
      if (++o_ == c.outer) {
        o_ = 0;
        ++call_;
      }
    }
    return true;
  }

  /// Results up to the end of a burst or of a tile leave; false when something is not known yet.
  bool step_results() {
    const std::size_t tile = left_.size();
    if (tile == tile_ends_.size()) return false;
    const std::size_t burst = requests_.size();
    // Room for the burst is there when an earlier one has gone.
    double begin = std::max(drained_, tile_ends_[tile]);
    if (burst >= kBurstsUnderWay) {
      if (burst - kBurstsUnderWay >= c_.served.size()) return false;
      begin = std::max(begin, c_.served[burst - kBurstsUnderWay].begin);
    }
    const double vectors = v_.passed(vectors_end_[tile]);
    if (vectors == kNever) return false;
    begin = std::max(begin, vectors + lead_);
    const double to = std::min(c_.ends[burst], words_end_[tile]);
    drained_ = begin + to - words_;
    words_ = to;
    // A burst is announced when all of its data are there, and goes to the bank beat by beat.
    if (to + kNothing >= c_.ends[burst]) requests_.push_back(drained_ + c_.beats_of(burst));
    if (to + kNothing >= words_end_[tile]) {
      left_.push_back(drained_);
      v_.take(vectors_end_[tile], drained_ - lead_);
    }
    return true;
  }

  /// When a port's next burst can reach its bank; kNever if that is not known.
  double ready_of(const Port& port) const {
    if (!port.writes) return static_cast<const Reader&>(port).ready();
    return port.next() < requests_.size() ? requests_[port.next()] : kNever;
  }

  /// The burst that can begin first is served; false when there is none.
  bool serve_one() {
    Port* chosen = nullptr;
    double ready = 0, begin = kNever;
    for (Port* port :
         {static_cast<Port*>(&v_), static_cast<Port*>(&b_), static_cast<Port*>(&a_), &c_}) {
      if (port->is_done()) continue;
      const double time = ready_of(*port);
      if (time == kNever) continue;
      const double would = port->bank->begin_of(time);
      bool is_first = would < begin;
      if (would == begin && port->bank == chosen->bank) {
        // Both wait for the bank: the direction that it has, then the older one, unless its port
        // has had its turns.
        const Bank& bank = *port->bank;
        const bool preferred = bank.prefers(port->writes), other = bank.prefers(chosen->writes);
        const bool tired = bank.is_tired_of(port), other_tired = bank.is_tired_of(chosen);
        is_first = preferred != other     ? preferred
                   : tired != other_tired ? other_tired
                                          : time < ready;
      }
      if (is_first) {
        chosen = port;
        ready = time;
        begin = would;
      }
    }
    if (chosen == nullptr) return false;
    const double beats = chosen->beats_of(chosen->next());
    bool meets_reads = false;
    for (Reader* reader : {&a_, &b_, &v_}) {
      meets_reads |= chosen->writes && reader->bank == chosen->bank && !reader->is_done() &&
                     reader->ready() <= begin;
    }
    const bool is_alone = c_.next() + 1 >= requests_.size() || requests_[c_.next() + 1] > begin;
    chosen->served.push_back(
        chosen->bank->serve(ready, beats, chosen->writes, chosen, meets_reads, is_alone));
    return true;
  }

  const std::vector<CallWork>& calls_;
  double way_;
  double lead_;  // from a beat's bank to the end of what follows from it behind the array
  double held_;  // a tile has a result buffer for so long before its results leave
  std::vector<Bank> banks_;
  Reader a_, b_, v_;
  Port c_;

  // The array: where it is, when it got there.
  std::size_t call_ = 0;
  std::uint64_t o_ = 0, i_ = 0;
  double step_ = 0;
  double base_a_ = 0, base_b_ = 0;  // beats that earlier tiles wanted
  double array_ = way_;
  double waits_ = 0;
  std::vector<std::vector<Row>> rows_;  // of every call
  std::vector<double> tile_ends_, words_end_, vectors_end_;

  // Results on their way out.
  double drained_ = 0, words_ = 0;
  std::vector<double> left_;      // when tile i had left
  std::vector<double> requests_;  // when burst i of results reaches its bank
};

}  // namespace

Timeline run_timeline(const ImageModel& model, const std::vector<CallWork>& calls,
                      double first_read, double way) {
  // Rows of tiles are alike but for the first ones and the last: of many only some are run.
  std::vector<CallWork> run = calls;
  for (CallWork& call : run) {
    const double row =
        static_cast<double>(call.inner) * std::max(call.tile_cycles, call.tile_words);
    const double enough = std::max(kRowsRun, std::ceil(kCyclesRun / row));
    if (static_cast<double>(call.outer) > enough) call.outer = static_cast<std::uint64_t>(enough);
  }
  Model timeline(model, run, first_read, way);
  Timeline out = timeline.run();
  for (std::size_t i = 0; i < run.size(); ++i) {
    const auto left = static_cast<double>(calls[i].outer - run[i].outer);
    if (left == 0) continue;
    const std::vector<Row>& rows = timeline.rows(i);
    const std::size_t first = rows.size() / 3, last = rows.size() - 2;
    const double share = left / static_cast<double>(last - first);
    out.end += share * (rows[last].end - rows[first].end);
    out.waits += share * (rows[last].waits - rows[first].waits);
  }
  return out;
}

}  // namespace narrowgate::internal
