// The frames of `/ws` (protocol.md, "WebSocket"), one struct each, and the two variants of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "shared/base/result.h"
#include "shared/protocol/types.h"

namespace godwit {

// ---- client -> server ----

struct Hello {
  std::int64_t protocol = 1;
  std::string device_id;
  std::string core_version;
  std::string epoch;  // empty: none known
  UserId user_id;     // whose device this is; 0: not said
  friend bool operator==(const Hello&, const Hello&) = default;
};

struct SendMessage {
  std::string temp_id;
  ChatId chat_id;
  Content content;
  MessageId reply_to;
  std::optional<ForwardedFrom> forwarded_from;
  friend bool operator==(const SendMessage&, const SendMessage&) = default;
};

struct EditMessage {
  std::string temp_id;
  ChatId chat_id;
  MessageId message_id;
  Content content;
  friend bool operator==(const EditMessage&, const EditMessage&) = default;
};

struct DeleteMessage {
  std::string temp_id;
  ChatId chat_id;
  MessageId message_id;
  friend bool operator==(const DeleteMessage&, const DeleteMessage&) = default;
};

struct React {
  std::string temp_id;
  ChatId chat_id;
  MessageId message_id;
  std::string emoji;
  bool add = true;
  friend bool operator==(const React&, const React&) = default;
};

struct Pin {
  std::string temp_id;
  ChatId chat_id;
  MessageId message_id;
  bool pinned = true;
  friend bool operator==(const Pin&, const Pin&) = default;
};

struct SetPrivate {
  std::string temp_id;
  std::string key;
  ChatId chat_id;
  MessageId message_id;
  std::string value;  // compact JSON
  friend bool operator==(const SetPrivate&, const SetPrivate&) = default;
};

struct MarkPosition {  // `delivered` or `read`
  ChatId chat_id;
  Seq seq;
  bool read = false;
  friend bool operator==(const MarkPosition&, const MarkPosition&) = default;
};

struct Typing {
  ChatId chat_id;
  bool is_typing = true;
  friend bool operator==(const Typing&, const Typing&) = default;
};

struct SetPresence {
  Presence status = Presence::kOnline;  // never kOffline
  friend bool operator==(const SetPresence&, const SetPresence&) = default;
};

// Block sums of one chat: block index (seq / kBlockSeqs) -> wrapping sum of block_hash over the
// messages held with seq in [256 k, 256 k + 255]. On the wire {"<k>":"<decimal sum>"}.
using BlockSums = std::map<std::uint64_t, std::uint64_t>;

struct SyncRequest {
  std::string request_id;
  std::map<ChatId, Seq> chats;  // last contiguous seq held
  bool rest = false;
  std::optional<UserSeq> user;  // last contiguous userSeq held
  std::map<ChatId, BlockSums> blocks;
  std::string epoch;  // only in POST /sync, where no `hello` names it
  friend bool operator==(const SyncRequest&, const SyncRequest&) = default;
};

struct Ping {
  std::string nonce;  // empty: none
  friend bool operator==(const Ping&, const Ping&) = default;
};

using ClientFrame = std::variant<Hello, SendMessage, EditMessage, DeleteMessage, React, Pin,
                                 SetPrivate, MarkPosition, Typing, SetPresence, SyncRequest, Ping>;

// ---- server -> client ----

struct Welcome {
  UserId user_id;
  SessionId session_id;
  std::string epoch;
  Timestamp server_time;
  std::int64_t heartbeat_ms = limits::kPingAfterMs;
  std::map<std::string, std::int64_t> limits;  // name -> value, for clients that want to know
  std::int64_t protocol = 1;
  std::string core_version;
  friend bool operator==(const Welcome&, const Welcome&) = default;
};

struct MessageAck {
  std::string temp_id;
  MessageId message_id;
  ChatId chat_id;
  Seq seq;
  Seq rev;
  Timestamp timestamp;
  bool duplicate = false;
  friend bool operator==(const MessageAck&, const MessageAck&) = default;
};

struct Ack {
  std::string temp_id;
  ChatId chat_id;
  std::optional<Seq> seq;
  std::optional<Seq> rev;
  std::optional<UserSeq> user_seq;
  bool duplicate = false;
  friend bool operator==(const Ack&, const Ack&) = default;
};

struct ErrorFrame {
  Code code = Code::kBadFrame;
  std::string message;
  std::string temp_id;
  std::string request_id;
  bool retryable = false;
  std::int64_t retry_after_ms = 0;  // 0: not said
  friend bool operator==(const ErrorFrame&, const ErrorFrame&) = default;
};

enum class EventKind : unsigned char { kMessage, kEdit, kDelete, kReaction, kPin, kChat };

// One entry of a chat's log. What it changed is whole, as it stands when it is sent.
//  kMessage: `message` is it; seq == message.seq. On the wire the message, flat.
//  kEdit, kDelete, kReaction, kPin: `message` as it now stands.
//  kChat: `message` is the system line created by it (message.seq == seq), `info` and `members`
//         what it changed.
// `temp_id` names the operation; present only to its actor's own connections.
struct ChatEvent {
  EventKind kind = EventKind::kMessage;
  ChatId chat_id;
  Seq seq;
  UserId actor_id;
  Timestamp timestamp;
  std::string temp_id;
  Message message;
  ChatInfo info;                // kChat
  std::vector<Member> members;  // kChat
  friend bool operator==(const ChatEvent&, const ChatEvent&) = default;
};

// Makes `event` the one by which its own `message` was created.
inline void name_by_message(ChatEvent& event) {
  const Message& message = event.message;
  event.kind = EventKind::kMessage;
  event.chat_id = message.chat_id;
  event.seq = message.seq;
  event.actor_id = message.sender_id;
  event.timestamp = message.timestamp;
  event.temp_id = message.temp_id;
}

struct ReceiptsFrame {
  ChatId chat_id;
  Receipts receipts;
  friend bool operator==(const ReceiptsFrame&, const ReceiptsFrame&) = default;
};

struct TypingFrame {
  ChatId chat_id;
  UserId user_id;
  bool is_typing = true;
  friend bool operator==(const TypingFrame&, const TypingFrame&) = default;
};

struct PresenceFrame {
  UserId user_id;
  Presence status = Presence::kOffline;
  std::optional<Timestamp> last_seen;
  friend bool operator==(const PresenceFrame&, const PresenceFrame&) = default;
};

// The forms of a `sync_response`. Each chat form carries the chat's receipts.
struct SyncEvents {  // all events after `from`, in order, up to `to`
  ChatId chat_id;
  Seq from;
  Seq to;
  std::vector<ChatEvent> events;
  Receipts receipts;
  friend bool operator==(const SyncEvents&, const SyncEvents&) = default;
};

struct SyncChat {  // reset (over 500 behind, membership broken) or, without `reset`, of `rest`
  ChatState state;
  bool reset = false;
  std::optional<Page> page;
  friend bool operator==(const SyncChat&, const SyncChat&) = default;
};

struct SyncRemoved {
  ChatId chat_id;
  friend bool operator==(const SyncRemoved&, const SyncRemoved&) = default;
};

struct SyncUser {  // private items after `from`, up to `to`
  UserSeq from;
  UserSeq to;
  std::vector<PrivateItem> items;
  friend bool operator==(const SyncUser&, const SyncUser&) = default;
};

struct SyncBlock {  // a block whose sum differed: all of its messages
  ChatId chat_id;
  std::uint64_t block = 0;
  Page page;
  friend bool operator==(const SyncBlock&, const SyncBlock&) = default;
};

struct SyncDone {  // nothing more; only `done`
  friend bool operator==(const SyncDone&, const SyncDone&) = default;
};

struct SyncResponse {
  std::string request_id;
  std::variant<SyncEvents, SyncChat, SyncRemoved, SyncUser, SyncBlock, SyncDone> part;
  bool done = false;
  friend bool operator==(const SyncResponse&, const SyncResponse&) = default;
};

struct Pong {
  std::string nonce;
  Timestamp server_time;
  friend bool operator==(const Pong&, const Pong&) = default;
};

// `user`: private state, to the user's own connections. `temp_id`: to settle the outbox.
struct UserFrame {
  PrivateItem item;
  std::string temp_id;
  friend bool operator==(const UserFrame&, const UserFrame&) = default;
};

using ServerFrame = std::variant<Welcome, MessageAck, Ack, ErrorFrame, ChatEvent, UserFrame,
                                 ReceiptsFrame, TypingFrame, PresenceFrame, SyncResponse, Pong>;

}  // namespace godwit
