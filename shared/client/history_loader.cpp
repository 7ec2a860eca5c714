#include "shared/client/history_loader.h"

namespace godwit {

std::string HistoryLoader::Request::path() const {
  std::string path = "/chats/" + chat_id.str() + "/messages?";
  if (recheck) {
    return path + "after=" + std::to_string(from.prev().value) +
           "&changedSince=" + std::to_string(as_of.value) +
           "&limit=" + std::to_string(limits::kPageMessagesMax);
  }
  if (before.value != 0) path += "before=" + std::to_string(before.value) + "&";
  return path + "limit=" + std::to_string(limits::kPageMessagesDefault);
}

std::optional<HistoryLoader::Request> HistoryLoader::next(const ChatReplica& chat,
                                                          std::size_t count, Instant now) {
  if (!chat.known() || !chat.is_member() || loading(chat.chat_id())) return std::nullopt;
  auto pause = paused_until_.find(chat.chat_id());
  if (pause != paused_until_.end() && pause->second > now) return std::nullopt;
  const Timeline& timeline = chat.timeline();
  Seq low = shown_low(chat, false);
  if (!has_before(chat, low)) return std::nullopt;
  std::size_t held = 0;
  for (auto it = timeline.messages().end(); it != timeline.messages().begin() && held < count;) {
    --it;
    if (it->first < low) break;
    ++held;
  }
  if (held >= count) return std::nullopt;
  Request request;
  request.chat_id = chat.chat_id();
  const Segment* unchecked = timeline.segments().find(low.prev());
  if (unchecked != nullptr) {
    request.recheck = true;
    request.from = unchecked->from;
    request.to = unchecked->to;
    request.as_of = unchecked->as_of;
  } else {
    request.before = low;
  }
  return request;
}

std::optional<Instant> HistoryLoader::next_deadline() const {
  std::optional<Instant> earliest;
  for (const auto& [chat_id, until] : paused_until_) {
    if (!earliest || until < *earliest) earliest = until;
  }
  return earliest;
}

Seq shown_low(const ChatReplica& chat, bool with_unchecked) {
  return chat.timeline().segments().low_of(chat.held(), with_unchecked);
}

bool has_before(const ChatReplica& chat, Seq low) {
  return low > chat.history_start().value_or(Seq{1});
}

}  // namespace godwit
