// A server in memory, for simulations: the same decisions as the real one (shared/domain), the
// plainest possible storage, no timers. Everything is stored and told within the call that asks
// for it, so a death loses nothing but connections (and, dying over a write, that write).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "shared/base/prng.h"
#include "shared/base/snowflake.h"
#include "tests/simulation/server/rest_call.h"
#include "tests/simulation/server/sim_server.h"

namespace godwit::sim {

class ModelServer final : public SimServer {
 public:
  ModelServer(std::uint64_t seed, std::string epoch) : prng_(seed), epoch_(std::move(epoch)) {}

  void add_person(UserId user_id, Moment) override { db_.users[user_id]; }
  void connect(ConnId conn, UserId user_id, Moment now, std::vector<Outgoing>& out) override;
  void disconnect(ConnId conn, Moment, std::vector<Outgoing>&) override {
    connections_.erase(conn);
  }
  void receive(ConnId conn, const std::string& text, Moment now,
               std::vector<Outgoing>& out) override;
  HttpAnswer http(UserId user_id, const std::string& method, const std::string& path,
                  const std::string& body, Moment now, std::vector<Outgoing>& out) override;
  Code operate(UserId actor, Operation operation, Moment now, std::vector<Outgoing>& out) override;
  void advance(Moment, std::vector<Outgoing>&) override {}
  std::optional<Instant> due() const override { return std::nullopt; }

  void set_faults(const Faults& faults) override { faults_ = faults; }
  void heal_fan_out(std::vector<Outgoing>& out) override;
  void crash(const Toss& toss) override;
  void crash_in_writes(std::uint64_t nth, Death death, Toss toss) override;
  bool is_alive() const override { return alive_; }
  void revive(Moment) override { alive_ = true; }
  void backup() override { backup_ = db_; }
  bool has_backup() const override { return backup_.has_value(); }
  void restore_backup(const std::string& epoch, Moment now) override;

  const std::map<ChatId, ServerChat>& chats() const override { return db_.chats; }
  const std::map<UserId, ServerUser>& users() const override { return db_.users; }
  bool is_member(ChatId chat_id, UserId user_id) const override;
  ChatState state_for(ChatId chat_id, UserId viewer) const override;
  bool applied(UserId sender, const std::string& temp_id) const override {
    return db_.applied.count({sender, temp_id}) != 0;
  }
  bool acknowledged(const std::string& temp_id) const override {
    return acknowledged_.count(temp_id) != 0;
  }
  bool answered(const std::string& temp_id) const override { return answered_.count(temp_id) != 0; }
  std::uint64_t duplicates() const override { return duplicates_; }
  std::uint64_t events_lost() const override { return events_lost_; }
  std::uint64_t steps() const override { return steps_; }

 private:
  static constexpr std::int64_t kGivenUpAfterMs = 60'000;
  struct ClosedGate {
    std::string temp_id;  // of what was refused for now
    Timestamp since;
  };
  struct Connection {
    UserId user_id;
    bool hello = false;
    bool epoch_is_ours = false;
    std::map<ChatId, ClosedGate> gate;
    std::map<ChatId, std::set<Seq>> lost_events;  // by the fan-out
  };
  using OperationKey = std::tuple<ChatId, UserId, std::string>;
  struct Database {
    std::map<ChatId, ServerChat> chats;
    std::map<UserId, ServerUser> users;
    std::map<OperationKey, StoredOperation> operations;
    std::set<std::pair<UserId, std::string>> applied;
  };
  static constexpr std::uint64_t kUncommittedMax = 8;
  struct PlannedDeath {
    std::uint64_t writes_left = 0;
    Death death = Death::kBefore;
    Toss toss;
  };

  void on(ConnId conn, const Hello& frame, Timestamp now, std::vector<Outgoing>& out);
  void on(ConnId conn, const MarkPosition& frame, std::vector<Outgoing>& out);
  void on(ConnId conn, const Typing& frame, std::vector<Outgoing>& out);
  void on_operation(ConnId conn, Operation operation, Timestamp now, std::vector<Outgoing>& out);
  bool refuse_for_now(ConnId conn, ChatId chat_id, const std::string& temp_id, Timestamp now,
                      std::vector<Outgoing>& out);
  Decision apply(UserId actor, Operation operation, Timestamp now, std::vector<Outgoing>& out);
  Decision decide_on(UserId actor, Operation operation, Timestamp now);
  bool survives_write();
  void mark(UserId user_id, const MarkPosition& frame, std::vector<Outgoing>& out);
  void store(const ChatEvent& event, const Operation& operation, std::vector<Outgoing>& out);
  void store(UserId user_id, const PrivateItem& item, const Operation& operation,
             std::vector<Outgoing>& out);
  void remember(UserId actor, const Operation& operation, const StoredOperation& stored);
  void fan_out(const ChatEvent& event, const Audience& audience, std::vector<Outgoing>& out);
  std::vector<SyncResponse> sync(UserId viewer, const SyncRequest& request, bool ours) const;
  void sync_chat(UserId viewer, ChatId chat_id, Seq held, std::vector<SyncResponse>& parts) const;
  void sync_blocks(UserId viewer, const SyncRequest& request,
                   std::vector<SyncResponse>& parts) const;
  ChatEvent event_at(const ServerChat& chat, Seq seq, UserId viewer) const;
  std::uint64_t unread(const ServerChat& chat, UserId viewer) const;
  Receipts receipts_of(const ServerChat& chat) const;
  Page page_before(const ServerChat& chat, Seq before, std::size_t limit, UserId viewer) const;
  HttpAnswer history(UserId viewer, const RestHistory& asked) const;
  HttpAnswer rest_operation(UserId user_id, Operation operation, Timestamp now,
                            std::vector<Outgoing>& out);

  Prng prng_;
  Faults faults_;
  std::string epoch_;
  Snowflake ids_{1};
  std::map<ConnId, Connection> connections_;
  bool alive_ = true;
  std::optional<PlannedDeath> planned_death_;
  Database db_;
  std::optional<Database> backup_;
  // With the mistake kAckBeforeCommit: what the disk has.
  std::optional<Database> durable_;
  std::uint64_t uncommitted_ = 0;
  std::set<std::string> acknowledged_;
  std::set<std::string> answered_;
  std::uint64_t duplicates_ = 0;
  std::uint64_t events_lost_ = 0;
  std::uint64_t steps_ = 0;
};

// The frame that answers a decision about `operation`; none for a duplicate creation of a chat.
ServerFrame answer_to(const Decision& decision, const Operation& operation);

}  // namespace godwit::sim
