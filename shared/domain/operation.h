// What a person may ask the server to store. The operations of the WebSocket are the frames
// themselves; the five that only REST has (chats and memberships) stand here. Each carries the
// client's `temp_id` (empty: REST without one, then nothing is deduplicated).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "shared/base/result.h"
#include "shared/protocol/frames.h"

namespace godwit {

// Direct: `name` is empty and there is exactly one participant. `participants` are the others' ids.
struct CreateChat {
  std::string temp_id;
  ChatType type = ChatType::kDirect;
  std::string name;
  std::vector<UserId> participants;
};

// Rename, settings, or both in one event. `settings` is a JSON object, compact; it replaces the
// old one.
struct ChangeChat {
  std::string temp_id;
  ChatId chat_id;
  std::optional<std::string> name;
  std::optional<std::string> settings;
};

struct AddMember {
  std::string temp_id;
  ChatId chat_id;
  UserId user_id;
  Role role = Role::kMember;
};

// Removing oneself is leaving.
struct RemoveMember {
  std::string temp_id;
  ChatId chat_id;
  UserId user_id;
};

struct ChangeRole {
  std::string temp_id;
  ChatId chat_id;
  UserId user_id;
  Role role = Role::kMember;
};

using Operation = std::variant<SendMessage, EditMessage, DeleteMessage, React, Pin, SetPrivate,
                               CreateChat, ChangeChat, AddMember, RemoveMember, ChangeRole>;

// The type of an operation as idempotency remembers it. Stored: the values stand for good.
enum class OperationKind : std::uint8_t {
  kMessage = 1,
  kEdit = 2,
  kDelete = 3,
  kReaction = 4,
  kPin = 5,
  kSet = 6,
  kCreateChat = 7,
  kChangeChat = 8,
  kAddMember = 9,
  kRemoveMember = 10,
  kChangeRole = 11,
};

static_assert(std::variant_size_v<Operation> == 11, "a new operation needs its OperationKind");

OperationKind kind_of(const Operation& operation);
std::string_view temp_id_of(const Operation& operation);
// The chat that the operation's idempotency key and order belong to; 0: none (CreateChat, a
// `setting.*`).
ChatId chat_of(const Operation& operation);

// Checks whatever can be checked without knowing anything stored (validate.h for the parts of
// frames; names, settings and counts of the others), and puts what has several spellings into one:
// participants sorted without repeats, settings as compact JSON. Frames that were decoded have
// passed it. kInvalidContent, kTooLarge or kGroupFull.
Status prepare_operation(Operation& operation);

}  // namespace godwit
