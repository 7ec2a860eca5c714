#include "server/app/service.h"

#include <future>

#include "server/app/store_queries.h"
#include "server/app/writer.h"
#include "server/store/sqlite_store.h"
#include "shared/protocol/validate.h"

namespace godwit::server {

struct Service::Parts {
  Parts(const Config& options, const Clock& wall, std::unique_ptr<Store> opened)
      : config(options),
        clock(wall),
        store(std::move(opened)),
        writer(*store, config.writer, config.storage.node, clock) {}

  Result<std::unique_ptr<Queries>> open_queries();

  Config config;
  const Clock& clock;
  std::unique_ptr<Store> store;
  Writer writer;
  std::unique_ptr<ReadPool> reads;
};

Result<std::unique_ptr<Queries>> Service::Parts::open_queries() {
  auto reader = store->open_reader();
  if (!reader) return reader.error();
  auto settle = [this](UserId user_id) { writer.settle_marks(user_id); };
  return make_store_queries(std::move(*reader), std::move(settle));
}

Result<std::unique_ptr<Service>> Service::open_stepped(std::unique_ptr<Store> store,
                                                       const Config& config, const Clock& clock) {
  auto parts = std::make_unique<Parts>(config, clock, std::move(store));
  auto queries = parts->open_queries();
  if (!queries) return queries.error();
  parts->reads = std::make_unique<ReadPool>(std::move(*queries), config.reads.queue_max);
  return std::unique_ptr<Service>(new Service(std::move(parts)));
}

Result<std::unique_ptr<Service>> Service::open(const Config& config, const Clock& clock) {
  auto store = open_sqlite_store(config.storage);
  if (!store) return store.error();
  auto parts = std::make_unique<Parts>(config, clock, std::move(*store));
  std::vector<std::unique_ptr<Queries>> queries;
  for (std::size_t i = 0; i < std::max<std::size_t>(config.reads.threads, 1); ++i) {
    auto one = parts->open_queries();
    if (!one) return one.error();
    queries.push_back(std::move(*one));
  }
  parts->reads = std::make_unique<ReadPool>(std::move(queries), config.reads.queue_max);
  parts->writer.start();
  return std::unique_ptr<Service>(new Service(std::move(parts)));
}

Service::Service(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Service::~Service() { stop(); }

// Readers first: a read may wait for the writer, never the other way round.
void Service::stop() {
  parts_->reads->stop();
  parts_->writer.stop();
}

const std::string& Service::epoch() const { return parts_->store->epoch(); }
std::uint32_t Service::node() const { return parts_->config.storage.node; }
void Service::set_sink(CommitSink* sink) { parts_->writer.set_sink(sink); }
ReadPool& Service::reads() { return *parts_->reads; }
Writer& Service::writer() { return parts_->writer; }
Store& Service::store() { return *parts_->store; }

RosterPtr Service::cached_roster(ChatId chat_id) const {
  return parts_->writer.rosters().find(chat_id);
}

void Service::submit(UserId actor, Operation operation, std::shared_ptr<OrderGate> gate,
                     OrderGate::Ticket ticket, OutcomeCallback callback) {
  parts_->writer.submit(
      Submission{actor, std::move(operation), std::move(gate), ticket, std::move(callback)});
}

Outcome Service::submit_and_wait(UserId actor, Operation operation) {
  if (Status status = prepare_operation(operation); !status) {
    Outcome refused;
    refused.code = status.error().code;
    refused.detail = status.error().detail;
    return refused;
  }
  std::promise<Outcome> done;
  auto outcome = done.get_future();
  submit(actor, std::move(operation), nullptr, 0,
         [&done](const Outcome& result) { done.set_value(result); });
  return outcome.get();
}

namespace {

PendingMark pending_mark(UserId actor, const MarkPosition& position) {
  MarkRow mark{position.seq, position.read ? position.seq : Seq{}};
  return PendingMark{position.chat_id, actor, mark, {}};
}

}  // namespace

void Service::mark(UserId actor, const MarkPosition& position) {
  parts_->writer.mark(pending_mark(actor, position));
}

Status Service::mark_and_wait(UserId actor, const MarkPosition& position) {
  std::promise<Status> done;
  auto status = done.get_future();
  PendingMark mark = pending_mark(actor, position);
  mark.waiting.push_back([&done](const Status& result) { done.set_value(result); });
  parts_->writer.mark(std::move(mark));
  return status.get();
}

Status Service::set_blocked(UserId actor, UserId user_id, bool blocked) {
  if (actor == user_id) return {Code::kInvalidContent, "one cannot block oneself"};
  return parts_->writer.run_and_wait([=](WriteContext& context) {
    StoreReader& reads = context.store.reads();
    auto user = reads.user(user_id);
    if (!user || user->deleted) return Status(Code::kNotFound, "no such person");
    context.store.set_blocked(actor, user_id, blocked);
    if (auto chat_id = reads.direct_chat(actor, user_id)) context.forget_refusals(*chat_id);
    return Status::ok();
  });
}

Result<Profile> Service::rename_person(UserId actor, std::string display_name) {
  if (Status status = validate_name(display_name); !status) return status.error();
  Status status = parts_->writer.run_and_wait([&](WriteContext& context) {
    auto user = context.store.reads().user(actor);
    if (!user || user->deleted) return Status(Code::kNotFound, "no such person");
    context.store.set_display_name(actor, display_name);
    return Status::ok();
  });
  if (!status) return status.error();
  return reads().ask<Profile>([&](Queries& queries) { return queries.profile(actor, actor); });
}

void Service::note_last_seen(UserId user_id, Timestamp when) {
  parts_->writer.run(WriteTask{[=](WriteContext& context) {
                                 context.store.set_last_seen(user_id, when);
                                 return Status::ok();
                               },
                               nullptr});
}

bool Service::is_ready() const {
  return parts_->writer.is_healthy() && parts_->writer.waiting() < parts_->config.writer.queue_max;
}

ServiceStats Service::stats() const {
  const WriterCounters& counted = parts_->writer.counters();
  ServiceStats stats;
  stats.operations_stored = counted.stored;
  stats.operations_duplicate = counted.duplicate;
  stats.operations_unchanged = counted.unchanged;
  stats.operations_refused = counted.refused;
  stats.operations_unavailable = counted.unavailable;
  stats.messages_stored = counted.messages;
  stats.marks_stored = counted.marks;
  stats.batches = counted.batches;
  stats.commit_failures = counted.commit_failures;
  stats.dedupe_hits = counted.dedupe_hits;
  stats.dedupe_misses = counted.dedupe_misses;
  stats.dedupe_evictions = counted.dedupe_evictions;
  stats.queue_waiting = parts_->writer.waiting();
  stats.reads_waiting = parts_->reads->waiting();
  return stats;
}

}  // namespace godwit::server
