// The socket's and the REST calls' answers.
#include <algorithm>

#include "shared/client/client_core.h"
#include "shared/protocol/codec.h"
#include "shared/protocol/codes.h"
#include "shared/protocol/json_value.h"
#include "shared/protocol/json_writer.h"

namespace godwit {
namespace {

const std::string kUnknownEpoch = "unknown";

// A message's path and body in REST (protocol.md, "REST").
struct RestCall {
  std::string method;
  std::string path;
  std::string body;
};

RestCall rest_call(const QueuedOperation& operation) {
  std::string messages = "/chats/" + chat_of(operation).str() + "/messages";
  std::string one = messages + "/" + target_of(operation).str();
  json::Writer body;
  body.open('{').field("tempId", temp_id_of(operation));
  if (const auto* op = std::get_if<SendMessage>(&operation)) {
    body.key("content").raw(encode_content(op->content)).optional_id("replyTo", op->reply_to);
    if (op->forwarded_from) {
      body.key("forwardedFrom").open('{').id("messageId", op->forwarded_from->message_id);
      body.id("chatId", op->forwarded_from->chat_id);
      body.field("senderName", op->forwarded_from->sender_name).close('}');
    }
    return RestCall{"POST", messages, body.close('}').take()};
  }
  if (const auto* op = std::get_if<EditMessage>(&operation)) {
    body.key("content").raw(encode_content(op->content));
    return RestCall{"PATCH", one, body.close('}').take()};
  }
  return RestCall{"DELETE", one, body.close('}').take()};
}

// The `code` of a problem+json body; kUnavailable where there is none, so that nothing is given up
// for an answer that nobody of ours wrote.
Code code_of_problem(const std::string& body) {
  auto value = json::parse(body, limits::kJsonDepthMax);
  if (!value || value->kind != json::Kind::kObject) return Code::kUnavailable;
  const json::Value* code = json::find(*value, "code");
  if (code == nullptr || code->kind != json::Kind::kString) return Code::kUnavailable;
  return parse_code(code->text).value_or(Code::kUnavailable);
}

}  // namespace

Status ClientCore::on(const SocketOpened&) {
  link_.opened(now_);
  if (!link_.open()) return Status::ok();
  // What storage holds of an unknown life is as foreign as what it holds of another.
  const std::string& epoch = state_.epoch_lost ? kUnknownEpoch : state_.epoch;
  // What waits goes out with the hello: the server is to take it only where it knows the same
  // person.
  send(Hello{1, self_.device_id, self_.core_version, epoch, state_.self});
  sync_.disconnected();
  marks_.disconnected();
  state_.outbox.disconnected();
  return Status::ok();
}

Status ClientCore::on(const SocketClosed& event) {
  Link::State before = link_.state();
  // One more try beside the polls, which says nothing about them.
  bool polls_go_on = link_.polling() && !link_.open();
  link_.closed(now_, event.code, event.reason, prng_);
  if (link_.state() != before && link_.state() == Link::State::kEnded) {
    effects_->push_back(SessionEnded{});
  }
  if (link_.state() != before && link_.state() == Link::State::kOutdated) {
    effects_->push_back(Outdated{});
  }
  if (!polls_go_on) sync_.disconnected();
  marks_.disconnected();
  people_.clear();
  state_.outbox.disconnected();
  views_.touch_all(state_);
  return Status::ok();
}

void ClientCore::send_by_rest(const QueuedOperation& operation) {
  RestCall call = rest_call(operation);
  std::uint32_t id = request(std::move(call.method), std::move(call.path), std::move(call.body));
  requests_[id] = RestOperation{temp_id_of(operation)};
}

Status ClientCore::on(const HttpAnswered& event) {
  auto it = requests_.find(event.id);
  if (it == requests_.end()) return Status(Code::kNotFound, "no such request");
  Purpose purpose = std::move(it->second);
  requests_.erase(it);
  bool ended = event.status == 401;
  if (ended && link_.state() != Link::State::kEnded) {
    link_.session_over();
    effects_->push_back(SessionEnded{});
  }
  if (std::holds_alternative<PollSync>(purpose)) answer_sync(event.status, event.body);
  if (const auto* op = std::get_if<RestOperation>(&purpose)) {
    answer_operation(event.status, op->temp_id, event.body);
  }
  if (const auto* page = std::get_if<HistoryLoader::Request>(&purpose)) {
    answer_page(*page, event.status, event.body);
  }
  return Status::ok();
}

void ClientCore::answer_sync(std::uint16_t status, const std::string& body) {
  link_.poll_answered(now_);
  bool reached_before = sync_.synced();
  auto answer = status == 200 ? decode_sync_answer(body) : Result<SyncAnswer>(Error{});
  if (!answer) {
    sync_.disconnected();
    return;
  }
  std::string before = state_.epoch;
  adopt_epoch(answer->epoch);
  // A hello that named the old life has the server answer as to somebody who holds nothing: chats
  // that are gone since would not be told.
  if (!before.empty() && state_.epoch != before) link_.give_up();
  for (SyncResponse& response : answer->responses) receive(response);
  // The server is there again: a connection may be had now, not when its back-off is over.
  if (!reached_before && sync_.synced()) link_.reconnect(now_);
}

void ClientCore::answer_operation(std::uint16_t status, const std::string& temp_id,
                                  const std::string& body) {
  if (status == 200 || status == 201 || status == 204) {
    settle(temp_id, kAwaitingEvent);  // the next poll brings the log's own entry
    return;
  }
  Code code = status == 0 ? Code::kUnavailable : code_of_problem(body);
  if (is_retryable(code) || code == Code::kUnauthenticated) {
    refuse_for_now(temp_id, 0);
  } else {
    fail(temp_id, code);
  }
}

void ClientCore::answer_page(const HistoryLoader::Request& request, std::uint16_t status,
                             const std::string& body) {
  history_.finished(request.chat_id);
  views_.touch_chat(request.chat_id);
  ChatReplica* chat = state_.find_chat(request.chat_id);
  auto page = status == 200 ? decode_page(body) : Result<Page>(Error{});
  if (chat == nullptr || !page) {
    history_.failed(request.chat_id, now_);
    return;
  }
  if (!request.recheck) {
    chat->merge_page(*page);
    store_.history(state_, request.chat_id, *page);
    return;
  }
  // An empty range: nothing is there, and so nothing has changed. Else no more than was answered.
  bool empty = page->from > page->to;
  Seq from = empty ? request.from : std::max(page->from, request.from);
  Seq to = empty ? request.to : std::min(page->to, request.to);
  if (chat->doubtful()) keep_changes(page->messages);
  chat->recheck(*page, from, to);
}

}  // namespace godwit
