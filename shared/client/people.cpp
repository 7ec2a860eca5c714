#include "shared/client/people.h"

namespace godwit {

void People::note_presence(const PresenceFrame& frame) {
  presence_[frame.user_id] = Seen{frame.status, frame.last_seen};
}

bool People::note_typing(ChatId chat_id, UserId user_id, bool is_typing, Instant now) {
  if (is_typing) {
    Instant& until = typing_[chat_id][user_id];
    bool changed = until == Instant{};
    until = now.plus_ms(limits::kTypingShownMs);
    return changed;
  }
  auto chat = typing_.find(chat_id);
  if (chat == typing_.end() || chat->second.erase(user_id) == 0) return false;
  if (chat->second.empty()) typing_.erase(chat);
  return true;
}

std::vector<ChatId> People::expire(Instant now) {
  std::vector<ChatId> changed;
  for (auto chat = typing_.begin(); chat != typing_.end();) {
    bool any = false;
    for (auto person = chat->second.begin(); person != chat->second.end();) {
      bool over = person->second <= now;
      any = any || over;
      person = over ? chat->second.erase(person) : std::next(person);
    }
    if (any) changed.push_back(chat->first);
    chat = chat->second.empty() ? typing_.erase(chat) : std::next(chat);
  }
  return changed;
}

void People::clear() {
  presence_.clear();
  typing_.clear();
  own_typing_.clear();
}

std::optional<People::Seen> People::presence(UserId user_id) const {
  auto it = presence_.find(user_id);
  if (it == presence_.end()) return std::nullopt;
  return it->second;
}

std::vector<UserId> People::typing(ChatId chat_id) const {
  std::vector<UserId> people;
  auto chat = typing_.find(chat_id);
  if (chat == typing_.end()) return people;
  for (const auto& [user_id, until] : chat->second) people.push_back(user_id);
  return people;
}

std::optional<Instant> People::next_deadline() const {
  std::optional<Instant> earliest;
  for (const auto& [chat_id, people] : typing_) {
    for (const auto& [user_id, until] : people) {
      if (!earliest || until < *earliest) earliest = until;
    }
  }
  return earliest;
}

bool People::own_typing_due(ChatId chat_id, bool is_typing, Instant now) {
  auto sent = own_typing_.find(chat_id);
  if (!is_typing) {
    bool was = sent != own_typing_.end();
    if (was) own_typing_.erase(sent);
    return was;
  }
  if (sent != own_typing_.end() && sent->second.plus_ms(limits::kTypingRepeatMs) > now)
    return false;
  own_typing_[chat_id] = now;
  return true;
}

}  // namespace godwit
