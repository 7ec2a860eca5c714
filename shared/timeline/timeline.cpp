#include "shared/timeline/timeline.h"

#include "shared/base/mutation.h"

namespace godwit {

bool Timeline::merge(Message&& message) {
  auto [place, is_new] = messages_.try_emplace(message.seq);
  Message& held = *place;
  if (!is_new && held.rev >= message.rev && !mutated(Mutation::kMergeByArrival)) {
    if (held.temp_id.empty() && !message.temp_id.empty()) {
      held.temp_id = message.temp_id;
      by_temp_id_[held.temp_id] = held.seq;
    }
    return false;
  }
  if (message.temp_id.empty()) message.temp_id = std::move(held.temp_id);
  held = std::move(message);
  if (is_new && indexed_) by_id_.emplace(held.message_id.value, held.seq);
  if (!held.temp_id.empty()) by_temp_id_[held.temp_id] = held.seq;
  return true;
}

const Message* Timeline::at(Seq seq) const { return messages_.find(seq); }

const Message* Timeline::by_id(MessageId id) const {
  if (!indexed_) {
    for (const auto& [seq, message] : messages_) by_id_.emplace(message.message_id.value, seq);
    indexed_ = true;
  }
  auto it = by_id_.find(id.value);
  return it == by_id_.end() ? nullptr : at(it->second);
}

const Message* Timeline::by_temp_id(const std::string& temp_id) const {
  auto it = by_temp_id_.find(temp_id);
  return it == by_temp_id_.end() ? nullptr : at(it->second);
}

Seq Timeline::back_from(Seq before, std::size_t count, Seq low) const {
  auto it = messages_.lower_bound(before);
  Seq at = before;
  while (count > 0 && it != messages_.begin()) {
    --it;
    if (it->first < low) return low;
    at = it->first;
    --count;
  }
  return count == 0 ? at : low;
}

}  // namespace godwit
