// SPDX-License-Identifier: BSL-1.0
//
// Bundles and rows: what decodes encodes to the same bytes, and a causal buffer that is fed with
// whatever passes for a bundle keeps its counts.
#include <cstdlib>

#include "protocol/causal/causal_buffer.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace causerie::protocol;
using namespace causerie::protocol::causal;

namespace {

std::vector<std::uint8_t> octets(const shared_bytes& bytes) {
  const auto* from = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return {from, from + bytes.size()};
}

template <class Body>
void check_canonical(const shared_bytes& bytes) {
  const auto decoded = wire::decode<Body>(bytes);
  if (decoded && octets(wire::encode(*decoded)) != octets(bytes)) std::abort();
}

bundle sample(sequence first) {
  group_message message;
  message.causes = {{member_tag{2}, 1}};
  message.payload = shared_bytes::copy_of(std::string_view{"hello"});
  return {member_tag{1}, first, {message, {}, message}};
}

}  // namespace

std::vector<std::vector<std::uint8_t>> fuzz_seeds() {
  return {octets(wire::encode(sample(1))),
          octets(wire::encode(row_frame{member_tag{1}, 2, true, {{member_tag{1}, 4, 1}}}))};
}
std::size_t fuzz_runs() { return 100'000; }

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = shared_bytes::copy_of(std::as_bytes(std::span{data, size}));
  check_canonical<bundle>(bytes);
  check_canonical<row_frame>(bytes);
  check_canonical<repair_request>(bytes);
  check_canonical<repair_answer>(bytes);
  check_canonical<group_summary>(bytes);
  const auto row = wire::decode<row_frame>(bytes);
  if (row) (void)well_formed(*row);
  auto content = wire::decode<bundle>(bytes);
  if (!content || !well_formed(*content)) return 0;
  causal_buffer buffer{4096};
  (void)buffer.on_bundle(sample(1), 100);
  (void)buffer.on_bundle(std::move(*content), size);
  while (buffer.poll()) {}
  buffer.audit(/*drained=*/true);
  return 0;
}
