#include "tests/simulation/server/store/stepped_server.h"

#include <algorithm>
#include <utility>

#include "server/app/writer.h"
#include "tests/simulation/server/store_server.h"

namespace godwit::sim {
namespace {

constexpr std::uint64_t kReadMsMax = 6;
constexpr std::uint64_t kCommitMsMax = 25;
constexpr std::uint64_t kReadsBeforeFailure = 4;
constexpr const char* kBackup = "backup.db";

// Caches so small, and a log so short, that a run gets beyond them.
server::Config small_config() {
  server::Config config;
  config.storage.cache_kib = 256;
  config.storage.reader_cache_kib = 128;
  config.storage.checkpoint_wal_bytes = 128 << 10;
  config.writer.chats_cached_max = 2;
  config.writer.dedupe_entries_max = 32;
  return config;
}

// SQLite draws from a generator of the process, which would be seeded by the system.
void seed_sqlite(std::uint64_t seed) {
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed | 1), nullptr);
}

}  // namespace

std::unique_ptr<SimServer> make_store_server(std::uint64_t seed, const std::string& epoch) {
  return std::make_unique<StoreServer>(seed, epoch);
}

StoreServer::StoreServer(std::uint64_t seed, const std::string& epoch)
    : prng_(seed), first_epoch_(epoch) {
  seed_sqlite(seed);
}

StoreServer::~StoreServer() {
  vfs_.die();
  log_.reset();
  process_.reset();
}

// ---- lives ----

bool StoreServer::start(Moment now) {
  server::Config config = small_config();
  auto store = server::open_stepped_sqlite_store(place(), config.storage);
  if (!store) return false;
  ServerProcess::Parts parts;
  parts.store = std::move(*store);
  parts.config = config;
  parts.hears = [this](const std::string& temp_id) { return stored(temp_id); };
  parts.outbox = &outbox_;
  auto process = ServerProcess::start(std::move(parts), now);
  if (!process) return false;
  process_ = std::move(*process);
  return true;
}

void StoreServer::end_process(const Toss& toss) {
  vfs_.die();
  log_.reset();
  process_.reset();
  vfs_.lose(toss);
  outbox_.clear();
  reads_at_.reset();
  commit_at_.reset();
  alive_ = false;
}

void StoreServer::crash(const Toss& toss) { end_process(toss); }

void StoreServer::crash_in_writes(std::uint64_t nth, Death death, Toss toss) {
  on_death_ = toss;
  vfs_.die_at(nth, death, std::move(toss));
}

void StoreServer::revive(Moment now) {
  now_ = now;
  alive_ = start(now);
  if (!alive_) end_process(on_death_);
}

void StoreServer::backup() {
  vfs_.set_quiet(true);
  log_.reset();
  vfs_.remove(kBackup);
  {
    auto connection = server::SqliteConnection::open(
        place().path, server::SqliteMode::kReadWriteCreate, vfs_.name());
    GODWIT_CHECK(connection.is_ok());
    Status status = (*connection)->execute(std::string("VACUUM INTO '") + kBackup + "'");
    GODWIT_CHECK(status.is_ok());
  }
  vfs_.harden(kBackup);
  vfs_.set_quiet(false);
}

bool StoreServer::has_backup() const { return vfs_.exists(kBackup); }

void StoreServer::restore_backup(const std::string& epoch, Moment now) {
  GODWIT_CHECK(alive_ && has_backup());
  end_process([] { return true; });
  vfs_.remove(place().path + "-wal");
  vfs_.copy(kBackup, place().path);
  GODWIT_CHECK(server::begin_new_life(place(), epoch).is_ok());
  revive(now);
}

// ---- time ----

// False: there is nobody to ask.
bool StoreServer::begin(Moment now) {
  now_ = now;
  if (!alive_) return false;
  if (!process_ && !start(now)) {
    end_process(on_death_);
    return false;
  }
  process_->set_now(now);
  return true;
}

void StoreServer::finish(std::vector<Outgoing>& out) {
  turn();
  if (vfs_.is_dead()) return end_process(on_death_);
  plan();
  for (Outgoing& one : outbox_) {
    if (one.close_code == 0) note_sent(one);
    out.push_back(std::move(one));
  }
  outbox_.clear();
}

void StoreServer::turn() {
  while (!vfs_.is_dead()) {
    if (process_->executor().run_one()) continue;
    if (reads_at_ && *reads_at_ <= now_.steady) {
      read_all();
    } else if (commit_at_ && *commit_at_ <= now_.steady) {
      commit(true);
    } else {
      return;
    }
  }
}

