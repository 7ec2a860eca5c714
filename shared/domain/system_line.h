// System messages: what happened to a chat, as a line of its history. Codes and ids, no sentences;
// who did it is the message's sender.
//
//   {"type":"system","kind":"created"}
//   {"type":"system","kind":"renamed"}                         settings may have changed with it
//   {"type":"system","kind":"settings"}
//   {"type":"system","kind":"member_added","userId":"…","role":"member"}
//   {"type":"system","kind":"member_removed","userId":"…"}
//   {"type":"system","kind":"member_left","userId":"…"[,"newOwnerId":"…"]}
//   {"type":"system","kind":"role_changed","userId":"…","role":"admin"}
#pragma once

#include <optional>
#include <string_view>

#include "shared/protocol/types.h"

namespace godwit {

struct SystemLine {
  std::string_view kind;  // one of the above, a literal
  UserId user_id;         // 0: none
  std::optional<Role> role;
  UserId new_owner_id;  // 0: none
};

Content system_content(const SystemLine& line);

}  // namespace godwit
