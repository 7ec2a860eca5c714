// A process that dies over one of its writes.
//
// Of itself, as after SIGKILL: SQLite's own VFS goes on as it is, and the system calls by which it
// persists (write, truncate, delete) are counted and, at one of them, are the last thing the
// process does. What it had written by then stays.
//
// Or because the power goes: SQLite's files are on a disk in memory, which keeps of what was not
// synced as much as luck has it (tests/simulation/server/store/losing_vfs.h); that disk's writes,
// syncs, truncations, deletions and renamings are counted, and what it is left with is put where
// the files belong, for the next life. Also notes every statement that ran.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "server/store/file_calls.h"

namespace godwit::server {

enum class DeathAt : std::uint8_t { kBefore, kMiddle, kAfter };

// The power goes with the process.
struct PowerCut {
  std::string folder;         // where all files of the process are; what is there is read first
  unsigned percent_kept = 0;  // of what was not synced, each piece by itself
};

struct Death {
  std::uint64_t nth = 0;  // the write over which it dies, 1: the first; 0: it does not
  DeathAt at = DeathAt::kBefore;
  std::optional<PowerCut> power = std::nullopt;  // none: it stays
};

// How a process of this kind ended.
struct Ended {
  bool died = false;                 // over the write that was asked for
  bool completed = false;            // it did all, without dying
  std::size_t acknowledged = 0;      // calls of `acknowledge`
  std::uint64_t writes = 0;          // completed: all of them
  std::set<std::string> statements;  // completed: the SQL that ran
};

using Acknowledge = std::function<void()>;
// `files` are those of the disk on which SQLite's are.
using Work = std::function<void(const Acknowledge&, FileCalls& files)>;

// Runs `work` in a child process. Requires that this process has no threads.
Ended run_and_die(const Death& death, const Work& work);

// A folder in memory where the system has one: what survives a process does not need a disk.
std::string fast_folder();

}  // namespace godwit::server
