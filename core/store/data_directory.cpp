#include "core/store/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace headgate {

namespace {

// The directories above are made as the umask says; only the last one is ours alone.
Result<std::string> makeDirectory(const std::string& path)
{
    std::error_code error;
    const std::filesystem::path absolute = std::filesystem::absolute(path, error).lexically_normal();
    if (error || path.empty())
        return fail(ErrorCode::InvalidArgument, "The data directory \"" + path + "\" is not a usable path.",
                    "Give an absolute path.");
    std::filesystem::create_directories(absolute.parent_path(), error);
    if (::mkdir(absolute.c_str(), 0700) != 0 && errno != EEXIST)
        return fail(ErrorCode::Unavailable,
                    "The data directory " + absolute.string() + " cannot be made: " + std::strerror(errno) + ".",
                    "Choose a directory below one that you may write to.");
    const std::filesystem::path canonical = std::filesystem::canonical(absolute, error);
    struct stat facts = {};
    if (error || ::stat(canonical.c_str(), &facts) != 0 || !S_ISDIR(facts.st_mode))
        return fail(ErrorCode::Unavailable, absolute.string() + " is not a directory.", "Choose another one.");
    // One that somebody else prepared for us, or one that everybody uses (/tmp): neither can become ours.
    if (facts.st_uid != ::geteuid() || (facts.st_mode & (S_IWOTH | S_ISVTX)) != 0)
        return fail(ErrorCode::Unavailable,
                    canonical.string() + (facts.st_uid == ::geteuid() ? " is open to every user of this machine."
                                                                      : " belongs to another user."),
                    "Choose a directory of your own, for example a new one below it.");
    if (::chmod(canonical.c_str(), 0700) != 0)
        return fail(ErrorCode::Unavailable,
                    "The data directory " + canonical.string() +
                        " cannot be closed to other users: " + std::strerror(errno) + ".",
                    "Choose a directory that belongs to you.");
    return canonical.string();
}

std::string readHolder(int descriptor)
{
    std::array<char, 32> text{};
    const ssize_t got = ::pread(descriptor, text.data(), text.size() - 1, 0);
    return got > 0 ? std::string(text.data(), static_cast<std::size_t>(got)) : std::string("unknown");
}

}  // namespace

Result<DataDirectory> DataDirectory::claim(const std::string& path)
{
    Result<std::string> directory = makeDirectory(path);
    if (!directory)
        return tl::unexpected(directory.error());
    const std::string lockFile = *directory + "/lock";
    const int descriptor = ::open(lockFile.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return fail(ErrorCode::Unavailable, lockFile + " cannot be opened: " + std::strerror(errno) + ".",
                    "Check who owns the directory, and that the disk is not full.");
    DataDirectory claimed(*directory, descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0)
        return fail(ErrorCode::Unavailable,
                    "The data directory " + *directory + " is in use by process " + readHolder(descriptor) + ".",
                    "End that process, connect to it, or choose another data directory.");
    const std::string self = std::to_string(::getpid());
    // The number serves the message above only; the lock itself is the kernel's.
    if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, self.data(), self.size(), 0) < 0)
        return fail(ErrorCode::Unavailable, lockFile + " cannot be written: " + std::strerror(errno) + ".",
                    "Make room on the disk.");
    return claimed;
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : m_path(std::move(other.m_path)), m_lockDescriptor(std::exchange(other.m_lockDescriptor, -1))
{}

DataDirectory& DataDirectory::operator=(DataDirectory&& other) noexcept
{
    std::swap(m_path, other.m_path);
    std::swap(m_lockDescriptor, other.m_lockDescriptor);
    return *this;
}

DataDirectory::~DataDirectory()
{
    if (m_lockDescriptor >= 0)
        ::close(m_lockDescriptor);
}

}  // namespace headgate
