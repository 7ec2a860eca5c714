// Records and mounts: what a disk may do to them, and what batches promise.
#include <catch2/catch.hpp>

#include "shared/base/limits.h"
#include "shared/journal/mount_log.h"
#include "shared/journal/record.h"

using namespace godwit;

namespace {

std::string three_records() {
  std::string segment;
  append_record(segment, 7, 1, "first");
  append_record(segment, 7, 2, std::string("\0second", 7));
  append_record(segment, 7, 3, "");
  return segment;
}

// A disk that applies batches whole.
struct Disk {
  std::map<std::string, std::string> files;
  void apply(const Batch& batch) {
    for (const StoredFile& file : batch.puts) files[file.name] = file.bytes;
    for (const std::string& name : batch.deletes) files.erase(name);
  }
  std::vector<StoredFile> all() const {
    std::vector<StoredFile> list;
    for (const auto& [name, bytes] : files) list.push_back(StoredFile{name, bytes});
    return list;
  }
};

std::vector<std::string> payloads_of(const Disk& disk, MountLog::LoadReport* report = nullptr) {
  MountLog log(Mount::kHot);
  std::vector<std::string> payloads;
  auto read = log.load(disk.all(), [&](std::string_view one) { payloads.emplace_back(one); });
  if (report != nullptr) *report = read;
  return payloads;
}

MountLog empty_log() {
  MountLog log(Mount::kHot);
  log.load({}, [](std::string_view) {});
  return log;
}

}  // namespace

TEST_CASE("[ST3] a segment cut at any byte gives the records before the cut") {
  const std::string segment = three_records();
  for (std::size_t cut = 0; cut <= segment.size(); ++cut) {
    SegmentScan scan = scan_segment(std::string_view(segment).substr(0, cut));
    std::size_t whole = cut >= segment.size()                ? 3
                        : cut >= 2 * kRecordHeaderBytes + 12 ? 2
                        : cut >= kRecordHeaderBytes + 5      ? 1
                                                             : 0;
    REQUIRE(scan.records.size() == whole);
  }
}

TEST_CASE("[ST3] a flipped bit costs its own record only") {
  const std::string segment = three_records();
  for (std::size_t bit = 0; bit < segment.size() * 8; ++bit) {
    std::string damaged = segment;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    SegmentScan scan = scan_segment(damaged);
    REQUIRE(scan.records.size() == 2);
    REQUIRE(scan.damaged >= 1);
  }
}

TEST_CASE("[OB1] a ticket is durable once a batch that held it was persisted") {
  MountLog log = empty_log();
  auto first = log.append("a");
  auto batch = log.take_batch(1);
  REQUIRE(batch);
  auto second = log.append("b");
  REQUIRE_FALSE(log.take_batch(2));  // one in flight at a time
  log.batch_done(true);
  REQUIRE(log.durable_through() >= first);
  REQUIRE(log.durable_through() < second);
  REQUIRE(log.take_batch(2));
  log.batch_done(true);
  REQUIRE(log.durable_through() >= second);
}

TEST_CASE("[ST4] the files of a failed batch are due again, and its tickets are told as failed") {
  MountLog log = empty_log();
  Disk disk;
  auto ticket = log.append("a");
  (void)log.take_batch(1);
  log.batch_done(false);
  REQUIRE(log.failed_through() == ticket);
  REQUIRE(log.dirty());
  auto again = log.take_batch(2);
  REQUIRE(again);
  disk.apply(*again);
  log.batch_done(true);
  REQUIRE(log.failed_through() == 0);
  REQUIRE(payloads_of(disk) == std::vector<std::string>{"a"});
}

