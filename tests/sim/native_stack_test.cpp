// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// The whole stack through XRT's native API: XRT is stock, the card is simulated. XRT keeps state
// per process: ctest runs every test in a process of its own.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "add_card.hpp"

namespace narrowgate::sim {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

const char* const kImage = NG_ADD_IMAGE;

bool WaitUntil(double seconds, const std::function<bool()>& condition) {
  const auto start = Clock::now();
  while (!condition()) {
    if (Seconds(start) > seconds) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

bool Exists(pid_t process) { return kill(process, 0) == 0; }

TEST(NativeStack, ComputesExactly) {
  AddCard card(kImage);
  for (const std::uint32_t beats : {1u, 2u, 63u, 64u, 65u, 1000u, 20000u}) {
    EXPECT_EQ(card.AddAndCount(beats, 0x80000001u + beats, beats), 0u)
        << beats << " beats, seed " << beats;
    EXPECT_EQ(card.state(), ERT_CMD_STATE_COMPLETED);
    EXPECT_EQ(card.Counter(1), beats);
    EXPECT_EQ(card.Counter(2), 0u);
    EXPECT_EQ(card.Counter(3), beats);
    EXPECT_EQ(card.Counter(4), 0u);
  }
}

TEST(NativeStack, LoadsInLessThanASecond) {
  const auto start = Clock::now();
  AddCard card(kImage);
  const double seconds = Seconds(start);
  RecordProperty("load_ms", static_cast<int>(seconds * 1000));
  EXPECT_LT(seconds, 1.0);
}

TEST(NativeStack, FirstAndLaterRunsTakeMilliseconds) {
  AddCard card(kImage);
  const auto start = Clock::now();
  for (unsigned i = 0; i < 20; ++i) EXPECT_EQ(card.AddAndCount(64, i, i), 0u);
  EXPECT_LT(Seconds(start) / 20, 0.1);
  RecordProperty("run_us", static_cast<int>(Seconds(start) / 20 * 1e6));
}

TEST(NativeStack, CycleCountsAreReproducible) {
  AddCard card(kImage);
  card.AddAndCount(5000, 1, 1);
  const std::uint64_t first = card.Counter(0);
  card.AddAndCount(17, 1, 1);
  card.AddAndCount(5000, 7, 2);
  EXPECT_EQ(card.Counter(0), first);
  // Start to done, two streams on two channels: little more than one beat a cycle.
  EXPECT_GT(first, 5000u);
  EXPECT_LT(first, 6000u);
}

TEST(NativeStack, CountsBusErrorsAndWorksOn) {
  AddCard card(kImage);
  xrt::bo in = card.Buffer(200, 0), out = card.Buffer(200, 1);
  const std::uint64_t nowhere = std::uint64_t{1} << 60;
  const auto errors = [&](std::uint64_t from, std::uint64_t to) {
    xrt::run run = card.StartAt(from, to, 200);
    EXPECT_EQ(run.wait(std::chrono::milliseconds(60000)), ERT_CMD_STATE_COMPLETED);
    return std::pair{card.Counter(2), card.Counter(4)};
  };
  using Errors = std::pair<std::uint64_t, std::uint64_t>;
  EXPECT_EQ(errors(nowhere, out.address()), Errors(200, 0)) << "one for each beat read";
  EXPECT_EQ(errors(in.address(), nowhere), Errors(0, 4)) << "one for each burst written";
  EXPECT_EQ(errors(out.address(), in.address()), Errors(200, 4)) << "a bank of another port";
  EXPECT_EQ(errors(in.address(), out.address()), Errors(0, 0));
  EXPECT_EQ(card.AddAndCount(200, 1, 1), 0u);
}

TEST(NativeStack, IdentifiesItself) {
  AddCard card(kImage);
  EXPECT_EQ(card.Register(0x800), 0x4E474154u);
  EXPECT_EQ(card.Register(0x808), 0x89ABCDEFu);
  EXPECT_EQ(card.Register(0x80C), 0x01234567u);
}

TEST(NativeStack, LargeTransfersKeepTheirBytes) {
  AddCard card(kImage);
  xrt::bo buffer = card.Buffer(64 << 10, 0);  // 4 MiB: several messages
  auto* words = buffer.map<std::uint32_t*>();
  const std::size_t count = buffer.size() / 4;
  std::mt19937 random(5);
  for (std::size_t i = 0; i < count; ++i) words[i] = random();
  buffer.sync(XCL_BO_SYNC_BO_TO_DEVICE);
  std::fill_n(words, count, 0);
  const auto start = Clock::now();
  buffer.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
  RecordProperty("from_device_mb_per_s", static_cast<int>(buffer.size() / Seconds(start) / 1e6));
  random.seed(5);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < count; ++i) wrong += words[i] != random();
  EXPECT_EQ(wrong, 0u);
}

TEST(NativeStack, PartsOfABufferLandInTheirPlaces) {
  AddCard card(kImage);
  xrt::bo buffer = card.Buffer(40 << 10, 0);  // 2.5 MiB: parts longer and shorter than a message
  auto* words = buffer.map<std::uint32_t*>();
  const std::size_t bytes = buffer.size(), count = bytes / 4;
  const std::pair<std::size_t, std::size_t> parts[] = {
      {bytes - 8192, bytes}, {4096, 1 << 21}, {0, 4096}, {1 << 21, bytes - 8192}};
  const auto expect = [&](std::uint32_t seed, const char* what) {
    std::mt19937 random(seed);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < count; ++i) wrong += words[i] != random();
    EXPECT_EQ(wrong, 0u) << what << ", seed " << seed;
  };
  std::mt19937 random(6);
  for (std::size_t i = 0; i < count; ++i) words[i] = random();
  for (const auto& [from, to] : parts) buffer.sync(XCL_BO_SYNC_BO_TO_DEVICE, to - from, from);
  std::fill_n(words, count, 0);
  buffer.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
  expect(6, "to the card in parts");
  std::fill_n(words, count, 0);
  for (const auto& [from, to] : parts) buffer.sync(XCL_BO_SYNC_BO_FROM_DEVICE, to - from, from);
  expect(6, "from the card in parts");
}

TEST(NativeStack, RandomStallsChangeTimeNotResults) {
  EmulationOptions options;
  options.stall_probability = 0.5;
  options.stall_seed = 7;
  AddCard card(kImage, 0, options);
  EXPECT_EQ(card.AddAndCount(3000, 3, 3), 0u);
  EXPECT_GT(card.Counter(0), 5000u);
}

TEST(NativeStack, OpensAndClosesRepeatedly) {
  for (unsigned i = 0; i < 4; ++i) {
    pid_t supervisor = 0;
    {
      AddCard card(kImage);
      EXPECT_EQ(card.AddAndCount(100, i, i), 0u) << "round " << i;
      supervisor = Emulation::Instance().Status(0).supervisor;
    }
    // XRT closes the card in a thread of its own.
    EXPECT_TRUE(Emulation::Instance().WaitUntilClosed(0, std::chrono::seconds(10)));
    EXPECT_TRUE(WaitUntil(10, [&] { return !Exists(supervisor); })) << "round " << i;
    EXPECT_FALSE(Emulation::Instance().Status(0).alive);
  }
}

TEST(NativeStack, TwoCardsInOneProcess) {
  EmulationOptions options;
  options.cards = 2;
  AddCard first(kImage, 0, options), second(kImage, 1, options);
  EXPECT_EQ(first.AddAndCount(100, 1, 1), 0u);
  EXPECT_EQ(second.AddAndCount(100, 2, 2), 0u);
  EXPECT_NE(Emulation::Instance().Status(0).supervisor, Emulation::Instance().Status(1).supervisor);
  EXPECT_TRUE(Emulation::Instance().Status(1).alive);
}

TEST(NativeStack, LeavesNoFileBehind) {
  const fs::path folder = fs::temp_directory_path() / ("ng_clean_" + std::to_string(getpid()));
  fs::create_directory(folder);
  fs::current_path(folder);
  {
    AddCard(kImage).AddAndCount(10, 1, 1);
  }
  ASSERT_TRUE(Emulation::Instance().WaitUntilClosed(0, std::chrono::seconds(10)));
  EXPECT_TRUE(fs::is_empty(folder));
  {
    // Other tests of this executable may be in a load, which holds this lock.
    const int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    ASSERT_EQ(flock(self, LOCK_EX), 0);
    EXPECT_FALSE(
        fs::exists(fs::read_symlink("/proc/self/exe").parent_path() / "emulation_debug.log"));
    close(self);
  }
  for (const auto& entry : fs::directory_iterator(Emulation::Instance().directory())) {
    EXPECT_FALSE(entry.is_socket()) << entry.path();
    EXPECT_NE(entry.path().extension(), ".processes") << entry.path();
  }
  fs::current_path("/");
  fs::remove_all(folder);
}

// The card dies in mid-run: the run ends, the process lives, the next open works.
void KillInMidRun(pid_t CardStatus::* victim) {
  {
    AddCard card(kImage);
    xrt::bo in = card.Buffer(1, 0), out = card.Buffer(1, 1);
    const CardStatus status = Emulation::Instance().Status(0);
    ASSERT_TRUE(status.alive) << status.reason;
    xrt::run run = card.Start(in, out, 1, 0, kForever);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const auto start = Clock::now();
    kill(status.*victim, SIGKILL);
    run.wait(std::chrono::milliseconds(8000));
    EXPECT_LT(Seconds(start), 5.0);
    EXPECT_FALSE(Emulation::Instance().Status(0).alive);
    EXPECT_FALSE(Emulation::Instance().Status(0).reason.empty());
    EXPECT_EQ(card.Register(0x800), 0xDEAD0000u);
    in.sync(XCL_BO_SYNC_BO_TO_DEVICE);
    EXPECT_LT(Seconds(start), 5.0);
  }
  AddCard card(kImage);
  EXPECT_EQ(card.AddAndCount(100, 1, 1), 0u);
}

TEST(NativeStack, SurvivesTheSimulatorsDeath) { KillInMidRun(&CardStatus::simulator); }
TEST(NativeStack, SurvivesTheSupervisorsDeath) { KillInMidRun(&CardStatus::supervisor); }

TEST(NativeStack, SurvivesTheSupervisorsDeathAtRest) {
  AddCard card(kImage);
  EXPECT_EQ(card.AddAndCount(100, 1, 1), 0u);
  kill(Emulation::Instance().Status(0).supervisor, SIGKILL);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto start = Clock::now();
  EXPECT_EQ(card.Register(0x800), 0xDEAD0000u);
  card.AddAndCount(100, 1, 1);
  EXPECT_LT(Seconds(start), 5.0);
}

// Transfers under way are cut at any byte.
TEST(NativeStack, SurvivesTheSupervisorsDeathInMidTransfer) {
  for (unsigned round = 0; round < 5; ++round) {
    AddCard card(kImage);
    xrt::bo buffer = card.Buffer(128 << 10, 0);  // 8 MiB
    const pid_t supervisor = Emulation::Instance().Status(0).supervisor;
    std::jthread killer([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(10 + 3 * round));
      kill(supervisor, SIGKILL);
    });
    const auto start = Clock::now();
    while (Emulation::Instance().Status(0).alive && Seconds(start) < 10) {
      buffer.sync(XCL_BO_SYNC_BO_TO_DEVICE);
      buffer.sync(XCL_BO_SYNC_BO_FROM_DEVICE);
    }
    EXPECT_EQ(card.Register(0x800), 0xDEAD0000u) << "round " << round;
    EXPECT_LT(Seconds(start), 10.0) << "round " << round;
  }
}

