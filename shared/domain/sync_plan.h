// Which form answers one chat of a sync_request (protocol.md, "Sync").
#pragma once

#include <cstdint>
#include <optional>

#include "shared/base/ids.h"

namespace godwit {

enum class SyncForm : std::uint8_t { kEvents, kReset, kRemoved };

// `held`: the last contiguous seq that the client holds, 0 for nothing. `joined`: the seq the
// viewer's present membership began at, nullopt for no member (or no such chat).
//  kRemoved  not a member;
//  kReset    over kSyncEventsMax behind; or held before the present membership began, so that
//            events in between were not the viewer's to have; or held what is past the head, which
//            no honest client of this epoch does;
//  kEvents   else, also when there are none.
SyncForm sync_form(Seq held, Seq head, std::optional<Seq> joined);

}  // namespace godwit
