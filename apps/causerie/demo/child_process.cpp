// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/demo/child_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "apps/causerie/cli/app_error.hpp"

namespace causerie::apps {
namespace {

struct pipe_ends {
  int read_end = -1, write_end = -1;
};

app_error cannot(const char* what) {
  return {"internal", exit_code::internal, fmt::format("cannot {}: {}", what, std::strerror(errno)),
          "'ulimit -u' and 'ulimit -n' tell how many processes and files there may be"};
}

pipe_ends make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw cannot("make a pipe");
  return {ends[0], ends[1]};
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_of(const child_process::plan& how) {
  std::vector<std::string> entries;
  for (const auto& [name, value] : how.variables)
    entries.push_back(fmt::format("{}={}", name, value));
  // Sanitizers' options and the like go on to the children.
  for (const auto* name : {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"})
    if (const auto* value = std::getenv(name)) entries.push_back(fmt::format("{}={}", name, value));
  return entries;
}

}  // namespace

child_process::child_process(const plan& how) {
  const auto input = make_pipe();
  const auto output = make_pipe();
  const int log = ::open(how.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) throw cannot("make a log file");
  std::vector<std::string> words{"causerie"};
  words.insert(words.end(), how.words.begin(), how.words.end());
  auto entries = environment_of(how);
  const auto arguments = pointers_to(words);
  const auto environment = pointers_to(entries);
  const auto parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw cannot("start a process");
  if (pid_ == 0) {
    // Only calls that are safe after a fork, up to the exec.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    ::dup2(input.read_end, STDIN_FILENO);
    ::dup2(output.write_end, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    ::execve("/proc/self/exe", arguments.data(), environment.data());
    ::_exit(127);
  }
  ::close(input.read_end);
  ::close(output.write_end);
  ::close(log);
  to_ = input.write_end;
  from_ = output.read_end;
  ::fcntl(from_, F_SETFL, O_NONBLOCK);
}

child_process::~child_process() {
  if (pid_ > 0 && !status()) {
    kill_now();
    ::waitpid(pid_, nullptr, 0);
  }
  if (to_ >= 0) ::close(to_);
  if (from_ >= 0) ::close(from_);
}

child_process::child_process(child_process&& other) noexcept
    : pid_{std::exchange(other.pid_, -1)},
      to_{std::exchange(other.to_, -1)},
      from_{std::exchange(other.from_, -1)},
      open_{other.open_},
      buffer_{std::move(other.buffer_)},
      status_{other.status_} {}

bool child_process::tell(std::string_view line) const {
  const auto text = fmt::format("{}\n", line);
  return ::write(to_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

std::vector<std::string> child_process::take_lines() {
  char bytes[65536];
  for (;;) {
    const auto count = ::read(from_, bytes, sizeof bytes);
    if (count > 0) {
      buffer_.append(bytes, static_cast<std::size_t>(count));
      continue;
    }
    if (count < 0 && errno == EINTR) continue;
    if (count == 0 || errno != EAGAIN) open_ = false;
    break;
  }
  std::vector<std::string> lines;
  std::size_t from = 0;
  for (auto end = buffer_.find('\n'); end != buffer_.npos; end = buffer_.find('\n', from)) {
    lines.push_back(buffer_.substr(from, end - from));
    from = end + 1;
  }
  buffer_.erase(0, from);
  return lines;
}

void child_process::kill_now() const {
  if (pid_ > 0) ::kill(pid_, SIGKILL);
}

std::optional<int> child_process::status() {
  if (status_ || pid_ <= 0) return status_;
  int raw = 0;
  if (::waitpid(pid_, &raw, WNOHANG) == pid_)
    status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
  return status_;
}

std::optional<int> child_process::status_within(std::chrono::milliseconds patience) {
  using clock = std::chrono::steady_clock;
  for (const auto until = clock::now() + patience; !status() && clock::now() < until;)
    ::poll(nullptr, 0, 5);
  return status_;
}

}  // namespace causerie::apps
