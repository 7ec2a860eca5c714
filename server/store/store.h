// What is stored, behind one interface: SQLite stands here; another database passes the same
// contract suite (tests/contract). Rows only: what may be stored is decided above.
//
// Failure is sticky. A read after a failure returns nothing and a write does nothing, until the
// transaction ends; finish() and commit() then say so. So a caller checks once, before it believes
// what it has read, instead of after every line. All failures are kUnavailable with a text for the
// log.
//
// Every table's key begins with the chat or the user it belongs to, so that a larger database can
// be divided by it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/domain/decide.h"
#include "shared/protocol/frames.h"

namespace godwit::server {

struct UserRow {
  UserId user_id;
  std::string username;  // as typed; its folded form is unique
  std::string display_name;
  std::string password_hash;
  Timestamp created_at;
  bool deleted = false;
};

struct SessionRow {
  SessionId session_id;
  UserId user_id;
  std::uint8_t kind = 0;
  std::string client;
  std::string token_hash;  // bytes
  Timestamp created_at;
  Timestamp last_seen;
};

struct ChatRow {
  ChatId chat_id;
  ChatInfo info;
  Seq head;
  Timestamp created_at;
  Timestamp active_at;  // of the last message
};

// An event that is not the creation of an ordinary message (a message is its own event).
struct EventRow {
  EventKind kind = EventKind::kEdit;
  Seq seq;
  Seq message_seq;  // the message that it changed; kChat: seq
  UserId actor_id;
  Timestamp timestamp;
  std::string temp_id;
  std::vector<UserId> members;  // kChat: whose membership changed
};

struct MarkRow {
  Seq delivered;
  Seq read;
};

struct MemberRow {
  UserId user_id;
  std::optional<Role> role;
  Seq rev;
  Seq joined_seq;
};

// Reads. One thread. Between begin() and finish() all reads see one snapshot.
class StoreReader {
 public:
  virtual ~StoreReader() = default;

  virtual void begin() = 0;
  virtual Status finish() = 0;
  // What has failed since begin(), if anything.
  virtual Status status() const = 0;

  // ---- people ----
  virtual std::optional<UserRow> user(UserId user_id) = 0;
  virtual std::optional<UserRow> user_by_name(std::string_view folded) = 0;
  virtual bool has_users() = 0;
  // Not deleted; user name or a word of the display name begins with `folded` (see
  // fold_for_search).
  virtual std::vector<UserRow> search_users(std::string_view folded, std::size_t limit) = 0;
  virtual std::optional<Timestamp> last_seen(UserId user_id) = 0;
  virtual bool is_blocked(UserId by, UserId user_id) = 0;
  // Everyone whom `user_id` has blocked or who has blocked them.
  virtual std::vector<UserId> blocked_either_way(UserId user_id) = 0;
  virtual std::optional<SessionRow> session_by_token(std::string_view token_hash) = 0;
  virtual std::vector<SessionRow> sessions(UserId user_id) = 0;  // oldest use first
  // An invite that is there, unused, and not expired at `now`.
  virtual bool is_invite_open(std::string_view code_hash, Timestamp now) = 0;

  // ---- chats ----
  virtual std::optional<ChatRow> chat(ChatId chat_id) = 0;
  virtual std::optional<ChatId> direct_chat(UserId a, UserId b) = 0;
  virtual std::vector<ChatRow> chats_of(UserId user_id) = 0;   // as a present member, by chat id
  virtual std::vector<MemberRow> members(ChatId chat_id) = 0;  // present ones, by user id
  virtual std::optional<MemberRow> member(ChatId chat_id, UserId user_id) = 0;  // also past ones
  virtual std::vector<UserId> peers(UserId user_id) = 0;  // who shares a chat, by id, not oneself

  // ---- log ----  Messages come with temp_id whoever reads; callers strip.
  virtual std::optional<Message> message_at(ChatId chat_id, Seq seq) = 0;
  virtual std::optional<Message> message(ChatId chat_id, MessageId message_id) = 0;
  virtual bool has_message(ChatId chat_id, MessageId message_id) = 0;
  // from <= seq <= to, ascending; at most `limit`, from the low or the high end.
  virtual std::vector<Message> messages(ChatId chat_id, Seq from, Seq to, std::size_t limit,
                                        bool newest) = 0;
  // Those of from..to whose rev is above `since`, ascending.
  virtual std::vector<Message> messages_changed(ChatId chat_id, Seq from, Seq to, Seq since) = 0;
  // The first message at or after `time`.
  virtual std::optional<Seq> first_message_since(ChatId chat_id, Timestamp time) = 0;
  virtual bool any_message(ChatId chat_id, Seq from, Seq to) = 0;
  virtual std::vector<EventRow> events(ChatId chat_id, Seq from, Seq to) = 0;
  // Calls with (message_id, rev) of every message of from..to.
  virtual void each_rev(ChatId chat_id, Seq from, Seq to,
                        const std::function<void(MessageId, Seq)>& visit) = 0;
  // Unread for the viewer after `read` (sync/status.h), counted exactly up to `count_max`.
  virtual std::uint64_t unread(ChatId chat_id, UserId viewer, Seq read,
                               std::uint64_t count_max) = 0;
  // With message_id and timestamp for kMessage.
  virtual std::optional<StoredOperation> operation(ChatId chat_id, UserId sender_id,
                                                   std::string_view temp_id) = 0;

