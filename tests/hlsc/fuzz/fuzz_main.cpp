// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
//
// hlsc_fuzz: differential fuzzing of hlsc. Random kernels are compiled by hlsc and by the C++
// compiler and must agree under every stall profile.
//
//   hlsc_fuzz --seeds FIRST-LAST [--batch N] [--keep DIR] [--max-refused PERCENT] [--print SEED]
//
// A failing kernel is printed with the line that reproduces it and copied to DIR. Kernels that
// hlsc refuses (exit code 2) are counted; more than PERCENT of them is a failure.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "../harness/process.hpp"
#include "generator.hpp"

namespace fs = std::filesystem;

namespace {

constexpr int kCompileSeconds = 300;
constexpr int kRunSeconds = 600;

struct Options {
  uint64_t first = 1;
  uint64_t last = 12;
  uint64_t batch = 12;
  int max_refused = 50;
  fs::path keep;
};

struct Totals {
  int passed = 0;
  int refused = 0;
  int failed = 0;
};

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> words;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (end > begin) words.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return words;
}

class Batch {
 public:
  Batch(uint64_t first, uint64_t last, const Options& options, Totals& totals)
      : options_(options), totals_(totals), name_("fuzz" + std::to_string(first)) {
    dir_ = fs::temp_directory_path() / ("hlsc_" + name_ + "_" + std::to_string(last));
    fs::remove_all(dir_);
    fs::create_directories(dir_);
    for (uint64_t seed = first; seed <= last; ++seed) Generate(seed);
  }
  ~Batch() { fs::remove_all(dir_); }

  void Run() {
    if (seeds_.empty()) return;
    std::vector<std::string> build = {COSIM_BUILD, "--name", name_, "--out", dir_, "--hlsc", HLSC};
    if (*CCACHE != 0) build.push_back("--ccache");
    for (const uint64_t seed : seeds_) {
      build.push_back("fuzz_" + std::to_string(seed) + "=" + Kernel(seed).string());
    }
    const cosim::Finished rtl = cosim::RunTool(build, kCompileSeconds * 4);
    if (rtl.exit_code != 0) throw std::runtime_error("cosim_build: " + rtl.output);
    CompileNative();
    const cosim::Finished run = cosim::RunTool({dir_ / "run", "--gtest_brief=1"}, kRunSeconds);
    for (const uint64_t seed : seeds_) Judge(seed, run);
  }

 private:
  fs::path Kernel(uint64_t seed) const { return dir_ / ("fuzz_" + std::to_string(seed) + ".cpp"); }

  // Writes the kernel and asks hlsc whether it takes it.
  void Generate(uint64_t seed) {
    std::ofstream(Kernel(seed)) << fuzz::GenerateKernel(seed);
    const std::string top = "fuzz_" + std::to_string(seed);
    const cosim::Finished hlsc = cosim::RunTool(
        {HLSC, Kernel(seed), "--top", top, "-o", dir_ / top, "--clock", "50"}, kCompileSeconds);
    if (hlsc.exit_code == 0) {
      seeds_.push_back(seed);
    } else if (hlsc.exit_code == 2) {
      ++totals_.refused;
      std::cout << top << " refused: " << hlsc.output << std::flush;
    } else {
      Fail(seed, "hlsc exits with " + std::to_string(hlsc.exit_code) + ": " + hlsc.output);
    }
  }

  void Compile(const std::vector<std::string>& what) {
    std::vector<std::string> command = Split(CXX);
    const std::vector<std::string> flags = Split(NATIVE_FLAGS);
    command.insert(command.end(), flags.begin(), flags.end());
    command.insert(command.end(), what.begin(), what.end());
    const cosim::Finished compiler = cosim::RunTool(command, kCompileSeconds);
    if (compiler.exit_code != 0) throw std::runtime_error(compiler.output);
  }

