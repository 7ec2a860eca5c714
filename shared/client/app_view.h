// The app's own state as a tab shows it: the connection, what is unsent, unread, failed or damaged,
// and whether anything is kept on this device. Looks at plain facts first, so that a step that
// changes none of them costs no text.
#pragma once

#include <optional>
#include <string>

#include "shared/client/view_source.h"
#include "shared/protocol/json_writer.h"

namespace godwit {

class AppView {
 public:
  // What differs from what was shown last, as the `view` effect's JSON; nullopt: nothing.
  std::optional<std::string> diff(const ViewSource& source, std::uint64_t total_unread);

 private:
  struct Facts {
    std::string_view connection;
    bool synced = false;
    std::optional<std::int64_t> retry_at_s;  // of the wall clock
    std::size_t unsent = 0;
    std::size_t failed = 0;
    std::string damaged = "[]";
    std::uint64_t unread = 0;
    bool ended = false;
    std::string_view storage;
    std::string memory_reason;
    friend bool operator==(const Facts&, const Facts&) = default;
  };

  static Facts facts_of(const ViewSource& source, std::uint64_t total_unread);
  static void count_outbox(Facts& facts, const ClientState& state);
  void write_changed(json::Writer& out, const Facts& now) const;

  std::optional<Facts> shown_;
};

}  // namespace godwit
