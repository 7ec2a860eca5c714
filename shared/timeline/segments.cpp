#include "shared/timeline/segments.h"

#include <algorithm>

namespace godwit {
namespace {

bool better(const Segment& a, const Segment& b) {
  if (a.checked != b.checked) return a.checked;
  return a.as_of > b.as_of;
}

bool joinable(const Segment& a, const Segment& b) {
  return a.to.next() == b.from && a.checked == b.checked && (a.checked || a.as_of == b.as_of);
}

bool overlap(const Segment& a, const Segment& b) { return a.from <= b.to && b.from <= a.to; }

}  // namespace

void Segments::add(const Segment& segment) {
  if (segment.from > segment.to) return;
  bool at_the_end = segments_.empty() || segments_.back().to < segment.from;
  if (at_the_end) {
    if (!segments_.empty() && joinable(segments_.back(), segment)) {
      segments_.back().to = segment.to;
      segments_.back().as_of = std::min(segments_.back().as_of, segment.as_of);
    } else {
      segments_.push_back(segment);
    }
    return;
  }
  std::vector<Segment> pieces;
  Seq uncovered = segment.from;  // of the new one, all before this stands in `pieces`
  for (const Segment& held : segments_) {
    if (!overlap(held, segment)) {
      pieces.push_back(held);
      continue;
    }
    if (uncovered < held.from) {
      pieces.push_back(Segment{uncovered, held.from.prev(), segment.as_of, segment.checked});
    }
    if (held.from < segment.from) {
      pieces.push_back(Segment{held.from, segment.from.prev(), held.as_of, held.checked});
    }
    Seq end = std::min(held.to, segment.to);
    const Segment& best = better(segment, held) ? segment : held;
    pieces.push_back(Segment{std::max(held.from, segment.from), end, best.as_of, best.checked});
    if (held.to > segment.to) {
      pieces.push_back(Segment{segment.to.next(), held.to, held.as_of, held.checked});
    }
    uncovered = end.next();
  }
  if (uncovered <= segment.to) {
    pieces.push_back(Segment{uncovered, segment.to, segment.as_of, segment.checked});
  }
  segments_ = std::move(pieces);
  join_neighbours();
}

void Segments::join_neighbours() {
  std::sort(segments_.begin(), segments_.end(),
            [](const Segment& a, const Segment& b) { return a.from < b.from; });
  std::vector<Segment> joined;
  for (const Segment& segment : segments_) {
    if (!joined.empty() && joinable(joined.back(), segment)) {
      joined.back().to = segment.to;
      joined.back().as_of = std::min(joined.back().as_of, segment.as_of);
    } else {
      joined.push_back(segment);
    }
  }
  segments_ = std::move(joined);
}

void Segments::uncheck(Seq as_of) {
  for (Segment& segment : segments_) {
    if (!segment.checked) continue;
    segment.checked = false;
    segment.as_of = std::max(segment.as_of, as_of);
  }
  join_neighbours();
}

void Segments::doubt() {
  for (Segment& segment : segments_) segment.checked = false;
  join_neighbours();
}

const Segment* Segments::find(Seq at) const {
  auto after = std::upper_bound(segments_.begin(), segments_.end(), at,
                                [](Seq seq, const Segment& segment) { return seq < segment.from; });
  if (after == segments_.begin()) return nullptr;
  const Segment& candidate = *(after - 1);
  return candidate.to >= at ? &candidate : nullptr;
}

Seq Segments::low_of(Seq to, bool with_unchecked) const {
  Seq low = to.next();
  while (low.value > 1) {
    const Segment* segment = find(low.prev());
    if (segment == nullptr || (!segment->checked && !with_unchecked)) break;
    low = segment->from;
  }
  return low;
}

}  // namespace godwit
