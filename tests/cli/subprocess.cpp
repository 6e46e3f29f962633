// Copyright Narrowgate contributors
// SPDX-License-Identifier: Apache-2.0
#include "subprocess.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <stdexcept>

namespace narrowgate::testing {
namespace {

struct Pipe {
  int read_end = -1;
  int write_end = -1;
};

Pipe make_pipe(bool terminal) {
  Pipe pipe;
  if (terminal) {
    if (openpty(&pipe.read_end, &pipe.write_end, nullptr, nullptr, nullptr) != 0) {
      throw std::runtime_error("openpty failed");
    }
    return pipe;
  }
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
  return {ends[0], ends[1]};
}

}  // namespace

std::string why_no_terminal() {
  int ends[2];
  if (openpty(&ends[0], &ends[1], nullptr, nullptr, nullptr) != 0) {
    return std::string("no pseudo terminal to be had (is /dev/pts mounted?): ") +
           std::strerror(errno);
  }
  ::close(ends[0]);
  ::close(ends[1]);
  return "";
}

namespace {

[[noreturn]] void become(const std::filesystem::path& program,
                         const std::vector<std::string>& arguments, const RunOptions& options,
                         const Pipe& out, const Pipe& err) {
  ::setpgid(0, 0);  // so that a time-out ends its children as well
  ::dup2(out.write_end, STDOUT_FILENO);
  ::dup2(err.write_end, STDERR_FILENO);
  if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0) ::_exit(126);
  for (const std::string& variable : options.variables) {
    ::putenv(const_cast<char*>(variable.c_str()));
  }
  std::vector<char*> argv{const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  ::execv(program.c_str(), argv.data());
  ::_exit(127);
}

/// Reads what there is; false at the end (a closed terminal gives EIO).
bool take(int fd, std::string& text) {
  std::array<char, 4096> buffer;
  const ssize_t count = ::read(fd, buffer.data(), buffer.size());
  if (count < 0 && errno == EINTR) return true;
  if (count <= 0) return false;
  text.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

/// Collects both streams until they end; false when the time is up.
bool collect(const Pipe& out, const Pipe& err, Finished& finished,
             std::chrono::steady_clock::time_point end) {
  bool out_open = true;
  bool err_open = true;
  while (out_open || err_open) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        end - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    std::array<pollfd, 2> fds = {pollfd{out_open ? out.read_end : -1, POLLIN, 0},
                                 pollfd{err_open ? err.read_end : -1, POLLIN, 0}};
    if (::poll(fds.data(), fds.size(), static_cast<int>(left.count())) <= 0) continue;
    if (fds[0].revents != 0) out_open = take(out.read_end, finished.out);
    if (fds[1].revents != 0) err_open = take(err.read_end, finished.err);
  }
  return true;
}

}  // namespace

Finished run_program(const std::filesystem::path& program,
                     const std::vector<std::string>& arguments, const RunOptions& options) {
  const Pipe out = make_pipe(false);
  const Pipe err = make_pipe(options.terminal);
  const pid_t child = ::fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) become(program, arguments, options, out, err);
  ::close(out.write_end);
  ::close(err.write_end);

  Finished finished;
  if (!collect(out, err, finished, std::chrono::steady_clock::now() + options.limit)) {
    finished.timed_out = true;
    ::kill(-child, SIGKILL);
  }
  ::close(out.read_end);
  ::close(err.read_end);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  finished.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return finished;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "ng-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace narrowgate::testing
