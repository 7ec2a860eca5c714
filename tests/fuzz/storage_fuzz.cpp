// The storage reader: whatever a disk gives back, nothing is read whose checksum fails, nothing is
// made up, and no core stops over it.
//
//   input := step*
//   step  := u8 mount (mod 3)  u8 kind (mod 8)  u16 n  and, for those that say so, n bytes
//   kinds    0, 1 a sound record with these bytes for its payload; 2 these bytes as they are;
//            3 the next segment; 4 the bit n of the file is flipped; 5 the file is cut at n;
//            6 a sound manifest of these bytes; 7 a file with these bytes for its name
#include <array>
#include <set>

#include "shared/client/client_core.h"
#include "shared/journal/record.h"
#include "shared/protocol/codec.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/storage_seeds.h"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max);

namespace godwit::fuzz {
namespace {

using Disk = std::array<std::vector<StoredFile>, kMounts>;

std::string segment_name(std::size_t number) { return "s" + std::to_string(number); }

bool has_file(const std::vector<StoredFile>& files, std::string_view name) {
  for (const StoredFile& file : files) {
    if (file.name == name) return true;
  }
  return false;
}

void take_step(Input& input, Disk& disk) {
  auto& files = disk[input.byte() % kMounts];
  const std::uint8_t kind = input.byte() % 8;
  const std::size_t n = static_cast<std::size_t>(input.byte()) | (std::size_t{input.byte()} << 8);
  if (files.empty() || kind == 3) {
    std::size_t number = files.size() + 1;
    while (has_file(files, segment_name(number))) ++number;
    files.push_back(StoredFile{segment_name(number), {}});
  }
  std::string& bytes = files.back().bytes;
  if (kind <= 1) {
    append_record(bytes, 1, bytes.size() + 1, input.bytes(n));
  } else if (kind == 2) {
    bytes += input.bytes(n);
  } else if (kind == 4 && !bytes.empty()) {
    const std::size_t at = n / 8 % bytes.size();
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << (n % 8)));
  } else if (kind == 5) {
    bytes.resize(std::min(bytes.size(), n));
  } else if (kind == 6 && !has_file(files, "manifest")) {
    std::string manifest;
    append_record(manifest, 1, 0, "GW1\n" + std::string(input.bytes(n)));
    files.insert(files.begin(), StoredFile{"manifest", std::move(manifest)});
  } else if (kind == 7) {
    const std::string name(input.bytes(n));
    if (!has_file(files, name)) files.push_back(StoredFile{name, {}});
  }
}

// What may be believed of a mount: the payloads of the records whose checksums hold.
std::vector<std::string> believable(const std::vector<StoredFile>& files) {
  std::vector<std::string> payloads;
  for (const StoredFile& file : files) {
    SegmentScan scan = scan_segment(file.bytes);
    std::size_t at = 0;
    for (const Record& record : scan.records) {
      std::string sound;
      append_record(sound, record.term, record.sequence, record.payload);
      const std::size_t found = file.bytes.find(sound, at);
      FUZZ_REQUIRE("[ST3] a record that is read stands in the file, its checksum right",
                   found != std::string::npos);
      at = found + sound.size();
      payloads.emplace_back(record.payload);
    }
    const bool whole = scan.damaged == 0;
    FUZZ_REQUIRE("[ST3] what is no record is counted as damage",
                 whole == (at == file.bytes.size() || file.bytes.empty()) || !whole);
  }
  return payloads;
}

void check_mount(Mount mount, const std::vector<StoredFile>& files,
                 const std::vector<std::string>& payloads) {
  MountLog log(mount);
  std::multiset<std::string> all(payloads.begin(), payloads.end());
  log.load(files, [&](std::string_view payload) {
    auto known = all.find(std::string(payload));
    FUZZ_REQUIRE("[ST3] salvage invents nothing", known != all.end());
    all.erase(known);
  });
  // A mount that is written anew is sound, whatever it was.
  log.rewrite({"anew"});
  auto batch = log.take_batch(1);
  FUZZ_REQUIRE("[ST10] a rewrite is due", batch.has_value());
  std::vector<StoredFile> after = batch->puts;
  for (const StoredFile& file : files) {
    const bool deleted =
        std::find(batch->deletes.begin(), batch->deletes.end(), file.name) != batch->deletes.end();
    if (!deleted && !has_file(after, file.name)) after.push_back(file);
  }
  MountLog again(mount);
  std::vector<std::string> read;
  auto report = again.load(after, [&](std::string_view payload) { read.emplace_back(payload); });
  FUZZ_REQUIRE("[ST10] a rewritten mount holds what was written and nothing else",
               read == std::vector<std::string>{"anew"} && report.damaged == 0);
}

