// What a database holds, as an oracle reads it: by connections of its own, beside the server. It
// may be read while no process runs; it must be closed before the disk loses anything.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "server/app/queries.h"
#include "server/store/sqlite_reader.h"
#include "server/store/sqlite_store.h"
#include "tests/simulation/server/sim_server.h"

namespace godwit::sim {

class StoredLog {
 public:
  // Requires a database there, and that reads succeed.
  explicit StoredLog(const server::SqlitePlace& place);
  ~StoredLog();

  // Everything, as of the last commit. Stands until the next call after a commit.
  const std::map<ChatId, ServerChat>& chats();
  const std::map<UserId, ServerUser>& users();
  bool is_member(ChatId chat_id, UserId user_id);
  ChatState state_for(ChatId chat_id, UserId viewer);
  bool applied(UserId sender, const std::string& temp_id);
  // Empty, or what is wrong with the file.
  std::string damage();

 private:
  void refresh();
  void read_chat(ChatId chat_id, const std::vector<UserId>& people);
  void read_user(UserId user_id);

  std::unique_ptr<server::SqliteConnection> connection_;
  server::SqliteReader reader_;
  std::unique_ptr<server::Queries> queries_;
  server::SqliteStatement applied_;
  std::optional<std::int64_t> version_;
  std::map<ChatId, ServerChat> chats_;
  std::map<UserId, ServerUser> users_;
};

}  // namespace godwit::sim
