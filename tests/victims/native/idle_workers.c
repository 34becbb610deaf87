// honest: a server whose workers wait for work
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;

static void *worker(void *nothing) {
    pthread_mutex_lock(&lock);
    for (;;) pthread_cond_wait(&work, &lock);
    return nothing;
}

int main(void) {
    int server = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    if (bind(server, (struct sockaddr *)&here, sizeof here) || listen(server, 8)) return 1;
    for (int i = 0; i < 4; i++) {
        pthread_t one;
        pthread_create(&one, NULL, worker, NULL);
    }
    puts("ready");
    fflush(stdout);
    for (;;) close(accept(server, NULL, NULL));
}
