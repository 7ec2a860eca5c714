// What is private to a user (stars, drafts, mutes …): one log, merged by the highest userSeq
// (protocol.md, "The one rule of merging").
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>

#include "shared/protocol/types.h"
#include "shared/sync/gap_tracker.h"

namespace godwit {

class PrivateItems {
 public:
  using Name = std::tuple<std::string, ChatId, MessageId>;
  // Also finds a name whose key is a view, without a copy of it.
  struct Before {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      const int order = std::string_view(std::get<0>(a)).compare(std::get<0>(b));
      if (order != 0) return order < 0;
      if (std::get<1>(a) != std::get<1>(b)) return std::get<1>(a) < std::get<1>(b);
      return std::get<2>(a) < std::get<2>(b);
    }
  };
  using Items = std::map<Name, PrivateItem, Before>;

  // True when the item is news. Does not move the position.
  bool merge(const PrivateItem& item);
  // The value as compact JSON; nullptr: none (never set, or set to null).
  const std::string* value(std::string_view key, ChatId chat_id, MessageId message_id) const;

  GapTracker<UserSeq>& position() { return position_; }
  const GapTracker<UserSeq>& position() const { return position_; }
  const Items& all() const { return items_; }
  // A sum, modulo 2^64, over a hash of each item: equal where the items are.
  std::uint64_t sum() const { return sum_; }

 private:
  Items items_;
  GapTracker<UserSeq> position_;
  std::uint64_t sum_ = 0;
};

}  // namespace godwit
