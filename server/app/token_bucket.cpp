#include "server/app/token_bucket.h"

#include <algorithm>
#include <cmath>

namespace godwit::server {

std::int64_t TokenBucket::take(Instant now) {
  if (rate_.per_second <= 0) return 0;
  if (used_ && now > last_) {
    double gained = static_cast<double>(now.ms - last_.ms) * rate_.per_second / 1'000;
    tokens_ = std::min(rate_.burst, tokens_ + gained);
  }
  used_ = true;
  last_ = std::max(last_, now);
  if (tokens_ >= 1) {
    tokens_ -= 1;
    return 0;
  }
  return static_cast<std::int64_t>(std::ceil((1 - tokens_) / rate_.per_second * 1'000));
}

std::int64_t RateTable::take(std::string_view key, Instant now) {
  std::lock_guard lock(mutex_);
  auto found = by_key_.find(key);
  if (found == by_key_.end()) {
    if (by_key_.size() >= keys_max_ && !by_use_.empty()) {
      by_key_.erase(by_use_.back().key);
      by_use_.pop_back();
    }
    by_use_.push_front(Entry{std::string(key), TokenBucket(rate_)});
    found = by_key_.emplace(std::string(key), by_use_.begin()).first;
  }
  by_use_.splice(by_use_.begin(), by_use_, found->second);
  return found->second->bucket.take(now);
}

std::size_t RateTable::size() const {
  std::lock_guard lock(mutex_);
  return by_key_.size();
}

}  // namespace godwit::server
