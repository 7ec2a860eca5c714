// What the server decides, without a server: shared/domain/decide.h.
#include <catch2/catch.hpp>

#include "shared/domain/decide.h"
#include "shared/domain/sync_plan.h"

namespace godwit {
namespace {

constexpr UserId kOwner{1}, kAdmin{2}, kMember{3}, kOther{4}, kStranger{9};
constexpr ChatId kChat{100};

struct World {
  KnownChat chat;
  Message target;
  StoredOperation earlier;
  Known known;

  explicit World(ChatType type = ChatType::kGroup) {
    chat.chat_id = kChat;
    chat.info = ChatInfo{type, type == ChatType::kGroup ? "Birds" : "", {}, Seq{1}};
    chat.head = Seq{10};
    std::vector<RosterMember> members{{kOwner, Role::kOwner, Seq{1}, Seq{1}},
                                      {kMember, Role::kMember, Seq{3}, Seq{3}},
                                      {kAdmin, Role::kAdmin, Seq{4}, Seq{4}},
                                      {kOther, Role::kMember, Seq{2}, Seq{2}}};
    if (type == ChatType::kDirect)
      members = {{kOwner, Role::kMember, Seq{1}, Seq{1}}, {kMember, Role::kMember, Seq{1}, Seq{1}}};
    chat.roster = make_roster(type, members, chat.head);
    target.message_id = MessageId{50};
    target.chat_id = kChat;
    target.seq = Seq{5};
    target.rev = Seq{7};
    target.sender_id = kMember;
    target.temp_id = "of-its-creation";
    target.content = Content{ContentType::kText, "hello", {}};
    known.chat = &chat;
    known.target = &target;
    known.new_message_id = MessageId{77};
    known.new_chat_id = ChatId{200};
    known.now = Timestamp{1'000'000};
  }

