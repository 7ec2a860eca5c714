#include "server/store/sqlite_reader.h"

#include <algorithm>

#include "server/store/row_codec.h"

namespace godwit::server {
namespace {

#define GODWIT_USER_COLUMNS "user_id, username, display_name, password, created_at, deleted_at"
#define GODWIT_SESSION_COLUMNS \
  "session_id, user_id, kind, client, token_hash, created_at, last_seen"
#define GODWIT_CHAT_COLUMNS \
  "c.chat_id, c.type, c.name, c.settings, c.rev, c.head, c.created_at, c.active_at"
#define GODWIT_MESSAGE_COLUMNS                                                               \
  "chat_id, seq, rev, message_id, sender_id, temp_id, ts, content_type, content, reply_to, " \
  "forwarded, edited_at, deleted, pinned, reactions"
#define GODWIT_MESSAGES "SELECT " GODWIT_MESSAGE_COLUMNS " FROM messages WHERE chat_id=? AND "

UserRow read_user(SqliteStatement& row) {
  return UserRow{row.id<UserId>(0), row.text(1), row.text(2),
                 row.text(3),       row.time(4), !row.is_null(5)};
}

SessionRow read_session(SqliteStatement& row) {
  return SessionRow{
      row.id<SessionId>(0), row.id<UserId>(1), static_cast<std::uint8_t>(row.integer(2)),
      row.text(3),          row.text(4),       row.time(5),
      row.time(6)};
}

ChatRow read_chat(SqliteStatement& row) {
  ChatRow chat;
  chat.chat_id = row.id<ChatId>(0);
  chat.info.type = static_cast<ChatType>(row.integer(1));
  chat.info.name = row.text(2);
  chat.info.settings = row.text(3);
  chat.info.rev = row.id<Seq>(4);
  chat.head = row.id<Seq>(5);
  chat.created_at = row.time(6);
  chat.active_at = row.time(7);
  return chat;
}

MemberRow read_member(SqliteStatement& row) {
  MemberRow member;
  member.user_id = row.id<UserId>(0);
  if (!row.is_null(1)) member.role = static_cast<Role>(row.integer(1));
  member.rev = row.id<Seq>(2);
  member.joined_seq = row.id<Seq>(3);
  return member;
}

Content read_content(SqliteStatement& row) {
  Content content;
  content.type = static_cast<ContentType>(row.integer(7));
  (content.type == ContentType::kText ? content.text : content.body) = row.text(8);
  return content;
}

Message read_message(SqliteStatement& row) {
  Message message;
  message.chat_id = row.id<ChatId>(0);
  message.seq = row.id<Seq>(1);
  message.rev = row.id<Seq>(2);
  message.message_id = row.id<MessageId>(3);
  message.sender_id = row.id<UserId>(4);
  message.temp_id = row.text(5);
  message.timestamp = row.time(6);
  if (!row.is_null(7)) message.content = read_content(row);
  message.reply_to = row.id<MessageId>(9);
  if (!row.is_null(10)) message.forwarded_from = read_forwarded(row.text(10));
  if (!row.is_null(11)) message.edited_at = row.time(11);
  message.deleted = row.integer(12) != 0;
  message.pinned = row.integer(13) != 0;
  if (!row.is_null(14)) message.reactions = read_reactions(row.text(14));
  return message;
}

EventRow read_event(SqliteStatement& row) {
  return EventRow{static_cast<EventKind>(row.integer(0)),
                  row.id<Seq>(1),
                  row.id<Seq>(2),
                  row.id<UserId>(3),
                  row.time(4),
                  row.text(5),
                  read_ids(row.text(6))};
}

PrivateItem read_item(SqliteStatement& row) {
  return PrivateItem{row.id<UserSeq>(0), row.text(1), row.id<ChatId>(2), row.id<MessageId>(3),
                     row.text(4)};
}

StoredOperation read_operation(SqliteStatement& row, ChatId chat_id) {
  StoredOperation operation;
  operation.kind = static_cast<OperationKind>(row.integer(0));
  operation.chat_id = row.is_null(2) ? chat_id : row.id<ChatId>(2);
  (operation.kind == OperationKind::kSet ? operation.user_seq.value : operation.seq.value) =
      row.position(1);
  operation.message_id = row.id<MessageId>(3);
  operation.timestamp = row.time(4);
  return operation;
}

template <typename Read>
auto read_all(SqliteStatement& query, Read read) {
  std::vector<decltype(read(query))> rows;
  while (query.step()) rows.push_back(read(query));
  return rows;
}

UserId read_user_id(SqliteStatement& row) { return row.id<UserId>(0); }

}  // namespace

std::string direct_key(UserId a, UserId b) {
  return std::min(a, b).str() + ":" + std::max(a, b).str();
}

struct SqliteReader::Statements {
  explicit Statements(SqliteConnection& connection) : c(connection) {}
  SqliteConnection& c;
  SqliteStatement begin{c, "BEGIN"};
  SqliteStatement finish{c, "COMMIT"};
  SqliteStatement user{c, "SELECT " GODWIT_USER_COLUMNS " FROM users WHERE user_id=?"};
  SqliteStatement user_by_name{c,
                               "SELECT " GODWIT_USER_COLUMNS " FROM users WHERE username_folded=?"};
  SqliteStatement has_users{c, "SELECT 1 FROM users LIMIT 1"};
  SqliteStatement search_users{c, "SELECT " GODWIT_USER_COLUMNS
                                  " FROM users WHERE deleted_at IS NULL AND instr(search, ?) > 0"
                                  " ORDER BY username_folded LIMIT ?"};
  SqliteStatement last_seen{c, "SELECT last_seen FROM user_seen WHERE user_id=?"};
  SqliteStatement is_blocked{c, "SELECT 1 FROM blocks WHERE user_id=? AND blocked_id=?"};
  SqliteStatement blocked{c,
                          "SELECT blocked_id FROM blocks WHERE user_id=?1"
                          " UNION SELECT user_id FROM blocks WHERE blocked_id=?1"};
  SqliteStatement session_by_token{
      c, "SELECT " GODWIT_SESSION_COLUMNS " FROM sessions WHERE token_hash=?"};
  SqliteStatement sessions{c, "SELECT " GODWIT_SESSION_COLUMNS
                              " FROM sessions WHERE user_id=? ORDER BY last_seen, session_id"};
  SqliteStatement invite{c,
                         "SELECT 1 FROM invites"
                         " WHERE code_hash=? AND used_by IS NULL AND expires_at>?"};
  SqliteStatement chat{c, "SELECT " GODWIT_CHAT_COLUMNS " FROM chats c WHERE c.chat_id=?"};
  SqliteStatement direct{c, "SELECT chat_id FROM chats WHERE direct_key=?"};
  SqliteStatement chats_of{c, "SELECT " GODWIT_CHAT_COLUMNS
                              " FROM members m JOIN chats c ON c.chat_id=m.chat_id"
                              " WHERE m.user_id=? AND m.role IS NOT NULL ORDER BY c.chat_id"};
  SqliteStatement members{c,
                          "SELECT user_id, role, rev, joined_seq FROM members"
                          " WHERE chat_id=? AND role IS NOT NULL ORDER BY user_id"};
  SqliteStatement member{c,
                         "SELECT user_id, role, rev, joined_seq FROM members"
                         " WHERE chat_id=? AND user_id=?"};
  SqliteStatement peers{c,
                        "SELECT DISTINCT o.user_id FROM members m"
                        " JOIN members o ON o.chat_id=m.chat_id"
                        " WHERE m.user_id=?1 AND m.role IS NOT NULL AND o.role IS NOT NULL"
                        " AND o.user_id<>?1 ORDER BY o.user_id"};
  SqliteStatement message_at{c, GODWIT_MESSAGES "seq=?"};
  SqliteStatement message{c, GODWIT_MESSAGES "message_id=?"};
  SqliteStatement has_message{c, "SELECT 1 FROM messages WHERE chat_id=? AND message_id=?"};
  SqliteStatement oldest{c, GODWIT_MESSAGES "seq BETWEEN ? AND ? ORDER BY seq LIMIT ?"};
  SqliteStatement newest{c, GODWIT_MESSAGES "seq BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?"};
  // Created since, and changed since: two ranges of two indexes, each short.
  SqliteStatement changed{c, GODWIT_MESSAGES
                          "seq BETWEEN max(?2, ?4 + 1) AND ?3"
                          " UNION ALL " GODWIT_MESSAGES
                          "rev > ?4 AND rev > seq AND seq BETWEEN ?2 AND min(?3, ?4)"
                          " ORDER BY seq"};
  SqliteStatement time_at{c,
                          "SELECT seq, ts FROM messages WHERE chat_id=? AND seq>=?"
                          " ORDER BY seq LIMIT 1"};
  SqliteStatement any{c, "SELECT 1 FROM messages WHERE chat_id=? AND seq BETWEEN ? AND ? LIMIT 1"};
  SqliteStatement events{c,
                         "SELECT kind, seq, message_seq, actor_id, ts, temp_id, members"
                         " FROM events WHERE chat_id=? AND seq BETWEEN ? AND ? ORDER BY seq"};
  SqliteStatement revs{c,
                       "SELECT message_id, rev FROM messages"
                       " WHERE chat_id=? AND seq BETWEEN ? AND ?"};
  // 5 is ContentType::kSystem; a deleted message has no content type.
  SqliteStatement unread{
      c,
      "SELECT COUNT(*) FROM (SELECT 1 FROM messages m WHERE m.chat_id=?1 AND m.seq>?2"
      " AND m.sender_id<>?3 AND m.content_type<>5 AND m.deleted=0 AND NOT EXISTS ("
      "SELECT 1 FROM private_items p WHERE p.user_id=?3 AND p.chat_id=?1 AND p.key='hidden'"
      " AND p.message_id=m.message_id AND p.value NOT IN ('null','false')) LIMIT ?4)"};
  SqliteStatement operation{
      c,
      "SELECT o.kind, o.seq, o.ref, m.message_id, m.ts FROM operations o"
      " LEFT JOIN messages m ON o.kind=1 AND m.chat_id=o.chat_id AND m.seq=o.seq"
      " WHERE o.chat_id=? AND o.sender_id=? AND o.temp_id=?"};
  SqliteStatement receipts{c,
                           "SELECT w.user_id, w.delivered, w.read FROM watermarks w"
                           " JOIN members m ON m.chat_id=w.chat_id AND m.user_id=w.user_id"
                           " WHERE w.chat_id=? AND m.role IS NOT NULL"};
  SqliteStatement mark{c, "SELECT delivered, read FROM watermarks WHERE chat_id=? AND user_id=?"};
  SqliteStatement user_head{c, "SELECT head FROM user_heads WHERE user_id=?"};
  SqliteStatement item{c,
                       "SELECT user_seq, key, chat_id, message_id, value FROM private_items"
                       " WHERE user_id=? AND chat_id=? AND key=? AND message_id=?"};
  SqliteStatement items{c,
                        "SELECT user_seq, key, chat_id, message_id, value FROM private_items"
                        " WHERE user_id=? AND user_seq>? ORDER BY user_seq LIMIT ?"};
};

SqliteReader::SqliteReader(std::unique_ptr<SqliteConnection> connection)
    : owned_(std::move(connection)), c_(*owned_), s_(std::make_unique<Statements>(c_)) {}

SqliteReader::SqliteReader(SqliteConnection& borrowed)
    : c_(borrowed), s_(std::make_unique<Statements>(c_)) {}

SqliteReader::~SqliteReader() = default;

void SqliteReader::begin() {
  c_.clear();
  s_->begin.start().run();
}

Status SqliteReader::finish() {
  Status status = c_.status();
  c_.clear();
  s_->finish.start().run();  // a read transaction has nothing to lose
  c_.clear();
  return status;
}

std::optional<UserRow> SqliteReader::user(UserId user_id) {
  return s_->user.start().bind(user_id).one(read_user);
}

std::optional<UserRow> SqliteReader::user_by_name(std::string_view folded) {
  return s_->user_by_name.start().bind(folded).one(read_user);
}

bool SqliteReader::has_users() {
  return s_->has_users.start().one([](auto&) { return true; }).has_value();
}

std::vector<UserRow> SqliteReader::search_users(std::string_view folded, std::size_t limit) {
  // Every searchable word stands after a blank, so that "begins with" is "contains blank + text".
  const std::string wanted = " " + std::string(folded);
  return read_all(s_->search_users.start().bind(wanted).bind(std::uint64_t{limit}), read_user);
}

std::optional<Timestamp> SqliteReader::last_seen(UserId user_id) {
  return s_->last_seen.start().bind(user_id).one([](auto& row) { return row.time(0); });
}

bool SqliteReader::is_blocked(UserId by, UserId user_id) {
  auto& query = s_->is_blocked.start().bind(by).bind(user_id);
  return query.one([](auto&) { return true; }).has_value();
}

std::vector<UserId> SqliteReader::blocked_either_way(UserId user_id) {
  return read_all(s_->blocked.start().bind(user_id), read_user_id);
}

std::optional<SessionRow> SqliteReader::session_by_token(std::string_view token_hash) {
  return s_->session_by_token.start().bind_blob(token_hash).one(read_session);
}

std::vector<SessionRow> SqliteReader::sessions(UserId user_id) {
  return read_all(s_->sessions.start().bind(user_id), read_session);
}

bool SqliteReader::is_invite_open(std::string_view code_hash, Timestamp now) {
  auto& query = s_->invite.start().bind_blob(code_hash).bind(now);
  return query.one([](auto&) { return true; }).has_value();
}

std::optional<ChatRow> SqliteReader::chat(ChatId chat_id) {
  return s_->chat.start().bind(chat_id).one(read_chat);
}

std::optional<ChatId> SqliteReader::direct_chat(UserId a, UserId b) {
  const std::string key = direct_key(a, b);
  return s_->direct.start().bind(key).one([](auto& row) { return row.template id<ChatId>(0); });
}

std::vector<ChatRow> SqliteReader::chats_of(UserId user_id) {
  return read_all(s_->chats_of.start().bind(user_id), read_chat);
}

std::vector<MemberRow> SqliteReader::members(ChatId chat_id) {
  return read_all(s_->members.start().bind(chat_id), read_member);
}

std::optional<MemberRow> SqliteReader::member(ChatId chat_id, UserId user_id) {
  return s_->member.start().bind(chat_id).bind(user_id).one(read_member);
}

std::vector<UserId> SqliteReader::peers(UserId user_id) {
  return read_all(s_->peers.start().bind(user_id), read_user_id);
}

std::optional<Message> SqliteReader::message_at(ChatId chat_id, Seq seq) {
  return s_->message_at.start().bind(chat_id).bind(seq).one(read_message);
}

std::optional<Message> SqliteReader::message(ChatId chat_id, MessageId message_id) {
  return s_->message.start().bind(chat_id).bind(message_id).one(read_message);
}

bool SqliteReader::has_message(ChatId chat_id, MessageId message_id) {
  auto& query = s_->has_message.start().bind(chat_id).bind(message_id);
  return query.one([](auto&) { return true; }).has_value();
}

std::vector<Message> SqliteReader::messages(ChatId chat_id, Seq from, Seq to, std::size_t limit,
                                            bool newest) {
  auto& query = newest ? s_->newest : s_->oldest;
  query.start().bind(chat_id).bind(from).bind(to).bind(std::uint64_t{limit});
  auto messages = read_all(query, read_message);
  if (newest) std::reverse(messages.begin(), messages.end());
  return messages;
}

std::vector<Message> SqliteReader::messages_changed(ChatId chat_id, Seq from, Seq to, Seq since) {
  auto& query = s_->changed.start().bind(chat_id).bind(from).bind(to).bind(since);
  return read_all(query.bind(chat_id), read_message);
}

// Times within a chat grow with seq but for jumps of the clock, so a binary search finds the place
// (or, across such a jump, one nearby).
std::optional<Seq> SqliteReader::first_message_since(ChatId chat_id, Timestamp time) {
  auto row = chat(chat_id);
  if (!row) return std::nullopt;
  std::uint64_t low = 1;
  std::uint64_t high = row->head.value + 1;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    auto& query = s_->time_at.start().bind(chat_id).bind(middle);
    auto later = query.one([](auto& found) { return found.time(1); });
    if (!later || *later >= time) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  auto& query = s_->time_at.start().bind(chat_id).bind(low);
  return query.one([](auto& found) { return found.template id<Seq>(0); });
}

bool SqliteReader::any_message(ChatId chat_id, Seq from, Seq to) {
  auto& query = s_->any.start().bind(chat_id).bind(from).bind(to);
  return query.one([](auto&) { return true; }).has_value();
}

std::vector<EventRow> SqliteReader::events(ChatId chat_id, Seq from, Seq to) {
  return read_all(s_->events.start().bind(chat_id).bind(from).bind(to), read_event);
}

void SqliteReader::each_rev(ChatId chat_id, Seq from, Seq to,
                            const std::function<void(MessageId, Seq)>& visit) {
  auto& query = s_->revs.start().bind(chat_id).bind(from).bind(to);
  while (query.step()) visit(query.id<MessageId>(0), query.id<Seq>(1));
}

std::uint64_t SqliteReader::unread(ChatId chat_id, UserId viewer, Seq read,
                                   std::uint64_t count_max) {
  auto& query = s_->unread.start().bind(chat_id).bind(read).bind(viewer).bind(count_max);
  return query.one([](auto& row) { return row.position(0); }).value_or(0);
}

std::optional<StoredOperation> SqliteReader::operation(ChatId chat_id, UserId sender_id,
                                                       std::string_view temp_id) {
  auto& query = s_->operation.start().bind(chat_id).bind(sender_id).bind(temp_id);
  return query.one([&](auto& row) { return read_operation(row, chat_id); });
}

Receipts SqliteReader::receipts(ChatId chat_id) {
  Receipts receipts;
  auto& query = s_->receipts.start().bind(chat_id);
  while (query.step()) {
    auto user_id = query.id<UserId>(0);
    if (auto delivered = query.id<Seq>(1); delivered.value > 0) {
      receipts.delivered[user_id] = delivered;
    }
    if (auto read = query.id<Seq>(2); read.value > 0) receipts.read[user_id] = read;
  }
  return receipts;
}

MarkRow SqliteReader::mark(ChatId chat_id, UserId user_id) {
  auto& query = s_->mark.start().bind(chat_id).bind(user_id);
  auto mark = query.one([](auto& row) {
    return MarkRow{row.template id<Seq>(0), row.template id<Seq>(1)};
  });
  return mark.value_or(MarkRow{});
}

UserSeq SqliteReader::user_head(UserId user_id) {
  auto head = s_->user_head.start().bind(user_id).one(
      [](auto& row) { return row.template id<UserSeq>(0); });
  return head.value_or(UserSeq{});
}

std::optional<PrivateItem> SqliteReader::private_item(UserId user_id, std::string_view key,
                                                      ChatId chat_id, MessageId message_id) {
  auto& query = s_->item.start().bind(user_id).bind(chat_id).bind(key).bind(message_id);
  return query.one(read_item);
}

std::vector<PrivateItem> SqliteReader::private_items(UserId user_id, UserSeq after,
                                                     std::size_t limit) {
  auto& query = s_->items.start().bind(user_id).bind(after).bind(std::uint64_t{limit});
  return read_all(query, read_item);
}

}  // namespace godwit::server