nlohmann::json ReadJson(const std::string& path) {
  return nlohmann::json::parse(std::ifstream(path));
}

// An image of the test kernel on another card or with another launcher, in a file of its own.
class CustomImage {
 public:
  CustomImage(const std::string& card, const nlohmann::json& connectivity,
              const std::string& launcher) {
    const std::string source = NG_SOURCE_DIR;
    xclbin::ImageContents contents;
    contents.manifest = ReadJson(source + "/tests/sim/fixture/add.json");
    contents.manifest["connectivity"] = connectivity;
    contents.kernel = ReadJson(source + "/tests/sim/fixture/add_kernel.json");
    contents.card = ReadJson(source + "/sim/cards/" + card + ".json");
    contents.files.push_back({"launch_hw_emu.sh", {launcher.begin(), launcher.end()}, true});
    std::ifstream simulator(NG_ADD_SIMULATOR, std::ios::binary);
    contents.files.push_back(
        {"ng-simulator", {std::istreambuf_iterator<char>(simulator), {}}, true});
    const std::vector<std::uint8_t> bytes = xclbin::BuildImage(contents);
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
  }
  ~CustomImage() { fs::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  const std::string path_ =
      fs::temp_directory_path() / ("ng_custom_" + std::to_string(getpid()) + ".xclbin");
};

TEST(NativeStack, ComputesOnHbm) {
  const CustomImage image("u55c-hbm2", {{"gmem_in", "HBM[0]"}, {"gmem_out", "HBM[17]"}},
                          "#!/bin/sh\nexec ./ng-simulator card.json\n");
  AddCard card(image.path());
  EXPECT_EQ(card.AddAndCount(5000, 3, 3), 0u);
  // 14.4 GB/s less refresh at 300 MHz: a beat of 64 bytes every 1.43 cycles.
  EXPECT_GT(card.Counter(0), 7000u);
  EXPECT_LT(card.Counter(0), 8000u);
}

TEST(NativeStack, LoadWhoseSimulatorCannotStartEndsDead) {
  const CustomImage broken("u250-ddr4", {{"gmem_in", "DDR[0]"}, {"gmem_out", "DDR[1]"}},
                           "#!/bin/sh\nexit 3\n");
  const auto start = Clock::now();
  {
    AddCard card(broken.path());
    EXPECT_LT(Seconds(start), 15.0);
    EXPECT_FALSE(Emulation::Instance().Status(0).alive);
    EXPECT_EQ(card.Register(0x800), 0xDEAD0000u);
  }
  EXPECT_LT(Seconds(start), 20.0);
}

TEST(NativeStack, RefusesADamagedImageBeforeXrtSeesIt) {
  const fs::path damaged =
      fs::temp_directory_path() / ("ng_damaged_" + std::to_string(getpid()) + ".xclbin");
  fs::copy_file(kImage, damaged, fs::copy_options::overwrite_existing);
  std::fstream(damaged, std::ios::in | std::ios::out | std::ios::binary)
      .seekp(50000)
      .write("damage", 6);
  EXPECT_THROW(AddCard card(damaged), xclbin::Error);
  fs::remove(damaged);
}

// A child process that opens a card and is then killed or left to run.
pid_t StartHost(int report_fd) {
  const pid_t host = fork();
  if (host != 0) return host;
  AddCard card(kImage);
  const CardStatus status = Emulation::Instance().Status(0);
  xrt::bo in = card.Buffer(1, 0), out = card.Buffer(1, 1);
  xrt::run run = card.Start(in, out, 1, 0, kForever);
  const std::string text = std::to_string(status.supervisor) + " " +
                           std::to_string(status.simulator) + " " +
                           Emulation::Instance().directory().string() + "\n";
  if (write(report_fd, text.data(), text.size()) < 0) _exit(1);
  pause();
  _exit(0);
}

TEST(NativeStack, HostsDeathLeavesNothingBehind) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t host = StartHost(ends[1]);
  close(ends[1]);
  char text[256] = {};
  ASSERT_GT(read(ends[0], text, sizeof text - 1), 0);
  pid_t supervisor = 0, simulator = 0;
  char folder[200];
  ASSERT_EQ(std::sscanf(text, "%d %d %199s", &supervisor, &simulator, folder), 3);
  EXPECT_TRUE(Exists(supervisor) && Exists(simulator) && fs::exists(folder));
  kill(host, SIGKILL);
  waitpid(host, nullptr, 0);
  EXPECT_TRUE(WaitUntil(10, [&] { return !Exists(supervisor) && !Exists(simulator); }));
  EXPECT_TRUE(WaitUntil(10, [&] { return !fs::exists(folder); }));
}

