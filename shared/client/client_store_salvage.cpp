// A damaged outbox: which entries are lost, what can be made out of them, and how they are kept for
// the person to see. The manifest's note says which entries there were; where that is lost too, the
// damaged bytes have to say it.
#include <algorithm>
#include <charconv>

#include "shared/client/client_store.h"
#include "shared/protocol/codec.h"

namespace godwit {
namespace {

// The orders that a note names ("q3 5-9"), no more than an outbox holds; nullopt: it is no such
// note.
std::optional<std::set<std::uint64_t>> orders_in(const std::optional<std::string>& note) {
  if (!note || note->empty() || note->front() != 'q') return std::nullopt;
  std::set<std::uint64_t> orders;
  const char* at = note->data() + 1;
  const char* end = note->data() + note->size();
  while (at < end && orders.size() < limits::kOutboxEntriesMax) {
    std::uint64_t from = 0;
    auto [after, error] = std::from_chars(at, end, from);
    if (error != std::errc{}) return std::nullopt;
    std::uint64_t to = from;
    at = after;
    if (at < end && *at == '-') {
      auto [after_range, bad] = std::from_chars(at + 1, end, to);
      if (bad != std::errc{}) return std::nullopt;
      at = after_range;
    }
    for (std::uint64_t order = from; order <= to && orders.size() < limits::kOutboxEntriesMax;) {
      orders.insert(order++);
    }
    if (at < end) ++at;
  }
  return orders;
}

bool holds_order(const Outbox& outbox, std::uint64_t order) {
  for (const OutboxEntry* entry : outbox.all()) {
    if (entry->order == order) return true;
  }
  return false;
}

// Gives each lost order its piece: the one that names it, else the next that names none of them.
std::vector<Salvaged> match(std::vector<Salvaged> pieces, const std::set<std::uint64_t>& lost) {
  std::vector<Salvaged> matched;
  std::set<std::uint64_t> open = lost;
  for (Salvaged& piece : pieces) {
    if (open.erase(piece.order) == 0) continue;
    matched.push_back(std::move(piece));
    piece = Salvaged{};
  }
  for (Salvaged& piece : pieces) {
    bool nothing = piece.order != 0 || (piece.text.empty() && !piece.chat_id && !piece.operation);
    if (open.empty()) break;
    if (nothing) continue;
    piece.order = *open.begin();
    open.erase(open.begin());
    matched.push_back(std::move(piece));
  }
  for (std::uint64_t order : open) {
    matched.emplace_back();
    matched.back().order = order;
  }
  return matched;
}

}  // namespace

void ClientStore::salvage_queue(const MountLog::LoadReport& report, ClientState& state) {
  std::vector<Salvaged> pieces;
  for (const std::string& run : report.debris) {
    std::vector<Salvaged> found = salvage_operations(run);
    std::move(found.begin(), found.end(), std::back_inserter(pieces));
  }
  if (auto listed = orders_in(report.note)) {
    for (const OutboxEntry* entry : state.outbox.all()) listed->erase(entry->order);
    pieces = match(std::move(pieces), *listed);
  } else if (pieces.empty() && report.missing_files != 0) {
    pieces.emplace_back();  // nobody can say any more what it was
  }
  for (Salvaged& piece : pieces) restore_damaged(std::move(piece), state);
  log(Mount::kQueue).repair();
}

// A message or a change of one that reads whole is kept as it is, marked; of all else what can be
// read. Neither is sent unless the person says so.
void ClientStore::restore_damaged(Salvaged piece, ClientState& state) {
  Outbox& outbox = state.outbox;
  bool known = piece.operation && outbox.find(temp_id_of(*piece.operation)) != nullptr;
  if (known || outbox.size() >= limits::kOutboxEntriesMax) return;
  bool taken = piece.order == 0 || holds_order(outbox, piece.order);
  std::uint64_t order = taken ? outbox.next_order() : piece.order;
  bool written = piece.operation && (std::holds_alternative<SendMessage>(*piece.operation) ||
                                     std::holds_alternative<EditMessage>(*piece.operation));
  OutboxEntry* entry = nullptr;
  if (written) {
    entry = &outbox.restore(std::move(*piece.operation), order, piece.created);
    entry->harm = Harm::kDoubtful;
    entry->failed = Code::kConflict;
  } else {
    entry = &outbox.restore_partial(piece.chat_id, std::move(piece.text), order, piece.created);
  }
  entry->durable = true;  // as much of it as there is
  std::vector<std::string> payloads;
  append_entry_records(*entry, payloads);
  for (const std::string& payload : payloads) log(Mount::kQueue).append(payload);
}

}  // namespace godwit
