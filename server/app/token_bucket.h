// Rates: a token bucket, and a bounded table of them by key (a user, an address, a name).
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "server/app/config.h"
#include "shared/base/instant.h"

namespace godwit::server {

// `burst` at once, then `per_second`. Not thread-safe. A rate of per_second <= 0 never refuses.
class TokenBucket {
 public:
  explicit TokenBucket(Rate rate) : rate_(rate), tokens_(rate.burst) {}
  // Takes one token: 0 when there was one, else the ms until there is (and takes nothing).
  std::int64_t take(Instant now);

 private:
  Rate rate_;
  double tokens_;
  Instant last_{};
  bool used_ = false;
};

// One bucket a key. At `keys_max` keys the least recently used is forgotten (it starts full again:
// an attacker with more keys than that gains nothing that the next key would not give).
// Thread-safe.
class RateTable {
 public:
  RateTable(Rate rate, std::size_t keys_max) : rate_(rate), keys_max_(keys_max) {}
  std::int64_t take(std::string_view key, Instant now);
  std::size_t size() const;

 private:
  struct Entry {
    std::string key;
    TokenBucket bucket;
  };
  const Rate rate_;
  const std::size_t keys_max_;
  mutable std::mutex mutex_;
  std::list<Entry> by_use_;  // most recent first
  std::map<std::string, std::list<Entry>::iterator, std::less<>> by_key_;
};

}  // namespace godwit::server
