// Storage: loading it, what a written or a failed batch means, and dropping what is answered.
#include "shared/base/mutation.h"
#include "shared/client/client_core.h"
#include "shared/protocol/codes.h"
#include "shared/protocol/json_writer.h"

namespace godwit {

Status ClientCore::on(const StorageLoaded& event) {
  if (started_ != (event.mount == Mount::kCache)) {
    return Status(Code::kConflict, "/q and /h come before start, /c after it");
  }
  if (event.mount == Mount::kCache) return take_cache(event);
  if (event.rest != StorageLoaded::Rest::kNone) {
    return Status(Code::kConflict, "/q and /h come whole");
  }
  loaded_files_[static_cast<std::size_t>(event.mount)] = event.files;  // until it is known whose
  return Status::ok();
}

Status ClientCore::take_cache(const StorageLoaded& event) {
  if (store_.loaded(Mount::kCache)) return Status(Code::kConflict, "/c is loaded already");
  if (store_.cache_lost()) return Status(Code::kConflict, "/c is lost");
  if (event.rest == StorageLoaded::Rest::kLost) {
    store_.lose_cache();
  } else {
    bool last = event.rest == StorageLoaded::Rest::kNone;
    ClientStore::CachePart part = store_.load_cache(event.files, last, state_);
    for (ChatId chat_id : part.chats) views_.touch_chat(chat_id);
    if (part.report) report_load(Mount::kCache, *part.report);
  }
  // What /c brought of a chat in doubt is in doubt as well: its changes may be among what was
  // lost.
  begin_doubt(Mount::kHot);
  begin_doubt(Mount::kCache);
  return Status::ok();
}

void ClientCore::report_load(Mount mount, const MountLog::LoadReport& report) {
  json::Writer out;
  out.open('{').field("event", "loaded").number("mount", static_cast<int>(mount));
  out.number("records", report.records).number("damaged", report.damaged);
  out.number("missingFiles", report.missing_files).number("unnamedFiles", report.unnamed_files);
  out.flag("manifestMissing", report.manifest_missing).close('}');
  effects_->push_back(Report{out.take()});
}

Status ClientCore::on(const StorageUnavailable& event) {
  memory_reason_ = event.reason.empty() ? "failed" : event.reason;
  return Status::ok();
}

Status ClientCore::on(const BatchDone& event) {
  auto mount = store_.batch_done(event.batch, event.ok);
  if (!mount) return Status(Code::kNotFound, "no such batch");
  if (event.fenced) fenced_ = true;
  storage_answered(*mount, event.ok);
  return Status::ok();
}

void ClientCore::storage_answered(Mount mount, bool ok) {
  auto i = static_cast<std::size_t>(mount);
  if (ok) {
    storage_backoff_[i].succeeded();
    storage_retry_at_[i].reset();
    store_.hold(mount, false);
  } else {
    storage_retry_at_[i] = now_.plus_ms(storage_backoff_[i].next_ms(prng_));
    store_.hold(mount, true);
  }
  MountLog::Ticket durable = store_.durable_through(mount);
  if (mount == Mount::kHot) {
    for (OutboxEntry* entry : state_.outbox.all()) {
      if (entry->settled && entry->ticket <= durable) drop(entry->temp_id());
    }
  }
  if (mount != Mount::kQueue) return;
  MountLog::Ticket failed = store_.failed_through(mount);
  for (OutboxEntry* entry : state_.outbox.all()) {
    if (entry->settled || entry->durable) continue;
    if (entry->ticket <= durable) {
      entry->durable = true;
      entry->storage_failed = false;
      kept_.push_back(entry->temp_id());
    } else if (entry->ticket <= failed) {
      entry->storage_failed = true;
    }
    views_.touch_chat(chat_of(entry->operation));
  }
}

// The server has answered: tabs may forget their copies now; the entry itself goes once the answer
// is durable here, so that a crash in between can only repeat it, never lose it.
void ClientCore::settle(const std::string& temp_id, MountLog::Ticket hot_ticket) {
  OutboxEntry* entry = state_.outbox.find(temp_id);
  if (entry == nullptr) return;
  if (entry->settled) {
    if (entry->ticket == kAwaitingEvent && hot_ticket != kAwaitingEvent) {
      entry->ticket = hot_ticket;
      if (hot_ticket <= store_.durable_through(Mount::kHot)) drop(temp_id);
    }
    return;
  }
  state_.outbox.answered(temp_id);
  views_.touch_chat(chat_of(entry->operation));
  kept_.push_back(temp_id);
  entry->in_flight = false;
  entry->failed.reset();
  entry->settled = true;
  entry->ticket = hot_ticket;
  bool durable = hot_ticket <= store_.durable_through(Mount::kHot);
  if (durable || mutated(Mutation::kOutboxPoppedBeforeAckJournaled)) drop(temp_id);
}

// A full sync has brought every event there is: what still waits for one (an operation that changed
// nothing) waits no longer.
void ClientCore::release_awaiting() {
  for (const OutboxEntry* entry : state_.outbox.all()) {
    if (!entry->settled || entry->ticket != kAwaitingEvent) continue;
    settle(std::string(entry->temp_id()), store_.last_ticket(Mount::kHot));
  }
}

void ClientCore::drop(const std::string& temp_id) {
  const OutboxEntry* entry = state_.outbox.find(temp_id);
  if (entry == nullptr) return;
  std::string id = temp_id;  // may be the entry's own
  views_.touch_chat(chat_of(entry->operation));
  store_.dropped(id);
  state_.outbox.remove(id);
}

// Refused for good. What a person wrote is kept for a retry; a reaction or a setting is not.
void ClientCore::fail(const std::string& temp_id, Code code) {
  OutboxEntry* entry = state_.outbox.find(temp_id);
  if (entry == nullptr || entry->settled) return;
  state_.outbox.answered(temp_id);
  bool written = std::holds_alternative<SendMessage>(entry->operation) ||
                 std::holds_alternative<EditMessage>(entry->operation);
  views_.touch_chat(chat_of(entry->operation));
  json::Writer out;
  out.open('{').field("event", "refused").field("code", code_name(code)).close('}');
  effects_->push_back(Report{out.take()});
  if (!written) {
    kept_.push_back(temp_id);
    drop(temp_id);
    return;
  }
  entry->in_flight = false;
  entry->failed = code;
  store_.refused(temp_id, code);
}

}  // namespace godwit
