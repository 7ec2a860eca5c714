// What is told and not kept: receipts, typing, presence.
#include <catch2/catch.hpp>

#include "tests/gateway/world.h"

namespace godwit::server {
namespace {

std::vector<PresenceFrame> presence_of(const FakeClient& client, UserId user_id) {
  std::vector<PresenceFrame> found;
  for (const PresenceFrame& frame : client.all<PresenceFrame>()) {
    if (frame.user_id == user_id) found.push_back(frame);
  }
  return found;
}

RosterPtr roster_of(std::vector<UserId> people) {
  std::vector<RosterMember> members;
  for (UserId user_id : people) members.push_back({user_id, Role::kMember, Seq{1}, Seq{1}});
  return make_roster(ChatType::kGroup, std::move(members), Seq{1});
}

}  // namespace

TEST_CASE("[RC20] [RC1] a read mark comes to the other members and to one's own connections") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  ChatId chat = world.direct(ann, bob);
  FakeClient& phone = world.enter(bob);
  FakeClient& desk = world.enter(bob);
  FakeClient& other = world.enter(ann);
  phone.say(MarkPosition{chat, Seq{500}, true});  // beyond the head: counts as the head
  auto told = [&](const FakeClient& client) {
    for (const ReceiptsFrame& frame : client.all<ReceiptsFrame>()) {
      auto read = frame.receipts.read.find(bob);
      auto delivered = frame.receipts.delivered.find(bob);
      if (read != frame.receipts.read.end() && read->second == Seq{1} &&
          delivered != frame.receipts.delivered.end() && delivered->second == Seq{1}) {
        return true;
      }
    }
    return false;
  };
  REQUIRE(world.until([&] { return told(other); }));
  CHECK(told(desk));
  CHECK(told(phone));
}

