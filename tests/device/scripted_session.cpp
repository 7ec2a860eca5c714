#include "tests/device/scripted_session.h"

#include "shared/protocol/codec.h"

namespace godwit::testing {
namespace {

Content text_of(const std::string& text) { return Content{ContentType::kText, text, {}}; }

// By what a person sees of it: ids and times are another run's.
std::string plain(const Message& message) {
  std::string line = std::to_string(message.seq.value) + "/" + std::to_string(message.rev.value);
  line += " of " + message.sender_id.str();
  if (message.content) line += " " + message.content->text.substr(0, 40);
  if (message.deleted) line += " deleted";
  for (const Reaction& reaction : message.reactions) {
    line += " " + reaction.emoji + std::to_string(reaction.users.size());
  }
  return line + "\n";
}

}  // namespace

Device::Fate ScriptedSession::fate_of(Device& device, const Batch& batch) {
  if (held_) return Device::Fate::kHold;
  std::set<std::string> causes =
      causes_of(batch, device.disks()[static_cast<std::size_t>(batch.mount)]);
  causes_.insert(causes.begin(), causes.end());
  if (++batches_ == nth_ && death_ != Death::kNone) {
    ++deaths_;
    held_ = death_ == Death::kMiddle;
    if (death_ == Death::kAfter) device.apply(batch);
    return held_ ? Device::Fate::kHold : Device::Fate::kDie;
  }
  bool archives = causes.count("c L") != 0;
  if (archives) change_old(device);
  bool fails = life_ == Life::kArchiveFails && !failed_ && archives;
  failed_ = failed_ || fails;
  return fails ? Device::Fate::kFail : Device::Fate::kWrite;
}

// Somebody changes what is just on its way from the hot mount to the cache.
void ScriptedSession::change_old(Device& device) {
  if (changed_old_) return;
  changed_old_ = true;
  backend_.act(kYou, React{"r3", chat_, id_of("m1"), "z", true});
  device.hear();
}

void ScriptedSession::boot() {
  Disks disks = device_ ? device_->disks() : disks_;
  device_.reset();
  device_ = std::make_unique<Device>(
      backend_, std::move(disks), true,
      [this](Device& device, const Batch& batch) { return fate_of(device, batch); });
  device_->pass(3'000);
}

// What the disk says must be true, however the device died.
void ScriptedSession::check_disk() {
  Device cold(backend_, device_->disks(), false);
  for (const auto& [chat_id, ours] : cold.state().chats) {
    auto theirs = backend_.server.chats().find(chat_id);
    if (!ours.known() || theirs == backend_.server.chats().end()) continue;
    for (const auto& [seq, message] : theirs->second.messages) {
      const Segment* segment = ours.timeline().segments().find(seq);
      bool claimed = segment != nullptr && segment->checked && seq <= ours.held();
      if (claimed && ours.timeline().at(seq) == nullptr) {
        broken_ += "a position outlived event " + std::to_string(seq.value) + "; ";
      }
    }
  }
  bool damaged = life_ == Life::kDamaged || life_ == Life::kManifestsGone;
  damaged ? check_unsent(cold) : check_reports(cold);
}

void ScriptedSession::check_reports(const Device& cold) {
  for (const std::string& report : cold.reports()) {
    bool clean =
        report.find("\"damaged\":0,\"missingFiles\":0,\"unnamedFiles\":0") != std::string::npos;
    if (report.find("\"loaded\"") != std::string::npos && !clean) broken_ += report;
  }
  for (const OutboxEntry* entry : cold.state().outbox.all()) {
    if (entry->harm != Harm::kNone) broken_ += "harmed " + entry->temp_id() + "; ";
  }
}

void ScriptedSession::reopen() {
  kept_.insert(device_->kept().begin(), device_->kept().end());
  check_disk();
  held_ = false;
  boot();
  for (const QueuedOperation& operation : said_) {
    if (kept_.count(temp_id_of(operation)) == 0) device_->intend(operation);
  }
}

void ScriptedSession::take(const Step& step) {
  auto died = [this] { return device_->dead() || held_; };
  if (step.world) step.world();
  device_->pass(2'000);
  if (died()) reopen();
  if (!step.person) return;
  step.person();
  device_->pass(2'000);
  if (!died()) return;
  reopen();
  step.person();
  device_->pass(2'000);
}

void ScriptedSession::intend(QueuedOperation operation) {
  bool again = false;
  for (const QueuedOperation& said : said_) again |= temp_id_of(said) == temp_id_of(operation);
  if (again) return;  // the tab has it and repeats it itself
  said_.push_back(operation);
  device_->intend(std::move(operation));
}

void ScriptedSession::say(const std::string& temp_id, const std::string& text) {
  intend(SendMessage{temp_id, chat_, text_of(text), {}, {}});
}

MessageId ScriptedSession::id_of(const std::string& temp_id) const {
  for (const auto& [seq, message] : backend_.server.chats().at(chat_).messages) {
    if (message.temp_id == temp_id) return message.message_id;
  }
  return MessageId{};
}

void ScriptedSession::add_talk(std::vector<Step>& steps) {
  steps.push_back({nullptr, [this] { say("m1", "one"); }});
  steps.push_back({[this] { backend_.say(kYou, chat_, "hello"); },
                   [this] {
                     (void)device_->give(IntendRead{chat_, Seq{4}});
                   }});
  steps.push_back({nullptr, [this] {
                     intend(SetPrivate{"d1", "draft", chat_, {}, "\"half\""});
                     say("m2", "two");
                   }});
  steps.push_back({nullptr, [this] {
                     device_->go_offline();
                     say("m3", "three");
                     say("m4", "four");
                   }});
  steps.push_back({[this] { device_->go_online(); }, nullptr});
}

void ScriptedSession::add_changes(std::vector<Step>& steps) {
  steps.push_back({nullptr, [this] {
                     intend(EditMessage{"e1", chat_, id_of("m1"), text_of("one, edited")});
                     intend(React{"r1", chat_, id_of("m2"), "x", true});
                     intend(SetPrivate{"s1", "star", chat_, id_of("m2"), "true"});
                   }});
  steps.push_back({nullptr, [this] { intend(DeleteMessage{"x1", chat_, id_of("m4")}); }});
  // Refused for good, retried, refused again, discarded.
  steps.push_back({nullptr, [this] {
                     intend(EditMessage{"e2", chat_, id_of("m4"), text_of("too late")});
                   }});
  steps.push_back({nullptr, [this] { (void)device_->give(Retry{"e2"}); }});
  steps.push_back({nullptr, [this] { (void)device_->give(Discard{"e2"}); }});
}

void ScriptedSession::add_history(std::vector<Step>& steps) {
  steps.push_back({nullptr, [this] {
                     std::uint32_t view = device_->open(second_);
                     device_->load_older(view);
                   }});
}

void ScriptedSession::add_burst(std::vector<Step>& steps) {
  const std::string big(15'500, 'x');
  steps.push_back({[this, big] {
                     backend_.act(kYou, React{"r2", chat_, id_of("m1"), "y", true});
                     for (int i = 0; i < 60; ++i)
                       backend_.say(kYou, chat_, "and " + std::to_string(i));
                     for (int i = 0; i < 36; ++i)
                       backend_.say(kYou, chat_, std::to_string(i) + big);
                   },
                   nullptr});
  // Where the compaction never began, the same at last.
  steps.push_back({[this] { change_old(*device_); }, nullptr});
}

void ScriptedSession::add_queue(std::vector<Step>& steps) {
  const std::string big(15'500, 'x');
  for (int i = 0; i < 20; i += 4) {
    steps.push_back({nullptr, [this, i, big] {
                       for (int one = i; one < i + 4; ++one) {
                         std::string id = "big" + std::to_string(one);
                         say(id, id + big);
                       }
                     }});
  }
}

void ScriptedSession::add_endings(std::vector<Step>& steps) {
  // Put out of a chat; a new life of the database.
  steps.push_back({[this] { backend_.act(kYou, RemoveMember{"p1", second_, kMe}); }, nullptr});
  steps.push_back({[this] {
                     device_->go_offline();
                     backend_.server.backup();
                     backend_.server.restore_backup("e2", backend_.moment());
                     device_->go_online();
                   },
                   nullptr});
  steps.push_back({nullptr, [this] { say("m9", "after all"); }});
}

std::vector<ScriptedSession::Step> ScriptedSession::steps() {
  std::vector<Step> steps;
  if (life_ == Life::kArchiveFails || life_ == Life::kFullCache) {
    steps.push_back({nullptr, [this] { say("m1", "one"); }});
    life_ == Life::kFullCache ? add_history(steps) : add_burst(steps);
    return steps;
  }
  if (life_ != Life::kOrdinary) {
    add_recovery(steps);
    return steps;
  }
  add_talk(steps);
  add_changes(steps);
  add_history(steps);
  add_burst(steps);
  add_queue(steps);
  add_endings(steps);
  return steps;
}

void ScriptedSession::make_chats() {
  chat_ = backend_.make_group("Talk");
  backend_.act(kYou, CreateChat{"c2", ChatType::kGroup, "Second", {kMe}});
  for (const auto& [chat_id, chat] : backend_.server.chats()) {
    if (chat_id != chat_) second_ = chat_id;
  }
  for (int i = 0; i < 120; ++i) backend_.say(kYou, second_, "old " + std::to_string(i));
}

void ScriptedSession::run() {
  make_chats();
  disks_ = first_disks();
  boot();
  if (device_->dead() || held_) reopen();
  for (const Step& step : steps()) take(step);
  device_->go_online();
  device_->pass(60'000);
}

std::string ScriptedSession::outcome() {
  for (const auto& [chat_id, chat] : backend_.server.chats()) {
    if (device_->state().find_chat(chat_id) != nullptr) device_->read_all(chat_id);
  }
  std::string text;
  for (const auto& [chat_id, chat] : device_->state().chats) {
    text += chat.info().name + " held " + std::to_string(chat.held().value) + " unread " +
            std::to_string(chat.unread(hidden_messages(device_->state().private_items, chat_id))) +
            "\n";
    for (const auto& [seq, message] : chat.timeline().messages()) text += plain(message);
  }
  for (const auto& [name, item] : device_->state().private_items.all()) {
    text += item.key + " = " + item.value + "\n";
  }
  for (const OutboxEntry* entry : device_->state().outbox.all())
    text += entry->temp_id() + " waits\n";
  std::map<std::string, int> stored;
  for (const auto& [seq, message] : backend_.server.chats().at(chat_).messages) {
    if (message.sender_id == kMe && !message.temp_id.empty()) ++stored[message.temp_id];
  }
  for (const auto& [temp_id, times] : stored) {
    text += temp_id + " stored " + std::to_string(times) + "\n";
  }
  return text;
}

}  // namespace godwit::testing
