// The syncs of one connection, and what waits for them.
//
// One sync_request is read at a time; a few more may wait. From the start of the read until the
// last frame of the answer is handed over, live frames that have a place in a log (chat events,
// private items) and the answers to operations are held here in their order, so that within a chat
// the connection sees the sync's events first and then the live ones, without a repeat: a held
// event that the sync covers is dropped, unless it is the echo that must precede its own ack.
//
// An event may also be committed before the snapshot of the sync and fanned out after its end; so
// the coverage is remembered until the fan-out has passed it. In the same way events of a chat that
// the sync called removed are dropped, until one that puts the person in again.
//
// Owned by its ClientConnection; I/O thread only. Limits: gateway_env.h; at them hold() says so and
// the connection is closed as too slow.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "server/app/queries.h"
#include "server/gateway/gateway_env.h"

namespace godwit::server {

// An answer to one sync_request, encoded, and what it covers.
struct PreparedSync {
  std::vector<FrameBytes> frames;
  std::int64_t bytes = 0;
  std::map<ChatId, Seq> covered;
  std::vector<ChatId> removed;
  UserSeq covered_user;
};

// Reads and encodes. Runs on a thread of the ReadPool.
Result<PreparedSync> prepare_sync(Queries& queries, UserId viewer, const SyncRequest& request,
                                  bool epoch_is_ours);

class SyncLane {
 public:
  struct Wanted {
    SyncRequest request;
    bool epoch_is_ours = true;
  };

  // A live frame: of a chat's log (chat, seq), of the private log (user_seq), or an answer (none).
  struct Live {
    FrameBytes frame;
    ChatId chat_id;
    Seq seq;
    UserSeq user_seq;
    bool own = false;      // the echo of this connection's own operation
    bool puts_in = false;  // the event that makes the person a member
  };
  using Send = std::function<void(const FrameBytes&)>;

  explicit SyncLane(GatewayStats& stats) : stats_(stats) {}
  ~SyncLane();
  SyncLane(const SyncLane&) = delete;
  SyncLane& operator=(const SyncLane&) = delete;

  // False: too many wait already.
  [[nodiscard]] bool push(Wanted wanted);

  // The next request to read, when none is under way; from now on live frames are held.
  std::optional<Wanted> begin();
  bool holding() const { return running_; }

  // The answer of the running one has come. False: too much waits in all; the caller says so and
  // gives an empty answer instead, which always passes.
  [[nodiscard]] bool answered(PreparedSync prepared);

  // Hands frames over while the socket takes them easily. True: the whole answer is out. False:
  // the rest waits for drained(), or the answer has not come yet.
  [[nodiscard]] bool pump(Socket& socket);

  // Ends the running one: hands over what was held and is not covered.
  void finish(const Send& send);

  // False: the limit is reached. Requires holding().
  [[nodiscard]] bool hold(Live live);

  // Whether a sync that ended has this already. Forgets what the fan-out has passed.
  bool covers(const Live& live);

  // Drops coverage that the fan-out has passed: `fanned_out` gives the last seq of a chat.
  void forget_passed(const std::function<Seq(ChatId)>& fanned_out);

  // Nothing under way, waiting or remembered: the lane may be destroyed.
  bool idle() const;

 private:
  void drop_answer();

  GatewayStats& stats_;
  bool running_ = false;
  bool answered_ = false;
  std::deque<Wanted> waiting_;
  PreparedSync answer_;
  std::size_t next_frame_ = 0;
  std::vector<Live> held_;
  std::size_t held_bytes_ = 0;
  std::map<ChatId, Seq> covered_;
  UserSeq covered_user_;
  std::set<ChatId> removed_;  // said to be no longer the person's; until it is put in again
};

}  // namespace godwit::server
