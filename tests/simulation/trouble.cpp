// What befalls devices, networks and the server in the simulation.
#include "tests/simulation/world.h"

namespace godwit::sim {

void World::trouble() {
  Device& device = *any_device();
  std::uint64_t die = prng_.below(100);
  if (die < 25) {
    trouble_network(device);
  } else if (die < 60) {
    trouble_tabs(device);
  } else if (die < 75) {
    trouble_storage(device);
  } else if (die < 92) {
    trouble_server();
  } else {
    burst();
  }
}

void World::trouble_network(Device& device) {
  Place& at_home = places_[device.index()];
  std::uint64_t die = prng_.below(6);
  if (!device.led()) return;
  Leader& leader = device.leader();
  if (die == 0 && faults_.possible(Fault::kConnectionCut)) {
    faults_.fired(Fault::kConnectionCut);
    cut(leader, true);
  } else if (die == 1 && faults_.possible(Fault::kConnectionDead)) {
    faults_.fired(Fault::kConnectionDead);
    cut(leader, false);
  } else if (die < 4 && (at_home.offline || faults_.possible(Fault::kPartition))) {
    at_home.offline = !at_home.offline;
    if (at_home.offline) {
      faults_.fired(Fault::kPartition);
      cut(leader, prng_.chance(50));
    }
    if (prng_.chance(70)) (void)leader.give(NetworkChanged{!at_home.offline});
  } else if (die == 4 && (at_home.sockets_blocked || faults_.possible(Fault::kSocketsBlocked))) {
    at_home.sockets_blocked = !at_home.sockets_blocked;
    if (at_home.sockets_blocked) {
      faults_.fired(Fault::kSocketsBlocked);
      cut(leader, true);
    }
  } else if (die == 5 && faults_.strikes(Fault::kClockJumped, 1'000)) {
    std::int64_t year_ms = 31'557'600'000;
    wall_skew_ms_ = draw_ms(2 * year_ms) - year_ms;
  }
}

void World::trouble_tabs(Device& device) {
  std::uint64_t die = prng_.below(100);
  if (!device.led()) return reopen_later(device);
  Device::TabId tab = prng_.chance(60) ? device.leading_tab() : any_tab(device);
  if (tab == 0) return;
  if (die < 15 && faults_.possible(Fault::kTabClosed)) {
    close_tab(device, tab);
  } else if (die < 40 && faults_.possible(Fault::kTabCrashed)) {
    crash_tab(device, tab);
  } else if (die < 60 && faults_.possible(Fault::kPowerCut)) {
    crash_browser(device);
  } else if (die < 70 && faults_.possible(Fault::kSleep)) {
    sleep(device);
  } else if (faults_.possible(Fault::kLeaderFrozen)) {
    freeze_leader(device);
  }
}

// A leader's process is gone: its connection with it, and what it was writing half way.
void World::abandon(Leader& leader) {
  remember_own(leader);
  cut(leader, false);
  leader.wire().conn = 0;
  BrowserStorage& storage = leader.device().storage();
  if (storage.abandon(leader.term(), prng_)) faults_.fired(Fault::kDeathInMidWrite);
}

void World::lose_unkept(const Device::Tab& tab) {
  for (const QueuedOperation& op : tab.unkept) intents_.at(temp_id_of(op)).lost = true;
}

void World::reopen_later(Device& device) {
  at(now_ms_ + delay() * 5, [&device] {
    if (device.tabs().empty()) (void)device.open_tab();
  });
}

void World::close_tab(Device& device, Device::TabId id) {
  faults_.fired(Fault::kTabClosed);
  const Device::Tab& tab = device.tabs().at(id);
  trace(tab.leader.get(), "closes tab ", std::to_string(id));
  lose_unkept(tab);
  if (id == device.leading_tab() && device.led()) abandon(device.leader());
  if (tab.leader != nullptr && &device.leader() != tab.leader.get()) abandon(*tab.leader);
  device.close_tab(id);
  if (device.tabs().empty()) reopen_later(device);
}

void World::crash_tab(Device& device, Device::TabId id) {
  faults_.fired(Fault::kTabCrashed);
  const Device::Tab& tab = device.tabs().at(id);
  trace(tab.leader.get(), "crashes tab ", std::to_string(id));
  if (id == device.leading_tab() && device.led()) abandon(device.leader());
  if (tab.leader != nullptr && &device.leader() != tab.leader.get()) abandon(*tab.leader);
  device.crash_tab(id);
}

// The browser dies with all its tabs; with the machine's power, also what was written but not yet
// flushed.
void World::crash_browser(Device& device) {
  trace(&device.leader(), "browser dies");
  for (const auto& [id, tab] : device.tabs()) lose_unkept(tab);
  for (const auto& stale : device.stale()) abandon(*stale);
  abandon(device.leader());
  device.crash_all();
  if (prng_.chance(50)) {
    faults_.fired(Fault::kPowerCut);
    bool forgets = faults_.possible(Fault::kWritesForgotten);
    if (forgets && device.storage().cut_power(prng_) != 0) {
      faults_.fired(Fault::kWritesForgotten);
      // An answer may be forgotten whose entry is gone.
      places_[device.index()].own.clear();
      for (auto& [id, intent] : intents_) {
        if (intent.device == device.index()) intent.stored = false;
      }
    }
  }
  if (faults_.strikes(Fault::kRecordsDamaged, 150)) damage(device);
  reopen_later(device);
}

// A lid is closed: everything stands still, and nobody takes the lead meanwhile.
void World::sleep(Device& device) {
  if (device.leader().frozen()) return;
  faults_.fired(Fault::kSleep);
  trace(&device.leader(), "sleeps");
  std::vector<Device::TabId> slept;
  for (const auto& [id, tab] : device.tabs()) {
    if (!tab.frozen) slept.push_back(id);
  }
  for (Device::TabId id : slept) device.freeze(id);
  at(now_ms_ + draw_ms(120'000), [this, &device, slept] {
    for (Device::TabId id : slept) wake_tab(device, id);
  });
}

// Woken, an old leader goes on in the belief that it leads, until its storage refuses it or it
// hears of the other.
void World::wake_tab(Device& device, Device::TabId id) {
  auto tab = device.tabs().find(id);
  if (tab == device.tabs().end() || !tab->second.frozen) return;
  device.thaw(id);
  auto leader = tab->second.leader;
  if (!leader || (device.led() && &device.leader() == leader.get())) return;
  at(now_ms_ + draw_ms(2'000), [this, &device, leader] {
    if (!leader->running() || leader->frozen()) return;
    abandon(*leader);
    device.yield(*leader);
  });
}

// The leading tab is frozen. Another takes the lead; woken, the old leader goes on in the belief
// that it leads, until its storage refuses it or it hears of the other.
void World::freeze_leader(Device& device) {
  Device::TabId frozen = device.leading_tab();
  std::shared_ptr<Leader> old = device.leader().shared_from_this();
  if (old->frozen() || device.tabs().at(frozen).frozen) return;
  faults_.fired(Fault::kLeaderFrozen);
  trace(old.get(), "is frozen");
  device.freeze(frozen);
  at(now_ms_ + 2'000 + draw_ms(500), [this, &device, old] {
    Device::TabId by = any_tab(device);
    bool ours = device.led() && &device.leader() == old.get() && old->frozen();
    if (by == 0 || !ours || !faults_.possible(Fault::kLockStolen)) return;
    faults_.fired(Fault::kLockStolen);
    trace(old.get(), "loses its lock");
    remember_own(*old);
    device.steal(by);
  });
  at(now_ms_ + 500 + draw_ms(60'000), [this, &device, frozen] { wake_tab(device, frozen); });
}

void World::trouble_storage(Device& device) {
  Place& at_home = places_[device.index()];
  if (prng_.chance(50)) {
    at_home.aborts = prng_.chance(30);
  } else if (faults_.possible(Fault::kQuota)) {
    at_home.quota_until_ms = now_ms_ + draw_ms(20'000);
  }
}

// What the disk gives back is not what was written. Never in /q: what only this device has is lost
// with it, which no design mends (that it is shown is held by tests/unit).
void World::damage(Device& device) {
  Mount mount = prng_.chance(70) ? Mount::kHot : Mount::kCache;
  auto files = device.storage().files(mount);
  if (files.empty()) return;
  auto file = std::next(files.begin(), static_cast<std::ptrdiff_t>(prng_.below(files.size())));
  std::string& bytes = file->second;
  std::uint64_t die = prng_.below(4);
  if (die == 0) {
    files.erase(file);
  } else if (!bytes.empty()) {
    std::size_t at = prng_.below(bytes.size());
    if (die == 1)
      bytes.resize(at);
    else
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << prng_.below(8)));
  }
  places_[device.index()].damaged = true;
  places_[device.index()].own.clear();
  device.storage().replace(mount, files);
}

void World::trouble_server() {
  std::uint64_t die = prng_.below(100);
  if (!server_->is_alive()) return;
  if (die < 25) {
    server_->backup();
  } else if (die < 35) {
    restore_server();
  } else if (die < 65) {
    kill_server();
  } else {
    std::vector<Outgoing> out;
    server_->heal_fan_out(out);
    after_server(out);
  }
}

void World::kill_server() {
  if (!faults_.possible(Fault::kServerCrashed)) return;
  auto toss = [this] { return prng_.chance(50); };
  if (prng_.chance(50)) {
    static constexpr SimServer::Death kDeaths[] = {
        SimServer::Death::kBefore, SimServer::Death::kTorn, SimServer::Death::kAfter};
    std::uint64_t nth = 1 + prng_.below(12);
    server_->crash_in_writes(nth, kDeaths[prng_.below(3)], toss);
    return;  // it is noticed where it dies
  }
  server_->crash(toss);
  server_died();
}

void World::server_died() {
  faults_.fired(Fault::kServerCrashed);
  trace(nullptr, "the server dies");
  server_due_ms_.reset();
  connections_.clear();
  each_leader([this](Leader& leader) { cut(leader, true); });
  at(now_ms_ + draw_ms(3'000), [this] {
    if (server_->is_alive()) return;
    server_->revive(moment());
    if (std::string damage = server_->damage(); !damage.empty()) fail("[OR6] database: " + damage);
    std::vector<Outgoing> out;
    after_server(out);
  });
}

// The database goes back to its backup and begins a new life: what came after it is gone, also what
// was acknowledged.
void World::restore_server() {
  if (!server_->has_backup() || !faults_.possible(Fault::kServerRestored)) return;
  faults_.fired(Fault::kServerRestored);
  trace(nullptr, "the server is restored");
  std::vector<std::string> applied;
  for (const auto& [id, intent] : intents_) {
    if (server_->applied(intent.user_id, id) || server_->answered(id)) applied.push_back(id);
  }
  connections_.clear();
  server_due_ms_.reset();
  server_->restore_backup("e" + std::to_string(++epochs_), moment());
  for (auto& [id, intent] : intents_) intent.stored = false;  // devices start over with the epoch
  for (const std::string& id : applied) {
    Intent& intent = intents_.at(id);
    if (!server_->applied(intent.user_id, id)) intent.rolled_back = true;
  }
  ranks_.clear();
  each_leader([this](Leader& leader) { cut(leader, true); });
  std::vector<Outgoing> out;
  after_server(out);
}

}  // namespace godwit::sim
