#include "server/gateway/client_connection.h"

#include <algorithm>
#include <utility>

#include "server/gateway/frame_names.h"

namespace godwit::server {

// What each frame of an open connection leads to.
struct ClientConnection::Handle {
  ClientConnection& self;
  void operator()(const Hello&) const {
    self.refuse({{Code::kBadFrame, "hello comes once"}, {}, {}});
  }
  void operator()(const SendMessage& frame) const { self.operate(frame); }
  void operator()(const EditMessage& frame) const { self.operate(frame); }
  void operator()(const DeleteMessage& frame) const { self.operate(frame); }
  void operator()(const React& frame) const { self.operate(frame); }
  void operator()(const Pin& frame) const { self.operate(frame); }
  void operator()(const SetPrivate& frame) const { self.operate(frame); }
  void operator()(const MarkPosition& frame) const { self.host_.mark(self, frame); }
  void operator()(const Typing& frame) const { self.host_.typing(self, frame); }
  void operator()(const SetPresence& frame) const { self.mark_presence(frame); }
  void operator()(const SyncRequest& frame) const { self.request_sync(frame); }
  void operator()(const Ping& frame) const { self.pong(frame); }
};

namespace {

// The tempId or requestId that an answer to `frame` names.
struct NameOf {
  FrameError operator()(const SyncRequest& frame) const { return {{}, {}, frame.request_id}; }
  template <typename Frame>
  FrameError operator()(const Frame& frame) const {
    if constexpr (requires { frame.temp_id; }) return {{}, frame.temp_id, {}};
    return {};
  }
};

std::map<std::string, std::int64_t> told_limits(const GatewayConfig& config) {
  return {
      {"frameBytes", static_cast<std::int64_t>(config.frame_bytes_max)},
      {"textBytes", static_cast<std::int64_t>(limits::kTextBytesMax)},
      {"groupMembers", static_cast<std::int64_t>(limits::kGroupMembersMax)},
      {"reactionsPerPerson", static_cast<std::int64_t>(limits::kReactionsPerPersonMax)},
      {"reactionsPerMessage", static_cast<std::int64_t>(limits::kReactionsPerMessageMax)},
      {"syncChats", static_cast<std::int64_t>(limits::kSyncChatsMax)},
      {"inFlight", static_cast<std::int64_t>(config.in_flight_per_connection_max)},
  };
}

}  // namespace

ClientConnection::ClientConnection(ConnectionHost& host, GatewayEnv& env, const Identity& identity)
    : host_(host),
      env_(env),
      identity_(identity),
      frame_bucket_(env.config.frames_per_connection) {}

ClientConnection::~ClientConnection() {
  if (hello_timer_ != 0) env_.executor.cancel(hello_timer_);
}

void ClientConnection::opened(Socket& socket) {
  socket_ = &socket;
  phase_ = Phase::kOpened;
  hello_timer_ = env_.executor.run_after(env_.config.hello_timeout_ms, [this] {
    hello_timer_ = 0;
    close(CloseCode::kNoSession, "no hello in time");
  });
  id_ = host_.connection_opened(*this);
}

void ClientConnection::received(std::string_view text) {
  if (phase_ == Phase::kClosed || over_frame_rate()) return;
  DecodedClientFrame decoded = decode_client_frame(text);
  if (!decoded.frame) {
    env_.counters.frame_received("unknown");
    return refuse(decoded.refusal);
  }
  env_.counters.frame_received(frame_name(*decoded.frame));
  if (phase_ == Phase::kOpen) return handle(*decoded.frame);
  if (phase_ == Phase::kEntering) {
    if (early_.size() >= kEarlyFramesMax) return close(CloseCode::kFlooding, "too many at once");
    early_.push_back(std::move(*decoded.frame));
    return;
  }
  if (const auto* first = std::get_if<Hello>(&*decoded.frame)) return hello(*first);
  FrameError refusal = std::visit(NameOf{}, *decoded.frame);
  refusal.error = {Code::kBadFrame, "hello comes first"};
  refuse(refusal);
}

void ClientConnection::drained() {
  if (lane_ && lane_->holding()) end_sync();
}

void ClientConnection::closed(CloseCode) {
  phase_ = Phase::kClosed;
  if (hello_timer_ != 0) env_.executor.cancel(std::exchange(hello_timer_, 0));
  lane_.reset();
  early_.clear();
  host_.connection_closed(*this);
  socket_ = nullptr;
}

void ClientConnection::handle(const ClientFrame& frame) { std::visit(Handle{*this}, frame); }

void ClientConnection::hello(const Hello& hello) {
  if (hello.protocol != 1) return close(CloseCode::kProtocolVersion, "protocol 1 is spoken here");
  // Somebody else signed in on that browser meanwhile: what follows is not theirs to have said.
  bool another = hello.user_id && hello.user_id != identity_.user_id;
  if (another) return close(CloseCode::kNoSession, "another person's session");
  env_.executor.cancel(std::exchange(hello_timer_, 0));
  // A client that names no epoch has nothing of another life of the database.
  epoch_is_ours_ = hello.epoch.empty() || hello.epoch == env_.epoch;
  phase_ = Phase::kEntering;
  host_.connection_entering(*this);
}

void ClientConnection::entered() {
  if (phase_ != Phase::kEntering) return;
  phase_ = Phase::kOpen;
  Welcome welcome;
  welcome.user_id = identity_.user_id;
  welcome.session_id = identity_.session_id;
  welcome.epoch = env_.epoch;
  welcome.server_time = env_.clock.now();
  welcome.limits = told_limits(env_.config);
  welcome.core_version = env_.core_version;
  send_now(welcome);
  host_.connection_entered(*this);
  for (const ClientFrame& frame : std::exchange(early_, {})) {
    if (phase_ != Phase::kOpen) return;
    handle(frame);
  }
}

void ClientConnection::operate(Operation operation) {
  const ChatId chat_id = chat_of(operation);
  const std::string temp_id(temp_id_of(operation));
  OrderGate::Admission admission = gate_->admit(chat_id, temp_id, env_.executor.now());
  std::optional<Refusal> refusal = admission.refusal;
  if (!refusal) {
    if (std::int64_t wait_ms = host_.operation_wait_ms(user_id()); wait_ms > 0) {
      refusal = gate_->refuse(chat_id, temp_id, admission.ticket,
                              {Code::kRateLimited, "too many operations", wait_ms});
    }
  }
  if (refusal) {
    ErrorFrame error;
    error.code = refusal->code;
    error.message = refusal->message;
    error.temp_id = temp_id;
    error.retry_after_ms = refusal->retry_after_ms;
    return send_error(std::move(error));
  }
  take_in_flight();
  host_.submit(*this, std::move(operation), admission.ticket);
}

void ClientConnection::operation_answered(OperationKind kind, std::string_view temp_id,
                                          const Outcome& outcome) {
  if (phase_ == Phase::kClosed) return;
  give_in_flight();
  if (!outcome.is_ok()) env_.counters.error_sent(outcome.code);
  answer(answer_frame(kind, temp_id, outcome));
}

// Too many operations under way: nothing more is read until half of them are answered.
void ClientConnection::take_in_flight() {
  if (++in_flight_ < env_.config.in_flight_per_connection_max || paused_) return;
  paused_ = true;
  socket_->pause_reading();
}

void ClientConnection::give_in_flight() {
  if (in_flight_ > 0) --in_flight_;
  if (!paused_ || in_flight_ > env_.config.in_flight_per_connection_max / 2) return;
  paused_ = false;
  socket_->resume_reading();
}

void ClientConnection::request_sync(const SyncRequest& request) {
  ErrorFrame error;
  error.code = Code::kRateLimited;
  error.request_id = request.request_id;
  if (std::int64_t wait_ms = host_.sync_wait_ms(user_id()); wait_ms > 0) {
    error.message = "too many syncs";
    error.retry_after_ms = wait_ms;
    return send_error(std::move(error));
  }
  if (!lane_) lane_ = std::make_unique<SyncLane>(env_.stats);
  if (!lane_->push({request, epoch_is_ours_})) {
    error.message = "too many syncs at once";
    error.retry_after_ms = kRefusedRetryMs;
    return send_error(std::move(error));
  }
  start_sync();
}

void ClientConnection::start_sync() {
  if (auto wanted = lane_->begin()) host_.read_sync(*this, std::move(*wanted));
}

void ClientConnection::sync_read(std::string_view request_id, Result<PreparedSync> prepared) {
  if (phase_ == Phase::kClosed || !lane_ || !lane_->holding()) return;
  ErrorFrame error;
  error.request_id = std::string(request_id);
  error.retry_after_ms = kRefusedRetryMs;
  if (!prepared) {
    error.code = prepared.error().code;
    error.message = prepared.error().detail;
  } else {
    const std::size_t frames = prepared->frames.size();
    if (lane_->answered(std::move(prepared).value())) {
      env_.counters.frame_sent("sync_response", frames);
      epoch_is_ours_ = true;  // it has begun anew from this answer
      return end_sync();
    }
    error.code = Code::kUnavailable;
    error.message = "too many syncs at once";
  }
  if (!is_retryable(error.code)) error.retry_after_ms = 0;
  send_error(std::move(error));
  if (lane_->answered({})) end_sync();
}

// Goes on with the answer; once it is out, lets go what was held and takes the next request.
void ClientConnection::end_sync() {
  if (!lane_->pump(*socket_)) return;
  lane_->finish([this](const FrameBytes& frame) { send(frame); });
  lane_->forget_passed([this](ChatId chat_id) { return host_.fanned_out(chat_id); });
  start_sync();
  if (lane_->idle()) lane_.reset();
}

void ClientConnection::mark_presence(const SetPresence& presence) {
  if (presence.status == presence_) return;
  presence_ = presence.status;
  host_.presence_changed(*this);
}

void ClientConnection::pong(const Ping& ping) { send_now(Pong{ping.nonce, env_.clock.now()}); }

void ClientConnection::deliver(SyncLane::Live live) {
  if (phase_ != Phase::kOpen) return;
  if (lane_ && lane_->holding()) {
    if (!lane_->hold(std::move(live))) close(CloseCode::kTooSlow, "too slow a reader");
    return;
  }
  if (lane_ && lane_->covers(live)) return;
  send(live.frame);
}

// An answer keeps its place behind the echo that precedes it, so it waits with it.
void ClientConnection::answer(const ServerFrame& frame) {
  env_.counters.frame_sent(frame_name(frame), 1);
  SyncLane::Live live;
  live.frame = encode_shared(frame);
  deliver(std::move(live));
}

void ClientConnection::send_now(const ServerFrame& frame) {
  env_.counters.frame_sent(frame_name(frame), 1);
  send(encode_shared(frame));
}

void ClientConnection::send(const FrameBytes& frame) {
  if (phase_ == Phase::kOpen) socket_->send(frame);
}

void ClientConnection::send_error(ErrorFrame error) {
  error.retryable = is_retryable(error.code);
  env_.counters.error_sent(error.code);
  env_.counters.frame_sent("error", 1);
  if (phase_ != Phase::kClosed) socket_->send(encode_shared(error));
}

void ClientConnection::close(CloseCode code, std::string_view reason) {
  if (phase_ == Phase::kClosed || socket_ == nullptr) return;
  phase_ = Phase::kClosed;
  if (hello_timer_ != 0) env_.executor.cancel(std::exchange(hello_timer_, 0));
  socket_->close(code, reason);
}

bool ClientConnection::over_frame_rate() {
  if (frame_bucket_.take(env_.executor.now()) == 0) return false;
  env_.stats.flooding_closed.fetch_add(1, std::memory_order_relaxed);
  close(CloseCode::kFlooding, "too many frames");
  return true;
}

void ClientConnection::refuse(const FrameError& refusal) {
  ErrorFrame error;
  error.code = refusal.error.code;
  error.message = refusal.error.detail;
  error.temp_id = refusal.temp_id;
  error.request_id = refusal.request_id;
  send_error(std::move(error));
  if (refusal.error.code == Code::kBadFrame) note_bad_frame();
}

void ClientConnection::note_bad_frame() {
  const Instant now = env_.executor.now();
  const Instant since = now.plus_ms(-limits::kBadFrameWindowMs);
  bad_frames_.erase(std::remove_if(bad_frames_.begin(), bad_frames_.end(),
                                   [since](Instant at) { return at <= since; }),
                    bad_frames_.end());
  bad_frames_.push_back(now);
  if (bad_frames_.size() < static_cast<std::size_t>(limits::kBadFramesMax)) return;
  env_.stats.flooding_closed.fetch_add(1, std::memory_order_relaxed);
  close(CloseCode::kFlooding, "too many bad frames");
}

}  // namespace godwit::server
