// Remembers what was lately applied, so that a repeat costs no look into the database. Bounded by
// entries (the least recently used goes first) and by age. Only a cache: what it has forgotten, the
// database still knows (protocol.md, `tempId`: "applied once, for ever").
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "shared/base/check.h"
#include "shared/base/instant.h"

namespace godwit {

struct DedupeCounters {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t evictions = 0;    // pushed out by newer ones
  std::uint64_t expirations = 0;  // too old
};

// Value: small and copyable. Not thread-safe; owns its keys.
template <typename Value>
class DedupeWindow {
 public:
  // Requires entries_max > 0 and ttl_ms > 0.
  DedupeWindow(std::size_t entries_max, std::int64_t ttl_ms)
      : entries_max_(entries_max), ttl_ms_(ttl_ms) {
    GODWIT_CHECK(entries_max > 0 && ttl_ms > 0);
  }

  // The value of `key`, or nullptr. A hit makes it the most recently used but not younger: the age
  // counts from remember(). Borrowed until the next call that changes the window.
  const Value* find(std::string_view key, Instant now) {
    auto found = by_key_.find(key);
    if (found == by_key_.end()) {
      ++counters_.misses;
      return nullptr;
    }
    if (now.ms - found->second->at.ms >= ttl_ms_) {
      erase(found);
      ++counters_.expirations;
      ++counters_.misses;
      return nullptr;
    }
    by_use_.splice(by_use_.begin(), by_use_, found->second);
    ++counters_.hits;
    return &found->second->value;
  }

  // Stores or replaces. At the limit the least recently used entry goes.
  void remember(std::string_view key, Value value, Instant now) {
    forget(key);
    if (by_key_.size() == entries_max_) {
      erase(by_key_.find(std::string_view(by_use_.back().key)));
      ++counters_.evictions;
    }
    by_use_.push_front(Entry{std::string(key), std::move(value), now});
    by_key_.emplace(std::string_view(by_use_.front().key), by_use_.begin());
  }

  // For an operation whose commit failed after it was remembered.
  void forget(std::string_view key) {
    auto found = by_key_.find(key);
    if (found != by_key_.end()) erase(found);
  }

  std::size_t size() const { return by_key_.size(); }
  const DedupeCounters& counters() const { return counters_; }

 private:
  struct Entry {
    std::string key;
    Value value;
    Instant at;
  };
  using Entries = std::list<Entry>;
  // The views are of the keys in the list, whose nodes do not move.
  using Index = std::map<std::string_view, typename Entries::iterator>;

  void erase(typename Index::iterator found) {
    auto entry = found->second;
    by_key_.erase(found);
    by_use_.erase(entry);
  }

  std::size_t entries_max_;
  std::int64_t ttl_ms_;
  Entries by_use_;  // most recently used first
  Index by_key_;
  DedupeCounters counters_;
};

}  // namespace godwit
