// The bus of one process: joins any number of endpoints. With one endpoint, which is how one server
// runs, publishing does nothing. With several (tests run two nodes on one database) each hears the
// others by its own executor.
#pragma once

#include <memory>
#include <vector>

#include "server/bus/bus.h"
#include "server/edge/socket.h"

namespace godwit::server {

// The medium. Must outlive its endpoints; every endpoint belongs to one thread, the same for all.
class LocalMedium {
 public:
  // Asked for each delivery: true loses the note. For tests.
  using Loss = std::function<bool(const BusNote&)>;
  void lose(Loss loss) { loss_ = std::move(loss); }

 private:
  friend class LocalBus;
  Loss loss_;
  std::vector<class LocalBus*> endpoints_;
};

class LocalBus final : public Bus {
 public:
  // Both must outlive this.
  LocalBus(LocalMedium& medium, Executor& executor);
  ~LocalBus() override;
  LocalBus(const LocalBus&) = delete;
  LocalBus& operator=(const LocalBus&) = delete;

  void publish(const BusNote& note) override;
  void subscribe(Listener listener) override;

 private:
  LocalMedium& medium_;
  Executor& executor_;
  std::shared_ptr<Listener> listener_;  // shared with deliveries under way; null: none yet
};

}  // namespace godwit::server
