#include "shared/client/chat_replica.h"

#include <algorithm>

#include "shared/base/hash.h"
#include "shared/base/mutation.h"
#include "shared/sync/status.h"

namespace godwit {

Arrival ChatReplica::apply(ChatEvent&& event) {
  Arrival arrival = gap_.note(event.seq);
  if (event.kind == EventKind::kChat) {
    merge_info(event.info);
    for (const Member& member : event.members) merge_member(member);
  }
  if (event.message.deleted) uncount_deleted(event);
  const Seq changed = event.message.seq;
  if (merge_message(std::move(event.message)) && changed != event.seq) strays_.insert(changed);
  if (arrival != Arrival::kKnown) timeline_.segments().extend(event.seq);
  if (event.seq.value == 1) history_start_ = Seq{1};
  return arrival;
}

// A message that the server's own unread count holds was deleted after it counted.
void ChatReplica::uncount_deleted(const ChatEvent& event) {
  const Message& message = event.message;
  const Message* held = timeline_.at(message.seq);
  bool counted = message.sender_id != self_ && message.seq > unread_base_read_ &&
                 message.seq <= unread_base_head_ && event.seq > unread_base_head_;
  if (counted && (held == nullptr || !held->deleted) && unread_base_ > 0) --unread_base_;
}

void ChatReplica::covered(Seq to) { gap_.advance_to(to); }

void ChatReplica::adopt(const ChatState& state) {
  removed_ = false;
  merge_info(state.info);
  created_at_ = state.created_at;
  watermarks_.merge(state.receipts);
  if (state.head > held()) {
    if (!mutated(Mutation::kResetUnchecked)) timeline_.segments().uncheck(held());
    gap_.advance_to(state.head);
    if (!mutated(Mutation::kResetUnchecked)) continuity_from_ = state.head;
    replace_members(state.members, state.head);
  } else {
    for (const Member& member : state.members) merge_member(member);
  }
  if (state.head >= unread_base_head_) {
    unread_base_ = state.unread;
    unread_base_head_ = state.head;
    auto read = state.receipts.read.find(self_);  // the server's, which may lag behind ours
    unread_base_read_ =
        std::max(joined_at(), read == state.receipts.read.end() ? Seq{} : read->second);
  }
  if (state.last_message) {
    const Message& last = *state.last_message;
    if (timeline_.at(last.seq) != nullptr) merge_message(Message(last));
    if (!last_message_base_ || last_message_base_->seq < last.seq ||
        last_message_base_->rev < last.rev) {
      last_message_base_ = last;
    }
  }
}

void ChatReplica::merge_page(const Page& page) {
  for (const Message& message : page.messages) merge_message(Message(message));
  bool checked = page.as_of >= continuity_from_;
  timeline_.segments().add(Segment{page.from, page.to, page.as_of, checked});
  if (!page.has_before && page.from <= page.to) history_start_ = page.from;
}

void ChatReplica::recheck(const Page& changed, Seq from, Seq to) {
  for (const Message& message : changed.messages) merge_message(Message(message));
  bool checked = changed.as_of >= continuity_from_;
  timeline_.segments().add(Segment{from, to, changed.as_of, checked});
}

void ChatReplica::doubt() {
  doubtful_ = true;
  for (const Segment& segment : timeline_.segments().all()) {
    if (segment.checked) doubted_.emplace_back(segment.from, segment.to);
  }
  timeline_.segments().doubt();
  for (const auto& [from, to] : holes()) {
    timeline_.segments().add(Segment{from, to, Seq{}, false});
    doubted_.emplace_back(from, to);
  }
}

// What storage has probably lost: events below later ones, and short stretches between what is
// held, up to the end of the log. A long hole is one that a reset has left: it was never held here.
std::vector<std::pair<Seq, Seq>> ChatReplica::holes() const {
  std::vector<std::pair<Seq, Seq>> holes;
  if (held().value == 0) return holes;  // how far the log was known is lost as well
  for (const auto& hole : gap_.holes()) {
    if (hole.second.value - hole.first.value < limits::kSyncEventsMax) holes.push_back(hole);
  }
  std::optional<Seq> next;
  auto between = [&](Seq from) {
    bool is_short = next && *next < from && from.value - next->value <= limits::kBlockSeqs;
    if (is_short) holes.emplace_back(*next, from.prev());
  };
  for (const Segment& segment : timeline_.segments().all()) {
    between(segment.from);
    next = segment.to.next();
  }
  between(held().next());
  return holes;
}

void ChatReplica::confirm(Seq from, Seq to, Seq as_of) {
  timeline_.segments().add(Segment{from, to, as_of, as_of >= continuity_from_});
}

std::optional<Segment> ChatReplica::next_doubt() const {
  for (const auto& [from, to] : doubted_) {
    for (const Segment& segment : timeline_.segments().all()) {
      if (segment.checked || segment.to < from || segment.from > to) continue;
      return Segment{std::max(segment.from, from), std::min(segment.to, to), segment.as_of, false};
    }
  }
  return std::nullopt;
}

void ChatReplica::trust() {
  doubtful_ = false;
  doubted_.clear();
}

void ChatReplica::merge_info(const ChatInfo& info) {
  if (info.rev > info_.rev) info_ = info;
}

void ChatReplica::merge_member(const Member& member) {
  Member& held = members_[member.user_id];
  // A name is its person's, not the membership's: it has no rev, and the last one heard stands.
  std::string username = member.username.empty() ? held.username : member.username;
  std::string display_name = member.display_name.empty() ? held.display_name : member.display_name;
  bool newer = !held.user_id || member.rev > held.rev;
  if (!newer && username == held.username && display_name == held.display_name) return;
  if (newer) held = member;
  held.username = std::move(username);
  held.display_name = std::move(display_name);
  if (newer && member.user_id == self_ && member.role) removed_ = false;
  refresh_present();
}

void ChatReplica::replace_members(const std::vector<Member>& members, Seq as_of) {
  for (auto& [user_id, held] : members_) {
    bool listed = std::any_of(members.begin(), members.end(),
                              [id = user_id](const Member& m) { return m.user_id == id; });
    if (!listed && held.rev <= as_of) held.role.reset();
  }
  for (const Member& member : members) merge_member(member);
  refresh_present();
}

void ChatReplica::refresh_present() {
  present_.clear();
  members_version_ = 0;
  for (const auto& [user_id, member] : members_) {
    std::uint64_t print = fnv1a64(member.display_name, fnv1a64(member.username));
    std::uint64_t role = member.role ? 1 + static_cast<std::uint64_t>(*member.role) : 0;
    members_version_ = mix64(members_version_ ^ mix64(user_id.value + role) ^ print);
    if (member.role) present_.push_back(member);
  }
}

bool ChatReplica::is_member() const {
  if (removed_) return false;
  auto it = members_.find(self_);
  return it != members_.end() && it->second.role.has_value();
}

bool ChatReplica::gone() const {
  if (removed_) return true;
  auto it = members_.find(self_);
  return it != members_.end() && !it->second.role;
}

UserId ChatReplica::peer() const {
  if (info_.type != ChatType::kDirect) return UserId{};
  for (const auto& [user_id, member] : members_) {
    if (user_id != self_) return user_id;
  }
  return UserId{};
}

const Message* ChatReplica::last_message() const {
  const auto& messages = timeline_.messages();
  const Message* held = messages.empty() ? nullptr : &messages.back().second;
  const Message* base = last_message_base_ ? &*last_message_base_ : nullptr;
  if (held == nullptr || base == nullptr) return held != nullptr ? held : base;
  if (held->seq == base->seq) return held->rev >= base->rev ? held : base;
  return held->seq > base->seq ? held : base;
}

Timestamp ChatReplica::last_activity() const {
  const Message* last = last_message();
  return last != nullptr ? last->timestamp : created_at_;
}

Seq ChatReplica::joined_at() const {
  auto it = members_.find(self_);
  return it == members_.end() || !it->second.role ? Seq{} : it->second.joined_seq;
}

Seq ChatReplica::unread_after() const { return std::max(watermarks_.read(self_), joined_at()); }

void ChatReplica::rebase_unread(std::uint64_t count) {
  if (has_gap()) return;  // what lies beyond the gap would be counted twice
  unread_base_ = count;
  unread_base_head_ = held();
  unread_base_read_ = unread_after();
}

bool ChatReplica::merge_message(Message&& message) {
  auto counts = [this, seq = message.seq]() -> std::uint64_t {
    const Message* held = seq <= tally_.through ? timeline_.at(seq) : nullptr;
    return held != nullptr && counts_as_unread(*held, self_, tally_.from, false) ? 1 : 0;
  };
  tally_.count -= counts();
  bool changed = timeline_.merge(std::move(message));
  tally_.count += counts();
  return changed;
}

// The messages after `from` that count as unread. What the last call counted is not counted again.
std::uint64_t ChatReplica::count_after(Seq from, const std::set<MessageId>& hidden) const {
  if (tally_.from != from) tally_ = Tally{from, from, 0};
  const auto& messages = timeline_.messages();
  for (auto it = messages.end(); it != messages.begin();) {  // from the end: few are new
    --it;
    if (it->first <= tally_.through) break;
    if (counts_as_unread(it->second, self_, from, false)) ++tally_.count;
  }
  if (!messages.empty()) tally_.through = std::max(tally_.through, messages.back().first);
  std::uint64_t count = tally_.count;
  for (MessageId message_id : hidden) {
    const Message* message = timeline_.by_id(message_id);
    if (message != nullptr && counts_as_unread(*message, self_, from, false)) --count;
  }
  return count;
}

std::uint64_t ChatReplica::unread(const std::set<MessageId>& hidden) const {
  Seq read = unread_after();
  Seq low = timeline_.segments().low_of(held(), false);
  std::uint64_t seen_since_base = 0;  // counted by the base, read here since
  Seq counted_from = low <= read.next() ? read : std::max(read, unread_base_head_);
  std::uint64_t count = count_after(counted_from, hidden);
  if (low <= read.next() || read >= unread_base_head_) return count;
  const auto& messages = timeline_.messages();
  for (auto it = messages.upper_bound(unread_base_read_); it != messages.end() && it->first <= read;
       ++it) {
    if (counts_as_unread(it->second, self_, unread_base_read_, false)) ++seen_since_base;
  }
  return count + (unread_base_ > seen_since_base ? unread_base_ - seen_since_base : 0);
}

ChatReplica::Position ChatReplica::position() const {
  return Position{held(), continuity_from_, archived_to_, unread_base_read_, removed_};
}

void ChatReplica::restore(const ChatState& state, const Position& position) {
  adopt(state);
  gap_.advance_to(position.held);
  continuity_from_ = position.continuity_from;
  archived_to_ = position.archived_to;
  unread_base_read_ = position.unread_base_read;
  removed_ = position.removed;
}

ChatState ChatReplica::state() const {
  ChatState state;
  state.chat_id = chat_id_;
  state.info = info_;
  for (const auto& [user_id, member] : members_) state.members.push_back(member);
  if (const Message* last = last_message()) state.last_message = *last;
  // The base is kept as it is: `unread` at `head`, with one's own read mark of then.
  state.unread = unread_base_;
  state.receipts = watermarks_.all();
  state.head = unread_base_head_;
  state.created_at = created_at_;
  return state;
}

}  // namespace godwit
