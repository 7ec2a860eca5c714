#include "shared/client/debris.h"

#include "shared/client/records.h"
#include "shared/journal/record.h"

namespace godwit {
namespace {

constexpr std::string_view kChatId = "\"chatId\":\"";

// All ids in a damaged record; false where one cannot be read, or there is none.
bool collect(std::string_view run, std::set<ChatId>& chats) {
  std::size_t at = run.find(kChatId);
  if (at == std::string_view::npos) return false;
  for (; at != std::string_view::npos; at = run.find(kChatId, at + kChatId.size())) {
    std::string_view rest = run.substr(at + kChatId.size());
    auto id = parse_id<ChatId>(rest.substr(0, rest.find('"')));
    if (!id) return false;
    chats.insert(*id);
  }
  return true;
}

// A position or the session: nothing of a chat.
bool of_no_chat(std::string_view run) {
  if (run.size() <= kRecordHeaderBytes) return false;
  const RecordForm* form = record_form(run.substr(kRecordHeaderBytes));
  bool is_one = form != nullptr &&
                (form->kind == RecordKind::kPrivatePosition || form->kind == RecordKind::kSession);
  return is_one && run.find('{') == std::string_view::npos;
}

}  // namespace

std::optional<std::set<ChatId>> chats_hit(const MountLog::LoadReport& report) {
  bool traceless = report.manifest_missing || report.missing_files != 0 ||
                   report.unnamed_files != 0 || report.doubtful_before ||
                   report.lost_records != report.debris.size();
  if (traceless) return std::nullopt;
  std::set<ChatId> chats;
  for (const std::string& run : report.debris) {
    if (!of_no_chat(run) && !collect(run, chats)) return std::nullopt;
  }
  return chats;
}

}  // namespace godwit
