// Who is in a chat, as the rules and the fan-out need it: immutable once made, so that the writer,
// the readers and the gateway share one. A change makes a new one.
#pragma once

#include <memory>
#include <vector>

#include "shared/protocol/types.h"

namespace godwit {

struct RosterMember {
  UserId user_id;
  Role role = Role::kMember;
  Seq joined_seq;
  Seq rev;
};

// The ids that an event goes to.
using Audience = std::shared_ptr<const std::vector<UserId>>;

struct Roster {
  ChatType type = ChatType::kDirect;
  std::vector<RosterMember> members;  // present ones, by user id
  Audience ids;                       // the same people; never null
  Seq version;                        // the chat's head when this was true

  // nullptr: not a member. Borrowed from this.
  const RosterMember* find(UserId user_id) const;
};

using RosterPtr = std::shared_ptr<const Roster>;

// Sorts `members` and fills `ids`.
RosterPtr make_roster(ChatType type, std::vector<RosterMember> members, Seq version);

}  // namespace godwit
