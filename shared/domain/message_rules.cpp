#include <algorithm>

#include "shared/domain/rules.h"

namespace godwit::rules {
namespace {

constexpr const char* kPeerRefuses = "this person cannot be written to";
constexpr const char* kSystemMessage = "a system message cannot be changed";
constexpr const char* kDeletedMessage = "the message was deleted";

bool is_system(const Message& message) {
  return message.content && message.content->type == ContentType::kSystem;
}

// What every change of a message but its deletion has in common.
std::optional<Refuse> refuse_change(const Known& known) {
  if (known.target == nullptr) return not_found();
  if (known.peer_refuses) return forbidden(kPeerRefuses);
  if (is_system(*known.target)) return forbidden(kSystemMessage);
  return std::nullopt;
}

Unchanged unchanged(const Message& message) { return Unchanged{message.rev, {}, std::nullopt}; }

// An event that changes the target, whose new state starts as the old one at the event's rev.
ChatEvent change_event(const Known& known, const Place& place, EventKind kind,
                       std::string temp_id) {
  ChatEvent event = next_event(known, place.chat, kind, std::move(temp_id));
  event.message = *known.target;
  event.message.temp_id.clear();  // names the message's creation, which this is not
  event.message.rev = event.seq;
  return event;
}

std::size_t reactions_of(const Message& message, UserId user_id) {
  std::size_t count = 0;
  for (const Reaction& reaction : message.reactions) {
    const auto& users = reaction.users;
    if (std::find(users.begin(), users.end(), user_id) != users.end()) ++count;
  }
  return count;
}

// Adds or takes away; false: nothing to do.
bool toggle(std::vector<Reaction>& reactions, const std::string& emoji, UserId user_id, bool add) {
  auto reaction = std::find_if(reactions.begin(), reactions.end(),
                               [&](const Reaction& each) { return each.emoji == emoji; });
  if (reaction == reactions.end()) {
    if (!add) return false;
    reactions.push_back(Reaction{emoji, {user_id}});
    return true;
  }
  auto user = std::find(reaction->users.begin(), reaction->users.end(), user_id);
  if ((user != reaction->users.end()) == add) return false;
  if (add) {
    reaction->users.push_back(user_id);
  } else {
    reaction->users.erase(user);
    if (reaction->users.empty()) reactions.erase(reaction);
  }
  return true;
}

}  // namespace

Decision send_message(const Known& known, const Place& place, SendMessage&& op) {
  if (known.peer_refuses) return forbidden(kPeerRefuses);
  if (op.reply_to && !known.reply_exists) {
    return Refuse{Code::kNotFound, "replyTo is not a message of this chat"};
  }
  ChatEvent event = next_event(known, place.chat, EventKind::kMessage, std::move(op.temp_id));
  Message& message = event.message;
  message.message_id = known.new_message_id;
  message.chat_id = event.chat_id;
  message.seq = event.seq;
  message.rev = event.seq;
  message.sender_id = known.actor;
  message.temp_id = event.temp_id;
  message.timestamp = known.now;
  message.content = std::move(op.content);
  message.reply_to = op.reply_to;
  message.forwarded_from = std::move(op.forwarded_from);
  return Accept{std::move(event)};
}

Decision edit_message(const Known& known, const Place& place, EditMessage&& op) {
  if (auto refused = refuse_change(known)) return *refused;
  const Message& target = *known.target;
  if (target.sender_id != known.actor) return forbidden("only the sender edits a message");
  if (target.deleted) return Refuse{Code::kConflict, kDeletedMessage};
  if (target.content == op.content) return unchanged(target);
  if (target.content && target.content->type != op.content.type) {
    return Refuse{Code::kInvalidContent, "an edit keeps the type of the content"};
  }
  ChatEvent event = change_event(known, place, EventKind::kEdit, std::move(op.temp_id));
  event.message.content = std::move(op.content);
  event.message.edited_at = known.now;
  return Accept{std::move(event)};
}

Decision delete_message(const Known& known, const Place& place, DeleteMessage&& op) {
  if (known.target == nullptr) return not_found();
  const Message& target = *known.target;
  if (is_system(target)) return forbidden(kSystemMessage);
  bool moderates = place.chat.info.type == ChatType::kGroup && place.actor.role != Role::kMember;
  if (target.sender_id != known.actor && !moderates) {
    return forbidden("only the sender, or an admin of a group, deletes for everyone");
  }
  if (target.deleted) return unchanged(target);
  ChatEvent event = change_event(known, place, EventKind::kDelete, std::move(op.temp_id));
  Message& message = event.message;
  message.deleted = true;
  message.content.reset();
  message.forwarded_from.reset();
  message.edited_at.reset();
  message.reactions.clear();
  message.pinned = false;
  return Accept{std::move(event)};
}

Decision react(const Known& known, const Place& place, React&& op) {
  if (auto refused = refuse_change(known)) return *refused;
  const Message& target = *known.target;
  if (target.deleted) {
    if (op.add) return Refuse{Code::kConflict, kDeletedMessage};
    return unchanged(target);
  }
  auto reactions = target.reactions;
  if (!toggle(reactions, op.emoji, known.actor, op.add)) return unchanged(target);
  if (op.add && reactions_of(target, known.actor) >= limits::kReactionsPerPersonMax) {
    return Refuse{Code::kConflict, "at most 3 reactions of one person"};
  }
  if (reactions.size() > limits::kReactionsPerMessageMax) {
    return Refuse{Code::kConflict, "at most 20 different reactions"};
  }
  ChatEvent event = change_event(known, place, EventKind::kReaction, std::move(op.temp_id));
  event.message.reactions = std::move(reactions);
  return Accept{std::move(event)};
}

Decision pin(const Known& known, const Place& place, Pin&& op) {
  if (auto refused = refuse_change(known)) return *refused;
  const Message& target = *known.target;
  if (target.pinned == op.pinned) return unchanged(target);
  if (target.deleted) return Refuse{Code::kConflict, kDeletedMessage};
  ChatEvent event = change_event(known, place, EventKind::kPin, std::move(op.temp_id));
  event.message.pinned = op.pinned;
  return Accept{std::move(event)};
}

Decision set_private(const Known& known, SetPrivate&& op) {
  if (op.chat_id && !place_of(known)) return not_found();
  if (op.message_id && known.target == nullptr) return not_found();
  const bool removes = op.value == "null";
  if (known.item == nullptr ? removes : known.item->value == op.value) {
    UserSeq present = known.item == nullptr ? known.user_head : known.item->user_seq;
    return Unchanged{{}, present, std::nullopt};
  }
  PrivateItem item;
  item.user_seq = known.user_head.next();
  item.key = std::move(op.key);
  item.chat_id = op.chat_id;
  item.message_id = op.message_id;
  item.value = std::move(op.value);
  return Accept{std::move(item)};
}

}  // namespace godwit::rules
