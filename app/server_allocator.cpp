// headgated allocates with jemalloc (http://jemalloc.net), which can keep what it gives away in huge pages: a decision
// looks at a dozen places among tens of megabytes, and with pages of 4 KiB the processor waits for each page's address,
// too.
#include <jemalloc/jemalloc.h>

// "TUNING" in jemalloc(3). The variable MALLOC_CONF goes before.
const char* malloc_conf = "thp:always,metadata_thp:always,background_thread:true";
