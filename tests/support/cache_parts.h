// How a host hands the cache mount over: as wasm-core/storage/idbfs_safe.js reads it, the manifest
// and the segments that were written last first.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "shared/journal/batch_store.h"

namespace godwit::testing {

// At most `files_max` files in each; where there are none, one empty part.
inline std::vector<std::vector<StoredFile>> cache_parts(std::vector<StoredFile> files,
                                                        std::size_t files_max) {
  // A longer number is a higher one; whatever is no segment comes last.
  auto place = [](const std::string& name) {
    if (name == "manifest") return std::make_pair(name.max_size(), name);
    return std::make_pair(name.rfind('s', 0) == 0 ? name.size() : std::size_t{0}, name);
  };
  std::sort(files.begin(), files.end(), [&](const StoredFile& a, const StoredFile& b) {
    return place(a.name) > place(b.name);
  });
  std::vector<std::vector<StoredFile>> parts(1);
  for (StoredFile& file : files) {
    if (parts.back().size() == files_max) parts.emplace_back();
    parts.back().push_back(std::move(file));
  }
  return parts;
}

}  // namespace godwit::testing
