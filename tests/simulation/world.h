// The world of one simulated run: people, their devices, the network between them and the server,
// and time. Everything that happens is drawn from one seed and happens in one thread.
//
// A run has two phases. In the first, people act and faults strike, and what must hold at every
// moment is checked at every moment. Then the world heals, and everybody must come to be equal
// within kHealedMsMax of simulated time. A violation is thrown.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include "tests/simulation/device.h"
#include "tests/simulation/faults.h"
#include "tests/simulation/server/sim_server.h"

namespace godwit::sim {

struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What a person did: the oracle's memory of it.
struct Intent {
  std::size_t device = 0;
  Device::TabId tab = 0;
  UserId user_id;
  QueuedOperation operation;
  std::uint64_t order = 0;
  bool kept = false;    // the device said so
  bool stored = false;  // and had it on its disk then
  bool lost = false;    // never kept, and the tab is gone: nothing was promised
  bool discarded = false;
  bool retried = false;
  bool refused = false;       // shown as failed when its last leader was seen
  bool refusal_lost = false;  // and waiting again with the next one, whose disk did not know of it
  bool rolled_back = false;   // it was at the server, and a restored backup has it no more
};

class World final : public Surroundings {
 public:
  using MakeServer =
      std::function<std::unique_ptr<SimServer>(std::uint64_t seed, const std::string& epoch)>;
  struct Config {
    std::uint64_t seed = 1;
    std::uint64_t ops = 0;      // what people do and what befalls them; 0: drawn
    std::uint32_t without = 0;  // faults left out, a bit each
    bool verbose = false;
  };

  World(const Config& config, const MakeServer& make_server);

  // Runs both phases and all checks. Throws a Violation.
  void run();
  // Events handled by a core or by the server's domain.
  std::uint64_t steps() const;
  // Of everything that went over the network and onto the disks: equal for equal runs.
  std::uint64_t digest() const { return digest_; }
  const Faults::Counts& faults() const { return faults_.counts(); }
  std::uint64_t predictions() const { return predictions_; }
  std::uint64_t reads_failed() const { return server_->reads_failed(); }
  std::int64_t simulated_ms() const { return now_ms_; }

  // Surroundings
  Instant now() const override { return Instant{now_ms_}; }
  Timestamp wall() const override { return Timestamp{kStartMs + now_ms_ + wall_skew_ms_}; }
  void connect(Leader& leader) override;
  void disconnect(Leader& leader) override;
  void send(Leader& leader, std::string text) override;
  void request(Leader& leader, const HttpRequest& request) override;
  void persist(Leader& leader, const Batch& batch) override;
  void wake(Leader& leader, Instant at) override;
  void kept(Leader& leader, const std::string& temp_id) override;
  void shown(Leader& leader, std::uint32_t view) override;
  void reported(Leader& leader, const std::string& json) override;
  void started(Leader& leader) override;
  void read_cache(Leader& leader, std::int64_t wait_ms) override;
  [[noreturn]] void fail(const std::string& what) override;

 private:
  static constexpr std::int64_t kStartMs = 1'795'000'000'000;  // 2026-11-18

  // How a person's device is, beyond what the device knows itself.
  struct Place {
    bool offline = false;
    bool sockets_blocked = false;  // by a proxy: only HTTP passes
    bool aborts = false;           // storage mostly fails
    std::int64_t quota_until_ms = 0;
    bool damaged = false;  // its storage, ever
    // Its own messages that were kept when its last leader was seen, and are to be there again.
    std::set<std::string> own;
  };
  // Of its beginning, where texts differ: some are long.
  struct HashOfText {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      constexpr std::size_t kBytes = 24;
      return static_cast<std::size_t>(fnv1a64(text.substr(0, kBytes), text.size()));
    }
  };
  struct Planned {
    std::int64_t when_ms = 0;
    std::uint64_t order = 0;  // among those of one moment
    std::function<void()> what;
    // For a heap, whose first is its greatest.
    friend bool operator<(const Planned& a, const Planned& b) {
      return a.when_ms != b.when_ms ? a.when_ms > b.when_ms : a.order > b.order;
    }
  };
  // What an own operation should come to, as the screen showed it before the server had decided.
  struct Prediction {
    std::uint32_t view = 0;
    std::string local_id;
    std::string shown;
  };
  // What tells two states of a device, and of a chat at the server as the device's person sees it,
  // from each other.
  struct Compared {
    std::uint64_t steps = 0;  // that the device took
    Seq head;
    Receipts marks;
    UserSeq user_head;
    friend bool operator==(const Compared&, const Compared&) = default;
  };
  using LeaderRef = std::weak_ptr<Leader>;

  // Time (world.cpp)
  void at(std::int64_t when_ms, std::function<void()> what);
  void run_until(std::int64_t when_ms);
  std::int64_t delay() { return 1 + draw_ms(delay_ms_max_); }
  std::int64_t draw_ms(std::int64_t bound) {
    return static_cast<std::int64_t>(prng_.below(static_cast<std::uint64_t>(bound)));
  }
  Moment moment() const { return Moment{Instant{now_ms_}, Timestamp{kStartMs + now_ms_}}; }
  void note(std::string_view bytes);
  // Prints, where that is wanted, a line of the run: of `detail`, its beginning.
  void trace(const Leader* leader, std::string_view what, std::string_view detail = {}) const;
  static std::string name(const Leader& leader);

