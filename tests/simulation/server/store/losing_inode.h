// One file of a LosingVfs: what the system shows of it, what a loss of power leaves of it, and the
// locks and shared memory that connections hold on it.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/server/store/losing_vfs.h"

namespace godwit::sim {

struct LosingVfs::Handle {
  std::shared_ptr<Inode> inode;
  std::string name;
  LosingVfs* vfs = nullptr;
  bool is_log = false;  // a journal or write-ahead log: its sync syncs the folder
  bool delete_on_close = false;
  int lock = SQLITE_LOCK_NONE;
  std::uint32_t shm_shared = 0;  // a bit a slot
  std::uint32_t shm_exclusive = 0;
};

struct LosingVfs::Inode {
  std::string content;
  std::string durable;
  std::set<std::size_t> dirty;  // sectors of `content` written since the last sync
  std::set<Handle*> handles;
  std::vector<std::unique_ptr<char[]>> shm;

  static std::size_t sector_of(std::size_t at) { return at / kSectorBytes; }

  void write(std::size_t at, const char* bytes, std::size_t size) {
    if (content.size() < at + size) content.resize(at + size, '\0');
    std::memcpy(content.data() + at, bytes, size);
    for (std::size_t s = sector_of(at); s <= sector_of(at + size - 1); ++s) dirty.insert(s);
  }
  // Only those sectors of the write that `toss` lets through.
  void write_part(std::size_t at, const char* bytes, std::size_t size, const Toss& toss) {
    for (std::size_t done = 0; done < size;) {
      const std::size_t room = kSectorBytes - (at + done) % kSectorBytes;
      const std::size_t length = std::min(room, size - done);
      if (toss()) write(at + done, bytes + done, length);
      done += length;
    }
  }
  void truncate(std::size_t size) {
    content.resize(size, '\0');
    dirty.erase(dirty.upper_bound(size == 0 ? 0 : sector_of(size - 1)), dirty.end());
  }
  void sync() {
    durable.resize(content.size(), '\0');
    for (std::size_t sector : dirty) keep(sector, content);
    dirty.clear();
  }
  void sync_part(const Toss& toss) {
    for (auto it = dirty.begin(); it != dirty.end();) {
      const bool done = toss();
      if (done) keep(*it, content);
      it = done ? dirty.erase(it) : std::next(it);
    }
  }
  // Becomes what a loss of power leaves.
  void lose(const Toss& toss) {
    if (content.size() < durable.size() && toss()) durable.resize(content.size());
    for (std::size_t sector : dirty) {
      const bool appended = sector * kSectorBytes >= durable.size();
      if (toss()) {
        keep(sector, content);
      } else if (appended && toss()) {
        keep(sector, std::string(content.size(), '\xA5'));
      }
    }
    content = durable;
    dirty.clear();
    shm.clear();
  }

 private:
  // Makes one sector durable as it is in `source`.
  void keep(std::size_t sector, const std::string& source) {
    const std::size_t from = sector * kSectorBytes;
    if (from >= source.size()) return;
    const std::size_t length = std::min(kSectorBytes, source.size() - from);
    if (durable.size() < from + length) durable.resize(from + length, '\0');
    std::memcpy(durable.data() + from, source.data() + from, length);
  }
};

}  // namespace godwit::sim
