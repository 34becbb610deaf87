// cause: blocked_pipe
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int report(int to) {
    char row[4096];
    memset(row, 'x', sizeof row);
    for (;;)
        if (write(to, row, sizeof row) < 0) return 1;  // culprit
}

int main(void) {
    int ends[2];
    if (pipe(ends)) return 1;
    puts("ready");
    fflush(stdout);
    return report(ends[1]);
}
