// The one thread that writes. It takes everything that is queued, applies it in one transaction,
// commits once (what arrives meanwhile is the next transaction; there is no timer), then tells the
// sink and calls back, in order. Since each operation is decided before anything of it is written,
// a refusal costs its neighbours nothing. When the commit fails, every operation of the batch is
// answered `unavailable` and its connection's order gate closes.
//
// Without start() there is no thread: whoever owns the writer calls step() for each batch, on one
// thread, and everything above holds of that thread. So a simulation runs what a server runs.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <variant>
#include <vector>

#include "server/app/applier.h"
#include "server/app/clock.h"
#include "server/app/config.h"
#include "server/app/mark_board.h"
#include "server/app/order_gate.h"
#include "server/app/outcome.h"

namespace godwit::server {

struct Submission {
  UserId actor;
  Operation operation;
  std::shared_ptr<OrderGate> gate;  // null: no order to keep
  OrderGate::Ticket ticket = 0;
  OutcomeCallback callback;
};

// Any other write (accounts, sessions, blocks). `body` runs on the writer's thread, inside the
// batch's transaction; when it returns an error it must have written nothing. `done` gets that
// error, or the commit's, or ok.
struct WriteTask {
  std::function<Status(WriteContext&)> body;
  std::function<void(const Status&)> done;
};

struct WriterCounters {
  std::atomic<std::uint64_t> stored{0}, duplicate{0}, unchanged{0}, refused{0}, unavailable{0};
  std::atomic<std::uint64_t> messages{0}, marks{0}, batches{0}, commit_failures{0};
  std::atomic<std::uint64_t> dedupe_hits{0}, dedupe_misses{0}, dedupe_evictions{0};
};

class Writer {
 public:
  // `store` and `clock` must outlive this. The thread starts with start().
  Writer(Store& store, const WriterConfig& config, std::uint32_t node, const Clock& clock);
  ~Writer();  // stops
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Before start(), or while nothing has been submitted.
  void set_sink(CommitSink* sink) { sink_.store(sink); }
  void start();
  // Takes nothing more, finishes what is queued, ends the thread. Idempotent.
  void stop();

  // Requires that start() was not called. Writes what is queued and due, as one batch; false:
  // nothing is.
  bool step();
  // When step() has something to do, if nothing else comes; nullopt: never. The same requirement.
  std::optional<Instant> due() const;

  // Thread-safe; never blocks. See Service::submit.
  void submit(Submission submission);
  // Thread-safe. With a full queue `done` is called at once with kUnavailable.
  void run(WriteTask task);
  // The same, waiting. Not on the writer's thread.
  Status run_and_wait(std::function<Status(WriteContext&)> body);
  void mark(PendingMark mark);
  // Waits until the person's own marks are written (MarkBoard::settle).
  void settle_marks(UserId user_id);

  const RosterBoard& rosters() const { return rosters_; }
  const WriterCounters& counters() const { return counters_; }
  std::size_t waiting() const;
  bool is_healthy() const { return healthy_.load(std::memory_order_relaxed); }

 private:
  using Item = std::variant<Submission, WriteTask>;

  // What became of one item; told after the commit.
  struct Settled {
    OperationKind kind = OperationKind::kMessage;
    ChatId chat_id;  // the order gate's key
    std::string temp_id;
    Applied applied;     // of a Submission
    Status task_status;  // of a WriteTask
    bool gated = false;  // refused by its order gate: nothing was applied
  };
  struct Batch {
    std::vector<Item> items;
    std::vector<Settled> settled;
    std::vector<PendingMark> marks;
    std::vector<Status> mark_statuses;
    std::vector<AppliedMark> applied_marks;
  };

  bool enqueue(Item& item);
  void work();
  bool take(Batch& batch);      // false: stopped and nothing left
  bool take_now(Batch& batch);  // locked; false: nothing is queued or due
  void write(Batch& batch);
  Settled settle(Submission& submission);
  void tell(Batch& batch);
  void tell_one(Item& item, Settled& settled, CommitSink* sink);
  void tell_marks(Batch& batch, CommitSink* sink);
  void tell_failure(Batch& batch, const Error& error);
  void count(const Applied& applied);
  void wake();
  Refusal unavailable(const char* detail) const;

  const WriterConfig config_;
  const Clock& clock_;
  std::atomic<CommitSink*> sink_{nullptr};

  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Item> queue_;
  bool stopping_ = false;
  bool woken_ = false;  // marks are due
  std::thread thread_;  // none: stepped

  RosterBoard rosters_;
  Applier applier_;  // of the writer's thread only
  MarkBoard marks_;
  WriterCounters counters_;
  std::atomic<bool> healthy_{true};
};

}  // namespace godwit::server
