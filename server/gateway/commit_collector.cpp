#include "server/gateway/commit_collector.h"

#include <utility>

namespace godwit::server {
namespace {

// Marks the entry as the echo of the operation that `answer` answers, if it is.
struct MarkOrigin {
  const CommittedAnswer& answer;
  void operator()(CommittedEvent& entry) const {
    if (entry.event.temp_id == answer.temp_id && entry.event.chat_id == answer.chat_id) {
      entry.origin = answer.connection;
    }
  }
  void operator()(CommittedItem& entry) const {
    if (entry.temp_id == answer.temp_id) entry.origin = answer.connection;
  }
  void operator()(CommittedReceipts&) const {}
  void operator()(CommittedAnswer&) const {}
};

}  // namespace

CommitCollector::CommitCollector(Executor& executor, Consume consume)
    : executor_(executor), consume_(std::move(consume)) {}

void CommitCollector::on_event(const ChatEvent& event, const Audience& audience) {
  push(CommittedEvent{event, audience, 0});
}

void CommitCollector::on_private_item(UserId user_id, const PrivateItem& item,
                                      std::string_view temp_id) {
  push(CommittedItem{user_id, item, std::string(temp_id), 0});
}

void CommitCollector::on_receipts(ChatId chat_id, UserId user_id, Seq delivered, Seq read,
                                  const RosterPtr& roster) {
  push(CommittedReceipts{chat_id, user_id, delivered, read, roster});
}

void CommitCollector::on_answer(CommittedAnswer answer) {
  if (answer.outcome.at_the_door) return post({std::move(answer)});
  std::lock_guard lock(mutex_);
  if (!gathered_.empty() && answer.outcome.is_ok() && !answer.temp_id.empty()) {
    std::visit(MarkOrigin{answer}, gathered_.back());
  }
  gathered_.push_back(std::move(answer));
}

void CommitCollector::on_batch_end() {
  std::lock_guard lock(mutex_);
  if (!gathered_.empty()) post(std::exchange(gathered_, {}));
}

void CommitCollector::push(Committed entry) {
  std::lock_guard lock(mutex_);
  gathered_.push_back(std::move(entry));
}

void CommitCollector::post(std::vector<Committed> batch) {
  // std::function wants what it holds to be copyable.
  auto shared = std::make_shared<std::vector<Committed>>(std::move(batch));
  executor_.post([this, shared] { consume_(std::move(*shared)); });
}

}  // namespace godwit::server
