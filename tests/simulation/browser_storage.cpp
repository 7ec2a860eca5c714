#include "tests/simulation/browser_storage.h"

#include <algorithm>

#include "shared/base/check.h"
#include "shared/base/limits.h"
#include "shared/base/mutation.h"

namespace godwit::sim {
namespace {

// As many batches as a browser may not have flushed yet.
constexpr std::size_t kRelaxedBatchesMax = 4;

}  // namespace

std::vector<StoredFile> BrowserStorage::load(Mount mount) const {
  std::vector<StoredFile> files;
  for (const auto& [name, bytes] : mounts_[index(mount)]) files.push_back({name, *bytes});
  return files;
}

void BrowserStorage::submit(std::uint32_t term, Batch batch) {
  Mount mount = batch.mount;
  GODWIT_CHECK(!in_flight(term, mount));
  for (const StoredFile& file : batch.puts) {
    GODWIT_CHECK(file.bytes.size() <= limits::kFileBytesMax + limits::kClientFrameBytesMax);
  }
  pending_.emplace(std::make_pair(term, mount), std::move(batch));
}

BrowserStorage::Ended BrowserStorage::finish(std::uint32_t term, Mount mount, bool commits) {
  auto pending = pending_.find({term, mount});
  GODWIT_CHECK(pending != pending_.end());
  Batch batch = std::move(pending->second);
  pending_.erase(pending);
  if (term != term_ && !mutated(Mutation::kFenceOff)) return Ended::kFenced;
  if (!commits) return Ended::kAborted;
  apply(std::move(batch));
  return Ended::kWritten;
}

bool BrowserStorage::abandon(std::uint32_t term, Prng& prng) {
  bool any = false;
  for (Mount mount : {Mount::kQueue, Mount::kHot, Mount::kCache}) {
    if (!in_flight(term, mount)) continue;
    any = true;
    (void)finish(term, mount, prng.chance(50));
  }
  return any;
}

void BrowserStorage::apply(Batch batch) {
  Files& files = mounts_[index(batch.mount)];
  Before before;
  auto note = [&](const std::string& name) {
    auto held = files.find(name);
    before.try_emplace(name, held == files.end() ? nullptr : held->second);
  };
  for (StoredFile& file : batch.puts) {
    note(file.name);
    files[file.name] = std::make_shared<const std::string>(std::move(file.bytes));
  }
  for (const std::string& name : batch.deletes) {
    note(name);
    files.erase(name);
  }
  if (batch.mount == Mount::kQueue) return;
  auto& latest = relaxed_[index(batch.mount)];
  latest.push_back(std::move(before));
  if (latest.size() > kRelaxedBatchesMax) latest.pop_front();
}

std::size_t BrowserStorage::cut_power(Prng& prng) {
  std::size_t lost = 0;
  for (std::size_t mount = 0; mount < relaxed_.size(); ++mount) {
    std::size_t back = prng.below(relaxed_[mount].size() + 1);
    for (; back > 0; --back, ++lost) {
      for (const auto& [name, bytes] : relaxed_[mount].back()) {
        if (bytes)
          mounts_[mount][name] = bytes;
        else
          mounts_[mount].erase(name);
      }
      relaxed_[mount].pop_back();
    }
    relaxed_[mount].clear();  // what is there now has been read from the disk
  }
  return lost;
}

bool BrowserStorage::holds(Mount mount, const std::string& text) const {
  const Files& files = mounts_[index(mount)];
  return std::any_of(files.rbegin(), files.rend(), [&](const auto& file) {  // the latest first
    return file.second->find(text) != std::string::npos;
  });
}

std::map<std::string, std::string> BrowserStorage::files(Mount mount) const {
  std::map<std::string, std::string> files;
  for (const auto& [name, bytes] : mounts_[index(mount)]) files[name] = *bytes;
  return files;
}

void BrowserStorage::replace(Mount mount, const std::map<std::string, std::string>& files) {
  Files& held = mounts_[index(mount)];
  held.clear();
  for (const auto& [name, bytes] : files) held[name] = std::make_shared<const std::string>(bytes);
  relaxed_[index(mount)].clear();
}

}  // namespace godwit::sim
