// A client core on a bench: the test is its host. It gives events, moves the clock, and decides
// when and whether the batches of the core's disk end; what the core sends, asks for and shows is
// kept for looking at. One person, one group of two, whose log begins at seq 3 for the tests.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "shared/client/client_core.h"
#include "shared/protocol/codec.h"

namespace godwit::testing {

inline const ChatId kChat{50};
inline const UserId kSelf{7};
inline const UserId kOther{8};

// A view as a tab holds it: diffs applied to what was shown before.
struct ShownView {
  nlohmann::json fields = nlohmann::json::object();
  std::vector<nlohmann::json> items;

  void apply(const nlohmann::json& diff) {
    if (diff.value("reset", false)) *this = ShownView{};
    if (diff.contains("fields")) fields.merge_patch(diff["fields"]);
    for (const auto& move : diff.value("moves", nlohmann::json::array())) apply_move(move);
    if (!diff.contains("splice")) return;
    auto at = items.begin() + diff["splice"][0].get<std::ptrdiff_t>();
    at = items.erase(at, at + diff["splice"][1].get<std::ptrdiff_t>());
    items.insert(at, diff["splice"][2].begin(), diff["splice"][2].end());
  }
  void apply_move(const nlohmann::json& move) {
    nlohmann::json item = nlohmann::json::object();
    if (auto from = move[0].get<std::ptrdiff_t>(); from >= 0) {
      item = std::move(items.at(static_cast<std::size_t>(from)));
      items.erase(items.begin() + from);
    }
    auto to = move[1].get<std::ptrdiff_t>();
    if (to < 0) return;
    REQUIRE(to <= static_cast<std::ptrdiff_t>(items.size()));
    item.merge_patch(move[2]);
    items.insert(items.begin() + to, std::move(item));
  }
  // "localId:status", in order.
  std::string statuses() const {
    std::string text;
    for (const auto& item : items) {
      text += item["localId"].get<std::string>() + ":" + item["status"].get<std::string>() + " ";
    }
    return text;
  }
  bool operator==(const ShownView& other) const {
    return fields == other.fields && items == other.items;
  }
};

struct Bench {
  ClientCore core{ClientCore::Config{1}};
  std::map<std::string, std::string> disks[kMounts];
  std::vector<Batch> batches;
  std::vector<std::string> frames;
  std::vector<HttpRequest> requests;
  std::vector<std::string> kept;
  std::map<std::uint32_t, ShownView> views;
  int disconnects = 0;
  std::int64_t now_ms = 1'000;

