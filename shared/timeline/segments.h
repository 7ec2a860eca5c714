// Which stretches of a chat's log are held: within a segment every message that exists is there.
//
// A checked segment is true now: no event since its page was read has been missed. An unchecked one
// was true at `as_of`; events after that may be missing (a `reset` skipped over them), so it is
// asked for by `changedSince` before it is shown when online, and shown marked when offline.
#pragma once

#include <vector>

#include "shared/base/ids.h"

namespace godwit {

struct Segment {
  Seq from;
  Seq to;
  Seq as_of;
  bool checked = true;
  friend bool operator==(const Segment&, const Segment&) = default;
};

class Segments {
 public:
  // Adds [from, to]; nothing where from > to. Where it overlaps what is held, the better knowledge
  // stays: checked over unchecked, then the later `as_of`. Neighbours of equal quality join.
  void add(const Segment& segment);

  // The log's next entry was seen: [at, at] is held and true.
  void extend(Seq at) { add(Segment{at, at, at, true}); }

  // A stretch of events was missed: what is held was true at `as_of` (or later, where it said so).
  void uncheck(Seq as_of);

  // Nothing that is held is sure any more: each stretch was true at its own `as_of` at best.
  void doubt();

  // The segment that holds `at`, or nullptr.
  const Segment* find(Seq at) const;

  // The lowest seq from which everything up to `to` is held (unchecked stretches count only with
  // `with_unchecked`); to.next() where `to` itself is not.
  Seq low_of(Seq to, bool with_unchecked) const;

  const std::vector<Segment>& all() const { return segments_; }  // ascending, disjoint

 private:
  void join_neighbours();
  std::vector<Segment> segments_;
};

}  // namespace godwit
