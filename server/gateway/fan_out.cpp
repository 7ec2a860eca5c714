#include "server/gateway/fan_out.h"

#include <algorithm>
#include <utility>

#include "server/gateway/client_connection.h"
#include "server/gateway/encoded_event.h"
#include "server/gateway/frame_names.h"

namespace godwit::server {
namespace {

Seq seq_before(const ChatEvent& event) { return event.seq.prev(); }

// Who gets an event that was read from the log: those who are members now and had joined by then,
// and whoever the event itself put out.
Audience audience_of(const ChatEvent& event, const Roster& roster) {
  auto ids = std::make_shared<std::vector<UserId>>();
  for (const RosterMember& member : roster.members) {
    if (member.joined_seq <= event.seq) ids->push_back(member.user_id);
  }
  if (event.kind == EventKind::kChat) {
    for (const Member& member : event.members) {
      if (!member.role) ids->push_back(member.user_id);
    }
  }
  return ids;
}

bool puts_in(const ChatEvent& event, UserId user_id) {
  if (event.kind != EventKind::kChat) return false;
  return std::any_of(event.members.begin(), event.members.end(), [&](const Member& member) {
    return member.user_id == user_id && member.role && member.joined_seq == event.seq;
  });
}

}  // namespace

FanOut::FanOut(GatewayEnv& env, Registry& registry, Bus& bus, LogReader read_log,
               MembershipChanged membership_changed)
    : env_(env),
      registry_(registry),
      bus_(bus),
      read_log_(std::move(read_log)),
      membership_changed_(std::move(membership_changed)) {}

FanOut::Flow* FanOut::find(ChatId chat_id) {
  auto found = flows_.find(chat_id);
  return found == flows_.end() ? nullptr : &found->second;
}

Seq FanOut::last_of(ChatId chat_id) const {
  auto found = flows_.find(chat_id);
  return found == flows_.end() ? Seq{} : found->second.last;
}

// ---- whose chats ----

FanOut::Flow& FanOut::join(UserId user_id, ChatId chat_id, Seq last) {
  auto [it, is_new] = flows_.try_emplace(chat_id);
  if (is_new) it->second.last = last;
  if (chats_of_[user_id].insert(chat_id).second) ++it->second.people;
  return it->second;
}

void FanOut::leave(UserId user_id, ChatId chat_id) {
  auto chats = chats_of_.find(user_id);
  if (chats == chats_of_.end() || chats->second.erase(chat_id) == 0) return;
  Flow* flow = find(chat_id);
  // A flow that waits for the log holds answers: it ends when they are out.
  if (flow != nullptr && --flow->people == 0 && !flow->filling) flows_.erase(chat_id);
}

bool FanOut::is_in(UserId user_id, ChatId chat_id) const {
  auto chats = chats_of_.find(user_id);
  return chats != chats_of_.end() && chats->second.count(chat_id) != 0;
}

void FanOut::know_heads(UserId user_id, const std::map<ChatId, Seq>& heads) {
  const bool is_first = chats_of_.find(user_id) == chats_of_.end();
  chats_of_.try_emplace(user_id);
  for (const auto& [chat_id, head] : heads) {
    // A chat that the person entered without its event having gone out starts one short: the last
    // event is sent, and the gap before it makes the client ask for the chat.
    const bool is_news = !is_first && !is_in(user_id, chat_id);
    join(user_id, chat_id, is_news ? head.prev() : head);
    check_head(chat_id, head);
  }
  if (is_first) return;
  std::vector<ChatId> gone;
  for (ChatId chat_id : chats_of_[user_id]) {
    if (heads.count(chat_id) == 0) gone.push_back(chat_id);
  }
  // What ended the membership is in the log, and it names the person.
  for (ChatId chat_id : gone) check_head(chat_id, last_of(chat_id).next());
}

// What the writer has just committed may be on its way here: only a head that is still ahead a
// while after it was first seen is a hole.
void FanOut::check_head(ChatId chat_id, Seq head) {
  Flow* flow = find(chat_id);
  if (flow == nullptr) return;
  if (head <= flow->last) {
    flow->seen_ahead = Seq{};
  } else if (flow->seen_ahead <= flow->last) {
    flow->seen_ahead = head;
    flow->seen_at = env_.executor.now();
  } else if (env_.executor.now().ms - flow->seen_at.ms >= kHoleAgeMs) {
    advanced(chat_id, flow->seen_ahead);
  }
}

void FanOut::forget(UserId user_id) {
  auto chats = chats_of_.find(user_id);
  if (chats == chats_of_.end()) return;
  for (ChatId chat_id : std::vector<ChatId>(chats->second.begin(), chats->second.end())) {
    leave(user_id, chat_id);
  }
  chats_of_.erase(user_id);
}

// People who are connected and are put in by this event take part from it on.
void FanOut::let_in_added(const ChatEvent& event) {
  if (event.kind != EventKind::kChat) return;
  for (const Member& member : event.members) {
    if (member.role && registry_.of(member.user_id) != nullptr) {
      join(member.user_id, event.chat_id, seq_before(event));
    }
  }
}

FanOut::Flow* FanOut::flow_for(const CommittedEvent& entry) {
  let_in_added(entry.event);
  if (Flow* flow = find(entry.event.chat_id)) return flow;
  // Somebody may have connected just while being put in, before either side knew of the other.
  for (UserId user_id : *entry.audience) {
    if (registry_.of(user_id) != nullptr) {
      join(user_id, entry.event.chat_id, seq_before(entry.event));
    }
  }
  return find(entry.event.chat_id);
}

// ---- events in turn ----

void FanOut::event(CommittedEvent entry) {
  const ChatId chat_id = entry.event.chat_id;
  bus_.publish(ChatAdvanced{chat_id, entry.event.seq});
  Flow* flow = flow_for(entry);
  if (flow == nullptr || entry.event.seq <= flow->last) return;
  flow->wanted = std::max(flow->wanted, entry.event.seq);
  if (!flow->filling && entry.event.seq == flow->last.next()) return send_out(*flow, entry);
  // Beyond the limit the event is left to the log.
  if (flow->held.size() < kFlowHeldMax) flow->held.push_back(std::move(entry));
  if (!flow->filling) start_fill(chat_id, *flow);
}

void FanOut::answer(CommittedAnswer answer) {
  Flow* flow = answer.chat_id ? find(answer.chat_id) : nullptr;
  if (flow != nullptr && flow->filling) {
    flow->held.push_back(std::move(answer));  // bounded by each connection's operations in flight
    return;
  }
  give(answer);
}

void FanOut::advanced(ChatId chat_id, Seq head) {
  Flow* flow = find(chat_id);
  if (flow == nullptr || head <= flow->last) return;
  flow->wanted = std::max(flow->wanted, head);
  if (!flow->filling) start_fill(chat_id, *flow);
}

void FanOut::send_out(Flow& flow, const CommittedEvent& entry) {
  flow.last = entry.event.seq;
  env_.stats.events_fanned_out.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t recipients = deliver(entry);
  env_.stats.deliveries.fetch_add(recipients, std::memory_order_relaxed);
  env_.counters.frame_sent(event_name(entry.event.kind), recipients);
  apply_membership(entry.event);
}

std::uint64_t FanOut::deliver(const CommittedEvent& entry) {
  EncodedEvent encoded(entry.event);
  std::uint64_t recipients = 0;
  for (UserId user_id : *entry.audience) {
    const auto* connections = registry_.of(user_id);
    if (connections == nullptr) continue;
    const FrameBytes& frame = encoded.for_user(user_id);
    const bool puts_user_in = puts_in(entry.event, user_id);
    for (ClientConnection* connection : *connections) {
      SyncLane::Live live;
      live.frame = frame;
      live.chat_id = entry.event.chat_id;
      live.seq = entry.event.seq;
      live.own = connection->id() == entry.origin;
      live.puts_in = puts_user_in;
      connection->deliver(std::move(live));
      ++recipients;
    }
  }
  return recipients;
}

// May end the flow: called last.
void FanOut::apply_membership(const ChatEvent& event) {
  if (event.kind != EventKind::kChat || event.members.empty()) return;
  for (const Member& member : event.members) {
    if (!member.role) leave(member.user_id, event.chat_id);
  }
  membership_changed_(event.members);
}

void FanOut::give(const CommittedAnswer& answer) {
  if (ClientConnection* connection = registry_.find(answer.connection)) {
    connection->operation_answered(answer.kind, answer.temp_id, answer.outcome);
  }
}

// ---- holes ----

void FanOut::start_fill(ChatId chat_id, Flow& flow) {
  flow.filling = true;
  env_.stats.holes_filled.fetch_add(1, std::memory_order_relaxed);
  auto done = [this, chat_id](std::optional<LogPiece> piece) { filled(chat_id, std::move(piece)); };
  if (!read_log_(chat_id, flow.last, done)) filled(chat_id, std::nullopt);
}

void FanOut::filled(ChatId chat_id, std::optional<LogPiece> piece) {
  if (piece) drain_held(chat_id, *piece);
  Flow& flow = *find(chat_id);  // while it is filling nothing ends it
  const bool is_behind = !flow.held.empty() || flow.last < flow.wanted;
  if (piece && !piece->events.empty() && is_behind) return start_fill(chat_id, flow);
  if (!piece || !flow.held.empty()) return retry_fill(chat_id);
  flow.filling = false;
  flow.wanted = flow.last;  // the log has no more
  if (flow.people == 0) flows_.erase(chat_id);
}

void FanOut::retry_fill(ChatId chat_id) {
  env_.executor.run_after(kFillRetryMs, [this, chat_id] {
    if (Flow* flow = find(chat_id)) start_fill(chat_id, *flow);
  });
}

// Sends what was held in its order, each event after what the log has before it. What lies behind
// a hole longer than this piece stays held.
void FanOut::drain_held(ChatId chat_id, const LogPiece& piece) {
  Flow& flow = *find(chat_id);
  std::vector<Held> held = std::exchange(flow.held, {});
  std::size_t at = 0;
  for (; at < held.size(); ++at) {
    if (const auto* answer = std::get_if<CommittedAnswer>(&held[at])) {
      give(*answer);
      continue;
    }
    const auto& entry = std::get<CommittedEvent>(held[at]);
    send_from_log(flow, piece, entry.event.seq);
    if (entry.event.seq <= flow.last) continue;
    if (entry.event.seq != flow.last.next()) break;  // the hole is longer than this piece
    send_out(flow, entry);
  }
  if (at < held.size()) {
    flow.held.assign(std::make_move_iterator(held.begin() + static_cast<std::ptrdiff_t>(at)),
                     std::make_move_iterator(held.end()));
    return;
  }
  send_from_log(flow, piece, flow.wanted.next());  // beyond it the writer's own word comes
}

void FanOut::send_from_log(Flow& flow, const LogPiece& piece, Seq before) {
  for (const ChatEvent& event : piece.events) {
    if (event.seq >= before) return;
    if (event.seq != flow.last.next()) continue;
    let_in_added(event);
    send_out(flow, CommittedEvent{event, audience_of(event, *piece.roster), 0});
  }
}

}  // namespace godwit::server
