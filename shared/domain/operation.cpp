#include "shared/domain/operation.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "shared/protocol/validate.h"

namespace godwit {
namespace {

template <typename... Visitors>
struct Overload : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overload(Visitors...) -> Overload<Visitors...>;

Status invalid(const char* detail) { return Status(Code::kInvalidContent, detail); }

// Rewrites `settings` as compact JSON with sorted keys, so that equal settings are equal text.
Status compact_settings(std::string& settings) {
  if (settings.size() > limits::kSettingsBytesMax) return {Code::kTooLarge, "settings too large"};
  auto json = nlohmann::json::parse(settings, nullptr, false);
  if (!json.is_object()) return invalid("settings must be a JSON object");
  settings = json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (settings == "{}") settings.clear();
  return Status::ok();
}

Status prepare_create(CreateChat& create) {
  auto& people = create.participants;
  std::sort(people.begin(), people.end());
  people.erase(std::unique(people.begin(), people.end()), people.end());
  if (people.size() >= limits::kGroupMembersMax) return {Code::kGroupFull, "too many participants"};
  if (create.type == ChatType::kDirect) {
    if (!create.name.empty()) return invalid("a direct chat has no name");
    if (people.size() != 1) return invalid("a direct chat has exactly one other participant");
    return Status::ok();
  }
  return validate_name(create.name);
}

Status prepare_change(ChangeChat& change) {
  if (!change.name && !change.settings) return invalid("nothing to change");
  if (change.name) {
    if (Status status = validate_name(*change.name); !status) return status;
  }
  return change.settings ? compact_settings(*change.settings) : Status::ok();
}

}  // namespace

OperationKind kind_of(const Operation& operation) {
  return static_cast<OperationKind>(operation.index() + 1);
}

std::string_view temp_id_of(const Operation& operation) {
  return std::visit([](const auto& op) { return std::string_view(op.temp_id); }, operation);
}

ChatId chat_of(const Operation& operation) {
  return std::visit(Overload{[](const CreateChat&) { return ChatId{}; },
                             [](const auto& op) { return op.chat_id; }},
                    operation);
}

Status prepare_operation(Operation& operation) {
  if (auto temp_id = temp_id_of(operation); !temp_id.empty()) {
    if (Status status = validate_temp_id(temp_id); !status) return status;
  }
  return std::visit(Overload{[](SendMessage& op) { return validate_client_content(op.content); },
                             [](EditMessage& op) { return validate_client_content(op.content); },
                             [](React& op) { return validate_emoji(op.emoji); },
                             [](SetPrivate& op) {
                               return validate_private(op.key, op.chat_id, op.message_id, op.value);
                             },
                             [](CreateChat& op) { return prepare_create(op); },
                             [](ChangeChat& op) { return prepare_change(op); },
                             [](auto&) { return Status::ok(); }},
                    operation);
}

}  // namespace godwit
