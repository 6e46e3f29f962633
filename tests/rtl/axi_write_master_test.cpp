// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <deque>
#include <vector>

#include "Vwrite_32x16x2.h"
#include "Vwrite_512x256x1.h"
#include "Vwrite_512x64x8.h"
#include "axi_checks.hpp"

namespace {

using rtl_test::AddressChannelCheck;
using rtl_test::AxiShape;
using rtl_test::Bench;
using rtl_test::Burst;
using rtl_test::IsPayload;
using rtl_test::Random;
using rtl_test::Request;
using rtl_test::SetPayload;

template <class ModelType, int kDataBits, int kMaxBurst, int kOutstanding>
struct Config {
  using Model = ModelType;
  static constexpr AxiShape kShape{kDataBits, kMaxBurst, kOutstanding};
};

struct Manners {
  int request_rate, data_rate, aw_ready, w_ready, b_valid, resp_read;
  int min_latency, max_latency;
  int errors = 0;  // responses that are not OKAY
};

// The memory, the requester and the producer around one master. The beat written at offset x of
// request i must be payload number (beats of the requests before) + x: order is what is checked.
template <class Config>
class WriteScene {
 public:
  static constexpr AxiShape kShape = Config::kShape;
  static constexpr uint64_t kBase = 0x3'0123'4000;

  WriteScene(uint64_t seed, const Manners& manners)
      : random_(seed), dut_(seed), manners_(manners), aw_check_(kShape) {
    dut_->base_i = kBase;
    dut_->req_write_i = 0;
    dut_->data_write_i = 0;
    dut_->resp_read_i = 0;
    dut_->m_awready_i = 0;
    dut_->m_wready_i = 0;
    dut_->m_bvalid_i = 0;
    dut_->m_bresp_i = 0;
    dut_->m_bid_i = 0;
    dut_.Reset();
    dut_.Edge();
  }

  bool Run(const std::vector<Request>& requests, uint64_t limit) {
    for (const Request& request : requests) {
      for (uint64_t i = 0; i < request.beats; ++i)
        addresses_.push_back(kBase + (request.offset + i) * kShape.BeatBytes());
      ends_.push_back(addresses_.size());
    }
    const uint64_t start = dut_.cycle();
    while (tokens_ < requests.size()) {
      if (dut_.cycle() - start > limit) {
        ADD_FAILURE() << "no end after " << limit << " cycles: " << tokens_ << " tokens, "
                      << num_written_ << " beats";
        return false;
      }
      Cycle(requests);
      if (::testing::Test::HasFatalFailure()) return false;
    }
    cycles_ = dut_.cycle() - start;
    for (int i = 0; i < 300; ++i) Cycle(requests);
    EXPECT_TRUE(dut_->idle_o);
    EXPECT_EQ(tokens_, requests.size());
    EXPECT_EQ(num_written_, addresses_.size());
    return !::testing::Test::HasFailure();
  }

  uint64_t cycles() const { return cycles_; }
  uint64_t counted_beats() const { return counted_beats_; }
  uint64_t counted_errors() const { return counted_errors_; }
  uint64_t sent_errors() const { return sent_errors_; }

 private:
  void Cycle(const std::vector<Request>& requests) {
    const bool b_now = !acks_.empty() && dut_.cycle() >= acks_.front() &&
                       (b_held_ || random_.Chance(manners_.b_valid));
    dut_->m_bvalid_i = b_now;
    // Between responses BRESP is noise. BREADY never falls, so each one stands for one cycle.
    dut_->m_bresp_i = !b_now || random_.Chance(manners_.errors) ? random_.Below(4) : 0;
    sent_errors_ += b_now && dut_->m_bresp_i != 0;
    dut_->m_awready_i = random_.Chance(manners_.aw_ready);
    dut_->m_wready_i = random_.Chance(manners_.w_ready);
    dut_->req_write_i = next_ < requests.size() && random_.Chance(manners_.request_rate);
    if (dut_->req_write_i) SetRequest(dut_->req_data_i, requests[next_]);
    dut_->data_write_i = produced_ < addresses_.size() && random_.Chance(manners_.data_rate);
    if (dut_->data_write_i) SetPayload(dut_->data_i, produced_, kShape.data_bits);
    dut_->resp_read_i = random_.Chance(manners_.resp_read);
    dut_.Settle();
    Check();
    if (::testing::Test::HasFatalFailure()) return;
    b_held_ = b_now && !dut_->m_bready_o;
    if (b_now && dut_->m_bready_o) {
      acks_.pop_front();
      acked_beats_ += ack_beats_.front();
      ack_beats_.pop_front();
    }
    if (dut_->req_write_i && dut_->req_full_no) ++next_;
    if (dut_->data_write_i && dut_->data_full_no) ++produced_;
    if (dut_->resp_empty_no && dut_->resp_read_i) ++tokens_;
    TakeAddress();
    TakeBeat();
    Acknowledge();
    dut_.Edge();
  }

