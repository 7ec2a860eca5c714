#include "tests/simulation/device.h"

#include <algorithm>

namespace godwit::sim {

Device::TabId Device::open_tab() {
  TabId tab = next_tab_++;
  tabs_[tab];
  if (led())
    follow(tab);
  else
    lead(tab);
  (void)open_view(tab, OpenView::Kind::kApp, ChatId{});
  (void)open_view(tab, OpenView::Kind::kChats, ChatId{});
  return tab;
}

void Device::lead(TabId tab) {
  leading_tab_ = tab;
  std::uint64_t life = (static_cast<std::uint64_t>(index_) << 32) + next_life_++;
  leader_ = std::make_shared<Leader>(around_, *this, life, storage_.claim());
  leader_->start(seed_);
  for (auto& [id, other] : tabs_) {
    if (!other.frozen) follow(id);
  }
}

// As a tab joins a leader: first what is not known to be kept, in its order, then its views.
void Device::follow(TabId id) {
  Tab& tab = tabs_.at(id);
  tab.leader = leader_;
  std::vector<QueuedOperation> again = tab.unkept;
  for (const QueuedOperation& operation : again) (void)leader_->give(Intend{operation});
  for (auto& [view, shown] : tab.views)
    (void)leader_->give(OpenView{view, shown.kind, shown.chat_id});
}

void Device::lead_by_anybody() {
  for (const auto& [id, tab] : tabs_) {
    if (!tab.frozen) return lead(id);
  }
}

void Device::close_tab(TabId id) {
  Tab& tab = tabs_.at(id);
  bool led_here = id == leading_tab_ && led();
  for (const auto& [view, shown] : tab.views) {
    if (led() && !led_here) (void)leader_->give(CloseView{view});
  }
  if (tab.leader != nullptr && tab.leader != leader_) tab.leader->end();
  tabs_.erase(id);
  if (!led_here) return;
  leader_->end();
  lead_by_anybody();
}

void Device::crash_tab(TabId id) {
  Tab& tab = tabs_.at(id);
  tab.frozen = false;
  if (tab.leader != nullptr && tab.leader != leader_) tab.leader->end();
  if (id == leading_tab_ && led()) {
    leader_->end();
    lead_by_anybody();
  } else if (led()) {
    follow(id);
  }
}

void Device::crash_all() {
  if (leader_ != nullptr) leader_->end();
  for (auto& stale : stale_) stale->end();
  stale_.clear();
  tabs_.clear();
}

void Device::freeze(TabId id) {
  Tab& tab = tabs_.at(id);
  tab.frozen = true;
  if (id == leading_tab_) leader_->freeze();
}

void Device::thaw(TabId id) {
  Tab& tab = tabs_.at(id);
  tab.frozen = false;
  if (tab.leader != nullptr && tab.leader->running() && tab.leader->frozen()) {
    if (id == leading_tab_ || tab.leader != leader_) tab.leader->thaw();
  } else if (!led()) {
    lead(id);
  } else if (tab.leader != leader_) {
    follow(id);
  }
}

void Device::steal(TabId by) {
  stale_.push_back(leader_);
  lead(by);
}

void Device::yield(Leader& stale) {
  auto held = stale.shared_from_this();
  stale.end();
  forget_stale();
  for (auto& [id, tab] : tabs_) {
    if (tab.leader != held || tab.frozen) continue;
    if (!led()) return lead(id);
    follow(id);
  }
}

void Device::forget_stale() {
  stale_.erase(std::remove_if(stale_.begin(), stale_.end(),
                              [](const auto& leader) { return !leader->running(); }),
               stale_.end());
}

void Device::intend(TabId id, const QueuedOperation& operation) {
  Tab& tab = tabs_.at(id);
  tab.unkept.push_back(operation);
  if (tab.leader == nullptr || !tab.leader->running()) return;
  bool frozen = tab.leader->frozen();
  Status status = tab.leader->give(Intend{operation});
  if (!status && !frozen) around_.fail("an intent was refused: " + status.error().detail);
}

std::uint32_t Device::open_view(TabId id, OpenView::Kind kind, ChatId chat_id) {
  std::uint32_t view = next_view_++;
  Tab& tab = tabs_.at(id);
  tab.views[view] = View{kind, chat_id, {}};
  if (tab.leader != nullptr) (void)tab.leader->give(OpenView{view, kind, chat_id});
  return view;
}

void Device::close_view(std::uint32_t view) {
  for (auto& [id, tab] : tabs_) {
    if (tab.views.erase(view) == 0) continue;
    if (tab.leader != nullptr) (void)tab.leader->give(CloseView{view});
  }
}

bool Device::show(const Leader& leader, std::uint32_t view, std::string diff) {
  for (auto& [id, tab] : tabs_) {
    auto shown = tab.views.find(view);
    if (shown == tab.views.end()) continue;
    if (tab.leader.get() != &leader) return false;
    bool watched = shown->second.kind == OpenView::Kind::kConversation;
    if (watched)
      shown->second.naive.apply(std::move(diff));
    else
      shown->second.naive.apply_later(std::move(diff));
    return true;
  }
  return false;
}

void Device::forget_unkept(const std::string& temp_id) {
  for (auto& [id, tab] : tabs_) {
    tab.unkept.erase(
        std::remove_if(tab.unkept.begin(), tab.unkept.end(),
                       [&](const QueuedOperation& op) { return temp_id_of(op) == temp_id; }),
        tab.unkept.end());
  }
}

const NaiveView& Device::look_at(std::uint32_t view) {
  auto shows = [&](const auto& tab) { return tab.second.views.count(view) != 0; };
  auto tab = std::find_if(tabs_.begin(), tabs_.end(), shows);
  GODWIT_CHECK(tab != tabs_.end());
  NaiveView& naive = tab->second.views.at(view).naive;
  naive.catch_up();
  return naive;
}

const Device::Tab* Device::tab_of_view(std::uint32_t view) const {
  for (const auto& [id, tab] : tabs_) {
    if (tab.views.count(view) != 0) return &tab;
  }
  return nullptr;
}

const Device::View* Device::view(std::uint32_t view) const {
  const Tab* tab = tab_of_view(view);
  return tab == nullptr ? nullptr : &tab->views.at(view);
}

}  // namespace godwit::sim
