// What can be made out of outbox records that storage has damaged (client_store.h, records O). The
// bytes are shown to the person, never trusted: nothing here sends anything.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/outbox/outbox.h"

namespace godwit {

struct Salvaged {
  std::uint64_t order = 0;  // 0: not readable
  Timestamp created;        // 0: not readable
  ChatId chat_id;           // 0: not readable, or of no chat
  std::string text;         // what was written, as far as it is readable: valid UTF-8
  std::optional<QueuedOperation> operation;  // reads as a whole one
};

// The operations that a run of damaged bytes seems to have held, in their order; none where it does
// not look like one. Time is linear in the run but for its brackets.
std::vector<Salvaged> salvage_operations(std::string_view debris);

}  // namespace godwit
