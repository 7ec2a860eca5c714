#include "tests/simulation/device.h"

#include <algorithm>

namespace godwit::sim {
namespace {

// A core that wants to be called again at once, for ever, would spin its host.
constexpr int kDeadlinesAtOnceMax = 5;

}  // namespace

void Device::boot() {
  GODWIT_CHECK(core_ == nullptr);
  core_ = std::make_unique<ClientCore>(ClientCore::Config{mix64(seed_ + life_)});
  planned_.reset();
  (void)give(StorageLoaded{Mount::kQueue, disk_.load(Mount::kQueue).value()});
  (void)give(StorageLoaded{Mount::kHot, disk_.load(Mount::kHot).value()});
  Start start;
  start.user_id = user_id_;
  start.username = "u" + user_id_.str();
  start.display_name = "User " + user_id_.str();
  start.device_id = "d" + std::to_string(index_);
  start.core_version = "1";
  start.term = static_cast<std::uint32_t>(life_);
  GODWIT_CHECK(give(start).is_ok());
  GODWIT_CHECK(give(StorageLoaded{Mount::kCache, disk_.load(Mount::kCache).value()}).is_ok());
  for (auto& [view, shown] : views_) {
    (void)give(OpenView{view, shown.kind, shown.chat_id});
  }
  std::vector<QueuedOperation> again = unkept_;
  for (const QueuedOperation& operation : again) (void)give(Intend{operation});
}

Status Device::give(const Event& event) {
  if (core_ == nullptr) return Status(Code::kUnavailable, "crashed");
  Effects effects;
  ++steps_;
  Status status = core_->step(around_.now(), around_.wall(), event, effects);
  if (!status && !effects.empty()) around_.fail("a refused event had effects");
  for (Effect& effect : effects) carry_out(effect);
  auto next = core_->next_deadline();
  if (next && (!planned_ || *next < *planned_ || *planned_ <= around_.now())) {
    planned_ = std::max(*next, around_.now());
    around_.wake(*this, *planned_);
  }
  return status;
}

void Device::carry_out(Effect& effect) {
  if (std::holds_alternative<Connect>(effect)) around_.connect(*this);
  if (std::holds_alternative<Disconnect>(effect)) around_.disconnect(*this);
  if (auto* frame = std::get_if<SendFrame>(&effect)) around_.send(*this, std::move(frame->text));
  if (const auto* request = std::get_if<HttpRequest>(&effect)) around_.request(*this, *request);
  if (const auto* persist = std::get_if<Persist>(&effect)) {
    disk_.submit(persist->batch);
    around_.persist(*this, persist->batch);
  }
  if (const auto* diff = std::get_if<ViewDiff>(&effect)) {
    auto view = views_.find(diff->view);
    if (view == views_.end()) around_.fail("a diff of a view that is not open");
    view->second.naive.apply(diff->json);
    view_bytes_ += diff->json.size();
    around_.shown(*this, diff->view);
  }
  if (const auto* report = std::get_if<Report>(&effect)) around_.reported(*this, report->json);
  if (const auto* kept = std::get_if<Kept>(&effect)) {
    for (const std::string& temp_id : kept->temp_ids) {
      around_.kept(*this, temp_id);
      unkept_.erase(
          std::remove_if(unkept_.begin(), unkept_.end(),
                         [&](const QueuedOperation& op) { return temp_id_of(op) == temp_id; }),
          unkept_.end());
    }
  }
  if (std::holds_alternative<SessionEnded>(effect)) around_.fail("the session ended");
  if (std::holds_alternative<Outdated>(effect)) around_.fail("the core is outdated");
}

void Device::intend(const QueuedOperation& operation) {
  unkept_.push_back(operation);
  Status status = give(Intend{operation});
  if (!status) around_.fail("an intent was refused: " + status.error().detail);
}

std::uint32_t Device::open_view(OpenView::Kind kind, ChatId chat_id) {
  std::uint32_t view = next_view_++;
  views_[view] = View{kind, chat_id, {}};
  (void)give(OpenView{view, kind, chat_id});
  return view;
}

void Device::close_view(std::uint32_t view) {
  views_.erase(view);
  (void)give(CloseView{view});
}

void Device::deadline(Instant planned) {
  if (core_ == nullptr || planned_ != planned) return;
  planned_.reset();
  deadlines_at_once_ = last_deadline_ == around_.now() ? deadlines_at_once_ + 1 : 0;
  last_deadline_ = around_.now();
  if (deadlines_at_once_ > kDeadlinesAtOnceMax) around_.fail("the core spins on its deadline");
  (void)give(DeadlineReached{});
}

}  // namespace godwit::sim
