#include "shared/sync/private_items.h"

namespace godwit {

bool PrivateItems::merge(const PrivateItem& item) {
  PrivateItem& held = items_[Name{item.key, item.chat_id, item.message_id}];
  if (held.user_seq >= item.user_seq) return false;
  held = item;
  return true;
}

const std::string* PrivateItems::value(const std::string& key, ChatId chat_id,
                                       MessageId message_id) const {
  auto it = items_.find(Name{key, chat_id, message_id});
  if (it == items_.end() || it->second.value == "null") return nullptr;
  return &it->second.value;
}

}  // namespace godwit
