// One leadership of a device: a core, what it has open, and the carrying out of its effects. Made
// when a tab gets the lock, ended when it dies or is told that another leads. One that is frozen
// hears everything when it wakes, in order, and may by then lead no more without knowing it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/client/client_core.h"

namespace godwit::sim {

class Device;
class Leader;

// Where a leader's effects go, and what the device tells of itself.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  virtual Instant now() const = 0;
  virtual Timestamp wall() const = 0;
  virtual void connect(Leader& leader) = 0;
  virtual void disconnect(Leader& leader) = 0;
  virtual void send(Leader& leader, std::string text) = 0;
  virtual void request(Leader& leader, const HttpRequest& request) = 0;
  // The batch is about to be handed to the device's storage; plans when it ends.
  virtual void persist(Leader& leader, const Batch& batch) = 0;
  virtual void wake(Leader& leader, Instant at) = 0;
  virtual void kept(Leader& leader, const std::string& temp_id) = 0;
  // A tab's view was changed by one diff.
  virtual void shown(Leader& leader, std::uint32_t view) = 0;
  virtual void reported(Leader& leader, const std::string& json) = 0;
  // It has loaded what its first picture needs, and heard of nothing else yet.
  virtual void started(Leader& leader) = 0;
  // The next part of its cache is read in so long a time.
  virtual void read_cache(Leader& leader, std::int64_t wait_ms) = 0;
  [[noreturn]] virtual void fail(const std::string& what) = 0;
};

class Leader : public std::enable_shared_from_this<Leader> {
 public:
  // The connection as this leader's network stack has it.
  struct Wire {
    std::uint64_t conn = 0;  // 0: none
    bool cut = false;
    std::int64_t up_ms = 0;    // when the last frame to the server arrives
    std::int64_t down_ms = 0;  // when the last one from it does
    std::string together;      // frames that came in this ms and are handed over as one
  };

  // `life` differs between all leaderships of a run.
  Leader(Surroundings& around, Device& device, std::uint64_t life, std::uint32_t term);

  // Loads what the first picture needs and starts; the cache follows part by part. The views and
  // what is unkept of the tabs follow by `give`.
  void start(std::uint64_t seed);
  void take_cache_part();
  // Hands an event to the core and carries out what it answers. A frozen leader hears it later, one
  // that has ended never does; both answer kUnavailable.
  Status give(const Event& event);
  void deadline(Instant planned);
  void freeze() { frozen_ = true; }
  void thaw();
  void end() { core_.reset(); }

  bool running() const { return core_ != nullptr; }
  bool frozen() const { return frozen_; }
  // It is hearing what it slept through, and may speak into a connection that is gone.
  bool catching_up() const { return catching_up_; }
  std::uint64_t life() const { return life_; }
  std::uint32_t term() const { return term_; }
  Device& device() { return device_; }
  const Device& device() const { return device_; }
  // Requires running().
  const ClientCore& core() const { return *core_; }
  Wire& wire() { return wire_; }

 private:
  void carry_out(Effect& effect);
  void plan();

  Surroundings& around_;
  Device& device_;
  std::uint64_t life_;
  std::uint32_t term_;
  std::unique_ptr<ClientCore> core_;
  Wire wire_;
  bool frozen_ = false;
  bool catching_up_ = false;
  std::deque<Event> unheard_;
  Prng reading_;                               // how fast its disk is: apart from all other chance
  std::deque<std::vector<StoredFile>> cache_;  // parts that are not read yet
  std::optional<Instant> planned_;
  Instant last_deadline_;
  int deadlines_at_once_ = 0;
};

}  // namespace godwit::sim
