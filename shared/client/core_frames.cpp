// What the server says: each frame's meaning for what this device knows.
#include <algorithm>

#include "shared/base/mutation.h"
#include "shared/client/client_core.h"
#include "shared/protocol/codec.h"
#include "shared/protocol/codes.h"
#include "shared/protocol/json_writer.h"
#include "shared/protocol/message_scanner.h"

namespace godwit {

Status ClientCore::on(const FrameReceived& event) {
  std::string_view rest = event.text;
  while (link_.open()) {  // what comes of a socket that was given up is not heard
    const std::size_t end = rest.find(FrameReceived::kSeparator);
    link_.received(now_);
    receive_text(rest.substr(0, end));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return Status::ok();
}

void ClientCore::receive_text(std::string_view text) {
  ChatEvent event;
  if (scan_message_frame(text, event)) {
    take_event(std::move(event), text);
    return;
  }
  auto frame = decode_server_frame(text);
  if (!frame) {
    json::Writer out;
    out.open('{').field("event", "bad_frame").field("detail", frame.error().detail).close('}');
    effects_->push_back(Report{out.take()});
    return;
  }
  receive(*frame);
}

void ClientCore::receive(ServerFrame& frame) {
  std::visit([this](auto& one) { receive(one); }, frame);
}

void ClientCore::receive(const Welcome& frame) {
  if (frame.user_id != state_.self) {  // signed in as somebody else: nothing of ours is theirs
    link_.session_over();
    effects_->push_back(Disconnect{});
    effects_->push_back(SessionEnded{});
    return;
  }
  link_.welcomed(now_);
  adopt_epoch(frame.epoch);
  views_.touch_all(state_);
}

// A foreign epoch: the database began a new life. The outbox and drafts stay, the rest goes.
void ClientCore::adopt_epoch(const std::string& epoch) {
  if (state_.epoch == epoch || epoch.empty()) return;
  bool foreign = !state_.epoch.empty() || state_.epoch_lost;
  state_.epoch = epoch;
  state_.epoch_lost = false;
  if (!foreign || mutated(Mutation::kEpochIgnored)) {
    store_.session(state_);
    return;
  }
  std::vector<SetPrivate> drafts;
  for (const auto& [name, item] : state_.private_items.all()) {
    bool draft = item.key == "draft" && item.value != "null" && item.value != "\"\"";
    // A newer one that is still on its way says more than what the old life had confirmed.
    for (const OutboxEntry* entry : state_.outbox.of_chat(item.chat_id)) {
      const auto* op = std::get_if<SetPrivate>(&entry->operation);
      draft = draft && (op == nullptr || op->key != item.key);
    }
    if (draft) drafts.push_back(SetPrivate{make_temp_id(), item.key, item.chat_id, {}, item.value});
  }
  views_.touch_all(state_);
  state_.chats.clear();
  state_.private_items = PrivateItems();
  store_.start_over(state_);
  // Answers of the old life are void: what was settled is asked again and deduplicated or refused.
  for (OutboxEntry* entry : state_.outbox.all()) {
    entry->settled = false;
    entry->in_flight = false;
    if (entry->harm != Harm::kPartial) state_.chat(chat_of(entry->operation));
  }
  state_.chats.erase(ChatId{});
  for (SetPrivate& draft : drafts) queue(std::move(draft));
  history_.clear();
  marks_.start_over();
  sync_.disconnected();
}

void ClientCore::receive(const MessageAck& frame) {
  const OutboxEntry* entry = state_.outbox.find(frame.temp_id);
  if (entry == nullptr || entry->settled) return;
  const auto* op = std::get_if<SendMessage>(&entry->operation);
  if (op == nullptr || op->chat_id != frame.chat_id) return;
  ChatEvent event;  // as it was created; whatever changed it since has a higher rev
  Message& message = event.message;
  message.message_id = frame.message_id;
  message.chat_id = frame.chat_id;
  message.seq = message.rev = frame.seq;
  message.sender_id = state_.self;
  message.temp_id = frame.temp_id;
  message.timestamp = frame.timestamp;
  message.content = op->content;
  message.reply_to = op->reply_to;
  message.forwarded_from = op->forwarded_from;
  name_by_message(event);
  receive(event);
  const ChatReplica* chat = state_.find_chat(frame.chat_id);
  if (chat != nullptr && frame.rev > chat->held()) sync_.want_chat(frame.chat_id);
}

void ClientCore::receive(const Ack& frame) { settle(frame.temp_id, 0); }

void ClientCore::receive(const ErrorFrame& frame) {
  if (frame.code == Code::kUnauthenticated) return;  // the close that follows says it
  if (!frame.temp_id.empty()) {
    if (frame.retryable && !mutated(Mutation::kRefusalForNowFinal)) {
      refuse_for_now(frame.temp_id, frame.retry_after_ms);
    } else {
      fail(frame.temp_id, frame.code);
    }
    return;
  }
  if (!frame.request_id.empty() && frame.retryable) {
    sync_.refused(now_, std::max<std::int64_t>(frame.retry_after_ms, limits::kBackoffMinMs));
  } else if (!frame.request_id.empty()) {
    sync_.finished(frame.request_id);
    sync_.comparison().give_up();
  }
}

// It is not on its way any more, and the screen says so.
void ClientCore::refuse_for_now(const std::string& temp_id, std::int64_t retry_after_ms) {
  const OutboxEntry* entry = state_.outbox.find(temp_id);
  if (entry == nullptr) return;
  views_.touch_chat(chat_of(entry->operation));
  state_.outbox.refused_for_now(temp_id, now_, prng_, retry_after_ms);
}

void ClientCore::take_event(ChatEvent&& event, std::string_view text) {
  ChatReplica& chat = state_.chat(event.chat_id);
  const Message* held = chat.timeline().at(event.message.seq);
  bool newest = event.kind == EventKind::kMessage && chat.timeline().ends_before(event.seq);
  bool known = event.seq <= chat.held() && held != nullptr && held->rev >= event.message.rev;
  // A repeat may still tell one's own tempId, or a member's new name.
  bool repeated = known && event.kind != EventKind::kChat &&
                  (event.message.temp_id.empty() || event.message.temp_id == held->temp_id);
  MountLog::Ticket ticket = known ? 0 : store_.event(state_, event, text);
  Arrival arrival = chat.apply(std::move(event));  // which takes the message, and only that
  if (arrival == Arrival::kAhead) sync_.want_chat(event.chat_id);
  if (!repeated) {
    bool next = newest && arrival == Arrival::kNext;
    views_.touch_chat(event.chat_id, next ? News::kArrival : News::kAny);
    marks_.touch(event.chat_id);
  }
  if (event.actor_id == state_.self && !event.temp_id.empty()) settle(event.temp_id, ticket);
  if (event.kind == EventKind::kMessage) {
    bool was_typing = people_.note_typing(event.chat_id, event.actor_id, false, now_);
    if (was_typing) views_.touch_chat(event.chat_id);
  }
  if (event.kind == EventKind::kChat && chat.gone()) forget_chat(event.chat_id);
}

void ClientCore::receive(const UserFrame& frame) {
  if (state_.private_items.merge(frame.item)) store_.private_item(frame.item);
  Arrival arrival = state_.private_items.position().note(frame.item.user_seq);
  if (arrival == Arrival::kNext) {
    store_.private_position(state_.private_items);
  } else if (arrival == Arrival::kAhead) {
    sync_.want_user();
  }
  views_.touch_chat(frame.item.chat_id);
  if (!frame.temp_id.empty()) settle(frame.temp_id, 0);
}

void ClientCore::receive(const ReceiptsFrame& frame) {
  merge_receipts(frame.chat_id, frame.receipts);
}

void ClientCore::merge_receipts(ChatId chat_id, const Receipts& receipts) {
  ChatReplica* chat = state_.find_chat(chat_id);
  if (chat == nullptr) return;
  marks_.confirmed(chat_id, state_.self, receipts);
  marks_.touch(chat_id);
  if (!chat->watermarks().merge(receipts)) return;
  store_.receipts(chat_id, receipts);
  views_.touch_chat(chat_id);
}

void ClientCore::receive(const TypingFrame& frame) {
  if (frame.user_id == state_.self || state_.find_chat(frame.chat_id) == nullptr) return;
  if (people_.note_typing(frame.chat_id, frame.user_id, frame.is_typing, now_)) {
    views_.touch_chat(frame.chat_id);
  }
}

void ClientCore::receive(const PresenceFrame& frame) {
  people_.note_presence(frame);
  for (const auto& [chat_id, chat] : state_.chats) {
    if (chat.peer() == frame.user_id) views_.touch_chat(chat_id);
  }
}

void ClientCore::receive(SyncResponse& frame) {
  std::visit([this](auto& part) { receive(part); }, frame.part);
  if (!frame.done || !sync_.finished(frame.request_id)) return;
  end_sync_of_doubt();
  for (const auto& [chat_id, chat] : state_.chats) marks_.touch(chat_id);
  release_awaiting();
}

// All up to `to` is there as events (frames.h): the position moves with them alone.
void ClientCore::receive(SyncEvents& part) {
  for (ChatEvent& event : part.events) receive(event);
  merge_receipts(part.chat_id, part.receipts);
}

void ClientCore::receive(const SyncChat& part) {
  ChatId chat_id = part.state.chat_id;
  ChatReplica& chat = state_.chat(chat_id);
  chat.adopt(part.state);
  if (part.page) chat.merge_page(*part.page);
  chat.rebase_unread(chat.unread(hidden_messages(state_.private_items, chat_id)));
  store_.snapshot(chat);  // with less history than is held here, so with a count of its own
  for (const OutboxEntry* entry : state_.outbox.of_chat(chat_id)) {
    bool stored = std::holds_alternative<SendMessage>(entry->operation) &&
                  chat.timeline().by_temp_id(entry->temp_id()) != nullptr;
    if (stored) settle(std::string(entry->temp_id()), store_.last_ticket(Mount::kHot));
  }
  marks_.confirmed(chat_id, state_.self, part.state.receipts);
  marks_.touch(chat_id);
  views_.touch_chat(chat_id);
}

void ClientCore::receive(const SyncRemoved& part) { forget_chat(part.chat_id); }

// No longer a member: the chat is forgotten. What was queued there fails with its text kept, and a
// shell of the chat stays for as long as it holds that.
void ClientCore::forget_chat(ChatId chat_id) {
  const ChatReplica* chat = state_.find_chat(chat_id);
  if (chat == nullptr) return;
  for (const OutboxEntry* entry : state_.outbox.of_chat(chat_id)) {
    if (entry->waiting()) fail(std::string(entry->temp_id()), Code::kNotFound);
  }
  views_.touch_chat(chat_id);
  history_.finished(chat_id);
  ChatState shell = chat->state();
  state_.chats.erase(chat_id);
  store_.forgotten(chat_id);
  if (state_.outbox.of_chat(chat_id).empty()) return;
  shell.last_message.reset();
  shell.receipts = Receipts();
  shell.unread = 0;
  shell.head = Seq{};
  ChatReplica& kept = state_.chat(chat_id);
  ChatReplica::Position position;
  position.removed = true;
  kept.restore(shell, position);
  if (kept.known()) store_.snapshot(kept);
}

void ClientCore::receive(const SyncUser& part) {
  for (const PrivateItem& item : part.items) {
    if (state_.private_items.merge(item)) store_.private_item(item);
    views_.touch_chat(item.chat_id);
  }
  auto& position = state_.private_items.position();
  if (part.from > position.held() || part.to <= position.held()) return;
  position.advance_to(part.to);
  store_.private_position(state_.private_items);
}

}  // namespace godwit