void StoreServer::plan() {
  auto drawn = [this](std::uint64_t bound) {
    return now_.steady.plus_ms(static_cast<std::int64_t>(prng_.below(bound)) + 1);
  };
  server::Service& service = process_->service();
  if (!reads_at_ && service.reads().waiting() > 0) reads_at_ = drawn(kReadMsMax);
  auto writes_due = service.writer().due();
  if (!commit_at_ && writes_due && *writes_due <= now_.steady) commit_at_ = drawn(kCommitMsMax);
}

// All that waits. The disk may fail over one of its reads.
void StoreServer::read_all() {
  reads_at_.reset();
  const bool fails = prng_.chance(faults_.refuse_for_now);
  if (fails) vfs_.fail_read_at(1 + prng_.below(kReadsBeforeFailure));
  while (process_->service().reads().step()) continue;
  if (fails) vfs_.fail_no_more();
}

// One batch. The disk may refuse it: full, or failing, also over what has to be read for it.
void StoreServer::commit(bool may_fail) {
  commit_at_.reset();
  const bool fails = may_fail && prng_.chance(faults_.refuse_for_now);
  if (fails && prng_.chance(30)) {
    vfs_.fail_read_at(1 + prng_.below(kReadsBeforeFailure));
  } else if (fails) {
    static constexpr int kFailures[] = {SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC};
    vfs_.fail_at(1 + prng_.below(4), kFailures[prng_.below(3)],
                 [this] { return prng_.chance(50); });
  }
  (void)process_->service().writer().step();
  if (fails) vfs_.fail_no_more();
  if (prng_.chance(20)) process_->store().checkpoint();
}

void StoreServer::checkpoint() { process_->store().checkpoint(); }

void StoreServer::settle(Moment now, std::vector<Outgoing>& out) {
  if (!begin(now)) return;
  turn();
  while (!vfs_.is_dead() && process_->service().writer().step()) turn();
  commit_at_.reset();
  if (!vfs_.is_dead()) read_all();
  finish(out);
}

void StoreServer::advance(Moment now, std::vector<Outgoing>& out) {
  if (begin(now)) finish(out);
}

std::optional<Instant> StoreServer::due() const {
  if (!alive_ || !process_) return std::nullopt;
  std::optional<Instant> first = process_->executor().due();
  auto writes_at = commit_at_ ? commit_at_ : process_->service().writer().due();
  for (const auto& one : {reads_at_, writes_at}) {
    if (one && (!first || *one < *first)) first = one;
  }
  return first;
}

// ---- the network ----

void StoreServer::add_person(UserId user_id, Moment now) {
  if (!begin(now)) return;
  auto insert = [user_id](server::WriteContext& context) {
    server::UserRow row;
    row.user_id = user_id;
    row.username = "u" + user_id.str();
    row.display_name = "User " + user_id.str();
    row.created_at = context.now;
    context.store.insert_user(row, row.username);
    return Status::ok();
  };
  process_->service().writer().run(server::WriteTask{insert, nullptr});
  commit(false);
  if (vfs_.is_dead()) end_process(on_death_);
}

void StoreServer::connect(ConnId conn, UserId user_id, Moment now, std::vector<Outgoing>& out) {
  if (!begin(now)) return;
  process_->connect(conn, user_id);
  read_all();
  finish(out);
}

void StoreServer::disconnect(ConnId conn, Moment now, std::vector<Outgoing>& out) {
  if (!begin(now)) return;
  process_->disconnect(conn);
  finish(out);
}

void StoreServer::receive(ConnId conn, const std::string& text, Moment now,
                          std::vector<Outgoing>& out) {
  if (!begin(now)) return;
  GODWIT_CHECK(decode_client_frame(text).frame.has_value());
  ++steps_;
  process_->receive(conn, text);
  finish(out);
}

Code StoreServer::operate(UserId actor, Operation operation, Moment now,
                          std::vector<Outgoing>& out) {
  if (!begin(now)) return Code::kUnavailable;
  GODWIT_CHECK(prepare_operation(operation).is_ok());
  ++steps_;
  std::string temp_id(temp_id_of(operation));
  if (prng_.chance(faults_.lose_event)) event_to_lose_ = temp_id;
  auto outcome = std::make_shared<server::Outcome>();
  process_->service().submit(actor, std::move(operation), nullptr, 0,
                             [outcome](const server::Outcome& told) { *outcome = told; });
  commit(false);
  event_to_lose_.clear();
  finish(out);
  if (!alive_) return Code::kUnavailable;
  note_answer(temp_id, {outcome->is_ok(), is_retryable(outcome->code), outcome->duplicate});
  return outcome->code;
}

// ---- REST ----

