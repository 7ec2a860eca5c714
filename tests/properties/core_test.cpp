// The whole client core, over random interleavings of what it hears: echoes, acks, pages, changes,
// receipts, private items, batches that end or fail, and its own death. Cores that have heard the
// same are the same.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <map>

#include "shared/client/client_core.h"
#include "shared/protocol/codec.h"
#include "tests/properties/disks.h"
#include "tests/properties/history.h"
#include "tests/properties/holds.h"

namespace godwit::properties {
namespace {

using Numbers = std::vector<std::uint16_t>;

// A device: a core over a disk of atomic batches.
class Device {
 public:
  Device() { start(); }

  void hear(const ServerFrame& frame) { give(FrameReceived{encode(frame)}); }
  void intend(QueuedOperation operation) { give(Intend{std::move(operation)}); }

  // Every batch under way ends.
  void settle(bool written) {
    std::vector<Batch> due = std::move(batches_);
    batches_.clear();
    for (const Batch& batch : due) {
      if (written) disks_.write(batch);
      give(BatchDone{batch.id, written, false});
    }
  }
  void settle_all() {
    for (int i = 0; i < 20 && !batches_.empty(); ++i) settle(true);
  }
  // The process dies with nothing under way on the disk, and a new one opens it.
  void die() {
    settle_all();
    batches_.clear();
    core_.reset();
    start();
  }

  std::string shown() const {
    std::string text;
    const ClientState& state = core_->state();
    for (const auto& [chat_id, chat] : state.chats) {
      text += chat_id.str() + " held " + std::to_string(chat.held().value) + "\n";
      for (const auto& [seq, message] : chat.timeline().messages()) {
        text += encode_message(message) + "\n";
      }
      text += encode(ServerFrame(ReceiptsFrame{chat_id, chat.watermarks().all()})) + "\n";
    }
    for (const auto& [name, item] : state.private_items.all())
      text += encode_private_item(item) + "\n";
    for (const OutboxEntry* entry : state.outbox.all()) {
      if (!entry->settled) text += "waiting " + entry->temp_id() + "\n";
    }
    return text;
  }

 private:
  void start() {
    core_ = std::make_unique<ClientCore>(ClientCore::Config{1});
    give(StorageLoaded{Mount::kQueue, disks_.files(Mount::kQueue)});
    give(StorageLoaded{Mount::kHot, disks_.files(Mount::kHot)});
    give(Start{kSelf, "me", "Me", "d1", "1", 1});
    give(StorageLoaded{Mount::kCache, disks_.files(Mount::kCache)});
    give(SocketOpened{});
    hear(Welcome{kSelf, SessionId{1}, "e1", Timestamp{1}, 25'000, {}, 1, "1"});
  }
  void give(const Event& event) {
    Effects effects;
    now_ms_ += 1;
    (void)core_->step(Instant{now_ms_}, Timestamp{now_ms_}, event, effects);
    for (Effect& effect : effects) {
      if (auto* persist = std::get_if<Persist>(&effect)) batches_.push_back(persist->batch);
    }
  }

  std::unique_ptr<ClientCore> core_;
  Disks disks_;
  std::vector<Batch> batches_;
  std::int64_t now_ms_ = 1'000;
};

// What a server would say of a history: each event, and to one's own the ack; receipts; items.
std::vector<ServerFrame> frames_of(const History& history, bool with_items) {
  std::vector<ServerFrame> frames;
  for (std::uint64_t seq = 1; seq <= history.head().value; ++seq) {
    const ChatEvent event = history.event(Seq{seq}, Seq{seq});
    frames.emplace_back(event);
    const bool own = event.actor_id == kSelf && event.kind == EventKind::kMessage;
    if (own) {
      frames.emplace_back(MessageAck{event.temp_id, event.message.message_id, kChat, event.seq,
                                     event.message.rev, event.timestamp, false});
    }
  }
  frames.emplace_back(ReceiptsFrame{kChat, history.now().receipts});
  for (std::uint64_t i = 1; with_items && i <= 5; ++i) {
    PrivateItem item{UserSeq{i}, "setting.k" + std::to_string(i % 2), {}, {}, std::to_string(i)};
    frames.emplace_back(UserFrame{item, ""});
  }
  return frames;
}

// One's own messages of the history, as they were before they were sent.
void intend_own(Device& device, const History& history) {
  for (std::uint64_t seq = 1; seq <= history.head().value; ++seq) {
    const ChatEvent event = history.event(Seq{seq}, Seq{seq});
    if (event.actor_id != kSelf || event.kind != EventKind::kMessage) continue;
    device.intend(SendMessage{event.temp_id, kChat, *event.message.content, {}, {}});
  }
}

std::string after_in_order(const History& history) {
  Device device;
  intend_own(device, history);
  for (const ServerFrame& frame : frames_of(history, true)) device.hear(frame);
  device.settle_all();
  return device.shown();
}

}  // namespace

TEST_CASE(
    "[MG3][DD7][OB4] frames in any order, repeated, leave a core as it would be had they come in "
    "order") {
  REQUIRE(holds(120, [](const Numbers& steps, const Numbers& keys) {
    History history(steps);
    std::vector<ServerFrame> frames = frames_of(history, true);
    std::vector<std::pair<std::uint32_t, std::size_t>> order;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const std::uint32_t key = keys.empty() ? 0 : keys[i % keys.size()];
      order.emplace_back(key, i);
      if (key % 4 == 1) order.emplace_back(key / 2, i);  // and once more, at another time
    }
    std::sort(order.begin(), order.end());
    Device device;
    device.hear(frames.front());  // what is told of a chat that is not known yet is dropped
    intend_own(device, history);
    for (const auto& [key, i] : order) {
      device.hear(frames[i]);
      if (key % 7 == 0) device.settle(key % 2 == 0);
    }
    device.settle_all();
    RC_ASSERT(device.shown() == after_in_order(history));
  }));
}

TEST_CASE(
    "[ST2][OB8] a core that dies between any two frames comes back as it was, and ends the same") {
  REQUIRE(holds(80, [](const Numbers& steps, const Numbers& deaths) {
    History history(steps);
    std::vector<ServerFrame> frames = frames_of(history, true);
    Device device;
    intend_own(device, history);
    for (std::size_t i = 0; i < frames.size(); ++i) {
      device.hear(frames[i]);
      const bool dies = !deaths.empty() && deaths[i % deaths.size()] % 5 == 0;
      if (!dies) continue;
      device.settle_all();
      const std::string before = device.shown();
      device.die();
      RC_ASSERT(device.shown() == before);
    }
    device.settle_all();
    RC_ASSERT(device.shown() == after_in_order(history));
  }));
}

}  // namespace godwit::properties