// The messages that a record tells of, tempIds left out: a tempId once known is kept.
void note_messages(std::string_view payload, std::set<std::string>& known) {
  auto note = [&](Message message) {
    message.temp_id.clear();
    known.insert(encode_message(message));
  };
  if (payload.empty()) return;
  const std::string_view rest = payload.substr(1);
  const std::size_t line = rest.find('\n');
  const std::string_view body =
      line == std::string_view::npos ? std::string_view() : rest.substr(line + 1);
  switch (payload[0]) {
    case 'E':
      if (auto event = decode_event(rest)) note(event->message);
      return;
    case 'M':
      if (auto message = decode_message(rest)) note(*message);
      return;
    case 'L':
      if (auto message = decode_message(body)) note(*message);
      return;
    case 'C':
      if (auto chat = decode_chat_state(body); chat && chat->last_message)
        note(*chat->last_message);
      return;
    default:
      if (auto page = decode_page(body)) {
        for (const Message& message : page->messages) note(message);
      }
  }
}

void check_state(const ClientState& state,
                 const std::array<std::vector<std::string>, kMounts>& payloads) {
  std::set<std::string> messages;
  for (const auto& mount : payloads) {
    for (const std::string& payload : mount) note_messages(payload, messages);
  }
  for (const auto& [chat_id, chat] : state.chats) {
    for (const auto& [seq, held] : chat.timeline().messages()) {
      Message message = held;
      message.temp_id.clear();
      FUZZ_REQUIRE("[ST3] a message that is loaded stands in a sound record",
                   messages.count(encode_message(message)) != 0 && seq == held.seq);
    }
  }
  std::set<std::string> operations;
  for (const std::string& payload : payloads[static_cast<std::size_t>(Mount::kQueue)]) {
    const std::size_t line = payload.find('\n');
    if (line == std::string::npos || payload[0] != 'O') continue;
    auto decoded = decode_client_frame(std::string_view(payload).substr(line + 1));
    if (decoded.frame) operations.insert(encode(*decoded.frame));
  }
  for (const OutboxEntry* entry : state.outbox.all()) {
    const bool sound = operations.count(encode(to_frame(entry->operation))) != 0;
    FUZZ_REQUIRE("[ST3] an intent that is loaded stands in a sound record, or waits for the person",
                 sound || (entry->harm != Harm::kNone && entry->failed));
  }
}

// A core over such a disk: it starts, shows, connects, saves, and stops over nothing.
void run_core(const Disk& disk) {
  ClientCore core(ClientCore::Config{1});
  std::int64_t now_ms = 1'000;
  std::vector<std::uint32_t> batches;
  auto give = [&](const Event& event) {
    Effects effects;
    now_ms += 10;
    (void)core.step(Instant{now_ms}, Timestamp{now_ms}, event, effects);
    for (const Effect& effect : effects) {
      if (const auto* persist = std::get_if<Persist>(&effect)) batches.push_back(persist->batch.id);
    }
  };
  give(StorageLoaded{Mount::kQueue, disk[0]});
  give(StorageLoaded{Mount::kHot, disk[1]});
  give(Start{UserId{7}, "me", "Me", "d1", "1", 1});
  give(OpenView{1, OpenView::Kind::kApp, {}});
  give(OpenView{2, OpenView::Kind::kChats, {}});
  std::uint32_t view = 3;
  std::vector<ChatId> chats;
  for (const auto& [chat_id, chat] : core.state().chats) chats.push_back(chat_id);
  for (ChatId chat_id : chats) {
    if (view < 8) give(OpenView{view++, OpenView::Kind::kConversation, chat_id});
  }
  give(StorageLoaded{Mount::kCache, disk[2]});
  give(SocketOpened{});
  give(FrameReceived{
      encode(ServerFrame{Welcome{UserId{7}, SessionId{1}, "e", {}, 25'000, {}, 1, "1"}})});
  for (int i = 0; i < 4 && !batches.empty(); ++i) {
    give(BatchDone{batches.back(), i != 1, false});
    batches.pop_back();
    now_ms += 2'000;
    give(DeadlineReached{});
  }
}

}  // namespace
}  // namespace godwit::fuzz

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  godwit::fuzz::take_mutation_from_environment();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace godwit;
  using namespace godwit::fuzz;
  Input input(data, size);
  Disk disk;
  while (!input.empty()) take_step(input, disk);
  std::array<std::vector<std::string>, kMounts> payloads;
  for (std::size_t i = 0; i < disk.size(); ++i) {
    payloads[i] = believable(disk[i]);
    check_mount(static_cast<Mount>(i), disk[i], payloads[i]);
  }
  ClientState state;
  state.self = UserId{7};
  ClientStore store;
  (void)store.load_queue(disk[0], state);
  (void)store.load_hot(disk[1], state);
  (void)store.load_cache(disk[2], true, state);
  check_state(state, payloads);
  run_core(disk);
  return 0;
}

// One input in sixteen is a fresh journal, so that records of every kind are met.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size,
                                               std::size_t size_max, unsigned seed) {
  if (seed % 16 != 0) return LLVMFuzzerMutate(data, size, size_max);
  const std::string journal = godwit::fuzz::random_journal(seed);
  const std::size_t taken = std::min(journal.size(), size_max);
  std::copy_n(journal.data(), taken, reinterpret_cast<char*>(data));
  return taken;
}