HttpAnswer StoreServer::http(UserId user_id, const std::string& method, const std::string& path,
                             const std::string& body, Moment now, std::vector<Outgoing>& out) {
  if (!begin(now)) return HttpAnswer{0, {}};
  ++steps_;
  RestCall call = parse_rest_call(method, path, body);
  HttpAnswer answered =
      std::visit([&](auto& asked) { return answer(user_id, std::move(asked)); }, call);
  finish(out);
  return alive_ ? answered : HttpAnswer{0, {}};
}

HttpAnswer StoreServer::answer(UserId user_id, const RestHistory& asked) {
  server::HistoryQuery query;
  query.before = asked.before;
  query.after = asked.after;
  query.changed_since = asked.changed_since;
  query.limit = asked.limit;
  std::optional<Result<server::HistoryPage>> page;
  (void)process_->service().reads().post(
      [&](server::Queries& queries) { page = queries.history(user_id, asked.chat_id, query); });
  read_all();
  if (!*page) return problem(page->error().code);
  return HttpAnswer{200, encode_page((**page).page)};
}

HttpAnswer StoreServer::answer(UserId user_id, const RestSync& asked) {
  const std::string epoch = process_->service().epoch();
  const bool ours = asked.request.epoch.empty() || asked.request.epoch == epoch;
  std::optional<Result<std::vector<SyncResponse>>> parts;
  (void)process_->service().reads().post(
      [&](server::Queries& queries) { parts = queries.sync(user_id, asked.request, ours); });
  read_all();
  if (!*parts) return problem(parts->error().code);
  return HttpAnswer{200, encode_sync_answer(SyncAnswer{epoch, now_.wall, std::move(**parts)})};
}

HttpAnswer StoreServer::answer(UserId user_id, const MarkPosition& position) {
  auto told = std::make_shared<Status>(Code::kUnavailable, "");
  server::MarkRow mark{position.seq, position.read ? position.seq : Seq{}};
  process_->service().writer().mark(
      {position.chat_id, user_id, mark, {[told](const Status& status) { *told = status; }}});
  commit(true);
  return *told ? HttpAnswer{204, {}} : problem(told->error().code);
}

HttpAnswer StoreServer::answer(UserId user_id, Operation operation) {
  ++steps_;
  const std::string temp_id(temp_id_of(operation));
  auto outcome = std::make_shared<server::Outcome>();
  process_->service().submit(user_id, std::move(operation), nullptr, 0,
                             [outcome](const server::Outcome& told) { *outcome = told; });
  commit(true);
  if (vfs_.is_dead()) return HttpAnswer{0, {}};
  note_answer(temp_id, {outcome->is_ok(), is_retryable(outcome->code), outcome->duplicate});
  if (!outcome->is_ok()) return problem(outcome->code);
  return HttpAnswer{outcome->duplicate ? std::uint16_t{200} : std::uint16_t{201}, "{}"};
}

// ---- what an oracle asks ----

StoredLog& StoreServer::log() const {
  if (!log_) log_ = std::make_unique<StoredLog>(place());
  return *log_;
}

bool StoreServer::stored(const std::string& temp_id) {
  if (temp_id.empty()) return true;
  stored_.insert(temp_id);
  if (temp_id != event_to_lose_) return true;
  ++events_lost_;
  return false;
}

void StoreServer::note_answer(const std::string& temp_id, Answer answer) {
  if (answer.duplicate) {
    ++duplicates_;
    stored_.insert(temp_id);
  }
  if (answer.is_ok) acknowledged_.insert(temp_id);
  const bool stores_nothing = answer.is_ok ? stored_.count(temp_id) == 0 : !answer.retryable;
  if (stores_nothing) answered_.insert(temp_id);
}

// Decoding costs, and few frames are answers.
void StoreServer::note_sent(const Outgoing& one) {
  auto begins = [&one](const char* with) { return one.text.rfind(with, 0) == 0; };
  const bool is_answer = begins("{\"type\":\"ack\"") || begins("{\"type\":\"message_ack\"") ||
                         begins("{\"type\":\"error\"");
  if (!is_answer) return;
  ++steps_;
  const ServerFrame frame = decode_server_frame(one.text).value();
  if (const auto* error = std::get_if<ErrorFrame>(&frame)) {
    if (!error->temp_id.empty()) note_answer(error->temp_id, {false, error->retryable, false});
  } else if (const auto* ack = std::get_if<Ack>(&frame)) {
    note_answer(ack->temp_id, {true, false, ack->duplicate});
  } else if (const auto* message_ack = std::get_if<MessageAck>(&frame)) {
    note_answer(message_ack->temp_id, {true, false, message_ack->duplicate});
  }
}

}  // namespace godwit::sim
