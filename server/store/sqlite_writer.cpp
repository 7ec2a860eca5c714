#include "server/store/sqlite_writer.h"

#include "server/store/row_codec.h"
#include "shared/protocol/validate.h"

namespace godwit::server {
namespace {

constexpr std::int64_t kPageBytes = 4'096;

// What search_users looks in: each word of both names after a blank.
std::string searchable(std::string_view folded_name, std::string_view display_name) {
  return " " + std::string(folded_name) + " " + fold_for_search(display_name);
}

std::string_view content_column(const Content& content) {
  return content.type == ContentType::kText ? content.text : content.body;
}

}  // namespace

std::string fold_for_search(std::string_view text) {
  std::string folded(text);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

struct SqliteWriter::Statements {
  explicit Statements(SqliteConnection& connection) : c(connection) {}
  SqliteConnection& c;
  SqliteStatement begin{c, "BEGIN IMMEDIATE"};
  SqliteStatement commit{c, "COMMIT"};
  SqliteStatement insert_user{
      c,
      "INSERT INTO users (user_id, username, username_folded, display_name, search, password,"
      " created_at) VALUES (?,?,?,?,?,?,?)"};
  SqliteStatement set_display_name{
      c, "UPDATE users SET display_name=?, search=' '||username_folded||' '||? WHERE user_id=?"};
  SqliteStatement set_password{c, "UPDATE users SET password=? WHERE user_id=?"};
  SqliteStatement bury_user{
      c,
      "UPDATE users SET username=NULL, username_folded=NULL, display_name='', search='',"
      " password='', deleted_at=? WHERE user_id=?"};
  SqliteStatement forget_sessions{c, "DELETE FROM sessions WHERE user_id=?"};
  SqliteStatement forget_blocks{c, "DELETE FROM blocks WHERE user_id=?"};
  SqliteStatement forget_items{c, "DELETE FROM private_items WHERE user_id=?"};
  SqliteStatement forget_seen{c, "DELETE FROM user_seen WHERE user_id=?"};
  SqliteStatement last_seen{
      c,
      "INSERT INTO user_seen (user_id, last_seen) VALUES (?,?)"
      " ON CONFLICT DO UPDATE SET last_seen=max(last_seen, excluded.last_seen)"};
  SqliteStatement block{c, "INSERT OR IGNORE INTO blocks (user_id, blocked_id) VALUES (?,?)"};
  SqliteStatement unblock{c, "DELETE FROM blocks WHERE user_id=? AND blocked_id=?"};
  SqliteStatement insert_session{
      c,
      "INSERT INTO sessions (user_id, session_id, token_hash, kind, client, created_at,"
      " last_seen) VALUES (?,?,?,?,?,?,?)"};
  SqliteStatement touch_session{
      c, "UPDATE sessions SET last_seen=max(last_seen, ?) WHERE user_id=? AND session_id=?"};
  SqliteStatement delete_session{c, "DELETE FROM sessions WHERE user_id=? AND session_id=?"};
  SqliteStatement insert_invite{
      c, "INSERT INTO invites (code_hash, created_at, expires_at) VALUES (?,?,?)"};
  SqliteStatement use_invite{c, "UPDATE invites SET used_by=?, used_at=? WHERE code_hash=?"};
  SqliteStatement claim{
      c,
      "INSERT OR IGNORE INTO operations (chat_id, sender_id, temp_id, kind, seq, ref)"
      " VALUES (?,?,?,?,?,?)"};
  SqliteStatement insert_chat{
      c,
      "INSERT INTO chats (chat_id, type, name, settings, rev, head, created_at, active_at,"
      " direct_key) VALUES (?,?,?,?,?,?,?,?,?)"};
  SqliteStatement set_info{c, "UPDATE chats SET name=?, settings=?, rev=? WHERE chat_id=?"};
  SqliteStatement set_head{c,
                           "UPDATE chats SET head=?, active_at=max(active_at, ?)"
                           " WHERE chat_id=?"};
  SqliteStatement put_member{
      c,
      "INSERT INTO members (chat_id, user_id, role, rev, joined_seq, joined_at)"
      " VALUES (?,?,?,?,?,?) ON CONFLICT DO UPDATE SET role=excluded.role, rev=excluded.rev,"
      " joined_at=CASE WHEN joined_seq=excluded.joined_seq THEN joined_at"
      " ELSE excluded.joined_at END, joined_seq=excluded.joined_seq"};
  SqliteStatement insert_message{
      c,
      "INSERT INTO messages (chat_id, seq, rev, message_id, sender_id, temp_id, ts,"
      " content_type, content, reply_to, forwarded, deleted, pinned)"
      " VALUES (?,?,?,?,?,?,?,?,?,?,?,0,0)"};
  SqliteStatement update_message{
      c,
      "UPDATE messages SET rev=?, content_type=?, content=?, forwarded=?, edited_at=?,"
      " deleted=?, pinned=?, reactions=? WHERE chat_id=? AND seq=?"};
  SqliteStatement insert_event{
      c,
      "INSERT INTO events (chat_id, seq, kind, message_seq, actor_id, ts, temp_id, members)"
      " VALUES (?,?,?,?,?,?,?,?)"};
  SqliteStatement put_mark{
      c,
      "INSERT INTO watermarks (chat_id, user_id, delivered, read) VALUES (?,?,?,?)"
      " ON CONFLICT DO UPDATE SET delivered=max(delivered, excluded.delivered),"
      " read=max(read, excluded.read)"};
  SqliteStatement put_item{
      c,
      "INSERT INTO private_items (user_id, chat_id, key, message_id, value, user_seq)"
      " VALUES (?,?,?,?,?,?) ON CONFLICT (user_id, chat_id, key, message_id)"
      " DO UPDATE SET value=excluded.value, user_seq=excluded.user_seq"};
  SqliteStatement put_user_head{c,
                                "INSERT INTO user_heads (user_id, head) VALUES (?,?)"
                                " ON CONFLICT DO UPDATE SET head=excluded.head"};
  SqliteStatement id_floor{c,
                           "INSERT INTO meta (key, value) VALUES ('id_floor', ?)"
                           " ON CONFLICT DO UPDATE SET value=excluded.value"};
};

SqliteWriter::SqliteWriter(std::unique_ptr<SqliteConnection> connection, std::int64_t wal_bytes_max)
    : owned_(std::move(connection)),
      c_(*owned_),
      reads_(c_),
      s_(std::make_unique<Statements>(c_)),
      wal_pages_max_(wal_bytes_max / kPageBytes) {
  auto note_size = [](void* self, sqlite3*, const char*, int pages) {
    static_cast<SqliteWriter*>(self)->wal_pages_.store(pages, std::memory_order_relaxed);
    return SQLITE_OK;
  };
  sqlite3_wal_hook(c_.raw(), note_size, this);
}

SqliteWriter::~SqliteWriter() = default;

void SqliteWriter::begin() {
  c_.clear();
  s_->begin.start().run();
}

Status SqliteWriter::commit() {
  if (!c_.failed()) s_->commit.start().run();
  Status status = c_.status();
  if (!status) {
    rollback();
    return status;
  }
  if (wal_pages() > wal_pages_max_) {
    // Its failure costs nothing but a larger log; the next commit tries again.
    (void)c_.execute("PRAGMA wal_checkpoint(PASSIVE)");
  }
  return status;
}

void SqliteWriter::rollback() {
  c_.clear();
  if (sqlite3_get_autocommit(c_.raw()) == 0) (void)c_.execute("ROLLBACK");
}

void SqliteWriter::insert_user(const UserRow& user, std::string_view folded) {
  const std::string search = searchable(folded, user.display_name);
  s_->insert_user.start()
      .bind(user.user_id)
      .bind(user.username)
      .bind(folded)
      .bind(user.display_name)
      .bind(search)
      .bind(user.password_hash)
      .bind(user.created_at)
      .run();
}

void SqliteWriter::set_display_name(UserId user_id, std::string_view display_name) {
  const std::string folded = fold_for_search(display_name);
  s_->set_display_name.start().bind(display_name).bind(folded).bind(user_id).run();
}

void SqliteWriter::set_password(UserId user_id, std::string_view password_hash) {
  s_->set_password.start().bind(password_hash).bind(user_id).run();
}

void SqliteWriter::delete_user(UserId user_id, Timestamp when) {
  s_->bury_user.start().bind(when).bind(user_id).run();
  s_->forget_sessions.start().bind(user_id).run();
  s_->forget_blocks.start().bind(user_id).run();
  s_->forget_items.start().bind(user_id).run();
  s_->forget_seen.start().bind(user_id).run();
}

void SqliteWriter::set_last_seen(UserId user_id, Timestamp when) {
  s_->last_seen.start().bind(user_id).bind(when).run();
}

void SqliteWriter::set_blocked(UserId by, UserId user_id, bool blocked) {
  (blocked ? s_->block : s_->unblock).start().bind(by).bind(user_id).run();
}

void SqliteWriter::insert_session(const SessionRow& session) {
  s_->insert_session.start()
      .bind(session.user_id)
      .bind(session.session_id)
      .bind_blob(session.token_hash)
      .bind(std::int64_t{session.kind})
      .bind(session.client)
      .bind(session.created_at)
      .bind(session.last_seen)
      .run();
}

void SqliteWriter::touch_session(UserId user_id, SessionId session_id, Timestamp last_seen) {
  s_->touch_session.start().bind(last_seen).bind(user_id).bind(session_id).run();
}

void SqliteWriter::delete_session(UserId user_id, SessionId session_id) {
  s_->delete_session.start().bind(user_id).bind(session_id).run();
}

void SqliteWriter::insert_invite(std::string_view code_hash, Timestamp created, Timestamp expires) {
  s_->insert_invite.start().bind_blob(code_hash).bind(created).bind(expires).run();
}

void SqliteWriter::use_invite(std::string_view code_hash, UserId by, Timestamp when) {
  s_->use_invite.start().bind(by).bind(when).bind_blob(code_hash).run();
}

bool SqliteWriter::claim_operation(ChatId chat_id, UserId sender_id, std::string_view temp_id,
                                   const StoredOperation& operation) {
  const bool is_set = operation.kind == OperationKind::kSet;
  auto& statement =
      s_->claim.start()
          .bind(chat_id)
          .bind(sender_id)
          .bind(temp_id)
          .bind(static_cast<std::int64_t>(operation.kind))
          .bind(is_set ? operation.user_seq.value : operation.seq.value)
          .bind_optional(operation.kind == OperationKind::kCreateChat ? operation.chat_id
                                                                      : ChatId{});
  return statement.run() && c_.changes() > 0;
}

void SqliteWriter::insert_chat(const ChatRow& chat, const std::vector<UserId>& direct_people) {
  const std::string key =
      direct_people.size() == 2 ? direct_key(direct_people[0], direct_people[1]) : std::string();
  s_->insert_chat.start()
      .bind(chat.chat_id)
      .bind(static_cast<std::int64_t>(chat.info.type))
      .bind(chat.info.name)
      .bind(chat.info.settings)
      .bind(chat.info.rev)
      .bind(chat.head)
      .bind(chat.created_at)
      .bind(chat.active_at)
      .bind_optional(key)
      .run();
}

void SqliteWriter::set_chat_info(ChatId chat_id, const ChatInfo& info) {
  s_->set_info.start().bind(info.name).bind(info.settings).bind(info.rev).bind(chat_id).run();
}

void SqliteWriter::set_chat_head(ChatId chat_id, Seq head, Timestamp active_at) {
  s_->set_head.start().bind(head).bind(active_at).bind(chat_id).run();
}

void SqliteWriter::put_member(ChatId chat_id, const MemberRow& member, Timestamp when) {
  auto& statement = s_->put_member.start().bind(chat_id).bind(member.user_id);
  if (member.role) {
    statement.bind(static_cast<std::int64_t>(*member.role));
  } else {
    statement.bind_null();
  }
  statement.bind(member.rev).bind(member.joined_seq).bind(when).run();
}

void SqliteWriter::insert_message(const Message& message) {
  auto& statement = s_->insert_message.start()
                        .bind(message.chat_id)
                        .bind(message.seq)
                        .bind(message.rev)
                        .bind(message.message_id)
                        .bind(message.sender_id)
                        .bind_optional(message.temp_id)
                        .bind(message.timestamp);
  if (message.content) {
    statement.bind(static_cast<std::int64_t>(message.content->type));
    statement.bind(content_column(*message.content));
  } else {
    statement.bind_null().bind_null();
  }
  statement.bind_optional(message.reply_to);
  const std::string forwarded =
      message.forwarded_from ? write_forwarded(*message.forwarded_from) : std::string();
  statement.bind_optional(forwarded).run();
}

void SqliteWriter::update_message(const Message& message) {
  auto& statement = s_->update_message.start().bind(message.rev);
  if (message.content) {
    statement.bind(static_cast<std::int64_t>(message.content->type));
    statement.bind(content_column(*message.content));
  } else {
    statement.bind_null().bind_null();
  }
  const std::string forwarded =
      message.forwarded_from ? write_forwarded(*message.forwarded_from) : std::string();
  const std::string reactions = write_reactions(message.reactions);
  statement.bind_optional(forwarded);
  message.edited_at ? statement.bind(*message.edited_at) : statement.bind_null();
  statement.bind(std::int64_t{message.deleted})
      .bind(std::int64_t{message.pinned})
      .bind_optional(reactions)
      .bind(message.chat_id)
      .bind(message.seq)
      .run();
}

void SqliteWriter::insert_event(ChatId chat_id, const EventRow& event) {
  const std::string members = write_ids(event.members);
  s_->insert_event.start()
      .bind(chat_id)
      .bind(event.seq)
      .bind(static_cast<std::int64_t>(event.kind))
      .bind(event.message_seq)
      .bind(event.actor_id)
      .bind(event.timestamp)
      .bind_optional(event.temp_id)
      .bind_optional(members)
      .run();
}

void SqliteWriter::put_mark(ChatId chat_id, UserId user_id, const MarkRow& mark) {
  s_->put_mark.start().bind(chat_id).bind(user_id).bind(mark.delivered).bind(mark.read).run();
}

void SqliteWriter::put_private_item(UserId user_id, const PrivateItem& item) {
  s_->put_item.start()
      .bind(user_id)
      .bind(item.chat_id)
      .bind(item.key)
      .bind(item.message_id)
      .bind(item.value)
      .bind(item.user_seq)
      .run();
  s_->put_user_head.start().bind(user_id).bind(item.user_seq).run();
}

void SqliteWriter::set_id_floor(std::uint64_t floor) { s_->id_floor.start().bind(floor).run(); }

}  // namespace godwit::server
