// The client's journal: what of its state is written to which mount, and how it comes back.
// The records are listed in shared/client/records.h.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "shared/client/chat_replica.h"
#include "shared/client/records.h"
#include "shared/journal/mount_log.h"
#include "shared/outbox/outbox.h"
#include "shared/outbox/salvage.h"
#include "shared/sync/private_items.h"

namespace godwit {

// What the core keeps: the target of loading and the source of compaction.
struct ClientState {
  UserId self;
  std::string epoch;
  std::uint64_t cache_generation = 1;
  bool epoch_lost = false;  // storage holds something, and lost what life of the database it is of
  std::map<ChatId, ChatReplica> chats;
  PrivateItems private_items;
  Outbox outbox;

  ChatReplica& chat(ChatId chat_id);  // made where it is not known
  const ChatReplica* find_chat(ChatId chat_id) const;
  ChatReplica* find_chat(ChatId chat_id);
};

class ClientStore {
 public:
  ClientStore();

  // What loading a part of /c has brought.
  struct CachePart {
    std::set<ChatId> chats;
    std::optional<MountLog::LoadReport> report;  // with the last part
  };

  // Each loads one mount into `state`. Damaged records are left out and counted.
  MountLog::LoadReport load_queue(const std::vector<StoredFile>& files, ClientState& state);
  MountLog::LoadReport load_hot(const std::vector<StoredFile>& files, ClientState& state);
  // Parts are in any state true together with what /h holds, where the last written come first.
  CachePart load_cache(const std::vector<StoredFile>& files, bool last, ClientState& state);
  // No more of /c can be had in the life of this store: it is not written either.
  void lose_cache() { cache_lost_ = true; }
  bool cache_lost() const { return cache_lost_; }
  bool loaded(Mount mount) const { return log(mount).loaded(); }
  // /c will be loaded, as far as is known: until then what was in doubt cannot become sure.
  bool cache_awaited() const {
    return loaded(Mount::kQueue) && !loaded(Mount::kCache) && !cache_lost_;
  }
  void set_term(std::uint32_t term);

  // Journal entries. Each is a no-op for a mount that was not loaded (memory mode); tickets are
  // then 0.
  MountLog::Ticket queued(const OutboxEntry& entry);
  void refused(const std::string& temp_id, Code code);
  MountLog::Ticket retried(const OutboxEntry& entry);
  void dropped(const std::string& temp_id);
  void session(const ClientState& state);
  void snapshot(const ChatReplica& chat);  // with its newest stretch
  void newest(ChatId chat_id, const Page& page);
  // `text`: what encode_event() gives, where the caller has it; else empty.
  MountLog::Ticket event(const ClientState& state, const ChatEvent& event, std::string_view text);
  void receipts(ChatId chat_id, const Receipts& receipts);
  void private_item(const PrivateItem& item);
  void private_position(const PrivateItems& items);
  void forgotten(ChatId chat_id);
  void history(const ClientState& state, ChatId chat_id, const Page& page);
  void stray(const ClientState& state, const Message& message);  // a changed message, to /c

  // Replaces everything of /h and /c: a new life of the database began.
  void start_over(ClientState& state);

  // Compacts what has grown too large. Call once a step, after the appends. `sure`: nothing that
  // was loaded is in doubt any more, so that damaged mounts are made whole.
  void compact(ClientState& state, bool sure);
  bool doubtful(Mount mount) const { return log(mount).doubtful(); }
  // Damage to a doubtful mount may have cost something of this chat.
  bool may_have_hit(Mount mount, ChatId chat_id) const {
    const auto& hit = hit_[index(mount)];
    return doubtful(mount) && (!hit || hit->count(chat_id) != 0);
  }

  // The next batch of each mount that has something to write and none in flight.
  std::vector<Batch> take_batches(const ClientState& state);
  // The answer to a batch; returns its mount, or nullopt for an unknown id.
  std::optional<Mount> batch_done(std::uint32_t batch_id, bool ok);
  MountLog::Ticket last_ticket(Mount mount) const { return log(mount).last_ticket(); }
  MountLog::Ticket durable_through(Mount mount) const { return log(mount).durable_through(); }
  MountLog::Ticket failed_through(Mount mount) const { return log(mount).failed_through(); }
  // True when a batch failed and its files are due again; the core decides when.
  bool write_due(Mount mount) const { return log(mount).dirty() && !log(mount).in_flight(); }
  void hold(Mount mount, bool held) { held_[index(mount)] = held; }

 private:
  friend class StateHasher;
  static std::size_t index(Mount mount) { return static_cast<std::size_t>(mount); }
  MountLog& log(Mount mount) { return logs_[index(mount)]; }
  const MountLog& log(Mount mount) const { return logs_[index(mount)]; }
  MountLog::Ticket append(RecordKind kind, std::string_view rest);
  void salvage_queue(const MountLog::LoadReport& report, ClientState& state);
  void restore_damaged(Salvaged piece, ClientState& state);
  void compact_queue(const ClientState& state);
  void compact_hot(ClientState& state, bool sure);
  void archive(ClientState& state);
  void rewrite_hot(ClientState& state);

  std::array<MountLog, kMounts> logs_;
  bool cache_lost_ = false;
  std::uint32_t cache_refused_ = 0;                           // records of /c that mean nothing
  std::array<std::optional<std::set<ChatId>>, kMounts> hit_;  // by damage; nullopt: perhaps all
  std::array<bool, kMounts> held_{};                          // batches wait (after a failure)
  std::map<std::uint32_t, Mount> in_flight_;
  std::uint32_t next_batch_ = 1;
  std::optional<MountLog::Ticket> archiving_;  // /h is rewritten once this is durable in /c
  std::map<ChatId, Seq> archiving_to_;
};

inline constexpr std::string_view kDamagedCode = "damaged";  // in records F, and on the screen
// A position without its event, which no record of records.h is: the mistake kPositionApart alone.
inline constexpr char kPositionAlone = 'V';

// The texts of records and notes that more than one part of the store writes.
std::string session_text(const ClientState& state);
std::string position_text(const PrivateItems& items);
std::string queue_note(const Outbox& outbox);
void append_entry_records(const OutboxEntry& entry, std::vector<std::string>& payloads);

// The messages of a chat that one has hidden, as confirmed.
std::set<MessageId> hidden_messages(const PrivateItems& items, ChatId chat_id);

// Splits a page into pages whose JSON stays below a segment's size, so that each is one record.
// Each part holds all messages of its own range.
std::vector<Page> split_page(Page page);

}  // namespace godwit
