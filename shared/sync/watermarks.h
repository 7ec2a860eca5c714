// Delivered and read positions of a chat's members: they only grow, and read raises delivered
// (protocol.md, "watermark"). Merging is taking the higher, so any order gives the same.
#pragma once

#include "shared/protocol/types.h"

namespace godwit {

class Watermarks {
 public:
  // True when anything grew.
  bool merge(const Receipts& receipts);
  bool raise_delivered(UserId user_id, Seq seq);
  bool raise_read(UserId user_id, Seq seq);

  Seq delivered(UserId user_id) const;
  Seq read(UserId user_id) const;
  const Receipts& all() const { return receipts_; }

 private:
  Receipts receipts_;
};

}  // namespace godwit
