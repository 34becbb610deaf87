// cause: orphan_lock
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static pthread_mutex_t cache = PTHREAD_MUTEX_INITIALIZER;

static void *refresh(void *nothing) {
    pthread_mutex_lock(&cache);
    return nothing;
}

static void serve(void) {
    pthread_mutex_lock(&cache);  // culprit
    pthread_mutex_unlock(&cache);
}

int main(void) {
    pthread_t one;
    pthread_create(&one, NULL, refresh, NULL);
    pthread_join(one, NULL);
    puts("ready");
    fflush(stdout);
    serve();
    return 0;
}
