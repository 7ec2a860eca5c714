// What is read: pages of history, lists, sync, people.
#include <catch2/catch.hpp>
#include <set>

#include "server/app/sync_answer.h"
#include "shared/base/hash.h"
#include "shared/protocol/codec.h"
#include "tests/contract/host.h"

namespace godwit::server {
namespace {

struct TwoPeople : Host {
  UserId ana = person("ana");
  UserId bo = person("bo");
  ChatId chat = direct(ana, bo);
};

HistoryQuery before(Seq seq, std::size_t limit) {
  HistoryQuery query;
  query.before = seq;
  query.limit = limit;
  return query;
}

HistoryQuery after(Seq seq, std::size_t limit) {
  HistoryQuery query;
  query.after = seq;
  query.limit = limit;
  return query;
}

TEST_CASE("[ST25] pages laid end to end give the whole history once, both ways") {
  TwoPeople host;
  const auto sent = host.say_many(host.ana, host.chat, 120, "m");
  REQUIRE(host.apply(host.ana, DeleteMessage{"", host.chat, sent[7].message_id}).is_ok());
  std::set<Seq> backwards;
  HistoryPage page = host.history(host.bo, host.chat);
  CHECK(page.page.messages.size() == 50);
  CHECK(page.page.to == Seq{122});
  CHECK_FALSE(page.page.has_after);
  while (true) {
    for (const Message& message : page.page.messages) CHECK(backwards.insert(message.seq).second);
    if (!*page.has_more) break;
    page = host.history(host.bo, host.chat, before(*page.next_cursor, 33));
    CHECK(page.page.has_after);
  }
  CHECK(page.page.from == Seq{1});
  CHECK(backwards.size() == 121);
  std::set<Seq> forwards;
  page = host.history(host.bo, host.chat, after(Seq{0}, 50));
  while (true) {
    for (const Message& message : page.page.messages) CHECK(forwards.insert(message.seq).second);
    if (!*page.has_more) break;
    page = host.history(host.bo, host.chat, after(*page.next_cursor, 50));
  }
  CHECK(page.page.to == Seq{122});
  CHECK(forwards == backwards);
}

TEST_CASE(
    "[SY50] around a message and around a time; at most one form; unknown ones are not_found") {
  TwoPeople host;
  std::vector<Outcome> sent;
  for (int i = 0; i < 40; ++i) {
    host.clock.advance(1'000);
    sent.push_back(host.say(host.ana, host.chat, "m" + std::to_string(i)));
  }
  HistoryQuery query;
  query.limit = 10;
  query.around_id = sent[20].message_id;
  const Page around = host.history(host.bo, host.chat, query).page;
  CHECK(around.messages.size() == 10);
  CHECK(around.from == Seq{sent[20].seq->value - 5});
  CHECK(around.has_before);
  CHECK(around.has_after);
  query.around_id = {};
  query.around_time = sent[20].timestamp;
  CHECK(host.history(host.bo, host.chat, query).page.messages == around.messages);
  query.before = Seq{5};
  auto both = host.service->reads().ask<HistoryPage>(
      [&](Queries& queries) { return queries.history(host.bo, host.chat, query); });
  CHECK(both.error().code == Code::kInvalidContent);
  HistoryQuery unknown;
  unknown.around_id = MessageId{1};
  auto none = host.service->reads().ask<HistoryPage>(
      [&](Queries& queries) { return queries.history(host.bo, host.chat, unknown); });
  CHECK(none.error().code == Code::kNotFound);
}

TEST_CASE("[SY51] changedSince brings only what has a higher rev in the page's range") {
  TwoPeople host;
  const auto sent = host.say_many(host.ana, host.chat, 20, "m");
  const Seq as_of = host.history(host.bo, host.chat).page.as_of;
  EditMessage edit{"", host.chat, sent[3].message_id, Content{ContentType::kText, "new", {}}};
  REQUIRE(host.apply(host.ana, edit).is_ok());
  REQUIRE(host.apply(host.bo, Pin{"", host.chat, sent[9].message_id, true}).is_ok());
  host.say(host.ana, host.chat, "later");
  HistoryQuery query = after(Seq{0}, 100);
  query.changed_since = as_of;
  const Page page = host.history(host.bo, host.chat, query).page;
  REQUIRE(page.messages.size() == 3);
  CHECK(page.messages[0].content->text == "new");
  CHECK(page.messages[1].pinned);
  CHECK(page.messages[2].content->text == "later");
  CHECK(page.from == Seq{1});
  CHECK(page.to == page.as_of);
}

TEST_CASE("[RO1] what is not the viewer's looks as if it did not exist") {
  TwoPeople host;
  const UserId cy = host.person("cy");
  const Outcome sent = host.say(host.ana, host.chat, "hi");
  auto asks = [&](auto question) {
    return host.service->reads().ask<bool>([&](Queries& queries) -> Result<bool> {
      auto answer = question(queries);
      if (!answer) return answer.error();
      return true;
    });
  };
  CHECK(asks([&](Queries& q) { return q.chat_state(cy, host.chat); }).error().code ==
        Code::kNotFound);
  CHECK(asks([&](Queries& q) { return q.history(cy, host.chat, {}); }).error().code ==
        Code::kNotFound);
  CHECK(asks([&](Queries& q) { return q.message(cy, host.chat, sent.message_id); }).error().code ==
        Code::kNotFound);
  CHECK(asks([&](Queries& q) { return q.message(host.bo, host.chat, sent.message_id); }).is_ok());
}

TEST_CASE("[OR41] tempId is shown to the sender only") {
  TwoPeople host;
  host.say(host.ana, host.chat, "hi", "t-1");
  CHECK(host.history(host.ana, host.chat).page.messages.back().temp_id == "t-1");
  CHECK(host.history(host.bo, host.chat).page.messages.back().temp_id.empty());
  SyncRequest request;
  request.chats[host.chat] = Seq{0};
  CHECK(parts_of<SyncEvents>(host.sync(host.ana, request))[0].events.back().temp_id == "t-1");
  CHECK(parts_of<SyncEvents>(host.sync(host.bo, request))[0].events.back().temp_id.empty());
}

TEST_CASE("[SY54] the chat list: most recent first, by cursor, each chat once") {
  Host host;
  const UserId ana = host.person("ana");
  std::vector<ChatId> chats;
  for (int i = 0; i < 7; ++i) {
    host.clock.advance(1'000);
    chats.push_back(host.direct(ana, host.person("p" + std::to_string(i))));
  }
  host.clock.advance(1'000);
  host.say(ana, chats[2], "newest");
  std::vector<ChatId> listed;
  std::string cursor;
  do {
    auto page = host.service->reads().ask<ChatListPage>(
        [&](Queries& queries) { return queries.chat_list(ana, cursor, 3); });
    REQUIRE(page.is_ok());
    for (const ChatState& chat : page->chats) listed.push_back(chat.chat_id);
    cursor = page->next_cursor;
  } while (!cursor.empty());
  CHECK(listed ==
        std::vector<ChatId>{chats[2], chats[6], chats[5], chats[4], chats[3], chats[1], chats[0]});
  auto bad = host.service->reads().ask<ChatListPage>(
      [&](Queries& queries) { return queries.chat_list(ana, "nonsense", 3); });
  CHECK(bad.error().code == Code::kInvalidContent);
}

TEST_CASE("[SY2] a named chat is answered by its events, each with the state as it stands now") {
  TwoPeople host;
  const Outcome sent = host.say(host.ana, host.chat, "secret");
  EditMessage edit{"e1", host.chat, sent.message_id, Content{ContentType::kText, "edited", {}}};
  REQUIRE(host.apply(host.ana, edit).is_ok());
  REQUIRE(host.apply(host.ana, DeleteMessage{"d1", host.chat, sent.message_id}).is_ok());
  host.read(host.bo, host.chat, Seq{2});
  SyncRequest request;
  request.chats[host.chat] = Seq{0};
  const auto answer = host.sync(host.bo, request);
  REQUIRE(answer.size() == 1);
  CHECK(answer[0].done);
  const auto events = parts_of<SyncEvents>(answer)[0];
  CHECK(events.from == Seq{0});
  CHECK(events.to == Seq{4});
  REQUIRE(events.events.size() == 4);
  CHECK(events.events[0].kind == EventKind::kChat);
  CHECK(events.events[0].members.size() == 2);
  CHECK(events.events[0].members[0].display_name == "ana Person");
  for (std::size_t i = 1; i < 4; ++i) {
    CHECK(events.events[i].seq == Seq{i + 1});
    CHECK(events.events[i].message.deleted);
    CHECK_FALSE(events.events[i].message.content.has_value());
    CHECK(events.events[i].message.rev == Seq{4});
  }
  CHECK(events.receipts.read.at(host.bo) == Seq{2});
}

TEST_CASE("[SY2] over 500 behind is a reset with state and page; removed for who is no member") {
  TwoPeople host;
  host.say_many(host.ana, host.chat, 501, "m");
  SyncRequest request;
  request.chats[host.chat] = Seq{1};
  request.chats[ChatId{5}] = Seq{3};
  const auto answer = host.sync(host.bo, request);
  const auto resets = parts_of<SyncChat>(answer);
  REQUIRE(resets.size() == 1);
  CHECK(resets[0].reset);
  CHECK(resets[0].state.unread == 501);
  REQUIRE(resets[0].page.has_value());
  CHECK(resets[0].page->messages.size() == 50);
  CHECK(resets[0].page->has_before);
  CHECK(parts_of<SyncRemoved>(answer)[0].chat_id == ChatId{5});
}

TEST_CASE("[SY2] a membership that was broken is a reset") {
  Host host;
  const UserId ana = host.person("ana"), bo = host.person("bo");
  const ChatId chat = host.group(ana, {bo});
  REQUIRE(host.apply(ana, RemoveMember{"", chat, bo}).is_ok());
  host.say(ana, chat, "not for bo");
  SyncRequest request;
  request.chats[chat] = Seq{1};
  CHECK(parts_of<SyncRemoved>(host.sync(bo, request)).size() == 1);
  REQUIRE(host.apply(ana, AddMember{"", chat, bo}).is_ok());
  CHECK(parts_of<SyncChat>(host.sync(bo, request)).at(0).reset);
}

TEST_CASE(
    "[SY3] rest brings every chat not named, the 20 most recent with a page; [EP2] so does a "
    "foreign epoch") {
  Host host;
  const UserId ana = host.person("ana");
  std::vector<ChatId> chats;
  for (int i = 0; i < 23; ++i) {
    host.clock.advance(1'000);
    chats.push_back(host.direct(ana, host.person("p" + std::to_string(i))));
  }
  SyncRequest request;
  request.chats[chats[5]] = Seq{1};
  request.rest = true;
  auto answer = host.sync(ana, request);
  auto states = parts_of<SyncChat>(answer);
  REQUIRE(states.size() == 22);
  CHECK(states[0].state.chat_id == chats[22]);
  CHECK(states[19].page.has_value());
  CHECK_FALSE(states[20].page.has_value());
  CHECK_FALSE(states[0].reset);
  CHECK(answer.back().done);
  request.rest = false;
  answer = host.sync(ana, request, false);
  CHECK(parts_of<SyncChat>(answer).size() == 23);
  CHECK(parts_of<SyncEvents>(answer).empty());
}

TEST_CASE("[SY5] a block whose sum differs is answered with its messages; an equal one is not") {
  TwoPeople host;
  host.say_many(host.ana, host.chat, 300, "m");
  BlockSums sums;
  for (const Message& message :
       host.history(host.bo, host.chat, after(Seq{0}, 100)).page.messages) {
    sums[0] += block_hash(message.message_id.value, message.rev.value);
  }
  for (std::uint64_t from : {100u, 200u, 300u}) {
    for (const Message& m : host.history(host.bo, host.chat, after(Seq{from}, 100)).page.messages) {
      sums[m.seq.value / 256] += block_hash(m.message_id.value, m.rev.value);
    }
  }
  SyncRequest request;
  request.blocks[host.chat] = sums;
  CHECK(parts_of<SyncBlock>(host.sync(host.bo, request)).empty());
  request.blocks[host.chat][1] += 1;
  const auto blocks = parts_of<SyncBlock>(host.sync(host.bo, request));
  REQUIRE(blocks.size() == 1);
  CHECK(blocks[0].block == 1);
  CHECK(blocks[0].page.messages.size() == 301 - 255);
  CHECK(blocks[0].page.from == Seq{256});
  CHECK(blocks[0].page.to == Seq{301});
}

TEST_CASE("[SY41] every part of a sync answer fits one frame, however large what is in it") {
  TwoPeople host;
  const std::string large(limits::kTextBytesMax - 2, '\x01');
  for (int i = 0; i < 20; ++i) REQUIRE(host.say(host.ana, host.chat, "x" + large + "x").is_ok());
  SyncRequest request;
  request.chats[host.chat] = Seq{0};
  auto answer = host.sync(host.bo, request);
  Seq reached{0};
  for (const SyncEvents& part : parts_of<SyncEvents>(answer)) {
    CHECK(part.from == reached);
    reached = part.to;
  }
  CHECK(reached == Seq{21});
  request.chats.clear();
  request.rest = true;
  request.blocks[host.chat][0] = 1;
  for (const auto& part : host.sync(host.bo, request)) answer.push_back(part);
  CHECK(answer.size() > 10);
  for (SyncResponse& part : answer) {
    CHECK(encode(ServerFrame{part}).size() <= limits::kServerFrameBytesMax);
  }
}

TEST_CASE("[OR42] events_after fills a hole: the asked range, in order") {
  TwoPeople host;
  host.say_many(host.ana, host.chat, 20, "m");
  auto events = host.service->reads().ask<std::vector<ChatEvent>>(
      [&](Queries& queries) { return queries.events_after(host.bo, host.chat, Seq{5}, 4); });
  REQUIRE(events.is_ok());
  REQUIRE(events->size() == 4);
  CHECK(events->front().seq == Seq{6});
  CHECK(events->back().seq == Seq{9});
}

TEST_CASE("[AU12] people: search by name and by word, contacts, presence without who is blocked") {
  Host host;
  const UserId ana = host.person("ana"), bo = host.person("bodil"), cy = host.person("cy");
  host.direct(ana, bo);
  host.direct(ana, cy);
  host.service->note_last_seen(bo, Timestamp{5});
  REQUIRE(host.service->set_blocked(cy, ana, true).is_ok());
  auto found = host.service->reads().ask<std::vector<Profile>>(
      [&](Queries& queries) { return queries.search_people(ana, "BOD", 10); });
  REQUIRE(found->size() == 1);
  CHECK((*found)[0].user_id == bo);
  auto by_word = host.service->reads().ask<std::vector<Profile>>(
      [&](Queries& queries) { return queries.search_people(ana, "person", 10); });
  CHECK(by_word->size() == 2);
  auto contacts = host.service->reads().ask<std::vector<Profile>>(
      [&](Queries& queries) { return queries.contacts(ana); });
  CHECK(contacts->size() == 2);
  using Peers = std::map<UserId, std::optional<Timestamp>>;
  auto peers = host.service->reads().ask<Peers>(
      [&](Queries& queries) { return queries.presence_peers(ana); });
  CHECK(*peers == Peers{{bo, Timestamp{5}}});
  auto renamed = host.service->rename_person(bo, "Birgit Ωmega");
  REQUIRE(renamed.is_ok());
  CHECK(renamed->display_name == "Birgit Ωmega");
}

}  // namespace
}  // namespace godwit::server
