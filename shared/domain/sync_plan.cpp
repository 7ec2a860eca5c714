#include "shared/domain/sync_plan.h"

#include "shared/base/limits.h"

namespace godwit {

SyncForm sync_form(Seq held, Seq head, std::optional<Seq> joined) {
  if (!joined) return SyncForm::kRemoved;
  if (held > head || head.value - held.value > limits::kSyncEventsMax) return SyncForm::kReset;
  const bool broken = held.value > 0 && held < joined->prev();
  return broken ? SyncForm::kReset : SyncForm::kEvents;
}

}  // namespace godwit
