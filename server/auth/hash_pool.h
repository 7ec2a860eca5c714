// A few threads for what is slow on purpose. Bounded, and apart from everything else, so that a
// crowd at the door holds up nobody inside. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace godwit::server {

class HashPool {
 public:
  HashPool(std::size_t threads, std::size_t queue_max);
  ~HashPool();  // stops
  HashPool(const HashPool&) = delete;
  HashPool& operator=(const HashPool&) = delete;

  // False: full or stopped; the job is dropped. Jobs must not throw.
  [[nodiscard]] bool post(std::function<void()> job);
  // Finishes what is queued. Idempotent.
  void stop();
  std::size_t waiting() const;

 private:
  void work();

  const std::size_t queue_max_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace godwit::server