  // ---- watermarks, private items ----
  virtual Receipts receipts(ChatId chat_id) = 0;  // of present members
  virtual MarkRow mark(ChatId chat_id, UserId user_id) = 0;
  virtual UserSeq user_head(UserId user_id) = 0;
  virtual std::optional<PrivateItem> private_item(UserId user_id, std::string_view key,
                                                  ChatId chat_id, MessageId message_id) = 0;
  // user_seq > after, ascending, at most `limit`; also the removed ones ("null").
  virtual std::vector<PrivateItem> private_items(UserId user_id, UserSeq after,
                                                 std::size_t limit) = 0;
};

// Writes, in transactions. One thread; one writer a store.
class StoreWriter {
 public:
  virtual ~StoreWriter() = default;

  virtual void begin() = 0;
  // Durable when it returns ok; else nothing of the transaction is there.
  virtual Status commit() = 0;
  virtual void rollback() = 0;
  // Reads that see this transaction's own writes. Do not begin() or finish() it.
  virtual StoreReader& reads() = 0;

  // ---- people ----
  virtual void insert_user(const UserRow& user, std::string_view folded) = 0;
  virtual void set_display_name(UserId user_id, std::string_view display_name) = 0;
  virtual void set_password(UserId user_id, std::string_view password_hash) = 0;
  // Leaves a tombstone: id and deletion. Name, password, sessions, blocks, private items go.
  virtual void delete_user(UserId user_id, Timestamp when) = 0;
  virtual void set_last_seen(UserId user_id, Timestamp when) = 0;  // only forward
  virtual void set_blocked(UserId by, UserId user_id, bool blocked) = 0;
  virtual void insert_session(const SessionRow& session) = 0;
  virtual void touch_session(UserId user_id, SessionId session_id, Timestamp last_seen) = 0;
  virtual void delete_session(UserId user_id, SessionId session_id) = 0;
  virtual void insert_invite(std::string_view code_hash, Timestamp created, Timestamp expires) = 0;
  virtual void use_invite(std::string_view code_hash, UserId by, Timestamp when) = 0;

  // ---- log ----
  // Remembers the operation for ever; false: (chat, sender, temp_id) was remembered before, and
  // nothing was written.
  virtual bool claim_operation(ChatId chat_id, UserId sender_id, std::string_view temp_id,
                               const StoredOperation& operation) = 0;
  virtual void insert_chat(const ChatRow& chat, const std::vector<UserId>& direct_people) = 0;
  virtual void set_chat_info(ChatId chat_id, const ChatInfo& info) = 0;
  virtual void set_chat_head(ChatId chat_id, Seq head, Timestamp active_at) = 0;
  virtual void put_member(ChatId chat_id, const MemberRow& member, Timestamp when) = 0;
  virtual void insert_message(const Message& message) = 0;
  virtual void update_message(const Message& message) = 0;  // all that changes, by (chat, seq)
  virtual void insert_event(ChatId chat_id, const EventRow& event) = 0;

  // ---- watermarks, private items ----
  virtual void put_mark(ChatId chat_id, UserId user_id, const MarkRow& mark) = 0;  // only forward
  virtual void put_private_item(UserId user_id, const PrivateItem& item) = 0;      // and the head

  // Ids below this may have been allotted by an earlier run; persisted ahead of use.
  virtual void set_id_floor(std::uint64_t floor) = 0;
};

class Store {
 public:
  virtual ~Store() = default;

  // Names this life of the database; a random UUID made at its first start.
  virtual const std::string& epoch() const = 0;
  virtual std::uint64_t id_floor() const = 0;  // as of opening
  virtual StoreWriter& writer() = 0;
  virtual Result<std::unique_ptr<StoreReader>> open_reader() = 0;
};

// Folding for the search of people: ASCII letters to lower case, all else as it is.
std::string fold_for_search(std::string_view text);

}  // namespace godwit::server
