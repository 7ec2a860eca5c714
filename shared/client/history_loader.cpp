#include "shared/client/history_loader.h"

#include <algorithm>

namespace godwit {
namespace {

// A hole in what is held may be shorter than a page: no more than it holds is asked for.
std::size_t page_limit(const Timeline& timeline, Seq low) {
  std::size_t limit = limits::kPageMessagesDefault;
  for (const Segment& segment : timeline.segments().all()) {
    if (segment.to >= low) break;
    limit = static_cast<std::size_t>(
        std::min<std::uint64_t>(low.value - 1 - segment.to.value, limits::kPageMessagesDefault));
  }
  return limit;
}

// As many messages as are held of a stretch, so that nothing behind it comes as well; of one that
// is not known at all as many as it can hold.
std::size_t recheck_limit(const Timeline& timeline, const Segment& doubt) {
  std::uint64_t count = doubt.to.value - doubt.from.value + 1;
  if (doubt.as_of.value != 0) {
    const auto& messages = timeline.messages();
    auto end = messages.upper_bound(doubt.to);
    count = 0;
    for (auto it = messages.lower_bound(doubt.from); it != end; ++it) ++count;
  }
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(count, 1, limits::kPageMessagesMax));
}

}  // namespace

std::string HistoryLoader::Request::path() const {
  std::string path = "/chats/" + chat_id.str() + "/messages?";
  if (recheck) {
    return path + "after=" + std::to_string(from.prev().value) +
           "&changedSince=" + std::to_string(as_of.value) + "&limit=" + std::to_string(limit);
  }
  if (before.value != 0) path += "before=" + std::to_string(before.value) + "&";
  return path + "limit=" + std::to_string(limit);
}

bool HistoryLoader::may_ask(const ChatReplica& chat, Instant now) const {
  if (!chat.known() || !chat.is_member() || loading(chat.chat_id())) return false;
  auto pause = paused_until_.find(chat.chat_id());
  return pause == paused_until_.end() || pause->second <= now;
}

std::optional<HistoryLoader::Request> HistoryLoader::next_doubt(const ChatReplica& chat,
                                                                Instant now) const {
  auto doubt = chat.next_doubt();
  if (!doubt || !may_ask(chat, now)) return std::nullopt;
  Request request;
  request.chat_id = chat.chat_id();
  request.recheck = true;
  request.from = doubt->from;
  request.to = doubt->to;
  request.as_of = doubt->as_of;
  request.limit = recheck_limit(chat.timeline(), *doubt);
  return request;
}

std::optional<HistoryLoader::Request> HistoryLoader::next(const ChatReplica& chat,
                                                          std::size_t count, Instant now) {
  if (!may_ask(chat, now)) return std::nullopt;
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
    request.limit = limits::kPageMessagesMax;
  } else {
    request.before = low;
    request.limit = page_limit(timeline, low);
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
