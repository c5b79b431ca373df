#pragma once

#include "core/domain/provision.h"
#include "core/domain/recording.h"
#include "core/domain/snapshot.h"
#include "ui/format.h"
#include "ui/models/cell.h"
#include "ui/models/provision_draft.h"

#include <vector>

namespace headgate::format {

StatusWord jobState(JobState value);
QString jobKind(JobKind value);

}  // namespace headgate::format

// What nodes are told to do for streams, what they do, and what was kept of them.
namespace headgate::rows {

std::vector<TableColumn> jobColumns();
std::vector<TableRow> jobs(const Snapshot& snapshot);
QString jobKey(const JobStatus& job);

std::vector<TableColumn> provisionColumns();
std::vector<TableRow> provisions(const StoredProvisions& all);
QString provisionKey(const ProvisionKey& key);  // "group/guid"
QString provisionKind(ProvisionKind kind);
QString provisionStreams(const Provision& provision);

std::vector<TableColumn> recordingColumns();
std::vector<TableRow> recordings(const std::vector<Recording>& all);
QString recordingKey(const Recording& recording);
QString recordingPlace(const Recording& recording);

}  // namespace headgate::rows
