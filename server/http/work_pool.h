// A few threads for REST calls that must wait (a password hash, a write's commit), so that no
// worker of the router ever does. Bounded: beyond `queue_max` a call is refused, not queued.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace godwit::server {

class WorkPool {
 public:
  using Work = std::function<void()>;  // must not throw

  WorkPool(std::size_t threads, std::size_t queue_max);
  ~WorkPool();  // stops
  WorkPool(const WorkPool&) = delete;
  WorkPool& operator=(const WorkPool&) = delete;

  // False: full or stopped; the work is dropped.
  [[nodiscard]] bool post(Work work);
  // Runs what is queued, then ends the threads. Idempotent.
  void stop();
  std::size_t waiting() const;

 private:
  void run();

  const std::size_t queue_max_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Work> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace godwit::server
