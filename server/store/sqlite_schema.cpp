#include "server/store/sqlite_schema.h"

#include <filesystem>

namespace godwit::server {
namespace {

constexpr std::int64_t kApplicationId = 0x47445754;  // "GDWT"

// Roles, kinds and types are the numbers of their enums; times are ms since 1970; text that is
// absent is NULL. `operations.seq` is a userSeq for kind 6 (set); `ref` is the chat made by kind 7.
// `messages_changed` holds only what was changed after its creation, so that a send pays nothing
// for it: the other messages changed since a rev are those created since.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

CREATE TABLE users (
  user_id INTEGER PRIMARY KEY, username TEXT, username_folded TEXT UNIQUE,
  display_name TEXT NOT NULL, search TEXT NOT NULL, password TEXT NOT NULL,
  created_at INTEGER NOT NULL, deleted_at INTEGER);
CREATE TABLE user_heads (user_id INTEGER PRIMARY KEY, head INTEGER NOT NULL);
CREATE TABLE user_seen (user_id INTEGER PRIMARY KEY, last_seen INTEGER NOT NULL);
CREATE TABLE sessions (
  user_id INTEGER NOT NULL, session_id INTEGER NOT NULL, token_hash BLOB NOT NULL UNIQUE,
  kind INTEGER NOT NULL, client TEXT NOT NULL, created_at INTEGER NOT NULL,
  last_seen INTEGER NOT NULL, PRIMARY KEY (user_id, session_id)) WITHOUT ROWID;
CREATE TABLE invites (
  code_hash BLOB PRIMARY KEY, created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL,
  used_by INTEGER, used_at INTEGER) WITHOUT ROWID;
CREATE TABLE blocks (
  user_id INTEGER NOT NULL, blocked_id INTEGER NOT NULL,
  PRIMARY KEY (user_id, blocked_id)) WITHOUT ROWID;
CREATE INDEX blocks_by_blocked ON blocks (blocked_id, user_id);

CREATE TABLE chats (
  chat_id INTEGER PRIMARY KEY, type INTEGER NOT NULL, name TEXT NOT NULL, settings TEXT NOT NULL,
  rev INTEGER NOT NULL, head INTEGER NOT NULL, created_at INTEGER NOT NULL,
  active_at INTEGER NOT NULL, direct_key TEXT UNIQUE);
CREATE TABLE members (
  chat_id INTEGER NOT NULL, user_id INTEGER NOT NULL, role INTEGER, rev INTEGER NOT NULL,
  joined_seq INTEGER NOT NULL, joined_at INTEGER NOT NULL,
  PRIMARY KEY (chat_id, user_id)) WITHOUT ROWID;
CREATE INDEX members_by_user ON members (user_id, chat_id);

CREATE TABLE messages (
  chat_id INTEGER NOT NULL, seq INTEGER NOT NULL, rev INTEGER NOT NULL,
  message_id INTEGER NOT NULL, sender_id INTEGER NOT NULL, temp_id TEXT, ts INTEGER NOT NULL,
  content_type INTEGER, content TEXT, reply_to INTEGER, forwarded TEXT, edited_at INTEGER,
  deleted INTEGER NOT NULL, pinned INTEGER NOT NULL, reactions TEXT,
  PRIMARY KEY (chat_id, seq)) WITHOUT ROWID;
CREATE UNIQUE INDEX messages_by_id ON messages (chat_id, message_id);
CREATE INDEX messages_changed ON messages (chat_id, rev) WHERE rev > seq;
CREATE TABLE events (
  chat_id INTEGER NOT NULL, seq INTEGER NOT NULL, kind INTEGER NOT NULL,
  message_seq INTEGER NOT NULL, actor_id INTEGER NOT NULL, ts INTEGER NOT NULL, temp_id TEXT,
  members TEXT, PRIMARY KEY (chat_id, seq)) WITHOUT ROWID;
CREATE TABLE operations (
  chat_id INTEGER NOT NULL, sender_id INTEGER NOT NULL, temp_id TEXT NOT NULL,
  kind INTEGER NOT NULL, seq INTEGER NOT NULL, ref INTEGER,
  PRIMARY KEY (chat_id, sender_id, temp_id)) WITHOUT ROWID;
CREATE TABLE watermarks (
  chat_id INTEGER NOT NULL, user_id INTEGER NOT NULL, delivered INTEGER NOT NULL,
  read INTEGER NOT NULL, PRIMARY KEY (chat_id, user_id)) WITHOUT ROWID;

CREATE TABLE private_items (
  user_id INTEGER NOT NULL, chat_id INTEGER NOT NULL, key TEXT NOT NULL,
  message_id INTEGER NOT NULL, value TEXT NOT NULL, user_seq INTEGER NOT NULL,
  PRIMARY KEY (user_id, chat_id, key, message_id)) WITHOUT ROWID;
CREATE UNIQUE INDEX private_items_by_seq ON private_items (user_id, user_seq);
)sql";

constexpr const char* kMigrations[] = {kVersion1};

Status failed(const std::string& what, const Error& error) {
  return {Code::kUnavailable, what + ": " + error.detail};
}

Result<std::int64_t> present_version(SqliteConnection& connection, const std::string& path) {
  auto version = connection.integer("PRAGMA user_version");
  auto application = connection.integer("PRAGMA application_id");
  auto tables = connection.integer("SELECT COUNT(*) FROM sqlite_schema");
  if (!version || !application || !tables) {
    const Error& error = !version       ? version.error()
                         : !application ? application.error()
                                        : tables.error();
    return failed("cannot read " + path, error).error();
  }
  if (*tables > 0 && *application != kApplicationId) {
    return Error{Code::kUnavailable, path + " is not a Godwit database"};
  }
  return *tables > 0 ? *version : 0;
}

std::string free_name(FileCalls& files, const std::string& base) {
  std::string name = base;
  for (int number = 2; files.exists(name); ++number) name = base + "-" + std::to_string(number);
  return name;
}

// The copy gets its name once it is whole and on the disk: half of one, which a death leaves, is
// never taken for it.
Status keep_copy(SqliteConnection& connection, const std::string& path, FileCalls& files,
                 std::size_t version) {
  const std::string base = path + ".before-v" + std::to_string(version);
  const std::string part = base + ".part";
  files.remove(part);
  std::string quoted;
  for (char c : part) quoted.append(c == '\'' ? "''" : std::string(1, c));
  if (Status status = connection.execute("VACUUM INTO '" + quoted + "'"); !status) {
    files.remove(part);
    return failed("cannot keep a copy of " + path, status.error());
  }
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const bool kept = files.sync(part) && files.rename(part, free_name(files, base)) &&
                    files.sync(folder.empty() ? "." : folder);
  if (!kept) return {Code::kUnavailable, "cannot keep a copy of " + path};
  return Status::ok();
}

}  // namespace

Migrations schema_migrations() { return kMigrations; }

Status migrate(SqliteConnection& connection, const std::string& path, FileCalls& files,
               Migrations migrations) {
  auto version = present_version(connection, path);
  if (!version) return version.error();
  const auto newest = static_cast<std::int64_t>(migrations.size());
  if (*version > newest) {
    return {Code::kUnavailable, path + " is of version " + std::to_string(*version) +
                                    ", newer than this server's " + std::to_string(newest)};
  }
  if (*version == newest) return Status::ok();
  if (*version > 0) {
    if (Status status = keep_copy(connection, path, files, migrations.size()); !status) {
      return status;
    }
  }
  std::string sql = "BEGIN IMMEDIATE;";
  for (auto next = static_cast<std::size_t>(*version); next < migrations.size(); ++next) {
    sql.append(migrations[next]).append("\n");
  }
  sql += "PRAGMA application_id=" + std::to_string(kApplicationId) +
         ";PRAGMA user_version=" + std::to_string(newest) + ";COMMIT;";
  Status status = connection.execute(sql);
  if (status) return status;
  (void)connection.execute("ROLLBACK");
  return failed("cannot migrate " + path, status.error());
}

}  // namespace godwit::server
