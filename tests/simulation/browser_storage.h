// What a browser keeps for one account, in memory: the three mounts behind the core's batches
// (shared/journal/batch_store.h), with the fence between leaders (docs/sync-spec.md, LD) and the
// faults of a real one.
//
//  * A batch becomes visible whole or not at all, when it ends (finish), and only under the term of
//    the latest claim; one of an older leader is refused.
//  * /q is strict: a batch that was answered as written survives anything. /h and /c are relaxed: a
//    power cut may take back the latest batches of each, whole and from the end.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/prng.h"
#include "shared/journal/batch_store.h"

namespace godwit::sim {

class BrowserStorage {
 public:
  enum class Ended : std::uint8_t { kWritten, kAborted, kFenced };

  // A new leader: its term is above every other's from now on.
  std::uint32_t claim() { return ++term_; }
  std::uint32_t term() const { return term_; }  // of the latest claim
  std::vector<StoredFile> load(Mount mount) const;

  // One batch of a leader is in flight a mount.
  void submit(std::uint32_t term, Batch batch);
  bool in_flight(std::uint32_t term, Mount mount) const {
    return pending_.count({term, mount}) != 0;
  }
  Ended finish(std::uint32_t term, Mount mount, bool commits);
  // The leader's process died: each of its batches in flight had made it, or had not.
  // True when there was one.
  bool abandon(std::uint32_t term, Prng& prng);
  // Returns how many relaxed batches were taken back.
  std::size_t cut_power(Prng& prng);

  bool holds(Mount mount, const std::string& text) const;
  bool idle() const { return pending_.empty(); }
  // For damage: a file's bytes as the next load sees them.
  std::map<std::string, std::string> files(Mount mount) const;
  void replace(Mount mount, const std::map<std::string, std::string>& files);

 private:
  using Bytes = std::shared_ptr<const std::string>;
  using Files = std::map<std::string, Bytes>;
  using Before = std::map<std::string, Bytes>;  // what a batch replaced; null: nothing was there

  static std::size_t index(Mount mount) { return static_cast<std::size_t>(mount); }
  void apply(Batch batch);

  std::uint32_t term_ = 0;
  std::array<Files, kMounts> mounts_;
  std::array<std::deque<Before>, kMounts> relaxed_;  // the latest batches of /h and /c
  std::map<std::pair<std::uint32_t, Mount>, Batch> pending_;
};

}  // namespace godwit::sim
