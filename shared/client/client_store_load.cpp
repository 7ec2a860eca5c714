// Loading: the three mounts, record by record, and what their damage means for what is known.
#include "shared/client/client_store.h"
#include "shared/client/debris.h"
#include "shared/client/load_record.h"

namespace godwit {
namespace {

// An id that is no chat's here may be a damaged one.
std::optional<std::set<ChatId>> known_ones(std::optional<std::set<ChatId>> chats,
                                           const ClientState& state) {
  if (!chats) return chats;
  for (ChatId chat_id : *chats) {
    if (state.find_chat(chat_id) == nullptr) return std::nullopt;
  }
  return chats;
}

}  // namespace

MountLog::LoadReport ClientStore::load_queue(const std::vector<StoredFile>& files,
                                             ClientState& state) {
  std::uint32_t refused = 0;
  auto report = log(Mount::kQueue).load(files, [&](std::string_view payload) {
    if (load_record(payload, Mount::kQueue, false, state).taken == Taken::kMalformed) ++refused;
  });
  report.damaged += refused;
  if (log(Mount::kQueue).doubtful()) salvage_queue(report, state);
  return report;
}

MountLog::LoadReport ClientStore::load_hot(const std::vector<StoredFile>& files,
                                           ClientState& state) {
  std::uint32_t refused = 0;
  auto report = log(Mount::kHot).load(files, [&](std::string_view payload) {
    if (load_record(payload, Mount::kHot, true, state).taken == Taken::kMalformed) ++refused;
  });
  report.damaged += refused;
  hit_[index(Mount::kHot)] = known_ones(chats_hit(report), state);
  bool noted = report.note && !report.note->empty() && report.note->front() == 'h';
  if (state.epoch.empty() && noted) (void)load_session(report.note->substr(1), state);
  state.epoch_lost = state.epoch.empty() && (!state.chats.empty() || report.damage());
  return report;
}

ClientStore::CachePart ClientStore::load_cache(const std::vector<StoredFile>& files, bool last,
                                               ClientState& state) {
  CachePart part;
  part.report = log(Mount::kCache).load_part(files, last, [&](std::string_view payload) {
    LoadedRecord loaded = load_record(payload, Mount::kCache, doubtful(Mount::kHot), state);
    if (loaded.taken == Taken::kMalformed) ++cache_refused_;
    if (loaded.chat != nullptr) part.chats.insert(loaded.chat->chat_id());
  });
  if (!part.report) return part;
  part.report->damaged += cache_refused_;
  hit_[index(Mount::kCache)] = known_ones(chats_hit(*part.report), state);
  return part;
}

}  // namespace godwit
