#include "server/gateway/sync_lane.h"

#include <algorithm>
#include <utility>

namespace godwit::server {
namespace {

struct Cover {
  PreparedSync& prepared;
  void operator()(const SyncEvents& part) const { raise(part.chat_id, part.to); }
  void operator()(const SyncChat& part) const { raise(part.state.chat_id, part.state.head); }
  void operator()(const SyncRemoved& part) const { prepared.removed.push_back(part.chat_id); }
  void operator()(const SyncUser& part) const {
    prepared.covered_user = std::max(prepared.covered_user, part.to);
  }
  void operator()(const SyncBlock&) const {}
  void operator()(const SyncDone&) const {}
  void raise(ChatId chat_id, Seq seq) const {
    Seq& covered = prepared.covered[chat_id];
    covered = std::max(covered, seq);
  }
};

}  // namespace

Result<PreparedSync> prepare_sync(Queries& queries, UserId viewer, const SyncRequest& request,
                                  bool epoch_is_ours) {
  auto parts = queries.sync(viewer, request, epoch_is_ours);
  if (!parts) return parts.error();
  PreparedSync prepared;
  prepared.frames.reserve(parts->size());
  for (const SyncResponse& part : *parts) {
    FrameBytes frame = encode_shared(ServerFrame{part});
    if (frame->size() > limits::kServerFrameBytesMax) {
      return Error{Code::kUnavailable, "an answer does not fit a frame"};
    }
    prepared.bytes += static_cast<std::int64_t>(frame->size());
    prepared.frames.push_back(std::move(frame));
    std::visit(Cover{prepared}, part.part);
  }
  return prepared;
}

SyncLane::~SyncLane() { drop_answer(); }

bool SyncLane::push(Wanted wanted) {
  if (waiting_.size() >= kSyncsWaitingMax) return false;
  waiting_.push_back(std::move(wanted));
  return true;
}

std::optional<SyncLane::Wanted> SyncLane::begin() {
  if (running_ || waiting_.empty()) return std::nullopt;
  running_ = true;
  Wanted wanted = std::move(waiting_.front());
  waiting_.pop_front();
  stats_.syncs.fetch_add(1, std::memory_order_relaxed);
  return wanted;
}

bool SyncLane::answered(PreparedSync prepared) {
  const auto waiting = stats_.sync_bytes_waiting.load(std::memory_order_relaxed);
  if (prepared.bytes > 0 && waiting + prepared.bytes > kSyncBytesWaitingMax) {
    return false;
  }
  stats_.sync_bytes_waiting.fetch_add(prepared.bytes, std::memory_order_relaxed);
  answer_ = std::move(prepared);
  answered_ = true;
  for (const auto& [chat_id, seq] : answer_.covered) {
    Seq& covered = covered_[chat_id];
    covered = std::max(covered, seq);
  }
  covered_user_ = std::max(covered_user_, answer_.covered_user);
  if (removed_.size() > kRemovedMax) removed_.clear();  // merely hints: a client copes without
  removed_.insert(answer_.removed.begin(), answer_.removed.end());
  return true;
}

bool SyncLane::pump(Socket& socket) {
  if (!answered_) return false;
  while (next_frame_ < answer_.frames.size()) {
    if (socket.queued_bytes() >= Socket::kPaceBytes) return false;
    socket.send(std::move(answer_.frames[next_frame_++]));
  }
  return true;
}

void SyncLane::drop_answer() {
  stats_.sync_bytes_waiting.fetch_sub(answer_.bytes, std::memory_order_relaxed);
  answer_ = PreparedSync{};
  next_frame_ = 0;
  answered_ = false;
}

void SyncLane::finish(const Send& send) {
  drop_answer();
  running_ = false;
  std::vector<Live> held = std::exchange(held_, {});
  held_bytes_ = 0;
  for (Live& live : held) {
    if (!covers(live)) send(live.frame);
  }
}

bool SyncLane::hold(Live live) {
  GODWIT_CHECK(running_);
  if (held_.size() >= kHeldFramesMax || held_bytes_ + live.frame->size() > kHeldBytesMax) {
    return false;
  }
  held_bytes_ += live.frame->size();
  held_.push_back(std::move(live));
  stats_.frames_held.fetch_add(1, std::memory_order_relaxed);
  return true;
}

bool SyncLane::covers(const Live& live) {
  if (live.own) return false;
  if (live.user_seq.value != 0) return live.user_seq <= covered_user_;
  if (!live.chat_id) return false;
  if (live.puts_in) removed_.erase(live.chat_id);
  if (removed_.count(live.chat_id) != 0) return true;
  auto covered = covered_.find(live.chat_id);
  if (covered == covered_.end()) return false;
  if (live.seq <= covered->second) return true;
  covered_.erase(covered);
  return false;
}

void SyncLane::forget_passed(const std::function<Seq(ChatId)>& fanned_out) {
  for (auto it = covered_.begin(); it != covered_.end();) {
    it = fanned_out(it->first) >= it->second ? covered_.erase(it) : std::next(it);
  }
}

bool SyncLane::idle() const {
  return !running_ && waiting_.empty() && covered_.empty() && removed_.empty();
}

}  // namespace godwit::server
