// A session of one person as a fixed list of steps, in which the device can be made to die at any
// of its writes. Each step has two sides: what others and the server do happens once; what the
// person does is repeated after a death, as a person and a tab that lived on would.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/device/causes.h"
#include "tests/device/device.h"

namespace godwit::testing {

// What a session goes through.
enum class Life : unsigned char {
  kOrdinary,       // everything that people do, from an empty device
  kArchiveFails,   // the cache refuses what is to leave the hot mount, once
  kFullCache,      // the cache holds as many files as it may
  kDamaged,        // each mount has damaged records, a file less and a foreign one
  kManifestsGone,  // each mount's manifest is another file of it
};

// How the device dies at a write.
enum class Death : unsigned char {
  kNone,
  kBefore,  // nothing of the batch is written, and nothing else happens
  kMiddle,  // the batch never ends; everything else of the step goes on, then the power is cut
  kAfter,   // the batch is written, and nothing else happens, not even the news of it
};

class ScriptedSession {
 public:
  // Dies at the `nth` batch of the whole session (1: the first).
  ScriptedSession(Life life, std::size_t nth, Death death)
      : life_(life), nth_(nth), death_(death) {}

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
  void add_history(std::vector<Step>& steps);
  void add_burst(std::vector<Step>& steps);
  void add_queue(std::vector<Step>& steps);
  void add_endings(std::vector<Step>& steps);
  void add_recovery(std::vector<Step>& steps);
  void make_chats();
  Disks first_disks();
  Disks used_disks();
  Device::Fate fate_of(Device& device, const Batch& batch);
  void change_old(Device& device);
  void boot();
  void reopen();
  void take(const Step& step);
  void check_disk();
  void check_reports(const Device& cold);
  void check_unsent(const Device& cold);
  void intend(QueuedOperation operation);
  void say(const std::string& temp_id, const std::string& text);
  MessageId id_of(const std::string& temp_id) const;
  std::string failed_edit() const;

  Life life_;
  std::size_t nth_;
  Death death_;
  Backend backend_;
  Disks disks_;  // the device's first
  std::unique_ptr<Device> device_;
  ChatId chat_;
  ChatId second_;
  std::vector<QueuedOperation> said_;  // the tab's copies
  std::set<std::string> kept_;
  std::map<std::uint64_t, std::string> unsent_;  // of a damaged outbox, what was not settled yet
  std::size_t batches_ = 0;
  bool failed_ = false;
  bool changed_old_ = false;
  std::size_t deaths_ = 0;
  bool held_ = false;
  std::set<std::string> causes_;
  std::string broken_;
};

}  // namespace godwit::testing
