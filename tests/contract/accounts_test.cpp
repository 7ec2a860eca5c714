// Accounts and sessions (AU).
#include "server/auth/accounts.h"

#include <catch2/catch.hpp>
#include <cctype>
#include <fstream>
#include <set>

#include "server/admin/demo.h"
#include "tests/contract/host.h"

namespace godwit::server {
namespace {

const Origin kHere{"192.0.2.1", "A Browser"};

struct Door {
  explicit Door(Config config = test_config("")) : host(std::move(config)) {
    auto opened = Accounts::open(host.config.auth, *host.service, host.clock);
    REQUIRE(opened.is_ok());
    accounts = std::move(*opened);
    accounts->on_session_ended([this](SessionId id, UserId) { ended.insert(id); });
  }
  Result<SignedIn> enrol(const std::string& name, const std::string& invite = "") {
    return accounts->register_and_wait(NewAccount{name, name + " X", "correct horse", invite},
                                       kHere, nullptr);
  }
  Result<SignedIn> sign_in(const std::string& name, const std::string& password) {
    return accounts->login_and_wait(Login{name, password, SessionKind::kApi}, kHere, nullptr);
  }
  Code code_of(const Result<SignedIn>& result) { return result ? Code::kOk : result.error().code; }
  Host host;
  std::set<SessionId> ended;
  std::unique_ptr<Accounts> accounts;
};

TEST_CASE(
    "[AU1] a wrong password and an unknown name are answered alike and cost one Argon2id each") {
  Door door;
  REQUIRE(door.enrol("ana").is_ok());
  const auto before = door.accounts->stats().argon_runs;
  const auto wrong = door.sign_in("ana", "wrong horse");
  CHECK(door.accounts->stats().argon_runs == before + 1);
  const auto unknown = door.sign_in("nobody", "wrong horse");
  CHECK(door.accounts->stats().argon_runs == before + 2);
  REQUIRE_FALSE(wrong.is_ok());
  REQUIRE_FALSE(unknown.is_ok());
  CHECK(wrong.error() == unknown.error());
  CHECK(wrong.error().code == Code::kUnauthenticated);
  CHECK(door.accounts->stats().logins_failed == 2);
}

TEST_CASE("[AU8] names fold: one name whatever the case, taken once") {
  Door door;
  REQUIRE(door.enrol("Ana").is_ok());
  CHECK(door.code_of(door.enrol("aNA")) == Code::kConflict);
  const auto in = door.sign_in("ANA", "correct horse");
  REQUIRE(in.is_ok());
  CHECK(in->user.username == "Ana");
  CHECK(door.code_of(door.enrol("x")) == Code::kInvalidContent);
  auto short_one =
      door.accounts->register_and_wait(NewAccount{"bob", "Bob", "short", ""}, kHere, nullptr);
  CHECK(door.code_of(short_one) == Code::kInvalidContent);
}

TEST_CASE("[AU2] a token is not in the database, and verifies there after the memory is gone") {
  Door door;
  const auto in = door.enrol("ana");
  CHECK(in->token.size() == 43);
  for (const char* name : {"godwit.db", "godwit.db-wal"}) {
    std::ifstream file(door.host.folder.file(name), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    CHECK_FALSE(bytes.empty());
    CHECK(bytes.find(in->token) == std::string::npos);
    CHECK(bytes.find("correct horse") == std::string::npos);
  }
  CHECK(door.accounts->verify(in->token)->user_id == in->user.user_id);
  auto fresh = Accounts::open(door.host.config.auth, *door.host.service, door.host.clock);
  CHECK((*fresh)->verify(in->token)->session_id == in->identity.session_id);
  CHECK((*fresh)->verify("made up").error().code == Code::kUnauthenticated);
  CHECK((*fresh)->verify("").error().code == Code::kUnauthenticated);
}

TEST_CASE("[AU2] with invites a person needs one, and each lets one in; closed lets nobody in") {
  Config config = test_config("");
  config.auth.registration = Registration::kInvite;
  Door door(config);
  CHECK(door.code_of(door.enrol("ana")) == Code::kForbidden);
  CHECK(door.code_of(door.enrol("ana", "MADEUPMADEUPMADE")) == Code::kForbidden);
  auto code = door.accounts->create_invite();
  REQUIRE(code.is_ok());
  CHECK(door.enrol("ana", *code).is_ok());
  CHECK(door.code_of(door.enrol("bob", *code)) == Code::kForbidden);
  auto spoken = door.accounts->create_invite();
  for (char& letter : *spoken) letter = static_cast<char>(std::tolower(letter));
  CHECK(door.enrol("cleo", *spoken).is_ok());  // typed as it was heard
  auto late = door.accounts->create_invite();
  door.host.clock.advance(config.auth.invite_ttl_ms);
  CHECK(door.code_of(door.enrol("bob", *late)) == Code::kForbidden);
  config.auth.registration = Registration::kClosed;
  Door closed(config);
  CHECK(closed.code_of(closed.enrol("ana")) == Code::kForbidden);
}

TEST_CASE("[AU3] a session that ended is refused at once, told, and gone from the list") {
  Door door;
  const auto first = door.enrol("ana");
  const auto second = door.sign_in("ana", "correct horse");
  REQUIRE(second.is_ok());
  CHECK(door.accounts->sessions(first->user.user_id)->size() == 2);
  CHECK(door.accounts->verify(second->token).is_ok());
  const SessionId gone = second->identity.session_id;
  CHECK(door.accounts->end_session(UserId{1}, gone).error().code == Code::kNotFound);
  REQUIRE(door.accounts->end_session(first->user.user_id, gone).is_ok());
  CHECK(door.accounts->verify(second->token).error().code == Code::kUnauthenticated);
  CHECK(door.ended == std::set<SessionId>{gone});
  CHECK_FALSE(door.accounts->is_live(gone));
  CHECK(door.accounts->is_live(first->identity.session_id));
  const auto left = door.accounts->sessions(first->user.user_id);
  REQUIRE(left->size() == 1);
  CHECK((*left)[0].client == "A Browser");
}

TEST_CASE("[AU3] a session unused too long ends by itself; a used one does not") {
  Door door;
  const auto ana = door.enrol("ana");
  const std::int64_t most = door.host.config.auth.session_idle_ms_max;
  door.host.clock.advance(most);
  REQUIRE(door.accounts->verify(ana->token).is_ok());
  door.host.clock.advance(most);
  REQUIRE(door.accounts->verify(ana->token).is_ok());
  door.host.clock.advance(most + 1);
  CHECK(door.accounts->verify(ana->token).error().code == Code::kUnauthenticated);
  CHECK(door.ended.count(ana->identity.session_id) == 1);
}

TEST_CASE("[AU3] beyond the number of sessions a person may have, the longest unused one ends") {
  Config config = test_config("");
  config.auth.sessions_per_user_max = 2;
  Door door(config);
  const auto first = door.enrol("ana");
  door.host.clock.advance(1'000);
  const auto second = door.sign_in("ana", "correct horse");
  door.host.clock.advance(1'000);
  const auto third = door.sign_in("ana", "correct horse");
  CHECK(door.accounts->verify(first->token).error().code == Code::kUnauthenticated);
  CHECK(door.accounts->verify(second->token).is_ok());
  CHECK(door.accounts->verify(third->token).is_ok());
}

TEST_CASE("[AU4] changing the password needs the old one and ends every other session") {
  Door door;
  const auto first = door.enrol("ana");
  const auto second = door.sign_in("ana", "correct horse");
  CHECK(door.accounts->change_password(first->identity, "wrong", "battery staple", nullptr)
            .error()
            .code == Code::kForbidden);
  REQUIRE(
      door.accounts->change_password(first->identity, "correct horse", "battery staple", nullptr)
          .is_ok());
  CHECK(door.accounts->verify(first->token).is_ok());
  CHECK(door.accounts->verify(second->token).error().code == Code::kUnauthenticated);
  CHECK(door.code_of(door.sign_in("ana", "correct horse")) == Code::kUnauthenticated);
  CHECK(door.sign_in("ana", "battery staple").is_ok());
}

TEST_CASE(
    "[AU5] tries are limited per name and per address, and the wait is told; no Argon2id then") {
  Config config = test_config("");
  config.auth.login_per_name = Rate{2, 0.1};
  config.auth.login_per_address = Rate{3, 0.1};
  Door door(config);
  REQUIRE(door.enrol("ana").is_ok());
  for (int i = 0; i < 2; ++i)
    CHECK(door.code_of(door.sign_in("ana", "no")) == Code::kUnauthenticated);
  const auto runs = door.accounts->stats().argon_runs;
  std::int64_t retry_after_ms = 0;
  auto limited = door.accounts->login_and_wait(Login{"ANA", "correct horse", SessionKind::kApi},
                                               Origin{"198.51.100.7", ""}, &retry_after_ms);
  CHECK(door.code_of(limited) == Code::kRateLimited);
  CHECK(retry_after_ms == 10'000);
  CHECK(door.accounts->stats().argon_runs == runs);
  CHECK(door.code_of(door.sign_in("other", "no")) == Code::kUnauthenticated);
  CHECK(door.code_of(door.sign_in("third", "no")) == Code::kRateLimited);
  door.host.clock.advance(20'000);
  CHECK(door.sign_in("ana", "correct horse").is_ok());
}

TEST_CASE(
    "[AU6] a deleted account leaves its groups, ends its sessions, frees its name, keeps its id") {
  Door door;
  const auto ana = door.enrol("ana");
  const auto bo = door.enrol("bob");
  const UserId ana_id = ana->user.user_id, bo_id = bo->user.user_id;
  const ChatId direct = door.host.direct(ana_id, bo_id);
  const ChatId group = door.host.group(ana_id, {bo_id});
  door.host.say(ana_id, direct, "farewell");
  CHECK(door.accounts->delete_account(ana->identity, "wrong", nullptr).error().code ==
        Code::kForbidden);
  REQUIRE(door.accounts->delete_account(ana->identity, "correct horse", nullptr).is_ok());
  CHECK(door.accounts->verify(ana->token).error().code == Code::kUnauthenticated);
  CHECK(door.ended.count(ana->identity.session_id) == 1);
  const ChatState left = door.host.state(bo_id, group);
  REQUIRE(left.members.size() == 1);
  CHECK(left.members[0].role == Role::kOwner);
  CHECK(door.host.history(bo_id, direct).page.messages.back().content->text == "farewell");
  CHECK(door.host.say(bo_id, direct, "hello?").code == Code::kForbidden);
  auto profile = door.host.service->reads().ask<Profile>(
      [&](Queries& queries) { return queries.profile(bo_id, ana_id); });
  CHECK(profile->deleted);
  CHECK(profile->username.empty());
  CHECK(door.enrol("ana").is_ok());
}

TEST_CASE("[AU13] the demo seeds three people once, who can sign in and have something to read") {
  Door door;
  auto people = seed_demo(*door.host.service, *door.accounts);
  REQUIRE(people.is_ok());
  REQUIRE(people->size() == 3);
  const auto ana = door.sign_in((*people)[0].username, (*people)[0].password);
  REQUIRE(ana.is_ok());
  auto chats = door.host.service->reads().ask<ChatListPage>(
      [&](Queries& queries) { return queries.chat_list(ana->user.user_id, "", 10); });
  REQUIRE(chats->chats.size() == 3);
  CHECK(chats->chats[0].unread == 2);
  auto again = seed_demo(*door.host.service, *door.accounts);
  CHECK(again->size() == 3);
  auto same = door.host.service->reads().ask<ChatListPage>(
      [&](Queries& queries) { return queries.chat_list(ana->user.user_id, "", 10); });
  CHECK(same->chats[0].head == chats->chats[0].head);
  Door other;
  REQUIRE(other.enrol("somebody").is_ok());
  CHECK(seed_demo(*other.host.service, *other.accounts)->empty());
}

}  // namespace
}  // namespace godwit::server
