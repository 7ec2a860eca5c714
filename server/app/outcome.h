// What became of a submitted operation, and what the rest of the server must hear of a commit.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "shared/domain/operation.h"
#include "shared/domain/roster.h"
#include "shared/protocol/frames.h"

namespace godwit::server {

// The answer to one operation. With code == kOk the operation is durable (or changed nothing) and
// the fields say what an ack needs:
//   message                   message_id, chat_id, seq, rev, timestamp
//   edit, delete, reaction, pin  chat_id, rev; seq unless nothing changed; message_id
//   set                       user_seq; chat_id where it has one
//   CreateChat                chat_id, seq, rev; `existing` when a direct chat was there already
//   other chat operations     chat_id, rev; seq unless nothing changed
// `duplicate`: this temp_id was stored before; the fields are those of then, so
// what the ack says is a state that was: what changed since comes as events.
struct Outcome {
  Code code = Code::kOk;
  std::string detail;               // of a refusal; for developers, never content
  std::int64_t retry_after_ms = 0;  // of a retryable one
  ChatId chat_id;
  MessageId message_id;
  std::optional<Seq> seq;
  std::optional<Seq> rev;
  std::optional<UserSeq> user_seq;
  Timestamp timestamp;
  bool duplicate = false;
  bool existing = false;
  bool at_the_door = false;  // refused by the call that submitted it: it was in no batch

  bool is_ok() const { return code == Code::kOk; }
};

// The frame that answers a WebSocket operation: message_ack, ack or error.
ServerFrame answer_frame(const Operation& operation, const Outcome& outcome);
ServerFrame answer_frame(OperationKind kind, std::string_view temp_id, const Outcome& outcome);

// Called once, on the writer's thread after the commit (or on the submitting thread, when the queue
// is full or the gate refuses). Must not block and must not throw.
using OutcomeCallback = std::function<void(const Outcome&)>;

// Hears of everything that a commit changed. Implemented by the gateway; one per service.
//
// All calls come on the writer's thread, after the commit, in the order of the log: for each
// operation first on_event / on_private_item, then that operation's callback, so whoever posts both
// to the same place keeps "the event right before the ack". on_batch_end comes after the last of a
// batch: the moment to hand over what was gathered. Must not block and must not throw.
class CommitSink {
 public:
  virtual ~CommitSink() = default;

  // `event.temp_id` is set when the operation had one, and `event.message.temp_id` on the event
  // that created the message: only the actor's own connections may see them. The receiver strips
  // them for everyone else (without_temp_ids). `audience`: all present members and, for a
  // membership that ended, the person who must learn it. Several events of one chat come with seqs
  // without a gap.
  virtual void on_event(const ChatEvent& event, const Audience& audience) = 0;

  // To `user_id`'s own connections only.
  virtual void on_private_item(UserId user_id, const PrivateItem& item,
                               std::string_view temp_id) = 0;

  // `user_id`'s watermarks in the chat are now these.
  virtual void on_receipts(ChatId chat_id, UserId user_id, Seq delivered, Seq read,
                           const RosterPtr& roster) = 0;

  virtual void on_batch_end() = 0;
};

// The event as it goes to people other than its actor: no temp_id anywhere.
ChatEvent without_temp_ids(ChatEvent event);

}  // namespace godwit::server
