// SPDX-License-Identifier: BSL-1.0
#include "tests/apps/program_runner.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace causerie::apps {
namespace {

using clock = std::chrono::steady_clock;

struct pipe_ends {
  int from = -1, to = -1;
};
pipe_ends make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw std::bad_alloc{};
  return {ends[0], ends[1]};
}

int poll_ms(clock::time_point until) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
  return static_cast<int>(std::max<std::int64_t>(left, 0));
}

/// Appends what can be read; false at the end.
bool read_some(int from, std::string& into) {
  std::array<char, 4096> bytes{};
  const auto count = ::read(from, bytes.data(), bytes.size());
  if (count > 0) into.append(bytes.data(), static_cast<std::size_t>(count));
  return count > 0 || (count < 0 && errno == EINTR);
}

/// The status when the process has ended by then, else -1.
int status_by(pid_t pid, clock::time_point until) {
  // A pidfd becomes readable when its process ends.
  const auto handle = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  pollfd ended{handle, POLLIN, 0};
  const bool over = handle >= 0 && ::poll(&ended, 1, poll_ms(until)) == 1;
  if (handle >= 0) ::close(handle);
  int raw = 0;
  if (!over || ::waitpid(pid, &raw, 0) != pid) return -1;
  return WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
}

}  // namespace

void breathe() { ::poll(nullptr, 0, 10); }

program_home::program_home(std::string program) : program_{std::move(program)} {
  std::string pattern = "/tmp/causerie-test-XXXXXX";
  folder_ = ::mkdtemp(pattern.data());
}

program_home::~program_home() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

pid_t program_home::spawn(const words& arguments, int in, int out, int err) const {
  auto entries = words{"PATH=/usr/bin:/bin", "HOME=" + folder_.string(),
                       "XDG_RUNTIME_DIR=" + folder_.string()};
  for (const auto& [name, value] : variables) entries.push_back(name + "=" + value);
  for (const std::string name : {"ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"})
    if (const auto* value = std::getenv(name.c_str())) entries.push_back(name + "=" + value);
  auto texts = words{program_};
  texts.insert(texts.end(), arguments.begin(), arguments.end());
  const auto pointers = [](words& from) {
    std::vector<char*> to;
    for (auto& text : from) to.push_back(text.data());
    to.push_back(nullptr);
    return to;
  };
  const auto argv = pointers(texts);
  const auto envp = pointers(entries);
  const auto pid = ::fork();
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  ::execve(program_.c_str(), argv.data(), envp.data());
  ::_exit(127);
}

program_result program_home::run(const words& arguments, const std::string& input) const {
  const auto in = make_pipe(), out = make_pipe(), err = make_pipe();
  const auto pid = spawn(arguments, in.from, out.to, err.to);
  // Our own reading end stays open until all is written: a program that ends early breaks no pipe.
  if (::write(in.to, input.data(), input.size()) < 0) ::kill(pid, SIGKILL);
  for (const int end : {in.from, in.to, out.to, err.to}) ::close(end);
  program_result result;
  const auto until = clock::now() + patience;
  std::array<pollfd, 2> ends{{{out.from, POLLIN, 0}, {err.from, POLLIN, 0}}};
  while ((ends[0].fd >= 0 || ends[1].fd >= 0) && ::poll(ends.data(), 2, poll_ms(until)) > 0) {
    if (ends[0].revents != 0 && !read_some(out.from, result.out)) ends[0].fd = -1;
    if (ends[1].revents != 0 && !read_some(err.from, result.err)) ends[1].fd = -1;
  }
  result.status = status_by(pid, until);
  if (result.status < 0) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  ::close(out.from);
  ::close(err.from);
  return result;
}

program_home::running::running(const program_home& home, const words& arguments) {
  const auto out = make_pipe();
  const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  pid_ = home.spawn(arguments, nothing, out.to, STDERR_FILENO);
  ::close(nothing);
  ::close(out.to);
  out_ = out.from;
}

program_home::running::~running() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(out_);
}

std::string program_home::running::line() {
  const auto until = clock::now() + patience;
  for (;;) {
    if (const auto end = buffer_.find('\n'); end != buffer_.npos) {
      auto found = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return found;
    }
    pollfd ready{out_, POLLIN, 0};
    if (::poll(&ready, 1, poll_ms(until)) != 1 || !read_some(out_, buffer_)) return {};
  }
}

void program_home::running::signal(int number) const { ::kill(pid_, number); }

int program_home::running::wait() {
  const auto status = status_by(pid_, clock::now() + patience);
  if (status >= 0) pid_ = -1;
  return status;
}

}  // namespace causerie::apps
