#include <algorithm>

#include "shared/domain/rules.h"
#include "shared/domain/system_line.h"

namespace godwit::rules {
namespace {

constexpr const char* kDirectMembers = "the people of a direct chat do not change";
constexpr const char* kNeedsAdmin = "only admins and owners do this";
constexpr const char* kNeedsOwner = "only owners do this";

// A chat event with its system line; `info` as it stands, for the rule to change.
ChatEvent chat_event(const Known& known, const KnownChat& chat, const SystemLine& line,
                     std::string temp_id) {
  ChatEvent event = next_event(known, chat, EventKind::kChat, std::move(temp_id));
  Message& message = event.message;
  message.message_id = known.new_message_id;
  message.chat_id = event.chat_id;
  message.seq = event.seq;
  message.rev = event.seq;
  message.sender_id = known.actor;
  message.timestamp = known.now;
  message.content = system_content(line);
  event.info = chat.info;
  return event;
}

Member member_at(UserId user_id, std::optional<Role> role, Seq rev, Seq joined_seq) {
  Member member;
  member.user_id = user_id;
  member.role = role;
  member.rev = rev;
  member.joined_seq = joined_seq;
  return member;
}

bool is_admin(const RosterMember& member) { return member.role != Role::kMember; }

std::size_t owner_count(const Roster& roster) {
  return static_cast<std::size_t>(
      std::count_if(roster.members.begin(), roster.members.end(),
                    [](const RosterMember& m) { return m.role == Role::kOwner; }));
}

// Who becomes owner when `leaving` goes: the longest-standing admin, else member; null: nobody
// left.
const RosterMember* successor(const Roster& roster, UserId leaving) {
  const RosterMember* best = nullptr;
  for (const RosterMember& member : roster.members) {
    if (member.user_id == leaving) continue;
    bool better = best == nullptr || is_admin(member) > is_admin(*best) ||
                  (is_admin(member) == is_admin(*best) && member.joined_seq < best->joined_seq);
    if (better) best = &member;
  }
  return best;
}

std::optional<Refuse> refuse_people(const Known& known) {
  for (const KnownPerson& person : known.people) {
    if (!person.exists) return not_found();
    if (person.blocks_actor) return forbidden("this person cannot be written to");
  }
  return std::nullopt;
}

}  // namespace

Decision create_chat(const Known& known, CreateChat&& op) {
  for (const KnownPerson& person : known.people) {
    if (person.user_id == known.actor) {
      return Refuse{Code::kInvalidContent, "participants are the others' ids"};
    }
  }
  if (auto refused = refuse_people(known)) return *refused;
  const bool direct = op.type == ChatType::kDirect;
  if (direct && known.direct != nullptr) {
    return Unchanged{known.direct->info.rev, {}, known.direct->chat_id};
  }
  KnownChat fresh;
  fresh.chat_id = known.new_chat_id;
  ChatEvent event =
      chat_event(known, fresh, SystemLine{"created", {}, {}, {}}, std::move(op.temp_id));
  event.info = ChatInfo{op.type, std::move(op.name), {}, event.seq};
  const Role creator = direct ? Role::kMember : Role::kOwner;
  event.members.push_back(member_at(known.actor, creator, event.seq, event.seq));
  for (const KnownPerson& person : known.people) {
    event.members.push_back(member_at(person.user_id, Role::kMember, event.seq, event.seq));
  }
  return Accept{std::move(event)};
}

Decision change_chat(const Known& known, const Place& place, ChangeChat&& op) {
  const ChatInfo& info = place.chat.info;
  if (info.type == ChatType::kDirect) {
    if (op.name) return forbidden("a direct chat has no name");
    if (known.peer_refuses) return forbidden("this person cannot be written to");
  } else if (!is_admin(place.actor)) {
    return forbidden(kNeedsAdmin);
  }
  const bool renames = op.name && *op.name != info.name;
  const bool sets = op.settings && *op.settings != info.settings;
  if (!renames && !sets) return Unchanged{info.rev, {}, std::nullopt};
  SystemLine line{renames ? "renamed" : "settings", {}, {}, {}};
  ChatEvent event = chat_event(known, place.chat, line, std::move(op.temp_id));
  if (renames) event.info.name = std::move(*op.name);
  if (sets) event.info.settings = std::move(*op.settings);
  event.info.rev = event.seq;
  return Accept{std::move(event)};
}

Decision add_member(const Known& known, const Place& place, AddMember&& op) {
  const Roster& roster = *place.chat.roster;
  if (roster.type == ChatType::kDirect) return forbidden(kDirectMembers);
  if (!is_admin(place.actor)) return forbidden(kNeedsAdmin);
  if (op.role != Role::kMember && place.actor.role != Role::kOwner) return forbidden(kNeedsOwner);
  if (const RosterMember* present = roster.find(op.user_id)) {
    return Unchanged{present->rev, {}, std::nullopt};
  }
  if (known.people.empty()) return not_found();
  if (auto refused = refuse_people(known)) return *refused;
  if (roster.members.size() >= limits::kGroupMembersMax) {
    return Refuse{Code::kGroupFull, "a group has at most 256 members"};
  }
  SystemLine line{"member_added", op.user_id, op.role, {}};
  ChatEvent event = chat_event(known, place.chat, line, std::move(op.temp_id));
  event.members.push_back(member_at(op.user_id, op.role, event.seq, event.seq));
  return Accept{std::move(event)};
}

Decision remove_member(const Known& known, const Place& place, RemoveMember&& op) {
  const Roster& roster = *place.chat.roster;
  if (roster.type == ChatType::kDirect) return forbidden(kDirectMembers);
  const bool leaves = op.user_id == known.actor;
  const RosterMember* target = roster.find(op.user_id);
  if (!leaves && !is_admin(place.actor)) return forbidden(kNeedsAdmin);
  if (target == nullptr) return not_found();
  if (!leaves && is_admin(*target) && place.actor.role != Role::kOwner) {
    return forbidden(kNeedsOwner);
  }
  const RosterMember* heir = nullptr;
  if (target->role == Role::kOwner && owner_count(roster) == 1) {
    heir = successor(roster, op.user_id);
  }
  SystemLine line{leaves ? "member_left" : "member_removed", op.user_id, {}, {}};
  if (heir != nullptr) line.new_owner_id = heir->user_id;
  ChatEvent event = chat_event(known, place.chat, line, std::move(op.temp_id));
  event.members.push_back(member_at(op.user_id, std::nullopt, event.seq, target->joined_seq));
  if (heir != nullptr) {
    event.members.push_back(member_at(heir->user_id, Role::kOwner, event.seq, heir->joined_seq));
  }
  return Accept{std::move(event)};
}

Decision change_role(const Known& known, const Place& place, ChangeRole&& op) {
  const Roster& roster = *place.chat.roster;
  if (roster.type == ChatType::kDirect) return forbidden(kDirectMembers);
  if (place.actor.role != Role::kOwner) return forbidden(kNeedsOwner);
  const RosterMember* target = roster.find(op.user_id);
  if (target == nullptr) return not_found();
  if (target->role == op.role) return Unchanged{target->rev, {}, std::nullopt};
  if (target->role == Role::kOwner && owner_count(roster) == 1) {
    return Refuse{Code::kConflict, "a group keeps an owner"};
  }
  SystemLine line{"role_changed", op.user_id, op.role, {}};
  ChatEvent event = chat_event(known, place.chat, line, std::move(op.temp_id));
  event.members.push_back(member_at(op.user_id, op.role, event.seq, target->joined_seq));
  return Accept{std::move(event)};
}

}  // namespace godwit::rules
