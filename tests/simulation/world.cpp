#include "tests/simulation/world.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

namespace godwit::sim {

namespace {

constexpr std::int64_t kStorageBackoffMsMax = 40'000;

// Of every byte, eight at a time: a run notes all that goes over its network.
std::uint64_t print_of(std::string_view bytes) {
  std::uint64_t print = bytes.size();
  std::uint64_t eight = 0;
  for (; bytes.size() >= sizeof(eight); bytes.remove_prefix(sizeof(eight))) {
    std::memcpy(&eight, bytes.data(), sizeof(eight));
    print = mix64(print ^ eight);
  }
  eight = 0;
  std::memcpy(&eight, bytes.data(), bytes.size());
  return mix64(print ^ eight);
}

}  // namespace

World::World(const Config& config, const MakeServer& make_server)
    : config_(config),
      prng_(mix64(config.seed)),
      faults_(prng_, config.without),
      server_(make_server(mix64(config.seed + 1), "e1")) {}

std::uint64_t World::steps() const {
  std::uint64_t steps = server_->steps();
  for (const auto& device : devices_) steps += device->steps();
  return steps;
}

void World::fail(const std::string& what) {
  throw Violation("at " + std::to_string(now_ms_) + " ms, " + std::to_string(steps()) +
                  " steps: " + what);
}

void World::note(std::string_view bytes) {
  digest_ = mix64(digest_ ^ print_of(bytes) ^ static_cast<std::uint64_t>(now_ms_));
}

std::string World::name(const Leader& leader) {
  return "d" + std::to_string(leader.device().index()) + "." +
         std::to_string(leader.life() & 0xFFFF'FFFFu);
}

void World::trace(const Leader* leader, std::string_view what, std::string_view detail) const {
  constexpr std::size_t kDetailBytesMax = 150;
  if (!config_.verbose) return;
  std::string line = std::string(what) + std::string(detail.substr(0, kDetailBytesMax));
  std::printf("%8lld %s %s\n", static_cast<long long>(now_ms_),
              leader == nullptr ? "world" : name(*leader).c_str(), line.c_str());
}

void World::at(std::int64_t when_ms, std::function<void()> what) {
  agenda_.push_back(Planned{std::max(when_ms, now_ms_), next_event_++, std::move(what)});
  std::push_heap(agenda_.begin(), agenda_.end());
}

void World::run_until(std::int64_t when_ms) {
  while (!agenda_.empty() && agenda_.front().when_ms <= when_ms) {
    std::pop_heap(agenda_.begin(), agenda_.end());
    Planned next = std::move(agenda_.back());
    agenda_.pop_back();
    now_ms_ = next.when_ms;
    next.what();
  }
  now_ms_ = when_ms;
}

void World::wake(Leader& leader, Instant when) {
  at(when.ms, [ref = leader.weak_from_this(), when] {
    if (auto to = ref.lock()) to->deadline(when);
  });
}

void World::read_cache(Leader& leader, std::int64_t wait_ms) {
  at(now_ms_ + wait_ms, [ref = leader.weak_from_this()] {
    if (auto to = ref.lock()) to->take_cache_part();
  });
}

// A batch takes its time and ends, whatever has become of its leader meanwhile.
void World::persist(Leader& leader, const Batch& batch) {
  Place& at_home = place(leader);
  bool writes = true;
  bool told = true;
  std::int64_t wait = 1 + draw_ms(batch_ms_max_);
  if (at_home.quota_until_ms > now_ms_ && !batch.puts.empty()) {
    faults_.fired(Fault::kQuota);
    writes = told = false;
  } else if (faults_.strikes(Fault::kBatchAborted, at_home.aborts ? 700 : 30)) {
    writes = told = false;
  } else if (faults_.strikes(Fault::kBatchWrittenAndCalledFailed, 10)) {
    told = false;
  } else if (faults_.strikes(Fault::kBatchHung, 5)) {
    wait = 5'000;  // the host's watchdog
    told = false;
    writes = prng_.chance(50);
  }
  note("batch " + std::to_string(batch.id));
  at(now_ms_ + wait, [this, ref = leader.weak_from_this(), device = &leader.device(),
                      term = leader.term(), id = batch.id, mount = batch.mount, writes, told] {
    if (!device->storage().in_flight(term, mount)) return;  // died with its leader
    auto ended = device->storage().finish(term, mount, writes);
    auto to = ref.lock();
    if (!to) return;
    bool fenced = ended == BrowserStorage::Ended::kFenced;
    trace(to.get(),
          fenced ? "fenced: batch "
          : told ? "ended: batch "
                 : "failed: batch ",
          std::to_string(id));
    (void)to->give(BatchDone{id, told && ended == BrowserStorage::Ended::kWritten, fenced});
    if (!fenced || to->frozen() || !to->running()) return;
    faults_.fired(Fault::kStaleLeaderFenced);
    abandon(*to);
    device->yield(*to);
  });
}

void World::kept(Leader& leader, const std::string& temp_id) {
  auto intent = intents_.find(temp_id);
  if (intent == intents_.end()) return;  // the core's own (a draft of an earlier epoch)
  intent->second.kept = true;
  UserId user_id = leader.device().user_id();
  const QueuedOperation& operation = intent->second.operation;
  bool safe = server_->applied(user_id, temp_id) || server_->answered(temp_id) ||
              server_->acknowledged(temp_id) || intent->second.discarded ||
              ever_left_.count({chat_of(operation), user_id}) != 0 ||
              std::holds_alternative<SetPrivate>(operation);
  if (!safe || !intent->second.stored) {  // else the disk, all of it, need not be looked through
    bool stored = leader.device().storage().holds(Mount::kQueue, temp_id);
    intent->second.stored = intent->second.stored || stored;
    safe = safe || stored;
  }
  if (!safe) fail("[OB1] told as kept, but neither on the disk nor at the server: " + temp_id);
}

void World::reported(Leader& leader, const std::string& json) {
  trace(&leader, "reports ", json);
  auto report = nlohmann::json::parse(json);
  const std::string& event = report.at("event").get_ref<const std::string&>();
  if (event == "bad_frame") fail("[WI25] the core could not read: " + json);
  if (event != "loaded" || place(leader).damaged) return;
  bool whole = report.at("damaged") == 0 && report.at("missingFiles") == 0 &&
               report.value("unnamedFiles", 0) == 0 && !report.at("manifestMissing").get<bool>();
  if (!whole) fail("[ST3] found damage where none was: " + json);
}

void World::run() {
  server_->set_faults({faults_.possible(Fault::kRefusedForNow) ? 3u : 0u,
                       faults_.possible(Fault::kFrameLost) ? 1u : 0u});
  settle_in();
  run_until(5'000);
  std::uint64_t acts = config_.ops != 0 ? config_.ops : 150 + prng_.below(200);
  for (std::uint64_t i = 0; i < acts; ++i) {
    act();
    std::int64_t pause = prng_.chance(3) ? 40'000 : prng_.chance(50) ? 20 : 800;
    run_until(now_ms_ + 1 + draw_ms(pause));
  }
  faults_.fired(Fault::kFrameLost, server_->events_lost());
  heal();
  converge("after the faults");
  check_promises();
  check_once_and_in_order();
  for (auto& device : devices_) check_against_fresh(*device);
  for (auto& device : devices_) check_history(*device);
  run_until(now_ms_ + kStorageBackoffMsMax);  // what a disk refused is tried again by then
  for (auto& device : devices_) check_cold_start(*device);
  heal();
  converge("after a cold start");
}

}  // namespace godwit::sim
