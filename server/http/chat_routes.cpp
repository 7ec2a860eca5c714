// /chats: the list, one chat, its settings and its members.
#include <algorithm>
#include <utility>

#include "server/http/api.h"
#include "server/http/rest_json.h"
#include "shared/protocol/type_names.h"

namespace godwit::server {
namespace {

constexpr std::uint64_t kChatsMax = 100;
constexpr std::uint64_t kChatsDefault = 50;

void list_chats(Api& api, const Call& call) {
  auto query = Query::parse(call.exchange->request().query);
  if (!query) return call.exchange->problem(query.error());
  auto limit = query->number("limit", 1'000'000);
  if (!limit) return call.exchange->problem(limit.error());
  const auto count = static_cast<std::size_t>(std::min(limit->value_or(kChatsDefault), kChatsMax));
  api.read<ChatListPage>(
      call.exchange,
      [me = call.me.user_id, cursor = query->text("cursor"), count](Queries& queries) {
        return queries.chat_list(me, cursor, count);
      },
      [](Exchange& out, const ChatListPage& page) { out.json(200, chat_list_json(page)); });
}

Result<CreateChat> read_create(std::string_view bytes) {
  auto body = Body::parse(bytes);
  if (!body) return body.error();
  json::Fields fields(body->value(), "chat");
  CreateChat create;
  create.temp_id = fields.optional_temp_id();
  if (fields.has("groupName")) {
    create.type = ChatType::kGroup;
    create.name = fields.string("groupName", limits::kNameBytesMax);
  }
  if (json::Value* ids = fields.array("participantIds")) {
    if (ids->children.size() > limits::kGroupMembersMax)
      return Error{Code::kGroupFull, "too many participants"};
    for (const json::Child& child : ids->children) {
      auto id = child.value.kind == json::Kind::kString ? parse_id<UserId>(child.value.text)
                                                        : std::nullopt;
      if (!id) return Error{Code::kBadFrame, "participantIds holds what is no id"};
      create.participants.push_back(*id);
    }
  }
  return fields.finish(std::move(create));
}

void create_chat(Api& api, const Call& call) {
  auto create = read_create(call.exchange->request().body);
  if (!create) return call.exchange->problem(create.error());
  api.write(call, std::move(create).value(),
            [&api, me = call.me.user_id](const ExchangePtr& exchange, const Outcome& outcome) {
              const bool there_before = outcome.existing || outcome.duplicate;
              api.answer_chat(exchange, me, outcome.chat_id, there_before ? 200 : 201);
            });
}

void show_chat(Api& api, const Call& call) {
  auto chat_id = call.exchange->id<ChatId>("chatId");
  if (!chat_id) return call.exchange->problem(chat_id.error());
  api.answer_chat(call.exchange, call.me.user_id, *chat_id, 200);
}

// Writes, then answers with the chat as it stands.
void write_chat(Api& api, const Call& call, ChatId chat_id, Operation operation, int status) {
  api.write(call, std::move(operation),
            [&api, me = call.me.user_id, chat_id, status](const ExchangePtr& exchange,
                                                          const Outcome& outcome) {
              api.answer_chat(exchange, me, chat_id, outcome.duplicate ? 200 : status);
            });
}

void change_chat(Api& api, const Call& call) {
  auto chat_id = call.exchange->id<ChatId>("chatId");
  if (!chat_id) return call.exchange->problem(chat_id.error());
  auto body = Body::parse(call.exchange->request().body);
  if (!body) return call.exchange->problem(body.error());
  json::Fields fields(body->value(), "chat");
  ChangeChat change;
  change.chat_id = *chat_id;
  change.temp_id = fields.optional_temp_id();
  if (fields.has("name")) change.name = fields.string("name", limits::kNameBytesMax);
  if (json::Value* settings = fields.optional_object("settings"))
    change.settings = json::to_text(*settings);
  if (!fields.is_ok()) return call.exchange->problem(fields.status().error());
  write_chat(api, call, *chat_id, std::move(change), 200);
}

Result<Role> read_role(const std::string& name) {
  if (auto role = parse_role(name)) return *role;
  return Error{Code::kInvalidContent, "role is owner, admin or member"};
}

void add_member(Api& api, const Call& call) {
  auto chat_id = call.exchange->id<ChatId>("chatId");
  if (!chat_id) return call.exchange->problem(chat_id.error());
  auto body = Body::parse(call.exchange->request().body);
  if (!body) return call.exchange->problem(body.error());
  json::Fields fields(body->value(), "participant");
  AddMember add;
  add.chat_id = *chat_id;
  add.temp_id = fields.optional_temp_id();
  add.user_id = fields.id<UserId>("userId");
  if (fields.has("role"))
    add.role = fields.take(read_role(fields.string("role", limits::kKeyBytesMax)));
  if (!fields.is_ok()) return call.exchange->problem(fields.status().error());
  write_chat(api, call, *chat_id, std::move(add), 201);
}

void change_role(Api& api, const Call& call) {
  auto chat_id = call.exchange->id<ChatId>("chatId");
  auto user_id = call.exchange->id<UserId>("userId");
  if (!chat_id) return call.exchange->problem(chat_id.error());
  if (!user_id) return call.exchange->problem(user_id.error());
  auto body = Body::parse(call.exchange->request().body);
  if (!body) return call.exchange->problem(body.error());
  json::Fields fields(body->value(), "participant");
  ChangeRole change;
  change.chat_id = *chat_id;
  change.user_id = *user_id;
  change.temp_id = fields.optional_temp_id();
  change.role = fields.take(read_role(fields.string("role", limits::kKeyBytesMax)));
  if (!fields.is_ok()) return call.exchange->problem(fields.status().error());
  write_chat(api, call, *chat_id, std::move(change), 200);
}

void remove_member(Api& api, const Call& call) {
  auto chat_id = call.exchange->id<ChatId>("chatId");
  auto user_id = call.exchange->id<UserId>("userId");
  if (!chat_id) return call.exchange->problem(chat_id.error());
  if (!user_id) return call.exchange->problem(user_id.error());
  auto body = Body::parse(call.exchange->request().body, true);
  if (!body) return call.exchange->problem(body.error());
  json::Fields fields(body->value(), "participant");
  RemoveMember remove;
  remove.chat_id = *chat_id;
  remove.user_id = *user_id;
  remove.temp_id = fields.optional_temp_id();
  if (!fields.is_ok()) return call.exchange->problem(fields.status().error());
  api.write(call, std::move(remove),
            [](const ExchangePtr& exchange, const Outcome&) { exchange->empty(); });
}

}  // namespace

void add_chat_routes(Api& api) {
  api.route(HttpMethod::kGet, "/chats", [&api](const Call& call) { list_chats(api, call); });
  api.route(HttpMethod::kPost, "/chats", [&api](const Call& call) { create_chat(api, call); });
  api.route(HttpMethod::kGet, "/chats/:chatId", [&api](const Call& call) { show_chat(api, call); });
  api.route(HttpMethod::kPatch, "/chats/:chatId",
            [&api](const Call& call) { change_chat(api, call); });
  api.route(HttpMethod::kPost, "/chats/:chatId/participants",
            [&api](const Call& call) { add_member(api, call); });
  api.route(HttpMethod::kPatch, "/chats/:chatId/participants/:userId",
            [&api](const Call& call) { change_role(api, call); });
  api.route(HttpMethod::kDelete, "/chats/:chatId/participants/:userId",
            [&api](const Call& call) { remove_member(api, call); });
}

}  // namespace godwit::server
