#include "server/store/row_codec.h"

namespace godwit::server {
namespace {

// Cuts the part before `separator` off `text`, and the separator.
std::string_view cut(std::string_view& text, char separator) {
  auto end = text.find(separator);
  auto part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

}  // namespace

std::string write_reactions(const std::vector<Reaction>& reactions) {
  std::string text;
  for (const Reaction& reaction : reactions) {
    if (!text.empty()) text.push_back('\n');
    text.append(reaction.emoji).append(" ").append(write_ids(reaction.users));
  }
  return text;
}

std::vector<Reaction> read_reactions(std::string_view text) {
  std::vector<Reaction> reactions;
  while (!text.empty()) {
    std::string_view line = cut(text, '\n');
    std::string emoji(cut(line, ' '));
    reactions.push_back(Reaction{std::move(emoji), read_ids(line)});
  }
  return reactions;
}

std::string write_forwarded(const ForwardedFrom& from) {
  return from.message_id.str() + " " + from.chat_id.str() + " " + from.sender_name;
}

std::optional<ForwardedFrom> read_forwarded(std::string_view text) {
  auto message_id = parse_id<MessageId>(cut(text, ' '));
  auto chat_id = parse_id<ChatId>(cut(text, ' '));
  if (!message_id || !chat_id) return std::nullopt;
  return ForwardedFrom{*message_id, *chat_id, std::string(text)};
}

std::string write_ids(const std::vector<UserId>& ids) {
  std::string text;
  for (UserId id : ids) {
    if (!text.empty()) text.push_back(' ');
    text.append(id.str());
  }
  return text;
}

std::vector<UserId> read_ids(std::string_view text) {
  std::vector<UserId> ids;
  while (!text.empty()) {
    if (auto id = parse_id<UserId>(cut(text, ' '))) ids.push_back(*id);
  }
  return ids;
}

}  // namespace godwit::server
