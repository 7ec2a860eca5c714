#include "server/bus/local_bus.h"

#include <algorithm>
#include <utility>

namespace godwit::server {

LocalBus::LocalBus(LocalMedium& medium, Executor& executor) : medium_(medium), executor_(executor) {
  medium_.endpoints_.push_back(this);
}

LocalBus::~LocalBus() {
  auto& all = medium_.endpoints_;
  all.erase(std::remove(all.begin(), all.end(), this), all.end());
}

void LocalBus::publish(const BusNote& note) {
  for (LocalBus* other : medium_.endpoints_) {
    if (other == this || !other->listener_) continue;
    if (medium_.loss_ && medium_.loss_(note)) continue;
    // Weak: an endpoint that is gone by then hears nothing.
    std::weak_ptr<Listener> listener = other->listener_;
    other->executor_.post([listener, note] {
      if (auto alive = listener.lock()) (*alive)(note);
    });
  }
}

void LocalBus::subscribe(Listener listener) {
  listener_ = std::make_shared<Listener>(std::move(listener));
}

}  // namespace godwit::server