  Decision by(UserId actor, Operation operation) {
    known.actor = actor;
    return decide(known, std::move(operation));
  }
};

SendMessage send(std::string text = "hi") {
  return SendMessage{"t1", kChat, Content{ContentType::kText, std::move(text), {}}, {}, {}};
}
EditMessage edit(std::string text) {
  return EditMessage{"t1", kChat, MessageId{50}, Content{ContentType::kText, std::move(text), {}}};
}
DeleteMessage remove() { return DeleteMessage{"t1", kChat, MessageId{50}}; }
React reaction(std::string emoji, bool add = true) {
  return React{"t1", kChat, MessageId{50}, std::move(emoji), add};
}

const ChatEvent& event_of(const Decision& decision) {
  REQUIRE(std::holds_alternative<Accept>(decision));
  return std::get<ChatEvent>(std::get<Accept>(decision).change);
}
Code code_of(const Decision& decision) {
  const auto* refused = std::get_if<Refuse>(&decision);
  return refused == nullptr ? Code::kOk : refused->code;
}
Seq unchanged_rev(const Decision& decision) {
  REQUIRE(std::holds_alternative<Unchanged>(decision));
  return std::get<Unchanged>(decision).rev;
}
std::string line_of(const Decision& decision) { return event_of(decision).message.content->body; }

TEST_CASE("[OR1] a message stands at the seq after the head, its rev the same") {
  World world;
  const Decision decision = world.by(kMember, send());
  const ChatEvent& event = event_of(decision);
  CHECK(event.seq == Seq{11});
  CHECK(event.message.seq == Seq{11});
  CHECK(event.message.rev == Seq{11});
  CHECK(event.message.message_id == MessageId{77});
  CHECK(event.message.temp_id == "t1");
  CHECK(event.message.timestamp == Timestamp{1'000'000});
  CHECK(apply_event(world.chat, event).head == Seq{11});
}

TEST_CASE("[DD2] a repeated tempId is a duplicate before anything else is looked at") {
  World world;
  world.earlier.seq = Seq{4};
  world.known.earlier = &world.earlier;
  world.known.chat = nullptr;
  const Decision decision = world.by(kStranger, send());
  REQUIRE(std::holds_alternative<Duplicate>(decision));
  CHECK(std::get<Duplicate>(decision).earlier.seq == Seq{4});
}

TEST_CASE("[DD3] the same tempId with another type of operation is a conflict") {
  World world;
  world.earlier.kind = OperationKind::kEdit;
  world.known.earlier = &world.earlier;
  CHECK(code_of(world.by(kMember, send())) == Code::kConflict);
}

TEST_CASE("[RO1] a stranger is told not_found by every operation on a chat") {
  World world;
  const std::vector<Operation> operations{send(),
                                          edit("x"),
                                          remove(),
                                          reaction("👍"),
                                          Pin{"t", kChat, MessageId{50}, true},
                                          SetPrivate{"t", "mute", kChat, {}, "true"},
                                          ChangeChat{"t", kChat, "New", {}},
                                          AddMember{"t", kChat, kStranger},
                                          RemoveMember{"t", kChat, kMember},
                                          ChangeRole{"t", kChat, kMember, Role::kAdmin}};
  for (const Operation& operation : operations) {
    CHECK(code_of(world.by(kStranger, operation)) == Code::kNotFound);
  }
}

TEST_CASE("[RO2] only the sender edits, and an edit carries the whole message at a new rev") {
  World world;
  CHECK(code_of(world.by(kOwner, edit("hullo"))) == Code::kForbidden);
  const Decision decision = world.by(kMember, edit("hullo"));
  const ChatEvent& event = event_of(decision);
  CHECK(event.kind == EventKind::kEdit);
  CHECK(event.message.seq == Seq{5});
  CHECK(event.message.rev == Seq{11});
  CHECK(event.message.content->text == "hullo");
  CHECK(event.message.edited_at == Timestamp{1'000'000});
  CHECK(event.message.temp_id.empty());
}

TEST_CASE("[DD5] what changes nothing is answered with the present rev") {
  World world;
  CHECK(unchanged_rev(world.by(kMember, edit("hello"))) == Seq{7});
  CHECK(unchanged_rev(world.by(kMember, reaction("👍", false))) == Seq{7});
  CHECK(unchanged_rev(world.by(kMember, Pin{"t", kChat, MessageId{50}, false})) == Seq{7});
  CHECK(unchanged_rev(world.by(kOwner, ChangeChat{"t", kChat, "Birds", {}})) == Seq{1});
  CHECK(unchanged_rev(world.by(kOwner, AddMember{"t", kChat, kAdmin})) == Seq{4});
  CHECK(unchanged_rev(world.by(kOwner, ChangeRole{"t", kChat, kAdmin, Role::kAdmin})) == Seq{4});
  world.target.deleted = true;
  world.target.content.reset();
  CHECK(unchanged_rev(world.by(kMember, remove())) == Seq{7});
}

TEST_CASE("[RO2] the sender deletes, and in a group its admins; never another member") {
  World world;
  CHECK(code_of(world.by(kOther, remove())) == Code::kForbidden);
  CHECK(code_of(world.by(kAdmin, remove())) == Code::kOk);
  const Decision decision = world.by(kMember, remove());
  CHECK(event_of(decision).message.deleted);
  World direct(ChatType::kDirect);
  CHECK(code_of(direct.by(kOwner, remove())) == Code::kForbidden);
}

TEST_CASE("[MG7] a deleted message keeps its place and loses content and reactions") {
  World world;
  world.target.reactions = {Reaction{"👍", {kOwner}}};
  world.target.pinned = true;
  const Decision decision = world.by(kMember, remove());
  const Message& message = event_of(decision).message;
  CHECK(message.seq == Seq{5});
  CHECK_FALSE(message.content.has_value());
  CHECK(message.reactions.empty());
  CHECK_FALSE(message.pinned);
  world.target = message;
  CHECK(code_of(world.by(kMember, edit("back"))) == Code::kConflict);
  CHECK(code_of(world.by(kOther, reaction("👍"))) == Code::kConflict);
  CHECK(code_of(world.by(kOther, Pin{"t", kChat, MessageId{50}, true})) == Code::kConflict);
}

TEST_CASE("[RO6] three reactions of one person and twenty different ones on a message") {
  World world;
  world.target.reactions = {Reaction{"a", {kMember}}, Reaction{"b", {kMember}},
                            Reaction{"c", {kMember, kOther}}};
  CHECK(code_of(world.by(kMember, reaction("d"))) == Code::kConflict);
  CHECK(code_of(world.by(kOther, reaction("a"))) == Code::kOk);
  world.target.reactions.clear();
  for (int i = 0; i < 20; ++i) {
    world.target.reactions.push_back(Reaction{"r" + std::to_string(i), {UserId{1'000u + i}}});
  }
  CHECK(code_of(world.by(kMember, reaction("new"))) == Code::kConflict);
  CHECK(code_of(world.by(kMember, reaction("r7"))) == Code::kOk);
}

TEST_CASE("[MG2] a reaction taken away by its last person leaves no trace") {
  World world;
  world.target.reactions = {Reaction{"👍", {kOther}}, Reaction{"❤️", {kMember}}};
  const Decision decision = world.by(kMember, reaction("❤️", false));
  CHECK(event_of(decision).message.reactions == std::vector<Reaction>{Reaction{"👍", {kOther}}});
}

TEST_CASE("[RO7] a system message is never edited, deleted, reacted to or pinned") {
  World world;
  world.target.content = Content{ContentType::kSystem, {}, R"({"type":"system","kind":"created"})"};
  CHECK(code_of(world.by(kMember, edit("x"))) == Code::kForbidden);
  CHECK(code_of(world.by(kOwner, remove())) == Code::kForbidden);
  CHECK(code_of(world.by(kOwner, reaction("👍"))) == Code::kForbidden);
  CHECK(code_of(world.by(kOwner, Pin{"t", kChat, MessageId{50}, true})) == Code::kForbidden);
}

TEST_CASE("[RO3] admins and owners rename, set and add; members do not") {
  World world;
  world.known.people = {KnownPerson{kStranger, true, false}};
  CHECK(code_of(world.by(kMember, ChangeChat{"t", kChat, "New", {}})) == Code::kForbidden);
  CHECK(code_of(world.by(kMember, AddMember{"t", kChat, kStranger})) == Code::kForbidden);
  const Decision renamed = world.by(kAdmin, ChangeChat{"t", kChat, "New", R"({"a":1})"});
  CHECK(event_of(renamed).info.name == "New");
  CHECK(event_of(renamed).info.settings == R"({"a":1})");
  CHECK(event_of(renamed).info.rev == Seq{11});
  CHECK(line_of(renamed) == R"({"type":"system","kind":"renamed"})");
  const Decision added = world.by(kAdmin, AddMember{"t", kChat, kStranger});
  CHECK(line_of(added) ==
        R"({"type":"system","kind":"member_added","userId":"9","role":"member"})");
  REQUIRE(event_of(added).members.size() == 1);
  CHECK(event_of(added).members[0].joined_seq == Seq{11});
  CHECK(code_of(world.by(kAdmin, AddMember{"t", kChat, kStranger, Role::kAdmin})) ==
        Code::kForbidden);
}

TEST_CASE("[RO3] owners remove anyone, admins members, everyone oneself") {
  World world;
  CHECK(code_of(world.by(kMember, RemoveMember{"t", kChat, kOther})) == Code::kForbidden);
  CHECK(code_of(world.by(kAdmin, RemoveMember{"t", kChat, kOwner})) == Code::kForbidden);
  CHECK(code_of(world.by(kAdmin, RemoveMember{"t", kChat, kOther})) == Code::kOk);
  CHECK(code_of(world.by(kOwner, RemoveMember{"t", kChat, kAdmin})) == Code::kOk);
  CHECK(code_of(world.by(kOwner, RemoveMember{"t", kChat, kStranger})) == Code::kNotFound);
  const Decision left = world.by(kMember, RemoveMember{"t", kChat, kMember});
  CHECK(line_of(left) == R"({"type":"system","kind":"member_left","userId":"3"})");
  const KnownChat after = apply_event(world.chat, event_of(left));
  CHECK(after.roster->find(kMember) == nullptr);
  CHECK(after.roster->find(kOther) != nullptr);
  CHECK(audience_of(after, event_of(left))->size() == 4);
}

TEST_CASE("[RO4] the last owner leaving passes ownership to the longest-standing admin") {
  World world;
  const Decision left = world.by(kOwner, RemoveMember{"t", kChat, kOwner});
  CHECK(line_of(left) == R"({"type":"system","kind":"member_left","userId":"1","newOwnerId":"2"})");
  const KnownChat after = apply_event(world.chat, event_of(left));
  CHECK(after.roster->find(kAdmin)->role == Role::kOwner);
}

TEST_CASE("[RO4] where no admin is, the longest-standing member becomes owner") {
  World world;
  world.chat.roster = make_roster(ChatType::kGroup,
                                  {{kOwner, Role::kOwner, Seq{1}, Seq{1}},
                                   {kMember, Role::kMember, Seq{3}, Seq{3}},
                                   {kOther, Role::kMember, Seq{2}, Seq{2}}},
                                  Seq{10});
  const Decision left = world.by(kOwner, RemoveMember{"t", kChat, kOwner});
  CHECK(apply_event(world.chat, event_of(left)).roster->find(kOther)->role == Role::kOwner);
}

TEST_CASE("[RO4] the last owner cannot step down; a second owner can") {
  World world;
  CHECK(code_of(world.by(kOwner, ChangeRole{"t", kChat, kOwner, Role::kMember})) ==
        Code::kConflict);
  CHECK(code_of(world.by(kAdmin, ChangeRole{"t", kChat, kMember, Role::kAdmin})) ==
        Code::kForbidden);
  const Decision raised = world.by(kOwner, ChangeRole{"t", kChat, kAdmin, Role::kOwner});
  world.chat = apply_event(world.chat, event_of(raised));
  CHECK(code_of(world.by(kOwner, ChangeRole{"t", kChat, kOwner, Role::kMember})) == Code::kOk);
}

TEST_CASE("[RO5] the people of a direct chat never change, nor has it a name") {
  World world(ChatType::kDirect);
  world.known.people = {KnownPerson{kStranger, true, false}};
  CHECK(code_of(world.by(kOwner, AddMember{"t", kChat, kStranger})) == Code::kForbidden);
  CHECK(code_of(world.by(kOwner, RemoveMember{"t", kChat, kMember})) == Code::kForbidden);
  CHECK(code_of(world.by(kOwner, RemoveMember{"t", kChat, kOwner})) == Code::kForbidden);
  CHECK(code_of(world.by(kOwner, ChangeRole{"t", kChat, kMember, Role::kOwner})) ==
        Code::kForbidden);
  CHECK(code_of(world.by(kOwner, ChangeChat{"t", kChat, "Name", {}})) == Code::kForbidden);
  CHECK(code_of(world.by(kOwner, ChangeChat{"t", kChat, {}, R"({"a":1})"})) == Code::kOk);
}

TEST_CASE("[RO5] whoever is blocked by the other writes nothing there, but may delete") {
  World world(ChatType::kDirect);
  world.known.peer_refuses = true;
  CHECK(code_of(world.by(kMember, send())) == Code::kForbidden);
  CHECK(code_of(world.by(kMember, edit("x"))) == Code::kForbidden);
  CHECK(code_of(world.by(kMember, reaction("👍"))) == Code::kForbidden);
  CHECK(code_of(world.by(kMember, remove())) == Code::kOk);
}

TEST_CASE("[RO5] a direct chat that exists is found, one with a person who blocks is forbidden") {
  World world(ChatType::kDirect);
  CreateChat create{"t", ChatType::kDirect, "", {kMember}};
  world.known.people = {KnownPerson{kMember, true, false}};
  world.known.direct = &world.chat;
  const Decision found = world.by(kOwner, create);
  REQUIRE(std::holds_alternative<Unchanged>(found));
  CHECK(std::get<Unchanged>(found).existing == kChat);
  world.known.direct = nullptr;
  const Decision made = world.by(kOwner, create);
  CHECK(event_of(made).seq == Seq{1});
  CHECK(event_of(made).members.size() == 2);
  CHECK(line_of(made) == R"({"type":"system","kind":"created"})");
  world.known.people[0].blocks_actor = true;
  CHECK(code_of(world.by(kOwner, create)) == Code::kForbidden);
  world.known.people[0] = KnownPerson{kMember, false, false};
  CHECK(code_of(world.by(kOwner, create)) == Code::kNotFound);
}

TEST_CASE("[RO6] a group is full at 256 members") {
  World world;
  std::vector<RosterMember> members{{kOwner, Role::kOwner, Seq{1}, Seq{1}}};
  for (std::uint64_t id = 1'000; members.size() < 255; ++id) {
    members.push_back({UserId{id}, Role::kMember, Seq{1}, Seq{1}});
  }
  world.chat.roster = make_roster(ChatType::kGroup, members, Seq{10});
  world.known.people = {KnownPerson{kStranger, true, false}};
  const Decision last = world.by(kOwner, AddMember{"t", kChat, kStranger});
  world.chat = apply_event(world.chat, event_of(last));
  world.known.people = {KnownPerson{UserId{8}, true, false}};
  CHECK(code_of(world.by(kOwner, AddMember{"t", kChat, UserId{8}})) == Code::kGroupFull);
}

TEST_CASE("[PV1] a private item stands at the next userSeq; the same value again changes nothing") {
  World world;
  world.known.user_head = UserSeq{6};
  const SetPrivate set{"t", "draft", kChat, {}, R"("hello")"};
  const Decision stored = world.by(kMember, set);
  REQUIRE(std::holds_alternative<Accept>(stored));
  PrivateItem item = std::get<PrivateItem>(std::get<Accept>(stored).change);
  CHECK(item.user_seq == UserSeq{7});
  world.known.item = &item;
  world.known.user_head = UserSeq{9};
  const Decision again = world.by(kMember, set);
  REQUIRE(std::holds_alternative<Unchanged>(again));
  CHECK(std::get<Unchanged>(again).user_seq == UserSeq{7});
}

TEST_CASE(
    "[PV1] removing what is not there changes nothing; a message that is not there is not_found") {
  World world;
  world.known.user_head = UserSeq{6};
  const Decision nothing = world.by(kMember, SetPrivate{"t", "draft", kChat, {}, "null"});
  REQUIRE(std::holds_alternative<Unchanged>(nothing));
  CHECK(std::get<Unchanged>(nothing).user_seq == UserSeq{6});
  world.known.target = nullptr;
  CHECK(code_of(world.by(kMember, SetPrivate{"t", "star", kChat, MessageId{51}, "true"})) ==
        Code::kNotFound);
}

TEST_CASE("[RO9] a reply needs its message; an edit keeps the type of the content") {
  World world;
  SendMessage reply = send();
  reply.reply_to = MessageId{50};
  CHECK(code_of(world.by(kMember, reply)) == Code::kNotFound);
  world.known.reply_exists = true;
  CHECK(code_of(world.by(kMember, reply)) == Code::kOk);
  EditMessage sealed = edit("");
  sealed.content = Content{ContentType::kEncrypted, {}, R"({"type":"encrypted"})"};
  CHECK(code_of(world.by(kMember, sealed)) == Code::kInvalidContent);
}

TEST_CASE("[SY2] the form of a chat's answer: events, reset over 500 behind or broken, removed") {
  CHECK(sync_form(Seq{10}, Seq{10}, Seq{1}) == SyncForm::kEvents);
  CHECK(sync_form(Seq{0}, Seq{500}, Seq{1}) == SyncForm::kEvents);
  CHECK(sync_form(Seq{0}, Seq{501}, Seq{1}) == SyncForm::kReset);
  CHECK(sync_form(Seq{11}, Seq{10}, Seq{1}) == SyncForm::kReset);
  CHECK(sync_form(Seq{5}, Seq{10}, Seq{8}) == SyncForm::kReset);
  CHECK(sync_form(Seq{0}, Seq{10}, Seq{8}) == SyncForm::kEvents);
  CHECK(sync_form(Seq{9}, Seq{10}, Seq{8}) == SyncForm::kEvents);
  CHECK(sync_form(Seq{5}, Seq{10}, std::nullopt) == SyncForm::kRemoved);
}

TEST_CASE(
    "[WI37] preparing an operation sorts participants, compacts settings, and refuses what breaks "
    "the rules") {
  Operation create = CreateChat{"t", ChatType::kGroup, "Birds", {UserId{5}, UserId{3}, UserId{5}}};
  REQUIRE(prepare_operation(create));
  CHECK(std::get<CreateChat>(create).participants == std::vector<UserId>{UserId{3}, UserId{5}});
  Operation change = ChangeChat{"t", kChat, {}, R"({ "b": 1, "a": [ ] })"};
  REQUIRE(prepare_operation(change));
  CHECK(*std::get<ChangeChat>(change).settings == R"({"a":[],"b":1})");
  Operation nothing = ChangeChat{"t", kChat, {}, {}};
  CHECK(prepare_operation(nothing).error().code == Code::kInvalidContent);
  Operation array = ChangeChat{"t", kChat, {}, "[]"};
  CHECK(prepare_operation(array).error().code == Code::kInvalidContent);
  Operation direct = CreateChat{"t", ChatType::kDirect, "", {UserId{5}, UserId{3}}};
  CHECK(prepare_operation(direct).error().code == Code::kInvalidContent);
  CreateChat large{"t", ChatType::kGroup, "Birds", {}};
  for (std::uint64_t id = 1; id <= 256; ++id) large.participants.push_back(UserId{id});
  Operation too_large = large;
  CHECK(prepare_operation(too_large).error().code == Code::kGroupFull);
}

}  // namespace
}  // namespace godwit
