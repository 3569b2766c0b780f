// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "protocol/link/link_set.hpp"
#include "protocol/link/packet_frames.hpp"
#include "protocol/link/ring_buffer.hpp"
#include "protocol/link/session_table.hpp"

namespace causerie::protocol {

/// What all links of a set share.
struct link_services {
  link_services(incarnation who, link_config settings, std::uint64_t seed)
      : self{who},
        config{std::move(settings)},
        cluster{hash_of_cluster(config.cluster)},
        chance{seed},
        sessions{chance.fork()} {
    config.datagram_bytes_max = std::max(config.datagram_bytes_max, hello_bytes);
  }

  incarnation self;
  link_config config;
  cluster_hash cluster;
  random_source chance;
  session_table sessions;
  link_counters counters;
  ring_buffer<link_set::output> outputs;
  packet_frames frames;  // Scratch: of the packet that is being handled.
  std::size_t half_open = 0;

  void transmit(const socket_address& to, shared_bytes bytes) {
    ++counters.datagrams_out;
    counters.bytes_out += bytes.size();
    outputs.push_back(link_set::transmit{to, std::move(bytes)});
  }
};

}  // namespace causerie::protocol
