// A device's disk in memory: atomic batches, one after another in each mount, that survive the
// device's crash. Batches wait until the simulation decides how they end.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "shared/base/check.h"
#include "shared/journal/batch_store.h"

namespace godwit::sim {

class MemoryStore : public BatchStore {
 public:
  Result<std::vector<StoredFile>> load(Mount mount) override {
    std::vector<StoredFile> files;
    for (const auto& [name, bytes] : disks_[index(mount)]) files.push_back(StoredFile{name, bytes});
    return files;
  }
  void submit(const Batch& batch) override {
    GODWIT_CHECK(pending_.count(batch.mount) == 0);  // one in flight a mount
    for (const StoredFile& file : batch.puts) {
      GODWIT_CHECK(file.bytes.size() <= limits::kFileBytesMax + limits::kClientFrameBytesMax);
    }
    pending_.emplace(batch.mount, batch);
  }
  // The batch in flight ends: written whole, or not at all.
  void finish(Mount mount, bool written) {
    auto batch = pending_.find(mount);
    GODWIT_CHECK(batch != pending_.end());
    if (written) apply(batch->second);
    pending_.erase(batch);
  }
  // Power is cut: each batch in flight may or may not have made it.
  template <typename Toss>
  void crash(Toss toss) {
    for (const auto& [mount, batch] : pending_) {
      if (toss()) apply(batch);
    }
    pending_.clear();
  }
  // The person clears the site's data, or the browser evicts a mount.
  void wipe(Mount mount) { disks_[index(mount)].clear(); }

  bool holds(Mount mount, const std::string& text) const {
    for (const auto& [name, bytes] : disks_[index(mount)]) {
      if (bytes.find(text) != std::string::npos) return true;
    }
    return false;
  }
  bool idle() const { return pending_.empty(); }
  std::map<std::string, std::string>& files(Mount mount) { return disks_[index(mount)]; }

 private:
  static std::size_t index(Mount mount) { return static_cast<std::size_t>(mount); }
  void apply(const Batch& batch) {
    auto& disk = disks_[index(batch.mount)];
    for (const StoredFile& file : batch.puts) disk[file.name] = file.bytes;
    for (const std::string& name : batch.deletes) disk.erase(name);
  }

  std::array<std::map<std::string, std::string>, kMounts> disks_;
  std::map<Mount, Batch> pending_;
};

}  // namespace godwit::sim
