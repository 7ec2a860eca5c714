#include "shared/outbox/outbox.h"

#include <utility>

#include "shared/base/check.h"
#include "shared/base/mutation.h"

namespace godwit {

const std::string& temp_id_of(const QueuedOperation& operation) {
  return std::visit([](const auto& op) -> const std::string& { return op.temp_id; }, operation);
}

ChatId chat_of(const QueuedOperation& operation) {
  return std::visit([](const auto& op) { return op.chat_id; }, operation);
}

MessageId target_of(const QueuedOperation& operation) {
  return std::visit(
      [](const auto& op) {
        if constexpr (std::is_same_v<std::decay_t<decltype(op)>, SendMessage>) {
          return MessageId{};
        } else {
          return op.message_id;
        }
      },
      operation);
}

ClientFrame to_frame(const QueuedOperation& operation) {
  return std::visit([](const auto& op) -> ClientFrame { return op; }, operation);
}

std::optional<QueuedOperation> to_operation(ClientFrame frame) {
  return std::visit(
      [](auto& op) -> std::optional<QueuedOperation> {
        if constexpr (std::is_constructible_v<QueuedOperation, decltype(op)>) {
          return QueuedOperation(std::move(op));
        } else {
          return std::nullopt;
        }
      },
      frame);
}

OutboxEntry& Outbox::add(QueuedOperation operation, Timestamp created, Instant send_by) {
  OutboxEntry& entry = restore(std::move(operation), next_order_, created);
  entry.send_by = send_by;
  return entry;
}

OutboxEntry& Outbox::restore(QueuedOperation operation, std::uint64_t order, Timestamp created) {
  GODWIT_CHECK(by_temp_id_.count(temp_id_of(operation)) == 0);
  while (entries_.count(order) != 0) ++order;
  OutboxEntry entry;
  entry.operation = std::move(operation);
  entry.order = order;
  entry.created = created;
  by_temp_id_.emplace(entry.temp_id(), order);
  queues_[chat_of(entry.operation)].insert(order);
  next_order_ = std::max(next_order_, order + 1);
  return entries_.emplace(order, std::move(entry)).first->second;
}

OutboxEntry& Outbox::restore_partial(ChatId chat_id, std::string text, std::uint64_t order,
                                     Timestamp created) {
  SendMessage rest;
  rest.temp_id = "damaged-" + std::to_string(order);
  while (find(rest.temp_id) != nullptr) rest.temp_id += '-';
  rest.chat_id = chat_id;
  rest.content = Content{ContentType::kText, std::move(text), {}};
  OutboxEntry& entry = restore(std::move(rest), order, created);
  entry.harm = Harm::kPartial;
  entry.failed = Code::kConflict;
  entry.durable = true;
  return entry;
}

OutboxEntry* Outbox::find(const std::string& temp_id) {
  auto it = by_temp_id_.find(temp_id);
  return it == by_temp_id_.end() ? nullptr : &entries_.at(it->second);
}

const OutboxEntry* Outbox::find(const std::string& temp_id) const {
  auto it = by_temp_id_.find(temp_id);
  return it == by_temp_id_.end() ? nullptr : &entries_.at(it->second);
}

void Outbox::remove(const std::string& temp_id) {
  auto it = by_temp_id_.find(temp_id);
  if (it == by_temp_id_.end()) return;
  ChatId chat_id = chat_of(entries_.at(it->second).operation);
  auto queue = queues_.find(chat_id);
  queue->second.erase(it->second);
  if (queue->second.empty()) {
    queues_.erase(queue);
    pauses_.erase(chat_id);
  }
  entries_.erase(it->second);
  by_temp_id_.erase(it);
}

std::vector<const OutboxEntry*> Outbox::take_ready(
    Instant now, const std::function<bool(const QueuedOperation&)>& can_carry,
    std::size_t in_flight_max) {
  std::vector<const OutboxEntry*> ready;
  for (auto& [chat_id, queue] : queues_) {
    auto pause = pauses_.find(chat_id);
    if (pause != pauses_.end() && pause->second.until > now) continue;
    std::size_t in_flight = 0;
    for (std::uint64_t order : queue) {
      OutboxEntry& entry = entries_.at(order);
      if (!entry.waiting() || (!entry.in_flight && !can_carry(entry.operation))) continue;
      if (++in_flight > in_flight_max) break;
      if (entry.in_flight) continue;
      if (!entry.durable && !entry.storage_failed && entry.send_by > now) break;
      entry.in_flight = entry.sent = true;
      ready.push_back(&entry);
    }
  }
  std::sort(ready.begin(), ready.end(),
            [](const OutboxEntry* a, const OutboxEntry* b) { return a->order < b->order; });
  return ready;
}

void Outbox::disconnected() {
  for (auto& [order, entry] : entries_) entry.in_flight = entry.sent = false;
  pauses_.clear();
}

void Outbox::refused_for_now(const std::string& temp_id, Instant now, Prng& prng,
                             std::int64_t retry_after_ms) {
  OutboxEntry* refused = find(temp_id);
  if (refused == nullptr || !refused->in_flight) return;
  if (mutated(Mutation::kRetryOutOfOrder)) return retry(temp_id, now);
  ChatId chat_id = chat_of(refused->operation);
  for (std::uint64_t order : queues_.at(chat_id)) {
    if (order >= refused->order) entries_.at(order).in_flight = false;
  }
  Pause& pause = pauses_[chat_id];
  pause.until = now.plus_ms(pause.backoff.next_ms(prng, retry_after_ms));
}

void Outbox::answered(const std::string& temp_id) {
  const OutboxEntry* entry = find(temp_id);
  if (entry != nullptr) pauses_.erase(chat_of(entry->operation));
}

void Outbox::retry(const std::string& temp_id, Instant send_by, std::uint64_t order) {
  auto it = by_temp_id_.find(temp_id);
  GODWIT_CHECK(it != by_temp_id_.end());
  OutboxEntry entry = std::move(entries_.at(it->second));
  std::set<std::uint64_t>& queue = queues_.at(chat_of(entry.operation));
  queue.erase(it->second);
  entries_.erase(it->second);
  if (order == 0 || entries_.count(order) != 0) order = next_order_;
  entry.order = order;
  next_order_ = std::max(next_order_, order + 1);
  entry.failed.reset();
  entry.harm = Harm::kNone;
  entry.durable = false;
  entry.storage_failed = false;
  entry.in_flight = entry.sent = false;
  entry.send_by = send_by;
  queue.insert(entry.order);
  it->second = entry.order;
  entries_.emplace(entry.order, std::move(entry));
}

std::optional<Instant> Outbox::next_deadline() const {
  std::optional<Instant> earliest;
  auto consider = [&](Instant at) {
    if (!earliest || at < *earliest) earliest = at;
  };
  for (const auto& [chat_id, queue] : queues_) {
    auto pause = pauses_.find(chat_id);
    for (std::uint64_t order : queue) {
      const OutboxEntry& entry = entries_.at(order);
      if (!entry.waiting() || entry.in_flight) continue;
      bool ready = entry.durable || entry.storage_failed;
      if (pause != pauses_.end()) {
        consider(pause->second.until);
      } else if (!ready) {
        consider(entry.send_by);
      }
      break;
    }
  }
  return earliest;
}

std::vector<const OutboxEntry*> Outbox::of_chat(ChatId chat_id) const {
  std::vector<const OutboxEntry*> entries;
  auto queue = queues_.find(chat_id);
  if (queue == queues_.end()) return entries;
  for (std::uint64_t order : queue->second) entries.push_back(&entries_.at(order));
  return entries;
}

std::vector<OutboxEntry*> Outbox::all() {
  std::vector<OutboxEntry*> entries;
  for (auto& [order, entry] : entries_) entries.push_back(&entry);
  return entries;
}

std::vector<const OutboxEntry*> Outbox::all() const {
  std::vector<const OutboxEntry*> entries;
  for (const auto& [order, entry] : entries_) entries.push_back(&entry);
  return entries;
}

}  // namespace godwit
