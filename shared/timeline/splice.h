// The difference between two lists as one splice: what lies between the common beginning and the
// common end.
#pragma once

#include <algorithm>
#include <vector>

namespace godwit {

struct Splice {
  std::size_t at = 0;
  std::size_t removed = 0;
  std::size_t inserted = 0;  // taken from the new list at `at`
  bool empty() const { return removed == 0 && inserted == 0; }
};

template <typename Item>
Splice splice_between(const std::vector<Item>& before, const std::vector<Item>& after) {
  std::size_t shorter = std::min(before.size(), after.size());
  std::size_t head = 0;
  while (head < shorter && before[head] == after[head]) ++head;
  std::size_t tail = 0;
  while (tail < shorter - head &&
         before[before.size() - 1 - tail] == after[after.size() - 1 - tail]) {
    ++tail;
  }
  return Splice{head, before.size() - head - tail, after.size() - head - tail};
}

}  // namespace godwit
