// A disk for SQLite, in memory, that keeps what SQLite may count on and nothing more: what was
// written is there after a loss of power if it was synced since, and else may be there, in part, as
// garbage past the old end, or not. It counts every call that persists (write, sync, truncate,
// delete, rename), so that a test can fail or die at each. Any number of connections, of any
// thread; the calls that are no connection's come when no other thread has one open.
//
// What SQLite is told it may count on is what its own VFS for Unix tells: no byte outside of a
// write changes (POWERSAFE_OVERWRITE), and nothing else. A sector here is kSectorBytes; of an
// unsynced write each sector is kept or lost by itself. A new file's name is durable once it, or a
// journal or log beside it, was synced; a deletion once the folder was.
//
// https://www.sqlite.org/atomiccommit.html, "Hardware Assumptions".
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/server/death.h"

namespace godwit::sim {

class LosingVfs {
 public:
  // True as often as the caller likes: something that was not durable stays.
  using Toss = std::function<bool()>;
  static constexpr std::size_t kSectorBytes = 512;

  // Registers itself under a name of its own.
  LosingVfs();
  // Requires that every file is closed.
  ~LosingVfs();
  LosingVfs(const LosingVfs&) = delete;
  LosingVfs& operator=(const LosingVfs&) = delete;
  const std::string& name() const { return name_; }

  // ---- faults ----
  // Calls that persisted since the beginning, failed ones too.
  std::uint64_t calls() const { return calls_; }
  // The `nth` such call from now on (1: the next) fails with `rc`, once; a failed write or sync may
  // have done a part, as `toss` says.
  void fail_at(std::uint64_t nth, int rc, Toss toss);
  // The `nth` read from now on fails with SQLITE_IOERR_READ, once.
  void fail_read_at(std::uint64_t nth) { failing_read_ = reads_ + nth; }
  void fail_no_more();
  // The process dies over the `nth` such call from now on: that and every later call fails.
  void die_at(std::uint64_t nth, Death death, Toss toss);
  // As die_at, for a process that ends itself over that call, and without power: `end` gets the
  // files that this leaves, and does not return.
  using Files = std::map<std::string, std::string>;  // content by name
  void end_at(std::uint64_t nth, Death death, Toss toss, std::function<void(const Files&)> end);
  void die() { dead_ = true; }
  bool is_dead() const { return dead_; }
  std::uint64_t failures() const { return failures_; }  // all of them
  std::uint64_t reads_failed() const { return reads_failed_; }
  // While quiet nothing fails, nobody dies, and nothing is counted.
  void set_quiet(bool quiet) { quiet_ = quiet; }

  // The power was cut, and is back: what was not durable is there as far as `toss` says, and no
  // process has anything open. Requires that every file is closed.
  void lose(const Toss& toss);

  // ---- files, as a person with a shell has them ----
  // All of it durable at once. Requires that none of them is open.
  void remove(const std::string& name);
  void copy(const std::string& from, const std::string& to);
  void put(const std::string& name, std::string content);
  void harden(const std::string& name);
  bool exists(const std::string& name) const { return names_.count(name) != 0; }

  // ---- files, as a program has them beside SQLite: these calls persist, and fail as others do
  // ---- Durable once the folder was synced.
  bool rename(const std::string& from, const std::string& to);
  bool sync_file(const std::string& name);
  bool sync_folder();

 private:
  struct Calls;
  struct Handle;
  struct Inode;
  using Names = std::map<std::string, std::shared_ptr<Inode>>;
  struct Planned {
    std::uint64_t at = 0;
    int rc = SQLITE_IOERR;
    Death death = Death::kBefore;
    Toss toss;
    std::function<void(const Files&)> end;  // or none
  };
  using Part = std::function<void(const Toss&)>;

  int persist(const std::function<void()>& whole, const Part& part);
  std::shared_ptr<Inode> open_inode(const char* name, int flags);
  int delete_name(const std::string& name, bool sync_folder);
  void sync_inode(const std::string& name, Inode& inode, bool with_folder);
  void lose_power(const Toss& toss);
  Files files() const;

  std::mutex mutex_;  // held over each call of a connection
  std::string name_;
  sqlite3_vfs vfs_{};
  Names names_;
  Names durable_names_;
  std::uint64_t calls_ = 0;
  std::uint64_t reads_ = 0;
  std::uint64_t failures_ = 0;
  std::uint64_t reads_failed_ = 0;
  std::optional<Planned> failure_;
  std::optional<Planned> death_;
  std::optional<std::uint64_t> failing_read_;
  bool dead_ = false;
  bool quiet_ = false;
  int open_files_ = 0;
};

}  // namespace godwit::sim
