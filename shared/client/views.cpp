#include "shared/client/views.h"

#include <algorithm>

namespace godwit {
namespace {

// Remains of a damaged entry do not make a chat that nobody knows.
bool waits(const std::vector<const OutboxEntry*>& entries) {
  return std::any_of(entries.begin(), entries.end(),
                     [](const OutboxEntry* entry) { return entry->harm != Harm::kPartial; });
}

bool is_listed(const ViewSource& source, const ChatReplica& chat) {
  return chat.known() || waits(source.state.outbox.of_chat(chat.chat_id()));
}

}  // namespace

void Views::open(const OpenView& request) {
  close(request.view);
  switch (request.kind) {
    case OpenView::Kind::kApp:
      apps_.emplace(request.view, AppView());
      break;
    case OpenView::Kind::kChats:
      lists_.emplace(request.view, false);
      break;
    case OpenView::Kind::kConversation:
      fresh_.insert(request.view);
      conversations_.emplace(request.view, ConversationView(request.chat_id));
      break;
  }
}

void Views::close(std::uint32_t view) {
  apps_.erase(view);
  lists_.erase(view);
  conversations_.erase(view);
  fresh_.erase(view);
}

bool Views::load_older(std::uint32_t view) {
  auto it = conversations_.find(view);
  if (it == conversations_.end()) return false;
  it->second.load_older();
  fresh_.insert(view);
  return true;
}

void Views::touch_chat(ChatId chat_id, News news) {
  auto at = std::lower_bound(touched_.begin(), touched_.end(), chat_id,
                             [](const Touched& one, ChatId id) { return one.chat_id < id; });
  if (at == touched_.end() || at->chat_id != chat_id) {
    touched_.insert(at, Touched{chat_id, news});
  } else {
    at->news = std::max(at->news, news);
  }
}

void Views::touch_all(const ClientState& state) {
  for (const auto& [chat_id, chat] : state.chats) touch_chat(chat_id);
  for (const auto& [chat_id, row] : list_.rows()) touch_chat(chat_id);
  for (const auto& [view, conversation] : conversations_) fresh_.insert(view);
}

const Views::Touched* Views::touched(ChatId chat_id) const {
  auto at = std::lower_bound(touched_.begin(), touched_.end(), chat_id,
                             [](const Touched& one, ChatId id) { return one.chat_id < id; });
  return at == touched_.end() || at->chat_id != chat_id ? nullptr : &*at;
}

void Views::renew_rows(const ViewSource& source) {
  bool followed = !lists_.empty();
  for (const Touched& one : touched_) {
    const ChatReplica* chat = source.state.find_chat(one.chat_id);
    if (chat != nullptr && is_listed(source, *chat)) {
      list_.renew(source, *chat, one.news, followed);
    } else {
      list_.remove(one.chat_id, followed);
    }
  }
}

void Views::collect_lists(Effects& effects) {
  std::string moves = list_.take_moves();
  for (auto& [view, told] : lists_) {
    if (!told) {
      effects.push_back(ViewDiff{view, list_.all_rows()});
    } else if (!moves.empty()) {
      effects.push_back(ViewDiff{view, lists_.size() == 1 ? std::move(moves) : moves});
    }
    told = true;
  }
}

void Views::collect(const ViewSource& source, Effects& effects) {
  renew_rows(source);
  for (auto& [view, app] : apps_) {
    if (auto json = app.diff(source, list_.total_unread())) {
      effects.push_back(ViewDiff{view, std::move(*json)});
    }
  }
  collect_lists(effects);
  for (auto& [view, conversation] : conversations_) {
    const Touched* chat = touched(conversation.chat_id());
    bool fresh = fresh_.count(view) != 0;
    if (chat == nullptr && !fresh) continue;
    if (auto json = conversation.diff(source, fresh ? News::kAny : chat->news)) {
      effects.push_back(ViewDiff{view, std::move(*json)});
    }
  }
  touched_.clear();
  fresh_.clear();
}

}  // namespace godwit
