#include "server/app/read_pool.h"

#include <future>

namespace godwit::server {

ReadPool::ReadPool(std::vector<std::unique_ptr<Queries>> queries, std::size_t queue_max)
    : queue_max_(queue_max), queries_(std::move(queries)) {
  for (auto& each : queries_) {
    threads_.emplace_back([this, reader = each.get()] { work(*reader); });
  }
}

ReadPool::ReadPool(std::unique_ptr<Queries> queries, std::size_t queue_max)
    : queue_max_(queue_max) {
  queries_.push_back(std::move(queries));
}

ReadPool::~ReadPool() { stop(); }

bool ReadPool::post(Task task) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= queue_max_) return false;
    queue_.push_back(std::move(task));
  }
  ready_.notify_one();
  return true;
}

bool ReadPool::run(const Task& task) {
  std::promise<void> done;
  auto wait = done.get_future();
  // Both are borrowed safely: this waits until the task has run.
  bool posted = post([&task, &done](Queries& queries) {
    task(queries);
    done.set_value();
  });
  if (!posted) return false;
  wait.wait();
  return true;
}

bool ReadPool::step() {
  GODWIT_CHECK(threads_.empty());
  Task task;
  {
    std::lock_guard lock(mutex_);
    if (queue_.empty()) return false;
    task = std::move(queue_.front());
    queue_.pop_front();
  }
  task(*queries_.front());
  return true;
}

void ReadPool::work(Queries& queries) {
  std::unique_lock lock(mutex_);
  while (true) {
    ready_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Task task = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    task(queries);
    task = nullptr;  // whatever it holds is freed outside the lock
    lock.lock();
  }
}

void ReadPool::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_all();
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

std::size_t ReadPool::waiting() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

}  // namespace godwit::server
