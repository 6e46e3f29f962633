// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <deque>
#include <vector>

#include "Vread_32x16x2.h"
#include "Vread_512x256x1.h"
#include "Vread_512x64x8.h"
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

// How the surroundings of the master behave, in percent of the cycles.
struct Manners {
  int request_rate, ar_ready, r_valid, data_read;
  int min_latency, max_latency;
  int errors = 0;  // beats whose RRESP is not OKAY
};

// The memory, the requester and the reader around one master.
template <class Config>
class ReadScene {
 public:
  static constexpr AxiShape kShape = Config::kShape;
  static constexpr uint64_t kBase = 0x7'3456'7000;  // any page

  ReadScene(uint64_t seed, const Manners& manners)
      : random_(seed), dut_(seed), manners_(manners), ar_check_(kShape) {
    dut_->base_i = kBase;
    dut_->req_write_i = 0;
    dut_->data_read_i = 0;
    dut_->m_arready_i = 0;
    dut_->m_rvalid_i = 0;
    dut_->m_rlast_i = 0;
    dut_->m_rresp_i = 0;
    dut_->m_rid_i = 0;
    dut_.Reset();
    dut_.Edge();  // RREADY rises
  }

  // Carries all requests through; false after a failed check.
  bool Run(const std::vector<Request>& requests, uint64_t limit) {
    for (const Request& request : requests) {
      for (uint64_t i = 0; i < request.beats; ++i) expected_.push_back(request.offset + i);
    }
    const uint64_t start = dut_.cycle();
    next_ = 0;
    while (next_ < requests.size() || !expected_.empty()) {
      if (dut_.cycle() - start > limit) {
        ADD_FAILURE() << "no end after " << limit << " cycles, " << expected_.size()
                      << " beats to come";
        return false;
      }
      Cycle(requests);
      if (::testing::Test::HasFatalFailure()) return false;
    }
    dut_->req_write_i = 0;
    cycles_ = dut_.cycle() - start;
    for (int i = 0; i < 300; ++i) Cycle(requests);  // nothing more may come
    EXPECT_TRUE(dut_->idle_o);
    EXPECT_TRUE(bursts_.empty());
    return !::testing::Test::HasFailure();
  }

  uint64_t cycles() const { return cycles_; }
  uint64_t bursts() const { return num_bursts_; }
  uint64_t counted_beats() const { return counted_beats_; }
  uint64_t counted_errors() const { return counted_errors_; }
  uint64_t sent_errors() const { return sent_errors_; }

 private:
  struct Pending {
    Burst burst;
    uint64_t ready_at;
  };

  void Cycle(const std::vector<Request>& requests) {
    const bool r_now = !bursts_.empty() && dut_.cycle() >= bursts_.front().ready_at &&
                       random_.Chance(manners_.r_valid);
    dut_->m_rvalid_i = r_now;
    if (r_now) {
      SetPayload(dut_->m_rdata_i, bursts_.front().burst.address / kShape.BeatBytes(),
                 kShape.data_bits);
      dut_->m_rlast_i = bursts_.front().burst.beats == 1;
    }
    // Between beats RRESP is noise.
    dut_->m_rresp_i = !r_now || random_.Chance(manners_.errors) ? random_.Below(4) : 0;
    sent_errors_ += r_now && dut_->m_rresp_i != 0;
    dut_->m_arready_i = random_.Chance(manners_.ar_ready);
    dut_->req_write_i = next_ < requests.size() && random_.Chance(manners_.request_rate);
    if (dut_->req_write_i) SetRequest(dut_->req_data_i, requests[next_]);
    dut_->data_read_i = random_.Chance(manners_.data_read);
    dut_.Settle();
    Check();
    if (dut_->req_write_i && dut_->req_full_no) ++next_;
    if (r_now && --bursts_.front().burst.beats == 0)
      bursts_.pop_front();
    else if (r_now)
      bursts_.front().burst.address += kShape.BeatBytes();
    if (dut_->m_arvalid_o && dut_->m_arready_i) {
      bursts_.push_back(
          {{dut_->m_araddr_o, dut_->m_arlen_o + 1},
           dut_.cycle() + random_.Between(manners_.min_latency, manners_.max_latency)});
      claimed_ += dut_->m_arlen_o + 1;
      ++num_bursts_;
    }
    if (dut_->data_empty_no && dut_->data_read_i) {
      expected_.pop_front();
      --claimed_;
    }
    dut_.Edge();
  }

  void Check() {
    ar_check_.Cycle(dut_->m_arvalid_o, dut_->m_arready_i, dut_->m_araddr_o, dut_->m_arlen_o,
                    dut_->m_arsize_o, dut_->m_arburst_o);
    ASSERT_TRUE(dut_->m_rready_o) << "RREADY fell";
    ASSERT_LE(bursts_.size() + dut_->m_arvalid_o, size_t(kShape.outstanding));
    ASSERT_LE(claimed_, kShape.outstanding * kShape.BurstBeats()) << "more issued than fits";
    ASSERT_EQ(dut_->beat_o, dut_->m_rvalid_i);
    counted_beats_ += dut_->beat_o;
    ASSERT_EQ(dut_->error_o, dut_->beat_o && dut_->m_rresp_i != 0);
    counted_errors_ += dut_->error_o;
    if (dut_->data_empty_no) {
      ASSERT_FALSE(expected_.empty()) << "a beat that nobody asked for";
      ASSERT_TRUE(
          IsPayload(dut_->data_o, kBase / kShape.BeatBytes() + expected_.front(), kShape.data_bits))
          << "beat at offset " << expected_.front();
    }
  }

