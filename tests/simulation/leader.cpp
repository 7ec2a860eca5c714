#include "tests/simulation/leader.h"

#include <algorithm>

#include "tests/simulation/device.h"
#include "tests/support/cache_parts.h"

namespace godwit::sim {
namespace {

// A core that wants to be called again at once, for ever, would spin its host.
constexpr int kDeadlinesAtOnceMax = 5;
constexpr std::uint64_t kCachePartFilesMax = 4;
constexpr std::uint64_t kCachePartMsMax = 80;

}  // namespace

Leader::Leader(Surroundings& around, Device& device, std::uint64_t life, std::uint32_t term)
    : around_(around), device_(device), life_(life), term_(term), reading_(life) {}

void Leader::start(std::uint64_t seed) {
  core_ = std::make_unique<ClientCore>(ClientCore::Config{mix64(seed + life_)});
  reading_ = Prng(mix64(seed ^ mix64(life_)));
  const BrowserStorage& storage = device_.storage();
  (void)give(StorageLoaded{Mount::kQueue, storage.load(Mount::kQueue)});
  (void)give(StorageLoaded{Mount::kHot, storage.load(Mount::kHot)});
  Start start;
  start.user_id = device_.user_id();
  start.username = "u" + device_.user_id().str();
  start.display_name = "User " + device_.user_id().str();
  start.device_id = "d" + std::to_string(device_.index());
  start.core_version = "1";
  start.term = term_;
  if (Status status = give(start); !status) around_.fail("start: " + status.error().detail);
  around_.started(*this);
  std::size_t files = 1 + reading_.below(kCachePartFilesMax);
  for (auto& part : testing::cache_parts(storage.load(Mount::kCache), files)) {
    cache_.push_back(std::move(part));
  }
  around_.read_cache(*this, static_cast<std::int64_t>(reading_.below(kCachePartMsMax)));
}

// As wasm-core/src/core/host.ts does it: each part is read under the fence, and without it no more.
void Leader::take_cache_part() {
  if (!running() || cache_.empty()) return;
  StorageLoaded part{Mount::kCache, std::move(cache_.front()), StorageLoaded::Rest::kNone};
  cache_.pop_front();
  if (!cache_.empty()) part.rest = StorageLoaded::Rest::kFollows;
  if (device_.storage().term() != term_) {
    part = StorageLoaded{Mount::kCache, {}, StorageLoaded::Rest::kLost};
    cache_.clear();
  }
  (void)give(part);
  if (cache_.empty()) return;
  around_.read_cache(*this, static_cast<std::int64_t>(reading_.below(kCachePartMsMax)));
}

Status Leader::give(const Event& event) {
  if (!running()) return Status(Code::kUnavailable, "ended");
  if (frozen_) {
    unheard_.push_back(event);
    return Status(Code::kUnavailable, "frozen");
  }
  auto self = shared_from_this();  // an effect may end it
  Effects effects;
  device_.count_step();
  Status status = core_->step(around_.now(), around_.wall(), event, effects);
  if (!status && !effects.empty()) around_.fail("a refused event had effects");
  for (Effect& effect : effects) carry_out(effect);
  plan();
  return status;
}

void Leader::plan() {
  if (!running()) return;
  auto next = core_->next_deadline();
  if (!next) return;
  if (planned_ && *next >= *planned_ && *planned_ > around_.now()) return;
  planned_ = std::max(*next, around_.now());
  around_.wake(*this, *planned_);
}

void Leader::deadline(Instant planned) {
  if (!running() || frozen_ || planned_ != planned) return;
  planned_.reset();
  deadlines_at_once_ = last_deadline_ == around_.now() ? deadlines_at_once_ + 1 : 0;
  last_deadline_ = around_.now();
  if (deadlines_at_once_ > kDeadlinesAtOnceMax) around_.fail("the core spins on its deadline");
  (void)give(DeadlineReached{});
}

void Leader::thaw() {
  if (!frozen_) return;
  frozen_ = false;
  planned_.reset();
  auto self = shared_from_this();
  std::deque<Event> events = std::move(unheard_);
  unheard_.clear();
  catching_up_ = true;
  (void)give(DeadlineReached{});
  for (const Event& event : events) (void)give(event);
  catching_up_ = false;
}

void Leader::carry_out(Effect& effect) {
  if (std::holds_alternative<Connect>(effect)) around_.connect(*this);
  if (std::holds_alternative<Disconnect>(effect)) around_.disconnect(*this);
  if (auto* frame = std::get_if<SendFrame>(&effect)) around_.send(*this, std::move(frame->text));
  if (const auto* request = std::get_if<HttpRequest>(&effect)) around_.request(*this, *request);
  if (auto* persist = std::get_if<Persist>(&effect)) {
    around_.persist(*this, persist->batch);
    device_.storage().submit(term_, std::move(persist->batch));
  }
  if (auto* diff = std::get_if<ViewDiff>(&effect)) {
    if (device_.show(*this, diff->view, std::move(diff->json))) around_.shown(*this, diff->view);
  }
  if (const auto* report = std::get_if<Report>(&effect)) around_.reported(*this, report->json);
  if (const auto* kept = std::get_if<Kept>(&effect)) {
    for (const std::string& temp_id : kept->temp_ids) {
      around_.kept(*this, temp_id);
      device_.forget_unkept(temp_id);
    }
  }
  if (std::holds_alternative<SessionEnded>(effect)) around_.fail("the session ended");
  if (std::holds_alternative<Outdated>(effect)) around_.fail("the core is outdated");
}

}  // namespace godwit::sim
