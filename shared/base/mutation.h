// Deliberate mistakes, one of which a simulated run may switch on to show that its checks would
// notice (docs/sync-spec.md: SI). `mutated(Mutation::kX)` stands in the real code path, at the
// place where the mistake would be made. Builds without GODWIT_MUTATIONS (every build that is
// shipped) have no switch: the call is a constant false and costs nothing.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace godwit {

// Grouped by the end whose code holds the mistake. The names of kMutations stand in this order.
enum class Mutation : std::uint8_t {
  kNone,
  // Client
  kGapIgnored,
  kMergeByArrival,
  kOutboxPoppedBeforeAckJournaled,
  kFenceOff,
  kManifestApart,
  kPositionApart,
  kResetUnchecked,
  kRetryOutOfOrder,
  kQueuedBeforeDurable,
  kEpochIgnored,
  kEchoNotMatched,
  kChecksumUnread,
  kCompactionDropsOutbox,
  kRefusalForNowFinal,
  kReceiptBackwards,
  // Server
  kAckBeforeCommit,
  kDedupeOff,
  kGateOff,
  kSeqBeforeDecision,
  kEpochKeptByRestore,
  kPrivateByArrival,
};

struct NamedMutation {
  std::string_view name;
  Mutation mutation;
  std::string_view what;
};

inline constexpr std::array<NamedMutation, 21> kMutations{{
    {"gap-ignored", Mutation::kGapIgnored, "an event that skips a seq is taken as the next"},
    {"merge-by-arrival", Mutation::kMergeByArrival, "the later arrival wins, not the higher rev"},
    {"outbox-popped-before-ack-journaled", Mutation::kOutboxPoppedBeforeAckJournaled,
     "an entry leaves the disk before its ack is on it"},
    {"fence-off", Mutation::kFenceOff,
     "a leader whose place was taken still saves (the storage's part, simulated)"},
    {"manifest-apart", Mutation::kManifestApart, "the manifest goes in a transaction of its own"},
    {"position-apart", Mutation::kPositionApart, "a position is stored before its events"},
    {"reset-unchecked", Mutation::kResetUnchecked,
     "a chat state is joined to what is held unasked"},
    {"retry-out-of-order", Mutation::kRetryOutOfOrder, "a retried entry goes behind later ones"},
    {"queued-before-durable", Mutation::kQueuedBeforeDurable, "queued is said before the disk did"},
    {"epoch-ignored", Mutation::kEpochIgnored, "positions of another epoch are kept"},
    {"echo-not-matched", Mutation::kEchoNotMatched, "a message is not known again by its tempId"},
    {"checksum-unread", Mutation::kChecksumUnread, "a record's checksum is not looked at"},
    {"compaction-drops-outbox", Mutation::kCompactionDropsOutbox,
     "compaction forgets what waits to be sent"},
    {"refusal-for-now-final", Mutation::kRefusalForNowFinal, "a retryable refusal ends an entry"},
    {"receipt-backwards", Mutation::kReceiptBackwards, "a receipt may lower a position"},
    {"ack-before-commit", Mutation::kAckBeforeCommit, "the server answers before the disk has it"},
    {"dedupe-off", Mutation::kDedupeOff, "a repeated tempId is stored again"},
    {"gate-off", Mutation::kGateOff, "operations behind one refused for now are taken"},
    {"seq-before-decision", Mutation::kSeqBeforeDecision, "a refused operation uses up a seq"},
    {"epoch-kept-by-restore", Mutation::kEpochKeptByRestore, "a restored backup keeps its epoch"},
    {"private-by-arrival", Mutation::kPrivateByArrival,
     "of two private items the later arrival wins"},
}};

#ifdef GODWIT_MUTATIONS
// The one that is switched on. For the whole process: a run has one mutation or none.
inline Mutation active_mutation = Mutation::kNone;
inline bool mutated(Mutation mutation) { return active_mutation == mutation; }
#else
constexpr bool mutated(Mutation) { return false; }
#endif

inline std::optional<Mutation> mutation_named(std::string_view name) {
  for (const NamedMutation& known : kMutations) {
    if (known.name == name) return known.mutation;
  }
  return std::nullopt;
}

}  // namespace godwit
