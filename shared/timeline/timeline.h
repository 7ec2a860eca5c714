// A chat's confirmed messages, ordered by seq, and which stretches of the log are held.
//
// A message may be held without the stretch around it: a change to an old message brings its whole
// state, which is kept so that an older page undoes nothing (protocol.md, "The one rule of
// merging").
#pragma once

#include <string>
#include <unordered_map>

#include "shared/base/sorted_map.h"
#include "shared/protocol/types.h"
#include "shared/timeline/segments.h"

namespace godwit {

class Timeline {
 public:
  // Takes `message` where its rev is higher than what is held under its seq. True when it did.
  // A known tempId is never lost to a copy that lacks it.
  bool merge(Message&& message);
  bool merge(const Message& message) { return merge(Message(message)); }

  // Whether nothing is held from `seq` on.
  bool ends_before(Seq seq) const { return messages_.empty() || messages_.back().first < seq; }
  const Message* at(Seq seq) const;
  const Message* by_id(MessageId id) const;
  const Message* by_temp_id(const std::string& temp_id) const;  // one's own only

  using Messages = SortedMap<Seq, Message>;
  const Messages& messages() const { return messages_; }
  Segments& segments() { return segments_; }
  const Segments& segments() const { return segments_; }

  // The seq of the `count`-th message counted back from (not including) `before`, no lower than
  // `low`; `low` where there are fewer.
  Seq back_from(Seq before, std::size_t count, Seq low) const;

 private:
  Messages messages_;
  // Looked up, never iterated. Made when first asked: few chats are.
  mutable std::unordered_map<std::uint64_t, Seq> by_id_;
  mutable bool indexed_ = false;
  std::unordered_map<std::string, Seq> by_temp_id_;  // looked up, never iterated
  Segments segments_;
};

}  // namespace godwit
