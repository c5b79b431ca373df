#pragma once

#include "core/wire/job_document.h"

#include <string>
#include <string_view>

namespace headgate {

// What headgate-remux is told on its standard input, a JSON document in the first line. Each second after it an empty
// line says that it may go on: it ends at once when none came for `leashMs`, or when the input is closed.
//
// It answers on its standard output, a JSON document a line.
struct RemuxOrders
{
    static constexpr std::size_t mostBytes = 64 << 10;
    static constexpr int leashMs = 3000;

    JobOrders job;
    std::string hubUrl;  // where the node takes a source, or gives the stream of a push
    std::string folder;  // of files; empty: there are none
};

std::string encodeRemuxOrders(const RemuxOrders& orders);  // without line end
// InvalidArgument on anything malformed or too long.
Result<RemuxOrders> decodeRemuxOrders(std::string_view line);

enum class RemuxPhase
{
    Waiting,  // for the other side
    Live,
    Done,    // all was sent
    Over,    // of a push: its stream is over
    Broken,  // another attempt may help
    Useless  // none would
};

struct RemuxStatus
{
    static constexpr std::size_t mostBytes = 4096;

    RemuxPhase phase = RemuxPhase::Waiting;
    std::int64_t bytes = 0;
    std::string reason;  // a sentence without secrets; empty while it is live

    bool isLast() const { return phase > RemuxPhase::Live; }
    bool operator==(const RemuxStatus&) const = default;
};

std::string encodeRemuxStatus(const RemuxStatus& status);
Result<RemuxStatus> decodeRemuxStatus(std::string_view line);

}  // namespace headgate
