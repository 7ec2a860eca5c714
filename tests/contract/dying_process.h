// A process that dies over one of its writes: SQLite's own VFS goes on as it is, and the system
// calls by which it persists (write, truncate, delete) are counted and, at one of them, are the
// last thing the process does. What the process had written by then stays, as after SIGKILL; what a
// loss of power leaves besides is tests/simulation/crash. Also notes every statement that ran.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>

namespace godwit::server {

enum class DeathAt : std::uint8_t { kBefore, kMiddle, kAfter };

// How a process of this kind ended.
struct Ended {
  bool died = false;                 // over the write that was asked for
  bool completed = false;            // it did all, without dying
  std::size_t acknowledged = 0;      // calls of `acknowledge`
  std::uint64_t writes = 0;          // completed: all of them
  std::set<std::string> statements;  // completed: the SQL that ran
};

using Acknowledge = std::function<void()>;

// Runs `work` in a child process, which dies over its `nth` write (1: the first; 0: never).
// Requires that this process has no threads.
Ended run_and_die(std::uint64_t nth, DeathAt death,
                  const std::function<void(const Acknowledge&)>& work);

// A folder in memory where the system has one: what survives a process does not need a disk.
std::string fast_folder();

}  // namespace godwit::server
