// Sends chat events to every connection of every member, per chat in the order of seq and without
// a gap, each encoded once.
//
// For every chat of which somebody is connected it keeps the last seq that went out (a flow). The
// next event in turn goes out; an earlier one has gone out already; a later one shows a hole (an
// event of another node whose note was lost): the log is read, and until it has come nothing later
// of that chat goes out, nor the answers that must follow their echoes.
//
// A flow begins where the people who connect know the log: at the head read just before they were
// let in, so that a sync they ask for afterwards covers what came before. I/O thread only.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "server/bus/bus.h"
#include "server/gateway/commit_collector.h"
#include "server/gateway/gateway_env.h"
#include "server/gateway/registry.h"

namespace godwit::server {

// What fills a hole: the events, and who is in the chat now.
struct LogPiece {
  std::vector<ChatEvent> events;
  RosterPtr roster;
};

// Asks the log for events after `after`. `done` is called on the I/O thread, once; nullopt: could
// not be read. False: not even asked (the queue is full).
using LogReader = std::function<bool(ChatId chat_id, Seq after,
                                     std::function<void(std::optional<LogPiece>)> done)>;

class FanOut {
 public:
  // All must outlive this. `membership_changed` hears of the people whose membership an event
  // that just went out has changed.
  using MembershipChanged = std::function<void(const std::vector<Member>& members)>;
  FanOut(GatewayEnv& env, Registry& registry, Bus& bus, LogReader read_log,
         MembershipChanged membership_changed);

  // The person is connected and its chats have these heads. Also called again, by the periodic
  // check: a head that stays ahead of the flow is a hole, a chat that stays gone is a removal.
  void know_heads(UserId user_id, const std::map<ChatId, Seq>& heads);
  // The last connection of the person is gone.
  void forget(UserId user_id);

  // From the writer, in the order of the log.
  void event(CommittedEvent entry);
  void answer(CommittedAnswer answer);
  // From another node.
  void advanced(ChatId chat_id, Seq head);

  // The last seq that went out; 0: nobody of the chat is connected.
  Seq last_of(ChatId chat_id) const;

 private:
  using Held = std::variant<CommittedEvent, CommittedAnswer>;
  struct Flow {
    Seq last;
    Seq wanted;      // a head that is known to exist
    Seq seen_ahead;  // a head beyond `last`, first met by a check at `seen_at`
    Instant seen_at;
    std::size_t people = 0;  // connected
    bool filling = false;
    std::vector<Held> held;
  };

  Flow* find(ChatId chat_id);
  Flow& join(UserId user_id, ChatId chat_id, Seq last);
  void leave(UserId user_id, ChatId chat_id);
  bool is_in(UserId user_id, ChatId chat_id) const;
  void let_in_added(const ChatEvent& event);
  Flow* flow_for(const CommittedEvent& entry);
  void check_head(ChatId chat_id, Seq head);

  void start_fill(ChatId chat_id, Flow& flow);
  void filled(ChatId chat_id, std::optional<LogPiece> piece);
  void retry_fill(ChatId chat_id);
  void drain_held(ChatId chat_id, const LogPiece& piece);
  void send_from_log(Flow& flow, const LogPiece& piece, Seq before);
  void send_out(Flow& flow, const CommittedEvent& entry);
  std::uint64_t deliver(const CommittedEvent& entry);
  void give(const CommittedAnswer& answer);
  void apply_membership(const ChatEvent& event);

  GatewayEnv& env_;
  Registry& registry_;
  Bus& bus_;
  const LogReader read_log_;
  const MembershipChanged membership_changed_;
  std::unordered_map<ChatId, Flow, IdHash<ChatId>> flows_;
  std::unordered_map<UserId, std::set<ChatId>, IdHash<UserId>> chats_of_;  // of people connected
};

}  // namespace godwit::server
