// The writer: idempotency, gapless logs, what the sink hears, watermarks, private items.
#include <catch2/catch.hpp>
#include <set>

#include "tests/contract/host.h"

namespace godwit::server {
namespace {

TEST_CASE("[OR1] messages in flight together get every seq once, in the order submitted") {
  Host host;
  const UserId ana = host.person("ana"), bo = host.person("bo");
  const ChatId chat = host.direct(ana, bo);
  const auto outcomes = host.say_many(ana, chat, 500, "m");
  Seq expected{2};
  std::set<MessageId> ids;
  for (const Outcome& outcome : outcomes) {
    REQUIRE(outcome.is_ok());
    CHECK(outcome.seq == expected);
    CHECK(outcome.rev == expected);
    ids.insert(outcome.message_id);
    expected = expected.next();
  }
  CHECK(ids.size() == 500);
  CHECK(host.state(bo, chat).head == Seq{501});
  CHECK(host.service->stats().batches < 500);
}

TEST_CASE(
    "[DD2] a repeated tempId is acked with what was stored first: from memory, and after a restart "
    "from the database") {
  Host host;
  const UserId ana = host.person("ana"), bo = host.person("bo");
  const ChatId chat = host.direct(ana, bo);
  const Outcome first = host.say(ana, chat, "once", "t-1");
  for (bool restarted : {false, true}) {
    if (restarted) host.restart();
    const Outcome again = host.say(ana, chat, "once", "t-1");
    REQUIRE(again.is_ok());
    CHECK(again.duplicate);
    CHECK(again.message_id == first.message_id);
    CHECK(again.seq == first.seq);
    CHECK(again.rev == first.rev);
    CHECK(again.timestamp == first.timestamp);
  }
  CHECK(host.state(bo, chat).head == Seq{2});
  const Outcome other = host.say(bo, chat, "mine", "t-1");
  CHECK_FALSE(other.duplicate);
  CHECK(host.sink.told().events.size() == 3);
}

TEST_CASE(
    "[DD3] the same tempId with another type of operation is a conflict, in memory and from the "
    "database") {
  Host host;
  const UserId ana = host.person("ana"), bo = host.person("bo");
  const ChatId chat = host.direct(ana, bo);
  const Outcome sent = host.say(ana, chat, "once", "t-1");
  for (bool restarted : {false, true}) {
    if (restarted) host.restart();
    CHECK(host.apply(ana, DeleteMessage{"t-1", chat, sent.message_id}).code == Code::kConflict);
  }
}

TEST_CASE(
    "[DD1] a repeat is acked although its author has left, and although it would now be refused") {
  Host host;
  const UserId ana = host.person("ana"), bo = host.person("bo");
  const ChatId chat = host.group(ana, {bo});
  const Outcome sent = host.say(bo, chat, "bye", "t-1");
  REQUIRE(host.apply(bo, RemoveMember{"t-2", chat, bo}).is_ok());
  host.restart();
  const Outcome again = host.say(bo, chat, "bye", "t-1");
  CHECK(again.duplicate);
  CHECK(again.seq == sent.seq);
  CHECK(host.say(bo, chat, "again?", "t-3").code == Code::kNotFound);
}

TEST_CASE("[DD4] a refusal is not remembered") {
  Host host;
  const UserId ana = host.person("ana"), bo = host.person("bo");
  const ChatId chat = host.direct(ana, bo);
  REQUIRE(host.service->set_blocked(bo, ana, true).is_ok());
  CHECK(host.say(ana, chat, "hi", "t-1").code == Code::kForbidden);
  REQUIRE(host.service->set_blocked(bo, ana, false).is_ok());
  const Outcome sent = host.say(ana, chat, "hi", "t-1");
  CHECK(sent.is_ok());
  CHECK_FALSE(sent.duplicate);
}

TEST_CASE("[DD5] what changes nothing stores nothing: no event, the same head, the present rev") {
  Host host;
  const UserId ana = host.person("ana"), bo = host.person("bo");
  const ChatId chat = host.direct(ana, bo);
  const Outcome sent = host.say(ana, chat, "hi");
  REQUIRE(host.apply(bo, React{"r1", chat, sent.message_id, "👍", true}).is_ok());
  const auto before = host.sink.told().events.size();
  const Outcome same = host.apply(bo, React{"r2", chat, sent.message_id, "👍", true});
  CHECK(same.is_ok());
  CHECK_FALSE(same.seq.has_value());
  CHECK(same.rev == Seq{3});
  CHECK(host.sink.told().events.size() == before);
  CHECK(host.state(ana, chat).head == Seq{3});
}

TEST_CASE("[OR5] the sink hears of events in the order of seq, with everyone who must know") {
  Host host;
  const UserId ana = host.person("ana"), bo = host.person("bo"), cy = host.person("cy");
  const ChatId chat = host.group(ana, {bo, cy});
  host.say_many(ana, chat, 50, "m");
  REQUIRE(host.apply(ana, RemoveMember{"", chat, cy}).is_ok());
  host.say(ana, chat, "without cy");
  const Told told = host.sink.told();
  Seq expected{1};
  for (const auto& [event, audience] : told.events) {
    CHECK(event.seq == expected);
    expected = expected.next();
  }
  CHECK(told.events.front().second->size() == 3);
  CHECK(told.events[told.events.size() - 2].second->size() == 3);
  CHECK(*told.events.back().second == std::vector<UserId>{ana, bo});
  CHECK(told.events[1].first.temp_id == "m0");
  CHECK(without_temp_ids(told.events[1].first).message.temp_id.empty());
  CHECK(host.service->cached_roster(chat)->members.size() == 2);
}

TEST_CASE("[RC1] watermarks only grow, never pass the head, and read raises delivered") {
  Host host;
  const UserId ana = host.person("ana"), bo = host.person("bo");
  const ChatId chat = host.direct(ana, bo);
  host.say_many(ana, chat, 9, "m");
  host.read(bo, chat, Seq{5});
  CHECK(host.state(ana, chat).receipts.read[bo] == Seq{5});
  CHECK(host.state(ana, chat).receipts.delivered[bo] == Seq{5});
  host.read(bo, chat, Seq{3});
  CHECK(host.state(ana, chat).receipts.read[bo] == Seq{5});
  host.read(bo, chat, Seq{900});
  CHECK(host.state(ana, chat).receipts.read[bo] == Seq{10});
  CHECK(host.sink.told().marks.size() == 2);
  CHECK(host.state(bo, chat).unread == 0);
  CHECK(host.service->mark_and_wait(UserId{1}, MarkPosition{chat, Seq{1}, true}).error().code ==
        Code::kNotFound);
}

TEST_CASE(
    "[RC4] a chat's first mark is written at once, the next ones gathered; one's own reads show "
    "them at once") {
  Host host;
  const UserId ana = host.person("ana"), bo = host.person("bo");
  const ChatId chat = host.direct(ana, bo);
  host.say_many(ana, chat, 9, "m");
  for (std::uint64_t seq = 2; seq <= 10; ++seq) {
    host.service->mark(bo, MarkPosition{chat, Seq{seq}, true});
  }
  CHECK(host.state(bo, chat).unread == 0);
  CHECK(host.state(bo, chat).receipts.read[bo] == Seq{10});
  CHECK(host.sink.told().marks.size() <= 3);
}

TEST_CASE(
    "[RC5] unread leaves out one's own, system lines, deleted and hidden ones, and what was before "
    "joining") {
  Host host;
  const UserId ana = host.person("ana"), bo = host.person("bo"), cy = host.person("cy");
  const ChatId chat = host.group(ana, {bo});
  const auto sent = host.say_many(ana, chat, 5, "m");
  host.say(bo, chat, "mine");
  CHECK(host.state(bo, chat).unread == 5);
  REQUIRE(host.apply(ana, DeleteMessage{"", chat, sent[0].message_id}).is_ok());
  REQUIRE(host.apply(bo, SetPrivate{"", "hidden", chat, sent[1].message_id, "true"}).is_ok());
  CHECK(host.state(bo, chat).unread == 3);
  REQUIRE(host.apply(ana, AddMember{"", chat, cy}).is_ok());
  CHECK(host.state(cy, chat).unread == 0);
  host.say(ana, chat, "hi cy");
  CHECK(host.state(cy, chat).unread == 1);
  CHECK(host.state(bo, chat).unread == 4);
}

TEST_CASE("[PV1] private items: a gapless userSeq, the newest value, to their owner only") {
  Host host;
  const UserId ana = host.person("ana"), bo = host.person("bo");
  const ChatId chat = host.direct(ana, bo);
  CHECK(host.apply(ana, SetPrivate{"s1", "draft", chat, {}, R"("a")"}).user_seq == UserSeq{1});
  CHECK(host.apply(ana, SetPrivate{"s2", "mute", chat, {}, "true"}).user_seq == UserSeq{2});
  CHECK(host.apply(ana, SetPrivate{"s3", "draft", chat, {}, "null"}).user_seq == UserSeq{3});
  const Outcome again = host.apply(ana, SetPrivate{"s1", "draft", chat, {}, R"("a")"});
  CHECK(again.duplicate);
  CHECK(again.user_seq == UserSeq{1});
  CHECK(host.apply(ana, SetPrivate{"", "setting.theme", {}, {}, R"("dark")"}).user_seq ==
        UserSeq{4});
  SyncRequest request;
  request.user = UserSeq{1};
  const auto users = parts_of<SyncUser>(host.sync(ana, request));
  REQUIRE(users.size() == 1);
  CHECK(users[0].to == UserSeq{4});
  REQUIRE(users[0].items.size() == 3);
  CHECK(users[0].items[1].value == "null");
  for (const auto& [owner, item] : host.sink.told().items) CHECK(owner == ana);
  CHECK(parts_of<SyncUser>(host.sync(bo, request))[0].items.empty());
}

TEST_CASE("[RO5] a direct chat is made once, whoever asks; with a stranger's id it is not_found") {
  Host host;
  const UserId ana = host.person("ana"), bo = host.person("bo");
  const ChatId chat = host.direct(ana, bo);
  const Outcome again = host.apply(bo, CreateChat{"c1", ChatType::kDirect, "", {ana}});
  CHECK(again.existing);
  CHECK(again.chat_id == chat);
  CHECK(host.apply(ana, CreateChat{"", ChatType::kDirect, "", {UserId{1}}}).code ==
        Code::kNotFound);
  CHECK(host.apply(ana, CreateChat{"", ChatType::kDirect, "", {ana}}).code ==
        Code::kInvalidContent);
}

TEST_CASE("[RO5] whoever is blocked can neither write nor open a chat; the other can") {
  Host host;
  const UserId ana = host.person("ana"), bo = host.person("bo"), cy = host.person("cy");
  const ChatId chat = host.direct(ana, bo);
  REQUIRE(host.say(ana, chat, "hi").is_ok());
  REQUIRE(host.service->set_blocked(bo, ana, true).is_ok());
  REQUIRE(host.service->set_blocked(cy, ana, true).is_ok());
  CHECK(host.say(ana, chat, "hi").code == Code::kForbidden);
  CHECK(host.say(bo, chat, "hi").is_ok());
  CHECK(host.apply(ana, CreateChat{"", ChatType::kDirect, "", {cy}}).code == Code::kForbidden);
  CHECK(host.service->set_blocked(bo, bo, true).error().code == Code::kInvalidContent);
}

TEST_CASE("[DD1] making a group is idempotent too, and a tempId counts per chat and per sender") {
  Host host;
  const UserId ana = host.person("ana"), bo = host.person("bo");
  const CreateChat create{"c1", ChatType::kGroup, "Birds", {bo}};
  const Outcome made = host.apply(ana, create);
  const Outcome again = host.apply(ana, create);
  CHECK(again.duplicate);
  CHECK(again.chat_id == made.chat_id);
  CHECK_FALSE(host.say(ana, made.chat_id, "same name, other place", "c1").duplicate);
}

TEST_CASE(
    "[WI23] ids allotted after a restart are above those before, although the clock went back") {
  Host host;
  const UserId ana = host.person("ana"), bo = host.person("bo");
  const ChatId chat = host.direct(ana, bo);
  const Outcome before = host.say(ana, chat, "one");
  host.clock.advance(-3'600'000);
  host.restart();
  CHECK(host.say(ana, chat, "two").message_id > before.message_id);
}

}  // namespace
}  // namespace godwit::server
