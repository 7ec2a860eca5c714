// Healing: whatever is done to stored files, what the device knows comes to be what it was, only
// what was lost is fetched again, and nothing that waited to be sent is lost without a word.
#include <catch2/catch.hpp>

#include "shared/base/limits.h"
#include "shared/client/records.h"
#include "shared/journal/record.h"
#include "shared/protocol/codec.h"
#include "tests/device/causes.h"
#include "tests/device/device.h"

using namespace godwit;
using namespace godwit::testing;

namespace {

constexpr std::size_t kQueue = 0;
constexpr std::size_t kHot = 1;
constexpr std::size_t kCache = 2;

const LivedIn& store() {
  static const LivedIn made = lived_in();
  return made;
}

// Online without anything to send: what is fetched is fetched for healing.
Disks sent_out() {
  Disks disks = store().disks;
  disks[kQueue].clear();
  return disks;
}

std::string read_everything(Device& device) {
  for (ChatId chat_id : store().chats) device.read_all(chat_id);
  return known_text(device.state());
}

const std::string& twin_text() {
  static const std::string text = [] {
    Backend backend = *store().backend;
    return read_everything(*revived(backend, sent_out()));
  }();
  return text;
}

// One stored record and where it lies.
struct Place {
  std::string file;
  std::size_t at = 0;
  std::size_t size = 0;
  std::string payload;
};

std::vector<Place> places_in(const MountFiles& files) {
  std::vector<Place> places;
  for (const auto& [name, bytes] : files) {
    if (name == "manifest") continue;
    std::size_t at = 0;
    for (const Record& record : scan_segment(bytes).records) {
      std::size_t size = kRecordHeaderBytes + record.payload.size();
      places.push_back(Place{name, at, size, std::string(record.payload)});
      at += size;
    }
  }
  return places;
}

// What the loss of a record may cost: the messages of its blocks, and the chat's state.
struct Cost {
  std::map<ChatId, std::set<std::uint64_t>> blocks;
  std::set<ChatId> states;

  void add(ChatId chat_id, Seq from, Seq to) {
    for (std::uint64_t seq = from.value; seq <= to.value; ++seq) {
      blocks[chat_id].insert(seq / limits::kBlockSeqs);
    }
  }
  void add(const std::string& payload) {
    std::string_view rest = std::string_view(payload).substr(1);
    std::string_view body = rest.substr(std::min(rest.find('\n') + 1, rest.size()));
    if (payload[0] == 'E') {
      auto event = decode_event(rest);
      add(event->chat_id, event->seq, event->seq);
      add(event->chat_id, event->message.seq, event->message.seq);
      states.insert(event->chat_id);
    }
    if (payload[0] == 'C') states.insert(decode_chat_state(body)->chat_id);
    if (payload[0] == 'M' || payload[0] == 'L') {
      auto message = decode_message(payload[0] == 'M' ? rest : body);
      add(message->chat_id, message->seq, message->seq);
    }
    if (payload[0] == 'G' || payload[0] == 'K') {
      std::string_view head = rest.substr(0, rest.find('\n'));
      std::size_t space = head.find(' ');
      if (space != std::string_view::npos) head = head.substr(space + 1);
      auto page = decode_page(body);
      add(*parse_id<ChatId>(head), page->from, page->to);
    }
  }
  // What was fetched beyond this; empty: nothing.
  std::string exceeded_by(const Fetched& fetched) const {
    std::string beyond;
    for (const auto& [chat_id, seqs] : fetched.messages) {
      auto mine = blocks.find(chat_id);
      for (Seq seq : seqs) {
        bool allowed =
            mine != blocks.end() && mine->second.count(seq.value / limits::kBlockSeqs) != 0;
        if (!allowed) beyond += chat_id.str() + ":" + std::to_string(seq.value) + " ";
      }
    }
    for (const auto& [chat_id, seqs] : fetched.in_state) {
      if (states.count(chat_id) == 0) beyond += "state of " + chat_id.str() + " ";
    }
    return beyond;
  }
};

// The first line in which two texts differ; empty: none.
std::string difference(const std::string& ours, const std::string& theirs) {
  std::size_t at = 0;
  while (at < ours.size() && at < theirs.size() && ours[at] == theirs[at]) ++at;
  if (at == ours.size() && at == theirs.size()) return {};
  std::size_t from = at < 120 ? 0 : at - 120;
  return ours.substr(from, 240) + "\nis not\n" + theirs.substr(from, 240);
}

// A device that starts from damaged files, online.
struct Healed {
  Backend backend = *store().backend;
  std::unique_ptr<Device> device;
  Fetched fetched;  // before anybody looked at anything

