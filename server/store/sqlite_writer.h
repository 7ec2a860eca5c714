// StoreWriter on SQLite: one connection, one thread, prepared statements.
#pragma once

#include <atomic>

#include "server/store/sqlite_connection.h"
#include "server/store/sqlite_reader.h"
#include "server/store/store.h"

namespace godwit::server {

class SqliteWriter final : public StoreWriter {
 public:
  // `connection`: WAL, synchronous=FULL, no automatic checkpoints. Past `wal_bytes_max` the writer
  // checkpoints by itself after a commit: the checkpoint thread cannot keep up.
  SqliteWriter(std::unique_ptr<SqliteConnection> connection, std::int64_t wal_bytes_max);
  ~SqliteWriter() override;

  void begin() override;
  Status commit() override;
  void rollback() override;
  StoreReader& reads() override { return reads_; }

  void insert_user(const UserRow& user, std::string_view folded) override;
  void set_display_name(UserId user_id, std::string_view display_name) override;
  void set_password(UserId user_id, std::string_view password_hash) override;
  void delete_user(UserId user_id, Timestamp when) override;
  void set_last_seen(UserId user_id, Timestamp when) override;
  void set_blocked(UserId by, UserId user_id, bool blocked) override;
  void insert_session(const SessionRow& session) override;
  void touch_session(UserId user_id, SessionId session_id, Timestamp last_seen) override;
  void delete_session(UserId user_id, SessionId session_id) override;
  void insert_invite(std::string_view code_hash, Timestamp created, Timestamp expires) override;
  void use_invite(std::string_view code_hash, UserId by, Timestamp when) override;

  bool claim_operation(ChatId chat_id, UserId sender_id, std::string_view temp_id,
                       const StoredOperation& operation) override;
  void insert_chat(const ChatRow& chat, const std::vector<UserId>& direct_people) override;
  void set_chat_info(ChatId chat_id, const ChatInfo& info) override;
  void set_chat_head(ChatId chat_id, Seq head, Timestamp active_at) override;
  void put_member(ChatId chat_id, const MemberRow& member, Timestamp when) override;
  void insert_message(const Message& message) override;
  void update_message(const Message& message) override;
  void insert_event(ChatId chat_id, const EventRow& event) override;

  void put_mark(ChatId chat_id, UserId user_id, const MarkRow& mark) override;
  void put_private_item(UserId user_id, const PrivateItem& item) override;
  void set_id_floor(std::uint64_t floor) override;

  // Pages in the write-ahead log after the last commit; read by the checkpoint thread.
  std::int64_t wal_pages() const { return wal_pages_.load(std::memory_order_relaxed); }

 private:
  struct Statements;
  std::unique_ptr<SqliteConnection> owned_;
  SqliteConnection& c_;
  SqliteReader reads_;
  std::unique_ptr<Statements> s_;
  std::int64_t wal_pages_max_;
  std::atomic<std::int64_t> wal_pages_{0};
};

}  // namespace godwit::server
