// /chats/:chatId/messages: history, and what a client without a WebSocket writes.
#include <algorithm>
#include <utility>

#include "server/http/api.h"
#include "server/http/rest_json.h"
#include "shared/protocol/codec.h"
#include "shared/protocol/types_json.h"

namespace godwit::server {
namespace {

Result<HistoryQuery> read_history_query(std::string_view raw) {
  auto query = Query::parse(raw);
  if (!query) return query.error();
  HistoryQuery out;
  auto before = query->number("before", limits::kPositionMax);
  auto after = query->number("after", limits::kPositionMax);
  auto changed = query->number("changedSince", limits::kPositionMax);
  auto limit = query->number("limit", limits::kPositionMax);
  for (const auto* number : {&before, &after, &changed, &limit})
    if (!*number) return number->error();
  if (before->has_value()) out.before = Seq{**before};
  if (after->has_value()) out.after = Seq{**after};
  if (changed->has_value()) out.changed_since = Seq{**changed};
  if (limit->has_value())
    out.limit =
        static_cast<std::size_t>(std::clamp<std::uint64_t>(**limit, 1, limits::kPageMessagesMax));
  if (query->has("aroundId")) {
    auto id = parse_id<MessageId>(query->text("aroundId"));
    if (!id) return Error{Code::kBadFrame, "aroundId is not an id"};
    out.around_id = *id;
  }
  if (query->has("aroundTime")) {
    out.around_time = parse_timestamp(query->text("aroundTime"));
    if (!out.around_time) return Error{Code::kBadFrame, "aroundTime is not a timestamp"};
  }
  const int forms = out.before.has_value() + out.after.has_value() +
                    static_cast<bool>(out.around_id) + out.around_time.has_value();
  if (forms > 1) return Error{Code::kBadFrame, "one of before, after, aroundId, aroundTime"};
  return out;
}

void show_history(Api& api, const Call& call) {
  auto chat_id = call.exchange->id<ChatId>("chatId");
  if (!chat_id) return call.exchange->problem(chat_id.error());
  auto query = read_history_query(call.exchange->request().query);
  if (!query) return call.exchange->problem(query.error());
  api.read<HistoryPage>(
      call.exchange,
      [me = call.me.user_id, id = *chat_id, query = *query](Queries& queries) {
        return queries.history(me, id, query);
      },
      [](Exchange& out, const HistoryPage& page) { out.json(200, history_json(page)); });
}

// The same answer as the WebSocket gives: message_ack or ack.
void write_message(Api& api, const Call& call, Operation operation, int status) {
  const OperationKind kind = kind_of(operation);
  std::string temp_id(temp_id_of(operation));
  api.write(call, std::move(operation),
            [kind, temp_id = std::move(temp_id), status](const ExchangePtr& exchange,
                                                         const Outcome& outcome) {
              exchange->json(outcome.duplicate ? 200 : status,
                             encode(answer_frame(kind, temp_id, outcome)));
            });
}

void send_message(Api& api, const Call& call) {
  auto chat_id = call.exchange->id<ChatId>("chatId");
  if (!chat_id) return call.exchange->problem(chat_id.error());
  auto body = Body::parse(call.exchange->request().body);
  if (!body) return call.exchange->problem(body.error());
  json::Fields fields(body->value(), "message");
  SendMessage send;
  send.chat_id = *chat_id;
  send.temp_id = fields.optional_temp_id();
  send.content = fields.read(fields.object("content"), json::read_client_content);
  send.reply_to = fields.optional_id<MessageId>("replyTo");
  send.forwarded_from =
      fields.read_optional(fields.optional_object("forwardedFrom"), json::read_forwarded_from);
  if (!fields.is_ok()) return call.exchange->problem(fields.status().error());
  write_message(api, call, std::move(send), 201);
}

void edit_message(Api& api, const Call& call) {
  auto chat_id = call.exchange->id<ChatId>("chatId");
  auto message_id = call.exchange->id<MessageId>("messageId");
  if (!chat_id) return call.exchange->problem(chat_id.error());
  if (!message_id) return call.exchange->problem(message_id.error());
  auto body = Body::parse(call.exchange->request().body);
  if (!body) return call.exchange->problem(body.error());
  json::Fields fields(body->value(), "edit");
  EditMessage edit;
  edit.chat_id = *chat_id;
  edit.message_id = *message_id;
  edit.temp_id = fields.optional_temp_id();
  edit.content = fields.read(fields.object("content"), json::read_client_content);
  if (!fields.is_ok()) return call.exchange->problem(fields.status().error());
  write_message(api, call, std::move(edit), 200);
}

void delete_message(Api& api, const Call& call) {
  auto chat_id = call.exchange->id<ChatId>("chatId");
  auto message_id = call.exchange->id<MessageId>("messageId");
  if (!chat_id) return call.exchange->problem(chat_id.error());
  if (!message_id) return call.exchange->problem(message_id.error());
  auto body = Body::parse(call.exchange->request().body, true);
  if (!body) return call.exchange->problem(body.error());
  json::Fields fields(body->value(), "delete");
  DeleteMessage deletion;
  deletion.chat_id = *chat_id;
  deletion.message_id = *message_id;
  deletion.temp_id = fields.optional_temp_id();
  if (!fields.is_ok()) return call.exchange->problem(fields.status().error());
  write_message(api, call, std::move(deletion), 200);
}

void mark(Api& api, const Call& call, bool read) {
  auto chat_id = call.exchange->id<ChatId>("chatId");
  if (!chat_id) return call.exchange->problem(chat_id.error());
  auto body = Body::parse(call.exchange->request().body);
  if (!body) return call.exchange->problem(body.error());
  json::Fields fields(body->value(), "mark");
  MarkPosition position;
  position.chat_id = *chat_id;
  position.read = read;
  position.seq = fields.position<Seq>("seq");
  if (!fields.is_ok()) return call.exchange->problem(fields.status().error());
  api.slow(call.exchange, [&api, me = call.me.user_id, position](Exchange& exchange) {
    if (auto status = api.service().mark_and_wait(me, position); !status)
      return exchange.problem(status.error());
    exchange.empty();
  });
}

}  // namespace

void add_message_routes(Api& api) {
  const std::string messages = "/chats/:chatId/messages";
  api.route(HttpMethod::kGet, messages, [&api](const Call& call) { show_history(api, call); });
  api.route(HttpMethod::kPost, messages, [&api](const Call& call) { send_message(api, call); });
  api.route(HttpMethod::kPatch, messages + "/:messageId",
            [&api](const Call& call) { edit_message(api, call); });
  api.route(HttpMethod::kDelete, messages + "/:messageId",
            [&api](const Call& call) { delete_message(api, call); });
  api.route(HttpMethod::kPost, "/chats/:chatId/read",
            [&api](const Call& call) { mark(api, call, true); });
  api.route(HttpMethod::kPost, "/chats/:chatId/delivered",
            [&api](const Call& call) { mark(api, call, false); });
}

}  // namespace godwit::server
