// Threads that read the database, so that neither the network nor the writer waits for a disk.
// Each thread has a Queries of its own. The queue is bounded. Thread-safe. A stepped pool has no
// threads: its owner calls step().
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "server/app/config.h"
#include "server/app/queries.h"

namespace godwit::server {

class ReadPool {
 public:
  using Task = std::function<void(Queries&)>;

  // Requires one Queries a thread.
  ReadPool(std::vector<std::unique_ptr<Queries>> queries, std::size_t queue_max);
  // Stepped.
  ReadPool(std::unique_ptr<Queries> queries, std::size_t queue_max);
  ~ReadPool();  // stops
  ReadPool(const ReadPool&) = delete;
  ReadPool& operator=(const ReadPool&) = delete;

  // Runs `task` on a thread of the pool. False: the queue is full or the pool stopped; the task is
  // dropped and the caller answers `unavailable`. The task must not throw.
  [[nodiscard]] bool post(Task task);

  // The same, waiting for it: for callers that may block (REST handlers). kUnavailable: not run.
  template <typename T>
  Result<T> ask(const std::function<Result<T>(Queries&)>& question) {
    std::optional<Result<T>> answer;
    if (!run([&](Queries& queries) { answer.emplace(question(queries)); })) {
      return Error{Code::kUnavailable, "too many reads are waiting"};
    }
    return std::move(*answer);
  }

  // Runs `task` and waits until it has run. False as for post. Not of a stepped pool.
  [[nodiscard]] bool run(const Task& task);

  // Of a stepped pool: runs the task that has waited longest. False: none waits.
  bool step();

  // Runs what is queued, then ends the threads. Idempotent.
  void stop();

  std::size_t waiting() const;

 private:
  void work(Queries& queries);

  const std::size_t queue_max_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Task> queue_;
  bool stopping_ = false;
  std::vector<std::unique_ptr<Queries>> queries_;
  std::vector<std::thread> threads_;
};

}  // namespace godwit::server