  explicit Healed(const Disks& disks) {
    device = revived(backend, disks);
    fetched = device->fetched();
  }
};

}  // namespace

TEST_CASE("[ST120] the store of these tests holds every kind of record") {
  std::set<std::string> kinds;
  for (std::size_t mount = 0; mount < kMounts; ++mount) {
    for (const Place& place : places_in(store().disks[mount])) {
      kinds.insert(mount_head(static_cast<Mount>(mount)) + place.payload[0]);
    }
  }
  for (const RecordForm& form : kRecordForms) {
    CAPTURE(form.name);
    CHECK(kinds.count(mount_head(form.mount) + static_cast<char>(form.kind)) == 1);
  }
  CHECK(kinds.count(std::string("q ") + '\0') == 1);  // where a record was lost once
  Healed sound(sent_out());
  CHECK(sound.fetched.messages.empty());
  CHECK(sound.fetched.in_state.empty());
  CHECK(read_everything(*sound.device) == twin_text());
}

TEST_CASE("[ST120] a flipped bit in any record costs at most the blocks that it was of") {
  Prng prng(11);
  for (std::size_t mount : {kHot, kCache}) {
    for (const Place& place : places_in(store().disks[mount])) {
      for (bool header : {true, false}) {
        Disks disks = sent_out();
        std::size_t at = header ? prng.below(kRecordHeaderBytes)
                                : kRecordHeaderBytes + prng.below(place.payload.size());
        REQUIRE(damage_at(disks[mount], Spot{place.file, place.at + at, 1}, Damage::kFlip, prng));
        Cost cost;
        cost.add(place.payload);
        Healed healed(disks);
        CAPTURE(mount, place.file, place.at, at, place.payload.substr(0, 60));
        CHECK(cost.exceeded_by(healed.fetched) == "");
        CHECK_FALSE(healed.device->session_ended());
        CHECK(difference(read_everything(*healed.device), twin_text()) == "");
      }
    }
  }
}

TEST_CASE("[ST121] [SY85] whatever happens to the files of /h and /c, all comes back") {
  Prng prng(12);
  int done = 0;
  for (int i = 0; i < 60; ++i) {
    Disks disks = sent_out();
    std::string what;
    for (std::uint64_t n = 1 + prng.below(3); n > 0; --n) {
      what += damage_anywhere(disks[prng.chance(50) ? kHot : kCache], prng) + " ";
    }
    CAPTURE(i, what);
    Healed healed(disks);
    done += what.size() > 3 ? 1 : 0;
    CHECK_FALSE(healed.device->session_ended());
    CHECK(difference(read_everything(*healed.device), twin_text()) == "");
    // What was healed stays so, and is not in doubt any more.
    Healed again(healed.device->disks());
    CHECK(again.fetched.messages.empty());
    CHECK(again.fetched.in_state.empty());
    CHECK(difference(read_everything(*again.device), twin_text()) == "");
  }
  CHECK(done > 50);
}

TEST_CASE("[ST122] damage elsewhere leaves the outbox as it was, and nobody is signed out") {
  Backend backend = *store().backend;
  auto outbox_of = [&](const Disks& disks) {
    Device device(backend, disks, false);
    device.settle();
    std::string text;
    for (const OutboxEntry* entry : device.state().outbox.all()) {
      text += std::to_string(entry->order) + encode(to_frame(entry->operation)) + "\n";
    }
    CHECK_FALSE(device.session_ended());
    return text;
  };
  const std::string whole = outbox_of(store().disks);
  REQUIRE(whole.size() > 500);
  Prng prng(13);
  for (int i = 0; i < 40; ++i) {
    Disks disks = store().disks;
    std::string what = damage_anywhere(disks[prng.chance(50) ? kHot : kCache], prng);
    CAPTURE(i, what);
    CHECK(outbox_of(disks) == whole);
  }
}

