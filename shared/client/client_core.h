// The client's core: a deterministic machine that takes events and gives effects. It owns what this
// device knows (chats, private state, the outbox), decides what to store, send, ask for and show,
// and does no I/O, reads no clock and has no randomness but its seed.
//
// Contract:
//  * One thread. `now` never goes back between steps; `wall` may jump and is only for the screen.
//  * step() either applies the event whole or, returning an error, changes nothing.
//  * Effects are to be carried out in their order. Each Persist is answered by one BatchDone, each
//    HttpRequest by one HttpAnswered, Connect by SocketOpened or SocketClosed.
//  * After each step the host arranges to call with DeadlineReached at next_deadline().
//  * Nothing from outside (frames, files, answers) can break an invariant: what is malformed is
//    reported and left out.
#pragma once

#include <map>
#include <memory>
#include <optional>

#include "shared/base/prng.h"
#include "shared/base/result.h"
#include "shared/client/client_store.h"
#include "shared/client/events.h"
#include "shared/client/history_loader.h"
#include "shared/client/link.h"
#include "shared/client/marks.h"
#include "shared/client/people.h"
#include "shared/client/sync_driver.h"
#include "shared/client/views.h"

namespace godwit {

class ClientCore {
 public:
  struct Config {
    std::uint64_t seed = 1;
  };

  static constexpr std::int64_t kAwayAfterMs = 5 * 60 * 1'000;
  static constexpr std::size_t kHealingRequestsMax = 4;  // at once

  explicit ClientCore(const Config& config);
  ~ClientCore();
  ClientCore(const ClientCore&) = delete;
  ClientCore& operator=(const ClientCore&) = delete;

  Status step(Instant now, Timestamp wall, const Event& event, Effects& effects);
  std::optional<Instant> next_deadline() const;

  // For tests, simulation and tools: what this device knows.
  const ClientState& state() const { return state_; }
  const Link& link() const { return link_; }
  bool synced() const { return sync_.synced(); }
  // How an operation stands, as the screen says it; nullopt for an unknown tempId.
  std::optional<MessageStatus> status_of(const std::string& temp_id) const;

 private:
  friend class StateHasher;
  // Events (core_intents.cpp, core_storage.cpp, core_link.cpp)
  Status on(const StorageLoaded& event);
  Status take_cache(const StorageLoaded& event);
  Status on(const StorageUnavailable& event);
  Status on(const Start& event);
  Status on(const Intend& event);
  Status on(const IntendRead& event);
  Status on(const IntendTyping& event);
  Status on(const Retry& event);
  Status on(const Discard& event);
  Status on(const AdoptChat& event);
  Status on(const OpenView& event);
  Status on(const CloseView& event);
  Status on(const LoadOlder& event);
  Status on(const Visible& event);
  Status on(const ReconnectNow& event);
  Status on(const Flush& event);
  Status on(const SocketOpened& event);
  Status on(const SocketClosed& event);
  Status on(const FrameReceived& event);
  Status on(const HttpAnswered& event);
  Status on(const BatchDone& event);
  Status on(const DeadlineReached& event);
  Status on(const NetworkChanged& event);

  // Frames (core_frames.cpp)
  void receive_text(std::string_view text);
  void receive(ServerFrame& frame);
  void receive(const Welcome& frame);
  void receive(const MessageAck& frame);
  void receive(const Ack& frame);
  void receive(const ErrorFrame& frame);
  void receive(ChatEvent& frame) { take_event(std::move(frame), {}); }
  void receive(const UserFrame& frame);
  void receive(const ReceiptsFrame& frame);
  void receive(const TypingFrame& frame);
  void receive(const PresenceFrame& frame);
  void receive(SyncResponse& frame);
  void receive(const Pong&) {}
  void receive(SyncEvents& part);
  void receive(const SyncChat& part);
  void receive(const SyncRemoved& part);
  void receive(const SyncUser& part);
  void receive(const SyncBlock& part);
  void receive(const SyncDone&) {}

  // What follows from them
  void adopt_epoch(const std::string& epoch);
  // `text`: the event as encode_event() writes it, where that is known; else empty.
  void take_event(ChatEvent&& event, std::string_view text);
  void forget_chat(ChatId chat_id);
  void merge_receipts(ChatId chat_id, const Receipts& receipts);
  void supersede_settings(const SetPrivate& setting);
  void settle(const std::string& temp_id, MountLog::Ticket hot_ticket);
  void release_awaiting();
  void drop(const std::string& temp_id);
  void fail(const std::string& temp_id, Code code);
  void refuse_for_now(const std::string& temp_id, std::int64_t retry_after_ms);
  void retry_entry(OutboxEntry& entry);
  void queue(QueuedOperation operation);
  void answer_operation(std::uint16_t status, const std::string& temp_id, const std::string& body);
  void answer_sync(std::uint16_t status, const std::string& body);
  void answer_page(const HistoryLoader::Request& request, std::uint16_t status,
                   const std::string& body);
  void report_load(Mount mount, const MountLog::LoadReport& report);
  void storage_answered(Mount mount, bool ok);
  std::string make_temp_id();
  bool in_memory() const { return !store_.loaded(Mount::kQueue); }

  // After damage (core_healing.cpp)
  void begin_doubt(Mount mount);
  void end_sync_of_doubt();
  void forget_left_chats();
  void keep_changes(const std::vector<Message>& messages);
  void pump_healing();
  bool can_ask() const;

  // At the end of each step (core_pumps.cpp)
  void pump();
  void pump_presence();
  void pump_link();
  void pump_sync();
  void pump_outbox();
  void pump_marks();
  void pump_history();
  void pump_storage();
  void pump_views();
  void send(const ClientFrame& frame);
  void send_by_rest(const QueuedOperation& operation);
  std::uint32_t request(std::string method, std::string path, std::string body);

  // The ticket of what the server has answered by REST, until the log's own entry arrives.
  static constexpr MountLog::Ticket kAwaitingEvent = ~MountLog::Ticket{0};

  // What an HTTP request in flight is for.
  struct PollSync {};
  struct RestOperation {
    std::string temp_id;
  };
  struct RestMark {};
  using Purpose = std::variant<PollSync, RestOperation, RestMark, HistoryLoader::Request>;

  // Of the step under way
  Instant now_;
  Instant pumped_at_;  // when last all that was due went out
  Timestamp wall_;
  Effects* effects_ = nullptr;
  std::vector<std::string> kept_;

  Prng prng_;
  Start self_;
  bool started_ = false;
  std::array<std::optional<std::vector<StoredFile>>, kMounts> loaded_files_;
  std::string memory_reason_;
  std::optional<Instant> away_at_;  // the person has been looking elsewhere since
  bool away_ = false;
  bool fenced_ = false;
  bool in_doubt_ = false;  // storage was damaged, and not all of what it held is compared yet
  ClientState state_;
  ClientStore store_;
  std::array<Backoff, kMounts> storage_backoff_{};
  std::array<std::optional<Instant>, kMounts> storage_retry_at_{};
  Link link_;
  SyncDriver sync_;
  Marks marks_;
  People people_;
  HistoryLoader history_;
  Views views_;
  bool shown_reachable_ = false;  // views show unchecked history only while nothing can be asked
  std::map<std::uint32_t, Purpose> requests_;
  std::uint32_t next_request_ = 1;
};

}  // namespace godwit
