#pragma once

#include "core/base/result.h"

#include <string>

namespace headgate {

// The directory that holds everything of one deployment, claimed for this process until the object goes away (or the
// process ends, however it ends).
class DataDirectory
{
public:
    // Makes the directory with mode 0700 if it is absent. Unavailable, with the process id in the message, if another
    // process has claimed it.
    static Result<DataDirectory> claim(const std::string& path);

    DataDirectory(DataDirectory&& other) noexcept;
    DataDirectory& operator=(DataDirectory&& other) noexcept;
    ~DataDirectory();

    // Absolute, without links.
    const std::string& path() const { return m_path; }
    std::string file(const std::string& name) const { return m_path + "/" + name; }

private:
    DataDirectory(std::string path, int lockDescriptor) : m_path(std::move(path)), m_lockDescriptor(lockDescriptor) {}

    std::string m_path;
    int m_lockDescriptor = -1;
};

}  // namespace headgate
