#include "shared/sync/status.h"

#include <algorithm>

namespace godwit {
namespace {

Seq mark_of(const std::map<UserId, Seq>& marks, UserId user_id) {
  auto found = marks.find(user_id);
  return found == marks.end() ? Seq{} : found->second;
}

// `read` raises `delivered`, also where only the former was told.
Seq delivered_of(const Receipts& receipts, UserId user_id) {
  return std::max(mark_of(receipts.delivered, user_id), mark_of(receipts.read, user_id));
}

}  // namespace

Reach reach_of(Seq seq, UserId sender, const std::vector<Member>& members,
               const Receipts& receipts) {
  bool anyone = false;
  bool all_read = true;
  for (const Member& member : members) {
    if (member.user_id == sender || !member.role || member.joined_seq > seq) continue;
    anyone = true;
    if (delivered_of(receipts, member.user_id) < seq) return Reach::kSent;
    if (mark_of(receipts.read, member.user_id) < seq) all_read = false;
  }
  if (!anyone) return Reach::kSent;
  return all_read ? Reach::kRead : Reach::kDelivered;
}

ReachMarks reach_marks(UserId sender, const std::vector<Member>& members,
                       const Receipts& receipts) {
  ReachMarks marks;
  bool anyone = false;
  for (const Member& member : members) {
    if (member.user_id == sender || !member.role) continue;
    Seq delivered = delivered_of(receipts, member.user_id);
    Seq read = mark_of(receipts.read, member.user_id);
    marks.delivered = anyone ? std::min(marks.delivered, delivered) : delivered;
    marks.read = anyone ? std::min(marks.read, read) : read;
    anyone = true;
  }
  return marks;
}

bool counts_as_unread(const Message& message, UserId viewer, Seq read, bool hidden) {
  if (message.seq <= read || message.sender_id == viewer || message.deleted || hidden) return false;
  return !message.content || message.content->type != ContentType::kSystem;
}

}  // namespace godwit
