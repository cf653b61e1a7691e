#pragma once
// The schedule of a kind of job: what makes jobs without an event.

#include "blueprint/toml_table.h"
#include "blueprint/work.h"

#include <optional>

namespace reeve::blueprint {

/// Of `schedule`, `time_zone`, `catch_up`, `slot` and `[given]`; nothing where there is no `schedule`.
std::optional<JobKind::Schedule> read_schedule(Work& work, TableReader& top);

/// What the schedule gives against what the command takes.
void check_schedule(Work& work, const JobKind::Schedule& schedule, const Command& command,
                    const Place& place);

}  // namespace reeve::blueprint
