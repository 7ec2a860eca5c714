// What the sender of a message sees of it, and what counts as unread: the same two rules on both
// ends (protocol.md, "Message").
#pragma once

#include <cstdint>
#include <vector>

#include "shared/protocol/types.h"

namespace godwit {

// How far a confirmed message has come. `pending` and `failed` are of the outbox: a message that
// is not confirmed has no seq to compare.
enum class Reach : std::uint8_t { kSent, kDelivered, kRead };

// The reach of a message at `seq` by `sender` in a chat with these members and watermarks.
// delivered: every other present member who had joined by then has the delivered watermark at or
// past it; read: the same of the read watermark. A chat with no such other member stays kSent.
// Requires `members` without repeats; order is free.
Reach reach_of(Seq seq, UserId sender, const std::vector<Member>& members,
               const Receipts& receipts);

// The highest seq that every such member has read (and delivered): a message of `sender` at or
// below it, of after the last join, has that reach. For lists that compute it once for many.
struct ReachMarks {
  Seq delivered;
  Seq read;
};
ReachMarks reach_marks(UserId sender, const std::vector<Member>& members, const Receipts& receipts);

// Does this message count as unread for `viewer`, whose read watermark is `read`? Not one's own,
// not `system`, not deleted, not hidden, and after the watermark.
bool counts_as_unread(const Message& message, UserId viewer, Seq read, bool hidden);

}  // namespace godwit
