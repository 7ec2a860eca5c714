// A session of one person as a fixed list of steps, in which the device can be made to die at any
// of its writes. Each step has two sides: what others and the server do happens once; what the
// person does is repeated after a death, as a person and a tab that lived on would.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/device/device.h"

namespace godwit::testing {

// How the device dies at a write.
enum class Death : unsigned char {
  kNone,
  kBefore,  // nothing of the batch is written, and nothing else happens
  kMiddle,  // the batch never ends; everything else of the step goes on, then the power is cut
  kAfter,   // the batch is written, and nothing else happens, not even the news of it
};

// What a batch writes, by mount and record: "q O", "h rewrite".
std::set<std::string> causes_of(const Batch& batch, const Disks& before);

class ScriptedSession {
 public:
  // Dies at the `nth` batch of the whole session (1: the first).
  ScriptedSession(std::size_t nth, Death death) : nth_(nth), death_(death) {}

  void run();

  std::size_t batches() const { return batches_; }
  std::size_t deaths() const { return deaths_; }
  const std::set<std::string>& causes() const { return causes_; }
  // What broke a promise on the way; empty: nothing did.
  const std::string& broken() const { return broken_; }
  // What the device and the server know at the end, without the ids and times that differ by run.
  std::string outcome();

 private:
  struct Step {
    std::function<void()> world;
    std::function<void()> person;
  };

  std::vector<Step> steps();
  void add_talk(std::vector<Step>& steps);
  void add_changes(std::vector<Step>& steps);
  void add_growth(std::vector<Step>& steps);
  void add_endings(std::vector<Step>& steps);
  void boot();
  void reopen();
  void take(const Step& step);
  void check_disk();
  void intend(QueuedOperation operation);
  void say(const std::string& temp_id, const std::string& text);
  MessageId id_of(const std::string& temp_id) const;
  std::string failed_edit() const;

  std::size_t nth_;
  Death death_;
  Backend backend_;
  std::unique_ptr<Device> device_;
  ChatId chat_;
  ChatId second_;
  std::vector<QueuedOperation> said_;  // the tab's copies
  std::set<std::string> kept_;
  std::size_t batches_ = 0;
  std::size_t deaths_ = 0;
  bool held_ = false;
  std::set<std::string> causes_;
  std::string broken_;
};

}  // namespace godwit::testing
