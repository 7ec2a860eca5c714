#include "tests/contract/store_contract.h"

#include <catch2/catch.hpp>

namespace godwit::server {
namespace {

constexpr UserId kAna{11}, kBo{12};
constexpr ChatId kChat{101};
constexpr Timestamp kNow{1'800'000'000'000};

Message message(std::uint64_t seq, const std::string& text) {
  Message made;
  made.message_id = MessageId{1'000 + seq};
  made.chat_id = kChat;
  made.seq = made.rev = Seq{seq};
  made.sender_id = kAna;
  made.temp_id = "t" + std::to_string(seq);
  made.timestamp = Timestamp{kNow.unix_ms + static_cast<std::int64_t>(seq) * 1'000};
  made.content = Content{ContentType::kText, text, {}};
  return made;
}

void seed(StoreWriter& writer) {
  writer.begin();
  for (UserId id : {kAna, kBo}) {
    const std::string name = "user" + id.str();
    writer.insert_user(UserRow{id, name, "The " + name, "hash", kNow, false}, name);
    writer.put_member(kChat, MemberRow{id, Role::kMember, Seq{1}, Seq{1}}, kNow);
  }
  writer.insert_chat(
      ChatRow{kChat, ChatInfo{ChatType::kDirect, "", "", Seq{1}}, Seq{9}, kNow, kNow}, {kAna, kBo});
  for (std::uint64_t seq = 2; seq <= 9; ++seq) writer.insert_message(message(seq, "text"));
  REQUIRE(writer.commit().is_ok());
}

void check_atomic(Store& store, StoreReader& reader) {
  StoreWriter& writer = store.writer();
  writer.begin();
  writer.insert_message(message(10, "never"));
  CHECK(writer.reads().message_at(kChat, Seq{10}).has_value());
  writer.rollback();
  reader.begin();
  CHECK_FALSE(reader.message_at(kChat, Seq{10}).has_value());
  CHECK(reader.finish().is_ok());
  // A statement that fails (the same seq again) voids the transaction and says so at commit.
  writer.begin();
  writer.set_chat_head(kChat, Seq{99}, kNow);
  writer.insert_message(message(9, "again"));
  CHECK_FALSE(writer.reads().status().is_ok());
  CHECK(writer.commit().error().code == Code::kUnavailable);
  reader.begin();
  CHECK(reader.chat(kChat)->head == Seq{9});
  CHECK(reader.finish().is_ok());
}

void check_snapshot(Store& store, StoreReader& reader) {
  reader.begin();
  CHECK(reader.chat(kChat)->head == Seq{9});
  store.writer().begin();
  store.writer().insert_message(message(10, "new"));
  store.writer().set_chat_head(kChat, Seq{10}, kNow);
  REQUIRE(store.writer().commit().is_ok());
  CHECK(reader.chat(kChat)->head == Seq{9});
  CHECK_FALSE(reader.message_at(kChat, Seq{10}).has_value());
  CHECK(reader.finish().is_ok());
  reader.begin();
  CHECK(reader.chat(kChat)->head == Seq{10});
  CHECK(reader.finish().is_ok());
}

void check_messages(Store& store, StoreReader& reader) {
  Message changed = message(4, "edited");
  changed.rev = Seq{11};
  changed.edited_at = kNow;
  changed.pinned = true;
  changed.reactions = {Reaction{"👍", {kAna, kBo}}, Reaction{"❤️", {kBo}}};
  changed.forwarded_from = ForwardedFrom{MessageId{7}, ChatId{8}, "A B  C"};
  store.writer().begin();
  store.writer().update_message(changed);
  REQUIRE(store.writer().commit().is_ok());
  reader.begin();
  CHECK(*reader.message_at(kChat, Seq{4}) == changed);
  CHECK(*reader.message(kChat, changed.message_id) == changed);
  CHECK(reader.has_message(kChat, changed.message_id));
  CHECK_FALSE(reader.has_message(ChatId{5}, changed.message_id));
  const auto newest = reader.messages(kChat, Seq{1}, Seq{9}, 3, true);
  REQUIRE(newest.size() == 3);
  CHECK(newest.front().seq == Seq{7});
  CHECK(reader.messages(kChat, Seq{1}, Seq{9}, 3, false).back().seq == Seq{4});
  const auto since = reader.messages_changed(kChat, Seq{1}, Seq{9}, Seq{8});
  REQUIRE(since.size() == 2);
  CHECK(since[0].seq == Seq{4});
  CHECK(since[1].seq == Seq{9});
  CHECK(reader.first_message_since(kChat, message(6, "").timestamp) == Seq{6});
  CHECK(reader.first_message_since(kChat, Timestamp{0}) == Seq{2});
  CHECK_FALSE(reader.first_message_since(kChat, Timestamp{kNow.unix_ms * 2}).has_value());
  CHECK(reader.unread(kChat, kBo, Seq{2}, 99) == 8);
  CHECK(reader.unread(kChat, kBo, Seq{2}, 5) == 5);
  CHECK(reader.unread(kChat, kAna, Seq{2}, 99) == 0);
  CHECK(reader.finish().is_ok());
}

void check_operations(Store& store, StoreReader& reader) {
  StoreWriter& writer = store.writer();
  StoredOperation sent;
  sent.kind = OperationKind::kMessage;
  sent.seq = Seq{5};
  writer.begin();
  CHECK(writer.claim_operation(kChat, kAna, "op", sent));
  CHECK_FALSE(writer.claim_operation(kChat, kAna, "op", sent));
  CHECK(writer.claim_operation(kChat, kBo, "op", sent));
  CHECK(writer.claim_operation(ChatId{}, kAna, "op", sent));
  REQUIRE(writer.commit().is_ok());
  reader.begin();
  auto known = reader.operation(kChat, kAna, "op");
  REQUIRE(known.has_value());
  CHECK(known->kind == OperationKind::kMessage);
  CHECK(known->seq == Seq{5});
  CHECK(known->message_id == MessageId{1'005});
  CHECK(known->timestamp == message(5, "").timestamp);
  CHECK_FALSE(reader.operation(kChat, kAna, "other").has_value());
  CHECK(reader.finish().is_ok());
}

void check_marks_and_items(Store& store, StoreReader& reader) {
  StoreWriter& writer = store.writer();
  writer.begin();
  writer.put_mark(kChat, kBo, MarkRow{Seq{5}, Seq{4}});
  writer.put_mark(kChat, kBo, MarkRow{Seq{3}, Seq{6}});
  writer.put_private_item(kBo, PrivateItem{UserSeq{1}, "draft", kChat, {}, R"("a")"});
  writer.put_private_item(kBo, PrivateItem{UserSeq{2}, "star", kChat, MessageId{1'003}, "true"});
  writer.put_private_item(kBo, PrivateItem{UserSeq{3}, "draft", kChat, {}, R"("b")"});
  REQUIRE(writer.commit().is_ok());
  reader.begin();
  CHECK(reader.mark(kChat, kBo).delivered == Seq{5});
  CHECK(reader.mark(kChat, kBo).read == Seq{6});
  CHECK(reader.receipts(kChat).read.at(kBo) == Seq{6});
  CHECK(reader.user_head(kBo) == UserSeq{3});
  CHECK(reader.user_head(kAna) == UserSeq{0});
  const auto items = reader.private_items(kBo, UserSeq{0}, 10);
  REQUIRE(items.size() == 2);
  CHECK(items[0].key == "star");
  CHECK(items[1].value == R"("b")");
  CHECK(reader.private_item(kBo, "draft", kChat, {})->user_seq == UserSeq{3});
  CHECK(reader.finish().is_ok());
}

void check_people(Store& store, StoreReader& reader) {
  StoreWriter& writer = store.writer();
  writer.begin();
  writer.insert_session(SessionRow{SessionId{1}, kAna, 1, "Browser", "token", kNow, kNow});
  writer.insert_invite("code", kNow, Timestamp{kNow.unix_ms + 10});
  writer.set_blocked(kAna, kBo, true);
  writer.set_blocked(kAna, kBo, true);
  writer.set_last_seen(kAna, Timestamp{9});
  writer.set_last_seen(kAna, Timestamp{7});
  REQUIRE(writer.commit().is_ok());
  reader.begin();
  CHECK(reader.session_by_token("token")->user_id == kAna);
  CHECK(reader.is_invite_open("code", kNow));
  CHECK_FALSE(reader.is_invite_open("code", Timestamp{kNow.unix_ms + 10}));
  CHECK(reader.is_blocked(kAna, kBo));
  CHECK_FALSE(reader.is_blocked(kBo, kAna));
  CHECK(reader.blocked_either_way(kBo) == std::vector<UserId>{kAna});
  CHECK(reader.last_seen(kAna) == Timestamp{9});
  CHECK(reader.peers(kAna) == std::vector<UserId>{kBo});
  CHECK(reader.direct_chat(kBo, kAna) == kChat);
  CHECK(reader.search_users("user1", 1).size() == 1);
  CHECK(reader.finish().is_ok());
  writer.begin();
  writer.use_invite("code", kAna, kNow);
  writer.delete_user(kAna, kNow);
  REQUIRE(writer.commit().is_ok());
  reader.begin();
  CHECK_FALSE(reader.is_invite_open("code", kNow));
  CHECK(reader.user(kAna)->deleted);
  CHECK_FALSE(reader.user_by_name("user11").has_value());
  CHECK(reader.sessions(kAna).empty());
  CHECK_FALSE(reader.is_blocked(kAna, kBo));
  CHECK(reader.search_users("user", 9).size() == 1);
  CHECK(reader.finish().is_ok());
}

}  // namespace

void store_contract(const OpenStore& open) {
  auto store = open();
  const std::string epoch = store->epoch();
  auto reader = store->open_reader();
  REQUIRE(reader.is_ok());
  seed(store->writer());
  check_atomic(*store, **reader);
  check_snapshot(*store, **reader);
  check_messages(*store, **reader);
  check_operations(*store, **reader);
  check_marks_and_items(*store, **reader);
  check_people(*store, **reader);
  reader = Error{};
  store.reset();
  store = open();
  CHECK(store->epoch() == epoch);
  CHECK(store->writer().reads().chat(kChat)->head == Seq{10});
}

}  // namespace godwit::server