  void Check() {
    aw_check_.Cycle(dut_->m_awvalid_o, dut_->m_awready_i, dut_->m_awaddr_o, dut_->m_awlen_o,
                    dut_->m_awsize_o, dut_->m_awburst_o);
    if (w_waiting_) {
      ASSERT_TRUE(dut_->m_wvalid_o) << "WVALID fell before WREADY";
    }
    if (dut_->m_wvalid_o) {
      // Stable payload follows from this: the beat is always the next one.
      ASSERT_LT(num_written_, addresses_.size()) << "a beat that nobody asked for";
      ASSERT_TRUE(IsPayload(dut_->m_wdata_o, num_written_, kShape.data_bits)) << num_written_;
      ASSERT_TRUE(AllStrobes(dut_->m_wstrb_o));
      if (w_waiting_) {
        ASSERT_EQ(dut_->m_wlast_o, w_last_);
      }
    }
    w_waiting_ = dut_->m_wvalid_o && !dut_->m_wready_i;
    w_last_ = dut_->m_wlast_o;
    ASSERT_TRUE(dut_->m_bready_o) << "BREADY fell";
    ASSERT_LE(in_flight_ + dut_->m_awvalid_o, kShape.outstanding);
    // Once the address of a burst is out, its beats follow without waiting for the producer.
    const uint64_t announced = issued_beats_ + (dut_->m_awvalid_o ? dut_->m_awlen_o + 1 : 0);
    const bool owes = announced > num_written_;
    w_idle_ = owes && !dut_->m_wvalid_o ? w_idle_ + 1 : 0;
    ASSERT_LE(w_idle_, 2) << "W is held up after its address";
    // A token stands for a request whose beats have all been acknowledged.
    if (dut_->resp_empty_no) {
      ASSERT_GE(acked_beats_, ends_.at(tokens_)) << "early token";
    }
    ASSERT_EQ(dut_->beat_o, dut_->m_wvalid_o && dut_->m_wready_i);
    counted_beats_ += dut_->beat_o;
    ASSERT_EQ(dut_->error_o, dut_->m_bvalid_i && dut_->m_bready_o && dut_->m_bresp_i != 0);
    counted_errors_ += dut_->error_o;
  }

  template <class Port>
  static bool AllStrobes(const Port& strobes) {
    return strobes == static_cast<Port>(kShape.data_bits == 512
                                            ? ~uint64_t{0}
                                            : (uint64_t{1} << kShape.BeatBytes()) - 1);
  }

  void TakeAddress() {
    if (!dut_->m_awvalid_o || !dut_->m_awready_i) return;
    const int beats = dut_->m_awlen_o + 1;
    for (int i = 0; i < beats; ++i) {
      ASSERT_LT(issued_beats_, addresses_.size());
      ASSERT_EQ(dut_->m_awaddr_o + static_cast<uint64_t>(i) * kShape.BeatBytes(),
                addresses_[issued_beats_]);
      ++issued_beats_;
    }
    lengths_.push_back(beats);
    ++in_flight_;
  }

  void TakeBeat() {
    if (!dut_->m_wvalid_o || !dut_->m_wready_i) return;
    ++num_written_;
    ++run_;
    if (!dut_->m_wlast_o) return;
    runs_.push_back(run_);
    run_ = 0;
  }

  // A burst whose address and last beat have both come.
  void Acknowledge() {
    if (b_held_ || lengths_.empty() || runs_.empty()) {
      in_flight_ = static_cast<int>(lengths_.size() + acks_.size());
      return;
    }
    ASSERT_EQ(runs_.front(), lengths_.front()) << "WLAST is not on the burst's last beat";
    ack_beats_.push_back(static_cast<uint64_t>(lengths_.front()));
    acks_.push_back(dut_.cycle() + random_.Between(manners_.min_latency, manners_.max_latency));
    lengths_.pop_front();
    runs_.pop_front();
    in_flight_ = static_cast<int>(lengths_.size() + acks_.size());
  }

