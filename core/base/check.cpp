#include "core/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace headgate {

void failCheck(const char* condition, const char* file, int line)
{
    std::fprintf(stderr, "broken invariant: %s (%s:%d)\n", condition, file, line);
    std::abort();
}

}  // namespace headgate
