#include "server/app/wire_size.h"

namespace godwit::server {
namespace {

// Field names, punctuation, numbers and ids of one of these, generously.
constexpr std::size_t kMessageFrame = 640;
constexpr std::size_t kMemberFrame = 160;
constexpr std::size_t kChatFrame = 320;
constexpr std::size_t kItemFrame = 160;
constexpr std::size_t kIdBytes = 23;         // "1234567890123456789",
constexpr std::size_t kWatermarkBytes = 42;  // "id":seq,

std::size_t json_size(const std::string& text) {
  std::size_t size = text.size() + 2;
  for (char c : text) {
    if (c == '"' || c == '\\') size += 1;
    if (static_cast<unsigned char>(c) < 0x20) size += 5;
  }
  return size;
}

std::size_t members_size(const std::vector<Member>& members) {
  std::size_t size = 0;
  for (const Member& member : members) {
    size += kMemberFrame + json_size(member.username) + json_size(member.display_name);
  }
  return size;
}

std::size_t info_size(const ChatInfo& info) {
  return kChatFrame + json_size(info.name) + info.settings.size();
}

}  // namespace

std::size_t wire_size_max(const Message& message) {
  std::size_t size = kMessageFrame;
  if (message.content) size += json_size(message.content->text) + message.content->body.size();
  if (message.forwarded_from) size += json_size(message.forwarded_from->sender_name);
  for (const Reaction& reaction : message.reactions) {
    size += json_size(reaction.emoji) + kIdBytes * (reaction.users.size() + 1);
  }
  return size;
}

std::size_t wire_size_max(const ChatEvent& event) {
  std::size_t size = wire_size_max(event.message) + kMessageFrame;
  if (event.kind == EventKind::kChat) size += info_size(event.info) + members_size(event.members);
  return size;
}

std::size_t wire_size_max(const ChatState& chat) {
  std::size_t size = info_size(chat.info) + members_size(chat.members);
  if (chat.last_message) size += wire_size_max(*chat.last_message);
  return size + kWatermarkBytes * (chat.receipts.delivered.size() + chat.receipts.read.size());
}

std::size_t wire_size_max(const PrivateItem& item) {
  return kItemFrame + json_size(item.key) + item.value.size();
}

}  // namespace godwit::server
