#include "shared/client/client_store.h"

#include "shared/base/check.h"
#include "shared/base/mutation.h"
#include "shared/protocol/codec.h"
#include "shared/protocol/codes.h"

namespace godwit {

namespace {

// What stands in a record of an operation behind its kind.
std::string operation_text(const OutboxEntry& entry) {
  return std::to_string(entry.order) + " " + std::to_string(entry.created.unix_ms) + "\n" +
         encode(to_frame(entry.operation));
}

}  // namespace

ChatReplica& ClientState::chat(ChatId chat_id) {
  return chats.try_emplace(chat_id, chat_id, self).first->second;
}

const ChatReplica* ClientState::find_chat(ChatId chat_id) const {
  auto it = chats.find(chat_id);
  return it == chats.end() ? nullptr : &it->second;
}

ChatReplica* ClientState::find_chat(ChatId chat_id) {
  auto it = chats.find(chat_id);
  return it == chats.end() ? nullptr : &it->second;
}

ClientStore::ClientStore()
    : logs_{MountLog(Mount::kQueue), MountLog(Mount::kHot), MountLog(Mount::kCache)} {}

void ClientStore::set_term(std::uint32_t term) {
  for (MountLog& one : logs_) one.set_term(term);
}

MountLog::Ticket ClientStore::append(RecordKind kind, std::string_view rest) {
  std::string payload = head_of(kind);
  const RecordForm* form = record_form(payload);
  GODWIT_CHECK(form != nullptr);
  if (!log(form->mount).loaded()) return 0;
  return log(form->mount).append(payload.append(rest));
}

MountLog::Ticket ClientStore::queued(const OutboxEntry& entry) {
  return append(RecordKind::kQueued, operation_text(entry));
}

void ClientStore::refused(const std::string& temp_id, Code code) {
  append(RecordKind::kRefused, std::string(code_name(code)) + "\n" + temp_id);
}

MountLog::Ticket ClientStore::retried(const OutboxEntry& entry) {
  return append(RecordKind::kRetried, std::to_string(entry.order) + "\n" + entry.temp_id());
}

void ClientStore::dropped(const std::string& temp_id) { append(RecordKind::kDropped, temp_id); }

void ClientStore::newest(ChatId chat_id, const Page& page) {
  for (const Page& part : split_page(page)) {
    append(RecordKind::kStretch, chat_id.str() + "\n" + encode_page(part));
  }
}

MountLog::Ticket ClientStore::event(const ClientState& state, const ChatEvent& event,
                                    std::string_view text) {
  if (!loaded(Mount::kHot)) return 0;
  if (mutated(Mutation::kPositionApart)) {
    stray(state, event.message);  // another mount, another transaction
    return log(Mount::kHot)
        .append(kPositionAlone + event.chat_id.str() + " " + std::to_string(event.seq.value));
  }
  return append(RecordKind::kEvent, text.empty() ? encode_event(event) : std::string(text));
}

void ClientStore::receipts(ChatId chat_id, const Receipts& receipts) {
  append(RecordKind::kReceipts, encode(ServerFrame(ReceiptsFrame{chat_id, receipts})));
}

void ClientStore::private_item(const PrivateItem& item) {
  append(RecordKind::kPrivateItem, encode_private_item(item));
}

void ClientStore::private_position(const PrivateItems& items) {
  append(RecordKind::kPrivatePosition, position_text(items));
}

void ClientStore::forgotten(ChatId chat_id) { append(RecordKind::kForgotten, chat_id.str()); }

void ClientStore::history(const ClientState& state, ChatId chat_id, const Page& page) {
  for (const Page& part : split_page(page)) {
    append(RecordKind::kHistory,
           std::to_string(state.cache_generation) + " " + chat_id.str() + "\n" + encode_page(part));
  }
  if (loaded(Mount::kCache)) {
    log(Mount::kCache).drop_oldest(limits::kCacheFilesMax, limits::kCacheBytesMax);
  }
}

void ClientStore::stray(const ClientState& state, const Message& message) {
  append(RecordKind::kChangedOld,
         std::to_string(state.cache_generation) + "\n" + encode_message(message));
}

std::string session_text(const ClientState& state) {
  return std::to_string(state.cache_generation) + " " + state.epoch;
}

std::string position_text(const PrivateItems& items) {
  return std::to_string(items.position().held().value) + " " + std::to_string(items.sum());
}

void append_entry_records(const OutboxEntry& entry, std::vector<std::string>& payloads) {
  if (entry.harm == Harm::kPartial) {
    const auto& op = std::get<SendMessage>(entry.operation);
    payloads.push_back(head_of(RecordKind::kPartial) + std::to_string(entry.order) + " " +
                       std::to_string(entry.created.unix_ms) + " " + op.chat_id.str() + "\n" +
                       op.content.text);
    return;
  }
  payloads.push_back(head_of(RecordKind::kQueued) + operation_text(entry));
  if (!entry.failed) return;
  bool doubtful = entry.harm == Harm::kDoubtful;
  payloads.push_back(head_of(RecordKind::kRefused) +
                     std::string(doubtful ? kDamagedCode : code_name(*entry.failed)) + "\n" +
                     entry.temp_id());
}

// "q" and the orders of all entries as ranges: "q3 5-9 12".
std::string queue_note(const Outbox& outbox) {
  std::string note = "q";
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  auto close = [&] {
    if (from == 0) return;
    if (note.size() > 1) note += ' ';
    note += std::to_string(from);
    if (to != from) note += "-" + std::to_string(to);
  };
  for (const OutboxEntry* entry : outbox.all()) {
    if (from == 0 || entry->order != to + 1) {
      close();
      from = entry->order;
    }
    to = entry->order;
  }
  close();
  return note;
}

std::vector<Batch> ClientStore::take_batches(const ClientState& state) {
  std::vector<Batch> batches;
  for (MountLog& one : logs_) {
    auto i = static_cast<std::size_t>(&one - logs_.data());
    if (held_[i] || !one.loaded() || one.in_flight()) continue;
    if (i == index(Mount::kQueue) && one.dirty()) one.set_note(queue_note(state.outbox));
    if (i == index(Mount::kHot) && one.dirty()) one.set_note("h" + session_text(state));
    auto batch = one.take_batch(next_batch_);
    if (!batch) continue;
    in_flight_[next_batch_++] = batch->mount;
    batches.push_back(std::move(*batch));
  }
  return batches;
}

std::optional<Mount> ClientStore::batch_done(std::uint32_t batch_id, bool ok) {
  auto it = in_flight_.find(batch_id);
  if (it == in_flight_.end()) return std::nullopt;
  Mount mount = it->second;
  in_flight_.erase(it);
  log(mount).batch_done(ok);
  return mount;
}

std::set<MessageId> hidden_messages(const PrivateItems& items, ChatId chat_id) {
  std::set<MessageId> hidden;
  const auto& all = items.all();
  for (auto it = all.lower_bound({"hidden", chat_id, MessageId{}}); it != all.end(); ++it) {
    const PrivateItem& item = it->second;
    if (item.key != "hidden" || item.chat_id != chat_id) break;
    if (item.value != "false" && item.value != "null") hidden.insert(item.message_id);
  }
  return hidden;
}

std::vector<Page> split_page(Page page) {
  // Half a segment, so that two parts share one and no segment is nearly empty.
  constexpr std::size_t kPartBytes = limits::kSegmentBytesMax / 2;
  const bool has_range = page.from <= page.to;
  std::vector<Message> messages = std::move(page.messages);
  page.messages.clear();
  std::vector<Page> parts;
  Page part = page;
  std::size_t bytes = 0;
  for (Message& message : messages) {
    std::size_t size = encode_message(message).size();
    if (!part.messages.empty() && bytes + size > kPartBytes) {
      const Seq last = part.messages.back().seq;
      if (has_range) part.to = last;
      part.has_after = true;
      parts.push_back(std::move(part));
      part = page;
      part.has_before = true;
      if (has_range) part.from = last.next();
      bytes = 0;
    }
    part.messages.push_back(std::move(message));
    bytes += size;
  }
  parts.push_back(std::move(part));
  return parts;
}

}  // namespace godwit
