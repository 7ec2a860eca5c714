#include "shared/sync/watermarks.h"

#include "shared/base/mutation.h"

namespace godwit {
namespace {

bool raise(std::map<UserId, Seq>& marks, UserId user_id, Seq seq) {
  if (seq.value == 0) return false;
  Seq& mark = marks[user_id];
  if (seq <= mark && !mutated(Mutation::kReceiptBackwards)) return false;
  mark = seq;
  return true;
}

Seq find(const std::map<UserId, Seq>& marks, UserId user_id) {
  auto it = marks.find(user_id);
  return it == marks.end() ? Seq{} : it->second;
}

}  // namespace

bool Watermarks::merge(const Receipts& receipts) {
  bool grew = false;
  for (const auto& [user_id, seq] : receipts.delivered) grew |= raise_delivered(user_id, seq);
  for (const auto& [user_id, seq] : receipts.read) grew |= raise_read(user_id, seq);
  return grew;
}

bool Watermarks::raise_delivered(UserId user_id, Seq seq) {
  return raise(receipts_.delivered, user_id, seq);
}

bool Watermarks::raise_read(UserId user_id, Seq seq) {
  bool grew = raise(receipts_.read, user_id, seq);
  return raise(receipts_.delivered, user_id, seq) || grew;
}

Seq Watermarks::delivered(UserId user_id) const { return find(receipts_.delivered, user_id); }
Seq Watermarks::read(UserId user_id) const { return find(receipts_.read, user_id); }

}  // namespace godwit
