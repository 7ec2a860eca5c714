// Compaction: a mount whose journal has grown is rewritten as what still matters. History that
// leaves the hot mount goes to the cache mount first; only when it is durable there is the hot
// mount rewritten. Where the cache cannot be written it is declared void instead (a new
// generation), never silently stale.
#include <algorithm>

#include "shared/base/mutation.h"
#include "shared/client/client_store.h"
#include "shared/protocol/codec.h"

namespace godwit {
namespace {

constexpr std::size_t kQueueGrowthBytes = 128 * 1024;
constexpr std::size_t kHotGrowthBytes = 512 * 1024;
constexpr std::size_t kHotGrowthBytesMax = 4 * kHotGrowthBytes;  // also where a gap would wait

bool has_gap(const ClientState& state) {
  return std::any_of(state.chats.begin(), state.chats.end(),
                     [](const auto& one) { return one.second.known() && one.second.has_gap(); });
}

// The most recently active chats: those whose newest messages stay in the hot mount.
std::vector<ChatId> hot_chats(const ClientState& state) {
  std::vector<std::pair<std::int64_t, ChatId>> by_activity;
  for (const auto& [chat_id, chat] : state.chats) {
    by_activity.emplace_back(-chat.last_activity().unix_ms, chat_id);
  }
  std::sort(by_activity.begin(), by_activity.end());
  if (by_activity.size() > limits::kHotChats) by_activity.resize(limits::kHotChats);
  std::vector<ChatId> chats;
  for (const auto& [activity, chat_id] : by_activity) chats.push_back(chat_id);
  return chats;
}

bool is_hot(const std::vector<ChatId>& hot, ChatId chat_id) {
  return std::find(hot.begin(), hot.end(), chat_id) != hot.end();
}

// Where the hot part of a chat's newest stretch begins.
Seq hot_low(const ChatReplica& chat, bool hot) {
  Seq end = chat.held().next();
  if (!hot) return end;
  Seq low = chat.timeline().segments().low_of(chat.held(), false);
  return chat.timeline().back_from(end, limits::kHotMessages, low);
}

// The messages held in [from, to], as a page that is true as of what is held.
Page page_of(const ChatReplica& chat, Seq from, Seq to) {
  Page page;
  page.from = from;
  page.to = to;
  page.as_of = chat.held();
  page.has_after = true;
  page.has_before = !(chat.history_start() && from <= *chat.history_start());
  const auto& messages = chat.timeline().messages();
  for (auto it = messages.lower_bound(from); it != messages.end() && it->first <= to; ++it) {
    page.messages.push_back(it->second);
  }
  return page;
}

// What stands in a chat's snapshot behind its kind.
std::string snapshot_text(const ChatReplica& chat) {
  ChatReplica::Position at = chat.position();
  auto number = [](Seq seq) { return std::to_string(seq.value) + " "; };
  return number(at.held) + number(at.continuity_from) + number(at.archived_to) +
         number(at.unread_base_read) + (at.removed ? "1" : "0") + "\n" +
         encode_chat_state(chat.state());
}

std::string session_record(const ClientState& state) {
  return head_of(RecordKind::kSession) + session_text(state);
}

// `head` is the record's kind and whatever stands before the chat's id.
void add_stretch(std::vector<std::string>& payloads, const std::string& head, ChatId chat_id,
                 const Page& page) {
  if (page.from > page.to) return;
  for (const Page& part : split_page(page)) {
    payloads.push_back(head + chat_id.str() + "\n" + encode_page(part));
  }
}

// The changed messages below `below`, each as a record of its own: no stretch around them is
// claimed.
void add_strays(std::vector<std::string>& payloads, const std::string& head,
                const ChatReplica& chat, Seq below) {
  for (Seq seq : chat.strays()) {
    const Message* message = chat.timeline().at(seq);
    if (seq < below && message != nullptr) payloads.push_back(head + encode_message(*message));
  }
}

}  // namespace

void ClientStore::session(const ClientState& state) {
  append(RecordKind::kSession, session_text(state));
}

void ClientStore::snapshot(const ChatReplica& chat) {
  append(RecordKind::kChat, snapshot_text(chat));
  Seq low = hot_low(chat, true);
  if (low <= chat.held()) newest(chat.chat_id(), page_of(chat, low, chat.held()));
}

void ClientStore::start_over(ClientState& state) {
  ++state.cache_generation;
  archiving_.reset();
  if (loaded(Mount::kHot)) log(Mount::kHot).rewrite({session_record(state)});
  if (loaded(Mount::kCache)) log(Mount::kCache).rewrite({});
}

void ClientStore::compact(ClientState& state, bool sure) {
  compact_queue(state);
  compact_hot(state, sure);
  MountLog& cache = log(Mount::kCache);
  if (sure && cache.loaded() && cache.doubtful()) cache.repair();
}

void ClientStore::compact_queue(const ClientState& state) {
  MountLog& queue = log(Mount::kQueue);
  if (!queue.loaded() || queue.in_flight()) return;
  if (queue.bytes_since_rewrite() < kQueueGrowthBytes + queue.bytes() / 2) return;
  // Never in the way of an entry that is being saved.
  const std::vector<const OutboxEntry*> entries = state.outbox.all();
  auto is_durable = [](const OutboxEntry* entry) { return entry->durable; };
  if (!std::all_of(entries.begin(), entries.end(), is_durable)) return;
  std::vector<std::string> payloads;
  for (const OutboxEntry* entry : entries) {
    if (mutated(Mutation::kCompactionDropsOutbox) && entry->waiting()) continue;
    append_entry_records(*entry, payloads);
  }
  queue.rewrite(payloads);
}

// A damaged mount is kept as it is while anything is in doubt: it is what tells of the damage,
// should the device stop before all is compared.
void ClientStore::compact_hot(ClientState& state, bool sure) {
  MountLog& hot = log(Mount::kHot);
  MountLog& cache = log(Mount::kCache);
  if (!hot.loaded() || hot.in_flight() || (hot.doubtful() && !sure)) return;
  // A snapshot ends at the gap, and the journal alone holds what is known beyond it.
  bool patient = hot.bytes_since_rewrite() < kHotGrowthBytesMax;
  if (patient && has_gap(state)) return;
  if (archiving_) {
    if (cache.durable_through() >= *archiving_) {
      for (const auto& [chat_id, to] : archiving_to_) {
        if (ChatReplica* chat = state.find_chat(chat_id)) chat->set_archived_to(to);
      }
      rewrite_hot(state);
    } else if (cache.failed_through() >= *archiving_) {
      ++state.cache_generation;  // what /c holds is stale from here on
      cache.rewrite({});
      rewrite_hot(state);
    }
    return;
  }
  bool grown = hot.bytes_since_rewrite() >= std::max(kHotGrowthBytes, hot.bytes() / 2);
  if (!grown && !hot.doubtful()) return;
  if (cache.loaded()) archive(state);
}

void ClientStore::archive(ClientState& state) {
  std::vector<ChatId> hot = hot_chats(state);
  archiving_to_.clear();
  std::vector<std::string> payloads;
  const std::string generation = std::to_string(state.cache_generation);
  for (auto& [chat_id, chat] : state.chats) {
    Seq low = hot_low(chat, is_hot(hot, chat_id));
    Seq from = chat.timeline().segments().low_of(chat.held(), false);
    from = std::max(from, chat.archived_to().next());
    if (from < low) {
      add_stretch(payloads, head_of(RecordKind::kHistory) + generation + " ", chat_id,
                  page_of(chat, from, low.prev()));
      archiving_to_[chat_id] = low.prev();
    }
    add_strays(payloads, head_of(RecordKind::kChangedOld) + generation + "\n", chat, low);
    chat.strays().clear();
  }
  archiving_ = 0;
  for (const std::string& payload : payloads) archiving_ = log(Mount::kCache).append(payload);
  log(Mount::kCache).drop_oldest(limits::kCacheFilesMax, limits::kCacheBytesMax);
}

void ClientStore::rewrite_hot(ClientState& state) {
  archiving_.reset();
  archiving_to_.clear();
  std::vector<ChatId> hot = hot_chats(state);
  std::vector<std::string> payloads{session_record(state)};
  for (const auto& [name, item] : state.private_items.all()) {
    payloads.push_back(head_of(RecordKind::kPrivateItem) + encode_private_item(item));
  }
  payloads.push_back(head_of(RecordKind::kPrivatePosition) + position_text(state.private_items));
  for (auto& [chat_id, chat] : state.chats) {
    if (!chat.known()) continue;  // only stray events: they will be asked for again
    chat.rebase_unread(chat.unread(hidden_messages(state.private_items, chat_id)));
    payloads.push_back(head_of(RecordKind::kChat) + snapshot_text(chat));
    Seq checked_low = chat.timeline().segments().low_of(chat.held(), false);
    Seq low = std::max(checked_low,
                       std::min(hot_low(chat, is_hot(hot, chat_id)), chat.archived_to().next()));
    if (low <= chat.held()) {
      add_stretch(payloads, head_of(RecordKind::kStretch), chat_id,
                  page_of(chat, low, chat.held()));
    }
    add_strays(payloads, head_of(RecordKind::kChanged), chat, low);
  }
  log(Mount::kHot).rewrite(payloads);
}

}  // namespace godwit
