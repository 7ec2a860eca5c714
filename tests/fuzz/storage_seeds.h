// Journals as the client writes them, as inputs of the storage target: records of every kind over a
// few chats, from a seed.
#pragma once

#include <string>

namespace godwit::fuzz {

std::string random_journal(std::uint64_t seed);

}  // namespace godwit::fuzz
