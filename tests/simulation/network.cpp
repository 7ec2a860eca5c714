// Between devices and server: connections, frames, calls, and what a network does to them.
#include "shared/protocol/type_names.h"
#include "tests/simulation/world.h"

namespace godwit::sim {
namespace {

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

// Each frame begins {"type":"…".
std::string_view type_of(std::string_view frame) {
  constexpr std::string_view kHead = "{\"type\":\"";
  GODWIT_CHECK(frame.substr(0, kHead.size()) == kHead);
  frame.remove_prefix(kHead.size());
  return frame.substr(0, frame.find('"'));
}

}  // namespace

void World::each_leader(const std::function<void(Leader&)>& visit) {
  for (auto& device : devices_) {
    for (auto stale : std::vector<std::shared_ptr<Leader>>(device->stale())) {
      if (stale->running()) visit(*stale);
    }
    if (device->led()) visit(device->leader());
  }
}

void World::connect(Leader& leader) {
  ConnId conn = next_conn_++;
  leader.wire() = Leader::Wire{conn, false, now_ms_, now_ms_, {}};
  at(now_ms_ + delay(), [this, ref = leader.weak_from_this(), conn] {
    auto to = ref.lock();
    if (!to || to->wire().conn != conn) return;
    bool fails = place(*to).offline || place(*to).sockets_blocked || !server_->is_alive() ||
                 faults_.strikes(Fault::kConnectionRefused, 150);
    if (fails)
      close_socket(*to, conn, 0, "");
    else
      open_connection(*to, conn);
  });
}

void World::open_connection(Leader& leader, ConnId conn) {
  connections_[conn] = leader.weak_from_this();
  std::vector<Outgoing> out;
  server_->connect(conn, leader.device().user_id(), moment(), out);
  (void)leader.give(SocketOpened{});
  after_server(out);
}

void World::close_socket(Leader& leader, ConnId conn, std::uint16_t code,
                         const std::string& reason) {
  if (leader.wire().conn != conn) return;
  leader.wire().conn = 0;
  trace(&leader, "closed ", std::to_string(code));
  (void)leader.give(SocketClosed{code, reason});
}

void World::disconnect(Leader& leader) {
  ConnId conn = leader.wire().conn;
  leader.wire().cut = true;
  cut_.insert(conn);
  at(now_ms_ + delay(), [this, ref = leader.weak_from_this(), conn] {
    std::vector<Outgoing> out;
    connections_.erase(conn);
    server_->disconnect(conn, moment(), out);
    after_server(out);
    if (auto to = ref.lock()) close_socket(*to, conn, 1000, "");
  });
}

// The connection dies. `told`: the device's network stack notices; else only silence tells it.
void World::cut(Leader& leader, bool told) {
  ConnId conn = leader.wire().conn;
  if (conn == 0 || leader.wire().cut) return;
  leader.wire().cut = true;
  cut_.insert(conn);
  at(now_ms_ + draw_ms(20'000), [this, conn] {
    std::vector<Outgoing> out;
    connections_.erase(conn);
    server_->disconnect(conn, moment(), out);
    after_server(out);
  });
  if (!told) return;
  at(now_ms_ + delay(), [this, ref = leader.weak_from_this(), conn] {
    if (auto to = ref.lock()) close_socket(*to, conn, 1006, "");
  });
}

void World::send(Leader& leader, std::string text) {
  Leader::Wire& line = leader.wire();
  if (line.conn == 0) {
    if (leader.catching_up()) return;
    fail("a frame without a connection");
  }
  trace(&leader, "> ", text);
  note(text);
  if (!line.cut && faults_.strikes(Fault::kConnectionCut, 2)) cut(leader, true);
  if (!line.cut && faults_.strikes(Fault::kConnectionDead, 1)) cut(leader, false);
  if (line.cut) return;
  line.up_ms = std::max(line.up_ms, now_ms_ + delay());
  bool repeats = contains(text, "\"tempId\"") && faults_.strikes(Fault::kFrameRepeated, 10);
  auto arrives = [this, conn = line.conn, text = std::move(text)] {
    if (cut_.count(conn) == 0) take_frame(conn, text);
  };
  if (repeats) at(line.up_ms + draw_ms(5'000), arrives);
  at(line.up_ms, std::move(arrives));
}

void World::take_frame(ConnId conn, const std::string& text) {
  if (!server_->is_alive()) return;
  std::vector<Outgoing> out;
  server_->receive(conn, text, moment(), out);
  after_server(out);
}

// After each call of the server: what it said goes out, when it is due again is planned, and if it
// died over the call, that is noticed.
void World::after_server(std::vector<Outgoing>& out) {
  carry(out);
  if (!server_->is_alive()) return server_died();
  auto due = server_->due();
  if (!due || (server_due_ms_ && *server_due_ms_ <= due->ms)) return;
  server_due_ms_ = due->ms;
  at(due->ms, [this, planned = due->ms] {
    if (server_due_ms_ == planned) server_due_ms_.reset();
    if (!server_->is_alive()) return;
    std::vector<Outgoing> more;
    server_->advance(moment(), more);
    after_server(more);
  });
}

void World::carry(std::vector<Outgoing>& out) {
  for (Outgoing& one : out) {
    bool refused = one.close_code == 0 && type_of(one.text) == "error" &&
                   contains(one.text, "\"retryable\":true");
    if (refused) faults_.fired(Fault::kRefusedForNow);
    auto to = connections_.find(one.conn);
    if (to == connections_.end()) continue;
    auto leader = to->second.lock();
    if (leader && leader->running() && leader->wire().conn == one.conn) carry_to(*leader, one);
  }
  out.clear();
}

void World::carry_to(Leader& leader, Outgoing& one) {
  Leader::Wire& line = leader.wire();
  if (!line.cut && faults_.strikes(Fault::kConnectionCut, 2)) cut(leader, true);
  if (line.cut) return;
  line.down_ms = std::max(line.down_ms, now_ms_ + delay());
  if (one.close_code != 0) {
    line.cut = true;
    cut_.insert(one.conn);
    at(line.down_ms, [this, ref = leader.weak_from_this(), one] {
      if (auto to = ref.lock()) close_socket(*to, one.conn, one.close_code, one.text);
    });
    return;
  }
  // Only the log's own entries and their acks carry what puts them in order again.
  std::string_view type = type_of(one.text);
  bool setting = type == "user" || (type == "ack" && contains(one.text, "\"userSeq\":"));
  bool event = setting || parse_event_kind(type) || type == "message_ack" ||
               (type == "ack" && contains(one.text, "\"seq\":"));
  auto arrives = [this, ref = leader.weak_from_this(), conn = one.conn,
                  text = std::move(one.text)]() mutable {
    if (auto to = ref.lock()) deliver(*to, conn, std::move(text));
  };
  if (event && faults_.strikes(Fault::kFrameRepeated, 10)) at(line.down_ms + delay(), arrives);
  // There are few settings.
  bool swapped = event && faults_.strikes(Fault::kFramesSwapped, setting ? 200 : 10);
  std::int64_t late = swapped ? delay() : 0;
  at(line.down_ms + late, std::move(arrives));
}

void World::deliver(Leader& leader, ConnId conn, std::string text) {
  if (!leader.running() || leader.wire().conn != conn || leader.wire().cut) return;
  trace(&leader, "< ", text);
  note(text);
  // As a browser does in a burst: what has come by the time that one is looked at goes together.
  std::string& together = leader.wire().together;
  if (!together.empty() || prng_.chance(30)) {
    if (together.empty()) {
      at(now_ms_, [this, ref = leader.weak_from_this(), conn] {
        if (auto to = ref.lock()) hand_over(*to, conn);
      });
    } else {
      together += FrameReceived::kSeparator;
    }
    together += text;
    return;
  }
  auto prediction = predict(leader, text);
  (void)leader.give(FrameReceived{std::move(text)});
  if (prediction) check_prediction(leader, *prediction);
}

void World::hand_over(Leader& leader, ConnId conn) {
  Leader::Wire& line = leader.wire();
  if (line.conn != conn) return;
  std::string text = std::exchange(line.together, {});
  if (!leader.running() || line.cut) return;
  // A step each, as when they come one by one.
  for (std::size_t at = 0; (at = text.find(FrameReceived::kSeparator, at)) != text.npos; ++at) {
    leader.device().count_step();
  }
  (void)leader.give(FrameReceived{std::move(text)});
}

HttpAnswer World::take_request(const Leader& leader, const HttpRequest& request) {
  HttpAnswer answer{0, {}};
  if (!server_->is_alive()) return answer;
  std::vector<Outgoing> out;
  answer = server_->http(leader.device().user_id(), request.method, request.path, request.body,
                         moment(), out);
  after_server(out);
  return answer;
}

void World::request(Leader& leader, const HttpRequest& request) {
  bool repeats = request.method != "GET" && faults_.strikes(Fault::kRequestRepeated, 20);
  trace(&leader, request.method, " " + request.path);
  note(request.path + request.body);
  at(now_ms_ + delay(), [this, ref = leader.weak_from_this(), request, repeats] {
    auto from = ref.lock();
    if (!from || !from->running()) return;
    bool lost = place(*from).offline || faults_.strikes(Fault::kRequestLost, 50);
    HttpAnswer answer = lost ? HttpAnswer{0, {}} : take_request(*from, request);
    if (repeats && !lost) answer = take_request(*from, request);
    if (answer.status != 0 && faults_.strikes(Fault::kAnswerLost, 50)) answer = HttpAnswer{0, {}};
    at(now_ms_ + delay(), [ref, id = request.id, answer = std::move(answer)]() mutable {
      auto to = ref.lock();
      if (to) (void)to->give(HttpAnswered{id, answer.status, std::move(answer.body)});
    });
  });
}

}  // namespace godwit::sim
