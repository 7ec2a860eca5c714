// A chat as one row of the list: what it says, in three parts that change for different reasons,
// and what orders it.
#pragma once

#include <cstdint>
#include <string>

#include "shared/client/view_source.h"

namespace godwit {

// Each part is the inside of a JSON object of these fields of `ChatRow` (wasm-core/src/types.ts):
// compact, in this order, null where there is none.
struct ChatRow {
  std::string about;   // chatId, type, title, peerId, memberCount, pinned, muted, archived, draft
  std::string people;  // typing, presence
  std::string latest;  // preview, time, unread
  std::int64_t activity_ms = 0;
  bool pinned = false;
  std::uint64_t unread = 0;
  bool counts = true;  // towards the total of what is unread: neither muted nor archived
};

// The whole row anew.
void look_anew(ChatRow& row, const ViewSource& source, const ChatReplica& chat);
// Only the part `latest` and what follows from it: right where nothing but messages has changed.
void look_at_latest(ChatRow& row, const ViewSource& source, const ChatReplica& chat);

}  // namespace godwit
