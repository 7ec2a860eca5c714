// What the views look at: the core's state, read-only, and a few questions about it that several
// views ask.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "shared/client/client_store.h"
#include "shared/client/history_loader.h"
#include "shared/client/link.h"
#include "shared/client/people.h"
#include "shared/client/sync_driver.h"

namespace godwit {

// As `MessageStatus` of wasm-core/src/types.ts.
enum class MessageStatus : unsigned char {
  kSaving,
  kQueued,
  kSending,
  kSent,
  kDelivered,
  kRead,
  kFailed,
  kUnsaved
};
std::string_view status_name(MessageStatus status);

// What can have changed of a chat since a view last looked at it.
enum class News : unsigned char {
  kArrival,  // nothing but that messages were added after its newest
  kAny,
};

struct ViewSource {
  const ClientState& state;
  const People& people;
  const Link& link;
  const SyncDriver& sync;
  const HistoryLoader& history;
  UserId self;
  std::string_view self_name;
  bool storage_loaded = false;     // both /q and /h
  std::string_view memory_reason;  // not empty: nothing can be kept here
  Instant now;
  Timestamp wall;

  bool online() const { return link.state() == Link::State::kOnline; }
  bool reachable() const { return online() || link.polling(); }
};

// How a queued operation stands.
MessageStatus pending_status(const OutboxEntry& entry, bool in_memory);

// A private value as it stands with one's own pending settings laid over it: compact JSON, or empty
// where it is unset or null. `pending` are the chat's outbox entries.
std::string_view setting(const ViewSource& source, std::string_view key, ChatId chat_id,
                         MessageId message_id, const std::vector<const OutboxEntry*>& pending);
// True for a value that is set and neither null, false nor "".
bool is_on(std::string_view value);

// The messages of a chat for which `key` (star, hidden) is on, pending settings included: looked up
// once for a whole list, since most messages have neither.
std::set<MessageId> marked_messages(const ViewSource& source, const std::string& key,
                                    ChatId chat_id, const std::vector<const OutboxEntry*>& pending);

std::string_view name_of(const ChatReplica& chat, UserId user_id);
std::string_view title_of(const ChatReplica& chat);

// As `PersonPresence` of wasm-core/src/types.ts.
std::string presence_json(const People::Seen& seen);

}  // namespace godwit