  Random random_;
  Bench<typename Config::Model> dut_;
  Manners manners_;
  AddressChannelCheck ar_check_;
  std::deque<Pending> bursts_;
  std::deque<uint64_t> expected_;  // offsets of the beats still to come
  size_t next_ = 0;
  int claimed_ = 0;  // beats issued and not yet read
  uint64_t cycles_ = 0, num_bursts_ = 0, counted_beats_ = 0;
  uint64_t counted_errors_ = 0, sent_errors_ = 0;
};

template <class T>
class AxiReadMasterTest : public ::testing::Test {};
using Configs =
    ::testing::Types<Config<Vread_512x64x8, 512, 64, 8>, Config<Vread_32x16x2, 32, 16, 2>,
                     Config<Vread_512x256x1, 512, 256, 1>>;
TYPED_TEST_SUITE(AxiReadMasterTest, Configs);

TYPED_TEST(AxiReadMasterTest, ReadsRandomRequestsUnderRandomStalls) {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(rtl_test::SeedNote(seed));
    Random random(seed);
    const auto rate = [&random] { return static_cast<int>(random.Between(20, 100)); };
    const Manners manners{rate(), rate(), rate(),
                          rate(), 1,      static_cast<int>(random.Between(1, 200))};
    std::vector<Request> requests;
    uint64_t beats = 0;
    for (int i = 0; i < 60; ++i) {
      requests.push_back(rtl_test::RandomRequest(random, TypeParam::kShape));
      beats += requests.back().beats;
    }
    ReadScene<TypeParam> scene(seed, manners);
    ASSERT_TRUE(scene.Run(requests, 1'000'000));
    EXPECT_EQ(scene.counted_beats(), beats);
  }
}

TYPED_TEST(AxiReadMasterTest, CountsEveryErrorAndHandsOnTheData) {
  for (const int errors : {0, 20, 100}) {
    SCOPED_TRACE(errors);
    Random random(errors);
    std::vector<Request> requests;
    for (int i = 0; i < 30; ++i)
      requests.push_back(rtl_test::RandomRequest(random, TypeParam::kShape));
    ReadScene<TypeParam> scene(7, {80, 80, 70, 80, 1, 30, errors});
    ASSERT_TRUE(scene.Run(requests, 1'000'000));
    EXPECT_EQ(scene.counted_errors(), scene.sent_errors());
    EXPECT_EQ(scene.sent_errors() != 0, errors != 0);
  }
}

TYPED_TEST(AxiReadMasterTest, DropsEmptyRequests) {
  ReadScene<TypeParam> scene(1, {100, 100, 100, 100, 1, 1});
  ASSERT_TRUE(scene.Run({{5, 0}, {6, 0}, {7, 0}, {8, 1}, {9, 0}}, 1000));
  EXPECT_EQ(scene.bursts(), 1u);
}

using Default = Config<Vread_512x64x8, 512, 64, 8>;

TEST(AxiReadMasterRate, HidesALatencyOf200Cycles) {
  constexpr uint32_t kBeats = 20000;
  ReadScene<Default> scene(1, {100, 100, 100, 100, 200, 200});
  ASSERT_TRUE(scene.Run({{0, kBeats}}, 100000));
  EXPECT_LE(scene.cycles(), kBeats + 215);
}

TEST(AxiReadMasterRate, JoinsRequestsWithoutBubbles) {
  std::vector<Request> requests;
  for (uint64_t i = 0; i < 400; ++i) requests.push_back({i * 32, 32});
  ReadScene<Default> scene(1, {100, 100, 100, 100, 150, 150});
  ASSERT_TRUE(scene.Run(requests, 100000));
  EXPECT_LE(scene.cycles(), 400u * 32u + 170u);
}

TEST(AxiReadMasterRate, IssuesABurstEveryCycle) {
  std::vector<Request> requests;
  for (uint64_t i = 0; i < 1000; ++i) requests.push_back({i * 777, 1});
  ReadScene<Default> scene(1, {100, 100, 100, 100, 3, 3});
  ASSERT_TRUE(scene.Run(requests, 100000));
  EXPECT_LE(scene.cycles(), 1020u);
}

TEST(AxiReadMasterRange, SplitsTheLongestRequest) {
  // 2^32 - 1 beats would take hours: only the first bursts are looked at.
  Bench<Vread_512x64x8> dut(1);
  dut->base_i = 0;
  dut->m_arready_i = 1;
  dut->m_rvalid_i = 0;
  dut->data_read_i = 0;
  dut->req_write_i = 0;
  dut.Reset();
  rtl_test::SetRequest(dut->req_data_i, {uint64_t{1} << 50, 0xFFFFFFFFu});
  dut->req_write_i = 1;
  dut.Edge();
  dut->req_write_i = 0;
  std::vector<uint64_t> addresses;
  for (int i = 0; i < 100; ++i) {
    dut.Settle();
    if (dut->m_arvalid_o) {
      addresses.push_back(dut->m_araddr_o);
      EXPECT_EQ(dut->m_arlen_o, 63);
    }
    dut.Edge();
  }
  ASSERT_EQ(addresses.size(), 8u);
  for (uint64_t i = 0; i < 8; ++i) EXPECT_EQ(addresses[i], (uint64_t{1} << 56) + 4096 * i);
  EXPECT_FALSE(dut->idle_o);
}

}  // namespace
