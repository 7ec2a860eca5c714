#include "server/app/writer.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "shared/base/mutation.h"

namespace godwit::server {
namespace {

constexpr std::int64_t kSettleWaitMsMax = 2'000;
constexpr const char* kQueueFull = "too many operations are waiting";
constexpr const char* kNotStored = "it could not be stored";

Outcome refused_outcome(const Refusal& refusal) {
  Outcome outcome;
  outcome.code = refusal.code;
  outcome.detail = refusal.message;
  outcome.retry_after_ms = refusal.retry_after_ms;
  return outcome;
}

}  // namespace

Writer::Writer(Store& store, const WriterConfig& config, std::uint32_t node, const Clock& clock)
    : config_(config),
      clock_(clock),
      applier_(store, config, node, rosters_),
      marks_(config.marks_every_ms, config.marks_max) {}

Writer::~Writer() { stop(); }

void Writer::start() {
  thread_ = std::thread([this] { work(); });
}

void Writer::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  ready_.notify_one();
  if (thread_.joinable()) thread_.join();
}

Refusal Writer::unavailable(const char* detail) const {
  return Refusal{Code::kUnavailable, detail, config_.retry_after_ms};
}

// False: full or stopped; `item` is as it was.
bool Writer::enqueue(Item& item) {
  bool was_empty = false;
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= config_.queue_max) return false;
    was_empty = queue_.empty();
    queue_.push_back(std::move(item));
  }
  if (was_empty) ready_.notify_one();
  return true;
}

void Writer::submit(Submission submission) {
  Item item(std::move(submission));
  if (enqueue(item)) return;
  auto& refused = std::get<Submission>(item);
  Refusal refusal = unavailable(kQueueFull);
  if (refused.gate) {
    refusal = refused.gate->refuse(chat_of(refused.operation), temp_id_of(refused.operation),
                                   refused.ticket, refusal);
  }
  counters_.unavailable.fetch_add(1, std::memory_order_relaxed);
  Outcome outcome = refused_outcome(refusal);
  outcome.at_the_door = true;
  if (refused.callback) refused.callback(outcome);
}

void Writer::run(WriteTask task) {
  Item item(std::move(task));
  if (enqueue(item)) return;
  auto& refused = std::get<WriteTask>(item);
  if (refused.done) refused.done(Status(Code::kUnavailable, kQueueFull));
}

Status Writer::run_and_wait(std::function<Status(WriteContext&)> body) {
  std::promise<Status> done;
  auto status = done.get_future();
  run(WriteTask{std::move(body), [&done](const Status& result) { done.set_value(result); }});
  return status.get();
}

void Writer::wake() {
  {
    std::lock_guard lock(mutex_);
    woken_ = true;
  }
  ready_.notify_one();
}

void Writer::mark(PendingMark mark) {
  std::unique_lock lock(mutex_);
  if (!stopping_) {
    marks_.add(std::move(mark), clock_.steady());
    woken_ = true;  // also when it is due later: the thread may sleep without a time to wake at
    lock.unlock();
    ready_.notify_one();
    return;
  }
  lock.unlock();
  for (auto& callback : mark.waiting) callback(Status(Code::kUnavailable, kQueueFull));
}

void Writer::settle_marks(UserId user_id) {
  if (!thread_.joinable()) {
    if (marks_.hasten(user_id)) step();
    return;
  }
  marks_.settle(
      user_id, [this] { wake(); }, kSettleWaitMsMax);
}

std::size_t Writer::waiting() const {
  std::lock_guard lock(mutex_);
  return queue_.size();
}

bool Writer::step() {
  GODWIT_CHECK(!thread_.joinable());
  Batch batch;
  {
    std::lock_guard lock(mutex_);
    if (!take_now(batch)) return false;
  }
  write(batch);
  return true;
}

std::optional<Instant> Writer::due() const {
  std::lock_guard lock(mutex_);
  if (!queue_.empty()) return clock_.steady();
  return marks_.next_due();
}

void Writer::work() {
  Batch batch;
  while (take(batch)) {
    write(batch);
    batch = Batch();
  }
}

