#pragma once

#include "core/media/rtmp/amf0.h"

namespace headgate {

// One value of AMF3 (Adobe AMF 3 specification) as the AMF0 value that says the same: byte arrays become strings,
// vectors become arrays, a dictionary and what only its own class can read become undefined. A reference to an object
// is undefined too, so that a small message cannot grow; references to strings are followed within a bound.
// `valuesLeft` is counted down by each value; none if malformed, too deep or too much.
std::optional<Amf0> readAmf3(ByteReader& reader, int depth, int& valuesLeft);

}  // namespace headgate
