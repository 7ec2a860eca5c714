// What every part of the gateway stands on: threads and time, counters, options, and the few facts
// of this server that it tells its clients. Plain references; whoever makes the gateway owns them.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "server/app/clock.h"
#include "server/app/config.h"
#include "server/edge/socket.h"
#include "shared/base/hash.h"
#include "shared/protocol/codec.h"

namespace godwit::server {

// Names one open connection for as long as the process runs; never 0, never used twice.
using ConnectionId = std::uint64_t;

// Limits and times of the gateway that nobody needs to turn.
inline constexpr std::int64_t kPresenceEveryMs = 1'000;  // one person's changes, told this often
inline constexpr std::int64_t kOfflineGraceMs = 1'000;   // a reload is not a departure
inline constexpr std::int64_t kHealEveryMs = 1'000;      // a share of the people is checked
inline constexpr std::int64_t kHealRoundMs = 15'000;     // in which everybody is
inline constexpr std::int64_t kHoleAgeMs = 2'000;        // what is only on its way comes sooner
inline constexpr std::int64_t kFillRetryMs = 200;
inline constexpr std::size_t kFillEventsMax = 200;     // read from a log at once
inline constexpr std::size_t kFlowHeldMax = 4'096;     // events waiting for a hole to be filled
inline constexpr std::size_t kSyncsWaitingMax = 4;     // of one connection, beside the one running
inline constexpr std::size_t kHeldFramesMax = 16'384;  // live frames waiting for a sync to end
inline constexpr std::size_t kHeldBytesMax = 4 << 20;
inline constexpr std::size_t kRemovedMax = 4'096;      // chats that syncs called removed
inline constexpr std::size_t kEarlyFramesMax = 256;    // between `hello` and `welcome`
inline constexpr std::size_t kTypingChatsMax = 8;      // in which one connection types at once
inline constexpr std::int64_t kTypingEveryMs = 1'000;  // the same news of one chat
inline constexpr Rate kTypingRate{20, 5};              // of one connection; beyond: dropped
inline constexpr std::int64_t kSyncBytesWaitingMax = 256LL << 20;  // answers not yet sent, of all
inline constexpr std::size_t kRateKeysMax = 100'000;
inline constexpr std::int64_t kRefusedRetryMs = 1'000;

// Counted since the start, or standing now; for /metrics. Any thread may read.
struct GatewayStats {
  std::atomic<std::uint64_t> connections{0};    // open now
  std::atomic<std::uint64_t> people_online{0};  // now
  std::atomic<std::uint64_t> events_fanned_out{0};
  std::atomic<std::uint64_t> deliveries{0};    // an event to a connection
  std::atomic<std::uint64_t> frames_held{0};   // that waited for a sync
  std::atomic<std::uint64_t> holes_filled{0};  // reads of a log to fill a hole
  std::atomic<std::uint64_t> syncs{0};
  std::atomic<std::int64_t> sync_bytes_waiting{0};  // now
  std::atomic<std::uint64_t> flooding_closed{0};
};

struct GatewayEnv {
  Executor& executor;
  const Clock& clock;
  GatewayCounters& counters;
  GatewayConfig config;
  std::string epoch;
  std::string core_version;
  GatewayStats stats;
};

inline FrameBytes encode_shared(const ServerFrame& frame) {
  return std::make_shared<const std::string>(encode(frame));
}

// For unordered containers that are only looked up in.
template <typename IdType>
struct IdHash {
  std::size_t operator()(IdType id) const { return static_cast<std::size_t>(mix64(id.value)); }
};

}  // namespace godwit::server