  // Network (network.cpp)
  Place& place(const Leader& leader) { return places_[leader.device().index()]; }
  void open_connection(Leader& leader, ConnId conn);
  void cut(Leader& leader, bool told);
  void close_socket(Leader& leader, ConnId conn, std::uint16_t code, const std::string& reason);
  void carry(std::vector<Outgoing>& out);
  void carry_to(Leader& leader, Outgoing& one);
  void deliver(Leader& leader, ConnId conn, std::string text);
  void hand_over(Leader& leader, ConnId conn);
  void take_frame(ConnId conn, const std::string& text);
  HttpAnswer take_request(const Leader& leader, const HttpRequest& request);
  void after_server(std::vector<Outgoing>& out);
  void each_leader(const std::function<void(Leader&)>& visit);

  // People (people.cpp)
  void settle_in();
  void act();
  void act_in_chat(Device& device, Device::TabId tab, const ChatReplica& chat);
  void change_message(Device& device, Device::TabId tab, const ChatReplica& chat,
                      const Message& target);
  void look_around(Device& device, Device::TabId tab);
  void answer_failure(Device& device);
  void change_membership();
  void burst();
  void intend(Device& device, Device::TabId tab, QueuedOperation operation);
  void said(const std::string& text, ChatId chat_id);
  Code operate(UserId actor, const Operation& operation);
  std::string temp_id();
  std::string text();
  Device* any_device();
  Device::TabId any_tab(const Device& device);
  const ChatReplica* any_chat(const Device& device);

  // What befalls them (trouble.cpp)
  void trouble();
  void trouble_network(Device& device);
  void trouble_tabs(Device& device);
  void trouble_storage(Device& device);
  void trouble_server();
  void close_tab(Device& device, Device::TabId tab);
  void crash_tab(Device& device, Device::TabId tab);
  void crash_browser(Device& device);
  void reopen_later(Device& device);
  void sleep(Device& device);
  void freeze_leader(Device& device);
  void wake_tab(Device& device, Device::TabId tab);
  void damage(Device& device);
  void lose_unkept(const Device::Tab& tab);
  void kill_server();
  void server_died();
  void restore_server();
  void abandon(Leader& leader);

  // Oracle, at every moment (oracle_views.cpp)
  void remember_own(Leader& leader);
  void check_items(const Leader& leader, const Device::View& view);
  void check_status(const Leader& leader, const ShownItem& item);
  std::optional<Prediction> predict(Leader& leader, const std::string& frame);
  void check_prediction(Leader& leader, const Prediction& prediction);
  void check_against_fresh(Device& device);
  void check_fresh(Device& device, Device::TabId tab, std::uint32_t view);
  void compare_fresh(const Device& device, const NaiveView& lived, const NaiveView& fresh);

  // Oracle, at the end (oracle_equal.cpp, oracle_end.cpp)
  void heal();
  void converge(const std::string& when);
  std::string unsettled();
  std::string unsettled(const Device& device);
  std::string differs_anew(const Device& device, ChatId chat_id, const ServerChat& theirs);
  std::string differs(const Device& device, ChatId chat_id, const ServerChat& theirs) const;
  void check_promises();
  void check_promise(const Intent& intent);
  void check_once_and_in_order();
  void check_history(Device& device);
  void check_cold_start(Device& device);

  Config config_;
  Prng prng_;
  Faults faults_;
  bool wordy_ = false;  // people write much in this run
  std::int64_t delay_ms_max_ = 300;
  std::int64_t batch_ms_max_ = 400;
  std::int64_t now_ms_ = 0;
  std::int64_t wall_skew_ms_ = 0;
  std::uint64_t next_event_ = 0;
  std::vector<Planned> agenda_;  // a heap, the next one first
  std::unique_ptr<SimServer> server_;
  std::optional<std::int64_t> server_due_ms_;
  std::uint64_t epochs_ = 1;
  std::vector<UserId> people_;
  std::vector<std::unique_ptr<Device>> devices_;
  std::vector<Place> places_;
  ConnId next_conn_ = 1;
  std::map<ConnId, LeaderRef> connections_;
  std::set<ConnId> cut_;  // nothing that was on its way there arrives
  std::map<std::string, Intent> intents_;
  std::uint64_t next_intent_ = 1;
  // Every text that anybody ever wrote, as JSON.
  std::unordered_map<std::string, ChatId, HashOfText, std::equal_to<>> said_;
  // What a message's status was last shown as, by (life, localId with epoch).
  std::map<std::pair<std::uint64_t, std::string>, int> ranks_;
  std::set<std::pair<ChatId, UserId>> ever_left_;
  // By (device, chat): as what they were found equal.
  std::map<std::pair<std::size_t, ChatId>, Compared> equal_;
  std::uint64_t digest_ = 0;
  std::uint64_t predictions_ = 0;
};

}  // namespace godwit::sim
