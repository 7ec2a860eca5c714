#include "shared/domain/roster.h"

#include <algorithm>

namespace godwit {

const RosterMember* Roster::find(UserId user_id) const {
  auto found = std::lower_bound(
      members.begin(), members.end(), user_id,
      [](const RosterMember& member, UserId wanted) { return member.user_id < wanted; });
  return found != members.end() && found->user_id == user_id ? &*found : nullptr;
}

RosterPtr make_roster(ChatType type, std::vector<RosterMember> members, Seq version) {
  std::sort(members.begin(), members.end(),
            [](const RosterMember& a, const RosterMember& b) { return a.user_id < b.user_id; });
  auto ids = std::make_shared<std::vector<UserId>>();
  ids->reserve(members.size());
  for (const RosterMember& member : members) ids->push_back(member.user_id);
  auto roster = std::make_shared<Roster>();
  roster->type = type;
  roster->members = std::move(members);
  roster->ids = std::move(ids);
  roster->version = version;
  return roster;
}

}  // namespace godwit