TEST_CASE("[RC4] the first receipts go out at once, the next gathered, one frame in 500 ms") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  FakeClient& client = world.enter(ann);
  const ChatId chat{7'000};
  RosterPtr roster = roster_of({ann, bob});
  auto mark = [&](UserId user_id, std::uint64_t seq) {
    world.gateway->sink().on_receipts(chat, user_id, Seq{seq}, Seq{seq}, roster);
    world.gateway->sink().on_batch_end();
    world.executor.run_posted();
  };
  mark(bob, 1);
  CHECK(client.all<ReceiptsFrame>().size() == 1);
  mark(bob, 2);
  mark(ann, 2);
  mark(bob, 3);
  CHECK(client.all<ReceiptsFrame>().size() == 1);
  world.executor.advance(499);
  CHECK(client.all<ReceiptsFrame>().size() == 1);
  world.executor.advance(1);
  REQUIRE(client.all<ReceiptsFrame>().size() == 2);
  Receipts gathered = client.all<ReceiptsFrame>()[1].receipts;
  CHECK(gathered.read == std::map<UserId, Seq>{{ann, Seq{2}}, {bob, Seq{3}}});
  world.executor.advance(2'000);
  CHECK(client.all<ReceiptsFrame>().size() == 2);
  mark(bob, 4);
  CHECK(client.all<ReceiptsFrame>().size() == 3);
}

TEST_CASE("[RC4] in a chat of over 32 receipts are gathered for 5 s") {
  World world;
  UserId ann = world.person("ann");
  FakeClient& client = world.enter(ann);
  std::vector<UserId> people{ann};
  for (std::uint64_t i = 1; i <= 32; ++i) people.push_back(UserId{i});
  RosterPtr roster = roster_of(people);
  for (std::uint64_t seq = 1; seq <= 3; ++seq) {
    world.gateway->sink().on_receipts(ChatId{7'000}, UserId{1}, Seq{seq}, Seq{}, roster);
    world.gateway->sink().on_batch_end();
    world.executor.run_posted();
  }
  world.executor.advance(4'999);
  CHECK(client.all<ReceiptsFrame>().size() == 1);
  world.executor.advance(1);
  CHECK(client.all<ReceiptsFrame>().size() == 2);
}

TEST_CASE(
    "[LV1] typing goes to the other members alone; a repeat is dropped; leaving is stopping") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  UserId eve = world.person("eve");
  ChatId chat = world.direct(ann, bob);
  FakeClient& typist = world.enter(ann);
  FakeClient& own = world.enter(ann);
  FakeClient& other = world.enter(bob);
  FakeClient& foreign = world.enter(eve);
  typist.say(Typing{chat, true});
  typist.say(Typing{chat, true});
  foreign.say(Typing{chat, true});
  world.settle();
  REQUIRE(other.all<TypingFrame>().size() == 1);
  CHECK(other.all<TypingFrame>()[0] == TypingFrame{chat, ann, true});
  CHECK(own.all<TypingFrame>().empty());
  CHECK(typist.all<TypingFrame>().empty());
  world.executor.advance(kTypingEveryMs);
  typist.say(Typing{chat, true});
  world.settle();
  CHECK(other.all<TypingFrame>().size() == 2);
  typist.vanish();
  world.settle();
  REQUIRE(other.all<TypingFrame>().size() == 3);
  CHECK_FALSE(other.all<TypingFrame>()[2].is_typing);
}

TEST_CASE("[LV2] presence comes after the welcome and on change, to people who share a chat") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  UserId eve = world.person("eve");
  world.direct(ann, bob);
  FakeClient& watcher = world.enter(ann);
  FakeClient& stranger = world.enter(eve);
  REQUIRE(presence_of(watcher, bob).size() == 1);
  CHECK(presence_of(watcher, bob)[0].status == Presence::kOffline);
  FakeClient& phone = world.enter(bob);
  CHECK(presence_of(watcher, bob).back().status == Presence::kOnline);
  CHECK(presence_of(phone, ann).at(0).status == Presence::kOnline);
  FakeClient& desk = world.enter(bob);
  phone.say(SetPresence{Presence::kAway});
  world.executor.advance(kPresenceEveryMs);
  CHECK(presence_of(watcher, bob).size() == 2);  // the desk is still there
  desk.say(SetPresence{Presence::kAway});
  world.executor.advance(kPresenceEveryMs);
  CHECK(presence_of(watcher, bob).back().status == Presence::kAway);
  CHECK(stranger.all<PresenceFrame>().empty());
}

TEST_CASE("[LV3] offline comes a second after the last connection is gone; a reload is silent") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  world.direct(ann, bob);
  FakeClient& watcher = world.enter(ann);
  FakeClient& before = world.enter(bob);
  watcher.forget();
  before.vanish();
  world.executor.advance(kOfflineGraceMs - 1);
  FakeClient& after = world.enter(bob);
  world.executor.advance(10'000);
  CHECK(watcher.all<PresenceFrame>().empty());
  after.vanish();
  world.executor.advance(kOfflineGraceMs);
  REQUIRE(watcher.all<PresenceFrame>().size() == 1);
  CHECK(watcher.all<PresenceFrame>()[0].status == Presence::kOffline);
  CHECK(watcher.all<PresenceFrame>()[0].last_seen);
}

TEST_CASE("[LV2] people who come to share a chat learn of each other; a block hides both") {
  World world;
  UserId ann = world.person("ann");
  UserId bob = world.person("bob");
  FakeClient& one = world.enter(ann);
  FakeClient& two = world.enter(bob);
  CHECK(presence_of(one, bob).empty());
  ChatId chat = world.direct(ann, bob);
  world.settle();
  REQUIRE(presence_of(one, bob).size() == 1);
  CHECK(presence_of(one, bob)[0].status == Presence::kOnline);
  CHECK(presence_of(two, ann).back().status == Presence::kOnline);
  REQUIRE(world.service->set_blocked(ann, bob, true));
  world.gateway->people_changed(ann);
  world.settle();
  CHECK(presence_of(two, ann).back().status == Presence::kOffline);
  CHECK(presence_of(one, bob).back().status == Presence::kOffline);
  one.say(Typing{chat, true});
  world.settle();
  CHECK(two.all<TypingFrame>().empty());
}

}  // namespace godwit::server
