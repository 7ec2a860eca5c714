#include "server/gateway/typing_board.h"

#include <algorithm>

#include "server/gateway/people.h"

namespace godwit::server {

TypingBoard::TypingBoard(GatewayEnv& env, Registry& registry, Bus& bus)
    : env_(env), registry_(registry), bus_(bus) {}

bool TypingBoard::is_news(ClientConnection& connection, const Typing& typing) {
  auto& chats = connection.typing_in();
  auto known = std::find_if(chats.begin(), chats.end(), [&](const ClientConnection::TypingIn& in) {
    return in.chat_id == typing.chat_id;
  });
  const Instant now = env_.executor.now();
  if (!typing.is_typing) {
    if (known == chats.end()) return false;
    chats.erase(known);
    return true;
  }
  if (known != chats.end() && now.ms - known->told_at.ms < kTypingEveryMs) return false;
  if (!connection.may_type()) return false;
  if (known != chats.end()) {
    known->told_at = now;
    return true;
  }
  if (chats.size() >= kTypingChatsMax) chats.erase(chats.begin());
  chats.push_back({typing.chat_id, now});
  return true;
}

void TypingBoard::tell(UserId user_id, const Typing& typing, const Roster& roster) {
  if (roster.find(user_id) == nullptr) return;
  TypingNoted note{typing.chat_id, user_id, typing.is_typing};
  bus_.publish(note);
  relay(note, roster);
}

void TypingBoard::heard(const TypingNoted& note, const Roster& roster) { relay(note, roster); }

void TypingBoard::relay(const TypingNoted& note, const Roster& roster) {
  TypingFrame frame{note.chat_id, note.user_id, note.is_typing};
  send_to_people(env_, registry_, frame, *roster.ids, note.user_id);
}

std::vector<ChatId> TypingBoard::stopped(ClientConnection& connection) {
  const Instant shown_since = env_.executor.now().plus_ms(-limits::kTypingShownMs);
  std::vector<ChatId> chats;
  for (const ClientConnection::TypingIn& in : connection.typing_in()) {
    if (in.told_at >= shown_since) chats.push_back(in.chat_id);
  }
  connection.typing_in().clear();
  return chats;
}

}  // namespace godwit::server
