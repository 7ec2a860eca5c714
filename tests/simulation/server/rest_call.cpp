#include "tests/simulation/server/rest_call.h"

#include <algorithm>
#include <cstdlib>

#include "shared/protocol/codes.h"

namespace godwit::sim {
namespace {

// The position after `name=` in a path's query; nullopt where it is not there.
std::optional<Seq> query_number(const std::string& path, const std::string& name) {
  for (char before : {'?', '&'}) {
    std::size_t at = path.find(before + name + "=");
    if (at == std::string::npos) continue;
    std::size_t from = at + name.size() + 2;
    return Seq{std::strtoull(path.c_str() + from, nullptr, 10)};
  }
  return std::nullopt;
}

// "/chats/<id>/<rest>": the id and the rest, without the query.
struct ChatPath {
  ChatId chat_id;
  std::string rest;
};

ChatPath chat_path(const std::string& path) {
  const std::string head = "/chats/";
  GODWIT_CHECK(path.rfind(head, 0) == 0);
  std::size_t end = path.find('/', head.size());
  GODWIT_CHECK(end != std::string::npos);
  auto chat_id = parse_id<ChatId>(path.substr(head.size(), end - head.size()));
  GODWIT_CHECK(chat_id.has_value());
  return ChatPath{*chat_id, path.substr(end + 1, path.find('?') - end - 1)};
}

// A REST write's body as the frame that it is short for.
Operation operation_of(const std::string& type, ChatId chat_id, const std::string& message_id,
                       const std::string& body) {
  std::string text = "{\"type\":\"" + type + "\",\"chatId\":\"" + chat_id.str() + "\"";
  if (!message_id.empty()) text += ",\"messageId\":\"" + message_id + "\"";
  auto frame = decode_client_frame(text + "," + body.substr(1)).frame;
  GODWIT_CHECK(frame.has_value());
  if (auto* op = std::get_if<SendMessage>(&*frame)) return std::move(*op);
  if (auto* op = std::get_if<EditMessage>(&*frame)) return std::move(*op);
  return std::get<DeleteMessage>(std::move(*frame));
}

RestHistory history_of(ChatId chat_id, const std::string& path) {
  RestHistory history;
  history.chat_id = chat_id;
  history.before = query_number(path, "before");
  history.after = query_number(path, "after");
  history.changed_since = query_number(path, "changedSince");
  std::uint64_t limit = query_number(path, "limit").value_or(Seq{history.limit}).value;
  history.limit = std::clamp<std::size_t>(limit, 1, limits::kPageMessagesMax);
  return history;
}

}  // namespace

RestCall parse_rest_call(const std::string& method, const std::string& path,
                         const std::string& body) {
  if (path == "/sync") {
    auto request = decode_sync_body(body);
    GODWIT_CHECK(request.is_ok());
    return RestSync{std::move(*request)};
  }
  ChatPath where = chat_path(path);
  if (method == "GET") {
    GODWIT_CHECK(where.rest == "messages");
    return history_of(where.chat_id, path);
  }
  if (where.rest == "read" || where.rest == "delivered") {
    std::uint64_t seq = parse_id_digits(body.substr(7, body.size() - 8)).value_or(0);
    return MarkPosition{where.chat_id, Seq{seq}, where.rest == "read"};
  }
  std::string message_id = where.rest == "messages" ? "" : where.rest.substr(9);
  std::string type = method == "POST" ? "message" : method == "PATCH" ? "edit" : "delete";
  return operation_of(type, where.chat_id, message_id, body);
}

HttpAnswer problem(Code code) {
  return HttpAnswer{static_cast<std::uint16_t>(http_status(code)),
                    "{\"code\":\"" + std::string(code_name(code)) + "\"}"};
}

}  // namespace godwit::sim
