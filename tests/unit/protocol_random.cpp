#include "tests/unit/protocol_random.h"

#include <array>

namespace godwit::testing {
namespace {

std::string random_text(Prng& prng) {
  static const std::array<const char*, 16> kPieces{
      "a",    "ბ", "👋", "\"",     "\\", "\n", "\x01",    "\x1F",
      "\x7F", "/", "é", "\u2028", "𝔘",  " ",  "\\u0041", "{\"x\":1}"};
  std::string text = "x";  // never blank
  for (std::uint64_t i = prng.below(12); i > 0; --i)
    text += kPieces[index_below(prng, kPieces.size())];
  return text;
}

template <typename IdType>
IdType random_id(Prng& prng) {
  std::uint64_t bits = prng.next();
  return IdType{1 + (bits >> (1 + prng.below(62)))};
}

Seq random_seq(Prng& prng) {
  std::uint64_t bits = prng.next();
  return Seq{1 + (bits >> (12 + prng.below(50)))};
}

Timestamp random_time(Prng& prng) {
  return Timestamp{static_cast<std::int64_t>(prng.below(253'402'300'800'000ULL))};
}

Content random_content(Prng& prng, bool stored) {
  switch (prng.below(stored ? 4 : 3)) {
    case 0:
      return Content{ContentType::kEncrypted,
                     {},
                     R"({"type":"encrypted","alg":"a","z":[1.0,{"b":null}],"ciphertext":"AA"})"};
    case 3:
      return Content{ContentType::kSystem, {}, R"({"type":"system","kind":"created"})"};
    default:
      return Content{ContentType::kText, random_text(prng), {}};
  }
}

Message random_message(Prng& prng, ChatId chat, Seq seq) {
  Message message;
  message.message_id = random_id<MessageId>(prng);
  message.chat_id = chat;
  message.seq = seq;
  message.rev = Seq{seq.value + prng.below(5)};
  message.sender_id = random_id<UserId>(prng);
  if (prng.chance(50)) message.temp_id = "t-" + std::to_string(prng.below(1000));
  message.timestamp = random_time(prng);
  message.deleted = prng.chance(20);
  if (!message.deleted) message.content = random_content(prng, true);
  if (prng.chance(30)) message.reply_to = random_id<MessageId>(prng);
  if (prng.chance(30))
    message.forwarded_from =
        ForwardedFrom{random_id<MessageId>(prng), chat, random_text(prng) == "x" ? "x" : "Ana"};
  if (prng.chance(30)) message.edited_at = random_time(prng);
  static const std::array<const char*, 3> kEmoji{"👍", "🏳️‍🌈", "a"};
  for (std::size_t i = 0; !message.deleted && i < prng.below(4) && i < kEmoji.size(); ++i) {
    message.reactions.push_back(
        Reaction{kEmoji[i], {random_id<UserId>(prng), random_id<UserId>(prng)}});
  }
  message.pinned = prng.chance(20);
  return message;
}

Receipts random_receipts(Prng& prng) {
  Receipts receipts;
  for (std::uint64_t i = prng.below(4); i > 0; --i)
    receipts.delivered[random_id<UserId>(prng)] = random_seq(prng);
  for (std::uint64_t i = prng.below(4); i > 0; --i)
    receipts.read[random_id<UserId>(prng)] = random_seq(prng);
  return receipts;
}

std::vector<Member> random_members(Prng& prng) {
  std::vector<Member> members;
  for (std::uint64_t i = prng.below(4); i > 0; --i) {
    Member member{random_id<UserId>(prng), Role::kAdmin, random_seq(prng),
                  random_seq(prng),        {},           {}};
    if (prng.chance(30)) member.role.reset();
    if (prng.chance(50)) member.display_name = random_text(prng);
    members.push_back(member);
  }
  return members;
}

ChatInfo random_info(Prng& prng) {
  ChatInfo info{prng.chance(50) ? ChatType::kGroup : ChatType::kDirect, {}, {}, random_seq(prng)};
  if (prng.chance(50)) info.name = "Club";
  if (prng.chance(30)) info.settings = R"({"ttl":5,"a":{}})";
  return info;
}

ChatEvent random_event(Prng& prng, ChatId chat, Seq seq) {
  ChatEvent event;
  event.kind = static_cast<EventKind>(prng.below(6));
  event.message = random_message(prng, chat, seq);
  event.chat_id = chat;
  event.seq = seq;
  if (event.kind == EventKind::kMessage) {
    event.actor_id = event.message.sender_id;
    event.timestamp = event.message.timestamp;
    event.temp_id = event.message.temp_id;
    return event;
  }
  event.actor_id = random_id<UserId>(prng);
  event.timestamp = random_time(prng);
  if (prng.chance(50)) event.temp_id = "e-1";
  if (event.kind == EventKind::kChat) {
    event.info = random_info(prng);
    event.members = random_members(prng);
  }
  return event;
}

Page random_page(Prng& prng, ChatId chat) {
  Page page;
  page.from = random_seq(prng);
  page.to = Seq{page.from.value + 10};
  for (std::uint64_t i = 0; i < 3; ++i) {
    if (prng.chance(60))
      page.messages.push_back(random_message(prng, chat, Seq{page.from.value + 3 * i}));
  }
  page.has_before = prng.chance(50);
  page.has_after = prng.chance(50);
  page.as_of = page.to;
  return page;
}

ChatState random_state(Prng& prng, ChatId chat) {
  ChatState state;
  state.chat_id = chat;
  state.info = random_info(prng);
  state.members = random_members(prng);
  if (prng.chance(70)) state.last_message = random_message(prng, chat, random_seq(prng));
  state.unread = prng.below(1'000);
  state.receipts = random_receipts(prng);
  state.head = random_seq(prng);
  state.created_at = random_time(prng);
  return state;
}

PrivateItem random_item(Prng& prng) {
  UserSeq seq{random_seq(prng).value};
  if (prng.chance(50)) return PrivateItem{seq, "setting.x", {}, {}, R"({"b":[1,2.50],"a":null})"};
  return PrivateItem{seq, "star", random_id<ChatId>(prng), random_id<MessageId>(prng), "true"};
}

SyncResponse random_sync(Prng& prng) {
  auto chat = random_id<ChatId>(prng);
  SyncResponse response{"r", SyncDone{}, true};
  if (prng.chance(50)) response.done = false;
  switch (prng.below(6)) {
    case 0: {
      SyncEvents part{chat, random_seq(prng), {}, {}, random_receipts(prng)};
      part.to = part.from;
      for (std::uint64_t i = prng.below(4); i > 0; --i) {
        part.to = part.to.next();
        part.events.push_back(random_event(prng, chat, part.to));
      }
      response.part = part;
      break;
    }
    case 1: {
      SyncChat part{random_state(prng, chat), prng.chance(50), {}};
      if (prng.chance(50)) part.page = random_page(prng, chat);
      response.part = part;
      break;
    }
    case 2:
      response.part = SyncRemoved{chat};
      break;
    case 3:
      response.part = SyncUser{UserSeq{1}, UserSeq{9}, {random_item(prng), random_item(prng)}};
      break;
    case 4:
      response.part = SyncBlock{chat, prng.below(1'000), random_page(prng, chat)};
      break;
    default:
      response.done = true;
  }
  return response;
}

}  // namespace

ClientFrame random_client_frame(Prng& prng) {
  std::string temp_id = "t-" + std::to_string(prng.next());
  auto chat = random_id<ChatId>(prng);
  auto message = random_id<MessageId>(prng);
  switch (prng.below(12)) {
    case 0:
      return Hello{1, random_text(prng), "0.1", prng.chance(50) ? "epoch" : "",
                   prng.chance(50) ? random_id<UserId>(prng) : UserId{}};
    case 1:
      return EditMessage{temp_id, chat, message, random_content(prng, false)};
    case 2:
      return DeleteMessage{temp_id, chat, message};
    case 3:
      return React{temp_id, chat, message, "👩‍👩‍👧‍👦", prng.chance(50)};
    case 4:
      return Pin{temp_id, chat, message, prng.chance(50)};
    case 5: {
      PrivateItem item = random_item(prng);
      return SetPrivate{temp_id, item.key, item.chat_id, item.message_id, item.value};
    }
    case 6:
      return MarkPosition{chat, random_seq(prng), prng.chance(50)};
    case 7:
      return Typing{chat, prng.chance(50)};
    case 8:
      return SetPresence{prng.chance(50) ? Presence::kOnline : Presence::kAway};
    case 9: {
      SyncRequest request{
          "r", {{chat, random_seq(prng)}, {ChatId{3}, Seq{0}}}, prng.chance(50), {}, {}, {}};
      if (prng.chance(50)) request.user = UserSeq{prng.below(10)};
      if (prng.chance(50)) request.blocks[chat] = BlockSums{{0, prng.next()}, {7, 0}};
      return request;
    }
    case 10:
      return Ping{prng.chance(50) ? random_text(prng) : ""};
    default: {
      SendMessage send{temp_id, chat, random_content(prng, false), {}, {}};
      if (prng.chance(50)) send.reply_to = message;
      if (prng.chance(30)) send.forwarded_from = ForwardedFrom{message, chat, "Ana"};
      return send;
    }
  }
}

ServerFrame random_server_frame(Prng& prng) {
  auto chat = random_id<ChatId>(prng);
  switch (prng.below(12)) {
    case 0:
      return Welcome{random_id<UserId>(prng),
                     random_id<SessionId>(prng),
                     "e",
                     random_time(prng),
                     25'000,
                     {{"a", 1}, {"b", 2}},
                     1,
                     "0.1"};
    case 1:
      return MessageAck{"t",
                        random_id<MessageId>(prng),
                        chat,
                        random_seq(prng),
                        random_seq(prng),
                        random_time(prng),
                        prng.chance(50)};
    case 2:
      return Ack{"t", chat, random_seq(prng), random_seq(prng), {}, prng.chance(50)};
    case 3:
      return ErrorFrame{static_cast<Code>(1 + prng.below(11)),
                        random_text(prng),
                        "t",
                        "",
                        prng.chance(50),
                        1 + static_cast<std::int64_t>(prng.below(9'000))};
    case 4:
      return UserFrame{random_item(prng), prng.chance(50) ? "t" : ""};
    case 5:
      return ReceiptsFrame{chat, random_receipts(prng)};
    case 6:
      return TypingFrame{chat, random_id<UserId>(prng), prng.chance(50)};
    case 7:
      return PresenceFrame{random_id<UserId>(prng), Presence::kAway, random_time(prng)};
    case 8:
      return Pong{prng.chance(50) ? "n" : "", random_time(prng)};
    case 9:
    case 10:
      return random_sync(prng);
    default:
      return random_event(prng, chat, random_seq(prng));
  }
}

}  // namespace godwit::testing
