#include "tests/simulation/server/store/stored_log.h"

#include <utility>

#include "server/app/store_queries.h"

namespace godwit::sim {
namespace {

using server::SqliteConnection;

std::unique_ptr<SqliteConnection> connect(const server::SqlitePlace& place) {
  auto connection =
      SqliteConnection::open(place.path, server::SqliteMode::kReadWriteCreate, place.vfs);
  GODWIT_CHECK(connection.is_ok());
  GODWIT_CHECK((*connection)->execute("PRAGMA query_only=1").is_ok());
  return std::move(*connection);
}

template <typename IdType>
std::vector<IdType> ids(SqliteConnection& connection, const char* sql) {
  std::vector<IdType> all;
  server::SqliteStatement query(connection, sql);
  query.start();
  while (query.step()) all.push_back(query.id<IdType>(0));
  return all;
}

std::unique_ptr<server::Queries> open_queries(const server::SqlitePlace& place) {
  return server::make_store_queries(std::make_unique<server::SqliteReader>(connect(place)), {});
}

}  // namespace

StoredLog::StoredLog(const server::SqlitePlace& place)
    : connection_(connect(place)),
      reader_(*connection_),
      queries_(open_queries(place)),
      applied_(*connection_,
               "SELECT 1 FROM operations WHERE sender_id=? AND temp_id=?"
               " AND chat_id IN (SELECT chat_id FROM chats UNION ALL SELECT 0)") {}

StoredLog::~StoredLog() = default;

const std::map<ChatId, ServerChat>& StoredLog::chats() {
  refresh();
  return chats_;
}

const std::map<UserId, ServerUser>& StoredLog::users() {
  refresh();
  return users_;
}

bool StoredLog::is_member(ChatId chat_id, UserId user_id) {
  auto member = reader_.member(chat_id, user_id);
  return member && member->role;
}

ChatState StoredLog::state_for(ChatId chat_id, UserId viewer) {
  return queries_->chat_state(viewer, chat_id).value();
}

bool StoredLog::applied(UserId sender, const std::string& temp_id) {
  auto found =
      applied_.start().bind(sender).bind(std::string_view(temp_id)).one([](auto&) { return true; });
  GODWIT_CHECK(!connection_->failed());
  return found.has_value();
}

std::string StoredLog::damage() {
  server::SqliteStatement check(*connection_, "PRAGMA integrity_check");
  auto said = check.start().one([](auto& row) { return row.text(0); });
  if (!said) return "it cannot be read: " + connection_->status().error().detail;
  return *said == "ok" ? std::string() : *said;
}

void StoredLog::refresh() {
  auto version = connection_->integer("PRAGMA data_version");
  GODWIT_CHECK(version.is_ok());
  if (version_ == *version) return;
  version_ = *version;
  chats_.clear();
  users_.clear();
  reader_.begin();
  auto people = ids<UserId>(*connection_, "SELECT user_id FROM users ORDER BY user_id");
  for (UserId user_id : people) read_user(user_id);
  for (ChatId chat_id : ids<ChatId>(*connection_, "SELECT chat_id FROM chats ORDER BY chat_id")) {
    read_chat(chat_id, people);
  }
  GODWIT_CHECK(reader_.finish().is_ok());
}

void StoredLog::read_user(UserId user_id) {
  ServerUser& user = users_[user_id];
  user.head = reader_.user_head(user_id);
  for (const PrivateItem& item : reader_.private_items(user_id, UserSeq{}, user.head.value)) {
    user.items.merge(item);
  }
}

void StoredLog::read_chat(ChatId chat_id, const std::vector<UserId>& people) {
  const server::ChatRow row = *reader_.chat(chat_id);
  ServerChat& chat = chats_[chat_id];
  chat.created_at = row.created_at;
  std::vector<RosterMember> present;
  for (UserId user_id : people) {
    auto place = reader_.member(chat_id, user_id);
    if (!place) continue;
    auto person = reader_.user(user_id);
    chat.members[user_id] = Member{user_id,           place->role,      place->rev,
                                   place->joined_seq, person->username, person->display_name};
    const server::MarkRow mark = reader_.mark(chat_id, user_id);
    if (mark.delivered.value != 0) (void)chat.marks.raise_delivered(user_id, mark.delivered);
    if (mark.read.value != 0) (void)chat.marks.raise_read(user_id, mark.read);
    if (!place->role) continue;
    present.push_back(RosterMember{user_id, *place->role, place->joined_seq, place->rev});
  }
  chat.known = KnownChat{chat_id, row.info, row.head,
                         make_roster(row.info.type, std::move(present), row.head)};
  for (Message& message : reader_.messages(chat_id, Seq{1}, row.head, row.head.value, false)) {
    chat.by_id[message.message_id] = message.seq;
    chat.events[message.seq] =
        StoredEvent{EventKind::kMessage, message.sender_id, message.timestamp,
                    message.temp_id,     message.seq,       {}};
    chat.messages[message.seq] = std::move(message);
  }
  for (const server::EventRow& event : reader_.events(chat_id, Seq{1}, row.head)) {
    chat.events[event.seq] = StoredEvent{event.kind,    event.actor_id,    event.timestamp,
                                         event.temp_id, event.message_seq, event.members};
  }
}

}  // namespace godwit::sim
