// Applies operations to the store, many in one transaction: loads what the rules need to know,
// decides (shared/domain), writes what was accepted. Belongs to the writer's thread.
//
// The order within a transaction: begin, any number of apply / apply_mark / context uses, commit.
// When anything in between fails (the disk, not a refusal), commit fails and nothing has happened.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "server/app/chat_cache.h"
#include "server/app/config.h"
#include "server/app/mark_board.h"
#include "server/app/outcome.h"
#include "server/store/store.h"
#include "shared/base/snowflake.h"
#include "shared/sync/dedupe_window.h"

namespace godwit::server {

// What became of an operation; true once commit() returns ok. With `event`, `audience` is whom to
// tell; with `item`, the actor.
struct Applied {
  enum class Kind : std::uint8_t { kStored, kDuplicate, kUnchanged, kRefused };
  Kind kind = Kind::kRefused;
  Outcome outcome;
  std::optional<ChatEvent> event;
  std::optional<PrivateItem> item;
  Audience audience;
};

struct AppliedMark {
  ChatId chat_id;
  UserId user_id;
  MarkRow mark;
  RosterPtr roster;
};

// What a write other than an operation may use, inside the transaction.
struct WriteContext {
  StoreWriter& store;
  Timestamp now;
  std::function<std::uint64_t()> next_id;
  // Whoever may not write in this direct chat has changed.
  std::function<void(ChatId)> forget_refusals;
};

class Applier {
 public:
  // `store` and `board` must outlive this.
  Applier(Store& store, const WriterConfig& config, std::uint32_t node, RosterBoard& board);

  void begin(Timestamp now, Instant steady);
  // Requires an operation that prepare_operation accepts; it is consumed.
  Applied apply(UserId actor, Operation&& operation);
  // nullopt: it does not advance. kNotFound: not a member.
  Result<std::optional<AppliedMark>> apply_mark(const PendingMark& mark);
  WriteContext context();
  Status commit();

  const DedupeCounters& dedupe() const { return window_.counters(); }

 private:
  struct Loaded;

  Known load(UserId actor, const Operation& operation, Loaded& loaded);
  void load_target(const Operation& operation, ChatId chat_id, Loaded& loaded, Known& known);
  void load_people(UserId actor, const std::vector<UserId>& people, Known& known);
  bool peer_refuses(CachedChat& chat, UserId actor);
  std::optional<StoredOperation> earlier(ChatId key_chat, UserId actor, const std::string& temp_id);
  Applied accept(UserId actor, OperationKind kind, ChatId key_chat, const std::string& temp_id,
                 Accept&& accepted);
  void use_up_seq(ChatId chat_id);  // the mistake kSeqBeforeDecision
  void write_event(const ChatEvent& event);
  void write_new_chat(const ChatEvent& event);
  void write_heads();
  std::uint64_t next_id();

  StoreWriter& store_;
  StoreReader& reads_;
  ChatCache chats_;
  DedupeWindow<StoredOperation> window_;
  std::vector<std::string> remembered_;  // by this transaction
  Snowflake ids_;
  std::uint64_t id_floor_;
  Timestamp now_;
  Instant steady_;
};

}  // namespace godwit::server
