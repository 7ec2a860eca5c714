// The records of the client's journal, each kind once: what it is called, in which mount it stands,
// and what it holds. What writes, loads, fills with filler and inspects records goes by this list,
// and the tests that die at every write and damage every record take their kinds from it.
//
//   /q  O <order> <created ms>\n<frame>   an operation is queued      (only this device has it)
//       F <code>\n<tempId>                it was refused for good, or ("damaged") read from damage
//       B <order> <ms> <chatId>\n<text>   what could be made out of a damaged operation
//       N <order>\n<tempId>               the person retries it
//       D <tempId>                        it is answered, or discarded
//   /h  S <json>                          session: user, epoch, cache generation
//       C <position>\n<chat state>        a chat's snapshot: all before it in the log is replaced
//       G <chatId>\n<page>                a stretch of its newest history
//       E <event>                         an event: with it the position moves, never without
//       M <message>                       a changed message, without the stretch around it
//       R <receipts frame>                watermarks
//       U <private item>                  private state, and its position: true where the items
//       P <userSeq> <sum>                 read so far have this sum
//       X <chatId>                        a chat is forgotten
//   /c  K <generation> <chatId>\n<page>   a stretch of history
//       L <generation>\n<message>         a changed message
//                                         (of another generation than /h's: void)
//   notes in the manifests: /q the orders of all entries, so that the loss of one is known;
//                           /h the session once more, so that no single record says what all is of
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "shared/journal/batch_store.h"

namespace godwit {

// The value is the payload's first byte; no two mounts share one.
enum class RecordKind : char {
  kQueued = 'O',
  kRefused = 'F',
  kPartial = 'B',
  kRetried = 'N',
  kDropped = 'D',
  kSession = 'S',
  kChat = 'C',
  kStretch = 'G',
  kEvent = 'E',
  kChanged = 'M',
  kReceipts = 'R',
  kPrivateItem = 'U',
  kPrivatePosition = 'P',
  kForgotten = 'X',
  kHistory = 'K',
  kChangedOld = 'L',
};

struct RecordForm {
  RecordKind kind;
  Mount mount;
  std::string_view name;  // for people
};

// All of them: a kind that is not here can be neither written nor read.
inline constexpr std::array<RecordForm, 16> kRecordForms{{
    {RecordKind::kQueued, Mount::kQueue, "operation queued"},
    {RecordKind::kRefused, Mount::kQueue, "operation refused"},
    {RecordKind::kPartial, Mount::kQueue, "rest of a damaged operation"},
    {RecordKind::kRetried, Mount::kQueue, "operation retried"},
    {RecordKind::kDropped, Mount::kQueue, "operation done"},
    {RecordKind::kSession, Mount::kHot, "session"},
    {RecordKind::kChat, Mount::kHot, "chat"},
    {RecordKind::kStretch, Mount::kHot, "newest history"},
    {RecordKind::kEvent, Mount::kHot, "event"},
    {RecordKind::kChanged, Mount::kHot, "changed message"},
    {RecordKind::kReceipts, Mount::kHot, "receipts"},
    {RecordKind::kPrivateItem, Mount::kHot, "private item"},
    {RecordKind::kPrivatePosition, Mount::kHot, "position of the private items"},
    {RecordKind::kForgotten, Mount::kHot, "chat forgotten"},
    {RecordKind::kHistory, Mount::kCache, "history"},
    {RecordKind::kChangedOld, Mount::kCache, "changed message of history"},
}};

// The form of a record that begins with `payload`; nullptr: there is none such.
inline const RecordForm* record_form(std::string_view payload) {
  for (const RecordForm& form : kRecordForms) {
    if (!payload.empty() && payload.front() == static_cast<char>(form.kind)) return &form;
  }
  return nullptr;
}

// What a record of the kind begins with.
inline std::string head_of(RecordKind kind) { return std::string(1, static_cast<char>(kind)); }

}  // namespace godwit
