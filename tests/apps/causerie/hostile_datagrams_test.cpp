// SPDX-License-Identifier: BSL-1.0
#include <map>
#include <random>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "protocol/link/packet.hpp"
#include "protocol/membership/swim_datagram.hpp"
#include "tests/apps/causerie/running_node.hpp"
#include "tests/catch.hpp"

using namespace causerie::apps;
using namespace causerie::protocol;
using counts = std::map<std::string, std::uint64_t>;

namespace {

/// Somebody who can reach a node's port.
class stranger {
public:
  explicit stranger(const std::string& address) : fd_{::socket(AF_INET, SOCK_DGRAM, 0)} {
    const auto colon = address.rfind(':');
    to_.sin_family = AF_INET;
    to_.sin_port = htons(static_cast<std::uint16_t>(std::stoul(address.substr(colon + 1))));
    ::inet_pton(AF_INET, address.substr(0, colon).c_str(), &to_.sin_addr);
  }
  ~stranger() { ::close(fd_); }
  stranger(const stranger&) = delete;
  stranger& operator=(const stranger&) = delete;

  void send(const std::string& bytes) const {
    const auto sent = ::sendto(fd_, bytes.data(), bytes.size(), 0,
                               reinterpret_cast<const sockaddr*>(&to_), sizeof to_);
    REQUIRE(sent == static_cast<ssize_t>(bytes.size()));
  }

private:
  int fd_;
  sockaddr_in to_{};
};

counts drops(const running_node& node) {
  counts found;
  const auto answer = node.ask({"status"});
  CHECK(answer["schema"] == "causerie.status/1");
  for (const auto& [name, value] : answer["counters"].items())
    if (name.find(".dropped_") != name.npos) found[name] = std::stoull(value.get<std::string>());
  return found;
}

std::uint64_t sum(const counts& all) {
  std::uint64_t total = 0;
  for (const auto& [_, count] : all) total += count;
  return total;
}

std::string random_bytes(std::mt19937& chance, std::size_t count) {
  std::string bytes;
  while (bytes.size() < count) bytes += static_cast<char>(chance());
  return bytes;
}

std::string datagram(datagram_type type, const std::string& body = {}) {
  return static_cast<char>(type) + body;
}

std::string handshake(char major, const std::string& cluster) {
  const auto hash = hash_of_cluster(cluster);
  std::string body{major, 1};
  for (const auto octet : hash) body += static_cast<char>(octet);
  auto bytes = datagram(datagram_type::hello, body);
  bytes.resize(hello_bytes);
  return bytes;
}

/// What a stranger may send, and where it must be counted.
std::vector<std::pair<std::string, std::string>> hostile_datagrams() {
  std::mt19937 chance{7};
  const auto random = [&](std::size_t bytes) { return random_bytes(chance, bytes); };
  const auto swim_major = static_cast<char>(swim::version_major);
  return {
      {"link.dropped_malformed", ""},
      {"link.dropped_malformed", "\xff" + random(300)},
      {"link.dropped_malformed", datagram(datagram_type::hello)},
      {"link.dropped_malformed", handshake(0, "causerie").substr(0, 600)},
      {"link.dropped_malformed", datagram(datagram_type::hello_ack)},
      {"link.dropped_malformed", datagram(datagram_type::transport, "short")},
      {"link.dropped_version", handshake(9, "causerie")},
      {"link.dropped_version", datagram(datagram_type::hello_ack, "\x09")},
      {"link.dropped_cluster", handshake(0, "another")},
      {"link.dropped_oversized", std::string(datagram_bytes_accepted_max + 1, '\x03')},
      {"link.dropped_oversized", std::string(40'000, '\x04')},
      {"link.dropped_unknown_session", datagram(datagram_type::transport, random(1199))},
      {"membership.dropped_malformed", datagram(datagram_type::swim)},
      {"membership.dropped_malformed", datagram(datagram_type::swim, swim_major + random(200))},
      {"membership.dropped_version", datagram(datagram_type::swim, "\x09" + random(200))},
  };
}

}  // namespace

TEST_CASE("every hostile datagram is counted by its cause and changes nothing",
          "[apps][program][hostile]") {
  const causerie_home home;
  const running_node a{home, "a"};
  REQUIRE(a.run({"pub", "lobby", "before"}).status == 0);
  const auto members = a.ask({"members"})["members"];
  auto expected = drops(a);
  for (const auto* cause : {"link.dropped_misdirected", "network.dropped_truncated",
                            "network.dropped_queue_full", "membership.dropped_cluster"})
    CHECK(expected.contains(cause));

  const stranger mallory{a.address()};
  for (const auto& [cause, bytes] : hostile_datagrams()) {
    CAPTURE(cause, bytes.size());
    for (int times = 0; times < 3; ++times) mallory.send(bytes);
    expected[cause] += 3;
    CHECK(soon([&] { return sum(drops(a)) >= sum(expected); }));
    CHECK(nlohmann::json(drops(a)) == nlohmann::json(expected));
  }

  CHECK(a.ask({"members"})["members"] == members);
  const auto tree = a.ask({"actors"});
  for (const auto& actor : tree["actors"]) CHECK(actor["restarts"] == 0);
  const running_node b{home, "b", {"--join", a.address()}};
  CHECK(soon([&] { return a.alive() == 2; }));
  CHECK(b.ask({"send", "a", "hello"})["outcome"] == "delivered");
}

TEST_CASE("noise of any kind is counted, datagram for datagram", "[apps][program][hostile]") {
  const causerie_home home;
  const running_node a{home, "a"};
  const stranger mallory{a.address()};
  std::mt19937 chance{11};
  for (std::uint64_t counted = sum(drops(a)), round = 0; round < 10; ++round) {
    // A few at a time, so that the kernel's buffer holds them.
    for (int times = 0; times < 20; ++times)
      mallory.send(static_cast<char>(chance() % 8) + random_bytes(chance, chance() % 1900));
    counted += 20;
    CHECK(soon([&] { return sum(drops(a)) >= counted; }));
    CHECK(sum(drops(a)) == counted);
  }
  CHECK(a.ask({"members"})["members"].size() == 1);
  CHECK(a.run({"pub", "lobby", "still here"}).status == 0);
}

TEST_CASE("a node of another cluster stays out", "[apps][program][hostile]") {
  causerie_home home;
  const running_node a{home, "a"};
  home.variables["CAUSERIE_NODE_CLUSTER"] = "another";
  const running_node b{home, "b", {"--join", a.address()}};
  CHECK(soon([&] { return drops(a)["membership.dropped_cluster"] > 0; }));
  CHECK(a.ask({"members"})["members"].size() == 1);
  CHECK(b.ask({"members"})["members"].size() == 1);
}
