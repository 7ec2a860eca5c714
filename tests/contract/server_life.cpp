#include "tests/contract/server_life.h"

#include "server/app/writer.h"
#include "server/auth/password.h"
#include "server/auth/token.h"
#include "server/store/sqlite_connection.h"
#include "shared/base/check.h"

namespace godwit::server {
namespace {

constexpr const char* kFirstPassword = "correct horse";
constexpr const char* kSecondPassword = "battery staple";
const Origin kPhone{"192.0.2.1", "A phone"};

Config life_config(const std::string& folder) {
  Config config = test_config(folder);
  config.auth.registration = Registration::kInvite;
  config.auth.sessions_per_user_max = 2;
  config.storage.checkpoint_every_ms = 3'600'000;  // where it writes is decided by the steps alone
  return config;
}

// What has no way through the service of its own, as its callers do it (server/http, the gateway).
void write(Door& door, const std::function<void(WriteContext&)>& body) {
  Status status = door.host.service->writer().run_and_wait([&](WriteContext& context) {
    body(context);
    return Status::ok();
  });
  GODWIT_CHECK(status.is_ok());
}

void make_invite(Door& door, const std::string& code) {
  write(door, [&](WriteContext& context) {
    context.store.insert_invite(hash_invite_code(code), context.now,
                                Timestamp{context.now.unix_ms + 1'000'000});
  });
}

void enrol(Door& door, const std::string& name, const std::string& code) {
  auto in = door.accounts->register_and_wait(NewAccount{name, name + " X", kFirstPassword, code},
                                             Origin{"192.0.2.1", "First of " + name}, nullptr);
  GODWIT_CHECK(in.is_ok());
}

void sign_in(Door& door, const std::string& name) {
  auto in = door.accounts->login_and_wait(Login{name, kFirstPassword, SessionKind::kApi}, kPhone,
                                          nullptr);
  GODWIT_CHECK(in.is_ok());
}

void apply(Door& door, const std::string& who, Operation operation) {
  GODWIT_CHECK(door.host.apply(door.id(who), std::move(operation)).is_ok());
}

Content words(const std::string& text) { return Content{ContentType::kText, text, {}}; }

void say(Door& door, const std::string& who, ChatType chat, const std::string& temp_id) {
  apply(door, who, SendMessage{temp_id, door.chat(chat), words("text of " + temp_id), {}, {}});
}

using Steps = std::vector<LifeStep>;

void add_accounts(Steps& steps) {
  steps.push_back({"invite", [](Door& door) { make_invite(door, "ABCDEFGH23456789"); }});
  steps.push_back({"ana registers", [](Door& door) { enrol(door, "ana", "ABCDEFGH23456789"); }});
  steps.push_back({"another invite", [](Door& door) { make_invite(door, "BBCDEFGH23456789"); }});
  steps.push_back({"ben registers", [](Door& door) { enrol(door, "ben", "BBCDEFGH23456789"); }});
  steps.push_back({"a third invite", [](Door& door) { make_invite(door, "CBCDEFGH23456789"); }});
  steps.push_back({"cyd registers", [](Door& door) { enrol(door, "cyd", "CBCDEFGH23456789"); }});
  steps.push_back({"ana signs in", [](Door& door) { sign_in(door, "ana"); }});
  steps.push_back({"ben signs in", [](Door& door) { sign_in(door, "ben"); }});
  steps.push_back(
      {"ben signs in, and the oldest session goes", [](Door& door) { sign_in(door, "ben"); }});
  steps.push_back({"a session is used", [](Door& door) {
                     const Identity bo = door.identity("ben");
                     write(door, [&](WriteContext& context) {
                       context.store.touch_session(bo.user_id, bo.session_id,
                                                   Timestamp{context.now.unix_ms + 5'000});
                     });
                   }});
  steps.push_back({"ana changes her password", [](Door& door) {
                     auto changed = door.accounts->change_password(
                         door.identity("ana"), kFirstPassword, kSecondPassword, nullptr);
                     GODWIT_CHECK(changed.is_ok());
                   }});
  steps.push_back({"ana changes her name", [](Door& door) {
                     const UserId ana = door.id("ana");
                     write(door, [&](WriteContext& context) {
                       context.store.set_display_name(ana, "Ana Anew");
                     });
                   }});
  steps.push_back(
      {"ben was last seen", [](Door& door) {
         const UserId bo = door.id("ben");
         write(door, [&](WriteContext& context) { context.store.set_last_seen(bo, context.now); });
       }});
}

void add_talk(Steps& steps) {
  steps.push_back({"a group", [](Door& door) {
                     std::vector<UserId> others{door.id("ben"), door.id("cyd")};
                     apply(door, "ana", CreateChat{"g", ChatType::kGroup, "Group", others});
                   }});
  steps.push_back({"a direct chat", [](Door& door) {
                     apply(door, "ana", CreateChat{"d", ChatType::kDirect, "", {door.id("ben")}});
                   }});
  steps.push_back({"a message", [](Door& door) { say(door, "ana", ChatType::kGroup, "m1"); }});
  steps.push_back({"another", [](Door& door) { say(door, "ben", ChatType::kGroup, "m2"); }});
  steps.push_back(
      {"in the direct chat", [](Door& door) { say(door, "ben", ChatType::kDirect, "m3"); }});
  steps.push_back(
      {"an edit", [](Door& door) {
         const Message old = door.message("m1");
         apply(door, "ana", EditMessage{"e1", old.chat_id, old.message_id, words("edited")});
       }});
  steps.push_back({"a reaction", [](Door& door) {
                     const Message old = door.message("m1");
                     apply(door, "ben", React{"r1", old.chat_id, old.message_id, "x", true});
                   }});
  steps.push_back({"a pin", [](Door& door) {
                     const Message old = door.message("m1");
                     apply(door, "ana", Pin{"p1", old.chat_id, old.message_id, true});
                   }});
  steps.push_back({"a deletion", [](Door& door) {
                     const Message old = door.message("m2");
                     apply(door, "ben", DeleteMessage{"x1", old.chat_id, old.message_id});
                   }});
  steps.push_back(
      {"a star", [](Door& door) {
         const Message old = door.message("m1");
         apply(door, "ben", SetPrivate{"s1", "star", old.chat_id, old.message_id, "true"});
       }});
  steps.push_back({"ben has read", [](Door& door) {
                     door.host.read(door.id("ben"), door.chat(ChatType::kGroup), Seq{2});
                   }});
}

void add_people(Steps& steps) {
  auto in_group = [](Door& door) { return door.chat(ChatType::kGroup); };
  steps.push_back(
      {"a role", [in_group](Door& door) {
         apply(door, "ana", ChangeRole{"o1", in_group(door), door.id("ben"), Role::kAdmin});
       }});
  steps.push_back({"a name", [in_group](Door& door) {
                     apply(door, "ana", ChangeChat{"n1", in_group(door), "Renamed", {}});
                   }});
  steps.push_back({"cyd is put out", [in_group](Door& door) {
                     apply(door, "ben", RemoveMember{"k1", in_group(door), door.id("cyd")});
                   }});
  steps.push_back({"ben blocks cyd", [](Door& door) {
                     const UserId bo = door.id("ben"), cy = door.id("cyd");
                     write(door,
                           [&](WriteContext& context) { context.store.set_blocked(bo, cy, true); });
                   }});
  steps.push_back(
      {"ben unblocks cyd", [](Door& door) {
         const UserId bo = door.id("ben"), cy = door.id("cyd");
         write(door, [&](WriteContext& context) { context.store.set_blocked(bo, cy, false); });
       }});
  steps.push_back({"a session ends", [](Door& door) {
                     const Identity bo = door.identity("ben");
                     (void)door.accounts->end_session(bo.user_id, bo.session_id);
                   }});
  steps.push_back({"cyd leaves for good", [](Door& door) {
                     GODWIT_CHECK(
                         door.accounts->delete_account(door.identity("cyd"), {}, nullptr).is_ok());
                   }});
}

// Every row of it, without ids, secrets and times.
constexpr const char* kTables[] = {
    "SELECT key FROM meta ORDER BY key",
    "SELECT username, username_folded, display_name, search, deleted_at IS NULL FROM users"
    " ORDER BY user_id",
    "SELECT username, client, kind, sessions.last_seen-sessions.created_at FROM sessions"
    " JOIN users USING (user_id) ORDER BY session_id",
    "SELECT username, head FROM user_heads JOIN users USING (user_id) ORDER BY user_id",
    "SELECT username FROM user_seen JOIN users USING (user_id) ORDER BY user_id",
    "SELECT used_by IS NULL, used_at IS NULL FROM invites ORDER BY code_hash",
    "SELECT a.username, b.username FROM blocks JOIN users a USING (user_id)"
    " JOIN users b ON b.user_id=blocked_id ORDER BY 1, 2",
    "SELECT type, name, settings, rev, head, direct_key IS NULL FROM chats ORDER BY chat_id",
    "SELECT type, members.user_id=(SELECT min(user_id) FROM users), role, members.rev, joined_seq"
    " FROM members JOIN chats USING (chat_id) ORDER BY chat_id, user_id",
    "SELECT type, seq, messages.rev, temp_id, content_type, length(content), forwarded,"
    " edited_at IS NULL, deleted, pinned, length(reactions) FROM messages"
    " JOIN chats USING (chat_id) ORDER BY chat_id, seq",
    "SELECT type, seq, kind, message_seq, temp_id, length(members) FROM events"
    " JOIN chats USING (chat_id) ORDER BY chat_id, seq",
    "SELECT temp_id, kind, seq, ref IS NULL FROM operations ORDER BY temp_id",
    "SELECT delivered, read FROM watermarks ORDER BY chat_id, user_id",
    "SELECT key, value, user_seq FROM private_items ORDER BY user_id, user_seq",
};

void add_passwords(SqliteConnection& connection, std::string& text) {
  auto hasher = PasswordHasher::make(life_config("").auth);
  GODWIT_CHECK(hasher.is_ok());
  SqliteStatement query(connection, "SELECT password FROM users ORDER BY user_id");
  query.start();
  while (query.step()) {
    const std::string stored = query.text(0);
    text += (*hasher)->verify(stored, kFirstPassword)    ? "the first\n"
            : (*hasher)->verify(stored, kSecondPassword) ? "the second\n"
            : stored.empty()                             ? "none\n"
                                                         : "unknown\n";
  }
}

}  // namespace

Door::Door(const std::string& folder) : host(life_config(folder)) {
  auto opened = Accounts::open(host.config.auth, *host.service, host.clock);
  GODWIT_CHECK(opened.is_ok());
  accounts = std::move(*opened);
}

Profile Door::user(const std::string& name) {
  auto reader = host.service->store().open_reader();
  auto row = (*reader)->user_by_name(name);
  GODWIT_CHECK(row.has_value());
  Profile profile;
  profile.user_id = row->user_id;
  return profile;
}

// The session that was used last.
Identity Door::identity(const std::string& name) {
  auto reader = host.service->store().open_reader();
  const UserId user_id = id(name);
  auto sessions = (*reader)->sessions(user_id);
  return Identity{user_id, sessions.empty() ? SessionId{} : sessions.back().session_id,
                  SessionKind::kApi};
}

ChatId Door::chat(ChatType type) {
  auto reader = host.service->store().open_reader();
  for (const ChatRow& row : (*reader)->chats_of(id("ana"))) {
    if (row.info.type == type) return row.chat_id;
  }
  GODWIT_CHECK(false);
  return {};
}

Message Door::message(const std::string& temp_id) {
  auto reader = host.service->store().open_reader();
  const ChatId group = chat(ChatType::kGroup);
  for (const Message& one : (*reader)->messages(group, Seq{1}, Seq{99}, 99, false)) {
    if (one.temp_id == temp_id) return one;
  }
  GODWIT_CHECK(false);
  return {};
}

StorageConfig life_storage(const std::string& folder) { return life_config(folder).storage; }

const std::vector<LifeStep>& server_life() {
  static const Steps steps = [] {
    Steps made;
    add_accounts(made);
    add_talk(made);
    add_people(made);
    return made;
  }();
  return steps;
}

std::string snapshot(const std::string& database) {
  auto connection = SqliteConnection::open(database, SqliteMode::kReadWriteCreate);
  if (!connection) return connection.error().detail;
  SqliteConnection& c = **connection;
  SqliteStatement check(c, "PRAGMA integrity_check");
  auto sound = check.start().one([](auto& row) { return row.text(0); });
  if (!sound || *sound != "ok") return "damaged";
  std::string text;
  for (const char* sql : kTables) {
    SqliteStatement query(c, sql);
    query.start();
    while (query.step()) {
      const int columns = query.columns();
      for (int i = 0; i < columns; ++i) text += query.text(i) + "|";
      text += "\n";
    }
    text += "--\n";
  }
  add_passwords(c, text);
  return c.failed() ? c.status().error().detail : text;
}

}  // namespace godwit::server
