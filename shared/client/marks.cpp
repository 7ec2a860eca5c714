#include "shared/client/marks.h"

#include <algorithm>

namespace godwit {
namespace {

// The newest message of somebody else within what is known without a gap.
Seq newest_of_others(const ChatReplica& chat, UserId self) {
  const auto& messages = chat.timeline().messages();
  for (auto it = messages.upper_bound(chat.held()); it != messages.begin();) {
    --it;
    if (it->second.sender_id != self) return it->first;
  }
  return Seq{};
}

}  // namespace

void Marks::confirmed(ChatId chat_id, UserId self, const Receipts& receipts) {
  Reached& reached = confirmed_[chat_id];
  if (auto it = receipts.read.find(self); it != receipts.read.end()) {
    reached.read = std::max(reached.read, it->second);
    reached.delivered = std::max(reached.delivered, it->second);
  }
  if (auto it = receipts.delivered.find(self); it != receipts.delivered.end()) {
    reached.delivered = std::max(reached.delivered, it->second);
  }
}

void Marks::due_for(const ChatReplica& chat, UserId self, std::vector<MarkPosition>& due) {
  if (!chat.is_member()) return;
  Reached& sent = sent_[chat.chat_id()];
  const Reached& confirmed = confirmed_[chat.chat_id()];
  Seq read = std::min(chat.watermarks().read(self), chat.held());
  if (read > std::max(sent.read, confirmed.read)) {
    due.push_back(MarkPosition{chat.chat_id(), read, true});
    sent.read = read;
    sent.delivered = std::max(sent.delivered, read);
  }
  Seq delivered = newest_of_others(chat, self);
  if (delivered > std::max(sent.delivered, confirmed.delivered)) {
    due.push_back(MarkPosition{chat.chat_id(), delivered, false});
    sent.delivered = delivered;
  }
}

}  // namespace godwit
