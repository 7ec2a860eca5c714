// The faults that a run may meet: named, drawn, counted. A fault counts when it took effect, not
// when it was wished for, so that a run in which one never fired can be told from one that survived
// it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/prng.h"

namespace godwit::sim {

enum class Fault : std::uint8_t {
  // Network
  kConnectionRefused,
  kConnectionCut,
  kConnectionDead,
  kSocketsBlocked,
  kPartition,
  kFrameRepeated,
  kFramesSwapped,
  kFrameLost,
  kRequestLost,
  kAnswerLost,
  kRequestRepeated,
  // A device's storage
  kBatchAborted,
  kBatchWrittenAndCalledFailed,
  kBatchHung,
  kQuota,
  kWritesForgotten,
  kRecordsDamaged,
  // A device's tabs and power
  kTabClosed,
  kTabCrashed,
  kPowerCut,
  kDeathInMidWrite,
  kSleep,
  kLeaderFrozen,
  kLockStolen,
  kStaleLeaderFenced,
  kClockJumped,
  // The server
  kRefusedForNow,
  kServerCrashed,
  kServerRestored,
  kCount,
};

inline constexpr std::size_t kFaults = static_cast<std::size_t>(Fault::kCount);

inline constexpr std::array<std::string_view, kFaults> kFaultNames{
    "connection-refused",
    "connection-cut",
    "connection-dead",
    "sockets-blocked",
    "partition",
    "frame-repeated",
    "frames-swapped",
    "frame-lost",
    "request-lost",
    "answer-lost",
    "request-repeated",
    "batch-aborted",
    "batch-written-and-called-failed",
    "batch-hung",
    "quota",
    "writes-forgotten",
    "records-damaged",
    "tab-closed",
    "tab-crashed",
    "power-cut",
    "death-in-mid-write",
    "sleep",
    "leader-frozen",
    "lock-stolen",
    "stale-leader-fenced",
    "clock-jumped",
    "refused-for-now",
    "server-crashed",
    "server-restored",
};

inline std::optional<Fault> fault_named(std::string_view name) {
  for (std::size_t i = 0; i < kFaults; ++i) {
    if (kFaultNames[i] == name) return static_cast<Fault>(i);
  }
  return std::nullopt;
}

class Faults {
 public:
  using Counts = std::array<std::uint64_t, kFaults>;

  Faults(Prng& prng, std::uint32_t without) : prng_(prng), without_(without) {}

  // No fault befalls anybody while calm; what was done stays done.
  void calm(bool calm) { calm_ = calm; }
  bool possible(Fault fault) const {
    return !calm_ && (without_ >> static_cast<unsigned>(fault) & 1u) == 0;
  }
  // Draws; one that takes effect is counted. `per_mille` of 1,000 tries.
  bool strikes(Fault fault, std::uint64_t per_mille) {
    if (!possible(fault) || prng_.below(1'000) >= per_mille) return false;
    fired(fault);
    return true;
  }
  void fired(Fault fault, std::uint64_t times = 1) {
    counts_[static_cast<std::size_t>(fault)] += times;
  }
  const Counts& counts() const { return counts_; }

 private:
  Prng& prng_;
  std::uint32_t without_;  // one bit a fault
  bool calm_ = false;
  Counts counts_{};
};

static_assert(kFaults <= 32);

}  // namespace godwit::sim
