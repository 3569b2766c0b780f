// SPDX-License-Identifier: BSL-1.0
//
// Runs a libFuzzer target without libFuzzer: replays the corpus files and folders named on the
// command line, then `--runs` inputs that depend on nothing but `--seed` (or CAUSERIE_SEED) and
// the run's number. A crash leaves the input in a file and prints how to repeat it.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "protocol/random.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace {

using causerie::protocol::random_source;
using input = std::vector<std::uint8_t>;

struct settings {
  std::uint64_t seed = 20260101;
  std::size_t first = 0;
  std::size_t runs = 0;
  std::vector<std::filesystem::path> corpus;
};

// What the signal handler saves when the target dies.
const std::uint8_t* running_data = nullptr;
std::size_t running_size = 0;
char crash_path[64] = "crash-corpus.bin";

extern "C" void on_crash(int signal) {
  const int file = ::open(crash_path, O_CREAT | O_TRUNC | O_WRONLY, 0644);
  if (file >= 0 && ::write(file, running_data, running_size) >= 0) {
    constexpr char text[] = "input saved as ";
    [[maybe_unused]] auto written = ::write(2, text, sizeof text - 1);
    written = ::write(2, crash_path, std::strlen(crash_path));
    written = ::write(2, "\n", 1);
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void run_one(const input& bytes) {
  // A copy of exactly this size, so that a sanitizer sees the first byte read past the end.
  const std::unique_ptr<std::uint8_t[]> exact{new std::uint8_t[bytes.size()]};
  std::copy(bytes.begin(), bytes.end(), exact.get());
  running_data = exact.get();
  running_size = bytes.size();
  LLVMFuzzerTestOneInput(exact.get(), bytes.size());
}

std::uint8_t random_octet(random_source& chance) {
  constexpr std::uint8_t interesting[] = {0, 1, 2, 0x7f, 0x80, 0x81, 0xfe, 0xff};
  if (chance.chance(0.3)) return interesting[chance.below(std::size(interesting))];
  return static_cast<std::uint8_t>(chance.below(256));
}

input random_input(random_source& chance, std::size_t size_max) {
  // Short ones more often: they get past length checks in more interesting ways.
  input bytes(chance.below(1 + (size_max >> chance.below(8))));
  for (auto& octet : bytes) octet = random_octet(chance);
  return bytes;
}

void mutate_once(input& bytes, const std::vector<input>& seeds, random_source& chance) {
  const auto at = static_cast<std::ptrdiff_t>(chance.below(bytes.size() + 1));
  const auto count = static_cast<std::ptrdiff_t>(
      chance.below(std::min<std::size_t>(bytes.size() - static_cast<std::size_t>(at), 32) + 1));
  const auto from = bytes.begin() + at;
  switch (chance.below(7)) {
    case 0: bytes.resize(static_cast<std::size_t>(at)); break;
    case 1: bytes.erase(from, from + count); break;
    case 2: bytes.insert(from, random_octet(chance)); break;
    case 3: {
      const input part{from, from + count};
      bytes.insert(bytes.begin() + at, part.begin(), part.end());
      break;
    }
    case 4:
      if (from != bytes.end()) *from = static_cast<std::uint8_t>(*from ^ (1u << chance.below(8)));
      break;
    case 5:
      if (from != bytes.end()) *from = random_octet(chance);
      break;
    default: {  // The rest of another input.
      if (seeds.empty()) break;
      const auto& other = seeds[chance.below(seeds.size())];
      const auto skip = static_cast<std::ptrdiff_t>(chance.below(other.size() + 1));
      bytes.resize(static_cast<std::size_t>(at));
      bytes.insert(bytes.end(), other.begin() + skip, other.end());
    }
  }
}

input make_input(const std::vector<input>& seeds, random_source chance, std::size_t size_max) {
  if (seeds.empty() || chance.chance(0.2)) return random_input(chance, size_max);
  auto bytes = seeds[chance.below(seeds.size())];
  for (auto steps = chance.below(6); steps != 0; --steps) mutate_once(bytes, seeds, chance);
  if (bytes.size() > size_max) bytes.resize(size_max);
  return bytes;
}

std::vector<input> read_corpus(const std::vector<std::filesystem::path>& paths) {
  std::vector<std::filesystem::path> files;
  for (const auto& path : paths) {
    if (std::filesystem::is_directory(path))
      for (const auto& entry : std::filesystem::directory_iterator{path})
        files.push_back(entry.path());
    else if (std::filesystem::exists(path))
      files.push_back(path);
  }
  std::sort(files.begin(), files.end());
  std::vector<input> inputs;
  for (const auto& path : files) {
    std::ifstream file{path, std::ios::binary};
    inputs.emplace_back(std::istreambuf_iterator<char>{file}, std::istreambuf_iterator<char>{});
  }
  return inputs;
}

settings parse(int argc, char** argv) {
  settings wanted;
  if (const char* seed = std::getenv("CAUSERIE_SEED"))
    wanted.seed = std::strtoull(seed, nullptr, 0);
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = [&] { return i + 1 < argc ? std::strtoull(argv[++i], nullptr, 0) : 0; };
    if (word == "--seed")
      wanted.seed = value();
    else if (word == "--runs")
      wanted.runs = value();
    else if (word == "--first")
      wanted.first = value();
    else
      wanted.corpus.emplace_back(word);
  }
  if (wanted.runs == 0) wanted.runs = fuzz_runs ? fuzz_runs() : 20000;
  return wanted;
}

}  // namespace

int main(int argc, char** argv) {
  const auto wanted = parse(argc, argv);
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, on_crash);

  auto known = read_corpus(wanted.corpus);
  std::printf("seed %llu (CAUSERIE_SEED), %zu corpus inputs, %zu runs\n",
              static_cast<unsigned long long>(wanted.seed), known.size(), wanted.runs);
  std::fflush(stdout);
  for (const auto& bytes : known) run_one(bytes);

  if (fuzz_seeds)
    for (auto& bytes : fuzz_seeds()) {
      run_one(bytes);
      known.push_back(std::move(bytes));
    }
  const auto size_max = fuzz_size_max ? fuzz_size_max() : std::size_t{1500};
  for (auto run = wanted.first; run < wanted.first + wanted.runs; ++run) {
    std::snprintf(crash_path, sizeof crash_path, "crash-%llu-%zu.bin",
                  static_cast<unsigned long long>(wanted.seed), run);
    run_one(make_input(known, random_source{wanted.seed ^ (run * 0x9e3779b97f4a7c15)}, size_max));
  }
  return 0;
}