TEST(NativeStack, TwoProcessesAtOnce) {
  pid_t hosts[2];
  for (pid_t& host : hosts) {
    host = fork();
    if (host == 0) {
      AddCard card(kImage);
      std::size_t wrong = 0;
      for (unsigned i = 0; i < 10; ++i)
        wrong += card.AddAndCount(500, i, static_cast<std::uint32_t>(getpid()) + i);
      _exit(wrong == 0 ? 0 : 1);
    }
  }
  for (const pid_t host : hosts) {
    int status = -1;
    waitpid(host, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
}

TEST(NativeStack, KeepsTheLogOnRequest) {
  EmulationOptions options;
  options.log = fs::temp_directory_path() / ("ng_log_" + std::to_string(getpid()) + ".log");
  {
    AddCard(kImage, 0, options).AddAndCount(10, 1, 1);
  }
  std::ifstream in(options.log);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  EXPECT_NE(text.find("card u250-ddr4, image add, kernel add_kernel"), std::string::npos) << text;
  EXPECT_NE(text.find("run 1: "), std::string::npos) << text;
  EXPECT_NE(text.find("closed by the host"), std::string::npos) << text;
  fs::remove(options.log);
}

TEST(NativeStack, WritesWaveformsOnRequest) {
  EmulationOptions options;
  options.waveform = fs::temp_directory_path() / ("ng_waves_" + std::to_string(getpid()) + ".fst");
  {
    EXPECT_EQ(AddCard(NG_ADD_WAVES_IMAGE, 0, options).AddAndCount(10, 1, 1), 0u);
  }
  EXPECT_GT(fs::file_size(options.waveform), 1000u);
  fs::remove(options.waveform);
}

}  // namespace
}  // namespace narrowgate::sim