  void CompileNative() {
    std::vector<std::string> units = {dir_ / "designs.cpp"};
    for (const uint64_t seed : seeds_) units.push_back(Kernel(seed));
    const unsigned workers = std::max(1u, std::thread::hardware_concurrency());
    std::vector<std::string> errors(workers);
    std::vector<std::thread> threads;
    for (unsigned w = 0; w < workers; ++w) {
      threads.emplace_back([&, w] {
        try {
          for (std::size_t i = w; i < units.size(); i += workers) {
            Compile({"-I", dir_, "-c", units[i], "-o", units[i] + ".o"});
          }
        } catch (const std::exception& error) {
          errors[w] = error.what();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const std::string& error : errors) {
      if (!error.empty()) throw std::runtime_error(error);
    }
    std::vector<std::string> link = {"-o", dir_ / "run"};
    for (const std::string& unit : units) link.push_back(unit + ".o");
    link.push_back(dir_ / "libdesigns.a");
    const std::vector<std::string> libraries = Split(LIBRARIES);
    link.insert(link.end(), libraries.begin(), libraries.end());
    Compile(link);
  }

  void Judge(uint64_t seed, const cosim::Finished& run) {
    const std::string top = "fuzz_" + std::to_string(seed) + ".";
    // A crash or a time-out fails every kernel that was not seen to pass alone.
    const bool failed = run.output.find("] " + top) != std::string::npos;
    const bool crashed = run.exit_code != 0 && run.exit_code != 1;
    if (!failed && !crashed) {
      ++totals_.passed;
      return;
    }
    Fail(seed, crashed ? "exit code " + std::to_string(run.exit_code) + "\n" + run.output
                       : Excerpt(run.output, top));
  }

  // The failures of one kernel: what stands before its "[  FAILED  ] top.profile".
  static std::string Excerpt(const std::string& output, const std::string& top) {
    const std::size_t end = output.find("] " + top);
    const std::size_t previous = output.rfind("[  FAILED  ]", end > 20 ? end - 20 : 0);
    const std::size_t begin = previous == std::string::npos ? 0 : previous;
    return output.substr(begin, std::min<std::size_t>(end - begin + 60, 3000));
  }

  void Fail(uint64_t seed, const std::string& message) {
    ++totals_.failed;
    std::cout << "fuzz_" << seed << " FAILED\n" << message << "\n";
    if (!options_.keep.empty()) {
      fs::create_directories(options_.keep);
      const fs::path kept = options_.keep / Kernel(seed).filename();
      fs::copy_file(Kernel(seed), kept, fs::copy_options::overwrite_existing);
      std::cout << "kernel kept as " << kept << "\n";
    }
    std::cout << "reproduce: hlsc_fuzz --seeds " << seed << "-" << seed << std::endl;
  }

  const Options& options_;
  Totals& totals_;
  std::string name_;
  fs::path dir_;
  std::vector<uint64_t> seeds_;
};

Options ParseOptions(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (i + 1 >= argc) throw std::runtime_error("'" + word + "' needs a value or is unknown");
    const std::string value = argv[++i];
    std::smatch range;
    if (word == "--seeds" && std::regex_match(value, range, std::regex("(\\d+)-(\\d+)"))) {
      options.first = std::stoull(range[1]);
      options.last = std::stoull(range[2]);
    } else if (word == "--batch") {
      options.batch = std::stoull(value);
    } else if (word == "--keep") {
      options.keep = value;
    } else if (word == "--max-refused") {
      options.max_refused = std::stoi(value);
    } else if (word == "--print") {
      std::cout << fuzz::GenerateKernel(std::stoull(value));
      std::exit(0);
    } else {
      throw std::runtime_error("'" + word + " " + value + "': see the head of fuzz_main.cpp");
    }
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Options options = ParseOptions(argc, argv);
    Totals totals;
    for (uint64_t first = options.first; first <= options.last; first += options.batch) {
      Batch(first, std::min(options.last, first + options.batch - 1), options, totals).Run();
    }
    const int all = totals.passed + totals.refused + totals.failed;
    std::cout << all << " kernels: " << totals.passed << " agree, " << totals.refused
              << " refused, " << totals.failed << " fail\n";
    const bool too_many = totals.refused * 100 > all * options.max_refused;
    if (too_many) std::cout << "more than " << options.max_refused << " % are refused\n";
    return totals.failed > 0 || too_many ? 1 : 0;
  } catch (const std::exception& error) {
    std::cerr << "hlsc_fuzz: " << error.what() << "\n";
    return 2;
  }
}