namespace {

struct OutboxLook {
  std::string text;
  std::size_t sound = 0;
  std::size_t harmed = 0;
};

OutboxLook look_at_outbox(Device& device) {
  OutboxLook look;
  for (const OutboxEntry* entry : device.state().outbox.all()) {
    (entry->harm == Harm::kNone ? look.sound : look.harmed) += 1;
    look.text += std::to_string(entry->order) + " " + std::to_string(entry->created.unix_ms) + " " +
                 std::to_string(static_cast<int>(entry->harm)) + " " +
                 encode(to_frame(entry->operation)) + "\n";
  }
  return look;
}

bool has_order(const Device& device, std::uint64_t order) {
  for (const OutboxEntry* entry : device.state().outbox.all()) {
    if (entry->order == order) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("[ST123] [OB85] no entry of the outbox is lost without a word, whichever record is hit") {
  Backend backend = *store().backend;
  Device whole(backend, store().disks, false);
  Prng prng(14);
  for (const Place& place : places_in(store().disks[kQueue])) {
    for (Damage damage : {Damage::kFlip, Damage::kTruncate, Damage::kCutOut}) {
      Disks disks = store().disks;
      std::size_t at = damage == Damage::kCutOut ? 0 : prng.below(place.size);
      REQUIRE(damage_at(disks[kQueue], Spot{place.file, place.at + at, place.size}, damage, prng));
      CAPTURE(place.at, at, name_of(damage), place.payload.substr(0, 60));
      Device device(backend, disks, false);
      device.settle();
      OutboxLook look = look_at_outbox(device);
      for (const OutboxEntry* entry : whole.state().outbox.all()) {
        CHECK(has_order(device, entry->order));
      }
      // Loading what is there now, or what was written since, gives the same.
      Device unwritten(backend, disks, false);
      CHECK(look_at_outbox(unwritten).text == look.text);
      Device written(backend, device.disks(), false);
      CHECK(look_at_outbox(written).text == look.text);
      CHECK(written.reports().front().find("\"damaged\":0,") != std::string::npos);
    }
  }
}

TEST_CASE("[OB85] a deleted outbox is told by how many there were, and each can be discarded") {
  Backend backend = *store().backend;
  Disks disks = store().disks;
  for (const Place& place : places_in(store().disks[kQueue])) disks[kQueue].erase(place.file);
  Device device(backend, disks, false);
  device.settle();
  CHECK(look_at_outbox(device).harmed == store().unsent.size());
  REQUIRE(device.app()["damaged"].size() == store().unsent.size());
  for (const auto& lost : nlohmann::json(device.app()["damaged"])) {
    std::string id = lost["localId"];
    CHECK_FALSE(device.give(Retry{id}));
    CHECK(device.give(Discard{id}));
  }
  device.settle();
  CHECK(device.app()["damaged"].empty());
  Device after(backend, device.disks(), false);
  CHECK(look_at_outbox(after).harmed == 0);
}

TEST_CASE("[OB86] a damaged message is shown in its chat with what can be read of it") {
  Backend backend = *store().backend;
  ChatId chat_id = store().chats[0];
  for (bool whole : {true, false}) {
    Disks disks = store().disks;
    std::string& bytes = disks[kQueue]["s1"];
    std::size_t text = bytes.find("first words");
    REQUIRE(text != std::string::npos);
    bytes[whole ? text : text - 2] = '!';  // a letter; or the quotation mark before it
    Device device(backend, disks, false);
    device.settle();
    nlohmann::json shown;
    for (const auto& item : device.items(chat_id)) {
      if (item.contains("failure") && item["failure"]["code"] == "damaged") shown = item;
    }
    REQUIRE_FALSE(shown.is_null());
    CHECK(shown["status"] == "failed");
    CHECK(shown["time"] > 1'000);
    CHECK(shown["failure"].contains("final") != whole);
    std::string id = shown["localId"];
    if (!whole) {
      CHECK_FALSE(device.give(Retry{id}));
      continue;
    }
    CHECK(shown["text"] == "!irst words written without a network");
    REQUIRE(device.give(Retry{id}));
    device.go_online();
    CHECK(backend.server.applied(kMe, id));
  }
}

TEST_CASE("[ST124] no bytes whatever in storage stop, hang or sign out a device") {
  Prng prng(15);
  for (int i = 0; i < 150; ++i) {
    Backend backend = *store().backend;
    Disks disks = store().disks;
    std::string what;
    for (std::uint64_t n = 1 + prng.below(12); n > 0; --n) {
      what += damage_anywhere(disks[prng.below(kMounts)], prng) + " ";
    }
    CAPTURE(i, what);
    Device device(backend, disks);
    device.pass(10'000);
    CHECK_FALSE(device.session_ended());
    CHECK(device.core().link().state() == Link::State::kOnline);
    CHECK(device.core().synced());
  }
}
