// The nouns of the wire (protocol.md): what a message, a chat, a membership and a private item are.
// Plain values, equal when their fields are. Both ends hold these; only codec.h knows their JSON.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/ids.h"
#include "shared/base/instant.h"
#include "shared/base/limits.h"

namespace godwit {

enum class ContentType : unsigned char {
  kText,
  kImage,
  kVideo,
  kFile,
  kVoice,
  kSystem,
  kEncrypted
};

// What a message says. For kText `text` holds it and `body` is empty; for every other type `body`
// is the whole content object as compact JSON (its "type" included) and `text` is empty, so that
// no path depends on what is inside.
struct Content {
  ContentType type = ContentType::kText;
  std::string text;
  std::string body;
  friend bool operator==(const Content&, const Content&) = default;
};

struct ForwardedFrom {
  MessageId message_id;
  ChatId chat_id;
  std::string sender_name;
  friend bool operator==(const ForwardedFrom&, const ForwardedFrom&) = default;
};

// Who reacted with one emoji, in the order of reacting.
struct Reaction {
  std::string emoji;
  std::vector<UserId> users;
  friend bool operator==(const Reaction&, const Reaction&) = default;
};

// `seq` is the place of its creation and orders it for good; `rev` the last event that changed it.
// A deleted message has no content and no reactions. `temp_id` is empty except for its sender.
struct Message {
  MessageId message_id;
  ChatId chat_id;
  Seq seq;
  Seq rev;
  UserId sender_id;
  std::string temp_id;
  Timestamp timestamp;
  std::optional<Content> content;
  MessageId reply_to;  // 0: none
  std::optional<ForwardedFrom> forwarded_from;
  std::optional<Timestamp> edited_at;
  bool deleted = false;
  std::vector<Reaction> reactions;  // in the order of each emoji's first use
  bool pinned = false;
  friend bool operator==(const Message&, const Message&) = default;
};

enum class ChatType : unsigned char { kDirect, kGroup };
enum class Role : unsigned char { kMember, kAdmin, kOwner };

// A membership. `role` is absent for one who left or was removed. The names are the person's, for
// display; they are not part of what `rev` covers.
struct Member {
  UserId user_id;
  std::optional<Role> role;
  Seq rev;
  Seq joined_seq;
  std::string username;
  std::string display_name;
  friend bool operator==(const Member&, const Member&) = default;
};

// A chat's settings: what `rev` of a chat covers. `settings` is a JSON object, compact, or empty
// for {}. A direct chat has no name.
struct ChatInfo {
  ChatType type = ChatType::kDirect;
  std::string name;
  std::string settings;
  Seq rev;
  friend bool operator==(const ChatInfo&, const ChatInfo&) = default;
};

// Watermarks by member. Ordered maps, so that both ends write them alike.
struct Receipts {
  std::map<UserId, Seq> delivered;
  std::map<UserId, Seq> read;
  bool empty() const { return delivered.empty() && read.empty(); }
  friend bool operator==(const Receipts&, const Receipts&) = default;
};

// A chat as one member sees it: GET /chats, `rest`, `reset`. `head` is the last seq of its log when
// this was read: everything in it is true as of `head`.
struct ChatState {
  ChatId chat_id;
  ChatInfo info;
  std::vector<Member> members;  // present ones, by user id
  std::optional<Message> last_message;
  std::uint64_t unread = 0;
  Receipts receipts;
  Seq head;
  Timestamp created_at;
  friend bool operator==(const ChatState&, const ChatState&) = default;
};

// A piece of history: all messages with from <= seq <= to, ascending, as they stood at `as_of`
// (the chat's head when it was read). from > to: an empty range. With `changedSince`, only those of
// the range with a higher rev.
struct Page {
  std::vector<Message> messages;
  Seq from;
  Seq to;
  bool has_before = false;
  bool has_after = false;
  Seq as_of;
  friend bool operator==(const Page&, const Page&) = default;
};

// One thing private to a user: (key, chat?, message?) names it. `value` is JSON, compact; "null"
// removes it.
struct PrivateItem {
  UserSeq user_seq;
  std::string key;
  ChatId chat_id;        // 0: none
  MessageId message_id;  // 0: none
  std::string value;
  friend bool operator==(const PrivateItem&, const PrivateItem&) = default;
};

enum class Presence : unsigned char { kOffline, kAway, kOnline };

}  // namespace godwit
