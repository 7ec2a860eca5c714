// The world of one simulated run: people, devices, the network between them and the server, and
// time. Everything that happens is drawn from one seed and happens in one thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/device.h"
#include "tests/simulation/server/sim_server.h"

namespace godwit::sim {

// How hostile the run is, in percent or milliseconds.
struct Weather {
  std::int64_t delay_ms_max = 300;
  std::int64_t batch_ms_max = 400;
  unsigned batch_fails = 5;
  unsigned cut = 1;  // a frame meets a dying connection
  unsigned connect_fails = 15;
  unsigned http_fails = 10;
};

// What a person did: the oracle's memory of it.
struct Intent {
  std::size_t device = 0;
  UserId user_id;
  QueuedOperation operation;
  std::uint64_t order = 0;
  bool kept = false;  // the device said so
  bool lost = false;  // never kept, and the tab is gone: nothing was promised
  bool discarded = false;
  bool retried = false;
};

class World final : public Surroundings {
 public:
  // Which server: the only choice a run has beside its seed.
  using MakeServer =
      std::function<std::unique_ptr<SimServer>(std::uint64_t seed, const std::string& epoch)>;
  World(std::uint64_t seed, bool verbose, const MakeServer& make_server);

  // Runs both phases and all checks; ends the process at the first violation.
  void run();
  std::uint64_t steps() const;
  std::string tally() const;

  // Surroundings
  Instant now() const override { return Instant{now_ms_}; }
  Timestamp wall() const override { return Timestamp{kStartMs + now_ms_ + wall_skew_ms_}; }
  void connect(Device& device) override;
  void disconnect(Device& device) override;
  void send(Device& device, std::string text) override;
  void request(Device& device, const HttpRequest& request) override;
  void persist(Device& device, const Batch& batch) override;
  void wake(Device& device, Instant at) override;
  void kept(Device& device, const std::string& temp_id) override;
  void shown(Device& device, std::uint32_t view) override;
  void reported(Device& device, const std::string& json) override;
  [[noreturn]] void fail(const std::string& what) override;

 private:
  static constexpr std::int64_t kStartMs = 1'795'000'000'000;  // 2026-11-18

  struct Wire {
    ConnId conn = 0;  // 0: none
    bool cut = false;
    std::int64_t up_ms = 0;    // when the last frame to the server arrives
    std::int64_t down_ms = 0;  // when the last one from it does
  };

  // Time (world.cpp)
  void at(std::int64_t when_ms, std::function<void()> what);
  void run_until(std::int64_t when_ms);
  std::int64_t delay() {
    return 1 + static_cast<std::int64_t>(
                   prng_.below(static_cast<std::uint64_t>(weather_.delay_ms_max)));
  }
  Moment server_now() const { return Moment{now(), Timestamp{kStartMs + now_ms_}}; }
  void trace(const std::string& line) const;

  // Network (world.cpp)
  void open_connection(Device& device, ConnId conn);
  void cut(Device& device, bool told);
  void carry(std::vector<Outgoing>& out);
  void let_server_wake();
  void leave_server(ConnId conn);
  Wire& wire(const Device& device) { return wires_[device.index()]; }
  void close_socket(Device& device, ConnId conn, std::uint16_t code, const std::string& reason);

  // People (people.cpp)
  void settle_in();
  void act();
  void act_once(Device& device);
  void act_in_chat(Device& device, const ChatReplica& chat);
  void change_message(Device& device, const ChatReplica& chat, const Message& target);
  void look_around(Device& device);
  void answer_failure(Device& device);
  void change_membership();
  void trouble();
  void burst();
  void crash(Device& device);
  void intend(Device& device, QueuedOperation operation);
  std::string temp_id();
  std::string text();
  const ChatReplica* any_chat(const Device& device);

  // Oracle (oracle.cpp)
  void check_view(const Device& device, const Device::View& view);
  void check_status(const Device& device, const Device::View& view);
  void check_against_fresh(Device& device);
  std::string unsettled() const;
  std::string unsettled(const Device& device) const;
  std::string differs(const Device& device, ChatId chat_id, const ServerChat& theirs) const;
  void check_promises();
  void check_promise(const Intent& intent);
  void check_once_and_in_order();
  void check_views(Device& device);
  void check_history(Device& device);
  void check_cold_start(Device& device);
  void heal();
  void converge(const std::string& when);

  std::uint64_t seed_;
  bool verbose_;
  Prng prng_;
  Weather weather_;
  std::int64_t now_ms_ = 0;
  std::int64_t wall_skew_ms_ = 0;
  std::uint64_t next_event_ = 0;
  std::map<std::pair<std::int64_t, std::uint64_t>, std::function<void()>> agenda_;
  std::unique_ptr<SimServer> server_;
  std::optional<Instant> server_wakes_;
  std::vector<UserId> people_;
  std::vector<std::unique_ptr<Device>> devices_;
  std::vector<Wire> wires_;
  std::vector<bool> sockets_blocked_;  // by a proxy: only HTTP passes
  std::vector<bool> offline_;
  ConnId next_conn_ = 1;
  std::map<std::string, Intent> intents_;
  std::uint64_t next_intent_ = 1;
  // What a message's status was last shown as, by (device, life, localId).
  std::map<std::tuple<std::size_t, std::uint64_t, std::string>, int> ranks_;
  std::set<std::pair<ChatId, UserId>> ever_left_;
  std::map<std::string, std::uint64_t> tally_;
};

}  // namespace godwit::sim
