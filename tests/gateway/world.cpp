#include "tests/gateway/world.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <latch>

#include "server/app/writer.h"
#include "server/store/store.h"

namespace godwit::server {

World::World(GatewayConfig gateway_config, WriterConfig writer) {
  std::string pattern = (std::filesystem::temp_directory_path() / "godwit-gateway-XXXXXX").string();
  REQUIRE(mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;
  config_.storage.data_dir = folder_ + "/data";
  config_.gateway = gateway_config;
  config_.writer = writer;
  auto opened = Service::open(config_, clock);
  REQUIRE(opened);
  service = std::move(opened).value();
  bus_ = std::make_unique<LocalBus>(medium, executor);
  gateway = make_gateway(*bus_);
  service->set_sink(&gateway->sink());
}

World::~World() {
  for (auto& client : clients_) client->vanish();
  service->stop();
  executor.run_posted();
  second_.reset();
  gateway.reset();
  service.reset();
  std::filesystem::remove_all(folder_);
}

std::unique_ptr<Gateway> World::make_gateway(Bus& bus) {
  auto verify = [](std::string_view token) -> Result<Identity> {
    const auto colon = token.find(':');
    if (colon == std::string_view::npos) return Error{Code::kUnauthenticated, "no such session"};
    return Identity{*parse_id<UserId>(token.substr(0, colon)),
                    *parse_id<SessionId>(token.substr(colon + 1)), SessionKind::kApi};
  };
  auto is_live = [this](SessionId session) { return ended_.count(session.value) == 0; };
  return std::make_unique<Gateway>(GatewayParts{executor, clock, *service, bus, counters},
                                   GatewayAuth{verify, is_live},
                                   GatewayOptions{config_.gateway, "test"});
}

Gateway& World::open_second_node() {
  second_bus_ = std::make_unique<LocalBus>(medium, executor);
  second_ = make_gateway(*second_bus_);
  return *second_;
}

UserId World::person(const std::string& name) {
  UserId user_id;
  Status status = service->writer().run_and_wait([&](WriteContext& context) {
    user_id = UserId{context.next_id()};
    UserRow row;
    row.user_id = user_id;
    row.username = name;
    row.display_name = name;
    row.created_at = context.now;
    context.store.insert_user(row, name);
    return Status::ok();
  });
  REQUIRE(status);
  return user_id;
}

ChatId World::direct(UserId one, UserId other) {
  CreateChat chat;
  chat.participants = {other};
  return service->submit_and_wait(one, chat).chat_id;
}

ChatId World::group(UserId owner, std::vector<UserId> others) {
  CreateChat chat;
  chat.type = ChatType::kGroup;
  chat.name = "group";
  chat.participants = std::move(others);
  Outcome outcome = service->submit_and_wait(owner, chat);
  REQUIRE(outcome.is_ok());
  return outcome.chat_id;
}

FakeClient& World::dial(UserId user_id, std::uint64_t session, bool second_node) {
  clients_.push_back(std::make_unique<FakeClient>(executor, user_id));
  FakeClient& client = *clients_.back();
  if (session == 0) session = ++last_session_;
  UpgradeRequest request;
  request.token = user_id.str() + ":" + std::to_string(session);
  bool is_answered = false;
  (second_node ? *second_ : *gateway).upgrade(request, [&](UpgradeAnswer answer) {
    is_answered = true;
    if (auto* accepted = std::get_if<AcceptSocket>(&answer)) {
      client.attach(std::move(accepted->handler));
    } else if (auto* closed = std::get_if<CloseAfterUpgrade>(&answer)) {
      client.close(closed->code, closed->reason);
    }
  });
  REQUIRE(until([&] { return is_answered; }));
  return client;
}

FakeClient& World::enter(UserId user_id, bool second_node) {
  FakeClient& client = dial(user_id, 0, second_node);
  client.say(hello());
  REQUIRE(until([&] { return !client.all<Welcome>().empty(); }));
  return client;
}

void World::end_session(std::uint64_t session) { ended_.insert(session); }

bool World::until(const std::function<bool()>& is_so) {
  while (true) {
    executor.run_posted();
    if (is_so()) return true;
    if (!executor.wait_for_post()) return false;
  }
}

void World::settle() {
  for (int round = 0; round < 3; ++round) {
    // Every reader takes one of these, so each has ended what it was asked before.
    auto together =
        std::make_shared<std::latch>(static_cast<std::ptrdiff_t>(config_.reads.threads) + 1);
    for (std::size_t i = 0; i < config_.reads.threads; ++i) {
      REQUIRE(service->reads().post([together](Queries&) { together->arrive_and_wait(); }));
    }
    together->arrive_and_wait();
    // The second task begins after the first one's batch has been told.
    for (int i = 0; i < 2; ++i) {
      REQUIRE(service->writer().run_and_wait([](WriteContext&) { return Status::ok(); }));
    }
    executor.run_posted();
  }
}

SendMessage text(ChatId chat_id, const std::string& temp_id, const std::string& words) {
  SendMessage message;
  message.temp_id = temp_id;
  message.chat_id = chat_id;
  message.content.text = words;
  return message;
}

Hello hello(const std::string& epoch) {
  Hello frame;
  frame.device_id = "device";
  frame.core_version = "test";
  frame.epoch = epoch;
  return frame;
}

SyncRequest sync_from(const std::string& request_id, std::map<ChatId, Seq> chats) {
  SyncRequest request;
  request.request_id = request_id;
  request.chats = std::move(chats);
  return request;
}

}  // namespace godwit::server
