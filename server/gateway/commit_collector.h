// Carries what the writer committed from its thread to the I/O thread, in order, one post a batch:
// each operation's event, then its answer, so that the echo leaves right before the ack.
#pragma once

#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "server/app/outcome.h"
#include "server/gateway/gateway_env.h"

namespace godwit::server {

struct CommittedEvent {
  ChatEvent event;
  Audience audience;
  ConnectionId origin = 0;  // whose answer follows; 0: REST, or another node
};

struct CommittedItem {
  UserId user_id;
  PrivateItem item;
  std::string temp_id;
  ConnectionId origin = 0;
};

struct CommittedReceipts {
  ChatId chat_id;
  UserId user_id;
  Seq delivered;
  Seq read;
  RosterPtr roster;
};

struct CommittedAnswer {
  ConnectionId connection = 0;
  ChatId chat_id;
  OperationKind kind = OperationKind::kMessage;
  std::string temp_id;
  Outcome outcome;
};

using Committed = std::variant<CommittedEvent, CommittedItem, CommittedReceipts, CommittedAnswer>;

class CommitCollector final : public CommitSink {
 public:
  using Consume = std::function<void(std::vector<Committed>)>;

  // `consume` runs on the I/O thread. Everything must outlive the writer's thread.
  CommitCollector(Executor& executor, Consume consume);

  void on_event(const ChatEvent& event, const Audience& audience) override;
  void on_private_item(UserId user_id, const PrivateItem& item, std::string_view temp_id) override;
  void on_receipts(ChatId chat_id, UserId user_id, Seq delivered, Seq read,
                   const RosterPtr& roster) override;
  void on_batch_end() override;

  // The callback of an operation that a connection submitted. on_batch_end() will follow, except
  // where it was refused at the door: then it is handed over by itself, at once.
  void on_answer(CommittedAnswer answer);

 private:
  void push(Committed entry);
  void post(std::vector<Committed> batch);

  Executor& executor_;
  const Consume consume_;
  std::mutex mutex_;
  std::vector<Committed> gathered_;
};

}  // namespace godwit::server
