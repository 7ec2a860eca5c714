#include "tests/simulation/world.h"

#include <cstdio>
#include <cstdlib>

namespace godwit::sim {

World::World(std::uint64_t seed, bool verbose, const MakeServer& make_server)
    : seed_(seed),
      verbose_(verbose),
      prng_(mix64(seed)),
      server_(make_server(mix64(seed + 1), "e1")) {}

std::uint64_t World::steps() const {
  std::uint64_t steps = 0;
  for (const auto& device : devices_) steps += device->steps();
  return steps;
}

std::string World::tally() const {
  std::string text;
  for (const auto& [name, count] : tally_) text += " " + name + "=" + std::to_string(count);
  std::uint64_t view_bytes = 0;
  for (const auto& device : devices_) view_bytes += device->view_bytes();
  text += " view_kb=" + std::to_string(view_bytes / 1024);
  return text + " duplicates=" + std::to_string(server_->duplicates());
}

void World::fail(const std::string& what) {
  std::fprintf(stderr, "seed %llu, at %lld ms, %llu steps: %s\n",
               static_cast<unsigned long long>(seed_), static_cast<long long>(now_ms_),
               static_cast<unsigned long long>(steps()), what.c_str());
  std::exit(1);
}

void World::trace(const std::string& line) const {
  if (!verbose_) return;
  std::printf("%8lld %s\n", static_cast<long long>(now_ms_), line.c_str());
}

void World::at(std::int64_t when_ms, std::function<void()> what) {
  agenda_.emplace(std::make_pair(std::max(when_ms, now_ms_), next_event_++), std::move(what));
}

void World::run_until(std::int64_t when_ms) {
  while (!agenda_.empty() && agenda_.begin()->first.first <= when_ms) {
    auto first = agenda_.begin();
    now_ms_ = first->first.first;
    std::function<void()> what = std::move(first->second);
    agenda_.erase(first);
    what();
  }
  now_ms_ = when_ms;
}

void World::wake(Device& device, Instant when) {
  at(when.ms, [&device, when, life = device.life()] {
    if (device.life() == life) device.deadline(when);
  });
}

void World::connect(Device& device) {
  ConnId conn = next_conn_++;
  wire(device) = Wire{conn, false, now_ms_, now_ms_};
  bool fails = offline_[device.index()] || sockets_blocked_[device.index()] ||
               prng_.chance(weather_.connect_fails);
  auto life = device.life();
  at(now_ms_ + delay(), [this, &device, conn, fails, life] {
    if (device.life() != life || wire(device).conn != conn) return;
    if (fails) {
      ++tally_["refused_connections"];
      close_socket(device, conn, 0, "");
    } else {
      open_connection(device, conn);
    }
  });
}

void World::open_connection(Device& device, ConnId conn) {
  std::vector<Outgoing> out;
  server_->connect(conn, device.user_id(), server_now(), out);
  carry(out);
  (void)device.give(SocketOpened{});
}

void World::close_socket(Device& device, ConnId conn, std::uint16_t code,
                         const std::string& reason) {
  if (wire(device).conn != conn) return;
  wire(device).conn = 0;
  trace("d" + std::to_string(device.index()) + " closed " + std::to_string(code));
  (void)device.give(SocketClosed{code, reason});
}

void World::leave_server(ConnId conn) {
  std::vector<Outgoing> out;
  server_->disconnect(conn, server_now(), out);
  carry(out);
}

// The server has timers of its own: it is called again when the next is due.
void World::let_server_wake() {
  std::optional<Instant> due = server_->due();
  if (!due || (server_wakes_ && *server_wakes_ <= *due)) return;
  server_wakes_ = due;
  at(due->ms, [this, due] {
    if (server_wakes_ != due) return;
    server_wakes_.reset();
    std::vector<Outgoing> out;
    server_->advance(server_now(), out);
    carry(out);
  });
}

void World::disconnect(Device& device) {
  ConnId conn = wire(device).conn;
  wire(device).cut = true;
  at(now_ms_ + delay(), [this, &device, conn, life = device.life()] {
    leave_server(conn);
    if (device.life() == life) close_socket(device, conn, 1000, "");
  });
}

// The connection dies. `told`: the device's network stack notices; else only silence tells it.
void World::cut(Device& device, bool told) {
  ConnId conn = wire(device).conn;
  if (conn == 0 || wire(device).cut) return;
  wire(device).cut = true;
  ++tally_[told ? "cuts" : "silent_cuts"];
  at(now_ms_ + static_cast<std::int64_t>(prng_.below(20'000)),
     [this, conn] { leave_server(conn); });
  if (!told) return;
  at(now_ms_ + delay(), [this, &device, conn, life = device.life()] {
    if (device.life() == life) close_socket(device, conn, 1006, "");
  });
}

void World::send(Device& device, std::string text) {
  Wire& line = wire(device);
  if (line.conn == 0) fail("a frame without a connection");
  trace("d" + std::to_string(device.index()) + " > " + text.substr(0, 150));
  if (prng_.chance(weather_.cut) && prng_.chance(20)) cut(device, prng_.chance(80));
  if (line.cut) return;
  line.up_ms = std::max(line.up_ms, now_ms_ + delay());
  at(line.up_ms, [this, &device, conn = line.conn, text = std::move(text)] {
    if (wire(device).conn != conn || wire(device).cut) return;
    std::vector<Outgoing> out;
    server_->receive(conn, text, server_now(), out);
    carry(out);
  });
}

void World::carry(std::vector<Outgoing>& out) {
  for (Outgoing& one : out) {
    for (const auto& device : devices_) {
      Wire& line = wire(*device);
      if (line.conn != one.conn) continue;
      if (prng_.chance(weather_.cut) && prng_.chance(20)) cut(*device, prng_.chance(80));
      if (line.cut) break;
      line.down_ms = std::max(line.down_ms, now_ms_ + delay());
      at(line.down_ms, [this, to = device.get(), conn = one.conn, text = std::move(one.text),
                        code = one.close_code, life = device->life()] {
        if (to->life() != life || wire(*to).conn != conn || wire(*to).cut) return;
        if (code != 0) return close_socket(*to, conn, code, text);
        trace("d" + std::to_string(to->index()) + " < " + text.substr(0, 150));
        (void)to->give(FrameReceived{text});
      });
      break;
    }
  }
  let_server_wake();
}

void World::request(Device& device, const HttpRequest& request) {
  bool lost = offline_[device.index()] || prng_.chance(weather_.http_fails);
  bool arrives = !lost || (!offline_[device.index()] && prng_.chance(50));
  auto life = device.life();
  auto answer = [this, &device, life, id = request.id](std::uint16_t status, std::string body) {
    at(now_ms_ + delay(), [&device, life, id, status, body = std::move(body)] {
      if (device.life() == life) (void)device.give(HttpAnswered{id, status, body});
    });
  };
  trace("d" + std::to_string(device.index()) + " " + request.method + " " + request.path);
  at(now_ms_ + delay(), [this, &device, request, lost, arrives, answer] {
    std::vector<Outgoing> out;
    HttpAnswer answered{0, {}};
    if (arrives) {
      answered = server_->http(device.user_id(), request.method, request.path, request.body,
                               server_now(), out);
      carry(out);
    }
    ++tally_["http"];
    trace("d" + std::to_string(device.index()) + (lost ? " lost " : " got ") + answered.body);
    answer(lost ? std::uint16_t{0} : answered.status, lost ? std::string() : answered.body);
  });
}

void World::persist(Device& device, const Batch& batch) {
  bool fails = prng_.chance(weather_.batch_fails);
  bool written = !fails || prng_.chance(30);  // told as failed, and yet on the disk
  if (fails) ++tally_["failed_batches"];
  auto wait =
      static_cast<std::int64_t>(prng_.below(static_cast<std::uint64_t>(weather_.batch_ms_max)) + 1);
  at(now_ms_ + wait,
     [&device, batch_id = batch.id, mount = batch.mount, fails, written, life = device.life()] {
       if (device.life() != life) return;
       device.disk().finish(mount, written);
       (void)device.give(BatchDone{batch_id, !fails, false});
     });
}

void World::kept(Device& device, const std::string& temp_id) {
  auto intent = intents_.find(temp_id);
  if (intent == intents_.end()) return;  // the core's own (a draft of an earlier epoch)
  intent->second.kept = true;
  bool safe = device.disk().holds(Mount::kQueue, temp_id) ||
              server_->applied(device.user_id(), temp_id) || server_->answered(temp_id) ||
              intent->second.discarded ||
              ever_left_.count({chat_of(intent->second.operation), device.user_id()}) != 0 ||
              std::holds_alternative<SetPrivate>(intent->second.operation);
  if (!safe) fail("[OB] told as kept, but neither on the disk nor at the server: " + temp_id);
}

void World::reported(Device& device, const std::string& json) {
  trace("d" + std::to_string(device.index()) + " reports " + json);
  bool frame = json.find("\"bad_frame\",") != std::string::npos;
  bool loaded = json.find("\"loaded\"") != std::string::npos;
  bool whole =
      json.find("\"damaged\":0,\"missingFiles\":0,\"manifestMissing\":false") != std::string::npos;
  if (frame || (loaded && !whole)) fail("the core could not read: " + json);
}

}  // namespace godwit::sim
