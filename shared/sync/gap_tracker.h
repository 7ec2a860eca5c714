// How far a log is known without a gap, and what is known beyond (protocol.md, `seq`).
#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "shared/base/ids.h"
#include "shared/base/mutation.h"

namespace godwit {

enum class Arrival : unsigned char {
  kNext,   // the next one: the log is known further now
  kKnown,  // at or before what is known
  kAhead,  // a gap lies before it
};

// PositionType is Seq or UserSeq.
template <typename PositionType>
class GapTracker {
 public:
  // Beyond this many positions ahead of a gap further ones are not remembered (the answer to the
  // gap brings them again).
  static constexpr std::size_t kAheadMax = 1'024;

  PositionType held() const { return held_; }
  bool has_gap() const { return !ahead_.empty(); }

  // The positions that are missing below the highest one known, as [from, to], ascending.
  std::vector<std::pair<PositionType, PositionType>> holes() const {
    std::vector<std::pair<PositionType, PositionType>> holes;
    PositionType next = held_.next();
    for (PositionType known : ahead_) {
      if (next < known) holes.emplace_back(next, known.prev());
      next = known.next();
    }
    return holes;
  }

  Arrival note(PositionType at) {
    if (at <= held_) return Arrival::kKnown;
    if (at != held_.next() && !mutated(Mutation::kGapIgnored)) {
      if (ahead_.size() < kAheadMax) ahead_.insert(at);
      return Arrival::kAhead;
    }
    advance_to(at);
    return Arrival::kNext;
  }

  // Everything up to `to` is known from elsewhere (a page of events, a snapshot). Never goes back.
  void advance_to(PositionType to) {
    if (to > held_) held_ = to;
    while (!ahead_.empty() && *ahead_.begin() <= held_.next()) {
      if (*ahead_.begin() > held_) held_ = *ahead_.begin();
      ahead_.erase(ahead_.begin());
    }
  }

 private:
  friend class StateHasher;
  PositionType held_;
  std::set<PositionType> ahead_;
};

}  // namespace godwit
