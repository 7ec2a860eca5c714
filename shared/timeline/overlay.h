// Optimistic state: what a message looks like with one's own pending operations laid over it. The
// confirmed message is never patched; each look applies the operations anew, so dropping one from
// the outbox undoes it.
#pragma once

#include <vector>

#include "shared/outbox/outbox.h"
#include "shared/protocol/types.h"

namespace godwit {

// Applies one pending operation to a copy of the message it targets, as the server would if it
// accepted it at `now`. An operation that targets another message, or would be refused for what is
// known here, changes nothing.
void lay_over(Message& message, const QueuedOperation& operation, UserId self, Timestamp now);

}  // namespace godwit
