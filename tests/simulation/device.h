// One browser of one person: its storage, its tabs, and the leadership that passes between them.
// Each tab keeps what is not known to be kept (its sessionStorage) and shows views by nothing but
// diffs.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/browser_storage.h"
#include "tests/simulation/leader.h"
#include "tests/simulation/naive_view.h"

namespace godwit::sim {

class Device {
 public:
  struct View {
    OpenView::Kind kind = OpenView::Kind::kApp;
    ChatId chat_id;
    NaiveView naive;
  };
  // Views are named by numbers that no two tabs of a device share.
  struct Tab {
    std::shared_ptr<Leader> leader;  // whom it follows; its own core, for the tab that leads
    std::vector<QueuedOperation> unkept;
    std::map<std::uint32_t, View> views;
    bool frozen = false;
  };
  using TabId = std::uint32_t;

  Device(Surroundings& around, std::size_t index, UserId user_id, std::uint64_t seed)
      : around_(around), index_(index), user_id_(user_id), seed_(seed) {}

  // A new tab follows the leader, or leads.
  TabId open_tab();
  // The tab is gone with all it alone knew. When it led, another leads, if there is one.
  void close_tab(TabId tab);
  // The tab's process dies and comes back: its sessionStorage and what it shows outlive it.
  void crash_tab(TabId tab);
  // Everything of the browser that is not on the disk is gone.
  void crash_all();
  // Each tab's leader is the rightful one again, from what is stored.
  void freeze(TabId tab);
  void thaw(TabId tab);
  // Takes the lead from a frozen leader. Requires another tab that is awake.
  void steal(TabId by);
  // A leader that is not the rightful one hears of it: ends, and its tab follows.
  void yield(Leader& stale);

  void intend(TabId tab, const QueuedOperation& operation);
  std::uint32_t open_view(TabId tab, OpenView::Kind kind, ChatId chat_id);
  void close_view(std::uint32_t view);

  // From the leader (leader.cpp). False: nobody has that view open, or not with this leader.
  bool show(const Leader& leader, std::uint32_t view, std::string diff);
  void forget_unkept(const std::string& temp_id);
  void count_step() { ++steps_; }

  std::size_t index() const { return index_; }
  UserId user_id() const { return user_id_; }
  BrowserStorage& storage() { return storage_; }
  const BrowserStorage& storage() const { return storage_; }
  std::map<TabId, Tab>& tabs() { return tabs_; }
  const std::map<TabId, Tab>& tabs() const { return tabs_; }
  const Tab* tab_of_view(std::uint32_t view) const;
  const View* view(std::uint32_t view) const;
  // What a view shows now. Requires that it is open.
  const NaiveView& look_at(std::uint32_t view);
  // The rightful leader; it may be frozen.
  bool led() const { return leader_ != nullptr && leader_->running(); }
  Leader& leader() { return *leader_; }
  const Leader& leader() const { return *leader_; }
  TabId leading_tab() const { return leading_tab_; }
  // Those that led before and have not ended yet.
  const std::vector<std::shared_ptr<Leader>>& stale() const { return stale_; }
  std::uint64_t steps() const { return steps_; }

 private:
  void lead(TabId tab);
  void lead_by_anybody();
  void follow(TabId tab);
  void forget_stale();

  Surroundings& around_;
  std::size_t index_;
  UserId user_id_;
  std::uint64_t seed_;
  BrowserStorage storage_;
  std::map<TabId, Tab> tabs_;
  TabId next_tab_ = 1;
  std::shared_ptr<Leader> leader_;
  TabId leading_tab_ = 0;
  std::vector<std::shared_ptr<Leader>> stale_;
  std::uint64_t next_life_ = 1;
  std::uint32_t next_view_ = 1;
  std::uint64_t steps_ = 0;
};

}  // namespace godwit::sim
