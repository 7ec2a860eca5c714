#include "server/app/outcome.h"

#include "shared/protocol/codes.h"

namespace godwit::server {
namespace {

ErrorFrame error_frame(std::string_view temp_id, const Outcome& outcome) {
  ErrorFrame frame;
  frame.code = outcome.code;
  frame.message = outcome.detail;
  frame.temp_id = temp_id;
  frame.retryable = is_retryable(outcome.code);
  frame.retry_after_ms = outcome.retry_after_ms;
  return frame;
}

}  // namespace

ServerFrame answer_frame(const Operation& operation, const Outcome& outcome) {
  return answer_frame(kind_of(operation), temp_id_of(operation), outcome);
}

ServerFrame answer_frame(OperationKind kind, std::string_view temp_id, const Outcome& outcome) {
  if (!outcome.is_ok()) return error_frame(temp_id, outcome);
  if (kind == OperationKind::kMessage) {
    MessageAck ack;
    ack.temp_id = temp_id;
    ack.message_id = outcome.message_id;
    ack.chat_id = outcome.chat_id;
    ack.seq = outcome.seq.value_or(Seq{});
    ack.rev = outcome.rev.value_or(Seq{});
    ack.timestamp = outcome.timestamp;
    ack.duplicate = outcome.duplicate;
    return ack;
  }
  Ack ack;
  ack.temp_id = temp_id;
  ack.chat_id = outcome.chat_id;
  ack.seq = outcome.seq;
  ack.rev = outcome.rev;
  ack.user_seq = outcome.user_seq;
  ack.duplicate = outcome.duplicate;
  return ack;
}

ChatEvent without_temp_ids(ChatEvent event) {
  event.temp_id.clear();
  event.message.temp_id.clear();
  return event;
}

}  // namespace godwit::server
