// A server's inside without a network: a Service on a folder of its own, a clock that stands until
// it is moved, a few people, and short ways to say what they do.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "server/app/service.h"
#include "tests/contract/temp_folder.h"

namespace godwit::server {

class TestClock final : public Clock {
 public:
  Timestamp now() const override { return Timestamp{1'800'000'000'000 + ms_.load()}; }
  Instant steady() const override { return Instant{1'000'000 + ms_.load()}; }
  void advance(std::int64_t ms) { ms_ += ms; }

 private:
  std::atomic<std::int64_t> ms_{0};
};

// Everything the sink was told, in order.
struct Told {
  std::vector<std::pair<ChatEvent, Audience>> events;
  std::vector<std::pair<UserId, PrivateItem>> items;
  struct Mark {
    ChatId chat_id;
    UserId user_id;
    Seq delivered;
    Seq read;
  };
  std::vector<Mark> marks;
  int batches = 0;
};

class RecordingSink final : public CommitSink {
 public:
  void on_event(const ChatEvent& event, const Audience& audience) override;
  void on_private_item(UserId user_id, const PrivateItem& item, std::string_view) override;
  void on_receipts(ChatId chat_id, UserId user_id, Seq delivered, Seq read,
                   const RosterPtr&) override;
  void on_batch_end() override;
  Told told() const;

 private:
  mutable std::mutex mutex_;
  Told told_;
};

// A configuration for tests: `folder`, the cheapest Argon2id, no limits of rate.
Config test_config(const std::string& folder);

class Host {
 public:
  explicit Host(Config config);  // fails the test when the service does not open
  Host() : Host(test_config("")) {}

  // A person without a password: only for what needs no sign-in.
  UserId person(const std::string& name);
  ChatId direct(UserId a, UserId b);
  ChatId group(UserId owner, std::vector<UserId> others);

  Outcome apply(UserId who, Operation operation);
  Outcome say(UserId who, ChatId chat_id, const std::string& text, const std::string& temp_id = "");
  // `count` messages by `who`, all in flight at once; the outcomes in order.
  std::vector<Outcome> say_many(UserId who, ChatId chat_id, int count, const std::string& prefix);
  void read(UserId who, ChatId chat_id, Seq seq);

  ChatState state(UserId who, ChatId chat_id);
  HistoryPage history(UserId who, ChatId chat_id, HistoryQuery query = {});
  std::vector<SyncResponse> sync(UserId who, SyncRequest request, bool epoch_is_ours = true);

  // Stops the service and opens it again on the same folder.
  void restart();

  TempFolder folder;
  TestClock clock;
  RecordingSink sink;
  Config config;
  std::unique_ptr<Service> service;
};

// The parts of an answer of one form.
template <typename Part>
std::vector<Part> parts_of(const std::vector<SyncResponse>& answer) {
  std::vector<Part> parts;
  for (const SyncResponse& response : answer) {
    if (const auto* part = std::get_if<Part>(&response.part)) parts.push_back(*part);
  }
  return parts;
}

}  // namespace godwit::server
