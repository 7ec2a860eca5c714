// One device of one person: a core, its disk, its tab (which keeps unsaved operations and shows
// views), and the carrying out of the core's effects. What lies outside of it is Surroundings.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "shared/client/client_core.h"
#include "tests/simulation/memory_store.h"
#include "tests/simulation/naive_view.h"

namespace godwit::sim {

class Device;

class Surroundings {
 public:
  virtual ~Surroundings() = default;
  virtual Instant now() const = 0;
  virtual Timestamp wall() const = 0;
  virtual void connect(Device& device) = 0;
  virtual void disconnect(Device& device) = 0;
  virtual void send(Device& device, std::string text) = 0;
  virtual void request(Device& device, const HttpRequest& request) = 0;
  virtual void persist(Device& device, const Batch& batch) = 0;
  virtual void wake(Device& device, Instant at) = 0;
  virtual void kept(Device& device, const std::string& temp_id) = 0;
  // A view was changed: look at it.
  virtual void shown(Device& device, std::uint32_t view) = 0;
  virtual void reported(Device& device, const std::string& json) = 0;
  [[noreturn]] virtual void fail(const std::string& what) = 0;
};

class Device {
 public:
  Device(Surroundings& around, std::size_t index, UserId user_id, std::uint64_t seed)
      : around_(around), index_(index), user_id_(user_id), seed_(seed) {}

  // Starts the core from what the disk holds; a tab that lived on repeats what was not kept.
  void boot();
  // The core is gone. Without its tab also what only the tab remembered.
  template <typename Toss>
  void crash(bool tab_survives, Toss toss) {
    core_.reset();
    disk_.crash(toss);
    if (!tab_survives) forget_tab();
    ++life_;
  }
  bool running() const { return core_ != nullptr; }

  // Hands one event to the core and carries out what it answers.
  Status give(const Event& event);
  void intend(const QueuedOperation& operation);
  std::uint32_t open_view(OpenView::Kind kind, ChatId chat_id);
  void close_view(std::uint32_t view);
  void deadline(Instant planned);

  std::size_t index() const { return index_; }
  UserId user_id() const { return user_id_; }
  // Rises with each crash: what was on its way to an earlier life is void.
  std::uint64_t life() const { return life_; }
  const ClientCore& core() const { return *core_; }
  MemoryStore& disk() { return disk_; }
  struct View {
    OpenView::Kind kind = OpenView::Kind::kApp;
    ChatId chat_id;
    NaiveView naive;
  };
  const std::map<std::uint32_t, View>& views() const { return views_; }
  const std::vector<QueuedOperation>& unkept() const { return unkept_; }
  std::uint64_t steps() const { return steps_; }
  std::uint64_t view_bytes() const { return view_bytes_; }

 private:
  void carry_out(Effect& effect);
  void forget_tab() {
    unkept_.clear();
    views_.clear();
  }

  Surroundings& around_;
  std::size_t index_;
  UserId user_id_;
  std::uint64_t seed_;
  std::uint64_t life_ = 1;
  MemoryStore disk_;
  std::unique_ptr<ClientCore> core_;
  std::vector<QueuedOperation> unkept_;  // the tab's sessionStorage
  std::map<std::uint32_t, View> views_;
  std::uint32_t next_view_ = 1;
  std::optional<Instant> planned_;
  Instant last_deadline_;
  int deadlines_at_once_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t view_bytes_ = 0;
};

}  // namespace godwit::sim