  Random random_;
  Bench<typename Config::Model> dut_;
  Manners manners_;
  AddressChannelCheck aw_check_;
  std::vector<uint64_t> addresses_;  // of every beat, in order
  std::vector<uint64_t> ends_;       // beats up to and with each request
  std::deque<int> lengths_, runs_;   // bursts by AW, and by WLAST, not yet matched
  std::deque<uint64_t> acks_, ack_beats_;
  size_t next_ = 0, tokens_ = 0;
  uint64_t produced_ = 0, issued_beats_ = 0, num_written_ = 0, acked_beats_ = 0;
  uint64_t cycles_ = 0, counted_beats_ = 0, counted_errors_ = 0, sent_errors_ = 0;
  int run_ = 0, in_flight_ = 0, w_idle_ = 0;
  bool w_waiting_ = false, w_last_ = false, b_held_ = false;
};

template <class T>
class AxiWriteMasterTest : public ::testing::Test {};
using Configs =
    ::testing::Types<Config<Vwrite_512x64x8, 512, 64, 8>, Config<Vwrite_32x16x2, 32, 16, 2>,
                     Config<Vwrite_512x256x1, 512, 256, 1>>;
TYPED_TEST_SUITE(AxiWriteMasterTest, Configs);

TYPED_TEST(AxiWriteMasterTest, WritesRandomRequestsUnderRandomStalls) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(rtl_test::SeedNote(seed));
    Random random(seed);
    const auto rate = [&random] { return static_cast<int>(random.Between(20, 100)); };
    const Manners manners{rate(), rate(), rate(), rate(),
                          rate(), rate(), 1,      static_cast<int>(random.Between(1, 100))};
    std::vector<Request> requests;
    uint64_t beats = 0;
    for (int i = 0; i < 60; ++i) {
      requests.push_back(rtl_test::RandomRequest(random, TypeParam::kShape));
      beats += requests.back().beats;
    }
    WriteScene<TypeParam> scene(seed, manners);
    ASSERT_TRUE(scene.Run(requests, 1'000'000));
    EXPECT_EQ(scene.counted_beats(), beats);
  }
}

TYPED_TEST(AxiWriteMasterTest, CountsEveryErrorAndGivesItsToken) {
  for (const int errors : {0, 30, 100}) {
    SCOPED_TRACE(errors);
    Random random(errors);
    std::vector<Request> requests;
    for (int i = 0; i < 30; ++i)
      requests.push_back(rtl_test::RandomRequest(random, TypeParam::kShape));
    WriteScene<TypeParam> scene(7, {80, 80, 80, 80, 70, 80, 1, 30, errors});
    ASSERT_TRUE(scene.Run(requests, 1'000'000));
    EXPECT_EQ(scene.counted_errors(), scene.sent_errors());
    EXPECT_EQ(scene.sent_errors() != 0, errors != 0);
  }
}

TYPED_TEST(AxiWriteMasterTest, GivesATokenForEmptyRequestsInOrder) {
  WriteScene<TypeParam> scene(1, {100, 100, 100, 100, 100, 100, 30, 30});
  ASSERT_TRUE(scene.Run({{5, 0}, {6, 0}, {8, 3}, {9, 0}, {10, 1}, {11, 0}}, 1000));
  EXPECT_EQ(scene.counted_beats(), 4u);
}

using Default = Config<Vwrite_512x64x8, 512, 64, 8>;

TEST(AxiWriteMasterRate, WritesABeatACycle) {
  constexpr uint32_t kBeats = 20000;
  WriteScene<Default> scene(1, {100, 100, 100, 100, 100, 100, 100, 100});
  ASSERT_TRUE(scene.Run({{0, kBeats}}, 100000));
  // The first burst is collected before it is sent, the last one is acknowledged.
  EXPECT_LE(scene.cycles(), kBeats + 64 + 110);
}

TEST(AxiWriteMasterRate, JoinsRequestsWithoutBubbles) {
  std::vector<Request> requests;
  for (uint64_t i = 0; i < 400; ++i) requests.push_back({i * 32, 32});
  WriteScene<Default> scene(1, {100, 100, 100, 100, 100, 100, 60, 60});
  ASSERT_TRUE(scene.Run(requests, 100000));
  EXPECT_LE(scene.cycles(), 400u * 32u + 32u + 75u);
}

}  // namespace
