#include "tests/contract/host.h"

#include <catch2/catch.hpp>
#include <future>

#include "server/app/writer.h"

namespace godwit::server {

void RecordingSink::on_event(const ChatEvent& event, const Audience& audience) {
  std::lock_guard lock(mutex_);
  told_.events.emplace_back(event, audience);
}

void RecordingSink::on_private_item(UserId user_id, const PrivateItem& item, std::string_view) {
  std::lock_guard lock(mutex_);
  told_.items.emplace_back(user_id, item);
}

void RecordingSink::on_receipts(ChatId chat_id, UserId user_id, Seq delivered, Seq read,
                                const RosterPtr&) {
  std::lock_guard lock(mutex_);
  told_.marks.push_back(Told::Mark{chat_id, user_id, delivered, read});
}

void RecordingSink::on_batch_end() {
  std::lock_guard lock(mutex_);
  ++told_.batches;
}

Told RecordingSink::told() const {
  std::lock_guard lock(mutex_);
  return told_;
}

Config test_config(const std::string& folder) {
  Config config;
  config.storage.data_dir = folder;
  config.storage.cache_kib = 4'096;
  config.auth.argon_ops = 1;
  config.auth.argon_memory_bytes = 8'192;
  config.auth.login_per_name = Rate{};
  config.auth.login_per_address = Rate{};
  config.auth.register_per_address = Rate{};
  return config;
}

Host::Host(Config given) : config(std::move(given)) {
  if (config.storage.data_dir.empty()) config.storage.data_dir = folder.path();
  restart();
}

void Host::restart() {
  service.reset();
  auto opened = Service::open(config, clock);
  if (!opened) FAIL(opened.error().detail);
  service = std::move(*opened);
  service->set_sink(&sink);
}

UserId Host::person(const std::string& name) {
  UserId made;
  Status status = service->writer().run_and_wait([&](WriteContext& context) {
    UserRow row;
    row.user_id = made = UserId{context.next_id()};
    row.username = name;
    row.display_name = name + " Person";
    row.created_at = context.now;
    context.store.insert_user(row, name);
    return Status::ok();
  });
  REQUIRE(status.is_ok());
  return made;
}

ChatId Host::direct(UserId a, UserId b) {
  Outcome outcome = apply(a, CreateChat{"", ChatType::kDirect, "", {b}});
  REQUIRE(outcome.is_ok());
  return outcome.chat_id;
}

ChatId Host::group(UserId owner, std::vector<UserId> others) {
  Outcome outcome = apply(owner, CreateChat{"", ChatType::kGroup, "Group", std::move(others)});
  REQUIRE(outcome.is_ok());
  return outcome.chat_id;
}

Outcome Host::apply(UserId who, Operation operation) {
  return service->submit_and_wait(who, std::move(operation));
}

Outcome Host::say(UserId who, ChatId chat_id, const std::string& text, const std::string& temp_id) {
  return apply(who, SendMessage{temp_id, chat_id, Content{ContentType::kText, text, {}}, {}, {}});
}

std::vector<Outcome> Host::say_many(UserId who, ChatId chat_id, int count,
                                    const std::string& prefix) {
  std::vector<Outcome> outcomes(static_cast<std::size_t>(count));
  std::promise<void> done;
  std::atomic<int> left{count};
  for (int i = 0; i < count; ++i) {
    const std::string name = prefix + std::to_string(i);
    SendMessage send{name, chat_id, Content{ContentType::kText, name, {}}, {}, {}};
    service->submit(who, std::move(send), nullptr, 0, [&, i](const Outcome& outcome) {
      outcomes[static_cast<std::size_t>(i)] = outcome;
      if (--left == 0) done.set_value();
    });
  }
  done.get_future().wait();
  return outcomes;
}

void Host::read(UserId who, ChatId chat_id, Seq seq) {
  REQUIRE(service->mark_and_wait(who, MarkPosition{chat_id, seq, true}).is_ok());
}

ChatState Host::state(UserId who, ChatId chat_id) {
  auto state = service->reads().ask<ChatState>(
      [&](Queries& queries) { return queries.chat_state(who, chat_id); });
  REQUIRE(state.is_ok());
  return *state;
}

HistoryPage Host::history(UserId who, ChatId chat_id, HistoryQuery query) {
  auto page = service->reads().ask<HistoryPage>(
      [&](Queries& queries) { return queries.history(who, chat_id, query); });
  REQUIRE(page.is_ok());
  return *page;
}

std::vector<SyncResponse> Host::sync(UserId who, SyncRequest request, bool epoch_is_ours) {
  auto answer = service->reads().ask<std::vector<SyncResponse>>(
      [&](Queries& queries) { return queries.sync(who, request, epoch_is_ours); });
  REQUIRE(answer.is_ok());
  return *answer;
}

}  // namespace godwit::server
