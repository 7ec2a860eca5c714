// What people and tabs ask of the core.
#include <algorithm>

#include "shared/base/mutation.h"
#include "shared/client/client_core.h"
#include "shared/protocol/codec.h"
#include "shared/protocol/validate.h"

namespace godwit {
namespace {

Status validate_operation(const QueuedOperation& operation) {
  if (Status status = validate_temp_id(temp_id_of(operation)); !status) return status;
  // A text of control characters grows six times by its escapes. A frame that the server closes
  // the connection for would be sent again on the next one, for ever, and nothing after it.
  if (encode(to_frame(operation)).size() > limits::kClientFrameBytesMax) {
    return Status(Code::kTooLarge, "more than a frame can hold");
  }
  if (const auto* op = std::get_if<SendMessage>(&operation)) {
    return validate_client_content(op->content);
  }
  if (const auto* op = std::get_if<EditMessage>(&operation)) {
    return validate_client_content(op->content);
  }
  if (const auto* op = std::get_if<React>(&operation)) return validate_emoji(op->emoji);
  if (const auto* op = std::get_if<SetPrivate>(&operation)) {
    return validate_private(op->key, op->chat_id, op->message_id, op->value);
  }
  return Status::ok();
}

}  // namespace

Status ClientCore::on(const Start& event) {
  if (started_) return Status(Code::kConflict, "already started");
  if (!event.user_id) return Status(Code::kBadFrame, "userId is missing");
  self_ = event;
  state_.self = event.user_id;
  store_.set_term(event.term);
  started_ = true;
  auto& [queue_files, hot_files, cache_files] = loaded_files_;
  if (queue_files) report_load(Mount::kQueue, store_.load_queue(*queue_files, state_));
  if (hot_files) report_load(Mount::kHot, store_.load_hot(*hot_files, state_));
  loaded_files_ = {};
  // An answer may have been journaled in /h while its outbox entry was still in /q.
  for (OutboxEntry* entry : state_.outbox.all()) {
    if (entry->harm == Harm::kPartial) continue;
    const ChatReplica* chat = state_.find_chat(chat_of(entry->operation));
    bool answered = chat != nullptr && std::holds_alternative<SendMessage>(entry->operation) &&
                    chat->timeline().by_temp_id(entry->temp_id()) != nullptr;
    if (answered) {
      drop(entry->temp_id());
    } else {
      // Of a damaged one a tab may have a sound copy: it is not to forget it.
      if (entry->harm == Harm::kNone) kept_.push_back(entry->temp_id());
      state_.chat(chat_of(entry->operation));
    }
  }
  state_.chats.erase(ChatId{});
  begin_doubt(Mount::kHot);
  sync_.want_all();
  link_.start(now_);
  views_.touch_all(state_);
  return Status::ok();
}

Status ClientCore::on(const Intend& event) {
  if (!started_) return Status(Code::kUnavailable, "not started");
  if (Status status = validate_operation(event.operation); !status) return status;
  const std::string& temp_id = temp_id_of(event.operation);
  const OutboxEntry* held = state_.outbox.find(temp_id);
  const ChatReplica* chat = state_.find_chat(chat_of(event.operation));
  bool confirmed = chat != nullptr && chat->timeline().by_temp_id(temp_id) != nullptr;
  if (held != nullptr && !confirmed && held->harm == Harm::kDoubtful) {
    drop(temp_id);  // the tab has it as it was written
    queue(event.operation);
    return Status::ok();
  }
  if (held != nullptr || confirmed) {
    if (confirmed || held->durable || held->settled) kept_.push_back(temp_id);
    return Status::ok();
  }
  if (state_.outbox.size() >= limits::kOutboxEntriesMax) {
    return Status(Code::kUnavailable, "the outbox is full");
  }
  queue(event.operation);
  return Status::ok();
}

void ClientCore::queue(QueuedOperation operation) {
  if (const auto* setting = std::get_if<SetPrivate>(&operation)) supersede_settings(*setting);
  ChatId chat_id = chat_of(operation);
  Instant send_by = in_memory() ? now_ : now_.plus_ms(limits::kQueueWaitMaxMs);
  OutboxEntry& entry = state_.outbox.add(std::move(operation), wall_, send_by);
  entry.ticket = store_.queued(entry);
  if (mutated(Mutation::kQueuedBeforeDurable)) {
    entry.durable = true;
    kept_.push_back(entry.temp_id());
  }
  if (chat_id) state_.chat(chat_id);
  views_.touch_chat(chat_id);
}

// Of a setting only the last value matters: those that were not sent yet give way to the new one.
// One that was refused for now stays: the server takes nothing else of the chat before it.
void ClientCore::supersede_settings(const SetPrivate& setting) {
  std::vector<std::string> superseded;
  for (const OutboxEntry* entry : state_.outbox.of_chat(setting.chat_id)) {
    const auto* op = std::get_if<SetPrivate>(&entry->operation);
    bool same = op != nullptr && !entry->sent && op->key == setting.key &&
                op->message_id == setting.message_id;
    if (same) superseded.push_back(op->temp_id);
  }
  for (const std::string& temp_id : superseded) {
    drop(temp_id);
    kept_.push_back(temp_id);  // or a tab would repeat it after the newer one
  }
}

Status ClientCore::on(const IntendRead& event) {
  ChatReplica* chat = state_.find_chat(event.chat_id);
  if (chat == nullptr) return Status(Code::kNotFound, "no such chat");
  Seq seq = std::min(event.seq, chat->held());
  if (!chat->watermarks().raise_read(state_.self, seq)) return Status::ok();
  Receipts own;
  own.read[state_.self] = seq;
  store_.receipts(event.chat_id, own);
  marks_.touch(event.chat_id);
  views_.touch_chat(event.chat_id);
  return Status::ok();
}

Status ClientCore::on(const IntendTyping& event) {
  if (link_.state() != Link::State::kOnline) return Status::ok();
  if (people_.own_typing_due(event.chat_id, event.is_typing, now_)) {
    send(Typing{event.chat_id, event.is_typing});
  }
  return Status::ok();
}

Status ClientCore::on(const Retry& event) {
  OutboxEntry* entry = state_.outbox.find(event.temp_id);
  if (entry != nullptr) {
    if (entry->harm == Harm::kPartial) return Status(Code::kConflict, "it is not whole");
    if (!entry->failed && !entry->storage_failed) return Status::ok();
    retry_entry(*entry);
    return Status::ok();
  }
  // A message whose change was refused is named by its own id.
  for (OutboxEntry* one : state_.outbox.all()) {
    const ChatReplica* chat = state_.find_chat(chat_of(one->operation));
    if (!one->failed || chat == nullptr) continue;
    const Message* target = chat->timeline().by_id(target_of(one->operation));
    bool named = target != nullptr &&
                 (target->temp_id == event.temp_id || target->message_id.str() == event.temp_id);
    if (!named) continue;
    retry_entry(*one);
    return Status::ok();
  }
  return Status(Code::kNotFound, "nothing to retry");
}

void ClientCore::retry_entry(OutboxEntry& entry) {
  std::string temp_id = entry.temp_id();
  bool failed = entry.failed.has_value();
  Instant send_by = in_memory() ? now_ : now_.plus_ms(limits::kQueueWaitMaxMs);
  views_.touch_chat(chat_of(entry.operation));
  state_.outbox.retry(temp_id, send_by);
  OutboxEntry& again = *state_.outbox.find(temp_id);
  // One that was never stored is written again whole; of a failed one only the new place.
  again.ticket = failed ? store_.retried(again) : store_.queued(again);
  storage_retry_at_[static_cast<std::size_t>(Mount::kQueue)].reset();
  store_.hold(Mount::kQueue, false);
}

Status ClientCore::on(const Discard& event) {
  OutboxEntry* entry = state_.outbox.find(event.temp_id);
  if (entry == nullptr || (!entry->failed && !entry->storage_failed)) {
    return Status(Code::kNotFound, "nothing to discard");
  }
  if (entry->sent && !entry->failed) return Status(Code::kConflict, "it is being sent");
  ChatId chat_id = chat_of(entry->operation);
  drop(event.temp_id);
  kept_.push_back(event.temp_id);
  const ChatReplica* chat = state_.find_chat(chat_id);
  bool empty = chat != nullptr && state_.outbox.of_chat(chat_id).empty();
  if (empty && (chat->gone() || !chat->known())) forget_chat(chat_id);
  return Status::ok();
}

Status ClientCore::on(const AdoptChat& event) {
  receive(SyncChat{event.state, false, std::nullopt});
  return Status::ok();
}

Status ClientCore::on(const OpenView& event) {
  views_.open(event);
  return Status::ok();
}

Status ClientCore::on(const CloseView& event) {
  views_.close(event.view);
  return Status::ok();
}

Status ClientCore::on(const LoadOlder& event) {
  if (!views_.load_older(event.view)) return Status(Code::kNotFound, "no such view");
  return Status::ok();
}

Status ClientCore::on(const Visible& event) {
  if (!event.visible) {
    if (!away_at_) away_at_ = now_.plus_ms(kAwayAfterMs);
    return Status::ok();
  }
  link_.reconnect(now_);
  away_at_.reset();
  if (away_ && link_.state() == Link::State::kOnline) send(SetPresence{Presence::kOnline});
  away_ = false;
  return Status::ok();
}

Status ClientCore::on(const ReconnectNow&) {
  // After a session that ended somebody signs in again: the link begins anew.
  if (link_.state() == Link::State::kEnded) link_.start(now_);
  link_.reconnect(now_);
  return Status::ok();
}

Status ClientCore::on(const Flush&) { return Status::ok(); }

Status ClientCore::on(const NetworkChanged& event) {
  link_.network(now_, event.online);
  return Status::ok();
}

Status ClientCore::on(const DeadlineReached&) { return Status::ok(); }

}  // namespace godwit
