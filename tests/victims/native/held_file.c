// cause: blocked_file_lock
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

static int enter(const char *path) {
    int file = open(path, O_RDWR | O_CREAT, 0600);
    return flock(file, LOCK_EX);  // culprit
}

int main(void) {
    char path[] = "/tmp/hangbot-native-XXXXXX";
    int mine = mkstemp(path), lives[2];
    if (flock(mine, LOCK_EX) || pipe(lives)) return 1;
    if (fork() == 0) {
        char nothing;
        close(lives[1]);
        return (int)read(lives[0], &nothing, 1);  // keeps the lock until its parent ends
    }
    puts("ready");
    fflush(stdout);
    close(mine);
    enter(path);
    unlink(path);
    return 0;
}
