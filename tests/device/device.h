// One device of one person on a bench: the client's core, its three mounts in memory, and the model
// of a server, all in one thread and without a clock of its own. Everything that goes back and
// forth is carried at once and in order, until nothing is left to carry; the test decides when
// batches end and whether the network is there.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "shared/client/client_core.h"
#include "tests/simulation/server/model_server.h"
#include "tests/support/damage.h"

namespace godwit::testing {

inline const UserId kMe{7};
inline const UserId kYou{8};

using Disks = std::array<MountFiles, kMounts>;

// The server that several lives of a device meet.
struct Backend {
  sim::ModelServer server{1, "e1"};
  std::int64_t now_ms = 1'000'000;
  sim::ConnId next_conn = 1;
  std::uint64_t next_id = 1;
  std::map<sim::ConnId, std::vector<std::string>> inbox;  // frames by connection

  Backend();
  sim::Moment moment() const { return sim::Moment{Instant{now_ms}, Timestamp{now_ms}}; }
  // Takes what the server sends to its connections.
  void deliver(std::vector<sim::Outgoing>& out);
  // Somebody else's doing. Returns the operation's tempId.
  std::string act(UserId actor, Operation operation);
  ChatId make_group(const std::string& name);
  void say(UserId actor, ChatId chat_id, const std::string& text);
  std::string fresh_id() { return "b" + std::to_string(next_id++); }
};

// What came back from the server, for counting.
struct Fetched {
  std::map<ChatId, std::set<Seq>> messages;  // in pages, blocks and replayed events
  std::map<ChatId, std::set<Seq>> in_state;  // in the page that comes with a chat's state
  std::size_t private_items = 0;
};

class Device {
 public:
  // What becomes of a batch. kFail: it is refused. kHold: it never ends, while everything else goes
  // on. kDie: the process is gone before anything else happens.
  enum class Fate : unsigned char { kWrite, kFail, kHold, kDie };
  using OnBatch = std::function<Fate(Device&, const Batch&)>;

  // `disks` is what the device finds at its start, in which it writes already. `on_batch`: none:
  // every batch is written.
  Device(Backend& backend, Disks disks, bool network = true, OnBatch on_batch = {});
  ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  Status give(const Event& event);
  // Carries everything until nothing is left but time.
  void settle();
  // Lets this much time pass, waking the core whenever it wants.
  void pass(std::int64_t ms);
  // What the server has sent by now comes next, before what follows from the present step.
  void hear() { take_inbox(); }
  void go_online();
  void go_offline();

  std::string send(ChatId chat_id, const std::string& text);
  std::string intend(QueuedOperation operation);
  std::uint32_t open(ChatId chat_id);
  void load_older(std::uint32_t view);
  // Opens a conversation and loads all of it.
  void read_all(ChatId chat_id);

  ClientCore& core() { return *core_; }
  const ClientState& state() const { return core_->state(); }
  const Disks& disks() const { return disks_; }
  Disks& disks() { return disks_; }
  const Fetched& fetched() const { return fetched_; }
  // What the tabs may forget.
  const std::set<std::string>& kept() const { return kept_; }
  const std::vector<std::string>& reports() const { return reports_; }
  bool session_ended() const { return session_ended_; }
  const nlohmann::json& app() const { return app_; }
  const std::vector<nlohmann::json>& items(ChatId chat_id);

  void apply(const Batch& batch);
  bool dead() const { return dead_; }
  void die() { dead_ = true; }

 private:
  void carry_out(Effect& effect);
  void count(const SyncResponse& response);
  void take_inbox();
  void show(const ViewDiff& diff);

  Backend& backend_;
  Disks disks_;
  OnBatch on_batch_;
  std::unique_ptr<ClientCore> core_;
  bool network_ = true;
  sim::ConnId conn_ = 0;
  std::deque<Event> events_;
  Fetched fetched_;
  std::vector<std::string> reports_;
  std::set<std::string> kept_;
  bool session_ended_ = false;
  bool dead_ = false;
  nlohmann::json app_ = nlohmann::json::object();
  struct Shown {
    ChatId chat_id;
    bool has_older = false;
    std::vector<nlohmann::json> items;
  };
  std::map<std::uint32_t, Shown> shown_;
  std::uint32_t next_view_ = 10;
};

// Runs from these disks, online, until everything is told.
std::unique_ptr<Device> revived(Backend& backend, const Disks& disks);

// Everything that a person could notice of what the device knows, but for what is on its way:
// chats, members, marks, unread counts, private items, each message of all that is held without a
// hole, and the outbox.
std::string known_text(const ClientState& state);

// A store as it is after some weeks of use, all of it written: a long group with edits, reactions
// and deletions, several compactions, older history loaded on demand, chats of few messages and one
// that was left, private items, operations that were written without a network, refused, tried
// again, and damaged before. It holds every kind of record that there is.
struct LivedIn {
  std::unique_ptr<Backend> backend;
  Disks disks;
  std::vector<ChatId> chats;        // the long one first
  std::vector<std::string> unsent;  // tempIds in the outbox
};
LivedIn lived_in();

}  // namespace godwit::testing
