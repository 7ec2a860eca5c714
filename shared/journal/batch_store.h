// Where a client's journal is kept, as the core sees it: three mounts of small files, written by
// atomic batches. In the browser IDBFS stands behind it, in tests and simulations memory or a
// store that fails, tears and loses.
//
// Contract of a host:
//  * It hands over all readable files of a mount, in any order; an unreadable one is left out.
//  * A batch is visible whole or not at all after any crash.
//  * Batches of one mount are applied in the order submitted; the core submits the next one only
//    after the last was answered.
//  * Each batch is answered exactly once, with success only when it survives a crash, and within a
//    bounded time (the watchdog is the host's).
//  * A batch of a host that no longer leads (an older term) is refused, never applied.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace godwit {

// kQueue: what only this device has (outbox). kHot: what the first picture needs. kCache: history,
// may be thrown away.
enum class Mount : unsigned char { kQueue = 0, kHot = 1, kCache = 2 };
inline constexpr int kMounts = 3;

inline std::string_view mount_name(Mount mount) {
  switch (mount) {
    case Mount::kQueue:
      return "queue";
    case Mount::kHot:
      return "hot";
    case Mount::kCache:
      return "cache";
  }
  return "";
}

struct StoredFile {
  std::string name;
  std::string bytes;
  friend bool operator==(const StoredFile&, const StoredFile&) = default;
};

struct Batch {
  std::uint32_t id = 0;
  Mount mount = Mount::kQueue;
  std::vector<StoredFile> puts;      // whole files
  std::vector<std::string> deletes;  // names
  friend bool operator==(const Batch&, const Batch&) = default;
};

}  // namespace godwit
