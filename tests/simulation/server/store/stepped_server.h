// The server's own code in a simulation: the gateway with its registry, fan-out, sync lanes and
// boards, the writer with its group commit, the readers, and the SQLite store, all stepped by one
// thread, over a LosingVfs. Only Beast, Pistache and the accounts are left out: a connection is a
// SimSocket, a REST call goes to the use cases that its route would ask.
//
// Reads and commits happen a few milliseconds after they are asked for, as drawn from the seed, so
// that operations meet in one batch and a death finds some waiting. Of a turn in which the process
// dies nothing goes out.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "shared/base/prng.h"
#include "tests/simulation/server/rest_call.h"
#include "tests/simulation/server/sim_server.h"
#include "tests/simulation/server/store/losing_vfs.h"
#include "tests/simulation/server/store/server_process.h"
#include "tests/simulation/server/store/stored_log.h"

namespace godwit::sim {

class StoreServer final : public SimServer {
 public:
  // The database is made at the first use.
  StoreServer(std::uint64_t seed, const std::string& epoch);
  ~StoreServer() override;

  void add_person(UserId user_id, Moment now) override;
  void connect(ConnId conn, UserId user_id, Moment now, std::vector<Outgoing>& out) override;
  void disconnect(ConnId conn, Moment now, std::vector<Outgoing>& out) override;
  void receive(ConnId conn, const std::string& text, Moment now,
               std::vector<Outgoing>& out) override;
  HttpAnswer http(UserId user_id, const std::string& method, const std::string& path,
                  const std::string& body, Moment now, std::vector<Outgoing>& out) override;
  Code operate(UserId actor, Operation operation, Moment now, std::vector<Outgoing>& out) override;
  void advance(Moment now, std::vector<Outgoing>& out) override;
  std::optional<Instant> due() const override;

  void set_faults(const Faults& faults) override { faults_ = faults; }
  void heal_fan_out(std::vector<Outgoing>&) override {}
  void crash(const Toss& toss) override;
  void crash_in_writes(std::uint64_t nth, Death death, Toss toss) override;
  bool is_alive() const override { return alive_; }
  void revive(Moment now) override;
  void backup() override;
  bool has_backup() const override;
  void restore_backup(const std::string& epoch, Moment now) override;

  const std::map<ChatId, ServerChat>& chats() const override { return log().chats(); }
  const std::map<UserId, ServerUser>& users() const override { return log().users(); }
  bool is_member(ChatId chat_id, UserId user_id) const override {
    return log().is_member(chat_id, user_id);
  }
  ChatState state_for(ChatId chat_id, UserId viewer) const override {
    return log().state_for(chat_id, viewer);
  }
  bool applied(UserId sender, const std::string& temp_id) const override {
    return log().applied(sender, temp_id);
  }
  bool acknowledged(const std::string& temp_id) const override {
    return acknowledged_.count(temp_id) != 0;
  }
  bool answered(const std::string& temp_id) const override { return answered_.count(temp_id) != 0; }
  std::uint64_t duplicates() const override { return duplicates_; }
  std::uint64_t events_lost() const override { return events_lost_; }
  std::uint64_t reads_failed() const override { return vfs_.reads_failed(); }
  std::uint64_t steps() const override { return steps_; }
  std::string damage() const override { return log().damage(); }

  // ---- for tests of the disk ----
  LosingVfs& disk() { return vfs_; }
  const LosingVfs& disk() const { return vfs_; }
  // What waits is read and committed now.
  void settle(Moment now, std::vector<Outgoing>& out);
  // One turn of the checkpoint thread.
  void checkpoint();

 private:
  struct Answer {
    bool is_ok = false;
    bool retryable = false;
    bool duplicate = false;
  };

  server::SqlitePlace place() const { return {"godwit.db", vfs_.name(), first_epoch_}; }
  bool start(Moment now);
  bool begin(Moment now);
  void finish(std::vector<Outgoing>& out);
  void end_process(const Toss& toss);
  void turn();
  void plan();
  void read_all();
  void commit(bool may_fail);
  bool stored(const std::string& temp_id);
  void note_sent(const Outgoing& one);
  void note_answer(const std::string& temp_id, Answer answer);
  StoredLog& log() const;
  HttpAnswer answer(UserId user_id, const RestHistory& asked);
  HttpAnswer answer(UserId user_id, const RestSync& asked);
  HttpAnswer answer(UserId user_id, const MarkPosition& position);
  HttpAnswer answer(UserId user_id, Operation operation);

  Prng prng_;
  const std::string first_epoch_;
  Faults faults_;
  LosingVfs vfs_;
  std::vector<Outgoing> outbox_;
  std::unique_ptr<ServerProcess> process_;
  mutable std::unique_ptr<StoredLog> log_;
  bool alive_ = true;
  Moment now_;
  Toss on_death_ = [] { return true; };  // of a death over a write
  std::optional<Instant> reads_at_;      // what waits to be read is, then
  std::optional<Instant> commit_at_;     // the same of writing
  std::string event_to_lose_;            // its operation's tempId
  std::set<std::string> stored_;         // what was told as stored, by any life
  std::set<std::string> acknowledged_;
  std::set<std::string> answered_;
  std::uint64_t duplicates_ = 0;
  std::uint64_t events_lost_ = 0;
  std::uint64_t steps_ = 0;
};

}  // namespace godwit::sim
