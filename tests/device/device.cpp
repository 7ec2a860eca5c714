#include "tests/device/device.h"

#include "shared/protocol/codec.h"

namespace godwit::testing {

Device::Device(Backend& backend, Disks disks, bool network, OnBatch on_batch)
    : backend_(backend),
      disks_(std::move(disks)),
      on_batch_(std::move(on_batch)),
      network_(network) {
  core_ = std::make_unique<ClientCore>(ClientCore::Config{7});
  auto files = [this](Mount mount) {
    std::vector<StoredFile> list;
    for (const auto& [name, bytes] : disks_[static_cast<std::size_t>(mount)]) {
      list.push_back(StoredFile{name, bytes});
    }
    return list;
  };
  if (!network) (void)give(NetworkChanged{false});
  (void)give(OpenView{1, OpenView::Kind::kApp, {}});
  (void)give(StorageLoaded{Mount::kQueue, files(Mount::kQueue)});
  (void)give(StorageLoaded{Mount::kHot, files(Mount::kHot)});
  GODWIT_CHECK(give(Start{kMe, "me", "Me", "d1", "1", 1}).is_ok() || dead_);
  (void)give(StorageLoaded{Mount::kCache, files(Mount::kCache)});
}

Device::~Device() {
  if (conn_ == 0) return;
  std::vector<sim::Outgoing> out;
  backend_.server.disconnect(conn_, backend_.moment(), out);
}

Status Device::give(const Event& event) {
  if (dead_) return Status(Code::kUnavailable, "dead");
  Effects effects;
  Status status = core_->step(Instant{backend_.now_ms}, Timestamp{backend_.now_ms}, event, effects);
  for (Effect& effect : effects) {
    if (!dead_) carry_out(effect);
  }
  return status;
}

void Device::carry_out(Effect& effect) {
  std::vector<sim::Outgoing> out;
  if (std::holds_alternative<Connect>(effect)) {
    if (!network_) return events_.push_back(SocketClosed{1006, ""});
    conn_ = backend_.next_conn++;
    backend_.server.connect(conn_, kMe, backend_.moment(), out);
    events_.push_back(SocketOpened{});
  } else if (std::holds_alternative<Disconnect>(effect)) {
    if (conn_ != 0) backend_.server.disconnect(conn_, backend_.moment(), out);
    conn_ = 0;
    events_.push_back(SocketClosed{1000, ""});
  } else if (auto* frame = std::get_if<SendFrame>(&effect)) {
    if (conn_ != 0) backend_.server.receive(conn_, frame->text, backend_.moment(), out);
  } else if (auto* request = std::get_if<HttpRequest>(&effect)) {
    sim::HttpAnswer answer{0, {}};
    if (network_) {
      answer = backend_.server.http(kMe, request->method, request->path, request->body,
                                    backend_.moment(), out);
    }
    if (auto page = decode_page(answer.body); page && answer.status == 200) {
      std::size_t at = request->path.find("/chats/") + 7;
      auto chat_id = parse_id<ChatId>(request->path.substr(at, request->path.find('/', at) - at));
      for (const Message& message : page->messages) fetched_.messages[*chat_id].insert(message.seq);
    }
    events_.push_back(HttpAnswered{request->id, answer.status, std::move(answer.body)});
  } else if (auto* persist = std::get_if<Persist>(&effect)) {
    Fate fate = on_batch_ ? on_batch_(*this, persist->batch) : Fate::kWrite;
    dead_ = fate == Fate::kDie;
    if (fate == Fate::kHold || dead_) return;
    if (fate == Fate::kWrite) apply(persist->batch);
    events_.push_back(BatchDone{persist->batch.id, fate == Fate::kWrite, false});
  } else if (auto* diff = std::get_if<ViewDiff>(&effect)) {
    show(*diff);
  } else if (auto* report = std::get_if<Report>(&effect)) {
    reports_.push_back(report->json);
  } else if (auto* kept = std::get_if<Kept>(&effect)) {
    kept_.insert(kept->temp_ids.begin(), kept->temp_ids.end());
  } else if (std::holds_alternative<SessionEnded>(effect)) {
    session_ended_ = true;
  }
  backend_.deliver(out);
}

void Device::apply(const Batch& batch) {
  MountFiles& disk = disks_[static_cast<std::size_t>(batch.mount)];
  for (const StoredFile& file : batch.puts) disk[file.name] = file.bytes;
  for (const std::string& name : batch.deletes) disk.erase(name);
}

void Device::show(const ViewDiff& diff) {
  nlohmann::json json = nlohmann::json::parse(diff.json);
  if (diff.view == 1) {
    if (json.contains("fields")) app_.update(json["fields"]);
    return;
  }
  Shown& shown = shown_[diff.view];
  if (json.value("reset", false)) shown.items.clear();
  if (json.contains("fields") && json["fields"].contains("hasOlder")) {
    shown.has_older = json["fields"]["hasOlder"];
  }
  if (!json.contains("splice")) return;
  auto at = shown.items.begin() + json["splice"][0].get<std::ptrdiff_t>();
  at = shown.items.erase(at, at + json["splice"][1].get<std::ptrdiff_t>());
  shown.items.insert(at, json["splice"][2].begin(), json["splice"][2].end());
}

void Device::count(const SyncResponse& response) {
  if (const auto* part = std::get_if<SyncEvents>(&response.part)) {
    for (const ChatEvent& event : part->events) {
      fetched_.messages[part->chat_id].insert(event.message.seq);
    }
  } else if (const auto* chat = std::get_if<SyncChat>(&response.part)) {
    std::set<Seq>& seqs = fetched_.in_state[chat->state.chat_id];
    if (!chat->page) return;
    for (const Message& message : chat->page->messages) seqs.insert(message.seq);
  } else if (const auto* block = std::get_if<SyncBlock>(&response.part)) {
    for (const Message& message : block->page.messages) {
      fetched_.messages[block->chat_id].insert(message.seq);
    }
  } else if (const auto* user = std::get_if<SyncUser>(&response.part)) {
    fetched_.private_items += user->items.size();
  }
}

void Device::take_inbox() {
  std::vector<std::string> frames = std::move(backend_.inbox[conn_]);
  backend_.inbox[conn_].clear();
  for (std::string& text : frames) {
    if (auto frame = decode_server_frame(text)) {
      if (const auto* response = std::get_if<SyncResponse>(&*frame)) count(*response);
    }
    events_.push_back(FrameReceived{std::move(text)});
  }
}

void Device::settle() {
  for (int turns = 0; turns < 100'000 && !dead_; ++turns) {
    if (events_.empty()) take_inbox();
    if (events_.empty()) return;
    Event event = std::move(events_.front());
    events_.pop_front();
    (void)give(event);
  }
  GODWIT_CHECK(dead_);  // else it never comes to rest
}

void Device::pass(std::int64_t ms) {
  const std::int64_t until = backend_.now_ms + ms;
  for (int turns = 0; turns < 10'000 && !dead_; ++turns) {
    settle();
    auto next = core_->next_deadline();
    if (!next || next->ms > until) break;
    backend_.now_ms = std::max(backend_.now_ms, next->ms);
    (void)give(DeadlineReached{});
  }
  backend_.now_ms = std::max(backend_.now_ms, until);
  settle();
}

void Device::go_online() {
  network_ = true;
  (void)give(NetworkChanged{true});
  pass(2'000);
}

void Device::go_offline() {
  network_ = false;
  std::vector<sim::Outgoing> out;
  if (conn_ != 0) backend_.server.disconnect(conn_, backend_.moment(), out);
  conn_ = 0;
  (void)give(NetworkChanged{false});
  (void)give(SocketClosed{1006, ""});
  settle();
}

std::string Device::intend(QueuedOperation operation) {
  std::string temp_id = temp_id_of(operation);
  GODWIT_CHECK(dead_ || give(Intend{std::move(operation)}).is_ok());
  settle();
  return temp_id;
}

std::string Device::send(ChatId chat_id, const std::string& text) {
  return intend(
      SendMessage{backend_.fresh_id(), chat_id, Content{ContentType::kText, text, {}}, {}, {}});
}

std::uint32_t Device::open(ChatId chat_id) {
  std::uint32_t view = next_view_++;
  shown_[view].chat_id = chat_id;
  (void)give(OpenView{view, OpenView::Kind::kConversation, chat_id});
  settle();
  return view;
}

void Device::load_older(std::uint32_t view) {
  (void)give(LoadOlder{view});
  settle();
}

void Device::read_all(ChatId chat_id) {
  std::uint32_t view = open(chat_id);
  for (int page = 0; page < 100 && shown_.at(view).has_older && !dead_; ++page) load_older(view);
}

const std::vector<nlohmann::json>& Device::items(ChatId chat_id) {
  return shown_.at(open(chat_id)).items;
}

}  // namespace godwit::testing
