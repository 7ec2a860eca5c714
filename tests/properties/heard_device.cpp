#include "tests/properties/heard_device.h"

#include <algorithm>

#include "shared/protocol/codec.h"

namespace godwit::properties {
namespace {

constexpr std::uint64_t kItems = 5;
constexpr std::uint32_t kView = 1;
constexpr std::size_t kSyncPage = 5;  // small, so that there is something to scroll for

PrivateItem item(std::uint64_t number) {
  return PrivateItem{
      UserSeq{number}, "setting.k" + std::to_string(number % 2), {}, {}, std::to_string(number)};
}

// The value of a name in a query; 0: it is not there.
std::uint64_t number_in(const std::string& path, const std::string& name) {
  std::size_t at = path.find(name + "=");
  return at == std::string::npos ? 0 : std::stoull(path.substr(at + name.size() + 1));
}

// The last `limit` messages below `end`, as they stand at `head`.
Page page_before(const History& history, Seq end, std::size_t limit, Seq head) {
  const auto& messages = history.at(head).messages;
  auto it = messages.lower_bound(end);
  Seq from{1};
  while (it != messages.begin() && limit > 0) {
    --it;
    --limit;
    if (limit == 0) from = it->first;
  }
  return history.page(from, end.prev(), head);
}

// What changed of the first `limit` messages behind `after`.
Page changes_after(const History& history, Seq after, Seq since, std::size_t limit, Seq head) {
  const auto& messages = history.at(head).messages;
  auto it = messages.upper_bound(after);
  Seq to = head;
  for (; it != messages.end() && limit > 0; ++it) {
    if (--limit == 0) to = it->first;
  }
  Page page = history.page(after.next(), to, head);
  auto old = [since](const Message& one) { return one.rev <= since; };
  page.messages.erase(std::remove_if(page.messages.begin(), page.messages.end(), old),
                      page.messages.end());
  return page;
}

}  // namespace

HeardDevice::HeardDevice(const History& history) : history_(history) { start(); }

void HeardDevice::start() {
  core_ = std::make_unique<ClientCore>(ClientCore::Config{1});
  give(StorageLoaded{Mount::kQueue, disks_.files(Mount::kQueue)});
  give(StorageLoaded{Mount::kHot, disks_.files(Mount::kHot)});
  give(Start{kSelf, "me", "Me", "d1", "1", 1});
  give(StorageLoaded{Mount::kCache, disks_.files(Mount::kCache)});
  give(OpenView{kView, OpenView::Kind::kConversation, kChat});
  give(SocketOpened{});
  hear(Welcome{kSelf, SessionId{1}, "e1", Timestamp{1}, 25'000, {}, 1, "1"});
  say_own();
}

// One's own messages of the history, as they are before they are sent.
void HeardDevice::say_own() {
  for (std::uint64_t seq = 1; seq <= history_.head().value; ++seq) {
    const ChatEvent event = history_.event(Seq{seq}, Seq{seq});
    if (event.actor_id != kSelf || event.kind != EventKind::kMessage) continue;
    give(Intend{SendMessage{event.temp_id, kChat, *event.message.content, {}, {}}});
  }
}

void HeardDevice::give(const Event& event) {
  Effects effects;
  now_ms_ += 1;
  (void)core_->step(Instant{now_ms_}, Timestamp{now_ms_}, event, effects);
  for (Effect& effect : effects) {
    if (auto* persist = std::get_if<Persist>(&effect)) batches_.push_back(persist->batch);
    if (auto* request = std::get_if<HttpRequest>(&effect)) pages_.push_back(*request);
    if (auto* frame = std::get_if<SendFrame>(&effect)) note_sent(frame->text);
  }
}

void HeardDevice::note_sent(const std::string& text) {
  auto frame = decode_client_frame(text).frame;
  if (!frame) return;
  if (auto* request = std::get_if<SyncRequest>(&*frame)) syncs_.push_back(*request);
  if (auto* sent = std::get_if<SendMessage>(&*frame)) sends_.push_back(sent->temp_id);
}

void HeardDevice::hear(const ServerFrame& frame) { give(FrameReceived{encode(frame)}); }

bool HeardDevice::happen(bool told) {
  if (head_ == history_.head()) return false;
  head_ = head_.next();
  if (told) tell_again(head_);
  return true;
}

void HeardDevice::tell_again(Seq seq) {
  const ChatEvent event = history_.event(seq, head_);
  hear(event);
  if (event.actor_id != kSelf || event.kind != EventKind::kMessage) return;
  hear(MessageAck{event.temp_id, event.message.message_id, kChat, event.seq, event.message.rev,
                  event.timestamp, false});
}

void HeardDevice::tell_receipts() { hear(ReceiptsFrame{kChat, history_.at(head_).receipts}); }

void HeardDevice::tell_item() {
  if (items_ < kItems) hear(UserFrame{item(++items_), ""});
}

void HeardDevice::answer_sync() {
  std::vector<SyncRequest> asked = std::move(syncs_);
  syncs_.clear();
  for (const SyncRequest& request : asked) {
    answer_chat(request);
    answer_user(request);
    hear(SyncResponse{request.request_id, SyncDone{}, true});
  }
}

void HeardDevice::answer_chat(const SyncRequest& request) {
  auto named = request.chats.find(kChat);
  if (named == request.chats.end()) {
    if (!request.rest) return;
    SyncChat part{history_.state(head_), false,
                  page_before(history_, head_.next(), kSyncPage, head_)};
    hear(SyncResponse{request.request_id, std::move(part), false});
    return;
  }
  SyncEvents part;
  part.chat_id = kChat;
  part.from = named->second;
  part.to = head_;
  for (Seq seq = part.from.next(); seq <= head_; seq = seq.next()) {
    part.events.push_back(history_.event(seq, head_));
  }
  part.receipts = history_.at(head_).receipts;
  hear(SyncResponse{request.request_id, std::move(part), false});
}

void HeardDevice::answer_user(const SyncRequest& request) {
  if (!request.user) return;
  SyncUser part;
  part.from = *request.user;
  part.to = UserSeq{std::max(items_, part.from.value)};
  for (std::uint64_t number = part.from.value + 1; number <= items_; ++number) {
    const bool replaced = number + 2 <= items_;  // the later one of its key alone is there
    if (!replaced) part.items.push_back(item(number));
  }
  hear(SyncResponse{request.request_id, std::move(part), false});
}

void HeardDevice::answer_pages() {
  std::vector<HttpRequest> asked = std::move(pages_);
  pages_.clear();
  for (const HttpRequest& request : asked) {
    if (request.method != "GET") {  // watermarks: nothing of them is compared
      give(HttpAnswered{request.id, 503, ""});
      continue;
    }
    const std::size_t limit = number_in(request.path, "limit");
    const std::uint64_t before = number_in(request.path, "before");
    const Seq end = before == 0 ? head_.next() : Seq{before};
    const bool changes = request.path.find("changedSince=") != std::string::npos;
    const Page page =
        changes ? changes_after(history_, Seq{number_in(request.path, "after")},
                                Seq{number_in(request.path, "changedSince")}, limit, head_)
                : page_before(history_, end, limit, head_);
    give(HttpAnswered{request.id, 200, encode_page(page)});
  }
}

void HeardDevice::answer_sends() {
  for (std::uint64_t seq = 1; seq <= head_.value; ++seq) {
    const ChatEvent event = history_.event(Seq{seq}, head_);
    if (event.actor_id != kSelf || event.kind != EventKind::kMessage) continue;
    auto sent = std::find(sends_.begin(), sends_.end(), event.temp_id);
    if (sent == sends_.end()) continue;
    sends_.erase(sent);
    hear(MessageAck{event.temp_id, event.message.message_id, kChat, event.seq, event.message.rev,
                    event.timestamp, true});
  }
}

void HeardDevice::scroll() { give(LoadOlder{kView}); }

void HeardDevice::settle(bool written) {
  std::vector<Batch> due = std::move(batches_);
  batches_.clear();
  for (const Batch& batch : due) {
    if (written) disks_.write(batch);
    give(BatchDone{batch.id, written, false});
  }
}

void HeardDevice::die() {
  batches_.clear();
  syncs_.clear();
  pages_.clear();
  sends_.clear();
  start();
}

void HeardDevice::pass(std::int64_t ms) {
  now_ms_ += ms;
  give(DeadlineReached{});
}

void HeardDevice::finish() {
  while (happen(true)) continue;
  tell_again(head_);  // a server fills, within its time, what the fan-out lost (OR8)
  while (items_ < kItems) tell_item();
  tell_receipts();
  for (int i = 0; i < 12; ++i) {
    scroll();
    answer_pages();
    answer_sync();
    answer_sends();
    settle(true);
    pass(1'500);
  }
}

std::string HeardDevice::shown() const {
  std::string text;
  const ClientState& state = core_->state();
  for (const auto& [chat_id, chat] : state.chats) {
    text += chat_id.str() + " " + chat.info().name + " held " + std::to_string(chat.held().value);
    text += chat.has_gap() ? " with a gap\n" : "\n";
    for (const Member& member : chat.present()) {
      text += member.user_id.str() + "@" + std::to_string(member.rev.value) + " ";
    }
    for (const auto& [seq, message] : chat.timeline().messages()) {
      text += encode_message(message) + "\n";
    }
    text += encode(ServerFrame(ReceiptsFrame{chat_id, chat.watermarks().all()})) + "\n";
  }
  for (const auto& [name, one] : state.private_items.all()) text += encode_private_item(one) + "\n";
  for (const OutboxEntry* entry : state.outbox.all()) text += "waiting " + entry->temp_id() + "\n";
  return text;
}

}  // namespace godwit::properties