bool Writer::take_now(Batch& batch) {
  batch.marks = marks_.take(clock_.steady(), stopping_);
  while (!queue_.empty() && batch.items.size() < config_.batch_max) {
    batch.items.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return !batch.items.empty() || !batch.marks.empty();
}

bool Writer::take(Batch& batch) {
  std::unique_lock lock(mutex_);
  while (true) {
    woken_ = false;
    if (take_now(batch)) return true;
    if (stopping_) return false;
    auto has_work = [this] { return stopping_ || woken_ || !queue_.empty(); };
    if (auto due = marks_.next_due()) {
      const std::int64_t wait_ms = std::max<std::int64_t>(due->ms - clock_.steady().ms, 1);
      ready_.wait_for(lock, std::chrono::milliseconds(wait_ms), has_work);
    } else {
      ready_.wait(lock, has_work);
    }
  }
}

Writer::Settled Writer::settle(Submission& submission) {
  Settled settled;
  settled.kind = kind_of(submission.operation);
  settled.chat_id = chat_of(submission.operation);
  settled.temp_id = temp_id_of(submission.operation);
  if (submission.gate) {
    if (auto refusal = submission.gate->check(settled.chat_id, submission.ticket)) {
      settled.gated = true;
      settled.applied.outcome = refused_outcome(*refusal);
      return settled;
    }
  }
  settled.applied = applier_.apply(submission.actor, std::move(submission.operation));
  return settled;
}

void Writer::write(Batch& batch) {
  applier_.begin(clock_.now(), clock_.steady());
  batch.settled.reserve(batch.items.size());
  for (Item& item : batch.items) {
    if (auto* submission = std::get_if<Submission>(&item)) {
      batch.settled.push_back(settle(*submission));
      continue;
    }
    WriteContext context = applier_.context();
    Settled settled;
    settled.task_status = std::get<WriteTask>(item).body(context);
    batch.settled.push_back(std::move(settled));
  }
  for (const PendingMark& mark : batch.marks) {
    auto applied = applier_.apply_mark(mark);
    batch.mark_statuses.push_back(applied ? Status::ok() : Status(applied.error()));
    if (applied && *applied) batch.applied_marks.push_back(std::move(**applied));
  }
  if (mutated(Mutation::kAckBeforeCommit)) tell(batch);
  Status status = applier_.commit();
  counters_.batches.fetch_add(1, std::memory_order_relaxed);
  counters_.dedupe_hits.store(applier_.dedupe().hits, std::memory_order_relaxed);
  counters_.dedupe_misses.store(applier_.dedupe().misses, std::memory_order_relaxed);
  counters_.dedupe_evictions.store(applier_.dedupe().evictions, std::memory_order_relaxed);
  healthy_.store(status.is_ok(), std::memory_order_relaxed);
  if (mutated(Mutation::kAckBeforeCommit)) return;
  if (status) {
    tell(batch);
  } else {
    tell_failure(batch, status.error());
  }
}

void Writer::count(const Applied& applied) {
  switch (applied.kind) {
    case Applied::Kind::kStored:
      ++counters_.stored;
      break;
    case Applied::Kind::kDuplicate:
      ++counters_.duplicate;
      break;
    case Applied::Kind::kUnchanged:
      ++counters_.unchanged;
      break;
    case Applied::Kind::kRefused:
      ++counters_.refused;
      break;
  }
  if (applied.event && applied.event->kind == EventKind::kMessage) ++counters_.messages;
}

void Writer::tell_one(Item& item, Settled& settled, CommitSink* sink) {
  if (auto* task = std::get_if<WriteTask>(&item)) {
    if (task->done) task->done(settled.task_status);
    return;
  }
  auto& submission = std::get<Submission>(item);
  const Applied& applied = settled.applied;
  if (settled.gated) {
    ++counters_.unavailable;
  } else {
    count(applied);
  }
  if (sink != nullptr && applied.event) sink->on_event(*applied.event, applied.audience);
  if (sink != nullptr && applied.item) {
    sink->on_private_item(submission.actor, *applied.item, settled.temp_id);
  }
  if (submission.callback) submission.callback(applied.outcome);
}

void Writer::tell_marks(Batch& batch, CommitSink* sink) {
  counters_.marks.fetch_add(batch.applied_marks.size(), std::memory_order_relaxed);
  for (const AppliedMark& mark : batch.applied_marks) {
    if (sink == nullptr) break;
    sink->on_receipts(mark.chat_id, mark.user_id, mark.mark.delivered, mark.mark.read, mark.roster);
  }
  for (std::size_t i = 0; i < batch.marks.size(); ++i) {
    for (auto& callback : batch.marks[i].waiting) callback(batch.mark_statuses[i]);
  }
}

void Writer::tell(Batch& batch) {
  CommitSink* sink = sink_.load();
  for (std::size_t i = 0; i < batch.items.size(); ++i) {
    tell_one(batch.items[i], batch.settled[i], sink);
  }
  if (!batch.marks.empty()) marks_.written(clock_.steady());
  tell_marks(batch, sink);
  if (sink != nullptr) sink->on_batch_end();
}

// Nothing of the batch happened. What it would have answered rested on what was not stored, so
// every operation is refused alike, also those that would have been refused for good.
void Writer::tell_failure(Batch& batch, const Error& error) {
  counters_.commit_failures.fetch_add(1, std::memory_order_relaxed);
  const Status failure(Code::kUnavailable, error.detail);
  for (std::size_t i = 0; i < batch.items.size(); ++i) {
    if (auto* task = std::get_if<WriteTask>(&batch.items[i])) {
      if (task->done) task->done(failure);
      continue;
    }
    auto& submission = std::get<Submission>(batch.items[i]);
    const Settled& settled = batch.settled[i];
    Refusal refusal = unavailable(kNotStored);
    if (submission.gate) {
      refusal =
          submission.gate->refuse(settled.chat_id, settled.temp_id, submission.ticket, refusal);
    }
    counters_.unavailable.fetch_add(1, std::memory_order_relaxed);
    if (submission.callback) submission.callback(refused_outcome(refusal));
  }
  if (!batch.marks.empty()) {
    std::unique_lock lock(mutex_);
    const bool last = stopping_;
    lock.unlock();
    // When stopping there is no later: a mark may be lost, its client sends it again.
    if (last) {
      marks_.written(clock_.steady());
    } else {
      marks_.failed(batch.marks, clock_.steady(), config_.retry_after_ms);
    }
    for (PendingMark& mark : batch.marks) {
      for (auto& callback : mark.waiting) callback(failure);
    }
  }
  if (CommitSink* sink = sink_.load()) sink->on_batch_end();
}

}  // namespace godwit::server
