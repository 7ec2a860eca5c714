// What a session finds in storage at its start, and what is done where that is damaged.
#include "shared/base/limits.h"
#include "shared/journal/record.h"
#include "tests/device/scripted_session.h"

namespace godwit::testing {
namespace {

constexpr std::size_t kQueue = 0;
constexpr std::size_t kHot = 1;
constexpr std::size_t kCache = 2;

// A mount with as many segments as the cache may have, each of one record that is void, the last
// full.
MountFiles full_cache() {
  MountFiles files;
  std::string names = "GW1\n";
  for (std::size_t number = 1; number <= limits::kCacheFilesMax; ++number) {
    std::string name = "s" + std::to_string(number);
    bool last = number == limits::kCacheFilesMax;
    append_record(files[name], 1, number,
                  "K0 1\n" + std::string(last ? limits::kSegmentBytesMax : 2, ' '));
    names += name + "\n";
  }
  names += "#1 " + std::to_string(limits::kCacheFilesMax + 1) + "\n";
  append_record(files["manifest"], 1, 0, names);
  return files;
}

std::string last_segment(const MountFiles& files) {
  std::string last;
  std::uint64_t highest = 0;
  for (const auto& [name, bytes] : files) {
    std::uint64_t number = name[0] == 's' ? std::stoull(name.substr(1)) : 0;
    if (number < highest || number == 0) continue;
    highest = number;
    last = name;
  }
  return last;
}

// A record of this kind in the mount comes to hold another byte.
void spoil(MountFiles& files, char kind) {
  for (auto& [name, bytes] : files) {
    if (name == "manifest") continue;
    for (const Record& record : scan_segment(bytes).records) {
      if (record.payload.front() != kind || record.payload.size() < 40) continue;
      auto at = static_cast<std::size_t>(record.payload.data() - bytes.data());
      bytes[at + 30] = static_cast<char>(bytes[at + 30] ^ 0x20);
      return;
    }
  }
  GODWIT_CHECK(false);
}

void put(std::string& bytes, const std::string& before, std::ptrdiff_t offset, char byte) {
  std::size_t at = bytes.find(before);
  GODWIT_CHECK(at != std::string::npos);
  bytes[at + static_cast<std::size_t>(offset)] = byte;
}

void damage_all(Disks& disks) {
  put(disks[kQueue]["s1"], "second words", 0, '!');  // the operation can still be read
  put(disks[kQueue]["s1"], "third words", -2, '!');  // and here its text alone
  spoil(disks[kHot], 'E');
  disks[kHot].erase(last_segment(disks[kHot]));
  spoil(disks[kCache], 'K');
  disks[kCache].erase(last_segment(disks[kCache]));
  for (MountFiles& files : disks) files["notes.txt"] = "not a journal's";
}

void misplace_all(Disks& disks) {
  for (MountFiles& files : disks) {
    std::string last = last_segment(files);
    files["manifest"] = files[last];
    files.erase(last);
  }
}

}  // namespace

// Of a device that has been in use: both chats and their history in all mounts, and three
// operations that were written without a network.
Disks ScriptedSession::used_disks() {
  const std::string big(4'000, 'y');
  for (int i = 0; i < 120; ++i) backend_.say(kYou, chat_, "before " + std::to_string(i) + big);
  Device device(backend_, Disks{});
  device.pass(1'000);
  for (int i = 0; i < 30; ++i) {
    backend_.say(kYou, chat_, "then " + std::to_string(i) + big);
    device.settle();
  }
  for (ChatId chat_id : {chat_, second_}) device.read_all(chat_id);
  device.pass(2'000);
  device.go_offline();
  for (const char* words : {"first", "second", "third"}) {
    Content content{ContentType::kText, std::string(words) + " words", {}};
    device.intend(SendMessage{std::string("u-") + words, chat_, content, {}, {}});
  }
  device.pass(1'000);
  for (const OutboxEntry* entry : device.state().outbox.all())
    unsent_[entry->order] = entry->temp_id();
  return device.disks();
}

Disks ScriptedSession::first_disks() {
  Disks disks;
  if (life_ == Life::kFullCache) {
    Device device(backend_, Disks{});
    device.pass(1'000);
    disks = device.disks();
    disks[kCache] = full_cache();
  }
  if (life_ == Life::kDamaged || life_ == Life::kManifestsGone) disks = used_disks();
  if (life_ == Life::kDamaged) damage_all(disks);
  if (life_ == Life::kManifestsGone) misplace_all(disks);
  return disks;
}

// Whatever waited is stored at the server, or shown to the person until the person has settled it.
void ScriptedSession::check_unsent(const Device& cold) {
  for (const auto& [order, temp_id] : unsent_) {
    bool there = backend_.server.applied(kMe, temp_id);
    for (const OutboxEntry* entry : cold.state().outbox.all()) there |= entry->order == order;
    if (!there) broken_ += "dropped entry " + std::to_string(order) + "; ";
  }
}

// The person has another go at what is whole, discards the rest, and goes on.
void ScriptedSession::add_recovery(std::vector<Step>& steps) {
  steps.push_back({[this] { backend_.say(kYou, chat_, "meanwhile"); }, nullptr});
  steps.push_back({nullptr, [this] {
                     std::vector<std::string> rests;
                     for (const OutboxEntry* entry : device_->state().outbox.all()) {
                       if (entry->harm != Harm::kPartial) continue;
                       rests.push_back(entry->temp_id());
                       unsent_.erase(entry->order);
                     }
                     for (const std::string& id : rests) (void)device_->give(Discard{id});
                   }});
  steps.push_back({nullptr, [this] {
                     unsent_.clear();
                     (void)device_->give(Retry{"u-second"});
                   }});
  steps.push_back({nullptr, [this] { say("m9", "after all"); }});
  steps.push_back({nullptr, [this] { device_->read_all(second_); }});
}

}  // namespace godwit::testing
