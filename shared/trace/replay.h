// Gives a core what a trace holds and compares it with the run that was recorded.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/client/client_core.h"

namespace godwit {

struct Replay {
  enum class Outcome : unsigned char { kSame, kDiffers, kMalformed };
  Outcome outcome = Outcome::kMalformed;
  std::uint64_t steps = 0;     // that were replayed
  std::uint64_t compared = 0;  // hashes
  std::uint64_t left_out = 0;  // steps that the recording had no room for
  // kDiffers: the first step, from 1, after which the state was not the recorded one, though it was
  // at the last hash before.
  std::uint64_t differs_at = 0;
  std::vector<std::uint64_t> hashes;  // after each step, as replayed
  // kMalformed: "byte <offset>: …". Else, where it was asked for, the state after that step.
  std::string text;
};

// `until`: replays no further than that step (from 1) and describes the state after it; 0 is the
// core as it began. A step beyond the last one is the last one.
Replay replay_trace(std::string_view file, std::optional<std::uint64_t> until);

// A core's state for people to read: the connection, each chat, the outbox, storage. No texts.
std::string describe_state(const ClientCore& core);

// The subcommand `godwit replay`: what it prints and its exit code (0 the same, 1 it differs, 2 the
// file is malformed).
struct ReplayVerdict {
  int exit_code = 2;
  std::string out;
  std::string err;
};
ReplayVerdict replay_verdict(std::string_view file, std::optional<std::uint64_t> until);

}  // namespace godwit
