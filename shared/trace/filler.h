// Filler for what people wrote: a trace of a core's inputs leaves the device only with it.
//
// Filler has the byte length of the text it stands for, both as UTF-8 and as a JSON string, and is
// as blank or as malformed, so that the core takes the same decisions on it: what is too long stays
// too long, a journal segment fills at the same record. It is made of counts alone: how many
// characters of each width, and how many that JSON escapes. Nothing else of the text is in it.
//
//   replaced  texts and other contents of messages; names of people and of groups; settings; values
//             of private items (also numbers in them); emoji; texts of errors and closes
//   kept      ids, tempIds, positions, times, types, roles, codes, keys of private items and of
//             JSON objects, whether a value is null, true or false
#pragma once

#include <string>
#include <string_view>

#include "shared/client/events.h"

namespace godwit {

// `text` that is not valid UTF-8 becomes bytes that are not either; a blank one stays.
std::string filler_for(std::string_view text);

// A document as the server or the core writes them, with filler in it; what is not JSON becomes as
// many bytes that are not JSON. JSON that is not written compactly comes back compact.
std::string filled_json(std::string_view json);
// The same for a value that is a person's throughout (of a private item, settings).
std::string filled_value(std::string_view json);

// A record of the client's journal (client_store.h), and a whole stored file. Damaged stretches
// keep their length and what marks them as records; everything else in them becomes filler.
std::string filled_record(std::string_view payload);
StoredFile filled_file(const StoredFile& file);

void fill(Event& event);

}  // namespace godwit