TEST_CASE("[ST10] [ST4] a rewrite replaces and deletes in one batch, also after a failed one") {
  MountLog log = empty_log();
  Disk disk;
  for (int i = 0; i < 40; ++i) log.append(std::string(4'000, 'x'));
  disk.apply(*log.take_batch(1));
  log.batch_done(true);
  REQUIRE(disk.files.size() > 3);
  log.rewrite({"all"});
  (void)log.take_batch(2);
  log.batch_done(false);
  auto again = log.take_batch(3);
  REQUIRE(again);
  disk.apply(*again);
  log.batch_done(true);
  REQUIRE(disk.files.size() == 2);  // one segment and the manifest
  REQUIRE(payloads_of(disk) == std::vector<std::string>{"all"});
}

TEST_CASE("[ST10] a crash during a rewrite leaves the old or the new, never both") {
  MountLog log = empty_log();
  Disk disk;
  log.append("old");
  disk.apply(*log.take_batch(1));
  log.batch_done(true);
  log.rewrite({"new"});
  REQUIRE(payloads_of(disk) == std::vector<std::string>{"old"});
  disk.apply(*log.take_batch(2));
  REQUIRE(payloads_of(disk) == std::vector<std::string>{"new"});
}

TEST_CASE("[ST11] without a manifest the segments are read all the same, and it is told") {
  MountLog log = empty_log();
  Disk disk;
  log.append("kept");
  disk.apply(*log.take_batch(1));
  disk.files.erase("manifest");
  MountLog::LoadReport report;
  REQUIRE(payloads_of(disk, &report) == std::vector<std::string>{"kept"});
  REQUIRE(report.manifest_missing);
}

TEST_CASE("[ST11] a segment that the manifest names and the disk lacks is told") {
  MountLog log = empty_log();
  Disk disk;
  log.append("gone");
  disk.apply(*log.take_batch(1));
  disk.files.erase("s1");
  MountLog::LoadReport report;
  REQUIRE(payloads_of(disk, &report).empty());
  REQUIRE(report.missing_files == 1);
}

TEST_CASE(
    "[ST3] [ST10] a segment whose name a disk has made the highest is read, and so is what "
    "follows") {
  for (const char* name : {"s999999999999999999", "s1000000000000001", "s1000000000000000"}) {
    Disk disk;
    MountLog log = empty_log();
    log.append("before");
    disk.apply(*log.take_batch(1));
    disk.files[name] = disk.files.at("s1");
    disk.files.erase("s1");
    MountLog next(Mount::kHot);
    std::vector<std::string> read;
    next.load(disk.all(), [&](std::string_view one) { read.emplace_back(one); });
    REQUIRE(read == std::vector<std::string>{"before"});
    next.append("after");
    disk.apply(*next.take_batch(1));
    REQUIRE(payloads_of(disk) == std::vector<std::string>{"before", "after"});
    next.batch_done(true);
    next.rewrite({"anew"});
    disk.apply(*next.take_batch(2));
    MountLog::LoadReport report;
    REQUIRE(payloads_of(disk, &report) == std::vector<std::string>{"anew"});
    REQUIRE(report.damaged == 0);
    REQUIRE(report.missing_files == 0);
  }
}

TEST_CASE(
    "[ST3] segments beyond the numbers that can be gone on from keep their records and part ways") {
  Disk disk;
  MountLog log = empty_log();
  for (const char* text : {"one", "two", "three"}) {
    log.append(text + std::string(limits::kSegmentBytesMax, 'x'));
  }
  disk.apply(*log.take_batch(1));
  REQUIRE(disk.files.size() == 4);
  disk.files["s1000000000000002"] = disk.files.at("s2");
  disk.files["s1000000000000003"] = disk.files.at("s3");
  for (const char* gone : {"s2", "s3", "manifest"}) disk.files.erase(gone);
  for (int life = 0; life < 3; ++life) {
    MountLog next(Mount::kHot);
    std::vector<std::string> read;
    next.load(disk.all(), [&](std::string_view one) { read.emplace_back(one); });
    REQUIRE(read.size() == 3 + static_cast<std::size_t>(life));
    next.append("life");
    disk.apply(*next.take_batch(1));
  }
}

TEST_CASE("[ST9] no file grows past the limit while records are small") {
  MountLog log = empty_log();
  for (int i = 0; i < 500; ++i) log.append(std::string(1'000, 'x'));
  auto batch = log.take_batch(1);
  for (const StoredFile& file : batch->puts) REQUIRE(file.bytes.size() <= limits::kFileBytesMax);
}

TEST_CASE("[ST9] beyond its files or its bytes a cache drops its oldest segments, whole") {
  for (bool by_files : {true, false}) {
    MountLog log = empty_log();
    Disk disk;
    for (int i = 0; i < 200; ++i) log.append(std::to_string(i) + std::string(1'000, 'x'));
    disk.apply(*log.take_batch(1));
    log.batch_done(true);
    log.drop_oldest(by_files ? 3 : 100, by_files ? 1'000'000 : 130'000);
    disk.apply(*log.take_batch(2));
    log.batch_done(true);
    std::size_t bytes = 0;
    for (const auto& [name, file] : disk.files) bytes += name == "manifest" ? 0 : file.size();
    CHECK(disk.files.size() == 4);  // three segments and the manifest
    CHECK(bytes <= 130'000);
    std::vector<std::string> kept = payloads_of(disk);
    REQUIRE(kept.size() > 50);
    CHECK(kept.back().substr(0, 3) == "199");
    CHECK(kept.front() == std::to_string(200 - kept.size()) + std::string(1'000, 'x'));
  }
}
