// A device and the server that it hears of one history, in one thread: a core over a disk of atomic
// batches, and a server that stands at a head of the history and says what one would say there.
// Nothing happens by itself: each call is one thing that comes to pass, in whatever order the test
// chooses.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "shared/client/client_core.h"
#include "tests/properties/disks.h"
#include "tests/properties/history.h"

namespace godwit::properties {

class HeardDevice {
 public:
  explicit HeardDevice(const History& history);

  // ---- the server ----
  Seq head() const { return head_; }
  // The next event of the log happens, and is told live or lost on the way.
  bool happen(bool told);
  void tell_again(Seq seq);  // an event of the past, as its message stands now
  void tell_receipts();
  void tell_item();     // the next private item
  void answer_sync();   // what was asked for, of this moment: events, or a state with a page
  void answer_pages();  // the same by REST
  void answer_sends();  // acks of what is stored
  // ---- the device ----
  void scroll();              // asks for older history
  void settle(bool written);  // every batch under way ends
  void die();                 // and so none of them does; the tab says again what it said
  void pass(std::int64_t ms);

  // All that is to happen happens, and all that can be read is read.
  void finish();
  // What is known at the end.
  std::string shown() const;

 private:
  void start();
  void say_own();
  void give(const Event& event);
  void note_sent(const std::string& text);
  void hear(const ServerFrame& frame);
  void answer_chat(const SyncRequest& request);
  void answer_user(const SyncRequest& request);

  const History& history_;
  Seq head_{1};
  std::uint64_t items_ = 0;
  std::unique_ptr<ClientCore> core_;
  Disks disks_;
  std::vector<Batch> batches_;
  std::vector<SyncRequest> syncs_;
  std::vector<HttpRequest> pages_;
  std::vector<std::string> sends_;  // tempIds
  std::int64_t now_ms_ = 1'000;
};

}  // namespace godwit::properties
