#include "shared/sync/private_items.h"

#include "shared/base/mutation.h"

namespace godwit {

bool PrivateItems::merge(const PrivateItem& item) {
  PrivateItem& held = items_[Name{item.key, item.chat_id, item.message_id}];
  bool is_news = held.user_seq < item.user_seq || mutated(Mutation::kPrivateByArrival);
  if (!is_news) return false;
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