  Status give(const Event& event) {
    Effects effects;
    Status status = core.step(Instant{now_ms}, Timestamp{now_ms}, event, effects);
    for (Effect& effect : effects) take(effect);
    return status;
  }
  void take(Effect& effect) {
    if (auto* persist = std::get_if<Persist>(&effect)) batches.push_back(persist->batch);
    if (auto* frame = std::get_if<SendFrame>(&effect)) frames.push_back(frame->text);
    if (auto* request = std::get_if<HttpRequest>(&effect)) requests.push_back(*request);
    if (std::holds_alternative<Disconnect>(effect)) ++disconnects;
    if (auto* diff = std::get_if<ViewDiff>(&effect)) {
      views[diff->view].apply(nlohmann::json::parse(diff->json));
    }
    if (auto* ids = std::get_if<Kept>(&effect)) {
      kept.insert(kept.end(), ids->temp_ids.begin(), ids->temp_ids.end());
    }
  }
  std::vector<StoredFile> files(Mount mount) {
    std::vector<StoredFile> list;
    for (const auto& [name, bytes] : disks[static_cast<int>(mount)]) list.push_back({name, bytes});
    return list;
  }
  void start(bool with_storage = true) {
    for (Mount mount : {Mount::kQueue, Mount::kHot}) {
      if (with_storage) (void)give(StorageLoaded{mount, files(mount)});
    }
    if (!with_storage) (void)give(StorageUnavailable{"missing"});
    REQUIRE(give(Start{kSelf, "me", "Me", "d1", "1", 1}));
    if (with_storage) (void)give(StorageLoaded{Mount::kCache, files(Mount::kCache)});
  }
  // Ends the batches under way, each as `fate` says of its mount.
  void finish_by(const std::function<bool(Mount)>& fate) {
    std::vector<Batch> due = std::move(batches);
    batches.clear();
    for (const Batch& batch : due) {
      bool ok = fate(batch.mount);
      auto& disk = disks[static_cast<int>(batch.mount)];
      for (const StoredFile& file : batch.puts) {
        if (ok) disk[file.name] = file.bytes;
      }
      for (const std::string& name : batch.deletes) {
        if (ok) disk.erase(name);
      }
      (void)give(BatchDone{batch.id, ok, false});
    }
  }
  void finish(bool ok) {
    finish_by([ok](Mount) { return ok; });
  }
  void finish_all() {
    for (int i = 0; i < 10 && !batches.empty(); ++i) finish(true);
  }
  // Starts from what is on the other's disk, as after a kill of it.
  void start_from(const Bench& killed) {
    for (std::size_t i = 0; i < kMounts; ++i) disks[i] = killed.disks[i];
    start();
  }
  void receive(const ServerFrame& frame) { (void)give(FrameReceived{encode(frame)}); }
  void open_socket(const std::string& epoch = "e1") {
    (void)give(SocketOpened{});
    Welcome welcome;
    welcome.user_id = kSelf;
    welcome.session_id = SessionId{1};
    welcome.epoch = epoch;
    welcome.core_version = "1";
    receive(welcome);
  }
  void connect(const std::string& epoch = "e1") {
    open_socket(epoch);
    SyncChat part{state_at(2), false, std::nullopt};
    receive(SyncResponse{"s1", part, true});
  }
  static ChatState state_at(std::uint64_t head) {
    ChatState state;
    state.chat_id = kChat;
    state.info = ChatInfo{ChatType::kGroup, "Group", {}, Seq{1}};
    state.members.push_back(Member{kSelf, Role::kMember, Seq{1}, Seq{1}, "me", "Me"});
    state.members.push_back(Member{kOther, Role::kMember, Seq{1}, Seq{1}, "you", "You"});
    state.head = Seq{head};
    return state;
  }
  Status say(const std::string& id) { return say(id, id); }
  Status say(const std::string& id, const std::string& text) {
    return give(Intend{SendMessage{id, kChat, Content{ContentType::kText, text, {}}, {}, {}}});
  }
  std::size_t sent(const std::string& needle) const {
    return static_cast<std::size_t>(std::count_if(
        frames.begin(), frames.end(),
        [&](const std::string& frame) { return frame.find(needle) != std::string::npos; }));
  }
  MessageStatus status(const std::string& id) { return core.status_of(id).value(); }
  const ShownView& conversation(std::uint32_t view = 1) {
    if (views.count(view) == 0) {
      (void)give(OpenView{view, OpenView::Kind::kConversation, kChat});
    }
    return views[view];
  }
  const ChatReplica& chat() const { return *core.state().find_chat(kChat); }
};

// The event of a message as its sender hears it.
inline ChatEvent echo_of(const std::string& id, std::uint64_t seq) {
  ChatEvent event;
  event.chat_id = kChat;
  event.seq = Seq{seq};
  event.actor_id = kSelf;
  event.temp_id = id;
  Message& message = event.message;
  message.message_id = MessageId{seq + 100};
  message.chat_id = kChat;
  message.seq = message.rev = Seq{seq};
  message.sender_id = kSelf;
  message.temp_id = id;
  message.content = Content{ContentType::kText, id, {}};
  return event;
}

// A message of the other one.
inline ChatEvent event_at(std::uint64_t seq, const std::string& text) {
  ChatEvent event = echo_of({}, seq);
  event.actor_id = event.message.sender_id = kOther;
  event.message.content->text = text;
  return event;
}

inline MessageAck ack_of(const std::string& id, std::uint64_t seq) {
  return MessageAck{id, MessageId{seq + 100}, kChat, Seq{seq}, Seq{seq}, Timestamp{0}, false};
}

}  // namespace godwit::testing
