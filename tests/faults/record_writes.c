/* Writes down, in order, what one process does to the files of the folder that RECORD_FOLDER names: each record in the file that
 * RECORD_TO names is a `struct record` (see test_power_loss.py), the file's name, and what was written. A lock is held from before each
 * call until it is written down, so that no write stands after a sync that it came before. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { OPENED = 'o', WROTE = 'w', CUT = 't', SYNCED = 's', REMOVED = 'u', CLOSED = 'c' };

struct record {
    uint8_t kind;
    uint8_t name_length; /* 0 is the folder itself */
    uint16_t unused;
    uint32_t length;
    int64_t offset;
};

#define MOST_FILES 1024
#define NAME 64
static char names[MOST_FILES][NAME]; /* by descriptor; a first byte of 0 is a file that is none of ours */
static char is_folder[MOST_FILES];
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static const char *folder;
static int to = -1;

#define REAL(result, name, ...)                                                   \
    static result (*real)(__VA_ARGS__);                                           \
    if (!real)                                                                    \
        real = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, name)

static ssize_t put(int file, const void *bytes, size_t length)
{
    REAL(ssize_t, "write", int, const void *, size_t);
    return real(file, bytes, length);
}

static void note(enum kind kind, const char *name, const void *bytes, size_t length, int64_t offset)
{
    struct record head = {kind, (uint8_t)strlen(name), 0, bytes ? (uint32_t)length : 0, offset};
    if (put(to, &head, sizeof head) < 0 || put(to, name, head.name_length) < 0 || (bytes && put(to, bytes, length) < 0))
        abort();
}

static int ours(int file)
{
    return to >= 0 && file >= 0 && file < MOST_FILES && (names[file][0] || is_folder[file]);
}

static void opened(int file, const char *path)
{
    if (!folder) {
        folder = getenv("RECORD_FOLDER");
        REAL(int, "open", const char *, int, ...);
        if (folder && getenv("RECORD_TO"))
            to = real(getenv("RECORD_TO"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    size_t length = folder ? strlen(folder) : 0;
    if (to < 0 || file < 0 || file >= MOST_FILES || strncmp(path, folder, length))
        return;
    const char *name = path + length;
    if (!*name)
        is_folder[file] = 1;
    else if (*name == '/' && strlen(name) < NAME && !strchr(name + 1, '/')) {
        strcpy(names[file], name + 1);
        note(OPENED, names[file], NULL, 0, 0);
    }
}

#define OPEN(name)                                                                \
    int name(const char *path, int flags, ...)                                    \
    {                                                                             \
        REAL(int, #name, const char *, int, ...);                                 \
        va_list rest;                                                             \
        va_start(rest, flags);                                                    \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;   \
        va_end(rest);                                                             \
        pthread_mutex_lock(&lock);                                                \
        int file = real(path, flags, mode), saved = errno;                        \
        opened(file, path);                                                       \
        pthread_mutex_unlock(&lock);                                              \
        errno = saved;                                                            \
        return file;                                                              \
    }
OPEN(open)
OPEN(open64)

#define WRITE_AT(name)                                                            \
    ssize_t name(int file, const void *bytes, size_t length, off64_t offset)      \
    {                                                                             \
        REAL(ssize_t, #name, int, const void *, size_t, off64_t);                 \
        pthread_mutex_lock(&lock);                                                \
        ssize_t done = real(file, bytes, length, offset);                         \
        int saved = errno;                                                        \
        if (done > 0 && ours(file))                                               \
            note(WROTE, names[file], bytes, (size_t)done, offset);                \
        pthread_mutex_unlock(&lock);                                              \
        errno = saved;                                                            \
        return done;                                                              \
    }
WRITE_AT(pwrite)
WRITE_AT(pwrite64)

ssize_t write(int file, const void *bytes, size_t length)
{
    pthread_mutex_lock(&lock);
    off64_t offset = ours(file) ? lseek64(file, 0, SEEK_CUR) : 0;
    ssize_t done = put(file, bytes, length);
    int saved = errno;
    if (done > 0 && ours(file))
        note(WROTE, names[file], bytes, (size_t)done, offset);
    pthread_mutex_unlock(&lock);
    errno = saved;
    return done;
}

#define ON_FILE(name, kind, ...)                                                  \
    int name(int file)                                                            \
    {                                                                             \
        REAL(int, #name, int);                                                    \
        pthread_mutex_lock(&lock);                                                \
        int is_ours = ours(file), code = real(file), saved = errno;               \
        if (!code && is_ours) {                                                   \
            note(kind, names[file], NULL, 0, 0);                                  \
            __VA_ARGS__;                                                          \
        }                                                                         \
        pthread_mutex_unlock(&lock);                                              \
        errno = saved;                                                            \
        return code;                                                              \
    }
ON_FILE(fsync, SYNCED, )
ON_FILE(fdatasync, SYNCED, )
ON_FILE(close, CLOSED, names[file][0] = is_folder[file] = 0)

#define CUT_AT(name)                                                              \
    int name(int file, off64_t length)                                            \
    {                                                                             \
        REAL(int, #name, int, off64_t);                                           \
        pthread_mutex_lock(&lock);                                                \
        int code = real(file, length), saved = errno;                             \
        if (!code && ours(file))                                                  \
            note(CUT, names[file], NULL, 0, length);                              \
        pthread_mutex_unlock(&lock);                                              \
        errno = saved;                                                            \
        return code;                                                              \
    }
CUT_AT(ftruncate)
CUT_AT(ftruncate64)

int unlink(const char *path)
{
    REAL(int, "unlink", const char *);
    pthread_mutex_lock(&lock);
    int code = real(path), saved = errno;
    size_t length = folder ? strlen(folder) : 0;
    if (!code && to >= 0 && !strncmp(path, folder, length) && path[length] == '/')
        note(REMOVED, path + length + 1, NULL, 0, 0);
    pthread_mutex_unlock(&lock);
    errno = saved;
    return code;
}
