// The use cases: the one door through which the gateway and the REST routes reach what is stored.
// Thread-safe unless a call says otherwise.
//
// Writes are asynchronous. They go to one writer thread, which takes all that is queued, decides
// each operation (shared/domain) against the present state, commits once, and only then answers
// and tells the CommitSink. An answer of kOk never precedes durability. Reads are on the ReadPool.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "server/app/clock.h"
#include "server/app/config.h"
#include "server/app/order_gate.h"
#include "server/app/outcome.h"
#include "server/app/read_pool.h"

namespace godwit::server {

class Store;
class Writer;

// Counted since the start; for /metrics.
struct ServiceStats {
  std::uint64_t operations_stored = 0;  // accepted and committed
  std::uint64_t operations_duplicate = 0;
  std::uint64_t operations_unchanged = 0;
  std::uint64_t operations_refused = 0;  // for good
  std::uint64_t operations_unavailable = 0;
  std::uint64_t messages_stored = 0;
  std::uint64_t marks_stored = 0;
  std::uint64_t batches = 0;
  std::uint64_t commit_failures = 0;
  std::uint64_t dedupe_hits = 0;
  std::uint64_t dedupe_misses = 0;
  std::uint64_t dedupe_evictions = 0;
  std::uint64_t queue_waiting = 0;  // now
  std::uint64_t reads_waiting = 0;  // now
};

class Service {
 public:
  // Opens the data folder (locks it, migrates, makes it when missing) and starts the threads.
  // Errors are one line for a person: folder in use, not writable, database from a newer version;
  // nothing was changed then. `clock` must outlive the service.
  static Result<std::unique_ptr<Service>> open(const Config& config, const Clock& clock);
  // Over a store that is open already, without threads: for a simulation, which calls
  // writer().step() and reads().step() itself. What waits for an outcome (submit_and_wait,
  // mark_and_wait, set_blocked, rename_person, ReadPool::ask) would wait for ever.
  static Result<std::unique_ptr<Service>> open_stepped(std::unique_ptr<Store> store,
                                                       const Config& config, const Clock& clock);
  ~Service();  // stops
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  const std::string& epoch() const;
  std::uint32_t node() const;

  // Who hears of commits. Set before the first submit, and to nullptr only after stop(). Must
  // outlive the service's threads.
  void set_sink(CommitSink* sink);

  // ---- writes ----
  // Applies `operation` for `actor`, exactly once for its temp_id. The operation must have passed
  // the codec's validation (frames have; REST handlers use the same validators). `gate` and
  // `ticket`: of the connection, from OrderGate::admit; null for REST. Never blocks: with a full
  // queue it calls back at once with `unavailable` (and closes the gate).
  void submit(UserId actor, Operation operation, std::shared_ptr<OrderGate> gate,
              OrderGate::Ticket ticket, OutcomeCallback callback);

  // The same without a gate, waiting for the outcome: for REST handlers. Not on the writer's
  // thread.
  Outcome submit_and_wait(UserId actor, Operation operation);

  // Raises a watermark; many are gathered into one write. Whoever is not a member, does not
  // advance, or is beyond the head (counted as the head) is quietly ignored. Durable later; a crash
  // may lose it, and the client then sends it again.
  void mark(UserId actor, const MarkPosition& position);
  // The same, waiting until it is stored: for REST. kNotFound: not a member.
  Status mark_and_wait(UserId actor, const MarkPosition& position);

  // Blocking; for REST. kNotFound: no such person. kInvalidContent: oneself.
  Status set_blocked(UserId actor, UserId user_id, bool blocked);
  Result<Profile> rename_person(UserId actor, std::string display_name);

  // When a person was last connected; written with the next batch, never waited for.
  void note_last_seen(UserId user_id, Timestamp when);

  // ---- reads ----
  ReadPool& reads();
  // The members of a chat as of the last commit, from memory; nullptr when they are not in memory
  // or there is no such chat: then ask Queries::roster. For typing and receipts. Never blocks.
  RosterPtr cached_roster(ChatId chat_id) const;

  // Ready: the last commit succeeded and the queue is not full.
  bool is_ready() const;
  ServiceStats stats() const;

  // For server/auth and server/admin, which write through the same writer.
  Writer& writer();
  Store& store();

  // Takes nothing more, finishes what is queued, answers it, ends the threads. Idempotent.
  void stop();

 private:
  struct Parts;
  explicit Service(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace godwit::server
