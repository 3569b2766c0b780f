// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace causerie::apps {

/// What the program's exit status means; scripts may rely on the numbers (sysexits.h where it has
/// one for the purpose).
enum class exit_code : int {
  done = 0,            ///< Done: acknowledged, or the checks held.
  no = 1,              ///< Ran, and the answer is no.
  usage = 2,           ///< Wrong usage.
  unavailable = 69,    ///< No node runs, or the peer is unreachable.
  internal = 70,       ///< A bug of ours.
  cannot_create = 73,  ///< Cannot create data; a port is in use.
  disk = 74,           ///< A write or an fsync failed.
  timed_out = 75,      ///< Trying again may help.
  refused = 77,        ///< Key, token or permission.
  configuration = 78,  ///< The configuration is wrong.
  interrupted = 130,   ///< Ended by SIGINT.
  terminated = 143,    ///< Ended by SIGTERM.
};

}  // namespace causerie::apps
