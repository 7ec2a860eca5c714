// Which chats damage has hit, as far as the damaged bytes tell.
#pragma once

#include <optional>
#include <set>

#include "shared/base/ids.h"
#include "shared/journal/mount_log.h"

namespace godwit {

// The chats whose records were damaged at this load of /h or /c. nullopt: it may be any, since a
// record is gone without a trace, or its bytes name no chat.
std::optional<std::set<ChatId>> chats_hit(const MountLog::LoadReport& report);

}  // namespace godwit
