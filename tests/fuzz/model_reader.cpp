#include "tests/fuzz/model_reader.h"

#include <algorithm>
#include <iterator>

namespace godwit::fuzz {

using server::ChatRow;
using server::EventRow;
using server::MemberRow;

ModelReader::ModelReader(Input& input) {
  for (std::uint32_t count = input.below(kChatsMax + 1); count > 0; --count) add_chat(input);
  const std::uint32_t wanted = input.below(8) == 7 ? 1'100 : input.below(6);
  const std::size_t value_bytes = input.below(8) == 7 ? 15'000 : 3;
  for (std::uint64_t seq = 1; seq <= wanted; ++seq) {
    const bool long_one = seq < 40;
    PrivateItem item;
    item.user_seq = UserSeq{seq};
    item.key = "setting.n" + std::to_string(seq);
    item.value = "\"" + std::string(long_one ? value_bytes : 3, 'v') + "\"";
    items.push_back(std::move(item));
  }
}

// Chat 101, 102, …: its log is the creation and then what the input says, over and over.
void ModelReader::add_chat(Input& input) {
  ModelChat chat;
  chat.row.chat_id = ChatId{101 + chats.size()};
  chat.row.info = ChatInfo{ChatType::kGroup, "Group", {}, Seq{1}};
  chat.row.active_at = Timestamp{static_cast<std::int64_t>(input.byte())};
  // Long logs are few, so that an input costs little.
  static constexpr std::uint32_t kLongLogs[] = {1, 2, 9, 255, 256, 257, 512, 700};
  static constexpr std::uint32_t kShortLogs[] = {1, 2, 3, 5, 9, 10, 20, 60};
  const bool may_be_long = chats.size() < 2;
  const std::uint32_t which = input.below(8);
  const std::uint32_t head = may_be_long ? kLongLogs[which] : kShortLogs[which];
  static constexpr std::size_t kTexts[] = {1, 10, 1'000, 16'000};
  const std::size_t text_bytes = head > 300 ? kTexts[input.below(2)] : kTexts[input.below(4)];
  for (std::uint64_t user = 7; user < 10; ++user) {
    MemberRow member{UserId{user}, Role::kMember, Seq{1}, Seq{1}};
    const std::uint8_t kind = input.byte();
    if (kind % 5 == 1) member.role.reset();
    if (kind % 5 == 2) member.joined_seq = member.rev = Seq{1 + kind % head};
    if (kind % 5 == 3) continue;
    chat.members.emplace(member.user_id, member);
    chat.receipts.read[member.user_id] = Seq{kind % head};
  }
  const std::string_view shape = input.bytes(4);
  for (std::uint32_t i = 0; i < head; ++i) {
    const std::uint8_t step =
        shape.empty() ? 0 : static_cast<std::uint8_t>(shape[i % shape.size()]);
    Input one(&step, 1);
    add_event(one, chat, text_bytes);
  }
  chats.emplace(chat.row.chat_id, std::move(chat));
}

void ModelReader::add_event(Input& input, ModelChat& chat, std::size_t text_bytes) {
  const std::uint8_t kind = input.byte();
  const Seq seq = chat.row.head = chat.row.head.next();
  const UserId actor{7 + kind % 3u};
  const bool changes = kind % 4 == 3 && !chat.messages.empty();
  if (changes) {
    Message& message = chat.messages.rbegin()->second;
    message.rev = seq;
    message.pinned = !message.pinned;
    chat.events.emplace(seq, EventRow{EventKind::kPin, seq, message.seq, actor, {}, "e", {}});
    return;
  }
  Message message;
  message.message_id = MessageId{1'000 * chat.row.chat_id.value + seq.value};
  message.chat_id = chat.row.chat_id;
  message.seq = message.rev = seq;
  message.sender_id = actor;
  message.temp_id = "m" + std::to_string(seq.value);
  message.content = Content{ContentType::kText, std::string(text_bytes, 'x'), {}};
  if (seq == Seq{1} || kind % 16 == 4) {
    message.content = Content{ContentType::kSystem, {}, R"({"type":"system","kind":"created"})"};
    chat.events.emplace(seq, EventRow{EventKind::kChat, seq, seq, actor, {}, "c", {UserId{7}}});
  }
  chat.messages.emplace(seq, std::move(message));
}

const ModelChat* ModelReader::find(ChatId chat_id) const {
  auto found = chats.find(chat_id);
  return found == chats.end() ? nullptr : &found->second;
}

bool ModelReader::is_member(ChatId chat_id) const {
  const ModelChat* chat = find(chat_id);
  if (chat == nullptr) return false;
  auto place = chat->members.find(kViewer);
  return place != chat->members.end() && place->second.role.has_value();
}

std::optional<server::UserRow> ModelReader::user(UserId user_id) {
  server::UserRow row;
  row.user_id = user_id;
  row.username = "u" + user_id.str();
  row.display_name = "User";
  return row;
}

std::optional<ChatRow> ModelReader::chat(ChatId chat_id) {
  const ModelChat* chat = find(chat_id);
  return chat == nullptr ? std::nullopt : std::optional<ChatRow>(chat->row);
}

std::vector<ChatRow> ModelReader::chats_of(UserId) {
  std::vector<ChatRow> rows;
  for (const auto& [chat_id, chat] : chats) {
    if (is_member(chat_id)) rows.push_back(chat.row);
  }
  return rows;
}

std::vector<MemberRow> ModelReader::members(ChatId chat_id) {
  std::vector<MemberRow> present;
  for (const auto& [user_id, member] : chats.at(chat_id).members) {
    if (member.role) present.push_back(member);
  }
  return present;
}

std::optional<MemberRow> ModelReader::member(ChatId chat_id, UserId user_id) {
  const ModelChat* chat = find(chat_id);
  if (chat == nullptr) return std::nullopt;
  auto found = chat->members.find(user_id);
  return found == chat->members.end() ? std::nullopt : std::optional<MemberRow>(found->second);
}

std::optional<Message> ModelReader::message_at(ChatId chat_id, Seq seq) {
  const auto& all = chats.at(chat_id).messages;
  auto found = all.find(seq);
  return found == all.end() ? std::nullopt : std::optional<Message>(found->second);
}

std::vector<Message> ModelReader::messages(ChatId chat_id, Seq from, Seq to, std::size_t limit,
                                           bool newest) {
  std::vector<Message> taken;
  if (from > to) return taken;
  const auto& all = chats.at(chat_id).messages;
  auto first = all.lower_bound(from);
  auto last = all.upper_bound(to);
  for (; first != last; ++first) taken.push_back(first->second);
  if (taken.size() <= limit) return taken;
  const auto excess = static_cast<std::ptrdiff_t>(taken.size() - limit);
  if (newest) {
    taken.erase(taken.begin(), taken.begin() + excess);
  } else {
    taken.erase(taken.end() - excess, taken.end());
  }
  return taken;
}

bool ModelReader::any_message(ChatId chat_id, Seq from, Seq to) {
  return !messages(chat_id, from, to, 1, false).empty();
}

std::vector<EventRow> ModelReader::events(ChatId chat_id, Seq from, Seq to) {
  std::vector<EventRow> rows;
  const auto& all = chats.at(chat_id).events;
  for (auto it = all.lower_bound(from); it != all.end() && it->first <= to; ++it) {
    rows.push_back(it->second);
  }
  return rows;
}

void ModelReader::each_rev(ChatId chat_id, Seq from, Seq to,
                           const std::function<void(MessageId, Seq)>& visit) {
  const auto& all = chats.at(chat_id).messages;
  for (auto it = all.lower_bound(from); it != all.end() && it->first <= to; ++it) {
    visit(it->second.message_id, it->second.rev);
  }
}

Receipts ModelReader::receipts(ChatId chat_id) { return chats.at(chat_id).receipts; }

UserSeq ModelReader::user_head(UserId) { return items.empty() ? UserSeq{} : items.back().user_seq; }

std::vector<PrivateItem> ModelReader::private_items(UserId, UserSeq after, std::size_t limit) {
  std::vector<PrivateItem> taken;
  for (const PrivateItem& item : items) {
    if (item.user_seq > after && taken.size() < limit) taken.push_back(item);
  }
  return taken;
}

}  // namespace godwit::fuzz
