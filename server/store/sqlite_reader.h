// StoreReader on SQLite. One connection, one thread.
#pragma once

#include "server/store/sqlite_connection.h"
#include "server/store/store.h"

namespace godwit::server {

class SqliteReader final : public StoreReader {
 public:
  // Of a connection of its own, or of the writer's (which outlives this and runs the transaction).
  explicit SqliteReader(std::unique_ptr<SqliteConnection> connection);
  explicit SqliteReader(SqliteConnection& borrowed);
  ~SqliteReader() override;

  void begin() override;
  Status finish() override;
  Status status() const override { return c_.status(); }

  std::optional<UserRow> user(UserId user_id) override;
  std::optional<UserRow> user_by_name(std::string_view folded) override;
  bool has_users() override;
  std::vector<UserRow> search_users(std::string_view folded, std::size_t limit) override;
  std::optional<Timestamp> last_seen(UserId user_id) override;
  bool is_blocked(UserId by, UserId user_id) override;
  std::vector<UserId> blocked_either_way(UserId user_id) override;
  std::optional<SessionRow> session_by_token(std::string_view token_hash) override;
  std::vector<SessionRow> sessions(UserId user_id) override;
  bool is_invite_open(std::string_view code_hash, Timestamp now) override;

  std::optional<ChatRow> chat(ChatId chat_id) override;
  std::optional<ChatId> direct_chat(UserId a, UserId b) override;
  std::vector<ChatRow> chats_of(UserId user_id) override;
  std::vector<MemberRow> members(ChatId chat_id) override;
  std::optional<MemberRow> member(ChatId chat_id, UserId user_id) override;
  std::vector<UserId> peers(UserId user_id) override;

  std::optional<Message> message_at(ChatId chat_id, Seq seq) override;
  std::optional<Message> message(ChatId chat_id, MessageId message_id) override;
  bool has_message(ChatId chat_id, MessageId message_id) override;
  std::vector<Message> messages(ChatId chat_id, Seq from, Seq to, std::size_t limit,
                                bool newest) override;
  std::vector<Message> messages_changed(ChatId chat_id, Seq from, Seq to, Seq since) override;
  std::optional<Seq> first_message_since(ChatId chat_id, Timestamp time) override;
  bool any_message(ChatId chat_id, Seq from, Seq to) override;
  std::vector<EventRow> events(ChatId chat_id, Seq from, Seq to) override;
  void each_rev(ChatId chat_id, Seq from, Seq to,
                const std::function<void(MessageId, Seq)>& visit) override;
  std::uint64_t unread(ChatId chat_id, UserId viewer, Seq read, std::uint64_t count_max) override;
  std::optional<StoredOperation> operation(ChatId chat_id, UserId sender_id,
                                           std::string_view temp_id) override;

  Receipts receipts(ChatId chat_id) override;
  MarkRow mark(ChatId chat_id, UserId user_id) override;
  UserSeq user_head(UserId user_id) override;
  std::optional<PrivateItem> private_item(UserId user_id, std::string_view key, ChatId chat_id,
                                          MessageId message_id) override;
  std::vector<PrivateItem> private_items(UserId user_id, UserSeq after, std::size_t limit) override;

 private:
  struct Statements;
  std::unique_ptr<SqliteConnection> owned_;
  SqliteConnection& c_;
  std::unique_ptr<Statements> s_;
};

// The key of the direct chat of two people, whoever asks.
std::string direct_key(UserId a, UserId b);

}  // namespace godwit::server
