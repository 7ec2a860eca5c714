// A hash over everything that a client core knows and is about to do: the same on every build, and
// the same for two runs that differ only in what people wrote. It is how a replay shows that it
// went the way of the original (docs/sync-spec.md: SI), so it covers more than a screen shows:
// timers, journal positions and the state of the generator too.
//
//   whole           ids, tempIds, seqs, revs, positions, times, roles, codes, keys of private
//   items,
//                   the epoch, the outbox in its order, marks, the link, requests, what is stored
//                   where and how far it is durable
//   by length only  texts of messages, names of people and groups, settings, values of private
//   items,
//                   emoji (a message's other contents too: their type and the length of their JSON)
//   left out        what follows from the rest (unread counts' caches, rows and diffs of views)
//
// Costs a walk over all that is held: some milliseconds for 100,000 messages.
#pragma once

#include <cstdint>

#include "shared/client/client_core.h"

namespace godwit {

std::uint64_t state_hash(const ClientCore& core);

// How much there is to hash, in messages and the like: for a caller who wants to pay for hashes in
// proportion.
std::uint64_t state_size(const ClientCore& core);

}  // namespace godwit
