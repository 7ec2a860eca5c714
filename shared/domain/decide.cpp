#include "shared/domain/decide.h"

#include <algorithm>

#include "shared/domain/rules.h"

namespace godwit {
namespace rules {

std::optional<Place> place_of(const Known& known) {
  if (known.chat == nullptr) return std::nullopt;
  const RosterMember* actor = known.chat->roster->find(known.actor);
  if (actor == nullptr) return std::nullopt;
  return Place{*known.chat, *actor};
}

Refuse not_found() { return Refuse{Code::kNotFound, "no such chat, message or person"}; }

Refuse forbidden(const char* detail) { return Refuse{Code::kForbidden, detail}; }

ChatEvent next_event(const Known& known, const KnownChat& chat, EventKind kind,
                     std::string temp_id) {
  ChatEvent event;
  event.kind = kind;
  event.chat_id = chat.chat_id;
  event.seq = chat.head.next();
  event.actor_id = known.actor;
  event.timestamp = known.now;
  event.temp_id = std::move(temp_id);
  return event;
}

}  // namespace rules

namespace {

// Sends each operation to its rule; all but two need a place in the chat.
struct Decider {
  const Known& known;

  template <typename Op>
  Decision in_chat(Decision (*rule)(const Known&, const rules::Place&, Op&&), Op& op) const {
    auto place = rules::place_of(known);
    if (!place) return rules::not_found();
    return rule(known, *place, std::move(op));
  }
  Decision operator()(SendMessage& op) const { return in_chat(rules::send_message, op); }
  Decision operator()(EditMessage& op) const { return in_chat(rules::edit_message, op); }
  Decision operator()(DeleteMessage& op) const { return in_chat(rules::delete_message, op); }
  Decision operator()(React& op) const { return in_chat(rules::react, op); }
  Decision operator()(Pin& op) const { return in_chat(rules::pin, op); }
  Decision operator()(ChangeChat& op) const { return in_chat(rules::change_chat, op); }
  Decision operator()(AddMember& op) const { return in_chat(rules::add_member, op); }
  Decision operator()(RemoveMember& op) const { return in_chat(rules::remove_member, op); }
  Decision operator()(ChangeRole& op) const { return in_chat(rules::change_role, op); }
  Decision operator()(SetPrivate& op) const { return rules::set_private(known, std::move(op)); }
  Decision operator()(CreateChat& op) const { return rules::create_chat(known, std::move(op)); }
};

Role role_or_member(const Member& member) { return member.role.value_or(Role::kMember); }

}  // namespace

Decision decide(const Known& known, Operation&& operation) {
  if (known.earlier != nullptr) {
    if (known.earlier->kind != kind_of(operation)) {
      return Refuse{Code::kConflict, "this tempId was used for another type of operation"};
    }
    return Duplicate{*known.earlier};
  }
  return std::visit(Decider{known}, operation);
}

KnownChat apply_event(const KnownChat& chat, const ChatEvent& event) {
  KnownChat after = chat;
  after.head = event.seq;
  if (event.kind != EventKind::kChat) return after;
  after.info = event.info;
  if (event.members.empty() && chat.roster) return after;
  std::vector<RosterMember> members;
  if (chat.roster) members = chat.roster->members;
  for (const Member& changed : event.members) {
    members.erase(
        std::remove_if(members.begin(), members.end(),
                       [&](const RosterMember& m) { return m.user_id == changed.user_id; }),
        members.end());
    if (!changed.role) continue;
    members.push_back(
        RosterMember{changed.user_id, role_or_member(changed), changed.joined_seq, changed.rev});
  }
  after.roster = make_roster(event.info.type, std::move(members), event.seq);
  return after;
}

Audience audience_of(const KnownChat& after, const ChatEvent& event) {
  std::vector<UserId> gone;
  for (const Member& member : event.members) {
    if (!member.role) gone.push_back(member.user_id);
  }
  if (gone.empty()) return after.roster->ids;
  auto everyone = std::make_shared<std::vector<UserId>>(*after.roster->ids);
  everyone->insert(everyone->end(), gone.begin(), gone.end());
  return everyone;
}

}  // namespace godwit
