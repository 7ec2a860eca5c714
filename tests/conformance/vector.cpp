#include "tests/conformance/vector.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "shared/client/state_hash.h"
#include "shared/protocol/codes.h"
#include "shared/protocol/json_writer.h"
#include "shared/trace/recorder.h"
#include "tests/conformance/step_json.h"

namespace godwit::conformance {
namespace {

using json::Kind;
using json::Value;

constexpr int kDepthMax = 40;
// Added to a step's `at` where it names no `wall`: an instant in 2026.
constexpr std::int64_t kWallBaseMs = 1'795'000'000'000;

std::string hex(std::uint64_t value) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back(kDigits[(value >> shift) & 15]);
  return out;
}

struct Step {
  std::int64_t at = 0;
  std::optional<std::int64_t> wall;
  const Value* written_event = nullptr;
  Event event;
  const Value* expected = nullptr;  // the step as it is written
};

struct Script {
  std::vector<std::string> rules;
  std::string title;
  std::uint64_t seed = 1;
  std::vector<Step> steps;
};

// What the core answered to one step, each part as compact JSON.
struct Answer {
  std::string status;
  std::vector<std::string> effects;
  std::string wake_at;
  std::string hash;
};

// "line 3, column 14" of the fault that the JSON parser found.
std::string place_in(std::string_view text) {
  std::size_t at = text.size();
  try {
    [[maybe_unused]] auto read = nlohmann::json::parse(text.begin(), text.end());
  } catch (const nlohmann::json::parse_error& error) {
    at = error.byte == 0 ? 0 : std::min(error.byte - 1, text.size());
  } catch (const nlohmann::json::exception&) {
    at = 0;
  }
  std::size_t line = 1;
  std::size_t column = 1;
  for (char c : text.substr(0, at)) {
    column = c == '\n' ? 1 : column + 1;
    if (c == '\n') ++line;
  }
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

Error fault(const std::string& pointer, const std::string& what) {
  return Error{Code::kBadFrame, (pointer.empty() ? "the whole" : pointer) + ": " + what};
}

Result<Step> read_step(const Value& value, const std::string& pointer) {
  if (value.kind != Kind::kObject) return fault(pointer, "must be an object");
  Step step;
  step.expected = &value;
  const Value* at = json::find(value, "at");
  if (at == nullptr || at->kind != Kind::kInteger) return fault(pointer + "/at", "must be ms");
  step.at = at->integer;
  if (const Value* wall = json::find(value, "wall")) {
    if (wall->kind != Kind::kInteger) return fault(pointer + "/wall", "must be ms");
    step.wall = wall->integer;
  }
  step.written_event = json::find(value, "event");
  if (step.written_event == nullptr) return fault(pointer + "/event", "is missing");
  auto event = event_of(*step.written_event);
  if (!event) return Error{Code::kBadFrame, pointer + "/event" + event.error().detail};
  step.event = std::move(*event);
  const Value* effects = json::find(value, "effects");
  if (effects != nullptr && effects->kind != Kind::kArray) {
    return fault(pointer + "/effects", "must be an array");
  }
  return step;
}

Result<Script> read_script(const Value& root) {
  if (root.kind != Kind::kObject) return fault("", "a vector is an object");
  Script script;
  const Value* title = json::find(root, "title");
  if (title == nullptr || title->kind != Kind::kString) return fault("/title", "must be a string");
  script.title = title->text;
  const Value* rules = json::find(root, "rules");
  if (rules == nullptr || rules->kind != Kind::kArray || rules->children.empty()) {
    return fault("/rules", "must be an array of rules");
  }
  for (const json::Child& rule : rules->children) {
    if (rule.value.kind != Kind::kString) return fault("/rules", "must be an array of rules");
    script.rules.push_back(rule.value.text);
  }
  if (const Value* seed = json::find(root, "seed")) {
    bool good = seed->kind == Kind::kInteger && seed->integer >= 0;
    if (!good) return fault("/seed", "must be a number from 0");
    script.seed = static_cast<std::uint64_t>(seed->integer);
  }
  const Value* steps = json::find(root, "steps");
  if (steps == nullptr || steps->kind != Kind::kArray || steps->children.empty()) {
    return fault("/steps", "must be an array of steps");
  }
  for (std::size_t i = 0; i < steps->children.size(); ++i) {
    auto step = read_step(steps->children[i].value, "/steps/" + std::to_string(i));
    if (!step) return step.error();
    script.steps.push_back(std::move(*step));
  }
  return script;
}

Answer take_step(ClientCore& core, const Step& step, TraceRecorder& trace) {
  Effects effects;
  Timestamp wall{step.wall.value_or(kWallBaseMs + step.at)};
  Status status = core.step(Instant{step.at}, wall, step.event, effects);
  trace.record(Instant{step.at}, wall, step.event, status.is_ok(), core);
  Answer answer;
  answer.status = status ? "ok" : std::string(code_name(status.error().code));
  for (const Effect& effect : effects) answer.effects.push_back(effect_json(effect));
  auto deadline = core.next_deadline();
  answer.wake_at = deadline ? std::to_string(deadline->ms) : "null";
  answer.hash = hex(state_hash(core));
  return answer;
}

std::string text_at(const Value& object, std::string_view key) {
  const Value* value = json::find(object, key);
  if (value == nullptr) return "nothing";
  return value->kind == Kind::kString ? value->text : json::to_text(*value);
}

std::string mismatch(const std::string& what, const std::string& expected,
                     const std::string& came) {
  return what + "\n  expected " + expected + "\n  came     " + came;
}

// Where the answer, but for its hash, is not what is written; empty where it is.
std::string difference(const Step& step, const Answer& answer) {
  const Value& written = *step.expected;
  const Value* status = json::find(written, "status");
  std::string expected_status = status == nullptr ? "ok" : status->text;
  if (expected_status != answer.status) return mismatch("status", expected_status, answer.status);
  const Value* effects = json::find(written, "effects");
  std::size_t expected_count = effects == nullptr ? 0 : effects->children.size();
  for (std::size_t i = 0; i < std::max(expected_count, answer.effects.size()); ++i) {
    std::string expected =
        i < expected_count ? json::to_text(effects->children[i].value) : "nothing";
    std::string came = i < answer.effects.size() ? answer.effects[i] : "nothing";
    if (expected != came) return mismatch("effect " + std::to_string(i), expected, came);
  }
  std::string wake_at = text_at(written, "wakeAt");
  if (wake_at != answer.wake_at) return mismatch("wakeAt", wake_at, answer.wake_at);
  return {};
}

std::string hash_difference(const Step& step, const Answer& answer) {
  std::string hash = text_at(*step.expected, "hash");
  return hash == answer.hash ? std::string() : mismatch("hash", hash, answer.hash);
}

std::string written_step(const Step& step, const Answer& answer) {
  std::string out = "    {\"at\": " + std::to_string(step.at);
  if (step.wall) out += ", \"wall\": " + std::to_string(*step.wall);
  out += ",\n     \"event\": " + json::to_text(*step.written_event);
  if (answer.status != "ok") out += ",\n     \"status\": \"" + answer.status + "\"";
  out += ",\n     \"effects\": [";
  for (std::size_t i = 0; i < answer.effects.size(); ++i) {
    out += (i == 0 ? "\n       " : ",\n       ") + answer.effects[i];
  }
  out += "],\n     \"wakeAt\": " + answer.wake_at + ", \"hash\": \"" + answer.hash + "\"}";
  return out;
}

std::string written_head(const Script& script) {
  json::Writer rules;
  rules.open('[');
  for (const std::string& rule : script.rules) rules.string(rule);
  json::Writer title;
  title.string(script.title);
  return "{\n  \"rules\": " + rules.close(']').take() + ",\n  \"title\": " + title.take() +
         ",\n  \"seed\": " + std::to_string(script.seed) + ",\n  \"steps\": [\n";
}

Outcome run(const Script& script) {
  Outcome outcome;
  for (const std::string& rule : script.rules) outcome.title += "[" + rule + "] ";
  outcome.title += script.title;
  outcome.written = written_head(script);
  ClientCore core(ClientCore::Config{script.seed});
  TraceRecorder trace(TraceRecorder::Config{TraceRecorder::kBytesMax, true});
  trace.begin(script.seed);
  std::string answers_differ;  // an answer tells more than a hash, also where it comes later
  std::string hashes_differ;
  for (std::size_t i = 0; i < script.steps.size(); ++i) {
    const Step& step = script.steps[i];
    Answer answer = take_step(core, step, trace);
    std::string where = "step " + std::to_string(i) + ", ";
    std::string wrong = difference(step, answer);
    if (answers_differ.empty() && !wrong.empty()) answers_differ = where + wrong;
    wrong = hash_difference(step, answer);
    if (hashes_differ.empty() && !wrong.empty()) hashes_differ = where + wrong;
    outcome.hashes += answer.hash + "\n";
    if (i != 0) outcome.written += ",\n";
    outcome.written += written_step(step, answer);
  }
  outcome.detail = answers_differ.empty() ? hashes_differ : answers_differ;
  outcome.kind = outcome.detail.empty() ? Outcome::Kind::kHeld : Outcome::Kind::kDiffers;
  outcome.written += "\n  ]\n}\n";
  outcome.trace = trace.save(core);
  return outcome;
}

}  // namespace

Outcome run_vector(std::string_view text) {
  Outcome outcome;
  if (text.size() > kVectorBytesMax) {
    outcome.detail = "byte " + std::to_string(kVectorBytesMax) + ": longer than a vector may be";
    return outcome;
  }
  auto root = json::parse(text, kDepthMax);
  if (!root) {
    outcome.detail = place_in(text) + ": " + root.error().detail;
    return outcome;
  }
  auto script = read_script(*root);
  if (!script) {
    outcome.detail = script.error().detail;
    return outcome;
  }
  return run(*script);
}

}  // namespace godwit::conformance
