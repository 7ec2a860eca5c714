#include "shared/sync/private_items.h"

#include "shared/base/hash.h"
#include "shared/base/mutation.h"

namespace godwit {
namespace {

// 0 for an item that was never set. Its userSeq settles its value, so the value's length stands for
// it: a trace with filler for what people wrote (shared/trace) has the same sums.
std::uint64_t print_of(const PrivateItem& item) {
  if (item.user_seq.value == 0) return 0;
  std::uint64_t print = fnv1a64(item.key) + item.value.size();
  print = mix64(print ^ mix64(item.chat_id.value)) ^ mix64(item.message_id.value);
  return mix64(print + item.user_seq.value);
}

}  // namespace

bool PrivateItems::merge(const PrivateItem& item) {
  PrivateItem& held = items_[Name{item.key, item.chat_id, item.message_id}];
  bool is_news = held.user_seq < item.user_seq || mutated(Mutation::kPrivateByArrival);
  if (!is_news) return false;
  sum_ += print_of(item) - print_of(held);
  held = item;
  return true;
}

const std::string* PrivateItems::value(std::string_view key, ChatId chat_id,
                                       MessageId message_id) const {
  auto it = items_.find(std::tuple(key, chat_id, message_id));
  if (it == items_.end() || it->second.value == "null") return nullptr;
  return &it->second.value;
}

}  // namespace godwit
