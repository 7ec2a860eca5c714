// The disk of a device in these tests: three mounts of files, written by whole batches.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "shared/journal/batch_store.h"

namespace godwit::properties {

class Disks {
 public:
  void write(const Batch& batch) {
    auto& files = mounts_[static_cast<std::size_t>(batch.mount)];
    for (const StoredFile& file : batch.puts) files[file.name] = file.bytes;
    for (const std::string& name : batch.deletes) files.erase(name);
  }

  std::vector<StoredFile> files(Mount mount) const {
    std::vector<StoredFile> list;
    for (const auto& [name, bytes] : mounts_[static_cast<std::size_t>(mount)]) {
      list.push_back({name, bytes});
    }
    return list;
  }

 private:
  std::array<std::map<std::string, std::string>, kMounts> mounts_;
};

}  // namespace godwit::properties
