// The rule of each operation; only decide.cpp calls these. Each requires that the repeat of a
// temp_id has been looked for already. Those that take a `Place` require that the actor is a
// member.
#pragma once

#include "shared/domain/decide.h"

namespace godwit::rules {

// The chat and the actor's place in it.
struct Place {
  const KnownChat& chat;
  const RosterMember& actor;
};

// nullopt: no such chat, or the actor is not in it.
std::optional<Place> place_of(const Known& known);

Refuse not_found();
Refuse forbidden(const char* detail);

// An event of `chat` at the next seq, by the actor, now.
ChatEvent next_event(const Known& known, const KnownChat& chat, EventKind kind,
                     std::string temp_id);

Decision send_message(const Known& known, const Place& place, SendMessage&& op);
Decision edit_message(const Known& known, const Place& place, EditMessage&& op);
Decision delete_message(const Known& known, const Place& place, DeleteMessage&& op);
Decision react(const Known& known, const Place& place, React&& op);
Decision pin(const Known& known, const Place& place, Pin&& op);
Decision set_private(const Known& known, SetPrivate&& op);
Decision create_chat(const Known& known, CreateChat&& op);
Decision change_chat(const Known& known, const Place& place, ChangeChat&& op);
Decision add_member(const Known& known, const Place& place, AddMember&& op);
Decision remove_member(const Known& known, const Place& place, RemoveMember&& op);
Decision change_role(const Known& known, const Place& place, ChangeRole&& op);

}  // namespace godwit::rules
