// Records what a core is given, in memory, from its beginning, so that a bug can be replayed
// elsewhere. What was recorded is as it came until save(), which puts filler for what people wrote:
// recording costs a copy of each input, a report costs the rest.
//
// Contract:
//  * begin() with the core's seed, then record() after each step of that core, none left out.
//  * Bounded: a step that brings the recording to kBytesMax is the last one in it; one that alone
//    would take it past twice that is not in it. Later ones are counted. What is there replays.
//  * A step that the core refused changed nothing but its clock, and is recorded as one of which
//    nothing can come: what was refused may be what no trace can hold.
//  * State hashes are recorded so seldom that hashing costs a fraction of a message a step; save()
//    adds the last one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/client/client_core.h"

namespace godwit {

class TraceRecorder {
 public:
  static constexpr std::size_t kBytesMax = 8 * 1024 * 1024;
  // Steps between two hashes, for each message and the like (state_size()) that one looks at.
  static constexpr std::uint64_t kStepsAMessage = 16;

  struct Config {
    std::size_t bytes_max = kBytesMax;
    bool hash_each_step = false;  // for tests and simulation
  };

  TraceRecorder() = default;
  explicit TraceRecorder(const Config& config) : config_(config) {}

  // Forgets whatever was recorded.
  void begin(std::uint64_t seed);
  void record(Instant now, Timestamp wall, const Event& event, bool taken, const ClientCore& core);

  // The file, with filler.
  std::string save(const ClientCore& core) const;

  std::uint64_t steps() const { return steps_; }
  std::uint64_t left_out() const { return left_out_; }
  std::size_t bytes() const { return bytes_; }

 private:
  std::optional<std::uint64_t> due_hash(const Event& event, const ClientCore& core);
  std::string& room();

  Config config_;
  std::uint64_t seed_ = 0;
  // What append_step_payload() wrote of each step after its length (u32); in pieces, so that
  // growing copies nothing.
  std::vector<std::string> pieces_;
  std::uint64_t steps_ = 0;
  std::size_t bytes_ = 0;  // of all payloads
  bool full_ = false;
  std::optional<std::uint64_t> full_hash_;  // of the last step recorded, once full
  std::uint64_t left_out_ = 0;
  std::uint64_t hash_in_ = 1;  // steps
};

}  // namespace godwit
