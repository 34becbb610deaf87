/* Sets the clocks of one process by two signed 64-bit numbers in the file that SET_CLOCK_FILE names, as they stand there at each
 * look: seconds by which the wall clock is set, and seconds that the machine slept, which the wall clock and CLOCK_BOOTTIME count.
 * The monotonic clock, and whoever waits on it, is left alone, as by a real step and a real sleep. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *offsets; /* set, slept */
static int (*real_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("SET_CLOCK_FILE");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file >= 0) {
        void *found = mmap(NULL, 2 * sizeof *offsets, PROT_READ, MAP_SHARED, file, 0);
        offsets = found == MAP_FAILED ? NULL : found;
        close(file);
    }
    real_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
}

int clock_gettime(clockid_t clock, struct timespec *at)
{
    if (!real_gettime)
        begin();
    int code = real_gettime(clock, at);
    if (code || !offsets)
        return code;
    if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)
        at->tv_sec += offsets[0] + offsets[1];
    if (clock == CLOCK_BOOTTIME)
        at->tv_sec += offsets[1];
    return code;
}

int gettimeofday(struct timeval *restrict at, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    int code = clock_gettime(CLOCK_REALTIME, &now);
    at->tv_sec = now.tv_sec;
    at->tv_usec = now.tv_nsec / 1000;
    return code;
}

time_t time(time_t *at)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (at)
        *at = now.tv_sec;
    return now.tv_sec;
}
